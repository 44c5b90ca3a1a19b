"""When goals fall due in a projection, and what each leaves for those that come first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from planner.errors import InputError
from planner.outlook.monthly_moments import MONTHS
from planner.outlook.timeline import months_between

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from planner.household.goals import Goal
    from planner.market.moments import FloatArray
    from planner.outlook.timeline import Timeline


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
