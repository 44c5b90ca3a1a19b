"""A market with what somebody assumes of it in place of what its data say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.market.assumptions import MONTHS_PER_YEAR, Assumptions
from planner.market.market import Market
from planner.market.portfolio import Portfolio
from planner.market.scenarios import recentred

if TYPE_CHECKING:
    from planner.market.universe import Universe
    from planner.policy.stated_assumptions import StatedAssumptions


@dataclass(frozen=True, eq=False)
class StatedMarket(Market):
    """A market made by ``with_stated``, which knows the ``base`` it was made of."""

    base: Market


def with_stated(market: Market, stated: StatedAssumptions | None) -> Market:
    """The market with stated assumptions in place of its own.

    The series of a class are shifted by one return and stretched by one factor, so that the class, its series weighted
    by their shares, has what was stated. A class that the market does not have is an InputError, and so is the
    volatility of one that has none to stretch. Source: ours.
    """
    if stated is None:
        return market
    return _made(market.base if isinstance(market, StatedMarket) else market, stated)


@lru_cache(maxsize=16)
def _made(market: Market, stated: StatedAssumptions) -> StatedMarket:
    universe, before = market.universe, market.assumptions
    risk_free = before.risk_free if stated.risk_free is None else stated.risk_free
    mean = before.mean + (risk_free - before.risk_free)
    for name, wanted in stated.expected_returns.items():
        shares = pd.Series(universe.split({name: 1.0})).reindex(mean.index)
        rise = wanted - float((shares * mean).sum())
        mean = mean.add(pd.Series(rise, index=[*universe.members(name)]), fill_value=0.0)[mean.index]
    factor = pd.Series(1.0, mean.index)
    for name, wanted in stated.volatilities.items():
        factor[list(universe.members(name))] = wanted / _volatility(before, universe, name)
    covariance = before.covariance * np.outer(factor, factor)
    scenarios = None
    if before.scenarios is not None:
        scenarios = recentred(before.scenarios * factor, (mean / MONTHS_PER_YEAR).to_numpy())
    notes = (*before.notes, *stated.sentences(universe))
    after = Assumptions(mean, covariance, risk_free, notes, scenarios)
    return StatedMarket(universe, market.returns, after, market)


def _volatility(assumptions: Assumptions, universe: Universe, name: str) -> float:
    found = Portfolio.of(assumptions, universe.split({name: 1.0})).volatility
    if found == 0:
        raise InputError(
            f"{universe[name].label} have no volatility in this market, so that there is none to stretch: leave theirs "
            "out of the stated assumptions."
        )
    return found
