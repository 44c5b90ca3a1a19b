"""Why no portfolio is inside all limits, and the smallest loosening that helps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from planner.errors import SolverError
from planner.optimise.limits import Bounds, ReturnFloor, Scaled
from planner.optimise.solution import Infeasible, Loosening

if TYPE_CHECKING:
    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Limit

FEASIBLE = 1e-7
"""Limits that miss each other by less than this, in their own unit, are met."""

STEP = 1e-4
"""Loosenings are rounded up to the next hundredth of a percent, so that the sentence read aloud really suffices."""

LEAST_EXCESS = 1e-6
"""A portfolio beats cash when it is expected to return this much more."""


def explain(assumptions: Assumptions, limits: tuple[Limit, ...], *, beats_cash: bool = False) -> Infeasible | None:
    """The limits in conflict (irreducible) and, for each, the smallest loosening of it alone that suffices.

    ``beats_cash`` adds the requirement of the maximum Sharpe ratio, a return above the risk-free rate. ``None`` when
    the limits can be met after all. Method: the dual of the least total violation names a conflicting set (Farkas),
    a deletion filter makes it irreducible (Chinneck 2008, Feasibility and Infeasibility in Optimization, chapter 6).
    """
    if beats_cash:
        limits = (*limits, ReturnFloor(assumptions.risk_free + LEAST_EXCESS))
    hard = tuple(limit for limit in limits if _is_long_only(limit))
    parts = tuple(part for limit in limits if not _is_long_only(limit) for part in limit.parts(assumptions.assets))
    conflict = _conflict(assumptions, hard, parts)
    if not conflict:
        return None
    loosenings = [
        loosening
        for part in conflict
        if (loosening := _loosening(assumptions, (*hard, *(other for other in parts if other is not part)), part))
    ]
    return Infeasible(conflict, tuple(sorted(loosenings, key=lambda loosening: loosening.by)))


def _is_long_only(limit: Limit) -> bool:
    if not isinstance(limit, Bounds) or limit.upper is not None or limit.lower is None:
        return False
    lower = limit.lower.values() if isinstance(limit.lower, dict) else [limit.lower]
    return all(value == 0 for value in lower)


def _conflict(assumptions: Assumptions, hard: tuple[Limit, ...], parts: tuple[Limit, ...]) -> tuple[Limit, ...]:
    violation, guilty = _least_violation(assumptions, hard, parts)
    if violation < FEASIBLE:
        return ()
    suspects = [part for part, is_guilty in zip(parts, guilty, strict=True) if is_guilty]
    for part in tuple(suspects):
        others = tuple(suspect for suspect in suspects if suspect is not part)
        if _least_violation(assumptions, hard, others)[0] >= FEASIBLE:
            suspects = list(others)
    return tuple(suspects)


def _loosening(assumptions: Assumptions, others: tuple[Limit, ...], part: Limit) -> Loosening | None:
    by, _ = _least_violation(assumptions, others, (part,))
    if not np.isfinite(by):
        return None
    by = float(np.ceil((by - FEASIBLE) / STEP) * STEP)
    return Loosening(part, part.loosened(by), by)


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
    program.solve(solver=cp.CLARABEL)
    if program.status in {cp.INFEASIBLE, cp.INFEASIBLE_INACCURATE}:
        return np.inf, [True] * len(soft)
    if program.value is None:
        raise SolverError(f"The search for limits in conflict stopped with the status '{program.status}'.")
    return float(program.value), [any(_weight(row) > FEASIBLE for row in part) for part in rows]


def _weight(row: Any) -> float:
    return float(max(np.max(np.abs(dual.value)) for dual in row.dual_variables if dual.value is not None))
