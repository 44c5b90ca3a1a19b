"""One client's whole plan as a versioned document."""

from __future__ import annotations

import datetime as dt
from codecs import BOM_UTF8
from enum import StrEnum
from math import fsum
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from planner.errors import InputError
from planner.household.accounts import Household
from planner.household.cash_flows import CashFlows
from planner.household.example import example_household
from planner.household.goals import Goal
from planner.household.profile import Profile
from planner.household.questions import Experience, Fall, IncomeStability, Reaction, Spread, ToleranceAnswers
from planner.market.made_with import Fingerprint
from planner.outlook.return_models import Lognormal, ReturnModel
from planner.policy.barbell import Sleeve
from planner.policy.glide_path import GlidePath
from planner.policy.stated_assumptions import StatedAssumptions
from planner.policy.tactical import Tilt
from planner.policy.targets import ReferenceMix, Targets
from planner.policy.wishes import MOST_LIMITS, PlanLimit, PlanView
from planner.scenario_versions import SCHEMA_VERSION, brought_up_to_date
from planner.trading.rules import Hybrid, Rule
from planner.trading.trading_policy import TradingPolicy
from planner.validation import Document, Number

LARGEST_DOCUMENT = 5_000_000
"""Bytes; a scenario is a few thousand and a hundred for each tax lot, so more is a mistake or an attack."""

DEFAULT_RISK_AVERSION = 3.0
"""About that of the average investor (Idzorek 2005 uses 3.07); see MaximumUtility for the scale."""

DEFAULT_ROOM = 0.05
"""How far an optimised class may leave its target: the tactical step of domain.md section 4 (equities 50 -> 45)."""

DEFAULT_CRYPTO_FALL = 0.50
"""domain.md section 2: a 50 % fall of a 5 % holding costs the portfolio 2.5 %."""

MOST_TILTS = 100
"""More than anyone keeps a reason for; ours."""

MOST_GOALS = 50
"""More than anyone saves for; ours."""


class Method(StrEnum):
    """How targets become weights."""

    STRATEGIC = "strategic targets"
    MEAN_VARIANCE = "mean-variance"
    RISK_BUDGET = "risk budget"
    FRONTIER = "frontier"


class Scenario(Document):
    """Everything that decides one plan.

    Weights, falls and volatilities are decimals. ``targets`` are by asset class; ``room`` is how far mean-variance may
    leave each of them; the risk budget reads them as shares of the risk instead of the money; the frontier gives the
    least volatile mix with ``frontier_return``, or with the return of the targets where that is left out.
    ``crypto_override`` allows more crypto than the profile's range. Of the ``limits``, those that are soft give way
    where not all can be met, the last in the list first. ``views`` are about asset classes, one each.
    ``household`` is what is owned today, ``rebalancing`` when and how far it is brought back to the plan, ``trading``
    what that may cost, and ``last_rebalanced`` the day on which it was last done or looked at.
    ``tilts`` are temporary departures from the targets, those that are over included until they are removed, and
    ``last_review`` the day on which the plan was last looked at as a whole.
    ``sleeve`` shares the crypto out among indices, in place of the coins that the market has. ``assumptions`` replace
    the market's, and ``made_with`` is the fingerprint of what the scenario was planned with when it was saved.
    A projection follows ``cash_flows`` (the profile's where they are left out) and ``goals`` with the targets of
    ``glide_path``, where there is one, along paths of the ``return_model``.
    """

    schema_version: Literal[2] = SCHEMA_VERSION
    name: str = Field("My household", min_length=1, max_length=200, title="Name")
    profile: Profile = Field(title="Profile")
    targets: Targets = Field(title="Targets")
    method: Method = Field(Method.STRATEGIC, title="Method")
    risk_aversion: Number = Field(DEFAULT_RISK_AVERSION, gt=0, le=100, title="Risk aversion")
    room: Number = Field(DEFAULT_ROOM, ge=0, le=1, title="Room around the targets")
    volatility_cap: Number | None = Field(None, gt=0, le=5, title="Volatility cap")
    crypto_override: bool = Field(False, title="Crypto override")
    crypto_fall: Number = Field(DEFAULT_CRYPTO_FALL, ge=0, le=1, title="Fall of crypto")
    frontier_return: Number | None = Field(None, ge=-1, le=2, title="Expected return on the frontier")
    limits: tuple[PlanLimit, ...] = Field((), max_length=MOST_LIMITS, title="Limits")
    views: tuple[PlanView, ...] = Field((), title="Views")
    household: Household | None = Field(None, title="Household")
    rebalancing: Rule = Field(default_factory=Hybrid, title="Rebalancing rule")
    trading: TradingPolicy = Field(default_factory=TradingPolicy, title="Trading")
    last_rebalanced: dt.date | None = Field(None, title="Day of the last rebalancing")
    tilts: tuple[Tilt, ...] = Field((), max_length=MOST_TILTS, title="Tilts")
    last_review: dt.date | None = Field(None, title="Day of the last review")
    sleeve: Sleeve | None = Field(None, title="Crypto sleeve")
    cash_flows: CashFlows | None = Field(None, title="Cash flows")
    goals: tuple[Goal, ...] = Field((), max_length=MOST_GOALS, title="Goals")
    glide_path: GlidePath | None = Field(None, title="Glide path")
    return_model: ReturnModel = Field(default_factory=Lognormal, title="Model of returns")
    assumptions: StatedAssumptions | None = Field(None, title="Stated assumptions")
    made_with: Fingerprint | None = Field(None, title="What it was made with")

    @model_validator(mode="before")
    @classmethod
    def _up_to_date(cls, document: Any) -> Any:
        return brought_up_to_date(document) if isinstance(document, dict) else document

    @model_validator(mode="after")
    def _one_view_for_each_class(self) -> Scenario:
        subjects = [view.subject for view in self.views]
        twice = next((subject for subject in subjects if subjects.count(subject) > 1), None)
        if twice is not None:
            raise InputError(f"There are two views on '{twice}': keep one for each asset class.")
        return self

    @model_validator(mode="after")
    def _one_name_for_each_goal(self) -> Scenario:
        names = [goal.name for goal in self.goals]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise InputError(f"There are two goals named '{twice}': give each a name of its own.")
        return self


EXAMPLE = Scenario(
    name="Example household",
    profile=Profile(
        age=35,
        horizon_years=25,
        net_worth=400_000,
        liquid_assets=250_000,
        yearly_income=120_000,
        yearly_spending=60_000,
        income_stability=IncomeStability.STEADY,
        obligations=0,
        dependents=1,
        tolerance=ToleranceAnswers(
            sells_at=Fall.FIFTY,
            loses_sleep_at=Fall.THIRTY,
            reaction=Reaction.HOLD,
            experience=Experience.ONE_FALL,
            spread=Spread.WIDE,
        ),
    ),
    targets=Targets.reference(ReferenceMix.WORKED_EXAMPLE),
    household=example_household(),
    last_rebalanced=dt.date(2025, 6, 30),
    last_review=dt.date(2025, 6, 30),
    goals=(Goal(name="College", amount=100_000, year=2040, priority=2),),
)
"""The household the app opens with: the worked example of domain.md section 3, away from which its accounts drifted."""


def scenario_of(household: Household) -> Scenario:
    """A scenario for a household of which only the accounts are known: the example's profile and targets stand in.

    The accounts are all that it owns of liquid assets; the net worth is no less than they make it.
    """
    lots = (lot for account in household.accounts for lot in account.holdings)
    liquid = fsum(account.cash for account in household.accounts) + fsum(
        lot.quantity * household.prices[lot.asset] for lot in lots
    )
    profile = EXAMPLE.profile
    known = {"liquid_assets": liquid, "net_worth": max(profile.net_worth, liquid - profile.obligations)}
    return Scenario(profile=profile.with_changes(**known), targets=EXAMPLE.targets, household=household)


def read_scenario(path: str | Path) -> Scenario:
    """Read a scenario from a JSON file; anything wrong with the file or in it is an InputError in words."""
    try:
        with Path(path).open("rb") as file:
            text = file.read(LARGEST_DOCUMENT + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise InputError(f"{str(path)!r} is not the name of a file: check it.") from error
    if len(text) > LARGEST_DOCUMENT:
        raise InputError(f"{path} is larger than {LARGEST_DOCUMENT:,} bytes, which no scenario is: check the file.")
    try:
        return Scenario.model_validate_json(text.removeprefix(BOM_UTF8))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
