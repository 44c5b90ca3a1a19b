"""How often one looks at something that was agreed."""

from __future__ import annotations

import calendar
import datetime as dt
from enum import StrEnum


class Frequency(StrEnum):
    """How often one looks."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    SEMI_ANNUALLY = "twice a year"
    ANNUALLY = "yearly"

    @property
    def months(self) -> int:
        """Months from one look to the next."""
        return {Frequency.MONTHLY: 1, Frequency.QUARTERLY: 3, Frequency.SEMI_ANNUALLY: 6, Frequency.ANNUALLY: 12}[self]

    def after(self, day: dt.date) -> dt.date:
        """The same day of the month that many months later, or the last one of a shorter month.

        The last day of a month leads to the last day of another.
        """
        years, month = divmod(day.month - 1 + self.months, 12)
        last = calendar.monthrange(day.year + years, month + 1)[1]
        at_the_end = day.day == calendar.monthrange(day.year, day.month)[1]
        return dt.date(day.year + years, month + 1, last if at_the_end else min(day.day, last))
