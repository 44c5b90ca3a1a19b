"""Grades that a service publishes of tokens and indices, at two looks."""

from __future__ import annotations

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
