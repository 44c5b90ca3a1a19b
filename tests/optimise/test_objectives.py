"""Diversification, tracking and trading costs: by hand, by their known properties, and against another solver."""

from __future__ import annotations

import math
import re

import cvxpy as cp
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_markets import (
    SEEDS,
    from_deviations,
    least_room,
    market,
    random_limits,
    random_market,
)
from scipy.optimize import minimize

from planner import Assumptions, InputError
from planner.optimise import (
    Bounds,
    Group,
    HighestReturn,
    Infeasible,
    MaximumDiversification,
    MaximumReturn,
    MaximumSharpe,
    MaximumUtility,
    MinimumVariance,
    Solved,
    TrackTargets,
    TradingCosts,
    Turnover,
    VolatilityCap,
    optimise,
)

HARD = settings(deadline=None, derandomize=True, max_examples=25)
TWO = from_deviations([0.1, 0.2], [[1, 0.3], [0.3, 1]], [0.04, 0.09])


def diversification(assumptions, w) -> float:
    return float(np.sqrt(np.diag(assumptions.cov)) @ w) / math.sqrt(w @ assumptions.cov @ w)


def by_slsqp(assumptions, limits, start, cost, slope):
    """The least cost that another solver finds inside bounds, groups and a volatility cap, from a portfolio inside."""
    at = {asset: place for place, asset in enumerate(assumptions.assets)}
    low, high = np.zeros(len(at)), np.full(len(at), np.inf)
    rows, edges, curved = [], [], []
    for limit in limits:
        if isinstance(limit, Bounds):
            for asset, bound in (limit.lower or {}).items():
                low[at[asset]] = bound
            for asset, bound in (limit.upper or {}).items():
                high[at[asset]] = bound
        elif isinstance(limit, Group):
            held = np.isin(assumptions.assets, limit.members).astype(float)
            rows += [held, -held]
            edges += [limit.lower, -limit.upper]
        else:
            most = limit.maximum
            curved.append(
                {
                    "type": "ineq",
                    "fun": lambda w, most=most: 1 - w @ assumptions.cov @ w / most**2,
                    "jac": lambda w, most=most: -2 * assumptions.cov @ w / most**2,
                }
            )
    matrix, edges = np.array(rows), np.array(edges)
    straight = [{"type": "eq", "fun": lambda w: w.sum() - 1, "jac": np.ones_like}]
    if len(matrix):
        straight.append({"type": "ineq", "fun": lambda w: matrix @ w - edges, "jac": lambda w: matrix})
    found = minimize(
        cost,
        start,
        jac=slope,
        method="SLSQP",
        bounds=list(zip(low, high, strict=True)),
        constraints=straight + curved,
        options={"maxiter": 500, "ftol": 1e-14},
    )
    return found.x


def without_turnover(limits):
    return [limit for limit in limits if not isinstance(limit, Turnover)]


@pytest.mark.parametrize("correlation", [-0.9, 0.0, 0.6, 0.99])
def test_two_assets_are_most_diversified_in_inverse_proportion_to_their_volatilities(correlation):
    assumptions = from_deviations([0.1, 0.3], [[1, correlation], [correlation, 1]])
    assert optimise(assumptions, MaximumDiversification()).require().w == pytest.approx([0.75, 0.25], abs=1e-9)


def test_at_one_correlation_the_published_equal_risk_contributions_are_the_most_diversified_portfolio(vectors):
    expected = vectors["maillard-erc-4"]["solutions"][0]
    for correlation in (0.0, 0.4):
        matrix = np.full((4, 4), correlation) + (1 - correlation) * np.eye(4)
        found = optimise(from_deviations([0.1, 0.2, 0.3, 0.4], matrix), MaximumDiversification()).require()
        assert found.w == pytest.approx(expected["weights"], abs=1e-8)


def test_held_long_the_most_diversified_portfolio_is_the_row_sum_of_the_inverse_correlation_over_volatility():
    correlation = np.array([[1, 0.2, 0.1], [0.2, 1, -0.3], [0.1, -0.3, 1]])
    deviations = np.array([0.05, 0.2, 0.4])
    expected = np.linalg.solve(correlation, np.ones(3)) / deviations
    assert expected.min() > 0
    found = optimise(from_deviations(deviations, correlation), MaximumDiversification()).require()
    assert found.w == pytest.approx(expected / expected.sum(), abs=1e-9)


def test_the_stocks_of_the_critical_line_paper_have_one_correlation_with_their_most_diversified_portfolio(vectors):
    # Choueifaty, Froidure & Reynier (2013), Properties of the Most Diversified Portfolio, section 3.2: what is held is
    # correlated alike with the portfolio, and what is not held more.
    entry = vectors["cla-10"]
    assumptions = market(entry["mean"], entry["covariance"], unit=0.1)
    for names in (assumptions.assets, assumptions.assets[:5]):
        chosen = assumptions.select(names)
        found = optimise(chosen, MaximumDiversification()).require()
        ratio = diversification(chosen, found.w)
        correlations = chosen.cov @ found.w / np.sqrt(np.diag(chosen.cov)) / found.volatility
        assert correlations[found.w > 0] == pytest.approx(1 / ratio, abs=1e-8)
        assert correlations.min() > 1 / ratio - 1e-8


@HARD
@given(seed=SEEDS)
def test_what_is_not_held_is_more_correlated_with_the_most_diversified_portfolio_than_what_is(seed):
    assumptions = random_market(seed)
    w = optimise(assumptions, MaximumDiversification()).require().w
    correlations = assumptions.cov @ w / np.sqrt(np.diag(assumptions.cov)) / math.sqrt(w @ assumptions.cov @ w)
    level = 1 / diversification(assumptions, w)
    assert correlations[w > 1e-6] == pytest.approx(level, abs=1e-6)
    assert correlations.min() > level - 1e-6


@HARD
@given(seed=SEEDS)
def test_diversification_is_the_sharpe_ratio_with_volatilities_for_excess_returns(seed):
    assumptions = random_market(seed)
    limits, _ = random_limits(assumptions, seed)
    alike = market(0.02 + np.sqrt(np.diag(assumptions.cov)) / 3, assumptions.cov, 0.02)
    found = optimise(assumptions, MaximumDiversification(), limits).require()
    assert found.w == pytest.approx(optimise(alike, MaximumSharpe(), limits).require().w, abs=2e-6)
    assert least_room(assumptions, found.w, limits) >= -1e-8


@HARD
@given(seed=SEEDS)
def test_no_other_solver_diversifies_more(seed):
    assumptions = random_market(seed)
    limits, inside = random_limits(assumptions, seed)
    limits = without_turnover(limits)
    deviations = np.sqrt(np.diag(assumptions.cov))

    def slope(w):
        ratio, variance = diversification(assumptions, w), w @ assumptions.cov @ w
        return ratio * assumptions.cov @ w / variance - deviations / math.sqrt(variance)

    w = optimise(assumptions, MaximumDiversification(), limits).require().w
    other = by_slsqp(assumptions, limits, inside, lambda w: -diversification(assumptions, w), slope)
    assert least_room(assumptions, w, limits) >= -1e-8
    if least_room(assumptions, other, limits) > -1e-9:
        assert diversification(assumptions, w) >= diversification(assumptions, other) * (1 - 1e-8)
    for step in (1e-3, 0.1, 1):
        towards = (1 - step) * w + step * inside
        assert diversification(assumptions, w) >= diversification(assumptions, towards) * (1 - 1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_diversification_does_not_depend_on_twins_on_leverage_or_on_funds_of_the_same_assets(seed):
    # Choueifaty, Froidure & Reynier (2013), section 3.3: duplication, leverage and polico invariance.
    assumptions = random_market(seed, size=4)
    w = optimise(assumptions, MaximumDiversification()).require().w

    def mapped(matrix):
        """Weights in the assets that the rows of the matrix are made of."""
        made = market(matrix @ assumptions.mu, matrix @ assumptions.cov @ matrix.T)
        return optimise(made, MaximumDiversification()).require().w @ matrix

    twin = np.vstack([np.eye(4), np.eye(4)[1]])
    fund = np.vstack([np.eye(4), [0.4, 0.3, 0.2, 0.1]])
    leverage = np.diag([1, 1, 0.5, 3])
    assert mapped(twin) == pytest.approx(w, abs=1e-6)
    assert mapped(fund) == pytest.approx(w, abs=1e-6)
    levered = mapped(leverage)
    assert levered / levered.sum() == pytest.approx(w, abs=1e-8)


@pytest.fixture
def with_cash() -> Assumptions:
    """Three funds and cash, d, which has no volatility and earns the risk-free rate."""
    covariance = np.zeros((4, 4))
    covariance[:3, :3] = random_market(5, size=3).cov
    return market([0.06, 0.07, 0.09, 0.02], covariance, 0.02)


@pytest.mark.parametrize("objective", [MaximumDiversification(), MaximumSharpe()])
def test_what_moves_neither_side_of_a_ratio_is_held_only_as_far_as_limits_ask(with_cash, objective):
    alone = optimise(with_cash.select(["a", "b", "c"]), objective).require().w
    for least in (0.0, 0.3, 0.0, 0.6, 0.0):  # each after another: what was solved before must not matter
        found = optimise(with_cash, objective, [Bounds(lower={"d": least}, upper={"a": 0.99})]).require()
        assert found.w == pytest.approx([*(1 - least) * alone, least], abs=2e-5)
    capped = optimise(with_cash, objective, [VolatilityCap(0.01)]).require()
    assert capped.volatility == pytest.approx(0.01, rel=1e-3)
    assert capped.w[:3] / capped.w[:3].sum() == pytest.approx(alone, abs=1e-5)


def test_without_any_volatility_there_is_nothing_to_diversify(with_cash):
    calm = market([0.02, 0.03], np.zeros((2, 2)))
    assert optimise(calm, MaximumDiversification()).explanation == (
        "No fully invested portfolio has an asset with volatility. That lies in the assumptions, not in a limit: "
        "choose another objective."
    )
    found = optimise(with_cash, MaximumDiversification(), [Group("funds", ("a", "b", "c"), upper=0.0)])
    assert isinstance(found, Infeasible)
    assert {limit.sentence() for limit in found.conflict} == {"funds at most 0 %", "an asset with volatility"}
    (way,) = found.loosenings
    assert optimise(with_cash, MaximumDiversification(), [way.loosened]).require().w[3] == pytest.approx(1 - way.by)


TARGETS = {"a": 0.5, "b": 0.3, "c": 0.2}


@pytest.mark.parametrize("rank", [1, 2, None])
@pytest.mark.parametrize("seed", range(3))
def test_targets_that_the_limits_allow_are_the_answer_even_where_others_track_as_well(seed, rank):
    assumptions = random_market(seed, size=5, rank=rank)
    limits = [Bounds(upper=0.5), Group("ab", ("a", "b"), upper=0.8)]
    elsewhere = {"c": 0.4, "d": 0.2, "e": 0.4}
    for targets in (TARGETS, elsewhere, pd.Series(TARGETS), {"e": 0.5, "d": 0.5}):
        found = optimise(assumptions, TrackTargets(targets), limits).require()
        expected = [targets.get(asset, 0.0) for asset in assumptions.assets]
        assert found.w == pytest.approx(expected, abs=2e-5 if rank else 1e-7)


def test_what_a_cap_takes_from_a_target_goes_to_the_others_in_inverse_proportion_to_their_variances():
    assumptions = from_deviations([0.3, 0.1, 0.2], np.eye(3))
    found = optimise(assumptions, TrackTargets(TARGETS), [Bounds(upper={"a": 0.4})]).require()
    assert found.w == pytest.approx([0.4, 0.38, 0.22], abs=1e-8)


def test_tracking_nothing_but_cash_is_the_least_volatility():
    covariance = np.zeros((4, 4))
    covariance[:3, :3] = random_market(3, size=3).cov
    assumptions = market(np.zeros(4), covariance)
    limits = [Bounds(upper={"d": 0.3})]
    tracked = optimise(assumptions, TrackTargets({"d": 1.0}), limits).require()
    assert tracked.w == pytest.approx(optimise(assumptions, MinimumVariance(), limits).require().w, abs=1e-7)


@HARD
@given(seed=SEEDS)
def test_no_other_solver_tracks_better(seed):
    assumptions = random_market(seed)
    limits, inside = random_limits(assumptions, seed)
    limits = without_turnover(limits)
    targets = np.random.default_rng(seed).dirichlet(np.ones(len(inside)))
    unit = float(np.trace(assumptions.cov))

    def squared(w):
        return (w - targets) @ assumptions.cov @ (w - targets) / unit

    objective = TrackTargets(dict(zip(assumptions.assets, (targets / targets.sum()).tolist(), strict=True)))
    w = optimise(assumptions, objective, limits).require().w
    assert least_room(assumptions, w, limits) >= -1e-8
    other = by_slsqp(assumptions, limits, inside, squared, lambda w: 2 * assumptions.cov @ (w - targets) / unit)
    if least_room(assumptions, other, limits) > -1e-9:
        assert math.sqrt(squared(w)) <= math.sqrt(squared(other)) + 1e-7


def no_trade(risk_aversion, costs):
    """The share of b at which trading from either side stops, by hand: marginal gain equal to the cost of a switch."""
    spread = float(TWO.cov[0, 0] + TWO.cov[1, 1] - 2 * TWO.cov[0, 1])
    switch = costs / (risk_aversion * spread)
    best = (TWO.mu[1] - TWO.mu[0]) / (risk_aversion * spread) + (TWO.cov[0, 0] - TWO.cov[0, 1]) / spread
    return best - switch, best + switch


@pytest.mark.parametrize(
    ("rates", "years", "switch"),
    [(0.005, 1.0, 0.01), ({"a": 0.004, "b": 0.002}, 1.0, 0.006), ({"b": 0.01}, 1.0, 0.01), (0.01, 4.0, 0.005)],
)
def test_a_portfolio_is_moved_only_to_the_edge_of_the_region_in_which_no_trade_pays(rates, years, switch):
    low, high = no_trade(4.0, switch)
    assert 0.1 < low < high < 0.9
    for share in np.linspace(0, 1, 21):
        now = {"a": 1 - share, "b": share}
        found = optimise(TWO, MaximumUtility(4.0, costs=TradingCosts(rates, now, years))).require()
        assert found.w[1] == pytest.approx(min(max(share, low), high), abs=1e-9)


def test_trades_that_cost_nothing_are_those_without_costs():
    assumptions = random_market(4, size=6)
    now = dict.fromkeys(assumptions.assets, 1 / 6)
    for rates in (0.0, {}, {"a": 0.0}):
        found = optimise(assumptions, MaximumUtility(3.0, costs=TradingCosts(rates, now))).require()
        assert found.w == pytest.approx(optimise(assumptions, MaximumUtility(3.0)).require().w, abs=1e-8)


def test_trades_that_cost_too_much_do_not_happen_unless_a_limit_asks_for_them():
    assumptions = random_market(4, size=6)
    now = dict(zip(assumptions.assets, [0.3, 0.1, 0.2, 0.2, 0.15, 0.05], strict=True))
    costs = TradingCosts(0.9, now)
    for objective in (MaximumUtility(3.0, costs=costs), HighestReturn(costs=costs), MaximumReturn(0.9, costs=costs)):
        assert optimise(assumptions, objective).require().by_asset == pytest.approx(now, abs=1e-8)
        pushed = optimise(assumptions, objective, [Bounds(upper={"a": 0.2})]).require()
        assert pushed.w[0] == pytest.approx(0.2, abs=1e-8)
        assert costs.cost_of(pushed.weights) == pytest.approx(0.9 * 0.2, abs=1e-7)


def test_the_highest_return_moves_where_the_gain_of_a_year_is_above_the_cost_of_both_trades():
    now = {"a": 1.0}
    for rate, share in ((0.0249, 1.0), (0.0251, 0.0)):  # b returns 5 points more, and a switch costs twice the rate
        found = optimise(TWO, HighestReturn(costs=TradingCosts(rate, now))).require()
        assert found.w[1] == pytest.approx(share, abs=1e-9)
    kept = TradingCosts(0.0251, now, years=2)
    assert optimise(TWO, HighestReturn(costs=kept)).require().w[1] == pytest.approx(1.0, abs=1e-9)


def test_the_cost_of_a_change_counts_purchases_and_sales_and_assets_left_out_as_none():
    costs = TradingCosts({"a": 0.01, "b": 0.02}, {"a": 0.5, "c": 0.5}, years=3)
    assert costs.cost_of({"a": 0.2, "b": 0.8}) == pytest.approx(0.3 * 0.01 + 0.8 * 0.02)
    assert costs.cost_of(pd.Series({"b": 0.5, "c": 0.5})) == pytest.approx(0.5 * 0.01 + 0.5 * 0.02)
    assert TradingCosts(0.002, {"a": 1.0}).cost_of({"a": 0.75, "b": 0.25}) == pytest.approx(0.001)
    assert costs.cost_of({"a": 0.5, "c": 0.5}) == 0


@HARD
@given(seed=SEEDS, rate=st.floats(1e-4, 0.05), turnover=st.booleans(), cap=st.booleans())
def test_utility_less_costs_is_as_high_as_in_a_problem_written_afresh(seed, rate, turnover, cap):
    assumptions = random_market(seed)
    rng = np.random.default_rng(seed)
    size, risk_aversion = len(assumptions.assets), float(rng.uniform(1, 8))
    now = rng.dirichlet(np.ones(size))
    now /= now.sum()
    rates = rate * rng.uniform(0, 1, size)
    limits = []
    w = cp.Variable(size)
    rows = [cp.sum(w) == 1, w >= 0]
    if turnover:
        limits.append(Turnover(dict(zip(assumptions.assets, now.tolist(), strict=True)), 0.1))
        rows.append(cp.norm1(w - now) <= 0.2)
    factor = np.linalg.cholesky(assumptions.cov + 1e-16 * np.eye(size)).T
    if cap:
        most = math.sqrt(now @ assumptions.cov @ now) * 1.02
        limits.append(VolatilityCap(most))
        rows.append(cp.norm2(factor @ w) <= most)
    utility = assumptions.mu @ w - risk_aversion / 2 * cp.sum_squares(factor @ w) - rates @ cp.abs(w - now) / 2.5
    afresh = cp.Problem(cp.Maximize(utility), rows)
    afresh.solve(solver=cp.CLARABEL, tol_gap_abs=1e-11, tol_gap_rel=1e-11, tol_feas=1e-10)
    costs = TradingCosts(
        *(dict(zip(assumptions.assets, numbers.tolist(), strict=True)) for numbers in (rates, now)), years=2.5
    )
    found = optimise(assumptions, MaximumUtility(risk_aversion, costs=costs), limits).require()
    reached = (
        found.expected_return - risk_aversion / 2 * found.volatility**2 - costs.cost_of(found.weights) / costs.years
    )
    assert reached == pytest.approx(afresh.value, abs=1e-8)
    assert least_room(assumptions, found.w, limits) >= -1e-8


@HARD
@given(seed=SEEDS)
def test_a_higher_cost_never_means_more_trades(seed):
    assumptions = random_market(seed)
    now = dict.fromkeys(assumptions.assets, 1 / len(assumptions.assets))
    traded = []
    for rate in (0.0, 0.001, 0.01, 0.1):
        w = optimise(assumptions, MaximumUtility(3.0, costs=TradingCosts(rate, now))).require().weights
        traded.append(TradingCosts(0.5, now).cost_of(w))
    assert traded == pytest.approx(sorted(traded, reverse=True), abs=1e-7)


NEW = [
    MaximumDiversification(),
    TrackTargets({"a": 0.4, "b": 0.6}),
    MaximumUtility(3.0, costs=TradingCosts(0.004, {"a": 0.4, "b": 0.6})),
    HighestReturn(costs=TradingCosts({"a": 0.01}, {"a": 0.4, "b": 0.6})),
    MaximumReturn(0.5, costs=TradingCosts({"a": 0.01}, {"a": 0.4, "b": 0.6})),
]


@pytest.mark.parametrize("objective", NEW)
@pytest.mark.parametrize("seed", range(4))
def test_neither_the_order_of_the_assets_nor_the_unit_of_risk_matters(objective, seed):
    assumptions = random_market(seed, size=6)
    limits = [Group("some", ("a", "c", "d"), 0.2, 0.6), Bounds(upper=0.45)]
    w = optimise(assumptions, objective, limits).require().weights
    shuffled = assumptions.select(np.random.default_rng(seed).permutation(assumptions.assets).tolist())
    assert optimise(shuffled, objective, limits).require().weights[w.index].to_numpy() == pytest.approx(
        w.to_numpy(), abs=2e-6
    )
    if isinstance(objective, (MaximumDiversification, TrackTargets)):
        for scale in (1e-8, 1e-3, 10.0):
            scaled = market(assumptions.mu, assumptions.cov * scale)
            assert optimise(scaled, objective, limits).require().w == pytest.approx(w.to_numpy(), abs=1e-7)


@pytest.mark.parametrize("objective", NEW)
def test_one_program_serves_every_market_and_number(objective, monkeypatch):
    first, second = random_market(1, size=5), random_market(2, size=5)
    optimise(first, objective, [Group("ab", ("a", "b"), upper=0.7)]).require()
    made, original = [], cp.Problem.__init__

    def counted(self, *arguments, **named):
        made.append(self)
        original(self, *arguments, **named)

    monkeypatch.setattr(cp.Problem, "__init__", counted)
    limits = [Group("ab", ("a", "b"), upper=0.6)]
    warm = optimise(first, objective, limits).require()
    if not isinstance(objective, MaximumReturn):  # whose cone holds the covariance
        optimise(second, objective, limits).require()
    assert not made
    cold = market(first.mu, first.cov, first.risk_free)
    assert warm.w == pytest.approx(optimise(cold, objective, limits).require().w, abs=1e-7)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: TrackTargets({"a": 0.5, "b": 0.6}), "The target weights sum to 1.1: they must sum to 1"),
        (lambda: TrackTargets({"a": 60, "b": 40}), "The target weight of a is 60, that is 6,000 %: for 60 % write 0.6"),
        (lambda: TrackTargets({"a": math.nan, "b": 1.0}), "The target weight of a is nan: give a finite number"),
        (lambda: TrackTargets([0.5, 0.5]), "The target weights are [0.5, 0.5]: give them by asset"),
        (lambda: TradingCosts(0.01, {"a": 0.5}), "The current weights sum to 0.5: they must sum to 1"),
        (lambda: TradingCosts(-0.01, {"a": 1.0}), "The cost of trading is -0.01: give a fraction of the traded value"),
        (lambda: TradingCosts({"a": 1.5}, {"a": 1.0}), "The cost of trading a is 1.5: give a fraction of the traded"),
        (lambda: TradingCosts({"a": 3}, {"a": 1.0}), "The cost of trading a is 3, that is 300 %: for 3 % write 0.03"),
        (lambda: TradingCosts("1 %", {"a": 1.0}), "The cost of trading is 1 %: give a finite number"),
        (lambda: MaximumUtility(3, costs=0.01), "The costs are 0.01: give TradingCosts(0.01, current weights)."),
        (lambda: HighestReturn(costs=0.01), "The costs are 0.01: give TradingCosts"),
        (lambda: MaximumReturn(0.1, costs={"a": 1.0}), "The costs are {'a': 1.0}: give TradingCosts"),
        (lambda: TradingCosts(0.01, {"a": 1.0}, years=0), "Costs are spread over 0 years: it must be more than 0"),
        (lambda: TradingCosts(0.01, {"a": 1.0}, years=math.inf), "The number of years to spread costs over is inf"),
    ],
)
def test_wrong_numbers_are_refused_where_they_are_written(made, words):
    with pytest.raises(InputError, match=re.escape(words)):
        made()


@pytest.mark.parametrize(
    ("objective", "words"),
    [
        (TrackTargets({"gold": 1.0}), "The target portfolio names 'gold', which is not an asset here: a, b."),
        (MaximumUtility(3, costs=TradingCosts(0.01, {"gold": 1.0})), "The current portfolio names 'gold'"),
        (HighestReturn(costs=TradingCosts({"gold": 0.01}, {"a": 1.0})), "The cost of trading names 'gold'"),
    ],
)
def test_names_that_are_not_in_the_market_are_refused_also_where_the_program_is_known(objective, words):
    optimise(TWO, TrackTargets({"a": 1.0})).require()
    optimise(TWO, MaximumUtility(3, costs=TradingCosts(0.01, {"a": 1.0}))).require()
    with pytest.raises(InputError, match=re.escape(words)):
        optimise(TWO, objective)


def test_every_new_objective_has_a_sentence_that_stands_above_its_result():
    costs = TradingCosts(0.001, {"a": 1.0})
    for objective, words in (
        (MaximumDiversification(), "The highest diversification: expected return"),
        (TrackTargets({"a": 1.0}), "The lowest tracking error to the targets: expected return"),
        (
            MaximumUtility(3, costs=costs),
            "The best return for its risk at risk aversion 3, after trading costs: exp",
        ),
        (
            HighestReturn(costs=TradingCosts(0.001, {"a": 1.0}, 2.5)),
            "The highest expected return, after trading costs over 2.5 years: expected return",
        ),
        (MaximumReturn(0.15, costs=costs), "volatility of at most 15 %, after trading costs: expected return"),
    ):
        found = optimise(TWO, objective)
        assert isinstance(found, Solved)
        assert words in found._repr_html_()
