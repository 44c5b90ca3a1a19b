"""Take the README's pictures from a running app, all in one style; `make pictures`.

Chromium is the browser of the tests, and makes the files small as well: WebP, which every browser and GitHub show.
"""

from __future__ import annotations

import base64
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

HERE = Path(__file__).resolve().parent
SIZE = {"width": 1400, "height": 900}
WAIT_MILLISECONDS = 90_000
QUALITIES = (0.9, 0.8, 0.7, 0.5)
MOST_BYTES = 150_000
TABS = {"app": None, "trades": "Trades", "outlook": "Outlook"}
"""Pictures by name, with the tab that each shows; None for the page as it opens."""

AS_WEBP = """async ([png, quality]) => {
    const image = new Image();
    image.src = "data:image/png;base64," + png;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), {width: image.width, height: image.height});
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas.toDataURL("image/webp", quality).split(",")[1];
}"""


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_app() -> Iterator[str]:
    """Start the app with a store of its own, and yield its address."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "planner.cli", "app", "--no-browser", "--port", str(free_port())]
        process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            cwd=HERE.parents[1],
            env={**os.environ, "MODERN_PORTFOLIO_STORE": str(Path(folder, "pictures.db"))},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield next(found[0] for said in process.stdout or () if (found := re.search(r"http://\S+", said)))
        finally:
            process.terminate()
            process.wait(30)


def settled(page: Page) -> None:
    """Wait until the charts in view stand still."""
    page.locator(".live-chart[data-revision]:visible").first.wait_for()
    before, now = b"", page.screenshot()
    while before != now:
        page.wait_for_timeout(1500)
        before, now = now, page.screenshot()


def small(page: Page, png: bytes) -> bytes:
    """Return the picture as WebP, in the best quality that is not too large."""
    webp = b""
    for quality in QUALITIES:
        webp = base64.b64decode(page.evaluate(AS_WEBP, [base64.b64encode(png).decode(), quality]))
        if len(webp) <= MOST_BYTES:
            break
    return webp


def main() -> None:
    """Take every picture."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with running_app() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE, color_scheme="light", reduced_motion="reduce")
        page.set_default_timeout(WAIT_MILLISECONDS)
        page.goto(address)
        for name, tab in TABS.items():
            if tab is not None:
                page.get_by_role("tab", name=tab).first.click()
                expect(page.get_by_role("tab", name=tab).first).to_have_attribute("aria-selected", "true")
            settled(page)
            picture = small(page, page.screenshot())
            (HERE / f"{name}.webp").write_bytes(picture)
            print(f"{name}.webp: {len(picture):,} bytes")  # noqa: T201 - a tool of the shell
        browser.close()


if __name__ == "__main__":
    main()
