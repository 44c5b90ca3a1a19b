"""Accounts and what belongs in them as HTML. Every text is escaped here."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from planner.wording import money, percent

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from planner.market.universe import Universe

COMPARISON = "Against rules of thumb"


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
        f"{_scroll(title)}<table class='pl-table pl-household'><caption>{escape(title)}</caption>"
        f"<thead><tr><th scope='col'>asset class</th>{head}<th scope='col'>together</th><th scope='col'>share</th></tr>"
        f"</thead><tbody>{rows}</tbody><tfoot><tr><th scope='row'>together</th>{totals}"
        f"<td class='pl-mine'>{_amount(whole)}</td><td></td></tr></tfoot></table></div>"
    )


def beside(parts: Iterable[str]) -> str:
    """Parts side by side where there is room, and else one below the other."""
    return f"<div class='pl-beside'>{''.join(parts)}</div>"


def placements(comparison: pd.DataFrame) -> str:
    """What each placement costs: ``Location.comparison`` without the places."""
    rows = "".join(
        f"<tr><th scope='row'>{escape(str(name))}</th><td>{10_000 * row['drag']:,.1f} bp</td>"
        f"<td>{money(row['tax'])}</td><td>{money(row['moving_tax'] + row['moving_cost'])}</td></tr>"
        for name, row in comparison.iterrows()
    )
    return (
        f"{_scroll(COMPARISON)}<table class='pl-table'><caption>{COMPARISON}</caption><thead><tr>"
        "<th scope='col'>placement</th><th scope='col'>tax drag a year</th><th scope='col'>tax a year</th>"
        f"<th scope='col'>getting there, once</th></tr></thead><tbody>{rows}</tbody></table></div>"
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


def _scroll(title: str) -> str:
    """The start of a frame that scrolls sideways, by keyboard too."""
    return f"<div class='pl-scroll' tabindex='0' role='region' aria-label='{escape(title)}'>"


def _amount(value: float) -> str:
    return money(value) if round(value) else "<span class='pl-none'>–</span>"


def _share(value: float, whole: float) -> str:
    return percent(value / whole) if whole > 0 else ""
