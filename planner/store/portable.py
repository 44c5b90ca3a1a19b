"""A whole store as lines of JSON: the same text from SQLite and from PostgreSQL, and into either.

The first line says what it is and which revision the tables have, then comes a line a row, and the last line holds the
number of rows and the SHA-256 of all before it: a file that was cut or changed is told before anything is restored.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from sqlalchemy import MetaData, insert, select
from sqlalchemy.exc import DBAPIError

from planner.errors import InputError
from planner.store.records import now, written
from planner.store.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Table

FORMAT = "modern-portfolio store 1"
START = json.dumps({"format": FORMAT})[:-1].encode()
"""How every backup begins."""
REVISIONS_TABLE = "alembic_version"
"""Alembic's own: a backup says its revision in the first line."""
LONGEST_LINE = 64_000_000
"""Bytes: a scenario may have 5 million of them, each written as up to six. Ours."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup's first and last lines say, after all between them were checked."""

    file: Path
    revision: str
    rows: int


def dump(connection: Connection, revision: str, stream: IO[bytes]) -> None:
    """Write every row."""
    digest, rows = hashlib.sha256(), 0

    def write(line: dict[str, Any]) -> None:
        text = json.dumps(line).encode() + b"\n"
        digest.update(text)
        stream.write(text)

    write({"format": FORMAT, "revision": revision, "written": written(now())})
    for table in METADATA.sorted_tables:
        for row in connection.execute(select(table).order_by(*table.primary_key)).mappings():
            write({"table": table.name, "row": dict(row)})
            rows += 1
    stream.write(json.dumps({"rows": rows, "sha256": digest.hexdigest()}).encode() + b"\n")


def contents(file: Path) -> Contents:
    """Read a backup through and check it; InputError when it is none, is cut short, or was changed."""
    digest, lines, last, revision = hashlib.sha256(), 0, b"", ""
    for line in _lines(file):
        revision = revision or _revision(line, file)
        digest.update(last)
        lines, last = lines + 1, line
    if not last:
        raise InputError(f"{file} is empty: it is no backup of the planner.")
    end = _parsed(last, file)
    if "sha256" not in end:
        raise InputError(f"{file} is cut short: its end is missing. Take another backup.")
    if end != {"rows": lines - 2, "sha256": digest.hexdigest()}:
        raise InputError(f"{file} was changed or damaged since it was written: take another backup.")
    return Contents(file, revision, lines - 2)


def load(connection: Connection, backup: Contents) -> None:
    """Put every row of a checked backup into tables of its revision, which are there and empty."""
    tables = MetaData()
    tables.reflect(connection, only=lambda name, _: name != REVISIONS_TABLE)
    for number, line in enumerate(_lines(backup.file)):
        if not 0 < number <= backup.rows:
            continue
        parsed = _parsed(line, backup.file)
        table, row = tables.tables.get(str(parsed.get("table"))), parsed.get("row")
        try:
            if table is None or not _fits(row, table):
                raise ValueError
            connection.execute(insert(table), row)
        except (ValueError, DBAPIError):
            raise InputError(f"{backup.file}: line {number + 1} is no row of revision {backup.revision}.") from None


def _fits(row: Any, table: Table) -> bool:
    """Whether a row has the table's columns and nothing but text and whole numbers, as all of the store's do."""
    plain = isinstance(row, dict) and all(isinstance(value, str | int | None) for value in row.values())
    return plain and set(row) == set(table.c.keys())


def is_backup(file: Path) -> bool:
    """Whether a file begins as backups do."""
    with file.open("rb") as stream:
        return stream.read(len(START)) == START


def _lines(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as stream:
            while line := stream.readline(LONGEST_LINE + 1):
                if len(line) > LONGEST_LINE:
                    raise InputError(f"{file} has a line longer than any backup's: it is no backup of the planner.")
                yield line
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from None


def _revision(line: bytes, file: Path) -> str:
    if not line.startswith(START):
        raise InputError(f"{file} is no backup of the planner.")
    return str(_parsed(line, file).get("revision"))


def _parsed(line: bytes, file: Path) -> dict[str, Any]:
    try:
        parsed = json.loads(line)
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        raise InputError(f"{file} is cut short or damaged: take another backup.")
    return parsed
