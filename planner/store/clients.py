"""Households as rows: each function is part of one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import insert, select, update

from planner.errors import InputError
from planner.store.records import Client, moment, now, plain, written
from planner.store.tables import households

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row


def clients(connection: Connection) -> tuple[Client, ...]:
    """All households, by name."""
    rows = connection.execute(select(households)).all()
    return tuple(sorted((_client(row) for row in rows), key=lambda each: (each.name.casefold(), each.created)))


def client_of(connection: Connection, id_: str, *, locked: bool = False) -> Client:
    """One household; ``locked`` lets no other desk write to its journal or texts until the transaction is over."""
    asked = select(households).where(households.c.id == id_)
    row = connection.execute(asked.with_for_update() if locked else asked).one_or_none()
    if row is None:
        raise InputError("There is no such household in the store: look at the list again.")
    return _client(row)


def add(connection: Connection, name: str) -> Client:
    """Keep a new household."""
    made = Client(uuid4().hex, plain(name, "The household's name"), now())
    connection.execute(insert(households).values(id=made.id, name=made.name, created=written(made.created)))
    return made


def rename(connection: Connection, id_: str, name: str) -> Client:
    """Give a household another name."""
    named = plain(name, "The household's name")
    connection.execute(update(households).where(households.c.id == id_).values(name=named))
    return client_of(connection, id_)


def _client(row: Row[Any]) -> Client:
    return Client(row.id, row.name, moment(row.created))
