"""What can be had inside limits at all: the two ends of the efficient frontier."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from planner.optimise.limits import ROUNDING, hard_limits
from planner.optimise.mean_variance import solved, with_long_only
from planner.optimise.not_convex import least
from planner.optimise.objectives import HighestReturn, MinimumVariance, TargetReturn
from planner.optimise.phrases import DIGITS, STEP, percent_down, percent_up
from planner.optimise.solution import Solved, cleaned
from planner.optimise.solvers import Status
from planner.wording import percent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Limit
    from planner.optimise.solution import Failed, Infeasible


@dataclass(frozen=True, eq=False)
class Reachable:
    """The ends of the efficient frontier inside some limits: the least volatile portfolio and the highest return.

    Returns and volatilities are annual decimals. No portfolio inside the limits is expected to return more than
    ``expected_return[1]`` or is less volatile than ``volatility[0]``; every pair in between that the frontier joins
    can be had.
    """

    least_volatile: Solved = field(repr=False)
    highest: Solved = field(repr=False)

    @property
    def expected_return(self) -> tuple[float, float]:
        """Lowest and highest expected return of efficient portfolios."""
        return self.least_volatile.expected_return, self.highest.expected_return

    @property
    def volatility(self) -> tuple[float, float]:
        """Lowest and highest volatility of efficient portfolios."""
        return self.least_volatile.volatility, self.highest.volatility

    @property
    def phrase(self) -> str:
        """Both ranges in words, to go on with in a sentence."""
        returns, volatilities = _range(self.expected_return), _range(self.volatility)
        return f"efficient portfolios return {returns} a year with a volatility of {volatilities}"

    @property
    def sentence(self) -> str:
        """Both ranges in words."""
        return f"Inside the limits {self.phrase}."

    def __repr__(self) -> str:
        return f"Reachable(expected_return={self.expected_return}, volatility={self.volatility})"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.sentence)}</p>"


def _range(ends: tuple[float, float]) -> str:
    low, high = percent_up(ends[0]), percent_down(ends[1])
    return f"{low} to {high}" if ends[1] - ends[0] > STEP else percent(ends[1], DIGITS)


def reachable(assumptions: Assumptions, limits: Iterable[Limit] = ()) -> Reachable | Infeasible | Failed:
    """Which expected returns and volatilities efficient portfolios inside all limits can have.

    Three solves, warm like any other: the least volatile portfolio, the highest return, and of all portfolios with
    that return the least volatile (Markowitz 1952). Where no portfolio is inside the limits, why.
    """
    limits = hard_limits(limits, "What is reachable")
    return ends(assumptions, limits, with_long_only(assumptions, limits))


def ends(
    assumptions: Assumptions, stated: tuple[Limit, ...], limits: tuple[Limit, ...]
) -> Reachable | Infeasible | Failed:
    """The same inside exactly ``limits``, of which ``stated`` are the caller's own."""
    lowest = solved(assumptions, MinimumVariance(), stated, limits)
    if not isinstance(lowest, Solved):
        return lowest
    highest = solved(assumptions, HighestReturn(), stated, limits)
    if not isinstance(highest, Solved):
        return highest
    return Reachable(lowest, _calmest(assumptions, highest, lowest.expected_return, limits) or highest)


def _calmest(assumptions: Assumptions, highest: Solved, floor: float, limits: tuple[Limit, ...]) -> Solved | None:
    """The least volatile portfolio with the highest return.

    None where curved limits leave no more than a point for it, where no solver gets.
    """
    target = TargetReturn(max(floor, highest.expected_return - ROUNDING))
    found = least(assumptions, target, (*limits, *target.requirements()))
    if found.status is not Status.OPTIMAL:
        return None
    return Solved(assumptions, cleaned(found.w), target, highest.limits, found.solver)
