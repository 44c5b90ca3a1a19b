"""A problem is compiled once; later solves change numbers only, and never remember anything wrong."""

from __future__ import annotations

import gc
import pickle
import weakref
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice, pairwise

import cvxpy as cp
import numpy as np
import pytest
from random_markets import market, random_market

from planner.optimise import (
    Bounds,
    Group,
    HighestReturn,
    Infeasible,
    MaximumSharpe,
    MaximumUtility,
    MinimumVariance,
    Solved,
    TargetReturn,
    Turnover,
    VolatilityCap,
    kept,
    optimise,
    risk_budget,
)

EQUAL = dict.fromkeys("abcdef", 1 / 6)


@pytest.fixture
def built(monkeypatch):
    """A list that grows by one with every cvxpy problem made; none is known before."""
    made = []
    kept._programs.clear()
    original = cp.Problem.__init__

    def counted(self, *arguments, **named):
        made.append(self)
        original(self, *arguments, **named)

    monkeypatch.setattr(cp.Problem, "__init__", counted)
    return made


def numbers(step):
    """Limits and an objective of one shape whose numbers depend on ``step``."""
    limits = [
        Bounds(lower={"a": 0.01 * step}, upper=0.5 + 0.01 * step),
        Group("bc", ("b", "c"), 0.01 * step, 0.4 + 0.02 * step),
        Turnover(EQUAL, 0.4 + 0.01 * step),
    ]
    return MaximumUtility(1.0 + step), limits


def test_changed_numbers_build_no_cvxpy_problem(built):
    assumptions = random_market(1, size=6)
    optimise(assumptions, *numbers(0)).require()
    before = len(built)
    answers = [optimise(assumptions, *numbers(step)).require().w for step in range(1, 9)]
    assert before > 0
    assert len(built) == before
    assert all(np.abs(one - other).max() > 1e-6 for one, other in pairwise(answers))


@pytest.mark.parametrize(
    "solve",
    [
        lambda market, step: optimise(market, TargetReturn(0.05 + 0.001 * step)),
        lambda market, step: optimise(market, MaximumSharpe(), [Bounds(upper=0.5 + 0.01 * step)]),
        lambda market, step: optimise(market, MinimumVariance(), [VolatilityCap(0.5 + 0.01 * step)]),
        lambda market, step: risk_budget(
            market, {"a": 0.4 + 0.01 * step, "b": 0.6 - 0.01 * step}, [Bounds(upper={"a": 0.1})]
        ),
    ],
)
def test_no_objective_compiles_twice(built, solve):
    assumptions = random_market(2, size=4)
    solve(assumptions, 0).require()
    before = len(built)
    for step in range(1, 5):
        solve(assumptions, step).require()
    assert len(built) == before


def test_other_assumptions_share_the_program_and_answer_for_themselves(built):
    first = market([0.0, 0.0], [[0.01, 0], [0, 0.03]])
    second = market([0.0, 0.0], [[0.03, 0], [0, 0.01]])
    assert optimise(first, MinimumVariance()).require().w == pytest.approx([0.75, 0.25])
    before = len(built)
    assert optimise(second, MinimumVariance()).require().w == pytest.approx([0.25, 0.75])
    assert len(built) == before


@pytest.mark.parametrize("objective", [MaximumUtility(3.0), TargetReturn(0.03), MaximumSharpe(), HighestReturn()])
@pytest.mark.parametrize("limits", [[], [Bounds(upper=0.5)], [VolatilityCap(0.9)], [Turnover(EQUAL, 0.9)]])
def test_a_program_of_one_market_serves_another(objective, limits):
    first, second = random_market(31, size=6), random_market(32, size=6)
    optimise(first, objective, limits)
    found = optimise(second, objective, limits).require()
    kept._programs.clear()
    alone = optimise(market(second.mu, second.cov, second.risk_free), objective, limits).require()
    assert found.w == pytest.approx(alone.w, abs=1e-8)


@pytest.mark.parametrize("extra", [[], [Turnover(EQUAL, 0.5)], [VolatilityCap(0.6)]])
@pytest.mark.parametrize("sharpe", [False, True])
def test_warm_answers_are_the_cold_ones_after_any_sequence_with_infeasible_steps_between(extra, sharpe):
    rng = np.random.default_rng(7)
    warm = random_market(11, size=6)
    kinds = set()
    for _ in range(16):
        low, high = np.sort(rng.uniform(0, 0.6, 2))
        limits = [
            Bounds(upper=float(rng.uniform(0.1, 0.6))),
            Group("abc", ("a", "b", "c"), float(low), float(high)),
            Group("cde", ("c", "d", "e"), upper=float(rng.uniform(0.2, 0.9))),
            *extra,
        ]
        objective = MaximumSharpe() if sharpe else MaximumUtility(float(rng.uniform(0.5, 20)))
        cold = market(warm.mu, warm.cov, warm.risk_free)
        one, other = optimise(warm, objective, limits), optimise(cold, objective, limits)
        kinds.add(type(one))
        assert type(one) is type(other)
        if isinstance(one, Solved):
            assert one.w == pytest.approx(other.w, abs=1e-7)
        else:
            assert one.explanation == other.explanation
    assert kinds == {Solved, Infeasible}


def test_the_number_of_kept_problems_is_bounded_and_the_oldest_goes_first(built):
    assumptions = random_market(5, size=6)

    def shape(number):
        return [Group("some", tuple(assumptions.assets[place] for place in range(6) if number >> place & 1), upper=0.9)]

    for number in range(1, kept.KEPT_PROGRAMS + 3):
        optimise(assumptions, MinimumVariance(), shape(number))
    assert len(kept._problems[assumptions]) == kept.KEPT_PROBLEMS
    assert len(kept._programs) == kept.KEPT_PROGRAMS
    before = len(built)
    optimise(assumptions, MinimumVariance(), shape(kept.KEPT_PROGRAMS + 2))
    assert len(built) == before
    optimise(assumptions, MinimumVariance(), shape(1))
    assert len(built) > before


def test_assumptions_nobody_holds_are_freed_with_their_problems():
    assumptions = random_market(6, size=4)
    for objective in (MaximumUtility(3.0), MaximumSharpe(), TargetReturn(0.5)):
        optimise(assumptions, objective, [VolatilityCap(0.9)])
    risk_budget(assumptions, {"a": 1.0}, [Bounds(upper=0.5)])
    gone = weakref.ref(assumptions)
    before = len(kept._problems)
    del assumptions
    gc.collect()
    assert gone() is None
    assert len(kept._problems) < before


@pytest.mark.parametrize(
    "extra", [[], [VolatilityCap(0.9)], [Turnover(EQUAL, 0.9)]], ids=["active set", "cone", "turnover"]
)
@pytest.mark.parametrize("sharpe", [False, True])
def test_threads_that_share_a_compiled_problem_get_their_own_answers(extra, sharpe):
    shared = random_market(11, size=6)

    def problem(step):
        objective = MaximumSharpe() if sharpe else MaximumUtility(1.0 + 3 * step)
        return objective, [Bounds(upper=0.3 + 0.02 * step), *extra]

    copies = [market(shared.mu, shared.cov, shared.risk_free) for _ in range(8)]
    expected = [optimise(copy, *problem(step)).require().w for step, copy in enumerate(copies)]
    steps = list(islice(cycle(range(8)), 160))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda step: optimise(shared, *problem(step)).require().w, steps))
    for step, w in zip(steps, found, strict=True):
        assert w == pytest.approx(expected[step], abs=1e-7)


def test_threads_that_compile_more_shapes_than_are_kept_do_not_disturb_each_other():
    assumptions = random_market(8, size=6)
    shapes = [tuple(assumptions.assets[place] for place in range(6) if number >> place & 1) for number in range(1, 41)]

    def solve(members):
        return optimise(assumptions, MinimumVariance(), [Group("some", members, upper=1.0)]).require().w

    free = optimise(assumptions, MinimumVariance()).require().w
    with ThreadPoolExecutor(3) as pool:
        for w in pool.map(solve, shapes * 2):
            assert w == pytest.approx(free, abs=1e-8)


def test_results_are_values_that_can_be_pickled_and_not_written_to():
    found = optimise(random_market(9, size=3), MinimumVariance(), [Group("ab", ("a", "b"), upper=0.9)]).require()
    again = pickle.loads(pickle.dumps(found))
    assert again.w == pytest.approx(found.w)
    assert again.binding == found.binding
    with pytest.raises(ValueError, match="read-only"):
        found.w[0] = 1.0
