"""Why no portfolio is inside all limits, and the smallest loosening that helps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from planner.errors import InputError, SolverError
from planner.optimise.kept import compiled, parameter
from planner.optimise.limits import ROUNDING, Scaled
from planner.optimise.phrases import STEP
from planner.optimise.program import Program
from planner.optimise.risk_limits import ReturnFloor, VolatilityCap
from planner.optimise.solution import Infeasible, Loosening
from planner.optimise.solvers import Status

if TYPE_CHECKING:
    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Limit, Vector
    from planner.optimise.reachable import Reachable

TARGETS = (ReturnFloor, VolatilityCap)
"""Limits that ask for a figure of the whole portfolio, of which it is worth saying what is within reach."""

TAKEN_AWAY = 100.0
"""A limit loosened for nothing by up to this much is as good as absent: it is a weight of 10,000 %."""


def explain(assumptions: Assumptions, limits: tuple[Limit, ...], implied: tuple[Limit, ...] = ()) -> Infeasible | None:
    """The limits in conflict (irreducible) and, for each, the smallest loosening of it alone that suffices.

    ``implied`` are the objective's own demands. ``None`` when all can be met after all, or when the search for a
    conflict fails. Method: a deletion filter on the least total violation (Chinneck 2008, Feasibility and
    Infeasibility in Optimization, chapters 6 and 7).
    """
    parts = tuple(part for limit in (*limits, *implied) for part in limit.parts(assumptions.assets))
    if all(part.forbids_shorts_only() for part in parts):
        return None
    search = Search(assumptions, parts)
    try:
        conflict = search.conflict()
        if not conflict:
            return None
        loosenings = [found for place in conflict if parts[place].negotiable if (found := search.loosening(place))]
        loosenings.sort(key=lambda loosening: loosening.by)
        infeasible = Infeasible(tuple(parts[place] for place in conflict), tuple(loosenings))
        target = next((loosening.limit for loosening in loosenings if isinstance(loosening.limit, TARGETS)), None)
        if target is None:
            return infeasible
        others_matter = search.others_matter(parts.index(target), conflict)
    except SolverError:
        return None
    others = tuple(limit for limit in limits if limit != target)
    return replace(infeasible, others_matter=others_matter, reachable=_within_reach(assumptions, others))


def _within_reach(assumptions: Assumptions, limits: tuple[Limit, ...]) -> Reachable | None:
    from planner.optimise.reachable import Reachable, ends  # which needs a solve, which needs this explanation

    found = ends(assumptions, (), limits)
    return found if isinstance(found, Reachable) else None


def stopped(status: str) -> str:
    """What to report of a search that a solver did not finish."""
    return f"The search for limits in conflict stopped with the status '{status}'."


class Search:
    """Parts of limits, each of which can be held, loosened at a price, or taken away, in one compiled problem."""

    def __init__(self, assumptions: Assumptions, parts: tuple[Limit, ...]) -> None:
        self._parts = parts
        self._assumptions = assumptions
        self._open = [place for place, part in enumerate(parts) if not part.forbids_shorts_only()]
        key = ("explain", *(part.structure(assumptions.assets) for part in parts), tuple(self._open))
        bound = any(part.market_bound for part in parts)
        self._problem = compiled(assumptions, key, self._state, market_bound=bound)

    def conflict(self) -> list[int]:
        """Places of the parts that cannot be met together, while any of them less could."""
        if self._least(self._open) <= ROUNDING:
            return []
        suspects = self._open
        for place in self._open:
            others = [suspect for suspect in suspects if suspect != place]
            if self._least(others) > ROUNDING:
                suspects = others
        return suspects

    def loosening(self, place: int) -> Loosening | None:
        """The smallest change of one part that suffices while all others hold; None where no change does."""
        by = self._least([place], held=[other for other in self._open if other != place])
        if not np.isfinite(by):
            return None
        by = round(float(np.ceil((by - ROUNDING) / STEP) * STEP), 10)
        part = self._parts[place]
        try:
            return Loosening(part, part.loosened(by), by)
        except InputError:  # so loose that nobody would write it
            return None

    def others_matter(self, place: int, conflict: list[int]) -> bool:
        """Whether limits outside the conflict make it take more to settle it by loosening one part."""
        inside, all_others = ([part for part in held if part != place] for held in (conflict, self._open))
        return self._least([place], inside) < self._least([place], all_others) - ROUNDING

    def _least(self, priced: list[int], held: list[int] | None = None) -> float:
        """Smallest sum of loosenings of the priced parts; parts neither priced nor held are taken away."""
        count = len(self._parts)
        prices, loose = np.zeros(count), np.ones(count)
        prices[priced] = 1.0
        loose[held or []] = 0.0
        values = [part.values(self._assumptions) for part in self._parts]
        return self._cheapest([prices, loose, *values])

    def _cheapest(self, values: list[Vector]) -> float:
        outcome, (slack, _) = self._problem.solve(values)
        if outcome.status is Status.INFEASIBLE:
            return np.inf
        if outcome.status is Status.FAILED:
            raise SolverError(stopped(outcome.detail))
        return float(values[0] @ slack)

    def _state(self) -> Program:
        import cvxpy as cp

        count = len(self._parts)
        w, slack = cp.Variable(len(self._assumptions.assets)), cp.Variable(count)
        prices, loose = cp.Parameter(count), cp.Parameter(count)
        numbers = [parameter(part.values(self._assumptions)) for part in self._parts]
        rows: list[Any] = [cp.sum(w) == 1, slack >= 0, slack <= TAKEN_AWAY]
        for place, part in enumerate(self._parts):
            by = loose[place] * slack[place] if place in self._open else 0.0
            rows += part.constraints(Scaled(w, 1.0, self._assumptions), numbers[place], by)
        return Program(cp.Problem(cp.Minimize(prices @ slack), rows), [prices, loose, *numbers], [slack, w])
