"""What a crash does to a whole portfolio: episodes that happened, and shocks that one imagines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.market.universe import CASH
from planner.wording import money, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.market.market import Market
    from planner.trading.holdings import Holdings

RATES = "rates"
"""The name under which a shock moves interest rates instead of a class or a series."""

BOND_DURATION = 6.0
"""Years: a rise of rates by one point costs bonds about six percent. The duration of the US aggregate bond index, which
has stood near six for years."""


@dataclass(frozen=True, slots=True)
class Episode:
    """Months in which something fell: ``first`` and ``last`` are month-ends of the returns, both included."""

    name: str
    first: str
    last: str


EPISODES = (
    Episode("Crypto winter 2018", "2018-01-31", "2018-12-31"),
    Episode("March 2020", "2020-02-29", "2020-03-31"),
    Episode("Crypto fall 2021-22", "2021-11-30", "2022-12-31"),
    Episode("Stocks and bonds in 2022", "2022-01-31", "2022-12-31"),
)
"""Of the built-in data; month-ends hide what happened inside a month."""


@dataclass(frozen=True, eq=False)
class Stress:
    """A portfolio after a shock, nothing sold or bought.

    ``weights`` and ``changes`` are by series, decimals; a change of -0.5 halves what is held. ``amount`` is what the
    portfolio was worth, in ``currency``.
    """

    name: str
    market: Market
    weights: pd.Series[float]
    changes: pd.Series[float]
    amount: float
    currency: str = "USD"

    @cached_property
    def table(self) -> pd.DataFrame:
        """By class: ``weight``, ``change``; their product as ``contribution`` (a decimal) and as ``amount`` (money)."""
        universe = self.market.universe
        weights = universe.by_class(self.weights)
        felt = universe.by_class(self.weights * self.changes)
        shares = {member.name: member.share for asset_class in universe.classes for member in asset_class.series}
        alone = universe.by_class(self.changes * pd.Series(shares))
        rows = {
            name: {
                "weight": weights[name],
                "change": felt[name] / weights[name] if weights[name] > 0 else alone[name],
                "contribution": felt[name],
                "amount": felt[name] * self.amount,
            }
            for name in universe.class_names
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("asset_class")

    @property
    def change(self) -> float:
        """What becomes of the whole portfolio, a decimal; negative is a loss."""
        return float(self.table["contribution"].sum())

    @property
    def sentence(self) -> str:
        """The whole in words."""
        if self.change == 0:
            return f"{self.name} leaves the portfolio as it was."
        verb = "costs" if self.change < 0 else "brings"
        size = abs(self.change)
        return f"{self.name} {verb} the portfolio {percent(size, 2)}, {money(size * self.amount, self.currency)}."

    def _repr_html_(self) -> str:
        shown = self.table[["weight", "change", "contribution"]].map(percent)
        amounts = self.table["amount"].map(lambda amount: money(amount, self.currency))
        return f"<p>{escape(self.sentence)}</p>{shown.assign(amount=amounts).rename_axis(None).to_html()}"


def episode(
    weights: Mapping[str, float], market: Market, which: Episode, amount: float = 1.0, currency: str = "USD"
) -> Stress:
    """A portfolio held through months that happened, without rebalancing.

    ``weights`` are by series and sum to 1. Months that the market's returns do not cover are an InputError.
    """
    returns = market.complete_returns
    first, last = pd.Timestamp(which.first), pd.Timestamp(which.last)
    months = returns.loc[first:last]
    if months.empty or months.index[0] != first or months.index[-1] != last:
        raise InputError(
            f"'{which.name}' runs from {which.first} to {which.last}; the returns from {returns.index[0]:%Y-%m-%d} to "
            f"{returns.index[-1]:%Y-%m-%d}: choose another episode or longer returns."
        )
    changes = (1 + months).prod(skipna=False) - 1
    held = _weights(weights, market)
    unknown = [str(name) for name in held.index if held[name] != 0 and np.isnan(changes[name])]
    if unknown:
        raise InputError(f"'{unknown[0]}' has no return in all months of '{which.name}': leave it out.")
    return Stress(which.name, market, held, changes.fillna(0.0), amount, currency)


def shock(  # noqa: PLR0913 - one question, all of it
    weights: Mapping[str, float],
    market: Market,
    changes: Mapping[str, float],
    *,
    travels: bool = False,
    amount: float = 1.0,
    currency: str = "USD",
    name: str = "This shock",
) -> Stress:
    """A portfolio after changes that one imagines.

    ``changes`` are decimals by asset class or series (a series' own counts before its class's), from -1 (worthless) on;
    under ``RATES`` stands a change of interest rates (0.01 is one point), which moves fixed income by ``BOND_DURATION``
    times as much the other way. Alone, everything else stands still. Where the shock ``travels``, the rest moves as its
    covariance with what is shocked says: the conditional mean ``S_BA S_AA^-1 s`` of normal returns around what is
    expected of them, none falling below -1.
    """
    given = _by_series(changes, market)
    assets = market.assumptions.assets
    felt = np.array([given.get(asset, 0.0) for asset in assets])
    if travels and given:
        shocked = np.array([asset in given for asset in assets])
        covariance = market.assumptions.cov
        slopes = np.linalg.lstsq(covariance[np.ix_(shocked, shocked)], covariance[np.ix_(shocked, ~shocked)])[0]
        felt[~shocked] = np.maximum(felt[shocked] @ slopes, -1.0)
    return Stress(name, market, _weights(weights, market), pd.Series(felt, index=list(assets)), amount, currency)


def _by_series(changes: Mapping[str, float], market: Market) -> dict[str, float]:
    universe = market.universe
    given: dict[str, float] = {}
    for name, change in changes.items():
        moved = -BOND_DURATION * change if name == RATES else change
        if not np.isfinite(moved):
            raise InputError(f"The change of '{name}' is {change}: give a decimal such as -0.5.")
        if moved < -1:
            raise InputError(f"A change of {percent(moved)} for '{name}' is more than everything: -100 % is the most.")
        if name == RATES:
            given |= dict.fromkeys(universe.members("fixed_income"), moved)
        elif name not in universe.series_names:
            given |= dict.fromkeys(universe.members(name), moved)
    return given | {name: change for name, change in changes.items() if name in universe.series_names}


def _weights(weights: Mapping[str, float], market: Market) -> pd.Series[float]:
    names = list(market.universe.series_names)
    unknown = [name for name in weights if name not in names]
    if unknown:
        raise InputError(f"'{unknown[0]}' is no series of the market: the series are {', '.join(names)}.")
    return pd.Series({name: float(weights.get(name, 0.0)) for name in names})


def weights_of(holdings: Holdings) -> dict[str, float]:
    """What a household holds, by series and summing to 1, its cash in the series of cash; nothing owned is an
    InputError."""
    if holdings.total <= 0:
        raise InputError("Nothing is owned in these accounts: enter what is held to stress it.")
    held = holdings.universe.split({CASH: float(holdings.cash.sum())})
    held = {name: held.get(name, 0.0) for name in holdings.universe.series_names}
    for lot, value in zip(holdings.asset, holdings.value, strict=True):
        held[holdings.series[lot]] += float(value)
    return {name: value / holdings.total for name, value in held.items()}
