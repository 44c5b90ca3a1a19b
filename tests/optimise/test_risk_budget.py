"""Risk budgets: exact without limits, inside the limits with them, long only always."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_markets import SEEDS, from_deviations, least_room, market, random_limits, random_market

from planner import InputError
from planner.optimise import Bounds, Failed, Group, Infeasible, RiskBudget, VolatilityCap, optimise, risk_budget

HARD = settings(deadline=None, derandomize=True, max_examples=40)


def random_budgets(assumptions, seed, *, zeros=False):
    """Budgets that sum to 1, some of them 0 if asked."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.full(len(assumptions.assets), 2.0)) + 0.01
    if zeros:
        shares[rng.permutation(len(shares))[: len(shares) // 2]] = 0
    shares /= shares.sum()
    shares[shares.argmax()] += 1 - math.fsum(shares)
    return dict(zip(assumptions.assets, shares.tolist(), strict=True))


def barrier(assumptions, budgets, w):
    """The log-barrier objective at the best multiple of ``w``, up to a constant."""
    held = np.array([share > 0 for share in budgets.values()])
    shares = np.array(list(budgets.values()))[held]
    return math.log(w @ assumptions.cov @ w) / 2 - shares @ np.log(w[held])


@HARD
@given(seed=SEEDS)
def test_without_limits_each_asset_carries_its_budget(seed):
    assumptions = random_market(seed)
    budgets = random_budgets(assumptions, seed)
    found = risk_budget(assumptions, budgets).require()
    assert found.risk_contributions.to_dict() == pytest.approx(budgets, abs=1e-10)
    assert found.w.min() > 0
    assert found.solver == "Newton"


@HARD
@given(seed=SEEDS)
def test_an_asset_without_a_budget_is_out_or_hedges_without_carrying_risk(seed):
    assumptions = random_market(seed, size=7)
    budgets = random_budgets(assumptions, seed, zeros=True)
    found = risk_budget(assumptions, budgets).require()
    assert found.risk_contributions.to_dict() == pytest.approx(budgets, abs=1e-8)
    marginal = assumptions.cov @ found.w / found.volatility**2
    assert all(marginal[place] > -1e-8 for place, share in enumerate(budgets.values()) if share == 0)


@HARD
@given(seed=SEEDS, wide=st.floats(1e-3, 0.5))
def test_limits_that_are_not_in_the_way_change_nothing(seed, wide):
    assumptions = random_market(seed)
    budgets = random_budgets(assumptions, seed)
    free = risk_budget(assumptions, budgets).require()
    limits = [
        Bounds(lower=-0.2, upper=float(free.w.max() + wide)),
        Group("some", assumptions.assets[:2], lower=float(max(0.0, free.w[:2].sum() - wide))),
        VolatilityCap(free.volatility + wide),
    ]
    assert risk_budget(assumptions, budgets, limits).require().w == pytest.approx(free.w, abs=1e-14)


@HARD
@given(seed=SEEDS)
def test_limits_in_the_way_give_the_least_barrier_inside_them(seed):
    assumptions = random_market(seed)
    limits, inside = random_limits(assumptions, seed)
    budgets = random_budgets(assumptions, seed)
    found = risk_budget(assumptions, budgets, limits).require()
    assert least_room(assumptions, found.w, [*limits, Bounds(lower=0.0)]) >= -1e-8
    best = barrier(assumptions, budgets, found.w)
    rng = np.random.default_rng(seed)
    for _ in range(100):
        other = inside + rng.choice([0.01, 0.3, 1]) * rng.uniform() * (rng.dirichlet(np.ones(len(inside))) - inside)
        if other.min() > 0 and least_room(assumptions, other, limits) >= 0:
            assert barrier(assumptions, budgets, other) >= best - 1e-9
            assert barrier(assumptions, budgets, (other + found.w) / 2) >= best - 1e-9


def test_the_answer_inside_limits_is_richards_and_roncallis_log_barrier_with_every_bound_scaled():
    # Their covariance with weights of at most 30 %: the definition of risk_budget's docstring, by hand for two groups.
    # With w_a = w_b = 0.3 fixed, the other two weights minimise the barrier on the line w_c + w_d = 0.4.
    assumptions = market(
        np.zeros(4),
        [
            [0.01, 0.0075, 0.01, 0.015],
            [0.0075, 0.0225, 0.015, 0.0225],
            [0.01, 0.015, 0.04, 0.045],
            [0.015, 0.0225, 0.045, 0.09],
        ],
    )
    budgets = dict.fromkeys("abcd", 0.25)
    found = risk_budget(assumptions, budgets, [Bounds(upper=0.3)]).require()
    assert found.w[:2] == pytest.approx([0.3, 0.3], abs=1e-8)
    line = np.linspace(0.01, 0.39, 38001)
    best = min(line, key=lambda third: barrier(assumptions, budgets, np.array([0.3, 0.3, third, 0.4 - third])))
    assert found.w[2] == pytest.approx(best, abs=2e-5)


def test_a_fixed_weight_for_cash_leaves_the_risk_budgets_of_the_others_alone():
    covariance = np.zeros((3, 3))
    covariance[:2, :2] = [[0.04, 0.01], [0.01, 0.09]]
    found = risk_budget(
        market(np.zeros(3), covariance), {"a": 0.3, "b": 0.7}, [Bounds({"c": 0.2}, {"c": 0.2})]
    ).require()
    assert found.weights["c"] == pytest.approx(0.2, abs=1e-8)
    assert found.risk_contributions.to_dict() == pytest.approx({"a": 0.3, "b": 0.7, "c": 0}, abs=1e-6)
    assert found.binding == ("c is fixed at 20 %",)


def test_a_lower_bound_below_zero_does_not_allow_short_positions_here():
    assumptions = from_deviations([0.1, 0.2, 0.3], [[1, 0.9, 0.9], [0.9, 1, 0.9], [0.9, 0.9, 1]])
    free = risk_budget(assumptions, {"a": 0.5, "b": 0.5}).require()
    found = risk_budget(assumptions, {"a": 0.5, "b": 0.5}, [Bounds(lower=-0.3)]).require()
    assert found.w == pytest.approx(free.w)
    assert found.weights["c"] == 0
    pushed = risk_budget(assumptions, {"a": 0.5, "b": 0.5}, [Bounds(lower=-0.3, upper={"b": 0.2})]).require()
    assert pushed.w.min() >= 0


def test_budgets_may_be_scaled_covariances_and_a_series():
    assumptions = random_market(3, size=5)
    budgets = random_budgets(assumptions, 3)
    free = risk_budget(assumptions, budgets).require()
    tiny = market(assumptions.mu, assumptions.cov * 1e-8)
    limits = [Bounds(upper=float(free.w.max() - 0.05))]
    assert risk_budget(tiny, budgets).require().w == pytest.approx(free.w, abs=1e-12)
    assert risk_budget(tiny, budgets, limits).require().w == pytest.approx(
        risk_budget(assumptions, budgets, limits).require().w, abs=1e-10
    )
    assert risk_budget(
        assumptions, free.risk_contributions / free.risk_contributions.sum()
    ).require().w == pytest.approx(free.w, abs=1e-7)


def test_a_budget_on_an_asset_that_may_not_be_held_is_explained():
    assumptions = from_deviations([0.1, 0.2], np.eye(2))
    found = risk_budget(assumptions, {"a": 0.5, "b": 0.5}, [Bounds(upper={"b": 0.0})])
    assert isinstance(found, Infeasible)
    assert found.explanation == (
        "No fully invested portfolio has b at most 0 % and b held at all, to carry a share of the risk: raise b to "
        "0.01 %."
    )
    helped = risk_budget(assumptions, {"a": 0.5, "b": 0.5}, [found.loosenings[0].loosened]).require()
    assert helped.weights["b"] == pytest.approx(1e-4, abs=1e-8)


def test_assets_that_hedge_each_other_completely_have_no_risk_to_divide():
    assumptions = from_deviations([0.1, 0.2], [[1, -1], [-1, 1]])
    found = risk_budget(assumptions, {"a": 0.5, "b": 0.5})
    assert isinstance(found, Failed)
    assert "hedge each other completely" in found.explanation


@pytest.mark.parametrize(
    ("budgets", "words"),
    [
        ({"a": 0.6, "b": 0.6}, "sum to 1.2, not 1: take off 0.2"),
        ({"a": 0.6, "b": 0.1}, "sum to 0.7, not 1: add 0.3"),
        ({}, "sum to 0, not 1: add 1"),
        ({"a": 1.4, "b": -0.4}, "budget of b is -0.4: give each asset a share from 0 to 1"),
        ({"a": math.nan, "b": 1.0}, "budget of a is nan: give a finite number"),
        ({"a": "half", "b": 0.5}, "budget of a is half: give a finite number"),
        ({"z": 1.0}, "names 'z', which is not an asset here: a, b, cash"),
        ({"a": 0.9, "cash": 0.1}, "cash has no volatility and cannot carry a share of the risk"),
    ],
)
def test_a_wrong_budget_says_what_is_wrong(budgets, words):
    plain = from_deviations([0.1, 0.2, 0.0], np.eye(3))
    assumptions = type(plain)(
        plain.mean.rename({"c": "cash"}), plain.covariance.rename({"c": "cash"}).rename({"c": "cash"}, axis=1), 0.0
    )
    with pytest.raises(InputError, match=words):
        risk_budget(assumptions, budgets)


def test_a_single_limit_without_its_list_is_refused_in_words():
    with pytest.raises(InputError, match="put it in a list"):
        risk_budget(from_deviations([0.1, 0.2], np.eye(2)), {"a": 0.5, "b": 0.5}, Bounds(upper=0.9))


def test_the_objective_can_be_used_alone():
    assumptions = from_deviations([0.1, 0.2], np.eye(2))
    assert optimise(assumptions, RiskBudget((0.5, 0.5))).require().w == pytest.approx([2 / 3, 1 / 3], abs=1e-6)
