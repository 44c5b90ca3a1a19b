"""From a scenario to a plan: assess, hold the targets against the profile, optimise, and say what it means."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from planner.disclaimer import DISCLAIMER
from planner.errors import InputError
from planner.figures import KeyFigure, key_figures
from planner.market.fingerprints import fingerprint
from planner.market.market import Market, built_in_market
from planner.market.universe import CASH, CRYPTO
from planner.methods import (
    Blocker,
    Place,
    at_targets,
    frontier_for,
    most_crypto_of,
    on_the_line,
    portfolio_for,
    resampled_for,
    with_views,
)
from planner.optimise import Budgeted, Failed, Frontier, Infeasible, Solved
from planner.optimise.budget_misses import sentences
from planner.optimise.near_optimal import NearOptimal, near_optimal_ranges
from planner.outlook.metrics import PastPath, past_path
from planner.policy.crypto import SleeveMarket, with_sleeve
from planner.policy.stated_market import StatedMarket, with_stated
from planner.policy.tactical import Tactical, tactical
from planner.policy.targets import SIXTY_FORTY, Targets
from planner.policy.wishes import label_of
from planner.wording import money, percent

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from planner.household.assessment import Assessment
    from planner.market.made_with import Fingerprint
    from planner.market.portfolio import Portfolio
    from planner.optimise import ResampledFrontier
    from planner.policy.barbell import Sleeve
    from planner.scenario import Scenario

PRACTICALLY_AS_GOOD = 0.001
"""A mix worth a tenth of a percent a year less than the best is as good as it: no assumption is better known."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What a scenario comes to in a market.

    ``portfolio`` is None where a blocker stands in its way (one of tilts does not); ``targets`` and ``sixty_forty`` are
    there to compare with. ``market`` holds the scenario's views, ``prior`` is the market without them, and ``given``
    the one that was asked for, without the scenario's sleeve and stated assumptions. The tilts that
    count are those in force on the day ``as_of``; nothing else depends on it.
    Weights, returns, volatilities and falls are decimals; amounts are of the profile's liquid assets, in its currency.
    """

    scenario: Scenario
    market: Market
    prior: Market
    given: Market
    assessment: Assessment
    portfolio: Portfolio | None
    blockers: tuple[Blocker, ...]
    as_of: dt.date

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
    def tactical(self) -> Tactical:
        """The plan's class weights, with the bands of the strategic targets, and what the tilts in force make of them.

        Tilts that the policy's range does not allow are a blocker, and none counts.
        """
        universe = self.market.universe
        planned = self.scenario.targets.with_weights(universe, self.class_weights)
        allowed = not any(blocker.place is Place.TILTS for blocker in self.blockers)
        tilts = self.scenario.tilts if allowed else ()
        return tactical(planned, tilts, self.as_of, most_crypto=self.crypto_cap, universe=universe)

    @property
    def trade_targets(self) -> Targets:
        """What trades should lead to: the plan's class weights with the tilts in force."""
        return self.tactical.targets

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
        return most_crypto_of(self.scenario, self.assessment)

    @cached_property
    def frontier(self) -> Frontier | Infeasible | Failed:
        """Efficient portfolios with no more crypto than the plan may hold, inside the limits that a line can keep."""
        return frontier_for(self.scenario, self.market, max(self.crypto_cap, self.class_weights[CRYPTO]))

    @property
    def frontier_note(self) -> str:
        """Which of the limits the frontier leaves out; empty where it keeps them all."""
        left_out = [wish.sentence(self.market.universe) for wish in self.scenario.limits if not on_the_line(wish)]
        if self.scenario.volatility_cap is not None:
            left_out.append(f"volatility at most {percent(self.scenario.volatility_cap)}")
        return f"The line leaves out: {'; '.join(left_out)}." if left_out else ""

    def resampled(self, progress: Callable[[float], object] | None = None) -> ResampledFrontier | Infeasible | Failed:
        """The frontier redone for a hundred histories that might as well have happened; kept once it is made.

        ``progress`` is told the fraction done, and stops the work by an exception.
        """
        return resampled_for(self.scenario, self.market, max(self.crypto_cap, self.class_weights[CRYPTO]), progress)

    @cached_property
    def class_ranges(self) -> pd.DataFrame | None:
        """By asset class, the least (``lower``) and most (``upper``) weight of mixes that are practically as good.

        None where a method makes nothing smallest or largest, and under limits that are not convex.
        """
        found, universe = self.portfolio, self.market.universe
        if (
            not isinstance(found, Solved)
            or isinstance(found, Budgeted)
            or not all(limit.convex for limit in found.limits)
        ):
            return None
        groups = {name: universe.members(name) for name in universe.class_names}
        ranges = near_optimal_ranges(found, PRACTICALLY_AS_GOOD, groups)
        return ranges.groups if isinstance(ranges, NearOptimal) else None

    @cached_property
    def class_returns(self) -> pd.DataFrame:
        """Expected return of each asset class by the market's prices (``prior``) and with the views (``posterior``)."""
        universe = self.market.universe
        return pd.DataFrame(
            {
                column: {name: at_targets(market, {name: 1.0}).expected_return for name in universe.class_names}
                for column, market in (("prior", self.prior), ("posterior", self.market))
            }
        ).rename_axis("asset_class")

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """In sentences: the limits and budgets that are missed, and what the limits reached cost."""
        if not isinstance(self.portfolio, Solved):
            return ()
        missed = [violation.sentence for violation in self.portfolio.violations]
        if isinstance(self.portfolio, Budgeted):
            labels = {series: label_of(series, self.market.universe) for series in self.market.universe.series_names}
            return (*missed, *sentences(self.portfolio.misses.rename(index=labels)))
        return (*missed, *(price.sentence for price in self.portfolio.prices))

    @cached_property
    def fingerprint(self) -> Fingerprint:
        """The data, the assumptions and the version that the plan was made with: a scenario gives the same plan again
        wherever they are the same."""
        return _fingerprint_of(self.given)

    @property
    def changed_since(self) -> str:
        """What is no longer as it was when the scenario was saved, in a sentence; empty where nothing changed."""
        return self.fingerprint.against(self.scenario.made_with)

    @property
    def document(self) -> Scenario:
        """The scenario with the fingerprint of what it was planned with: what is saved."""
        return self.scenario.with_changes(made_with=self.fingerprint)

    @cached_property
    def figures(self) -> tuple[KeyFigure, ...]:
        """The plan in eight numbers."""
        return key_figures(self)

    def to_dict(self) -> dict[str, Any]:
        """The plan as JSON-able values: weights and figures as decimals, sentences as text; None is undefined."""
        values = {
            "scenario": self.document.model_dump(mode="json"),
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
        foot = (self.fingerprint.sentence, DISCLAIMER)
        return "\n".join([self.scenario.name, "", table.to_string(), "", *figures, "", *said, *foot])

    def _repr_html_(self) -> str:
        said = "".join(f"<li>{escape(blocker.sentence)}</li>" for blocker in self.blockers)
        shares = self.table.rename_axis(None).map(percent)
        table = shares.assign(amount=self.table["amount"].map("{:,.0f}".format)).to_html()
        figures = "".join(f"<li>{escape(figure.label)}: <b>{escape(figure.text)}</b></li>" for figure in self.figures)
        name, foot = escape(self.scenario.name), f"<p><small>{escape(self.fingerprint.sentence)}</small></p>"
        return f"<h3>{name}</h3><ul>{said}</ul>{table}<ul>{figures}</ul><p>{escape(DISCLAIMER)}</p>{foot}"


def plan(scenario: Scenario, market: Market | None = None, as_of: dt.date | None = None) -> Plan:
    """Plan a scenario in a market (default: the built-in one), on a day (default: ``planning_day``).

    A scenario's sleeve stands in the market in place of its coins; see ``market_for``.
    A scenario that cannot be planned is not an error: the plan's blockers say why and what would help.
    """
    given = market or built_in_market()
    _check_classes(scenario, given)
    prior = market_for(scenario, given)
    assessment = scenario.profile.assess()
    day = planning_day(scenario, prior) if as_of is None else as_of
    try:
        market = with_views(prior, scenario.views)
    except InputError as error:
        return Plan(scenario, prior, prior, given, assessment, None, (Blocker(Place.VIEWS, str(error)),), day)
    found = portfolio_for(scenario, market, assessment)
    if isinstance(found, Blocker):
        return Plan(scenario, market, prior, given, assessment, None, (found,), day)
    made = Plan(scenario, market, prior, given, assessment, found, (), day)
    try:
        _ = made.tactical
    except InputError as error:
        return replace(made, blockers=(Blocker(Place.TILTS, str(error)),))
    return made


@lru_cache(maxsize=8)
def _fingerprint_of(market: Market) -> Fingerprint:
    return fingerprint(market.returns, market.assumptions)


def planning_day(scenario: Scenario, market: Market) -> dt.date:
    """The day of the household's prices, or the last of the market's returns where nothing is owned yet."""
    last: dt.date = market.returns.index[-1].date()
    return last if scenario.household is None else scenario.household.as_of


def market_for(scenario: Scenario, market: Market | None = None) -> Market:
    """The market (default: the built-in one) in which a scenario is planned, views apart.

    It holds the indices of the scenario's sleeve, and the coins with no share, as accounts may hold them; a market that
    holds these indices already is taken as it is, from one with those of another sleeve they are made anew. What the
    scenario states of returns and volatilities stands in place of the market's assumptions.
    """
    return with_stated(_with_the_sleeve(scenario.sleeve, market or built_in_market()), scenario.assumptions)


def _with_the_sleeve(sleeve: Sleeve | None, market: Market) -> Market:
    if sleeve is None:
        return market
    if isinstance(market, StatedMarket):
        market = market.base
    if isinstance(market, SleeveMarket):
        if market.holds(sleeve):
            return market
        market = market.base
    coins = market.universe.members(CRYPTO)
    return market if set(sleeve.shares) <= set(coins) else with_sleeve(market, sleeve, keep=coins)


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


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nan(inner) for name, inner in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value
