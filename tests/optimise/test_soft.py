"""Soft limits give way in their order and no further than they must; the best plan is found inside what is left."""

from __future__ import annotations

import pickle
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from random_markets import SEEDS, from_deviations, least_room, loss, random_market, solved_afresh
from scipy.optimize import linprog

from planner import InputError
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
    ReturnFloor,
    Soft,
    TargetReturn,
    Turnover,
    VolatilityCap,
    optimise,
)

TWO = from_deviations([0.1, 0.2], np.eye(2), [0.04, 0.10])
THREE = from_deviations([0.05, 0.15, 0.7], np.eye(3), [0.035, 0.065, 0.12])
OBJECTIVES = [MinimumVariance(), MaximumUtility(3), HighestReturn(), MaximumReturn(0.9), MaximumSharpe()]


def missed(found):
    return {violation.limit.sentence(): round(violation.by, 6) for violation in found.violations}


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_soft_limits_that_can_be_met_are_met_as_if_they_were_hard(objective):
    limits = [Group("crypto", ("c",), 0.1, 0.2), Bounds(upper=0.7)]
    soft = optimise(THREE, objective, [Soft(limits[0], 1), Soft(limits[1], 2)]).require()
    hard = optimise(THREE, objective, limits).require()
    assert soft.w == pytest.approx(hard.w, abs=1e-8)
    assert soft.violations == ()
    assert "Not met in full" not in soft._repr_html_()


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_most_important_gives_way_last(objective):
    crypto, stocks = Group("crypto", ("c",), lower=0.5), Group("stocks", ("b",), lower=0.8)
    first = optimise(THREE, objective, [Soft(stocks, 2), Soft(crypto, 1)]).require()
    assert missed(first) == pytest.approx({"stocks at least 80 %": 0.3}, abs=1e-6)
    assert first.w == pytest.approx([0, 0.5, 0.5], abs=1e-6)
    second = optimise(THREE, objective, [Soft(stocks, 1), Soft(crypto, 7)]).require()
    assert missed(second) == pytest.approx({"crypto at least 50 %": 0.3}, abs=1e-6)
    assert second.violations[0].sentence == "“crypto at least 50 %” is missed by 30 points"
    assert "“crypto at least 50 %” is missed by 30 points" in second._repr_html_()
    assert [violation.priority for violation in second.violations] == [7]


def test_limits_of_one_priority_share_what_they_cannot_meet():
    crypto, stocks = Group("crypto", ("c",), lower=0.5), Group("stocks", ("b",), lower=0.8)
    found = optimise(THREE, MinimumVariance(), [Soft(stocks, 1), Soft(crypto, 1)]).require()
    assert missed(found) == pytest.approx({"stocks at least 80 %": 0.15, "crypto at least 50 %": 0.15}, abs=1e-6)


def test_the_best_plan_is_chosen_among_those_with_the_least_violation():
    # Crypto must have 20 points too many; what the others have is free, and the calmest mix is 9 to 1.
    limits = [Group("crypto", ("c",), lower=0.3), Soft(Bounds(upper={"c": 0.1}), 1)]
    found = optimise(THREE, MinimumVariance(), limits).require()
    assert found.w == pytest.approx([0.63, 0.07, 0.3], abs=1e-6)
    assert missed(found) == pytest.approx({"c at most 10 %": 0.2}, abs=1e-6)


def test_a_volatility_cap_a_return_floor_and_a_turnover_can_be_soft():
    cap, floor = Soft(VolatilityCap(0.05), 2), Soft(ReturnFloor(0.2), 1)
    wild = optimise(TWO, MinimumVariance(), [cap, floor]).require()
    assert wild.w == pytest.approx([0, 1], abs=1e-5)
    assert missed(wild) == pytest.approx(
        {"expected return at least 20 % a year": 0.1, "volatility at most 5 % a year": 0.15}, abs=1e-5
    )
    calm = optimise(TWO, MinimumVariance(), [Soft(cap.limit, 1), Soft(floor.limit, 2)]).require()
    assert calm.volatility == pytest.approx(0.0894427, abs=1e-5)
    assert missed(calm)["volatility at most 5 % a year"] == pytest.approx(0.0394427, abs=1e-5)
    traded = optimise(
        TWO, MinimumVariance(), [Group("growth", ("b",), lower=0.3), Soft(Turnover({"a": 1.0}, 0.1))]
    ).require()
    assert missed(traded) == pytest.approx({"at most 10 % of the portfolio sold": 0.2}, abs=1e-5)


def test_what_an_objective_asks_for_is_hard():
    found = optimise(TWO, TargetReturn(0.09), [Soft(Bounds(upper={"b": 0.2}), 1)]).require()
    assert found.expected_return == pytest.approx(0.09, abs=1e-8)
    assert missed(found) == pytest.approx({"b at most 20 %": 0.05 / 0.06 - 0.2}, abs=1e-6)
    above_cash = optimise(
        from_cash := random_above_cash(), MaximumSharpe(), [Soft(Bounds(upper={"b": 0.2}), 1)]
    ).require()
    assert above_cash.expected_return > from_cash.risk_free
    assert missed(above_cash)["b at most 20 %"] == pytest.approx(0.0875, abs=1e-4)


def random_above_cash():
    from random_markets import market

    return market([0.01, 0.09], np.diag([0.01, 0.04]), 0.033)


def test_hard_limits_in_conflict_are_explained_as_ever():
    hard = [Group("stocks", ("b",), lower=0.7), Group("crypto", ("c",), lower=0.6)]
    found = optimise(THREE, MinimumVariance(), [*hard, Soft(VolatilityCap(0.05), 1)])
    assert isinstance(found, Infeasible)
    assert found.explanation == optimise(THREE, MinimumVariance(), hard).explanation


def test_long_only_stays_where_a_soft_lower_bound_gives_way():
    limits = [Group("others", ("a", "b"), lower=1.0), Soft(Bounds(lower={"c": 0.2}), 1), Soft(Bounds(lower=0.0), 2)]
    found = optimise(THREE, HighestReturn(), limits).require()
    assert found.w.min() >= 0
    assert missed(found) == pytest.approx({"c at least 20 %": 0.2}, abs=1e-6)


def polyhedral(assumptions, seed):
    """Limits that cannot all hold, as sentences of a linear program: rows, bounds, and the limits themselves."""
    rng = np.random.default_rng(seed)
    names, soft = assumptions.assets, []
    for number in range(5):
        chosen = [place for place in range(len(names)) if rng.random() < 0.5] or [0]
        row, bound = np.zeros(len(names)), float(rng.uniform(0.2, 0.8))
        row[chosen] = 1
        lower = bool(rng.random() < 0.6)
        members = tuple(names[place] for place in chosen)
        limit = Group(f"g{number}", members, bound, None) if lower else Group(f"g{number}", members, None, bound)
        soft.append((-row if lower else row, -bound if lower else bound, limit, int(rng.integers(1, 4))))
    floor = float(assumptions.mu.max() - rng.uniform(0, 0.02))
    soft.append((-assumptions.mu, -floor, ReturnFloor(floor), int(rng.integers(1, 4))))
    return soft


@settings(deadline=None, derandomize=True, max_examples=10)
@given(seed=SEEDS)
def test_violations_are_lexicographically_least_by_another_solver(seed):
    assumptions = random_market(seed, size=4)
    soft = polyhedral(assumptions, seed)
    found = optimise(
        assumptions, MinimumVariance(), [Bounds(upper=0.9), *(Soft(limit, priority) for *_, limit, priority in soft)]
    ).require()
    rows = np.array([np.concatenate([row, -np.eye(len(soft))[place]]) for place, (row, *_) in enumerate(soft)])
    bounds = np.array([bound for _, bound, *_ in soft])
    priorities = np.array([priority for *_, priority in soft])
    whole, box = np.concatenate([np.ones(4), np.zeros(len(soft))]), [(0, 0.9)] * 4 + [(0, None)] * len(soft)
    for level in sorted(set(priorities.tolist())):
        cost = np.concatenate([np.zeros(4), priorities == level]).astype(float)
        least = linprog(cost, rows, bounds, whole[None], [1.0], box).fun
        reached = sum(violation.by for violation in found.violations if violation.priority == level)
        assert reached == pytest.approx(least, abs=1e-5)
        rows, bounds = np.vstack([rows, cost]), np.append(bounds, least + 1e-9)


@settings(deadline=None, derandomize=True, max_examples=5)
@given(seed=SEEDS)
def test_no_better_plan_is_inside_the_limits_as_they_were_loosened(seed):
    assumptions = random_market(seed, size=4)
    soft = [Soft(limit, priority) for *_, limit, priority in polyhedral(assumptions, seed)]
    objective = MaximumUtility(3.0)
    found = optimise(assumptions, objective, [Bounds(upper=0.9), *soft]).require()
    assert least_room(assumptions, found.w, found.limits) >= -1e-8
    # Where the limits leave next to no room, the other solver needs a little.
    afresh = solved_afresh(assumptions, objective, [limit.loosened(1e-6) for limit in found.limits])
    assert loss(assumptions, objective, found.w) <= loss(assumptions, objective, afresh) + 1e-4


def test_three_priorities_on_a_grid():
    asked = {"a": 0.5, "b": 0.45, "c": 0.4}
    soft = [
        Soft(Group(name, (name,), lower=least), place) for place, (name, least) in enumerate(asked.items(), start=1)
    ]
    found = optimise(THREE, MaximumUtility(3), soft).require()
    steps = np.arange(0, 1.0001, 0.05)
    grid = [(a, b, 1 - a - b) for a, b in product(steps, steps) if a + b <= 1 + 1e-12]
    best = min([round(max(0.0, need - held), 9) for need, held in zip(asked.values(), w, strict=True)] for w in grid)
    assert [missed(found).get(one.limit.sentence(), 0.0) for one in soft] == pytest.approx(best, abs=1e-6)


def test_limits_of_one_shape_compile_once(monkeypatch):
    import cvxpy as cp

    def plan(least):
        return optimise(
            THREE, MaximumUtility(3), [Group("crypto", ("c",), lower=least), Soft(VolatilityCap(0.1 * least), 1)]
        ).require()

    plan(0.3)
    built = []
    original = cp.Problem.__init__
    monkeypatch.setattr(cp.Problem, "__init__", lambda self, *given: built.append(self) or original(self, *given))
    first, second = plan(0.35), plan(0.4)
    assert built == []
    assert first.violations[0].by < second.violations[0].by


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: Soft("crypto", 1), "A soft limit holds a limit, not 'crypto'"),
        (lambda: Soft(Soft(VolatilityCap(0.1), 1), 1), "A soft limit holds a limit"),
        (lambda: Soft(VolatilityCap(0.1), 0), "The priority of “volatility at most 10 % a year” is 0: give 1"),
        (lambda: Soft(VolatilityCap(0.1), 1.5), "is 1.5: give 1 for the limit that is to give way last"),
        (lambda: optimise(TWO, MinimumVariance(), ["crypto"]), "'crypto' is no limit"),
        (
            lambda: optimise(TWO, MinimumVariance(), [MinimumPosition(0.1), Soft(VolatilityCap(0.1))]),
            "“every asset at least 10 % or none” is not a convex limit and cannot stand beside soft ones",
        ),
        (lambda: optimise(TWO, MinimumVariance(), Soft(VolatilityCap(0.1))), r"put it in a list, \[Soft"),
    ],
)
def test_what_cannot_be_soft_is_refused_in_words(made, words):
    with pytest.raises(InputError, match=words):
        made()


def test_violations_survive_a_pickle_and_a_soft_limit_says_its_priority():
    found = optimise(TWO, MinimumVariance(), [Soft(VolatilityCap(0.05), 2)]).require()
    assert pickle.loads(pickle.dumps(found)).violations == found.violations
    assert Soft(VolatilityCap(0.05), 2).sentence() == "volatility at most 5 % a year, if possible (priority 2)"
