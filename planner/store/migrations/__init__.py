"""The tables as they were made and changed, each change once and in order."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from planner.store.conflict import StoreError
from planner.store.database import SCHEMA

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection

    from planner.store.database import Database

REVISIONS = ScriptDirectory(Path(__file__).parent)
NEWEST = str(REVISIONS.get_current_head())
LOCK_NUMBER = 0x706F7274
"""Of PostgreSQL's advisory locks: one that no other program is likely to take."""
_one_at_a_time = Lock()  # Alembic's operations belong to the whole process


def bring_up_to_date(database: Database) -> None:
    """Make the tables or change them to today's; two programs that open a store at once do it one after the other."""
    with database.reading() as connection:
        if revision(connection, database.place.label) == NEWEST:
            return
    with database.writing() as connection:
        lock(connection)
        revision(connection, database.place.label)
        upgrade(connection)


def revision(connection: Connection, label: str) -> str | None:
    """The revision of a store's tables, None where there are none; StoreError where they are another program's."""
    found = _context(connection).get_current_revision()
    if found is None and inspect(connection).get_table_names():
        raise StoreError(f"{label} is a database of another program: name another place.")
    if found is not None and found not in known_revisions():
        raise StoreError(f"{label} was written by a newer version of the planner: update the planner to open it.")
    return found


def known_revisions() -> set[str]:
    """All revisions up to today's."""
    return {each.revision for each in REVISIONS.walk_revisions()}


def lock(connection: Connection) -> None:
    """Let one program change tables at a time; SQLite's writing transactions already do."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK_NUMBER})


def upgrade(connection: Connection, to: str = "head") -> None:
    """Change the tables to a revision inside the connection's transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))

    def steps(now: Any, _: MigrationContext) -> Any:
        return REVISIONS._upgrade_revs(to, now)  # as Alembic's own command does

    context = _context(connection, fn=steps, transactional_ddl=True)
    with _one_at_a_time, Operations.context(context):
        context.run_migrations()


def _context(connection: Connection, **options: Any) -> MigrationContext:
    return MigrationContext.configure(connection, opts=options)
