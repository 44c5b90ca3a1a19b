"""The view Where to trade as an investor uses it, in a real Chromium with no network but this machine."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

OPEN = 90_000
WIDTH = 420


def test_venues_are_ruled_out_rated_and_ranked_on_a_phone(visit, app_url):
    visited = visit(f"{app_url}/voila/render/planner.ipynb", width=WIDTH, height=800)
    page = visited.page
    page.get_by_role("tab", name="Trades").click(timeout=OPEN)
    page.get_by_role("tab", name="Where to trade").click(timeout=OPEN)
    expect(page.get_by_text("Facts as of September 2025.")).to_be_visible(timeout=OPEN)
    page.get_by_label("You live in").select_option(label="The United States")
    page.get_by_label("What it is").select_option(label="A derivatives venue")
    page.get_by_text("Ruled out, and why: 10").click()
    expect(page.get_by_text("OTC desk, not derivatives venue; closed to United States clients")).to_be_visible()

    for name, rating in (("Deribit", "9"), ("Kraken Futures", "6")):
        row = page.locator(".pl-ratings tbody tr", has_text=name)
        for cell in row.locator("input").all():
            cell.fill(rating)
            cell.press("Tab")
    expect(page.locator(".pl-ranking tbody tr")).to_have_count(2)
    expect(page.locator(".pl-ranking tbody tr").first).to_contain_text("Deribit")
    expect(page.locator(".pl-ranking tbody tr").first).to_contain_text("90.0")
    page.locator(".pl-criterion-support .noUi-handle").focus()
    page.keyboard.press("End")
    expect(page.locator(".pl-criterion-liquidity .widget-readout")).to_have_text("0.0")

    page.get_by_label("Have you moved a small amount in").check()
    expect(page.get_by_text("1 of 14 questions answered")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH
    visited.witness.assert_clean()
