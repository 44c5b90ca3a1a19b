"""A writer that is killed at any moment loses at most the change in flight, and damages nothing."""

from __future__ import annotations

import random
import time

import desks
import pytest

from planner import EXAMPLE

SECONDS = 60
LONGEST_PAUSE_SECONDS = 0.03
LOOK_AFTER = 10


def last_told_before_the_kill(context, place, scenario_id, moments) -> int:
    """The last version that a writer said was kept before it was killed somewhere in its second write or third."""
    heard, told = context.Pipe(duplex=False)
    writer = context.Process(target=desks.write, args=(place, scenario_id, told), daemon=True)
    writer.start()
    told.close()
    assert heard.poll(SECONDS), "the writer does not write"
    version = heard.recv()
    time.sleep(moments.uniform(0, LONGEST_PAUSE_SECONDS))
    writer.kill()
    writer.join(SECONDS)
    try:
        while True:
            version = heard.recv()
    except EOFError:
        return version


@pytest.mark.parametrize(("place", "kills"), [("sqlite", 200), ("postgresql", 20)], indirect=["place"])
def test_a_killed_writer_loses_at_most_the_change_in_flight(store, place, kills):
    context, moments = desks.warm(), random.Random(20261123)
    for kill in range(kills):
        if kill % LOOK_AFTER == 0:
            client = store.add_household(f"Household {kill}")
            scenario_id = store.add(client.id, EXAMPLE).id
        told = last_told_before_the_kill(context, place, scenario_id, moments)
        (listed,) = store.scenarios(client.id)
        assert listed.version in {told, told + 1}
        if kill % LOOK_AFTER == LOOK_AFTER - 1:
            # The scenario and its entry were written together or not at all.
            reasons = [entry.reason for entry in store.journal(client.id).entries]
            assert reasons == [str(number + 1) for number in range(1, listed.version)]
            assert store.check() == ()
