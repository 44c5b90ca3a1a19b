"""From navigation to a slider that answers: the app against a page with one slider, from the same server and template.

*Interactive*: a real key press on the page's first slider has moved it and the kernel has sent the new value back.
*Cold*: a server started for this one visit, no kernel running, nothing in the browser's cache. *Preheated*: the same
with one kernel of the notebook kept ready (``planner app --warm-kernels 1``).
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.conftest import served

from .pages import APP, ONE_SLIDER, alone, chromium, visited
from .table import table

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    Marks = dict[str, float]

VISITS = 5
PAGES = {"one slider": ONE_SLIDER, "app": APP}
COLD, PREHEATED = "cold", "preheated"
WANTED_SECONDS = {COLD: 1.0, PREHEATED: 0.3}
"""How much longer than the page with one slider the app may take."""

WARM_KERNELS = {COLD: 0, PREHEATED: 1}
POOL_FILLED = "is filled with 1 kernel"
FILL_SECONDS = 60
SETTLE_SECONDS = 12
"""After Voila says that the pool is filled, the app's kernel waits for a page, and then imports in the background."""

LOAD_SECONDS = 90
PRESS_EVERY_MILLISECONDS = 20
ANSWERED = "benchmark: answered"
MARKS = {
    "slider": "slider visible",
    "moved": "moves when a key is pressed",
    "answered": "interactive: kernel answers",
    "charts": "all charts show the plan",
}


def report() -> str:
    """A table with a row for each moment and what the app takes more than the page with one slider."""
    seen: dict[tuple[str, str], list[Marks]] = {(name, heat): [] for heat in WARM_KERNELS for name in PAGES}
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        copies = {name: alone(notebook, Path(folder)) for name, notebook in PAGES.items()}
        for name, notebook in copies.items():
            _visit(browser, notebook, COLD, Path(folder) / f"{name}.log")  # not counted: fills the disk's cache
        for number in range(VISITS):
            for heat in WARM_KERNELS:
                for name in list(copies)[:: 1 if number % 2 else -1]:
                    seen[name, heat].append(_visit(browser, copies[name], heat, Path(folder) / f"{name}.log"))
    medians = {place: _medians(visits) for place, visits in seen.items()}
    lines = [
        f"### From navigation to the first slider ({VISITS} visits each, alternating; medians, s)",
        _table(medians),
    ]
    for heat, wanted in WANTED_SECONDS.items():
        more = medians["app", heat]["answered"] - medians["one slider", heat]["answered"]
        verdict = "reached" if more <= wanted else "missed"
        lines.append(f"{heat}: the app takes {more:.2f} s more; at most {wanted} s wanted: {verdict}.")
    return "\n\n".join(lines)


def _visit(browser: Browser, notebook: Path, heat: str, log: Path) -> Marks:
    with served(notebook, log, WARM_KERNELS[heat]) as server:
        if heat == PREHEATED:
            _wait_for_pool(log)
        with visited(browser, server, notebook) as page:
            press_until_answered(page)
            if notebook.stem == APP.stem:
                page.wait_for_function("benchmark.marks.charts !== undefined")
            return dict(page.evaluate("benchmark.marks"))


def _wait_for_pool(log: Path) -> None:
    until = time.monotonic() + FILL_SECONDS
    while POOL_FILLED not in log.read_text(errors="replace"):
        if time.monotonic() > until:
            raise RuntimeError(f"no kernel was kept ready:\n{log.read_text()}")
        time.sleep(0.1)
    time.sleep(SETTLE_SECONDS)


def press_until_answered(page: Page) -> None:
    """Press like somebody who cannot wait; page.js gives the slider the focus as soon as it is there.

    Nothing is asked of the page meanwhile: each question would wait for whatever keeps the page busy.
    """
    until = time.monotonic() + LOAD_SECONDS
    answers: list[str] = []
    page.on("console", lambda message: answers.append(message.text))
    while ANSWERED not in answers:
        if time.monotonic() > until:
            raise RuntimeError("the page's first slider did not answer")
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(PRESS_EVERY_MILLISECONDS)


def _medians(visits: list[Marks]) -> Marks:
    return {
        mark: statistics.median(visit[mark] for visit in visits) / 1000
        for mark in MARKS
        if all(mark in visit for visit in visits)
    }


def _table(medians: dict[tuple[str, str], Marks]) -> str:
    header = ["", *(f"{name}, {heat}" for heat in WARM_KERNELS for name in PAGES)]
    header += [f"more, {heat}" for heat in WARM_KERNELS]
    rows = []
    for mark, words in MARKS.items():
        cells = [medians[name, heat].get(mark) for heat in WARM_KERNELS for name in PAGES]
        more = [_more(cells[2 * place], cells[2 * place + 1]) for place in range(len(WARM_KERNELS))]
        rows.append([words, *("-" if cell is None else f"{cell:.2f}" for cell in (*cells, *more))])
    return table(header, rows)


def _more(one_slider: float | None, app: float | None) -> float | None:
    return None if one_slider is None or app is None else app - one_slider
