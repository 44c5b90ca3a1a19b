"""The Watch tab as an investor uses it, in a real Chromium with no network but this machine."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from planner.scenario import EXAMPLE
from tests.browser.conftest import on_a_phone, parts_beyond

pytestmark = pytest.mark.browser

OPEN = 90_000


@pytest.fixture(scope="module")
def watch(shared_visit, app_url):
    visited = shared_visit(f"{app_url}/voila/render/planner.ipynb")
    visited.page.get_by_role("tab", name="Watch").click(timeout=OPEN)
    expect(visited.page.locator(".pl-alert").first).to_be_visible(timeout=OPEN)
    expect(picture(visited.page, "Bar chart of what each class gave")).to_be_attached(timeout=OPEN)
    return visited


def picture(page, alt):
    return page.locator(f".live-chart [role=img][aria-label^='{alt}']").first


def saved(page, button):
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).click()
    return Path(waiting.value.path()).read_text()


def tilt(page, asset, points, why):
    page.get_by_label("Lean").select_option(label=asset)
    page.get_by_label("Points, + or -").fill(points)
    page.get_by_label("Because").fill(why)
    page.get_by_role("button", name="Add the tilt").click()


def test_the_tab_opens_with_its_alerts_and_asks_no_other_host(watch):
    page = watch.page
    expect(page.locator(".pl-alert").first).to_contain_text("Urgent")
    expect(page.locator(".pl-alert").first).to_contain_text("9.8 %")
    expect(page.get_by_text("1 urgent, 3 warnings")).to_be_visible()
    assert "traceback" not in page.locator("body").inner_text().lower()
    watch.witness.assert_clean()


def test_the_files_are_the_sheet(watch):
    page = watch.page
    rows = list(csv.DictReader(io.StringIO(saved(page, "The sheet (CSV)"))))
    alerts = [row for row in rows if row["table"] == "Alerts" and row["column"] == "reason"]
    assert len(alerts) == page.locator(".pl-alert").count()
    document = json.loads(saved(page, "The sheet (JSON)"))
    assert document["as_of"] == "2025-09-30"


def test_another_period_has_bars_of_its_own(watch):
    page = watch.page
    page.get_by_role("button", name="over 3 years").click()
    expect(picture(page, "Bar chart of what each class gave to the result over 3 years")).to_be_attached()


def test_the_tab_fits_a_phone(watch):
    with on_a_phone(watch.page):
        beyond = parts_beyond(watch.page, ".live-chart canvas, .pl-alert span, .pl-card button, .pl-card input")
    assert beyond == 0


def test_a_plan_saved_last_time_shows_what_changed_since(watch, tmp_path):
    page = watch.page
    earlier = EXAMPLE.with_changes(profile=EXAMPLE.profile.with_changes(net_worth=300_000))
    file = tmp_path / "plan.json"
    file.write_text(earlier.model_dump_json())
    with page.expect_file_chooser() as waiting:
        page.get_by_role("button", name="Upload an earlier plan").click()
    waiting.value.set_files(file)
    expect(page.locator(".pl-questions")).to_contain_text("net worth: $300,000 → $400,000")
    watch.witness.assert_clean()


def test_reviewed_today_takes_the_alert_away(watch):
    page = watch.page
    page.get_by_role("button", name="Reviewed today").click()
    expect(page.get_by_text("1 urgent, 2 warnings")).to_be_visible()
    expect(page.get_by_role("button", name="since the last review")).to_have_count(0)


def test_a_tilt_leads_the_trades_and_too_large_a_one_is_refused(watch):
    page = watch.page
    tilt(page, "Equities", "-5", "they look dear")
    expect(page.locator(".pl-tilt")).to_contain_text("Equities: 5 points less")
    expect(picture(page, "Bar chart of strategic against tilted weights: Equities 50 % to 45 %")).to_be_attached()
    tilt(page, "Crypto", "6", "a deep bear market")
    expect(page.locator(".pl-blocker")).to_contain_text("beyond the tactical range of 5 points")
    page.get_by_role("tab", name="Trades").click()
    expect(page.get_by_role("img", name=re.compile("47.6 % against 45 %")).first).to_be_attached()
