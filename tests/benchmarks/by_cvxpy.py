"""cvxpy as its tutorial has it: a new problem for every call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cvxpy as cp
import numpy as np

from .problem import Aim

if TYPE_CHECKING:
    from .problem import Method, Problem, Vector


def method(aim: Aim) -> Method:
    """The same function for every aim."""
    del aim
    return solve


def solve(problem: Problem) -> Vector:
    """State, canonicalise and solve with Clarabel at cvxpy's default tolerances."""
    w = cp.Variable(len(problem.upper))
    total = cp.Variable() if problem.aim.homogeneous else 1.0
    membership = problem.membership
    constraints = [
        cp.sum(w) == total,
        w >= 0,
        w <= problem.upper * total,
        membership @ w >= problem.class_lower * total,
        membership @ w <= problem.class_upper * total,
    ]
    cost, more = _aim(problem, w)
    cp.Problem(cp.Minimize(cost), [*constraints, *more]).solve(solver=cp.CLARABEL)
    return np.asarray(w.value / total.value if problem.aim.homogeneous else w.value)


def _aim(problem: Problem, w: Any) -> tuple[Any, list[Any]]:
    mu = problem.assumptions.mu
    half_variance = cp.quad_form(w, cp.psd_wrap(problem.assumptions.cov)) / 2
    match problem.aim:
        case Aim.MAXIMUM_UTILITY:
            return problem.risk_aversion * half_variance - mu @ w, []
        case Aim.TARGET_RETURN:
            return half_variance, [mu @ w >= problem.expected_return]
        case Aim.MAXIMUM_SHARPE:
            return half_variance, [(mu - problem.assumptions.risk_free) @ w == 1]
        case Aim.RISK_BUDGET:
            return half_variance - problem.budgets @ cp.log(w), []
        case _:
            return half_variance, []
