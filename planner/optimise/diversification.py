"""The portfolio that gains most from its assets not moving together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from planner.optimise.objectives import LARGEST_SCALE, Objective, half_variance, scaled_covariance
from planner.optimise.risk_limits import AverageVolatility

if TYPE_CHECKING:
    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Limit, Scaled, Vector

LEAST_VOLATILITY = 1e-5
"""There is something to diversify when the average volatility is at least this much of the most volatile asset's."""


@dataclass(frozen=True)
class MaximumDiversification(Objective):
    """The highest ratio of the assets' weighted average volatility to the portfolio's volatility.

    Maximise ``s'w / sqrt(w'Sw)`` with ``s = sqrt(diag(S))``: the highest Sharpe ratio were every excess return in
    proportion to its volatility. Solved as ``min y'Sy / 2`` with ``s'y`` fixed and every limit scaled by ``sum(y)``;
    ``w = y / sum(y)``. Source: Choueifaty & Coignard (2008), Toward Maximum Diversification, equations 1 and 3.

    Calm assets get much weight, as the share of an asset falls with its volatility. One without any volatility moves
    neither side of the ratio and is held only as far as limits ask for it. Where assets hedge each other completely the
    ratio has no maximum, and the answer is one of the portfolios without risk.
    """

    homogeneous = True

    def quadratic(self, assumptions: Assumptions) -> Vector | None:
        """The covariance in typical units."""
        return scaled_covariance(assumptions)

    def values(self, assumptions: Assumptions) -> Vector:
        """Volatilities, in units of the largest."""
        volatility = AverageVolatility.figures(assumptions)
        return np.asarray(volatility / (volatility.max() or 1.0))

    def cost(self, problem: Scaled, values: Any) -> Any:
        """Half the variance of the scaled weights."""
        del values
        return half_variance(problem)

    def constraints(self, problem: Scaled, values: Any) -> list[Any]:
        """An average volatility of one unit, by weights of some size."""
        return [values @ problem.w == 1, problem.total <= LARGEST_SCALE]

    def implied(self, assumptions: Assumptions) -> tuple[Limit, ...]:
        """Something with volatility in the portfolio."""
        largest = float(AverageVolatility.figures(assumptions).max())
        return (AverageVolatility(LEAST_VOLATILITY * (largest or 1.0)),)

    def sentence(self) -> str:
        """In words."""
        return "the highest diversification"
