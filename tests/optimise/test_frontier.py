"""The efficient frontier: increasing, convex, inside all limits, from the calmest to the highest return."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from random_markets import SEEDS, from_deviations, least_room, market, random_limits, random_market

from planner import InputError
from planner.optimise import Bounds, Group, HighestReturn, Infeasible, MinimumVariance, frontier, optimise


@settings(deadline=None, derandomize=True, max_examples=20)
@given(seed=SEEDS)
def test_more_return_costs_more_and_more_volatility(seed):
    assumptions = random_market(seed)
    limits, _ = random_limits(assumptions, seed)
    line = frontier(assumptions, limits, points=15)
    returns, volatilities = line.table["expected_return"].to_numpy(), line.table["volatility"].to_numpy()
    assert len(line.portfolios) == 15
    assert np.diff(returns).min() >= -1e-9
    assert np.diff(volatilities).min() >= -1e-9
    assert np.diff(volatilities, 2).min() >= -1e-8
    assert min(least_room(assumptions, each.w, limits) for each in line.portfolios) >= -1e-8
    assert volatilities[0] == pytest.approx(optimise(assumptions, MinimumVariance(), limits).volatility, abs=1e-9)
    assert returns[-1] == pytest.approx(optimise(assumptions, HighestReturn(), limits).expected_return, abs=2e-8)


def test_of_two_assets_with_the_highest_return_the_frontier_ends_in_their_calmest_mix():
    assumptions = from_deviations([0.05, 0.1, 0.2], np.eye(3), [0.02, 0.08, 0.08])
    last = frontier(assumptions, points=5).portfolios[-1]
    assert last.w == pytest.approx([0.0, 0.8, 0.2], abs=1e-5)


def test_where_all_returns_are_equal_every_point_is_the_least_volatile_portfolio():
    line = frontier(from_deviations([0.1, 0.2], np.eye(2), [0.05, 0.05]), points=4)
    assert len(line.portfolios) == 4
    assert all(each.w == pytest.approx([0.8, 0.2], abs=1e-6) for each in line.portfolios)


def test_the_frontier_of_one_asset_is_that_asset():
    line = frontier(market([0.05], [[0.04]]), points=3)
    assert line.table["volatility"].to_numpy() == pytest.approx([0.2, 0.2, 0.2])
    assert line.table["a"].to_numpy() == pytest.approx([1, 1, 1])


def test_its_table_names_figures_and_assets_and_shows_percent():
    line = frontier(from_deviations([0.1, 0.2], np.eye(2), [0.04, 0.10]), [Bounds(upper=0.7)], points=2)
    assert list(line.table.columns) == ["expected_return", "volatility", "sharpe", "a", "b"]
    assert line.table[["a", "b"]].to_numpy() == pytest.approx(np.array([[0.7, 0.3], [0.3, 0.7]]), abs=1e-7)
    assert "70.0%" in line._repr_html_()


def test_limits_in_conflict_are_the_answer_instead_of_a_line():
    found = frontier(from_deviations([0.1, 0.2], np.eye(2)), [Group("both", ("a", "b"), upper=0.9)])
    assert isinstance(found, Infeasible)
    assert found.explanation.startswith("No fully invested portfolio has both at most 90 %: raise both to 100 %.")


def test_one_point_is_not_a_line():
    with pytest.raises(InputError, match="at least 2"):
        frontier(from_deviations([0.1, 0.2], np.eye(2)), points=1)
