from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from planner.errors import InputError
from planner.household.cash_flows import CashFlows
from planner.household.goals import Goal
from planner.outlook.dues import goals_due
from planner.outlook.timeline import Timeline
from planner.outlook.wealth import Bucket, Terms, replay

if TYPE_CHECKING:
    from planner.outlook.wealth import Outcome

START = dt.date(2025, 9, 30)


def timeline(months: int = 120, **flows: Any) -> Timeline:
    return Timeline.of(CashFlows(**{"retirement_age": 90, "inflation": 0.0} | flows), START, 40, months)


def met(goals: list[Goal], opening: float, net: float = 1.0, safe_rate: float = 0.0, **flows: Any) -> Outcome:
    """Goals followed without growth, the money in one account."""
    line = timeline(**flows)
    taxed, deferred = (Bucket(part, float(part > 0), np.ones(120), net) for part in _parts(opening, net))
    dues = goals_due(goals, START, line, safe_rate)
    terms = Terms(line.flow, line.price, taxed, deferred, Bucket(0, 0, np.ones(120)), dues)
    return replay(np.ones((120, 1)), terms)


def _parts(opening: float, net: float) -> tuple[float, float]:
    return (opening, 0.0) if net == 1 else (0.0, opening)


def test_a_goal_is_due_at_its_months_end_or_at_its_years() -> None:
    goals = [
        Goal(name="house", amount=100, date=dt.date(2027, 3, 2)),
        Goal(name="car", amount=10, year=2025),
        Goal(name="trip", amount=5, date=dt.date(2025, 12, 1), priority=2),
    ]
    dues = goals_due(goals, START, timeline(inflation=0.05), 0.0)
    assert [(due.goal.name, due.month) for due in dues] == [("car", 3), ("trip", 3), ("house", 18)]
    assert dues[2].amount == pytest.approx(100 * 1.05**1.5)


def test_a_goal_that_can_be_paid_is_paid_and_one_that_cannot_takes_what_there_is() -> None:
    goals = [Goal(name="first", amount=60, year=2026), Goal(name="second", amount=60, year=2027)]
    found = met(goals, 100)
    assert found.missed[:, 0].tolist() == [0, 20]
    assert found.wealth[[15, 16, 27, 28], 0].tolist() == [100, 40, 40, 0]


def test_a_goal_that_is_only_looked_at_takes_nothing() -> None:
    found = met([Goal(name="nest egg", amount=150, year=2026, spent=False)], 100)
    assert found.missed[0, 0] == 50
    assert found.wealth[-1, 0] == 100


def test_what_is_lacking_is_told_in_todays_money() -> None:
    found = met([Goal(name="house", amount=100, date=dt.date(2026, 9, 1))], 100, inflation=0.10)
    assert found.missed[0, 0] == pytest.approx(10 / 1.10)


def test_a_goal_out_of_deferred_money_pays_income_tax() -> None:
    found = met([Goal(name="house", amount=60, year=2026)], 100, net=0.75)
    assert found.wealth[-1, 0] == pytest.approx(20)
    assert met([Goal(name="house", amount=76, year=2026)], 100, net=0.75).missed[0, 0] == pytest.approx(1)


def test_a_goal_leaves_alone_what_later_goals_of_higher_priority_need() -> None:
    college = Goal(name="college", amount=80, year=2030)
    boat = Goal(name="boat", amount=50, year=2027, priority=2)
    assert met([boat, college], 100).missed[:, 0].tolist() == [30, 0]
    equal = boat.with_changes(priority=1)
    assert met([equal, college], 100).missed[:, 0].tolist() == [0, 30]


def test_on_the_same_day_the_higher_priority_is_paid_first() -> None:
    goals = [Goal(name="boat", amount=80, year=2027, priority=2), Goal(name="college", amount=80, year=2027)]
    assert met(goals, 100).missed[:, 0].tolist() == [0, 60]


def test_what_is_still_saved_until_then_and_the_safe_rate_need_not_be_left() -> None:
    goals = [
        Goal(name="boat", amount=50, date=dt.date(2026, 9, 30), priority=2),
        Goal(name="college", amount=110, date=dt.date(2028, 9, 30)),
    ]
    line = timeline(saving=12)
    # at nothing a year, 110 less 24 still to be saved; at 10 %, 110 discounted two years less 24 monthly savings
    assert goals_due(goals, START, line, 0.0)[0].reserve == pytest.approx(110 - 24)
    month = 1.1 ** (1 / 12)
    saved = (1 - month**-24) / (month - 1) * month
    assert goals_due(goals, START, line, 0.10)[0].reserve == pytest.approx(110 / 1.21 - saved)


def test_money_only_to_be_owned_later_is_left_once_and_not_summed() -> None:
    goals = [
        Goal(name="boat", amount=50, year=2026, priority=2),
        Goal(name="owned", amount=70, year=2027, spent=False),
        Goal(name="owned later", amount=60, year=2028, spent=False),
    ]
    assert goals_due(goals, START, timeline(), 0.0)[0].reserve == 70
    spent = [goals[0], goals[1].with_changes(spent=True), goals[2].with_changes(spent=True)]
    assert goals_due(spent, START, timeline(), 0.0)[0].reserve == 130


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"amount": 5}, "'x' needs a date or a year"),
        ({"amount": 5, "year": 2030, "date": dt.date(2030, 1, 1)}, "only one of the two"),
        ({"amount": 0, "year": 2030}, "more than 0"),
        ({"amount": float("nan"), "year": 2030}, "finite number"),
        ({"amount": 5, "year": 2030.5}, "whole number"),
        ({"amount": 5, "year": 30}, "between 1,900 and 2,300"),
        ({"amount": 5, "year": 2030, "priority": 0}, "between 1 and 9"),
    ],
)
def test_an_unclear_goal_is_refused_in_words(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Goal(name="x", **fields)


def test_goals_of_one_name_or_outside_the_projection_are_refused_in_words() -> None:
    goal = Goal(name="house", amount=5, year=2027)
    with pytest.raises(InputError, match="two goals named 'house'"):
        goals_due([goal, goal], START, timeline(), 0.0)
    for year in (2024, 2036):
        with pytest.raises(InputError, match=f"'house' is due on {year}-12-31, outside the 10 years from 2025-09-30"):
            goals_due([goal.with_changes(year=year)], START, timeline(), 0.0)


# --- cash flows -------------------------------------------------------------------------------------------------


def test_flows_are_twelfths_in_the_money_of_their_month() -> None:
    flows = {"saving": 1_200, "saving_growth": 0.02, "spending": 2_400, "retirement_age": 45, "inflation": 0.03}
    line = timeline(**flows)
    assert line.working == 60
    assert line.flow[12] == pytest.approx(100 * 1.03 * 1.02)
    assert line.flow[59] == pytest.approx(100 * (1.03 * 1.02) ** (59 / 12))
    assert line.flow[60] == pytest.approx(-200 * 1.03**5)
    assert line.price[120] == pytest.approx(1.03**10)


def test_a_pension_comes_with_retirement_or_at_its_age_and_what_is_left_is_saved() -> None:
    flows = {"spending": 1_200, "pension": 2_400, "retirement_age": 42}
    assert timeline(**flows).flow[[23, 24]].tolist() == pytest.approx([0, 100])
    assert timeline(pension_age=45, **flows).flow[[24, 59, 60]].tolist() == pytest.approx([-100, -100, 100])


def test_retirement_is_at_an_age_or_on_a_date() -> None:
    on_a_date = Timeline.of(CashFlows(retirement_date=dt.date(2027, 1, 15)), START, 40, 120)
    assert on_a_date.working == 16
    assert Timeline.of(CashFlows(retirement_age=39), START, 40, 120).working == 0
    for fields in ({}, {"retirement_age": 60, "retirement_date": dt.date(2040, 1, 1)}):
        with pytest.raises(InputError, match="an age or a date, and only one"):
            CashFlows(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"saving": -1}, "Saving a year is -1"),
        ({"inflation": 2.5}, "Inflation is 2.5: it must be between -0.05 and 0.5"),
        ({"fee": 1}, "Fee a year is 1"),
        ({"savings": 1}, "did you mean 'saving'"),
    ],
)
def test_cash_flows_out_of_range_are_refused_in_words(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        CashFlows(retirement_age=65, **fields)
