"""Robust mean-variance: the best portfolio under the worst means that the history does not rule out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from planner.errors import InputError
from planner.optimise.limits import checked, typical_variance
from planner.optimise.objectives import MaximumUtility
from planner.wording import count, percent

if TYPE_CHECKING:
    from collections.abc import Hashable

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Scaled, Vector

DEFAULT_YEARS = 40.0
"""What He & Litterman's tau of 0.025 says of the equilibrium: as sure as forty years of history would make it."""


class MeanErrors(StrEnum):
    """How the errors of the assumed means hang together."""

    CORRELATED = "as the returns do"
    INDEPENDENT = "not at all"


@dataclass(frozen=True)
class RobustUtility(MaximumUtility):
    """The best utility under the worst means of an ellipsoid around the assumed ones.

    Maximise over w the least, over means m with ``(m - mu)' O^-1 (m - mu) <= kappa^2``, of ``m'w - risk_aversion / 2
    w'Sw``: that is ``mu'w - kappa sqrt(w'Ow) - risk_aversion / 2 w'Sw``, a second-order cone program. O is the
    covariance of the errors of means estimated over so many ``years``: ``S / years`` where errors are correlated as
    returns are, its diagonal where they are independent. ``kappa^2`` is the quantile of the chi-squared distribution
    with n degrees of freedom at ``confidence``, from 0 (the means are certain) to below 1.

    With correlated errors the answer is on the efficient frontier, more careful by ``kappa / sqrt(years) / volatility``
    of risk aversion (Scherer 2007); independent errors also spread it. Source: Goldfarb & Iyengar (2003), Robust
    Portfolio Selection Problems; Ceria & Stubbs (2006), Incorporating Estimation Errors into Portfolio Selection;
    Fabozzi, Kolm, Pachamanova & Focardi (2007), Robust Portfolio Optimization and Management, chapter 12.
    """

    confidence: float
    years: float = DEFAULT_YEARS
    errors: MeanErrors = MeanErrors.CORRELATED
    market_bound = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= checked(self.confidence, "The confidence") < 1:
            raise InputError(
                f"The confidence is {self.confidence}: give a fraction from 0 to below 1, as 0.9 for 90 %."
            )
        if checked(self.years, "The length of the history in years") <= 0:
            raise InputError(f"The history is {self.years:g} years long: it must be more than none.")
        if not isinstance(self.errors, MeanErrors):
            raise InputError(f"The errors are {self.errors!r}: give MeanErrors.CORRELATED or MeanErrors.INDEPENDENT.")

    def structure(self) -> Hashable:
        """How errors hang together, and whether there are costs."""
        return super().structure(), self.errors

    def values(self, assumptions: Assumptions) -> Vector:
        """Those of the utility, then kappa times the standard error of a typical mean, divided by the risk aversion."""
        error = math.sqrt(typical_variance(assumptions) / self.years)
        return np.append(super().values(assumptions), self._kappa(assumptions) * error / self.risk_aversion)

    def cost(self, problem: Scaled, values: Any) -> Any:
        """Utility under the worst means, negated and divided by the risk aversion."""
        return super().cost(problem, values[:-1]) + values[-1] * problem.deviation

    def constraints(self, problem: Scaled, values: Any) -> list[Any]:
        """Those of the utility, and one second-order cone: the standard error of the portfolio's mean."""
        import cvxpy as cp

        if self.errors is MeanErrors.CORRELATED:
            error = problem.relative_volatility(problem.w)
        else:
            relative = np.sqrt(np.diag(problem.assumptions.cov)) / problem.unit
            error = cp.norm2(cp.multiply(relative, problem.w))
        return [*super().constraints(problem, values[:-1]), error <= problem.deviation]

    def worst_return(self, assumptions: Assumptions, w: Vector) -> float:
        """Expected return a year of the weights ``w`` (n,) under the means that are worst for them."""
        return float(assumptions.mu @ w) - self._kappa(assumptions) * math.sqrt(max(0.0, self._error(assumptions, w)))

    def sentence(self) -> str:
        """In words."""
        history, region = count(self.years, "year"), percent(self.confidence)
        return f"{super().sentence()}, under the worst means in the {region} region that {history} of returns leave"

    def _kappa(self, assumptions: Assumptions) -> float:
        """Radius of the ellipsoid, in standard errors of a mean."""
        from scipy.special import gammaincinv

        # The chi-squared quantile as an inverse of the regularised gamma function.
        return math.sqrt(2 * float(gammaincinv(len(assumptions.assets) / 2, self.confidence)))

    def _error(self, assumptions: Assumptions, w: Vector) -> float:
        """Variance of the error of a portfolio's mean."""
        correlated = self.errors is MeanErrors.CORRELATED
        return float(w @ assumptions.cov @ w if correlated else np.diag(assumptions.cov) @ w**2) / self.years
