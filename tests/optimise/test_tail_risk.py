"""The least conditional value at risk, against its definition, another solver and plain reasoning."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from random_markets import market, random_market
from scipy.optimize import linprog

from planner import Assumptions, InputError, built_in_market
from planner.optimise import Bounds, Group, Infeasible, MinimumCVaR, Turnover, VolatilityCap, optimise


def with_scenarios(assumptions, scenarios):
    table = pd.DataFrame(scenarios, columns=list(assumptions.assets))
    return Assumptions(assumptions.mean, assumptions.covariance, assumptions.risk_free, scenarios=table)


def random_scenarios(seed, size=5, count=60):
    assumptions = random_market(seed, size=size)
    rng = np.random.default_rng(seed)
    drawn = rng.multivariate_normal(assumptions.mu / 12, assumptions.cov / 12, count)
    return with_scenarios(assumptions, np.maximum(drawn, -0.99))


def least_loss(assumptions, confidence, upper, floor=None):
    """The linear program of Rockafellar and Uryasev laid out once more, for scipy."""
    draws = np.asarray(assumptions.draws)
    count, size = draws.shape
    cost = np.r_[np.zeros(size), 1, np.full(count, 1 / ((1 - confidence) * count))]
    rows, most = np.c_[-draws, -np.ones(count), -np.eye(count)], np.zeros(count)
    if floor is not None:
        rows, most = np.vstack([rows, np.r_[-assumptions.mu, np.zeros(count + 1)]]), np.r_[most, -floor]
    sides = [(0, upper)] * size + [(None, None)] + [(0, None)] * count
    total = np.r_[np.ones(size), np.zeros(count + 1)][None]
    return linprog(cost, rows, most, total, [1.0], bounds=sides).fun


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("seed", range(5))
def test_no_other_solver_finds_a_smaller_loss(seed, confidence):
    assumptions = random_scenarios(seed)
    found = optimise(assumptions, MinimumCVaR(confidence), [Bounds(upper=0.5)]).require()
    assert found.cvar(confidence) == pytest.approx(least_loss(assumptions, confidence, 0.5), abs=1e-9)
    assert found.solver == "HiGHS"


def test_warm_answers_are_the_cold_ones():
    assumptions = random_scenarios(3)
    returns = np.linspace(assumptions.mu.min(), assumptions.mu.max() - 0.002, 12)
    for floor in np.random.default_rng(0).permutation(returns):
        found = optimise(assumptions, MinimumCVaR(0.9, float(floor)), [Bounds(upper=0.9)])
        if not isinstance(found, Infeasible):
            expected = least_loss(assumptions, 0.9, 0.9, float(floor))
            assert found.cvar(0.9) == pytest.approx(expected, abs=1e-9)
            assert found.expected_return >= floor - 1e-8


def test_the_worst_month_decides_where_there_is_only_one_in_the_tail():
    # Of 10 months the worst 10 % is one: losses 10 % in a, 2 % in b, in different months.
    scenarios = np.full((10, 2), 0.01)
    scenarios[0], scenarios[1] = (-0.10, 0.02), (0.02, -0.02)
    assumptions = with_scenarios(market([0.05, 0.05], np.diag([0.04, 0.01])), scenarios)
    found = optimise(assumptions, MinimumCVaR(0.9)).require()
    # The two losses are equal where 0.10 a - 0.02 b = -0.02 a + 0.02 b with a + b = 1.
    assert found.w == pytest.approx([0.25, 0.75], abs=1e-9)
    assert found.cvar(0.9) == pytest.approx(0.01, abs=1e-12)


def test_a_lower_confidence_and_no_tail_at_all_is_the_highest_mean():
    assumptions = random_scenarios(8, size=4)
    found = optimise(assumptions, MinimumCVaR(1e-9)).require()
    assert found.w.argmax() == assumptions.draws.mean(axis=0).argmax()
    assert found.w.max() == pytest.approx(1.0)


def test_it_keeps_every_kind_of_limit():
    assumptions = random_scenarios(4, size=4)
    now = dict.fromkeys(assumptions.assets, 0.25)
    volatility = float(np.sqrt(np.full(4, 0.25) @ assumptions.cov @ np.full(4, 0.25)))
    limits = [Group("ab", ("a", "b"), 0.3, 0.6), Turnover(now, 0.2), VolatilityCap(volatility)]
    found = optimise(assumptions, MinimumCVaR(0.95), limits).require()
    assert all(limit.room(assumptions, found.w) >= -1e-8 for limit in limits)


def test_the_order_of_assets_and_of_months_does_not_matter():
    assumptions = random_scenarios(5)
    found = optimise(assumptions, MinimumCVaR(0.9)).require()
    backwards = with_scenarios(assumptions.select(assumptions.assets[::-1]), assumptions.draws[::-1, ::-1])
    assert optimise(backwards, MinimumCVaR(0.9)).require().w[::-1] == pytest.approx(found.w, abs=1e-8)


def test_a_return_out_of_reach_is_explained():
    found = optimise(random_scenarios(6), MinimumCVaR(0.95, 0.9))
    assert isinstance(found, Infeasible)
    assert "lower the target from 90 %" in found.explanation


def test_the_built_in_history_serves_as_scenarios():
    assumptions = built_in_market().assumptions
    calm = optimise(assumptions, MinimumCVaR(0.95, 0.055)).require()
    bold = optimise(assumptions, MinimumCVaR(0.95, 0.065)).require()
    assert 0 < calm.cvar(0.95) < bold.cvar(0.95)


@pytest.mark.parametrize("confidence", [0, 1, 1.5, float("nan"), "high"])
def test_a_confidence_is_a_fraction(confidence):
    with pytest.raises(InputError, match="confidence"):
        MinimumCVaR(confidence)


def test_without_scenarios_it_says_what_is_missing():
    with pytest.raises(InputError, match="give them monthly returns"):
        optimise(random_market(1, size=3), MinimumCVaR(0.95))
