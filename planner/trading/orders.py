"""Orders, what they cost and are taxed, and the household after they are carried out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields
from enum import StrEnum
from math import fsum, isfinite
from typing import TYPE_CHECKING

import pandas as pd

from planner.errors import InputError
from planner.household.accounts import Account, Household, Lot, Sale, Treatment
from planner.market.universe import BUILT_IN, Universe
from planner.trading.wash_sales import DUST, WashSaleRules, with_wash_sales

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

CENT = 0.01
"""What rounding may leave between an amount and its quantity times its price."""


class Side(StrEnum):
    """What an order does."""

    BUY = "buy"
    SELL = "sell"


class Term(StrEnum):
    """How long something that is sold in a taxable account was held."""

    SHORT = "short-term"
    LONG = "long-term"


@dataclass(frozen=True, slots=True)
class Order:
    """One order: in which account, of what, how much, and for a sale of which lot.

    ``amount`` is quantity times price to the cent, ``cost`` what the trade costs on top. ``lot`` is the place of the
    lot among the account's holdings, ``acquired`` and ``unit_cost`` are that lot's. ``gain`` (a loss where negative,
    after costs), ``term``, ``rate`` and ``tax`` (gain times rate) are of sales in taxable accounts, and 0 or None
    elsewhere.
    """

    account: str
    asset: str
    side: Side
    quantity: float
    price: float
    amount: float
    cost: float = 0.0
    lot: int | None = None
    acquired: dt.date | None = None
    unit_cost: float | None = None
    gain: float = 0.0
    term: Term | None = None
    rate: float = 0.0
    tax: float = 0.0


def orders_table(orders: Iterable[Order]) -> pd.DataFrame:
    """Orders as a table, one row each, columns as the fields of ``Order``."""
    names = [field.name for field in fields(Order)]
    return pd.DataFrame([[getattr(order, name) for name in names] for order in orders], columns=names)


def carry_out(
    household: Household,
    orders: Iterable[Order],
    flows: Mapping[str, float] | None = None,
    rules: WashSaleRules | None = None,
    universe: Universe = BUILT_IN,
) -> Household:
    """The household after orders at their prices on its day, and after money put in (positive) or taken out by account.

    Units and, to the cent, money are conserved. Sales in taxable accounts are added to ``sales``; wash sales among the
    orders, and between them and what was sold and bought before, are set right in sales and lots as ``rules`` say.
    An order for what is not there or that does not add up, and a purchase that the cash does not reach for, is an
    InputError, and nothing is carried out.
    """
    orders, flows = tuple(orders), dict(flows or {})
    accounts = {account.name: account for account in household.accounts}
    by_account: dict[str, list[Order]] = defaultdict(list)
    for name in (*flows, *(order.account for order in orders)):
        if name not in accounts:
            household.account(name)
    for order in orders:
        _check(order, accounts[order.account])
        by_account[order.account].append(order)
    after = tuple(
        _after(account, by_account[account.name], flows.get(account.name, 0.0), household.as_of)
        for account in household.accounts
    )
    sales = tuple(
        _sale(accounts[order.account], order, household.as_of)
        for order in orders
        if order.side == Side.SELL and accounts[order.account].kind.treatment is Treatment.TAXED
    )
    traded = household.with_changes(accounts=after, sales=household.sales + sales)
    return with_wash_sales(traded, rules, universe, since=household.as_of)


def _check(order: Order, account: Account) -> None:
    what = f"An order to {order.side} {order.asset} in '{account.name}'"
    numbers = (order.quantity, order.price, order.amount, order.cost)
    if not (all(map(isfinite, numbers)) and order.quantity > 0 and order.amount >= 0 and order.cost >= 0):
        raise InputError(f"{what} needs a quantity above 0, and an amount and a cost that are not negative.")
    if abs(order.amount - order.quantity * order.price) > CENT * (1 + DUST) + DUST * order.amount:
        raise InputError(
            f"{what} comes to {order.amount:,.2f}, and its quantity times its price to "
            f"{order.quantity * order.price:,.2f}: make them agree."
        )
    if order.side == Side.SELL:
        if order.lot is None or not 0 <= order.lot < len(account.holdings):
            raise InputError(f"{what} names no lot that is there.")
        if account.holdings[order.lot].asset != order.asset:
            raise InputError(f"{what} names a lot of {account.holdings[order.lot].asset}: name one of {order.asset}.")


def _after(account: Account, orders: list[Order], flow: float, day: dt.date) -> Account:
    if not orders and flow == 0:
        return account
    sold: dict[int, list[float]] = defaultdict(list)
    for order in orders:
        if order.side == Side.SELL and order.lot is not None:
            sold[order.lot].append(order.quantity)
    lots = []
    for place, lot in enumerate(account.holdings):
        left = fsum([lot.quantity, *(-quantity for quantity in sold.get(place, ()))])
        if left < -DUST * lot.quantity:
            raise InputError(
                f"Orders sell {fsum(sold[place]):g} of {lot.asset} from a lot of {lot.quantity:g} in '{account.name}'."
            )
        if left > DUST * lot.quantity:
            lots.append(lot if place not in sold else lot.with_changes(quantity=left))
    for order in orders:
        if order.side == Side.BUY:
            unit_cost = (order.amount + order.cost) / order.quantity
            lots.append(Lot(asset=order.asset, quantity=order.quantity, unit_cost=unit_cost, acquired=day))
    cash = round(fsum([account.cash, flow, *map(_cash_of, orders)]), 2)
    if cash < 0:
        raise InputError(f"The orders in '{account.name}' spend {-cash:,.2f} more than there is.")
    return account.with_changes(holdings=tuple(lots), cash=cash)


def _cash_of(order: Order) -> float:
    return (order.amount if order.side == Side.SELL else -order.amount) - order.cost


def _sale(account: Account, order: Order, day: dt.date) -> Sale:
    lot = account.holdings[order.lot or 0]
    return Sale(
        account=account.name,
        asset=order.asset,
        quantity=order.quantity,
        unit_cost=lot.unit_cost,
        acquired=lot.acquired,
        unit_price=(order.amount - order.cost) / order.quantity,
        sold=day,
        bought=lot.bought,
    )
