"""Orders, what they cost and are taxed, and the household after they are carried out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields
from enum import StrEnum
from math import fsum
from typing import TYPE_CHECKING

import pandas as pd

from planner.errors import InputError
from planner.household.accounts import Account, Household, Lot, Sale, Treatment

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

NEVER_LESS_THAN = -0.005
"""Half a cent: what rounding may leave."""


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


def carry_out(household: Household, orders: Iterable[Order], flows: Mapping[str, float] | None = None) -> Household:
    """The household after orders at their prices on its day, and after money put in (positive) or taken out by account.

    Units and, to the cent, money are conserved. Sales in taxable accounts are added to ``sales``. An order for what is
    not there, and a purchase that the cash does not reach for, is an InputError, and nothing is carried out.
    """
    orders, flows = tuple(orders), dict(flows or {})
    by_account: dict[str, list[Order]] = defaultdict(list)
    for order in orders:
        by_account[household.account(order.account).name].append(order)
    for name in flows:
        household.account(name)
    accounts = tuple(
        _after(account, by_account[account.name], flows.get(account.name, 0.0), household.as_of)
        for account in household.accounts
    )
    sales = tuple(
        _sale(household, order)
        for order in orders
        if order.side is Side.SELL and household.account(order.account).kind.treatment is Treatment.TAXED
    )
    return household.with_changes(accounts=accounts, sales=household.sales + sales)


def _after(account: Account, orders: list[Order], flow: float, day: dt.date) -> Account:
    sold: dict[int, float] = defaultdict(float)
    for order in orders:
        if order.side is Side.SELL:
            if order.lot is None or not 0 <= order.lot < len(account.holdings):
                raise InputError(
                    f"An order sells {order.asset} in '{account.name}' without naming a lot that is there."
                )
            sold[order.lot] += order.quantity
    lots = []
    for place, lot in enumerate(account.holdings):
        left = lot.quantity - sold[place]
        if left < -1e-9 * lot.quantity:
            raise InputError(
                f"Orders sell {sold[place]:g} of {lot.asset} from a lot of {lot.quantity:g} in '{account.name}'."
            )
        if left > 1e-9 * lot.quantity:
            lots.append(lot if place not in sold or sold[place] == 0 else lot.with_changes(quantity=left))
    for order in orders:
        if order.side is Side.BUY:
            unit_cost = (order.amount + order.cost) / order.quantity
            lots.append(Lot(asset=order.asset, quantity=order.quantity, unit_cost=unit_cost, acquired=day))
    cash = round(fsum([account.cash, flow, *map(_cash_of, orders)]), 2)
    if cash < NEVER_LESS_THAN:
        raise InputError(f"The orders in '{account.name}' spend {-cash:,.2f} more than there is.")
    return account.with_changes(holdings=tuple(lots), cash=max(cash, 0.0))


def _cash_of(order: Order) -> float:
    return (order.amount if order.side is Side.SELL else -order.amount) - order.cost


def _sale(household: Household, order: Order) -> Sale:
    lot = household.account(order.account).holdings[order.lot or 0]
    return Sale(
        account=order.account,
        asset=order.asset,
        quantity=order.quantity,
        unit_cost=lot.unit_cost,
        acquired=lot.acquired,
        unit_price=(order.amount - order.cost) / order.quantity,
        sold=household.as_of,
    )
