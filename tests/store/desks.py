"""What a desk does in a process of its own; started from a warm process that has the planner loaded."""

from __future__ import annotations

import multiprocessing
from multiprocessing import forkserver
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from planner import EXAMPLE
from planner.policy.journal import Change
from planner.store import Conflict, Store

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerContext
    from multiprocessing.synchronize import Barrier


def warm() -> ForkServerContext:
    """Processes forked from one that has everything loaded and holds no thread and no connection."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", "warmed_up"])
    with pytest.MonkeyPatch.context() as environment:
        # The process that forks does not know where the tests are, and passes over what it cannot import.
        environment.setenv("PYTHONPATH", str(Path(__file__).parent))
        forkserver.ensure_running()
    return context


def write(place: str, scenario_id: str, told: Connection) -> None:
    """Save a scenario with an entry of the journal, again and again, and tell each version once it is kept."""
    store = Store.open(place, author="Ana")
    saved = store.read(scenario_id)
    journal = store.journal(saved.household)
    while True:
        said = f"{saved.version + 1}"
        journal = journal.written((Change(item="goals", field="Age", before="", after=said),), "Ana", said)
        room = saved.scenario.room
        saved = store.save(saved, EXAMPLE.with_changes(room=0.9 - room), journal.entries[-1])
        told.send(saved.version)


def save_until(place: str, author: str, scenario_id: str, wins: int, told: Connection) -> None:
    """Save until so many of this desk's changes were kept, reading again after each conflict; tell what was kept."""
    kept, met = [], 0
    with Store.open(place, author=author) as store:
        saved = store.read(scenario_id)
        while len(kept) < wins:
            name = f"{author} {len(kept)}"
            try:
                saved = store.rename(saved, name)
            except Conflict as conflict:
                met += 1
                saved = conflict.stored
            else:
                kept.append((saved.version, name))
    told.send((kept, met))


def append_until(place: str, author: str, household: str, wins: int, told: Connection) -> None:
    """Append entries until so many of this desk's were kept; tell their hashes."""
    kept = []
    with Store.open(place, author=author) as store:
        while len(kept) < wins:
            change = Change(item="goals", field=author, before="", after=str(len(kept)))
            journal = store.journal(household).written((change,), author, "both write")
            try:
                store.append(household, journal.entries[-1])
            except Conflict:
                continue
            kept.append(journal.head)
    told.send(kept)


def open_once(place: str, ready: Barrier, told: Connection) -> None:
    """Open a store when all are ready, and tell what went wrong."""
    ready.wait(30)
    try:
        Store.open(place, author="Ana").close()
    except Exception as error:  # noqa: BLE001 - told to the test
        told.send(repr(error))
    else:
        told.send("")
