"""Risk budgets inside limits: the least log barrier there, by another solver's word and by its own conditions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from random_markets import SEEDS, from_deviations, least_room, market, random_limits, random_market
from scipy.optimize import minimize
from test_risk_budget import random_budgets

from planner import InputError
from planner.optimise import (
    Bounds,
    Budgeted,
    Group,
    GroupBudget,
    Infeasible,
    MinimumPosition,
    ReturnFloor,
    RiskBudget,
    Soft,
    Turnover,
    VolatilityCap,
    optimise,
    risk_budget,
)

HARD = settings(deadline=None, derandomize=True, max_examples=35)


def linear_limits(assumptions, seed):
    """Random limits without a cone, and a portfolio inside them."""
    limits, inside = random_limits(assumptions, seed)
    return [limit for limit in limits if not limit.market_bound], inside


def barrier(cov, shares, w):
    held = shares > 0
    return math.log(w @ cov @ w) / 2 - float(shares[held] @ np.log(w[held]))


def slope(cov, shares, w):
    return cov @ w / (w @ cov @ w) - np.divide(shares, w, out=np.zeros_like(w), where=shares > 0)


@HARD
@given(seed=SEEDS)
def test_no_linear_limit_needs_the_interior_point_method_and_both_agree(seed):
    assumptions = random_market(seed)
    limits, _ = linear_limits(assumptions, seed)
    budgets = random_budgets(assumptions, seed, zeros=seed % 3 == 0)
    found = risk_budget(assumptions, budgets, limits).require()
    assert found.solver in {"Newton", "DAQP"}
    assert least_room(assumptions, found.w, [*limits, Bounds(lower=0.0)]) >= -1e-9
    judge = optimise(assumptions, found.objective, [Bounds(lower=0.0), *limits]).require()
    assert found.w == pytest.approx(judge.w, abs=5e-6)
    inside = least_room(assumptions, judge.w, [*limits, Bounds(lower=0.0)]) >= 0
    if inside:
        assert barrier(assumptions.cov, found.budgets, found.w) <= (
            barrier(assumptions.cov, found.budgets, judge.w) + 1e-12
        )


@settings(deadline=None, derandomize=True, max_examples=15)
@given(seed=SEEDS)
def test_scipy_finds_nothing_better(seed):
    assumptions = random_market(seed, size=5)
    names = assumptions.assets
    rng = np.random.default_rng(seed)
    inside = rng.dirichlet(np.full(5, 3.0))
    upper = inside + rng.uniform(0, 0.15, 5)
    least = float(inside[:2].sum() - rng.uniform(0, 0.05))
    limits = [Bounds(upper=dict(zip(names, upper.tolist(), strict=True))), Group("ab", names[:2], lower=least)]
    found = risk_budget(assumptions, random_budgets(assumptions, seed), limits).require()
    cov, shares = assumptions.cov, found.budgets
    other = minimize(
        lambda w: barrier(cov, shares, w),
        inside,
        jac=lambda w: slope(cov, shares, w),
        bounds=[(1e-6, high) for high in upper],
        constraints=[
            {"type": "eq", "fun": lambda w: w.sum() - 1},
            {"type": "ineq", "fun": lambda w: w[:2].sum() - least},
        ],
        method="SLSQP",
        options={"ftol": 1e-15, "maxiter": 500},
    )
    assert found.w == pytest.approx(other.x, abs=1e-5)
    assert barrier(cov, shares, found.w) <= other.fun + 1e-10


@pytest.mark.parametrize("seed", range(12))
def test_gradient_and_multipliers_cancel_out(seed):
    # What the limits push adds up to the miss of every budget: the condition of the minimum, written in risk shares.
    assumptions = random_market(seed)
    limits, _ = linear_limits(assumptions, seed)
    found = risk_budget(assumptions, random_budgets(assumptions, seed), limits).require()
    miss = found.risk_contributions.to_numpy() - found.budgets
    pushes = found.pushes.to_numpy()
    assert pushes.sum(axis=0) == pytest.approx(miss, abs=1e-9)
    assert pushes.sum(axis=1) == pytest.approx(np.zeros(len(pushes)), abs=1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_weights_are_accurate_to_nine_digits_where_the_bounds_that_bind_leave_free_weights(seed):
    # With the bounded weights known, the others solve smooth equations: y (Sy) = b up to one multiplier of the sum.
    assumptions = random_market(seed, size=6)
    budgets = random_budgets(assumptions, seed)
    free = risk_budget(assumptions, budgets).require()
    found = risk_budget(assumptions, budgets, [Bounds(upper=float(free.w.max() * 0.8))]).require()
    assert found.solver == "DAQP"
    gradient = slope(assumptions.cov, found.budgets, found.w)
    below = found.w < found.w.max() - 1e-9
    assert np.ptp(found.w[below] @ np.diag(gradient[below]) / found.w[below]) < 1e-9
    assert gradient[~below].max() <= gradient[below].min()


def test_the_answer_does_not_depend_on_units_order_or_on_what_was_solved_before():
    assumptions = random_market(5, size=7)
    budgets = random_budgets(assumptions, 5)
    limits, _ = linear_limits(assumptions, 21)
    found = risk_budget(assumptions, budgets, limits).require()
    for unit in (1e-6, 1e-3, 2.0):
        scaled = market(assumptions.mu, assumptions.cov * unit)
        assert risk_budget(scaled, budgets, limits).require().w == pytest.approx(found.w, abs=1e-10)
    order = np.random.default_rng(0).permutation(7)
    turned = assumptions.select([assumptions.assets[place] for place in order])
    again = risk_budget(turned, budgets, limits[::-1]).require()
    assert again.weights[list(assumptions.assets)].to_numpy() == pytest.approx(found.w, abs=1e-10)
    risk_budget(assumptions, random_budgets(assumptions, 6), limits)
    assert (risk_budget(assumptions, budgets, limits).require().w == found.w).all()


@pytest.mark.parametrize("least", [1e-3, 1e-7, 1e-12])
def test_assets_that_are_all_but_the_same_share_a_budget_inside_limits(least):
    correlation = np.full((3, 3), 1 - least) + least * np.eye(3)
    correlation[2, :2] = correlation[:2, 2] = 0.2
    assumptions = from_deviations([0.2, 0.2, 0.1], correlation)
    found = risk_budget(assumptions, {"a": 0.3, "b": 0.3, "c": 0.4}, [Bounds(upper={"c": 0.3})]).require()
    assert found.w == pytest.approx([0.35, 0.35, 0.3], abs=1e-9)


def test_a_limit_keeps_assets_that_hedge_each_other_completely_from_leaving_no_risk():
    assumptions = from_deviations([0.1, 0.1], [[1, -1], [-1, 1]])
    found = risk_budget(assumptions, {"a": 0.5, "b": 0.5}, [Bounds(upper={"a": 0.4})]).require()
    assert found.w == pytest.approx([0.4, 0.6], abs=1e-10)


def test_an_asset_without_variance_takes_what_the_limits_leave_over():
    covariance = np.diag([0.04, 0.01, 0.0])
    found = risk_budget(market(np.zeros(3), covariance), {"a": 0.5, "b": 0.5}, [Bounds(upper=0.5)]).require()
    # Without a bound b would be two thirds: with cash beside them a and b keep their proportion.
    assert found.w[1] == pytest.approx(2 * found.w[0], abs=1e-10)
    assert max(found.w) <= 0.5
    assert found.risk_contributions.to_numpy() == pytest.approx([0.5, 0.5, 0], abs=1e-8)
    assert found.missed == ()


def test_two_hundred_assets_inside_bounds_and_groups():
    rng = np.random.default_rng(0)
    loadings = rng.normal(0.15, 0.05, size=(200, 3))
    assumptions = market(np.zeros(200), loadings @ loadings.T + np.diag(rng.uniform(0.01, 0.04, 200)))
    budgets = random_budgets(assumptions, 0)
    free = risk_budget(assumptions, budgets).require()
    assert free.risk_contributions.to_numpy() == pytest.approx(list(budgets.values()), abs=1e-10)
    low = float(free.w[:50].sum() * 1.2)
    limits = [Bounds(upper=float(np.sort(free.w)[-20])), Group("first", assumptions.assets[:50], lower=low)]
    found = risk_budget(assumptions, budgets, limits).require()
    assert found.solver == "DAQP"
    assert least_room(assumptions, found.w, limits) >= -1e-9
    gradient = slope(assumptions.cov, found.budgets, found.w)
    below = found.w < found.w.max() - 1e-9
    for group in (slice(0, 50), slice(50, 200)):
        assert np.ptp(gradient[group][below[group]]) < 1e-8


def test_a_miss_names_the_limit_that_causes_it():
    assumptions = from_deviations([0.1, 0.2, 0.6], np.eye(3))
    found = risk_budget(assumptions, dict.fromkeys("abc", 1 / 3), [Bounds(upper={"c": 0.05, "a": 0.9})]).require()
    table = found.misses
    assert table["miss"].to_numpy() == pytest.approx((table["reached"] - table["budget"]).to_numpy())
    assert list(table["because"]) == ["“c at most 5 %”"] * 3
    assert table.loc["c", "miss"] < 0 < table.loc["a", "miss"]
    assert list(found.pushes.index) == ["c at most 5 %"]
    reached = table.loc["c", "reached"]
    assert found.missed[0] == (
        f"c carries {100 * reached:.1f} % of the risk instead of 33.3 %, because of “c at most 5 %”"
    )
    assert found.missed[0] in found._repr_html_()
    assert "Budgets missed" not in risk_budget(assumptions, dict.fromkeys("abc", 1 / 3)).require()._repr_html_()


def test_two_limits_share_a_miss_as_their_multipliers_say():
    assumptions = random_market(4, size=5)
    free = risk_budget(assumptions, dict.fromkeys("abcde", 0.2)).require()
    one, two = (float(free.w[place] * 0.7) for place in (0, 1))
    found = risk_budget(assumptions, dict.fromkeys("abcde", 0.2), [Bounds(upper={"a": one, "b": two})]).require()
    pushes = found.pushes
    assert pushes.shape == (2, 5)
    assert pushes.to_numpy().sum(axis=0) == pytest.approx(found.misses["miss"].to_numpy(), abs=1e-10)
    # By hand: row r of the homogenised limits is e_r - bound, and its multiplier is the gradient's jump there.
    gradient = slope(assumptions.cov, found.budgets, found.w)
    jump = gradient[2] - gradient[:2]
    by_hand = -found.w * jump[:, None] * (np.eye(5)[:2] - np.array([[one], [two]]))
    assert pushes.to_numpy() == pytest.approx(by_hand, abs=1e-9)


@pytest.mark.parametrize(
    "limits",
    [
        [VolatilityCap(0.115)],
        [VolatilityCap(0.115), Bounds(upper={"a": 0.3})],
        [Turnover({"a": 0.2, "b": 0.3, "c": 0.3, "d": 0.2}, 0.1)],
        [ReturnFloor(0.09), Bounds(lower={"a": 0.3})],
    ],
)
def test_every_kind_of_limit_accounts_for_its_part_of_the_misses(limits):
    assumptions = from_deviations(
        [0.1, 0.15, 0.25, 0.4], np.full((4, 4), 0.3) + 0.7 * np.eye(4), [0.04, 0.06, 0.1, 0.2]
    )
    found = risk_budget(assumptions, dict.fromkeys("abcd", 0.25), limits).require()
    assert found.misses["miss"].abs().max() > 1e-3
    assert found.pushes.to_numpy().sum(axis=0) == pytest.approx(found.misses["miss"].to_numpy(), abs=5e-6)
    assert all(found.misses["because"])


def test_a_group_carries_its_budget_and_its_members_equal_parts():
    assumptions = random_market(8, size=6)
    groups = [
        GroupBudget("shares", ("a", "c"), 0.6),
        GroupBudget("rest", ["b", "d", "e"], 0.3),
        GroupBudget("coin", ["f"], 0.1),
    ]
    found = risk_budget(assumptions, groups).require()
    expected = {"a": 0.3, "b": 0.1, "c": 0.3, "d": 0.1, "e": 0.1, "f": 0.1}
    assert found.risk_contributions.to_dict() == pytest.approx(expected, abs=1e-10)
    assert found.misses["budget"].to_dict() == pytest.approx({"shares": 0.6, "rest": 0.3, "coin": 0.1})
    assert found.misses["miss"].abs().max() < 1e-10
    assert list(found.misses["because"]) == [""] * 3
    by_asset = risk_budget(assumptions, expected).require()
    assert by_asset.w == pytest.approx(found.w, abs=1e-13)


def test_a_group_that_misses_its_budget_says_why():
    assumptions = from_deviations([0.15, 0.16, 0.05, 0.6], np.eye(4) * 0.8 + 0.2)
    groups = [
        GroupBudget("equities", ("a", "b"), 0.5),
        GroupBudget("bonds", ("c",), 0.3),
        GroupBudget("crypto", ("d",), 0.2),
    ]
    found = risk_budget(assumptions, groups, [Group("crypto", ("d",), upper=0.02)]).require()
    assert found.misses.loc["crypto", "because"] == "“crypto at most 2 %”"
    assert found.misses["miss"].sum() == pytest.approx(0, abs=1e-12)
    assert any(said.startswith("equities carries") and said.endswith("“crypto at most 2 %”") for said in found.missed)


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ([("one", ("a", "b"), 0.5), ("two", ("b", "c"), 0.5)], "Two groups with risk budgets hold 'b'"),
        ([("one", ("a",), 0.5), ("one", ("b",), 0.5)], "Two risk budgets have the name 'one'"),
        ([("one", ("a", "a"), 1.0)], "names an asset twice"),
        ([("one", (), 1.0)], "has no members"),
        ([("one", "abc", 1.0)], "are a text: give a list"),
        ([("one", ("a",), -0.5)], "is -0.5: give it a share from 0 to 1"),
        ([("one", ("a", "b"), 0.5)], "sum to 0.5, not 1: add 0.5"),
        ([("one", ("a", "z"), 1.0)], "names 'z', which is not an asset here"),
        ([("one", ("a", "cash"), 1.0)], "cash has no volatility"),
        ([], "no risk budgets"),
    ],
)
def test_a_wrong_group_says_what_is_wrong(groups, words):
    plain = from_deviations([0.1, 0.2, 0.0], np.eye(3))
    covariance = plain.covariance.rename({"c": "cash"}).rename({"c": "cash"}, axis=1)
    assumptions = type(plain)(plain.mean.rename({"c": "cash"}), covariance, 0.0)
    with pytest.raises(InputError, match=words):
        risk_budget(assumptions, [GroupBudget(*group) for group in groups])


def test_budgets_that_are_neither_by_asset_nor_of_groups_are_refused():
    with pytest.raises(InputError, match="give a mapping by asset, or a list of GroupBudget"):
        risk_budget(from_deviations([0.1, 0.2], np.eye(2)), ["a", "b"])


def test_limits_that_contradict_each_other_are_explained_as_everywhere():
    assumptions = from_deviations([0.1, 0.2, 0.3], np.eye(3))
    limits = [Bounds(upper=0.2)]
    found = risk_budget(assumptions, dict.fromkeys("abc", 1 / 3), limits)
    assert isinstance(found, Infeasible)
    third = risk_budget(assumptions, dict.fromkeys("abc", 1 / 3), [Bounds(upper=0.333333333)]).require()
    assert third.w == pytest.approx([1 / 3] * 3, abs=1e-8)


def test_a_weight_may_be_held_far_below_what_its_budget_asks_for():
    assumptions = from_deviations([0.1, 0.2, 0.3], np.eye(3))
    for most in (1e-2, 1e-3, 1e-4):
        found = risk_budget(assumptions, dict.fromkeys("abc", 1 / 3), [Bounds(upper={"a": most})]).require()
        assert found.w[0] == pytest.approx(most, abs=1e-9)
        others = slope(assumptions.cov, found.budgets, found.w)[1:]
        assert others[0] == pytest.approx(others[1], abs=1e-5)


def test_a_soft_limit_gives_way_and_the_result_still_knows_its_budgets():
    assumptions = from_deviations([0.1, 0.2, 0.3], np.eye(3))
    limits = [Bounds(upper=0.5), Soft(Group("ab", ("a", "b"), upper=0.3), 1)]
    found = risk_budget(assumptions, dict.fromkeys("abc", 1 / 3), limits).require()
    assert isinstance(found, Budgeted)
    assert found.violations
    assert found.w[:2].sum() == pytest.approx(0.5, abs=1e-6)


def test_the_objective_alone_gives_the_same_inside_limits():
    assumptions = random_market(12, size=5)
    limits = [Bounds(upper=0.3)]
    alone = optimise(assumptions, RiskBudget((0.2,) * 5), limits).require()
    assert risk_budget(assumptions, dict.fromkeys("abcde", 0.2), limits).require().w == pytest.approx(alone.w, abs=2e-6)


def test_a_minimum_position_holds_what_has_a_budget_and_says_where_that_is_too_much():
    assumptions = random_market(5, size=4)
    budgets = {"a": 0.5, "b": 0.5}
    held = risk_budget(assumptions, budgets, [MinimumPosition(0.45)]).require()
    assert min(held.w[:2]) >= 0.45 - 1e-8
    assert ((held.w[2:] < 1e-9) | (held.w[2:] >= 0.45 - 1e-8)).all()
    found = risk_budget(assumptions, budgets, [MinimumPosition(0.3), Group("ab", ("a", "b"), upper=0.5)])
    assert isinstance(found, Infeasible)
    assert "ab" in found.explanation
