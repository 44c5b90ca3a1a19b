"""The trades that lead a household to its targets at the least tax and cost."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from planner.household.accounts_layout import cell_of
from planner.household.taxes import marginal_rates, realised, tax_bill
from planner.market.universe import BUILT_IN, Universe
from planner.trading.holdings import Holdings, total_drift
from planner.trading.orders import Order, Side, Term, carry_out, orders_table
from planner.trading.rebalancing_notes import notes
from planner.trading.rounding import Settled, cents, cost_cents, settled
from planner.trading.task import Amounts, Task, prepared
from planner.trading.trading_policy import TradingPolicy

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import pandas as pd

    from planner.household.accounts import Household
    from planner.household.taxes import TaxBill
    from planner.policy.targets import Targets
    from planner.trading.rules import Decision, Rule
    from planner.trading.trades import Trades


@dataclass(frozen=True, eq=False)
class Rebalancing:
    """What to trade, and what it comes to.

    ``flows`` is money put in (positive) and taken out (negative) by account, in dollars. ``bill_before`` is the year's
    tax without the trades and flows and ``bill_after`` with them; ``notes`` say in sentences what was done and left
    undone, and why.
    """

    orders: tuple[Order, ...]
    decision: Decision
    targets: Targets
    flows: Mapping[str, float]
    before: Holdings
    after: Holdings
    bill_before: TaxBill
    bill_after: TaxBill
    left: float
    notes: tuple[str, ...]

    @cached_property
    def table(self) -> pd.DataFrame:
        """The orders, one row each."""
        return orders_table(self.orders)

    @cached_property
    def drift_before(self) -> float:
        """Share of the portfolio in the wrong class before, as a decimal."""
        return total_drift(self.before.drift(self.targets)["drift"])

    @cached_property
    def drift_after(self) -> float:
        """Share of the portfolio in the wrong class after, as a decimal."""
        return total_drift(self.after.drift(self.targets)["drift"])

    @property
    def tax(self) -> float:
        """What trades and withdrawals add to the year's tax, in dollars; negative where they save."""
        return self.bill_after.total - self.bill_before.total

    @property
    def cost(self) -> float:
        """Costs of the trades in dollars."""
        return round(sum(order.cost for order in self.orders), 2)

    def to_csv(self) -> str:
        """The orders as text, comma-separated, with a header, safe to open in a spreadsheet."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.table.columns)
        writer.writerows([cell_of(getattr(order, name)) for name in self.table.columns] for order in self.orders)
        return text.getvalue()

    def _repr_html_(self) -> str:
        said = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        return f"{self.table.to_html(index=False)}<ul>{said}</ul>"


def rebalance(  # noqa: PLR0913 - an adviser names each of these, and most have a default
    household: Household,
    targets: Targets,
    prices: Mapping[str, float] | None = None,
    rule: Rule | None = None,
    contribution: Amounts = 0.0,
    withdrawal: Amounts = 0.0,
    *,
    policy: TradingPolicy | None = None,
    last: dt.date | None = None,
    universe: Universe = BUILT_IN,
) -> Rebalancing:
    """Find the trades that bring a household to its targets at the least tax and cost.

    ``rule`` says whether to act today and where to; without one the targets are gone for now. ``last`` is the day of
    the last rebalancing. ``contribution`` and ``withdrawal`` are dollars into and out of the taxable accounts, or by
    name of account; what leaves a tax-deferred account is income of the year. ``prices`` replace the household's.
    While no rebalancing is due, money that comes in is invested and money that goes out raised so that drift falls
    most, and nothing else is traded.

    Order of preference (domain.md section 6): retirement accounts, contributions and withdrawals, lots at a loss,
    long-term gains, short-term gains; it comes out of what each costs. An InputError says when more is taken out than
    there is, when a name is unknown, or when the day has no tax table.
    """
    priced = household if prices is None else household.priced(prices)
    task = prepared(
        Holdings(priced, universe), targets, rule, (contribution, withdrawal), policy or TradingPolicy(), last
    )
    return rebalancing(task, None if task.idle else task.program().solve(task.tradable.policy.tracking_price))


def rebalancing(task: Task, trades: Trades | None, *, explain: bool = True) -> Rebalancing:
    """The result of a task from what its program says; None is nothing to do.

    Without ``explain`` there are no notes, which is quicker.
    """
    held = task.holdings
    if trades is None:
        done = Settled(np.zeros(len(held.value)), np.zeros(len(task.tradable.candidates[0])), np.zeros(len(held.cash)))
    else:
        done = settled(task.tradable, trades, task.flows.free)
    orders = _orders(task, done)
    flows = {name: round(float(flow), 2) for name, flow in zip(held.account_names, done.flows, strict=True) if flow}
    household = held.household
    after = Holdings(carry_out(household, orders, flows, task.tradable.wash_sales, held.universe), held.universe)
    collectibles = frozenset(np.array(held.symbols, dtype=object)[task.tradable.collectible].tolist())
    year = held.as_of.year
    bill_after = tax_bill(task.situation, realised(after.household.sales, year, collectibles), year)
    lower, upper = task.interval
    value = after.table.sum(axis=1).to_numpy()
    outside = np.maximum(value - upper * after.total, 0.0) + np.maximum(lower * after.total - value, 0.0)
    result = Rebalancing(
        orders=orders,
        decision=task.decision,
        targets=task.targets,
        flows=flows,
        before=held,
        after=after,
        bill_before=tax_bill(household.taxes, task.earlier, year),
        bill_after=bill_after,
        left=float(outside.sum() / 2),
        notes=(),
    )
    return replace(result, notes=notes(task, result)) if explain else result


def _orders(task: Task, done: Settled) -> tuple[Order, ...]:
    """Retirement accounts first, in each sales before purchases."""
    held, tradable = task.holdings, task.tradable
    rates = marginal_rates(task.situation, held.as_of.year)
    orders = []
    for lot in np.flatnonzero(done.sold):
        account = held.household.accounts[held.account[lot]]
        place = int(lot - np.searchsorted(held.account, held.account[lot]))
        owned, asset = account.holdings[place], int(held.asset[lot])
        amount = cents(done.sold[lot], held.prices[asset])
        cost = cost_cents(amount, tradable.cost_rates[asset])
        order = Order(
            account=account.name,
            asset=owned.asset,
            side=Side.SELL,
            quantity=float(done.sold[lot]),
            price=float(held.prices[asset]),
            amount=amount / 100,
            cost=cost / 100,
            lot=place,
            acquired=owned.acquired,
            unit_cost=owned.unit_cost,
        )
        if held.taxable[held.account[lot]] and owned.unit_cost is not None:
            gain = round((amount - cost) / 100 - float(done.sold[lot]) * owned.unit_cost, 2)
            term = Term.LONG if held.long_term[lot] else Term.SHORT
            long = rates.collectible if tradable.collectible[asset] else rates.long
            rate = long if term is Term.LONG else rates.short
            order = replace(order, gain=gain, term=term, rate=rate, tax=round(gain * rate, 2))
        orders.append((bool(held.taxable[held.account[lot]]), int(held.account[lot]), 0, order))
    accounts, assets = tradable.candidates
    for candidate in np.flatnonzero(done.bought):
        asset = int(assets[candidate])
        price = float(held.prices[asset])
        amount = cents(done.bought[candidate], price)
        order = Order(
            account=held.account_names[accounts[candidate]],
            asset=held.symbols[asset],
            side=Side.BUY,
            quantity=float(done.bought[candidate]),
            price=price,
            amount=amount / 100,
            cost=cost_cents(amount, tradable.cost_rates[asset]) / 100,
        )
        orders.append((bool(held.taxable[accounts[candidate]]), int(accounts[candidate]), 1, order))
    return tuple(order for *_, order in sorted(orders, key=lambda entry: entry[:3]))
