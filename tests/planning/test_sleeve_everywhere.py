"""A scenario with a sleeve, after the plan: placed, traded, phased in, harvested, replayed, projected and reviewed."""

from __future__ import annotations

import datetime as dt
from functools import cache

import numpy as np
import pandas as pd
import pytest

from planner.errors import InputError
from planner.household.accounts import Asset
from planner.market.market import built_in_market
from planner.outlook.backtest import backtest
from planner.outlook.projection import project
from planner.planning import Plan, market_for, plan
from planner.policy.barbell import barbell, worked_sleeve
from planner.policy.crypto import SleeveMarket, with_sleeve
from planner.policy.targets import Targets
from planner.recent_choice import choice_of_late
from planner.reviewing import review
from planner.scenario import EXAMPLE, Method
from planner.trading.harvest import harvest
from planner.trading.holdings import Holdings
from planner.trading.location import locate
from planner.trading.phasing import phase_in, phased_against_at_once
from planner.trading.rebalance import rebalance
from planner.trading.rules import Calendar, Frequency
from planner.trading.trading_policy import TradingPolicy

BARBELL = barbell()
COINS = ("bitcoin", "ether")
SCENARIO = EXAMPLE.with_changes(sleeve=BARBELL)
DAY = dt.date(2025, 10, 15)
PAID_IN = 100_000.0


@cache
def planned() -> Plan:
    return plan(SCENARIO)


def knowing_the_indices():
    """The example's household with an asset that follows each index, none of it held yet."""
    owned = EXAMPLE.household
    assets = tuple(Asset(symbol=name.upper(), series=name) for name in BARBELL.shares)
    prices = {**owned.prices, **dict.fromkeys((asset.symbol for asset in assets), 10.0)}
    return owned.with_changes(assets=(*owned.assets, *assets), prices=prices)


# The market


def test_a_market_with_another_sleeve_of_the_same_names_is_not_taken_for_the_right_one():
    moved = EXAMPLE.with_changes(sleeve=BARBELL.moved("large_cap", 0.70))
    in_the_old_one = plan(moved, planned().prior)
    assert in_the_old_one.shown.by_asset == plan(moved).shown.by_asset
    assert in_the_old_one.shown.by_asset["large_cap"] == pytest.approx(0.05 * 0.70)


def test_a_recipe_that_changed_under_the_same_name_makes_another_market():
    parts = [part.with_changes(recipe=part.recipe.with_changes(fee=0.02)) for part in BARBELL.parts]
    dear = EXAMPLE.with_changes(sleeve=BARBELL.with_changes(parts=tuple(parts)))
    cheaper = planned().prior.assumptions.mean["growth"]
    assert plan(dear, planned().prior).prior.assumptions.mean["growth"] == pytest.approx(cheaper - 0.02, abs=2e-3)


def test_a_market_with_the_sleeve_serves_one_with_other_ranges_and_keeps_its_own_assumptions():
    fixed = BARBELL.with_changes(parts=tuple(part.with_changes(lower=None, upper=None) for part in BARBELL.parts))
    market = with_sleeve(built_in_market(), BARBELL)
    assert isinstance(market, SleeveMarket)
    assert market_for(EXAMPLE.with_changes(sleeve=fixed), market) is market
    assert market_for(EXAMPLE, market) is market


# Where it goes, and how


def test_a_placement_meets_every_index_to_the_cent_and_sells_the_coins_held_directly():
    made = planned()
    found = locate(knowing_the_indices(), made.shown.by_asset, made.market.assumptions, made.prior.universe)
    by_series = found.by_series.sum(axis=1)
    total = Holdings(EXAMPLE.household, made.prior.universe).total
    for name, share in BARBELL.shares.items():
        assert by_series[name] == pytest.approx(0.05 * share * total, abs=0.05)
    assert by_series[list(COINS)].abs().max() == 0
    accounts = Holdings(EXAMPLE.household).account_values
    assert found.by_series.sum().to_numpy() == pytest.approx(accounts, abs=0.05)


@pytest.mark.parametrize("knows", [True, False])
def test_trades_bring_crypto_to_its_target_and_buy_a_coin_only_where_no_index_can_be_bought(knows):
    made = planned()
    household = knowing_the_indices() if knows else EXAMPLE.household
    more = made.trade_targets.with_weights(
        made.prior.universe, {**made.class_weights, "crypto": 0.15, "equities": 0.40}
    )
    closely = TradingPolicy(tracking_price=0.5)
    done = rebalance(household, more, contribution=PAID_IN, policy=closely, universe=made.prior.universe)
    bought = {order.asset for order in done.orders if order.side == "buy"}
    assert (bought & {"BTC", "ETH"} == set()) is knows
    assert (bought & {name.upper() for name in BARBELL.shares} != set()) is knows
    assert done.after.weights["crypto"] == pytest.approx(0.15, abs=1e-3)


def test_trades_with_a_sleeve_balance_to_the_cent_in_every_account():
    made = planned()
    done = rebalance(knowing_the_indices(), made.trade_targets, contribution=PAID_IN, universe=made.prior.universe)
    before = dict(zip(done.before.account_names, done.before.cash, strict=True))
    after = dict(zip(done.after.account_names, done.after.cash, strict=True))
    for name, cash in before.items():
        own = [order for order in done.orders if order.account == name]
        moved = sum((order.amount if order.side == "sell" else -order.amount) - order.cost for order in own)
        assert after[name] == pytest.approx(cash + moved + done.flows.get(name, 0.0), abs=1e-6)
        assert after[name] >= 0


def test_the_sleeve_is_phased_in_by_its_indices_to_the_cent():
    made = planned()
    held = {name: weight for name, weight in made.shown.by_asset.items() if weight > 0 and name != "cash"}
    weights = {name: weight / sum(held.values()) for name, weight in held.items()}
    schedule = phase_in(50_000.01, weights, 5)
    assert set(schedule.assets) & {*COINS, *BARBELL.shares} == set(BARBELL.shares)
    assert round(100 * schedule.table["total"].sum()) == 5_000_001
    bought = schedule.table[list(BARBELL.shares)].sum()
    assert (bought / bought.sum()).to_dict() == pytest.approx(BARBELL.shares, abs=1e-4)
    returns = made.market.complete_returns[[*weights, "cash"]].dropna()
    assert np.isfinite(phased_against_at_once(returns, weights, 5).table.to_numpy()).all()


def test_harvesting_sells_the_same_lots_with_a_sleeve_and_without():
    with_indices = harvest(EXAMPLE.household, planned().prior.universe, minimum_loss=0.0)
    assert with_indices.orders == harvest(EXAMPLE.household, minimum_loss=0.0).orders


# What came of it, and what may


def test_a_month_of_the_backtest_is_the_mix_of_the_indices_by_hand():
    made = planned()
    returns = made.market.complete_returns.dropna()
    targets = made.scenario.targets.with_weights(made.prior.universe, made.class_weights)
    track = backtest(
        returns,
        targets,
        Calendar(frequency=Frequency.MONTHLY),
        costs=0.0,
        mix=dict(made.shown.by_asset),
        universe=made.prior.universe,
    )
    assert track.returns.iloc[-1] == pytest.approx(float(returns.iloc[-1] @ made.shown.weights), abs=1e-12)
    assert (track.values > 0).all()


def test_a_projection_in_the_indices_has_finite_bands_in_order_and_its_crypto_the_risk_of_the_mix():
    made = planned()
    fan = project(made, paths=400, seed=3).fan()
    assert np.isfinite(fan.to_numpy()).all()
    assert (fan.diff(axis=1).iloc[:, 1:] >= 0).all().all()
    assert fan.iloc[-1, -1] > fan.iloc[-1, 0]
    again = project(made, paths=400, seed=3).fan()
    pd.testing.assert_frame_equal(fan, again)


# Looking after it


def test_a_review_finds_the_market_of_the_sleeve_by_itself_whatever_market_it_is_given():
    alone = review(SCENARIO, DAY)
    other = plan(EXAMPLE.with_changes(sleeve=worked_sleeve())).prior
    for market in (None, planned().prior, other, built_in_market()):
        found = review(SCENARIO, DAY, market=market)
        pd.testing.assert_frame_equal(found.performance, alone.performance)
        pd.testing.assert_frame_equal(found.in_line, alone.in_line)
    assert alone.blockers == ()
    assert set(BARBELL.shares) <= set(alone.in_line.index)


def test_crypto_in_a_review_earned_what_the_indices_did():
    months = planned().prior.complete_returns.tail(12)
    crypto = months[list(BARBELL.shares)] @ pd.Series(BARBELL.shares)
    earned = review(SCENARIO, DAY).performance.loc[("over 1 year", "crypto"), "earned"]
    assert earned == pytest.approx(float(np.prod(1 + crypto) - 1), abs=1e-12)
    assert earned != pytest.approx(review(EXAMPLE, DAY).performance.loc[("over 1 year", "crypto"), "earned"], abs=1e-3)


def test_own_returns_without_the_indices_are_refused_by_name():
    with pytest.raises(InputError, match="'large_cap'"):
        review(SCENARIO, DAY, returns=built_in_market().returns)


def test_correlations_of_late_are_those_of_the_indices_whatever_market_one_starts_from():
    asked = SCENARIO.with_changes(method=Method.MEAN_VARIANCE, risk_aversion=8.0)
    found = [choice_of_late(asked, market) for market in (built_in_market(), planned().prior)]
    pd.testing.assert_frame_equal(*(each.table for each in found))
    for each in found:
        now, of_late = (made.market.assumptions.covariance for made in (each.now, each.of_late))
        assert (now - of_late).abs().loc["us_equity", list(BARBELL.shares)].min() > 1e-3


def test_a_target_of_no_crypto_holds_none_of_the_indices():
    weights = {**EXAMPLE.targets.weights, "crypto": 0.0, "cash": EXAMPLE.targets.weights["cash"] + 0.05}
    made = plan(SCENARIO.with_changes(targets=Targets(weights=weights)))
    assert [made.shown.by_asset[name] for name in (*BARBELL.shares, *COINS)] == [0.0] * 5
