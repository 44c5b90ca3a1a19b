"""PyPortfolioOpt: an ``EfficientFrontier`` with its sector constraints and one solve; weights only.

Its constraints cannot be changed after a solve, so that new limits mean a new object. It has no risk budgets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pypfopt import EfficientFrontier

from .problem import Aim

if TYPE_CHECKING:
    from .problem import Method, Problem, Vector


def method(aim: Aim) -> Method | None:
    """The same function for every aim but risk budgets."""
    return None if aim is Aim.RISK_BUDGET else solve


def kept(aim: Aim) -> Method | None:
    """One object solved again and again, which the library allows where nothing but one number moves."""
    if aim not in {Aim.MAXIMUM_UTILITY, Aim.TARGET_RETURN}:
        return None
    models: list[EfficientFrontier] = []

    def solve_again(problem: Problem) -> Vector:
        if not models:
            models.append(_model(problem))
        return _weights(models[0], problem)

    return solve_again


def solve(problem: Problem) -> Vector:
    """A new object, solved with the solver the library takes by itself."""
    return _weights(_model(problem), problem)


def _model(problem: Problem) -> EfficientFrontier:
    assumptions = problem.assumptions
    bounds = [(0.0, upper) for upper in problem.upper.tolist()]
    model = EfficientFrontier(assumptions.mu, assumptions.cov, bounds)
    model.add_sector_constraints(
        {place: limit.name for limit in problem.classes for place in limit.members},
        {limit.name: limit.lower for limit in problem.classes},
        {limit.name: limit.upper for limit in problem.classes},
    )
    return model


def _weights(model: EfficientFrontier, problem: Problem) -> Vector:
    return np.array(list(_solved(model, problem).values()))


def _solved(model: EfficientFrontier, problem: Problem) -> dict[int, float]:
    match problem.aim:
        case Aim.MAXIMUM_UTILITY:
            return model.max_quadratic_utility(problem.risk_aversion)
        case Aim.TARGET_RETURN:
            return model.efficient_return(problem.expected_return)
        case Aim.MAXIMUM_SHARPE:
            return model.max_sharpe(problem.assumptions.risk_free)
        case _:
            return model.min_volatility()
