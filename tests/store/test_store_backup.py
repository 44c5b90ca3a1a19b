"""What is written by backup comes back, from either kind of store into either; what is not sound does not."""

from __future__ import annotations

import datetime as dt
import json
import stat
from hashlib import sha256

import pytest
from sqlalchemy import text

from planner import EXAMPLE, InputError
from planner.reviewing import review
from planner.store import Store, StoreError, restore_backup, write_backup
from planner.store.migrations import NEWEST


def everything(store):
    """All that a store holds, as its methods tell it."""
    return {
        client: (
            [store.read(each.id) for each in store.scenarios(client.id)],
            store.scenarios(client.id, deleted=True),
            store.journal(client.id),
            [(each, store.review(each.id)) for each in store.reviews(client.id)],
            store.statement_texts(client.id),
        )
        for client in store.households()
    }


@pytest.fixture
def full(store, client, chain):
    """A store with two households and one of everything."""
    added = store.add(client.id, EXAMPLE.with_changes(name="Ömer's — \N{ROCKET}"), chain[0])
    store.save(added, EXAMPLE, chain[1])
    store.delete(store.duplicate(added, "Copy"))
    store.keep_review(client.id, review(EXAMPLE, dt.date(2025, 12, 31)))
    store.write_statement_text(client.id, "purpose", "A house\nby the sea.")
    store.append(store.add_household("Adams").id, chain[0])
    return store


@pytest.fixture
def backup(full, tmp_path):
    file = tmp_path / "backup.jsonl"
    write_backup(full, file)
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request, tmp_path, place):
    """Another place of either kind, without a store."""
    if request.param == "sqlite":
        return str(tmp_path / "elsewhere" / "store.db")
    if place.startswith("postgresql"):
        pytest.skip("one database holds one store")
    return request.getfixturevalue("postgresql")


def test_everything_comes_back_in_either_kind(full, backup, elsewhere):
    restored = restore_backup(backup, elsewhere)
    assert restored.amount.in_words == "2 households, 2 scenarios, 3 entries, 1 review"
    assert restored.aside is None
    with Store.open(elsewhere, author="Ben") as other:
        assert everything(other) == everything(full)
        assert other.check() == ()
        (listed,) = other.scenarios(other.households()[1].id)
        assert other.save(listed, EXAMPLE).version == listed.version + 1


def test_a_backup_of_an_older_revision_comes_back_as_today_s(full, backup, elsewhere):
    lines = [line for line in backup.read_bytes().splitlines(keepends=True)[:-1] if b'"policies"' not in line]
    lines[0] = lines[0].replace(f'"revision": "{NEWEST}"'.encode(), b'"revision": "1"')
    backup.write_bytes(resealed(lines))
    restore_backup(backup, elsewhere)
    with Store.open(elsewhere, author="Ben") as other:
        assert everything(other) == everything(full)
        assert other.check() == ()


def test_a_restored_journal_stays_as_it_is(backup, elsewhere):
    restore_backup(backup, elsewhere)
    with (
        Store.open(elsewhere, author="Ben") as other,
        pytest.raises(StoreError, match="neither changed nor removed"),
        other.database.writing() as connection,
    ):
        connection.execute(text("DELETE FROM entries"))


def test_a_backup_is_for_its_owner_alone_and_replaces_only_a_backup(full, place, backup, tmp_path):
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    full.add_household("Jones")
    assert write_backup(full, backup).households == 3
    diary = tmp_path / "diary.txt"
    diary.write_text("dear diary")
    with pytest.raises(InputError, match=r"diary.txt is there and is no backup"):
        write_backup(full, diary)
    assert diary.read_text() == "dear diary"
    with pytest.raises(InputError, match="cannot be written"):
        write_backup(full, diary / "below.jsonl")


def test_a_store_is_not_its_own_backup(tmp_path, chain):
    with Store.open(tmp_path / "store.db", author="Ana") as store:
        store.add_household("Smith")
        with pytest.raises(InputError, match="is there and is no backup"):
            write_backup(store, tmp_path / "store.db")
        assert store.check() == ()


def test_nothing_is_no_backup(store, tmp_path):
    with pytest.raises(InputError, match="holds no household"):
        write_backup(store, tmp_path / "backup.jsonl")
    assert not (tmp_path / "backup.jsonl").exists()


def test_a_backup_shows_one_moment_while_desks_go_on(full, other_desk, tmp_path, monkeypatch):
    from planner.store import portable

    seen = everything(full)
    dump = portable.dump

    def slow(connection, revision, stream):
        other_desk.add_household("Added meanwhile")
        dump(connection, revision, stream)

    monkeypatch.setattr("planner.store.backup.dump", slow)
    assert write_backup(full, tmp_path / "moment.jsonl").households == 2
    restore_backup(tmp_path / "moment.jsonl", tmp_path / "moment.db")
    with Store.open(tmp_path / "moment.db", author="Ben") as other:
        assert everything(other) == seen
    assert len(full.households()) == 3


class TestReplacing:
    def test_a_store_is_never_overwritten_unasked(self, full, place, backup):
        before = everything(full)
        with pytest.raises(InputError, match=r"There is a store in .*--replace"):
            restore_backup(backup, place)
        assert everything(full) == before

    def test_the_replaced_one_is_kept_aside(self, full, place, backup):
        then = everything(full)
        full.add_household("Jones")
        full.close()
        restored = restore_backup(backup, place, replacing=True)
        with Store.open(place, author="Ben") as now:
            assert everything(now) == then
        if place.startswith("postgresql"):
            assert restored.aside.startswith("the schema modern_portfolio_before_")
        else:
            with Store.open(restored.aside, author="Ben") as aside:
                assert len(aside.households()) == 3

    def test_a_desk_that_is_open_is_not_cut_off_from_what_it_writes(self, full, place, backup):
        if place.startswith("postgresql"):
            restore_backup(backup, place, replacing=True)
            full.add_household("Jones")
            with Store.open(place, author="Ben") as now:
                assert len(now.households()) == 3
        else:
            with pytest.raises(StoreError, match="is open in another program: close it first"):
                restore_backup(backup, place, replacing=True)
            full.add_household("Jones")
            assert len(full.households()) == 3

    def test_a_damaged_store_can_be_replaced_and_is_kept(self, backup, tmp_path):
        file = tmp_path / "damaged.db"
        file.write_bytes(b"no database at all" * 99)
        restored = restore_backup(backup, file, replacing=True)
        assert (tmp_path / restored.aside).read_bytes() == b"no database at all" * 99
        with Store.open(file, author="Ben") as now:
            assert len(now.households()) == 2


def resealed(lines: list[bytes]) -> bytes:
    """The lines of a backup with an end that fits them."""
    body = b"".join(lines)
    return body + json.dumps({"rows": len(lines) - 1, "sha256": sha256(body).hexdigest()}).encode() + b"\n"


class TestDamage:
    @pytest.fixture
    def target(self, tmp_path):
        return tmp_path / "restored" / "store.db"

    def refused(self, file, target, match):
        with pytest.raises(InputError, match=match) as met:
            restore_backup(file, target)
        assert not target.exists()
        assert not target.parent.exists() or list(target.parent.iterdir()) == []
        return str(met.value)

    def test_a_file_that_was_cut_or_changed_is_told(self, backup, target):
        whole = backup.read_bytes()
        for cut in (0, 1, 30, len(whole) // 2, whole.rindex(b"\n", 0, -1) + 1, len(whole) - 20):
            backup.write_bytes(whole[:cut])
            self.refused(backup, target, "is empty|is no backup|is cut short|was changed or damaged")
        for old, new in ((b'"Adams"', b'"Adamz"'), (b"\n", b"\n\n"), (b'"rows": ', b'"rows": 1')):
            assert old in whole
            backup.write_bytes(whole.replace(old, new, 1))
            self.refused(backup, target, "was changed or damaged|cut short")

    @pytest.mark.parametrize("content", [b"dear diary", b"{}", b"\xff\xfe", b'{"format": "another"}\n', b"[" * 100_000])
    def test_another_file_is_told(self, content, target, tmp_path):
        (tmp_path / "other").write_bytes(content)
        self.refused(tmp_path / "other", target, "is no backup of the planner")

    def test_a_file_that_is_not_there_is_told(self, target, tmp_path):
        self.refused(tmp_path / "none.jsonl", target, "cannot be read: No such file")

    def test_rows_that_are_none_of_ours_are_told(self, backup, target):
        lines = backup.read_bytes().splitlines(keepends=True)[:-1]
        for row in (
            {"table": "sqlite_master", "row": {}},
            {"table": "alembic_version", "row": {"version_num": "1"}},
            {"table": "households", "row": {"id": "1"}},
            {"table": "households", "row": []},
            {"table": "households", "row": {"id": "1", "name": ["x"], "created": "x"}},
            {"table": "households", "row": {"id": "1", "name": None, "created": "x"}},
            {"table": "scenarios"},
        ):
            backup.write_bytes(resealed([*lines, json.dumps(row).encode() + b"\n"]))
            self.refused(backup, target, f"line {len(lines) + 1} is no row of revision {NEWEST}")

    def test_a_row_of_no_household_is_told(self, backup, target):
        lines = backup.read_bytes().splitlines(keepends=True)[:-1]
        row = {"table": "statement_texts", "row": {"household": "none", "section": "x", "text": "x"}}
        backup.write_bytes(resealed([*lines, json.dumps(row).encode() + b"\n"]))
        self.refused(backup, target, f"line {len(lines) + 1} is no row of revision {NEWEST}")

    def test_a_journal_that_was_changed_is_told_even_with_an_end_that_fits(self, backup, target):
        lines = backup.read_bytes().splitlines(keepends=True)[:-1]
        forged = [line.replace(b"a child was born", b"a child was sold") for line in lines]
        assert forged != lines
        backup.write_bytes(resealed(forged))
        self.refused(backup, target, "The journal of 'Smith': Entry 2 was changed after it was written")

    def test_one_of_a_newer_version_is_told(self, backup, target):
        lines = backup.read_bytes().splitlines(keepends=True)[:-1]
        lines[0] = lines[0].replace(f'"revision": "{NEWEST}"'.encode(), b'"revision": "77"')
        backup.write_bytes(resealed(lines))
        self.refused(backup, target, "written by a newer version of the planner")

    def test_a_damaged_scenario_comes_back_as_it_is(self, full, tmp_path, target):
        with full.database.writing() as connection:
            connection.execute(text("UPDATE scenarios SET document = '{' WHERE deleted IS NULL"))
        write_backup(full, tmp_path / "with_damage.jsonl")
        restore_backup(tmp_path / "with_damage.jsonl", target)
        with Store.open(target, author="Ben") as other:
            assert other.check() == full.check() != ()
