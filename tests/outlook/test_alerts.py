from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest

from planner.errors import InputError
from planner.household.accounts import Account, AccountKind, Household, Lot
from planner.outlook.alerts import (
    Alert,
    AlertKind,
    Severity,
    Thresholds,
    alerts_table,
    concentration_alerts,
    correlation_alerts,
    data_alerts,
    drift_alerts,
    in_order,
    price_alerts,
    review_alerts,
    tilt_alerts,
    volatility_alerts,
)
from planner.policy.tactical import Tilt
from planner.policy.targets import Targets
from planner.trading.holdings import Holdings
from planner.trading.rules import Calendar, Frequency, Hybrid, Threshold

DAY = dt.date(2025, 9, 30)
TARGETS = Targets(weights={"equities": 0.95, "crypto": 0.05})
RULE = Hybrid()


def holding(crypto: float) -> Holdings:
    """10,000 dollars, of which a part in crypto and the rest in equities."""
    lots = (Lot(asset="us_equity", quantity=10_000 * (1 - crypto)), Lot(asset="bitcoin", quantity=10_000 * crypto))
    account = Account(kind=AccountKind.ROTH_IRA, owner="A", holdings=lots)
    return Holdings(Household(accounts=(account,), prices={"us_equity": 1.0, "bitcoin": 1.0}, as_of=DAY))


def kinds(alerts: tuple[Alert, ...]) -> list[tuple[str, Severity]]:
    return [(alert.subject, alert.severity) for alert in alerts]


@pytest.mark.parametrize(
    ("crypto", "severity"),
    [
        (0.069, None),
        (0.07, Severity.WARNING),
        (0.0899, Severity.WARNING),
        (0.09, Severity.URGENT),
        (0.031, None),
        (0.03, Severity.WARNING),
        (0.01, Severity.URGENT),
    ],
)
def test_a_5_percent_class_with_2_points_of_band_warns_at_its_edge_and_is_urgent_at_twice(crypto, severity):
    found = [alert for alert in drift_alerts(holding(crypto), TARGETS, RULE) if alert.subject == "crypto"]
    assert [alert.severity for alert in found] == ([severity] if severity else [])
    if found:
        assert found[0].number == pytest.approx(crypto)
        assert found[0].threshold == pytest.approx(0.07 if crypto > 0.05 else 0.03)


def test_the_bands_of_the_rule_count_and_a_calendar_leaves_those_of_the_targets():
    assert drift_alerts(holding(0.08), TARGETS, Threshold(absolute=0.04)) == ()
    assert len(drift_alerts(holding(0.08), TARGETS, Calendar())) == 2


@pytest.mark.parametrize(
    ("crypto", "most", "severity"),
    [
        (0.0999, 0.15, None),
        (0.10, 0.15, Severity.WARNING),
        (0.07, 0.07, None),
        (0.0701, 0.07, Severity.URGENT),
        (0.12, 0.07, Severity.URGENT),
    ],
)
def test_crypto_at_twice_its_target_is_a_concentration_and_above_the_profile_urgent(crypto, most, severity):
    found = concentration_alerts(holding(crypto), TARGETS, most)
    assert kinds(found) == ([("crypto", severity)] if severity else [])


def test_a_concentration_says_how_much_it_grew():
    (found,) = concentration_alerts(holding(0.10), TARGETS, 0.15)
    assert found.sentence == "Crypto: grown to 10 % of the household, 2.0 times its target of 5 %."
    assert found.threshold == 0.10


def tracks(recent: float) -> pd.DataFrame:
    """48 months of plus and minus 1 %, and three of the same distance from their mean of nothing."""
    values = [0.01, -0.01] * 24 + [recent] * 3
    return pd.DataFrame({"equities": values}, index=pd.date_range("2020-01-31", periods=51, freq="ME"))


@pytest.mark.parametrize(("times", "alerts"), [(1.99, 0), (2.0, 1), (-2.0, 1)])
def test_volatility_jumps_where_three_months_are_twice_as_far_out_as_usual(times, alerts):
    deviation = np.std(tracks(0)["equities"].to_numpy()[:48], ddof=1)
    found = volatility_alerts(tracks(times * deviation))
    assert len(found) == alerts
    if found:
        assert found[0].number == pytest.approx(2.0)
    assert volatility_alerts(tracks(times * deviation).tail(14)) == ()


def test_cash_and_what_never_moved_raise_no_volatility_alert():
    still = tracks(0.5).assign(cash=lambda table: table["equities"], bonds=0.0).drop(columns="equities")
    assert volatility_alerts(still) == ()


def correlated(months_of_rise: int) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    equities, own = rng.normal(0, 0.04, 120), rng.normal(0, 0.2, 120)
    own[-months_of_rise or 120 :] = 4 * equities[-months_of_rise or 120 :] + own[-months_of_rise or 120 :] / 10
    index = pd.date_range("2015-01-31", periods=120, freq="ME")
    return pd.DataFrame({"equities": equities, "crypto": own}, index=index)


def test_a_lasting_rise_of_correlation_is_an_alert_with_its_p_value():
    (found,) = correlation_alerts(correlated(24))
    assert found.number < found.threshold == 0.05
    assert "has risen and stayed up" in found.sentence
    assert correlation_alerts(correlated(0)) == ()
    assert correlation_alerts(correlated(24).tail(47)) == ()
    assert correlation_alerts(correlated(24).drop(columns="crypto")) == ()


def test_a_lasting_fall_of_correlation_is_told_and_warns_of_nothing():
    rng = np.random.default_rng(7)
    equities, own = rng.normal(0, 0.04, 120), rng.normal(0, 0.05, 120)
    own[:-24] += 2 * equities[:-24]
    index = pd.date_range("2015-01-31", periods=120, freq="ME")
    (found,) = correlation_alerts(pd.DataFrame({"equities": equities, "crypto": own}, index=index))
    assert found.severity is Severity.INFORMATION
    assert found.number < found.threshold == 0.05
    assert "has fallen and stayed down" in found.sentence


@pytest.mark.parametrize(
    ("day", "months"), [(dt.date(2025, 11, 29), None), (dt.date(2025, 11, 30), 2), (dt.date(2026, 1, 29), 3)]
)
def test_prices_two_months_old_are_too_old_to_judge_drift_by(day, months):
    assert [alert.number for alert in price_alerts(DAY, day)] == ([months] if months else [])


@pytest.mark.parametrize(("day", "alerts"), [(dt.date(2025, 9, 29), 0), (dt.date(2025, 9, 30), 1)])
def test_a_quarterly_review_is_due_a_quarter_after_the_last(day, alerts):
    found = review_alerts(dt.date(2025, 6, 30), day)
    assert len(found) == alerts
    if found:
        assert (found[0].number, found[0].threshold, found[0].severity) == (92, 92, Severity.WARNING)
    assert review_alerts(dt.date(2025, 6, 30), day, Thresholds(review=Frequency.ANNUALLY)) == ()


def test_a_first_review_is_said_and_a_last_one_in_the_future_refused():
    assert kinds(review_alerts(None, DAY)) == [("review", Severity.INFORMATION)]
    with pytest.raises(InputError, match="2025-10-01, after 2025-09-30"):
        review_alerts(dt.date(2025, 10, 1), DAY)


@pytest.mark.parametrize(
    ("day", "missing"),
    [
        (dt.date(2025, 9, 30), 0),
        (dt.date(2025, 11, 29), 0),
        (dt.date(2025, 11, 30), 2),
        (dt.date(2025, 12, 30), 2),
        (dt.date(2026, 1, 1), 3),
    ],
)
def test_returns_are_stale_from_the_second_whole_month_that_is_missing(day, missing):
    found = data_alerts(dt.date(2025, 9, 30), day)
    assert [alert.number for alert in found] == ([missing] if missing else [])


def test_a_tilt_is_expired_from_the_day_of_its_end():
    tilt = Tilt(asset="crypto", change=0.02, reason="bear", starts=dt.date(2025, 1, 1), ends=DAY)
    assert tilt_alerts([tilt], DAY - dt.timedelta(days=1)) == ()
    (found,) = tilt_alerts([tilt], DAY)
    assert (found.subject, found.severity, found.number) == ("crypto until 2025-09-30", Severity.INFORMATION, 0)


def test_alerts_stand_by_severity_and_no_two_say_the_same():
    def alert(kind: AlertKind, subject: str, severity: Severity) -> Alert:
        return Alert(kind, subject, severity, "because", 1.0, 0.5)

    urgent = alert(AlertKind.DRIFT, "crypto", Severity.URGENT)
    warning = alert(AlertKind.CONCENTRATION, "crypto", Severity.WARNING)
    milder = alert(AlertKind.DRIFT, "crypto", Severity.WARNING)
    note = alert(AlertKind.TILT, "a", Severity.INFORMATION)
    expected = (urgent, warning, note)
    assert in_order([note, milder, warning, urgent, urgent]) == expected
    assert in_order([urgent, warning, milder, note]) == expected
    assert list(alerts_table(expected)["severity"]) == ["urgent", "warning", "information"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"volatility": 1.0},
        {"concentration": math.nan},
        {"drift_is_urgent": 0.5},
        {"stale_months": 0},
        {"correlation_months": 3},
    ],
)
def test_impossible_thresholds_are_errors_in_words(wrong):
    with pytest.raises(InputError, match=f"threshold '{next(iter(wrong))}'"):
        Thresholds(**wrong)
