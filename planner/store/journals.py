"""Journals and the adviser's own text as rows: each function is part of one transaction."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from planner.errors import InputError
from planner.store.clients import client_of
from planner.store.conflict import Conflict
from planner.store.records import LONGEST_TEXT, keepable, plain
from planner.store.tables import entries, statement_texts

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from planner.policy.journal import Entry

BEFORE_THE_FIRST = "0" * 64


def journal(connection: Connection, household: str) -> tuple[Entry, ...]:
    """The entries of a household, the first one first, each as it was written."""
    from planner.policy.journal import Entry

    client = client_of(connection, household)
    rows = select(entries.c.number, entries.c.document).where(entries.c.household == household)
    found = []
    for number, document in connection.execute(rows.order_by(entries.c.number)):
        try:
            found.append(Entry.model_validate_json(document))
        except InputError as error:
            raise InputError(f"Entry {number} of the journal of '{client.name}' cannot be read: {error}") from error
    return tuple(found)


def append(connection: Connection, household: str, entry: Entry) -> None:
    """Write the next entry; Conflict when the journal went on since the entry was made."""
    client = client_of(connection, household, locked=True)
    last = select(entries.c.number, entries.c.document).where(entries.c.household == household)
    row = connection.execute(last.order_by(entries.c.number.desc()).limit(1)).one_or_none()
    number, head = (row.number, json.loads(row.document)["hash"]) if row else (0, BEFORE_THE_FIRST)
    if entry.number <= number:
        raise Conflict(
            f"The journal of '{client.name}' went on to entry {number} while yours, {entry.number}, was made: "
            "read it again and write yours after it."
        )
    if (entry.number, entry.previous) != (number + 1, head):
        raise InputError(f"Entry {entry.number} does not follow entry {number} of the journal of '{client.name}'.")
    connection.execute(
        insert(entries).values(household=household, number=entry.number, document=entry.model_dump_json())
    )


def texts(connection: Connection, household: str) -> dict[str, str]:
    """The adviser's own text of the policy statement, by section."""
    client_of(connection, household)
    rows = select(statement_texts.c.section, statement_texts.c.text).where(statement_texts.c.household == household)
    return {row.section: row.text for row in connection.execute(rows.order_by(statement_texts.c.section))}


def write_text(connection: Connection, household: str, section: str, text: str, before: str) -> None:
    """Replace the text ``before`` of a section; Conflict when the store holds another one."""
    client = client_of(connection, household, locked=True)
    section, text = plain(section, "The section's name"), keepable(text, "The text", LONGEST_TEXT)
    stored = texts(connection, household).get(section, "")
    if stored != before:
        raise Conflict(
            f"The text of '{section}' of '{client.name}' was changed at another desk after you opened it. "
            "Nothing was overwritten: put the two together and save again.",
            stored,
        )
    here = (statement_texts.c.household == household) & (statement_texts.c.section == section)
    connection.execute(delete(statement_texts).where(here))
    if text.strip():
        connection.execute(insert(statement_texts).values(household=household, section=section, text=text))
