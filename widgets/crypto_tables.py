"""Tables of a crypto sleeve: what each index is worth, what it did, and what a lean changes. Text is escaped here."""

from __future__ import annotations

from html import escape
from math import fsum
from typing import TYPE_CHECKING

from planner.wording import money, percent
from widgets.account_tables import swatch
from widgets.crypto_charts import part_colours, part_labels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from planner.policy.barbell import Sleeve
    from planner.policy.index_history import IndexHistory


def shares(sleeve: Sleeve, held: Mapping[str, float], crypto_weight: float, total: float, currency: str) -> str:
    """What the plan holds of each index: its share of the sleeve and of the portfolio, and the amount."""
    rows = [
        [percent(held[name]), percent(crypto_weight * held[name]), money(total * crypto_weight * held[name], currency)]
        for name in sleeve.shares
    ]
    whole = [percent(fsum(held.values())), percent(crypto_weight), money(total * crypto_weight, currency)]
    return _table("What the plan holds", ["of the sleeve", "of everything", "amount"], sleeve, rows, whole)


def owned(sleeve: Sleeve, by_part: Mapping[str, float], currency: str) -> str:
    """What is owned of each index, and what to trade between them to stand at the shares again."""
    trades = sleeve.trades(by_part)
    rows = [[money(by_part[name], currency), signed(trades[name], currency)] for name in sleeve.shares]
    whole = [money(fsum(by_part.values()), currency), signed(fsum(trades.values()), currency)]
    return _table("What you own of them", ["today", "to trade"], sleeve, rows, whole)


def signed(amount: float, currency: str) -> str:
    """Money with the sign of what is bought, or sold."""
    return ("+" if round(amount) > 0 else "") + money(amount, currency)


def indices(sleeve: Sleeve, histories: Mapping[str, IndexHistory]) -> str:
    """What each index did over its own past, how much of it is traded, and its fee."""
    every = [histories[name] for name in sleeve.shares]
    heads = ["since", "growth a year", "volatility", "deepest fall", "turnover a year", "fee a year"]
    rows = [
        [
            f"{history.levels.index[0]:%b %Y}",
            percent(history.growth),
            percent(history.volatility),
            percent(history.deepest_fall),
            percent(history.turnover_a_year, 0),
            percent(history.recipe.fee, 2),
        ]
        for history in every
    ]
    if any(history.signal is not None for history in every):
        heads.append("held, of the time")
        rows = [
            [*row, "always" if history.signal is None else percent(float(history.signal.mean()), 0)]
            for row, history in zip(rows, every, strict=True)
        ]
    return _table("The indices over their own past", heads, sleeve, rows)


def lean(before: Sleeve, after: Sleeve, crypto_weight: float, total: float, currency: str) -> str:
    """The share of each index before and after a lean, and the money that goes over."""
    rows = []
    for name, share in after.shares.items():
        moved = total * crypto_weight * (share - before[name].share)
        rows.append([percent(before[name].share), percent(share), signed(moved, currency)])
    return _table("What the lean changes", ["agreed", "leaning", "money"], before, rows)


def _table(
    title: str, heads: Sequence[str], sleeve: Sleeve, rows: Sequence[Sequence[str]], whole: Sequence[str] = ()
) -> str:
    labels, colours = part_labels(sleeve), part_colours(sleeve)
    head = "".join(f"<th scope='col'>{escape(word)}</th>" for word in ["index", *heads])
    body = "".join(
        f"<tr><th scope='row'>{swatch(colours[name])}{escape(labels[name])}</th>{_cells(row)}</tr>"
        for name, row in zip(sleeve.shares, rows, strict=True)
    )
    foot = f"<tfoot><tr><th scope='row'>together</th>{_cells(whole)}</tr></tfoot>" if whole else ""
    return (
        f"<div class='pl-scroll' tabindex='0' role='region' aria-label='{escape(title)}'>"
        f"<table class='pl-table pl-schedule'><caption>{escape(title)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody>{foot}</table></div>"
    )


def _cells(texts: Sequence[str]) -> str:
    return "".join(f"<td>{escape(text)}</td>" for text in texts)
