"""A table to fill in by hand: plain inputs in rows, for the keyboard and for a block pasted from a spreadsheet."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from widgets.theme import ACCENT, INK, LINE, MUTED, SURFACE, WARNING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Rows = list[list[str]]

ANSWERS_KEPT = 50
"""Answers from Python that the page may be behind. Ours."""
MOST_ROWS = 500
"""More are read and not edited: a browser builds eight inputs a row, and nobody types a thousand lots. Ours."""

_SCRIPT = Path(__file__).with_name("table_editor.js").read_text(encoding="utf-8")
_STYLE = f"""
.table-editor {{ width: 100%; min-width: 0; color: {INK}; font-size: 14px; }}
.table-editor-frame {{ overflow: auto; max-height: 400px; border: 1px solid {LINE}; border-radius: 6px; }}
.table-editor table {{ border-collapse: separate; border-spacing: 0; table-layout: fixed;
  width: 100%; font-variant-numeric: tabular-nums; }}
.table-editor th, .table-editor td {{ padding: 0; text-align: left; border-bottom: 1px solid {LINE};
  font-weight: normal; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }}
.table-editor tbody tr:last-child > * {{ border-bottom: 0; }}
.table-editor thead :is(th, td) {{ position: sticky; top: 0; z-index: 1; background: #f5f7f9; color: {MUTED};
  padding: 6px 8px; font-size: 13px; white-space: normal; vertical-align: bottom; }}
.table-editor .table-editor-number {{ text-align: right; }}
.table-editor .table-editor-flag {{ text-align: center; }}
.table-editor tbody th, .table-editor .table-editor-fixed {{ padding: 5px 8px; color: {MUTED}; }}
.table-editor .table-editor-fixed {{ color: {INK}; }}
.table-editor input:not([type=checkbox]), .table-editor select {{ box-sizing: border-box; width: 100%;
  min-width: 0; height: 32px; padding: 0 8px; border: 1px solid transparent; border-radius: 4px;
  background: {SURFACE}; color: inherit; font: inherit; text-align: inherit; }}
.table-editor select {{ padding: 0 4px; }}
.table-editor input::placeholder {{ color: transparent; }}
.table-editor input:focus::placeholder {{ color: {MUTED}; }}
.table-editor input[type=checkbox] {{ width: 18px; height: 18px; margin: 7px; accent-color: {ACCENT}; }}
.table-editor input:hover, .table-editor select:hover {{ border-color: {LINE}; }}
.table-editor :is(input, select, button):focus-visible {{ outline: 2px solid {ACCENT}; outline-offset: -1px; }}
.table-editor :is(input, select)[aria-invalid=true] {{ border-color: {WARNING}; background: #fff4ec; }}
.table-editor tr.table-editor-wrong > th {{ color: {WARNING}; font-weight: 650; }}
.table-editor .table-editor-remove {{ width: 32px; height: 32px; border: 0; background: none;
  color: {MUTED}; cursor: pointer; font-size: 16px; border-radius: 4px; }}
.table-editor .table-editor-remove:hover {{ color: {WARNING}; }}
.table-editor-foot {{ display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: center; margin-top: 6px;
  color: {MUTED}; font-size: 13.5px; }}
.table-editor-foot p {{ margin: 0; }}
.table-editor-add {{ height: 32px; padding: 0 12px; border: 1px solid {LINE}; border-radius: 4px; background: {SURFACE};
  color: {INK}; font: inherit; cursor: pointer; }}
.table-editor-add:hover {{ border-color: {ACCENT}; }}
.table-editor-errors {{ margin: 8px 0 0; padding: 0; list-style: none; }}
.table-editor-errors li {{ border-left: 4px solid {WARNING}; background: #fff4ec; color: #6b240c; margin: 4px 0;
  border-radius: 4px; }}
.table-editor-errors :is(button, span) {{ display: block; width: 100%; border: 0; background: none;
  color: inherit; font: inherit; text-align: left; padding: 6px 10px; }}
.table-editor-errors button {{ cursor: pointer; }}
.table-editor-errors button:hover {{ text-decoration: underline; }}
"""


class ColumnKind(StrEnum):
    """What is typed into a column; ``FLAG`` is ticked or not ('yes' or ''), ``FIXED`` is only read."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    FLAG = "flag"
    FIXED = "fixed"


YES = "yes"
"""What a ticked flag holds."""


@dataclass(frozen=True)
class Column:
    """One column: its name for the program, its label for the reader, and for a choice what there is to choose.

    ``choices`` are pairs of value and words. ``carried`` columns of a new row start as those of the row above;
    ``example`` is shown in an empty cell.
    """

    name: str
    label: str
    kind: ColumnKind = ColumnKind.TEXT
    choices: tuple[tuple[str, str], ...] = ()
    carried: bool = False
    example: str = ""


@dataclass(frozen=True)
class CellError:
    """What is wrong, in words: of a cell by row (from 0) and column name, of a row, or of the whole table."""

    sentence: str
    row: int | None = None
    column: str | None = None


class TableEditor(anywidget.AnyWidget):  # type: ignore[misc]
    """A table of inputs; ``rows`` holds what stands in the cells, as text, and changes once for each cell that is left.

    What is typed while the page has not yet heard of an answer from Python is put into that answer. Nothing that was
    typed is refused or changed: ``errors`` (made by ``show_errors``) say what cannot be read. With
    ``growing`` rows are added and removed. Of more than ``MOST_ROWS`` rows the first are shown and none is edited;
    ``total`` is how many there are, and ``advice`` says where to edit them.
    """

    _esm = _SCRIPT
    _css = _STYLE

    columns = traitlets.List(traitlets.Dict()).tag(sync=True)
    # An echo would put the page back to what it sent before it heard the last answer, and what is typed then would be
    # taken for a change of that answer.
    rows = traitlets.List(traitlets.List(traitlets.Unicode())).tag(sync=True, echo_update=False)
    revision = traitlets.Int(0, help="How often Python put rows into the table.").tag(sync=True)
    seen = traitlets.Int(0, help="The revision that the page had when it sent its rows.").tag(sync=True)
    errors = traitlets.List(traitlets.Dict()).tag(sync=True)
    label = traitlets.Unicode(help="What a screen reader calls the table.").tag(sync=True)
    growing = traitlets.Bool(True).tag(sync=True)
    total = traitlets.Int(0, min=0).tag(sync=True)
    most = traitlets.Int(MOST_ROWS, read_only=True).tag(sync=True)
    advice = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self, columns: Sequence[Column], rows: Sequence[Sequence[str]] = (), *, label: str, **traits: Any
    ) -> None:
        self._saw: int | None = None  # the revision that the page had, while its rows are being taken
        self._page: tuple[int, Rows] = (0, [])  # that of the last rows it sent, and these
        self._page_has_them = False
        self._latest: Rows = []
        self._answers: dict[int, Rows] = {}
        super().__init__(columns=[asdict(column) for column in columns], label=label, **traits)
        self.show(rows)

    def __repr__(self) -> str:
        return f"TableEditor({self.label}, {len(self.rows)} rows)"

    @property
    def editable(self) -> bool:
        """Whether there are few enough rows to edit them."""
        return bool(self.total <= MOST_ROWS)

    def show(self, rows: Sequence[Sequence[str]]) -> None:
        """Put other rows into the table, and take away what was said about the old ones."""
        with self.hold_sync():
            self.errors = []
            self.total = len(rows)
            self.rows = [list(row) for row in rows[:MOST_ROWS]]

    def show_errors(self, errors: Iterable[CellError]) -> None:
        """Say what is wrong, beside the cells and below the table."""
        self.errors = [asdict(error) for error in errors]

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the page sends, and know that it is the page's."""
        self._saw = sync_data.get("seen", self.seen) if "rows" in sync_data else None
        try:
            super().set_state(sync_data)
        finally:
            self._saw = None

    def notify_change(self, change: Any) -> None:
        """Send rows that the page does not have together with their revision."""
        if change["name"] != "rows":
            super().notify_change(change)
            return
        self._latest = change["new"]
        with self.hold_sync():
            if not self._page_has_them:
                self.revision += 1
                self._answers[self.revision] = self._latest
                self._answers.pop(self.revision - ANSWERS_KEPT, None)
            super().notify_change(change)

    @traitlets.observe("rows")  # type: ignore[untyped-decorator]
    def _count(self, change: Any) -> None:
        if self.editable:
            self.total = len(change.new)

    @traitlets.validate("rows")  # type: ignore[untyped-decorator]
    def _of_equal_length(self, proposal: Any) -> list[list[str]]:
        width = len(self.columns)
        rows = [[*row[:width], *[""] * (width - len(row))] for row in proposal["value"]]
        saw, self._saw = self._saw, None  # what observers put into the table after this is Python's
        if saw is None:
            self._page_has_them = False
            return rows
        last_seen, last_rows = self._page
        base = last_rows if last_seen == saw else self._answers.get(saw)
        self._page, self._page_has_them = (saw, rows), saw == self.revision or base is None
        return rows if self._page_has_them or base is None else merged(self._latest, base, rows)


def merged(mine: Rows, base: Rows, theirs: Rows) -> Rows:
    """My rows with what they changed of the rows that both began with: cells, one row removed, or rows at the end."""
    if len(mine) != len(base):
        return theirs
    if len(theirs) == len(base):
        return [
            [new if new != old else kept for kept, old, new in zip(*cells, strict=True)]
            for cells in zip(mine, base, theirs, strict=True)
        ]
    if theirs[: len(base)] == base:
        return mine + theirs[len(base) :]
    removed = next((place for place in range(len(base)) if base[:place] + base[place + 1 :] == theirs), None)
    return theirs if removed is None else mine[:removed] + mine[removed + 1 :]
