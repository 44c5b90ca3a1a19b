"""Alerts of grades that moved."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from planner import InputError
from planner.outlook.alerts import AlertKind, Severity
from planner.outlook.grade_alerts import grade_alerts


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
