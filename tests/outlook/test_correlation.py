from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from planner import EXAMPLE, InputError, plan
from planner.outlook.correlation import (
    calm_and_stress,
    class_returns,
    market_of_late,
    matrices,
    rise_test,
    rolling_band,
    rolling_correlation,
    weighted_correlation,
)
from planner.recent_choice import choice_of_late
from planner.scenario import Method


@pytest.fixture(scope="module")
def returns(market):
    return class_returns(market)


def drawn(correlations, months, seed=0):
    """Two series whose correlation is one of these in each stretch of months, exactly normal."""
    rng = np.random.default_rng(seed)
    parts = [
        rng.multivariate_normal([0, 0], 0.04**2 * np.array([[1, rho], [rho, 1]]), size=count)
        for rho, count in zip(correlations, months, strict=True)
    ]
    index = pd.date_range("2000-01-31", periods=sum(months), freq="ME")
    return pd.DataFrame(np.concatenate(parts), index, ["crypto", "equities"])


def test_bitcoin_and_us_equity_have_a_correlation_of_35_percent_over_the_whole_sample(market):
    pair = market.returns[["bitcoin", "us_equity"]]
    whole = rolling_correlation(pair, len(pair), "bitcoin")
    assert whole["us_equity"].iloc[-1] == pytest.approx(0.35, abs=0.005)


@pytest.mark.parametrize("window", [12, 24, 36])
def test_a_rolling_correlation_is_that_of_its_window_alone(returns, window):
    rolling = rolling_correlation(returns, window)
    assert len(rolling) == len(returns) - window + 1
    for end in (window, len(returns) - 5, len(returns)):
        by_hand = np.corrcoef(returns.iloc[end - window : end].to_numpy(), rowvar=False)
        columns = list(returns.columns)
        for name in rolling.columns:
            expected = by_hand[columns.index("crypto"), columns.index(name)]
            assert rolling.loc[returns.index[end - 1], name] == pytest.approx(expected, abs=1e-9)


def test_the_future_does_not_change_what_was_measured(returns):
    longer, shorter = returns, returns.iloc[:-12]
    for measure in (
        lambda data: rolling_correlation(data, 24),
        weighted_correlation,
        lambda data: rise_test(data).table,
    ):
        before = measure(shorter)
        pd.testing.assert_frame_equal(measure(longer).loc[before.index], before, check_freq=False)


def test_exponential_weights_follow_a_change_and_forget_the_past():
    changed = drawn((0.0, 0.9), (120, 60))
    now = weighted_correlation(changed, half_life=6)["equities"].iloc[-1]
    assert now > 0.8
    assert rolling_correlation(changed, 180)["equities"].iloc[-1] < 0.6


def test_a_lasting_rise_raises_the_alert_and_a_constant_correlation_seldom_does():
    assert rise_test(drawn((0.1, 0.8), (96, 30))).alert
    alerts = [rise_test(drawn((0.3,), (126,), seed)).alert for seed in range(50)]
    assert np.mean(alerts) < 0.1


def test_the_statistic_is_fishers():
    table = rise_test(drawn((0.2,), (80,))).table.iloc[-1]
    error = math.sqrt(1 / 21 + 1 / 53)
    assert table["statistic"] == pytest.approx((math.atanh(table["recent"]) - math.atanh(table["before"])) / error)
    assert table["p_value"] == pytest.approx(0.5 * math.erfc(table["statistic"] / math.sqrt(2)))


def test_stress_months_are_the_worst_fifth_of_equities_and_bands_hold_what_was_measured(returns):
    table = calm_and_stress(returns)
    worst = returns.nsmallest(round(0.2 * len(returns)), "equities").index
    assert table.loc["equities", ("stress", "correlation")] == pytest.approx(
        returns.loc[worst, "equities"].corr(returns.loc[worst, "crypto"])
    )
    assert table.loc["equities", ("calm", "correlation")] == pytest.approx(
        returns.drop(worst)["equities"].corr(returns.drop(worst)["crypto"])
    )
    for state in ("all", "calm", "stress"):
        assert (table[state, "lower"] <= table[state, "correlation"]).all()
        assert (table[state, "correlation"] <= table[state, "upper"]).all()


def test_the_bands_are_the_same_in_every_run_and_about_as_wide_as_theory_says(returns):
    table = calm_and_stress(returns)
    pd.testing.assert_frame_equal(table, calm_and_stress(returns))
    measured = table.loc["equities", ("all", "correlation")]
    theory = 2 * 1.645 * (1 - measured**2) / math.sqrt(len(returns))
    width = table.loc["equities", ("all", "upper")] - table.loc["equities", ("all", "lower")]
    assert 0.6 * theory < width < 1.6 * theory


def test_the_market_of_late_keeps_volatilities_and_means_and_takes_the_recent_correlations(market):
    late = market_of_late(market, 36)
    assert late.assumptions.volatility.to_numpy() == pytest.approx(market.assumptions.volatility.to_numpy())
    pd.testing.assert_series_equal(late.assumptions.mean, market.assumptions.mean)
    deviation = np.sqrt(np.diag(late.assumptions.cov))
    correlation = late.assumptions.cov / np.outer(deviation, deviation)
    recent = market.complete_returns.tail(36).corr().to_numpy()
    assert np.abs(correlation - recent).max() < 0.25
    assert np.abs(correlation - recent).mean() < 0.08
    assert np.linalg.eigvalsh(late.assumptions.cov).min() > 0
    assert plan(EXAMPLE, late).shown.volatility != plan(EXAMPLE, market).shown.volatility


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda data: rolling_correlation(data, 3), "choose from 6"),
        (lambda data: rolling_correlation(data, 1000), "how many months there are"),
        (lambda data: rolling_correlation(data, 12, "gems"), "no column 'gems'"),
        (lambda data: rise_test(data, months=100), "needs 200"),
        (lambda data: calm_and_stress(data, stressed="crypto"), "another column"),
    ],
)
def test_what_cannot_be_measured_is_said(returns, call, said):
    with pytest.raises(InputError, match=said):
        call(returns)


def test_the_rolling_band_holds_most_of_what_was_measured_and_sees_no_future(returns):
    band, rolling = rolling_band(returns, 24), rolling_correlation(returns, 24)["equities"]
    assert list(band.index) == list(rolling.index)
    assert ((band["lower"] <= rolling) & (rolling <= band["upper"])).mean() > 0.95
    shorter = rolling_band(returns.iloc[:-12], 24)
    pd.testing.assert_frame_equal(band.loc[shorter.index], shorter, check_freq=False)


def test_the_matrices_agree_with_calm_and_stress(returns):
    tables, measured = matrices(returns), calm_and_stress(returns)
    for state, table in tables.items():
        expected = table["crypto"].drop("crypto").to_numpy()
        assert measured[state, "correlation"].to_numpy() == pytest.approx(expected)


@pytest.mark.parametrize("method", list(Method))
def test_the_choice_of_late_is_the_plan_in_the_market_of_late(market, method):
    found = choice_of_late(EXAMPLE.with_changes(method=method), market)
    assert found.instead == (method is Method.STRATEGIC)
    used = Method.MEAN_VARIANCE if found.instead else method
    direct = plan(EXAMPLE.with_changes(method=used), market_of_late(market))
    assert found.table["of_late"].to_dict() == pytest.approx(direct.class_weights)
    assert found.table["difference"].sum() == pytest.approx(0, abs=1e-9)
    assert ("Strategic targets" in found.sentence) == found.instead
