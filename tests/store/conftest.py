"""A store of either kind."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import postgres_server
import psycopg
import pytest

from planner.policy.journal import Change, Entry, Journal
from planner.store import Store
from planner.store.database import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from planner.store import Client

AT = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a database on a running server."""
    programs = postgres_server.programs()
    if programs is None:
        pytest.skip("PostgreSQL's server is not installed (on Debian: apt-get install postgresql)")
    with postgres_server.running(programs) as url:
        yield url


@pytest.fixture
def postgresql(server: str) -> Iterator[str]:
    """The URL of a database without a store."""
    yield server
    with psycopg.connect(server) as connection:
        rows = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE %s", [f"{SCHEMA}%"])
        for (schema,) in rows.fetchall():
            connection.execute(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store of either kind can be made."""
    return request.getfixturevalue("postgresql") if request.param == "postgresql" else str(tmp_path / "store.db")


@pytest.fixture
def store(place: str) -> Iterator[Store]:
    """An empty store."""
    with Store.open(place, author="Ana") as opened:
        yield opened


@pytest.fixture
def other_desk(store: Store, place: str) -> Iterator[Store]:
    """The same store at another desk."""
    with Store.open(place, author="Ben") as opened:
        yield opened


@pytest.fixture
def client(store: Store) -> Client:
    """A household in the store."""
    return store.add_household("Smith")


@pytest.fixture(scope="session")
def chain() -> tuple[Entry, ...]:
    """Three entries that follow each other."""
    journal = Journal()
    for reason in ("agreed", "a child was born", "retiring later"):
        journal = journal.written(
            (Change(item="goals", field="College", before="none", after="2040"),), "Ana", reason, AT
        )
    return journal.entries
