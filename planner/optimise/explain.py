"""Why no portfolio is inside all limits, and the smallest loosening that helps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from planner.errors import InputError, SolverError
from planner.optimise.limits import ROUNDING, Scaled
from planner.optimise.solution import Infeasible, Loosening

if TYPE_CHECKING:
    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Limit

TOLERANCES = (1e-10, 1e-8)
"""Of the search for the least violation: the first far below ROUNDING, the second where Clarabel cannot reach it."""

DUAL_NOISE = 1e-6
"""A dual variable above this names its limit as one in conflict; those of limits in conflict sum to 1 and more."""

STEP = 1e-4
"""Loosenings are rounded up to the next hundredth of a percent, so that the sentence read aloud really suffices."""


def explain(assumptions: Assumptions, limits: tuple[Limit, ...], implied: tuple[Limit, ...] = ()) -> Infeasible | None:
    """The limits in conflict (irreducible) and, for each, the smallest loosening of it alone that suffices.

    ``implied`` are the objective's own demands. ``None`` when all can be met after all. Method: the dual of the least
    total violation names a conflicting set (Farkas), a deletion filter makes it irreducible (Chinneck 2008,
    Feasibility and Infeasibility in Optimization, chapter 6).
    """
    parts = tuple(part for limit in (*limits, *implied) for part in limit.parts(assumptions.assets))
    hard = tuple(part for part in parts if part.forbids_shorts_only())
    parts = tuple(part for part in parts if not part.forbids_shorts_only())
    conflict = _conflict(assumptions, hard, parts)
    if not conflict:
        return None
    loosenings = [
        loosening
        for part in conflict
        if part.negotiable
        if (loosening := _loosening(assumptions, (*hard, *(other for other in parts if other is not part)), part))
    ]
    return Infeasible(conflict, tuple(sorted(loosenings, key=lambda loosening: loosening.by)))


def _conflict(assumptions: Assumptions, hard: tuple[Limit, ...], parts: tuple[Limit, ...]) -> tuple[Limit, ...]:
    violation, guilty = _least_violation(assumptions, hard, parts)
    if violation <= ROUNDING:
        return ()
    suspects = tuple(part for part, is_guilty in zip(parts, guilty, strict=True) if is_guilty)
    if _least_violation(assumptions, hard, suspects)[0] <= ROUNDING:
        suspects = parts
    for part in suspects:
        others = tuple(suspect for suspect in suspects if suspect is not part)
        if _least_violation(assumptions, hard, others)[0] > ROUNDING:
            suspects = others
    return suspects


def _loosening(assumptions: Assumptions, others: tuple[Limit, ...], part: Limit) -> Loosening | None:
    by, _ = _least_violation(assumptions, others, (part,))
    if not np.isfinite(by):
        return None
    by = round(float(np.ceil((by - ROUNDING) / STEP) * STEP), 10)
    try:
        return Loosening(part, part.loosened(by), by)
    except InputError:  # so loose that nobody would write it
        return None


def _least_violation(
    assumptions: Assumptions, hard: tuple[Limit, ...], soft: tuple[Limit, ...]
) -> tuple[float, list[bool]]:
    """Smallest sum of loosenings of the soft limits, and which of them its dual variables name."""
    import cvxpy as cp

    w = cp.Variable(len(assumptions.assets))
    problem = Scaled(w, 1.0, assumptions)
    slack = cp.Variable(max(1, len(soft)), nonneg=True)
    rows: list[list[Any]] = [
        limit.constraints(problem, limit.values(assumptions.assets), slack[place]) for place, limit in enumerate(soft)
    ]
    fixed = [row for limit in hard for row in limit.constraints(problem, limit.values(assumptions.assets))]
    program = cp.Problem(cp.Minimize(cp.sum(slack)), [cp.sum(w) == 1, *fixed, *(row for part in rows for row in part)])
    _solve(program)
    if program.status in {cp.INFEASIBLE, cp.INFEASIBLE_INACCURATE}:
        return np.inf, [True] * len(soft)
    return float(program.value), [any(_weight(row) > DUAL_NOISE for row in part) for part in rows]


def _solve(program: Any) -> None:
    import cvxpy as cp

    for tolerance in TOLERANCES:
        accuracy = dict.fromkeys(("tol_feas", "tol_gap_abs", "tol_gap_rel"), tolerance)
        try:
            program.solve(solver=cp.CLARABEL, **accuracy)
        except cp.SolverError:
            continue
        if program.status in {cp.OPTIMAL, cp.INFEASIBLE}:
            return
    if program.value is None:
        raise SolverError(f"The search for limits in conflict stopped with the status '{program.status}'.")


def _weight(row: Any) -> float:
    return float(max(np.max(np.abs(dual.value)) for dual in row.dual_variables if dual.value is not None))
