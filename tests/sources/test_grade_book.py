"""Grades kept between looks, against a server that behaves like the real one."""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import stat

import pytest
from local_service import Reply

from planner import InputError
from planner.cli import main
from planner.sources import GradeBook, Patience, SourceError, TokenMetrics, grade_book

KEY = "tm-secret-0123456789"
QUICK = Patience(request=0.5, total=3.0, tries=2, pause=0.01)
FIRST = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def given(service, monkeypatch):
    """What the service grades; a test changes it between looks."""
    monkeypatch.setenv("TOKEN_METRICS_API_KEY", KEY)
    tokens, indices = {"BTC": 80.0, "ETH": 55.5}, {1: 61.5, 2: None}

    def answer(path, params, turn):
        if params["page"] != "1":
            rows = []
        elif path == "/tm-grade":
            symbol = params["symbol"]
            rows = [{"token_id": 1, "token_symbol": symbol, "tm_grade": tokens[symbol]}] if symbol in tokens else []
        else:
            rows = [{"id": n, "name": f"I{n}", "ticker": f"T{n}", "index_grade": g} for n, g in indices.items()]
        return Reply({"success": True, "message": "", "data": rows})

    service.answer = answer
    return tokens, indices


@pytest.fixture
def book(service, given, tmp_path):
    return GradeBook(TokenMetrics(service.base, QUICK), tmp_path / "kept")


def on(monkeypatch, days):
    monkeypatch.setattr(grade_book, "utc_now", lambda: FIRST + dt.timedelta(days=days))


def test_the_second_look_holds_the_first_beside_it(book, given, monkeypatch):
    on(monkeypatch, 0)
    first = book.look(["BTC", "ETH"])
    assert (first.before, first.since) == ({}, {})
    assert first.now == {"BTC": 80.0, "ETH": 55.5}
    given[0]["BTC"] = 65.0
    on(monkeypatch, 7)
    second = book.look(["BTC", "ETH"])
    assert (second.before["BTC"], second.now["BTC"]) == (80.0, 65.0)
    assert second.since == {"BTC": FIRST.date(), "ETH": FIRST.date()}


def test_two_looks_on_one_day_count_as_one(book, given, monkeypatch):
    on(monkeypatch, 0)
    book.look(["BTC"])
    on(monkeypatch, 1)
    for grade in (70.0, 71.0):
        given[0]["BTC"] = grade
        found = book.look(["BTC"])
        assert (found.before["BTC"], found.now["BTC"]) == (80.0, grade)


def test_each_name_has_its_own_last_look_and_capitals_do_not_matter(book, monkeypatch):
    for day, name in enumerate(("BTC", "ETH", "btc")):
        on(monkeypatch, day)
        found = book.look([name])
    assert list(found.now) == ["BTC"]
    assert found.since == {"BTC": FIRST.date()}


def test_indices_are_graded_too_and_one_without_a_grade_has_none(book, given, monkeypatch):
    on(monkeypatch, 0)
    book.look(["index-1", "Index-2", "BTC"])
    given[1][1] = None
    on(monkeypatch, 1)
    found = book.look(["index-1", "index-2"])
    assert found.before["index-1"] == 61.5
    assert math.isnan(found.now["index-1"])
    assert math.isnan(found.before["index-2"])


def test_only_the_owner_can_read_and_no_key_is_kept(book):
    book.look(["BTC"])
    assert stat.S_IMODE(book.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(book.file.parent.stat().st_mode) == 0o700
    assert KEY not in book.file.read_text()
    assert KEY not in repr(book)


def test_what_fails_keeps_nothing(book, given, monkeypatch):
    book.look(["BTC"])
    old = book.file.read_bytes()
    given[0]["BTC"] = 50.0
    for names, match in ((["BTC", "NONE"], "grades no token 'NONE'"), (["BTC", "index-9"], "no index 'index-9'")):
        with pytest.raises(SourceError, match=match):
            book.look(names)
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(SourceError, match="No space left"):
        book.look(["BTC"])
    assert book.file.read_bytes() == old
    assert list(book.file.parent.iterdir()) == [book.file]


@pytest.mark.parametrize(
    "spoilt",
    ["", "[]", '{"grades": {"BTC": 5}}', '{"grades": {"BTC": [{"day": "2026-03-01", "grade": 180}]}}', "\x00"],
)
def test_a_damaged_file_is_said_and_nothing_is_asked(book, service, spoilt):
    book.look(["BTC"])
    book.file.write_text(spoilt)
    service.asked.clear()
    with pytest.raises(SourceError, match=r"kept grades cannot be read .* begin anew"):
        book.look(["BTC"])
    assert service.asked == []
    assert book.file.read_text() == spoilt


def test_another_service_has_a_book_of_its_own(book):
    assert GradeBook(TokenMetrics(), book.folder).file != book.file


@pytest.mark.parametrize("names", ["BTC", [], ["BTC", "btc"], [" "]])
def test_names_that_make_no_sense_are_input_errors(book, names):
    with pytest.raises(InputError):
        book.look(names)


def test_the_command_prints_moves_and_no_key(book, service, given, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("planner.sources.TokenMetrics", lambda: TokenMetrics(service.base, QUICK))
    on(monkeypatch, 0)
    assert main(["grades", "btc", "ETH"]) == 0
    assert "BTC: 80 of 100; before: no earlier look" in capsys.readouterr().out
    given[0]["BTC"] = 65.0
    on(monkeypatch, 1)
    assert main(["grades", "BTC", "ETH"]) == 0
    said = capsys.readouterr()
    assert "BTC: 65 of 100; before: 80 on 2026-03-01" in said.out
    assert said.out.endswith("Moved by 10 points or more, or gone: BTC.\n")
    assert main(["grades", "ETH", "BTC", "--csv"]) == 0
    assert capsys.readouterr().out == "name,grade_before,grade_now\nETH,55.5,55.5\nBTC,80,65\n"
    (kept,) = (tmp_path / "modern-portfolio" / "grades").iterdir()
    assert json.loads(kept.read_text())["grades"]["BTC"][-1]["grade"] == 65.0
    assert main(["grades", "NONE"]) == 2
    assert KEY not in said.out + said.err + capsys.readouterr().err


def test_without_a_key_the_command_says_what_is_missing(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("TOKEN_METRICS_API_KEY", raising=False)
    assert main(["grades", "BTC"]) == 2
    assert "TOKEN_METRICS_API_KEY" in capsys.readouterr().err
