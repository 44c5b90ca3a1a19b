"""A table to fill in by hand: plain inputs in rows, for the keyboard and for a block pasted from a spreadsheet."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from widgets.theme import TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Rows = list[list[str]]

ANSWERS_KEPT = 50
"""Answers from Python that the page may be behind. Ours."""
MOST_ROWS = 500
"""More are read and not edited: a browser builds eight inputs a row, and nobody types a thousand lots. Ours."""

_SCRIPT = Path(__file__).with_name("table_editor.js").read_text(encoding="utf-8")
_STYLE = TOKENS + Path(__file__).with_name("table_editor.css").read_text(encoding="utf-8")


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
    # taken for a change of that answer. The page sends its rows as messages: of two changes of a trait that the kernel
    # is too busy to take, ipywidgets drops the first, whose cell an answer may have emptied for the second.
    rows = traitlets.List(traitlets.List(traitlets.Unicode())).tag(sync=True, echo_update=False)
    revision = traitlets.Int(0, help="How often Python put rows into the table.").tag(sync=True)
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
        self.on_msg(self._take)
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

    def _take(self, _: Any, message: dict[str, Any], __: Any) -> None:
        """Take the rows that the page sent, with the revision that it had then."""
        self._saw = message["seen"]
        try:
            self.set_state({"rows": message["rows"]})
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
