"""The journal of a policy: who changed what, when and why, each entry chained to the one before it.

``docs/journal.md`` describes the format, so that anybody can check it without us.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING

from pydantic import Field, field_serializer

from planner.errors import InputError
from planner.household.accounts import one_line
from planner.validation import Document, WholeNumber

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

BEFORE_THE_FIRST = "0" * 64
"""What the first entry carries as the hash of the one before, and the head of a journal without entries."""

LONGEST_REASON = 2_000
LONGEST_AUTHOR = 200
"""Letters: half a page for a reason, and a name. Ours."""


class Change(Document):
    """One field that was changed, as people say it; an empty ``before`` or ``after`` is a field that was not there.

    ``item`` is what it belongs to: goals, capacity, tolerance, taxes or targets.
    """

    item: str = Field(title="Item")
    field: str = Field(title="Field")
    before: str = Field(title="Before")
    after: str = Field(title="After")

    @property
    def sentence(self) -> str:
        """The change in words."""
        if not self.before:
            return f"{self.field}: now {self.after}"
        return f"{self.field}: {self.before} before, now {self.after or 'gone'}"


class Entry(Document):
    """One entry: what was changed at a moment (UTC), by whom and why.

    ``previous`` is the hash of the entry before; ``hash`` is SHA-256 over the canonical JSON of everything else: keys
    sorted, no spaces, UTF-8. An entry may hold anything that can be read, so that what is wrong with it can be shown;
    ``Journal.written`` makes sound ones.
    """

    number: WholeNumber = Field(title="Number")
    at: dt.datetime = Field(title="Moment")
    author: str = Field(title="Author")
    reason: str = Field(title="Reason")
    changes: tuple[Change, ...] = Field(title="Changes")
    previous: str = Field(title="Hash of the entry before")
    hash: str = Field("", title="Hash")

    @field_serializer("at", when_used="json")
    def _one_form(self, at: dt.datetime) -> str:
        return at.isoformat(timespec="microseconds")

    @property
    def found_hash(self) -> str:
        """The hash that the entry should carry."""
        values = self.model_dump(mode="json", exclude={"hash"})
        text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Fault:
    """The first place at which a journal was tampered with: the entry's place from 1, and what is wrong there."""

    number: int
    sentence: str


class Journal(Document):
    """Every change and its reason, the first one first; entries are only ever added.

    Reading a journal that was tampered with is no error: ``fault`` says where. Writing onto one is an InputError.
    Source: domain.md section 9.
    """

    entries: tuple[Entry, ...] = Field((), title="Entries")

    @property
    def head(self) -> str:
        """The hash of the last entry: who noted it can tell later that nothing up to there was changed or removed."""
        return self.entries[-1].hash if self.entries else BEFORE_THE_FIRST

    def written(self, changes: Iterable[Change], author: str, reason: str, at: dt.datetime | None = None) -> Journal:
        """The journal with one more entry; ``at`` is a moment with its time zone, now where it is left out.

        InputErrors: no change, no author, no reason, a moment before that of the last entry, and a journal at fault.
        """
        fault = self.fault()
        if fault is not None:
            raise InputError(f"{fault.sentence} Nothing is written onto a journal that was tampered with.")
        changed = tuple(changes)
        if not changed:
            raise InputError("Nothing was changed, so that there is nothing to write down.")
        entry = Entry(
            number=len(self.entries) + 1,
            at=self._next_moment(at),
            author=_said(author, "The author", LONGEST_AUTHOR, "say who made the change"),
            reason=_said(reason, "The reason", LONGEST_REASON, "say why this was changed"),
            changes=changed,
            previous=self.head,
        )
        return Journal(entries=(*self.entries, entry.with_changes(hash=entry.found_hash)))

    def _next_moment(self, at: dt.datetime | None) -> dt.datetime:
        moment = dt.datetime.now(dt.UTC) if at is None else at
        if moment.utcoffset() is None:
            raise InputError(f"The moment {moment} has no time zone: give it one, such as UTC.")
        last = self.entries[-1].at if self.entries else moment
        if moment < last:
            raise InputError(
                f"The entry would be of {_day_and_time(moment)}, before the last one of {_day_and_time(last)}: check "
                "this computer's clock."
            )
        return moment.astimezone(dt.UTC)

    def fault(self, noted: str | None = None) -> Fault | None:
        """The first entry at which the journal was tampered with; None where it is sound.

        ``noted`` is a head that was written down earlier: without one, nobody can tell whether the last entries were
        taken away or all of them made anew.
        """
        for place, entry in enumerate(self.entries, 1):
            found = self._fault_of(place, entry)
            if found is not None:
                return found
        if noted is None or noted in (BEFORE_THE_FIRST, *(entry.hash for entry in self.entries)):
            return None
        return Fault(
            len(self.entries) + 1,
            "No entry has the hash that was noted as the head: the last entries were taken away, or made anew.",
        )

    def _fault_of(self, place: int, entry: Entry) -> Fault | None:
        if entry.hash != entry.found_hash:
            return Fault(place, f"Entry {place} was changed after it was written: its hash does not fit what it says.")
        if entry.number != place:
            return Fault(place, self._misplaced(place, entry))
        before = self.entries[place - 2] if place > 1 else None
        if entry.previous != (before.hash if before else BEFORE_THE_FIRST):
            return _replaced(place)
        if _is_incomplete(entry):
            return Fault(place, f"Entry {place} does not say what was changed, by whom, why, or when in UTC.")
        if before is not None and entry.at < before.at:
            return Fault(place, f"Entry {place} is dated before entry {place - 1}.")
        return None

    def _misplaced(self, place: int, entry: Entry) -> str:
        if any(other.number == place for other in self.entries[place:]):
            return f"Entry {entry.number} stands where entry {place} should: the order was changed."
        if entry.number < place:
            return f"A second entry {entry.number} stands where entry {place} should: it was put in."
        return f"Entry {place} is missing: entry {entry.number} stands in its place."

    def to_frame(self) -> pd.DataFrame:
        """A row for each change, with the number, moment, author and reason of its entry."""
        import pandas as pd

        rows = [
            (entry.number, entry.at, entry.author, entry.reason, each.item, each.field, each.before, each.after)
            for entry in self.entries
            for each in entry.changes
        ]
        return pd.DataFrame(rows, columns=["number", "at", "author", "reason", "item", "field", "before", "after"])

    def _repr_html_(self) -> str:
        fault = self.fault()
        rows = "".join(
            "<tr>"
            + "".join(f"<td>{escape(cell)}</td>" for cell in (str(entry.number), _day_and_time(entry.at), entry.author))
            + f"<td>{'<br>'.join(escape(change.sentence) for change in entry.changes)}</td>"
            + f"<td>{escape(entry.reason)}</td></tr>"
            for entry in self.entries
        )
        heads = "".join(f"<th>{name}</th>" for name in ("", "When", "Who", "What", "Why"))
        wrong = "" if fault is None else f"<p><b>{escape(fault.sentence)}</b></p>"
        table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        return f"{wrong}{table if rows else '<p>No entry yet.</p>'}<p>Head: <code>{escape(self.head)}</code></p>"


def _replaced(place: int) -> Fault:
    if place == 1:
        return Fault(place, "Entry 1 was not the first when it was written: what stood before it is gone.")
    return Fault(
        place - 1,
        f"Entry {place - 1} is not the one after which entry {place} was written: it was put in its place, or changed "
        "together with its hash.",
    )


def _is_incomplete(entry: Entry) -> bool:
    said = entry.author.strip() and entry.reason.strip() and entry.changes
    return not said or entry.at.utcoffset() != dt.timedelta(0)


def _said(text: str, what: str, most: int, remedy: str) -> str:
    line = str(one_line(text))
    if not line:
        raise InputError(f"{what} is empty: {remedy}.")
    if len(line) > most:
        raise InputError(f"{what} has {len(line):,} letters: {most:,} are the most.")
    return line


def _day_and_time(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
