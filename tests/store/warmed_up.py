"""Imported by the process that forks: a store is used once, so that no desk pays for the first time of everything."""

import tempfile
from pathlib import Path

import psycopg  # noqa: F401 - loaded for those who open PostgreSQL
from desks import EXAMPLE, Change, Store

with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder, "store.db"), author="Ana") as store:
    client = store.add_household("Smith")
    saved = store.add(client.id, EXAMPLE)
    journal = store.journal(client.id).written((Change(item="", field="", before="", after="1"),), "Ana", "warm")
    store.save(store.read(saved.id), EXAMPLE, journal.entries[-1])
    store.journal(client.id)
