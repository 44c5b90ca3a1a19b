"""Compiled problems, kept as long as the assumptions they were compiled for."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Vector
    from planner.optimise.problem import CompiledProblem

KEPT_PROBLEMS = 32
"""Compiled problems kept per market; the one unused for longest goes first."""

_kept: WeakKeyDictionary[Assumptions, OrderedDict[Hashable, CompiledProblem]] = WeakKeyDictionary()
_compiling = Lock()


def compiled(assumptions: Assumptions, key: Hashable, compile_now: Callable[[], CompiledProblem]) -> CompiledProblem:
    """The problem kept under this key, or the one compiled now."""
    with _compiling:
        known = _kept.setdefault(assumptions, OrderedDict())
        if key not in known:
            known[key] = compile_now()
            if len(known) > KEPT_PROBLEMS:
                known.popitem(last=False)
        known.move_to_end(key)
        return known[key]


def parameter(values: Vector, *, nonneg: bool = False) -> Any:
    """A cvxpy Parameter for these numbers; None where there are none."""
    import cvxpy as cp

    return cp.Parameter(values.shape, nonneg=nonneg) if values.size else None
