"""Backup and restore: each in one step, of either kind of store and into either."""

from __future__ import annotations

import sqlite3
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, func, inspect, select, text

from planner.errors import InputError
from planner.store.conflict import StoreError
from planner.store.database import SCHEMA, Database
from planner.store.migrations import NEWEST, known_revisions, lock, upgrade
from planner.store.places import BESIDE, place_of
from planner.store.portable import contents, dump, is_backup, load
from planner.store.records import now
from planner.store.soundness import chain_faults, file_faults
from planner.store.tables import entries, households, reviews, scenarios
from planner.wording import count

if TYPE_CHECKING:
    from typing import IO

    from sqlalchemy import Connection

    from planner.store.places import Place
    from planner.store.portable import Contents
    from planner.store.store import Store


@dataclass(frozen=True, slots=True)
class Amount:
    """How much a store holds; deleted scenarios count."""

    households: int
    scenarios: int
    entries: int
    reviews: int

    @property
    def in_words(self) -> str:
        """As '1 household, 2 scenarios, 5 entries, 0 reviews'."""
        kinds = (count(self.households, "household"), count(self.scenarios, "scenario"))
        entries = "1 entry" if self.entries == 1 else f"{self.entries:,} entries"
        return ", ".join((*kinds, entries, count(self.reviews, "review")))


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back, where it is now, and where the store that stood there was put."""

    amount: Amount
    label: str
    aside: str | None


def write_backup(store: Store, file: str | Path) -> Amount:
    """Write everything in the store, as it is at one moment, into a file for its owner alone; return how much.

    The file is replaced whole or not at all, and only where it is a backup. Desks may go on working meanwhile.
    """
    from planner.sources.whole_file import write_whole

    path = Path(file)
    try:
        if path.exists() and not is_backup(path):
            raise InputError(f"{path} is there and is no backup: name another file.")
        with store.database.reading() as connection:
            amount = _amount(connection)
            if not amount.households:
                raise InputError(f"{store.label} holds no household: there is nothing to back up. Check the place.")

            def write(stream: IO[bytes]) -> None:
                dump(connection, NEWEST, stream)

            write_whole(path, write)
            return amount
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from None


def restore_backup(file: str | Path, where: str | Path | None = None, *, replacing: bool = False) -> Restored:
    """Make a store from a backup, checked before anything is touched: its rows, tables and the journals' chains.

    A store that stands in the place is an InputError, unless it is to be replaced: then it is put aside and kept.
    """
    place, backup = place_of(where), contents(Path(file))
    if backup.revision not in known_revisions():
        raise InputError(f"{file} was written by a newer version of the planner: update the planner to restore it.")
    if place.file is None:
        return _into_schema(backup, place, replacing)
    return _into_file(backup, place, place.file, replacing)


def _into_file(backup: Contents, place: Place, file: Path, replacing: bool) -> Restored:
    if file.exists() and not replacing:
        raise InputError(_occupied(place))
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".restoring-", dir=file.parent) as folder:
            made = Path(folder, file.name)
            database = Database(replace(place, url=URL.create("sqlite", database=str(made)), file=made))
            try:
                with database.writing() as connection:
                    amount = _fill(connection, backup)
            finally:
                database.close()
            aside = _put_aside(file) if file.exists() else None
            made.replace(file)
    except OSError as error:
        raise StoreError(f"{place.label} cannot be written ({error.strerror}): check the place.") from None
    return Restored(amount, place.label, aside)


def _into_schema(backup: Contents, place: Place, replacing: bool) -> Restored:
    database = Database(place)
    aside = None
    try:
        with database.writing() as connection:
            lock(connection)
            if inspect(connection).has_schema(SCHEMA):
                if not replacing:
                    raise InputError(_occupied(place))
                aside = _put_schema_aside(connection)
            amount = _fill(connection, backup)
    finally:
        database.close()
    return Restored(amount, place.label, aside)


def _fill(connection: Connection, backup: Contents) -> Amount:
    """Tables as they were when the backup was written, its rows, and then what changed since."""
    upgrade(connection, backup.revision)
    load(connection, backup)
    upgrade(connection)
    faults = (*file_faults(connection), *chain_faults(connection))
    if faults:
        raise InputError(f"{backup.file} is not restored. {' '.join(faults)}")
    return _amount(connection)


def _put_aside(file: Path) -> str:
    """Rename a store that no program has open, with what SQLite keeps beside it; a damaged one as it is."""
    try:
        connection = sqlite3.connect(file, timeout=1, isolation_level=None)
        try:
            # Leaving the write-ahead log is only possible for the last program that has the file open, and empties it.
            connection.execute("PRAGMA journal_mode = DELETE")
        finally:
            connection.close()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise StoreError(f"{file} is open in another program: close it first.") from None
    except sqlite3.DatabaseError:
        pass
    aside = file.with_name(f"{file.stem}.before-{_stamp()}{file.suffix}")
    for ending in BESIDE:
        beside = Path(f"{file}{ending}")
        if beside.exists():
            beside.rename(f"{aside}{ending}")
    return str(aside)


def _put_schema_aside(connection: Connection) -> str:
    """Rename the schema once no desk is in the middle of a change."""
    tables = ", ".join(inspect(connection).get_table_names())
    if tables:
        connection.execute(text(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE"))
    aside = f"{SCHEMA}_before_{_stamp().lower()}"
    connection.execute(text(f"ALTER SCHEMA {SCHEMA} RENAME TO {aside}"))
    return f"the schema {aside}"


def _amount(connection: Connection) -> Amount:
    counted = (households, scenarios, entries, reviews)
    return Amount(*(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in counted))


def _stamp() -> str:
    return f"{now():%Y%m%dT%H%M%S%f}"


def _occupied(place: Place) -> str:
    return (
        f"There is a store in {place.label}: say --replace to put the backup in its place and keep the old one aside."
    )
