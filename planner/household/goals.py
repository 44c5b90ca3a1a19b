"""Goals: so much money on a day, and which come first."""

from __future__ import annotations

import datetime as dt

from pydantic import Field, model_validator

from planner.errors import InputError
from planner.household.accounts import Name
from planner.household.profile import MAXIMUM_MONEY
from planner.validation import Document, Number, WholeNumber

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
