"""Our public API: limits made from the numbers, one call, and the figures of the result read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import planner

from .problem import Aim

if TYPE_CHECKING:
    from planner.optimise.limits import Limit

    from .problem import Method, Problem, Vector


def method(aim: Aim) -> Method:
    """The same call for every aim."""
    del aim
    return solve


def solve(problem: Problem) -> Vector:
    """Optimise and read weights, expected return, volatility and risk contributions, as a page does."""
    assumptions = problem.assumptions
    if problem.aim is Aim.RISK_BUDGET:
        budgets = dict(zip(assumptions.assets, problem.budgets.tolist(), strict=True))
        solution = planner.risk_budget(assumptions, budgets, _limits(problem)).require()
    else:
        solution = planner.optimise(assumptions, _objective(problem), _limits(problem)).require()
    _ = solution.expected_return, solution.volatility, solution.risk_contributions
    return solution.weights.to_numpy()


def _objective(problem: Problem) -> planner.optimise.Objective:
    match problem.aim:
        case Aim.MINIMUM_VARIANCE:
            return planner.MinimumVariance()
        case Aim.MAXIMUM_UTILITY:
            return planner.MaximumUtility(problem.risk_aversion)
        case Aim.TARGET_RETURN:
            return planner.TargetReturn(problem.expected_return)
        case _:
            return planner.MaximumSharpe()


def _limits(problem: Problem) -> list[Limit]:
    assets = problem.assumptions.assets
    groups = [
        planner.Group(limit.name, tuple(assets[place] for place in limit.members), limit.lower, limit.upper)
        for limit in problem.classes
    ]
    return [planner.Bounds(upper=dict(zip(assets, problem.upper.tolist(), strict=True))), *groups]
