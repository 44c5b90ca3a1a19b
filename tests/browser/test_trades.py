"""The Trades tab as an investor uses it, in a real Chromium with no network but this machine."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import on_a_phone, parts_beyond

pytestmark = pytest.mark.browser

OPEN = 90_000
CURVE = ".live-chart:has([aria-label^='Line chart of tax and costs'])"
YOURS = r"Yours: \$([\d,]+) with ([\d.]+) % left"


@pytest.fixture(scope="module")
def trades(shared_visit, app_url):
    visited = shared_visit(f"{app_url}/voila/render/planner.ipynb")
    visited.page.get_by_role("tab", name="Trades").click(timeout=OPEN)
    expect(visited.page.locator(".pl-order").first).to_be_visible(timeout=OPEN)
    expect(curve(visited.page)).to_have_attribute("aria-label", re.compile("Line chart.*from.*Yours"), timeout=OPEN)
    return visited


@pytest.fixture
def page(trades):
    return trades.page


def curve(page):
    return page.locator(f"{CURVE} [role=img]").first


def yours(page):
    """What is paid for the drift that is left, as the chart says it."""
    expect(curve(page)).to_have_attribute("aria-label", re.compile(YOURS))
    paid, left = re.search(YOURS, curve(page).get_attribute("aria-label")).groups()
    return float(paid.replace(",", "")), float(left)


def press(page, slider, key, times):
    handle = page.locator(f"{slider} .noUi-handle")
    handle.focus()
    for _ in range(times):
        page.keyboard.press(key)


def saved(page, button):
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).click()
    return list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text())))


def test_the_tab_opens_with_orders_and_asks_no_other_host(trades):
    page = trades.page
    expect(page.locator(".pl-due")).to_contain_text("Trades are due.")
    expect(page.locator(".pl-order-total")).to_contain_text("orders")
    expect(page.get_by_role("heading", name="Losses to harvest")).to_be_visible()
    assert "traceback" not in page.locator("body").inner_text().lower()
    trades.witness.assert_clean()


def test_the_files_hold_the_sums_that_the_page_shows(trades):
    page = trades.page
    orders = saved(page, "Orders (CSV)")
    assert len(orders) == page.locator(".pl-order").count()
    totals = page.locator(".pl-order-total").inner_text()
    for side, word in (("buy", "bought"), ("sell", "sold")):
        shown = float(re.search(rf"{word} \$([\d,.]+)", totals)[1].replace(",", ""))
        assert sum(float(row["amount"]) for row in orders if row["side"] == side) == pytest.approx(shown, abs=0.01)
    report = saved(page, "Realised gains (CSV)")
    assert len(report) == sum(1 for row in orders if row["term"])
    trades.witness.assert_clean()


def test_more_months_make_a_longer_schedule(page):
    rows = page.locator(".pl-schedule tbody tr")
    expect(rows).to_have_count(4)
    press(page, ".pl-phasing-months", "ArrowRight", 2)
    expect(rows).to_have_count(6)
    expect(page.get_by_role("img", name="Stacked bar chart of purchases month by month").first).to_be_attached()
    expect(page.get_by_text("all at once ended higher")).to_be_visible()


def test_an_order_opens_by_keyboard_to_its_lot_its_term_and_its_rate(page):
    row = page.locator(".pl-order", has_text="BTC").first
    row.locator("summary").focus()
    page.keyboard.press("Enter")
    opened = row.locator("dl")
    expect(opened).to_be_visible()
    for said in ("bought on", "long-term since", "Cost basis", "federal", "state 5 %", "A dollar sold of it"):
        expect(opened).to_contain_text(said)


def test_the_tab_fits_a_phone(page):
    with on_a_phone(page):
        page.locator(".pl-order summary").first.click()
        beyond = parts_beyond(page, ".live-chart canvas, .pl-order span, .pl-order dd")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert beyond == 0


def test_wider_bands_are_not_due_and_narrower_ones_are_again(page):
    press(page, ".pl-band-all", "ArrowRight", 8)
    expect(page.locator(".pl-band-all .widget-readout")).to_have_text("6.0")
    press(page, ".pl-band-crypto", "ArrowRight", 8)
    expect(page.get_by_text("Nothing is due.")).to_be_visible()
    expect(page.get_by_text("Nothing to do: no trades are due")).to_be_visible()
    expect(page.locator(".pl-order")).to_have_count(0)
    press(page, ".pl-band-crypto", "ArrowLeft", 8)
    expect(page.get_by_text("Trades are due.")).to_be_visible()
    expect(page.locator(".pl-order").first).to_be_visible()
    press(page, ".pl-band-all", "ArrowLeft", 8)
    expect(page.locator(".pl-band-all .widget-readout")).to_have_text("2.0")


def test_the_price_of_tracking_moves_tax_and_drift(page):
    before = yours(page)
    press(page, ".pl-tracking-price", "End", 1)
    expect(page.locator(".pl-tracking-price .widget-readout")).to_have_text("50.0")
    expect(curve(page)).not_to_have_attribute("aria-label", re.compile(f"with {before[1]:g} % left\\.$"))
    after = yours(page)
    assert after[0] > before[0]
    assert after[1] < before[1]


def test_a_click_on_the_curve_takes_its_price(page):
    chart = page.locator(CURVE)
    before = yours(page)
    chart.click(position={"x": chart.bounding_box()["width"] - 20, "y": 200})
    expect(page.locator(".pl-tracking-price .widget-readout")).not_to_have_text("50.0")
    expect(curve(page)).not_to_have_attribute("aria-label", re.compile(f"with {before[1]:g} % left\\.$"))
    assert yours(page)[1] > before[1]
