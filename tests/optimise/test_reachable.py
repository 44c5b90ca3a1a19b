"""The ranges of return and volatility that can be had inside limits."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from random_markets import SEEDS, from_deviations, market, random_limits, random_market

from planner import InputError
from planner.optimise import (
    Bounds,
    Group,
    HighestReturn,
    Infeasible,
    MinimumPosition,
    MinimumVariance,
    Reachable,
    ReturnFloor,
    Soft,
    Solved,
    TargetReturn,
    VolatilityCap,
    frontier,
    optimise,
    reachable,
)

TWO = from_deviations([0.1, 0.2], np.eye(2), [0.04, 0.10])


def test_two_independent_assets_by_hand():
    # The calmest mix is 0.8 and 0.2: return 0.052, volatility sqrt(0.008); the other end is the second asset.
    found = reachable(TWO)
    assert found.expected_return == pytest.approx((0.052, 0.1), abs=1e-7)
    assert found.volatility == pytest.approx((0.008**0.5, 0.2), abs=1e-7)
    assert found.sentence == (
        "Inside the limits efficient portfolios return 5.2 % to 10 % a year with a volatility of 8.95 % to 20 %."
    )
    assert "5.2 % to 10 %" in found._repr_html_()
    assert repr(found).startswith("Reachable(expected_return=(0.05")


@settings(deadline=None, derandomize=True, max_examples=8)
@given(seed=SEEDS)
def test_the_ends_are_those_of_the_frontier(seed):
    assumptions = random_market(seed, size=4)
    limits, _ = random_limits(assumptions, seed)
    found, line = reachable(assumptions, limits), frontier(assumptions, limits, points=3)
    assert isinstance(found, Reachable)
    assert found.expected_return == pytest.approx(tuple(line.expected_returns[[0, -1]]), abs=1e-7)
    assert found.volatility == pytest.approx(tuple(line.volatilities[[0, -1]]), abs=1e-6)


def test_of_all_portfolios_with_the_highest_return_the_calmest_is_the_end():
    assumptions = from_deviations([0.1, 0.2, 0.1], np.eye(3), [0.05, 0.05, 0.02])
    found = reachable(assumptions)
    assert found.expected_return[1] == pytest.approx(0.05, abs=1e-7)
    assert found.volatility[1] == pytest.approx(0.0894427, abs=1e-6)


def test_a_target_inside_the_range_is_met_and_one_beyond_it_is_not():
    limits = [Bounds(upper=0.7), Group("a", ("a",), lower=0.4)]
    low, high = reachable(TWO, limits).expected_return
    assert isinstance(optimise(TWO, TargetReturn(high - 1e-6), limits), Solved)
    assert isinstance(optimise(TWO, TargetReturn(high + 1e-6), limits), Infeasible)
    assert optimise(TWO, TargetReturn(low - 0.01), limits).require().expected_return == pytest.approx(low, abs=1e-7)


def test_one_portfolio_alone_is_said_with_one_number():
    found = reachable(TWO, [Bounds(upper={"b": 0.0})])
    assert found.sentence == "Inside the limits efficient portfolios return 4 % a year with a volatility of 10 %."


def test_limits_in_conflict_are_explained():
    found = reachable(TWO, [Bounds(upper=0.4)])
    assert isinstance(found, Infeasible)
    assert found.explanation.startswith("No fully invested portfolio has every asset at most 40 %")


def test_a_target_out_of_reach_carries_the_range_inside_the_other_limits():
    limits = [VolatilityCap(0.15), Bounds(upper={"b": 0.9})]
    found = optimise(TWO, TargetReturn(0.2), limits)
    assert found.reachable.expected_return == pytest.approx(reachable(TWO, limits).expected_return, abs=1e-7)
    assert found.explanation.endswith(found.reachable.phrase + ".")
    capped = optimise(TWO, HighestReturn(), [VolatilityCap(0.05), ReturnFloor(0.06)])
    assert capped.reachable is not None
    assert optimise(TWO, MinimumVariance(), [Bounds(upper=0.4)]).reachable is None


def test_limits_that_are_not_convex_have_their_ends_too():
    found = reachable(TWO, [MinimumPosition(0.3)])
    # 0.2 of the second asset is not allowed: 0.3 is calmer than none.
    assert found.volatility == pytest.approx(((0.49 * 0.01 + 0.09 * 0.04) ** 0.5, 0.2), abs=1e-7)
    assert found.expected_return == pytest.approx((0.058, 0.1), abs=1e-7)


def test_a_market_without_variance_has_a_range_of_returns():
    found = reachable(market([0.02, 0.03], np.zeros((2, 2))))
    assert found.volatility == (0.0, 0.0)
    assert found.expected_return[1] == pytest.approx(0.03, abs=1e-8)


def test_it_survives_a_pickle():
    found = reachable(TWO)
    assert pickle.loads(pickle.dumps(found)).sentence == found.sentence


@pytest.mark.parametrize("function", [reachable, frontier])
def test_soft_limits_and_what_is_no_limit_are_refused(function):
    with pytest.raises(InputError, match="needs limits that hold"):
        function(TWO, [Soft(VolatilityCap(0.1), 1)])
    with pytest.raises(InputError, match="'crypto' is none"):
        function(TWO, ["crypto"])
    with pytest.raises(InputError, match="put it in a list"):
        function(TWO, VolatilityCap(0.1))
