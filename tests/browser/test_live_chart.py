"""LiveChart and the download buttons in a real Chromium on a real Voila, with no other host in reach."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import on_a_phone

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

NOTEBOOK = "/voila/render/live_chart.ipynb"


def opened(visit: Callable[..., Visit], fixtures_url: str) -> Visit:
    visited = visit(fixtures_url + NOTEBOOK)
    expect(visited.page.locator(".live-chart[data-revision]")).to_have_count(2)
    return visited


@pytest.fixture(scope="module")
def visited(shared_visit: Callable[..., Visit], fixtures_url: str) -> Visit:
    return opened(shared_visit, fixtures_url)


def chart(page: Page) -> Locator:
    return page.locator(".live-chart").first


def revision(page: Page) -> int:
    """How many times the chart got rows, as far as it is drawn."""
    return int(str(chart(page).get_attribute("data-revision")))


def drag_to(page: Page, share: int) -> None:
    """Type another share of crypto into the slider's readout, and wait until it is drawn."""
    before = revision(page)
    readout = page.locator(".widget-readout").first
    readout.fill(str(share))
    readout.press("Enter")
    expect(chart(page)).to_have_attribute("data-revision", str(before + 1))


def bar_width(page: Page, asset: str) -> int:
    """Width in pixels of the blue bar in the chart's row, read off the canvas itself."""
    row = {"crypto": 0.18, "the rest": 0.55}[asset]
    return page.locator(".live-chart canvas").first.evaluate(
        """(canvas, row) => {
            const line = Math.round(canvas.height * row);
            const pixels = canvas.getContext("2d").getImageData(0, line, canvas.width, 1).data;
            let blue = 0;
            for (let i = 0; i < pixels.length; i += 4) {
                if (pixels[i + 2] > pixels[i] + 40 && pixels[i + 3] > 200) blue += 1;
            }
            return blue;
        }""",
        row,
    )


def test_a_chart_shows_its_rows_without_asking_another_host(visited: Visit) -> None:
    assert bar_width(visited.page, "the rest") == pytest.approx(19 * bar_width(visited.page, "crypto"), rel=0.05)
    assert visited.witness.outside == []
    assert visited.witness.missing == []
    assert [warning for warning in visited.witness.warnings if "extent" in warning] == []


def test_only_the_chart_that_is_broken_on_purpose_shows_an_error_and_it_is_a_sentence(visited: Visit) -> None:
    notes = visited.page.locator(".live-chart-note:visible")
    expect(notes).to_have_count(1)
    expect(notes).to_have_text(re.compile(r"^This chart could not be drawn\. Reloading the page may help"))
    assert len(visited.witness.errors) == 1
    assert "chart.js" in visited.witness.errors[0]


def test_new_rows_repaint_the_same_view(visited: Visit) -> None:
    page = visited.page
    chart(page).locator("canvas").evaluate("canvas => { canvas.dataset.witness = 'the first one' }")
    before = bar_width(page, "crypto")
    drag_to(page, 50)
    assert bar_width(page, "crypto") == pytest.approx(10 * before, rel=0.05)
    assert chart(page).locator("canvas").get_attribute("data-witness") == "the first one"


def test_the_page_shows_the_revision_that_python_counts(visited: Visit) -> None:
    page = visited.page
    before = revision(page)
    for share in (10, 20, 30):
        drag_to(page, share)
    expect(page.get_by_text(f"revision {before + 3}")).to_be_visible()


def test_a_burst_of_sixty_changes_ends_on_the_newest_rows(visited: Visit) -> None:
    page = visited.page
    last = revision(page) + 60
    page.get_by_role("button", name="Burst").click()
    expect(page.get_by_text(f"revision {last}")).to_be_visible()
    expect(chart(page)).to_have_attribute("data-revision", str(last))
    assert bar_width(page, "crypto") == pytest.approx(1.5 * bar_width(page, "the rest"), rel=0.05)


def test_a_selection_in_the_chart_reaches_python(visited: Visit) -> None:
    page = visited.page
    drag_to(page, 6)
    canvas = chart(page).locator("canvas")
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": box["width"] / 2, "y": box["height"] * 0.55})
    expect(page.get_by_text(re.compile(r"picked .*the rest"))).to_be_visible()


def test_a_chart_is_described_in_a_sentence_that_follows_its_rows(visited: Visit) -> None:
    page = visited.page
    drag_to(page, 8)
    expect(page.get_by_role("img", name="8 % of the money is in crypto.")).to_be_visible()
    drag_to(page, 7)
    expect(page.get_by_role("img", name="7 % of the money is in crypto.")).to_be_visible()


def test_a_chart_follows_the_width_of_its_page(visited: Visit) -> None:
    page = visited.page
    with on_a_phone(page):
        page.wait_for_function("document.querySelector('.live-chart canvas').clientWidth < 390")


def test_a_removed_chart_gives_its_place_back_and_the_others_go_on(
    visit: Callable[..., Visit], fixtures_url: str
) -> None:
    visited = opened(visit, fixtures_url)
    page = visited.page
    page.get_by_role("button", name="Remove twin").click()
    expect(page.locator(".live-chart[data-revision]")).to_have_count(1)
    assert page.evaluate("globalThis[Symbol.for('modern-portfolio.charts')].size") == 1
    drag_to(page, 40)
    assert len(visited.witness.errors) == 1  # the chart broken on purpose


def test_several_charts_load_the_chart_script_once(visit: Callable[..., Visit], fixtures_url: str) -> None:
    page = visit(fixtures_url).page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(fixtures_url + NOTEBOOK)
    expect(page.locator(".live-chart[data-revision]")).to_have_count(2)
    assert len([url for url in asked if url.endswith("/modern-portfolio/static/chart.js")]) == 1


def saved(page: Page, button: str) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    saved_file = Path(download.value.path())
    return saved_file.rename(saved_file.with_name(download.value.suggested_filename))


def test_a_table_is_made_at_the_click_and_arrives_as_it_was_made(visited: Visit) -> None:
    drag_to(visited.page, 42)
    file = saved(visited.page, "Weights as CSV")
    assert file.name == "weights.csv"
    assert file.read_text() == "asset,weight\ncrypto,42\n"


def test_a_chart_arrives_as_a_png_twice_as_fine_as_the_page(visited: Visit) -> None:
    file = saved(visited.page, "Chart as PNG")
    data = file.read_bytes()
    assert file.name == "weights.png"
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    on_page = chart(visited.page).locator("canvas").bounding_box()
    assert on_page is not None
    assert (width, height) == pytest.approx((2 * on_page["width"], 2 * on_page["height"]), abs=4)


def test_a_chart_arrives_as_an_svg_with_its_words(visited: Visit) -> None:
    file = saved(visited.page, "Chart as SVG")
    text = file.read_text()
    assert file.name == "weights.svg"
    assert text.startswith("<svg")
    assert "% of the money" in text


def test_a_refused_download_says_why_in_the_words_of_the_error(visited: Visit) -> None:
    visited.page.get_by_role("button", name="Refused").click()
    expect(visited.page.get_by_text("The weights sum to 0.9: add 0.1 to one of them.")).to_be_visible()


def test_a_failing_download_keeps_its_secret_for_the_servers_log(visited: Visit, server_log: Path) -> None:
    visited.page.get_by_role("button", name="Failing").click()
    expect(visited.page.get_by_text("The file could not be made.")).to_be_visible()
    assert "a secret of the server" not in visited.page.content()
    assert "a secret of the server" in server_log.read_text()
