"""Tables made anew, from every older revision, by two programs at once, and from a future one."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from planner import EXAMPLE
from planner.store import Store, StoreError
from planner.store.migrations import NEWEST, known_revisions
from planner.store.tables import METADATA

FIXTURES = Path(__file__).parent / "revisions"


def schema(file: Path) -> set[tuple[str, str]]:
    """Every table, index and trigger, in SQLite's own words."""
    connection = sqlite3.connect(file)
    try:
        return set(connection.execute("SELECT name, sql FROM sqlite_master"))
    finally:
        connection.close()


def test_a_new_store_has_the_tables_that_the_program_works_with(store):
    with store.database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_every_revision_we_ever_wrote_has_a_store_here():
    assert {file.stem for file in FIXTURES.glob("*.sql")} == known_revisions()


@pytest.mark.parametrize("revision", sorted(known_revisions()))
def test_an_older_store_is_brought_up_to_date_with_all_that_is_in_it(revision, tmp_path):
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    connection = sqlite3.connect(old)
    connection.executescript((FIXTURES / f"{revision}.sql").read_text(encoding="utf-8"))
    connection.close()
    Store.open(new, author="Ana").close()
    with Store.open(old, author="Ana") as store:
        (client,) = store.households()
        assert client.name == "Smith"
        (listed,) = store.scenarios(client.id)
        assert (listed.version, store.read(listed.id).scenario.name) == (2, EXAMPLE.name)
        assert [entry.number for entry in store.journal(client.id).entries] == [1, 2]
        assert store.statement_texts(client.id) == {"purpose": "A house by the sea."}
        assert [review.day.year for review in store.reviews(client.id)] == [2025]
        assert store.check() == ()
    assert schema(old) == schema(new)


def test_a_store_from_a_newer_version_is_refused_and_left_alone(place):
    with Store.open(place, author="Ana") as store:
        store.add_household("Smith")
        with store.database.writing() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = 'from the future'"))
    with pytest.raises(StoreError, match="written by a newer version of the planner: update the planner"):
        Store.open(place, author="Ana")


def test_opening_again_changes_nothing(place, store):
    store.add_household("Smith")
    with Store.open(place, author="Ben") as again:
        assert again.households() == store.households()
        with again.database.reading() as connection:
            assert MigrationContext.configure(connection).get_current_revision() == NEWEST


def test_a_table_that_another_program_changed_is_told(store):
    with store.database.writing() as connection:
        connection.execute(text("ALTER TABLE households ADD COLUMN extra TEXT"))
    assert store.check() == ("The tables were changed by another program.",)
