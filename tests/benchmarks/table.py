"""Tables in Markdown, so that what is printed can stand in docs/benchmarks.md as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table: the first column to the left, figures to the right."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    dashes = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_line(row, widths) for row in (header, dashes, *rows))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return "| " + " | ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]) + " |"


def milliseconds(seconds: float) -> str:
    """Milliseconds with three significant digits."""
    return f"{1000 * seconds:#.3g}".rstrip(".")


def times(ratio: float) -> str:
    """A ratio with two or three significant digits."""
    return f"{ratio:.0f}" if ratio >= 100 else f"{ratio:#.2g}".rstrip(".")
