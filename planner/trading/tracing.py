"""Where every number of an order comes from, in words: the lot, how long it was held, its gain, rate and tax."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner.household.accounts import Treatment
from planner.household.tax_tables import NET_INVESTMENT_RATE, NET_INVESTMENT_THRESHOLD
from planner.household.taxes import MarginalRates, is_long_term, long_term_from, marginal_rates
from planner.market.universe import TaxCharacter
from planner.trading.orders import Order, Side, Term
from planner.wording import count, percent, to_the_cent, units

if TYPE_CHECKING:
    import datetime as dt

    from planner.household.accounts import Lot
    from planner.household.tax_situation import TaxSituation
    from planner.trading.rebalance import Rebalancing

Line = tuple[str, str]
"""What a number is, and how it came about."""

OTHERS_SHOWN = 3
"""Lots that one is compared with; more are not read. Ours."""


def trace(order: Order, made: Rebalancing) -> tuple[Line, ...]:
    """The lines behind an order of a rebalancing, each a pair of what it is and how it came about.

    Rates are those on the next dollar in the year, which is how ``Order.rate`` is defined.
    """
    household = made.before.household
    account = household.account(order.account)
    reason = ("Why", _reason(order.asset, made))
    taxed = account.kind.treatment is Treatment.TAXED
    if order.side is Side.BUY:
        return (*_purchase(order, household.as_of, taxed=taxed), reason)
    lot = account.holdings[order.lot or 0]
    if order.term is None or lot.acquired is None or lot.unit_cost is None:
        return (_lot(order, lot), _proceeds(order), ("Tax", f"None: no sale inside a {account.kind} is taxed."), reason)
    situation = _situation(made)
    return (
        _lot(order, lot),
        ("Held", held_for(lot.acquired, household.as_of)),
        _proceeds(order),
        ("Cost basis", f"{units(order.quantity)} × {to_the_cent(lot.unit_cost)} = {_basis(order, lot.unit_cost)}"),
        ("Loss" if order.gain < 0 else "Gain", f"{_net(order)} − {_basis(order, lot.unit_cost)} = {_gain(order)}"),
        ("Rate", _rate(order, made, situation)),
        ("Tax", f"{_gain(order)} × {percent(order.rate)} = {to_the_cent(order.tax)}{_saved(order)}"),
        ("Why this lot", _among_the_others(order, made, situation)),
        reason,
    )


def held_for(acquired: dt.date, day: dt.date) -> str:
    """How long something was held, its term, and from when on that is or was long-term."""
    months = (day.year - acquired.year) * 12 + day.month - acquired.month - (day.day < acquired.day)
    years, months = divmod(months, 12)
    spans = [count(number, noun) for number, noun in ((years, "year"), (months, "month")) if number]
    span = " and ".join(spans) or count((day - acquired).days, "day")
    since = long_term_from(acquired)
    if is_long_term(acquired, day):
        return f"{span}: long-term since {since}"
    return f"{span}: short-term, long-term from {since} on"


def _lot(order: Order, lot: Lot) -> Line:
    part = "all of it" if order.quantity >= lot.quantity else f"{units(order.quantity)} of its {units(lot.quantity)}"
    bought = f", bought on {lot.bought or lot.acquired}" if lot.acquired is not None else ""
    if lot.bought is not None and lot.acquired is not None:
        bought += f" and, after a wash sale, held as if since {lot.acquired}"
    at = f" at {to_the_cent(lot.unit_cost)}" if lot.unit_cost is not None else ""
    return "Lot", f"Number {(order.lot or 0) + 1} in '{order.account}'{bought}{at}; {part} sold"


def _proceeds(order: Order) -> Line:
    sum_ = f"{units(order.quantity)} × {to_the_cent(order.price)} = {to_the_cent(order.amount)}"
    return "Proceeds", f"{sum_}, less {to_the_cent(order.cost)} of costs = {_net(order)}"


def _net(order: Order) -> str:
    return to_the_cent(order.amount - order.cost)


def _basis(order: Order, unit_cost: float) -> str:
    return to_the_cent(order.quantity * unit_cost)


def _gain(order: Order) -> str:
    return to_the_cent(order.gain)


def _saved(order: Order) -> str:
    return ", saved where there are gains to set it against" if order.tax < 0 else ""


def _situation(made: Rebalancing) -> TaxSituation:
    """The household's taxes with what leaves tax-deferred accounts as income."""
    household = made.before.household
    taken = -sum(
        flow
        for name, flow in made.flows.items()
        if flow < 0 and household.account(name).kind.treatment is Treatment.DEFERRED
    )
    return household.taxes.with_changes(income=household.taxes.income + taken)


def _rate(order: Order, made: Rebalancing, situation: TaxSituation) -> str:
    """A marginal rate and the federal, net investment and state parts it is the sum of."""
    stateless = marginal_rates(situation.with_changes(state_rate=0.0), made.before.as_of.year)
    state = order.rate - _rate_of(order.asset, made, stateless, long=order.term is Term.LONG)
    above = situation.income >= NET_INVESTMENT_THRESHOLD[situation.filing]
    investment = NET_INVESTMENT_RATE if above else 0.0
    federal = order.rate - state - investment
    parts = (("federal", federal), ("net investment income", investment), ("state", state))
    composed = ", ".join(f"{name} {percent(part)}" for name, part in parts)
    return f"{percent(order.rate)} on the next dollar of {order.term} gains: {composed}"


def _rate_of(asset: str, made: Rebalancing, rates: MarginalRates, *, long: bool) -> float:
    if not long:
        return rates.short
    universe, series = made.before.universe, made.before.household.asset_of[asset].series
    members = {member.name: member for kind in universe.classes for member in kind.series}
    return rates.collectible if members[series].tax is TaxCharacter.COLLECTIBLE else rates.long


def _among_the_others(order: Order, made: Rebalancing, situation: TaxSituation) -> str:
    """What a dollar sold of the lot costs in tax, and of the other lots of the asset in the account."""
    held, rates = made.before, marginal_rates(situation, made.before.as_of.year)
    account, asset = held.account_names.index(order.account), held.symbols.index(order.asset)
    lots = np.flatnonzero((held.account == account) & (held.asset == asset))
    own = int(np.searchsorted(held.account, account)) + (order.lot or 0)
    gain = 1 - order.cost / order.amount - held.cost[lots] / held.value[lots]
    rate = np.where(
        held.long_term[lots],
        _rate_of(order.asset, made, rates, long=True),
        _rate_of(order.asset, made, rates, long=False),
    )
    tax = dict(zip(lots.tolist(), (100 * gain * rate).tolist(), strict=True))
    said = f"A dollar sold of it {_cents(tax.pop(own))} of tax"
    if not tax:
        return f"{said}; it is the only lot of {order.asset} there"
    holdings = made.before.household.account(order.account).holdings
    first = own - (order.lot or 0)
    cheapest = sorted(tax, key=lambda lot: tax[lot])[:OTHERS_SHOWN]
    sold = {first + one.lot for one in made.orders if one.account == order.account and one.lot is not None}
    listed = ", ".join(
        f"the one of {holdings[lot - first].acquired} {_cents(tax[lot])}{' and is sold too' if lot in sold else ''}"
        for lot in cheapest
    )
    more = f", and {len(tax) - len(cheapest)} more no less" if len(tax) > len(cheapest) else ""
    return f"{said}; of the other lots of {order.asset} there, {listed}{more}"


def _cents(tax: float) -> str:
    return f"saves {count(-tax, 'cent')}" if tax < 0 else f"costs {count(tax, 'cent')}"


def _purchase(order: Order, day: dt.date, *, taxed: bool) -> tuple[Line, ...]:
    paid = to_the_cent(order.amount + order.cost)
    costs = f", with {to_the_cent(order.cost)} of costs {paid}" if order.cost else ""
    lines: tuple[Line, ...] = (
        ("Price", f"{units(order.quantity)} × {to_the_cent(order.price)} = {to_the_cent(order.amount)}{costs}"),
    )
    if taxed:
        basis = to_the_cent((order.amount + order.cost) / order.quantity)
        lines += (
            ("New lot", f"bought on {day} at {basis} a unit with costs, long-term from {long_term_from(day)} on"),
        )
    return lines


def _reason(asset: str, made: Rebalancing) -> str:
    """Where the asset's class is, should be, and ends up."""
    universe = made.before.universe
    kind = universe[universe.class_of[made.before.household.asset_of[asset].series]]
    before, after = float(made.before.weights[kind.name]), float(made.after.weights[kind.name])
    return (
        f"{kind.label} is {percent(before)} of everything, its target {percent(made.targets.weights[kind.name])}; "
        f"all orders together bring it to {percent(after)}"
    )
