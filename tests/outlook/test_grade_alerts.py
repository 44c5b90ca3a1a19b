"""Alerts of grades that moved."""

from __future__ import annotations

import datetime as dt
import math

import pandas as pd
import pytest

from planner import EXAMPLE, InputError
from planner.household.accounts import Account, AccountKind, Asset, Household, Lot
from planner.market.grades import Grades
from planner.outlook.alerts import AlertKind, Severity
from planner.outlook.grade_alerts import grade_alerts, graded_and_held
from planner.policy.barbell import barbell
from planner.reviewing import review
from planner.trading.holdings import Holdings

DAY = dt.date(2025, 9, 30)
NAMES = ("BTC", "eth", "DOGE", "SPY", "Bitcoin", "large_cap")


def held(household=EXAMPLE.household, sleeve=None):
    return graded_and_held(Grades({}, dict.fromkeys(NAMES, 50.0)), Holdings(household), sleeve)


def kinds(found):
    return [alert.subject for alert in found.alerts if alert.kind is AlertKind.GRADE]


def test_a_fall_warns_a_rise_informs_and_a_small_move_is_nothing():
    before, now = {"BTC": 80, "ETH": 50, "SOL": 60}, {"BTC": 65, "ETH": 60, "SOL": 51}
    fall, rise = grade_alerts(before, now, ["BTC", "ETH", "SOL"])
    assert (fall.kind, fall.subject, fall.severity, fall.number) == (AlertKind.GRADE, "BTC", Severity.WARNING, -15)
    assert fall.sentence == "BTC: its grade fell from 80 to 65 of 100."
    assert (rise.subject, rise.severity, rise.number) == ("ETH", Severity.INFORMATION, 10)


def test_only_what_is_held_counts_and_once():
    assert len(grade_alerts({"BTC": 80, "X": 80}, {"BTC": 10, "X": 10}, ["BTC", "BTC"], threshold=70)) == 1


def test_a_grade_that_is_gone_warns_and_a_first_grade_is_nothing():
    (alert,) = grade_alerts(pd.Series({"BTC": 80.0}), pd.Series({"ETH": 10.0}), ["BTC", "ETH", "SOL"])
    assert alert.severity == Severity.WARNING
    assert math.isnan(alert.number)


@pytest.mark.parametrize(("grade", "threshold"), [(101, 10), (-1, 10), (50, 0), (50, math.nan)])
def test_what_is_off_the_scale_is_an_error(grade, threshold):
    with pytest.raises(InputError):
        grade_alerts({"BTC": grade}, {"BTC": 50}, ["BTC"], threshold)


def test_the_coins_that_are_owned_are_held_by_symbol_or_name_and_nothing_else_is():
    assert held() == ("BTC", "eth", "Bitcoin")


def test_a_sleeves_indices_are_held():
    assert held(sleeve=barbell()) == ("BTC", "eth", "Bitcoin", "large_cap")


def test_a_fund_of_bitcoin_is_graded_as_bitcoin_until_it_is_sold():
    fund = Asset(symbol="FUND", series="bitcoin")
    lot = Lot(asset="FUND", quantity=10, unit_cost=50, acquired=DAY)
    account = Account(kind=AccountKind.TAXABLE, owner="Ann", holdings=(lot,))
    owned = Household(accounts=(account,), assets=(fund,), prices={"FUND": 60.0}, as_of=DAY)
    assert held(owned) == ("BTC", "Bitcoin")
    assert held(owned.with_changes(accounts=(account.with_changes(holdings=()),))) == ()


def test_a_review_alerts_of_grades_of_what_is_held_only():
    grades = Grades({"BTC": 80, "DOGE": 90, "ETH": 50}, {"BTC": 60, "DOGE": 10, "ETH": 51})
    assert kinds(review(EXAMPLE, DAY, grades=grades)) == ["BTC"]
    assert "BTC: its grade fell from 80 to 60 of 100." in review(EXAMPLE, DAY, grades=grades).sentences
    assert kinds(review(EXAMPLE, DAY)) == []


def test_a_review_of_a_sleeve_alerts_of_its_indices():
    grades = Grades({"large_cap": 80}, {"large_cap": 60})
    assert kinds(review(EXAMPLE.with_changes(sleeve=barbell()), DAY, grades=grades)) == ["large_cap"]
    assert kinds(review(EXAMPLE, DAY, grades=grades)) == []
