"""Mean-variance portfolios: one call, compiled once per shape of problem."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from planner.errors import InputError
from planner.optimise.explain import explain
from planner.optimise.kept import compiled, parameter
from planner.optimise.limits import ROUNDING, Limit, Scaled
from planner.optimise.objectives import Objective
from planner.optimise.program import Program
from planner.optimise.solution import LARGEST_CLEANING, Failed, Solution, Solved, cleaned
from planner.optimise.solvers import Status
from planner.optimise.weight_limits import Bounds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Vector
    from planner.optimise.not_convex import NotConvex
    from planner.optimise.problem import CompiledProblem
    from planner.optimise.soft import Soft
    from planner.optimise.solvers import Outcome

LONG_ONLY = Bounds(lower=0.0)


def optimise(assumptions: Assumptions, objective: Objective, limits: Iterable[Limit | Soft] = ()) -> Solution:
    """The best portfolio for one objective inside all limits.

    Long only and fully invested; a ``Bounds`` that states its own lower bounds replaces long only for the assets it
    names. The first call for a shape of problem (market, kind of objective, kinds of limits) compiles it; later ones
    with other numbers only solve.

    A limit wrapped as ``Soft(limit, priority)`` gives way, as little as it can, where the others leave no portfolio.

    Returns ``Solved``, ``Infeasible`` (with the limits in conflict and the smallest loosening) or ``Failed``. Raises
    ``InputError`` for a limit that names an unknown asset or contradicts itself. Source: Markowitz (1952), Portfolio
    Selection; architecture.md, "Conventions".
    """
    if not isinstance(objective, Objective):
        raise InputError(f"The objective is {objective!r}: give one such as MinimumVariance() or MaximumUtility(3).")
    if hasattr(limits, "sentence"):
        raise InputError(f"The limits are one limit: put it in a list, [{type(limits).__name__}(...)].")
    stated = tuple(limits)
    hard = tuple(limit for limit in stated if isinstance(limit, Limit))
    if len(hard) < len(stated):
        from planner.optimise.soft import optimise_softly  # which solves, and so needs this

        return optimise_softly(assumptions, objective, stated)
    return solved(assumptions, objective, hard, with_long_only(assumptions, hard))


def solved(
    assumptions: Assumptions, objective: Objective, stated: tuple[Limit, ...], limits: tuple[Limit, ...]
) -> Solution:
    """The best portfolio inside ``limits``, of which ``stated`` are the caller's own."""
    for limit in limits:
        if not limit.convex:
            return cast("NotConvex", limit).solved(assumptions, objective, stated, limits)
    limits += objective.requirements()
    outcome, w = _solve(assumptions, objective, limits)
    if outcome.status is not Status.OPTIMAL:
        reason = explain(assumptions, limits, objective.implied(assumptions))
        if reason is not None:
            return reason
        outcome, w = _solve(assumptions, objective, _without_rounding(limits, assumptions.assets))
    if outcome.status is Status.OPTIMAL and abs(np.add.reduce(w) - 1) <= LARGEST_CLEANING:
        return Solved(assumptions, cleaned(w), objective, stated, outcome.solver)
    return Failed(outcome.solver, outcome.detail)


def _solve(assumptions: Assumptions, objective: Objective, limits: tuple[Limit, ...]) -> tuple[Outcome, Vector]:
    outcome, (w, total) = compiled_for(assumptions, objective, limits).solve(numbers(assumptions, objective, limits))
    return outcome, w / total if objective.homogeneous and outcome.status is Status.OPTIMAL else w


def compiled_for(assumptions: Assumptions, objective: Objective, limits: tuple[Limit, ...]) -> CompiledProblem:
    """The compiled problem for this objective inside exactly these limits; outputs are the weights and their sum."""
    return compiled(
        assumptions,
        (objective.structure(), *(limit.structure(assumptions.assets) for limit in limits)),
        lambda: _state(assumptions, objective, limits),
        objective.quadratic,
        market_bound=objective.market_bound or any(limit.market_bound for limit in limits),
    )


def numbers(assumptions: Assumptions, objective: Objective, limits: tuple[Limit, ...]) -> list[Vector]:
    """What the compiled problem reads: the objective's values, then those of each limit."""
    return [objective.values(assumptions), *(limit.values(assumptions) for limit in limits)]


def _without_rounding(limits: tuple[Limit, ...], assets: tuple[str, ...]) -> tuple[Limit, ...]:
    """The same limits, met also where they miss each other by rounding errors only, as 3 times 0.333333333 and 1."""
    parts = (part for limit in limits for part in limit.parts(assets))
    return tuple(part if part.forbids_shorts_only() else part.loosened(ROUNDING) for part in parts)


def with_long_only(assumptions: Assumptions, limits: tuple[Limit, ...]) -> tuple[Limit, ...]:
    """The limits, with long only first for every asset whose lower bound none of them states."""
    assets = assumptions.assets
    stated = frozenset[str]().union(*[limit.lower_bounded(assets) for limit in limits])
    if not stated:
        return (LONG_ONLY, *limits)
    free = {asset: 0.0 for asset in assets if asset not in stated}
    return (Bounds(lower=free), *limits) if free else limits


def _state(assumptions: Assumptions, objective: Objective, limits: tuple[Limit, ...]) -> Program:
    import cvxpy as cp

    w, total = cp.Variable(len(assumptions.assets)), cp.Variable()
    quadratic = objective.quadratic(assumptions)
    problem = Scaled(w, total if objective.homogeneous else 1.0, assumptions, quadratic)
    aim = parameter(objective.values(assumptions), nonneg=objective.nonnegative)
    parameters = [parameter(limit.values(assumptions)) for limit in limits]
    constraints: list[Any] = [cp.sum(w) == total, *objective.constraints(problem, aim)]
    constraints.append(total >= 0 if objective.homogeneous else total == 1)
    for limit, values in zip(limits, parameters, strict=True):
        constraints += limit.constraints(problem, values)
    cost = objective.cost(problem, aim)
    return Program(
        cp.Problem(cp.Minimize(cost), constraints),
        [aim, *parameters],
        [w, total],
        None if quadratic is None else w,
    )
