"""The same charts in JupyterLab, and the same pages from the Voila that runs inside its server, as on Binder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


def test_a_chart_is_drawn_in_jupyterlab_and_nothing_is_asked_of_another_host(
    visit: Callable[..., Visit], lab_url: str
) -> None:
    opened = visit(f"{lab_url}/lab/tree/live_chart.ipynb?token=token")
    page = opened.page
    expect(page.get_by_role("heading", name="Live charts")).to_be_visible()
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()
    page.get_by_text("Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    expect(page.locator(".live-chart[data-revision]")).to_have_count(2)
    assert opened.witness.outside == []
    assert opened.witness.missing == []


def test_voila_inside_jupyter_server_shows_our_pages(visit: Callable[..., Visit], lab_url: str) -> None:
    opened = visit(f"{lab_url}/voila/render/live_chart.ipynb?token=token")
    page = opened.page
    expect(page.locator(".live-chart[data-revision]")).to_have_count(2)
    assert opened.witness.missing == []
    page.get_by_role("link", name="All notebooks").click()
    expect(page.get_by_role("link", name="Broken page")).to_contain_text("A page whose code fails.")
    assert opened.witness.outside == []
    refused = page.goto(f"{lab_url}/voila/files/live_chart.ipynb?token=token")
    assert refused is not None
    assert refused.status == 403
