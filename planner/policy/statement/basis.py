"""What the sections of a policy statement are written from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from planner.errors import InputError
from planner.market.universe import CRYPTO
from planner.outlook.return_need import ReturnNeed, return_need
from planner.scenario import Method
from planner.trading.holdings import Holdings
from planner.wording import count, money

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from planner.household.assessment import Assessment
    from planner.market.universe import Universe
    from planner.planning import Plan
    from planner.policy.journal import Journal
    from planner.policy.tactical import Tactical
    from planner.policy.targets import Targets
    from planner.scenario import Scenario

TOO_LITTLE_TO_SHOW = 0.0005
"""A weight that reads as 0 %."""


@dataclass(frozen=True, slots=True)
class Parties:
    """Who agrees on a statement; without ``clients`` the household goes by its name, without an adviser by itself."""

    clients: tuple[str, ...] = ()
    adviser: str = ""
    firm: str = ""


@dataclass(frozen=True, eq=False)
class Basis:
    """A plan, the journal of its policy and its parties, with what more than one section says of them."""

    plan: Plan
    journal: Journal
    parties: Parties

    @property
    def scenario(self) -> Scenario:
        """What was planned."""
        return self.plan.scenario

    @property
    def universe(self) -> Universe:
        """The classes and series of the plan."""
        return self.plan.market.universe

    @property
    def assessment(self) -> Assessment:
        """Capacity and tolerance."""
        return self.plan.assessment

    @property
    def as_of(self) -> dt.date:
        """The day of the figures."""
        return self.plan.as_of

    @property
    def clients(self) -> tuple[str, ...]:
        """Those whose money it is."""
        return self.parties.clients or (self.scenario.name,)

    @property
    def adviser(self) -> str:
        """The adviser with the firm; empty where none is named."""
        return ", ".join(filter(None, (self.parties.adviser, self.parties.firm)))

    @property
    def crypto(self) -> float:
        """Weight of crypto in the plan."""
        return self.plan.class_weights[CRYPTO]

    @property
    def holds_crypto(self) -> bool:
        """Whether the plan or its targets hold any."""
        return max(self.crypto, self.scenario.targets.weights[CRYPTO]) >= TOO_LITTLE_TO_SHOW

    @property
    def leaves_the_targets(self) -> bool:
        """Whether the plan holds other weights than the targets: its method makes them."""
        return self.scenario.method is not Method.STRATEGIC and self.plan.portfolio is not None

    @property
    def planned(self) -> Targets:
        """The plan's class weights, with the bands that were agreed."""
        return self.scenario.targets.with_weights(self.universe, self.plan.class_weights)

    @cached_property
    def need(self) -> ReturnNeed:
        """What the goals need."""
        return return_need(self.plan)

    @cached_property
    def holdings(self) -> Holdings | None:
        """What is owned, where that is known."""
        household = self.scenario.household
        return None if household is None else Holdings(household, self.universe)

    @cached_property
    def tactical(self) -> Tactical | None:
        """The tilts that count; None where together they go further than they may."""
        try:
            return self.plan.tactical
        except InputError:  # a plan with another blocker has not looked at its tilts
            return None

    def money(self, amount: float) -> str:
        """An amount in the household's currency."""
        return money(amount, self.scenario.profile.currency)

    def of_the_whole(self, weight: float) -> str:
        """What a weight of the portfolio is in money."""
        return self.money(weight * self.scenario.profile.liquid_assets)


def on_day(day: dt.date) -> str:
    """A day as people write it."""
    return f"{day.day} {day:%B %Y}"


def points(weight: float) -> str:
    """A difference of weights."""
    return count(100 * weight, "point")


def listed(names: Sequence[str], last: str = "and") -> str:
    """Names in a sentence: 'Ann, Ben and Cy'."""
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
