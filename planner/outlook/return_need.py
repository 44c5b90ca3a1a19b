"""What return the goals and the spending need, by plain compounding of what comes in and goes out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from planner.household.cash_flows import CashFlows
from planner.household.tax_situation import TaxSituation
from planner.outlook.dues import Due, goals_due
from planner.outlook.monthly_moments import MONTHS
from planner.outlook.projection import LAST_AGE
from planner.outlook.standing import nearest_tax_year
from planner.outlook.timeline import Timeline, months_between
from planner.trading.holdings import Holdings

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from planner.household.goals import Goal
    from planner.outlook.standing import Planned

HIGHEST_NEED = 0.20
"""A year; twice the 9.94 % at which stocks compounded since 1928: nobody can plan on more. Ours."""

CLOSE = 1e-7


@dataclass(frozen=True, slots=True)
class ReturnNeed:
    """The lowest return a year, compounded and before fees and taxes, at which the money never runs out.

    ``rate`` is a decimal: 0 where nothing needs to be earned, None where even ``HIGHEST_NEED`` is too little. It pays
    for the spending from ``start`` for ``years`` and for the goals in it; ``left_out`` are those due at other times.
    ``pays_for`` says for what, and is empty where nothing is paid out.
    """

    rate: float | None
    start: dt.date
    years: int
    wealth: float
    flows: CashFlows
    pays_for: tuple[str, ...]
    left_out: tuple[Goal, ...]

    @property
    def above_inflation(self) -> float | None:
        """The rate in today's money: (1 + rate) / (1 + inflation) - 1."""
        return None if self.rate is None else (1 + self.rate) / (1 + self.flows.inflation) - 1


def return_need(plan: Planned) -> ReturnNeed:
    """Solve for the return that a plan's goals and cash flows need of what is owned today.

    Months, cash flows and goals are those of a projection (``project``), without chance, taxes and penalties; a goal
    that is not spent is only to be reached. Source: domain.md section 3.
    """
    scenario, profile = plan.scenario, plan.scenario.profile
    household = scenario.household
    if household is None:
        start, wealth = plan.market.returns.index[-1].date(), profile.liquid_assets
        situation = TaxSituation(income=profile.yearly_income)
    else:
        start, wealth = (
            (household.as_of + pd.offsets.MonthEnd(0)).date(),
            Holdings(household, plan.market.universe).total,
        )
        situation = household.taxes
    flows = scenario.cash_flows or CashFlows.of(profile, situation, nearest_tax_year(start))
    years = max(LAST_AGE - profile.age, math.ceil(profile.horizon_years), 1)
    timeline = Timeline.of(flows, start, profile.age, MONTHS * years)
    within = [goal for goal in scenario.goals if 0 < months_between(start, goal.due) <= MONTHS * years]
    dues = goals_due(within, start, timeline, 0.0)
    spends = bool((timeline.flow < 0).any())
    pays_for = (*(["spending"] if spends else []), *(f"'{due.goal.name}'" for due in dues))
    left_out = tuple(goal for goal in scenario.goals if goal not in within)
    rate = _least(wealth, timeline, dues, flows.fee) if pays_for else 0.0
    return ReturnNeed(rate, start, years, wealth, flows, pays_for, left_out)


def compounded(mean: float, volatility: float) -> float:
    """The yearly rate at which money grows in the long run, as likely missed as beaten, of lognormal years.

    (1 + mean) / sqrt(1 + volatility^2 / (1 + mean)^2) - 1. Source: Aitchison & Brown (1957), the median.
    """
    return (1 + mean) / math.sqrt(1 + volatility**2 / (1 + mean) ** 2) - 1


def _least(wealth: float, timeline: Timeline, dues: Sequence[Due], fee: float) -> float | None:
    """By bisection: with more return there is more at the end of every month, as long as there is something."""
    if _is_enough(0.0, wealth, timeline, dues, fee):
        return 0.0
    low, high = 0.0, HIGHEST_NEED
    if not _is_enough(high, wealth, timeline, dues, fee):
        return None
    while high - low > CLOSE:
        middle = (low + high) / 2
        low, high = (low, middle) if _is_enough(middle, wealth, timeline, dues, fee) else (middle, high)
    return high


def _is_enough(rate: float, wealth: float, timeline: Timeline, dues: Sequence[Due], fee: float) -> bool:
    month_of_growth = ((1 + rate) * (1 - fee)) ** (1 / MONTHS)
    by_month: dict[int, list[Due]] = {}
    for due in dues:
        by_month.setdefault(due.month, []).append(due)
    for month, flow in enumerate(timeline.flow.tolist(), 1):
        wealth = wealth * month_of_growth + flow
        for due in by_month.get(month, ()):
            if wealth < due.amount:
                return False
            wealth -= due.amount if due.goal.spent else 0.0
        if wealth < 0:
            return False
    return True
