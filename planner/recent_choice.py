"""What the method of a plan would choose if assets went on moving together as they did of late."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from planner.market.universe import CRYPTO
from planner.outlook.correlation import RECENT_MONTHS, market_of_late
from planner.planning import Plan, market_for, plan
from planner.scenario import Method
from planner.wording import percent

if TYPE_CHECKING:
    from planner.market.market import Market
    from planner.scenario import Scenario


@dataclass(frozen=True, eq=False)
class RecentChoice:
    """The same scenario planned twice: ``now`` in its market, ``of_late`` under the correlations of the last months.

    ``instead`` is true where strategic targets, which leave nothing to choose, gave way to mean and variance.
    """

    now: Plan
    of_late: Plan
    months: int
    instead: bool

    @cached_property
    def table(self) -> pd.DataFrame:
        """By class: weight ``now`` and ``of_late`` and their ``difference``, decimals."""
        rows = pd.DataFrame(
            {"now": pd.Series(self.now.class_weights), "of_late": pd.Series(self.of_late.class_weights)}
        )
        return rows.assign(difference=rows["of_late"] - rows["now"]).rename_axis("asset_class")

    @property
    def sentence(self) -> str:
        """The change of crypto's weight in words, or what stands in the way."""
        blocked = [*self.now.blockers, *self.of_late.blockers]
        if self.now.portfolio is None or self.of_late.portfolio is None:
            return f"There is nothing to compare: {blocked[0].sentence}"
        before, after = (made.class_weights[CRYPTO] for made in (self.now, self.of_late))
        said = f"Under the correlations of the last {self.months} months crypto would "
        moved = percent(before) != percent(after)
        said += f"go from {percent(before)} to {percent(after)}." if moved else f"stay at {percent(before)}."
        if self.instead:
            said += (
                " Strategic targets leave nothing to choose, so this is what mean-variance would choose around them."
            )
        return said


def choice_of_late(scenario: Scenario, market: Market, months: int = RECENT_MONTHS) -> RecentChoice:
    """Plan a scenario in a market and in the same one with the correlations of its last ``months`` months.

    Views, limits and method are the scenario's; strategic targets are replaced by mean-variance. A window shorter than
    half a year or longer than the returns is an InputError.
    """
    market = market_for(scenario, market)
    instead = scenario.method is Method.STRATEGIC
    asked = scenario.with_changes(method=Method.MEAN_VARIANCE) if instead else scenario
    return RecentChoice(plan(asked, market), plan(asked, market_of_late(market, months)), months, instead)
