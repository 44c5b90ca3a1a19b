import datetime as dt

import pandas as pd
import pytest
import vl_convert

from planner.market.market import built_in_market
from planner.market.universe import BUILT_IN
from planner.trading.phasing import phase_in, phased_against_at_once
from widgets.trade_charts import (
    AHEAD,
    BEHIND,
    CURVE_SPEC,
    HISTORY_SPEC,
    SCHEDULE_SPEC,
    curve_alt,
    curve_rows,
    history_alt,
    history_rows,
    schedule_alt,
    schedule_rows,
)

CURVE = pd.DataFrame(
    {
        "tracking_price": [0.0, 0.1, 0.5],
        "tax": [0.0, 490.0, 900.0],
        "cost": [0.0, 50.0, 60.0],
        "drift": [0.065, 0.01, 0.0],
    }
)
HERE = {"label": "10 cents", "tax": 490.0, "cost": 50.0, "drift": 0.01}
WEIGHTS = {"us_equity": 0.5, "us_bonds": 0.3, "bitcoin": 0.2}


@pytest.fixture(scope="module")
def planned():
    return phase_in(10_000, WEIGHTS, 4, dt.date(2025, 9, 30))


@pytest.fixture(scope="module")
def past():
    returns = built_in_market().complete_returns[[*WEIGHTS, "cash"]].dropna()
    return phased_against_at_once(returns, WEIGHTS, 4)


@pytest.fixture(scope="module")
def pictures(planned, past):
    return {
        "curve": (CURVE_SPEC, curve_rows(CURVE, HERE)),
        "schedule": (SCHEDULE_SPEC, schedule_rows(planned, BUILT_IN)),
        "history": (HISTORY_SPEC, history_rows(past)),
    }


@pytest.mark.parametrize("name", ["curve", "schedule", "history"])
def test_every_picture_of_the_trades_draws_what_its_rows_say(pictures, name):
    spec, rows = pictures[name]
    svg = vl_convert.vegalite_to_svg({**spec, "datasets": rows, "width": 460, "height": 240})
    assert svg.startswith("<svg")
    for layer in spec["layer"]:
        named = layer.get("data", spec.get("data"))["name"]
        fields = {channel["field"] for channel in layer["encoding"].values() if "field" in channel}
        assert rows[named]
        assert all(fields <= row.keys() for row in rows[named])


def test_a_point_of_the_curve_is_what_is_paid_for_the_drift_that_is_left():
    rows = curve_rows(CURVE, HERE)
    assert [row["paid"] for row in rows["curve"]] == [0.0, 540.0, 960.0]
    assert (rows["here"][0]["label"], rows["here"][0]["paid"], rows["here"][0]["right"]) == ("10 cents", 540.0, False)
    assert "$540 with 1 % left" in curve_alt(rows)
    assert "from $960 with 0 % left to $0 with 6.5 % left" in curve_alt(rows)


def test_a_curve_that_is_not_made_yet_has_no_points_and_says_so():
    rows = curve_rows(None, HERE)
    assert rows["curve"] == []
    assert "nothing is drawn yet" in curve_alt(rows)


def test_the_bars_of_every_month_add_up_to_the_amount(planned):
    rows = schedule_rows(planned, BUILT_IN)["schedule"]
    assert sum(row["amount"] for row in rows) == pytest.approx(10_000)
    assert list(dict.fromkeys(row["month"] for row in rows)) == ["Sep 2025", "Oct 2025", "Nov 2025", "Dec 2025"]
    assert {row["colour"] for row in rows if row["label"] == "Crypto"} == {BUILT_IN["crypto"].colour}
    assert "4 monthly steps" in schedule_alt(planned)


def test_without_a_day_the_months_are_counted():
    rows = schedule_rows(phase_in(900, {"us_equity": 1.0}, 3), BUILT_IN)["schedule"]
    assert [row["month"] for row in rows] == ["month 1", "month 2", "month 3"]


def test_a_bar_is_blue_where_phasing_in_ended_ahead_and_counts_as_often_as_the_sentence_says(past):
    rows = history_rows(past)["history"]
    assert all(row["colour"] == (AHEAD if row["ahead"] >= 0 else BEHIND) for row in rows)
    behind = sum(row["ahead"] < 0 for row in rows) / len(rows)
    assert behind == pytest.approx(past.at_once_better)
    assert f"{100 * behind:.0f} %" in history_alt(past)
