"""Running the planner for a page: heavy libraries in the background, errors as sentences."""

from __future__ import annotations

import asyncio
import time
from importlib import import_module
from threading import Semaphore, Thread
from typing import TYPE_CHECKING, Any

from IPython import get_ipython

from planner.errors import PlannerError
from widgets.log import logged

if TYPE_CHECKING:
    from collections.abc import Callable

HEAVY = ("planner.planning", "sklearn.covariance", "cvxpy")
"""What a plan needs and takes seconds to import; everything before the first slider does without."""

PATIENCE_SECONDS = 4.0
"""Longer than a page takes to be built. A kernel that is kept warm has no page, and one is to find it ready. Ours."""

TURN_SECONDS, PAUSE_SECONDS = 0.02, 0.001
"""A turn is no longer than a plan; the pause lets the page's messages in."""
REST_SECONDS = 0.2
"""Longer than between two moves of a slider that is being dragged."""
SOON_SECONDS = 0.01
"""Long enough for what was sent to leave the kernel, which shares its interpreter with what it does next."""

UNEXPECTED = "Something went wrong that should not have. The figures shown are the last good ones."


def sentence_for(error: Exception) -> str:
    """What a reader is told about an error; anything but a PlannerError goes to the log, under the code told here."""
    if isinstance(error, PlannerError):
        return str(error)
    code = logged("What the page was asked for could not be done", error)
    return f"{UNEXPECTED} The log explains the code {code}."


def when_loaded(then: Callable[[], None]) -> Callable[[], object]:
    """Call ``then`` once the heavy libraries are in memory: in the background in a kernel, at once elsewhere.

    Returns what to call as soon as the page is there; without that the loading begins after ``PATIENCE_SECONDS``.
    Until then the libraries would take a processor, and the kernel's interpreter, from the page that is being built.
    The thread only imports; ``then`` runs in the kernel's own event loop, between two messages. Solving in the thread
    would compete with the sliders for the interpreter.
    """
    if not _in_kernel():
        _load()
        then()
        return lambda: None
    loop = asyncio.get_running_loop()

    def work() -> None:
        _load()
        loop.call_soon_threadsafe(then)

    thread = Thread(target=work, name="planner-imports", daemon=True)

    def begin() -> None:
        if thread.ident is None:
            thread.start()

    loop.call_later(PATIENCE_SECONDS, begin)
    return lambda: loop.call_soon(begin)  # not while a cell runs, which should not share the interpreter


class Stopped(Exception):  # noqa: N818 - not an error: somebody asked for it
    """Raised inside a calculation that is no longer wanted."""


class Task:
    """A calculation that takes turns with the page, so that the page answers, shows how far it is, and can stop it.

    ``work`` is given a function to call with the fraction done; ``then`` gets what it returns, ``failed`` what it
    raises, ``progress`` the fraction after each turn. In a kernel the work has a thread of its own, which runs only
    while the event loop waits for it: solvers are never used by two at a time. Elsewhere it is done at once.
    """

    def __init__(
        self,
        work: Callable[[Callable[[float], None]], Any],
        then: Callable[[Any], None],
        failed: Callable[[Exception], None],
        progress: Callable[[float], None],
    ) -> None:
        self._work, self._then, self._failed, self._progress = work, then, failed, progress
        self._may_run, self._has_run = Semaphore(0), Semaphore(0)
        self._done, self._stopped, self._fraction, self._until = False, False, 0.0, 0.0
        self._result: Any = None
        self._error: Exception | None = None
        if not _in_kernel():
            self._until = float("inf")
            self._run()
            self._finish()
            return
        self._thread = Thread(target=self._in_turns, name="planner-task", daemon=True)
        self._thread.start()
        self._turn()

    def stop(self) -> None:
        """Drop the work; nothing is heard of it again."""
        if not self._done:
            self._stopped = True
            self._give_turn()

    def _turn(self) -> None:
        if self._stopped:
            return
        self._give_turn()
        if self._done:
            self._finish()
        else:
            self._progress(self._fraction)
            asyncio.get_running_loop().call_later(PAUSE_SECONDS, self._turn)

    def _give_turn(self) -> None:
        self._until = time.monotonic() + TURN_SECONDS
        self._may_run.release()
        self._has_run.acquire()

    def _finish(self) -> None:
        if self._error is None:
            self._then(self._result)
        else:
            self._failed(self._error)

    def _in_turns(self) -> None:
        self._may_run.acquire()
        self._run()
        self._has_run.release()

    def _run(self) -> None:
        try:
            self._result = self._work(self._step)
        except Exception as error:  # noqa: BLE001 - handed over to ``failed``
            self._error = error
        self._done = True

    def _step(self, fraction: float) -> None:
        self._fraction = fraction
        if time.monotonic() >= self._until:
            self._has_run.release()
            self._may_run.acquire()
        if self._stopped:
            raise Stopped


class AtRest:
    """Calls something once nothing more was to be called for some seconds: the last of many; elsewhere at once."""

    def __init__(self, seconds: float = REST_SECONDS) -> None:
        self._seconds = seconds
        self._waiting: asyncio.TimerHandle | None = None

    def call(self, then: Callable[[], None]) -> None:
        """Call ``then`` at rest, and drop what was to be called before."""
        self.drop()
        if _in_kernel():
            self._waiting = asyncio.get_running_loop().call_later(self._seconds, then)
        else:
            then()

    def drop(self) -> None:
        """Call nothing after all."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None


def _in_kernel() -> bool:
    return getattr(get_ipython(), "kernel", None) is not None


def _load() -> None:
    for name in HEAVY:
        import_module(name)
