"""When no portfolio fits: which limits are in conflict, and the smallest change that helps, in words that hold."""

from __future__ import annotations

import pickle
import re
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from random_markets import SEEDS, from_deviations, market, random_market, solved_afresh

from planner import InfeasibleError
from planner.optimise import (
    Bounds,
    Failed,
    Group,
    HighestReturn,
    Infeasible,
    MaximumReturn,
    MaximumSharpe,
    MaximumUtility,
    MinimumVariance,
    ReturnFloor,
    Solved,
    TargetReturn,
    Turnover,
    VolatilityCap,
    frontier,
    optimise,
)

TWO = from_deviations([0.1, 0.2], np.eye(2), [0.04, 0.10])


def conflicting_limits(assumptions, seed):
    """Limits of which some leave no portfolio."""
    rng = np.random.default_rng(seed)
    names = assumptions.assets
    limits = [Bounds(upper={name: float(rng.uniform(0.1, 0.5)) for name in names})]
    for number in range(3):
        members = tuple(name for name in names if rng.random() < 0.5) or names[:1]
        low, high = np.sort(rng.uniform(0, 1, 2)).tolist()
        limits.append(Group(f"group {number}", members, low, high))
    limits.append(Turnover({names[0]: 1.0}, float(rng.uniform(0, 1))))
    limits.append(ReturnFloor(float(assumptions.mu.max() - rng.uniform(0, 0.05))))
    limits.append(VolatilityCap(float(np.sqrt(np.diag(assumptions.cov)).min() * rng.uniform(0.5, 2))))
    return limits


def possible(assumptions, limits) -> bool:
    return solved_afresh(assumptions, MinimumVariance(), limits) is not None


@settings(deadline=None, derandomize=True, max_examples=20)
@given(seed=SEEDS)
def test_the_conflict_is_irreducible_and_each_loosening_alone_is_enough_and_no_larger_than_it_must_be(seed):
    assumptions = random_market(seed, size=4)
    limits = conflicting_limits(assumptions, seed)
    found = optimise(assumptions, MaximumUtility(2.0), limits)
    if isinstance(found, Solved):
        assert possible(assumptions, limits)
        return
    assert isinstance(found, Infeasible)
    assert not possible(assumptions, found.conflict)
    for fewer in combinations(found.conflict, len(found.conflict) - 1):
        assert possible(assumptions, fewer)
    parts = [part for limit in limits for part in limit.parts(assumptions.assets)]
    assert [loosening.by for loosening in found.loosenings] == sorted(loosening.by for loosening in found.loosenings)
    for loosening in found.loosenings:
        others = [part for part in parts if part != loosening.limit]
        assert len(others) == len(parts) - 1
        assert isinstance(optimise(assumptions, MaximumUtility(2.0), [*others, loosening.loosened]), Solved)
        if loosening.by > 1e-3:
            barely = loosening.limit.loosened(loosening.by - 1e-3)
            assert isinstance(optimise(assumptions, MaximumUtility(2.0), [*others, barely]), Infeasible)


def test_two_groups_that_ask_for_more_than_everything():
    assumptions = from_deviations([0.1, 0.2, 0.3], np.eye(3))
    found = optimise(
        assumptions, MinimumVariance(), [Group("stocks", ("a",), lower=0.7), Group("bonds", ("b", "c"), lower=0.45)]
    )
    assert found.explanation == (
        "No fully invested portfolio has stocks at least 70 % and bonds at least 45 %: lower stocks to 55 %, or "
        "lower bonds to 30 %."
    )
    assert [loosening.by for loosening in found.loosenings] == pytest.approx([0.15, 0.15])
    assert "stocks at least 70 %" in found._repr_html_()
    with pytest.raises(InfeasibleError, match="stocks at least 70 %"):
        found.require()


def test_bounds_that_leave_money_over():
    found = optimise(TWO, MinimumVariance(), [Bounds(upper=0.4)])
    assert found.explanation == (
        "No fully invested portfolio has every asset at most 40 %: raise the bound of every asset to 50 %."
    )


def test_bounds_by_asset_that_leave_money_over_name_each_asset():
    found = optimise(TWO, MinimumVariance(), [Bounds(upper={"a": 0.4, "b": 0.5})])
    assert {limit.sentence() for limit in found.conflict} == {"a at most 40 %", "b at most 50 %"}
    assert [loosening.by for loosening in found.loosenings] == pytest.approx([0.1, 0.1])


def test_a_bound_below_what_a_group_asks_for():
    found = optimise(TWO, MinimumVariance(), [Bounds(upper={"b": 0.1}), Group("growth", ("b",), lower=0.25)])
    assert {limit.sentence() for limit in found.conflict} == {"b at most 10 %", "growth at least 25 %"}


def test_a_volatility_nobody_can_reach_names_the_least_there_is_and_rounds_it_up():
    least = optimise(TWO, MinimumVariance()).require().volatility
    found = optimise(TWO, HighestReturn(), [VolatilityCap(0.05)])
    assert least == pytest.approx(0.0894427)
    assert found.explanation == (
        "The lowest volatility you can reach is 8.95 % a year: raise the cap from 5 %. Inside the other limits "
        "efficient portfolios return 5.2 % to 10 % a year with a volatility of 8.95 % to 20 %."
    )
    assert isinstance(optimise(TWO, MaximumReturn(0.05)), Infeasible)
    assert isinstance(optimise(TWO, MaximumReturn(0.0895)), Solved)


def test_a_return_nobody_can_reach_names_the_highest_there_is():
    found = optimise(TWO, TargetReturn(0.2), [Bounds(upper={"b": 0.456})])
    ways = {loosening.loosened.sentence(): loosening.by for loosening in found.loosenings}
    assert ways == pytest.approx({"expected return at least 6.73 % a year": 0.1327})
    assert isinstance(optimise(TWO, TargetReturn(0.0673), [Bounds(upper={"b": 0.456})]), Solved)


CRYPTO = from_deviations([0.05, 0.15, 0.7], np.eye(3), [0.035, 0.065, 0.12])
"""Bonds, stocks and crypto, of which each is easy to reckon with."""


def test_a_volatility_cap_against_a_group_is_said_as_one_would_say_it():
    limits = [Group("crypto", ("c",), lower=0.1), Group("stocks", ("b",), lower=0.4), VolatilityCap(0.08)]
    found = optimise(CRYPTO, MaximumUtility(3), limits)
    # The least of 0.1 crypto, 0.4 stocks and 0.5 bonds: sqrt(0.07^2 + 0.06^2 + 0.025^2) = 9.55 %.
    assert found.explanation == (
        "With crypto at least 10 % and the other limits the lowest volatility you can reach is 9.56 % a year: "
        "raise the cap from 8 %, or lower crypto to 6.52 %. Inside the other limits efficient portfolios return "
        "5.55 % to 9.8 % a year with a volatility of 9.56 % to 42.42 %."
    )
    alone = optimise(CRYPTO, MaximumUtility(3), [limits[0], limits[2]])
    # 0.1 of crypto and the calmest mix of the others: sqrt(0.07^2 + (0.9 * 0.0474)^2) = 8.2 %.
    assert alone.explanation.startswith(
        "With crypto at least 10 % the lowest volatility you can reach is 8.2 % a year:"
    )


def test_a_target_return_against_a_cap_names_the_highest_return_and_the_least_volatility():
    found = optimise(TWO, TargetReturn(0.08), [VolatilityCap(0.1)])
    assert found.explanation.startswith(
        "With volatility at most 10 % a year the highest expected return you can reach is 6.4 % a year: lower the "
        "target from 8 %, or raise the volatility cap from 10 % to 13.75 %."
    )


@settings(deadline=None, derandomize=True, max_examples=20)
@given(seed=SEEDS)
def test_the_extreme_that_is_named_can_be_reached_and_nothing_beyond_it(seed):
    assumptions = random_market(seed, size=4)
    groups = [Bounds(upper=0.6), Group("most", assumptions.assets[:3], upper=0.7)]
    lowest = optimise(assumptions, MinimumVariance(), groups).require().volatility
    highest = optimise(assumptions, HighestReturn(), groups).require().expected_return
    capped = optimise(assumptions, MaximumUtility(3), [*groups, VolatilityCap(0.9 * lowest)])
    wished = optimise(assumptions, TargetReturn(highest + 0.01), groups)
    cap = next(found.loosened for found in capped.loosenings if isinstance(found.limit, VolatilityCap))
    floor = next(found.loosened for found in wished.loosenings if isinstance(found.limit, ReturnFloor))
    assert -1e-8 <= cap.maximum - lowest <= 1e-4 + 1e-8
    assert -1e-8 <= highest - floor.minimum <= 1e-4 + 1e-8
    said = [float(re.search(r"you can reach is (\S+) %", found.explanation)[1]) for found in (capped, wished)]
    assert lowest <= said[0] / 100 + 1e-6 <= lowest + 2.1e-4
    assert highest >= said[1] / 100 - 1e-6 >= highest - 2.1e-4
    for found in (capped, wished):
        assert found.reachable.volatility[0] == pytest.approx(lowest, abs=1e-8)
        assert found.reachable.expected_return[1] == pytest.approx(highest, abs=1e-8)


def test_no_more_than_four_ways_out_are_said_and_all_are_kept():
    assumptions = from_deviations([0.1] * 6, np.eye(6))
    found = optimise(assumptions, MinimumVariance(), [Bounds(upper=dict.fromkeys(assumptions.assets, 0.1))])
    assert len(found.loosenings) == 6
    assert found.explanation.count("raise") == 4


def test_every_explanation_survives_a_pickle():
    for found in (
        optimise(TWO, TargetReturn(0.2)),
        optimise(TWO, MinimumVariance(), [Bounds(upper=0.4)]),
        optimise(TWO, HighestReturn(), [VolatilityCap(0.05)]),
        Failed("DAQP, then Clarabel", "DAQP: -4; Clarabel: NumericalError"),
    ):
        assert pickle.loads(pickle.dumps(found)).explanation == found.explanation


def test_percent_typed_as_a_return_are_visible_in_the_answer():
    found = optimise(TWO, TargetReturn(7))
    assert found.explanation.startswith(
        "The highest expected return you can reach is 10 % a year: lower the target from 700 %."
    )


def test_a_turnover_too_small_for_a_group():
    now = {"a": 1.0}
    found = optimise(TWO, MinimumVariance(), [Turnover(now, 0.1), Group("growth", ("b",), lower=0.3)])
    assert {loosening.loosened.sentence() for loosening in found.loosenings} == {
        "at most 30 % of the portfolio sold",
        "growth at least 10 %",
    }


def test_groups_fixed_at_weights_that_do_not_sum_to_one():
    limits = [Group("one", ("a",), 0.3, 0.3), Group("other", ("b",), 0.6, 0.6)]
    found = optimise(TWO, MinimumVariance(), limits)
    assert {limit.sentence() for limit in found.conflict} == {"one at most 30 %", "other at most 60 %"}
    assert {loosening.by for loosening in found.loosenings} == {0.1}


def test_long_only_is_never_offered_for_loosening():
    found = optimise(TWO, MinimumVariance(), [Bounds(lower=0.0, upper={"a": 0.2}), Group("growth", ("b",), upper=0.5)])
    assert not any("at least 0 %" in limit.sentence() for limit in found.conflict)
    assert len(found.conflict) == len(found.loosenings) == 2


def test_no_single_change_helps_where_two_conflicts_stand_apart():
    assumptions = from_deviations([0.1, 0.2, 0.3, 0.4], np.eye(4))
    limits = [
        Group("ab low", ("a", "b"), upper=0.2),
        Group("a high", ("a",), lower=0.3),
        Group("cd low", ("c", "d"), upper=0.2),
        Group("c high", ("c",), lower=0.3),
    ]
    found = optimise(assumptions, MinimumVariance(), limits)
    assert found.explanation.endswith("No single change helps: relax several.")
    assert len(found.conflict) == 2


def test_without_anything_above_cash_there_is_no_sharpe_ratio_to_maximise():
    assumptions = market([0.01, 0.02], np.diag([0.01, 0.04]), 0.033)
    found = optimise(assumptions, MaximumSharpe())
    assert found.explanation == (
        "No portfolio has an expected return above the risk-free 3.3 % a year, which a Sharpe ratio needs. That lies "
        "in the assumptions, not in a limit: choose another objective."
    )


def test_a_limit_that_keeps_the_return_below_cash_is_named():
    assumptions = market([0.01, 0.09], np.diag([0.01, 0.04]), 0.033)
    found = optimise(assumptions, MaximumSharpe(), [Bounds(upper={"b": 0.2})])
    assert [loosening.loosened.sentence() for loosening in found.loosenings] == ["b at most 28.76 %"]
    assert isinstance(optimise(assumptions, MaximumSharpe(), [found.loosenings[0].loosened]), Solved)
    assert found.explanation == (
        "With b at most 20 % no portfolio has an expected return above the risk-free 3.3 % a year, which a Sharpe "
        "ratio needs: raise b to 28.76 %."
    )


@pytest.mark.parametrize("objective", [MinimumVariance(), MaximumUtility(3), HighestReturn(), MaximumSharpe()])
@pytest.mark.parametrize("miss", [1e-12, 1e-10, 1e-9, 4e-9])
def test_limits_that_miss_each_other_by_rounding_are_met(objective, miss):
    assumptions = from_deviations([0.1, 0.2, 0.3], np.eye(3), [0.04, 0.06, 0.1])
    limits = [
        Group(name, (name,), third, third) for name, third in zip("abc", (1 / 3, 1 / 3, 1 / 3 - miss), strict=True)
    ]
    found = optimise(assumptions, objective, limits).require()
    assert found.w == pytest.approx([1 / 3] * 3, abs=1e-8)
    assert found.weights.sum() == 1


def test_limits_that_miss_each_other_by_more_than_results_promise_are_in_conflict():
    limits = [Group("one", ("a",), 0.3, 0.3), Group("other", ("b",), 0.7 - 1e-7, 0.7 - 1e-7)]
    found = optimise(TWO, MinimumVariance(), limits)
    assert isinstance(found, Infeasible)
    assert {loosening.by for loosening in found.loosenings} == {1e-4}


def test_weights_typed_to_nine_places_give_a_portfolio():
    third = 0.333333333
    found = optimise(from_deviations([0.1, 0.2, 0.3], np.eye(3)), MinimumVariance(), [Bounds(third, third)]).require()
    assert found.w == pytest.approx([1 / 3] * 3, abs=1e-8)
    assert found.w.min() > 0


def test_infeasible_limits_are_a_value_for_every_objective_and_never_a_failure():
    limits = [Bounds(upper=0.4)]
    for objective in (MaximumUtility(3), TargetReturn(0.05), HighestReturn(), MaximumReturn(0.3), MaximumSharpe()):
        found = optimise(TWO, objective, limits)
        assert not isinstance(found, Failed)
        assert isinstance(found, Infeasible)
    assert isinstance(frontier(TWO, limits), Infeasible)
