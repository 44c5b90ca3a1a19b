"""How long the steps of a series of returns are."""

from __future__ import annotations

from enum import StrEnum

DAYS_A_YEAR = 365.25


class Step(StrEnum):
    """The time from one return to the next."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"

    @property
    def a_year(self) -> float:
        """Steps in a year."""
        return 12.0 if self is Step.MONTHLY else DAYS_A_YEAR / 7

    def spanning(self, months: int) -> int:
        """Steps in so many months, to the nearest whole one."""
        return round(months * self.a_year / 12)
