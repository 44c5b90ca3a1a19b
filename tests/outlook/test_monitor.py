from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from planner.errors import InputError
from planner.market.history import history
from planner.market.universe import BUILT_IN
from planner.outlook.alerts import AlertKind
from planner.outlook.monitor import SINCE_REVIEW, TOTAL, class_tracks, in_line, known_by, performance_by_class
from planner.policy.tactical import Tilt
from planner.reviewing import review
from planner.scenario import EXAMPLE, Scenario

DAY = dt.date(2025, 9, 30)
QUARTER_AGO = dt.date(2025, 6, 30)


def test_two_months_by_hand_give_each_class_its_part():
    index = pd.to_datetime(["2025-01-31", "2025-02-28"])
    tracks = pd.DataFrame({"equities": [0.10, -0.10], "cash": [0.0, 0.02]}, index=index)
    table = performance_by_class(tracks, {"equities": 0.5, "cash": 0.5}, dt.date(2024, 12, 31)).loc[SINCE_REVIEW]
    assert table.loc[TOTAL, "earned"] == pytest.approx(1.05 * 0.96 - 1, abs=1e-15)
    assert table.loc["equities", "contribution"] == pytest.approx(0.05 - 1.05 * 0.05, abs=1e-15)
    assert table.loc["cash", "contribution"] == pytest.approx(1.05 * 0.01, abs=1e-15)
    assert table.loc["equities", "earned"] == pytest.approx(-0.01, abs=1e-15)


def test_contributions_add_up_to_what_was_earned_in_every_period():
    table = review(EXAMPLE, DAY, last_review=QUARTER_AGO).performance
    assert list(table.index.unique("period")) == [SINCE_REVIEW, "over 1 year", "over 3 years", "over 5 years"]
    for period in table.index.unique("period"):
        rows = table.loc[period]
        assert rows["contribution"].drop(TOTAL).sum() == pytest.approx(rows.loc[TOTAL, "earned"], abs=1e-12)
        assert rows.loc[TOTAL, "contribution"] == pytest.approx(rows.loc[TOTAL, "earned"], abs=1e-12)


def test_a_year_is_that_of_the_mix_restored_every_month(market):
    monthly = market.complete_returns.tail(12) @ pd.Series(BUILT_IN.split(EXAMPLE.targets.weights))
    earned = review(EXAMPLE, DAY).performance.loc[("over 1 year", TOTAL), "earned"]
    assert earned == pytest.approx(np.prod(1 + monthly) - 1, abs=1e-12)


def test_periods_to_which_the_data_do_not_reach_are_left_out():
    tracks = class_tracks(history().tail(35), BUILT_IN)
    table = performance_by_class(tracks, EXAMPLE.targets.weights, DAY)
    assert list(table.index.unique("period")) == ["over 1 year"]
    assert performance_by_class(tracks.tail(11), EXAMPLE.targets.weights).empty


def test_classes_are_those_of_the_market(market):
    series = market.complete_returns
    expected = sum(member.share * series[member.name] for member in BUILT_IN["crypto"].series)
    assert np.allclose(class_tracks(history(), BUILT_IN)["crypto"], expected, atol=1e-15)


@pytest.mark.parametrize(("scale", "inside"), [(1.0, True), (20.0, False)])
def test_a_series_twenty_times_as_wild_as_ever_is_out_of_line(scale, inside):
    returns = history()
    returns.iloc[-12:, returns.columns.get_loc("us_bonds")] *= scale
    row = in_line(returns, BUILT_IN).loc["us_bonds"]
    assert bool(row["in_line"]) is inside
    assert np.isnan(row["correlation"])
    assert row["volatility"] == pytest.approx(returns["us_bonds"].tail(12).std() * np.sqrt(12), abs=1e-12)


def test_two_years_less_a_month_are_too_few_to_say_whether_a_series_is_in_line():
    assert set(in_line(history().tail(23), BUILT_IN)["in_line"]) == {None}
    assert None not in set(in_line(history().tail(24), BUILT_IN)["in_line"])


@pytest.mark.parametrize("day", [dt.date(2020, 3, 31), dt.date(2023, 7, 15)])
def test_the_future_changes_nothing(day):
    past = EXAMPLE.household.with_changes(
        as_of=day,
        sales=(),
        accounts=[
            account.with_changes(
                holdings=[lot.with_changes(acquired=dt.date(2016, 1, 4), bought=None) for lot in account.holdings]
            )
            for account in EXAMPLE.household.accounts
        ],
    )
    scenario = EXAMPLE.with_changes(household=past, last_rebalanced=None, last_review=None)
    changed = history()
    changed.loc[changed.index > pd.Timestamp(day)] = changed.loc[changed.index > pd.Timestamp(day)] / -3
    first, second = review(scenario, day), review(scenario, day, returns=changed)
    assert first.sentences == second.sentences
    assert first.alerts == second.alerts
    for title, table in first.tables.items():
        pd.testing.assert_frame_equal(table, second.tables[title])


def test_the_same_review_twice_says_the_same():
    first, second = (review(EXAMPLE, DAY, last_review=QUARTER_AGO) for _ in range(2))
    assert first.alerts == second.alerts
    assert first.sentences == second.sentences
    severities = [alert.severity for alert in first.alerts]
    assert severities == sorted(severities, reverse=True)


def test_the_sheet_holds_drift_and_decision_against_the_targets_with_their_tilts():
    tilt = Tilt(
        asset="crypto", change=0.02, reason="a <deep> bear market", starts=QUARTER_AGO, ends=dt.date(2026, 1, 1)
    )
    plain, leaning = review(EXAMPLE, DAY), review(EXAMPLE.with_changes(tilts=(tilt,)), DAY)
    assert plain.drift.loc["crypto", "target"] == 0.05
    assert leaning.drift.loc["crypto", "target"] == pytest.approx(0.07)
    assert leaning.decision.destination.loc["crypto", "upper"] == pytest.approx(0.07)
    assert leaning.tactical.table.loc["crypto", "difference"] == pytest.approx(0.02)
    assert any("deep" in sentence for sentence in leaning.sentences)
    assert "<deep>" not in leaning._repr_html_()
    over = review(EXAMPLE.with_changes(tilts=(tilt,)), dt.date(2026, 1, 1))
    assert over.drift.loc["crypto", "target"] == 0.05
    assert AlertKind.TILT in {alert.kind for alert in over.alerts}


def test_the_checklist_shows_what_changed_and_where_nothing_did():
    earlier = EXAMPLE.with_changes(
        profile=EXAMPLE.profile.with_changes(age=34, horizon_years=26),
        targets=EXAMPLE.targets.with_changes(weights={"equities": 0.6, "fixed_income": 0.4}),
        last_rebalanced=None,
    )
    table = review(EXAMPLE, DAY, earlier=earlier).checklist.set_index(["item", "field"])
    assert tuple(table.loc[("goals", "horizon years"), ["before", "after"]]) == ("26.0", "25.0")
    assert tuple(table.loc[("capacity", "age"), ["before", "after"]]) == ("34", "35")
    assert tuple(table.loc[("targets", "targets, weights, equities"), ["before", "after"]]) == ("0.6", "0.5")
    assert ("tolerance", "unchanged") in table.index
    assert ("taxes", "unchanged") in table.index
    first = review(EXAMPLE, DAY).checklist
    assert list(first["item"]) == ["goals", "capacity", "tolerance", "taxes", "targets"]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: review(EXAMPLE, dt.date(2025, 9, 29)), "holdings are those of 2025-09-30, after the review"),
        (lambda: review(EXAMPLE.with_changes(household=None), DAY), "nothing to review"),
        (lambda: review(EXAMPLE, DAY, last_review=dt.date(2025, 10, 1)), "after 2025-09-30"),
        (lambda: review(EXAMPLE, DAY, returns=history().drop(columns="gold")), "lack the series 'gold'"),
        (lambda: known_by(history(), dt.date(2000, 1, 1)), "begin after 2000-01-01"),
    ],
)
def test_what_cannot_be_reviewed_is_said(call, said):
    with pytest.raises(InputError, match=said):
        call()


def test_a_scenario_read_from_its_document_gives_the_same_review():
    again = Scenario.model_validate_json(EXAMPLE.model_dump_json())
    assert (
        review(again, DAY, last_review=QUARTER_AGO).sentences == review(EXAMPLE, DAY, last_review=QUARTER_AGO).sentences
    )
