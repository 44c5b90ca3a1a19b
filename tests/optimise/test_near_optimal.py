"""Near-optimal ranges: the ellipsoid's closed form, grids, limits, and every objective that has such ranges."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from random_markets import SEEDS, from_deviations, least_room, random_limits, random_market
from scipy.stats import chi2

from planner import Assumptions, InputError
from planner.optimise import (
    Bounds,
    Group,
    HighestReturn,
    MaximumReturn,
    MaximumSharpe,
    MaximumUtility,
    MeanErrors,
    MinimumCVaR,
    MinimumVariance,
    NearOptimal,
    RobustUtility,
    TargetReturn,
    TrackTargets,
    TradingCosts,
    near_optimal_ranges,
    optimise,
    risk_budget,
)

FEW = settings(deadline=None, derandomize=True, max_examples=8)
TODAY = {"a": 0.5, "b": 0.5}


def with_scenarios(assumptions, seed=0):
    draws = np.random.default_rng(seed).multivariate_normal(assumptions.mu / 12, assumptions.cov / 12, 60)
    scenarios = pd.DataFrame(draws, columns=list(assumptions.assets))
    return Assumptions(assumptions.mean, assumptions.covariance, assumptions.risk_free, scenarios=scenarios)


def volatility(assumptions, w):
    return np.sqrt(np.maximum(0.0, np.einsum("...i,ij,...j->...", w, assumptions.cov, w)))


def goodness(assumptions, objective, best, w):
    """What ``epsilon`` is measured in, for each row of weights, by its formula written out once more."""
    returns, risk = w @ assumptions.mu, volatility(assumptions, w)
    if isinstance(objective, MaximumUtility):
        return worst_returns(assumptions, objective, w) - objective.risk_aversion / 2 * risk**2
    if isinstance(objective, HighestReturn):
        good = returns
    elif isinstance(objective, MinimumVariance):
        good = -risk
    elif isinstance(objective, TrackTargets):
        targets = np.array([objective.targets.get(asset, 0.0) for asset in assumptions.assets])
        good = -volatility(assumptions, w - targets)
    elif isinstance(objective, MinimumCVaR):  # the worst tenth of 60 months
        good = np.sort(w @ assumptions.draws.T, axis=-1)[..., :6].mean(axis=-1)
    else:
        good = returns - assumptions.risk_free - best.sharpe * risk
    return good


def worst_returns(assumptions, objective, w):
    """Returns after costs under the worst means."""
    returns = w @ assumptions.mu
    if isinstance(objective, RobustUtility):
        independent = objective.errors is MeanErrors.INDEPENDENT
        variance = w**2 @ np.diag(assumptions.cov) if independent else volatility(assumptions, w) ** 2
        return returns - np.sqrt(chi2.ppf(objective.confidence, w.shape[-1]) * variance / objective.years)
    if objective.costs is not None:
        today = np.array([TODAY.get(asset, 0.0) for asset in assumptions.assets])
        returns = returns - 0.01 * np.abs(w - today).sum(axis=-1)
    return returns


OBJECTIVES = [
    MaximumUtility(3.0),
    MaximumUtility(3.0, costs=TradingCosts(0.01, TODAY)),
    RobustUtility(2.0, 0.5, 400.0),
    RobustUtility(2.0, 0.5, 400.0, MeanErrors.INDEPENDENT),
    MinimumVariance(),
    TargetReturn(0.06),
    HighestReturn(),
    MaximumReturn(0.13),
    MaximumSharpe(),
    MinimumCVaR(0.9),
    TrackTargets({"a": 0.2, "b": 0.7, "c": 0.1}),
]


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda each: type(each).__name__)
def test_of_three_assets_a_fine_grid_has_the_same_ranges(objective):
    correlation = [[1, 0.4, 0.2], [0.4, 1, -0.1], [0.2, -0.1, 1]]
    assumptions = with_scenarios(from_deviations([0.08, 0.16, 0.25], correlation, [0.04, 0.07, 0.08]))
    limits = [Group("first", ("a", "b"), lower=0.3), Bounds(upper=0.8)]
    best = optimise(assumptions, objective, limits).require()
    epsilon = 0.002
    found = near_optimal_ranges(best, epsilon, {"a and c": ("a", "c")})
    steps = np.arange(0, 321) / 400
    first, second = (each.ravel() for each in np.meshgrid(steps, steps))
    grid = np.column_stack([first, second, 1 - first - second])
    grid = grid[(grid[:, 2] >= 0) & (grid[:, 2] <= 0.8) & (first + second >= 0.3)]
    if isinstance(objective, TargetReturn):
        grid = grid[grid @ assumptions.mu >= objective.expected_return]
    if isinstance(objective, MaximumReturn):
        grid = grid[volatility(assumptions, grid) <= objective.volatility]
    values = goodness(assumptions, objective, best, grid)
    near = grid[values >= goodness(assumptions, objective, best, best.w) - epsilon]
    assert len(near) > 20
    near = np.column_stack([near, near[:, 0] + near[:, 2]])
    ranges = pd.concat([found.table, found.groups])
    assert (ranges["lower"].to_numpy() <= near.min(axis=0) + 1e-7).all()
    assert (ranges["upper"].to_numpy() >= near.max(axis=0) - 1e-7).all()
    assert ranges["lower"].to_numpy() == pytest.approx(near.min(axis=0), abs=6e-3)
    assert ranges["upper"].to_numpy() == pytest.approx(near.max(axis=0), abs=6e-3)


@FEW
@given(seed=SEEDS)
def test_without_limits_the_utilitys_ranges_are_those_of_an_ellipsoid(seed):
    assumptions = random_market(seed)
    best = optimise(assumptions, MaximumUtility(20.0), [Bounds(lower=-50.0)]).require()
    found = near_optimal_ranges(best, 0.001)
    inverse = np.linalg.inv(assumptions.cov)
    within = inverse - np.outer(inverse.sum(axis=1), inverse.sum(axis=0)) / inverse.sum()
    half = np.sqrt(2 * 0.001 / 20.0 * np.diag(within))
    assert found.table["upper"].to_numpy() == pytest.approx(best.w + half, abs=1e-5)
    assert found.table["lower"].to_numpy() == pytest.approx(best.w - half, abs=1e-5)


@FEW
@given(seed=SEEDS)
def test_without_limits_the_least_volatile_portfolios_ranges_are_those_of_an_ellipsoid(seed):
    assumptions = random_market(seed)
    best = optimise(assumptions, MinimumVariance(), [Bounds(lower=-50.0)]).require()
    found = near_optimal_ranges(best, 0.002)
    inverse = np.linalg.inv(assumptions.cov)
    within = inverse - np.outer(inverse.sum(axis=1), inverse.sum(axis=0)) / inverse.sum()
    half = np.sqrt(((best.volatility + 0.002) ** 2 - best.volatility**2) * np.diag(within))
    assert found.table["upper"].to_numpy() == pytest.approx(best.w + half, abs=1e-5)
    assert found.table["lower"].to_numpy() == pytest.approx(best.w - half, abs=1e-5)


@pytest.mark.parametrize("objective", [MaximumUtility(4.0), MinimumVariance()], ids=lambda each: type(each).__name__)
@FEW
@given(seed=SEEDS)
def test_no_portfolio_nearly_as_good_inside_the_limits_is_outside_the_ranges(objective, seed):
    assumptions = random_market(seed)
    limits, inside = random_limits(assumptions, seed)
    best = optimise(assumptions, objective, limits).require()
    members = assumptions.assets[::2]
    found = near_optimal_ranges(best, 0.001, {"every second": members})
    assert isinstance(found, NearOptimal)
    lower, upper = found.table["lower"].to_numpy(), found.table["upper"].to_numpy()
    assert (lower <= best.w).all()
    assert (best.w <= upper).all()
    least = goodness(assumptions, objective, best, best.w) - 0.001
    rng = np.random.default_rng(seed)
    for _ in range(300):
        towards = rng.dirichlet(np.full(len(inside), 0.3))
        other = best.w + 10 ** rng.uniform(-3, 0) * (rng.choice([towards, inside]) - best.w)
        if least_room(assumptions, other, limits) >= 0 and goodness(assumptions, objective, best, other) >= least:
            assert (other >= lower - 1e-7).all()
            assert (other <= upper + 1e-7).all()
            held = other[::2].sum()
            assert found.groups.loc["every second", "lower"] - 1e-7 <= held
            assert held <= found.groups.loc["every second", "upper"] + 1e-7


def test_a_larger_epsilon_widens_every_range_up_to_the_limits():
    assumptions = random_market(3, size=6)
    best = optimise(assumptions, MaximumUtility(3.0), [Bounds(upper=0.5)]).require()
    tables = [near_optimal_ranges(best, epsilon).table for epsilon in (1e-5, 1e-3, 1e-1, 2.0)]
    for narrow, wide in pairwise(tables):
        assert (wide["lower"] <= narrow["lower"] + 1e-7).all()
        assert (wide["upper"] >= narrow["upper"] - 1e-7).all()
    assert tables[-1]["lower"].to_numpy() == pytest.approx(np.zeros(6), abs=1e-7)
    assert tables[-1]["upper"].to_numpy() == pytest.approx(np.full(6, 0.5), abs=1e-7)


def test_the_order_of_the_assets_does_not_matter():
    assumptions = random_market(5, size=6)
    shuffled = assumptions.select(list(assumptions.assets)[::-1])
    limits = [Bounds(upper=0.4)]
    before, after = (
        near_optimal_ranges(optimise(each, MaximumUtility(3.0), limits).require()) for each in (assumptions, shuffled)
    )
    names = list(assumptions.assets)
    assert after.table.loc[names].to_numpy() == pytest.approx(before.table.to_numpy(), abs=1e-6)


def test_a_singular_covariance_and_a_riskless_asset_have_ranges():
    assumptions = from_deviations([0.0, 0.2, 0.2], [[1, 0, 0], [0, 1, 1], [0, 1, 1]], [0.03, 0.07, 0.07])
    best = optimise(assumptions, MaximumUtility(2.0)).require()
    found = near_optimal_ranges(best, 0.001).table
    half = math.sqrt(2 * 0.001 / 2.0) / 0.2
    assert found.loc["a", ["lower", "upper"]].to_list() == pytest.approx([0.5 - half, 0.5 + half], abs=1e-6)
    assert found.loc["b", ["lower", "upper"]].to_list() == pytest.approx([0, 0.5 + half], abs=1e-6)


def test_the_sentence_says_what_counts_as_near_and_the_widest_ranges():
    assumptions = from_deviations([0.0, 0.2], np.eye(2), [0.03, 0.07])
    best = optimise(assumptions, MaximumUtility(2.0)).require()
    found = near_optimal_ranges(best)
    assert found.sentence == (
        "Portfolios as good to within 0.1 % of return a year may hold a 34.2-65.8 %, b 34.2-65.8 %."
    )
    grouped = near_optimal_ranges(best, groups={"<all>": ("a", "b")})
    assert grouped.sentence.endswith("may hold <all> 100-100 %.")
    assert "&lt;all&gt;" in grouped._repr_html_()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"epsilon": 0.0}, "at least 1e-06"),
        ({"epsilon": 5.0}, "500 %"),
        ({"groups": {"typo": ("a", "z")}}, "'typo' names 'z'"),
        ({"groups": {"text": "ab"}}, "are a text"),
    ],
)
def test_bad_inputs_are_refused_in_words(given, said):
    best = optimise(from_deviations([0.1, 0.2], np.eye(2), [0.03, 0.07]), MinimumVariance()).require()
    with pytest.raises(InputError, match=said):
        near_optimal_ranges(best, **given)


def test_a_risk_budget_has_no_nearly_best_portfolios():
    found = risk_budget(from_deviations([0.1, 0.2], np.eye(2)), {"a": 0.5, "b": 0.5}).require()
    with pytest.raises(InputError, match="nothing measures it"):
        near_optimal_ranges(found)
