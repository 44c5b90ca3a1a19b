"""The frame around every page: landing page, loading, errors and disclaimer."""

from __future__ import annotations

import re
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from planner.disclaimer import DISCLAIMER

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.conftest import Visit

TEMPLATE = Path(__file__).resolve().parents[2] / "share/jupyter/voila/templates/modern-portfolio"


def test_the_pages_carry_the_same_disclaimer_as_the_planner() -> None:
    assert (TEMPLATE / "disclaimer.html").read_text(encoding="utf-8").strip() == DISCLAIMER


def test_no_template_names_another_host() -> None:
    for file in TEMPLATE.rglob("*"):
        if file.is_file() and file.suffix != ".svg":
            assert "//" not in re.sub(r"(?m)//\s.*$", "", file.read_text(encoding="utf-8")), file.name


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_the_landing_page_shows_each_notebook_with_a_line_and_the_disclaimer(
    visit: Callable[..., Visit], fixtures_url: str, width: int
) -> None:
    opened = visit(fixtures_url, width=width)
    page = opened.page
    expect(page.get_by_role("link", name="Live charts")).to_contain_text("A slider, two charts")
    expect(page.get_by_role("link", name="Broken page")).to_contain_text("A page whose code fails.")
    expect(page.locator(".mp-card .mp-picture")).to_have_count(3)
    expect(page.get_by_role("contentinfo")).to_contain_text(DISCLAIMER)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    opened.witness.assert_clean()


@pytest.mark.browser
def test_a_card_leads_to_its_notebook_and_the_footer_back(visit: Callable[..., Visit], fixtures_url: str) -> None:
    page = visit(fixtures_url).page
    page.get_by_role("link", name="Live charts").click()
    expect(page).to_have_title("Live charts")
    expect(page.locator(".live-chart[data-revision]")).to_have_count(2)
    expect(page.get_by_role("contentinfo")).to_contain_text(DISCLAIMER)
    page.get_by_role("link", name="All notebooks").click()
    expect(page.get_by_role("link", name="Broken page")).to_be_visible()


@pytest.mark.browser
def test_while_a_page_starts_it_says_so(visit: Callable[..., Visit], fixtures_url: str) -> None:
    page = visit(fixtures_url + "/voila/render/live_chart.ipynb").page
    expect(page.get_by_role("status")).to_contain_text("Live charts is starting")
    expect(page.get_by_role("main")).to_contain_text("Crypto")
    expect(page.get_by_role("status")).to_have_count(0)


@pytest.mark.browser
def test_the_first_key_press_offers_to_skip_to_the_content(visit: Callable[..., Visit], fixtures_url: str) -> None:
    page = visit(fixtures_url + "/voila/render/live_chart.ipynb").page
    expect(page.locator(".live-chart[data-revision]")).to_have_count(2)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.evaluate("document.body.lastElementChild.className") == "mp-footer"


@pytest.mark.browser
@pytest.mark.parametrize("server", ["fixtures_url", "lab_url"])
def test_a_cell_for_the_reader_of_the_notebook_is_not_part_of_the_app(
    request: pytest.FixtureRequest, server: str
) -> None:
    url = request.getfixturevalue(server) + "/voila/render/live_chart.ipynb?token=token"
    with urllib.request.urlopen(url, timeout=60) as answer:
        page = answer.read().decode()
    assert "A slider, two charts" in page
    assert "a word for the reader" not in page


@pytest.mark.browser
def test_a_page_whose_code_fails_says_so_without_the_traceback(
    visit: Callable[..., Visit], fixtures_url: str, server_log: Path
) -> None:
    opened = visit(fixtures_url + "/voila/render/failing.ipynb")
    expect(opened.page.get_by_role("alert")).to_contain_text("This page could not be built.")
    source = opened.page.content()
    assert "a secret of the server" not in source
    assert "Traceback" not in source
    assert "a secret of the server" in server_log.read_text(encoding="utf-8")
    opened.witness.assert_clean()


@pytest.mark.browser
def test_a_page_that_is_not_there_says_so_in_words(visit: Callable[..., Visit], fixtures_url: str) -> None:
    opened = visit(fixtures_url + "/voila/render/nothing.ipynb")
    expect(opened.page.get_by_role("heading")).to_have_text("There is no such page")
    opened.page.get_by_role("link", name="To all notebooks").click()
    expect(opened.page.get_by_role("link", name="Live charts")).to_be_visible()
    assert opened.witness.outside == []


@pytest.mark.browser
def test_another_template_cannot_be_asked_for(fixtures_url: str) -> None:
    with urllib.request.urlopen(f"{fixtures_url}/voila/render/failing.ipynb?template=lab", timeout=60) as answer:
        assert "modern-portfolio.css" in answer.read().decode()
