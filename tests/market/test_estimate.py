"""Estimating assumptions from returns, and the equilibrium."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from planner.errors import InputError
from planner.market.assumptions import CovarianceMethod, MeanMethod, equilibrium, estimate
from planner.market.history import history
from planner.market.universe import BUILT_IN

METHODS = list(CovarianceMethod)


def test_the_equilibrium_reproduces_idzorek(vectors):
    case = vectors["idzorek-8"]
    names = [f"asset {place}" for place in range(8)]
    covariance = pd.DataFrame(case["covariance"], names, names)
    weights = dict(zip(names, case["market_weights"], strict=True))
    implied = equilibrium(covariance, weights, case["risk_aversion"], risk_free=0.0)
    assert (implied * 100).tolist() == pytest.approx(case["implied_returns_pct"], abs=0.03)


def test_the_default_equilibrium_is_near_what_state_street_expects_where_it_says_something():
    # State Street, ten years and more: equity 7.0, government bonds 4.3, real estate 6.3, gold 2.5, cash 3.3 %. Within
    # one point of each but gold: an equilibrium has no opinion on gold, and pays it for its covariance, 1.8 more.
    expected = estimate(history()).mean
    equity = 0.64 * expected["us_equity"] + 0.36 * expected["intl_equity"]
    assert equity == pytest.approx(0.070, abs=0.01)
    assert expected["us_bonds"] == pytest.approx(0.043, abs=0.01)
    assert expected["real_estate"] == pytest.approx(0.063, abs=0.01)
    assert expected["gold"] == pytest.approx(0.025, abs=0.02)
    assert expected["cash"] == pytest.approx(0.033, abs=0.001)


def test_the_equilibrium_pays_bitcoin_a_premium_a_tenth_of_its_past():
    expected, past = estimate(history()).mean, estimate(history(), MeanMethod.HISTORICAL).mean
    assert 0.08 < expected["bitcoin"] < 0.13
    assert past["bitcoin"] == pytest.approx(history()["bitcoin"].mean() * 12) == pytest.approx(0.77, abs=0.005)


def test_at_equilibrium_the_market_portfolio_is_the_best_one():
    assumptions = estimate(history(), risk_aversion=2.0)
    best = np.linalg.solve(2.0 * assumptions.cov, assumptions.mu - assumptions.risk_free)
    assert best == pytest.approx(list(BUILT_IN.market_weights.values()), abs=1e-9)


def test_historical_means_carry_a_warning_in_words():
    notes = estimate(history(), MeanMethod.HISTORICAL).notes
    assert any("past averages, which promise nothing" in note and "'ether'" in note for note in notes)
    assert not any("promise" in note for note in estimate(history()).notes)


def test_a_shorter_history_is_said_in_the_notes():
    assert "'ether' has 94 of 132 months" in estimate(history()).notes[0]
    assert any("Less than 36 months of us_equity" in note for note in estimate(history().iloc[-24:]).notes)


@pytest.mark.parametrize("given", [dict, pd.Series])
def test_given_means_are_taken_by_name(given):
    returns = history()[["us_equity", "us_bonds"]]
    assumptions = estimate(returns, mean=given({"us_bonds": 0.04, "us_equity": 0.07}))
    assert assumptions.mean.to_dict() == {"us_equity": 0.07, "us_bonds": 0.04}


def test_covariances_are_twelve_times_the_monthly_ones():
    returns = history().drop(columns="ether")
    annual = estimate(returns, covariance=CovarianceMethod.SAMPLE).covariance
    pd.testing.assert_frame_equal(annual, returns.cov() * 12, rtol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_fewer_months_than_assets_a_constant_one_and_a_single_one_all_work(method):
    eight = history().drop(columns="ether")
    assert estimate(eight.iloc[-6:], covariance=method).cov.shape == (8, 8)
    constant = estimate(eight.assign(cash=0.002), covariance=method)
    assert constant.volatility["cash"] == pytest.approx(0, abs=1e-9)
    assert constant.mean["cash"] == pytest.approx(constant.risk_free)
    single = estimate(eight[["us_equity"]], covariance=method)
    assert single.mu == pytest.approx(0.033 + 3.07 * single.cov[0])


def test_the_scenarios_are_the_complete_months_shifted_to_the_assumed_mean():
    past = history().dropna()
    for mean in MeanMethod:
        assumptions = estimate(history(), mean)
        assert assumptions.scenarios.index.equals(past.index)
        assert assumptions.draws.mean(axis=0) * 12 == pytest.approx(assumptions.mu, abs=1e-15)
        moved = assumptions.scenarios - past
        assert moved.to_numpy() == pytest.approx(np.tile(moved.iloc[0], (94, 1)), abs=1e-15)
    assert estimate(history()[["gold"]]).draws.shape == (132, 1)


def test_a_shift_that_would_take_more_than_everything_stops_at_everything():
    coin = pd.DataFrame({"coin": [0.9, 0.8, -0.95, -0.6, 0.9]}, pd.date_range("2020-01-31", periods=5, freq="ME"))
    # Shifted by -0.11 to a mean of 0.1: -1.06 becomes -1, the four others give 0.06 / 4 each.
    shifted = estimate(coin, {"coin": 1.2}, market_weights={"coin": 1}).draws[:, 0]
    assert shifted == pytest.approx([0.775, 0.675, -1, -0.725, 0.775])
    # By -0.39 to -0.18: what makes up for the one that stops takes another one there.
    shifted = estimate(coin, {"coin": -2.16}, market_weights={"coin": 1}).draws[:, 0]
    assert shifted == pytest.approx([0.4, 0.3, -1, -1, 0.4])


def test_without_some_series_the_market_portfolio_is_rescaled_and_that_is_said():
    assumptions = estimate(history()[["us_equity", "us_bonds", "cash"]])
    market = BUILT_IN.market_weights
    stocks = market["us_equity"] / (market["us_equity"] + market["us_bonds"])
    explicit = estimate(
        history()[["us_equity", "us_bonds", "cash"]],
        market_weights={"us_equity": stocks, "us_bonds": 1 - stocks, "cash": 0},
    )
    assert assumptions.mu == pytest.approx(explicit.mu)
    assert "without intl_equity, real_estate, gold, bitcoin, ether" in assumptions.notes[-1]
    assert explicit.notes == ()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"market_weights": {"stocks": 0.5, "bonds": 0.4}}, r"sum to 0.9, -0.1 away from 1"),
        ({"market_weights": {"stocks": 1.5, "bonds": -0.5}}, r"market weight of 'bonds' is -0.5"),
        ({"market_weights": {"stocks": 1.0}}, r"no market weight for 'bonds': give one for each of stocks, bonds"),
        (
            {"market_weights": {"stocks": 1.0, "bonds": 0, "art": 0}},
            r"market weight for 'art', which is not an asset",
        ),
        ({"market_weights": [0.6, 0.4]}, r"market weights must be given by asset"),
        ({}, r"'stocks' is not in the built-in market portfolio .* give market_weights"),
        ({"mean": {"stocks": 0.07}}, r"There is no mean for 'bonds'"),
        ({"mean": {"stocks": 7, "bonds": 4}}, r"expected return of 'stocks' is 7"),
        ({"mean": {"stocks": -20, "bonds": 4}}, r"expected return of 'stocks' is -20"),
        ({"mean": "historical"}, r"must be one of MeanMethod.EQUILIBRIUM, MeanMethod.HISTORICAL or annual means"),
        ({"covariance": "sample"}, r"must be one of CovarianceMethod.LEDOIT_WOLF"),
        ({"market_weights": {"stocks": 0.6, "bonds": 0.4}, "risk_aversion": 0}, r"risk aversion must be a positive"),
        ({"market_weights": {"stocks": 0.6, "bonds": 0.4}, "risk_free": 3.3}, r"risk-free rate is 3.3"),
    ],
)
def test_wrong_options_are_refused_in_words(options, message):
    returns = history()[["us_equity", "us_bonds"]].set_axis(["stocks", "bonds"], axis=1)
    with pytest.raises(InputError, match=message):
        estimate(returns, **options)


def test_returns_that_are_not_monthly_fractions_are_refused_before_anything_is_computed():
    returns = history()
    with pytest.raises(InputError, match=r"row 3 \(2015-01-31\): 2014-12 is missing"):
        estimate(returns.drop(index=pd.Timestamp("2014-12-31")))
    with pytest.raises(InputError, match=r"column 'gold', row 5 \(2015-02-28\): the value is missing"):
        estimate(returns.assign(gold=returns["gold"].where(returns.index != "2015-02-28")))
    with pytest.raises(InputError, match="a typical month is"):
        estimate((returns[["real_estate"]] * 100).clip(lower=-0.99))
    with pytest.raises(InputError, match="a pandas DataFrame is needed"):
        estimate(returns["gold"])
    with pytest.raises(InputError, match=r"column 'us_equity': it is stored as 'object', not as numbers. Convert"):
        estimate(returns.astype(object))
    with pytest.raises(InputError, match=r"column 'us_equity', row 1: .* is not a number"):
        estimate(returns.astype(complex))
    with pytest.raises(InputError, match="no index of dates"):
        estimate(returns.reset_index(drop=True))
