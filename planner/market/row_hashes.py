"""What a file of rows hashes to: the whole, each row, and each column, read once in bounded memory.

A row is the bytes between two line feeds, as they stand in the file: a carriage return belongs to it, the line feed
does not, and the last row needs none. Row 0 is the header. A column is what ``cut -d, -fN`` prints: its cells, the
header's first, each followed by a line feed.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from itertools import islice, zip_longest
from typing import TYPE_CHECKING

from planner.errors import InputError
from planner.market.merkle import GrowingRoot, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import TracebackType
    from typing import Self

CHUNK_BYTES = 1 << 20  # read at a time; ours
LONGEST_ROW_BYTES = 1 << 20  # a longer one is no row of a table; ours
ROWS_AHEAD = 256  # how far a dropped or added row is looked for; ours

HEX_BYTES = 64
LINE_BYTES = HEX_BYTES + 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column's header, the SHA-256 of its bytes in hex, and how many of its rows are not empty."""

    name: str
    sha256: str
    filled: int


@dataclass(frozen=True, slots=True)
class Hashes:
    """What one file holds: its size, SHA-256 and Merkle root in hex, rows besides the header, and columns."""

    bytes: int
    sha256: str
    root: str
    rows: int
    columns: tuple[Column, ...]


def hashes_of(path: Path, leaves: Path | None = None) -> Hashes:
    """The hashes of a CSV file; the leaf of every row is written to ``leaves``, one a line in hex, where that is given.

    Raises InputError for a row longer than a megabyte, which no table has.
    """
    whole, tree, size = sha256(), GrowingRoot(), 0
    names: list[bytes] = []
    digests, filled = [], []
    written = None if leaves is None else leaves.open("w", encoding="ascii", newline="\n")
    try:
        for chunk, rows in _blocks(path):
            whole.update(chunk)
            size += len(chunk)
            if not rows:
                continue
            hashed = [leaf_hash(row) for row in rows]
            tree.add(hashed)
            if written:
                written.writelines(f"{leaf.hex()}\n" for leaf in hashed)
            cells = [row.split(b",") for row in rows]
            if not names:
                names = cells[0]
                digests, filled = [sha256() for _ in names], [-1 for _ in names]
            for place, column in enumerate(islice(zip_longest(*cells, fillvalue=b""), len(names))):
                digests[place].update(b"\n".join(column) + b"\n")
                filled[place] += sum(map(bool, column))
    finally:
        if written:
            written.close()
    columns = tuple(
        Column(name.rstrip(b"\r").decode("utf-8", "replace"), digest.hexdigest(), count)
        for name, digest, count in zip(names, digests, filled, strict=True)
    )
    return Hashes(size, whole.hexdigest(), tree.root.hex(), max(tree.size - 1, 0), columns)


def rows_of(path: Path) -> Iterator[bytes]:
    """The rows of a file one after another, the header first."""
    for _, rows in _blocks(path):
        yield from rows


def _blocks(path: Path) -> Iterator[tuple[bytes, list[bytes]]]:
    """Chunks of a file, each with the rows that end in it."""
    rest = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            *rows, rest = (rest + chunk).split(b"\n")
            if len(rest) > LONGEST_ROW_BYTES:
                raise InputError(f"{path.name} has a row of more than a megabyte: it is not a table of text.")
            yield chunk, rows
    if rest:
        yield b"", [rest]


class LeafFile:
    """The leaves of a file as they were written down, one a line in hex, read where they lie."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size, odd = divmod(path.stat().st_size, LINE_BYTES)
        if odd:
            raise InputError(f"{path.name} is not a list of row hashes: each line must have 64 hexadecimal digits.")
        self._file = path.open("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, place: int) -> bytes:
        if not 0 <= place < self._size:
            raise IndexError(place)
        self._file.seek(place * LINE_BYTES)
        return self._next(place)

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(0)
        return (self._next(place) for place in range(self._size))

    def _next(self, place: int) -> bytes:
        line = self._file.read(LINE_BYTES)
        try:
            return bytes.fromhex(line[:HEX_BYTES].decode("ascii"))
        except ValueError as error:
            raise InputError(f"{self._path.name}: line {place + 1} is not a hash of 64 hexadecimal digits.") from error


class Change(StrEnum):
    """What became of a row."""

    CHANGED = "changed"
    DROPPED = "dropped"
    ADDED = "added"


def changed_rows(found: Iterable[bytes], expected: Iterable[bytes]) -> Iterator[tuple[Change, int]]:
    """The rows that differ between two sequences of leaves: what happened, and the row's number.

    An added row counts as in the file found, any other as in the one expected. One dropped or added is recognised by
    what follows it, up to 256 rows ahead.
    """
    new, old = _Ahead(found), _Ahead(expected)
    while new.leaves or old.leaves:
        if new.leaves and old.leaves and new.leaves[0] == old.leaves[0]:
            new.step()
            old.step()
            continue
        match _change(new.leaves, old.leaves):
            case Change.DROPPED:
                yield Change.DROPPED, old.step()
            case Change.ADDED:
                yield Change.ADDED, new.step()
            case _:
                new.step()
                yield Change.CHANGED, old.step()


class _Ahead:
    """A sequence of leaves with those next to come."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        self._rest = iter(leaves)
        self.leaves = deque(islice(self._rest, ROWS_AHEAD))
        self._place = 0

    def step(self) -> int:
        """Drop the first leaf; its number."""
        self.leaves.popleft()
        self.leaves.extend(islice(self._rest, 1))
        self._place += 1
        return self._place - 1


def _change(new: deque[bytes], old: deque[bytes]) -> Change:
    if not new:
        return Change.DROPPED
    if not old:
        return Change.ADDED
    if len(new) > 1 and len(old) > 1 and new[1] == old[1]:
        return Change.CHANGED
    dropped = old.index(new[0]) if new[0] in old else ROWS_AHEAD
    added = new.index(old[0]) if old[0] in new else ROWS_AHEAD
    if dropped == added:
        return Change.CHANGED
    return Change.DROPPED if dropped < added else Change.ADDED
