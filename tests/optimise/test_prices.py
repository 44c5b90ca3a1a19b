"""What a limit is said to cost is what loosening it really brings."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from random_markets import SEEDS, from_deviations, loss, market, random_limits, random_market

from planner import Assumptions, Price
from planner.optimise import (
    Bounds,
    Figure,
    Group,
    HighestReturn,
    MaximumDiversification,
    MaximumReturn,
    MaximumSharpe,
    MaximumUtility,
    MinimumCVaR,
    MinimumPosition,
    MinimumVariance,
    Ratio,
    RelativeBand,
    ReturnFloor,
    TargetReturn,
    TrackingError,
    TrackTargets,
    Turnover,
    VolatilityCap,
    optimise,
    risk_budget,
)

STEP = 1e-5
"""Of the finite differences: a solution is good to 1e-9, so that they are good to 1e-4."""

TWO = from_deviations([0.1, 0.2], np.eye(2), [0.04, 0.10])


def loosened(price: Price, objective, limits):
    """Objective and limits with a little more room where the price is asked."""
    looser = price.limit.loosened(STEP)
    if price.limit in objective.requirements():
        changed = looser.minimum if isinstance(looser, ReturnFloor) else looser.maximum
        name = "expected_return" if isinstance(looser, ReturnFloor) else "volatility"
        return replace(objective, **{name: changed}), limits
    return objective, [looser if limit == price.limit else limit for limit in limits]


def gains(assumptions, objective, limits):
    """For every limit that could be loosened: what it is said to bring, and what it does bring, per unit."""
    parts = [part for limit in limits for part in limit.parts(assumptions.assets)]
    found = optimise(assumptions, objective, parts).require()
    asked = [part for part in (*parts, *objective.requirements()) if not part.forbids_shorts_only()]
    for part in asked:
        aim, others = loosened(Price(part, Figure.VOLATILITY, 0.0), objective, parts)
        better = optimise(assumptions, aim, others).require()
        said = sum(price.per_unit for price in found.prices if price.limit == part)
        yield part, said, (loss_of(found) - loss_of(better)) / STEP


def loss_of(found):
    if isinstance(found.objective, MinimumCVaR):
        return found.cvar(found.objective.confidence)
    if isinstance(found.objective, TrackTargets):
        away = found.weights.subtract(pd.Series(found.objective.targets), fill_value=0.0)[
            list(found.assumptions.assets)
        ]
        return float(np.sqrt(away @ found.assumptions.cov @ away))
    if isinstance(found.objective, MaximumDiversification):
        return -float(found.assumptions.volatility @ found.w) / found.volatility
    return loss(found.assumptions, found.objective, found.w)


OBJECTIVES = [
    lambda market, inside: MinimumVariance(),
    lambda market, inside: MaximumUtility(3.0),
    lambda market, inside: TargetReturn(float(market.mu @ inside)),
    lambda market, inside: HighestReturn(),
    lambda market, inside: MaximumReturn(1.05 * float(np.sqrt(inside @ market.cov @ inside))),
    lambda market, inside: MaximumSharpe(),
    lambda market, inside: MaximumDiversification(),
    lambda market, inside: TrackTargets({market.assets[0]: 0.5, market.assets[-1]: 0.5}),
]


@pytest.mark.parametrize("objective", OBJECTIVES)
@settings(deadline=None, derandomize=True, max_examples=12)
@given(seed=SEEDS)
def test_a_price_is_the_finite_difference_of_the_figure(objective, seed):
    assumptions = random_market(seed, size=5)
    limits, inside = random_limits(assumptions, seed)
    objective = objective(assumptions, inside)
    if isinstance(objective, MaximumSharpe) and assumptions.mu @ inside <= assumptions.risk_free + 0.005:
        return
    for limit, said, brought in gains(assumptions, objective, limits):
        assert said == pytest.approx(brought, rel=5e-3, abs=1e-3), limit


def test_the_worst_months_have_their_price_too():
    rng = np.random.default_rng(5)
    base = random_market(5, size=4)
    draws = rng.multivariate_normal(base.mu / 12, base.cov / 12, 60)
    scenarios = type(base.covariance)(draws, columns=base.mean.index)
    assumptions = Assumptions(base.mean, base.covariance, 0.0, scenarios=scenarios)
    prices = list(gains(assumptions, MinimumCVaR(0.9, 0.04), [Bounds(upper=0.4), Group("g", ("a", "b"), lower=0.5)]))
    assert any(said > 0 for _, said, _ in prices)
    for _, said, brought in prices:
        assert said == pytest.approx(brought, rel=1e-3, abs=1e-4)


def test_a_ratio_inside_a_group_and_a_tracking_error_have_their_price():
    assumptions = random_market(5, size=4)
    limits = [
        Ratio("first", ("a",), "both", ("a", "b"), lower=0.6, upper=0.7),
        TrackingError({"a": 0.5, "c": 0.5}, 0.08),
        RelativeBand("third", ("c",), 0.3, 0.2),
    ]
    for objective in (MaximumUtility(1.0), MinimumVariance(), HighestReturn()):
        found = optimise(assumptions, objective, limits).require()
        assert found.prices
        for price in found.prices:
            place = next(place for place, limit in enumerate(limits) if type(limit) is type(price.limit))
            looser = [*limits]
            looser[place] = limits[place].loosened(STEP)
            brought = loss_of(found) - loss_of(optimise(assumptions, objective, looser).require())
            assert price.per_unit == pytest.approx(brought / STEP, rel=5e-3, abs=1e-3)
            assert price.sentence.endswith(".")


def test_where_a_limit_is_not_convex_no_price_is_named():
    limits = [MinimumPosition(0.2), Bounds(upper={"b": 0.3})]
    assert optimise(TWO, MaximumUtility(3), limits).require().prices == ()


def test_the_slope_of_the_frontier_is_the_price_of_the_target():
    # Half the variance of two independent assets: (0.01 (1 - w)^2 + 0.04 w^2) / 2, return 0.04 + 0.06 w.
    found = optimise(TWO, TargetReturn(0.07)).require()
    (price,) = found.prices
    slope = (0.04 * 0.5 - 0.01 * 0.5) / 0.06 / np.sqrt(0.0125)
    assert price.per_unit == pytest.approx(slope, rel=1e-4)
    assert price.sentence == "One point less of target return would lower the volatility by about 2.24 points."


def test_a_price_is_said_in_the_figure_of_the_objective():
    def said(objective, limit):
        (price, *_) = optimise(TWO, objective, [limit]).require().prices
        return price.sentence

    crypto = Group("crypto", ("b",), upper=0.1)
    assert said(MaximumUtility(3), crypto) == (
        "One more point of crypto allowed would add about 0.07 % return a year at the same risk."
    )
    assert (
        said(HighestReturn(), crypto)
        == "One more point of crypto allowed would add about 0.06 % expected return a year."
    )
    assert said(MaximumReturn(0.5), Bounds(upper={"b": 0.1})) == (
        "One more point of b allowed would add about 0.06 % expected return a year."
    )
    assert said(MinimumVariance(), Group("bonds", ("a",), upper=0.7)) == (
        "One more point of bonds allowed would lower the volatility by about 0.05 points."
    )
    assert said(MinimumVariance(), Group("bonds", ("b",), lower=0.3)) == (
        "One point less of bonds required would lower the volatility by about 0.05 points."
    )
    assert said(MinimumVariance(), Bounds(upper=0.7)) == (
        "One more point of each asset allowed would lower the volatility by about 0.05 points."
    )
    assert said(MinimumVariance(), ReturnFloor(0.07)) == (
        "One point less of target return would lower the volatility by about 2.24 points."
    )
    assert said(HighestReturn(), VolatilityCap(0.15)) == (
        "One more point of volatility allowed would add about 0.33 % expected return a year."
    )
    assert said(HighestReturn(), Turnover({"a": 1.0}, 0.2)) == (
        "One more point of turnover allowed would add about 0.06 % expected return a year."
    )
    assert said(MaximumSharpe(), crypto).startswith("One more point of crypto allowed would raise the Sharpe ratio by")
    assert said(MaximumUtility(3), Group("crypto", ("b",), upper=0.595)).endswith(
        "would add less than 0.01 % return a year at the same risk."
    )


def test_a_limit_that_is_touched_and_costs_nothing_has_no_price():
    free = optimise(TWO, MinimumVariance()).require()
    touched = optimise(TWO, MinimumVariance(), [Group("bonds", ("a",), upper=float(free.w[0]))]).require()
    assert touched.binding
    assert touched.prices == ()
    assert free.prices == ()
    assert "What they cost" not in touched._repr_html_()


def test_where_two_limits_say_the_same_neither_alone_brings_anything():
    same = [Group("crypto", ("b",), upper=0.1), Bounds(upper={"b": 0.1}), Group("bonds", ("a",), lower=0.9)]
    for objective in (MaximumUtility(3), HighestReturn(), MaximumReturn(0.5), MaximumSharpe()):
        found = optimise(TWO, objective, same).require()
        assert len(found.binding) == 3
        assert found.prices == ()
        assert len(optimise(TWO, objective, same[:1]).require().prices) == 1


def test_of_a_fixed_weight_only_the_side_that_is_in_the_way_costs():
    for limits in ([Group("crypto", ("b",), 0.1, 0.1)], [Bounds({"b": 0.1}, {"b": 0.1})]):
        (price,) = optimise(TWO, MaximumUtility(3), limits).require().prices
        assert price.sentence.startswith("One more point of ")
        assert price.per_unit == pytest.approx(0.06 - 3 * (0.04 * 0.1 - 0.01 * 0.9), rel=1e-4)


def test_long_only_is_never_priced_and_neither_is_a_division_of_risk():
    assumptions = market([0.01, 0.09], np.diag([0.01, 0.04]))
    assert optimise(assumptions, HighestReturn()).require().prices == ()
    assert optimise(assumptions, HighestReturn(), [Bounds(lower=0.0)]).require().prices == ()
    assert risk_budget(assumptions, {"a": 0.5, "b": 0.5}, [Bounds(upper={"a": 0.4})]).require().prices == ()


def test_an_asset_without_variance_alone_has_no_volatility_to_lower():
    assumptions = from_deviations([0.0, 0.2], np.eye(2), [0.02, 0.08])
    assert optimise(assumptions, MinimumVariance(), [Bounds(upper={"b": 0.0})]).require().prices == ()


def test_the_page_lists_prices_beside_the_limits_reached_and_both_survive_a_pickle():
    found = optimise(TWO, MaximumUtility(3), [Group("<b>", ("b",), upper=0.1)]).require()
    page = found._repr_html_()
    assert (
        page.index("Limits reached") < page.index("What they cost") < page.index("One more point of &lt;b&gt; allowed")
    )
    assert pickle.loads(pickle.dumps(found)).prices == found.prices
