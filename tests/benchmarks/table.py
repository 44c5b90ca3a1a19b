"""Tables in Markdown, so that what is printed can stand in docs/benchmarks.md as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, figures: bool = True) -> str:
    """A Markdown table: the first column to the left, the others, where they are figures, to the right."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    dashes = ["-" * widths[0], *("-" * (width - 1) + (":" if figures else "-") for width in widths[1:])]
    return "\n".join(_line(row, widths, figures=figures) for row in (header, dashes, *rows))


def _line(cells: Sequence[str], widths: Sequence[int], *, figures: bool) -> str:
    first, *others = zip(cells, widths, strict=True)
    rest = (cell.rjust(width) if figures else cell.ljust(width) for cell, width in others)
    return "| " + " | ".join([first[0].ljust(first[1]), *rest]) + " |"


def milliseconds(seconds: float) -> str:
    """Milliseconds with three significant digits."""
    return f"{1000 * seconds:,.0f}" if seconds >= 0.1 else f"{1000 * seconds:#.3g}".rstrip(".")


def times(ratio: float) -> str:
    """A ratio with two significant digits, or all before the point."""
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:#.2g}".rstrip(".")
