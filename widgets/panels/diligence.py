"""Questions to answer before money is sent to a venue, ticked off venue by venue."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as w
from traitlets import Dict

from planner.trading.venues import CHECKLIST
from widgets import tables, venue_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

MEANING = "Answer these for a venue, whatever its score. What you tick stays with that venue while the page is open."
QUESTIONS = tuple(question for questions in CHECKLIST.values() for question in questions)
STYLE = {"description_width": "90px"}


class DiligencePanel(w.VBox):  # type: ignore[misc]
    """The checklist for one venue at a time; ``answered`` holds the questions that are ticked, by venue."""

    answered = Dict()

    def __init__(self, names: Sequence[str]) -> None:
        self._showing_others = False
        self.venue = w.Dropdown(options=names, description="About", style=STYLE, layout={"max_width": "100%"})
        self.boxes = {question: _box(question) for question in QUESTIONS}
        self.said = w.HTML()
        for question, box in self.boxes.items():
            box.observe(partial(self._ticked, question), "value")
        self.venue.observe(lambda _: self._show(), "value")
        self.observe(lambda _: self._show(), "answered")
        groups = [
            w.VBox([w.HTML(f"<h3>{subject}</h3>"), *(self.boxes[question] for question in questions)])
            for subject, questions in CHECKLIST.items()
        ]
        body = w.VBox(groups)
        body.add_class("pl-two")
        title = w.HTML(tables.heading("Before you send money", MEANING))
        super().__init__([title, self.venue, self.said, body])
        self.add_class("pl-card")
        self._show()

    def offer(self, names: Sequence[str]) -> None:
        """Let these venues be chosen."""
        if tuple(names) != tuple(self.venue.options):
            chosen = self.venue.value
            self.venue.options = names
            self.venue.value = chosen if chosen in names else next(iter(names), None)

    def _ticked(self, question: str, change: Any) -> None:
        if self._showing_others or self.venue.value is None:
            return
        ticks = {*self.answered.get(self.venue.value, ()), question} - (set() if change.new else {question})
        self.answered = {**self.answered, self.venue.value: tuple(one for one in QUESTIONS if one in ticks)}

    def _show(self) -> None:
        name = self.venue.value
        ticks = self.answered.get(name, ())
        self._showing_others = True
        try:
            for question, box in self.boxes.items():
                box.value = question in ticks
                box.disabled = name is None
        finally:
            self._showing_others = False
        self.said.value = venue_tables.ticked(len(ticks), len(QUESTIONS), name) if name else ""


def _box(question: str) -> Any:
    box = w.Checkbox(False, description=question, indent=False, layout={"width": "auto"})
    box.add_class("pl-question")
    return box
