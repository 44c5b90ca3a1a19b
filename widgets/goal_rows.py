"""Goals as rows of a table of inputs, and back."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from planner.errors import InputError
from planner.household.goals import LOWEST_PRIORITY, Goal
from widgets.table_editor import YES, CellError, Column, ColumnKind, Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NTH = {1: "first", 2: "second", 3: "third"}
COLUMNS = (
    Column("name", "Goal", example="College"),
    Column("amount", "Today's money, $", ColumnKind.NUMBER, example="100,000"),
    Column("when", "Year or day", example="2040"),
    Column(
        "priority",
        "Comes",
        ColumnKind.CHOICE,
        tuple((str(number), NTH.get(number, f"{number}th")) for number in range(1, LOWEST_PRIORITY + 1)),
    ),
    Column("spent", "Paid out", ColumnKind.FLAG),
)
BLANK = ["", "", "", "1", YES]
YEAR_DIGITS = 4


def rows_of(goals: Iterable[Goal]) -> Rows:
    """A row a goal, and an empty one where there is none."""
    rows = [
        [
            goal.name,
            f"{goal.amount:,.15g}",
            str(goal.date or goal.year),
            str(goal.priority),
            YES if goal.spent else "",
        ]
        for goal in goals
    ]
    return rows or [list(BLANK)]


def goals_of(rows: Sequence[Sequence[str]]) -> tuple[Goal, ...] | tuple[CellError, ...]:
    """The goals of the rows, empty ones left out; or what is wrong, by row and column."""
    goals: list[Goal] = []
    errors: list[CellError] = []
    for place, row in enumerate(rows):
        if not any(cell.strip() for cell in row[:3]):
            continue
        found = _goal(place, row)
        if isinstance(found, CellError):
            errors.append(found)
        elif any(goal.name == found.name for goal in goals):
            errors.append(CellError(f"There are two goals named '{found.name}': rename one.", place, "name"))
        else:
            goals.append(found)
    return tuple(errors) if errors else tuple(goals)


def _goal(place: int, row: Sequence[str]) -> Goal | CellError:
    name, amount, when, priority, spent = (cell.strip() for cell in row)
    if not name:
        return CellError("Give the goal a name.", place, "name")
    try:
        number = float(amount.replace(",", "").removeprefix("$"))
    except ValueError:
        return CellError(f"'{name}': say how much, as 100,000.", place, "amount")
    try:
        day = (
            {"year": int(when)}
            if when.isdigit() and len(when) == YEAR_DIGITS
            else {"date": dt.date.fromisoformat(when)}
        )
    except ValueError:
        return CellError(f"'{name}': say when, as 2040 or 2040-06-30.", place, "when")
    try:
        return Goal(name=name, amount=number, priority=int(priority or 1), spent=spent == YES, **day)
    except InputError as error:
        return CellError(str(error), place)
