"""Caps on a share of the risk: kept, as good as a grid and another solver find, and explained where they cannot be."""

from __future__ import annotations

import math

import cvxpy as cp
import numpy as np
import pytest
from random_markets import from_deviations, least_room, loss, market, random_market
from scipy.optimize import minimize

from planner import InputError
from planner.market.market import built_in_market
from planner.optimise import (
    Bounds,
    Group,
    HighestReturn,
    Infeasible,
    MaximumReturn,
    MaximumSharpe,
    MaximumUtility,
    MinimumPosition,
    MinimumVariance,
    RiskShare,
    Solved,
    TargetReturn,
    frontier,
    optimise,
)

CRYPTO = ("bitcoin", "ether")


def share(assumptions, w, places):
    """The members' part of the variance, for one portfolio or for each row of several."""
    contributions = w * (w @ assumptions.cov)
    return contributions[..., places].sum(axis=-1) / contributions.sum(axis=-1)


def problem(seed, size):
    """A market, an objective whose free optimum has risk in one or two members, and a cap below that."""
    assumptions = random_market(seed, size=size)
    rng = np.random.default_rng(seed)
    middle = math.sqrt(float(np.median(assumptions.cov.diagonal())))
    objectives = [MinimumVariance(), MaximumUtility(float(rng.uniform(1, 8))), MaximumSharpe(), MaximumReturn(middle)]
    objective = objectives[seed % 4]
    free = optimise(assumptions, objective)
    if not isinstance(free, Solved):
        return None
    places = [0] if rng.random() < 0.5 else [0, 1]
    now = float(share(assumptions, free.w, places))
    if not 0.03 <= now <= 1:
        return None
    return assumptions, objective, places, now * float(rng.uniform(0.2, 0.9))


def capped(assumptions, places, maximum):
    return RiskShare("group", tuple(assumptions.assets[place] for place in places), maximum)


@pytest.mark.parametrize("seed", range(12))
def test_three_assets_against_a_grid(seed):
    stated = problem(seed, 3)
    if stated is None:
        return
    assumptions, objective, places, maximum = stated
    steps = 400
    first, second = np.meshgrid(np.arange(steps + 1), np.arange(steps + 1))
    inside = first + second <= steps
    grid = np.column_stack([first[inside], second[inside], (steps - first - second)[inside]]) / steps
    grid = grid[share(assumptions, grid, places) <= maximum]
    if isinstance(objective, MaximumReturn):
        grid = grid[np.einsum("ij,jk,ik->i", grid, assumptions.cov, grid) <= objective.volatility**2]
    w = optimise(assumptions, objective, [capped(assumptions, places, maximum)]).require().w
    assert share(assumptions, w, places) <= maximum + 1e-8
    best = min(loss(assumptions, objective, each) for each in grid[_cheapest(assumptions, objective, grid)])
    assert loss(assumptions, objective, w) <= best + 1e-9
    near = np.abs(grid - w).sum(axis=1).min()
    assert near < 4 / steps or loss(assumptions, objective, w) < best


def _cheapest(assumptions, objective, grid):
    """A few hundred candidates: those of least loss by a vectorised version of it."""
    variance, expected = np.einsum("ij,jk,ik->i", grid, assumptions.cov, grid), grid @ assumptions.mu
    cost = {
        "MinimumVariance": variance,
        "MaximumUtility": getattr(objective, "risk_aversion", 0.0) / 2 * variance - expected,
        "MaximumSharpe": -(expected - assumptions.risk_free) / np.sqrt(variance),
        "MaximumReturn": -expected,
    }[type(objective).__name__]
    return np.argsort(cost)[:200]


def test_four_to_six_assets_against_another_solver_from_many_starts():
    reached, tried = 0, 0
    for seed in range(40):
        stated = problem(seed, 4 + seed % 3)
        if stated is None or isinstance(stated[1], MaximumReturn):
            continue
        assumptions, objective, places, maximum = stated
        w = optimise(assumptions, objective, [capped(assumptions, places, maximum)]).require().w
        assert share(assumptions, w, places) <= maximum + 1e-8
        best = _by_slsqp(assumptions, objective, places, maximum, seed)
        found = loss(assumptions, objective, w)
        tried += 1
        reached += found <= best + 1e-6 * abs(best)
    assert tried >= 12
    assert reached == tried


def _by_slsqp(assumptions, objective, places, maximum, seed):
    """The least loss that sequential quadratic programming finds from eight starts."""
    rng, size = np.random.default_rng(seed), len(assumptions.mu)
    cov = assumptions.cov / assumptions.cov.diagonal().mean()
    part = np.zeros_like(cov)
    part[places] = cov[places]
    matrix = (part + part.T) / 2 - maximum * cov
    limits = [
        {"type": "eq", "fun": lambda w: w.sum() - 1},
        {"type": "ineq", "fun": lambda w: -w @ matrix @ w, "jac": lambda w: -2 * matrix @ w},
    ]
    best = math.inf
    for _ in range(8):
        start = rng.dirichlet(np.full(size, 0.5))
        found = minimize(
            lambda w: loss(assumptions, objective, w),
            start,
            method="SLSQP",
            bounds=[(0, 1)] * size,
            constraints=limits,
            options={"ftol": 1e-12, "maxiter": 300},
        )
        if abs(found.x.sum() - 1) < 1e-7 and share(assumptions, found.x, places) <= maximum + 1e-7:
            best = min(best, found.fun)
    return best


@pytest.mark.parametrize(("deviation", "maximum"), [(0.6, 0.2), (0.9, 0.1), (0.6, 0.0)])
def test_two_uncorrelated_assets_by_hand(deviation, maximum):
    # b's share is w^2 d^2 / (w^2 d^2 + (1 - w)^2 s^2) = c, so that w / (1 - w) = s / d * sqrt(c / (1 - c)).
    assumptions = from_deviations([0.2, deviation], np.eye(2), [0.05, 0.3])
    ratio = 0.2 / deviation * math.sqrt(maximum / (1 - maximum))
    for objective in (HighestReturn(), MaximumSharpe(), MaximumUtility(1.0)):
        found = optimise(assumptions, objective, [RiskShare("b", ("b",), maximum)]).require()
        assert found.weights["b"] == pytest.approx(ratio / (1 + ratio), abs=1e-7)
        assert found.risk_contributions["b"] == pytest.approx(maximum, abs=1e-7)
        assert f"b at most {100 * maximum:g} % of the risk" in found.binding


def test_an_optimum_that_keeps_the_cap_is_returned_as_it_is():
    assumptions = random_market(3, size=5)
    free = optimise(assumptions, MinimumVariance()).require()
    cap = capped(assumptions, [0], min(1.0, float(share(assumptions, free.w, [0])) + 0.01))
    assert np.array_equal(optimise(assumptions, MinimumVariance(), [cap]).require().w, free.w)


def test_every_other_limit_holds_beside_it():
    assumptions = built_in_market().assumptions
    cap = RiskShare("crypto", CRYPTO, 0.20)
    others = [Group("crypto", CRYPTO, 0.05), Bounds(upper=0.3)]
    for objective in (MaximumUtility(3.0), TargetReturn(0.07), MaximumSharpe(), MinimumVariance()):
        found = optimise(assumptions, objective, [*others, cap]).require()
        assert least_room(assumptions, found.w, [*others, *objective.requirements()]) >= -1e-8
        assert cap.room(assumptions, found.w) >= -1e-8
        assert found.limits == (*others, cap)


def test_several_caps_and_a_minimum_position_hold_together():
    assumptions = built_in_market().assumptions
    caps = [RiskShare("crypto", CRYPTO, 0.20), RiskShare("gold", ("gold",), 0.05)]
    limits = [Group("crypto", CRYPTO, 0.05), *caps]
    without = optimise(assumptions, MinimumVariance(), limits).require()
    found = optimise(assumptions, MinimumVariance(), [MinimumPosition(0.04), *limits]).require()
    assert min(cap.room(assumptions, each.w) for cap in caps for each in (found, without)) >= -1e-8
    assert np.all((found.w == 0) | (found.w >= 0.04 - 1e-8))
    assert found.volatility >= without.volatility - 1e-9


def test_the_smallest_share_that_can_be_reached_is_told_and_suffices():
    assumptions = from_deviations([0.2, 0.6], np.eye(2), [0.05, 0.1])
    # With 25 % of b: 0.0225 / (0.0225 + 0.0225) = 50 % of the variance.
    limits = [Bounds(lower={"b": 0.25}), RiskShare("b", ("b",), 0.2)]
    found = optimise(assumptions, MinimumVariance(), limits)
    assert isinstance(found, Infeasible)
    assert found.explanation == (
        "With b at least 25 % the smallest share of the risk that b can have is 50 %: raise the cap from 20 %."
    )
    (loosening,) = found.loosenings
    assert optimise(assumptions, MinimumVariance(), [limits[0], loosening.loosened]).require().w[1] == pytest.approx(
        0.25
    )


def test_limits_that_conflict_without_the_cap_are_named_without_it():
    assumptions = from_deviations([0.1, 0.2], np.eye(2))
    found = optimise(assumptions, MinimumVariance(), [Bounds(upper=0.4), RiskShare("b", ("b",), 0.1)])
    assert found.explanation == optimise(assumptions, MinimumVariance(), [Bounds(upper=0.4)]).explanation


def test_a_limit_that_has_no_part_in_the_conflict_is_not_blamed():
    assumptions = built_in_market().assumptions
    limits = [Bounds(upper={"gold": 0.0}), Group("crypto", CRYPTO, 0.30), RiskShare("crypto", CRYPTO, 0.20)]
    found = optimise(assumptions, MaximumUtility(3.0), limits)
    assert {type(limit) for limit in found.conflict} == {Group, RiskShare}


def test_assets_without_volatility_and_twins_are_no_obstacle():
    deviations = np.array([0.0, 0.2, 0.6, 0.6])
    correlation = np.array([[1.0, 0, 0, 0], [0, 1, 0.3, 0.3], [0, 0.3, 1, 1], [0, 0.3, 1, 1]])
    assumptions = from_deviations(deviations, correlation, [0.03, 0.06, 0.2, 0.2])
    found = optimise(assumptions, TargetReturn(0.05), [RiskShare("c", ("c",), 0.1)]).require()
    assert share(assumptions, found.w, [2]) <= 0.1 + 1e-8
    assert found.expected_return >= 0.05 - 1e-8


def test_scaling_the_covariance_changes_nothing():
    assumptions = random_market(8, size=5)
    free = optimise(assumptions, MinimumVariance()).require()
    place = int(free.risk_contributions.to_numpy().argmax())
    cap = capped(assumptions, [place], float(free.risk_contributions.iloc[place]) / 2)
    before = optimise(assumptions, MinimumVariance(), [cap]).require()
    scaled = market(assumptions.mu, assumptions.cov * 1e-4, assumptions.risk_free)
    after = optimise(scaled, MinimumVariance(), [cap]).require()
    assert after.volatility == pytest.approx(before.volatility / 100, rel=1e-7)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: RiskShare("crypto", "bitcoin", 0.2), r"give a list, \['bitcoin'\]"),
        (lambda: RiskShare("crypto", (), 0.2), "names no asset"),
        (lambda: RiskShare("crypto", CRYPTO, 20), "for 20 % write 0.2"),
        (lambda: RiskShare("crypto", CRYPTO, -0.1), "from 0 to 1"),
    ],
)
def test_what_is_not_a_share_says_so(make, said):
    with pytest.raises(InputError, match=said):
        make()


def test_an_unknown_member_is_named():
    with pytest.raises(InputError, match="names 'gold', which is not an asset here"):
        optimise(random_market(1, size=3), MinimumVariance(), [RiskShare("gold", ("gold",), 0.2)])


def test_a_frontier_cannot_keep_a_share():
    assumptions = from_deviations([0.1, 0.5], np.eye(2), [0.04, 0.1])
    with pytest.raises(InputError, match="which `optimise` makes for one portfolio at a time"):
        frontier(assumptions, [RiskShare("b", ("b",), 0.1)])


def test_changed_numbers_build_no_cvxpy_problem(monkeypatch):
    assumptions = built_in_market().assumptions

    def solve(step):
        limits = [
            Group("crypto", CRYPTO, 0.04),
            RiskShare("crypto", CRYPTO, 0.15 + 0.01 * step),
            MinimumPosition(0.02 + 0.001 * step),
        ]
        return optimise(assumptions, MaximumUtility(3.0 + step), limits).require()

    first = solve(0)
    made = []
    monkeypatch.setattr(cp.Problem, "__init__", lambda *arguments, **named: made.append(arguments))
    assert solve(1).weights["us_equity"] != first.weights["us_equity"]
    assert not made
