"""Where a household stands when a projection begins: its day, its money by tax treatment, and what taxes will take."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.household.accounts import Treatment
from planner.household.cash_flows import CashFlows
from planner.household.retirement import OLDEST, required_distribution
from planner.household.tax_situation import TaxSituation
from planner.household.tax_tables import tax_years
from planner.household.taxes import marginal_rates, retirement_rate
from planner.outlook.bands_along_paths import Bands, looks_every, threshold_of
from planner.outlook.dues import goals_due
from planner.outlook.monthly_moments import MONTHS
from planner.outlook.timeline import Timeline
from planner.outlook.wealth import Bucket, Terms
from planner.trading.holdings import Holdings
from planner.trading.rules import Frequency
from planner.trading.tax_drag import yearly_drag

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from planner.household.accounts import Household
    from planner.household.goals import Goal
    from planner.household.profile import Profile
    from planner.market.market import Market
    from planner.market.moments import FloatArray
    from planner.market.portfolio import Portfolio
    from planner.outlook.return_models import ReturnModel
    from planner.policy.glide_path import GlidePath
    from planner.policy.targets import Targets
    from planner.trading.rules import Rule
    from planner.trading.trading_policy import TradingPolicy

ROUNDING = 1e-9

EARLY_WITHDRAWAL_PENALTY = 0.10
PENALTY_FREE_AGE = 59.5
"""26 USC 72(t): on top of income tax on what is taken out of retirement accounts before. Its many exceptions, and what
may leave a 401(k) from 55 on, are left out; so is the penalty on the earnings of a Roth account."""


class Client(Protocol):
    """What a projection reads of a scenario."""

    @property
    def profile(self) -> Profile:
        """Whose plan it is."""

    @property
    def household(self) -> Household | None:
        """What is owned, where that is known."""

    @property
    def cash_flows(self) -> CashFlows | None:
        """What is saved and spent, where that is stated."""

    @property
    def goals(self) -> tuple[Goal, ...]:
        """What it is for."""

    @property
    def glide_path(self) -> GlidePath | None:
        """Targets by age, where they change."""

    @property
    def return_model(self) -> ReturnModel:
        """How returns are drawn."""

    @property
    def targets(self) -> Targets:
        """What was agreed, with the bands around it."""

    @property
    def rebalancing(self) -> Rule:
        """When one goes back to the mix."""

    @property
    def trading(self) -> TradingPolicy:
        """What trades cost."""


class Planned(Protocol):
    """What a projection reads of a plan."""

    @property
    def scenario(self) -> Client:
        """What was planned."""

    @property
    def market(self) -> Market:
        """Where."""

    @property
    def shown(self) -> Portfolio:
        """The mix."""


@dataclass(frozen=True, eq=False)
class Standing:
    """A household on the day a projection begins.

    ``opening`` is its money by tax treatment, which is also how it saves; ``kept`` the part of a dollar in a deferred
    account that income tax leaves; ``safe_rate`` the market's, a year; ``drag`` (months,) the part of taxed money that
    taxes take a year.
    """

    start: dt.date
    age: int
    months: int
    currency: str
    situation: TaxSituation
    opening: dict[Treatment, float]
    kept: float
    safe_rate: float
    drag: FloatArray = field(repr=False)

    @classmethod
    def of(cls, plan: Planned, household: Household | None, weights: FloatArray) -> Standing:
        """A household, or a profile's liquid assets in a taxable account, with the mix of each month (months, n)."""
        market, profile = plan.market, plan.scenario.profile
        if household is None:
            start = market.returns.index[-1].date()
            situation = TaxSituation(income=profile.yearly_income)
            opening = dict.fromkeys(Treatment, 0.0) | {Treatment.TAXED: profile.liquid_assets}
        else:
            start, situation = (household.as_of + pd.offsets.MonthEnd(0)).date(), household.taxes
            opening = _by_treatment(Holdings(household, market.universe))
        year = nearest_tax_year(start)
        rates = marginal_rates(situation, year)
        drags = yearly_drag(market.universe, rates, market.assumptions, len(weights) / MONTHS)
        drag = drags[str(Treatment.TAXED)].reindex(market.assumptions.assets, fill_value=0.0)
        return cls(
            start,
            profile.age,
            len(weights),
            profile.currency,
            situation,
            opening,
            1 - retirement_rate(situation, year),
            market.assumptions.risk_free,
            weights @ drag.to_numpy(float),
        )

    @cached_property
    def dates(self) -> pd.DatetimeIndex:
        """The start and the month-ends after it, (months + 1,)."""
        following = np.datetime64(f"{self.start:%Y-%m}") + np.arange(1, self.months + 2)
        return pd.DatetimeIndex(following.astype("datetime64[ns]") - np.timedelta64(1, "D"), name="month_end")

    def flows_of(self, profile: Profile) -> CashFlows:
        """What a profile saves and spends, taxed as this household."""
        return CashFlows.of(profile, self.situation, nearest_tax_year(self.start))

    def timeline(self, flows: CashFlows) -> Timeline:
        """Cash flows month by month."""
        return Timeline.of(flows, self.start, self.age, self.months)

    def terms(self, flows: CashFlows, goals: Sequence[Goal]) -> Terms:
        """What is done along every path."""
        timeline = self.timeline(flows)
        total = sum(self.opening.values())
        after_fee = np.full(self.months, (1 - flows.fee) ** (1 / MONTHS))

        def bucket(treatment: Treatment, keep: FloatArray) -> Bucket:
            opening = self.opening[treatment]
            share = opening / total if total > 0 else float(treatment is Treatment.TAXED)
            return Bucket(opening, share, keep)

        year_ends = [month for month in range(1, self.months) if (self.start.month + month) % MONTHS == 0]
        return Terms(
            timeline.flow,
            timeline.price,
            bucket(Treatment.TAXED, after_fee * (1 - self.drag) ** (1 / MONTHS)),
            replace(
                bucket(Treatment.DEFERRED, after_fee),
                net=self.kept,
                early=self.kept - EARLY_WITHDRAWAL_PENALTY,
                free_from=max(math.ceil(MONTHS * (PENALTY_FREE_AGE - self.age)), 0),
            ),
            bucket(Treatment.TAX_FREE, after_fee),
            goals_due(goals, self.start, timeline, self.safe_rate),
            frozenset(year_ends),
            {month: part for month in year_ends if (part := self._required(month)) > 0},
        )

    def _required(self, month: int) -> float:
        """Part of the deferred money at the last year's end that must be out at the end of a year."""
        age = self.age + (self.start.month + month - 1) // MONTHS
        return required_distribution(1.0, min(age, OLDEST), self.start.year - self.age)


def nearest_tax_year(day: dt.date) -> int:
    """The year of a day, or the nearest that has a tax table."""
    return min(max(day.year, tax_years()[0]), tax_years()[-1])


@dataclass(frozen=True, eq=False)
class Mix:
    """A mix month by month: ``weights`` (months, n) of the last look, and how one looks after it.

    One looks every so many months, where there are ``bands`` acts only outside of them, and pays ``costs`` for what is
    traded, as parts of it. Bands and costs are of the assets ``held`` (n,) at any time.
    """

    weights: FloatArray = field(repr=False)
    held: NDArray[np.bool_]
    every: int
    bands: Bands | None
    costs: FloatArray

    @classmethod
    def of(cls, plan: Planned, glide_path: GlidePath | None, months: int, rule: Rule | Frequency) -> Mix:
        """The plan's mix, or that of a glide path at the age of each look, kept by a rule or on dates."""
        market, scenario = plan.market, plan.scenario
        universe, assets = market.universe, market.assumptions.assets
        threshold = None if isinstance(rule, Frequency) else threshold_of(rule)
        every = rule.months if isinstance(rule, Frequency) else looks_every(rule)
        if glide_path is None:
            weights = _long_only(np.tile(plan.shown.w, (months, 1)))
            targets = [_at_plan(plan)] * months if threshold is not None else []
        else:
            ages = [scenario.profile.age + month / MONTHS for month in range(0, months, every)]
            at = [glide_path.at(age) for age in ages]
            rows = [universe.split(each.weights) for each in at]
            by_look = np.array([[row.get(asset, 0.0) for asset in assets] for row in rows])
            weights = np.repeat(_long_only(by_look), every, axis=0)[:months]
            targets = [each for each in at for _ in range(every)][:months]
        held = np.asarray(weights.any(axis=0))
        names = [asset for asset, is_held in zip(assets, held, strict=True) if is_held]
        bands = None if threshold is None else Bands.of(threshold, targets, universe, names)
        costs = np.array([scenario.trading.rate(name, universe.class_of[name]) for name in names])
        return cls(weights, held, every, bands, costs)

    @property
    def held_weights(self) -> FloatArray:
        """Weights (months, held) of what is held at any time."""
        return self.weights[:, self.held]


def _at_plan(plan: Planned) -> Targets:
    """The plan's class weights with the bands that were agreed."""
    universe = plan.market.universe
    return plan.scenario.targets.with_weights(universe, universe.by_class(plan.shown.weights))


def _long_only(weights: FloatArray) -> FloatArray:
    if weights.min() < -ROUNDING:
        raise InputError("The mix holds something short: a projection can only follow what is owned.")
    return weights


def _by_treatment(holdings: Holdings) -> dict[Treatment, float]:
    opening = dict.fromkeys(Treatment, 0.0)
    for treatment, value in zip(holdings.treatments, holdings.account_values, strict=True):
        opening[treatment] += float(value)
    return opening
