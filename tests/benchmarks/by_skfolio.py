"""skfolio: an estimator made with the limits, and its ``fit`` alone (no ``predict``, no portfolio object).

The leanest way we found in its public API: a prior that hands over the given mean, covariance and scenarios without
estimating anything, and the group limits as the matrix ``left_inequality`` instead of the texts it would have to read
each time. A frontier is one fit with ``efficient_frontier_size``.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from skfolio import RiskMeasure
from skfolio.optimization import MeanRisk, ObjectiveFunction, RiskBudgeting
from skfolio.prior import BasePrior, ReturnDistribution

from .problem import CONFIDENCE, POINTS, Aim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner import Assumptions

    from .problem import Method, Problem, Vector


def method(aim: Aim, problems: Sequence[Problem]) -> Method:
    """A new estimator, as limits are among the arguments it is made with, and one fit with its default solver."""
    del aim, problems
    return _solve


def _solve(problem: Problem) -> Vector:
    prior, returns = _given(problem.assumptions)
    return np.asarray(_estimator(problem, {"prior_estimator": prior, **_limits(problem)}).fit(returns).weights_)


def _limits(problem: Problem) -> dict[str, Any]:
    membership = problem.membership
    if not problem.groups:
        return {"min_weights": 0.0}
    return {
        "min_weights": 0.0,
        "max_weights": problem.upper,
        "left_inequality": np.vstack([membership, -membership]),
        "right_inequality": np.concatenate([problem.group_upper, -problem.group_lower]),
    }


def _estimator(problem: Problem, common: dict[str, Any]) -> Any:
    match problem.aim:
        case Aim.RISK_BUDGET | Aim.LIMITED_RISK_BUDGET:
            return RiskBudgeting(risk_measure=RiskMeasure.VARIANCE, risk_budget=problem.budgets, **common)
        case Aim.MEAN_VARIANCE:
            # skfolio's utility is mean - risk_aversion * variance, without the half.
            aversion = problem.risk_aversion / 2
            return MeanRisk(
                objective_function=ObjectiveFunction.MAXIMIZE_UTILITY, risk_aversion=aversion, **_variance, **common
            )
        case Aim.MAXIMUM_SHARPE:
            free = problem.assumptions.risk_free
            return MeanRisk(
                objective_function=ObjectiveFunction.MAXIMIZE_RATIO, risk_free_rate=free, **_variance, **common
            )
        case Aim.FRONTIER:
            return MeanRisk(efficient_frontier_size=POINTS, **_variance, **common)
        case _:
            return MeanRisk(risk_measure=RiskMeasure.CVAR, cvar_beta=CONFIDENCE, **common)


_variance = {"risk_measure": RiskMeasure.VARIANCE}


@cache
def _given(assumptions: Assumptions) -> tuple[BasePrior, np.ndarray]:
    """A prior that knows its answer, and the returns that ``fit`` wants to see: two empty months or the scenarios."""
    returns = np.zeros((2, len(assumptions.assets))) if assumptions.draws is None else assumptions.draws
    distribution = ReturnDistribution(mu=assumptions.mu, covariance=assumptions.cov, returns=returns)

    class Given(BasePrior):
        def __init__(self) -> None:
            """Nothing to set: scikit-learn copies an estimator's arguments at every fit."""

        def fit(self, X: Any, y: Any = None, **fit_params: Any) -> Given:
            self.return_distribution_ = distribution
            return self

    return Given(), returns
