"""Robust utility: closed forms, the worst mean found by another route, and what it tends to at both ends."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from random_markets import SEEDS, from_deviations, least_room, random_limits, random_market
from scipy.optimize import minimize
from scipy.stats import chi2

from planner import InputError
from planner.optimise import (
    Bounds,
    Group,
    Infeasible,
    MaximumUtility,
    MeanErrors,
    MinimumVariance,
    RobustUtility,
    optimise,
)

FEW = settings(deadline=None, derandomize=True, max_examples=8)
BOTH = pytest.mark.parametrize("errors", list(MeanErrors))


def worst_utility(assumptions, objective, w):
    """The formula written out once more, with scipy's own chi-squared quantile."""
    error = np.diag(np.diag(assumptions.cov)) if objective.errors is MeanErrors.INDEPENDENT else assumptions.cov
    kappa = math.sqrt(chi2.ppf(objective.confidence, len(w)))
    norm = math.sqrt(max(0.0, w @ error @ w / objective.years))
    return assumptions.mu @ w - kappa * norm - objective.risk_aversion / 2 * w @ assumptions.cov @ w


@BOTH
@FEW
@given(seed=SEEDS)
def test_certain_means_leave_the_plain_utility(errors, seed):
    assumptions = random_market(seed)
    limits, _ = random_limits(assumptions, seed)
    found = optimise(assumptions, RobustUtility(4.0, 0.0, errors=errors), limits).require()
    plain = optimise(assumptions, MaximumUtility(4.0), limits).require()
    assert found.w == pytest.approx(plain.w, abs=1e-5)
    assert worst_utility(assumptions, found.objective, found.w) == pytest.approx(
        worst_utility(assumptions, found.objective, plain.w), abs=1e-9
    )


@FEW
@given(seed=SEEDS)
def test_with_correlated_errors_it_is_the_utility_portfolio_of_a_more_careful_investor(seed):
    """The slope of a volatility is that of half the variance divided by it."""
    assumptions = random_market(seed)
    limits, _ = random_limits(assumptions, seed)
    objective = RobustUtility(2.0, 0.6, years=400.0)
    found = optimise(assumptions, objective, limits).require()
    kappa = math.sqrt(chi2.ppf(0.6, len(found.w)))
    careful = optimise(assumptions, MaximumUtility(2.0 + kappa / math.sqrt(400.0) / found.volatility), limits).require()
    assert found.w == pytest.approx(careful.w, abs=1e-5)
    assert least_room(assumptions, found.w, limits) >= -1e-8


@FEW
@given(seed=SEEDS)
def test_without_any_years_of_history_the_least_volatile_portfolio_is_left(seed):
    assumptions = random_market(seed, size=4)
    limits, _ = random_limits(assumptions, seed)
    found = optimise(assumptions, RobustUtility(3.0, 0.95, years=1e-6), limits).require()
    least = optimise(assumptions, MinimumVariance(), limits).require()
    assert found.volatility == pytest.approx(least.volatility, abs=1e-5)


@BOTH
def test_of_two_assets_no_mix_of_a_fine_grid_is_better(errors):
    assumptions = from_deviations([0.1, 0.25], [[1, 0.3], [0.3, 1]], [0.03, 0.09])
    objective = RobustUtility(2.0, 0.5, years=100.0, errors=errors)
    found = optimise(assumptions, objective).require()
    grid = np.linspace(0, 1, 10_001)
    utilities = [worst_utility(assumptions, objective, np.array([1 - share, share])) for share in grid]
    assert 0.05 < found.w[1] < 0.95
    assert found.w[1] == pytest.approx(grid[np.argmax(utilities)], abs=1e-4)


@FEW
@given(seed=SEEDS)
def test_independent_errors_against_another_solver(seed):
    assumptions = random_market(seed, size=5)
    objective = RobustUtility(3.0, 0.7, years=60.0, errors=MeanErrors.INDEPENDENT)
    found = optimise(assumptions, objective, [Bounds(upper=0.6)]).require()
    other = minimize(
        lambda w: -worst_utility(assumptions, objective, w),
        np.full(5, 0.2),
        method="SLSQP",
        bounds=[(0, 0.6)] * 5,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        options={"ftol": 1e-12, "maxiter": 500},
    )
    assert worst_utility(assumptions, objective, found.w) >= -other.fun - 1e-9
    assert worst_utility(assumptions, objective, found.w) == pytest.approx(-other.fun, abs=1e-6)


@BOTH
def test_no_mean_in_the_ellipsoid_is_worse_than_the_worst(errors):
    assumptions = random_market(6, size=4)
    objective = RobustUtility(3.0, 0.8, years=25.0, errors=errors)
    w = np.array([0.4, 0.1, 0.2, 0.3])
    worst = objective.worst_return(assumptions, w)
    error = (assumptions.cov if errors is MeanErrors.CORRELATED else np.diag(np.diag(assumptions.cov))) / 25.0
    directions = np.random.default_rng(0).normal(size=(2000, 4))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    means = assumptions.mu + math.sqrt(chi2.ppf(0.8, 4)) * directions @ np.linalg.cholesky(error).T
    assert (means @ w).min() >= worst - 1e-12
    assert (means @ w).min() == pytest.approx(worst, abs=0.01 * abs(assumptions.mu @ w - worst))


def test_independent_errors_spread_what_correlated_ones_do_not():
    assumptions = from_deviations([0.2] * 4, np.full((4, 4), 0.9) + 0.1 * np.eye(4), [0.060, 0.061, 0.062, 0.063])
    alone, spread = (optimise(assumptions, RobustUtility(1.0, 0.5, 40.0, errors)).require().w for errors in MeanErrors)
    assert spread.max() < alone.max()
    assert spread == pytest.approx(np.full(4, 0.25), abs=0.1)


@BOTH
def test_the_order_of_the_assets_does_not_matter(errors):
    assumptions = random_market(8, size=6)
    shuffled = assumptions.select(list(assumptions.assets)[::-1])
    objective = RobustUtility(2.0, 0.5, 50.0, errors)
    before, after = (optimise(each, objective).require() for each in (assumptions, shuffled))
    assert after.w[::-1] == pytest.approx(before.w, abs=2e-5)


def test_an_asset_without_risk_has_no_error():
    assumptions = from_deviations([0.0, 0.2], np.eye(2), [0.03, 0.08])
    for errors in MeanErrors:
        found = optimise(assumptions, RobustUtility(3.0, 0.99, 1.0, errors)).require()
        assert found.w == pytest.approx([1, 0], abs=1e-6)
        assert found.objective.worst_return(assumptions, found.w) == pytest.approx(0.03, abs=1e-6)


def test_it_says_what_it_did_and_why_there_is_no_portfolio():
    objective = RobustUtility(3.0, 0.9)
    assert objective.sentence() == (
        "the best return for its risk at risk aversion 3, under the worst means in the 90 % region that 40 years of "
        "returns leave"
    )
    found = optimise(random_market(1, size=3), objective, [Group("all", ("a", "b", "c"), upper=0.9)])
    assert isinstance(found, Infeasible)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"confidence": 1.0}, "from 0 to below 1"),
        ({"confidence": -0.1}, "from 0 to below 1"),
        ({"confidence": 0.9, "years": 0.0}, "more than none"),
        ({"confidence": 0.9, "errors": "none"}, "MeanErrors.CORRELATED"),
        ({"confidence": 0.9, "risk_aversion": 0.0}, "above 0"),
    ],
)
def test_bad_inputs_are_refused_in_words(wrong, said):
    with pytest.raises(InputError, match=said):
        RobustUtility(**{"risk_aversion": 3.0, **wrong})
