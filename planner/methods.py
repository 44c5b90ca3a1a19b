"""How a scenario becomes a portfolio: what was asked for as limits, and the method that meets them."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from planner.errors import InputError
from planner.market.market import Market
from planner.market.portfolio import Portfolio
from planner.market.universe import CASH, CRYPTO
from planner.market.views import View, black_litterman
from planner.optimise import (
    Failed,
    Frontier,
    Group,
    Infeasible,
    Limit,
    MaximumUtility,
    MinimumPosition,
    Ratio,
    ResampledFrontier,
    Resampling,
    RiskShare,
    Soft,
    Solution,
    Solved,
    TargetReturn,
    TrackingError,
    VolatilityCap,
    frontier,
    optimise,
    resampled_frontier,
    risk_budget,
)
from planner.optimise.sleeve_limits import sleeve_limits
from planner.policy.wishes import LimitKind, PlanLimit, PlanView
from planner.scenario import Method, Scenario
from planner.wording import percent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from planner.household.assessment import Assessment
    from planner.policy.barbell import Sleeve

FRONTIER_POINTS = 30
RESAMPLED_POINTS = 20
RESAMPLING_SEED = 1

KEPT_RESAMPLED = 8
"""Resampled frontiers kept; the oldest goes first."""

_resampled: OrderedDict[object, ResampledFrontier] = OrderedDict()

ROUNDING = 1e-9
MOST_DIGITS = 8
"""Of a percentage: enough to tell two apart that differ by more than the rounding."""


class Place(StrEnum):
    """The part of the input that a blocker belongs to."""

    CRYPTO = "crypto"
    METHOD = "method"
    LIMITS = "limits"
    VIEWS = "views"
    TILTS = "tilts"


@dataclass(frozen=True)
class Blocker:
    """A sentence that says what stops the plan, and where to change it."""

    place: Place
    sentence: str


def portfolio_for(scenario: Scenario, market: Market, assessment: Assessment) -> Portfolio | Blocker:
    """The portfolio of a scenario in a market that holds its views, or what stands in the way."""
    blocker = _crypto_blocker(scenario, assessment)
    if blocker is not None:
        return blocker
    try:
        return _by_method(scenario, market, most_crypto_of(scenario, assessment))
    except InputError as error:  # a limit about something that is not there, or that this method cannot keep
        return Blocker(Place.LIMITS, str(error))


def _by_method(scenario: Scenario, market: Market, most_crypto: float) -> Portfolio | Blocker:
    if scenario.method is Method.STRATEGIC or scenario.targets.weights[CASH] == 1:
        return _strategic(scenario, market)
    wishes = [_as_limit(wish, scenario.targets.weights, market) for wish in scenario.limits]
    limits = [
        *_volatility_cap(scenario),
        *_inside_crypto(scenario.sleeve, market),
        *_with_priorities(wishes, scenario.limits),
    ]
    solve = {
        Method.MEAN_VARIANCE: _mean_variance,
        Method.RISK_BUDGET: _budgeted,
        Method.FRONTIER: _on_frontier,
    }[scenario.method]
    found = solve(scenario, market, most_crypto, limits)
    if isinstance(found, Solved):
        return found
    conflict = found.conflict if isinstance(found, Infeasible) else ()
    place = Place.LIMITS if any(limit in conflict for limit in _parts(wishes, market)) else Place.METHOD
    return Blocker(place, found.explanation)


@lru_cache(maxsize=16)
def with_views(market: Market, views: tuple[PlanView, ...]) -> Market:
    """The market as one sees it who holds these views: Black and Litterman's blend of them with its own assumptions."""
    stated = [
        View(_held(market.universe.split({view.subject: 1.0})), view.expected_return, view.confidence)
        for view in views
        if market.universe[view.subject] and view.confidence > 0
    ]
    if not stated:
        return market
    return Market(market.universe, market.returns, black_litterman(market.assumptions, stated).posterior)


def at_targets(market: Market, class_weights: Mapping[str, float]) -> Portfolio:
    """The portfolio with these class weights, spread inside each class by the universe's shares."""
    return Portfolio.of(market.assumptions, market.universe.split(class_weights))


def most_crypto_of(scenario: Scenario, assessment: Assessment) -> float:
    """Most crypto the plan may hold: the end of the profile's range, or the target where it is overridden."""
    allowed = assessment.crypto_range.upper
    return max(allowed, scenario.targets.weights[CRYPTO]) if scenario.crypto_override else allowed


def on_the_line(wish: PlanLimit) -> bool:
    """Whether a frontier keeps this limit; the others, and those that may give way, hold for the plan alone."""
    return not wish.soft and wish.kind in {LimitKind.AT_LEAST, LimitKind.AT_MOST, LimitKind.PART_AT_LEAST}


def frontier_for(scenario: Scenario, market: Market, most_crypto: float) -> Frontier | Infeasible | Failed:
    """Efficient portfolios with no more crypto than this, inside the scenario's limits that a line can keep."""
    return _frontier(market, most_crypto, tuple(filter(on_the_line, scenario.limits)), scenario.sleeve)


@lru_cache(maxsize=32)
def _frontier(
    market: Market, most_crypto: float, wishes: tuple[PlanLimit, ...], sleeve: Sleeve | None
) -> Frontier | Infeasible | Failed:
    return frontier(market.assumptions, _line_limits(market, most_crypto, wishes, sleeve), FRONTIER_POINTS)


def resampled_for(
    scenario: Scenario, market: Market, most_crypto: float, progress: Callable[[float], object] | None = None
) -> ResampledFrontier | Infeasible | Failed:
    """The average of that line over histories as long as the market's that might as well have happened.

    Kept once it is made. ``progress`` is told the fraction done, and stops the work by an exception.
    """
    wishes = tuple(filter(on_the_line, scenario.limits))
    key = (market, most_crypto, wishes, scenario.sleeve)
    if key not in _resampled:
        made = resampled_frontier(
            market.assumptions,
            _line_limits(market, most_crypto, wishes, scenario.sleeve),
            RESAMPLED_POINTS,
            Resampling(months=len(market.returns), seed=RESAMPLING_SEED),
            progress,
        )
        if not isinstance(made, ResampledFrontier):
            return made
        _resampled[key] = made
        if len(_resampled) > KEPT_RESAMPLED:
            _resampled.popitem(last=False)
    return _resampled[key]


def _line_limits(
    market: Market, most_crypto: float, wishes: tuple[PlanLimit, ...], sleeve: Sleeve | None
) -> list[Limit]:
    asked = [_as_limit(wish, {}, market) for wish in wishes]
    return [_at_most(market, CRYPTO, most_crypto), *_inside_crypto(sleeve, market), *asked]


def _inside_crypto(sleeve: Sleeve | None, market: Market) -> tuple[Limit, ...]:
    return () if sleeve is None else sleeve_limits(sleeve, market.universe)


def _held(weights: Mapping[str, float]) -> dict[str, float]:
    return {name: weight for name, weight in weights.items() if weight}


def _as_limit(wish: PlanLimit, targets: Mapping[str, float], market: Market) -> Limit:
    universe = market.universe
    members, label = wish.members(universe), wish.label(universe)
    match wish.kind:
        case LimitKind.AT_LEAST:
            return Group(label, members, lower=wish.size)
        case LimitKind.AT_MOST:
            return Group(label, members, upper=wish.size)
        case LimitKind.RISK_AT_MOST:
            return RiskShare(label, members, wish.size)
        case LimitKind.PART_AT_LEAST:
            whole = universe.class_of[members[0]]
            return Ratio(label, members, universe[whole].label, universe.members(whole), lower=wish.size)
        case LimitKind.TRACKING_ERROR:
            return TrackingError(universe.split(targets), wish.size)
        case LimitKind.SMALLEST_HOLDING:
            return MinimumPosition(wish.size)


def _with_priorities(wishes: list[Limit], stated: tuple[PlanLimit, ...]) -> list[Limit | Soft]:
    """Soft limits in the order in which they stand: the first gives way last."""
    return [
        Soft(limit, priority) if wish.soft else limit
        for priority, (limit, wish) in enumerate(zip(wishes, stated, strict=True), start=1)
    ]


def _parts(wishes: list[Limit], market: Market) -> list[Limit]:
    return [part for wish in wishes for part in (wish, *wish.parts(market.assumptions.assets))]


def _crypto_blocker(scenario: Scenario, assessment: Assessment) -> Blocker | None:
    target, allowed = scenario.targets.weights[CRYPTO], assessment.crypto_range.upper
    if scenario.crypto_override or target <= allowed + ROUNDING:
        return None
    held, supported = _told_apart(target, allowed)
    return Blocker(
        Place.CRYPTO,
        f"The crypto target of {held} is above the {supported} that this profile supports: lower the target, or "
        "override the range if you know why.",
    )


def _told_apart(*fractions: float) -> list[str]:
    """Percentages with as many digits as it takes to see that they differ."""
    written = ([percent(fraction, digits) for fraction in fractions] for digits in range(1, MOST_DIGITS + 1))
    return next((texts for texts in written if len(set(texts)) == len(texts)), [str(value) for value in fractions])


def _volatility_cap(scenario: Scenario) -> list[Limit]:
    return [] if scenario.volatility_cap is None else [VolatilityCap(scenario.volatility_cap)]


def _strategic(scenario: Scenario, market: Market) -> Portfolio | Blocker:
    """The targets as they are, which meet the limits or do not."""
    portfolio, cap = at_targets(market, scenario.targets.weights), scenario.volatility_cap
    for wish in scenario.limits:
        limit = _as_limit(wish, scenario.targets.weights, market)
        if not wish.soft and limit.room(market.assumptions, portfolio.w) < -ROUNDING:
            return Blocker(
                Place.LIMITS,
                f"The targets as they are do not meet “{wish.sentence(market.universe)}”: change the targets or the "
                "limit, or choose a method that moves the mix.",
            )
    if cap is None or portfolio.volatility <= cap + ROUNDING:
        return portfolio
    volatility, allowed = _told_apart(portfolio.volatility, cap)
    return Blocker(
        Place.METHOD,
        f"The targets as they are have a volatility of {volatility} a year, above the cap of {allowed}: raise the cap, "
        "move targets from the riskier classes to the calmer ones, or choose mean-variance with more room.",
    )


def _mean_variance(scenario: Scenario, market: Market, most_crypto: float, limits: list[Limit | Soft]) -> Solution:
    targets = scenario.targets.weights
    around = [_around(market, name, targets[name], scenario.room, most_crypto) for name in market.universe.class_names]
    return optimise(market.assumptions, MaximumUtility(scenario.risk_aversion), [*around, *limits])


def _around(market: Market, name: str, target: float, room: float, most_crypto: float) -> Limit:
    upper = min(1.0, target + room)
    if name == CRYPTO:
        upper = max(target, min(upper, most_crypto))
    asset_class = market.universe[name]
    return Group(asset_class.label, market.universe.members(name), max(0.0, target - room), upper)


def _at_most(market: Market, name: str, upper: float) -> Limit:
    return Group(market.universe[name].label, market.universe.members(name), upper=upper)


def _on_frontier(scenario: Scenario, market: Market, most_crypto: float, limits: list[Limit | Soft]) -> Solution:
    """The least volatile mix with the return picked on the frontier, or with that of the targets."""
    picked = scenario.frontier_return
    if picked is None:
        picked = at_targets(market, scenario.targets.weights).expected_return
    return optimise(market.assumptions, TargetReturn(picked), [_at_most(market, CRYPTO, most_crypto), *limits])


def _budgeted(scenario: Scenario, market: Market, most_crypto: float, limits: list[Limit | Soft]) -> Solution:
    """Risk shared out as the targets share out what is not cash; cash, which has next to no risk, keeps its weight."""
    universe, targets = market.universe, scenario.targets.weights
    risky = {name: weight / (1 - targets[CASH]) for name, weight in targets.items() if name != CASH}
    budgets = universe.split(risky)
    held = universe.split({CASH: targets[CASH]})
    fixed = [
        Group(series.label, (series.name,), held[series.name], held[series.name])
        for asset_class in universe.classes
        for series in asset_class.series
        if budgets[series.name] == 0
    ]
    largest = max(budgets, key=lambda name: budgets[name])
    budgets[largest] += 1 - math.fsum(budgets.values())
    return risk_budget(market.assumptions, budgets, [*fixed, _at_most(market, CRYPTO, most_crypto), *limits])
