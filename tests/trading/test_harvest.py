"""Harvesting: what is sold and bought, what it saves and costs, and that it never makes a wash sale."""

from __future__ import annotations

import datetime as dt
from math import fsum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import InputError
from planner.household.accounts import Account, AccountKind, Asset, Household, Lot, Sale
from planner.household.example import example_household
from planner.household.tax_situation import TaxSituation
from planner.household.taxes import Gains, realised, tax_bill
from planner.trading.harvest import harvest
from planner.trading.orders import Side, Term, carry_out
from planner.trading.trading_policy import TradingPolicy
from planner.trading.wash_sales import WashSaleRules, with_wash_sales

DAY = dt.date(2025, 6, 30)
LONG_AGO = dt.date(2020, 1, 2)
PRICES = {"FUND": 8.0, "TWIN": 20.0, "OTHER": 5.0, "LIKE": 12.5, "bitcoin": 100.0}
ASSETS = (
    Asset(symbol="FUND", series="us_equity", identical="total market", replacement="LIKE"),
    Asset(symbol="TWIN", series="us_equity", identical="total market", replacement="LIKE"),
    Asset(symbol="OTHER", series="us_equity"),
    Asset(symbol="LIKE", series="us_equity", replacement="FUND"),
)
FREE = TradingPolicy(cost=0.0, costs={})


def household(lots=(), ira=(), sales=(), assets=ASSETS, may_hold=None, **taxes):
    return Household(
        accounts=(
            Account(kind=AccountKind.TAXABLE, owner="Ann", name="Joint", holdings=lots, may_hold=may_hold),
            Account(kind=AccountKind.ROTH_IRA, owner="Ben", name="Roth", holdings=ira),
        ),
        prices=PRICES,
        as_of=DAY,
        assets=assets,
        sales=sales,
        taxes=TaxSituation(**{"income": 120_000.0, **taxes}),
    )


def lot(asset="FUND", quantity=100, unit_cost=20.0, acquired=LONG_AGO, **more):
    return Lot(asset=asset, quantity=quantity, unit_cost=unit_cost, acquired=acquired, **more)


def days(number):
    return DAY + dt.timedelta(days=number)


def gain(amount, acquired=LONG_AGO):
    """A sale of this year that made a gain."""
    return Sale(
        account="Joint", asset="OTHER", quantity=1, unit_cost=0, unit_price=amount, acquired=acquired, sold=days(-90)
    )


def test_a_lot_at_a_loss_is_sold_and_its_replacement_bought_for_all_it_brings():
    found = harvest(household([lot()]))
    sale, purchase = found.orders
    assert (sale.account, sale.asset, sale.side, sale.lot, sale.amount, sale.cost) == (
        "Joint",
        "FUND",
        Side.SELL,
        0,
        800.0,
        0.4,
    )
    assert (purchase.asset, purchase.side) == ("LIKE", Side.BUY)
    assert 0 <= round(sale.amount - sale.cost - purchase.amount - purchase.cost, 2) <= 0.01
    (row,) = found.losses
    assert row.loss == pytest.approx(2000 - 799.6)
    assert row.keep_off_until == days(30)
    assert row.term is Term.LONG


def test_savings_are_those_of_the_years_bill_losses_netted():
    """Wages taxed at 22 % are lowered by 3,000; the other 3,000 are carried; a gain of 6,000 is once taxed at 15 %."""
    found = harvest(household([lot(quantity=500)], income=110_000), policy=FREE)
    (row,) = found.losses
    assert row.loss == 6000
    assert row.saved == pytest.approx(3000 * 0.22)
    assert row.carried == pytest.approx(3000)
    assert row.later == pytest.approx(6000 * 0.15)
    assert found.orders[0].tax == pytest.approx(-660)


def test_against_long_term_gains_harvesting_saves_now_what_it_costs_later():
    found = harvest(household([lot(quantity=500)], sales=[gain(6000)]), policy=FREE)
    assert found.saved == pytest.approx(6000 * 0.15)
    assert found.later == pytest.approx(found.saved)
    assert found.carried == 0
    assert any("$900 of the saving is put off, and not a gift." in note for note in found.notes)


def test_savings_of_the_rows_add_up_and_the_most_useful_stands_first():
    lots = [lot(quantity=200), lot("OTHER", 400, 12.0, days(-100)), lot("TWIN", 100, 45.0, days(-50))]
    before = household(lots, sales=[gain(4000), gain(1500, days(-95))])
    found = harvest(before, policy=FREE)
    earlier = realised(before.sales, 2025)
    losses = Gains(long=-2400, short=-2800 - 2500)
    bills = [tax_bill(before.taxes, gains, 2025).total for gains in (earlier, earlier + losses)]
    assert found.saved == pytest.approx(bills[0] - bills[1])
    assert found.table["saved"].sum() == pytest.approx(found.saved)
    alone = {
        one.asset: harvest(household([one], sales=before.sales), policy=FREE).saved / loss
        for one, loss in zip(lots, (2400, 2800, 2500), strict=True)
    }
    assert alone[found.losses[0].asset] == pytest.approx(max(alone.values()))
    carried = carry_out(before, found.orders)
    assert tax_bill(before.taxes, realised(carried.sales, 2025), 2025).total == pytest.approx(bills[1])


def test_a_purchase_in_any_account_blocks_the_sale_by_name_and_day():
    found = harvest(household([lot()], ira=[lot("TWIN", 5, 20, days(-10)), lot("TWIN", 5, 20, days(-20))]))
    assert found.orders == ()
    (row,) = found.losses
    assert (row.blocked_by, row.blocked_day, row.blocked_until) == ("Roth", days(-10), days(20))
    assert found.saved == 0
    assert any("'Roth' bought 5 of TWIN on 2025-06-20" in note for note in found.notes)
    assert harvest(household([lot()], ira=[lot("TWIN", 5, 20, days(-31))])).orders
    assert harvest(household([lot()], ira=[lot("TWIN", 5, 20, days(-9), bought=days(-9))])).orders


def test_what_was_bought_lately_blocks_nothing_when_it_is_sold_too():
    recent = lot("TWIN", 100, 30.0, days(-10))
    assert len(harvest(household([lot(), recent])).orders) == 3
    few = lot("TWIN", 1, 30.0, days(-10))
    assert len(harvest(household([lot(), few])).orders) == 3, "a small loss is sold for the sake of a large one"
    flat = lot("TWIN", 1, 20.0, days(-10))
    assert harvest(household([lot(), flat])).orders == ()
    assert harvest(household([recent])).losses[0].blocked_by is None


def test_crypto_is_bought_back_at_once_while_it_is_property():
    coins = household([lot("bitcoin", 10, 300.0)], ira=[lot("bitcoin", 1, 90, days(-3))])
    found = harvest(coins, policy=FREE)
    assert [(order.asset, order.side, order.quantity) for order in found.orders] == [
        ("bitcoin", Side.SELL, 10),
        ("bitcoin", Side.BUY, 10),
    ]
    assert found.losses[0].keep_off_until is None
    switched = harvest(coins, rules=WashSaleRules(property_from=DAY))
    assert switched.orders == ()
    assert switched.losses[0].blocked_by == "Roth"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"replacement": None}, "no replacement is named"),
        ({"replacement": "TWIN"}, "substantially identical"),
        ({"replacement": "XYZ"}, "has no price"),
        ({"replacement": "bitcoin"}, "may not hold bitcoin"),
        ({"replacement": "OTHER"}, "was sold at a loss in these thirty days"),
    ],
)
def test_where_nothing_can_be_bought_the_money_stays_in_cash_and_the_notes_say_why(change, why):
    assets = (ASSETS[0].with_changes(**change), *ASSETS[1:])
    sold = Sale(
        account="Joint", asset="OTHER", quantity=1, unit_cost=9, unit_price=5, acquired=LONG_AGO, sold=days(-30)
    )
    found = harvest(household([lot()], sales=[sold], assets=assets, may_hold=["FUND"]))
    assert [order.side for order in found.orders] == [Side.SELL]
    assert found.later == 0
    assert any(why in note for note in found.notes)


def test_what_buys_not_one_whole_unit_stays_in_cash():
    assets = (*ASSETS[:3], ASSETS[3].with_changes(whole_units=True))
    found = harvest(household([lot(quantity=1.5, unit_cost=500)], assets=assets))
    assert [order.side for order in found.orders] == [Side.SELL]
    assert any("does not buy a single LIKE" in note for note in found.notes)
    (_, purchase) = harvest(household([lot(quantity=100)], assets=assets)).orders
    assert purchase.quantity == 63


def test_of_two_that_replace_one_another_the_greater_loss_is_sold():
    found = harvest(household([lot(quantity=10, unit_cost=100), lot("LIKE", 100, 100.0)]))
    assert [(order.asset, order.side) for order in found.orders] == [("LIKE", Side.SELL), ("FUND", Side.BUY)]
    assert "FUND is kept" in found.losses[-1].reason


def test_without_losses_there_is_nothing_to_do_and_a_note_says_so():
    found = harvest(household([lot(unit_cost=8.5)]))
    assert found.losses == found.orders == ()
    assert found.notes == (
        "Nothing in a taxable account stands at a loss of $100.00 or more that is worth the costs of trading.",
    )
    assert harvest(household([lot(unit_cost=8.5)]), minimum_loss=10).orders
    with pytest.raises(InputError, match="not negative"):
        harvest(household(), minimum_loss=float("nan"))


def test_many_small_lots_make_a_loss_that_is_worth_watching_for():
    small = [lot("bitcoin", 0.1, 150.0, LONG_AGO + dt.timedelta(days=7 * week)) for week in range(30)]
    found = harvest(household(small))
    assert len(found.losses) == 30
    assert fsum(one.loss for one in found.losses) == pytest.approx(150, abs=1)
    assert "all of them long-term" in found.notes[0]
    assert not harvest(household(small[:15])).losses


def test_a_loss_is_not_harvested_for_less_than_its_trades_cost():
    large = lot(quantity=1e6, unit_cost=8.02)
    found = harvest(household([large, lot(quantity=100, unit_cost=20.0)]))
    assert [one.quantity for one in found.losses] == [100]
    assert harvest(household([large]), policy=FREE).losses


def test_the_example_harvests_real_estate_and_ether_and_leaves_the_bonds_that_the_ira_bought_too():
    found = harvest(example_household())
    rows = found.table.set_index("asset")
    assert rows.loc["BND", ["blocked_by", "blocked_until"]].to_numpy().tolist() == 2 * [
        ["Ann's IRA", dt.date(2025, 10, 12)]
    ]
    assert set(rows.loc["VNQ", "replacement"]) == {"SCHH"}
    assert rows.loc["ETH", "replacement"] == "ETH"
    assert found.saved == pytest.approx(0.17 * (152.56 + 736.37 + 130.92), abs=0.01), "12 % and the state's 5 %"
    assert found.later == pytest.approx(0.05 * (152.56 + 736.37 + 130.92), abs=0.01), "0 % and the state's 5 %"


def test_text_on_the_page_is_escaped():
    named = household([lot()], ira=[lot(acquired=days(-3))])
    roth = named.accounts[1].with_changes(name="<script>alert(1)</script>")
    page = harvest(named.with_changes(accounts=(named.accounts[0], roth)))._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


lots = st.builds(
    lot,
    st.sampled_from(sorted(PRICES)),
    st.floats(0.001, 1e4),
    st.floats(0, 200),
    st.one_of(st.integers(-40, 0), st.integers(-800, 0)).map(days),
)
sales = st.builds(
    lambda asset, cost, price, sold: Sale(
        account="Joint", asset=asset, quantity=3, unit_cost=cost, unit_price=price, acquired=LONG_AGO, sold=days(sold)
    ),
    st.sampled_from(sorted(PRICES)),
    st.floats(0, 200),
    st.floats(0, 200),
    st.integers(-60, 0),
)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(lots, max_size=6),
    st.lists(lots, max_size=3),
    st.lists(sales, max_size=3),
    st.lists(st.tuples(*[st.sampled_from([None, *sorted(PRICES)])] * 4), min_size=1, max_size=1),
    st.booleans(),
    st.booleans(),
)
def test_carrying_out_a_harvest_makes_no_wash_sale_and_costs_no_cent_of_cash(
    taxable, ira, earlier, replacements, switched, whole
):
    assets = tuple(
        asset.with_changes(replacement=name, whole_units=whole)
        for asset, name in zip(ASSETS, replacements[0], strict=True)
    )
    rules = WashSaleRules(property_from=LONG_AGO if switched else None)
    before = with_wash_sales(household(taxable, ira, earlier, assets), rules)
    found = harvest(before, rules=rules)
    after = carry_out(before, found.orders, rules=rules)
    assert after.sales[: len(before.sales)] == before.sales
    new = after.sales[len(before.sales) :]
    assert not any(sale.disallowed for sale in new)
    assert len(new) == sum(not one.reason for one in found.losses)
    for old, now in zip(before.accounts, after.accounts, strict=True):
        assert now.cash >= old.cash
    bills = [tax_bill(before.taxes, realised(each.sales, 2025), 2025).total for each in (before, after)]
    assert found.saved == pytest.approx(bills[0] - bills[1], abs=0.01)
    assert all(one.saved >= -1e-6 for one in found.losses)
    assert found.cost == pytest.approx(fsum(one.cost for one in found.losses), abs=1e-6)
