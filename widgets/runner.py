"""Running the planner for a page: heavy libraries in the background, errors as sentences."""

from __future__ import annotations

import asyncio
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING

from IPython import get_ipython

from planner.errors import PlannerError
from widgets.log import log

if TYPE_CHECKING:
    from collections.abc import Callable

HEAVY = ("planner.planning", "sklearn.covariance", "cvxpy")
"""What a plan needs and takes seconds to import; everything before the first slider does without."""

UNEXPECTED = "Something went wrong that should not have. The figures shown are the last good ones; the log says what."


def sentence_for(error: Exception) -> str:
    """What a reader is told about an error; anything but a PlannerError goes to the log with its traceback."""
    if isinstance(error, PlannerError):
        return str(error)
    log.exception("A plan could not be made", exc_info=error)
    return UNEXPECTED


def when_loaded(then: Callable[[], None]) -> None:
    """Call ``then`` once the heavy libraries are in memory: in the background in a kernel, at once elsewhere.

    The thread only imports; ``then`` runs in the kernel's own event loop, between two messages. Solving in the thread
    would compete with the sliders for the interpreter.
    """
    if getattr(get_ipython(), "kernel", None) is None:
        _load()
        then()
        return
    loop = asyncio.get_running_loop()

    def work() -> None:
        _load()
        loop.call_soon_threadsafe(then)

    thread = Thread(target=work, name="planner-imports", daemon=True)
    loop.call_soon(thread.start)  # once the page's cell is through, which should not share the interpreter


def _load() -> None:
    for name in HEAVY:
        import_module(name)
