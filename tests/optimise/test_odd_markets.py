"""Markets at the edge: one asset, twins, no variance, rank below size, very small and very large numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from random_markets import from_deviations, least_room, loss, market, random_limits, random_market, solved_afresh

from planner import Assumptions, InputError, Portfolio
from planner.optimise import (
    Bounds,
    Failed,
    Group,
    HighestReturn,
    Infeasible,
    MaximumDiversification,
    MaximumReturn,
    MaximumSharpe,
    MaximumUtility,
    MinimumCVaR,
    MinimumVariance,
    Soft,
    Solved,
    TargetReturn,
    TrackTargets,
    TradingCosts,
    Turnover,
    VolatilityCap,
    frontier,
    optimise,
    reachable,
    risk_budget,
)
from planner.optimise.problem import Outcome, Status

ALL = [MinimumVariance(), MaximumUtility(3), TargetReturn(0.03), HighestReturn(), MaximumReturn(0.9), MaximumSharpe()]


EVERY = [
    *ALL,
    MinimumCVaR(0.9),
    MinimumCVaR(0.9, 0.03),
    MaximumDiversification(),
    TrackTargets({"a": 1.0}),
    MaximumUtility(3, costs=TradingCosts(0.01, {"a": 1.0})),
]


def odd(deviations, correlation, mean):
    """A market of three assets with 40 months drawn for it, whatever its covariance."""
    base = from_deviations(deviations, correlation, mean)
    draws = np.random.default_rng(1).multivariate_normal(base.mu / 12, base.cov / 12, 40, method="svd")
    scenarios = pd.DataFrame(draws, columns=list(base.assets))
    return Assumptions(base.mean, base.covariance, 0.01, scenarios=scenarios)


ALIKE = [[1, 1 - 1e-12, 0.2], [1 - 1e-12, 1, 0.2], [0.2, 0.2, 1]]
ODD = {
    "twins": odd([0.2, 0.2, 0.3], [[1, 1, 0.2], [1, 1, 0.2], [0.2, 0.2, 1]], [0.05, 0.05, 0.08]),
    "twins that earn differently": odd([0.2, 0.2, 0.3], [[1, 1, 0], [1, 1, 0], [0, 0, 1]], [0.05, 0.06, 0.08]),
    "nearly twins": odd([0.2, 0.2, 0.3], ALIKE, [0.05, 0.05, 0.08]),
    "a complete hedge": odd([0.2, 0.1, 0.3], [[1, -1, 0], [-1, 1, 0], [0, 0, 1]], [0.05, 0.04, 0.08]),
    "one without variance": odd([0.0, 0.2, 0.3], np.eye(3), [0.02, 0.05, 0.08]),
    "none with variance": odd([0.0, 0.0, 0.0], np.eye(3), [0.02, 0.05, 0.08]),
    "no return": odd([0.1, 0.2, 0.3], np.eye(3), [0.0, 0.0, 0.0]),
    "one return": odd([0.1, 0.2, 0.3], np.eye(3), [0.05, 0.05, 0.05]),
    "a thousandfold apart": odd([0.0005, 0.02, 0.9], np.eye(3), [0.02, 0.03, 0.15]),
    "rank one": odd([0.1, 0.2, 0.3], np.ones((3, 3)), [0.03, 0.05, 0.08]),
}
STEPS = np.arange(21) / 20
GRID = np.array([(x, y, 1 - x - y) for x in STEPS for y in STEPS if x + y <= 1 + 1e-12])


def worth(assumptions, objective, w):
    """What the objective makes smallest, written out once more for every kind of objective."""
    if isinstance(objective, MinimumCVaR):
        return Portfolio(assumptions, w).cvar(objective.confidence)
    if isinstance(objective, TrackTargets):
        away = w - np.array([1.0, 0.0, 0.0])
        return np.sqrt(max(0.0, away @ assumptions.cov @ away))
    if isinstance(objective, MaximumDiversification):
        return -np.sqrt(np.diag(assumptions.cov)) @ w / np.sqrt(w @ assumptions.cov @ w)
    costs = getattr(objective, "costs", None)
    return loss(assumptions, objective, w) + (0.01 * (1 - w[0] + w[1] + w[2]) if costs else 0.0)


@pytest.mark.parametrize("objective", EVERY, ids=lambda objective: type(objective).__name__)
@pytest.mark.parametrize("kind", ODD)
def test_every_objective_answers_in_every_odd_market(kind, objective):
    assumptions = ODD[kind]
    limits = [Bounds(upper=0.9), Group("first", ("a", "b"), 0.1, 0.95), Group("second", ("b", "c"), 0.1, 0.95)]
    found = optimise(assumptions, objective, limits)
    inside = [
        w
        for w in GRID
        if least_room(assumptions, w, [*limits, *objective.requirements()]) > 0 and _defined(objective, w, assumptions)
    ]
    if isinstance(found, Infeasible):
        assert not inside
        assert found.explanation.endswith(".")
        return
    assert isinstance(found, Solved)
    assert found.w.sum() == 1
    assert least_room(assumptions, found.w, [*limits, *objective.requirements()]) >= -1e-8
    if _defined(objective, found.w, assumptions):  # a ratio without risk is as high as any
        best = min(worth(assumptions, objective, w) for w in inside)
        assert worth(assumptions, objective, found.w) <= best + 1e-7 * max(1.0, abs(best))
    assert all(price.per_unit > 0 and price.sentence.endswith(".") for price in found.prices)
    assert "Limits reached" in found._repr_html_() or not found.binding


def _defined(objective, w, assumptions):
    """Whether the figure of a ratio exists: above cash, and with some risk."""
    if isinstance(objective, MaximumSharpe) and assumptions.mu @ w <= assumptions.risk_free + 1e-6:
        return False
    ratio = isinstance(objective, MaximumSharpe | MaximumDiversification)
    return not ratio or w @ assumptions.cov @ w > 1e-10


@pytest.mark.parametrize("kind", ODD)
def test_frontiers_ranges_budgets_and_soft_limits_answer_in_every_odd_market(kind):
    assumptions = ODD[kind]
    limits = [Bounds(upper=0.9), Group("first", ("a", "b"), 0.1, 0.95)]
    line, ends = frontier(assumptions, limits, points=5), reachable(assumptions, limits)
    assert (np.diff(line.expected_returns) >= -1e-8).all()
    assert (np.diff(line.volatilities) >= -1e-6).all()
    assert ends.expected_return[1] == pytest.approx(line.expected_returns[-1], abs=1e-7)
    for w in line.w:
        assert least_room(assumptions, w, limits) >= -1e-8
    soft = optimise(assumptions, MaximumUtility(3), [*limits, Soft(VolatilityCap(1e-4), 1)]).require()
    assert soft.volatility <= ends.volatility[0] + 1e-5 or soft.volatility <= 1e-4 + 1e-5
    budgets = dict.fromkeys("abc", 1 / 3)
    if np.diag(assumptions.cov).min() == 0:
        with pytest.raises(InputError, match="has no volatility and cannot carry a share of the risk"):
            risk_budget(assumptions, budgets, limits)
    elif kind == "a complete hedge":
        shared = risk_budget(assumptions, budgets, limits)
        assert isinstance(shared, Infeasible) or least_room(assumptions, shared.w, limits) >= -1e-8
    else:
        shared = risk_budget(assumptions, budgets, limits).require()
        assert least_room(assumptions, shared.w, limits) >= -1e-8


@pytest.mark.parametrize(
    ("covariance", "words"),
    [
        ([[0.01, 0.03], [0.03, 0.01]], "more than their variances allow"),
        ([[0.01, 0.0], [0.0, -0.01]], "The variance of 'b' is -0.01"),
        ([[0.04, 0.036, -0.036], [0.036, 0.04, 0.036], [-0.036, 0.036, 0.04]], "is not positive semidefinite"),
        ([[0.01, 0.004], [0.002, 0.01]], "is not symmetric"),
    ],
)
def test_a_covariance_that_cannot_be_is_refused_before_any_solver_sees_it(covariance, words):
    with pytest.raises(InputError, match=words):
        market([0.05] * len(covariance), covariance)


@pytest.mark.parametrize("objective", EVERY, ids=lambda objective: type(objective).__name__)
def test_groups_that_overlap_and_limits_that_say_the_same_twice_are_met(objective):
    assumptions = odd([0.1, 0.2, 0.3], np.eye(3), [0.03, 0.05, 0.08])
    limits = [
        Group("first", ("a", "b"), 0.5, 0.8),
        Group("second", ("b", "c"), 0.4, 0.7),
        Group("both again", ("b", "a"), 0.5, 0.8),
        Bounds(upper={"c": 0.5}),
        Bounds(upper=0.6),
    ]
    found = optimise(assumptions, objective, limits).require()
    assert least_room(assumptions, found.w, limits) >= -1e-8
    fewer = optimise(assumptions, objective, [*limits[:2], *limits[3:]]).require()
    assert worth(assumptions, objective, found.w) == pytest.approx(worth(assumptions, objective, fewer.w), abs=1e-7)


@pytest.mark.parametrize("objective", EVERY, ids=lambda objective: type(objective).__name__)
def test_limits_that_leave_one_portfolio_up_to_rounding_give_it(objective):
    assumptions = odd([0.1, 0.2, 0.3], np.eye(3), [0.03, 0.05, 0.08])
    limits = [Bounds(lower={"a": 1 / 3, "b": 1 / 3}), Group("c", ("c",), lower=1 / 3 + 4e-9)]
    found = optimise(assumptions, objective, limits).require()
    assert found.w == pytest.approx([1 / 3] * 3, abs=1.1e-8)
    apart = optimise(assumptions, objective, [limits[0], Group("c", ("c",), lower=1 / 3 + 1e-6)])
    assert isinstance(apart, Infeasible)
    assert "c at least 33.33 %" in apart.explanation


@pytest.mark.parametrize("objective", EVERY, ids=lambda objective: type(objective).__name__)
def test_one_asset_alone_is_the_answer_to_every_objective(objective):
    base = market([0.05], [[0.04]])
    alone = Assumptions(
        base.mean, base.covariance, 0.0, scenarios=pd.DataFrame({"a": np.random.default_rng(2).normal(0, 0.05, 20)})
    )
    found = optimise(alone, objective, [Bounds(upper=1.0)]).require()
    assert found.w.tolist() == [1.0]
    assert found.prices == () or found.prices[0].figure is not None
    assert len(frontier(alone, points=3).w) == 3
    assert reachable(alone).expected_return == pytest.approx((0.05, 0.05))


@pytest.mark.parametrize("objective", ALL)
def test_one_asset_is_held_whole(objective):
    alone = market([0.05], [[0.04]])
    assert optimise(alone, objective, [Bounds(upper=1.0)]).require().w.tolist() == [1.0]


def test_one_asset_carries_the_whole_risk_budget():
    assert risk_budget(market([0.05], [[0.04]]), {"a": 1.0}).require().w.tolist() == [1.0]


@pytest.mark.parametrize("objective", ALL)
def test_two_assets_that_are_one_count_as_one(objective):
    twins = from_deviations([0.2, 0.2, 0.3], [[1, 1, 0.2], [1, 1, 0.2], [0.2, 0.2, 1]], [0.05, 0.05, 0.08])
    single = from_deviations([0.2, 0.3], [[1, 0.2], [0.2, 1]], [0.05, 0.08])
    found, expected = optimise(twins, objective).require(), optimise(single, objective).require()
    assert found.w[0] + found.w[1] == pytest.approx(expected.w[0], abs=1e-7)
    assert loss(twins, objective, found.w) == pytest.approx(loss(single, objective, expected.w), abs=1e-10)
    assert risk_budget(twins, {"a": 0.25, "b": 0.25, "c": 0.5}).require().risk_contributions.to_list() == pytest.approx(
        [0.25, 0.25, 0.5], abs=1e-8
    )


@pytest.mark.parametrize("objective", ALL)
@pytest.mark.parametrize("rank", [1, 3, 6])
@pytest.mark.parametrize("seed", range(3))
def test_fewer_months_than_assets_still_give_the_best_portfolio(objective, rank, seed):
    assumptions = random_market(seed + 40, size=9, rank=rank)
    limits = [Bounds(upper=0.4), Group("some", assumptions.assets[:4], 0.2, 0.7)]
    found = optimise(assumptions, objective, limits).require()
    assert least_room(assumptions, found.w, [*limits, *objective.requirements()]) >= -1e-8
    if not isinstance(objective, MaximumSharpe) or found.volatility > 1e-3:
        expected = loss(assumptions, objective, solved_afresh(assumptions, objective, limits))
        assert loss(assumptions, objective, found.w) <= expected + 2e-7 * max(1.0, abs(expected))


def test_an_asset_without_variance_is_the_least_volatile_portfolio():
    assumptions = from_deviations([0.0, 0.2], np.eye(2), [0.02, 0.08])
    assert optimise(assumptions, MinimumVariance()).require().w == pytest.approx([1, 0], abs=1e-9)
    found = optimise(assumptions, TargetReturn(0.05)).require()
    assert found.w == pytest.approx([0.5, 0.5], abs=1e-9)
    assert np.isnan(optimise(assumptions, MinimumVariance()).require().sharpe)


def test_a_market_without_any_variance_is_answered():
    assumptions = market([0.02, 0.03], np.zeros((2, 2)))
    assert optimise(assumptions, MinimumVariance()).require().w.sum() == 1
    assert optimise(assumptions, MaximumUtility(3)).require().w == pytest.approx([0, 1], abs=1e-8)
    assert optimise(assumptions, HighestReturn(), [VolatilityCap(0.1)]).require().w == pytest.approx([0, 1], abs=1e-8)


def test_returns_that_are_all_zero_or_all_the_risk_free_rate_are_answered():
    zero = from_deviations([0.1, 0.2], np.eye(2))
    for objective in (MaximumUtility(3), TargetReturn(0.0), MaximumReturn(0.5), MinimumVariance()):
        assert optimise(zero, objective, [VolatilityCap(0.15)]).require().w.sum() == 1
    assert optimise(zero, MaximumUtility(3)).require().w == pytest.approx([0.8, 0.2], abs=1e-9)
    at_cash = market([0.03, 0.03], np.diag([0.01, 0.04]), 0.03)
    assert "expected return above the risk-free 3 % a year" in optimise(at_cash, MaximumSharpe()).explanation


@pytest.mark.parametrize("scale", [1e-8, 1e-4, 1.0, 30.0])
@pytest.mark.parametrize("seed", range(4))
def test_answers_are_as_good_in_small_units_as_in_large_ones(scale, seed):
    base = random_market(seed + 70, size=6)
    scaled = market(base.mu * min(1.0, scale), base.cov * scale, base.risk_free * min(1.0, scale))
    inside = np.full(6, 1 / 6)
    volatility = float(np.sqrt(inside @ scaled.cov @ inside))
    now = dict.fromkeys(scaled.assets, 1 / 6)
    for objective in (MinimumVariance(), MaximumUtility(3.0), TargetReturn(float(scaled.mu @ inside)), HighestReturn()):
        for limits in ([], [Turnover(now, 0.3)], [VolatilityCap(volatility)]):
            found = optimise(scaled, objective, limits).require()
            assert least_room(scaled, found.w, [*limits, *objective.requirements()]) >= -1e-8
            expected = loss(scaled, objective, solved_afresh(scaled, objective, limits))
            unit = max(abs(expected), np.abs(scaled.mu).max() * 1e-2)
            assert loss(scaled, objective, found.w) <= expected + 1e-6 * unit


def test_volatilities_a_thousandfold_apart_are_no_obstacle():
    deviations = np.array([0.0005, 0.02, 0.3, 0.9])
    assumptions = from_deviations(deviations, np.full((4, 4), 0.2) + 0.8 * np.eye(4), [0.02, 0.03, 0.07, 0.15])
    budgets = dict.fromkeys(assumptions.assets, 0.25)
    found = risk_budget(assumptions, budgets).require()
    assert found.risk_contributions.to_dict() == pytest.approx(budgets, abs=1e-8)
    for objective in (MaximumUtility(3.0), MinimumVariance(), TargetReturn(0.06), MaximumReturn(0.1)):
        expected = loss(assumptions, objective, solved_afresh(assumptions, objective, []))
        assert loss(assumptions, objective, optimise(assumptions, objective).require().w) <= expected + 1e-8


@pytest.mark.parametrize("risk_aversion", [1e-6, 1e-3, 1e6])
def test_extreme_risk_aversions_end_in_the_extremes(risk_aversion):
    assumptions = random_market(5, size=6)
    found = optimise(assumptions, MaximumUtility(risk_aversion)).require()
    extreme = HighestReturn() if risk_aversion < 1 else MinimumVariance()
    assert found.w == pytest.approx(optimise(assumptions, extreme).require().w, abs=1e-4)


def test_limits_scaled_with_the_portfolio_hold_for_the_maximum_sharpe_ratio():
    for seed in range(8):
        assumptions = random_market(seed + 200, size=5)
        limits, inside = random_limits(assumptions, seed)
        limits += [Turnover(dict(zip(assumptions.assets, inside.tolist(), strict=True)), 0.15)]
        limits += [VolatilityCap(float(np.sqrt(inside @ assumptions.cov @ inside)) * 1.01)]
        if assumptions.mu @ inside <= assumptions.risk_free:
            continue
        found = optimise(assumptions, MaximumSharpe(), limits).require()
        assert least_room(assumptions, found.w, limits) >= -1e-8
        expected = loss(assumptions, MaximumSharpe(), solved_afresh(assumptions, MaximumSharpe(), limits))
        assert loss(assumptions, MaximumSharpe(), found.w) == pytest.approx(expected, rel=1e-6)


def test_asset_names_may_be_anything():
    names = ["60/40 <b>", "S&P 500", "%", ""]
    plain = random_market(3, size=4)
    covariance = plain.covariance.set_axis(names).set_axis(names, axis=1)
    assumptions = Assumptions(plain.mean.set_axis(names), covariance, 0.0)
    found = optimise(assumptions, MinimumVariance(), [Bounds(upper={"60/40 <b>": 0.1})]).require()
    assert list(found.weights.index) == names
    assert "<b>" not in found._repr_html_()


def test_two_hundred_assets_are_solved():
    assumptions = random_market_of_many(200)
    found = optimise(assumptions, MaximumUtility(4.0), [Bounds(upper=0.05)]).require()
    assert found.w.max() <= 0.05 + 1e-8
    assert risk_budget(
        assumptions, dict.fromkeys(assumptions.assets, 1 / 200)
    ).require().risk_contributions.to_numpy() == (pytest.approx(np.full(200, 1 / 200), abs=1e-8))


def random_market_of_many(size):
    rng = np.random.default_rng(0)
    loadings = rng.normal(0.15, 0.05, size=(size, 3))
    return market(rng.normal(0.06, 0.02, size), loadings @ loadings.T + np.diag(rng.uniform(0.01, 0.04, size)))


@pytest.mark.parametrize("said", ["InsufficientProgress", "NumericalError"])
def test_a_solver_that_gives_up_is_a_value_with_its_name_and_what_to_try(monkeypatch, said):
    assumptions = random_market(1, size=3)
    gave_up = Outcome(Status.FAILED, np.full(4, np.nan), "Clarabel", said)
    monkeypatch.setattr("planner.optimise.problem.ClarabelSolver.solve", lambda *_: gave_up)
    found = optimise(assumptions, MaximumReturn(0.9))
    assert isinstance(found, Failed)
    assert found.explanation.startswith(f"No solver finished. Tried: Clarabel. What they said: {said}. Check the")
    assert said in found._repr_html_()
    with pytest.raises(Exception, match=said):
        found.require()


def test_where_the_active_set_method_gives_up_the_interior_point_method_answers(monkeypatch):
    assumptions = random_market(1, size=3)
    expected = optimise(market(assumptions.mu, assumptions.cov), MinimumVariance()).require()
    gave_up = Outcome(Status.FAILED, np.full(4, np.nan), "DAQP", "-4")
    monkeypatch.setattr("planner.optimise.problem.DaqpSolver.solve", lambda *_: gave_up)
    found = optimise(assumptions, MinimumVariance()).require()
    assert (expected.solver, found.solver) == ("DAQP", "DAQP, then Clarabel")
    assert found.w == pytest.approx(expected.w, abs=1e-6)


def test_a_failure_names_every_solver_that_was_tried(monkeypatch):
    for solver, name in (("HighsSolver", "HiGHS"), ("ClarabelSolver", "Clarabel")):
        gave_up = Outcome(Status.FAILED, np.full(4, np.nan), name, f"{name} tired")
        monkeypatch.setattr(f"planner.optimise.problem.{solver}.solve", lambda *_, gave_up=gave_up: gave_up)
    found = optimise(random_market(1, size=3), HighestReturn())
    assert isinstance(found, Failed)
    assert found.solver == "HiGHS, then Clarabel"
    assert "HiGHS tired" in found.explanation
    assert "Clarabel tired" in found.explanation


def test_a_solution_at_a_later_tolerance_says_so(monkeypatch):
    assumptions = random_market(1, size=3)
    cap = MaximumReturn(float(np.sqrt(np.diag(assumptions.cov)).min()))
    assert optimise(market(assumptions.mu, assumptions.cov), cap).require().solver == "Clarabel"
    monkeypatch.setattr("planner.optimise.solvers.CLARABEL_TOLERANCES", (1e-30, 1e-9, 1e-8))
    monkeypatch.setattr("planner.optimise.solvers.CLARABEL_SAYS", {"Solved": Status.OPTIMAL})
    found = optimise(market(assumptions.mu, assumptions.cov), cap).require()
    assert found.solver == "Clarabel at 1e-09"


def test_a_solution_that_does_not_sum_to_one_is_not_passed_on(monkeypatch):
    wrong = Outcome(Status.OPTIMAL, np.full(4, 0.3), "DAQP", "1")
    monkeypatch.setattr("planner.optimise.problem.DaqpSolver.solve", lambda *_: wrong)
    assert isinstance(optimise(random_market(1, size=3), MinimumVariance()), Failed)


def test_a_volatility_cap_that_leaves_next_to_no_room_is_no_obstacle():
    # Here Clarabel reaches 1e-9 neither with its usual steps nor with fewer.
    assumptions = random_market(396)
    limits, _ = random_limits(assumptions, 396)
    found = optimise(assumptions, MaximumSharpe(), limits).require()
    assert least_room(assumptions, found.w, limits) >= -1e-8
    expected = loss(assumptions, MaximumSharpe(), solved_afresh(assumptions, MaximumSharpe(), limits))
    assert loss(assumptions, MaximumSharpe(), found.w) == pytest.approx(expected, rel=1e-7)
