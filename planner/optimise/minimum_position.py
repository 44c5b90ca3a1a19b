"""Holdings that are worth having or not there at all."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, Self

import numpy as np

from planner.errors import InputError, SolverError
from planner.optimise.explain import Search, stopped
from planner.optimise.limits import BINDING_TOLERANCE, ROUNDING, Limit, checked_fraction, positions
from planner.optimise.mean_variance import numbers
from planner.optimise.not_convex import INSIDE, Found, NotConvex, solved_with
from planner.optimise.phrases import DIGITS, STEP, listed, way
from planner.optimise.solution import Infeasible, Loosening
from planner.optimise.solvers import Status
from planner.optimise.weight_limits import Bounds
from planner.wording import percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Vector
    from planner.optimise.objectives import Objective

MOST_ASSETS = 15
"""Assets up to which the search ends soon even at its worst, 2^16 problems of some tens of microseconds each."""

UNBOUNDED = 100.0
"""The upper bound of an asset that may be held: a weight of 10,000 %, as good as none."""

GAP = 1e-9
"""Portfolios whose costs differ by less than this, relative to the cost, are equally good."""


@dataclass(frozen=True)
class MinimumPosition(NotConvex):
    """Each asset is held with at least ``minimum`` of the portfolio or not at all; none of them is sold short.

    Formula: ``w_i = 0 or w_i >= minimum`` for each of ``assets`` (all where left out), at most 15 of them; the search
    is exact. Method: branch and bound, best bound first (Land & Doig 1960; Bienstock 1996, Computational Study of a
    Family of Mixed-Integer Quadratic Programming Problems). A node of the tree bounds every asset by
    ``lower_i <= w_i <= upper_i``, so that all nodes are one compiled problem with other numbers; its cost bounds
    that of all portfolios below it, and its weights, rounded to the nearer side, make a first portfolio.
    """

    minimum: float
    assets: tuple[str, ...] | None = None
    exact = True

    def __post_init__(self) -> None:
        if not 0 < checked_fraction(self.minimum, "The minimum position") <= 1:
            raise InputError(
                f"The minimum position is {percent(self.minimum, 2)}: it must be above 0 and at most 100 %."
            )
        if isinstance(self.assets, str):
            raise InputError(f"The assets of a minimum position are a text: give a list, ['{self.assets}'].")
        if self.assets is not None:
            object.__setattr__(self, "assets", tuple(self.assets))
            if not self.assets or len(set(self.assets)) < len(self.assets):
                raise InputError("A minimum position names no asset, or one of them twice: name each once.")

    def relaxed(self, assets: tuple[str, ...]) -> tuple[Limit, ...]:
        """No short positions."""
        return (Bounds(lower=dict.fromkeys(self.named(assets), 0.0)),)

    def named(self, assets: tuple[str, ...]) -> tuple[str, ...]:
        """The assets it is for."""
        named = assets if self.assets is None else self.assets
        if len(named) > MOST_ASSETS:
            raise InputError(
                f"A minimum position is asked for {len(named)} assets, and can be kept exactly for {MOST_ASSETS}: name "
                "those it matters for, or combine assets into classes first."
            )
        return named

    def places(self, assets: tuple[str, ...]) -> list[int]:
        """Places of the assets it is for."""
        return positions(self.named(assets), assets, "A minimum position")

    def loosened(self, by: float) -> Self:
        """A smaller minimum."""
        return replace(self, minimum=self.minimum - by)

    def room(self, assumptions: Assumptions, w: Vector) -> float:
        """Least excess over the minimum; below 0 the part of a holding that is too much for none, or misses it."""
        held = w[self.places(assumptions.assets)]
        return float(np.min(np.where(held > self.minimum / 2, held - self.minimum, -np.abs(held))))

    def binding(self, assumptions: Assumptions, w: Vector) -> list[str]:
        """The assets held at their minimum."""
        at = [
            assumptions.assets[place]
            for place in self.places(assumptions.assets)
            if abs(w[place] - self.minimum) < BINDING_TOLERANCE
        ]
        verb = "is at its" if len(at) == 1 else "are at their"
        return [f"{listed(at)} {verb} minimum position of {percent(self.minimum, DIGITS)}"] if at else []

    def sentence(self) -> str:
        """Whom it is for, and the minimum."""
        whom = "every asset" if self.assets is None else listed(self.assets)
        return f"{whom} at least {percent(self.minimum, DIGITS)} or none"

    def search(self, assumptions: Assumptions, objective: Objective, limits: tuple[Limit, ...]) -> Found:
        """The best portfolio, proven."""
        named, places = self.named(assumptions.assets), self.places(assumptions.assets)
        limits += (_node(named),)
        values = numbers(assumptions, objective, limits)

        def at(bounds: Vector) -> Found:
            return solved_with(assumptions, objective, limits, [*values[:-1], bounds])

        needed = {
            asset for limit in objective.implied(assumptions) for asset in limit.lower_bounded(assumptions.assets)
        }
        return _Tree(at, places, self.minimum).best(held=np.array([name in needed for name in named]))

    def conflict(self, assumptions: Assumptions, limits: tuple[Limit, ...]) -> Infeasible | None:
        """The limits that force small positions, and how small each would have to be allowed."""
        parts = tuple(part for limit in limits for part in limit.parts(assumptions.assets))
        search = _WithMinimum(assumptions, parts, self)
        others = search.conflict()
        loosenings = [found for place in others if parts[place].negotiable if (found := search.loosening(place))]
        smaller = search.smaller()
        if smaller is not None:
            loosenings.insert(0, Loosening(self, smaller, self.minimum - smaller.minimum))
        return Infeasible((self, *(parts[place] for place in others)), tuple(loosenings))


@way.register
def _(limit: MinimumPosition, loosened: MinimumPosition) -> str:
    return f"lower the minimum position from {percent(limit.minimum, DIGITS)} to {percent(loosened.minimum, DIGITS)}"


class _Node(Bounds):
    """The bounds of a node: one part, which no loosening is offered for."""

    negotiable = False

    def parts(self, assets: tuple[str, ...]) -> tuple[Limit, ...]:
        """Itself."""
        del assets
        return (self,)


def _node(named: tuple[str, ...]) -> _Node:
    return _Node(lower=dict.fromkeys(named, 0.0), upper=dict.fromkeys(named, 1.0))


class _Tree:
    """Branch and bound over the assets at ``places``: ``solve`` takes their lower bounds, then their upper ones."""

    def __init__(
        self, solve: Callable[[Vector], Found], places: list[int], minimum: float, enough: float = -math.inf
    ) -> None:
        self._solve, self._places, self._minimum = solve, places, minimum
        self._enough = enough
        self._tried: set[bytes] = set()
        self._best = Found(Status.INFEASIBLE, np.empty(0), math.inf, "")

    def best(self, held: np.ndarray | bool = False) -> Found:
        """The best portfolio, or the first whose cost is small enough; ``held`` are assets it cannot do without."""
        size = len(self._places)
        root = np.repeat([0.0, UNBOUNDED], size)
        root[:size] += self._minimum * held
        order = count(-1, -1)  # of equal bounds the latest first: down, not across
        nodes = [(-math.inf, 0, root)]
        while nodes:
            bound, _, bounds = heappop(nodes)
            if self._closed(bound):
                break
            found = self._solve(bounds)
            free = np.flatnonzero((bounds[:size] == 0) & (bounds[size:] > 0))
            if found.status is Status.FAILED:
                if not free.size:
                    return found
                place, cost = free[0], bound  # what one node cannot tell, those below it can
            elif found.status is Status.INFEASIBLE or self._closed(found.cost):
                continue
            else:
                weights = found.w[self._places]
                missed = np.minimum(weights, self._minimum - weights)[free]
                if np.max(missed, initial=0.0) <= INSIDE:
                    self._best = found
                    continue
                place, cost = free[missed.argmax()], found.cost
                self._round(weights > self._minimum / 2)
            for lower, upper in ((0.0, 0.0), (self._minimum, UNBOUNDED)):
                child = bounds.copy()
                child[place], child[size + place] = lower, upper
                heappush(nodes, (cost, next(order), child))
        return self._best

    def _closed(self, bound: float) -> bool:
        """Whether nothing that costs at least ``bound`` would be better than what is known."""
        best = self._best.cost
        return best <= self._enough or bound >= best - GAP * abs(best)

    def _round(self, held: np.ndarray) -> None:
        """Try the portfolio that holds exactly these."""
        if held.tobytes() in self._tried:
            return
        self._tried.add(held.tobytes())
        found = self._solve(np.concatenate([held * self._minimum, held * UNBOUNDED]))
        if found.status is Status.OPTIMAL and found.cost < self._best.cost:
            self._best = found


class _WithMinimum(Search):
    """The search for limits in conflict, among portfolios that keep a minimum position."""

    def __init__(self, assumptions: Assumptions, parts: tuple[Limit, ...], limit: MinimumPosition) -> None:
        super().__init__(assumptions, (*parts, _node(limit.named(assumptions.assets))))
        self._open = self._open[:-1]
        self._limit = limit

    def smaller(self) -> MinimumPosition | None:
        """The same limit with the largest minimum, in hundredths of a percent, that all other limits allow."""
        asked = self._limit
        low, high = 0, math.ceil(asked.minimum / STEP)
        while high - low > 1:
            middle = (low + high) // 2
            self._limit = replace(asked, minimum=middle * STEP)
            if self._least([], self._open) < math.inf:
                low = middle
            else:
                high = middle
        self._limit = asked
        return replace(asked, minimum=low * STEP) if low else None

    def _cheapest(self, values: list[Vector]) -> float:
        prices, loose, *numbers, _ = values
        loose[-1] = 0.0

        def at(bounds: Vector) -> Found:
            outcome, (slack, w) = self._problem.solve([prices, loose, *numbers, bounds])
            return Found(outcome.status, w, float(prices @ slack), outcome.solver, outcome.detail)

        found = _Tree(at, self._limit.places(self._assumptions.assets), self._limit.minimum, ROUNDING).best()
        if found.status is Status.FAILED:
            raise SolverError(stopped(found.detail))
        return found.cost
