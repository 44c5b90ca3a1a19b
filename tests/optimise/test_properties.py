"""What holds for every market, every objective and every set of limits, on markets drawn at random."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_markets import SEEDS, least_room, loss, market, random_limits, random_market, solved_afresh

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
    Solved,
    TargetReturn,
    Turnover,
    VolatilityCap,
    optimise,
)

HARD = settings(deadline=None, derandomize=True, max_examples=25)
KINDS = st.sampled_from(["variance", "utility", "target", "highest", "return", "sharpe"])


def stated(kind, assumptions, inside, seed):
    """An objective of this kind that the portfolio ``inside`` can serve."""
    rng = np.random.default_rng(seed + 1)
    match kind:
        case "utility":
            return MaximumUtility(float(10 ** rng.uniform(-0.5, 1.5)))
        case "target":
            return TargetReturn(float(assumptions.mu @ inside))
        case "return":
            return MaximumReturn(float(np.sqrt(inside @ assumptions.cov @ inside) * rng.uniform(1.01, 1.5)))
    return {"variance": MinimumVariance(), "highest": HighestReturn(), "sharpe": MaximumSharpe()}[kind]


@HARD
@given(seed=SEEDS, kind=KINDS)
def test_a_solution_is_inside_every_limit_clean_and_as_good_as_another_solvers(seed, kind):
    assumptions = random_market(seed)
    limits, inside = random_limits(assumptions, seed)
    objective = stated(kind, assumptions, inside, seed)
    found = optimise(assumptions, objective, limits)
    reference = solved_afresh(assumptions, objective, limits)
    if reference is None:
        assert kind == "sharpe"
        assert isinstance(found, Infeasible)
        return
    w = found.require().w
    assert least_room(assumptions, w, [*limits, *objective.requirements()]) >= -1e-8
    assert abs(found.weights.sum() - 1) < 1e-12
    assert not ((w < 0) & (w > -1e-9)).any()
    reached, expected = (loss(assumptions, objective, each) for each in (w, reference))
    assert reached == pytest.approx(expected, rel=1e-6, abs=1e-7)
    assert reached <= expected + 1e-8 * max(1.0, abs(expected))


@HARD
@given(seed=SEEDS, kind=KINDS)
def test_no_random_portfolio_inside_the_limits_is_better(seed, kind):
    assumptions = random_market(seed)
    limits, inside = random_limits(assumptions, seed)
    objective = stated(kind, assumptions, inside, seed)
    found = optimise(assumptions, objective, limits)
    if isinstance(found, Infeasible):
        assert kind == "sharpe"
        assert assumptions.mu @ inside <= assumptions.risk_free + 1e-6
        return
    best = loss(assumptions, objective, found.require().w)
    all_limits = [*limits, *objective.requirements()]
    rng = np.random.default_rng(seed)
    tried = 0
    for _ in range(200):
        towards = rng.dirichlet(np.full(len(inside), 0.5)) - inside
        other = inside + rng.uniform() * rng.choice([0.01, 0.1, 1]) * towards
        if least_room(assumptions, other, all_limits) >= 0:
            tried += 1
            assert loss(assumptions, objective, other) >= best - 1e-9 * abs(best)
            mixed = (other + found.w) / 2
            assert loss(assumptions, objective, mixed) >= best - 1e-9 * abs(best)
    assert tried or kind == "target"


@HARD
@given(seed=SEEDS, scale=st.sampled_from([1e-8, 1e-4, 0.5, 10.0]))
def test_scaling_the_covariance_scales_the_volatility_only(seed, scale):
    assumptions = random_market(seed)
    scaled = market(assumptions.mu, assumptions.cov * scale, assumptions.risk_free)
    limits, _ = random_limits(assumptions, seed)
    moved = [
        VolatilityCap(limit.maximum * scale**0.5) if isinstance(limit, VolatilityCap) else limit for limit in limits
    ]
    before = optimise(assumptions, MinimumVariance(), limits).require()
    after = optimise(scaled, MinimumVariance(), moved).require()
    assert after.w == pytest.approx(before.w, abs=1e-6)
    assert after.volatility == pytest.approx(before.volatility * scale**0.5, rel=1e-9)


@HARD
@given(seed=SEEDS, scale=st.sampled_from([1e-4, 0.1, 3.0]))
def test_scaling_mean_and_covariance_alike_leaves_utility_and_sharpe_portfolios_where_they_are(seed, scale):
    assumptions = random_market(seed)
    limits = [limit for limit in random_limits(assumptions, seed)[0] if not isinstance(limit, VolatilityCap)]
    scaled = market(assumptions.mu * scale, assumptions.cov * scale, assumptions.risk_free * scale)
    for objective in (MaximumUtility(4.0), MaximumSharpe()):
        before, after = (optimise(each, objective, limits) for each in (assumptions, scaled))
        assert type(before) is type(after)
        if isinstance(before, Solved):
            assert loss(assumptions, objective, after.w) == pytest.approx(
                loss(assumptions, objective, before.w), rel=1e-7, abs=1e-9
            )


@HARD
@given(seed=SEEDS, kind=KINDS)
def test_the_order_of_the_assets_and_of_the_limits_does_not_matter(seed, kind):
    assumptions = random_market(seed)
    limits, inside = random_limits(assumptions, seed)
    objective = stated(kind, assumptions, inside, seed)
    shuffled = assumptions.select(np.random.default_rng(seed).permutation(assumptions.assets).tolist())
    before, after = optimise(assumptions, objective, limits), optimise(shuffled, objective, limits[::-1])
    assert type(before) is type(after)
    if isinstance(before, Solved):
        w = after.weights[list(assumptions.assets)].to_numpy()
        assert w == pytest.approx(before.w, abs=2e-5)
        assert loss(assumptions, objective, w) == pytest.approx(loss(assumptions, objective, before.w), rel=1e-8)


@HARD
@given(seed=SEEDS, kind=KINDS)
def test_one_more_limit_never_makes_the_best_better(seed, kind):
    assumptions = random_market(seed)
    limits, inside = random_limits(assumptions, seed)
    objective = stated(kind, assumptions, inside, seed)
    values = []
    # Bounds come first in the list; one of them may allow short positions, so that it is there from the start.
    bounds = sum(isinstance(limit, Bounds) for limit in limits)
    for count in range(bounds, len(limits) + 1):
        found = optimise(assumptions, objective, limits[:count])
        assert not isinstance(found, Failed)
        values.append(loss(assumptions, objective, found.w) if isinstance(found, Solved) else np.inf)
    assert all(after >= before - 1e-8 * max(1.0, abs(after)) for before, after in pairwise(values) if after < np.inf)
    assert values == sorted(values, key=np.isinf)


@HARD
@given(seed=SEEDS, share=st.floats(0.05, 0.95))
def test_the_highest_return_at_a_volatility_and_the_least_volatility_at_that_return_are_one_portfolio(seed, share):
    assumptions = random_market(seed)
    limits = [limit for limit in random_limits(assumptions, seed)[0] if not isinstance(limit, VolatilityCap)]
    calm = optimise(assumptions, MinimumVariance(), limits).require()
    bold = optimise(assumptions, HighestReturn(), limits).require()
    target = calm.expected_return + share * (bold.expected_return - calm.expected_return)
    by_return = optimise(assumptions, TargetReturn(target), limits).require()
    by_volatility = optimise(assumptions, MaximumReturn(by_return.volatility + 1e-12), limits).require()
    assert by_volatility.expected_return == pytest.approx(by_return.expected_return, abs=1e-6)
    if share < 0.9 and bold.expected_return > calm.expected_return + 1e-3:
        assert by_volatility.w == pytest.approx(by_return.w, abs=2e-4)


@HARD
@given(seed=SEEDS, maximum=st.sampled_from([0.0, 0.03, 0.2, 1.0]))
def test_a_turnover_limit_gives_the_best_portfolio_that_its_trades_can_reach(seed, maximum):
    assumptions = random_market(seed, size=2)
    now = float(np.random.default_rng(seed).uniform())
    objective = MaximumUtility(3.0)
    found = optimise(assumptions, objective, [Turnover({"a": now, "b": 1 - now}, maximum)]).require()
    reachable = np.clip(np.linspace(now - maximum, now + maximum, 2001), 0, 1)
    brute = min(loss(assumptions, objective, np.array([held, 1 - held])) for held in reachable)
    assert abs(found.w[0] - now) <= maximum + 1e-8
    assert loss(assumptions, objective, found.w) <= brute + 1e-10


@HARD
@given(seed=SEEDS)
def test_overlapping_groups_hold_together(seed):
    assumptions = random_market(seed, size=4)
    limits = [
        Group("first", ("a", "b"), 0.3, 0.6),
        Group("second", ("b", "c"), 0.5, 0.55),
        Group("all but d", ("a", "b", "c"), upper=0.7),
        Bounds(upper=0.45),
    ]
    found = optimise(assumptions, MinimumVariance(), limits).require()
    assert least_room(assumptions, found.w, limits) >= -1e-8
    reference = solved_afresh(assumptions, MinimumVariance(), limits)
    expected = loss(assumptions, MinimumVariance(), reference)
    assert found.volatility == pytest.approx(expected, rel=1e-6)
    assert found.volatility <= expected * (1 + 1e-9)
