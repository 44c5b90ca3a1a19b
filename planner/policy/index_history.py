"""What an index would have done: levels, weights, turnover, members, and what a reader must know about them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.market.coins import COIN_LABELS
from planner.market.steps import Step
from planner.wording import count, percent

if TYPE_CHECKING:
    import datetime as dt

    from planner.policy.index_terms import IndexRecipe

START_LEVEL = 100.0

STABLE_VALUE = "stable value"
"""The column of what is held outside of coins: for the trend signal, and for a coin whose prices ended."""

SURVIVORS = (
    "The coins are ten that survived to 2025, which nobody could know before: the past of an index made of them looks "
    "better than it was. Trading costs and taxes are not taken off."
)

ONLY_WHAT_IS_THERE = (
    "Only coins in the data can be in the index: if those that died are missing there, its past looks better than it "
    "was. Trading costs and taxes are not taken off."
)


class Change(StrEnum):
    """What happens to a coin in an index."""

    JOINED = "joined"
    LEFT = "left"
    DELISTED = "taken out at its last price"


@dataclass(frozen=True, slots=True)
class Member:
    """A coin that comes into the index or goes, at the close of a day."""

    day: dt.date
    coin: str
    change: Change

    @property
    def sentence(self) -> str:
        """The event in words."""
        return f"{self.day}: {COIN_LABELS.get(self.coin, self.coin)} {self.change}"


@dataclass(frozen=True, eq=False)
class IndexHistory:
    """The past of one recipe.

    ``levels`` start at 100 at the first close and are after fees; ``returns`` are those of each week or month.
    ``weights`` are decimals by coin and ``STABLE_VALUE``: a row is what is held from that close on, so that the last is
    today's. ``turnover`` is the part of the index that is sold and bought anew at each close. ``signal`` says whether
    the trend allowed to hold it. ``remarks`` says what was assumed, and ``note`` must stand on every chart.
    """

    recipe: IndexRecipe
    step: Step
    levels: pd.Series
    weights: pd.DataFrame
    turnover: pd.Series
    members: tuple[Member, ...]
    signal: pd.Series | None
    remarks: tuple[str, ...]
    note: str

    @cached_property
    def returns(self) -> pd.Series:
        """Simple returns as fractions, after fees, by the close that ends them."""
        return (self.levels / self.levels.shift(1) - 1).iloc[1:].rename(self.recipe.label)

    @cached_property
    def monthly_returns(self) -> pd.Series:
        """Simple returns of whole calendar months, by ``month_end``."""
        if self.step is Step.MONTHLY:
            return self.returns
        days = pd.DatetimeIndex(self.levels.index)
        ends = days + pd.offsets.MonthEnd(0)
        last = self.levels.groupby(ends).last()
        if (days[-1] + (days[-1] - days[-2])).month == days[-1].month:
            last = last.iloc[:-1]
        return (last / last.shift(1) - 1).iloc[1:].rename(self.recipe.label).rename_axis("month_end")

    @property
    def years(self) -> float:
        """Length of the history."""
        return len(self.returns) / self.step.a_year

    @property
    def growth(self) -> float:
        """Compound return a year, after fees; of the whole history where that is shorter than a year."""
        return float((self.levels.iloc[-1] / START_LEVEL) ** (1 / max(self.years, 1.0)) - 1)

    @property
    def volatility(self) -> float:
        """Standard deviation of the returns, a year."""
        return (
            float(np.std(self.returns, ddof=1) * np.sqrt(self.step.a_year)) if len(self.returns) > 1 else float("nan")
        )

    @property
    def deepest_fall(self) -> float:
        """The largest loss from a close to a later one, <= 0."""
        return float((self.levels / self.levels.cummax() - 1).min())

    @property
    def turnover_a_year(self) -> float:
        """Part of the index that is sold and bought anew in a year, on the average."""
        return float(self.turnover.iloc[:-1].sum() / self.years)

    @property
    def now(self) -> pd.Series:
        """Weights held from the last close on."""
        return self.weights.iloc[-1]

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """What it is, what it did, what was assumed, and the note, in words."""
        first, last = self.levels.index[0], self.levels.index[-1]
        a_year = " a year" if self.years >= 1 else ""
        said = [
            self.recipe.sentence,
            f"{first:%B %Y} to {last:%B %Y}: {percent(self.growth)}{a_year}, volatility {percent(self.volatility)}, "
            f"deepest fall {percent(self.deepest_fall)}.",
            f"{percent(self.turnover_a_year, 0)} of it is sold and bought anew in a year.",
        ]
        delisted = [COIN_LABELS.get(each.coin, each.coin) for each in self.members if each.change is Change.DELISTED]
        if delisted:
            said.append(
                f"The prices of {', '.join(delisted)} ended: taken out at the last price, which a holder may not have "
                "got."
            )
        if self.signal is not None:
            switches = int((self.signal != self.signal.shift(1)).iloc[1:].sum())
            said.append(
                f"The signal held it {percent(float(self.signal.mean()), 0)} of the time and switched "
                f"{count(switches, 'time')}."
            )
        return (*said, *self.remarks, self.note)

    def _repr_html_(self) -> str:
        held = self.now[self.now > 0].sort_values(ascending=False)
        rows = "".join(
            f"<tr><th>{escape(COIN_LABELS.get(str(coin), str(coin)))}</th><td>{percent(float(weight))}</td></tr>"
            for coin, weight in held.items()
        )
        said = "".join(f"<li>{escape(sentence)}</li>" for sentence in self.sentences)
        return (
            f"<table><caption>{escape(self.recipe.label)} at {self.levels.index[-1]:%Y-%m-%d}</caption>"
            f"<thead><tr><th>coin</th><th>weight</th></tr></thead><tbody>{rows}</tbody></table><ul>{said}</ul>"
        )
