"""A paper with every kind of block, and texts that try to be more than text."""

from __future__ import annotations

import struct
import zlib

import pytest

from planner.reports.blocks import (
    Bullets,
    Chart,
    Figures,
    Letterhead,
    OwnText,
    Paper,
    Paragraph,
    Section,
    Signatures,
    Table,
)

HOSTILE = '<script>alert(1)</script> #panic() $x^2$ *bold* `raw` @ref \\ & "quoted" {{ 7*7 }}'
SPEC = {
    "data": {"values": [{"name": HOSTILE, "share": 0.5}, {"name": "Bonds", "share": 0.25}]},
    "mark": "bar",
    "encoding": {
        "x": {"field": "share", "type": "quantitative"},
        "y": {"field": "name", "type": "nominal", "axis": {"labelLimit": 2000}},
    },
}


def png(width: int = 2, height: int = 2) -> bytes:
    """A grey picture."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    rows = b"".join(b"\x00" + b"\x80" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture(scope="session")
def paper() -> Paper:
    rows = tuple((f"Row {number}", f"{number:,}", "words " * 12) for number in range(1, 81))
    blocks = (
        Paragraph(HOSTILE),
        Paragraph("Only by the way.", muted=True),
        Bullets((HOSTILE, "Second.")),
        Figures((("Return", "6.1 %", "A year."), ("Risk", "10.9 %", HOSTILE))),
        Chart("Shares of two classes.", SPEC, "One half, one quarter."),
        OwnText("purpose", "As agreed.\nIn May.\n\nAnd again."),
        OwnText("empty", ""),
    )
    return Paper(
        title="A paper",
        subtitle=HOSTILE,
        client="Ann & Ben",
        date="30 September 2025",
        sections=(
            Section("first", "First section", blocks),
            Section("rows", "Long table", (Table("Eighty rows.", ("Name", "Count", "Said"), rows, ("Count",), 79),)),
            Section("sign", "Signatures", (Signatures(("Ann", "Ben")),)),
        ),
        footer="Fingerprint 0123.",
        disclaimer="Education, not advice.",
        letterhead=Letterhead("Dana Doe", "Doe & Partners", "dana@example.org", png()),
    )
