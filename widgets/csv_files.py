"""Small CSV files that a reader uploads, line by line, with sentences that say where something is wrong."""

from __future__ import annotations

import csv
import io
from codecs import BOM_UTF8
from typing import TYPE_CHECKING

from planner.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

LARGEST_FILE_BYTES = 100_000
"""Such files have a few dozen lines. Ours."""


def lines_of(name: str, content: bytes, key: str, others: Sequence[str]) -> dict[str, tuple[str, dict[str, str]]]:
    """The lines of a file by what stands in their ``key`` column: where each stands, and its other cells by column.

    Columns are named in the first line in any order and in any letters, ``others`` may be left out. A key that is
    empty or stands there twice, a column of another name and a line of another length are InputErrors.
    """
    try:
        lines = list(csv.reader(io.StringIO(content.removeprefix(BOM_UTF8).decode()), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise InputError(f"{name}: this is no CSV in UTF-8. Save it as one, separated by commas.") from None
    head = ["_".join(cell.lower().split()) for cell in lines[0]] if lines else []
    if key not in head or len(set(head)) < len(head) or not set(head) <= {key, *others}:
        raise InputError(f"{name}: its first line has to name the columns {key}, {', '.join(others)}, each once.")
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for number, line in enumerate(lines[1:], 2):
        where = f"{name}, line {number}"
        if not any(cell.strip() for cell in line):
            continue
        if len(line) != len(head):
            raise InputError(f"{where}: it has {len(line)} cells, the first line {len(head)}.")
        cells = {column: cell.strip() for column, cell in zip(head, line, strict=True)}
        about = cells.pop(key)
        if not about or about in found:
            raise InputError(
                f"{where}: '{about}' stands there twice. Keep one line." if about else f"{where}: no {key}."
            )
        found[about] = (where, cells)
    return found
