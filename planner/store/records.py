"""What a store hands out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.errors import InputError

if TYPE_CHECKING:
    from planner.scenario import Scenario

LONGEST_NAME = 200
"""Letters, as of a scenario's name."""
LONGEST_TEXT = 100_000
"""Letters of one section of a statement: some thirty pages. Ours."""


@dataclass(frozen=True, slots=True)
class Client:
    """A household in the store; times here and below are UTC."""

    id: str
    name: str
    created: dt.datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """A scenario as the list shows it, unread: ``version`` counts its changes from 1, ``saved`` is the last of them.

    ``deleted`` is when it was deleted, None where it was not.
    """

    id: str
    household: str
    name: str
    version: int
    author: str
    created: dt.datetime
    saved: dt.datetime
    deleted: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Saved(Listed):
    """A scenario as it was read or saved: the document and where it stands in the store."""

    scenario: Scenario


@dataclass(frozen=True, slots=True)
class KeptReview:
    """A review as the list shows it, unread: ``day`` is that which was reviewed."""

    id: str
    household: str
    day: dt.date
    author: str
    saved: dt.datetime


def now() -> dt.datetime:
    """This moment."""
    return dt.datetime.now(dt.UTC)


def written(moment: dt.datetime) -> str:
    """A moment as the store keeps it: text of one length, which sorts as time does and is the same in any database."""
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")


def moment(text: str) -> dt.datetime:
    """A kept moment."""
    return dt.datetime.fromisoformat(text)


def plain(name: str, what: str) -> str:
    """A name without the blanks around it, if it can be kept."""
    kept = keepable(name.strip(), what, LONGEST_NAME)
    if not kept:
        raise InputError(f"{what} is empty: give one.")
    return kept


def keepable(text: str, what: str, most: int) -> str:
    """The text, if either database can keep it."""
    if len(text) > most:
        raise InputError(f"{what} has {len(text):,} letters: {most:,} are the most.")
    if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text):
        raise InputError(f"{what} holds signs that are no text: remove them.")
    return text
