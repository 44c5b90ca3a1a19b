"""The market a plan is made in: a universe, its history, and the assumptions drawn from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np

from planner.errors import InputError
from planner.market.assumptions import Assumptions, estimate
from planner.market.history import history
from planner.market.universe import BUILT_IN, Universe

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Market:
    """A universe, monthly returns of its series (fractions, months by series), and annual assumptions about them."""

    universe: Universe
    returns: pd.DataFrame
    assumptions: Assumptions

    def __post_init__(self) -> None:
        for name, known in (("returns", self.returns.columns), ("assumptions", self.assumptions.assets)):
            missing = [series for series in self.universe.series_names if series not in known]
            if missing:
                raise InputError(f"The {name} lack the series '{missing[0]}' of the universe: add it or leave it out.")

    @classmethod
    def of(cls, returns: pd.DataFrame, universe: Universe = BUILT_IN) -> Market:
        """A market with the default assumptions for these returns: equilibrium means, Ledoit-Wolf covariance."""
        ordered = returns[list(universe.series_names)]
        return cls(universe, ordered, estimate(ordered, market_weights=universe.market_weights))

    @cached_property
    def complete_returns(self) -> pd.DataFrame:
        """Returns with the months before a series starts taken from the rest of its class.

        Ether before December 2017 thus earns what bitcoin earned, so that a mix has a whole past. A month in which no
        series of a class has a return stays NaN.
        """
        complete = self.returns[list(self.universe.series_names)].copy()
        for asset_class in self.universe.classes:
            names = [member.name for member in asset_class.series]
            block = complete[names].to_numpy()
            shares = np.array([member.share for member in asset_class.series])
            known = ~np.isnan(block)
            if not known.all():
                weight = known @ shares
                rest = np.where(known, block, 0.0) @ shares / np.where(weight > 0, weight, np.nan)
                complete[names] = np.where(known, block, rest[:, None])
        return complete


@cache
def built_in_market() -> Market:
    """The built-in universe with its eleven years of monthly returns."""
    return Market.of(history())
