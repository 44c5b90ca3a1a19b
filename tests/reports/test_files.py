from __future__ import annotations

import json

import pytest

from planner.cli import main
from planner.errors import InputError
from planner.planning import plan
from planner.reports import sheets as sheets_module
from planner.reports.files import KINDS, Order, make_file
from planner.reports.proposal import document
from planner.scenario import EXAMPLE

BEGINNINGS = {".pdf": b"%PDF-", ".html": b"<!doctype html>", ".md": b"# ", ".xlsx": b"PK", ".zip": b"PK", ".json": b"{"}


@pytest.fixture(autouse=True)
def few_paths(monkeypatch):
    for module in (document, sheets_module):
        monkeypatch.setattr(module, "PATHS", 60)


@pytest.mark.parametrize(("kind", "suffix"), [(kind, suffix) for kind, faces in KINDS.items() for suffix in faces])
def test_every_file_is_what_its_ending_says_and_tells_how_far_it_is(kind, suffix):
    told = []
    content = make_file(kind, suffix, Order(plan(EXAMPLE)), told.append)
    assert content.startswith(BEGINNINGS[suffix])
    assert all(0 <= fraction <= 1 for fraction in told)


def test_another_ending_is_refused_with_those_there_are():
    with pytest.raises(InputError, match=r"'.doc': choose among .pdf, .html"):
        make_file("proposal", ".doc", Order(plan(EXAMPLE)))
    with pytest.raises(InputError, match="choose among proposal, statement, tables"):
        make_file("letter", ".pdf", Order(plan(EXAMPLE)))


def test_the_command_writes_a_paper_for_those_named(tmp_path, capsys):
    file = tmp_path / "ips.html"
    names = ["--client", "Ann <b>", "--client", "Ben", "--adviser", "Dana", "--firm", "Doe & Co"]
    assert main(["statement", "-", "-o", str(file), *names]) == 0
    text = file.read_text(encoding="utf-8")
    assert "Ann &lt;b&gt; and Ben" in text
    assert "Doe &amp; Co" in text
    assert capsys.readouterr().out.startswith(f"{file}: ")


def test_the_command_writes_tables_and_leaves_no_half_of_a_file(tmp_path, capsys):
    file = tmp_path / "tables.json"
    assert main(["tables", "-", "-o", str(file)]) == 0
    assert "classes" in json.loads(file.read_text(encoding="utf-8"))["tables"]
    assert main(["tables", "-", "-o", str(tmp_path / "tables.doc")]) == 2
    assert "choose among .xlsx, .zip, .json" in capsys.readouterr().err
    blocked = tmp_path / "a-file"
    blocked.touch()
    assert main(["tables", "-", "-o", str(blocked / "tables.json")]) == 2
    assert {each.name for each in tmp_path.iterdir()} == {"tables.json", "a-file"}


def test_a_plan_that_is_blocked_is_written_and_ends_with_1(tmp_path, capsys):
    scenario = tmp_path / "scenario.json"
    scenario.write_text(EXAMPLE.with_changes(volatility_cap=0.01).model_dump_json(), encoding="utf-8")
    assert main(["statement", str(scenario), "-o", str(tmp_path / "ips.md")]) == 1
    assert "Still to be settled:" in capsys.readouterr().out
    assert (tmp_path / "ips.md").exists()
