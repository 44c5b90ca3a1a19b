"""``planner backup`` and ``planner restore``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from planner import EXAMPLE
from planner.cli import main
from planner.store import Store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This user's store, with one household."""
    file = tmp_path / "mine" / "store.db"
    monkeypatch.setenv("MODERN_PORTFOLIO_STORE", str(file))
    with Store.open(author="Ana") as store:
        store.add(store.add_household("Smith").id, EXAMPLE)
    return file


def test_what_is_backed_up_is_restored(kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, elsewhere = tmp_path / "backup.jsonl", tmp_path / "elsewhere.db"
    assert main(["backup", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: 1 household, 1 scenario, 0 entries, 0 reviews, of {kept}.\n"
    assert main(["restore", str(file), "--store", str(elsewhere)]) == 0
    assert capsys.readouterr().out == f"{elsewhere}: 1 household, 1 scenario, 0 entries, 0 reviews.\n"
    with Store.open(elsewhere, author="Ana") as store:
        (client,) = store.households()
        assert client.name == "Smith"


def test_a_store_is_replaced_only_when_that_is_said(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "backup.jsonl"
    assert main(["backup", str(file)]) == 0
    capsys.readouterr()
    assert main(["restore", str(file)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"planner: There is a store in {kept}")
    assert said.err.count("\n") == 1
    assert main(["restore", str(file), "--replace"]) == 0
    said = capsys.readouterr()
    (aside,) = kept.parent.glob("store.before-*.db")
    assert said.out.splitlines()[1] == f"The store that was there is kept: {aside}."


def test_a_store_in_postgresql_is_named_by_url_and_its_password_is_not_said(
    kept: Path, postgresql: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "backup.jsonl"
    main(["backup", str(file)])
    assert main(["restore", str(file), "--store", postgresql]) == 0
    assert main(["backup", str(file), "--store", postgresql]) == 0
    said = capsys.readouterr()
    assert "of the PostgreSQL database 'postgres' on 127.0.0.1." in said.out
    assert "correct-horse" not in said.out + said.err


def test_a_backup_of_a_damaged_store_is_written_and_says_what_is_wrong(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Store.open(author="Ana") as store, store.database.writing() as connection:
        connection.execute(text("UPDATE scenarios SET document = '{'"))
    assert main(["backup", str(tmp_path / "backup.jsonl")]) == 1
    assert f"WRONG: The scenario '{EXAMPLE.name}' of 'Smith' cannot be read" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["backup"], ["restore"], ["backup", "x", "--replace"]])
def test_a_wrong_command_line_ends_with_2(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(command)
    assert ended.value.code == 2


def test_a_file_that_is_no_backup_ends_with_2_and_one_line(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in (["restore", str(tmp_path / "none.jsonl")], ["restore", str(kept)], ["backup", str(kept)]):
        assert main(arguments) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.startswith("planner: ")
        assert said.err.count("\n") == 1


def test_an_empty_store_is_not_backed_up_as_if_it_were_somebody_s(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backup", str(tmp_path / "backup.jsonl"), "--store", str(tmp_path / "mistyped.db")]) == 2
    assert "mistyped.db holds no household: there is nothing to back up" in capsys.readouterr().err
