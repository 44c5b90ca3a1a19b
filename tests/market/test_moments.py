"""Covariances, also of series with different starts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.covariance import ledoit_wolf

from planner.errors import InputError
from planner.market.history import history
from planner.market.moments import HALF_LIFE_MONTHS, CovarianceMethod, combined_moments, window_moment

METHODS = list(CovarianceMethod)
SAMPLE, LEDOIT_WOLF = CovarianceMethod.SAMPLE, CovarianceMethod.LEDOIT_WOLF
modestly = settings(deadline=None, max_examples=40)


@st.composite
def returns_with_late_starts(draw, latest=20):
    """Correlated returns of two to six series over 40 months, scales from cash to coins, some starting late."""
    series = draw(st.integers(2, 6))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scales = np.array(draw(st.lists(st.sampled_from([0.002, 0.02, 0.05, 0.25]), min_size=series, max_size=series)))
    values = random.standard_normal((40, series)) @ random.standard_normal((series, series)) * scales
    starts = draw(st.lists(st.integers(0, latest), min_size=series - 1, max_size=series - 1))
    for column, start in enumerate([0, *starts]):
        values[:start, column] = np.nan
    return pd.DataFrame(values, columns=[f"s{column}" for column in range(series)])


def test_scikit_learns_ledoit_wolf_is_the_authors(vectors):
    case = vectors["ledoit-wolf"]["cases"][0]
    shrunk, _ = ledoit_wolf(np.array(case["X"], dtype=float).T)
    assert shrunk[np.triu_indices(2)] == pytest.approx(case["upper"], abs=vectors["ledoit-wolf"]["tolerance"])


def test_on_series_of_equal_variance_ours_is_the_plain_ledoit_wolf_but_for_the_divisor(vectors):
    raw = np.array(vectors["ledoit-wolf"]["cases"][0]["X"], dtype=float).T
    equal = raw / raw.std(axis=0)
    months = len(equal)
    ours = window_moment(equal, LEDOIT_WOLF)
    assert ours == pytest.approx(ledoit_wolf(equal)[0] * months / (months - 1), abs=1e-12)


def test_ledoit_wolf_keeps_each_series_own_volatility_where_the_plain_one_would_give_cash_bitcoins():
    full = history().drop(columns="ether")
    own = full.std().to_numpy()
    ours = np.sqrt(window_moment(full.to_numpy(), LEDOIT_WOLF).diagonal())
    plain = np.sqrt(ledoit_wolf(full.to_numpy())[0].diagonal())
    cash = full.columns.get_loc("cash")
    assert ours == pytest.approx(own, rel=1e-12)
    assert plain[cash] * np.sqrt(12) == pytest.approx(0.0466, abs=1e-4)
    assert own[cash] * np.sqrt(12) == pytest.approx(0.0057, abs=1e-4)


def test_ledoit_wolf_pulls_every_correlation_towards_zero_by_the_same_part():
    full = history().drop(columns="ether")
    cov = window_moment(full.to_numpy(), LEDOIT_WOLF)
    deviation = np.sqrt(cov.diagonal())
    off = ~np.eye(8, dtype=bool)
    kept = (cov / np.outer(deviation, deviation))[off] / full.corr().to_numpy()[off]
    assert kept == pytest.approx(1 - 0.10540837, abs=1e-7)


def test_exponential_weights_halve_every_half_life():
    early, late = np.zeros(2 * HALF_LIFE_MONTHS), np.zeros(2 * HALF_LIFE_MONTHS)
    early[HALF_LIFE_MONTHS - 1], late[-1] = 1.0, 1.0
    weight = 0.5 ** (np.arange(2 * HALF_LIFE_MONTHS)[::-1] / HALF_LIFE_MONTHS)
    weight /= weight.sum()
    cov = window_moment(np.column_stack([early, late]), CovarianceMethod.EXPONENTIAL)
    assert weight[HALF_LIFE_MONTHS - 1] == pytest.approx(weight[-1] / 2)
    assert cov == pytest.approx(np.cov(np.vstack([early, late]), aweights=weight, ddof=1), rel=1e-12)


@modestly
@given(returns=returns_with_late_starts(latest=0))
def test_where_nothing_is_missing_the_sample_moments_are_the_plain_ones(returns):
    mean, cov = combined_moments(returns, SAMPLE)
    assert mean == pytest.approx(returns.mean().to_numpy(), rel=1e-10)
    assert cov == pytest.approx(returns.cov().to_numpy(), rel=1e-10)


@modestly
@given(returns=returns_with_late_starts())
def test_sample_moments_of_late_series_are_stambaughs_by_ordinary_least_squares(returns):
    two = returns.iloc[:, :2]
    if two["s1"].isna().sum() == 0:
        return
    common = two.dropna()
    intercept, slope = np.linalg.lstsq(np.column_stack([np.ones(len(common)), common["s0"]]), common["s1"])[0]
    residual = common["s1"] - intercept - slope * common["s0"]
    long_mean, long_variance = two["s0"].mean(), two["s0"].var()
    mean, cov = combined_moments(two, SAMPLE)
    assert mean[1] == pytest.approx(intercept + slope * long_mean, rel=1e-8, abs=1e-12)
    assert cov[0, 1] == pytest.approx(slope * long_variance, rel=1e-8, abs=1e-14)
    assert cov[1, 1] == pytest.approx(slope**2 * long_variance + residual.var(), rel=1e-8)


@pytest.mark.parametrize("method", METHODS)
@modestly
@given(returns=returns_with_late_starts())
def test_the_covariance_is_positive_semidefinite_whatever_starts_late(method, returns):
    _, cov = combined_moments(returns, method)
    deviation = np.sqrt(cov.diagonal())
    assert np.array_equal(cov, cov.T)
    assert np.linalg.eigvalsh(cov / np.outer(deviation, deviation)).min() > -1e-10


@pytest.mark.parametrize("method", METHODS)
@modestly
@given(returns=returns_with_late_starts(), seed=st.integers(0, 1000))
def test_another_order_of_the_series_only_reorders_the_result(method, returns, seed):
    order = np.random.default_rng(seed).permutation(returns.shape[1])
    mean, cov = combined_moments(returns, method)
    other_mean, other_cov = combined_moments(returns.iloc[:, order], method)
    scale = np.sqrt(cov.diagonal())
    assert other_mean / scale[order] == pytest.approx(mean[order] / scale[order], abs=1e-7)
    relative = (other_cov - cov[np.ix_(order, order)]) / np.outer(scale[order], scale[order])
    assert np.abs(relative).max() < 1e-7


@pytest.mark.parametrize("method", METHODS)
@modestly
@given(returns=returns_with_late_starts(), factor=st.sampled_from([0.01, 0.5, 3.0]))
def test_scaling_one_series_scales_its_row_and_column_only(method, returns, factor):
    scales = np.ones(returns.shape[1])
    scales[-1] = factor
    mean, cov = combined_moments(returns, method)
    scaled_mean, scaled_cov = combined_moments(returns * scales, method)
    unit = np.sqrt(cov.diagonal())
    assert scaled_mean / (unit * scales) == pytest.approx(mean / unit, abs=1e-7)
    assert scaled_cov / np.outer(unit * scales, unit * scales) == pytest.approx(cov / np.outer(unit, unit), abs=1e-7)


@pytest.mark.parametrize("method", METHODS)
def test_a_late_series_changes_nothing_of_what_the_longer_ones_say(method):
    mean, cov = combined_moments(history(), method)
    alone_mean, alone_cov = combined_moments(history().drop(columns="ether"), method)
    assert mean[:8] == pytest.approx(alone_mean, abs=1e-15)
    assert cov[:8, :8] == pytest.approx(alone_cov, abs=1e-15)


@pytest.mark.parametrize("method", METHODS)
def test_a_constant_series_has_no_variance_and_no_covariance_and_spoils_nothing(method):
    returns = history()[["us_equity", "us_bonds"]]
    _, cov = combined_moments(returns.assign(promise=0.002), method)
    _, without = combined_moments(returns, method)
    assert cov[2] == pytest.approx(0, abs=1e-15)
    assert cov[:2, :2] == pytest.approx(without, rel=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_one_series_has_its_own_variance(method):
    _, cov = combined_moments(history()[["gold"]], method)
    expected = history()["gold"].var() if method is not CovarianceMethod.EXPONENTIAL else cov[0, 0]
    assert cov == pytest.approx(np.array([[expected]]))
    assert cov.shape == (1, 1)


def test_with_fewer_months_than_series_ledoit_wolf_is_still_invertible():
    _, cov = combined_moments(history().drop(columns="ether").iloc[:5], LEDOIT_WOLF)
    deviation = np.sqrt(cov.diagonal())
    assert np.linalg.eigvalsh(cov / np.outer(deviation, deviation)).min() > 0.05


def test_a_window_too_short_for_the_method_is_refused_with_the_way_out():
    returns = history()
    returns.loc[:"2024-12", "ether"] = np.nan
    combined_moments(returns, LEDOIT_WOLF)
    with pytest.raises(InputError, match=r"'ether' has 9 months in common with 8 longer .* \(10 are needed\). Use Cov"):
        combined_moments(returns, SAMPLE)
    returns.loc[:"2025-08", "ether"] = np.nan
    with pytest.raises(InputError, match="'ether' has one return only: a covariance needs at least two"):
        combined_moments(returns, LEDOIT_WOLF)
