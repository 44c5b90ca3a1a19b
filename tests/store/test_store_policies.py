"""The policy as the journal's last entry left it, and a household that moves in whole or not at all."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from planner import EXAMPLE, InputError
from planner.policy.journal import Change, Journal

CHANGES = (Change(item="targets", field="target, Crypto", before="5 %", after="3 %"),)
BOLD = EXAMPLE.with_changes(name="Bold", room=0.1)


def test_an_entry_leaves_its_policy_and_the_next_one_replaces_it(store, client):
    assert store.policy(client.id) is None
    first = Journal().written(CHANGES, "Ana", "agreed")
    saved = store.add(client.id, EXAMPLE, first.entries[0])
    assert store.policy(client.id) == EXAMPLE
    second = first.written(CHANGES, "Ana", "a child was born")
    store.save(saved, BOLD, second.entries[1])
    assert store.policy(client.id) == BOLD


def test_an_entry_that_does_not_follow_leaves_the_policy_alone(store, client):
    first = Journal().written(CHANGES, "Ana", "agreed")
    store.append(client.id, first.entries[0], EXAMPLE)
    with pytest.raises(InputError, match="went on to entry 1"):
        store.append(client.id, first.entries[0], BOLD)
    assert store.policy(client.id) == EXAMPLE


def test_a_household_moves_in_with_all_it_has(store):
    journal = Journal().written(CHANGES, "Ana", "agreed").written(CHANGES, "Ana", "again")
    client, saved = store.move_in("Jones", [EXAMPLE, BOLD], journal, BOLD, {"purpose": "A house by the sea."})
    assert [each.scenario for each in saved] == [EXAMPLE, BOLD]
    assert {each.id for each in store.scenarios(client.id)} == {each.id for each in saved}
    assert store.journal(client.id) == journal
    assert store.policy(client.id) == BOLD
    assert store.statement_texts(client.id) == {"purpose": "A house by the sea."}
    assert store.check() == ()


def test_or_not_at_all(store):
    journal = Journal().written(CHANGES, "Ana", "agreed")
    forged = Journal(entries=(journal.entries[0].with_changes(author="Ben"),))
    with pytest.raises(InputError, match="changed after it was written"):
        store.move_in("Jones", [EXAMPLE], forged, EXAMPLE)
    assert store.households() == ()


def test_a_damaged_policy_is_told_by_name(store, client):
    store.append(client.id, Journal().written(CHANGES, "Ana", "agreed").entries[0], EXAMPLE)
    with store.database.writing() as connection:
        connection.execute(text("UPDATE policies SET document = '{'"))
    with pytest.raises(InputError, match="policy of 'Smith' cannot be read"):
        store.policy(client.id)
    assert any("policy of 'Smith'" in sentence for sentence in store.check())
