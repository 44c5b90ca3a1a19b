"""Open a notebook's page in a Chromium that knows nothing of it yet, with the notes of page.js in it."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "notebooks" / "planner.ipynb"
ONE_SLIDER = Path(__file__).with_name("notebooks") / "one_slider.ipynb"
NOTES = Path(__file__).with_name("page.js").read_text(encoding="utf-8")
WAIT_MILLISECONDS = 60_000


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or the one Playwright brings."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@contextmanager
def visited(browser: Browser, server: str, notebook: Path) -> Iterator[Page]:
    """The notebook's page in a context with an empty cache."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(NOTES)
    page = context.new_page()
    page.set_default_timeout(WAIT_MILLISECONDS)
    page.goto(f"{server}/voila/render/{notebook.name}", wait_until="commit")
    try:
        yield page
    finally:
        context.close()


def alone(notebook: Path, folder: Path) -> Path:
    """A copy in a folder of its own: a pool of warm kernels serves every notebook of a folder."""
    place = folder / notebook.stem
    place.mkdir(exist_ok=True)
    return Path(shutil.copy(notebook, place))
