"""The efficient frontier: the least volatility for each expected return."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.optimise.limits import ROUNDING
from planner.optimise.mean_variance import optimise
from planner.optimise.objectives import HighestReturn, MinimumVariance, TargetReturn
from planner.optimise.solution import Solved

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Limit
    from planner.optimise.solution import Failed, Infeasible


@dataclass(frozen=True, eq=False)
class Frontier:
    """Efficient portfolios from the least volatile to the one with the highest return."""

    assumptions: Assumptions
    portfolios: tuple[Solved, ...] = field(repr=False)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a portfolio: expected_return, volatility, sharpe (annual decimals), then the weight of each asset."""
        figures = pd.DataFrame(
            {
                "expected_return": [portfolio.expected_return for portfolio in self.portfolios],
                "volatility": [portfolio.volatility for portfolio in self.portfolios],
                "sharpe": [portfolio.sharpe for portfolio in self.portfolios],
            }
        )
        weights = pd.DataFrame(
            np.array([portfolio.w for portfolio in self.portfolios]), columns=list(self.assumptions.assets)
        )
        return pd.concat([figures, weights], axis=1)

    def _repr_html_(self) -> str:
        return str(self.table.style.format("{:.1%}").format("{:.2f}", subset=["sharpe"]).to_html())


def frontier(
    assumptions: Assumptions, limits: Iterable[Limit] = (), points: int = 50
) -> Frontier | Infeasible | Failed:
    """Efficient portfolios at equally spaced expected returns, inside all limits.

    ``points`` >= 2. Each point is solved from the one before (warm). Source: Markowitz (1952).
    """
    if points < 2:
        raise InputError(f"A frontier of {points} points is not a line: ask for at least 2.")
    limits = tuple(limits)
    lowest = optimise(assumptions, MinimumVariance(), limits)
    if not isinstance(lowest, Solved):
        return lowest
    highest = optimise(assumptions, HighestReturn(), limits)
    if not isinstance(highest, Solved):
        return highest
    *targets, last = np.linspace(lowest.expected_return, highest.expected_return, points)[1:]
    portfolios = [lowest]
    for target in targets:
        portfolio = optimise(assumptions, TargetReturn(float(target)), limits)
        if not isinstance(portfolio, Solved):
            return portfolio
        portfolios.append(portfolio)
    # Of several portfolios with the highest return the least volatile is efficient. Where curved limits leave no more
    # than a point for it, no solver gets there, and the highest return is that point.
    calmest = optimise(assumptions, TargetReturn(max(lowest.expected_return, last - ROUNDING)), limits)
    portfolios.append(calmest if isinstance(calmest, Solved) else highest)
    return Frontier(assumptions, tuple(portfolios))
