"""Several processes at one store: none loses what another wrote."""

from __future__ import annotations

import desks

from planner import EXAMPLE
from planner.store import Store

SECONDS = 60


def together(target, *arguments):
    """What processes tell that run at the same time, one for each tuple of arguments."""
    context = desks.warm()
    pipes = [context.Pipe(duplex=False) for _ in arguments]
    started = [
        context.Process(target=target, args=(*each, told), daemon=True)
        for each, (_, told) in zip(arguments, pipes, strict=True)
    ]
    for process in started:
        process.start()
    try:
        for heard, _ in pipes:
            assert heard.poll(SECONDS), "a desk does not answer"
        return [heard.recv() for heard, _ in pipes]
    finally:
        for process in started:
            process.join(SECONDS)


def test_exactly_one_desk_wins_each_version_and_none_is_lost(store, place, client):
    added = store.add(client.id, EXAMPLE)
    told = together(desks.save_until, *((place, name, added.id, 25) for name in ("Ana", "Ben")))
    won = sorted(version for kept, _ in told for version, _ in kept)
    assert won == list(range(2, 52))
    last = max(kept[-1] for kept, _ in told)
    stored = store.read(added.id)
    assert (stored.version, stored.name) == last == (51, stored.scenario.name)


def test_two_desks_never_write_one_number_of_a_journal(store, place, client):
    told = together(desks.append_until, *((place, name, client.id, 15) for name in ("Ana", "Ben")))
    journal = store.journal(client.id)
    assert journal.fault() is None
    assert len(journal.entries) == 30
    assert sorted(hash_ for kept in told for hash_ in kept) == sorted(entry.hash for entry in journal.entries)


def test_a_store_that_several_open_for_the_first_time_is_made_once(place):
    ready = desks.warm().Barrier(4)
    assert together(desks.open_once, *((place, ready) for _ in range(4))) == [""] * 4
    with Store.open(place, author="Ana") as store:
        assert store.check() == ()
