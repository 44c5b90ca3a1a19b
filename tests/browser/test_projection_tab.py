"""The projection as an investor uses it, in a real Chromium with no network but this machine."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import on_a_phone

pytestmark = pytest.mark.browser

OPEN = 90_000
FAN = ".live-chart [role=img][aria-label^='Fan chart of wealth']"
CHANCE = ".pl-figure:has(span:text-matches('^Lasts to')) b"


@pytest.fixture(scope="module")
def outlook(shared_visit, app_url):
    visited = shared_visit(f"{app_url}/voila/render/planner.ipynb")
    visited.page.get_by_role("tab", name="Outlook").click(timeout=OPEN)
    expect(visited.page.locator(CHANCE)).to_be_visible(timeout=OPEN)
    expect(visited.page.locator(FAN).first).to_be_attached(timeout=OPEN)
    return visited


def chance(page):
    return float(re.match(r"[\d.]+", page.locator(CHANCE).inner_text())[0])


def test_the_tab_opens_with_a_fan_and_asks_no_other_host(outlook):
    page = outlook.page
    expect(page.get_by_role("tab", name="Projection")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_text("Taken from your profile.")).to_be_visible()
    assert 0 < chance(page) < 100
    assert "traceback" not in page.locator("body").inner_text().lower()
    outlook.witness.assert_clean()


def test_the_tab_fits_a_phone(outlook):
    with on_a_phone(outlook.page):
        assert outlook.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_would_have_to_change_is_found_and_taken(outlook):
    page = outlook.page
    page.get_by_role("button", name="Find what would do it").click()
    answer = page.locator(".pl-answer", has_text="Retire later")
    expect(answer).to_contain_text("of the paths", timeout=OPEN)
    answer.get_by_role("button", name="Take it").click()
    expect(page.get_by_text("Changed by you.")).to_be_visible()
    expect(page.locator(CHANCE)).to_have_text(re.compile(r"^8[4-6]"))


def test_spending_less_by_keyboard_makes_the_money_last(outlook):
    page = outlook.page
    before = chance(page)
    handle = page.locator(".pl-flow-spending .noUi-handle")
    handle.focus()
    for _ in range(20):
        page.keyboard.press("ArrowLeft")
    expect(page.locator(".pl-flow-spending .widget-readout")).to_have_text("50,000")
    expect(page.get_by_text("Changed by you.")).to_be_visible()
    expect(page.locator(CHANCE)).not_to_have_text(f"{before:g} %")
    assert chance(page) > before


def test_a_goal_that_is_typed_gets_its_chance(outlook):
    page = outlook.page
    page.get_by_role("button", name="Add a row").click()
    for label, text in (("Goal", "Boat"), ("Today's money, $", "50,000"), ("Year or day", "2035")):
        page.get_by_role("textbox", name=re.compile(re.escape(label))).last.fill(text)
    page.keyboard.press("Tab")
    expect(page.get_by_role("row", name=re.compile("Boat December 2035"))).to_be_visible()
