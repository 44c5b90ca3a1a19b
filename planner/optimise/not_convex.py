"""Limits that are not convex, and what is common to the searches that keep them."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from planner.errors import InputError
from planner.optimise.limits import Limit
from planner.optimise.mean_variance import compiled_for, numbers, solved
from planner.optimise.objectives import MinimumVariance
from planner.optimise.solution import LARGEST_CLEANING, Failed, Infeasible, Solution, Solved, cleaned
from planner.optimise.solvers import Status

if TYPE_CHECKING:
    from collections.abc import Hashable

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Scaled, Vector
    from planner.optimise.objectives import Objective

INSIDE = 1e-9
"""A portfolio no further outside a limit than this is inside it: a tenth of what results promise."""


@dataclass(frozen=True, slots=True)
class Found:
    """The end of a search: the weights, and the cost of the compiled problem at them.

    Costs of one objective inside limits of one structure can be compared, whatever their unit.
    """

    status: Status
    w: Vector
    cost: float
    solver: str
    detail: str = ""


class NotConvex(Limit):
    """A limit that no single convex problem holds: it brings the search for the best portfolio that keeps it."""

    convex = False
    exact = False
    """True where the search proves that nothing is better. Other searches go around it."""

    @abstractmethod
    def relaxed(self, assets: tuple[str, ...]) -> tuple[Limit, ...]:
        """The tightest convex limits that forbid nothing this limit allows."""

    @abstractmethod
    def search(self, assumptions: Assumptions, objective: Objective, limits: tuple[Limit, ...]) -> Found:
        """The best portfolio inside this limit and all of ``limits``."""

    @abstractmethod
    def conflict(self, assumptions: Assumptions, limits: tuple[Limit, ...]) -> Infeasible | None:
        """Why no portfolio inside ``limits``, of which there are some, keeps this one; None where it is not known."""

    def solved(
        self, assumptions: Assumptions, objective: Objective, stated: tuple[Limit, ...], limits: tuple[Limit, ...]
    ) -> Solution:
        """What ``mean_variance.solved`` returns where ``limits`` hold this one.

        The best portfolio without this limit where that keeps it, and the end of the search where it does not.
        """
        outermost = _outermost(limits)
        if outermost is not self:
            return outermost.solved(assumptions, objective, stated, limits)
        others = tuple(limit for limit in limits if limit is not self)
        free = solved(assumptions, objective, stated, (*others, *self.relaxed(assumptions.assets)))
        if not isinstance(free, Solved) or self.room(assumptions, free.w) >= -INSIDE:
            return free
        others += objective.requirements()
        found = self.search(assumptions, objective, others)
        if found.status is Status.OPTIMAL:
            return Solved(assumptions, cleaned(found.w), objective, stated, found.solver)
        needed = (*others, *objective.implied(assumptions))
        if found.status is Status.INFEASIBLE or self._nothing_inside(assumptions, needed):
            return self.conflict(assumptions, needed) or Failed(found.solver, found.detail)
        return Failed(found.solver, found.detail)

    def _nothing_inside(self, assumptions: Assumptions, limits: tuple[Limit, ...]) -> bool:
        """Whether there is no portfolio at all, where the solver of a hard objective could not tell."""
        return self.search(assumptions, MinimumVariance(), limits).status is Status.INFEASIBLE

    def structure(self, assets: tuple[str, ...]) -> Hashable:
        """None: there is no convex problem to compile."""
        del assets
        self._refuse()

    def values(self, assumptions: Assumptions) -> Vector:
        """None: there is no convex problem to compile."""
        del assumptions
        self._refuse()

    def constraints(self, problem: Scaled, values: Any, slack: Any = 0.0) -> list[Any]:
        """None: there is no convex problem to compile."""
        del problem, values, slack
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise InputError(
            f"“{self.sentence()}” is not a convex limit: it takes a search, which `optimise` makes for one portfolio "
            "at a time and for one minimum position. Leave it out here."
        )


def _outermost(limits: tuple[Limit, ...]) -> NotConvex:
    searched = [limit for limit in limits if isinstance(limit, NotConvex)]
    return next((limit for limit in searched if not limit.exact), searched[0])


def least(assumptions: Assumptions, objective: Objective, limits: tuple[Limit, ...]) -> Found:
    """The best portfolio inside exactly ``limits``, whether they are convex or not."""
    if all(limit.convex for limit in limits):
        return solved_with(assumptions, objective, limits, numbers(assumptions, objective, limits))
    outermost = _outermost(limits)
    return outermost.search(assumptions, objective, tuple(limit for limit in limits if limit is not outermost))


def solved_with(
    assumptions: Assumptions, objective: Objective, limits: tuple[Limit, ...], values: list[Vector]
) -> Found:
    """The solution of the compiled problem for ``limits`` with ``values`` in place of their own numbers."""
    problem = compiled_for(assumptions, objective, limits)
    outcome, (w, total) = problem.solve(values)
    if outcome.status is not Status.OPTIMAL:
        return Found(outcome.status, w, np.inf, outcome.solver, outcome.detail)
    if objective.homogeneous:
        w = w / total
    status = Status.OPTIMAL if abs(w.sum() - 1) <= LARGEST_CLEANING else Status.FAILED
    return Found(status, w, problem.cost(values, outcome), outcome.solver, outcome.detail)
