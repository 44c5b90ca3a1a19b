"""Scenarios side by side as HTML, one column each. Every text is escaped here."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from widgets.account_tables import swatch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

LABEL_PIXELS, CELL_PIXELS = 140, 100
"""Of the narrowest columns in which labels and numbers are read well; a narrower page scrolls. Ours."""

ITEM_TITLES = {
    "goals": "Goals",
    "capacity": "Capacity",
    "tolerance": "Tolerance",
    "taxes": "Taxes and accounts",
    "targets": "Targets and method",
}


def side_by_side(
    title: str, table: pd.DataFrame, columns: Sequence[str], swatches: Mapping[str, str] | None = None
) -> str:
    """A table in words with some of its columns; ``swatches`` are colours beside the labels of rows."""
    return _frame(title, columns, f"<tbody>{_rows(table[list(columns)], swatches or {})}</tbody>")


def inputs(table: pd.DataFrame) -> str:
    """What differs, below the title of each item."""
    columns = [str(name) for name in table.columns]
    bodies = "".join(
        f"<tbody><tr><th scope='rowgroup' colspan='{len(columns) + 1}'><b>{escape(ITEM_TITLES[str(item)])}</b></th>"
        f"</tr>{_rows(part.droplevel('item'), {})}</tbody>"
        for item, part in table.groupby(level="item", sort=False)
    )
    return _frame("What differs", columns, bodies, "pl-words")


def _frame(title: str, columns: Sequence[str], bodies: str, kind: str = "") -> str:
    heads = "".join(f"<th scope='col'>{escape(name)}</th>" for name in columns)
    narrowest = LABEL_PIXELS + CELL_PIXELS * len(columns)
    return (
        f"<div class='pl-scroll' tabindex='0' role='region' aria-label='{escape(title)}'>"
        f"<table class='pl-table pl-compare {kind}' style='min-width:{narrowest}px'>"
        f"<thead><tr><td></td>{heads}</tr></thead>{bodies}</table></div>"
    )


def _rows(table: pd.DataFrame, swatches: Mapping[str, str]) -> str:
    labelled = zip(map(str, table.index), table.to_numpy(), strict=True)
    return "".join(
        f"<tr><th scope='row'>{swatch(swatches[label]) if label in swatches else ''}{escape(label)}</th>"
        + "".join(f"<td>{escape(str(text))}</td>" for text in texts)
        + "</tr>"
        for label, texts in labelled
    )
