"""Scenarios as rows: each function is part of one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import insert, select, update

from planner.errors import InputError
from planner.store.clients import client_of
from planner.store.conflict import Conflict
from planner.store.records import Listed, Saved, moment, now, plain, written
from planner.store.tables import scenarios

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from planner.scenario import Scenario

LISTED = [column for column in scenarios.c if column.name != "document"]


def listed(connection: Connection, household: str, deleted: bool) -> tuple[Listed, ...]:
    """The scenarios of a household, the one changed last first; the deleted ones or the others."""
    client_of(connection, household)
    mark = scenarios.c.deleted
    rows = select(*LISTED).where(scenarios.c.household == household, mark.is_not(None) if deleted else mark.is_(None))
    ordered = rows.order_by(scenarios.c.saved.desc(), scenarios.c.id)
    return tuple(Listed(**_fields(row)) for row in connection.execute(ordered))


def read(connection: Connection, id_: str) -> Saved:
    """One scenario, deleted or not."""
    from planner.scenario import Scenario

    row = connection.execute(select(scenarios).where(scenarios.c.id == id_)).one_or_none()
    if row is None:
        raise InputError("There is no such scenario in the store: look at the list again.")
    try:
        scenario = Scenario.model_validate_json(row.document)
    except InputError as error:
        client = client_of(connection, row.household)
        raise InputError(f"The scenario '{row.name}' of '{client.name}' cannot be read: {error}") from error
    return Saved(**_fields(row), scenario=scenario)


def add(connection: Connection, household: str, scenario: Scenario, author: str) -> Saved:
    """Keep a new scenario as version 1."""
    client_of(connection, household)
    at, name = now(), plain(scenario.name, "The scenario's name")
    made = Saved(uuid4().hex, household, name, 1, author, at, at, None, scenario)
    row = {column.name: getattr(made, column.name) for column in LISTED}
    row |= {"created": written(at), "saved": written(at), "document": scenario.model_dump_json()}
    connection.execute(insert(scenarios).values(**row))
    return made


def save(connection: Connection, read_as: Listed, scenario: Scenario, author: str) -> Saved:
    """Keep a change of what was read; Conflict when another desk's change or deletion came first."""
    name = plain(scenario.name, "The scenario's name")
    if read_as.deleted is not None:
        raise InputError(f"The scenario '{read_as.name}' is deleted: restore it, or add yours as a new one.")
    _change(connection, read_as, author, name=name, document=scenario.model_dump_json())
    return read(connection, read_as.id)


def mark(connection: Connection, read_as: Listed, author: str, deleted: bool) -> Listed:
    """Mark a scenario as deleted, or take the mark away."""
    _change(connection, read_as, author, deleted=written(now()) if deleted else None)
    row = connection.execute(select(*LISTED).where(scenarios.c.id == read_as.id)).one()
    return Listed(**_fields(row))


def _change(connection: Connection, read_as: Listed, author: str, **values: Any) -> None:
    """Change the row if it is still the one that was read: the test and the change are one statement."""
    values |= {"version": read_as.version + 1, "author": author, "saved": written(now())}
    same = (scenarios.c.id == read_as.id) & (scenarios.c.version == read_as.version)
    if connection.execute(update(scenarios).where(same).values(**values)).rowcount == 0:
        stored = read(connection, read_as.id)
        raise Conflict(_who_is_newer(stored, read_as.version), stored)


def _who_is_newer(stored: Saved, version: int) -> str:
    if stored.version < version:
        return (
            f"The store holds '{stored.name}' at version {stored.version}, before yours, {version}: a backup took its "
            "place meanwhile. Nothing was overwritten: keep one of the two, or add yours as a new scenario."
        )
    did = "saved" if stored.deleted is None else "deleted"
    return (
        f"'{stored.name}' was {did} by {stored.author} on {stored.saved:%Y-%m-%d at %H:%M} UTC as version "
        f"{stored.version}, after you opened version {version}. "
        "Nothing was overwritten: keep one of the two, or add yours as a new scenario."
    )


def _fields(row: Row[Any]) -> dict[str, Any]:
    fields = {column.name: getattr(row, column.name) for column in LISTED}
    times = {name: moment(fields[name]) for name in ("created", "saved", "deleted") if fields[name] is not None}
    return fields | times
