"""Grades that a service publishes of tokens and indices, at two looks."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

LARGEST_GRADE = 100.0


@dataclass(frozen=True, slots=True)
class Grades:
    """Grades from 0 (worst) to 100 by name of a token or index, at the look ``before`` and ``now``.

    ``since`` is the day of the earlier look, by name, where it is known. A name that has no earlier grade is left out
    of ``before``.
    """

    before: Mapping[str, float]
    now: Mapping[str, float]
    since: Mapping[str, dt.date] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that has a grade at either look, today's first."""
        return tuple(dict.fromkeys([*self.now, *self.before]))

    def to_csv(self) -> str:
        """A line a name: ``name``, ``grade_before`` and ``grade_now``, empty where there is none."""
        lines = [f"{name},{_cell(self.before, name)},{_cell(self.now, name)}" for name in self.names]
        return "\n".join(["name,grade_before,grade_now", *lines, ""])


def _cell(grades: Mapping[str, float], name: str) -> str:
    grade = grades.get(name, math.nan)
    return "" if math.isnan(grade) else f"{grade:g}"
