"""A journal says at which entry it was tampered with, and so do twenty lines that know nothing of ours."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import planner
from planner.errors import InputError
from planner.policy.journal import BEFORE_THE_FIRST, LONGEST_REASON, Change, Entry, Journal

PAGE = Path(planner.__file__).parent.parent / "docs" / "journal.md"
START = dt.datetime(2026, 1, 31, 9, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
MORE_EQUITIES = Change(item="targets", field="target, Equities", before="50 %", after="55 %")


def journal_of(*reasons: str) -> Journal:
    journal = Journal()
    for hours, reason in enumerate(reasons):
        journal = journal.written((MORE_EQUITIES,), "Ana Adviser", reason, START + hours * HOUR)
    return journal


JOURNAL = journal_of("First plan", "A child was born", "Retiring later", "The house is sold")
SIZE = len(JOURNAL.entries)
PLACES = st.integers(0, SIZE - 1)


def rows() -> list[dict[str, Any]]:
    return json.loads(JOURNAL.model_dump_json())["entries"]


def read(entries: list[dict[str, Any]]) -> Journal:
    return Journal.model_validate_json(json.dumps({"entries": entries}))


def sealed(entry: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An entry changed by somebody who knows how to make its hash anew."""
    changed = Entry.model_validate({**entry, **changes, "hash": ""})
    return changed.model_dump(mode="json") | {"hash": changed.found_hash}


texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)
edits = st.one_of(
    st.tuples(st.sampled_from(["author", "reason", "previous", "hash"]), texts),
    st.tuples(st.just("number"), st.integers(-10, 10)),
    st.tuples(
        st.just("at"), st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2090, 1, 1)).map(lambda at: at.isoformat())
    ),
    st.tuples(
        st.just("changes"), st.lists(st.fixed_dictionaries(dict.fromkeys(Change.model_fields, texts)), max_size=2)
    ),
)


def test_a_sound_journal_has_no_fault_and_reads_back_as_it_was_written():
    assert JOURNAL.fault() is None
    assert Journal.model_validate_json(JOURNAL.model_dump_json()) == JOURNAL
    assert read(rows()).head == JOURNAL.head == JOURNAL.entries[-1].hash
    assert [entry.previous for entry in JOURNAL.entries] == [
        BEFORE_THE_FIRST,
        *(each.hash for each in JOURNAL.entries[:-1]),
    ]


def test_a_hash_is_that_of_the_canonical_text_written_out_by_hand():
    from hashlib import sha256

    text = (
        '{"at":"2026-01-31T09:00:00.000000+00:00","author":"Zoë","changes":[{"after":"\\"b\\"","before":"a","field":"f",'
        '"item":"goals"}],"number":1,"previous":"' + 64 * "0" + '","reason":"why"}'
    )
    change = Change(item="goals", field="f", before="a", after='"b"')
    assert Journal().written((change,), "Zoë", "why", START).head == sha256(text.encode()).hexdigest()


@given(PLACES, edits)
def test_any_single_edit_of_any_entry_is_caught_at_that_entry(place, edit):
    name, value = edit
    entries = rows()
    if entries[place][name] == value:
        return
    entries[place][name] = value
    fault = read(entries).fault()
    assert fault is not None
    assert fault.number == place + 1
    assert f"Entry {place + 1} was changed" in fault.sentence


@given(st.integers(0, SIZE - 2))
def test_an_entry_that_was_dropped_is_missed_at_its_place(place):
    entries = rows()
    del entries[place]
    fault = read(entries).fault()
    assert fault is not None
    assert (fault.number, f"Entry {place + 1} is missing" in fault.sentence) == (place + 1, True)


@given(PLACES, PLACES)
def test_two_entries_that_were_swapped_are_noticed_at_the_first_of_them(one, other):
    if one == other:
        return
    entries = rows()
    entries[one], entries[other] = entries[other], entries[one]
    fault = read(entries).fault()
    assert fault is not None
    assert fault.number == min(one, other) + 1
    assert "order" in fault.sentence


@given(PLACES, st.integers(0, SIZE))
def test_a_copy_put_in_is_noticed_where_the_numbers_no_longer_run(copied, place):
    entries = rows()
    entries.insert(place, dict(entries[copied]))
    fault = read(entries).fault()
    assert fault is not None
    # A copy beside its original leaves two that are alike: the second of them is one too many.
    assert fault.number == (place + 2 if place == copied else place + 1)


@given(st.integers(0, SIZE - 2), st.sampled_from(["author", "reason"]))
def test_an_entry_changed_together_with_its_hash_is_given_away_by_the_next(place, name):
    entries = rows()
    entries[place] = sealed(entries[place], **{name: "something else"})
    fault = read(entries).fault()
    assert fault is not None
    assert fault.number == place + 1
    assert "together with its hash" in fault.sentence


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"at": (START - HOUR).isoformat()}, "dated before entry 3"),
        ({"at": "2026-02-01T09:00:00"}, "when in UTC"),
        ({"at": "2026-02-01T09:00:00+01:00"}, "when in UTC"),
        ({"reason": " "}, "why"),
        ({"author": ""}, "by whom"),
        ({"changes": []}, "what was changed"),
        ({"number": 7}, "Entry 4 is missing: entry 7"),
        ({"number": 3}, "A second entry 3"),
    ],
)
def test_a_last_entry_that_no_journal_would_write_is_a_fault_though_its_hash_fits(changes, said):
    entries = rows()
    entries[-1] = sealed(entries[-1], **changes)
    fault = read(entries).fault()
    assert fault is not None
    assert (fault.number, said in fault.sentence) == (SIZE, True), fault


def test_only_a_noted_head_tells_that_the_last_entries_are_gone_or_all_was_made_anew():
    shorter, anew = read(rows()[:-1]), journal_of("First plan", "Nothing else")
    for journal in (shorter, anew, Journal()):
        assert journal.fault() is None
        fault = journal.fault(noted=JOURNAL.head)
        assert fault is not None
        assert fault.number == len(journal.entries) + 1
    assert JOURNAL.fault(noted=shorter.head) is None, "it has only grown since"
    assert JOURNAL.fault(noted=Journal().head) is None


def test_nothing_is_written_onto_a_journal_that_was_tampered_with():
    entries = rows()
    entries[1]["reason"] = "A child was not born"
    with pytest.raises(InputError, match=r"Entry 2 was changed .* Nothing is written"):
        read(entries).written((MORE_EQUITIES,), "Ana", "On we go")


@pytest.mark.parametrize(
    ("author", "reason", "said"),
    [
        ("", "why", "author is empty"),
        (" \n", "why", "author is empty"),
        ("Ana", "\t ", "reason is empty"),
        ("Ana", "x" * (LONGEST_REASON + 1), "2,001 letters"),
        ("Ana", "bell \a", "cannot be shown"),
    ],
)
def test_who_and_why_are_asked_for(author, reason, said):
    with pytest.raises(InputError, match=said):
        Journal().written((MORE_EQUITIES,), author, reason)


def test_an_entry_without_a_change_and_a_clock_that_runs_back_are_refused():
    with pytest.raises(InputError, match="Nothing was changed"):
        JOURNAL.written((), "Ana", "why")
    with pytest.raises(InputError, match="before the last one of 2026-01-31 12:00 UTC"):
        JOURNAL.written((MORE_EQUITIES,), "Ana", "why", START)
    with pytest.raises(InputError, match="no time zone"):
        JOURNAL.written((MORE_EQUITIES,), "Ana", "why", dt.datetime(2027, 1, 1))


def test_a_moment_of_another_zone_is_kept_in_utc_and_the_same_moment_twice_is_in_order():
    elsewhere = (START + 5 * HOUR).astimezone(dt.timezone(-5 * HOUR))
    journal = JOURNAL.written((MORE_EQUITIES,), "Ana", "why", elsewhere).written(
        (MORE_EQUITIES,), "Ana", "why", elsewhere
    )
    assert journal.fault() is None
    assert [str(entry.at) for entry in journal.entries[-2:]] == ["2026-01-31 14:00:00+00:00"] * 2


def test_a_table_has_a_row_for_each_change_and_what_is_shown_is_escaped():
    hostile = Change(item="goals", field="<script>", before="", after="</td>")
    journal = JOURNAL.written((MORE_EQUITIES, hostile), "<b>Ana</b>", "<img src=x>", START + 9 * HOUR)
    table = journal.to_frame()
    assert len(table) == SIZE + 2
    assert list(table.iloc[-1][["number", "field", "after"]]) == [SIZE + 1, "<script>", "</td>"]
    shown = journal._repr_html_()
    assert "&lt;img src=x&gt;" in shown
    assert not any(raw in shown for raw in ("<script>", "<b>Ana", "<img", "</td></td>"))
    assert journal.head in shown


def test_a_change_says_what_came_and_went():
    assert MORE_EQUITIES.sentence == "target, Equities: 50 % before, now 55 %"
    assert MORE_EQUITIES.with_changes(before="").sentence == "target, Equities: now 55 %"
    assert MORE_EQUITIES.with_changes(after="").sentence == "target, Equities: 50 % before, now gone"


def test_a_faulty_journal_shows_its_fault():
    entries = rows()
    entries[2]["author"] = "Mallory"
    assert "<b>Entry 3 was changed" in read(entries)._repr_html_()


@pytest.fixture(scope="module")
def lines() -> str:
    return re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[-1]


def audit(lines: str, path: Path, entries: list[dict[str, Any]], *head: str) -> str:
    path.write_text(json.dumps({"entries": entries}), encoding="utf-8")
    command = [sys.executable, "-I", "-c", lines, str(path), *head]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or done.stderr.splitlines()[-1]


def test_the_auditors_lines_are_twenty_and_use_nothing_of_ours(lines):
    assert sum(1 for line in lines.splitlines() if line.strip()) <= 20
    assert set(re.findall(r"^(?:from|import) (\w+)", lines, re.MULTILINE)) == {"json", "sys", "hashlib", "pathlib"}


def test_the_auditors_lines_find_a_sound_journal_sound_and_hold_it_against_a_head(lines, tmp_path):
    path = tmp_path / "journal.json"
    assert audit(lines, path, rows()) == "ok"
    assert audit(lines, path, rows(), JOURNAL.head) == "ok"
    assert "head is gone" in audit(lines, path, rows()[:-1], JOURNAL.head)


@settings(max_examples=12, deadline=None)
@given(PLACES, edits)
def test_the_auditors_lines_catch_what_the_journal_catches(lines, tmp_path_factory, place, edit):
    name, value = edit
    entries = rows()
    if entries[place][name] == value:
        return
    entries[place][name] = value
    assert f"entry {place + 1}" in audit(lines, tmp_path_factory.mktemp("audit") / "journal.json", entries)
