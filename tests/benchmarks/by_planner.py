"""Our public API: limits made from the numbers, one call, and the figures of the result read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import planner

from .problem import CONFIDENCE, POINTS, Aim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.optimise.limits import Limit
    from planner.optimise.objectives import Objective

    from .problem import Method, Problem, Vector


def method(aim: Aim, problems: Sequence[Problem]) -> Method:
    """One call per problem, whatever came before."""
    del problems
    return _frontier if aim is Aim.FRONTIER else _solution


def _solution(problem: Problem) -> Vector:
    """Weights as a Series, expected return and volatility; for risk budgets the risk contributions too."""
    assumptions = problem.assumptions
    if problem.aim.budgeted:
        budgets = dict(zip(assumptions.assets, problem.budgets.tolist(), strict=True))
        solution = planner.risk_budget(assumptions, budgets, limits(problem)).require()
        _ = solution.risk_contributions
    else:
        solution = planner.optimise(assumptions, objective(problem), limits(problem)).require()
    _ = solution.expected_return, solution.volatility
    return solution.weights.to_numpy()


def _frontier(problem: Problem) -> Vector:
    """All points as one table: return, volatility, Sharpe ratio and weights."""
    frontier = planner.frontier(problem.assumptions, limits(problem), POINTS)
    _ = frontier.table
    return frontier.w


def objective(problem: Problem) -> Objective:
    """The objective with the numbers of this problem."""
    match problem.aim:
        case Aim.MEAN_VARIANCE:
            return planner.MaximumUtility(problem.risk_aversion)
        case Aim.MAXIMUM_SHARPE:
            return planner.MaximumSharpe()
        case _:
            return planner.MinimumCVaR(CONFIDENCE)


def limits(problem: Problem) -> list[Limit]:
    """The limits with the numbers of this problem."""
    assets = problem.assumptions.assets
    if not problem.groups:
        return []
    groups = [
        planner.Group(limit.name, tuple(assets[place] for place in limit.members), limit.lower, limit.upper)
        for limit in problem.groups
    ]
    return [planner.Bounds(upper=dict(zip(assets, problem.upper.tolist(), strict=True))), *groups]
