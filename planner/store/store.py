"""The store of one desk."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Any, Self

from planner.store import clients, journals, kept_reviews, scenarios
from planner.store.database import Database
from planner.store.migrations import bring_up_to_date
from planner.store.places import place_of
from planner.store.records import plain
from planner.store.soundness import faults

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from planner.policy.journal import Entry, Journal
    from planner.reviewing import Review
    from planner.scenario import Scenario
    from planner.store.records import Client, KeptReview, Listed, Saved


class Store:
    """Households and what belongs to each, read and written in transactions that are kept whole or not at all.

    ``author`` is named where this desk's change meets another's. Every method raises InputError for a household or a
    scenario that is not there, StoreError when the database fails, and Conflict, with what is stored, instead of
    overwriting what another desk wrote since it was read. One object may serve several threads.
    """

    def __init__(self, database: Database, author: str) -> None:
        self.database = database
        self.author = author

    @classmethod
    def open(cls, where: str | Path | None = None, author: str | None = None) -> Self:
        """Open a store, made or brought up to date where needed: a file by its path, PostgreSQL by its URL.

        Default: what the environment variable MODERN_PORTFOLIO_STORE names, else ``households.db`` in this user's data
        folder. ``author`` is this computer's user where it is left out. Raises StoreError where the place is of no use.
        """
        database = Database(place_of(where))
        try:
            bring_up_to_date(database)
            return cls(database, plain(_user() if author is None else author, "The author's name"))
        except BaseException:
            database.close()
            raise

    @property
    def label(self) -> str:
        """Where the store is, without any password."""
        return self.database.place.label

    def close(self) -> None:
        """Let go of the database; nothing is waiting to be written."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def households(self) -> tuple[Client, ...]:
        """All households, by name."""
        with self.database.reading() as connection:
            return clients.clients(connection)

    def add_household(self, name: str) -> Client:
        """Keep a new household; two may share a name."""
        with self.database.writing() as connection:
            return clients.add(connection, name)

    def move_in(
        self,
        name: str,
        documents: Sequence[Scenario],
        journal: Journal,
        policy: Scenario | None = None,
        texts: Mapping[str, str] | None = None,
    ) -> tuple[Client, tuple[Saved, ...]]:
        """Keep a new household with its scenarios, journal, policy and the adviser's text: all of it or nothing."""
        with self.database.writing() as connection:
            client = clients.add(connection, name)
            for entry in journal.entries:
                journals.append(connection, client.id, entry, policy)
            for section, text in (texts or {}).items():
                journals.write_text(connection, client.id, section, text, "")
            return client, tuple(scenarios.add(connection, client.id, each, self.author) for each in documents)

    def rename_household(self, household: str, name: str) -> Client:
        """Give a household another name."""
        with self.database.writing() as connection:
            return clients.rename(connection, household, name)

    def scenarios(self, household: str, *, deleted: bool = False) -> tuple[Listed, ...]:
        """List a household's scenarios, the one changed last first, or those that are deleted; none is read."""
        with self.database.reading() as connection:
            return scenarios.listed(connection, household, deleted)

    def read(self, scenario_id: str) -> Saved:
        """Read a scenario; an InputError that names it and its household where the document is damaged."""
        with self.database.reading() as connection:
            return scenarios.read(connection, scenario_id)

    def add(self, household: str, scenario: Scenario, entry: Entry | None = None) -> Saved:
        """Keep a new scenario as version 1, and the journal's entry with it or neither."""
        with self.database.writing() as connection:
            if entry is not None:
                journals.append(connection, household, entry, scenario)
            return scenarios.add(connection, household, scenario, self.author)

    def save(self, read_as: Listed, scenario: Scenario, entry: Entry | None = None) -> Saved:
        """Keep a changed scenario as the next version of what was read, and the journal's entry with it or neither.

        After a Conflict, saving with its ``stored`` in place of ``read_as`` puts this scenario over the other one.
        """
        with self.database.writing() as connection:
            if entry is not None:
                journals.append(connection, read_as.household, entry, scenario)
            return scenarios.save(connection, read_as, scenario, self.author)

    def rename(self, read_as: Saved, name: str) -> Saved:
        """Give a scenario another name; that is a change like any other."""
        return self.save(read_as, read_as.scenario.with_changes(name=name))

    def duplicate(self, read_as: Saved, name: str) -> Saved:
        """Keep a copy of a scenario under a name of its own, in the same household."""
        return self.add(read_as.household, read_as.scenario.with_changes(name=name))

    def delete(self, read_as: Listed) -> Listed:
        """Mark a scenario as deleted; it leaves the list and stays in the store."""
        with self.database.writing() as connection:
            return scenarios.mark(connection, read_as, self.author, deleted=True)

    def restore(self, deleted: Listed) -> Listed:
        """Put a deleted scenario back on the list."""
        with self.database.writing() as connection:
            return scenarios.mark(connection, deleted, self.author, deleted=False)

    def journal(self, household: str) -> Journal:
        """Read a household's journal as it was written; its ``fault()`` tells whether it was tampered with."""
        with self.database.reading() as connection:
            return journals.journal(connection, household)

    def append(self, household: str, entry: Entry, policy: Scenario | None = None) -> None:
        """Write the next entry of the journal, and the policy that it leaves; Conflict when another came first."""
        with self.database.writing() as connection:
            journals.append(connection, household, entry, policy)

    def policy(self, household: str) -> Scenario | None:
        """The scenario as the journal's last entry left it; None where none was kept."""
        with self.database.reading() as connection:
            return journals.policy(connection, household)

    def reviews(self, household: str) -> tuple[KeptReview, ...]:
        """List a household's reviews, the earliest first; none is read."""
        with self.database.reading() as connection:
            return kept_reviews.listed(connection, household)

    def review(self, review_id: str) -> dict[str, Any]:
        """Read a review: what ``Review.to_dict`` gave on its day."""
        with self.database.reading() as connection:
            return kept_reviews.read(connection, review_id)

    def keep_review(self, household: str, review: Review) -> KeptReview:
        """Keep a review as it is on its day."""
        with self.database.writing() as connection:
            return kept_reviews.keep(connection, household, review, self.author)

    def statement_texts(self, household: str) -> dict[str, str]:
        """The adviser's own text of the policy statement, by section."""
        with self.database.reading() as connection:
            return journals.texts(connection, household)

    def write_statement_text(self, household: str, section: str, text: str, before: str = "") -> None:
        """Replace the text ``before``, as it was read, of one section; an empty text removes it."""
        with self.database.writing() as connection:
            journals.write_text(connection, household, section, text, before)

    def check(self) -> tuple[str, ...]:
        """What is wrong with the store, in sentences: the file, the journals' chains, documents that cannot be read."""
        with self.database.reading() as connection:
            return faults(connection)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "an unnamed user"
