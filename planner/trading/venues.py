"""Where to trade: the facts of twenty venues, which of them are open to somebody, and where to begin looking."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from planner.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable


class VenueKind(StrEnum):
    """What a venue is."""

    DERIVATIVES = "derivatives venue"
    OTC = "OTC desk"


class Instrument(StrEnum):
    """What is traded."""

    PERPETUALS = "perpetuals"
    FUTURES = "futures"
    OPTIONS = "options"
    SPOT_BLOCKS = "spot blocks"


class Region(StrEnum):
    """Where the client is."""

    UNITED_STATES = "united_states"
    EUROPE = "europe"
    ELSEWHERE = "elsewhere"


class Client(StrEnum):
    """Who the client is."""

    PRIVATE = "private"
    INSTITUTION = "institution"


class Custody(StrEnum):
    """Who holds the assets meanwhile."""

    SELF = "self"
    VENUE = "venue"
    BROKER = "broker"
    NOT_STATED = "not stated"


class Access(StrEnum):
    """Whether a venue serves somebody: the facts say so, say no, name limits, or say nothing."""

    OPEN = "open"
    VARIES = "varies"
    NOT_STATED = "not stated"
    CLOSED = "closed"


class Fit(StrEnum):
    """What the filters make of a venue."""

    OPEN = "open"
    TO_CHECK = "to check"
    RULED_OUT = "ruled out"


@dataclass(frozen=True, slots=True)
class Venue:
    """What is known of a venue, as of ``planner.trading.venues.as_of()``; nothing in it is a rating."""

    name: str
    kind: VenueKind
    best_for: str
    suits: tuple[str, ...]
    features: tuple[str, ...]
    instruments: frozenset[Instrument]
    regions: dict[Region, Access]
    clients: dict[Client, Access]
    custody: Custody
    region_note: str
    fees: str
    consider: str
    alternatives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a venue must meet: hard filters, each of which is left open where it is None.

    Source: domain.md section 10 (region and eligibility are filters, not scores).
    """

    kind: VenueKind | None = None
    region: Region | None = None
    client: Client | None = None
    instrument: Instrument | None = None
    custody: Custody | None = None


CHECKLIST = {
    "Standing": (
        "Which company would you deal with, where is it registered, and who supervises it there?",
        "Has a supervisor fined or warned it, and is it open to you where you live?",
    ),
    "Safety of assets": (
        "Are clients' assets held apart from its own, and would they be yours if it failed?",
        "Who audits its reserves, what it owes included, and when was the last report?",
        "Has it lost assets of clients, and did they get them back?",
    ),
    "Costs": (
        "What do you pay in all for a trade of your size: fee, spread, funding, withdrawal?",
        "Do quotes hold for your size, at the hours at which you trade?",
    ),
    "Contracts": (
        "How is margin reckoned, and what happens to your position before and after it runs short?",
        "Whose price settles the contract, and can losses of others fall on you?",
    ),
    "Operation": (
        "Did it stay open in the last market panics?",
        "Can withdrawals be limited to known addresses, with a second factor for each?",
        "Does it report what your tax return needs?",
    ),
    "First steps": (
        "Have you moved a small amount in, traded it, and moved it out again?",
        "What is the most that you would leave there overnight?",
    ),
}
"""Questions to answer before money is sent anywhere, by subject. Ours."""


def venues() -> tuple[Venue, ...]:
    """All venues, in the order of their source."""
    return tuple(_known().values())


def venue(name: str) -> Venue:
    """The venue of a name; an unknown one is an InputError."""
    known = _known()
    if name not in known:
        raise InputError(f"There is no venue '{name}'. The venues are: {', '.join(known)}.")
    return known[name]


def as_of() -> str:
    """The month of the facts, as 2025-09."""
    return str(_document()["as_of"])


def fitting(requirements: Requirements, among: Iterable[Venue] | None = None) -> pd.DataFrame:
    """What the filters make of each venue: ``fit`` (the text of a Fit) and ``why``, by name.

    A venue is ruled out where its facts say no, and to check where they say nothing or name limits.
    """
    rows = {one.name: _fit(one, requirements) for one in (venues() if among is None else among)}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["fit", "why"]).rename_axis("venue")


def decision_guide() -> pd.DataFrame:
    """Where to begin by use: ``kind``, ``use`` and ``venues`` (a tuple of names). Source: the venues' own."""
    rows = [(VenueKind(row["kind"]), row["use"], tuple(row["venues"])) for row in _document()["guide"]]
    return pd.DataFrame(rows, columns=["kind", "use", "venues"])


def facts_table(among: Iterable[Venue] | None = None) -> pd.DataFrame:
    """The facts as text, a row a venue."""
    rows = {
        one.name: {
            "kind": str(one.kind),
            "best for": one.best_for,
            "suits": ", ".join(one.suits),
            "features": ", ".join(one.features),
            "regions": one.region_note,
            "fees": one.fees,
            "consider": one.consider,
            "alternatives": ", ".join(one.alternatives),
        }
        for one in (venues() if among is None else among)
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("venue")


def _fit(one: Venue, wanted: Requirements) -> tuple[Fit, str]:
    against, unsure = [], []
    if wanted.kind is not None and one.kind is not wanted.kind:
        against.append(f"{one.kind}, not {wanted.kind}")
    if wanted.instrument is not None and wanted.instrument not in one.instruments:
        against.append(f"no {wanted.instrument} are named")
    asked = [
        (f"{wanted.region.replace('_', ' ').title()} clients", one.regions[wanted.region]) if wanted.region else None,
        (f"{wanted.client} clients", one.clients[wanted.client]) if wanted.client else None,
    ]
    for who, access in filter(None, asked):
        if access is Access.CLOSED:
            against.append(f"closed to {who}")
        elif access is Access.VARIES:
            unsure.append(f"limits for {who}")
        elif access is Access.NOT_STATED:
            unsure.append(f"nothing stated on {who}")
    if wanted.custody is not None and one.custody is not wanted.custody:
        if one.custody is Custody.NOT_STATED and wanted.custody is not Custody.SELF:
            unsure.append("nothing stated on custody")
        else:
            against.append("custody is not your own" if wanted.custody is Custody.SELF else f"custody: {one.custody}")
    if against:
        return Fit.RULED_OUT, "; ".join(against)
    return (Fit.TO_CHECK, "; ".join(unsure)) if unsure else (Fit.OPEN, "")


@cache
def _known() -> dict[str, Venue]:
    return {row["name"]: _venue(row) for row in _document()["venues"]}


def _venue(row: dict[str, Any]) -> Venue:
    return Venue(
        name=row["name"],
        kind=VenueKind(row["kind"]),
        best_for=row["best_for"],
        suits=tuple(row["suits"]),
        features=tuple(row["features"]),
        instruments=frozenset(map(Instrument, row["instruments"])),
        regions={Region(name): Access(value) for name, value in row["regions"].items()},
        clients={Client(name): Access(value) for name, value in row["clients"].items()},
        custody=Custody(row["custody"]),
        region_note=row["region_note"],
        fees=row["fees"],
        consider=row["consider"],
        alternatives=tuple(row["alternatives"]),
    )


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "venues.json").read_text(encoding="utf-8"))
    return document
