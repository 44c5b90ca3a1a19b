"""Goals: so much money on a day, and which come first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from planner.errors import InputError
from planner.household.accounts import Name
from planner.household.profile import MAXIMUM_MONEY
from planner.outlook.cash_flows import months_between
from planner.outlook.monthly_moments import MONTHS
from planner.validation import Document, Number, WholeNumber

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.market.moments import FloatArray
    from planner.outlook.cash_flows import Timeline

FIRST_YEAR, LAST_YEAR = 1900, 2300
LOWEST_PRIORITY = 9


class Goal(Document):
    """So much, in today's money and after taxes, on a date or at the end of a year.

    It is paid out where ``spent``, as far as the money goes, else only looked at. Priority 1 comes first: a goal takes
    nothing that later goals of higher priority need, beyond what is still put in until then and what the safe rate
    earns.
    """

    name: Name = Field(title="Name of the goal")
    amount: Number = Field(gt=0, le=MAXIMUM_MONEY, title="Amount of the goal")
    date: dt.date | None = Field(None, title="Day of the goal")
    year: WholeNumber | None = Field(None, ge=FIRST_YEAR, le=LAST_YEAR, title="Year of the goal")
    priority: WholeNumber = Field(1, ge=1, le=LOWEST_PRIORITY, title="Priority of the goal")
    spent: bool = Field(True, title="Whether the goal is paid out")

    @model_validator(mode="after")
    def _is_due_once(self) -> Goal:
        if (self.date is None) == (self.year is None):
            raise InputError(f"'{self.name}' needs a date or a year, and only one of the two.")
        return self

    @property
    def due(self) -> dt.date:
        """The day, the last of its year where only that is known."""
        return dt.date(self.year, 12, 31) if self.date is None else self.date  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Due:
    """A goal in a projection: its month, and in the money of that day its amount and what it leaves for others."""

    goal: Goal
    month: int
    amount: float
    reserve: float = 0.0


def goals_due(goals: Sequence[Goal], start: dt.date, timeline: Timeline, safe_rate: float) -> tuple[Due, ...]:
    """Goals in the order in which they are met: by month, then by priority.

    InputErrors name two goals of one name, and those outside the months.
    """
    names = [goal.name for goal in goals]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"There are two goals named '{twice}': give each a name of its own.")
    last = len(timeline.flow)
    dues = []
    for goal in goals:
        month = months_between(start, goal.due)
        if not 0 < month <= last:
            raise InputError(
                f"'{goal.name}' is due on {goal.due}, outside the {last / MONTHS:g} years from {start} on: move it or "
                "project more years."
            )
        dues.append(Due(goal, month, goal.amount * float(timeline.price[month])))
    dues.sort(key=lambda due: (due.month, due.goal.priority))
    return tuple(replace(due, reserve=_reserve(due, dues, timeline.flow, safe_rate)) for due in dues)


def _reserve(due: Due, dues: Sequence[Due], flow: FloatArray, safe_rate: float) -> float:
    """Money that a goal leaves for later ones of higher priority, from the last of them back to its own month."""
    first = [other for other in dues if other.month > due.month and other.goal.priority < due.goal.priority]
    need, month_of_safety = 0.0, (1 + safe_rate) ** (1 / MONTHS)
    for month in range(max((other.month for other in first), default=due.month), due.month, -1):
        for other in first:
            if other.month == month:
                need = need + other.amount if other.goal.spent else max(need, other.amount)
        need = max(need / month_of_safety - max(float(flow[month - 1]), 0.0), 0.0)
    return need
