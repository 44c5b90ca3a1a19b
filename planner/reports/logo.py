"""The adviser's logo: a PNG or SVG picture, looked at before it is printed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from planner.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 1_000_000
"""Ours: a logo on a cover needs no more."""
MOST_PIXELS = 4_000
"""A side; ours: sharp at any printed size."""

PNG = b"\x89PNG\r\n\x1a\n"
SVG = "{http://www.w3.org/2000/svg}svg"
FORBIDDEN = re.compile(
    rb"<!DOCTYPE|<!ENTITY|<script|<foreignObject|\bon\w+\s*=|(?:href|src)\s*=\s*[\"'](?!#|data:image/)", re.I
)
"""In an SVG: what runs, or fetches something from elsewhere."""


def picture_kind(content: bytes) -> str:
    """'png' or 'svg', by the content."""
    return "png" if content.startswith(PNG) else "svg"


def read_logo(file: Path) -> bytes:
    """A logo from a file; one that cannot be read, or that ``checked_logo`` refuses, is an InputError."""
    try:
        if file.stat().st_size > MOST_BYTES:
            raise InputError(f"{file} has more than {MOST_BYTES:,} bytes: make the picture smaller.")
        return checked_logo(file.read_bytes())
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from None


def checked_logo(content: bytes) -> bytes:
    """The picture as it is; one that is too large, broken, or holds scripts or links is an InputError."""
    if len(content) > MOST_BYTES:
        raise InputError(f"The picture has {len(content):,} bytes; a logo may have {MOST_BYTES:,}: make it smaller.")
    if picture_kind(content) == "png":
        width, height = (int.from_bytes(content[start : start + 4], "big") for start in (16, 20))
        if not (content[12:16] == b"IHDR" and 0 < width <= MOST_PIXELS and 0 < height <= MOST_PIXELS):
            raise InputError(f"The PNG picture is broken, or a side has more than {MOST_PIXELS:,} pixels.")
        return content
    found = FORBIDDEN.search(content)
    if found:
        what = found[0].decode("ascii", "replace").strip()
        raise InputError(f"The SVG picture holds '{what}': save it as plain SVG, without scripts, links or entities.")
    try:
        root = ET.fromstring(content)  # noqa: S314 - without a DOCTYPE there are no entities to expand
    except ET.ParseError:
        raise InputError("The file is neither a PNG nor an SVG picture: choose one of these.") from None
    if root.tag != SVG:
        raise InputError("The file is no SVG picture: its first element is not <svg>.")
    return content
