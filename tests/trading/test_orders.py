"""Orders carried out: units and cents conserved, nothing half done, and a household right for the tax return."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import replace
from math import fsum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import InputError
from planner.household.accounts import Account, AccountKind, Asset, Household, Lot
from planner.household.taxes import Gains, realised
from planner.trading.orders import Order, Side, carry_out, orders_table
from planner.trading.wash_sales import WashSaleRules

DAY = dt.date(2025, 6, 30)
LONG_AGO = dt.date(2020, 1, 2)
PRICES = {"FUND": 8.0, "OTHER": 5.0, "bitcoin": 100.0}


def household(**more):
    return Household(
        accounts=(
            Account(
                kind=AccountKind.TAXABLE,
                owner="Ann",
                name="Joint",
                cash=1000.0,
                holdings=(
                    Lot(asset="FUND", quantity=100, unit_cost=10, acquired=LONG_AGO),
                    Lot(asset="OTHER", quantity=40, unit_cost=2, acquired=DAY - dt.timedelta(days=60)),
                    Lot(asset="bitcoin", quantity=3, unit_cost=120, acquired=LONG_AGO),
                ),
            ),
            Account(
                kind=AccountKind.ROTH_IRA,
                owner="Ben",
                name="Roth",
                cash=500.0,
                holdings=(Lot(asset="OTHER", quantity=10),),
            ),
        ),
        prices=PRICES,
        as_of=DAY,
        assets=(Asset(symbol="FUND", series="us_equity"), Asset(symbol="OTHER", series="us_equity")),
        **more,
    )


def order(side, account, asset, quantity, lot=None, cost=0.0):
    price = PRICES[asset]
    return Order(account, asset, side, quantity, price, round(quantity * price, 2), cost, lot)


def sell(account, asset, quantity, lot, cost=0.0):
    return order(Side.SELL, account, asset, quantity, lot, cost)


def buy(account, asset, quantity, cost=0.0):
    return order(Side.BUY, account, asset, quantity, cost=cost)


def test_a_sale_and_a_purchase_move_units_and_cash():
    after = carry_out(household(), [sell("Joint", "OTHER", 10, 1, cost=0.5), buy("Joint", "bitcoin", 2, cost=1.25)])
    joint = after.account("Joint")
    assert joint.cash == 1000 + 50 - 0.5 - 200 - 1.25
    assert [(lot.asset, lot.quantity) for lot in joint.holdings] == [
        ("FUND", 100),
        ("OTHER", 30),
        ("bitcoin", 3),
        ("bitcoin", 2),
    ]
    assert joint.holdings[-1].unit_cost == pytest.approx(201.25 / 2)
    assert joint.holdings[-1].acquired == DAY
    (sold,) = after.sales
    assert sold.gain == pytest.approx(10 * (4.95 - 2))


def test_several_orders_may_sell_one_lot_and_places_stay_those_of_the_beginning():
    orders = [sell("Joint", "FUND", 100, 0), sell("Joint", "OTHER", 15, 1), sell("Joint", "OTHER", 25, 1)]
    after = carry_out(household(), orders)
    assert [lot.asset for lot in after.account("Joint").holdings] == ["bitcoin"]
    assert [sold.quantity for sold in after.sales] == [100, 15, 25]


def test_sales_in_an_ira_are_not_taxed():
    assert carry_out(household(), [sell("Roth", "OTHER", 10, 0)]).sales == ()


def test_money_comes_in_and_goes_out():
    after = carry_out(household(), [], {"Joint": -999.99, "Roth": 0.01})
    assert [account.cash for account in after.accounts] == [0.01, 500.01]
    assert carry_out(household(), []) == household()


@pytest.mark.parametrize(
    ("orders", "flows", "message"),
    [
        ([sell("Nobody's", "FUND", 1, 0)], {}, "There is no account"),
        ([], {"Nobody's": 1.0}, "There is no account"),
        ([sell("Joint", "FUND", 1, None)], {}, "names no lot"),
        ([sell("Joint", "FUND", 1, 3)], {}, "names no lot"),
        ([sell("Joint", "FUND", 1, -1)], {}, "names no lot"),
        ([sell("Joint", "FUND", 1, 1)], {}, "names a lot of OTHER: name one of FUND"),
        ([sell("Joint", "FUND", 60, 0), sell("Joint", "FUND", 41, 0)], {}, "sell 101 of FUND from a lot of 100"),
        ([buy("Roth", "FUND", 62.51)], {}, "spend 0.08 more than there is"),
        ([buy("Roth", "FUND", 62.5, cost=0.01)], {}, "spend 0.01 more"),
        ([], {"Roth": -500.01}, "spend 0.01 more"),
        ([buy("Joint", "FUND", 0)], {}, "needs a quantity above 0"),
        ([buy("Joint", "FUND", -5)], {}, "needs a quantity above 0"),
        ([replace(buy("Joint", "FUND", 5), quantity=float("nan"))], {}, "needs a quantity above 0"),
        ([replace(buy("Joint", "FUND", 5), cost=-1.0)], {}, "not negative"),
        ([replace(buy("Joint", "FUND", 5), amount=39.0)], {}, "make them agree"),
        ([sell("Joint", "FUND", 1, 0, cost=9.0)], {}, "Unit price"),
        ([replace(buy("Joint", "FUND", 5), asset="XYZ")], {}, "has no price"),
    ],
)
def test_what_cannot_be_carried_out_is_an_error_and_nothing_is_done(orders, flows, message):
    before = household()
    with pytest.raises(InputError, match=message):
        carry_out(before, [buy("Joint", "OTHER", 1), *orders], flows)
    assert before == household()


def test_a_loss_bought_back_on_the_same_day_is_a_wash_sale():
    after = carry_out(household(), [sell("Joint", "FUND", 100, 0), buy("Roth", "FUND", 40), buy("Joint", "FUND", 20)])
    assert after.sales[0].disallowed == pytest.approx(60 * 2)
    assert realised(after.sales, 2025) == Gains(long=pytest.approx(-80))
    bought = after.account("Joint").holdings[-1]
    assert (bought.unit_cost, bought.acquired, bought.bought) == (pytest.approx(10), LONG_AGO, DAY)
    assert after.account("Roth").holdings[-1].unit_cost == 8, "the loss is lost"


def test_crypto_may_be_bought_back_at_once_until_a_day():
    orders = [sell("Joint", "bitcoin", 3, 2), buy("Joint", "bitcoin", 3)]
    assert carry_out(household(), orders).sales[0].disallowed == 0
    switched = carry_out(household(), orders, rules=WashSaleRules(property_from=DAY))
    assert switched.sales[0].disallowed == pytest.approx(60)


def test_a_purchase_reaches_back_to_a_loss_of_the_month_before():
    sold = carry_out(household(), [sell("Joint", "FUND", 100, 0)])
    assert sold.sales[0].disallowed == 0
    for days, disallowed in ((30, 80), (31, 0)):
        later = sold.priced({}, DAY + dt.timedelta(days=days))
        assert carry_out(later, [buy("Joint", "FUND", 40)]).sales[0].disallowed == pytest.approx(disallowed)


def test_carrying_out_in_two_steps_disallows_as_much_as_in_one():
    sale, first, second = sell("Joint", "FUND", 100, 0), buy("Roth", "FUND", 40), buy("Joint", "FUND", 50)
    at_once = carry_out(household(), [sale, first, second])
    stepwise = carry_out(carry_out(carry_out(household(), [sale]), [first]), [second])
    assert stepwise.sales[0].disallowed == pytest.approx(at_once.sales[0].disallowed)
    assert stepwise.accounts == at_once.accounts


def test_orders_make_a_table_of_their_fields():
    table = orders_table([sell("Joint", "FUND", 100, 0)])
    assert table.loc[0, ["account", "asset", "side", "amount"]].tolist() == ["Joint", "FUND", "sell", 800.0]
    assert list(orders_table([]).columns) == list(table.columns)


cents = st.integers(0, 10**7).map(lambda number: number / 100)
parts = st.lists(st.floats(0.01, 1), max_size=3)


@st.composite
def households_and_orders(draw):
    """A household of two accounts, and orders that it can carry out: parts of lots sold, and purchases."""
    accounts, orders, flows = [], [], {}
    for name, kind in (("Joint", AccountKind.TAXABLE), ("Roth", AccountKind.ROTH_IRA)):
        lots = draw(
            st.lists(
                st.builds(
                    Lot,
                    asset=st.sampled_from(sorted(PRICES)),
                    quantity=st.floats(0.01, 1e5),
                    unit_cost=st.floats(0, 200),
                    acquired=st.integers(0, 800).map(lambda days: DAY - dt.timedelta(days=days)),
                ),
                max_size=4,
            )
        )
        for place, lot in enumerate(lots):
            shares = draw(parts)
            whole = max(1.0, fsum(shares))
            orders += [sell(name, lot.asset, lot.quantity * share / whole, place) for share in shares]
        for asset in draw(st.lists(st.sampled_from(sorted(PRICES)), max_size=3)):
            orders.append(buy(name, asset, draw(st.floats(0.01, 100)), cost=draw(st.integers(0, 500)) / 100))
        accounts.append(Account(kind=kind, owner="Ann", name=name, holdings=lots, cash=draw(cents)))
        flows[name] = draw(st.integers(-1000, 10**6)) / 100
    return household().with_changes(accounts=tuple(accounts)), orders, flows


def units_of(accounts):
    units = defaultdict(list)
    for account in accounts:
        for lot in account.holdings:
            units[account.name, lot.asset].append(lot.quantity)
    return {key: fsum(of_key) for key, of_key in units.items()}


@settings(max_examples=80, deadline=None)
@given(households_and_orders())
def test_units_and_cents_are_conserved_whatever_is_ordered(drawn):
    before, orders, flows = drawn
    cash = {
        account.name: round(
            fsum(
                [
                    account.cash,
                    flows[account.name],
                    *(
                        (one.amount if one.side is Side.SELL else -one.amount) - one.cost
                        for one in orders
                        if one.account == account.name
                    ),
                ]
            ),
            2,
        )
        for account in before.accounts
    }
    if min(cash.values()) < 0:
        with pytest.raises(InputError, match="more than there is"):
            carry_out(before, orders, flows)
        return
    after = carry_out(before, orders, flows)
    assert {account.name: account.cash for account in after.accounts} == cash
    units = defaultdict(float, units_of(before.accounts))
    for one in orders:
        units[one.account, one.asset] += one.quantity if one.side is Side.BUY else -one.quantity
    left = defaultdict(float, units_of(after.accounts))
    for key, quantity in units.items():
        assert left[key] == pytest.approx(quantity, rel=1e-6, abs=1e-3)
    sold = fsum(one.quantity for one in orders if one.side is Side.SELL and one.account == "Joint")
    assert fsum(sale.quantity for sale in after.sales) == pytest.approx(sold)
    assert all(sale.disallowed <= max(-sale.gain, 0) * (1 + 1e-9) for sale in after.sales)
    assert not any(sale.disallowed for sale in after.sales if sale.asset == "bitcoin")
