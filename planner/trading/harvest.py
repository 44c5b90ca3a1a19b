"""Selling what stands at a loss, to set the loss against gains, and buying something like it instead."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields, replace
from functools import cached_property
from html import escape
from math import floor, fsum
from typing import TYPE_CHECKING

import pandas as pd

from planner.errors import InputError
from planner.household.taxes import Gains, marginal_rates, realised, tax_bill
from planner.market.universe import BUILT_IN, TaxCharacter, Universe
from planner.trading.holdings import Holdings
from planner.trading.losses import LotLoss, Today, blocked, replaced, stand_ins
from planner.trading.orders import CENT, Order, Side, Term
from planner.trading.rounding import UNIT_STEPS, cents, cost_cents
from planner.trading.trading_policy import TradingPolicy
from planner.trading.wash_sales import WINDOW, WashSaleRules
from planner.wording import count, money, percent, to_the_cent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.household.accounts import Household

DEFAULT_MINIMUM_LOSS = 100.0
"""Dollars, of all lots of an asset; less saves less than thirty days of watching every account are worth. Ours."""


SHOWN = (
    "account",
    "asset",
    "quantity",
    "acquired",
    "term",
    "loss",
    "saved",
    "carried",
    "later",
    "replacement",
    "reason",
)
"""Columns on the page."""


@dataclass(frozen=True, eq=False)
class Harvest:
    """The losses of a household's taxable lots, what harvesting them today saves, and the orders for it.

    Losses to be harvested stand first and in the order of usefulness, in which their savings add up to ``saved``.
    """

    losses: tuple[LotLoss, ...]
    orders: tuple[Order, ...]
    notes: tuple[str, ...]

    @property
    def saved(self) -> float:
        """Tax of this year that is saved."""
        return fsum(one.saved for one in self.losses)

    @property
    def carried(self) -> float:
        """Losses that go to later years, more than would without."""
        return fsum(one.carried for one in self.losses)

    @property
    def later(self) -> float:
        """Tax on the lower basis of what is bought instead, at today's long-term rate."""
        return fsum(one.later for one in self.losses)

    @property
    def cost(self) -> float:
        """Cost of the trades."""
        return fsum(order.cost for order in self.orders)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a lot, columns as the fields of ``LotLoss``."""
        names = [field.name for field in fields(LotLoss)]
        return pd.DataFrame([[getattr(one, name) for name in names] for one in self.losses], columns=names)

    def _repr_html_(self) -> str:
        said = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        table = self.table[list(SHOWN)].astype(object).fillna("")
        return f"<ul>{said}</ul>{table.to_html(index=False, float_format='{:,.2f}'.format)}"


def harvest(
    household: Household,
    universe: Universe = BUILT_IN,
    *,
    policy: TradingPolicy | None = None,
    rules: WashSaleRules | None = None,
    minimum_loss: float = DEFAULT_MINIMUM_LOSS,
) -> Harvest:
    """Find the taxable lots at a loss that is worth its trades, and sell those whose loss counts.

    ``minimum_loss`` is the least that the losses on an asset, and on those identical to it, come to after costs.
    Lots blocked by a purchase of the thirty days before stay, unless all that was bought then is sold too; so do
    assets that stand in for others that are sold. The money buys the asset's ``replacement`` in the same account, or
    the same asset where the wash-sale rule does not apply. Sources: 26 USC 1091, 1211, 1212; domain.md section 7.
    """
    if not minimum_loss >= 0:
        raise InputError(f"A smallest loss of {minimum_loss:g} is impossible: give an amount that is not negative.")
    today = Today(Holdings(household, universe), policy or TradingPolicy(), rules or WashSaleRules())
    stay, sold = blocked(today, today.losses(minimum_loss))
    stood_in, sold = stand_ins(today, sold)
    sold, left_in_cash = replaced(today, sold)
    sold, purchases, too_dear = _invested(today, sold)
    sold = _by_usefulness(today, sold)
    waiting = sorted([*stay, *stood_in], key=lambda one: -one.loss)
    orders = (*(_sale(today, one) for one in sold), *purchases)
    least = to_the_cent(max(minimum_loss, CENT))
    nothing = f"Nothing in a taxable account stands at a loss of {least} or more that is worth the costs of trading."
    notes = (*_what_it_saves(today, sold), *left_in_cash, *too_dear, *dict.fromkeys(one.reason for one in waiting))
    return Harvest((*sold, *waiting), orders, notes or (nothing,))


def _invested(today: Today, sold: list[LotLoss]) -> tuple[list[LotLoss], tuple[Order, ...], tuple[str, ...]]:
    """The losses with what both trades cost, a purchase of each replacement in each account, and what buys nothing."""
    together: dict[tuple[str, str | None], list[LotLoss]] = defaultdict(list)
    for one in sold:
        together[one.account, one.replacement].append(one)
    invested, orders, notes = [], [], []
    for (account, symbol), losses in together.items():
        order = None if symbol is None else _purchase(today, account, symbol, losses)
        if order is None:
            invested += [replace(one, replacement=None) for one in losses]
            if symbol is not None:
                notes.append(f"What the sales in '{account}' bring does not buy a single {symbol}: it stays in cash.")
            continue
        orders.append(order)
        value = fsum(one.value for one in losses)
        invested += [replace(one, cost=one.cost + order.cost * one.value / value) for one in losses]
    return invested, tuple(orders), tuple(notes)


def _purchase(today: Today, account: str, symbol: str, losses: Sequence[LotLoss]) -> Order | None:
    """An order for as much as the sales pay for, its own cost included; None where that is nothing."""
    budget = sum(round((one.value - one.cost) * 100) for one in losses)
    price, rate = today.household.prices[symbol], today.costs[symbol]
    steps = 1.0 if today.household.asset_of[symbol].whole_units else UNIT_STEPS
    number = floor(budget / 100 / (1 + rate) / price * steps)
    while number > 0 and _spent(number / steps, price, rate) > budget:
        number -= max(1, floor(steps / price / 100))
    quantity = max(number, 0) / steps
    amount = cents(quantity, price)
    if amount <= 0:
        return None
    return Order(account, symbol, Side.BUY, quantity, price, amount / 100, cost_cents(amount, rate) / 100)


def _spent(quantity: float, price: float, rate: float) -> int:
    amount = cents(quantity, price)
    return amount + cost_cents(amount, rate)


def _by_usefulness(today: Today, sold: list[LotLoss]) -> list[LotLoss]:
    """The losses by what each would save alone for a dollar of it; savings are those of adding one after the other."""
    situation, year = today.household.taxes, today.day.year
    rates = marginal_rates(situation, year)
    collectibles = frozenset(name for name, tax in today.characters.items() if tax is TaxCharacter.COLLECTIBLE)
    gains = realised(today.household.sales, year, collectibles)
    bill = tax_bill(situation, gains, year)

    def of(one: LotLoss) -> Gains:
        if one.term is Term.SHORT:
            return Gains(short=-one.loss)
        return Gains(long=-one.loss, collectible=-one.loss if one.asset in collectibles else 0.0)

    def usefulness(one: LotLoss) -> tuple[float, float]:
        return (tax_bill(situation, gains + of(one), year).total - bill.total) / one.loss, -one.loss

    ordered = []
    for one in sorted(sold, key=usefulness):
        gains += of(one)
        after = tax_bill(situation, gains, year)
        rate = rates.collectible if one.replacement in collectibles else rates.long
        ordered.append(
            replace(
                one,
                saved=bill.total - after.total,
                carried=after.short_carried + after.long_carried - bill.short_carried - bill.long_carried,
                later=0.0 if one.replacement is None else rate * one.loss,
            )
        )
        bill = after
    return ordered


def _sale(today: Today, one: LotLoss) -> Order:
    lot = today.household.account(one.account).holdings[one.lot]
    return Order(
        account=one.account,
        asset=one.asset,
        side=Side.SELL,
        quantity=one.quantity,
        price=today.household.prices[one.asset],
        amount=one.value,
        cost=today.sale_cost(one.asset, one.value),
        lot=one.lot,
        acquired=one.acquired,
        unit_cost=lot.unit_cost,
        gain=-round(one.loss, 2),
        term=one.term,
        rate=one.saved / one.loss,
        tax=-round(one.saved, 2),
    )


def _what_it_saves(today: Today, sold: Sequence[LotLoss]) -> tuple[str, ...]:
    """What the losses save now and cost later, and what must not be bought."""
    if not sold:
        return ()
    losses, saved, carried = (fsum(getattr(one, name) for one in sold) for name in ("loss", "saved", "carried"))
    short = fsum(one.loss for one in sold if one.term is Term.SHORT)
    terms = f"{money(short)} of them short-term"
    if round(short) in (0, round(losses)):
        terms = f"all of them {Term.SHORT if round(short) else Term.LONG}"
    said = [
        f"Selling {count(len(sold), 'lot')} realises {money(losses)} of losses, {terms}, and saves {money(saved)} of "
        "this year's tax.",
    ]
    if round(carried) > 0:
        said.append(
            f"{money(carried)} of the losses cannot be used this year and is carried forward: it is set against gains, "
            "and a little of it against other income, in years to come, which is not counted here."
        )
    later = fsum(one.later for one in sold)
    if round(later) > 0:
        rate = percent(marginal_rates(today.household.taxes, today.day.year).long)
        said.append(
            f"What is bought instead has a lower basis and will owe {money(later)} more when it is sold, at today's "
            f"long-term rate of {rate}: {money(min(saved, later))} of the saving is put off, and not a gift."
        )
    said.append(f"The trades cost {money(fsum(one.cost for one in sold))}.")
    assets = [one.asset for one in sold if one.keep_off_until is not None]
    groups = {today.group(asset) for asset in assets}
    if groups:
        names = [symbol for symbol in today.household.asset_of if today.group(symbol) in groups]
        said.append(
            f"Until {today.day + WINDOW}, that day included, no account of the household, an IRA as little as any "
            f"other, may buy {', '.join(names)}, not even with reinvested dividends: the loss would not count."
        )
    return tuple(said)
