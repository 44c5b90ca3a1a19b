"""Every number of an order can be traced to the lot, the term and the rate it is made of."""

import datetime as dt
import re
from dataclasses import replace

import pytest

from planner.household.accounts import Account, AccountKind, Household, Lot
from planner.household.tax_situation import FilingStatus, TaxSituation
from planner.market.universe import BUILT_IN
from planner.policy.targets import Targets
from planner.trading.holdings import Holdings
from planner.trading.orders import Side
from planner.trading.rebalance import rebalance
from planner.trading.tracing import held_for, trace
from planner.trading.trading_policy import TradingPolicy

IN_ROTH = (Lot(asset="us_equity", quantity=10),)
DAY = dt.date(2025, 9, 30)
RICH = TaxSituation(filing=FilingStatus.SINGLE, income=300_000.0, state_rate=0.05)
LOTS = (
    Lot(asset="us_equity", quantity=100, unit_cost=40, acquired=dt.date(2015, 3, 31)),
    Lot(asset="us_equity", quantity=100, unit_cost=90, acquired=dt.date(2021, 1, 4)),
    Lot(asset="gold", quantity=100, unit_cost=50, acquired=dt.date(2020, 1, 2)),
)


@pytest.fixture(scope="module")
def made():
    household = Household(
        accounts=(
            Account(kind=AccountKind.TAXABLE, owner="Ann", holdings=LOTS, name="broker"),
            Account(kind=AccountKind.ROTH_IRA, owner="Ann", holdings=IN_ROTH, name="Roth"),
        ),
        prices={"us_equity": 100.0, "us_bonds": 50.0, "gold": 100.0},
        as_of=DAY,
        taxes=RICH,
    )
    targets = Targets(weights={"equities": 0.45, "fixed_income": 0.5, "commodities": 0.05})
    return rebalance(household, targets, policy=TradingPolicy(tracking_price=1.0))


def order(made, account, asset, side):
    return next(one for one in made.orders if (one.account, one.asset, one.side) == (account, asset, side))


def amounts(text):
    return [float(found.replace(",", "").replace("$", "")) for found in re.findall(r"-?\$[\d,]+\.\d\d", text)]


def test_every_order_says_why_with_the_weights_before_and_after(made):
    assert made.orders
    for one in made.orders:
        assert "its target" in dict(trace(one, made))["Why"]


def test_the_gain_of_a_sale_is_its_proceeds_less_its_basis(made):
    sold = order(made, "broker", "us_equity", Side.SELL)
    lines = dict(trace(sold, made))
    proceeds, basis, gain = amounts(lines["Gain"])
    assert proceeds == amounts(lines["Proceeds"])[-1]
    assert basis == amounts(lines["Cost basis"])[-1]
    assert proceeds - basis == pytest.approx(gain, abs=0.011)
    assert gain == pytest.approx(sold.gain, abs=0.005)


def test_the_rate_is_the_sum_of_its_federal_net_investment_and_state_parts(made):
    lines = dict(trace(order(made, "broker", "us_equity", Side.SELL), made))
    assert lines["Rate"] == (
        "23.8 % on the next dollar of long-term gains: federal 15 %, net investment income 3.8 %, state 5 %"
    )


def test_a_collectible_has_its_own_federal_rate(made):
    lines = dict(trace(order(made, "broker", "gold", Side.SELL), made))
    assert "federal 28 %" in lines["Rate"]
    assert lines["Why this lot"].endswith("the only lot of gold there")


def test_the_lot_that_is_sold_is_held_against_the_others_of_its_account(made):
    sold = order(made, "broker", "us_equity", Side.SELL)
    assert sold.acquired == dt.date(2021, 1, 4)
    said = dict(trace(sold, made))["Why this lot"]
    own, other = (float(cents) for cents in re.findall(r"costs ([\d.]+) cents", said))
    assert own == pytest.approx(100 * sold.tax / sold.amount, abs=0.05)
    assert other > own
    assert "the one of 2015-03-31" in said
    assert ("sold too" in said) == any(one.acquired == dt.date(2015, 3, 31) for one in made.orders)


def test_nothing_is_taxed_inside_a_retirement_account(made):
    lines = dict(trace(order(made, "Roth", "us_equity", Side.SELL), made))
    assert lines["Tax"] == "None: no sale inside a Roth IRA is taxed."
    assert "Rate" not in lines


def test_a_purchase_in_a_taxable_account_says_the_basis_and_the_day_it_is_long_term(made):
    bought = order(made, "broker", "us_bonds", Side.BUY)
    said = dict(trace(bought, made))["New lot"]
    assert "long-term from 2026-10-01" in said
    assert amounts(said)[0] == pytest.approx((bought.amount + bought.cost) / bought.quantity, abs=0.005)
    assert BUILT_IN["fixed_income"].label in dict(trace(bought, made))["Why"]


def test_a_lot_that_took_over_a_wash_sale_says_both_of_its_days(made):
    sold = order(made, "broker", "us_equity", Side.SELL)
    household = made.before.household
    broker = household.account("broker")
    lots = list(broker.holdings)
    lots[sold.lot] = lots[sold.lot].with_changes(bought=dt.date(2022, 2, 1))
    changed = household.with_changes(accounts=(broker.with_changes(holdings=tuple(lots)), *household.accounts[1:]))
    lines = dict(trace(sold, replace(made, before=Holdings(changed))))
    assert "bought on 2022-02-01 and, after a wash sale, held as if since 2021-01-04 at $90.00" in lines["Lot"]


@pytest.mark.parametrize(
    ("acquired", "said"),
    [
        (dt.date(2020, 4, 20), "5 years and 5 months: long-term since 2021-04-21"),
        (dt.date(2024, 9, 30), "1 year: short-term, long-term from 2025-10-01 on"),
        (dt.date(2025, 9, 12), "18 days: short-term, long-term from 2026-09-13 on"),
        (dt.date(2025, 8, 30), "1 month: short-term, long-term from 2026-08-31 on"),
    ],
)
def test_how_long_a_lot_was_held_is_said_with_the_day_that_makes_it_long_term(acquired, said):
    assert held_for(acquired, DAY) == said
