"""The app as an investor uses it, in a real Chromium with no network but this machine."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from planner.disclaimer import DISCLAIMER
from tests.browser.conftest import on_a_phone, parts_beyond, undo_all

pytestmark = pytest.mark.browser

CHARTS = 4
ALL_DRAWN = f"() => document.querySelectorAll('.live-chart[data-revision]').length === {CHARTS}"
REVISIONS = "() => [...document.querySelectorAll('.live-chart')].map(chart => Number(chart.dataset.revision))"
CLASSES = ("equities", "fixed_income", "real_estate", "commodities", "cash", "crypto")


@pytest.fixture(scope="module")
def app(shared_visit, app_url):
    visited = shared_visit(f"{app_url}/voila/render/planner.ipynb")
    visited.page.wait_for_function(ALL_DRAWN, timeout=90_000)
    return visited


def handle(page, name):
    return page.locator(f".pl-target-{name} .noUi-handle")


def shares(page):
    readouts = [page.locator(f".pl-target-{name} .widget-readout").inner_text() for name in CLASSES]
    return dict(zip(CLASSES, map(float, readouts), strict=True))


def press(page, target, key, times):
    target.focus()
    for _ in range(times):
        page.keyboard.press(key)


def saved(page, button):
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).click()
    return Path(waiting.value.path()).read_bytes()


@pytest.fixture(autouse=True)
def _as_it_was(app):
    """Give the next test the example's scenario: what a test has moved is undone."""
    yield
    undo_all(app.page)


def test_the_page_opens_with_a_plan_and_asks_no_other_host(app):
    expect(app.page).to_have_title("Portfolio planner")
    expect(app.page.locator(".pl-figure")).to_have_count(8)
    expect(app.page.get_by_text(DISCLAIMER).last).to_be_visible()
    assert "traceback" not in app.page.locator("body").inner_text().lower()
    app.witness.assert_clean()


def test_downloads_hold_what_the_page_shows(app):
    page = app.page
    weights = list(csv.DictReader(io.StringIO(saved(page, "Weights (CSV)").decode())))
    assert sum(float(row["weight"]) for row in weights) == pytest.approx(1)
    plan = json.loads(saved(page, "Plan (JSON)"))
    assert plan["disclaimer"] == DISCLAIMER
    assert plan["classes"]["crypto"]["weight"] == pytest.approx(0.05)
    app.witness.assert_clean()


def test_a_higher_age_lowers_the_crypto_range_and_its_slider(app):
    page = app.page
    expect(handle(page, "crypto")).to_have_attribute("aria-valuemax", "12.3")
    press(page, page.locator(".widget-slider", has_text="Age").locator(".noUi-handle"), "ArrowRight", 10)
    expect(page.locator(".pl-crypto-range")).to_contain_text("up to 11.6 % in crypto")
    expect(handle(page, "crypto")).to_have_attribute("aria-valuemax", "11.6")


def test_moving_a_target_repaints_the_charts_and_the_targets_still_sum_to_100(app):
    page = app.page
    revisions = page.evaluate(REVISIONS)
    press(page, handle(page, "equities"), "ArrowRight", 20)
    page.wait_for_function(f"() => ({REVISIONS})()[0] > {revisions[0]}")
    expect(page.locator(".pl-target-equities .widget-readout")).to_have_text("52.0")
    expect(page.get_by_role("img", name="Equities 52 %").first).to_be_attached()
    assert sum(shares(page).values()) == pytest.approx(100)


def test_after_a_flood_of_moves_the_page_shows_the_last_one(app):
    page = app.page
    press(page, handle(page, "equities"), "ArrowLeft", 60)
    expect(page.locator(".pl-target-equities .widget-readout")).to_have_text("44.0")
    expect(page.locator("tr", has_text="Equities").locator("td").nth(1)).to_have_text("44 %")
    expect(page.get_by_role("img", name="Equities 44 %").first).to_be_attached()


def test_a_reference_mix_can_be_chosen_and_stays_inside_the_crypto_range(app):
    page = app.page
    page.get_by_label("Start from").select_option(label="Real-estate heavy")
    expect(page.locator(".pl-target-real_estate .widget-readout")).to_have_text("25.0")
    expect(page.locator(".pl-target-crypto .widget-readout")).to_have_text("7.5")


def test_the_override_says_what_it_overrides_and_frees_the_slider(app):
    page = app.page
    page.get_by_label("Allow more crypto than").check()
    expect(page.locator(".pl-crypto-range")).to_contain_text("Overridden: your profile supports at most")
    expect(handle(page, "crypto")).to_have_attribute("aria-valuemax", "100.0")


def test_infeasible_settings_explain_themselves_where_they_arise(app):
    page = app.page
    page.get_by_text("Mean-variance around them").click()
    page.get_by_label("Cap the volatility").check()
    cap = page.locator(".pl-volatility-cap .noUi-handle")
    expect(cap).to_be_visible()
    press(page, cap, "ArrowLeft", 12)
    blocker = page.locator(".pl-inputs .pl-blocker").first
    expect(blocker).to_contain_text("the lowest volatility you can reach is")
    expect(blocker).to_contain_text("raise the cap from")
    press(page, cap, "ArrowRight", 12)
    expect(page.locator(".pl-blocker")).to_have_count(0)


def test_input_that_cannot_be_is_a_sentence_beside_it(app):
    page = app.page
    page.get_by_text("Your finances", exact=True).click()
    field = page.get_by_label("Net worth")
    field.fill("1000")
    field.press("Tab")
    expect(page.locator(".pl-blocker")).to_contain_text("Liquid assets are $250,000, more than everything owned")
    field.fill("400000")
    field.press("Tab")
    expect(page.locator(".pl-blocker")).to_have_count(0)


def test_a_click_on_the_frontier_takes_that_portfolio(app):
    page = app.page
    chart = page.locator(".live-chart", has=page.locator("[aria-label^='Line chart of expected return']"))
    chart.click(position={"x": chart.bounding_box()["width"] * 0.5, "y": 140})
    expect(page.get_by_label("A point on the frontier")).to_be_checked()
    expect(page.locator(".pl-note")).to_contain_text("Your plan is the point with")
    expect(page.locator(".pl-frontier-return .noUi-handle")).to_be_visible()


def test_a_limit_is_added_and_removed_in_words(app):
    page = app.page
    page.get_by_text("Mean-variance around them").click()
    expect(page.get_by_text("Room, points")).to_be_visible()
    page.get_by_text("Limits", exact=True).click()
    page.get_by_label("New limit").select_option(label="Hold at least")
    page.get_by_label("of", exact=True).select_option(label="Crypto")
    expect(page.locator(".pl-preview")).to_have_text("Crypto at least 5 %")
    page.get_by_label("Percent").fill("4")
    expect(page.locator(".pl-preview")).to_have_text("Crypto at least 4 %")
    page.get_by_role("button", name="Add").click()
    expect(page.locator(".pl-limit")).to_contain_text("Crypto at least 4 %")
    expect(page.get_by_text("Limits (1)", exact=True)).to_be_visible()
    expect(page.locator("tr", has_text="Crypto").locator("td").nth(1)).to_have_text("4 %")
    page.get_by_title("Remove: Crypto at least 4 %").click()
    expect(page.locator(".pl-limit")).to_have_count(0)
    app.witness.assert_clean()


def test_an_expectation_moves_the_plan_and_the_band_is_drawn_on_demand(app):
    page = app.page
    page.get_by_text("Your expectations", exact=True).click()
    press(page, page.locator(".pl-expected-crypto .noUi-handle"), "ArrowRight", 5)
    expect(page.locator(".pl-confidence-crypto .widget-readout")).to_have_text("50")
    expect(page.get_by_text("Your expectations (1)", exact=True)).to_be_visible()
    page.get_by_label("Show how sure this line is").check()
    expect(page.get_by_text("A hundred histories")).to_be_visible()
    app.witness.assert_clean()


def test_the_page_fits_a_phone(app):
    with on_a_phone(app.page):
        beyond = parts_beyond(app.page, ".live-chart canvas, .live-chart svg, .pl-table")
    assert beyond == 0


def test_a_number_can_be_typed_and_a_locked_class_stays(app):
    page = app.page
    page.get_by_title("Keep Fixed income where it is").click()
    readout = page.locator(".pl-target-real_estate .widget-readout")
    readout.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("20")
    page.keyboard.press("Enter")
    expect(page.locator("tr", has_text="Real estate").locator("td").nth(1)).to_have_text("20 %")
    after = shares(page)
    assert after["real_estate"] == 20
    assert after["fixed_income"] == 30
    assert sum(after.values()) == pytest.approx(100)
