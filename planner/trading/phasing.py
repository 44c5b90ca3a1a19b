"""Phasing an amount in over months, and what that did against investing it at once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.household.accounts import MOST_MONEY
from planner.market.universe import CASH
from planner.trading.orders import CENT
from planner.wording import count, money, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

DEFAULT_MONTHS = 4
"""domain.md section 8: three to six months, of which the middle, in whole months."""

MOST_MONTHS = 24
HORIZON_MONTHS = 12
"""Over a year both ways have long been invested, and what differs is how they got there. Ours."""

SUM_TOLERANCE = 1e-6

NO_DIFFERENCE = 1e-9
"""Less of 1 invested is what rounding leaves of two equal ends."""


@dataclass(frozen=True, eq=False)
class Schedule:
    """What to buy month by month.

    ``table`` has a row a month, numbered from 1, with the day, one column of money for each asset, their ``total``,
    what is invested so far (``cumulative``) and what still ``waits``; cents add up to the amount exactly.
    """

    amount: float
    assets: tuple[str, ...]
    table: pd.DataFrame

    @property
    def sentence(self) -> str:
        """The schedule in words."""
        first = self.table["total"].iloc[0]
        return f"{money(self.amount)} in {count(len(self.table), 'monthly step')} of about {money(first)}."

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.sentence)}</p>{self.table.to_html(float_format='{:,.2f}'.format)}"


def phase_in(
    amount: float, weights: Mapping[str, float], months: int = DEFAULT_MONTHS, start: dt.date | None = None
) -> Schedule:
    """Divide an amount into equal monthly purchases of assets or indices (dollar-cost averaging).

    ``amount`` is in currency, ``weights`` sum to 1, ``months`` is 1 to 24, ``start`` the day of the first purchase (a
    later one falls on the same day of its month). Anything else is an InputError. Source: domain.md section 8.
    """
    if not CENT <= amount <= MOST_MONEY:
        raise InputError(f"The amount to phase in is {amount:g}: give a positive amount of money, up to a trillion.")
    shares = _checked_weights(weights)
    _check_months(months, MOST_MONTHS)
    cents = round(100 * amount)
    ends = [round(cents * month / months) for month in range(months + 1)]
    rows = [_shared_out(later - earlier, shares) for earlier, later in pairwise(ends)]
    table = pd.DataFrame(rows, columns=list(weights), index=pd.RangeIndex(1, months + 1, name="month")) / 100
    total = table.sum(axis=1).round(2)
    days = [] if start is None else _days(start, months)
    table = table.assign(total=total, cumulative=total.cumsum().round(2))
    table = table.assign(waits=(cents / 100 - table["cumulative"]).round(2))
    if days:
        table.insert(0, "day", days)
    return Schedule(cents / 100, tuple(weights), table)


@dataclass(frozen=True, eq=False)
class PhasingHistory:
    """What 1 became in each stretch of history, invested at once and phased in.

    ``table`` has a row for the month-end before each start: ``at_once`` and ``phased`` are the values after
    ``horizon_months``, ``difference`` the first less the second, ``at_once_low`` and ``phased_low`` the lowest
    month-end values on the way.
    """

    months: int
    horizon_months: int
    table: pd.DataFrame

    @cached_property
    def at_once_better(self) -> float:
        """Share of the starts from which investing at once ended higher."""
        return float((self.table["difference"] > NO_DIFFERENCE).mean())

    @property
    def sentences(self) -> tuple[str, ...]:
        """How often, by how much, and the worst case of each."""
        table = self.table
        mean, median = _ahead(table["difference"].mean()), _ahead(table["difference"].median())
        span = count(self.horizon_months, "month")
        return (
            f"From {count(len(table), 'start')}, all at once ended higher {percent(self.at_once_better, 0)} of the "
            f"time, on average {mean} after {span} (median: {median}).",
            f"The worst {span} lost {self._loss('at_once')} invested at once, and {self._loss('phased')} phased in "
            f"over {count(self.months, 'month')}.",
            f"On the way the deepest losses were {self._loss('at_once_low')} and {self._loss('phased_low')}.",
            self._regret,
            "The starts overlap, so that they are far fewer independent trials than they look.",
        )

    @property
    def _regret(self) -> str:
        start, gained = self.table["difference"].idxmin(), -self.table["difference"].min()
        if gained <= NO_DIFFERENCE:
            return "Phasing in never ended higher."
        return f"Phasing in helped most from the end of {start:%B %Y}: {percent(gained)} of the amount."

    def _loss(self, column: str) -> str:
        start, lowest = self.table[column].idxmin(), self.table[column].min()
        return f"{percent(max(1 - lowest, 0.0))} (from the end of {start:%B %Y})"

    def _repr_html_(self) -> str:
        return "".join(f"<p>{escape(sentence)}</p>" for sentence in self.sentences)


def phased_against_at_once(
    returns: pd.DataFrame,
    weights: Mapping[str, float],
    months: int = DEFAULT_MONTHS,
    horizon_months: int = HORIZON_MONTHS,
    waiting: str = CASH,
) -> PhasingHistory:
    """Hold investing in equal monthly parts against investing at once, from every month of a history.

    ``returns`` (T, n) are monthly and complete; ``weights`` name some of its columns and sum to 1, and the invested
    part is brought back to them every month. What waits earns the column ``waiting``; the first part is invested at the
    start and the last takes with it what was earned. Before costs and taxes. Weights that do not sum to 1, gaps, and a
    history shorter than the horizon are InputErrors.
    """
    shares = _checked_weights(weights)
    _check_months(months, min(MOST_MONTHS, horizon_months))
    for name in (*weights, waiting):
        if name not in returns.columns:
            raise InputError(f"There are no returns of '{name}'. There are those of {', '.join(map(str, returns))}.")
    needed = returns[[*dict.fromkeys((*weights, waiting))]]
    if needed.isna().to_numpy().any():
        gap = next(name for name in needed if needed[name].isna().any())
        raise InputError(f"The returns of '{gap}' have gaps: use complete returns, or start later.")
    starts = len(returns) - horizon_months + 1
    if starts < 1:
        raise InputError(
            f"There are {len(returns)} months of returns, fewer than the {horizon_months} of the horizon: shorten it."
        )
    invested_growth = 1 + needed[list(weights)].to_numpy(np.float64) @ shares
    waiting_growth = 1 + needed[waiting].to_numpy(np.float64)
    at_once = _values(invested_growth, waiting_growth, starts, 1, horizon_months)
    phased = _values(invested_growth, waiting_growth, starts, months, horizon_months)
    table = pd.DataFrame(
        {
            "at_once": at_once[-1],
            "phased": phased[-1],
            "difference": at_once[-1] - phased[-1],
            "at_once_low": at_once.min(axis=0),
            "phased_low": phased.min(axis=0),
        },
        index=pd.DatetimeIndex([day - pd.offsets.MonthEnd(1) for day in returns.index[:starts]], name="start"),
    )
    return PhasingHistory(months, horizon_months, table)


def _values(growth: Numbers, waiting_growth: Numbers, starts: int, months: int, horizon: int) -> Numbers:
    """Value of 1 at each month-end (rows) from each start (columns)."""
    invested, waits = np.zeros(starts), np.ones(starts)
    path = np.empty((horizon, starts))
    for month in range(horizon):
        part = waits if month >= months - 1 else np.full(starts, 1 / months)
        invested = (invested + part) * growth[month : month + starts]
        waits = (waits - part) * waiting_growth[month : month + starts]
        path[month] = invested + waits
    return path


def _ahead(difference: float) -> str:
    return f"{percent(abs(difference))} {'ahead' if difference >= 0 else 'behind'}"


def _checked_weights(weights: Mapping[str, float]) -> Numbers:
    shares = np.array(list(weights.values()), dtype=np.float64)
    if not len(shares) or not np.isfinite(shares).all() or shares.min() < 0:
        raise InputError(
            "The weights to phase in must be numbers, none negative: give each asset a share of the amount."
        )
    if abs(shares.sum() - 1) > SUM_TOLERANCE:
        raise InputError(f"The weights to phase in sum to {shares.sum():g}: make them sum to 1.")
    return shares


def _check_months(months: int, most: int) -> None:
    if not 1 <= months <= most:
        raise InputError(f"Phasing in over {months} months is not possible: choose from 1 to {most}.")


def _shared_out(cents: int, shares: Numbers) -> list[int]:
    """Whole cents in proportion to shares, by largest remainder."""
    exact = cents * shares / shares.sum()
    parts = np.floor(exact).astype(int)
    for place in np.argsort(parts - exact, kind="stable")[: cents - parts.sum()]:
        parts[place] += 1
    return [int(part) for part in parts]


def _days(start: dt.date, months: int) -> list[dt.date]:
    """The same day of each month, or the last one of a shorter month."""
    following = [pd.Period(start, "M") + later for later in range(months)]
    return [dt.date(month.year, month.month, min(start.day, month.days_in_month)) for month in following]
