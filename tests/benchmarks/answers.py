"""How far an answer is from the best there is, found by other means and to the last digits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from .by_clarabel import laid_out, quadratic, solver
from .problem import CONFIDENCE, Aim

if TYPE_CHECKING:
    from .by_clarabel import Layout
    from .problem import Method, Problem, Vector

REFERENCE_TOLERANCE = 1e-12
CHECKED_POINTS = slice(5, None, 10)
"""Of the 50 points of a frontier, those that are held against a reference."""

LINEAR_CONES = 2
"""Equalities and inequalities: a program with more cones is not quadratic."""

MOST_SWEEPS = 10_000


def reference(aim: Aim) -> Method | None:
    """Answers at a tolerance of 1e-12. Those for frontiers depend on the points a method chose (``difference``)."""
    match aim:
        case Aim.FRONTIER:
            return None
        case Aim.RISK_BUDGET:
            return _coordinate_descent
        case Aim.CVAR_240 | Aim.CVAR_2000:
            return _least_cvar
        case _:
            return lambda problem: _exact(laid_out(problem))


def difference(problem: Problem, answer: Vector, best: Vector | None) -> float:
    """Largest difference of a weight; for CVaR, whose weights need not be unique, the difference of the CVaR itself."""
    if problem.aim.scenarios:
        return abs(cvar(problem, answer) - cvar(problem, best))
    if problem.aim is Aim.FRONTIER:
        answer = answer[CHECKED_POINTS]
        best = np.array([_exact(quadratic(problem, float(w @ problem.assumptions.mu))) for w in answer])
    return float(np.max(np.abs(answer - best)))


def share_error(problem: Problem, w: Vector) -> float:
    """Largest difference of a share of the variance from its budget."""
    contributions = w * (problem.assumptions.cov @ w)
    return float(np.max(np.abs(contributions / contributions.sum() - problem.budgets)))


def cvar(problem: Problem, w: Vector) -> float:
    """Mean loss of the worst months, by sorting (Rockafellar & Uryasev 2002, proposition 8)."""
    losses = np.sort(-(problem.assumptions.draws @ w))[::-1]
    worst = (1 - CONFIDENCE) * len(losses)
    whole = math.floor(worst + 1e-9)
    return float((losses[:whole].sum() + (worst - whole) * losses[min(whole, len(losses) - 1)]) / worst)


def _exact(layout: Layout) -> Vector:
    """Clarabel at 1e-12, and where only linear limits are in the way the solution of the conditions that then bind."""
    solution = solver(layout, REFERENCE_TOLERANCE).solve()
    x = np.asarray(solution.x)
    if len(layout.cones) > LINEAR_CONES:
        return layout.weights(x)
    binding = np.asarray(solution.z) > np.asarray(solution.s)
    binding[: layout.equalities] = True
    rows, hessian = layout.matrix.toarray()[binding], sp.csc_matrix(layout.quadratic).toarray()
    conditions = np.block([[hessian, rows.T], [rows, np.zeros((len(rows), len(rows)))]])
    polished, *_ = np.linalg.lstsq(conditions, np.concatenate([-layout.linear, layout.bound[binding]]))
    return layout.weights(polished[: len(x)])


def _coordinate_descent(problem: Problem) -> Vector:
    """Cyclical coordinate descent on ``y'Sy / 2 - sum b log y`` (Griveau-Billion, Richard & Roncalli 2013)."""
    cov, budgets = problem.assumptions.cov, problem.budgets
    y = np.sqrt(budgets / np.diag(cov))
    for _ in range(MOST_SWEEPS):
        before = y.copy()
        for asset, variance in enumerate(np.diag(cov)):
            others = cov[asset] @ y - variance * y[asset]
            y[asset] = (math.sqrt(others**2 + 4 * variance * budgets[asset]) - others) / (2 * variance)
        if np.max(np.abs(y / before - 1)) < REFERENCE_TOLERANCE:
            break
    return np.asarray(y / y.sum())


def _least_cvar(problem: Problem) -> Vector:
    """scipy's interface to HiGHS, each problem from nothing."""
    count, draws = len(problem.upper), problem.assumptions.draws
    months = len(draws)
    beyond = np.full(months, 1 / ((1 - CONFIDENCE) * months))
    grouped = np.column_stack([np.vstack([-problem.membership, problem.membership]), np.zeros(2 * len(problem.groups))])
    solution = linprog(
        np.concatenate([np.zeros(count), [1.0], beyond]),
        A_ub=sp.block_array(
            [[np.column_stack([-draws, -np.ones(months)]), -sp.eye_array(months)], [grouped, None]], format="csr"
        ),
        b_ub=np.concatenate([np.zeros(months), -problem.group_lower, problem.group_upper]),
        A_eq=np.concatenate([np.ones(count), np.zeros(1 + months)])[None],
        b_eq=[1.0],
        bounds=[*((0.0, upper) for upper in problem.upper), (None, None), *[(0.0, None)] * months],
        method="highs-ds",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    return np.asarray(solution.x[:count])
