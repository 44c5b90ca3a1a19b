"""Backwards: what saving, retirement or spending would make a goal likely enough."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.errors import PlannerError
from planner.outlook.solve_back import DEFAULT_PROBABILITY, Lever, Reached, solve_back
from widgets import tables
from widgets.runner import Task, sentence_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.outlook.projection import Projection
    from widgets.session import Session

STYLE = {"description_width": "150px"}
EVERYTHING = "all spending to the end"
MEANING = "One thing at a time is moved, on the same paths, until the chance is high enough. Everything else stays."
LABELS = {Lever.SAVING: "Save more", Lever.RETIREMENT: "Retire later", Lever.SPENDING: "Spend less"}
OLD = "The plan has changed since: ask again."
STOPPED = "Stopped before everything was found."


class BackwardsPanel(w.VBox):  # type: ignore[misc]
    """What would have to change, for all spending or a goal; each answer can be taken into the scenario."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._made: Projection | None = None
        self._task: Task | None = None
        self.aim = w.Dropdown(options=[EVERYTHING], description="So that it pays for", style=STYLE)
        self.chance = w.IntSlider(
            round(100 * DEFAULT_PROBABILITY),
            min=50,
            max=99,
            description="with a chance of, %",
            style=STYLE,
            continuous_update=False,
        )
        self.ask = w.Button(description="Find what would do it", icon="search")
        self.ask.add_class("pl-wide-button")
        self.bar = w.FloatProgress(min=0, max=1, layout={"flex": "1 1 auto", "width": "auto"})
        self.stop = w.Button(description="Stop", icon="stop")
        self.running = w.HBox([self.bar, self.stop], layout={"display": "none"})
        self.answers, self.said = w.VBox(), w.HTML()
        self.ask.on_click(lambda _: self._find())
        self.stop.on_click(lambda _: self._stopped())
        for control in (self.aim, self.chance):
            control.observe(lambda _: self._outdated(), "value")
        inputs = w.VBox([self.aim, self.chance, self.ask])
        inputs.add_class("pl-inputs")
        title = w.HTML(tables.heading("What would have to change", MEANING))
        super().__init__([title, inputs, self.running, self.said, self.answers])
        self.add_class("pl-card")

    def show(self, made: Projection) -> None:
        """Follow another projection: what was found for the one before is out of date."""
        self._made = made
        names = [EVERYTHING, *(due.goal.name for due in made.terms.dues)]
        if list(self.aim.options) != names:
            self.aim.options = names
        self._outdated()

    def drop(self) -> None:
        """Look for nothing any more."""
        if self._task is not None:
            self._task.stop()
            self._task = None
        self.running.layout.display = "none"

    def _outdated(self) -> None:
        self.drop()
        if self.answers.children:
            self.answers.children = ()
            self.said.value = tables.muted(OLD)

    def _stopped(self) -> None:
        self.drop()
        self.said.value = tables.muted(STOPPED)

    def _find(self) -> None:
        if self._made is None:
            return
        self.drop()
        self.answers.children, self.said.value = (), ""
        self.bar.value, self.running.layout.display = 0.0, None
        made, goal = self._made, None if self.aim.value == EVERYTHING else self.aim.value
        self._task = Task(
            lambda tell: _solve_all(made, goal, self.chance.value / 100, tell),
            self._found,
            self._failed,
            lambda part: setattr(self.bar, "value", part),
        )

    def _found(self, answers: list[tuple[Lever, Any]]) -> None:
        self.running.layout.display = "none"
        self.answers.children = tuple(self._answer(lever, answer) for lever, answer in answers)

    def _failed(self, error: Exception) -> None:
        self.running.layout.display = "none"
        self.said.value = tables.blockers([sentence_for(error)])

    def _answer(self, lever: Lever, answer: Any) -> w.Widget:
        said = answer if isinstance(answer, str) else answer.sentence
        text = w.HTML(f"<b>{LABELS[lever]}</b><br>{tables.text(said)}")
        if not isinstance(answer, Reached):
            return text
        take = w.Button(description="Take it", tooltip=said)
        take.on_click(lambda _: self.session.change(cash_flows=answer.flows))
        row = w.VBox([text, take])
        row.add_class("pl-answer")
        return row


def _tell(tell: Callable[[float], None], place: int, part: float) -> None:
    tell((place + part) / len(LABELS))


def _solve_all(
    made: Projection, goal: str | None, probability: float, tell: Callable[[float], None]
) -> list[tuple[Lever, Any]]:
    """An answer for each lever, or the sentence that says why there is none."""
    answers: list[tuple[Lever, Any]] = []
    for place, lever in enumerate(LABELS):
        try:
            found = solve_back(made, lever, goal, probability, partial(_tell, tell, place))
        except PlannerError as error:
            answers.append((lever, str(error)))
        else:
            answers.append((lever, found))
    return answers
