"""Grades kept between two looks, so that a move of one can be told."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from planner.market.grades import LARGEST_GRADE, Grades
from planner.sources.cache import cache_folder
from planner.sources.prices import SourceError, asked, utc_now
from planner.sources.token_metrics import PREFIX, TokenMetrics
from planner.sources.whole_file import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from planner.sources.prices import Progress

Look = tuple[dt.date, float]
"""A day and the grade that was given on it, NaN for none."""


@dataclass(frozen=True, slots=True)
class GradeBook:
    """The grades of tokens and indices at the last look and the one before, each by name, in one small file.

    The file lies in ``folder`` (default: beside the kept prices), readable by its owner alone, and is replaced whole.
    Looks on one day (UTC) count as one. Two programs that look at the same moment keep what the later one saw.
    """

    source: TokenMetrics = field(default_factory=TokenMetrics)
    folder: Path | None = None

    def look(self, names: Sequence[str], progress: Progress | None = None) -> Grades:
        """Fetch today's grades and keep them; what comes back holds them beside those of the look before.

        Tokens are named by symbol ('BTC', in capitals or not), indices as in the source ('index-1'). Raises SourceError
        when the service fails or gives no grade of a token, or when the kept file is damaged; nothing is kept then.
        """
        wanted = _asked([_plain(name) for name in _asked(names)])
        kept, today = self._read(), utc_now().date()
        now = self._fetched(wanted, progress)
        for name, grade in now.items():
            earlier = [look for look in kept.get(name, []) if look[0] != today]
            kept[name] = [*earlier[-1:], (today, grade)]
        self._write(kept)
        past = {name: kept[name][0] for name in wanted if len(kept[name]) > 1}
        return Grades(
            {name: grade for name, (_, grade) in past.items()}, now, {name: day for name, (day, _) in past.items()}
        )

    def _fetched(self, names: Sequence[str], progress: Progress | None) -> dict[str, float]:
        found: dict[Any, float] = {}
        tokens = [name for name in names if not name.startswith(PREFIX)]
        if tokens:
            found |= self.source.grades(tokens, progress).to_dict()
        if len(tokens) < len(names):
            found |= self.source.indices(progress)["index_grade"].to_dict()
        missing = next((name for name in names if name not in found), None)
        if missing is not None:
            raise SourceError(f"{self.source.origin} has no index '{missing}'. indices() lists them.")
        return {name: _checked(found[name], name) for name in names}

    @property
    def file(self) -> Path:
        """Where the grades of this source are kept."""
        digest = hashlib.sha256(self.source.origin.encode()).hexdigest()[:16]
        return (self.folder or cache_folder().with_name("grades")) / f"{digest}.json"

    def _read(self) -> dict[str, list[Look]]:
        try:
            kept = json.loads(self.file.read_bytes())["grades"]
            return {str(name): [_look(each, name) for each in looks] for name, looks in kept.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, SourceError) as error:
            raise SourceError(
                f"The kept grades cannot be read ({type(error).__name__}). Remove {self.file} to begin anew."
            ) from None

    def _write(self, kept: dict[str, list[Look]]) -> None:
        grades = {
            name: [{"day": day.isoformat(), "grade": None if math.isnan(grade) else grade} for day, grade in looks]
            for name, looks in sorted(kept.items())
        }
        content = json.dumps({"origin": self.source.origin, "grades": grades}, indent=1, allow_nan=False).encode()
        try:
            write_whole(self.file, lambda stream: stream.write(content))
        except OSError as error:
            raise SourceError(
                f"The grades cannot be kept in {self.file.parent} ({error.strerror}). Make room there."
            ) from None


def _asked(names: Sequence[str]) -> tuple[str, ...]:
    return asked(names, dt.date.min, dt.date.max)


def _plain(name: str) -> str:
    """A symbol in capitals, an index in small letters."""
    small = name.strip().lower()
    return small if small.startswith(PREFIX) else small.upper()


def _look(kept: Any, name: str) -> Look:
    grade = math.nan if kept["grade"] is None else float(kept["grade"])
    return dt.date.fromisoformat(kept["day"]), _checked(grade, name)


def _checked(grade: float, name: str) -> float:
    if not (math.isnan(grade) or 0 <= grade <= LARGEST_GRADE):
        raise SourceError(f"The grade of '{name}' is {grade:g}, not between 0 and 100. It is not kept.")
    return grade
