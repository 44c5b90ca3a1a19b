"""cvxpy as its tutorial has it: a new problem for every call; a frontier is one problem with a Parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cvxpy as cp
import numpy as np

from .problem import CONFIDENCE, POINTS, Aim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .problem import Method, Problem, Vector


def method(aim: Aim, problems: Sequence[Problem]) -> Method:
    """State, canonicalise and solve with Clarabel at cvxpy's default tolerances."""
    del problems
    return _frontier if aim is Aim.FRONTIER else _solve


def _solve(problem: Problem) -> Vector:
    w = cp.Variable(len(problem.upper))
    total = cp.Variable() if problem.aim.homogeneous else 1.0
    cost, more = _aim(problem, w)
    cp.Problem(cp.Minimize(cost), [*_limits(problem, w, total), *more]).solve(solver=cp.CLARABEL)
    return np.asarray(w.value / total.value if problem.aim.homogeneous else w.value)


def _limits(problem: Problem, w: Any, total: Any) -> list[Any]:
    constraints = [cp.sum(w) == total, w >= 0]
    if problem.groups:
        shares = problem.membership @ w
        constraints += [
            w <= problem.upper * total,
            shares >= problem.group_lower * total,
            shares <= problem.group_upper * total,
        ]
    return constraints


def _aim(problem: Problem, w: Any) -> tuple[Any, list[Any]]:
    mu = problem.assumptions.mu
    match problem.aim:
        case Aim.MEAN_VARIANCE:
            return problem.risk_aversion * _half_variance(problem, w) - mu @ w, []
        case Aim.MAXIMUM_SHARPE:
            return _half_variance(problem, w), [(mu - problem.assumptions.risk_free) @ w == 1]
        case Aim.CVAR_240 | Aim.CVAR_2000:
            draws, quantile = problem.assumptions.draws, cp.Variable()
            beyond = cp.sum(cp.pos(-(draws @ w) - quantile)) / len(draws)
            return quantile + beyond / (1 - CONFIDENCE), []
        case _:
            return _half_variance(problem, w) - problem.budgets @ cp.log(w), []


def _half_variance(problem: Problem, w: Any) -> Any:
    return cp.quad_form(w, cp.psd_wrap(problem.assumptions.cov)) / 2


def _frontier(problem: Problem) -> Vector:
    w, target = cp.Variable(len(problem.upper)), cp.Parameter()
    mean = problem.assumptions.mu @ w
    inside = _limits(problem, w, 1.0)
    least = cp.Problem(cp.Minimize(_half_variance(problem, w)), [*inside, mean >= target])
    target.value = -1.0
    least.solve(solver=cp.CLARABEL)
    lowest, found = mean.value, [w.value]
    cp.Problem(cp.Maximize(mean), inside).solve(solver=cp.CLARABEL)
    for expected_return in np.linspace(lowest, mean.value, POINTS)[1:]:
        target.value = expected_return
        least.solve(solver=cp.CLARABEL)
        found.append(w.value)
    return np.array(found)
