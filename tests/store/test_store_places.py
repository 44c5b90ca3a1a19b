"""Where a store is, who can read it, and what is said when it cannot be opened."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from planner import EXAMPLE, InputError
from planner.store import Store, StoreError
from planner.store.places import STORE_VARIABLE, data_folder, place_of

if TYPE_CHECKING:
    from pathlib import Path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_default_is_a_file_in_the_user_s_data_folder(monkeypatch, tmp_path):
    monkeypatch.delenv(STORE_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with Store.open(author="Ana") as store:
        assert store.label == str(tmp_path / "modern-portfolio" / "households.db")
    monkeypatch.setenv("XDG_DATA_HOME", "not/absolute")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert data_folder() == tmp_path / ".local" / "share" / "modern-portfolio"


def test_the_environment_names_another_place(monkeypatch, tmp_path):
    monkeypatch.setenv(STORE_VARIABLE, str(tmp_path / "mine.db"))
    assert place_of(None).file == tmp_path / "mine.db"
    assert place_of(tmp_path / "named.db").file == tmp_path / "named.db"
    monkeypatch.setenv(STORE_VARIABLE, "postgresql://ana:secret@desk.example/clients")
    assert place_of(None).file is None


def test_a_file_may_be_named_by_url_and_from_the_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert place_of(f"sqlite:///{tmp_path}/x.db").file == tmp_path / "x.db"
    assert place_of("~/x.db").file == tmp_path / "x.db"


def test_nobody_else_can_read_the_store_or_what_lies_beside_it(tmp_path):
    before = os.umask(0)
    try:
        with Store.open(tmp_path / "new" / "store.db", author="Ana") as store:
            store.add(store.add_household("Smith").id, EXAMPLE)
            files = sorted((tmp_path / "new").iterdir())
            assert [file.name for file in files] == ["store.db", "store.db-shm", "store.db-wal"]
            assert [mode(file) for file in files] == [0o600] * 3
            assert mode(tmp_path / "new") == 0o700
    finally:
        os.umask(before)


def test_a_store_that_stands_open_to_others_is_closed_to_them(tmp_path):
    file = tmp_path / "store.db"
    with Store.open(file, author="Ana") as store:
        store.add_household("Smith")
        for each in tmp_path.iterdir():
            each.chmod(0o644)
        Store.open(file, author="Ben").close()
        assert {mode(each) for each in tmp_path.iterdir()} == {0o600}


def test_commits_are_forced_to_the_disk_and_references_hold(tmp_path):
    with Store.open(tmp_path / "store.db", author="Ana") as store, store.database.reading() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ana:hidden-word@127.0.0.1:1/clients",
        "postgresql://127.0.0.1:1/clients?user=ana&password=hidden-word",
        "postgresql://ana:hidden-word@127.0.0.1:one/clients",
        "postgresql+psycopg2://ana:hidden-word@127.0.0.1:1/clients",
        "mysql://ana:hidden-word@127.0.0.1/clients",
        "://ana:hidden-word@",
        "sqlite://",
    ],
)
def test_an_address_that_does_not_serve_is_said_without_its_password(url, caplog):
    with pytest.raises((StoreError, InputError)) as met:
        Store.open(url, author="Ana")
    assert "hidden-word" not in f"{met.value} {met.value.__cause__} {place_of} {caplog.text}"
    assert str(met.value).endswith((".", "address.", "name."))


def test_a_wrong_password_is_said_without_it(server):
    wrong = server.replace("correct-horse", "hidden-word")
    with pytest.raises(StoreError, match=r"the PostgreSQL database 'postgres' on 127.0.0.1") as met:
        Store.open(wrong, author="Ana")
    assert "hidden-word" not in str(met.value)


def test_a_place_shows_no_password():
    assert "hidden-word" not in repr(place_of("postgresql://ana:hidden-word@desk.example/clients?password=hidden-word"))


@pytest.mark.parametrize("name", ["folder", "text.txt", "none/../text.txt/x.db"])
def test_what_is_no_database_is_said_and_left_alone(name, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.txt").write_text("a diary, longer than a header " * 9)
    with pytest.raises(StoreError, match=r"is damaged or not a database|cannot be opened"):
        Store.open(tmp_path / name, author="Ana")
    assert (tmp_path / "text.txt").read_text() == "a diary, longer than a header " * 9


def test_another_program_s_database_is_refused_and_left_alone(tmp_path):
    file = tmp_path / "diary.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE diary (day TEXT)")
    connection.close()
    with pytest.raises(StoreError, match="is a database of another program"):
        Store.open(file, author="Ana")
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("diary",)]
    connection.close()


def test_the_author_is_this_computer_s_user_where_none_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("LOGNAME", "carla")
    with Store.open(tmp_path / "store.db") as store:
        assert store.author == "carla"
    with pytest.raises(InputError, match="The author's name is empty"):
        Store.open(tmp_path / "store.db", author=" ")


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_the_planner_is_imported_without_the_database():
    assert run("import sys, planner, planner.cli; print('sqlalchemy' in sys.modules)") == "False\n"


def test_a_library_that_is_missing_is_said_with_how_to_install_it():
    code = """
import sys
sys.modules["{}"] = None
from planner import InputError
try:
    from planner.store import Store
    Store.open("postgresql://127.0.0.1:1/clients", author="Ana")
except InputError as error:
    print(error)"""
    assert "modern-portfolio[desk]" in run(code.format("sqlalchemy"))
    assert "modern-portfolio[desk]" in run(code.format("alembic"))
    assert "modern-portfolio[postgres]" in run(code.format("psycopg"))
