"""Transactions on a store's database, and what it says when one fails."""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from planner.errors import InputError
from planner.store.conflict import StoreError
from planner.store.places import make_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from planner.store.places import Place

PATIENCE_SECONDS = 10
"""How long a write waits for another's, and a connection for the server. Ours."""

PAUSE_SECONDS = 0.02

# FULL forces the log to the disk at every commit: with less, a power cut could take back what was said to be saved.
PRAGMAS = (
    f"PRAGMA busy_timeout = {1000 * PATIENCE_SECONDS}",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)
SCHEMA = "modern_portfolio"
"""Of the tables in PostgreSQL."""
WRITES = "writes"


class Database:
    """The connections to one place; nothing of a statement's values ever reaches a log."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.engine = _sqlite(place, place.file) if place.file else _postgresql(place)
        self._writing = self.engine.execution_options(**{WRITES: True})
        still = {} if place.file else {"isolation_level": "REPEATABLE READ"}
        self._reading = self.engine.execution_options(**still)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the store throughout."""
        with in_words(self.place), self._reading.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is kept whole when the block ends, and not at all when it raises."""
        with in_words(self.place), self._writing.begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of the connections."""
        self.engine.dispose()


@contextmanager
def in_words(place: Place) -> Iterator[None]:
    """Turn a database's error into a StoreError without values, parameters or passwords."""
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreError(_sentence(error, place)) from None


def _sentence(error: SQLAlchemyError, place: Place) -> str:
    reason = _reason(error)
    if "is locked" in reason:
        return f"Another program is writing to {place.label} for long: try again."
    if "not a database" in reason or "malformed" in reason:
        return f"{place.label} is damaged or not a database ({reason}): restore a backup."
    return f"{place.label}: the database refused ({reason})."


def _reason(error: SQLAlchemyError) -> str:
    """The database's own words where they hold no values: PostgreSQL's first line, SQLite's only one."""
    if not isinstance(error, DBAPIError):
        return type(error).__name__
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is None:
        return str(error.orig)
    return diagnosis.message_primary or "it does not answer, or not to this user"


def _sqlite(place: Place, file: Path) -> Engine:
    make_private(file)
    engine = create_engine(place.url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions begin below, also those that change tables
        for pragma in PRAGMAS:
            connection.execute(pragma)
        _write_ahead(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn on the write-ahead log, for which SQLite does not wait itself where two programs make one store at once."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return


def _postgresql(place: Place) -> Engine:
    try:
        engine = create_engine(
            place.url, hide_parameters=True, pool_pre_ping=True, connect_args={"connect_timeout": PATIENCE_SECONDS}
        )
    except ModuleNotFoundError:
        raise InputError("A store in PostgreSQL needs psycopg: pip install 'modern-portfolio[postgres]'.") from None

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: object) -> None:
        connection.execute(f"SET search_path TO {SCHEMA}")
        connection.execute(f"SET lock_timeout TO '{PATIENCE_SECONDS}s'")
        connection.commit()

    return engine
