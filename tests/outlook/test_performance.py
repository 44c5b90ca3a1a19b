from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import InputError
from planner.outlook.metrics import past_path
from planner.outlook.performance import money_weighted_return, performance, tail_loss


def track(*returns: float) -> pd.Series:
    return pd.Series(returns, pd.date_range("2020-01-31", periods=len(returns), freq="ME"), dtype=float)


def test_measures_of_a_track_by_hand():
    measured = performance(track(0.10, -0.20, 0.05, 0.25))
    assert measured["growth"] == pytest.approx((1.1 * 0.8 * 1.05 * 1.25) ** 3 - 1)
    assert measured["deepest_fall"] == pytest.approx(-0.2)
    assert measured["fall_months"] == 3
    assert measured["worst_month"] == -0.2
    assert measured["worst_year"] == pytest.approx(1.1 * 0.8 * 1.05 * 1.25 - 1)
    assert measured["sortino"] == pytest.approx(0.05 * 12 / (math.sqrt(0.2**2 / 4) * math.sqrt(12)))
    assert measured["calmar"] == pytest.approx(measured["growth"] / 0.2)
    assert math.isnan(measured["tracking_error"])


def test_a_fall_that_is_not_made_good_lasts_to_the_end():
    assert performance(track(0.1, -0.3, 0.1, 0.05))["fall_months"] == 3
    assert performance(track(0.1, 0.1))["fall_months"] == 0
    assert math.isnan(performance(track(0.1, 0.1))["calmar"])


def test_the_past_of_a_plan_has_the_same_figures(market):
    weights = {"us_equity": 0.6, "us_bonds": 0.4}
    path = past_path(market.complete_returns, weights)
    measured = performance(pd.Series(path.returns, path.months))
    assert measured["growth"] == pytest.approx(path.growth)
    assert measured["volatility"] == pytest.approx(path.volatility)
    assert measured["deepest_fall"] == pytest.approx(path.deepest_fall)
    assert measured["worst_year"] == pytest.approx(path.worst_year)


def test_sharpe_takes_off_the_rate_of_each_month(market):
    returns, cash = market.complete_returns["us_equity"], market.complete_returns["cash"]
    excess = returns - cash
    expected = excess.mean() / excess.std() * math.sqrt(12)
    assert performance(returns, cash)["sharpe"] == pytest.approx(expected)
    assert performance(returns, benchmark=cash)["tracking_error"] == pytest.approx(excess.std() * math.sqrt(12))


def test_the_tail_is_a_whole_number_of_months_or_one_more_in_part():
    returns = np.array([-0.4, -0.2, *[0.01] * 18])
    assert tail_loss(returns) == pytest.approx(-0.4)
    assert tail_loss(returns, 0.10) == pytest.approx(-0.3)
    assert tail_loss(returns, 0.075) == pytest.approx((-0.4 - 0.5 * 0.2) / 1.5)
    assert tail_loss(returns, 1.0) == pytest.approx(returns.mean())


def test_the_money_weighted_return_is_excels(vectors):
    vector = vectors["xirr"]
    flows = [(dt.date.fromisoformat(day), amount) for day, amount in vector["flows"]]
    assert money_weighted_return(flows) == pytest.approx(vector["rate"], abs=vector["tolerance"])
    assert money_weighted_return(reversed(flows)) == pytest.approx(vector["rate"], abs=vector["tolerance"])


@settings(max_examples=50, deadline=None)
@given(rate=st.floats(-0.9, 3.0), days=st.lists(st.integers(1, 5000), min_size=1, max_size=6, unique=True))
def test_what_grows_at_a_rate_has_that_money_weighted_return(rate, days):
    start, last = dt.date(2010, 1, 1), max(days)
    paid = [(start, -100.0)] + [(start + dt.timedelta(days=day), -10.0) for day in days if day != last]
    final = sum(-amount * (1 + rate) ** ((last - (day - start).days) / 365) for day, amount in paid)
    assert money_weighted_return([*paid, (start + dt.timedelta(days=last), final)]) == pytest.approx(rate, abs=1e-9)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: performance(track(0.1)), "at least two months"),
        (lambda: performance(track(0.1, math.nan)), "a gap at 2020-02-29"),
        (lambda: performance(track(0.1, -1.5)), "more than everything"),
        (lambda: performance(track(0.1, 0.2), benchmark=track(0.1)), "common months"),
        (lambda: money_weighted_return([(dt.date(2020, 1, 1), 5.0)]), "goes in"),
        (lambda: money_weighted_return([]), "goes in"),
        (lambda: money_weighted_return([(dt.date(2020, 1, 1), 5.0), (dt.date(2020, 1, 1), -5.0)]), "on one day"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_words(call, said):
    with pytest.raises(InputError, match=said):
        call()
