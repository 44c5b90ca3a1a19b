"""A rebalancing in sentences: what was done in which order, what was left, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner.household.accounts import Treatment
from planner.household.taxes import Gains, added_tax, distribution_tax, marginal_rates, realised
from planner.market.universe import CASH
from planner.trading.orders import Side, Term
from planner.trading.wash_sales import locked_purchases
from planner.wording import money, to_the_cent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planner.trading.rebalance import Rebalancing
    from planner.trading.task import Task

WORTH_SAYING = 5e-4
"""Half a tenth of a point: what is left within it is not spoken of. Ours."""

PROBE = 100.0
"""Dollars more of which the tax is asked, to say what a dollar more would cost. Ours."""


def notes(task: Task, result: Rebalancing) -> tuple[str, ...]:
    """What was done and left undone, and why."""
    if task.idle:
        return (*task.decision.reasons, "No rebalancing is due and no money comes or goes: nothing is traded.")
    said = [_reasons(task), _order(result), _flows(task, result), _bill(task, result), _washes(task, result)]
    if task.decision.due:
        said += [_left(task, result), _custodians(task, result)]
    return tuple(sentence for part in said for sentence in part)


def _reasons(task: Task) -> Iterator[str]:
    yield from task.decision.reasons
    if not task.decision.due:
        yield "No rebalancing is due: money only goes where it brings the household nearer to its targets."


def _order(result: Rebalancing) -> Iterator[str]:
    """What is sold and bought, in the order of domain.md section 6."""
    accounts = {account.name: account.kind.treatment for account in result.before.household.accounts}
    sheltered = [order for order in result.orders if accounts[order.account] is not Treatment.TAXED]
    sales = [order for order in result.orders if order.term is not None]
    if sheltered and result.decision.due:
        amount = _sum(order.amount for order in sheltered if order.side is Side.SELL)
        what = f"sales of {money(amount)} there leave" if amount else "what is bought there leaves"
        yield f"Trades in retirement accounts come first: they cost no tax, and {what} less to do elsewhere."
    losses = [order for order in sales if order.gain <= 0]
    if losses:
        lost = -_sum(order.gain for order in losses)
        at_a_loss = f", with losses of {money(lost)} that count against gains" if lost >= 1 else ""
        proceeds = money(_sum(order.amount for order in losses))
        yield f"In taxable accounts lots without a gain are sold before others, for {proceeds}{at_a_loss}."
    for term in Term:
        gaining = [order for order in sales if order.gain > 0 and order.term is term]
        if gaining:
            gain, amount = _sum(order.gain for order in gaining), _sum(order.amount for order in gaining)
            yield f"Lots with a {term} gain are sold for {money(amount)}, with a gain of {money(gain)}."


def _flows(task: Task, result: Rebalancing) -> Iterator[str]:
    for name, flow in result.flows.items():
        amount = money(abs(flow)) if flow == round(flow) else to_the_cent(abs(flow))
        yield f"{amount} {'goes into' if flow > 0 else 'comes out of'} '{name}'."
    taken = task.situation.income - result.before.household.taxes.income
    if taken:
        tax = distribution_tax(result.before.household.taxes, taken, result.before.as_of.year)
        yield (
            f"What leaves tax-deferred accounts, {money(taken)}, is income and adds {money(tax)} to the year's tax; a "
            "penalty on an early withdrawal is not in it."
        )
    places = {name: place for place, name in enumerate(result.before.account_names)}
    if any(
        flow < 0 and result.before.treatments[places[name]] is Treatment.TAX_FREE for name, flow in result.flows.items()
    ):
        yield "What leaves a Roth IRA or an HSA is taken to be free of tax: check that it is a qualified withdrawal."


def _bill(task: Task, result: Rebalancing) -> Iterator[str]:
    taken = task.situation.income - result.before.household.taxes.income
    of_orders = _sum(order.tax for order in result.orders)
    of_bill = result.tax - distribution_tax(result.before.household.taxes, taken, result.before.as_of.year)
    if abs(of_orders - of_bill) > 1:
        yield (
            f"Lot by lot, at today's rate on the next dollar, the sales come to a tax of {money(of_orders)}; the "
            f"year's bill changes by {money(of_bill)}, as gains, losses and brackets count together there."
        )
    if any(
        task.tradable.collectible[result.before.symbols.index(order.asset)] and order.gain > 0
        for order in result.orders
    ):
        yield "Gold is a collectible: the choice of lots counts its long-term gains at their own rate, at the margin."


def _washes(task: Task, result: Rebalancing) -> Iterator[str]:
    held = result.before
    rates = task.tradable.cost_rates[held.asset]
    at_a_loss = task.tradable.blocked & (task.tradable.lot_gain < -(2 * rates + WORTH_SAYING))
    blocked = sorted({held.symbols[asset] for asset in held.asset[at_a_loss]})
    if blocked:
        yield (
            f"Lots of {', '.join(blocked)} with a loss are kept: the same was bought within the last thirty days, and "
            "a wash sale would take the loss back."
        )
    locked = sorted(locked_purchases(held, task.tradable.wash_sales))
    if locked:
        what = "is not bought: it was" if len(locked) == 1 else "are not bought: they or what is identical were"
        yield f"{', '.join(locked)} {what} sold at a loss within the last thirty days."


def _left(task: Task, result: Rebalancing) -> Iterator[str]:
    """Why classes stay outside where trades should lead."""
    weights, universe = result.after.weights, result.before.universe
    if result.after.total == 0:
        yield (
            "The accounts are empty: there is nothing to trade." if not result.orders else "The accounts are now empty."
        )
        return
    lower, upper = task.interval
    where = "its target" if np.array_equal(lower, upper) else "where trades should lead"
    for name, low, high in zip(universe.class_names, lower, upper, strict=True):
        label = universe[name].label
        if weights[name] > high + WORTH_SAYING:
            yield f"{label} stays {_points(weights[name] - high)} above {where}. {_why_above(task, result, name)}"
        elif weights[name] < low - WORTH_SAYING:
            why = _why_below(task, name, (low - weights[name]) * result.after.total)
            yield f"{label} stays {_points(low - weights[name])} below {where}. {why}"


def _why_above(task: Task, result: Rebalancing, name: str) -> str:
    held, tradable, price = task.holdings, task.tradable, task.tradable.policy.tracking_price
    sold = np.zeros(len(held.value))
    for order in result.orders:
        if order.lot is not None:
            place = held.account_names.index(order.account)
            sold[int(np.searchsorted(held.account, place)) + order.lot] += order.quantity
    of_class = np.array([kind == name for kind in held.classes], dtype=bool)[held.asset]
    there = of_class & (held.quantity - sold > 1e-9 * held.quantity)
    free = np.flatnonzero(there & ~tradable.blocked)
    if name == CASH and not len(free):
        return _why_cash(task)
    if not len(free):
        kept = "Its lots with a loss cannot be sold today."
        return kept if there.any() else "It was bought in orders of whole units or of at least the smallest trade."
    least = min(_cost_of_more(task, result, int(lot)) for lot in _cheapest(task, free))
    if least > price:
        amount = _cents(least)
        if amount == _cents(price):
            amount = f"just over {amount}"
        return (
            f"Selling more would cost {amount} a dollar in tax, costs and a year's tax on what is bought instead, "
            f"more than the {_cents(price)} you set."
        )
    return (
        "It cannot be exchanged in the accounts that hold it, by what they may hold, the wash-sale rule, the "
        "smallest trade or whole units."
    )


def _why_cash(task: Task) -> str:
    policy = task.tradable.policy
    if policy.cash_buffer:
        return f"A buffer of {money(policy.cash_buffer)} stays in cash in each account, and so does what buys nothing."
    return "It is cash that buys nothing more, by what its accounts may hold, the smallest trade or whole units."


def _cheapest(task: Task, lots: np.ndarray) -> Iterator[int]:
    """The lot with the least gain outside taxable accounts and of each term."""
    held = task.holdings
    taxed, long = held.taxable[held.account[lots]], held.long_term[lots]
    kind = np.where(taxed, 1 + long + (long & task.tradable.collectible[held.asset[lots]]), 0)
    for each in np.unique(kind):
        of_kind = lots[kind == each]
        yield int(of_kind[np.argmin(task.tradable.lot_gain[of_kind])])


def _cost_of_more(task: Task, result: Rebalancing, lot: int) -> float:
    """Tax and costs of exchanging a dollar more of a lot, after everything else is sold, as the program counts them."""
    held, tradable = task.holdings, task.tradable
    gain, long = PROBE * float(tradable.lot_gain[lot]), bool(held.long_term[lot])
    accounts, assets = tradable.candidates
    lower = dict(zip(held.universe.class_names, task.interval[0], strict=True))
    weights = result.after.weights
    short = {name for name in weights.index if weights[name] < lower[name] - WORTH_SAYING}
    wanting = np.array([name in short for name in held.classes], dtype=bool)
    instead = tradable.purchase_price[(accounts == held.account[lot]) & wanting[assets]]
    cheapest = 0.0 if CASH in short else np.min(instead, initial=np.inf)
    costs = float(tradable.sale_price[tradable.piece_of_lot[lot]] + cheapest)
    if np.isinf(costs):
        return 0.0
    if not held.taxable[held.account[lot]]:
        return costs
    year = held.as_of.year
    before = realised(result.after.household.sales, year)
    tax = max(added_tax(task.situation, Gains(long=gain) if long else Gains(short=gain), year, before), 0.0)
    if long and tradable.collectible[held.asset[lot]]:
        rates = marginal_rates(task.situation, year)
        tax += max(rates.collectible - rates.long, 0.0) * max(gain, 0.0)
    return tax / PROBE + costs


def _why_below(task: Task, name: str, missing: float) -> str:
    """``missing`` is in dollars."""
    held, tradable = task.holdings, task.tradable
    accounts, assets = tradable.candidates
    if name == CASH:
        return "It would have to come from what stays above."
    if name not in held.classes:
        return "Nothing of it has a price: add an asset and its price."
    if not any(held.classes[asset] == name for asset in assets):
        return "No account may buy any of it today."
    if missing < tradable.policy.minimum_trade:
        return f"The {money(missing)} are less than the smallest trade."
    to_buy = [asset for asset in assets if held.classes[asset] == name]
    if all(tradable.whole_units[asset] and held.prices[asset] > missing for asset in to_buy):
        return f"The {money(missing)} do not buy a whole unit."
    able = {
        held.account_names[place] for place, asset in zip(accounts, assets, strict=True) if held.classes[asset] == name
    }
    others = ", ".join(f"'{account}'" for account in held.account_names if account not in able)
    barred = f" It cannot be bought in {others}." if others else ""
    return f"The money for it would have to come from what stays above.{barred}"


def _custodians(task: Task, result: Rebalancing) -> Iterator[str]:
    held = task.holdings
    against = (held.values > 0) & ~held.may_hold
    sold = {(order.account, order.asset) for order in result.orders if order.side is Side.SELL}
    for place in np.flatnonzero(against.any(axis=1)):
        account = held.account_names[place]
        kept = [held.symbols[asset] for asset in np.flatnonzero(against[place])]
        kept = [symbol for symbol in kept if (account, symbol) not in sold]
        if kept:
            yield f"'{account}' holds {', '.join(kept)}, which it may not buy: sold only where that helps."


def _sum(numbers: Iterable[float]) -> float:
    return float(sum(numbers))


def _points(weight: float) -> str:
    return f"{100 * weight:.1f} points"


def _cents(price: float) -> str:
    return f"{f'{100 * price:.1f}'.removesuffix('.0')} cents"
