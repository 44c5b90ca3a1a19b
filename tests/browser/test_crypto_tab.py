"""The Crypto tab as an investor uses it, in a real Chromium with no network but this machine."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import parts_beyond

pytestmark = pytest.mark.browser

OPEN = 90_000
COINS = "Bar chart of the coins in the sleeve today"
PAST = "Line chart of what 10,000 dollars grew to"
RISK = "Bar chart of what each index adds"
OVER_TIME = "Area chart of the coins in the"


def opened(visit, app_url, start="barbell of three indices", **size):
    visited = visit(f"{app_url}/voila/render/planner.ipynb", **size)
    page = visited.page
    page.get_by_role("tab", name="Crypto", exact=True).click(timeout=OPEN)
    page.get_by_role("button", name=start).click(timeout=OPEN)
    for alt in (COINS, RISK, PAST, OVER_TIME):
        expect(picture(page, alt)).to_be_attached(timeout=OPEN)
    return visited


def picture(page, alt):
    return page.locator(f'.live-chart [role=img][aria-label^="{alt}"]').first


def shares(page):
    readouts = page.locator(".pl-over .widget-readout").all_inner_texts()
    return [float(text) for text in readouts]


def test_a_moved_slider_moves_the_others_to_100_percent_and_the_pictures_and_the_money(visit, app_url):
    visited = opened(visit, app_url)
    page = visited.page
    expect(page.get_by_text("5 % crypto = 3.1 % Large-cap index ($7,750)")).to_be_visible()
    assert sum(shares(page)) == pytest.approx(100)
    before = {alt: picture(page, alt).get_attribute("aria-label") for alt in (COINS, RISK, PAST)}
    handle = page.locator(".pl-part-large_cap [role=slider]")
    handle.focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".pl-part-large_cap .widget-readout")).to_have_text("64.0")
    expect(page.get_by_text("3.2 % Large-cap index ($8,000)")).to_be_visible()
    assert sum(shares(page)) == pytest.approx(100)
    assert shares(page)[1] < 24
    for alt in (COINS, RISK):
        expect(picture(page, alt)).not_to_have_attribute("aria-label", before[alt])
    expect(picture(page, PAST)).to_have_attribute("aria-label", before[PAST])
    visited.witness.assert_clean()


def test_a_sector_and_a_lean_reach_the_plan_and_the_tab_fits_a_phone(visit, app_url):
    visited = opened(visit, app_url, width=390, height=800)
    page = visited.page
    page.get_by_text("Growth index: how it is made").click()
    page.get_by_label("It holds").last.select_option("coins of my own choice")
    expect(page.get_by_text("Sector index", exact=False).first).to_be_visible()
    page.get_by_role("checkbox", name="Dogecoin").locator("visible=true").check()
    expect(page.get_by_text("ada, doge, sol, avax by equal weights", exact=False)).to_be_visible()
    page.get_by_role("button", name="bullish").click()
    page.get_by_label("Because").fill("new highs")
    page.get_by_role("button", name="Lean this way").click()
    expect(page.get_by_text("Leaning until")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    beyond = parts_beyond(page, ".live-chart canvas, .pl-card button, .pl-card input, .pl-card select")
    assert beyond == 0
    visited.witness.assert_clean()
