"""What is kept, at one desk and between two, in either kind of database."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text

from planner import EXAMPLE, InputError
from planner.reviewing import review
from planner.store import Conflict, StoreError

BIGGER_ROOM = EXAMPLE.with_changes(room=0.08)


class TestHouseholds:
    def test_they_are_listed_by_name(self, store):
        for name in ("smith", "Adams", "Smith"):
            store.add_household(f" {name} ")
        assert [client.name for client in store.households()] == ["Adams", "smith", "Smith"]

    def test_one_is_renamed(self, store, client):
        assert store.rename_household(client.id, "Smith-Jones").name == "Smith-Jones"
        assert [(each.id, each.name) for each in store.households()] == [(client.id, "Smith-Jones")]

    @pytest.mark.parametrize("name", ["", "  ", "x" * 201, "nul\0", "half a pair \ud800"])
    def test_a_name_that_cannot_be_kept_is_said(self, store, name):
        with pytest.raises(InputError, match="The household's name"):
            store.add_household(name)
        assert store.households() == ()

    def test_one_that_is_not_there_is_said_by_every_method(self, store, chain):
        asked = (
            lambda: store.rename_household("none", "New"),
            lambda: store.scenarios("none"),
            lambda: store.add("none", EXAMPLE),
            lambda: store.journal("none"),
            lambda: store.append("none", chain[0]),
            lambda: store.reviews("none"),
            lambda: store.statement_texts("none"),
            lambda: store.write_statement_text("none", "purpose", "text"),
        )
        for ask in asked:
            with pytest.raises(InputError, match="no such household"):
                ask()


class TestScenarios:
    def test_what_is_read_is_what_was_saved(self, store, other_desk, client):
        name = "Ömer's plan — 家 \N{ROCKET} <script>"
        added = store.add(client.id, EXAMPLE.with_changes(name=name))
        read = other_desk.read(added.id)
        assert read == added
        assert read.scenario == EXAMPLE.with_changes(name=name)
        assert (read.version, read.author, read.deleted) == (1, "Ana", None)

    def test_saving_counts_versions_and_keeps_times_and_author(self, store, other_desk, client):
        added = store.add(client.id, EXAMPLE)
        saved = other_desk.save(added, BIGGER_ROOM)
        assert store.read(added.id) == saved
        assert (saved.version, saved.author, saved.scenario) == (2, "Ben", BIGGER_ROOM)
        assert saved.created == added.created
        assert saved.saved > added.saved
        assert saved.saved.tzinfo is dt.UTC

    def test_the_list_has_the_last_change_first_and_reads_no_document(self, store, client):
        first = store.add(client.id, EXAMPLE)
        store.add(client.id, EXAMPLE.with_changes(name="Second"))
        assert [each.name for each in store.scenarios(client.id)] == ["Second", EXAMPLE.name]
        store.rename(first, "First")
        listed = store.scenarios(client.id)
        assert [(each.name, each.version) for each in listed] == [("First", 2), ("Second", 1)]

    def test_a_scenario_belongs_to_one_household(self, store, client):
        other = store.add_household("Adams")
        store.add(client.id, EXAMPLE)
        assert store.scenarios(other.id) == ()

    def test_a_copy_has_its_own_name_and_history(self, store, client):
        added = store.save(store.add(client.id, EXAMPLE), BIGGER_ROOM)
        copy = store.duplicate(added, "Copy")
        assert (copy.version, copy.scenario) == (1, BIGGER_ROOM.with_changes(name="Copy"))
        store.save(copy, EXAMPLE)
        assert store.read(added.id) == added

    def test_a_deleted_one_leaves_the_list_and_comes_back(self, store, client):
        added = store.add(client.id, EXAMPLE)
        deleted = store.delete(added)
        assert deleted.deleted is not None
        assert store.scenarios(client.id) == ()
        assert store.scenarios(client.id, deleted=True) == (deleted,)
        with pytest.raises(InputError, match="is deleted: restore it"):
            store.save(deleted, BIGGER_ROOM)
        back = store.restore(deleted)
        assert store.scenarios(client.id) == (back,)
        assert store.read(added.id).scenario == EXAMPLE

    def test_one_that_is_not_there_is_said(self, store):
        with pytest.raises(InputError, match="no such scenario"):
            store.read("none")

    def test_a_damaged_one_is_named_and_leaves_the_rest_readable(self, store, client):
        good, bad = store.add(client.id, EXAMPLE), store.add(client.id, EXAMPLE.with_changes(name="Torn"))
        with store.database.writing() as connection:
            damage = text("UPDATE scenarios SET document = '{\"room\": 5' WHERE id = :id")
            connection.execute(damage, {"id": bad.id})
        with pytest.raises(InputError, match="'Torn' of 'Smith' cannot be read: This is not valid JSON"):
            store.read(bad.id)
        assert store.read(good.id).scenario == EXAMPLE
        listed = {each.name: each for each in store.scenarios(client.id)}
        assert set(listed) == {EXAMPLE.name, "Torn"}
        assert [fault for fault in store.check() if "Torn" in fault] == list(store.check())
        store.save(listed["Torn"], BIGGER_ROOM)
        assert store.check() == ()


class TestTwoDesks:
    def test_the_second_to_save_hears_who_was_first_and_gets_both(self, store, other_desk, client):
        added = store.add(client.id, EXAMPLE)
        theirs = other_desk.save(added, BIGGER_ROOM)
        mine = EXAMPLE.with_changes(room=0.02)
        with pytest.raises(Conflict, match=r"was saved by Ben on 20.* as version 2, after you opened version 1") as met:
            store.save(added, mine)
        assert met.value.stored == theirs
        assert store.read(added.id) == theirs
        assert store.save(met.value.stored, mine).version == 3

    def test_saving_what_another_deleted_is_a_conflict(self, store, other_desk, client):
        added = store.add(client.id, EXAMPLE)
        other_desk.delete(added)
        with pytest.raises(Conflict, match="was deleted by Ben"):
            store.save(added, BIGGER_ROOM)

    def test_deleting_what_another_changed_is_a_conflict(self, store, other_desk, client):
        added = store.add(client.id, EXAMPLE)
        other_desk.save(added, BIGGER_ROOM)
        with pytest.raises(Conflict, match="was saved by Ben"):
            store.delete(added)
        assert len(store.scenarios(client.id)) == 1

    def test_a_store_older_than_what_was_read_is_a_conflict(self, store, client):
        added = store.add(client.id, EXAMPLE)
        newer = store.save(added, BIGGER_ROOM)
        with store.database.writing() as connection:
            connection.execute(text("UPDATE scenarios SET version = 1"))
        with pytest.raises(Conflict, match="at version 1, before yours, 2: a backup took its place"):
            store.save(newer, EXAMPLE)

    def test_an_adviser_s_text_is_not_overwritten_unseen(self, store, other_desk, client):
        store.write_statement_text(client.id, "purpose", "First.")
        other_desk.write_statement_text(client.id, "purpose", "Theirs.", before="First.")
        with pytest.raises(Conflict, match="'purpose' of 'Smith' was changed at another desk") as met:
            store.write_statement_text(client.id, "purpose", "Mine.", before="First.")
        assert met.value.stored == "Theirs."
        assert store.statement_texts(client.id) == {"purpose": "Theirs."}

    def test_the_second_entry_with_one_number_is_a_conflict(self, store, other_desk, client, chain):
        other_desk.append(client.id, chain[0])
        with pytest.raises(Conflict, match="of 'Smith' went on to entry 1 while yours, 1, was made"):
            store.append(client.id, chain[0].model_copy(update={"reason": "something else"}))
        assert store.journal(client.id).entries == chain[:1]


class TestJournal:
    def test_entries_come_back_in_order_and_letter_by_letter(self, store, client, chain):
        for entry in chain:
            store.append(client.id, entry)
        assert store.journal(client.id).entries == chain
        with store.database.reading() as connection:
            kept = connection.execute(text("SELECT document FROM entries ORDER BY number")).scalars().all()
        assert kept == [entry.model_dump_json() for entry in chain]
        assert store.check() == ()

    def test_each_household_has_its_own(self, store, client, chain):
        store.append(client.id, chain[0])
        other = store.add_household("Adams")
        assert store.journal(other.id).entries == ()
        store.append(other.id, chain[0])

    def test_an_entry_that_does_not_follow_the_last_is_refused(self, store, client, chain):
        with pytest.raises(InputError, match=r"the journal of 'Smith'. Entry 1 is missing"):
            store.append(client.id, chain[1])
        store.append(client.id, chain[0])
        with pytest.raises(InputError, match="Entry 2 is missing"):
            store.append(client.id, chain[2])
        with pytest.raises(InputError, match="Entry 2 was changed after it was written"):
            store.append(client.id, chain[1].model_copy(update={"reason": "none"}))
        stray = chain[1].model_copy(update={"previous": "f" * 64})
        with pytest.raises(InputError, match="Entry 1 is not the one after which entry 2 was written"):
            store.append(client.id, stray.model_copy(update={"hash": stray.found_hash}))
        assert store.journal(client.id).entries == chain[:1]

    def test_nothing_is_written_onto_a_journal_that_was_tampered_with(self, store, client, chain):
        forged = chain[0].model_copy(update={"reason": "something nicer"})
        with store.database.writing() as connection:
            row = {"household": client.id, "document": forged.model_dump_json()}
            connection.execute(text("INSERT INTO entries VALUES (:household, 1, :document)"), row)
        with pytest.raises(InputError, match="Entry 1 was changed after it was written"):
            store.append(client.id, chain[1])
        assert store.journal(client.id).fault().number == 1
        assert store.check()[0].startswith("The journal of 'Smith': Entry 1 was changed")

    def test_an_entry_that_cannot_be_read_is_named(self, store, client):
        with store.database.writing() as connection:
            connection.execute(text("INSERT INTO entries VALUES (:household, 1, 'torn')"), {"household": client.id})
        with pytest.raises(InputError, match="Entry 1 of the journal of 'Smith' cannot be read"):
            store.journal(client.id)
        assert len(store.check()) == 1

    def test_a_scenario_and_its_entry_are_kept_together_or_not_at_all(self, store, client, chain):
        added = store.add(client.id, EXAMPLE, chain[0])
        saved = store.save(added, BIGGER_ROOM, chain[1])
        assert store.journal(client.id).entries == chain[:2]
        with pytest.raises(Conflict, match="was saved by Ana"):
            store.save(added, EXAMPLE, chain[2])
        with pytest.raises(Conflict, match="went on to entry 2"):
            store.save(saved, EXAMPLE, chain[1])
        with pytest.raises(Conflict, match="went on to entry 2"):
            store.add(client.id, EXAMPLE, chain[1])
        assert store.journal(client.id).entries == chain[:2]
        assert store.read(added.id) == saved
        assert len(store.scenarios(client.id)) == 1

    @pytest.mark.parametrize(
        "slip",
        [
            "UPDATE entries SET document = '{}'",
            "UPDATE entries SET number = number + 10",
            "DELETE FROM entries WHERE number = 2",
            "DELETE FROM entries",
        ],
    )
    def test_the_database_itself_refuses_to_change_or_remove_an_entry(self, store, client, chain, slip):
        for entry in chain:
            store.append(client.id, entry)
        with (
            pytest.raises(StoreError, match="Entries of a journal are neither changed nor removed"),
            store.database.writing() as connection,
        ):
            connection.execute(text(slip))
        assert store.journal(client.id).entries == chain

    def test_no_other_way_of_writing_gets_around_that(self, store, place, client, chain):
        store.append(client.id, chain[0])
        slip = (
            "TRUNCATE entries"
            if place.startswith("postgresql")
            else "INSERT OR REPLACE INTO entries SELECT household, number, '{}' FROM entries"
        )
        with pytest.raises(StoreError, match="neither changed nor removed"), store.database.writing() as connection:
            connection.execute(text(slip))
        assert store.journal(client.id).entries == chain[:1]

    def test_a_household_with_a_journal_cannot_be_removed(self, store, client, chain):
        store.append(client.id, chain[0])
        with pytest.raises(StoreError, match=r"(?i)foreign key"), store.database.writing() as connection:
            connection.execute(text("DELETE FROM households"))


class TestReviews:
    def test_they_are_kept_as_they_were_on_their_day(self, store, client):
        made = [review(EXAMPLE, day) for day in (dt.date(2025, 12, 31), dt.date(2025, 10, 31))]
        for each in made:
            store.keep_review(client.id, each)
        listed = store.reviews(client.id)
        assert [(each.day, each.author) for each in listed] == [(made[1].as_of, "Ana"), (made[0].as_of, "Ana")]
        assert store.review(listed[1].id) == made[0].to_dict()

    def test_a_damaged_one_is_named(self, store, client):
        kept = store.keep_review(client.id, review(EXAMPLE, dt.date(2025, 10, 31)))
        with store.database.writing() as connection:
            connection.execute(text("UPDATE reviews SET document = '{'"))
        with pytest.raises(InputError, match="review of 'Smith' of 2025-10-31 cannot be read"):
            store.review(kept.id)
        assert len(store.check()) == 1

    def test_one_that_is_not_there_is_said(self, store):
        with pytest.raises(InputError, match="no such review"):
            store.review("none")


class TestStatementTexts:
    def test_they_are_kept_by_section_and_an_empty_one_is_removed(self, store, client):
        assert store.statement_texts(client.id) == {}
        store.write_statement_text(client.id, "purpose", "  A house\n\nby the sea. ")
        store.write_statement_text(client.id, "duties", "Ours.")
        assert store.statement_texts(client.id) == {"duties": "Ours.", "purpose": "  A house\n\nby the sea. "}
        store.write_statement_text(client.id, "duties", "", before="Ours.")
        assert set(store.statement_texts(client.id)) == {"purpose"}

    def test_one_that_cannot_be_kept_is_said(self, store, client):
        for text_, fault in (("x" * 100_001, "100,001 letters"), ("nul\0", "no text")):
            with pytest.raises(InputError, match=fault):
                store.write_statement_text(client.id, "purpose", text_)


def test_what_an_error_says_holds_nothing_of_a_client(store, client, caplog):
    added = store.add(client.id, EXAMPLE.with_changes(name="Secret name"))
    refused = text("INSERT INTO scenarios SELECT * FROM scenarios WHERE name = :name")
    with pytest.raises(StoreError) as met, store.database.writing() as connection:
        connection.execute(refused, {"name": "Secret name"})
    assert "Secret" not in str(met.value)
    assert added.id not in str(met.value)
    assert "Secret" not in caplog.text
