"""Tables as a workbook, as a zip of CSV files, and as JSON."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
import numbers
import re
import zipfile
from typing import TYPE_CHECKING, Any

from planner.disclaimer import DISCLAIMER
from planner.household.accounts_layout import cell_of
from planner.reports.sheets import PERCENTAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.reports.sheets import Sheet

HEAD_ROWS = 4
"""Title, what it is made with, column names, units."""
WIDEST, NARROWEST = 60, 9
"""Of columns, in letters. Ours."""
ABOUT = "about.txt"
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""Signs that a workbook cannot hold."""
ZIP_DAY = (1980, 1, 1, 0, 0, 0)
"""On every file of a zip, so that the same tables are the same bytes."""


def to_xlsx(sheets: Sequence[Sheet], footer: str) -> bytes:
    """A workbook: a sheet a table with title, fingerprint (``footer``), column names and units above the values.

    Fractions are shown in percent. Text is text, whatever it begins with.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.active)
    book.properties.title, book.properties.description = "Tables of a plan", f"{footer} {DISCLAIMER}"
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        heads = [[sheet.title], [footer], list(sheet.units), list(sheet.units.values())]
        values = [[_plain(value) for value in row] for row in sheet.table.itertuples(index=False)]
        for down, row in enumerate([*heads, *values], start=1):
            for across, value in enumerate(row, start=1):
                cell = page.cell(down, across)
                if isinstance(value, str):
                    cell.value, cell.data_type = CONTROL.sub("", value), "s"
                else:
                    cell.value = value
                if down > HEAD_ROWS:
                    cell.number_format = _format(list(sheet.units.values())[across - 1], value)
        for down in (1, 3):
            for cell in page[down]:
                cell.font = Font(bold=True)
        page.freeze_panes = page.cell(HEAD_ROWS + 1, 2)
        for across, name in enumerate(sheet.units, start=1):
            longest = max(
                [len(name), *(len(str(row[across - 1])) for row in values if isinstance(row[across - 1], str))]
            )
            page.column_dimensions[get_column_letter(across)].width = min(max(longest + 2, NARROWEST), WIDEST)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _format(unit: str, value: object) -> str:
    if isinstance(value, dt.date):
        return "yyyy-mm-dd"
    if unit in PERCENTAGES:
        return "0.0%"
    return "#,##0.00" if unit.isupper() or " a unit" in unit else "General"


def to_csv_zip(sheets: Sequence[Sheet], footer: str) -> bytes:
    """A zip of CSV files, one a table, each with its units in a second line; ``about.txt`` names them all."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        listed = "\n".join(f"{sheet.name}.csv: {sheet.title}" for sheet in sheets)
        said = f"{listed}\n\nThe second line of each file holds the units.\n{footer}\n{DISCLAIMER}\n"
        archive.writestr(zipfile.ZipInfo(ABOUT, ZIP_DAY), said)
        for sheet in sheets:
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(map(cell_of, sheet.units))
            writer.writerow(sheet.units.values())
            writer.writerows(map(cell_of, map(_plain, row)) for row in sheet.table.itertuples(index=False))
            archive.writestr(zipfile.ZipInfo(f"{sheet.name}.csv", ZIP_DAY), text.getvalue())
    return written.getvalue()


def to_json(sheets: Sequence[Sheet], footer: str) -> str:
    """The tables as JSON: by name, ``title``, ``units`` by column, and ``rows``; undefined values are null."""
    tables = {
        sheet.name: {
            "title": sheet.title,
            "units": dict(sheet.units),
            "rows": [
                dict(zip(sheet.units, map(_json, row), strict=True)) for row in sheet.table.itertuples(index=False)
            ],
        }
        for sheet in sheets
    }
    document = {"tables": tables, "made_with": footer, "disclaimer": DISCLAIMER}
    return json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False)


def _plain(value: Any) -> Any:
    """A cell as Python has it: None where nothing is known."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, dt.datetime):  # pandas' Timestamp among them
        return None if value != value else value.date()  # noqa: PLR0124 - NaT is not itself
    if isinstance(value, dt.date | bool | str):
        return value
    if isinstance(value, numbers.Integral):
        return int(value)
    return float(value) if isinstance(value, numbers.Real) else str(value)


def _json(value: Any) -> Any:
    plain = _plain(value)
    return plain.isoformat() if isinstance(plain, dt.date) else plain
