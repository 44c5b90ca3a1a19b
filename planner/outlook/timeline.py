"""Cash flows laid out month by month from a day on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planner.outlook.monthly_moments import MONTHS

if TYPE_CHECKING:
    import datetime as dt

    from planner.household.cash_flows import CashFlows
    from planner.market.moments import FloatArray


@dataclass(frozen=True, eq=False)
class Timeline:
    """Cash flows month by month from a month-end on.

    ``price`` (months + 1,) is the price level, 1 at the start; ``flow`` (months,) what is put in (above 0) or taken out
    at the end of the month before, in the money of that day; retirement begins after ``working`` months.
    """

    price: FloatArray
    flow: FloatArray
    working: int

    @classmethod
    def of(cls, flows: CashFlows, start: dt.date, age: float, months: int) -> Timeline:
        """The cash flows of somebody of an age at the start."""
        working = _retirement(flows, start, age)
        pension_from = working if flows.pension_age is None else _months_until(flows.pension_age, age)
        passed = np.arange(months + 1) / MONTHS
        price = (1 + flows.inflation) ** passed
        month = np.arange(months)
        saved = flows.saving * (1 + flows.saving_growth) ** passed[:-1] * (month < working)
        spent = flows.spending * (month >= working)
        received = flows.pension * (month >= pension_from)
        return cls(price, price[:-1] * (saved + received - spent) / MONTHS, working)


def months_between(start: dt.date, end: dt.date) -> int:
    """Months from the end of one day's month to the end of another's."""
    return MONTHS * (end.year - start.year) + end.month - start.month


def _retirement(flows: CashFlows, start: dt.date, age: float) -> int:
    if flows.retirement_date is not None:
        return max(months_between(start, flows.retirement_date), 0)
    return 0 if flows.retirement_age is None else _months_until(flows.retirement_age, age)


def _months_until(later: float, age: float) -> int:
    return max(round(MONTHS * (later - age)), 0)
