"""The efficient frontier: the least volatility for each expected return."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.optimise.limits import ROUNDING, Limit, hard_limits
from planner.optimise.mean_variance import compiled_for, numbers, optimise, with_long_only
from planner.optimise.objectives import HighestReturn, MinimumVariance, TargetReturn
from planner.optimise.solution import Failed, Infeasible, Solved, all_cleaned

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Vector


ANY_RETURN = -10.0
"""A floor of minus 1,000 % a year forbids nothing: the least volatile portfolio of all is above it."""


@lru_cache(maxsize=16)
def _columns(assets: tuple[str, ...]) -> pd.Index:
    """Names of a table's columns, made once: that takes longer than the table."""
    return pd.Index(["expected_return", "volatility", "sharpe", *assets])


@dataclass(frozen=True, eq=False)
class Frontier:
    """Efficient portfolios from the least volatile to the one with the highest return.

    ``w`` has one row of weights a portfolio, shape (points, n); returns and volatilities are annual decimals.
    """

    assumptions: Assumptions
    w: Vector = field(repr=False)
    limits: tuple[Limit, ...] = ()

    @cached_property
    def expected_returns(self) -> Vector:
        """Expected return of each portfolio."""
        return np.asarray(self.w @ self.assumptions.mu)

    @cached_property
    def volatilities(self) -> Vector:
        """Volatility of each portfolio."""
        return volatilities(self.w, self.assumptions)

    @cached_property
    def portfolios(self) -> tuple[Solved, ...]:
        """Each portfolio as a solution: of least volatility for its expected return."""
        return tuple(self[place] for place in range(len(self.w)))

    def __getitem__(self, place: int) -> Solved:
        """The portfolio at this place, from the least volatile up."""
        objective = TargetReturn(float(self.expected_returns[place]))
        return Solved(self.assumptions, np.asarray(self.w[place]), objective, self.limits, "DAQP")

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a portfolio: expected_return, volatility, sharpe (annual decimals), then the weight of each asset."""
        excess = self.expected_returns - self.assumptions.risk_free
        risky = np.where(self.volatilities > 0, self.volatilities, np.nan)
        figures = np.column_stack([self.expected_returns, self.volatilities, excess / risky, self.w])
        return pd.DataFrame(figures, columns=_columns(self.assumptions.assets).view())

    def _repr_html_(self) -> str:
        return str(self.table.style.format("{:.1%}").format("{:.2f}", subset=["sharpe"]).to_html())


def volatilities(w: Vector, assumptions: Assumptions) -> Vector:
    """Volatility a year of each row of weights."""
    return np.asarray(np.sqrt(np.maximum(0.0, np.einsum("ij,ij->i", w @ assumptions.cov, w))))


def frontier(
    assumptions: Assumptions, limits: Iterable[Limit] = (), points: int = 50
) -> Frontier | Infeasible | Failed:
    """Efficient portfolios at equally spaced expected returns, inside all limits.

    ``points`` >= 2. Each point is solved from the one before, whose active set it shares for the most part. Source:
    Markowitz (1952).
    """
    if points < 2:
        raise InputError(f"A frontier of {points} points is not a line: ask for at least 2.")
    limits = hard_limits(limits, "A frontier")
    lowest = _least_volatile(assumptions, np.array([ANY_RETURN]), limits)[0]
    if np.isnan(lowest[0]):
        alone = optimise(assumptions, MinimumVariance(), limits)
        if not isinstance(alone, Solved):
            return alone
        lowest = alone.w
    lowest_return = float(assumptions.mu @ lowest)
    highest = optimise(assumptions, HighestReturn(), limits)
    if not isinstance(highest, Solved):
        return highest
    targets = np.linspace(lowest_return, highest.expected_return, points)[1:]
    # Of several portfolios with the highest return the least volatile is efficient. Where curved limits leave no more
    # than a point for it, no solver gets there, and the highest return is that point.
    targets[-1] = max(lowest_return, targets[-1] - ROUNDING)
    rest = _least_volatile(assumptions, targets, limits)
    for place in np.flatnonzero(np.isnan(rest[:, 0])):
        alone = optimise(assumptions, TargetReturn(float(targets[place])), limits)
        if isinstance(alone, Solved):
            rest[place] = alone.w
        elif place == len(targets) - 1:
            rest[place] = highest.w
        else:
            return alone
    w = np.vstack([lowest, rest])
    w.flags.writeable = False
    return Frontier(assumptions, w, limits)


def _least_volatile(assumptions: Assumptions, targets: Vector, limits: tuple[Limit, ...]) -> Vector:
    """Weights for each expected return; NaN where the solver did not get there."""
    objective = TargetReturn(float(targets[0]))
    limits = (*objective.requirements(), *with_long_only(assumptions, limits))
    problem = compiled_for(assumptions, objective, limits)
    points = np.tile(np.concatenate(numbers(assumptions, objective, limits)), (len(targets), 1))
    points[:, 0] = targets  # the floor's first number is the return
    w, _ = problem.solve_each(points)
    return all_cleaned(w)
