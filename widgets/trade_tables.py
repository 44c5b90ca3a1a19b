"""Decisions, orders and schedules as HTML. Every text is escaped here."""

from __future__ import annotations

from html import escape
from math import fsum
from typing import TYPE_CHECKING

from planner.trading.orders import Side
from planner.wording import count, money, to_the_cent, units
from widgets.account_tables import swatch

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Sequence

    from planner.household.taxes import TaxBill
    from planner.market.universe import Universe
    from planner.trading.losses import LotLoss
    from planner.trading.orders import Order
    from planner.trading.phasing import Schedule

MOST_SHOWN = 200
"""Orders on the page; a browser shows more, and nobody reads them there. Ours."""

TAX_PARTS = (
    ("On income and short-term gains", "ordinary"),
    ("On long-term gains", "long_term"),
    ("On collectibles", "collectible"),
    ("Net investment income tax", "net_investment"),
    ("State", "state"),
)
CARRIED = (("Short-term loss carried on", "short_carried"), ("Long-term loss carried on", "long_carried"))


def decision(due: bool, reasons: Iterable[str], next_look: dt.date | None) -> str:
    """Whether trades are due, why, and when to look again."""
    said = "Trades are due." if due else "Nothing is due."
    entries = "".join(f"<li>{escape(reason)}</li>" for reason in reasons)
    look = f"<p>Next look: {day(next_look)}.</p>" if next_look is not None else ""
    kind = "pl-due" if due else "pl-rest"
    return f"<div class='pl-note {kind}' role='status'><b>{said}</b><ul class='pl-reasons'>{entries}</ul>{look}</div>"


def tax_parts(before: TaxBill, after: TaxBill, year: int) -> str:
    """The year's tax part by part, without the trades and with them; parts that are zero in both are left out."""
    rows = "".join(
        _tax_row(label, getattr(before, field), getattr(after, field))
        for label, field in TAX_PARTS
        if round(getattr(before, field)) or round(getattr(after, field))
    )
    carried = "".join(
        _tax_row(label, getattr(before, field), getattr(after, field))
        for label, field in CARRIED
        if round(getattr(before, field)) or round(getattr(after, field))
    )
    title = f"Tax of {year} on income and gains"
    total = _tax_row("Together", before.total, after.total, kind=" class='pl-mine'")
    return (
        f"{_scroll(title)}<table class='pl-table'><caption>{title}</caption>"
        "<thead><tr><th scope='col'>part</th><th scope='col'>without the trades</th><th scope='col'>with them</th>"
        f"<th scope='col'>difference</th></tr></thead><tbody>{rows}</tbody><tfoot>{total}{carried}</tfoot></table>"
        "</div>"
    )


def _tax_row(label: str, before: float, after: float, kind: str = "") -> str:
    cells = "".join(f"<td{kind}>{text}</td>" for text in (money(before), money(after), signed(after - before)))
    return f"<tr><th scope='row'>{escape(label)}</th>{cells}</tr>"


def orders(listed: Sequence[Order], label_of: Callable[[str], str], traced: Callable[[Order], Trace]) -> str:
    """Orders row by row, each of which opens to the lot it sells and the numbers behind its tax.

    Of very many the first are shown; totals are of all.
    """
    shown = listed[:MOST_SHOWN]
    rows = "".join(_order(order, label_of(order.asset), traced(order)) for order in shown)
    left_out = len(listed) - len(shown)
    more = f"<p class='pl-muted'>{count(left_out, 'more order')} are in the file.</p>" if left_out else ""
    heads = "".join(f"<span>{name}</span>" for name in ORDER_COLUMNS)
    return (
        f"<div class='pl-orders'><div class='pl-order-head' aria-hidden='true'>{heads}</div>{rows}"
        f"{_order_totals(listed)}</div>{more}"
    )


Trace = tuple[tuple[str, str], ...]
"""What a number is made of: pairs of what it is and how it came about."""

NONE, LEFT_OUT = "–", " class='pl-left-out'"
"""What stands where nothing is taxed; narrow pages leave it out."""

ORDER_COLUMNS = ("order", "account", "units", "amount", "gain or loss", "term", "tax")


def _order(order: Order, label: str, trace: Trace) -> str:
    taxed = order.term is not None
    cells = (
        f"<b class='pl-{order.side}'>{order.side}</b> <b>{escape(order.asset)}</b> <small>{escape(label)}</small>",
        escape(order.account),
        units(order.quantity),
        to_the_cent(order.amount),
        signed(order.gain) if taxed else NONE,
        escape(str(order.term)) if taxed else NONE,
        signed(order.tax) if taxed else NONE,
    )
    summary = "".join(
        f"<span data-name='{name}'{LEFT_OUT if cell == NONE else ''}>{cell}</span>"
        for name, cell in zip(ORDER_COLUMNS, cells, strict=True)
    )
    lines = "".join(f"<dt>{escape(what)}</dt><dd>{escape(how)}</dd>" for what, how in trace)
    return f"<details class='pl-order'><summary>{summary}</summary><dl>{lines}</dl></details>"


def _order_totals(listed: Sequence[Order]) -> str:
    bought = fsum(order.amount for order in listed if order.side is Side.BUY)
    sold = fsum(order.amount for order in listed if order.side is Side.SELL)
    gain, tax = fsum(order.gain for order in listed), fsum(order.tax for order in listed)
    cells = (
        f"{count(len(listed), 'order')}",
        f"bought {to_the_cent(bought)}",
        "",
        f"sold {to_the_cent(sold)}",
        signed(gain),
        "",
        signed(tax),
    )
    spans = "".join(
        f"<span data-name='{name}'{'' if cell else LEFT_OUT}>{cell}</span>"
        for name, cell in zip(ORDER_COLUMNS, cells, strict=True)
    )
    return f"<div class='pl-order-total'>{spans}</div>"


HARVEST_COLUMNS = (
    "lot",
    "loss",
    "saves now",
    "carried on",
    "costs later",
    "buy instead",
    "do not buy back until",
)


def losses(found: Iterable[LotLoss]) -> str:
    """Lots at a loss: what selling them saves now and costs later, or why they have to wait."""
    heads = "".join(f"<th scope='col'>{name}</th>" for name in HARVEST_COLUMNS)
    rows = "".join(map(_loss, found))
    return (
        f"{_scroll('Losses to harvest')}<table class='pl-table pl-losses'><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _loss(one: LotLoss) -> str:
    lot = (
        f"<th scope='row'><b>{escape(one.asset)}</b> <small>{units(one.quantity)} of {day(one.acquired)} in "
        f"{escape(one.account)}</small></th><td>{money(one.loss)} {escape(str(one.term))}</td>"
    )
    if one.reason:
        return f"<tr class='pl-blocked'>{lot}<td colspan='5'>{escape(one.reason)}</td></tr>"
    until = day(one.keep_off_until) if one.keep_off_until else "any time"
    return (
        f"<tr>{lot}<td class='pl-mine'>{money(one.saved)}</td><td>{money(one.carried)}</td><td>{money(one.later)}</td>"
        f"<td>{escape(one.replacement or 'nothing: keep the cash')}</td><td>{until}</td></tr>"
    )


def sentences(listed: Iterable[str]) -> str:
    """Sentences one below the other, or nothing."""
    entries = "".join(f"<li>{escape(sentence)}</li>" for sentence in listed)
    return f"<ul class='pl-reasons'>{entries}</ul>" if entries else ""


def signed(amount: float) -> str:
    """Money to the dollar with its sign: '+$1,200', '-$30', '$0'."""
    return f"{'+' if round(amount) > 0 else ''}{money(amount)}"


def day(date: dt.date) -> str:
    """A day as people write it: '30 September 2025'."""
    return f"{date.day} {date:%B %Y}"


def schedule(planned: Schedule, universe: Universe) -> str:
    """What to buy month by month, one column an index, with what is invested and what still waits."""
    title = "What to buy, month by month"
    labels = {member.name: member.label for kind in universe.classes for member in kind.series}
    heads = "".join(
        f"<th scope='col'>{swatch(universe[universe.class_of[name]].colour)}{escape(labels[name])}</th>"
        for name in planned.assets
    )
    dated = "day" in planned.table
    rows = "".join(
        f"<tr><th scope='row'>{day(row['day']) if dated else f'month {month}'}</th>"
        + "".join(f"<td>{to_the_cent(row[name])}</td>" for name in planned.assets)
        + f"<td class='pl-mine'>{to_the_cent(row['total'])}</td><td>{to_the_cent(row['waits'])}</td></tr>"
        for month, row in planned.table.iterrows()
    )
    sums = "".join(f"<td>{to_the_cent(planned.table[name].sum())}</td>" for name in planned.assets)
    return (
        f"{_scroll(title)}<table class='pl-table pl-schedule'><caption>{title}</caption>"
        f"<thead><tr><th scope='col'>on</th>{heads}"
        f"<th scope='col'>together</th><th scope='col'>still waits</th></tr></thead><tbody>{rows}</tbody>"
        f"<tfoot><tr><th scope='row'>together</th>{sums}<td>{to_the_cent(planned.amount)}</td><td></td></tr></tfoot>"
        "</table></div>"
    )


def _scroll(title: str) -> str:
    """The start of a frame that scrolls sideways, by keyboard too."""
    return f"<div class='pl-scroll' tabindex='0' role='region' aria-label='{escape(title)}'>"
