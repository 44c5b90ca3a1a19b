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
from planner.market.market import Market, built_in_market
from planner.market.portfolio import Portfolio
from planner.optimise import (
    Bounds,
    Failed,
    Frontier,
    Group,
    Infeasible,
    MaximumUtility,
    Solution,
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

CRYPTO = "crypto"
CASH = "cash"
FRONTIER_POINTS = 30
ROUNDING = 1e-9


class Place(StrEnum):
    """The part of the input that a blocker belongs to."""

    CRYPTO = "crypto"
    METHOD = "method"


@dataclass(frozen=True)
class Blocker:
    """A sentence that says what stops the plan, and where to change it."""

    place: Place
    sentence: str


@dataclass(frozen=True)
class KeyFigure:
    """One number of a plan with its name, its text, and its meaning in one plain sentence."""

    name: str
    label: str
    value: float
    text: str
    meaning: str


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
        allowed = self.assessment.crypto_range.upper
        return max(allowed, self.scenario.targets.weights[CRYPTO]) if self.scenario.crypto_override else allowed

    @cached_property
    def frontier(self) -> Frontier | Infeasible | Failed:
        """Efficient portfolios with no more crypto than the plan may hold."""
        return _frontier(self.market, max(self.crypto_cap, self.class_weights[CRYPTO]))

    @cached_property
    def figures(self) -> tuple[KeyFigure, ...]:
        """The plan in eight numbers."""
        return key_figures(self)

    def to_dict(self) -> dict[str, Any]:
        """The plan as JSON-able values: weights and figures as decimals, sentences as text."""
        return {
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
        styled = self.table.style.format("{:.1%}").format("{:,.0f}", subset=["amount"]).to_html()
        figures = "".join(f"<li>{escape(figure.label)}: <b>{escape(figure.text)}</b></li>" for figure in self.figures)
        return f"<ul>{said}</ul>{styled}<ul>{figures}</ul><p>{escape(DISCLAIMER)}</p>"


def plan(scenario: Scenario, market: Market | None = None) -> Plan:
    """Plan a scenario in a market (default: the built-in one).

    A scenario that cannot be planned is not an error: the plan's blockers say why and what would help.
    """
    market = market or built_in_market()
    assessment = scenario.profile.assess()
    blockers = _crypto_blockers(scenario, assessment)
    if blockers:
        return Plan(scenario, market, assessment, None, blockers)
    found = _portfolio(scenario, market, assessment)
    if isinstance(found, Portfolio):
        return Plan(scenario, market, assessment, found, ())
    return Plan(scenario, market, assessment, None, (Blocker(Place.METHOD, found.explanation),))


def at_targets(market: Market, class_weights: Any) -> Portfolio:
    """The portfolio with these class weights, spread inside each class by the universe's shares."""
    return Portfolio.of(market.assumptions, market.universe.split(class_weights))


def _crypto_blockers(scenario: Scenario, assessment: Assessment) -> tuple[Blocker, ...]:
    target, allowed = scenario.targets.weights[CRYPTO], assessment.crypto_range.upper
    if scenario.crypto_override or target <= allowed + ROUNDING:
        return ()
    return (
        Blocker(
            Place.CRYPTO,
            f"The crypto target of {percent(target)} is above the {percent(allowed)} that this profile supports: lower "
            "the target, or override the range if you know why.",
        ),
    )


def _portfolio(scenario: Scenario, market: Market, assessment: Assessment) -> Portfolio | Solution:
    targets = scenario.targets.weights
    cap = () if scenario.volatility_cap is None else (VolatilityCap(scenario.volatility_cap),)
    most = targets[CRYPTO] + scenario.room if scenario.crypto_override else assessment.crypto_range.upper
    if scenario.method is Method.MEAN_VARIANCE:
        limits = [_around(market, name, targets[name], scenario.room, most) for name in market.universe.class_names]
        return optimise(market.assumptions, MaximumUtility(scenario.risk_aversion), [*limits, *cap])
    if scenario.method is Method.RISK_BUDGET and targets[CASH] < 1:
        return _budgeted(scenario, market, (_at_most(market, CRYPTO, most), *cap))
    portfolio = at_targets(market, targets)
    if scenario.volatility_cap is not None and portfolio.volatility > scenario.volatility_cap + ROUNDING:
        return optimise(market.assumptions, MaximumUtility(scenario.risk_aversion), [*_exactly(market, targets), *cap])
    return portfolio


def _around(market: Market, name: str, target: float, room: float, most_crypto: float) -> Limit:
    upper = min(1.0, target + room)
    if name == CRYPTO:
        upper = max(target, min(upper, most_crypto))
    asset_class = market.universe[name]
    return Group(asset_class.label, market.universe.members(name), max(0.0, target - room), upper)


def _at_most(market: Market, name: str, upper: float) -> Limit:
    return Group(market.universe[name].label, market.universe.members(name), upper=upper)


def _exactly(market: Market, targets: Any) -> list[Limit]:
    return [
        Group(market.universe[name].label, market.universe.members(name), weight, weight)
        for name, weight in targets.items()
    ]


def _budgeted(scenario: Scenario, market: Market, limits: tuple[Limit, ...]) -> Solution:
    """Risk shared out as the targets share out what is not cash; cash, which has next to no risk, keeps its weight."""
    universe, targets = market.universe, scenario.targets.weights
    risky = {name: weight / (1 - targets[CASH]) for name, weight in targets.items() if name != CASH}
    budgets = universe.split(risky)
    fixed = universe.split({CASH: targets[CASH]})
    fixed = {name: weight for name, weight in fixed.items() if budgets[name] == 0}
    largest = max(budgets, key=lambda name: budgets[name])
    budgets[largest] += 1 - math.fsum(budgets.values())
    return risk_budget(market.assumptions, budgets, [Bounds(fixed, fixed), *limits])


@lru_cache(maxsize=32)
def _frontier(market: Market, most_crypto: float) -> Frontier | Infeasible | Failed:
    return frontier(market.assumptions, [_at_most(market, CRYPTO, most_crypto)], FRONTIER_POINTS)


def key_figures(made: Plan) -> tuple[KeyFigure, ...]:
    """Name, text and meaning of the numbers a client asks for first."""
    shown, past = made.shown, made.past
    profile, fall = made.scenario.profile, made.scenario.crypto_fall
    lost = money(made.crypto_loss * profile.liquid_assets, profile.currency)
    first, last = past.months[0].year, past.months[-1].year
    rows = (
        (
            "expected_return",
            "Expected return",
            shown.expected_return,
            "What the mix should earn in an average year before costs and taxes, if the assumptions hold.",
        ),
        (
            "volatility",
            "Volatility",
            shown.volatility,
            "How far a year's return strays from the average: about two years in three stay within it.",
        ),
        ("crypto_weight", "Crypto, of the money", made.class_weights[CRYPTO], "Crypto's share of the portfolio."),
        (
            "crypto_risk_share",
            "Crypto, of the risk",
            made.class_risk[CRYPTO],
            "How much of the portfolio's ups and downs comes from crypto.",
        ),
        (
            "crypto_loss",
            f"If crypto falls {percent(fall)}",
            -made.crypto_loss,
            f"What that fall alone takes from the whole portfolio: {lost}.",
        ),
        (
            "worst_year",
            "Worst year",
            past.worst_year,
            f"The worst twelve months this mix would have had from {first} to {last}.",
        ),
        (
            "deepest_fall",
            "Deepest fall",
            past.deepest_fall,
            f"The largest loss from a high to a later low, month-end to month-end, from {first} to {last}.",
        ),
    )
    figures = [KeyFigure(name, label, value, percent(value), meaning) for name, label, value, meaning in rows]
    figures.append(
        KeyFigure(
            "sharpe",
            "Sharpe ratio",
            shown.sharpe,
            f"{shown.sharpe:.2f}",
            "Expected return above cash for each point of volatility: higher is better.",
        )
    )
    return tuple(figures)
