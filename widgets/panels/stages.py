"""Work in several parts, one after the other in turns with the page: how far it is, stop, and go on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import ipywidgets as w

from widgets import tables
from widgets.runner import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PATIENCE_SECONDS = 1.0
"""After which a progress bar is shown."""

STOPPED = "Stopped: what is not there yet is left out."


class Stage(NamedTuple):
    """A part of the work: what is said meanwhile, what is done, and what is shown then.

    ``work`` is given a function to call with the fraction done.
    """

    note: str
    work: Callable[[Callable[[float], None]], object]
    then: Callable[[], None]


class Stages(w.VBox):  # type: ignore[misc]
    """What is being done, with a bar and buttons; ``failed`` gets the error of a part, and the others are done."""

    def __init__(self, failed: Callable[[Exception], None]) -> None:
        self._failed = failed
        self._left: list[Stage] = []
        self._task: Task | None = None
        self._began = 0.0
        self.note = w.HTML()
        self.bar = w.FloatProgress(min=0, max=1, layout={"flex": "1 1 auto", "width": "auto"})
        self.stop = w.Button(description="Stop", icon="stop")
        self.again = w.Button(description="Go on", icon="play", layout={"display": "none"})
        self.running = w.HBox([self.bar, self.stop], layout={"display": "none"})
        self.stop.on_click(lambda _: self._rest(STOPPED))
        self.again.on_click(lambda _: self.go_on())
        super().__init__([self.note, self.running, self.again])

    def begin(self, stages: Iterable[Stage]) -> None:
        """Drop what was being done, and do these."""
        self._rest()
        self._left = list(stages)
        self.go_on()

    def go_on(self) -> None:
        """Do what is left, where it is not being done already."""
        if self._left and self._task is None:
            stage = self._left[0]
            self._rest(stage.note)
            self.bar.value, self._began = 0.0, time.monotonic()
            self._task = Task(
                stage.work,
                lambda _: self._done(stage, stage.then),
                lambda error: self._done(stage, lambda: self._failed(error)),
                self._progress,
            )

    def pause(self) -> None:
        """Do nothing until ``go_on``."""
        self._rest()

    def _done(self, stage: Stage, then: Callable[[], None]) -> None:
        self._left.remove(stage)
        self._rest()
        then()
        self.go_on()

    def _rest(self, note: str = "") -> None:
        if self._task is not None:
            self._task.stop()
        self._task = None
        self.running.layout.display = "none"
        self.again.layout.display = None if note == STOPPED else "none"
        self.note.value = tables.muted(note)

    def _progress(self, part: float) -> None:
        self.bar.value = part
        if time.monotonic() - self._began > PATIENCE_SECONDS:
            self.running.layout.display = None
