"""What a published grade of something held has done since the last look."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from planner.errors import InputError
from planner.outlook.alerts import Alert, AlertKind, Severity
from planner.wording import points

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LARGEST_GRADE = 100.0
POINTS_TO_NOTICE = 10.0
"""How many of a hundred points a grade moves before it is an alert. Ours."""


def grade_alerts(
    before: Mapping[str, float], now: Mapping[str, float], held: Iterable[str], threshold: float = POINTS_TO_NOTICE
) -> tuple[Alert, ...]:
    """Tokens or indices held whose grade, 0 to 100, moved by ``threshold`` points or more; a rise is information.

    ``number`` is the move in points. A grade that is no longer given is a warning whose ``number`` is NaN; one that is
    given for the first time is nothing. Raises InputError for a grade outside its scale or a threshold of 0 or less.
    """
    if not 0 < threshold <= LARGEST_GRADE:
        raise InputError(
            f"The threshold of a grade's move is {threshold:g} points: it must be more than 0, at most 100."
        )
    found = []
    for name in dict.fromkeys(held):
        old, new = _grade(before, name), _grade(now, name)
        if math.isnan(old):
            continue
        move = new - old
        if math.isnan(move):
            sentence = f"{name}: no grade any more; it was {points(old)} of 100."
            found.append(Alert(AlertKind.GRADE, name, Severity.WARNING, sentence, math.nan, threshold))
        elif abs(move) >= threshold:
            way, severity = ("fell", Severity.WARNING) if move < 0 else ("rose", Severity.INFORMATION)
            sentence = f"{name}: its grade {way} from {points(old)} to {points(new)} of 100."
            found.append(Alert(AlertKind.GRADE, name, severity, sentence, move, threshold))
    return tuple(found)


def _grade(grades: Mapping[str, float], name: str) -> float:
    grade = float(grades.get(name, math.nan))
    if not (math.isnan(grade) or 0 <= grade <= LARGEST_GRADE):
        raise InputError(f"The grade of {name} is {grade:g}: it must lie between 0 and 100.")
    return grade
