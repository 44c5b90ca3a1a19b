"""Sealing a folder of data, and checking later that nothing in it was changed: what, where, by name."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import InputError
from planner.market.manifest import (
    LEAVES_SUFFIX,
    LOG_NAME,
    MANIFEST_NAME,
    SIGNATURE_NAME,
    SUMS_NAME,
    About,
    AboutFile,
    ColumnNote,
    FileNote,
    Manifest,
    read_manifest,
)
from planner.market.merkle import inclusion_path, leaf_hash, root_by_inclusion
from planner.market.row_hashes import Hashes, LeafFile, hashes_of, rows_of
from planner.market.version_log import add_version
from planner.validation import Document, Hash, WholeNumber

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike


def seal(
    folder: str | PathLike[str],
    about: About,
    files: Mapping[str, AboutFile],
    measured_by: Mapping[str, str] | None = None,
    *,
    day: dt.date | None = None,
    note: str = "",
) -> Manifest:
    """Write down what the CSV files of a folder hash to, as the next version of a dataset.

    ``files`` are the names in the folder with what is to be said of each, ``measured_by`` says what a column holds.
    Writes ``manifest.json``, a file of row hashes beside each file (``.rows``), ``SHA256SUMS``, and appends to
    ``versions.jsonl``; the data stay as they are. An older signature is removed: sign anew. Raises InputError where a
    file is missing or the log is broken.
    """
    place, words = Path(folder), measured_by or {}
    found = {name: _hashed(place / name) for name in files}
    log = place / LOG_NAME
    manifest = Manifest(
        **about.model_dump(),
        version=1 + (sum(1 for _ in rows_of(log)) if log.is_file() else 0),
        files=tuple(_note(name, files[name], hashes, words) for name, hashes in found.items()),
    )
    content = manifest.to_bytes()
    add_version(place, manifest, content, day or dt.datetime.now(dt.UTC).date(), note)
    (place / MANIFEST_NAME).write_bytes(content)
    (place / SUMS_NAME).write_bytes(sums(place, manifest))
    (place / SIGNATURE_NAME).unlink(missing_ok=True)
    return manifest


def sums(folder: Path, manifest: Manifest) -> bytes:
    """What ``sha256sum -c`` reads: the hash of the manifest and of each of its files."""
    hashes = {MANIFEST_NAME: hashes_of(folder / MANIFEST_NAME).sha256} | {f.path: f.sha256 for f in manifest.files}
    return "".join(f"{each}  {name}\n" for name, each in hashes.items()).encode()


class RowProof(Document):
    """One row of a file and the hashes that lead from it to the file's Merkle root.

    ``row`` counts from 1, the header is row 0; ``rows`` counts them all, the header among them.
    """

    file: str
    row: WholeNumber
    rows: WholeNumber
    line: str
    path: tuple[Hash, ...]
    root: Hash

    def holds(self, root: str) -> bool:
        """Whether the row stands in the file whose root (hex) you know from elsewhere: a manifest, a log, a letter."""
        siblings = [bytes.fromhex(node) for node in self.path]
        found = root_by_inclusion(leaf_hash(self.line.encode()), self.row, self.rows, siblings)
        return found is not None and found.hex() == root == self.root


def prove_row(folder: str | PathLike[str], file: str, row: int) -> RowProof:
    """The proof that a row (from 1; 0 is the header) stands in a file of a sealed folder.

    Raises InputError where there is no such row, the row is no text, or the row is not as it was when sealed.
    """
    place = Path(folder)
    note = read_manifest(place).of(file)
    if not 0 <= row <= note.rows:
        raise InputError(f"{file} has rows 1 to {note.rows}, and the header as row 0: there is no row {row}.")
    line = next((line for number, line in enumerate(rows_of(place / file)) if number == row), None)
    try:
        text = None if line is None else line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: row {row} is not text in UTF-8.") from error
    leaves = place / f"{file}{LEAVES_SUFFIX}"
    if not leaves.is_file():
        raise InputError(f"There is no '{leaves.name}' with the hashes of the rows: seal the folder first.")
    with LeafFile(leaves) as hashes:
        path = inclusion_path(hashes, row) if len(hashes) == note.rows + 1 else []
    proof = RowProof(
        file=file,
        row=row,
        rows=note.rows + 1,
        line=text or "",
        path=tuple(node.hex() for node in path),
        root=note.root,
    )
    if text is None or not proof.holds(note.root):
        raise InputError(f"{file}: row {row} is not what the manifest was made of. Run planner check-data.")
    return proof


def _hashed(path: Path) -> Hashes:
    if not path.is_file():
        raise InputError(f"There is no file '{path}': check the name and the folder.")
    return hashes_of(path, path.with_name(path.name + LEAVES_SUFFIX))


def _note(name: str, about: AboutFile, hashes: Hashes, measured_by: Mapping[str, str]) -> FileNote:
    return FileNote(
        **about.model_dump(),
        path=name,
        sha256=hashes.sha256,
        bytes=hashes.bytes,
        rows=hashes.rows,
        root=hashes.root,
        columns={
            column.name: ColumnNote(
                measured_by=measured_by.get(column.name, ""), rows=column.filled, sha256=column.sha256
            )
            for column in hashes.columns
        },
    )
