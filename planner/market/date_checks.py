"""The checks of a table's dates: gaps, dates that stand there twice, and those that are odd."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.market.history import DAYS_BETWEEN_PRICES
from planner.market.quality import Check, Content, QualityFinding
from planner.wording import count

WEEKENDS_ARE_ODD_BELOW = 0.1  # of the rows: a table of trading days with a few weekend dates in it; ours


def check_dates(days: pd.DatetimeIndex, content: Content) -> list[QualityFinding]:
    """What is wrong with the dates of a table; where some stand there twice or out of order, only that."""
    found = [
        _at(Check.DUPLICATE, True, f"{day:%Y-%m-%d} stands there twice. Keep one of the rows.", day)
        for day in days[days.duplicated()].unique()
    ]
    for row in np.flatnonzero(np.diff(days.to_numpy()) < np.timedelta64(0, "D"))[:1].tolist():
        day = days[row + 1]
        found.append(_at(Check.ORDER, True, f"{day:%Y-%m-%d} comes after a later date. Sort the rows.", day))
    if found:
        return found
    if content is Content.RETURNS:
        return [*_missing_months(days), *_odd_month_ends(days)]
    return [*_long_pauses(days), *_odd_weekends(days)]


def _missing_months(days: pd.DatetimeIndex) -> list[QualityFinding]:
    months = np.asarray(days.year * 12 + days.month)
    found = []
    for row in np.flatnonzero(np.diff(months) != 1).tolist():
        missing = months[row + 1] - months[row] - 1
        text = f"{count(missing, 'month')} missing before {days[row + 1]:%Y-%m-%d}. Add them or start after the gap."
        if missing < 0:
            text = f"{days[row + 1]:%Y-%m-%d} is the second row of its month. Give one row a month."
        found.append(_at(Check.GAP if missing > 0 else Check.DUPLICATE, True, text, days[row + 1]))
    return found


def _odd_month_ends(days: pd.DatetimeIndex) -> list[QualityFinding]:
    """Neither the calendar's last day of the month nor its last weekday."""
    last = days + pd.offsets.MonthEnd(0)
    last_weekday = days.to_period("M").to_timestamp() + pd.offsets.BMonthEnd(0)
    odd = days[(days != last) & (days != last_weekday)]
    return _once(odd, "not a month's last day nor its last weekday")


def _long_pauses(days: pd.DatetimeIndex) -> list[QualityFinding]:
    steps = np.diff(days.to_numpy()) // np.timedelta64(1, "D")
    if not len(steps) or np.median(steps) > DAYS_BETWEEN_PRICES:
        return []
    return [
        _at(Check.GAP, True, f"{steps[row]} days without a row before {days[row + 1]:%Y-%m-%d}.", days[row + 1])
        for row in np.flatnonzero(steps > DAYS_BETWEEN_PRICES).tolist()
    ]


def _odd_weekends(days: pd.DatetimeIndex) -> list[QualityFinding]:
    weekend = days[days.day_of_week >= 5]
    steps = np.diff(days.to_numpy()) // np.timedelta64(1, "D")
    monthly = len(steps) and np.median(steps) > DAYS_BETWEEN_PRICES
    if monthly or len(weekend) > WEEKENDS_ARE_ODD_BELOW * len(days):
        return []
    return _once(weekend, "on a weekend, in a table of trading days")


def _once(odd: pd.DatetimeIndex, what: str) -> list[QualityFinding]:
    """One finding for all dates of a kind."""
    if not len(odd):
        return []
    text = f"{count(len(odd), 'date')} {'is' if len(odd) == 1 else 'are'} {what}, first {odd[0]:%Y-%m-%d}."
    return [_at(Check.CALENDAR, False, text, odd[0])]


def _at(check: Check, hard: bool, sentence: str, day: pd.Timestamp) -> QualityFinding:
    return QualityFinding(check, hard, sentence, day=day.date())
