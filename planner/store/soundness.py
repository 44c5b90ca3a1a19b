"""What may be wrong with a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text

from planner.errors import InputError
from planner.store import journals, kept_reviews, scenarios
from planner.store.clients import clients
from planner.store.tables import METADATA
from planner.store.tables import reviews as review_rows
from planner.store.tables import scenarios as scenario_rows

if TYPE_CHECKING:
    from sqlalchemy import Connection

SOUND = "ok"
"""SQLite's word for it."""


def faults(connection: Connection) -> tuple[str, ...]:
    """Everything that is wrong, in sentences: the file, the tables, the chains, documents that cannot be read."""
    return (*file_faults(connection), *chain_faults(connection), *document_faults(connection))


def file_faults(connection: Connection) -> tuple[str, ...]:
    """Damage to the file, rows that belong to nothing, and tables that are not the planner's own."""
    found = []
    if connection.dialect.name == "sqlite":
        told = connection.execute(text("PRAGMA integrity_check")).scalars().all()
        found += [f"The file is damaged: {each}." for each in told if each != SOUND]
        strays = connection.execute(text("PRAGMA foreign_key_check")).all()
        found += [f"A row of {each[0]} belongs to nothing that is in the store." for each in strays]
    if compare_metadata(MigrationContext.configure(connection), METADATA):
        found.append("The tables were changed by another program.")
    return tuple(found)


def chain_faults(connection: Connection) -> tuple[str, ...]:
    """Journals whose chain is broken, each with the entry where it was."""
    found = []
    for client in clients(connection):
        try:
            fault = journals.journal(connection, client.id).fault()
            sentence = fault.sentence if fault else ""
        except InputError as error:
            sentence = str(error)
        if sentence:
            found.append(f"The journal of '{client.name}': {sentence}")
    return tuple(found)


def document_faults(connection: Connection) -> tuple[str, ...]:
    """Scenarios, reviews and policies that cannot be read."""
    found = []
    for client in clients(connection):
        try:
            journals.policy(connection, client.id)
        except InputError as error:
            found.append(str(error))
    for rows, read in ((scenario_rows, scenarios.read), (review_rows, kept_reviews.read)):
        for id_ in connection.execute(select(rows.c.id).order_by(rows.c.id)).scalars().all():
            try:
                read(connection, id_)
            except InputError as error:
                found.append(str(error))
    return tuple(found)
