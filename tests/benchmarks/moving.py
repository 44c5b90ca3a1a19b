"""From a key press on one of the app's sliders to the last chart that is repainted because of it.

The time runs from the key event's own time stamp to the first frame after the last drawing of the move; each move
waits until the page has been quiet for a while.
"""

from __future__ import annotations

import statistics
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.conftest import served

from .pages import APP, alone, chromium, visited
from .table import table
from .timing import percentile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

MOVES = 30
WARM_UP = 5
WANTED_MEDIAN, WANTED_LATE = 60, 120
"""Milliseconds on screen for half of the moves, and for nineteen in twenty. Source: issue 8 of the project's plan."""
QUIET_MILLISECONDS = 300
"""A move is over when nothing has been drawn for this long; drawing takes far less."""
LOOK_MILLISECONDS = 50
"""Between two looks whether a move is over: one at every frame would make the page draw frames all the time."""


@dataclass(frozen=True)
class Slider:
    """A slider of the app, the key that moves it, and after how many moves it has to turn round."""

    name: str
    handle: str
    key: str = "ArrowRight"
    turns_after: int = WARM_UP + MOVES


# The crypto target changes every chart; the others leave what they do not concern as it is.
CRYPTO = Slider("crypto target", ".pl-target-crypto .noUi-handle", "ArrowLeft")
SLIDERS = (
    CRYPTO,
    Slider("equities target", ".pl-target-equities .noUi-handle"),
    Slider("age", ".widget-slider:has(label:text-is('Age')) .noUi-handle"),
    Slider("crypto falls by", ".widget-slider:has(label:text-is('Crypto falls by, %')) .noUi-handle", turns_after=8),
)
OPTIMISING = ("Mean-variance around them", "Risk budget")
"""Methods of the app under which a move is an optimisation; it starts with the targets as they are."""

BACK = {"ArrowLeft": "ArrowRight", "ArrowRight": "ArrowLeft"}

OVER = """quiet => {
    const { pressed, drawn, painted } = benchmark.moves;
    return performance.now() - Math.max(pressed, drawn) > quiet && painted >= drawn;
}"""
TAKEN = """() => {
    const { pressed, drawn, painted, charts } = benchmark.moves;
    return { drawn: drawn - pressed, painted: painted - pressed, charts: charts.size };
}"""


def report() -> str:
    """A row for each slider, then the target under each method that optimises."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        notebook = alone(APP, Path(folder))
        with served(notebook, Path(folder) / "app.log") as server:
            rows = []
            with _opened(browser, server, notebook) as page:
                charts = page.locator(".live-chart").count()
                moved = {slider.name: _moves(page, slider) for slider in SLIDERS}
                rows += [_row(name, moves, charts) for name, moves in moved.items()]
            for method in OPTIMISING:
                with _opened(browser, server, notebook) as page:
                    page.get_by_label(method).check()
                    rows.append(_row(f"{CRYPTO.name}, {method.lower()}", _moves(page, CRYPTO), charts))
    header = ["slider", "charts repainted", "drawn, median", "on screen, median", "on screen, 95 %", "moves"]
    title = f"### From key press to repainted charts ({MOVES} moves, ms)"
    return f"{title}\n\n{table(header, rows)}\n\n{_verdict(moved[CRYPTO.name])}"


@contextmanager
def _opened(browser: Browser, server: str, notebook: Path) -> Iterator[Page]:
    with visited(browser, server, notebook) as page:
        page.wait_for_function("benchmark.marks.charts !== undefined")
        yield page


def _moves(page: Page, slider: Slider) -> list[dict[str, float]]:
    page.locator(slider.handle).focus()
    taken = []
    for number in range(WARM_UP + MOVES):
        page.keyboard.press(BACK[slider.key] if number // slider.turns_after % 2 else slider.key)
        page.wait_for_function(OVER, arg=QUIET_MILLISECONDS, polling=LOOK_MILLISECONDS)
        taken.append(page.evaluate(TAKEN))
    return taken[WARM_UP:]


def _verdict(moves: list[dict[str, float]]) -> str:
    painted = [move["painted"] for move in moves if move["charts"]]
    is_reached = statistics.median(painted) <= WANTED_MEDIAN and percentile(painted, 0.95) <= WANTED_LATE
    wanted = f"a median of {WANTED_MEDIAN} ms and {WANTED_LATE} ms for 95 % wanted"
    return f"{CRYPTO.name}: {wanted}: {'reached' if is_reached else 'missed'}."


def _row(name: str, moves: list[dict[str, float]], charts: int) -> list[str]:
    repainted = [move for move in moves if move["charts"]]
    if not repainted:
        return [name, f"0 of {charts}", "-", "-", "-", f"0 of {len(moves)}"]
    painted = [move["painted"] for move in repainted]
    return [
        name,
        f"{statistics.median(move['charts'] for move in repainted):.0f} of {charts}",
        f"{statistics.median(move['drawn'] for move in repainted):.0f}",
        f"{statistics.median(painted):.0f}",
        f"{percentile(painted, 0.95):.0f}",
        f"{len(repainted)} of {len(moves)}",
    ]
