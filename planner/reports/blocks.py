"""What a printed paper consists of, whatever it is printed as."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Plain text; ``muted`` for what only qualifies the rest."""

    text: str
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Bullets:
    """Sentences one below the other."""

    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as people read them, below one header; columns named in ``numbers`` stand to the right.

    ``caption`` says what the table shows, and in which units. The row ``total``, counted from 0, is set apart.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[str, ...] = ()
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Key figures: label, value and one sentence on what it means, each."""

    cells: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A Vega-Lite specification with its data, and ``alt``, what it shows in a sentence."""

    caption: str
    spec: Mapping[str, Any] = field(hash=False)
    alt: str


@dataclass(frozen=True, slots=True)
class OwnText:
    """A place for the adviser's own words, known by ``key``; ``text`` is empty until something is written."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign on, one for each person."""

    people: tuple[str, ...]


Block = Paragraph | Bullets | Table | Figures | Chart | OwnText | Signatures


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a paper under a heading of its own; ``key`` names it in links and tests."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who hands the paper over; ``logo`` is a PNG or SVG picture as bytes."""

    adviser: str = ""
    firm: str = ""
    contact: str = ""
    logo: bytes | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole paper: cover, sections, and what stands at the foot of each page.

    ``date`` as people read it, ``footer`` the fingerprint and version, ``disclaimer`` what it is not.
    """

    title: str
    subtitle: str
    client: str
    date: str
    sections: tuple[Section, ...]
    footer: str
    disclaimer: str
    letterhead: Letterhead = Letterhead()
