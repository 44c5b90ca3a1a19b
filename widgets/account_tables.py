"""Accounts and what belongs in them as HTML. Every text is escaped here."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from planner.wording import money, percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from planner.market.universe import Universe


def figure_cells(figures: Iterable[tuple[str, str, str]]) -> str:
    """Label, number and meaning of each figure, side by side."""
    cells = "".join(
        f"<div class='pl-figure'><span>{escape(label)}</span><b>{escape(text)}</b>"
        f"<small>{escape(meaning)}</small></div>"
        for label, text, meaning in figures
    )
    return f"<div class='pl-figures'>{cells}</div>"


def class_by_account(title: str, values: pd.DataFrame, universe: Universe) -> str:
    """Value by asset class (row) and account (column), with totals and each class's share of everything."""
    head = "".join(f"<th scope='col'>{escape(str(name))}</th>" for name in values.columns)
    whole = float(values.to_numpy().sum())
    rows = "".join(
        f"<tr><th scope='row'>{swatch(universe[str(name)].colour)}{escape(universe[str(name)].label)}</th>"
        + "".join(f"<td>{_amount(value)}</td>" for value in row)
        + f"<td class='pl-mine'>{_amount(row.sum())}</td><td class='pl-mine'>{_share(row.sum(), whole)}</td></tr>"
        for name, row in values.iterrows()
    )
    totals = "".join(f"<td>{_amount(value)}</td>" for value in values.sum())
    return (
        f"<div class='pl-scroll'><table class='pl-table pl-household'><caption>{escape(title)}</caption>"
        f"<thead><tr><th scope='col'>asset class</th>{head}<th scope='col'>together</th><th scope='col'>share</th></tr>"
        f"</thead><tbody>{rows}</tbody><tfoot><tr><th scope='row'>together</th>{totals}"
        f"<td class='pl-mine'>{_amount(whole)}</td><td></td></tr></tfoot></table></div>"
    )


def note(sentence: str) -> str:
    """A sentence worth stopping at."""
    return f"<div class='pl-note'>{escape(sentence)}</div>"


def problem_list(text: str) -> str:
    """A problem of several lines: the first as it is, the others as a list."""
    first, *others = text.splitlines() or [""]
    entries = "".join(f"<li>{escape(line)}</li>" for line in others)
    below = f"<ul class='pl-reasons'>{entries}</ul>" if entries else ""
    return f"<div class='pl-blocker' role='alert'>{escape(first)}{below}</div>" if text else ""


def swatch(colour: str) -> str:
    """A small square in the colour of an asset class."""
    return f"<i class='pl-swatch' style='background:{escape(colour)}'></i>"


def colour_key(universe: Universe, names: Sequence[str]) -> str:
    """Which colour is which asset class, in one line."""
    entries = "".join(f"<span>{swatch(universe[name].colour)}{escape(universe[name].label)}</span>" for name in names)
    return f"<p class='pl-key' aria-hidden='true'>{entries}</p>"


def _amount(value: float) -> str:
    return money(value) if round(value) else "<span class='pl-none'>–</span>"


def _share(value: float, whole: float) -> str:
    return percent(value / whole) if whole > 0 else ""
