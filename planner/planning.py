"""From a scenario to a plan: assess, hold the targets against the profile, optimise, and say what it means."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from planner.disclaimer import DISCLAIMER
from planner.errors import InputError
from planner.figures import KeyFigure, key_figures
from planner.market.market import Market, built_in_market
from planner.market.portfolio import Portfolio
from planner.market.universe import CASH, CRYPTO
from planner.optimise import (
    Failed,
    Frontier,
    Group,
    Infeasible,
    MaximumUtility,
    Solution,
    Solved,
    VolatilityCap,
    frontier,
    optimise,
    risk_budget,
)
from planner.outlook.metrics import PastPath, past_path
from planner.policy.targets import SIXTY_FORTY
from planner.scenario import Method, Scenario
from planner.wording import money, percent

if TYPE_CHECKING:
    from planner.household.assessment import Assessment
    from planner.optimise import Limit

FRONTIER_POINTS = 30
ROUNDING = 1e-9
MOST_DIGITS = 8
"""Of a percentage: enough to tell two apart that differ by more than the rounding."""


class Place(StrEnum):
    """The part of the input that a blocker belongs to."""

    CRYPTO = "crypto"
    METHOD = "method"


@dataclass(frozen=True)
class Blocker:
    """A sentence that says what stops the plan, and where to change it."""

    place: Place
    sentence: str


@dataclass(frozen=True, eq=False)
class Plan:
    """What a scenario comes to in a market.

    ``portfolio`` is None where a blocker stands in the way; ``targets`` and ``sixty_forty`` are there to compare with.
    Weights, returns, volatilities and falls are decimals; amounts are of the profile's liquid assets, in its currency.
    """

    scenario: Scenario
    market: Market
    assessment: Assessment
    portfolio: Portfolio | None
    blockers: tuple[Blocker, ...]

    @cached_property
    def targets(self) -> Portfolio:
        """The strategic targets as they are."""
        return at_targets(self.market, self.scenario.targets.weights)

    @cached_property
    def sixty_forty(self) -> Portfolio:
        """60 % equities and 40 % fixed income."""
        return at_targets(self.market, SIXTY_FORTY.weights)

    @cached_property
    def class_weights(self) -> dict[str, float]:
        """Weight of each asset class; the targets' where there is no portfolio."""
        return self.market.universe.by_class(self.shown.weights)

    @cached_property
    def class_risk(self) -> dict[str, float]:
        """Share of the portfolio's risk by asset class, summing to 1."""
        return self.market.universe.by_class(self.shown.risk_contributions)

    @property
    def shown(self) -> Portfolio:
        """The portfolio, or the targets as they are where a blocker stands in the way."""
        return self.targets if self.portfolio is None else self.portfolio

    @cached_property
    def table(self) -> pd.DataFrame:
        """By asset class: target, weight, share of risk (decimals) and amount (currency)."""
        weights = pd.Series(self.class_weights)
        return pd.DataFrame(
            {
                "target": pd.Series(dict(self.scenario.targets.weights)),
                "weight": weights,
                "risk_share": pd.Series(self.class_risk),
                "amount": weights * self.scenario.profile.liquid_assets,
            }
        ).rename_axis("asset_class")

    @cached_property
    def past(self) -> PastPath:
        """What the mix would have done in the market's history, rebalanced monthly, before costs and taxes."""
        return past_path(self.market.complete_returns, self.shown.by_asset)

    @property
    def crypto_loss(self) -> float:
        """What the scenario's fall of crypto costs the whole portfolio: the holding times the fall."""
        return self.class_weights[CRYPTO] * self.scenario.crypto_fall

    @property
    def crypto_cap(self) -> float:
        """Most crypto the plan may hold: the end of the profile's range, or the target where it is overridden."""
        return _most_crypto(self.scenario, self.assessment)

    @cached_property
    def frontier(self) -> Frontier | Infeasible | Failed:
        """Efficient portfolios with no more crypto than the plan may hold."""
        return _frontier(self.market, max(self.crypto_cap, self.class_weights[CRYPTO]))

    @cached_property
    def figures(self) -> tuple[KeyFigure, ...]:
        """The plan in eight numbers."""
        return key_figures(self)

    def to_dict(self) -> dict[str, Any]:
        """The plan as JSON-able values: weights and figures as decimals, sentences as text; None is undefined."""
        values = {
            "scenario": self.scenario.model_dump(mode="json"),
            "assessment": self.assessment.to_dict(),
            "blockers": [{"place": str(blocker.place), "sentence": blocker.sentence} for blocker in self.blockers],
            "classes": self.table.to_dict(orient="index"),
            "weights": {} if self.portfolio is None else self.portfolio.weights.to_dict(),
            "figures": {figure.name: figure.value for figure in self.figures},
            "assumptions": {
                "mean": self.market.assumptions.mean.to_dict(),
                "volatility": self.market.assumptions.volatility.to_dict(),
                "risk_free": self.market.assumptions.risk_free,
            },
            "disclaimer": DISCLAIMER,
        }
        return {name: _without_nan(value) for name, value in values.items()}

    def to_text(self) -> str:
        """The plan as a table and lines of text."""
        shares = self.table[["target", "weight", "risk_share"]].map(percent)
        amounts = self.table["amount"].map(lambda amount: money(amount, self.scenario.profile.currency))
        table = shares.assign(amount=amounts).rename_axis(None)
        width = max(len(figure.label) for figure in self.figures)
        figures = [f"{figure.label:<{width}}  {figure.text}" for figure in self.figures]
        said = [blocker.sentence for blocker in self.blockers]
        return "\n".join([self.scenario.name, "", table.to_string(), "", *figures, "", *said, DISCLAIMER])

    def _repr_html_(self) -> str:
        said = "".join(f"<li>{escape(blocker.sentence)}</li>" for blocker in self.blockers)
        shares = self.table.rename_axis(None).map(percent)
        table = shares.assign(amount=self.table["amount"].map("{:,.0f}".format)).to_html()
        figures = "".join(f"<li>{escape(figure.label)}: <b>{escape(figure.text)}</b></li>" for figure in self.figures)
        name = escape(self.scenario.name)
        return f"<h3>{name}</h3><ul>{said}</ul>{table}<ul>{figures}</ul><p>{escape(DISCLAIMER)}</p>"


def plan(scenario: Scenario, market: Market | None = None) -> Plan:
    """Plan a scenario in a market (default: the built-in one).

    A scenario that cannot be planned is not an error: the plan's blockers say why and what would help.
    """
    market = market or built_in_market()
    _check_classes(scenario, market)
    assessment = scenario.profile.assess()
    found: Portfolio | Blocker = _crypto_blocker(scenario, assessment) or _portfolio(scenario, market, assessment)
    if isinstance(found, Blocker):
        return Plan(scenario, market, assessment, None, (found,))
    return Plan(scenario, market, assessment, found, ())


def at_targets(market: Market, class_weights: Any) -> Portfolio:
    """The portfolio with these class weights, spread inside each class by the universe's shares."""
    return Portfolio.of(market.assumptions, market.universe.split(class_weights))


def _check_classes(scenario: Scenario, market: Market) -> None:
    planned, known = scenario.targets.weights, market.universe.class_names
    if set(planned) != set(known):
        raise InputError(
            f"The targets are for {', '.join(planned)}; the market has {', '.join(known)}: make them with "
            "Targets.in_universe."
        )
    for name in (CASH, CRYPTO):
        if name not in known:
            raise InputError(f"The market has no asset class '{name}', which every plan sets apart: add it.")


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


def _most_crypto(scenario: Scenario, assessment: Assessment) -> float:
    allowed = assessment.crypto_range.upper
    return max(allowed, scenario.targets.weights[CRYPTO]) if scenario.crypto_override else allowed


def _told_apart(*fractions: float) -> list[str]:
    """Percentages with as many digits as it takes to see that they differ."""
    written = ([percent(fraction, digits) for fraction in fractions] for digits in range(1, MOST_DIGITS + 1))
    return next((texts for texts in written if len(set(texts)) == len(texts)), [str(value) for value in fractions])


def _portfolio(scenario: Scenario, market: Market, assessment: Assessment) -> Portfolio | Blocker:
    if scenario.method is Method.STRATEGIC or scenario.targets.weights[CASH] == 1:
        return _strategic(scenario, market)
    most_crypto, cap = _most_crypto(scenario, assessment), scenario.volatility_cap
    found = (_mean_variance if scenario.method is Method.MEAN_VARIANCE else _budgeted)(
        scenario, market, most_crypto, () if cap is None else (VolatilityCap(cap),)
    )
    return found if isinstance(found, Solved) else Blocker(Place.METHOD, found.explanation)


def _strategic(scenario: Scenario, market: Market) -> Portfolio | Blocker:
    portfolio, cap = at_targets(market, scenario.targets.weights), scenario.volatility_cap
    if cap is None or portfolio.volatility <= cap + ROUNDING:
        return portfolio
    volatility, allowed = _told_apart(portfolio.volatility, cap)
    return Blocker(
        Place.METHOD,
        f"The targets as they are have a volatility of {volatility} a year, above the cap of {allowed}: raise the cap, "
        "move targets from the riskier classes to the calmer ones, or choose mean-variance with more room.",
    )


def _mean_variance(scenario: Scenario, market: Market, most_crypto: float, cap: tuple[Limit, ...]) -> Solution:
    targets = scenario.targets.weights
    limits = [_around(market, name, targets[name], scenario.room, most_crypto) for name in market.universe.class_names]
    return optimise(market.assumptions, MaximumUtility(scenario.risk_aversion), [*limits, *cap])


def _around(market: Market, name: str, target: float, room: float, most_crypto: float) -> Limit:
    upper = min(1.0, target + room)
    if name == CRYPTO:
        upper = max(target, min(upper, most_crypto))
    asset_class = market.universe[name]
    return Group(asset_class.label, market.universe.members(name), max(0.0, target - room), upper)


def _at_most(market: Market, name: str, upper: float) -> Limit:
    return Group(market.universe[name].label, market.universe.members(name), upper=upper)


def _budgeted(scenario: Scenario, market: Market, most_crypto: float, cap: tuple[Limit, ...]) -> Solution:
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
    limits = [*fixed, _at_most(market, CRYPTO, most_crypto), *cap]
    return risk_budget(market.assumptions, budgets, limits)


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nan(inner) for name, inner in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


@lru_cache(maxsize=32)
def _frontier(market: Market, most_crypto: float) -> Frontier | Infeasible | Failed:
    return frontier(market.assumptions, [_at_most(market, CRYPTO, most_crypto)], FRONTIER_POINTS)
