"""skfolio: an estimator made with the limits, and its ``fit`` alone (no ``predict``, no portfolio object).

The leanest way we found in its public API: a prior that hands over the given mean and covariance without estimating
anything, and the class limits as the matrix ``left_inequality`` instead of the texts it would have to read each time.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from skfolio import RiskMeasure
from skfolio.optimization import MeanRisk, ObjectiveFunction, RiskBudgeting
from skfolio.prior import BasePrior, ReturnDistribution

from .problem import Aim

if TYPE_CHECKING:
    from planner.market.assumptions import Assumptions

    from .problem import Method, Problem, Vector


def method(aim: Aim) -> Method:
    """The same function for every aim."""
    del aim
    return solve


def solve(problem: Problem) -> Vector:
    """A new estimator, as limits are among the arguments it is made with, and one fit with its default solver."""
    prior, no_returns = _given(problem.assumptions)
    membership = problem.membership
    common: dict[str, Any] = {
        "prior_estimator": prior,
        "min_weights": 0.0,
        "max_weights": problem.upper,
        "left_inequality": np.vstack([membership, -membership]),
        "right_inequality": np.concatenate([problem.class_upper, -problem.class_lower]),
    }
    estimator = (
        RiskBudgeting(risk_measure=RiskMeasure.VARIANCE, risk_budget=problem.budgets, **common)
        if problem.aim is Aim.RISK_BUDGET
        else MeanRisk(risk_measure=RiskMeasure.VARIANCE, **_aim(problem), **common)
    )
    return np.asarray(estimator.fit(no_returns).weights_)


def _aim(problem: Problem) -> dict[str, Any]:
    match problem.aim:
        case Aim.MAXIMUM_UTILITY:
            # skfolio's utility is mean - risk_aversion * variance, without the half.
            return {
                "objective_function": ObjectiveFunction.MAXIMIZE_UTILITY,
                "risk_aversion": problem.risk_aversion / 2,
            }
        case Aim.TARGET_RETURN:
            return {"objective_function": ObjectiveFunction.MINIMIZE_RISK, "min_return": problem.expected_return}
        case Aim.MAXIMUM_SHARPE:
            return {
                "objective_function": ObjectiveFunction.MAXIMIZE_RATIO,
                "risk_free_rate": problem.assumptions.risk_free,
            }
        case _:
            return {"objective_function": ObjectiveFunction.MINIMIZE_RISK}


@cache
def _given(assumptions: Assumptions) -> tuple[BasePrior, np.ndarray]:
    """A prior that knows its answer, and the two empty months that ``fit`` wants to see."""
    no_returns = np.zeros((2, len(assumptions.assets)))
    distribution = ReturnDistribution(mu=assumptions.mu, covariance=assumptions.cov, returns=no_returns)

    class Given(BasePrior):
        def __init__(self) -> None:
            """Nothing to set: scikit-learn copies an estimator's arguments at every fit."""

        def fit(self, X: Any, y: Any = None, **fit_params: Any) -> Given:
            self.return_distribution_ = distribution
            return self

    return Given(), no_returns
