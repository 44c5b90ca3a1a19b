"""The trades of single households, each of which shows one rule."""

from __future__ import annotations

import datetime as dt

import pytest
from small_households import DAY, JUST_NOW, LATELY, LONG_AGO, account, household, lot, targets

from planner.errors import InputError
from planner.household.accounts import Account, AccountKind, Asset, Household, Lot, Sale
from planner.household.tax_situation import TaxSituation
from planner.household.taxes import Gains, added_tax, distribution_tax
from planner.trading.orders import Order, Side, Term
from planner.trading.rebalance import Rebalancing, rebalance
from planner.trading.rules import Calendar, Destination, Threshold
from planner.trading.tax_drift_curve import tax_drift_curve
from planner.trading.trading_policy import TradingPolicy

HALF = targets(equities=0.5, fixed_income=0.5)
TAXABLE, IRA, ROTH = AccountKind.TAXABLE, AccountKind.TRADITIONAL_IRA, AccountKind.ROTH_IRA


def sales(result: Rebalancing) -> list[Order]:
    return [order for order in result.orders if order.side is Side.SELL]


def purchases(result: Rebalancing) -> list[Order]:
    return [order for order in result.orders if order.side is Side.BUY]


def test_retirement_accounts_trade_first(two_accounts: Household):
    result = rebalance(two_accounts, HALF)
    assert {order.account for order in result.orders} == {IRA}
    assert result.tax == 0
    assert result.drift_before == pytest.approx(0.5)
    assert result.drift_after < 1e-3
    assert any(note.startswith("Trades in retirement accounts come first: they cost no tax") for note in result.notes)


def test_new_money_is_used_before_anything_taxable_is_sold():
    home = household(account(TAXABLE, lot("VTI", 100, 40.0)))
    result = rebalance(home, HALF, contribution=10_000)
    assert [(order.side, order.asset) for order in result.orders] == [(Side.BUY, "BND")]
    assert result.flows == {"taxable": 10_000}
    assert result.drift_after < 1e-3


def test_what_must_go_is_sold_from_what_there_is_too_much_of():
    home = household(account(TAXABLE, lot("VTI", 150, 90.0), lot("BND", 200, 49.0)))
    result = rebalance(home, HALF, withdrawal=5_000)
    assert {order.asset for order in result.orders} == {"VTI"}
    assert result.flows == {"taxable": -5_000}
    assert result.drift_after < 1e-3


def test_lots_at_a_loss_go_before_long_term_gains_and_those_before_short_term_gains():
    lots = [lot("VTI", 50, 70.0, LATELY), lot("VTI", 50, 70.0, LONG_AGO), lot("VTI", 50, 120.0, LATELY)]
    home = household(account(TAXABLE, *lots))
    sold = []
    for units in (40, 90, 140):
        wanted = targets(equities=1 - units / 150, fixed_income=units / 150)
        result = rebalance(home, wanted, policy=TradingPolicy(tracking_price=1.0))
        assert result.drift_after < 1e-3
        sold.append({order.lot: pytest.approx(order.quantity, abs=0.2) for order in sales(result)})
    assert sold == [{2: 40}, {2: 50, 1: 40}, {2: 50, 1: 50, 0: 40}]


def test_the_order_holds_also_where_nothing_is_taxed():
    lots = [lot("VTI", 50, 70.0, LATELY), lot("VTI", 50, 70.0), lot("VTI", 50, 120.0, LATELY)]
    home = household(account(TAXABLE, *lots), taxes=TaxSituation(income=0))
    result = rebalance(home, targets(equities=0.5, fixed_income=0.5))
    sold = {order.lot: order.quantity for order in sales(result)}
    assert sold[2] == 50
    assert sold[1] == pytest.approx(25, rel=0.01)
    assert 0 not in sold


def test_the_price_of_tracking_decides_whether_a_gain_is_worth_its_tax():
    home = household(account(TAXABLE, lot("VTI", 200, 20.0)))
    dear = rebalance(home, HALF, policy=TradingPolicy(tracking_price=0.10))
    assert dear.orders == ()
    assert dear.left == pytest.approx(10_000)
    assert any("Selling more would cost 13 cents a dollar" in n for n in dear.notes)
    cheap = rebalance(home, HALF, policy=TradingPolicy(tracking_price=0.15))
    assert cheap.drift_after < 1e-3
    assert cheap.tax == pytest.approx(0.15 * sum(order.gain for order in cheap.orders), abs=0.01)


def test_a_rebalancing_does_not_trade_for_a_tax_saving():
    home = household(account(TAXABLE, lot("VTI", 100, 190.0), lot("BND", 200, 90.0)))
    assert rebalance(home, HALF).orders == ()


def test_losses_carried_forward_and_the_empty_bracket_make_gains_free():
    for taxes in (TaxSituation(income=120_000, long_loss_carried=12_000), TaxSituation(income=30_000)):
        result = rebalance(household(account(TAXABLE, lot("VTI", 200, 20.0)), taxes=taxes), HALF)
        assert result.tax == pytest.approx(0, abs=0.01)
        assert result.drift_after < 1e-3


def test_gains_that_would_use_up_the_deduction_of_a_loss_from_other_income_are_not_free():
    taxes = TaxSituation(income=120_000, long_loss_carried=9_000)
    result = rebalance(household(account(TAXABLE, lot("VTI", 200, 20.0)), taxes=taxes), HALF)
    assert sum(order.gain for order in result.orders) == pytest.approx(6_000, abs=1)


def test_a_bracket_s_top_is_where_selling_stops():
    taxes = TaxSituation(income=48_350 + 15_750 - 4_000)
    home = household(account(TAXABLE, lot("VTI", 200, 20.0)), taxes=taxes)
    result = rebalance(home, HALF)
    assert sum(order.gain for order in result.orders) == pytest.approx(4_000, abs=1)
    assert result.tax == pytest.approx(0, abs=0.15)


def test_tax_is_that_of_the_bill_and_rates_are_those_of_the_next_dollar():
    sold = Sale(account="x", asset="VTI", quantity=10, unit_cost=50, acquired=LONG_AGO, unit_price=99, sold=DAY)
    home = household(account(TAXABLE, lot("VTI", 100, 60.0), lot("VTI", 100, 90.0, LATELY)), sales=[sold])
    result = rebalance(home, targets(equities=0.1, fixed_income=0.9), policy=TradingPolicy(tracking_price=1))
    short = sum(order.gain for order in result.orders if order.term is Term.SHORT)
    long = sum(order.gain for order in result.orders if order.term is Term.LONG)
    assert short > 0
    assert long > 0
    assert result.tax == pytest.approx(added_tax(home.taxes, Gains(short, long), 2025, Gains(long=490)), abs=0.05)
    assert {order.rate for order in sales(result)} == {0.15, 0.24}
    assert all(order.tax == pytest.approx(order.gain * order.rate, abs=0.006) for order in result.orders)


def test_bonds_are_bought_where_their_interest_is_not_taxed():
    home = household(account(TAXABLE, cash=10_000), account(IRA, cash=10_000))
    result = rebalance(home, HALF)
    assert {(order.account, order.asset) for order in result.orders} == {("taxable", "VTI"), (IRA, "BND")}


def test_series_are_bought_in_their_shares_of_the_class():
    home = household(account(ROTH, cash=10_000), prices={"VTI": 100.0, "VXUS": 60.0})
    result = rebalance(home, targets(equities=1.0))
    amounts = {order.asset: order.amount for order in result.orders}
    assert amounts["VTI"] == pytest.approx(6_400, rel=0.01)
    assert amounts["VXUS"] == pytest.approx(3_600, rel=0.01)


def test_series_away_from_their_shares_are_no_reason_to_trade():
    home = household(account(ROTH, lot("VTI", 100)), prices={"VTI": 100.0, "VXUS": 60.0})
    free = TradingPolicy(cost=0.0, tracking_price=1.0)
    assert rebalance(home, targets(equities=1.0), policy=free).orders == ()


def test_of_two_assets_of_a_series_the_one_that_is_held_is_bought():
    home = household(account(ROTH, lot("ITOT", 1), cash=10_000), prices={"VTI": 100.0, "ITOT": 100.0})
    assert {order.asset for order in rebalance(home, targets(equities=1.0)).orders} == {"ITOT"}


def test_identical_securities_are_not_bought_in_any_account_on_the_day_of_a_loss():
    home = household(
        account(TAXABLE, lot("VTI", 100, 150.0), lot("BND", 20, 40.0)),
        account(IRA, lot("BND", 400), may_hold=("VTI", "BND")),
        prices={"VTI": 100.0, "BND": 50.0},
    )
    result = rebalance(home, HALF, withdrawal=9_000)
    bought = {order.asset for order in purchases(result)}
    assert not bought & {order.asset for order in sales(result) if order.gain < 0}
    assert all(sale.disallowed == 0 for sale in result.after.household.sales)


def test_a_loss_on_what_was_bought_within_thirty_days_is_kept():
    lots = [lot("VTI", 100, 150.0), lot("VTI", 1, 99.0, JUST_NOW)]
    result = rebalance(household(account(TAXABLE, *lots)), HALF)
    assert 0 not in {order.lot for order in sales(result)}
    assert any("wash sale would take the loss back" in note for note in result.notes)


def test_what_was_sold_at_a_loss_within_thirty_days_is_replaced_by_another_fund_of_its_series():
    sold = Sale(account="x", asset="VTI", quantity=10, unit_cost=150, acquired=LONG_AGO, unit_price=99, sold=JUST_NOW)
    home = household(account(ROTH, cash=10_000), prices={"VTI": 100.0, "ITOT": 100.0}, sales=[sold])
    assert {order.asset for order in rebalance(home, targets(equities=1.0)).orders} == {"ITOT"}


def test_an_account_that_may_hold_nothing_but_cash_stays_in_cash():
    home = household(account(IRA, cash=10_000, may_hold=("cash",)), account(ROTH, lot("VTI", 100)))
    result = rebalance(home, targets(equities=0.2, fixed_income=0.3, cash=0.5))
    assert {order.account for order in result.orders} == {ROTH}
    assert result.drift_after < 1e-3
    short = rebalance(home, targets(equities=0.5, fixed_income=0.5))
    assert any("It cannot be bought in 'traditional IRA'" in note for note in short.notes)


def test_what_an_account_may_not_hold_is_sold_and_not_bought():
    home = household(account(IRA, lot("BTC", 10), may_hold=("equities",)), account(ROTH, lot("VTI", 100)))
    less = rebalance(home, targets(equities=0.75, crypto=0.25))
    assert {(order.account, order.side, order.asset) for order in less.orders} == {
        (IRA, Side.SELL, "BTC"),
        (IRA, Side.BUY, "VTI"),
    }
    more = rebalance(home, targets(equities=0.25, crypto=0.75))
    assert {(order.account, order.side, order.asset) for order in more.orders} == {
        (ROTH, Side.SELL, "VTI"),
        (ROTH, Side.BUY, "BTC"),
    }


def test_orders_reach_the_smallest_trade_or_sell_everything():
    home = household(account(ROTH, lot("VTI", 99), lot("BND", 2), cash=40))
    assert rebalance(home, targets(equities=0.985, fixed_income=0.015)).orders == ()
    result = rebalance(home, targets(equities=1.0), policy=TradingPolicy(minimum_trade=100))
    assert [(order.asset, order.quantity) for order in sales(result)] == [("BND", 2)]


def test_whole_units_are_ordered_in_whole_units():
    home = household(account(ROTH, lot("VTI", 100.5)), whole=("VTI", "BND"))
    result = rebalance(home, HALF)
    assert all(order.quantity == int(order.quantity) for order in result.orders)
    assert result.drift_after < 0.01
    gone = rebalance(home, targets(cash=1.0))
    assert [order.quantity for order in gone.orders] == [100.5]


def test_lots_in_parts_of_units_are_sold_in_whole_units_together():
    home = household(account(ROTH, lot("BTC", 0.3), lot("BTC", 1), lot("BTC", 0.63)), whole=("BTC",))
    result = rebalance(home, targets(crypto=0.48, cash=0.52))
    assert [order.quantity for order in result.orders] == pytest.approx([0.3, 0.7])


def test_a_buffer_of_cash_stays_in_each_account_as_far_as_it_reaches():
    home = household(account(ROTH, cash=300), account(IRA, cash=2_000))
    result = rebalance(home, HALF, policy=TradingPolicy(cash_buffer=500))
    assert {order.account for order in result.orders} == {IRA}
    assert result.after.household.account(IRA).cash == pytest.approx(500, abs=100)
    assert result.after.household.account(IRA).cash >= 500


def test_where_nothing_is_due_and_no_money_flows_nothing_is_traded(two_accounts: Household):
    result = rebalance(two_accounts, HALF, rule=Calendar(), last=DAY)
    assert result.orders == ()
    assert not result.decision.due
    assert "nothing is traded" in result.notes[-1]
    assert result.before.household == result.after.household


def test_where_nothing_is_due_new_money_goes_to_what_is_furthest_below(two_accounts: Household):
    result = rebalance(two_accounts, HALF, rule=Calendar(), contribution=1_000, last=DAY)
    assert [(order.side, order.asset) for order in result.orders] == [(Side.BUY, "BND")]
    assert result.orders[0].amount == pytest.approx(1_000, abs=1)


def test_where_nothing_is_due_only_what_is_needed_is_sold():
    home = household(account(TAXABLE, lot("VTI", 200, 90.0), lot("BND", 100, 49.0), cash=50))
    result = rebalance(home, HALF, rule=Calendar(), withdrawal=1_000, last=DAY)
    assert {order.asset for order in result.orders} == {"VTI"}
    assert sum(order.amount for order in result.orders) <= 1_001


def test_a_rule_that_leads_to_the_edge_stops_there():
    home = household(account(ROTH, lot("VTI", 140), lot("BND", 120)))
    rule = Threshold(absolute=0.05, destination=Destination.EDGE)
    result = rebalance(home, HALF, rule=rule)
    assert result.decision.due
    assert result.after.weights["equities"] == pytest.approx(0.55, abs=0.002)


def test_money_out_of_an_ira_is_income():
    home = household(account(IRA, lot("VTI", 100), lot("BND", 200)), taxes=TaxSituation(income=120_000))
    result = rebalance(home, HALF, withdrawal={"traditional IRA": 5_000})
    assert result.tax == pytest.approx(distribution_tax(home.taxes, 5_000, 2025))
    assert any("is income and adds" in note and "penalty" in note for note in result.notes)


def test_everything_can_be_taken_out_to_the_cent():
    home = household(account(TAXABLE, lot("VTI", 33.333333, 40.0), lot("BND", 7.77, 49.0), cash=0.07))
    most = 0.07 + 3333.33 - 1.67 + 388.5 - 0.19
    result = rebalance(home, HALF, withdrawal=round(most, 2))
    assert result.after.total == pytest.approx(0, abs=0.005)
    with pytest.raises(InputError, match=r"can pay out \$3,720\.04"):
        rebalance(home, HALF, withdrawal=round(most, 2) + 0.01)


@pytest.mark.parametrize(
    ("flows", "words"),
    [
        ({"contribution": -5}, "not negative"),
        ({"contribution": "much"}, "must be an amount"),
        ({"withdrawal": {"Nobody": 5}}, "no account 'Nobody'"),
        ({"withdrawal": {"traditional IRA": 20_000}}, "can pay out"),
        ({"contribution": float("nan")}, "not negative"),
        ({"contribution": 1e300}, "more than a household can have"),
    ],
)
def test_bad_flows_are_said_in_words(two_accounts: Household, flows, words):
    with pytest.raises(InputError, match=words):
        rebalance(two_accounts, HALF, **flows)


def test_money_without_a_taxable_account_needs_a_name():
    with pytest.raises(InputError, match="no taxable account"):
        rebalance(household(account(IRA, cash=5)), HALF, contribution=100)


def test_a_day_without_a_tax_table_is_an_error(two_accounts: Household):
    with pytest.raises(InputError, match="no tax table for 2031"):
        rebalance(two_accounts.with_changes(as_of=dt.date(2031, 1, 2)), HALF)


def test_an_empty_household_is_left_alone():
    assert rebalance(household(account(IRA)), targets(cash=1)).orders == ()
    assert rebalance(Household(accounts=[account(TAXABLE, cash=5_000)], as_of=DAY), HALF).orders == ()


def test_prices_can_be_given(two_accounts: Household):
    result = rebalance(two_accounts, HALF, prices={"VTI": 200.0})
    assert result.before.total == 40_000
    assert {order.price for order in sales(result)} == {200.0}


def test_orders_as_text_have_one_line_each(two_accounts: Household):
    result = rebalance(two_accounts, HALF)
    assert len(result.to_csv().splitlines()) == len(result.orders) + 1
    assert "<table" in result._repr_html_()


def test_the_curve_pays_more_and_leaves_less_the_dearer_drift_is():
    lots = [lot("VTI", 40, cost, day) for cost in (20.0, 50.0, 80.0, 98.0) for day in (LONG_AGO, LATELY)]
    home = household(account(TAXABLE, *lots), account(IRA, lot("VTI", 20)))
    told: list[float] = []
    curve = tax_drift_curve(home, HALF, progress=told.append)
    assert told[-1] == 1
    assert told == sorted(told)
    assert len(curve) == len(told) >= 12
    assert curve["left"].is_monotonic_decreasing or (curve["left"].diff().dropna() < 0.02).all()
    assert (curve["counted"].diff().dropna() > -0.02).all()
    assert ((curve["tax"] + curve["cost"]).diff().dropna() > -0.02).all()
    assert curve["tax"].iloc[0] == 0
    assert curve["drift"].iloc[-1] < 1e-4
    assert curve["tax"].nunique() >= 3


def test_the_curve_can_be_stopped(two_accounts: Household):
    def stop(part: float) -> None:
        raise KeyboardInterrupt(part)

    with pytest.raises(KeyboardInterrupt):
        tax_drift_curve(two_accounts, HALF, progress=stop)


@pytest.mark.parametrize("price", [-0.1, float("nan"), float("inf")])
def test_an_impossible_price_of_tracking_is_said_in_words(two_accounts: Household, price):
    with pytest.raises(InputError, match="Prices of tracking are dollars"):
        tax_drift_curve(two_accounts, HALF, prices_of_tracking=(0.1, price))


def test_accounts_of_one_owner_and_kind_keep_their_own_lots():
    first = Account(
        kind=TAXABLE, owner="A", name="one", holdings=[Lot(asset="VTI", quantity=5, unit_cost=1, acquired=LONG_AGO)]
    )
    second = Account(
        kind=TAXABLE, owner="A", name="two", holdings=[Lot(asset="VTI", quantity=5, unit_cost=99, acquired=LONG_AGO)]
    )
    home = Household(
        accounts=[first, second], prices={"VTI": 100.0}, as_of=DAY, assets=[Asset(symbol="VTI", series="us_equity")]
    )
    result = rebalance(home, targets(cash=0.5, equities=0.5))
    assert [(order.account, order.lot, order.quantity) for order in result.orders] == [("two", 0, 5)]


def test_tax_on_gold_sold_before_makes_no_further_sale_free():
    earlier = Sale(
        account="taxable", asset="GLD", quantity=100, unit_cost=20, unit_price=100, acquired=LONG_AGO, sold=JUST_NOW
    )
    gold = Household(
        accounts=(account(AccountKind.TAXABLE, lot("GLD", 100, 20)),),
        prices={"GLD": 100.0, "VTI": 100.0},
        assets=(Asset(symbol="GLD", series="gold"), Asset(symbol="VTI", series="us_equity")),
        taxes=TaxSituation(income=150_000),
        as_of=DAY,
    )
    aim = targets(equities=0.5, commodities=0.5)
    assert not rebalance(gold, aim).orders
    assert not rebalance(gold.with_changes(sales=(earlier,)), aim).orders


def test_what_stays_above_or_below_is_explained_by_its_own_reason():
    dear = household(account(AccountKind.TAXABLE, lot("VTI", 100, 10.0)), prices={"VTI": 100.0})
    to_cash = rebalance(dear, targets(cash=1.0)).notes
    assert any("Selling more would cost 13.6 cents a dollar" in note for note in to_cash)
    assert "Cash stays 100.0 points below its target. It would have to come from what stays above." in to_cash
    unpriced = rebalance(dear, targets(fixed_income=1.0)).notes
    assert any("Nothing of it has a price" in note for note in unpriced)
    units = household(account(AccountKind.ROTH_IRA, cash=1_000.0), prices={"VTI": 95.0}, whole=("VTI",))
    bought = rebalance(units, targets(equities=0.9, cash=0.1)).notes
    assert not any("cash" in note for note in bought if note.startswith("Equities"))
    few = household(account(AccountKind.ROTH_IRA, cash=1_000.0), prices={"VTI": 2_000.0}, whole=("VTI",))
    assert any("The $1,000 do not buy a whole unit." in note for note in rebalance(few, targets(equities=1.0)).notes)
    little = rebalance(few, targets(equities=0.05, cash=0.95)).notes
    assert any("The $50 are less than the smallest trade." in note for note in little)
    kept = rebalance(units, targets(equities=1.0), policy=TradingPolicy(cash_buffer=200.0)).notes
    assert any("A buffer of $200 stays in cash" in note for note in kept)
    assert rebalance(household(account(AccountKind.TAXABLE)), targets(equities=1.0)).notes == (
        "The accounts are empty: there is nothing to trade.",
    )


def test_a_partly_cheap_exchange_does_not_hide_why_the_rest_is_dear():
    home = household(account(AccountKind.TAXABLE, lot("VTI", 500, 40.0)))
    notes = rebalance(home, targets(equities=0.6, fixed_income=0.3, crypto=0.1)).notes
    assert any(note.startswith("Equities") and "Selling more would cost just over 10 cents" in note for note in notes)


def test_one_order_is_placed_where_it_does_what_two_would():
    plan = account(AccountKind.PLAN_401K, lot("VTI", 500), may_hold=("equities", "fixed_income"))
    result = rebalance(
        household(plan, account(AccountKind.ROTH_IRA, lot("VTI", 100))),
        targets(equities=0.6, fixed_income=0.3, crypto=0.1),
    )
    assert [(order.account, order.asset) for order in result.orders] == [
        ("401(k)", "VTI"),
        ("401(k)", "BND"),
        ("Roth IRA", "VTI"),
        ("Roth IRA", "BTC"),
    ]


def test_a_cent_is_said_as_one(two_accounts: Household):
    assert "$0.01 comes out of 'taxable'." in rebalance(two_accounts, targets(equities=1.0), withdrawal=0.01).notes
