from __future__ import annotations

import csv
import datetime as dt
import io
import json

import numpy as np
import pandas as pd
import pytest

from planner.errors import InputError
from planner.market.history import history
from planner.market.market import Market
from planner.market.universe import BUILT_IN, Universe
from planner.outlook.alerts import AlertKind
from planner.outlook.monitor import SINCE_REVIEW, TOTAL, class_tracks, in_line, known_by, performance_by_class
from planner.planning import plan
from planner.policy.tactical import Tilt
from planner.policy.targets import Targets
from planner.reviewing import review
from planner.scenario import EXAMPLE, Method, Scenario
from planner.trading.holdings import Holdings

DAY = dt.date(2025, 9, 30)
OTHER = Universe(BUILT_IN.classes[::-1])
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


def test_seven_years_less_two_months_are_too_few_to_say_whether_a_series_is_in_line():
    short = in_line(history().tail(82), BUILT_IN)
    assert set(short["in_line"]) == {None}
    assert short["highest_volatility"].isna().all()
    assert short["volatility"].notna().all()
    assert None not in set(in_line(history().tail(83), BUILT_IN)["in_line"])


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
    assert tuple(table.loc[("goals", "years until the money is needed"), ["before", "after"]]) == ("26", "25")
    assert tuple(table.loc[("capacity", "age"), ["before", "after"]]) == ("34", "35")
    assert tuple(table.loc[("targets", "target, Equities"), ["before", "after"]]) == ("60 %", "50 %")
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
        (lambda: review(EXAMPLE, DAY, Holdings(EXAMPLE.household, OTHER)), "another universe"),
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


def test_a_series_that_outgrew_the_rest_of_its_class_by_more_than_ever_is_out_of_line():
    returns = history()
    ahead = in_line(returns, BUILT_IN).loc["us_equity", "ahead"]
    year = (1 + returns[["us_equity", "intl_equity"]].tail(12)).prod()
    assert ahead == pytest.approx(year["us_equity"] / year["intl_equity"] - 1, abs=1e-12)
    returns.iloc[-1, returns.columns.get_loc("us_equity")] += 0.3
    row = in_line(returns, BUILT_IN).loc["us_equity"]
    assert row["ahead"] > row["highest_ahead"]
    assert not row["in_line"]


def test_drift_is_from_what_trades_lead_to_and_strategic_targets_stand_beside_it():
    scenario = EXAMPLE.with_changes(method=Method.MEAN_VARIANCE)
    found, planned = review(scenario, DAY), plan(scenario, as_of=DAY)
    assert dict(found.drift["target"]) == pytest.approx(dict(planned.trade_targets.weights))
    assert abs(found.drift["target"] - found.drift["strategic"]).max() > 0.01
    assert dict(found.drift["strategic"]) == dict(EXAMPLE.targets.weights)
    assert found.decision.destination["lower"].to_dict() == pytest.approx(dict(planned.trade_targets.weights))


def test_a_market_of_ones_own_is_reviewed_in_its_own_universe():
    market = Market.of(history().tail(120), OTHER)
    targets = Targets.in_universe(OTHER, weights=dict(EXAMPLE.targets.weights))
    found = review(EXAMPLE.with_changes(targets=targets), DAY, market=market)
    assert list(found.drift.index) == list(OTHER.class_names)
    assert found.drift["weight"].to_dict() == pytest.approx(review(EXAMPLE, DAY).drift["weight"].to_dict())


def test_what_stands_in_the_way_of_the_plan_is_said_first():
    wanting = EXAMPLE.with_changes(targets=Targets(weights={"equities": 0.5, "crypto": 0.5}))
    found = review(wanting, DAY)
    assert found.sentences[0] == plan(wanting).blockers[0].sentence
    assert found.drift.loc["crypto", "target"] == 0.5


def test_the_quarterly_question_whether_the_targets_are_right_is_asked_with_numbers():
    found = review(EXAMPLE, DAY)
    assert found.targets_sentence in found.sentences
    assert str(EXAMPLE.profile.assess().crypto_range) in found.targets_sentence
    assert "in your targets: 5 %" in found.targets_sentence


def test_tilts_beyond_the_range_do_not_count_and_are_said():
    tilt = Tilt(asset="equities", change=-0.2, reason="fear", starts=QUARTER_AGO, ends=dt.date(2026, 1, 1))
    found = review(EXAMPLE.with_changes(tilts=(tilt,)), DAY)
    assert found.drift.loc["equities", "target"] == 0.5
    assert "beyond the tactical range" in found.sentences[0]


def test_what_is_still_held_is_told_of_the_lots_whose_cost_is_known():
    held = review(EXAMPLE, DAY).held
    gold = held.loc["commodities"]
    assert (gold["value"], gold["basis"], gold["gain"]) == pytest.approx((4260, 2040, 2220))
    years = (DAY - dt.date(2021, 3, 15)).days / 365
    assert gold["growth"] == pytest.approx((4260 / 2040) ** (1 / years) - 1, abs=1e-9)
    assert held.loc[TOTAL, "value"] == pytest.approx(250_000)
    for name in ("value", "known", "basis", "gain"):
        assert held[name].drop(TOTAL).sum() == pytest.approx(held.loc[TOTAL, name])
    assert held.loc["equities", "known"] < held.loc["equities", "value"]
    assert np.isnan(held.loc["cash", "growth"])


def test_a_purchase_of_less_than_a_year_has_no_return_a_year():
    accounts = tuple(
        account.with_changes(
            holdings=[lot.with_changes(acquired=dt.date(2024, 10, 1), bought=None) for lot in account.holdings]
        )
        for account in EXAMPLE.household.accounts
    )
    scenario = EXAMPLE.with_changes(household=EXAMPLE.household.with_changes(accounts=accounts, sales=()))
    assert review(scenario, DAY).held["growth"].isna().all()


def test_the_sheet_as_files_holds_every_table_and_runs_no_formula():
    tilt = Tilt(asset="crypto", change=0.02, reason="=1+1", starts=QUARTER_AGO, ends=dt.date(2026, 1, 1))
    found = review(EXAMPLE.with_changes(tilts=(tilt,)), DAY)
    rows = list(csv.DictReader(io.StringIO(found.to_csv())))
    assert {row["table"] for row in rows} == set(found.tables)
    earned = next(row for row in rows if (row["row"], row["column"]) == (f"{SINCE_REVIEW}, {TOTAL}", "earned"))
    assert float(earned["value"]) == found.performance.loc[(SINCE_REVIEW, TOTAL), "earned"]
    assert not any(row["value"].startswith("=") for row in rows)
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert set(document["tables"]) == set(found.tables)
    assert Scenario.model_validate(document["scenario"]) == found.scenario


def test_a_review_itself_changes_nothing_on_the_checklist():
    reviewed = EXAMPLE.with_changes(last_review=DAY, last_rebalanced=DAY)
    assert set(review(reviewed, DAY, earlier=EXAMPLE).checklist["field"]) == {"unchanged"}


def test_new_goals_and_tilts_stand_on_the_checklist_in_words():
    tilt = Tilt(asset="crypto", change=0.02, reason="low", starts=QUARTER_AGO, ends=dt.date(2026, 1, 1))
    table = review(EXAMPLE.with_changes(tilts=(tilt,)), DAY, earlier=EXAMPLE.with_changes(goals=())).checklist
    fields = table.set_index(["item", "field"])
    assert fields.loc[("goals", "goal College"), "after"] == "$100,000 by 2040-12-31, priority 2"
    assert (
        fields.loc[("targets", "tilt: Crypto: 2 points more until 2026-01-01 (low)"), "after"] == f"from {QUARTER_AGO}"
    )
