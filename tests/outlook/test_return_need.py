"""The return that goals need, against closed forms."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import planner
from planner import CashFlows, Goal
from planner.outlook.return_need import HIGHEST_NEED, ReturnNeed, compounded, return_need

AGE, WEALTH = planner.EXAMPLE.profile.age, 250_000
PLAN = planner.plan(planner.EXAMPLE)
START = dt.date(2025, 9, 30)
NOTHING = CashFlows(retirement_age=60, inflation=0.0)


def need(flows: CashFlows = NOTHING, *goals: Goal, **fields: object) -> ReturnNeed:
    scenario = planner.EXAMPLE.with_changes(cash_flows=flows, goals=goals, household=None, **fields)
    return return_need(planner.plan(scenario))


def goal(amount: float, years: int, name: str = "Goal", **fields: object) -> Goal:
    start = PLAN.market.returns.index[-1]
    return Goal(name=name, amount=amount, date=dt.date(start.year + years, start.month, 15), **fields)


@given(st.floats(1.05, 4), st.integers(5, 40), st.floats(0, 0.06), st.floats(0, 0.02))
def test_one_goal_needs_the_root_of_what_it_is_of_the_wealth(times, years, inflation, fee):
    found = need(NOTHING.with_changes(inflation=inflation, fee=fee), goal(times * WEALTH, years))
    exact = (times * (1 + inflation) ** years) ** (1 / years) / (1 - fee) - 1
    if exact > HIGHEST_NEED:
        assert found.rate is None
    else:
        assert found.rate == pytest.approx(exact, abs=1e-6)
        assert found.above_inflation == pytest.approx((1 + exact) / (1 + inflation) - 1, abs=1e-6)


def test_spending_for_a_number_of_months_needs_the_rate_of_an_annuity():
    monthly_rate = 1.05 ** (1 / 12) - 1
    months = 12 * (95 - AGE)
    payment = WEALTH * monthly_rate / (1 - (1 + monthly_rate) ** -months)
    found = need(NOTHING.with_changes(retirement_age=AGE, spending=12 * payment))
    assert found.rate == pytest.approx(0.05, abs=1e-6)
    assert found.pays_for == ("spending",)


def test_saving_towards_a_goal_needs_the_rate_of_a_savings_plan():
    rate, years, saved = 0.04, 20, 12_000
    factor = (1 + rate) ** (1 / 12)
    end = WEALTH * (1 + rate) ** years + saved / 12 * sum(factor**month for month in range(12 * years))
    assert need(NOTHING.with_changes(saving=saved), goal(end, years)).rate == pytest.approx(rate, abs=1e-6)


def test_a_goal_that_is_not_spent_leaves_the_money_for_the_next():
    first, second = goal(300_000, 10, "First", spent=False), goal(400_000, 20, "Second")
    exact = max((300 / 250) ** (1 / 10), (400 / 250) ** (1 / 20)) - 1
    assert need(NOTHING, first, second).rate == pytest.approx(exact, abs=1e-6)
    assert (need(NOTHING, first.with_changes(spent=True), second).rate or math.inf) > exact + 0.01


def test_where_nothing_is_paid_out_nothing_is_needed_and_what_is_there_may_be_enough():
    assert (need().rate, need().pays_for) == (0.0, ())
    assert need(NOTHING, goal(200_000, 10)).rate == 0.0
    assert need(NOTHING.with_changes(inflation=0.02), goal(200_000, 5)).above_inflation == pytest.approx(1 / 1.02 - 1)


def test_what_no_return_can_pay_for_is_a_value():
    found = need(NOTHING.with_changes(retirement_age=AGE, spending=200_000))
    assert (found.rate, found.above_inflation) == (None, None)


def test_goals_of_another_time_are_left_out_and_named():
    past, late = Goal(name="Past", amount=1e9, year=2020), Goal(name="Late", amount=1e9, year=2200)
    found = need(NOTHING, past, goal(200_000, 5), late)
    assert [each.name for each in found.left_out] == ["Past", "Late"]
    assert (found.rate, found.pays_for) == (0.0, ("'Goal'",))


def test_the_examples_need_is_what_a_path_without_chance_just_survives():
    found = return_need(PLAN)
    assert (found.start, found.years, found.wealth) == (START, 60, 250_000)
    assert found.flows == planner.project(PLAN, paths=1).flows
    timeline = planner.project(PLAN, paths=1).standing.timeline(found.flows)
    college = 12 * 15 + 3
    for rate, survives in ((found.rate, True), (found.rate - 1e-4, False)):
        wealth = [250_000.0]
        for month, flow in enumerate(timeline.flow, 1):
            paid = 100_000 * timeline.price[month] if month == college else 0.0
            wealth.append(wealth[-1] * (1 + rate) ** (1 / 12) + flow - paid)
        assert bool(min(wealth) >= 0) is survives


def test_the_compounded_rate_is_the_median_of_lognormal_years():
    mean, volatility = 0.08, 0.18
    variance = math.log(1 + volatility**2 / (1 + mean) ** 2)
    logs = np.random.default_rng(7).normal(math.log(1 + mean) - variance / 2, math.sqrt(variance), 200_000)
    assert np.exp(logs).mean() - 1 == pytest.approx(mean, abs=0.002)
    assert compounded(mean, volatility) == pytest.approx(np.median(np.exp(logs)) - 1, abs=0.002)
    assert compounded(mean, 0.0) == pytest.approx(mean)
