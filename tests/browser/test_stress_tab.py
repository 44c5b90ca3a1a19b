"""Stress and correlation as an investor uses them, in a real Chromium with no network but this machine."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from planner.market.market import built_in_market
from tests.browser.conftest import on_a_phone, parts_beyond

pytestmark = pytest.mark.browser

OPEN = 90_000
EPISODES = "Change of the whole portfolio."
SHOCK = "This shock"
LINES = "Crypto's correlation, latest month"


def opened(visit, app_url, view, alt, **size):
    visited = visit(f"{app_url}/voila/render/planner.ipynb", **size)
    visited.page.get_by_role("tab", name="Outlook").click(timeout=OPEN)
    visited.page.get_by_role("tab", name=view, exact=True).click(timeout=OPEN)
    expect(picture(visited.page, alt)).to_be_attached(timeout=OPEN)
    return visited


def picture(page, alt):
    return page.locator(f'.live-chart [role=img][aria-label^="{alt}"]').first


def assert_fits_a_phone(page):
    with on_a_phone(page):
        beyond = parts_beyond(page, ".live-chart canvas, .pl-card button, .pl-card input")
    assert beyond == 0


def test_a_halving_of_five_percent_is_two_and_a_half_to_the_digit_and_buttons_and_travel_answer(visit, app_url):
    visited = opened(visit, app_url, "Stress", EPISODES)
    page = visited.page
    expect(page.get_by_text("A 50 % fall of 5 % is 2.5 %.")).to_be_visible()
    page.get_by_role("button", name="Crypto -80 %").click()
    expect(page.get_by_text("An 80 % fall of 5 % is 4 %.")).to_be_visible()
    expect(picture(page, "This shock costs the portfolio 4 %")).to_be_attached()
    page.get_by_role("button", name="travels through correlations").click()
    expect(picture(page, "This shock costs the portfolio 4 %")).to_have_count(0)
    expect(picture(page, SHOCK)).to_be_attached()
    page.get_by_role("button", name="All to zero").click()
    expect(page.get_by_text("This shock leaves the portfolio as it was.")).to_be_visible()
    assert_fits_a_phone(page)
    visited.witness.assert_clean()


def test_own_returns_take_the_place_of_the_plans_and_too_few_are_refused(visit, app_url, tmp_path):
    visited = opened(visit, app_url, "Correlation", LINES)
    page = visited.page
    expect(page.get_by_text("Strategic targets leave nothing to choose")).to_be_visible()
    for months, said in ((20, "has 20 months"), (60, "your own file, 60 months")):
        file = tmp_path / f"returns_{months}.csv"
        built_in_market().returns.tail(months).to_csv(file, index_label="month_end")
        with page.expect_file_chooser() as waiting:
            page.get_by_role("button", name="Upload returns").click()
        waiting.value.set_files(file)
        expect(page.get_by_text(said)).to_be_visible()
    page.get_by_role("button", name="Back to the plan's data").click()
    expect(page.get_by_text("the plan's data, 132 months")).to_be_visible()
    assert_fits_a_phone(page)
    visited.witness.assert_clean()
