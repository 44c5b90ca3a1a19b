"""The resampled frontier: seeded, inside every limit, unbiased where that can be worked out, and stoppable."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from random_markets import SEEDS, from_deviations, least_room, market, random_limits, random_market

from planner import InputError
from planner.optimise import (
    Bounds,
    Group,
    Infeasible,
    MinimumVariance,
    Resampling,
    ReturnFloor,
    VolatilityCap,
    frontier,
    optimise,
    resampled_frontier,
)

FEW = Resampling(months=60, samples=12, seed=7)


def test_one_seed_gives_the_same_numbers_and_another_gives_others():
    assumptions = random_market(1, size=5)
    first, again = (resampled_frontier(assumptions, points=6, resampling=FEW) for _ in range(2))
    other = resampled_frontier(assumptions, points=6, resampling=Resampling(months=60, samples=12, seed=8))
    assert (first.drawn == again.drawn).all()
    assert np.abs(first.w - other.w).max() > 1e-3


@settings(deadline=None, derandomize=True, max_examples=4)
@given(seed=SEEDS)
def test_the_order_of_the_assets_does_not_matter(seed):
    assumptions = random_market(seed)
    limits, _ = random_limits(assumptions, seed)
    shuffled = assumptions.select(np.random.default_rng(seed).permutation(assumptions.assets).tolist())
    few = Resampling(months=60, samples=4)
    before, after = (resampled_frontier(each, limits, 5, few) for each in (assumptions, shuffled))
    names = list(assumptions.assets)
    assert after.table[names].to_numpy() == pytest.approx(before.table[names].to_numpy(), abs=1e-4)


@settings(deadline=None, derandomize=True, max_examples=5)
@given(seed=SEEDS)
def test_averages_keep_every_limit_as_the_assumptions_mean_it(seed):
    assumptions = random_market(seed)
    limits, inside = random_limits(assumptions, seed)
    limits.append(ReturnFloor(float(assumptions.mu @ inside) - 0.002))
    found = resampled_frontier(assumptions, limits, 5, Resampling(months=36, samples=5))
    assert found.unsolved == 0
    assert min(least_room(assumptions, w, limits) for w in found.w) >= -1e-8
    assert found.w.sum(axis=1) == pytest.approx(np.ones(5), abs=1e-12)


def test_with_endless_histories_it_is_the_frontier_itself():
    assumptions = random_market(4, size=6)
    limits = [Bounds(upper=0.5)]
    plain = frontier(assumptions, limits, 8)
    found = resampled_frontier(assumptions, limits, 8, Resampling(months=1_000_000, samples=3))
    assert found.table["volatility"].to_numpy() == pytest.approx(plain.table["volatility"].to_numpy(), abs=3e-3)
    assert found.table["expected_return"].to_numpy() == pytest.approx(
        plain.table["expected_return"].to_numpy(), abs=3e-3
    )
    assert found.w[0] == pytest.approx(plain.w[0], abs=5e-3)


def test_the_better_asset_comes_first_as_often_as_the_error_of_a_mean_allows():
    """The difference of two means over five years is N(0.1, 2 * 0.2^2 / 5): above 0 in 78.5 % of histories."""
    assumptions = from_deviations([0.2, 0.2], np.eye(2), [0.06, 0.16])
    found = resampled_frontier(assumptions, points=2, resampling=Resampling(months=60, samples=200, seed=1))
    last = found.drawn[:, -1, 1]
    assert ((last > 1 - 1e-4) | (last < 1e-4)).all()
    expected = NormalDist(0.1, 0.2 * math.sqrt(2 / 5)).cdf(0)
    assert 1 - found.w[-1, 1] == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / 200))
    assert found.lowest_weights.iloc[-1].to_list() == pytest.approx([0, 0], abs=1e-4)
    assert found.highest_weights.iloc[-1].to_list() == pytest.approx([1, 1], abs=1e-4)


def test_weights_of_least_variance_spread_as_those_of_drawn_covariances_do():
    """Of two independent equal assets and T months the variance is 1 / (4 (T - 3)): Okhrin & Schmid (2006)."""
    assumptions = from_deviations([0.2, 0.2], np.eye(2), [0.06, 0.06])
    months, samples = 24, 400
    found = resampled_frontier(assumptions, points=2, resampling=Resampling(months, samples, seed=3))
    calmest = found.drawn[:, 0, 0]
    assert calmest.mean() == pytest.approx(0.5, abs=4 * calmest.std() / math.sqrt(samples))
    assert calmest.var() == pytest.approx(1 / (4 * (months - 3)), rel=0.25)


def test_wild_samples_are_not_mistaken_for_percent():
    assumptions = market([3.0, 0.02], [[40.0, 0.0], [0.0, 0.0004]])
    found = resampled_frontier(assumptions, points=4, resampling=Resampling(months=12, samples=30))
    assert found.unsolved == 0
    assert np.isfinite(found.table.to_numpy()).all()


def test_a_singular_covariance_and_fewer_months_than_assets_still_work():
    assumptions = random_market(2, size=20, rank=3)
    found = resampled_frontier(assumptions, points=4, resampling=Resampling(months=12, samples=5))
    assert len(found.drawn) == 5
    assert least_room(assumptions, found.w[2], []) >= -1e-8


def test_the_band_holds_nine_in_ten_of_what_the_samples_chose():
    assumptions = random_market(9, size=4)
    found = resampled_frontier(assumptions, points=5, resampling=Resampling(months=60, samples=41))
    band = found.band
    returns = np.sort(found.drawn[:, 3] @ assumptions.mu)
    assert band.loc[3, ["expected_return_low", "expected_return_high"]].to_list() == pytest.approx(
        [returns[2], returns[38]]
    )
    risks = np.sort([np.sqrt(w @ assumptions.cov @ w) for w in found.drawn[:, 3]])
    assert band.loc[3, ["volatility_low", "volatility_high"]].to_list() == pytest.approx([risks[2], risks[38]])
    assert (found.lowest_weights.to_numpy() <= found.highest_weights.to_numpy()).all()


def test_no_average_is_calmer_than_the_least_volatile_portfolio_nor_above_the_frontier():
    assumptions = random_market(11, size=6)
    limits = [Bounds(upper=0.6), VolatilityCap(0.25)]
    found = resampled_frontier(assumptions, limits, 6, FEW)
    least = optimise(assumptions, MinimumVariance(), limits).volatility
    assert found.table["volatility"].min() >= least - 1e-9
    efficient = frontier(assumptions, limits, 60).table
    best = np.interp(found.table["volatility"], efficient["volatility"], efficient["expected_return"])
    assert (found.table["expected_return"] <= best + 1e-4).all()


def test_progress_counts_to_one_and_stops_the_work_by_raising():
    assumptions = random_market(5, size=3)
    told: list[float] = []
    resampled_frontier(assumptions, points=3, resampling=Resampling(samples=4), progress=told.append)
    assert told == [0.25, 0.5, 0.75, 1.0]

    class StoppedError(Exception):
        pass

    def stop(done: float) -> None:
        told.append(done)
        raise StoppedError

    with pytest.raises(StoppedError):
        resampled_frontier(assumptions, points=3, resampling=Resampling(samples=4), progress=stop)
    assert told[4:] == [0.25]


def test_it_says_how_it_was_made_and_shows_percent():
    found = resampled_frontier(from_deviations([0.1, 0.2], np.eye(2), [0.04, 0.10]), points=2, resampling=FEW)
    assert found.sentence == "The average of 12 frontiers, each from 5 years drawn at random."
    assert list(found.table.columns) == ["expected_return", "volatility", "sharpe", "a", "b"]
    expected = [portfolio.expected_return for portfolio in found.portfolios]
    assert found.table["expected_return"].to_list() == pytest.approx(expected)
    assert "%" in found._repr_html_()


def test_limits_in_conflict_are_the_answer_instead_of_a_line():
    found = resampled_frontier(from_deviations([0.1, 0.2], np.eye(2)), [Group("both", ("a", "b"), upper=0.9)])
    assert isinstance(found, Infeasible)
    assert "both at most 90 %" in found.explanation


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"months": 6}, "months=6"), ({"samples": 0}, "samples=0"), ({"seed": -1}, "seed=-1"), ({"months": 60.5}, "60.5")],
)
def test_bad_settings_are_refused_in_words(wrong, said):
    with pytest.raises(InputError, match=said):
        Resampling(**wrong)
