"""What the limits of a solution cost: its multipliers, in the objective's own figure and in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import singledispatch
from typing import TYPE_CHECKING

import numpy as np

from planner.market.portfolio import Portfolio
from planner.optimise.diversification import MaximumDiversification
from planner.optimise.limits import BINDING_TOLERANCE, Limit
from planner.optimise.mean_variance import compiled_for, numbers, with_long_only
from planner.optimise.objectives import HighestReturn, MaximumSharpe, MaximumUtility, MinimumVariance, Objective
from planner.optimise.phrases import DIGITS, STEP, easing, points
from planner.optimise.risk_limits import volatility
from planner.optimise.solvers import Status
from planner.optimise.tail_risk import MinimumCVaR
from planner.optimise.tracking import TrackTargets
from planner.wording import percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.optimise.limits import Vector
    from planner.optimise.problem import CompiledProblem
    from planner.optimise.solution import Solved

HAIR = 1e-6
"""Multipliers are read where a limit is this much looser: where several limits touch, only there are they unique."""

FREE = 1e-4
"""A limit costs nothing when one more point of it changes the figure by less than a hundredth of this."""

POINT = 0.01


class Figure(StrEnum):
    """What a looser limit would improve, in words."""

    CERTAIN_RETURN = "add {} return a year at the same risk"
    EXPECTED_RETURN = "add {} expected return a year"
    VOLATILITY = "lower the volatility by {}"
    SHARPE = "raise the Sharpe ratio by {}"
    DIVERSIFICATION = "raise the diversification ratio by {}"
    TRACKING_ERROR = "lower the tracking error by {}"
    WORST_MONTHS = "lower the loss in the worst months by {}"

    def said(self, gain: float) -> str:
        """The improvement in words."""
        if self in {Figure.SHARPE, Figure.DIVERSIFICATION}:
            return self.value.format(f"about {gain:.2g}")
        in_percent = self in {Figure.CERTAIN_RETURN, Figure.EXPECTED_RETURN}
        least = max(gain, STEP)
        written = percent(least, DIGITS) if in_percent else points(least)
        return self.value.format(f"less than {written}" if gain < STEP / 2 else f"about {written}")


@dataclass(frozen=True)
class Price:
    """What a part of a limit costs: ``per_unit`` is how much better ``figure`` gets per unit of loosening.

    Both in their own units as decimals, at the margin: the slope where the solution stands, which falls as the limit
    gives way.
    """

    limit: Limit
    figure: Figure
    per_unit: float

    @property
    def sentence(self) -> str:
        """What one more point would do."""
        said = f"{easing(self.limit)} would {self.figure.said(POINT * self.per_unit)}"
        return f"{said[0].upper()}{said[1:]}."


@singledispatch
def figure_of(objective: Objective, portfolio: Portfolio) -> tuple[Figure, float] | None:
    """The figure in which an objective is understood, and how much of it one unit less of cost is worth.

    None where there is no such figure, as for a division of risk.
    """
    del objective, portfolio
    return None


@figure_of.register
def _(objective: MinimumVariance, portfolio: Portfolio) -> tuple[Figure, float] | None:
    """The cost is half the variance."""
    del objective
    return (Figure.VOLATILITY, 1 / portfolio.volatility) if portfolio.volatility > 0 else None


@figure_of.register
def _(objective: MaximumUtility, portfolio: Portfolio) -> tuple[Figure, float] | None:
    """The cost is the certainty-equivalent return, negated and divided by the risk aversion."""
    del portfolio
    return Figure.CERTAIN_RETURN, objective.risk_aversion


@figure_of.register
def _(objective: HighestReturn, portfolio: Portfolio) -> tuple[Figure, float] | None:
    """The cost is the return, negated."""
    del objective, portfolio
    return Figure.EXPECTED_RETURN, 1.0


@figure_of.register
def _(objective: MaximumSharpe, portfolio: Portfolio) -> tuple[Figure, float] | None:
    """The cost is half the variance of the weights scaled to an excess return of one unit."""
    return _of_ratio(Figure.SHARPE, portfolio.sharpe, objective, portfolio)


@figure_of.register
def _(objective: MaximumDiversification, portfolio: Portfolio) -> tuple[Figure, float] | None:
    """The cost is half the variance of the weights scaled to an average volatility of one unit."""
    if portfolio.volatility == 0:
        return None
    ratio = float(np.sqrt(np.diag(portfolio.assumptions.cov)) @ portfolio.w) / portfolio.volatility
    return _of_ratio(Figure.DIVERSIFICATION, ratio, objective, portfolio)


def _of_ratio(figure: Figure, ratio: float, objective: Objective, portfolio: Portfolio) -> tuple[Figure, float] | None:
    """A ratio whose cost is proportional to ``1 / ratio^2``, so that one unit less is worth ``ratio / (2 cost)``."""
    hessian = objective.quadratic(portfolio.assumptions)
    if hessian is None or portfolio.volatility == 0:
        return None
    scale = float(objective.values(portfolio.assumptions) @ portfolio.w)
    return figure, ratio * scale**2 / float(portfolio.w @ hessian @ portfolio.w)


@figure_of.register
def _(objective: TrackTargets, portfolio: Portfolio) -> tuple[Figure, float] | None:
    """The cost is half the square of the tracking error."""
    targets = Portfolio.of(portfolio.assumptions, objective.targets)
    error = volatility(portfolio.assumptions, portfolio.w - targets.w)
    return (Figure.TRACKING_ERROR, 1 / error) if error > BINDING_TOLERANCE else None


@figure_of.register
def _(objective: MinimumCVaR, portfolio: Portfolio) -> tuple[Figure, float] | None:
    """The cost is the loss itself."""
    del objective, portfolio
    return Figure.WORST_MONTHS, 1.0


def prices(solution: Solved) -> tuple[Price, ...]:
    """What each part of a limit that the solution touches costs, dearest first; those that cost nothing are left out.

    None where a limit is not convex: there a slope tells nothing of the other holdings that a little more would allow.

    By the envelope theorem the slope of the least cost in a limit's numbers is that of the Lagrangian with solution and
    multipliers held (Boyd & Vandenberghe 2004, Convex Optimization, 5.6.3).
    """
    assumptions, objective = solution.assumptions, solution.objective
    known = figure_of(objective, solution)
    if known is None or not all(limit.convex for limit in solution.limits):
        return ()
    figure, worth = known
    limits = (*with_long_only(assumptions, solution.limits), *objective.requirements())
    problem, given = compiled_for(assumptions, objective, limits), numbers(assumptions, objective, limits)
    found = []
    for place, limit in enumerate(limits, start=1):
        for part, values, own in _divided(limit, solution):
            slope = _slope(problem, given, place, own, (part.loosened(HAIR).values(assumptions), values))
            if slope is not None and -slope * worth > FREE:
                found.append(Price(part, figure, -slope * worth))
    return tuple(sorted(found, key=lambda price: -price.per_unit))


def _divided(limit: Limit, solution: Solved) -> Iterator[tuple[Limit, Vector, slice]]:
    """The parts that the solution touches, their numbers, and where those stand among the limit's."""
    parts = limit.parts(solution.assumptions.assets)
    if sum(len(part.values(solution.assumptions)) for part in parts) != len(limit.values(solution.assumptions)):
        parts = (limit,)  # which share a number
    end = 0
    for part in parts:
        values = part.values(solution.assumptions)
        start, end = end, end + len(values)
        has_price = part.negotiable and not part.forbids_shorts_only()
        if has_price and part.room(solution.assumptions, solution.w) < BINDING_TOLERANCE:
            yield part, values, slice(start, end)


def _slope(
    problem: CompiledProblem, given: list[Vector], place: int, own: slice, numbers: tuple[Vector, Vector]
) -> float | None:
    """Slope of the least cost per unit by which one part is loosened, None where no solver gets there."""
    looser, values = numbers
    moved = [*given]
    moved[place] = given[place].copy()
    moved[place][own] = looser
    outcome, slopes = problem.slopes(moved)
    if outcome.status is not Status.OPTIMAL:
        return None
    return float(slopes[place][own] @ (looser - values)) / HAIR
