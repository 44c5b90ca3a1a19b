"""Minimum positions: the search finds what trying every set of holdings finds, and says in words why it finds none."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_markets import SEEDS, from_deviations, loss, random_limits, random_market

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
    Solved,
    TargetReturn,
    VolatilityCap,
    frontier,
    optimise,
    risk_budget,
)
from planner.optimise.mean_variance import with_long_only
from planner.optimise.not_convex import least
from planner.optimise.solvers import Status

HARD = settings(deadline=None, derandomize=True, max_examples=15)


def by_trying_all(assumptions, objective, limits, minimum, names) -> np.ndarray | None:
    """The best of the portfolios that hold exactly the assets of one set, over all sets; None where no set will do."""
    best = None
    for held in product([False, True], repeat=len(names)):
        bounds = Bounds(
            lower={name: minimum * chosen for name, chosen in zip(names, held, strict=True)},
            upper={name: 2.0 * chosen for name, chosen in zip(names, held, strict=True)},
        )
        found = least(assumptions, objective, with_long_only(assumptions, (*limits, *objective.requirements(), bounds)))
        if found.status is Status.OPTIMAL and (
            best is None or loss(assumptions, objective, found.w) < loss(assumptions, objective, best)
        ):
            best = found.w
    return best


@HARD
@given(seed=SEEDS, kind=st.sampled_from(["variance", "utility", "target", "highest", "return", "sharpe"]))
def test_the_search_finds_the_best_of_all_sets_of_holdings(seed, kind):
    rng = np.random.default_rng(seed)
    assumptions = random_market(seed, size=int(rng.integers(3, 6)))
    limits, inside = random_limits(assumptions, seed)
    objective = {
        "variance": MinimumVariance(),
        "utility": MaximumUtility(4.0),
        "target": TargetReturn(float(assumptions.mu @ inside)),
        "highest": HighestReturn(),
        "return": MaximumReturn(float(np.sqrt(inside @ assumptions.cov @ inside)) * 1.2),
        "sharpe": MaximumSharpe(),
    }[kind]
    minimum = float(rng.uniform(0.05, 0.4))
    names = assumptions.assets if rng.random() < 0.6 else assumptions.assets[:2]
    limit = MinimumPosition(minimum, None if names == assumptions.assets else names)
    expected = by_trying_all(assumptions, objective, limits, minimum, names)
    found = optimise(assumptions, objective, [*limits, limit])
    if expected is None:
        assert isinstance(found, Infeasible)
        return
    w = found.require().w
    held = w[: len(names)]
    assert np.all((held == 0) | (held >= minimum - 1e-8))
    assert loss(assumptions, objective, w) == pytest.approx(loss(assumptions, objective, expected), rel=1e-7, abs=1e-9)


def test_two_assets_by_hand():
    assumptions = from_deviations([0.1, 0.2], np.eye(2))
    assert optimise(assumptions, MinimumVariance()).require().w == pytest.approx([0.8, 0.2])
    # At 30 % of b the variance is 0.49 x 0.01 + 0.09 x 0.04 = 0.0085, at 50 % it is 0.0125, and without b it is 0.01.
    assert optimise(assumptions, MinimumVariance(), [MinimumPosition(0.2)]).require().w == pytest.approx([0.8, 0.2])
    held = optimise(assumptions, MinimumVariance(), [MinimumPosition(0.3)]).require()
    assert held.w == pytest.approx([0.7, 0.3], abs=1e-9)
    assert held.binding == ("b is at its minimum position of 30 %",)
    assert optimise(assumptions, MinimumVariance(), [MinimumPosition(0.5)]).require().w == pytest.approx([1, 0])


def test_only_the_named_assets_must_be_worth_having():
    assumptions = from_deviations([0.1, 0.2, 0.4], np.eye(3))
    free = optimise(assumptions, MinimumVariance()).require()
    limited = optimise(assumptions, MinimumVariance(), [MinimumPosition(0.3, ("b",))]).require()
    assert 0 < free.weights["c"] < 0.1
    assert 0 < limited.weights["c"] < 0.1
    assert limited.weights["b"] in (0.0, pytest.approx(0.3))


def test_as_many_as_fifteen_alike_assets_do_not_tire_the_search():
    assumptions = from_deviations(np.full(15, 0.2), np.eye(15))
    w = optimise(assumptions, MinimumVariance(), [MinimumPosition(0.07)]).require().w
    assert sorted(w[w > 0]) == pytest.approx([1 / 14] * 14, abs=1e-8)


def test_no_asset_is_sold_short_even_where_bounds_would_allow_it():
    assumptions = from_deviations([0.1, 0.2], [[1, 0.9], [0.9, 1]])
    short = Bounds(lower=-0.5)
    assert optimise(assumptions, MinimumVariance(), [short]).require().weights["b"] < -0.1
    assert optimise(assumptions, MinimumVariance(), [short, MinimumPosition(0.1)]).require().w == pytest.approx([1, 0])


def test_the_answer_without_a_minimum_is_the_answer_where_it_keeps_it():
    assumptions = random_market(5, size=4)
    free = optimise(assumptions, MinimumVariance()).require()
    least_held = float(free.w[free.w > 0].min())
    limited = optimise(assumptions, MinimumVariance(), [MinimumPosition(least_held / 2)]).require()
    assert np.array_equal(free.w, limited.w)


def test_positions_forced_small_are_explained_with_every_way_out():
    assumptions = from_deviations([0.1, 0.2, 0.4], np.eye(3))
    limits = [Group("crypto", ("b", "c"), 0.04, 0.06), Bounds(upper={"b": 0.03, "c": 0.03}), MinimumPosition(0.04)]
    found = optimise(assumptions, MinimumVariance(), limits)
    assert isinstance(found, Infeasible)
    assert found.explanation == (
        "No fully invested portfolio has every asset at least 4 % or none, crypto at least 4 %, b at most 3 % and "
        "c at most 3 %: lower the minimum position from 4 % to 3 %, or lower crypto to 0 %, or raise b to 4 %, "
        "or raise c to 4 %."
    )
    for loosening in found.loosenings:
        parts = [part for limit in limits for part in limit.parts(assumptions.assets)]
        others = [part for part in parts if part != loosening.limit]
        assert isinstance(optimise(assumptions, MinimumVariance(), [*others, loosening.loosened]), Solved)
    for part in found.conflict:
        assert isinstance(optimise(assumptions, MinimumVariance(), [p for p in found.conflict if p != part]), Solved)


def test_limits_that_conflict_without_the_minimum_are_named_without_it():
    assumptions = from_deviations([0.1, 0.2], np.eye(2))
    found = optimise(assumptions, MinimumVariance(), [Bounds(upper=0.4), MinimumPosition(0.1)])
    assert found.explanation == optimise(assumptions, MinimumVariance(), [Bounds(upper=0.4)]).explanation


def test_a_volatility_out_of_reach_of_large_positions_only():
    assumptions = from_deviations([0.1, 0.1], np.eye(2))
    limits = [VolatilityCap(0.08), MinimumPosition(0.6)]
    found = optimise(assumptions, MinimumVariance(), limits)
    # One asset alone has 10 %, and whoever holds both holds one of them with no more than a half.
    assert "lower the minimum position from 60 % to 50 %" in found.explanation


def test_an_asset_with_a_risk_budget_is_always_held():
    assumptions = from_deviations([0.1, 0.2, 0.8], np.eye(3))
    budgets = {"a": 0.49, "b": 0.5, "c": 0.01}
    assert risk_budget(assumptions, budgets).require().weights["c"] < 0.02
    assert risk_budget(assumptions, budgets, [MinimumPosition(0.05)]).require().weights["c"] == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: MinimumPosition(0), "must be above 0"),
        (lambda: MinimumPosition(2), "that is 200 %|must be above 0"),
        (lambda: MinimumPosition(5), "for 5 % write 0.05"),
        (lambda: MinimumPosition(0.02, "gold"), r"give a list, \['gold'\]"),
        (lambda: MinimumPosition(0.02, ("gold", "gold")), "name each once"),
    ],
)
def test_what_is_not_a_minimum_says_so(make, said):
    with pytest.raises(InputError, match=said):
        make()


def test_more_assets_than_the_search_is_made_for_are_refused_unless_some_are_named():
    assumptions = from_deviations(np.full(16, 0.2), np.eye(16))
    with pytest.raises(InputError, match="asked for 16 assets, and can be kept exactly for 15: name those"):
        optimise(assumptions, MinimumVariance(), [MinimumPosition(0.02)])
    # Two at 10 % and 14 at 80 / 14 % have a variance of 0.0657 of one's; 14 alone, of 0.0714.
    w = optimise(assumptions, MinimumVariance(), [MinimumPosition(0.1, ("a", "b"))]).require().w
    assert w == pytest.approx([0.1] * 2 + [0.8 / 14] * 14, abs=1e-9)


def test_an_unknown_asset_is_named():
    with pytest.raises(InputError, match="names 'gold', which is not an asset here"):
        optimise(random_market(1, size=3), MinimumVariance(), [MinimumPosition(0.02, ("gold",))])


@pytest.mark.parametrize(
    "limits", [[MinimumPosition(0.3)], [MinimumPosition(0.3, ("a",)), MinimumPosition(0.2, ("b",))]]
)
def test_what_cannot_keep_a_minimum_says_so(limits):
    assumptions = from_deviations([0.1, 0.2, 0.3], np.eye(3))
    with pytest.raises(InputError, match="which `optimise` makes for one portfolio at a time"):
        frontier(assumptions, limits)
