"""The plan in six figures that stay in view whatever tab is open."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, NamedTuple

import ipywidgets as w

from planner.wording import percent
from widgets.runner import AtRest, Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.outlook.projection import Projection
    from planner.scenario import Scenario
    from widgets.session import Session

SHOWN = ("expected_return", "volatility", "worst_year", "crypto_weight", "crypto_risk_share")
"""Of ``Plan.figures``."""
PATHS = 500
"""Random paths behind the chance: it is then known to within about four points. The Outlook tab follows more. Ours."""
CHANCE_SECONDS = 0.6
"""At rest before the chance is looked for: one step of a slider after the other does not wait for it. Ours."""
WAITING, UNKNOWN = "…", "–"
CHANCE = "Chance of the goal"


class Cell(NamedTuple):
    """A figure of the strip; one that is ``old`` belongs to the plan before."""

    label: str
    text: str
    meaning: str
    old: bool = False


FIRST_CHANCE = Cell(CHANCE, WAITING, "It is found once the page rests.")


class KeyStrip(w.HTML):  # type: ignore[misc]
    """Return, risk, worst year, crypto and the chance of the least likely aim, each with its meaning.

    The chance is found in turns with the page once nothing moves any more, and again for every change of the scenario.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.chance = FIRST_CHANCE
        self._at_rest = AtRest(CHANCE_SECONDS)
        self._task: Task | None = None
        self._of: Scenario | None = None
        super().__init__()
        self.add_class("pl-strip")
        session.observe(lambda _: self._changed(), ["plan", "scenario"])
        session.when_ready(self._changed)

    def _changed(self) -> None:
        plan = self.session.plan
        if plan is None:
            return
        self.chance = self.chance._replace(old=self._of != self.session.scenario)
        self._show()
        if self.chance.old:
            self._stop()
            self._at_rest.call(self._find)

    def _show(self) -> None:
        plan = self.session.plan
        figures = {each.name: each for each in plan.figures}
        cells = [Cell(figures[name].label, figures[name].text, figures[name].meaning) for name in SHOWN]
        name = escape(plan.scenario.name)
        shown = "".join(map(_cell, [*cells, self.chance]))
        self.value = f"<div class='pl-keys' role='list' aria-label='{name} in figures'>{shown}</div>"

    def _stop(self) -> None:
        """Leave the time to what moves: what is being found is no longer asked for."""
        if self._task is not None:
            self._task.stop()
            self._task = None

    def _find(self) -> None:
        self._stop()
        plan, scenario = self.session.plan, self.session.scenario
        if plan is None or self._of == scenario:
            return

        def work(step: Callable[[float], object]) -> Cell:
            from planner.outlook.projection import project

            newest = replace(plan, scenario=scenario)  # goals and cash flows may be newer than the plan
            return least_likely(project(newest, paths=PATHS, progress=step), scenario.profile.age)

        def found(cell: Cell) -> None:
            self._task, self._of, self.chance = None, scenario, cell
            self._show()

        self._task = Task(work, found, lambda _: found(Cell(CHANCE, UNKNOWN, CANNOT)), lambda _: None)


CANNOT = "It could not be found: the Outlook tab says what stands in the way."


def least_likely(found: Projection, age: int) -> Cell:
    """The aim that is missed most often: a goal, or that all spending is paid to the end."""
    aims = {f"'{name}'": float(chance) for name, chance in found.goal_table["probability"].items()}
    if found.lasts is not None:
        aims[f"all spending to the age of {age + found.years}"] = found.lasts.probability
    if not aims:
        return Cell(CHANCE, UNKNOWN, "No goal is stated and nothing is spent: see the Outlook tab.")
    name = min(aims, key=lambda each: aims[each])
    others = " The others are likelier." if len(aims) > 1 else ""
    meaning = f"Of {found.paths} random paths, those on which {name} is paid.{others}"
    return Cell(CHANCE, percent(aims[name], 0), meaning)


def _cell(cell: Cell) -> str:
    old = " pl-old" if cell.old else ""
    return (
        f"<div class='pl-key{old}' role='listitem' tabindex='0'><span>{escape(cell.label)}</span>"
        f"<b>{escape(cell.text)}</b><small>{escape(cell.meaning)}</small></div>"
    )
