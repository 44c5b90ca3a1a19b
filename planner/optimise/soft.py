"""Limits that may give way, in an order: met as nearly as the hard ones allow."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from planner.errors import InputError
from planner.optimise.kept import compiled, parameter
from planner.optimise.limits import BINDING_TOLERANCE, ROUNDING, Limit, Scaled
from planner.optimise.mean_variance import compiled_for, numbers, solved, with_long_only
from planner.optimise.phrases import STEP, points
from planner.optimise.program import Program
from planner.optimise.solution import Failed, Solution, Solved
from planner.optimise.solvers import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Vector
    from planner.optimise.objectives import Objective

MOST = 100.0
"""Largest violation of one soft limit: a weight of 10,000 %, as good as any."""

MARGINS = (1e-7, 1e-6, 1e-5)
"""What curved limits leave to the next priority beyond the least violation of those before: the first that a solver
gets into."""

ROOMS = ((1e-7, 2e-7), (0.0, 2e-7), (0.0, 1e-6), (0.0, 1e-5), (0.0, 1e-4))
"""Limits give way by the second number more than they must, so that there is room in which to choose the best plan, and
not at all where that is no more than the first: the smallest that a solver gets into."""


@dataclass(frozen=True)
class Soft:
    """A limit that gives way where it must: the one with the lowest ``priority`` (1, 2, ...) last.

    ``optimise`` first meets the hard limits, then makes the total violation of all soft limits with priority 1 as small
    as possible, then that of priority 2 without touching the first, and so on (lexicographic goal programming: Charnes
    & Cooper 1961; Ignizio 1976). Where limits of one priority could share a violation in several ways, the largest is
    made small. A soft lower bound does not lift long only: allow short positions with a hard one.
    """

    limit: Limit
    priority: int = 1

    def __post_init__(self) -> None:
        if not isinstance(self.limit, Limit):
            raise InputError(f"A soft limit holds a limit, not {self.limit!r}: write Soft(VolatilityCap(0.1), 1).")
        if isinstance(self.priority, bool) or not isinstance(self.priority, int) or self.priority < 1:
            raise InputError(
                f"The priority of “{self.limit.sentence()}” is {self.priority!r}: give 1 for the limit that is to give "
                "way last, 2 for the one before it, and so on."
            )

    def sentence(self) -> str:
        """The limit in words, with its priority."""
        return f"{self.limit.sentence()}, if possible (priority {self.priority})"


@dataclass(frozen=True)
class Violation:
    """A part of a soft limit that could not be met: by how much, in the limit's own unit."""

    limit: Limit
    priority: int
    by: float

    @property
    def sentence(self) -> str:
        """What was missed by how much."""
        missed = f"by {points(self.by)}" if self.by >= STEP / 2 else f"by less than {points(STEP)}"
        return f"“{self.limit.sentence()}” is missed {missed}"


def optimise_softly(assumptions: Assumptions, objective: Objective, limits: Iterable[Limit | Soft]) -> Solution:
    """The best portfolio inside the hard limits, and inside the soft ones loosened as little as possible.

    The limits of the result are those that it was found with, the soft ones part by part as far as they gave way; how
    far that is are its ``violations``. Hard limits in conflict are ``Infeasible`` as ever.
    """
    hard, soft = _told_apart(limits)
    parts = [
        Soft(part, one.priority)
        for one in sorted(soft, key=lambda one: one.priority)
        for part in one.limit.parts(assumptions.assets)
        if not part.forbids_shorts_only()
    ]
    fixed = with_long_only(assumptions, hard)
    all_of_them = tuple(one.limit for one in parts)
    if _can_hold(assumptions, objective, (*fixed, *all_of_them)):
        return solved(assumptions, objective, (*hard, *all_of_them), (*fixed, *all_of_them))
    needed = (*fixed, *objective.requirements(), *objective.implied(assumptions))
    found = _least_violations(assumptions, needed, parts)
    if isinstance(found, Failed):
        return found
    if found is None:
        return solved(assumptions, objective, hard, fixed)
    for noise, room in ROOMS:
        eased = _eased(all_of_them, found, noise, room)
        if _can_hold(assumptions, objective, (*fixed, *eased)):
            break
    solution = solved(assumptions, objective, (*hard, *eased), (*fixed, *eased))
    if not isinstance(solution, Solved):
        return solution
    missed = ((one, -one.limit.room(assumptions, solution.w)) for one in parts)
    violations = tuple(Violation(one.limit, one.priority, by) for one, by in missed if by > BINDING_TOLERANCE)
    return replace(solution, violations=violations)


def _can_hold(assumptions: Assumptions, objective: Objective, limits: tuple[Limit, ...]) -> bool:
    limits += objective.requirements()
    outcome, _ = compiled_for(assumptions, objective, limits).solve(numbers(assumptions, objective, limits))
    return outcome.status is Status.OPTIMAL


def _told_apart(limits: Iterable[Limit | Soft]) -> tuple[tuple[Limit, ...], list[Soft]]:
    hard, soft = [], []
    for limit in limits:
        if isinstance(limit, Soft):
            soft.append(limit)
        elif isinstance(limit, Limit):
            hard.append(limit)
        else:
            raise InputError(f"{limit!r} is no limit: give limits such as VolatilityCap(0.1), or Soft(limit, 1).")
    for limit in (*hard, *(one.limit for one in soft)):
        if not limit.convex:
            raise InputError(
                f"“{limit.sentence()}” is not a convex limit and cannot stand beside soft ones: leave it out, or make "
                "the soft limits hard."
            )
    return tuple(hard), soft


def _eased(limits: tuple[Limit, ...], violations: Vector, noise: float, room: float) -> tuple[Limit, ...]:
    """Each limit as far as it must give way, by more than ``noise``; left out where nobody would write it so loose."""
    eased = []
    for limit, by in zip(limits, violations.tolist(), strict=True):
        with suppress(InputError):
            eased.append(limit if by <= noise else limit.loosened(by + room))
    return tuple(eased)


def _least_violations(assumptions: Assumptions, needed: tuple[Limit, ...], soft: list[Soft]) -> Vector | Failed | None:
    """How far each soft part gives way, in lexicographic order; None where already the needed limits conflict."""
    levels = sorted({one.priority for one in soft})
    member = np.array([[one.priority == level for one in soft] for level in levels], dtype=float)
    key = (
        "soft",
        *(limit.structure(assumptions.assets) for limit in needed),
        *((one.limit.structure(assumptions.assets), levels.index(one.priority)) for one in soft),
    )
    problem = compiled(
        assumptions,
        key,
        lambda: _state(assumptions, needed, soft, member),
        market_bound=any(limit.market_bound for limit in (*needed, *(one.limit for one in soft))),
    )
    values = [limit.values(assumptions) for limit in (*needed, *(one.limit for one in soft))]
    budgets = np.full(len(levels), MOST * len(soft))
    # One goal after the other: each level's total, then, with all totals held, the largest violation in each level.
    goals = [(row, np.zeros(len(levels))) for row in member] + [(np.zeros(len(soft)), np.ones(len(levels)))]
    for place, (prices, largest) in enumerate(goals):
        for margin in (ROUNDING,) if problem.program.polyhedral else MARGINS:
            outcome, (slack,) = problem.solve([prices, largest, budgets + margin, *values])
            if outcome.status is Status.OPTIMAL or place == 0:
                break
        if outcome.status is Status.INFEASIBLE and place == 0:
            return None
        if outcome.status is not Status.OPTIMAL:
            return Failed(outcome.solver, outcome.detail)
        if place < len(levels):
            budgets[place] = member[place] @ slack
    return slack


def _state(assumptions: Assumptions, needed: tuple[Limit, ...], soft: list[Soft], member: Any) -> Program:
    import cvxpy as cp

    limits = (*needed, *(one.limit for one in soft))
    w, slack, most = cp.Variable(len(assumptions.assets)), cp.Variable(len(soft)), cp.Variable(len(member))
    prices, largest, budgets = (cp.Parameter(size) for size in (len(soft), len(member), len(member)))
    symbols = [parameter(limit.values(assumptions)) for limit in limits]
    problem = Scaled(w, 1.0, assumptions)
    rows: list[Any] = [cp.sum(w) == 1, slack >= 0, slack <= member.T @ most, most <= MOST, member @ slack <= budgets]
    for place, (limit, symbol) in enumerate(zip(limits, symbols, strict=True), start=-len(needed)):
        rows += limit.constraints(
            problem, symbol, slack[place] if place >= 0 else 0.0 if limit.forbids_shorts_only() else ROUNDING
        )
    cost = prices @ slack + largest @ most
    return Program(cp.Problem(cp.Minimize(cost), rows), [prices, largest, budgets, *symbols], [slack])
