"""An adviser's hour in a real browser: two scenarios, side by side, a change with its reason, and the paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

pytestmark = pytest.mark.browser

OPEN = 90_000
MAKING = 60_000


@pytest.fixture
def visited(visit, app_url):
    visited = visit(f"{app_url}/voila/render/planner.ipynb")
    visited.page.locator(".pl-results .live-chart[data-revision]").first.wait_for(timeout=OPEN)
    return visited


def test_two_scenarios_are_compared_a_change_gets_its_reason_and_the_proposal_is_saved(visited, tmp_path):
    page = visited.page
    page.get_by_role("button", name="Duplicate").click()
    choice = page.get_by_label("Scenario")
    expect(choice.locator("option")).to_have_text(["Example household", "Example household (2)"])
    crypto = page.locator(".pl-share", has=page.get_by_text("Crypto", exact=True)).locator(".noUi-handle")
    crypto.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Undo")).to_be_enabled()

    page.get_by_role("button", name="Compare").click()
    differs = page.get_by_role("region", name="What differs")
    expect(differs).to_contain_text("target, Crypto", timeout=OPEN)
    expect(differs.locator("thead th")).to_have_text(["Example household", "Example household (2)"])
    expect(page.get_by_role("region", name="Risk and return").locator("thead th")).to_have_text(
        ["Example household", "Example household (2)", "60/40", "Portfolio today"]
    )

    page.get_by_role("tab", name="Papers").click()
    page.get_by_role("tab", name="Journal").click()
    page.get_by_label("Reason").fill("A tenth of the bonuses is set aside for it.")
    page.get_by_label("Author").fill("Dana <b>")
    page.get_by_role("button", name="Write it down").click()
    entry = page.locator(".pl-entry")
    expect(entry).to_contain_text("1. A tenth of the bonuses is set aside for it.")
    expect(entry).to_contain_text("Dana <b>")

    page.get_by_role("tab", name="Documents").click()
    page.get_by_label("Adviser").fill("Dana Doe")
    page.get_by_label("Firm").fill("Doe & Partners")
    page.get_by_label("Firm").blur()
    page.get_by_role("button", name="Make it").click()
    save = page.get_by_role("button", name="Save proposal.pdf")
    save.wait_for(timeout=MAKING)
    with page.expect_download() as download:
        save.click()
    file = tmp_path / "proposal.pdf"
    download.value.save_as(file)
    reader = PdfReader(file)
    assert 6 <= len(reader.pages) <= 10
    assert "Doe & Partners" in reader.pages[0].extract_text()
    assert "Example household (2)" in reader.pages[0].extract_text()
    visited.witness.assert_clean()


def test_presenting_shows_the_next_scenario_by_key_and_leaves_by_escape(visited):
    page = visited.page
    page.get_by_role("button", name="Duplicate").click()
    page.get_by_role("button", name="Present").click()
    title = page.locator(".pl-present-head")
    expect(title).to_contain_text("Example household (2)")
    expect(page.get_by_role("tablist").first).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(title).not_to_contain_text("(2)")
    page.keyboard.press("Escape")
    expect(page.get_by_role("tablist").first).to_be_visible()
    visited.witness.assert_clean()
