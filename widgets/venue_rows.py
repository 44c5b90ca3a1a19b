"""Ratings of venues as rows of a table of inputs and as CSV, and back."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from planner.errors import InputError
from planner.trading.venue_scores import BEST_RATING, CRITERIA, CriteriaWeights, Ratings
from widgets.csv_files import lines_of
from widgets.table_editor import CellError, Column, ColumnKind, Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

VENUE = "venue"
LABELS = {name: str(CriteriaWeights.model_fields[name].title) for name in CRITERIA}
"""What each criterion is called on the page."""
COLUMNS = (
    Column(VENUE, "Venue", ColumnKind.FIXED),
    *(Column(name, LABELS[name], ColumnKind.NUMBER) for name in CRITERIA),
)
SCALE = f"a rating is a number from 0 (worst) to {BEST_RATING:g}, or nothing."


def rows_of(ratings: Ratings, venues: Iterable[str]) -> Rows:
    """A row a venue, in this order; empty cells where there is no rating."""
    return [[name, *_cells(ratings, name)] for name in venues]


def ratings_of(rows: Sequence[Sequence[str]], before: Ratings) -> Ratings | tuple[CellError, ...]:
    """The ratings of the rows, with those ``before`` of venues that have no row; or what is wrong, cell by cell."""
    by_venue = {name: dict(rated) for name, rated in before.by_venue.items() if name not in {row[0] for row in rows}}
    errors = []
    for place, (name, *cells) in enumerate(rows):
        rated = {}
        for criterion, cell in zip(CRITERIA, cells, strict=True):
            try:
                number = _number(cell)
            except InputError as error:
                errors.append(CellError(f"{name}, {LABELS[criterion].lower()}: {error}", place, criterion))
            else:
                if number is not None:
                    rated[criterion] = number
        if rated:
            by_venue[name] = rated
    return tuple(errors) if errors else Ratings(by_venue=by_venue)


def to_csv(ratings: Ratings, venues: Iterable[str]) -> str:
    """The ratings as a file to keep, a line a venue, those without ratings included."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((VENUE, *CRITERIA))
    writer.writerows(rows_of(ratings, venues))
    return text.getvalue()


def from_csv(name: str, content: bytes) -> Ratings:
    """Ratings from such a file; what cannot be read is an InputError that says where."""
    by_venue: dict[str, dict[str, float]] = {}
    for venue, (where, cells) in lines_of(name, content, VENUE, CRITERIA).items():
        try:
            rated = {criterion: _number(cell) for criterion, cell in cells.items()}
        except InputError as error:
            raise InputError(f"{where}: {error}") from None
        known = {criterion: number for criterion, number in rated.items() if number is not None}
        if known:
            by_venue[venue] = known
    return Ratings(by_venue=by_venue)


def _cells(ratings: Ratings, name: str) -> list[str]:
    rated = ratings.by_venue.get(name, {})
    return [f"{rated[criterion]:.15g}" if criterion in rated else "" for criterion in CRITERIA]


def _number(cell: str) -> float | None:
    """A rating as it is typed, None where the cell is empty."""
    if not cell.strip():
        return None
    try:
        number = float(cell)
    except ValueError:
        number = -1.0
    if not 0 <= number <= BEST_RATING:
        raise InputError(f"'{cell.strip()[:40]}' cannot be read: {SCALE}")
    return number
