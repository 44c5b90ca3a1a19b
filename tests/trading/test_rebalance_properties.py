"""What holds for every rebalancing, whatever the household."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from math import floor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_households import DAY

from planner.household.accounts import Account, AccountKind, Asset, Household, Lot, Sale
from planner.household.tax_situation import TaxSituation
from planner.household.taxes import realised, tax_bill
from planner.policy.targets import Targets
from planner.trading.holdings import Holdings
from planner.trading.orders import Side, carry_out
from planner.trading.rebalance import Rebalancing, rebalance
from planner.trading.rules import Calendar
from planner.trading.trading_policy import TradingPolicy
from planner.trading.wash_sales import WashSaleRules, group_of, locked_purchases, locked_sales

PRICES = {"VTI": 312.44, "ITOT": 140.2, "VXUS": 71.3, "BND": 74.1, "GLD": 310.2, "BTC": 95_000.0, "BIL": 91.5}
SERIES = {
    "VTI": "us_equity",
    "ITOT": "us_equity",
    "VXUS": "intl_equity",
    "BND": "us_bonds",
    "GLD": "gold",
    "BTC": "bitcoin",
    "BIL": "cash",
}
FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def lots(draw: st.DrawFn) -> Lot:
    asset = draw(st.sampled_from(list(PRICES)))
    value = draw(st.sampled_from([30.0, 101.0, 2_500.0, 12_345.67, 60_000.0]))
    whole = draw(st.booleans())
    quantity = max(round(value / PRICES[asset]), 1) if whole else round(value / PRICES[asset], 6)
    return Lot(
        asset=asset,
        quantity=quantity,
        unit_cost=PRICES[asset] * draw(st.sampled_from([0.0, 0.3, 0.9, 1.0, 1.05, 1.5])),
        acquired=DAY - dt.timedelta(days=draw(st.sampled_from([5, 45, 364, 366, 2_000]))),
    )


@st.composite
def households(draw: st.DrawFn) -> Household:
    kinds = draw(st.lists(st.sampled_from(AccountKind), min_size=1, max_size=3))
    accounts = [
        Account(
            kind=kind,
            owner=f"P{number}",
            holdings=draw(st.lists(lots(), max_size=5)),
            cash=draw(st.sampled_from([0.0, 0.01, 57.23, 4_000.0])),
            may_hold=draw(st.sampled_from([None, None, ("equities", "BND"), ("cash",), ("crypto", "us_bonds")])),
        )
        for number, kind in enumerate(kinds)
    ]
    whole = draw(st.sets(st.sampled_from(list(PRICES))))
    same = draw(st.sampled_from(["", "total market"]))
    assets = [
        Asset(symbol=name, series=series, whole_units=name in whole, identical=same if name in {"VTI", "ITOT"} else "")
        for name, series in SERIES.items()
    ]
    sold = Sale(account="x", asset="VXUS", quantity=3, unit_cost=90, acquired=DAY, unit_price=71, sold=DAY)
    return Household(
        accounts=accounts,
        prices=PRICES,
        as_of=DAY,
        assets=assets,
        sales=[sold] if draw(st.booleans()) else [],
        taxes=TaxSituation(income=draw(st.sampled_from([20_000.0, 195_000.0])), state_rate=0.05),
    )


@st.composite
def wanted(draw: st.DrawFn) -> Targets:
    parts = draw(st.lists(st.integers(0, 5), min_size=5, max_size=5).filter(any))
    names = ("equities", "fixed_income", "commodities", "crypto", "cash")
    return Targets(weights={name: part / sum(parts) for name, part in zip(names, parts, strict=True)})


POLICIES = st.builds(
    TradingPolicy,
    tracking_price=st.sampled_from([0.0, 0.1, 1.0]),
    minimum_trade=st.sampled_from([0.0, 100.0, 3_000.0]),
    cash_buffer=st.sampled_from([0.0, 0.0, 500.0]),
)


def check(result: Rebalancing, policy: TradingPolicy) -> None:
    before, household = result.before, result.before.household
    again = carry_out(household, result.orders, result.flows)
    assert again == result.after.household
    flows_and_trades: dict[str, float] = defaultdict(float, result.flows)
    by_pair: dict[tuple[str, str], dict[Side, float]] = defaultdict(lambda: defaultdict(float))
    losing, bought = set(), set()
    for order in result.orders:
        sign = 1 if order.side is Side.SELL else -1
        flows_and_trades[order.account] += sign * order.amount - order.cost
        by_pair[order.account, order.asset][order.side] += order.quantity
        assert order.quantity > 0
        assert order.amount > 0
        if order.side is Side.BUY:
            bought.add(group_of(household, order.asset))
            place = before.account_names.index(order.account), before.symbols.index(order.asset)
            assert before.may_hold[place]
            assert order.asset not in locked_purchases(before)
        elif order.gain < 0:
            assert order.asset not in locked_sales(before)
            losing.add(group_of(household, order.asset))
    for account in household.accounts:
        after = again.account(account.name)
        assert after.cash == pytest.approx(account.cash + flows_and_trades[account.name], abs=0.00501)
        assert after.cash >= 0
        for name, price in PRICES.items():
            owned = sum(lot.quantity for lot in account.holdings if lot.asset == name)
            moved = by_pair[account.name, name]
            left = sum(lot.quantity for lot in after.holdings if lot.asset == name)
            assert left == pytest.approx(owned + moved[Side.BUY] - moved[Side.SELL], rel=1e-9, abs=1e-7)
            assert not (moved[Side.BUY] and moved[Side.SELL])
            everything = moved[Side.SELL] == pytest.approx(owned, rel=1e-9)
            for units in filter(None, moved.values()):
                assert units * price >= policy.minimum_trade - 0.005 or everything
                if household.asset_of[name].whole_units:
                    assert units == pytest.approx(round(units), abs=1e-9) or everything
    securities = {group for group in losing if group != "BTC"}
    assert not securities & bought
    assert not any(sale.disallowed for sale in again.sales if sale.sold == DAY and sale.asset != "VXUS")
    collectibles = frozenset({"GLD"})
    bill = tax_bill(household.taxes, realised(again.sales, DAY.year, collectibles), DAY.year)
    if not any(flow < 0 for flow in result.flows.values()):
        assert result.bill_after == bill
    assert result.tax == pytest.approx(result.bill_after.total - result.bill_before.total)


@FEW
@given(households(), wanted(), POLICIES)
def test_acting_to_targets_conserves_everything_and_never_raises_drift(household, targets, policy):
    result = rebalance(household, targets, policy=policy)
    check(result, policy)
    if policy.cash_buffer == 0 and policy.tracking_price > 0:
        assert result.drift_after <= result.drift_before + 1e-3 * (result.before.total < 100) + 1e-4
    for name, cash in zip(result.after.account_names, result.after.cash, strict=True):
        assert cash >= 0, name


@FEW
@given(households(), wanted(), POLICIES, st.sampled_from([0.0, 0.01, 999.99, 25_000.0]), st.booleans())
def test_money_put_in_stays_in_the_household(household, targets, policy, amount, due):
    name = household.accounts[0].name
    result = rebalance(
        household, targets, rule=None if due else Calendar(), contribution={name: amount}, policy=policy, last=DAY
    )
    check(result, policy)
    assert sum(result.flows.values()) == pytest.approx(amount)
    if not due:
        assert not any(order.side is Side.SELL for order in result.orders)
        assert all(order.account == name for order in result.orders)
        assert sum(order.amount + order.cost for order in result.orders) <= amount + 1e-9


@FEW
@given(households(), wanted(), POLICIES, st.floats(0, 1), st.booleans())
def test_whatever_there_is_can_be_taken_out(household, targets, policy, part, due):
    name = household.accounts[0].name
    held = Holdings(household)
    of_locked = {
        symbol: symbol in locked_sales(held, WashSaleRules()) and household.accounts[0].kind is AccountKind.TAXABLE
        for symbol in held.symbols
    }
    most = household.accounts[0].cash * 100 // 1 / 100
    most += sum(
        round(lot.quantity * PRICES[lot.asset] * 100) * (1 - 0.003) / 100
        for lot in household.accounts[0].holdings
        if not of_locked[lot.asset]
    )
    amount = floor(max(part * most - 0.01 * len(household.accounts[0].holdings), 0.0) * 100) / 100
    result = rebalance(
        household, targets, rule=None if due else Calendar(), withdrawal={name: amount}, policy=policy, last=DAY
    )
    check(result, policy)
    assert sum(result.flows.values()) == pytest.approx(-amount)
    if not due:
        assert all(order.side is Side.SELL and order.account == name for order in result.orders)


def test_an_answer_is_found_where_few_whole_units_meet_a_withdrawal():
    bought = dt.date(2025, 11, 15)

    def account(owner, cash, **quantities):
        held = [
            Lot(asset=asset, quantity=quantity, unit_cost=0.0, acquired=bought)
            for asset, several in quantities.items()
            for quantity in several
        ]
        return Account(kind=AccountKind.PLAN_401K, owner=owner, holdings=held, cash=cash)

    household = Household(
        accounts=[
            account("A", 57.23, VTI=(0.096018, 40.0, 39.513731)),
            account("B", 0.0),
            account("C", 0.01, VTI=(0.323262,), BND=(1.0,)),
        ],
        prices=PRICES,
        assets=[Asset(symbol=symbol, series=series, whole_units=symbol != "BIL") for symbol, series in SERIES.items()],
        taxes=TaxSituation(income=20_000.0, state_rate=0.05),
        as_of=DAY,
    )
    result = rebalance(
        household,
        Targets(weights={"cash": 1.0}),
        rule=Calendar(),
        withdrawal={"A, 401(k)": 14_369.77},
        policy=TradingPolicy(tracking_price=0.0, minimum_trade=0.0),
        last=DAY,
    )
    assert {(order.side, order.account, order.asset) for order in result.orders} == {(Side.SELL, "A, 401(k)", "VTI")}
    assert sum(order.quantity for order in result.orders) == pytest.approx(46.0)
