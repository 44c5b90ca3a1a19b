"""A table that is typed into faster than the kernel answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


def test_each_cell_that_is_left_is_heard_of_though_the_kernel_is_busy(
    visit: Callable[..., Visit], fixtures_url: str
) -> None:
    visited = visit(f"{fixtures_url}/voila/render/table_editor.ipynb")
    for row, name in enumerate(("one", "two", "three"), start=1):
        visited.page.get_by_label(f"Name, row {row}", exact=True).fill(name)
    visited.page.keyboard.press("Tab")
    expect(visited.page.get_by_text("one, one two, one two three", exact=True)).to_be_visible()
    visited.witness.assert_clean()
