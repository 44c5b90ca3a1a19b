"""Portfolios that a person can solve by hand."""

from __future__ import annotations

import numpy as np
import pytest
from random_markets import from_deviations, market, random_market

from planner.optimise import (
    Bounds,
    Group,
    HighestReturn,
    MaximumReturn,
    MaximumSharpe,
    MaximumUtility,
    MinimumVariance,
    TargetReturn,
    frontier,
    optimise,
    risk_budget,
)

FREE = [Bounds(lower=-1000.0)]


@pytest.mark.parametrize("correlation", [-0.5, 0.0, 0.3])
def test_two_assets_of_least_variance(correlation):
    one, two = 0.1, 0.25
    shared = correlation * one * two
    share = (two**2 - shared) / (one**2 + two**2 - 2 * shared)
    solved = optimise(from_deviations([one, two], [[1, correlation], [correlation, 1]]), MinimumVariance())
    assert solved.w == pytest.approx([share, 1 - share], abs=1e-10)


def test_two_uncorrelated_assets_share_in_inverse_proportion_to_their_variances():
    solved = optimise(market([0.0, 0.0], [[0.01, 0], [0, 0.03]]), MinimumVariance())
    assert solved.by_asset == pytest.approx({"a": 0.75, "b": 0.25}, abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_with_short_positions_the_least_variance_is_the_row_sum_of_the_inverse(seed):
    assumptions = random_market(seed, size=6)
    expected = np.linalg.solve(assumptions.cov, np.ones(6))
    assert optimise(assumptions, MinimumVariance(), FREE).w == pytest.approx(expected / expected.sum(), abs=1e-8)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("risk_aversion", [0.5, 3.0, 50.0])
def test_with_short_positions_utility_is_least_variance_plus_a_multiple_of_the_tilt(seed, risk_aversion):
    assumptions = random_market(seed, size=5)
    ones = np.ones(5)
    by_one, by_mean = np.linalg.solve(assumptions.cov, np.column_stack([ones, assumptions.mu])).T
    level = (by_mean.sum() - risk_aversion) / by_one.sum()
    expected = (by_mean - level * by_one) / risk_aversion
    solved = optimise(assumptions, MaximumUtility(risk_aversion), FREE)
    assert solved.w == pytest.approx(expected, abs=1e-8 * max(1.0, np.abs(expected).max()))


@pytest.mark.parametrize("seed", range(6))
def test_with_short_positions_the_maximum_sharpe_ratio_is_the_tangency_portfolio(seed):
    assumptions = random_market(seed, size=4)
    tilt = np.linalg.solve(assumptions.cov, assumptions.mu - assumptions.risk_free)
    assert tilt.sum() > 0, "else the tangency portfolio is the worst one"
    expected = tilt / tilt.sum()
    solved = optimise(assumptions, MaximumSharpe(), FREE)
    assert solved.w == pytest.approx(expected, abs=1e-7 * max(1.0, np.abs(expected).max()))


def test_cash_without_risk_leaves_the_mix_of_the_others_alone():
    covariance = np.zeros((3, 3))
    covariance[:2, :2] = [[0.04, 0.01], [0.01, 0.09]]
    assumptions = market([0.07, 0.1, 0.02], covariance, 0.02)
    tangency = np.linalg.solve(assumptions.cov[:2, :2], assumptions.mu[:2] - 0.02)
    careful = optimise(assumptions, MaximumUtility(20.0)).w
    assert careful[:2] == pytest.approx(tangency / 20, abs=1e-9)
    assert careful[2] == pytest.approx(1 - tangency.sum() / 20, abs=1e-9)


def test_a_target_between_two_returns_fixes_two_weights():
    assumptions = from_deviations([0.1, 0.2], np.eye(2), [0.04, 0.10])
    assert optimise(assumptions, TargetReturn(0.085)).w == pytest.approx([0.25, 0.75], abs=1e-10)


def test_a_target_below_the_least_volatile_portfolio_is_that_portfolio():
    assumptions = from_deviations([0.1, 0.2], np.eye(2), [0.04, 0.10])
    assert optimise(assumptions, TargetReturn(0.01)).w == pytest.approx(
        optimise(assumptions, MinimumVariance()).w, abs=1e-10
    )


def test_a_volatility_between_cash_and_stocks_fixes_the_part_in_stocks():
    assumptions = from_deviations([0.0, 0.2], np.eye(2), [0.02, 0.08])
    solved = optimise(assumptions, MaximumReturn(0.05))
    assert solved.w == pytest.approx([0.75, 0.25], abs=1e-8)


def test_the_highest_return_fills_the_best_asset_then_the_next():
    assumptions = from_deviations([0.1, 0.2, 0.3], np.eye(3), [0.02, 0.05, 0.09])
    assert optimise(assumptions, HighestReturn()).w == pytest.approx([0, 0, 1], abs=1e-9)
    solved = optimise(assumptions, HighestReturn(), [Bounds(upper={"c": 0.3}), Group("b and c", ("b", "c"), upper=0.8)])
    assert solved.w == pytest.approx([0.2, 0.5, 0.3], abs=1e-9)


@pytest.mark.parametrize("size", [2, 7])
def test_equal_budgets_of_equal_uncorrelated_assets_are_equal_weights(size):
    assumptions = from_deviations(np.full(size, 0.2), np.eye(size))
    solved = risk_budget(assumptions, dict.fromkeys(assumptions.assets, 1 / size))
    assert solved.w == pytest.approx(np.full(size, 1 / size), abs=1e-14)
    assert optimise(assumptions, MinimumVariance()).w == pytest.approx(solved.w, abs=1e-12)


@pytest.mark.parametrize("correlation", [-0.1, 0.3, 0.9])
def test_equal_budgets_at_one_correlation_follow_inverse_volatility(correlation):
    deviations = np.array([0.05, 0.1, 0.3, 0.8])
    assumptions = from_deviations(deviations, np.full((4, 4), correlation) + (1 - correlation) * np.eye(4))
    solved = risk_budget(assumptions, dict.fromkeys(assumptions.assets, 0.25))
    assert solved.w == pytest.approx(1 / deviations / (1 / deviations).sum(), abs=1e-12)


def test_the_frontier_of_two_assets_is_a_hyperbola():
    assumptions = from_deviations([0.1, 0.2], np.eye(2), [0.04, 0.10])
    table = frontier(assumptions, points=11).table
    share = (table["expected_return"] - 0.04) / 0.06
    assert table["volatility"].to_numpy() == pytest.approx(np.hypot(0.1 * (1 - share), 0.2 * share), abs=1e-8)
    assert table["b"].to_numpy() == pytest.approx(share, abs=1e-8)
    assert share.iloc[[0, -1]].to_numpy() == pytest.approx([0.2, 1.0], abs=1e-7)
    assert np.diff(share) == pytest.approx(np.full(10, 0.08), abs=1e-7)
