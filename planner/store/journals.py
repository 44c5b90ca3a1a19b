"""Journals and the adviser's own text as rows: each function is part of one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from planner.errors import InputError
from planner.policy.journal import Entry, Journal
from planner.store.clients import client_of
from planner.store.conflict import Conflict
from planner.store.records import LONGEST_TEXT, keepable, plain
from planner.store.tables import entries, policies, statement_texts

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from planner.scenario import Scenario


def journal(connection: Connection, household: str) -> Journal:
    """The journal of a household, each entry as it was written; reading one that was tampered with is no error."""
    client = client_of(connection, household)
    rows = select(entries.c.number, entries.c.document).where(entries.c.household == household)
    found = []
    for number, document in connection.execute(rows.order_by(entries.c.number)):
        try:
            found.append(Entry.model_validate_json(document))
        except InputError as error:
            raise InputError(f"Entry {number} of the journal of '{client.name}' cannot be read: {error}") from error
    return Journal(entries=tuple(found))


def append(connection: Connection, household: str, entry: Entry, policy: Scenario | None) -> None:
    """Write the next entry and the policy that it leaves, where that is known.

    Conflict when the journal went on meanwhile, InputError where the entry does not follow.
    """
    client = client_of(connection, household, locked=True)
    written = journal(connection, household).entries
    if entry.number <= len(written):
        raise Conflict(
            f"The journal of '{client.name}' went on to entry {len(written)} while yours, {entry.number}, was made: "
            "read it again and write yours after it."
        )
    fault = Journal(entries=(*written, entry)).fault()
    if fault is not None:
        raise InputError(f"Nothing is written into the journal of '{client.name}'. {fault.sentence}")
    connection.execute(
        insert(entries).values(household=household, number=entry.number, document=entry.model_dump_json())
    )
    if policy is not None:
        connection.execute(delete(policies).where(policies.c.household == household))
        connection.execute(insert(policies).values(household=household, document=policy.model_dump_json()))


def policy(connection: Connection, household: str) -> Scenario | None:
    """The scenario as the last entry left it; None before the first."""
    from planner.scenario import Scenario

    client = client_of(connection, household)
    rows = select(policies.c.document).where(policies.c.household == household)
    document = connection.execute(rows).scalar_one_or_none()
    if document is None:
        return None
    try:
        return Scenario.model_validate_json(document)
    except InputError as error:
        raise InputError(f"The policy of '{client.name}' cannot be read: {error}") from error


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
