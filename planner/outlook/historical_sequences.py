"""Every year since 1928 as the first of a retirement: how a fixed real spending would have fared."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.market.annual_history import annual_history
from planner.wording import percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FOUR_PERCENT = 0.04
"""Bengen (1994), "Determining Withdrawal Rates Using Historical Data": the rate that outlived every past retirement."""

RETIREMENT_YEARS = 30
STOCK_SHARES = (1.0, 0.75, 0.5, 0.25, 0.0)
WITHDRAWAL_RATES = (0.03, 0.04, 0.05, 0.06, 0.07)
"""Rows and columns of the table of Cooley, Hubbard & Walz (1998), "Retirement Savings: Choosing a Withdrawal Rate That
Is Sustainable", as far as 7 %."""

ASSETS = ("stocks", "bonds", "bills")
WEIGHT_SUM_TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class HistoricalSequences:
    """Retirements that began in each year, with the money that they began with as 1.

    ``wealth`` (start years, years + 1) is what is left at each year's end in the money of the start, NaN after 2024;
    ``lasted`` for how many years all spending was paid, by start year; ``years`` how long it should be.
    """

    weights: Mapping[str, float]
    rate: float
    years: int
    wealth: pd.DataFrame = field(repr=False)
    lasted: pd.Series[int] = field(repr=False)

    @cached_property
    def complete(self) -> pd.Series[int]:
        """Years lasted of the retirements that have all their years behind them."""
        known = self.wealth.iloc[:, -1].notna()
        return self.lasted[known]

    @property
    def success_rate(self) -> float:
        """Part of these that paid for all their years."""
        return float((self.complete == self.years).mean())

    @cached_property
    def failed(self) -> pd.Series[int]:
        """Years lasted of those that did not."""
        return self.complete[self.complete < self.years]

    @property
    def sentence(self) -> str:
        """What came of them, in words."""
        held = " and ".join(f"{percent(share)} {name}" for name, share in self.weights.items() if share > 0)
        paid = (self.complete == self.years).sum()
        said = (
            f"Spending {percent(self.rate)} of the money at first, and as much after inflation in each later year, "
            f"{held} would have lasted {self.years} years in {paid} of {len(self.complete)} retirements that began "
            f"from {self.complete.index[0]} to {self.complete.index[-1]}."
        )
        if len(self.failed):
            said += f" The worst began in {self.failed.idxmin()} and lasted {self.failed.min()} years."
        return said


def historical_sequences(
    weights: Mapping[str, float],
    rate: float = FOUR_PERCENT,
    years: int = RETIREMENT_YEARS,
    history: pd.DataFrame | None = None,
) -> HistoricalSequences:
    """Retire in every year of history with a mix of stocks, bonds and bills, rebalanced every year.

    At the start of each year ``rate`` of the first day's money is spent, raised by the inflation since; what is left
    earns the year's returns. No taxes, no fees. ``history`` has the columns of ``annual_history``, whose 1928 to 2024
    are taken where it is left out.

    Cooley, Hubbard & Walz (1998) take high-grade corporate bonds instead of Treasuries, 1926 to 1995, and spend every
    month: in a falling market that leaves a little more invested, and their bonds earned more. InputError where the
    weights are no mix, the rate is no fraction, or there are fewer years of history than one retirement.
    """
    past = annual_history() if history is None else history
    _check(weights, rate, years, len(past))
    growth = 1 + past[list(weights)].to_numpy() @ np.array(list(weights.values()))
    prices = 1 + past["inflation"].to_numpy()
    starts = len(past)
    rows = np.full((starts, years + 1), np.nan)
    rows[:, 0] = money = np.ones(starts)
    lasted = np.zeros(starts, dtype=int)
    for year in range(years):
        running = starts - year
        left = money[:running] - rate
        lasted[:running] += (left >= 0) & (lasted[:running] == year)
        money = np.maximum(left, 0.0) * growth[year:] / prices[year:]
        rows[:running, year + 1] = money
    index = pd.Index(past.index, name="start_year")
    lasts: pd.Series[int] = pd.Series(lasted, index, dtype="int64", name="lasted")
    wealth = pd.DataFrame(rows, index, pd.RangeIndex(years + 1, name="year"))
    return HistoricalSequences(dict(weights), rate, years, wealth, lasts)


def success_rates(
    shares: Sequence[float] = STOCK_SHARES,
    rates: Sequence[float] = WITHDRAWAL_RATES,
    years: int = RETIREMENT_YEARS,
    history: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Part of all past retirements that lasted, by share of stocks (rows, the rest in bonds) and rate (columns)."""
    table = {
        rate: [
            historical_sequences({"stocks": share, "bonds": 1 - share}, rate, years, history).success_rate
            for share in shares
        ]
        for rate in rates
    }
    return pd.DataFrame(table, pd.Index(shares, name="stocks")).rename_axis(columns="rate")


def _check(weights: Mapping[str, float], rate: float, years: int, known: int) -> None:
    unknown = [name for name in weights if name not in ASSETS]
    if unknown:
        raise InputError(f"There is no history of '{unknown[0]}': mix {', '.join(ASSETS)}.")
    if not weights or min(weights.values()) < 0 or abs(sum(weights.values()) - 1) > WEIGHT_SUM_TOLERANCE:
        raise InputError(f"The weights are {dict(weights)}: they must not be negative and must sum to 1.")
    if not isinstance(rate, Real) or not 0 <= rate <= 1:
        raise InputError(f"The rate is {rate}: give a fraction between 0 and 1, such as 0.04.")
    if not isinstance(years, int) or not 1 <= years <= known:
        raise InputError(f"{years} years do not fit into {known} of history: give a whole number from 1 to {known}.")
