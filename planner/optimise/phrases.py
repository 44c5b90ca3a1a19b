"""Limits in the running words of an explanation: which way out each offers, and what one more point of it is."""

from __future__ import annotations

import math
from functools import singledispatch
from typing import TYPE_CHECKING

from planner.optimise.limits import BINDING_TOLERANCE
from planner.optimise.relative_limits import RelativeBand
from planner.optimise.risk_limits import AboveCash, ReturnFloor, VolatilityCap
from planner.optimise.tracking import TrackingError
from planner.optimise.trading_limits import Turnover
from planner.optimise.weight_limits import Bounds, Group
from planner.wording import percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.optimise.limits import Limit
    from planner.optimise.solution import Infeasible, Loosening

DIGITS = 2
"""Of percent: to a hundredth."""

STEP = 10 ** -(DIGITS + 2)
"""Loosenings are rounded up to the next hundredth of a percent, so that the sentence read aloud really suffices."""

MOST_WAYS = 4
"""Ways out in one sentence: nobody weighs more against each other. ``Infeasible.loosenings`` has them all."""


def percent_down(fraction: float) -> str:
    """In percent, rounded down to a hundredth: at least that much is there."""
    return percent(math.floor((fraction + BINDING_TOLERANCE) / STEP) * STEP, DIGITS)


def percent_up(fraction: float) -> str:
    """In percent, rounded up to a hundredth: no more than that is needed."""
    return percent(math.ceil((fraction - BINDING_TOLERANCE) / STEP) * STEP, DIGITS)


def points(fraction: float) -> str:
    """A difference of two percentages: 0.0003 is '0.03 points'."""
    return f"{percent(fraction, DIGITS).removesuffix(' %')} points"


def listed(said: Sequence[str], word: str = "and") -> str:
    """'a', 'a and b', 'a, b and c'."""
    return f"{', '.join(said[:-1])} {word} {said[-1]}" if len(said) > 1 else said[0]


@singledispatch
def way(limit: Limit, loosened: Limit) -> str:
    """What to do with a limit so that ``loosened`` takes its place, as an order."""
    return f"allow “{loosened.sentence()}” instead of “{limit.sentence()}”"


@way.register
def _(limit: Bounds, loosened: Bounds) -> str:
    told, bound = ("raise", loosened.upper) if limit.lower is None else ("lower", loosened.lower)
    if isinstance(bound, float):
        return f"{told} the bound of every asset to {percent(bound, DIGITS)}"
    return " and ".join(f"{told} {asset} to {percent(value, DIGITS)}" for asset, value in (bound or {}).items())


@way.register
def _(limit: Group, loosened: Group) -> str:
    told, bound = ("lower", loosened.lower) if limit.upper is None else ("raise", loosened.upper)
    return f"{told} {limit.name} to {percent(bound or 0.0, DIGITS)}"


@way.register
def _(limit: VolatilityCap, loosened: VolatilityCap) -> str:
    return f"raise the volatility cap from {percent(limit.maximum, DIGITS)} to {percent(loosened.maximum, DIGITS)}"


@way.register
def _(limit: ReturnFloor, loosened: ReturnFloor) -> str:
    return f"lower the target return from {percent(limit.minimum, DIGITS)} to {percent(loosened.minimum, DIGITS)}"


@way.register
def _(limit: Turnover, loosened: Turnover) -> str:
    del limit
    return f"allow {percent(loosened.maximum, DIGITS)} of the portfolio to be sold"


@way.register
def _(limit: TrackingError, loosened: TrackingError) -> str:
    return f"raise the tracking error from {percent(limit.maximum, DIGITS)} to {percent(loosened.maximum, DIGITS)}"


@way.register
def _(limit: RelativeBand, loosened: RelativeBand) -> str:
    return f"widen the band of {limit.name} to {percent(loosened.width, DIGITS)} of its target"


@singledispatch
def easing(limit: Limit) -> str:
    """One more point (a hundredth) of room in a part of a limit, as the subject of a sentence."""
    return f"“{limit.sentence()}”, one point looser,"


@easing.register
def _(limit: Bounds) -> str:
    side = limit.upper if limit.lower is None else limit.lower
    whom = "each asset" if isinstance(side, float) else listed(list(side or {}))
    return _more_or_less(whom, limit.lower is None)


@easing.register
def _(limit: Group) -> str:
    return _more_or_less(limit.name, limit.lower is None)


def _more_or_less(whom: str, allowed: bool) -> str:
    return f"one more point of {whom} allowed" if allowed else f"one point less of {whom} required"


@easing.register
def _(limit: VolatilityCap) -> str:
    del limit
    return "one more point of volatility allowed"


@easing.register
def _(limit: TrackingError) -> str:
    del limit
    return "one more point of tracking error allowed"


@easing.register
def _(limit: RelativeBand) -> str:
    return f"one more point of room on either side of the target of {limit.name}"


@easing.register
def _(limit: ReturnFloor) -> str:
    del limit
    return "one point less of target return"


@easing.register
def _(limit: Turnover) -> str:
    del limit
    return "one more point of turnover allowed"


def explanation(infeasible: Infeasible) -> str:
    """Why limits cannot hold together, and what would help, in one sentence."""
    conflict, loosenings = infeasible.conflict, infeasible.loosenings
    for place, found in enumerate(loosenings):
        best = _best(found.limit, found.loosened)
        if best is not None:
            extreme, way_out = best
            given = [limit for limit in conflict if limit is not found.limit]
            said = _with(given, extreme, also=["the other limits"] * infeasible.others_matter)
            others = (*loosenings[:place], *loosenings[place + 1 :])
            return f"{said}: {_ways([way_out, *map(_way, others)])}."
    helps = _ways([_way(found) for found in loosenings])
    above_cash = next((limit for limit in conflict if isinstance(limit, AboveCash)), None)
    if above_cash is not None:
        none = f"no portfolio has an {above_cash.sentence()}, which a Sharpe ratio needs"
        said = _with([limit for limit in conflict if limit is not above_cash], none)
    else:
        said = f"No fully invested portfolio has {listed(_all(conflict))}"
    if helps:
        return f"{said}: {helps}."
    if any(limit.negotiable for limit in conflict):
        return f"{said}. No single change helps: relax several."
    return f"{said}. That lies in the assumptions, not in a limit: choose another objective."


@singledispatch
def _best(limit: Limit, loosened: Limit) -> tuple[str, str] | None:
    """For a limit that asks for a figure of the whole portfolio: the best that can be reached, and settling for it."""
    del limit, loosened
    return None


@_best.register
def _(limit: ReturnFloor, loosened: ReturnFloor) -> tuple[str, str]:
    best, asked = percent_down(loosened.minimum), percent(limit.minimum, DIGITS)
    return f"the highest expected return you can reach is {best} a year", f"lower the target from {asked}"


@_best.register
def _(limit: VolatilityCap, loosened: VolatilityCap) -> tuple[str, str]:
    best, asked = percent_up(loosened.maximum), percent(limit.maximum, DIGITS)
    return f"the lowest volatility you can reach is {best} a year", f"raise the cap from {asked}"


def _with(given: Sequence[Limit], then: str, also: Sequence[str] = ()) -> str:
    said = [*_all(given), *also]
    return f"With {listed(said)} {then}" if said else then[0].upper() + then[1:]


def _all(limits: Sequence[Limit]) -> list[str]:
    """In words, what can be changed first."""
    return [limit.sentence() for limit in sorted(limits, key=lambda limit: not limit.negotiable)]


def _way(found: Loosening) -> str:
    return way(found.limit, found.loosened)


def _ways(said: list[str]) -> str:
    return ", or ".join(said[:MOST_WAYS])
