"""Compiled problems, kept: programs for all markets with the same assets, and solvers as long as their market."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from planner.optimise.problem import CompiledProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Vector
    from planner.optimise.program import Program

KEPT_PROGRAMS = 48
"""Programs kept in all; the one unused for longest goes first."""

KEPT_PROBLEMS = 32
"""Compiled problems kept per market; the one unused for longest goes first."""

_programs: OrderedDict[Hashable, Program] = OrderedDict()
_problems: WeakKeyDictionary[Assumptions, OrderedDict[Hashable, CompiledProblem]] = WeakKeyDictionary()
_compiling = Lock()

Thing = TypeVar("Thing")


def compiled(
    assumptions: Assumptions,
    key: Hashable,
    state: Callable[[], Program],
    quadratic: Callable[[Assumptions], Vector | None] = lambda _: None,
    *,
    market_bound: bool,
) -> CompiledProblem:
    """The problem kept for this market under this key, or one made now.

    ``state`` states the program with cvxpy, ``quadratic`` gives the Hessian at the weights. A program that is
    ``market_bound`` holds numbers of the market in its constraints and serves no other.
    """
    known = _problems.get(assumptions)
    problem = None if known is None else known.get(key)
    if problem is not None:
        return problem
    with _compiling:
        known = _problems.setdefault(assumptions, OrderedDict())
        if key not in known:
            program = state() if market_bound else _kept(_programs, (assumptions.assets, key), state, KEPT_PROGRAMS)
            _kept(known, key, lambda: CompiledProblem(program, quadratic(assumptions)), KEPT_PROBLEMS)
        return known[key]


def _kept(store: OrderedDict[Hashable, Thing], key: Hashable, make: Callable[[], Thing], most: int) -> Thing:
    if key not in store:
        store[key] = make()
        if len(store) > most:
            store.popitem(last=False)
    store.move_to_end(key)
    return store[key]


def parameter(values: Vector, *, nonneg: bool = False) -> Any:
    """A cvxpy Parameter for these numbers; None where there are none."""
    import cvxpy as cp

    return cp.Parameter(values.shape, nonneg=nonneg) if values.size else None
