"""What differs between a file and its entry in a manifest, down to the row and the column."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING

from planner.errors import InputError
from planner.market.manifest import LEAVES_SUFFIX
from planner.market.merkle import leaf_hash, root_of
from planner.market.row_hashes import Change, Hashes, LeafFile, changed_rows, hashes_of, rows_of

if TYPE_CHECKING:
    from pathlib import Path

    from planner.market.manifest import FileNote

FAULTS_SHOWN = 20  # of one file; ours
LETTERS_SHOWN = 20  # of a row's first cell


class FaultKind(StrEnum):
    """What kind of thing is wrong with a dataset."""

    CHANGED = "changed"
    DROPPED_ROW = "dropped row"
    ADDED_ROW = "added row"
    REORDERED = "reordered columns"
    COLUMNS = "other columns"
    LINE_ENDS = "line ends"
    ROW_HASHES = "row hashes"
    MISSING_FILE = "missing file"
    ADDED_FILE = "added file"
    FORGED = "forged"
    LOG = "log"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: its kind, the file, the row (the header is 0) and column where known, in a sentence."""

    kind: FaultKind
    file: str
    sentence: str
    row: int | None = None
    column: str | None = None


def file_faults(folder: Path, note: FileNote) -> list[Fault]:
    """What is wrong with one file of a sealed folder; empty where it is as it was."""
    path, leaves = folder / note.path, folder / (note.path + LEAVES_SUFFIX)
    if not path.is_file():
        return [Fault(FaultKind.MISSING_FILE, note.path, f"{note.path} is missing.")]
    found = hashes_of(path)
    faults = _leaf_faults(leaves, note)
    if found.sha256 == note.sha256:
        return faults + _note_faults(found, note)
    return faults + (_column_faults(found, note) or _row_faults(path, None if faults else leaves, found, note))


def _leaf_faults(leaves: Path, note: FileNote) -> list[Fault]:
    if not leaves.is_file():
        return [Fault(FaultKind.MISSING_FILE, leaves.name, f"{leaves.name} with the hashes of the rows is missing.")]
    try:
        with LeafFile(leaves) as hashes:
            if len(hashes) == note.rows + 1 and root_of(hashes).hex() == note.root:
                return []
    except InputError as error:
        return [Fault(FaultKind.ROW_HASHES, leaves.name, str(error))]
    text = f"{leaves.name}: the hashes in it do not lead to the root in the manifest."
    return [Fault(FaultKind.ROW_HASHES, leaves.name, text)]


def _note_faults(found: Hashes, note: FileNote) -> list[Fault]:
    """Figures of the manifest that its own file contradicts."""
    said = {
        "Merkle root": (note.root, found.root),
        "number of rows": (note.rows, found.rows),
        "number of bytes": (note.bytes, found.bytes),
        "order of columns": (list(note.columns), [column.name for column in found.columns]),
    }
    for column in found.columns:
        if column.name in note.columns:
            entry = note.columns[column.name]
            said[f"hash of column '{column.name}'"] = (entry.sha256, column.sha256)
            said[f"number of values in column '{column.name}'"] = (entry.rows, column.filled)
    return [
        Fault(FaultKind.FORGED, note.path, f"manifest.json: the {what} it gives for {note.path} is not the file's.")
        for what, (told, true) in said.items()
        if told != true
    ]


def _column_faults(found: Hashes, note: FileNote) -> list[Fault]:
    """What became of the columns, where the header is not the one it was by more than a letter."""
    names, told = [column.name for column in found.columns], list(note.columns)
    if names == told:
        return []
    if sorted(names) == sorted(told):
        moved = [name for name, before in zip(names, told, strict=True) if name != before]
        also = [c.name for c in found.columns if c.sha256 != note.columns[c.name].sha256]
        then = f" Values changed, too, in {_quoted(also)}." if also else ""
        text = f"{note.path}: the columns {_quoted(moved)} were reordered.{then}"
        return [Fault(FaultKind.REORDERED, note.path, text, column=moved[0])]
    if len(names) == len(told):
        return []
    gone, new = [name for name in told if name not in names], [name for name in names if name not in told]
    what = [f"{_quoted(gone)} is gone"] * bool(gone) + [f"{_quoted(new)} was added"] * bool(new)
    text = f"{note.path}: column {' and '.join(what) or 'names stand there twice'}."
    return [Fault(FaultKind.COLUMNS, note.path, text, column=(gone + new or names)[0])]


def _row_faults(path: Path, leaves: Path | None, found: Hashes, note: FileNote) -> list[Fault]:
    changed = [
        before
        for column, (before, entry) in zip(found.columns, note.columns.items(), strict=False)
        if column.sha256 != entry.sha256
    ]
    if leaves is None:
        text = f"{note.path} was changed (columns {_quoted(changed)}); without the row hashes no row can be named."
        return [Fault(FaultKind.CHANGED, note.path, text)]
    with LeafFile(leaves) as told:
        now = map(leaf_hash, rows_of(path))
        changes = list(islice(changed_rows(now, told), FAULTS_SHOWN + 1))
    if not changes:
        text = f"{note.path}: all rows are as they were, only the end of the last line differs."
        return [Fault(FaultKind.LINE_ENDS, note.path, text)]
    only_values = all(change is Change.CHANGED for change, _ in changes)
    columns = changed if only_values else []
    labels = _first_cells(path, changes)
    faults = [_row_fault(note, change, row, columns, labels.get(row, "")) for change, row in changes[:FAULTS_SHOWN]]
    if len(changes) > FAULTS_SHOWN:
        faults.append(Fault(FaultKind.CHANGED, note.path, f"{note.path}: more rows differ, which are not listed."))
    return faults


def _row_fault(note: FileNote, change: Change, row: int, columns: list[str], label: str) -> Fault:
    where = f"{note.path}: {f'row {row}' if row else 'the header'}{label and f' ({label})'}"
    if change is Change.DROPPED:
        return Fault(FaultKind.DROPPED_ROW, note.path, f"{where} was dropped.", row)
    if change is Change.ADDED:
        return Fault(FaultKind.ADDED_ROW, note.path, f"{where} was added.", row)
    if not columns:
        return Fault(FaultKind.CHANGED, note.path, f"{where} was changed.", row)
    word = "column" if len(columns) == 1 else "columns"
    text = f"{where} was changed in {word} {_quoted(columns)}."
    return Fault(FaultKind.CHANGED, note.path, text, row, columns[0])


def _first_cells(path: Path, changes: list[tuple[Change, int]]) -> dict[int, str]:
    """What the rows begin with that stand at the same place in the file: those before the first dropped or added."""
    wanted = set()
    for change, row in changes:
        if change is not Change.CHANGED:
            wanted |= {row} if change is Change.ADDED else set()
            break
        wanted |= {row} - {0}
    last = max(wanted, default=-1)
    return {
        number: line.split(b",")[0].decode("utf-8", "replace")[:LETTERS_SHOWN]
        for number, line in enumerate(islice(rows_of(path), last + 1))
        if number in wanted
    }


def _quoted(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
