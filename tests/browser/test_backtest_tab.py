"""The backtest as an investor uses it, in a real Chromium with no network but this machine."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import on_a_phone

pytestmark = pytest.mark.browser

OPEN = 90_000
LINES = ".live-chart [role=img][aria-label^='Line chart of what 10,000 dollars grew to']"


@pytest.fixture(scope="module")
def backtest(shared_visit, app_url):
    visited = shared_visit(f"{app_url}/voila/render/planner.ipynb")
    page = visited.page
    page.get_by_role("tab", name="Outlook").click(timeout=OPEN)
    page.get_by_role("tab", name="Backtest").click(timeout=OPEN)
    expect(page.locator(LINES).first).to_be_attached(timeout=OPEN)
    expect(page.get_by_role("row", name=re.compile("^Hybrid, to the target"))).to_be_visible(timeout=OPEN)
    return visited


def test_the_tab_opens_with_its_lines_and_policies_and_asks_no_other_host(backtest):
    page = backtest.page
    for said in ("your plan $", "no crypto $", "10 % crypto $", "60/40 $"):
        expect(page.locator(LINES).first).to_have_attribute("aria-label", re.compile(re.escape(said)))
    expect(page.get_by_text("October 2014 to September 2025, 132 months.")).to_be_visible()
    assert "traceback" not in page.locator("body").inner_text().lower()
    backtest.witness.assert_clean()


def test_a_later_beginning_is_a_shorter_past(backtest):
    page = backtest.page
    page.locator(".pl-window .noUi-handle").first.focus()
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_text("October 2015 to September 2025, 120 months.")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile(r"^2015 \(3 months\)"))).to_be_visible()


def test_taxes_are_paid_once_the_account_is_taxable(backtest):
    page = backtest.page
    quarterly = page.get_by_role("row", name=re.compile("^Calendar, quarterly"))
    before = quarterly.inner_text()
    page.get_by_label("In a taxable account, with your taxes").check()
    expect(quarterly).not_to_have_text(before)
    paid = quarterly.locator("td").nth(7)
    expect(paid).to_have_text(re.compile(r"^\$[1-9]"))


def test_the_tab_fits_a_phone(backtest):
    with on_a_phone(backtest.page):
        assert backtest.page.evaluate("document.documentElement.scrollWidth") <= 390
