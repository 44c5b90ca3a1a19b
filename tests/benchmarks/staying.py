"""What a page does that somebody stays on: drags that end, a thousand moves, bytes, and the visitor right after.

*Drag*: sixty mouse moves with the button down on the crypto slider; the time runs from the last of them to the first
frame after the last drawing. *Memory*: the kernel's resident memory, and the page's live JavaScript after a garbage
collection, before and after the moves. *Second visitor*: another browser profile opens the page at the moment in which
the first one's slider has answered, on a server without warm kernels.
"""

from __future__ import annotations

import statistics
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from tests.browser.conftest import served

from .loading import PAGES, press_until_answered
from .moving import CRYPTO, LOOK_MILLISECONDS, OVER, QUIET_MILLISECONDS, TAKEN
from .pages import APP, alone, chromium, visited
from .table import table
from .timing import percentile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, CDPSession, Page

DRAGS, EVENTS, STEP_PIXELS = 10, 60, 1.5
DRAG_WANTED_MILLISECONDS = 150
MOVES_BEFORE, MOVES, PACE_MILLISECONDS = 100, 1_000, 40
FLAT_MEGABYTES = 20.0
"""Growth that reads as noise of collectors and caches over a thousand moves. Ours."""
SECOND_WANTED_SECONDS = 2.0
MEGABYTE = 2**20
HEADER = ["", "wanted", "measured", "verdict"]


def report() -> str:
    """A table with what is wanted of each."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        rows = [*_stayed(browser, Path(folder)), _second(browser, Path(folder))]
    return f"### Staying on the page\n\n{table(HEADER, rows, figures=False)}"


def _stayed(browser: Browser, folder: Path) -> Iterator[list[str]]:
    notebook = alone(APP, folder)
    with served(notebook, folder / "app.log") as server, visited(browser, server, notebook) as page:
        with _counted(page) as loaded:
            page.reload(wait_until="commit")
            page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length > 0")
            painted = sum(loaded) / MEGABYTE
            page.wait_for_function("benchmark.marks.charts !== undefined")
        measured = f"{painted:.2f} MB, {sum(loaded) / MEGABYTE:.2f} MB"
        yield ["bytes to first paint, to all charts", "-", measured, "-"]
        ends = [_drag(page, number) for number in range(DRAGS)]
        late = percentile(ends, 0.95)
        measured = f"median {statistics.median(ends):.0f} ms, 95 % {late:.0f} ms"
        yield [
            f"drag of {EVENTS} events ends",
            f"within {DRAG_WANTED_MILLISECONDS} ms",
            measured,
            _verdict(late <= DRAG_WANTED_MILLISECONDS),
        ]
        yield from _memory(page)


@contextmanager
def _counted(page: Page) -> Iterator[list[int]]:
    """Bytes that came over the wire, response by response."""
    session, loaded = page.context.new_cdp_session(page), list[int]()
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: loaded.append(int(event["encodedDataLength"])))
    yield loaded
    session.detach()


def _drag(page: Page, number: int) -> float:
    box = page.locator(CRYPTO.handle).bounding_box()
    assert box is not None
    x, y, way = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, -1 if number % 2 else 1
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, EVENTS + 1):
        page.mouse.move(x + way * step * STEP_PIXELS, y)
    page.wait_for_function(OVER, arg=QUIET_MILLISECONDS, polling=LOOK_MILLISECONDS)
    page.mouse.up()
    taken = page.evaluate(TAKEN)
    return float(taken["painted"]) if taken["charts"] else 0.0


def _memory(page: Page) -> Iterator[list[str]]:
    session = page.context.new_cdp_session(page)
    _move(page, MOVES_BEFORE)
    kernel, heap = _resident(), _heap(session)
    _move(page, MOVES)
    for what, start, end in (("kernel", kernel, _resident()), ("page", heap, _heap(session))):
        yield [
            f"memory of the {what} over {MOVES:,} moves",
            "flat",
            f"{start:.0f} MB, then {end:.0f} MB",
            _verdict(end - start <= FLAT_MEGABYTES),
        ]


def _move(page: Page, moves: int) -> None:
    page.locator(CRYPTO.handle).focus()
    for number in range(moves):
        page.keyboard.press("ArrowLeft" if number // 5 % 2 else "ArrowRight")
        page.wait_for_timeout(PACE_MILLISECONDS)
    page.wait_for_function(OVER, arg=QUIET_MILLISECONDS, polling=LOOK_MILLISECONDS)


def _resident() -> float:
    """Of the kernels below this process, in megabytes."""
    below = psutil.Process().children(recursive=True)
    kernels = [process for process in below if "ipykernel_launcher" in " ".join(process.cmdline())]
    return sum(process.memory_info().rss for process in kernels) / MEGABYTE


def _heap(session: CDPSession) -> float:
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / MEGABYTE


def _second(browser: Browser, folder: Path) -> list[str]:
    took = {}
    for name, page_of in PAGES.items():
        notebook = alone(page_of, folder)
        with served(notebook, folder / f"{name}.log") as server, visited(browser, server, notebook) as first:
            press_until_answered(first)
            with visited(browser, server, notebook) as second:
                press_until_answered(second)
                took[name] = second.evaluate("benchmark.marks.answered") / 1000
    more = took["app"] - took["one slider"]
    measured = f"{took['app']:.2f} s against {took['one slider']:.2f} s"
    wanted = f"at most {SECOND_WANTED_SECONDS:g} s more than one slider"
    return ["second visitor right after the first", wanted, measured, _verdict(more <= SECOND_WANTED_SECONDS)]


def _verdict(is_reached: bool) -> str:
    return "reached" if is_reached else "**missed**"
