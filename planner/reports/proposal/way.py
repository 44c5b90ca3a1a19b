"""The section of a proposal on the trades from today's holdings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.policy.statement.basis import on_day
from planner.reports.blocks import Bullets, Figures, Paragraph, Table
from planner.wording import percent, to_the_cent, units

if TYPE_CHECKING:
    from planner.reports.blocks import Block
    from planner.reports.proposal.material import Material
    from planner.trading.orders import Order
    from planner.trading.rebalance import Rebalancing

MOST_ORDERS = 25
"""Printed; the spreadsheet has them all. Ours."""


def trades(made: Material) -> tuple[Block, ...]:
    """Orders by account, what they cost, and what stays undone."""
    found = made.compared.ways[made.name]
    if found is None or found.rebalancing is None:
        return (Paragraph("Nothing is owned yet, as far as this plan knows: there is nothing to sell, only to buy."),)
    if not found.rebalancing.orders:
        return Paragraph("Nothing is to be traded now."), Bullets(found.rebalancing.notes)
    return (*_costs(found.rebalancing, made), *_orders(found.rebalancing, made), Bullets(found.rebalancing.notes))


def _costs(trading: Rebalancing, made: Material) -> tuple[Block, ...]:
    money = made.basis.money
    cells = (
        ("Orders", f"{len(trading.orders)}", "All accounts together."),
        ("Tax", money(trading.tax), "What they add to this year's tax; negative where they save."),
        ("Costs", money(trading.cost), "What trading itself costs, once."),
        (
            "In the wrong class",
            percent(trading.drift_after),
            f"Of the portfolio, after the trades; before them it is {percent(trading.drift_before)}.",
        ),
    )
    return (Figures(cells),)


def _orders(trading: Rebalancing, made: Material) -> tuple[Block, ...]:
    shown = trading.orders[:MOST_ORDERS]
    columns = ("Account", "Order", "Of", "Quantity", "Amount", "Gain", "Tax")
    caption = (
        f"Orders at the prices of {on_day(trading.before.as_of)}. Gain and tax are those of sales in taxable accounts, "
        "at the rate on the next dollar."
    )
    table = Table(caption, columns, tuple(_row(order, trading, made) for order in shown), columns[3:])
    more = len(trading.orders) - len(shown)
    return (table, *((Paragraph(f"And {more} more, which the tables list.", muted=True),) if more else ()))


def _row(order: Order, trading: Rebalancing, made: Material) -> tuple[str, ...]:
    currency = made.basis.scenario.profile.currency
    label = trading.before.household.asset_of[order.asset].label
    taxed = order.term is not None
    return (
        order.account,
        f"{order.side}",
        label,
        units(order.quantity),
        to_the_cent(order.amount, currency),
        made.basis.money(order.gain) if taxed else "",
        made.basis.money(order.tax) if taxed else "",
    )
