"""Mean-variance portfolios: one call, compiled once per shape of problem."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from planner.optimise.explain import explain
from planner.optimise.limits import Bounds, Scaled
from planner.optimise.objectives import MaximumSharpe
from planner.optimise.problem import CompiledProblem, Status
from planner.optimise.solution import Failed, Solution, Solved, cleaned

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Limit, Vector
    from planner.optimise.objectives import Objective

KEPT_PROBLEMS = 32
"""Compiled problems kept per market; the one unused for longest goes first."""

_compiled: WeakKeyDictionary[Assumptions, OrderedDict[Hashable, CompiledProblem]] = WeakKeyDictionary()


def optimise(assumptions: Assumptions, objective: Objective, limits: Iterable[Limit] = ()) -> Solution:
    """The best portfolio for one objective inside all limits.

    Long only and fully invested; a ``Bounds`` that states its own lower bounds replaces long only for the assets it
    names. The first call for a shape of problem (market, kind of objective, kinds of limits) compiles it; later ones
    with other numbers only solve.

    Returns ``Solved``, ``Infeasible`` (with the limits in conflict and the smallest loosening) or ``Failed``. Raises
    ``InputError`` for a limit that names an unknown asset or contradicts itself. Source: Markowitz (1952), Portfolio
    Selection; architecture.md, "Conventions".
    """
    limits = tuple(limits)
    binding_set = with_long_only(assumptions, limits) + objective.requirements()
    problem = compiled(assumptions, objective, binding_set)
    assets = assumptions.assets
    outcome, (w, total) = problem.solve([objective.values(), *(limit.values(assets) for limit in binding_set)])
    if outcome.status is Status.OPTIMAL:
        if objective.homogeneous:
            w = w / total
        return Solved(assumptions, cleaned(w), objective, limits, outcome.solver)
    if outcome.status is Status.INFEASIBLE:
        return explain(assumptions, binding_set, beats_cash=isinstance(objective, MaximumSharpe)) or Failed(
            outcome.solver, outcome.detail
        )
    return Failed(outcome.solver, outcome.detail)


def with_long_only(assumptions: Assumptions, limits: tuple[Limit, ...]) -> tuple[Limit, ...]:
    """The limits, with long only first for every asset whose lower bound none of them states."""
    stated: frozenset[str] = frozenset().union(*(limit.lower_bounded(assumptions.assets) for limit in limits))
    if not stated:
        return (Bounds(lower=0.0), *limits)
    free = {asset: 0.0 for asset in assumptions.assets if asset not in stated}
    return (Bounds(lower=free), *limits) if free else limits


def compiled(assumptions: Assumptions, objective: Objective, limits: tuple[Limit, ...]) -> CompiledProblem:
    """The compiled problem of this shape, from the cache or made now."""
    key = (objective.structure(), *(limit.structure(assumptions.assets) for limit in limits))
    known = _compiled.setdefault(assumptions, OrderedDict())
    if key in known:
        known.move_to_end(key)
    else:
        known[key] = _compile(assumptions, objective, limits)
        if len(known) > KEPT_PROBLEMS:
            known.popitem(last=False)
    return known[key]


def _compile(assumptions: Assumptions, objective: Objective, limits: tuple[Limit, ...]) -> CompiledProblem:
    import cvxpy as cp

    w, total = cp.Variable(len(assumptions.assets)), cp.Variable()
    problem = Scaled(w, total if objective.homogeneous else 1.0, assumptions)
    numbers = [
        _parameter(objective.values(), nonneg=True),
        *(_parameter(limit.values(assumptions.assets)) for limit in limits),
    ]
    constraints: list[Any] = [cp.sum(w) == total, *objective.normalisation(problem)]
    constraints.append(total >= 0 if objective.homogeneous else total == 1)
    for limit, values in zip(limits, numbers[1:], strict=True):
        constraints += limit.constraints(problem, values)
    cost = objective.cost(problem, numbers[0])
    return CompiledProblem(cp.Problem(cp.Minimize(cost), constraints), numbers, [w, total])


def _parameter(values: Vector, *, nonneg: bool = False) -> Any:
    import cvxpy as cp

    return cp.Parameter(values.shape, nonneg=nonneg) if values.size else None
