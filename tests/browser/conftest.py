"""A real Voila on a free loopback port and a real Chromium that can reach nothing else."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = Path(__file__).with_name("notebooks")
START_SECONDS = 60
# Generous: a busy machine is not what these tests are about.
WAIT_MILLISECONDS = 60_000
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

PHONE_WIDTH = 390

# A button that stays off for this long has nothing more to undo.
UNDO_MILLISECONDS = 1_000

expect.set_options(timeout=WAIT_MILLISECONDS)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(START_SECONDS * 5):
        if process.poll() is not None:
            raise RuntimeError(f"the server stopped:\n{log.read_text()}")
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"the server did not answer:\n{log.read_text()}")


@contextmanager
def running(call: str, port: int, log: Path, **environment: str) -> Iterator[str]:
    """Run a call of planner.app_server in a process of its own and yield the server's address."""
    code = f"from pathlib import Path; from planner import app_server; app_server.{call}"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "MODERN_PORTFOLIO_STORE": str(log.with_suffix(".db")), **environment},
        )
        try:
            wait_until_up(f"http://127.0.0.1:{port}/", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


@contextmanager
def served(path: Path, log: Path, warm_kernels: int = 0) -> Iterator[str]:
    """Serve a notebook or folder the way `planner app` does and yield the server's address."""
    port = free_port()
    call = f"serve(Path({str(path)!r}), port={port}, open_browser=False, warm_kernels={warm_kernels})"
    with running(call, port, log) as url:
        yield url


@pytest.fixture(scope="session", autouse=True)
def _chart_script() -> None:
    """Test the chart script that the present sources make, not the one installed last."""
    subprocess.run(
        [sys.executable, "-c", "import hatch_build, pathlib; hatch_build.build_chart_script(pathlib.Path())"],
        cwd=ROOT,
        check=True,
    )


@pytest.fixture(scope="session")
def server_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("voila") / "fixtures.log"


@pytest.fixture(scope="session")
def fixtures_url(server_log: Path) -> Iterator[str]:
    """Address of a Voila that serves the tests' own little notebooks."""
    with served(FIXTURES, server_log) as url:
        yield url


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a Voila that serves the project's notebooks."""
    with served(ROOT / "notebooks", tmp_path_factory.mktemp("voila") / "app.log") as url:
        yield url


@pytest.fixture(scope="session")
def lab_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a JupyterLab on the tests' own little notebooks, as `planner lab` starts it; its token is "token"."""
    port = free_port()
    call = f"lab(Path({str(FIXTURES)!r}), port={port}, open_browser=False)"
    with running(call, port, tmp_path_factory.mktemp("lab") / "lab.log", JUPYTER_TOKEN="token") as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=CHROMIUM_OPTIONS)
        yield launched
        launched.close()


@dataclass
class Witness:
    """What a page did that it should not have done."""

    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def assert_clean(self) -> None:
        assert self.outside == [], "the page asked other hosts"
        assert self.missing == [], "the page asked for what is not there"
        assert self.errors == [], "the console shows errors"


def _watch(context: BrowserContext, page: Page) -> Witness:
    witness = Witness()

    def guard(route: Route) -> None:
        url = route.request.url
        if url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            route.continue_()
        else:
            witness.outside.append(url)
            route.abort()

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            witness.errors.append(f"{message.text} ({message.location.get('url', '')})")
        elif message.type == "warning":
            witness.warnings.append(message.text)

    context.route("**/*", guard)
    page.on("console", hear)
    page.on("pageerror", lambda error: witness.errors.append(str(error)))
    page.on("response", lambda answer: witness.missing.append(answer.url) if answer.status >= 400 else None)
    return witness


def _wait_for_the_app(page: Page) -> None:
    """Wait until the app is there; on a crowded machine Voila may lose a kernel while it starts, so once more then."""
    app = page.locator(".pl-app")
    try:
        app.wait_for(state="attached")
    except PlaywrightTimeout:
        warnings.warn(f"{page.url} showed nothing in {WAIT_MILLISECONDS / 1000:.0f} s: opened again", stacklevel=2)
        page.reload(wait_until="commit")
        app.wait_for(state="attached")


@dataclass
class Visit:
    """One open page and what was seen on it."""

    page: Page
    witness: Witness


@contextmanager
def visits(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """What opens a page with the network blocked but for this machine; at the end every page is closed."""
    contexts: list[BrowserContext] = []

    def open_page(url: str, width: int = 1280, height: int = 800) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT_MILLISECONDS)
        witness = _watch(context, page)
        page.goto(url, wait_until="commit")
        if url.endswith("/planner.ipynb"):
            _wait_for_the_app(page)
        return Visit(page, witness)

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open a page for one test."""
    with visits(browser) as open_page:
        yield open_page


@pytest.fixture(scope="module")
def shared_visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open a page that the tests of a module use one after the other, each as the one before left it."""
    with visits(browser) as open_page:
        yield open_page


@contextmanager
def on_a_phone(page: Page, width: int = PHONE_WIDTH) -> Iterator[None]:
    """Make the window as narrow as a phone's for a while."""
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": 800})
    try:
        page.wait_for_function(f"document.documentElement.scrollWidth <= {width}")
        yield
    finally:
        page.set_viewport_size(before)


def parts_beyond(page: Page, selector: str, width: int = PHONE_WIDTH) -> int:
    """How many of the parts that a selector names stick out of a window so wide, also where the page hides it."""
    return int(
        page.evaluate(
            """([selector, width]) => [...document.querySelectorAll(selector)]
              .filter(part => part.getBoundingClientRect().right > width).length""",
            [selector, width],
        )
    )


def undo_all(page: Page) -> None:
    """Take back every change of the scenario, as a reader would: until there is nothing left to undo."""
    undo = page.locator(".pl-scenarios").get_by_role("button", name="Undo")
    while True:
        try:
            undo.click(timeout=UNDO_MILLISECONDS)
        except PlaywrightTimeout:
            return
