"""Token Metrics' REST API, version 3: indices, what they hold, how they did, and grades. See docs/sources.md."""

from __future__ import annotations

import datetime as dt
import math
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from planner.errors import InputError
from planner.sources.prices import Prices, SourceError, asked, check_reaches, last_close, side_by_side, utc_now
from planner.sources.web import Patience, Visit, checked_host

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.sources.prices import Progress

KEY_VARIABLE = "TOKEN_METRICS_API_KEY"
PREFIX = "index-"
"""A series of the planner has a name, not a bare number."""
PAGE_ROWS = 50
"""The service's own default; it allows 100."""
MOST_PAGES = 400
LATE_DAYS = 3
"""How long an index's newest day may be missing. Ours."""
WHOLE = 0.02
"""By how much the weights of an index may miss 100 %, from rounding. Ours."""
LEVEL = "index level, 1 at the index's start (1 + cumulative return, before costs)"


@dataclass(frozen=True, slots=True)
class TokenMetrics:
    """The service as a source: its symbols are its indices by number, 'index-1'; ``indices`` lists them.

    The key is read from the environment variable TOKEN_METRICS_API_KEY at each fetch and kept nowhere. Every method
    raises SourceError when any part fails, and Unreachable when the service does not answer within ``patience``.
    """

    base: str = "https://api.tokenmetrics.com/v3"
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        checked_host(self.base)

    @property
    def origin(self) -> str:
        """The service's name; another address than the usual is said."""
        usual = self.base == TokenMetrics.__dataclass_fields__["base"].default
        return "Token Metrics API v3" if usual else f"Token Metrics API at {self.base}"

    def indices(self, progress: Progress | None = None) -> pd.DataFrame:
        """All indices: by ``symbol`` ('index-1') their ``name``, ``ticker`` and ``index_grade`` (NaN: ungraded)."""
        with self._visit() as visit:
            rows = self._pages(visit, "/indices", {}, progress)
        table = [
            (
                f"{PREFIX}{_text(row, 'id')}",
                _text(row, "name"),
                _text(row, "ticker"),
                _number(row, "index_grade", may_lack=True),
            )
            for row in rows
        ]
        frame = pd.DataFrame(table, columns=["symbol", "name", "ticker", "index_grade"]).set_index("symbol")
        _once_each(frame.index, "/indices")
        return frame

    def holdings(self, index: str, progress: Progress | None = None) -> pd.Series[float]:
        """Today's weights of an index by token symbol, as fractions with sum 1."""
        with self._visit() as visit:
            rows = self._rows(visit, "/indices-holdings", {"id": _id(index)}, progress)
        if not rows:
            raise SourceError(f"Token Metrics holds nothing in index '{index}'. Look it up with indices().")
        weights = pd.Series(
            [_number(row, "weight") for row in rows], [_text(row, "token_symbol") for row in rows], name="weight"
        )
        _once_each(weights.index, "/indices-holdings")
        total = float(weights.sum())
        whole = next((whole for whole in (1.0, 100.0) if abs(total / whole - 1) <= WHOLE), None)
        if whole is None or (weights < 0).any():
            raise SourceError(f"Token Metrics: the weights of index '{index}' add up to {total:g}, not to 1 or 100 %.")
        return weights / total

    def grades(self, symbols: Sequence[str], progress: Progress | None = None) -> pd.Series[float]:
        """The TM Grade of tokens, 0 to 100, by symbol as given."""
        wanted = asked(symbols, dt.date.min, dt.date.max)
        with self._visit() as visit:
            return pd.Series({name: self._grade(visit, name, progress) for name in wanted}, name="tm_grade")

    def prices(self, symbols: Sequence[str], start: dt.date, end: dt.date, progress: Progress | None = None) -> Prices:
        """Daily levels of indices, 1 plus their cumulative return; every day from an index's first is there."""
        wanted, last = asked(symbols, start, end), last_close(end)
        if start > last:
            raise InputError(f"The prices are asked from {start}: the last day that is over is {last}.")
        for name in wanted:
            _id(name)
        with self._visit() as visit:
            closes = {name: self._levels(visit, name, start, last, progress) for name in wanted}
        return Prices(side_by_side(closes), dict.fromkeys(wanted, LEVEL), self.origin, utc_now())

    def _visit(self) -> Visit:
        key = os.environ.get(KEY_VARIABLE, "").strip()
        if not key:
            raise InputError(f"No key for Token Metrics: set the environment variable {KEY_VARIABLE}.")
        if not (key.isascii() and key.isprintable()):
            raise InputError(f"The key in {KEY_VARIABLE} has letters that no key has: copy it again.")
        return Visit(self.base, {"x-api-key": key, "accept": "application/json"}, key, self.patience)

    def _grade(self, visit: Visit, symbol: str, progress: Progress | None) -> float:
        rows = self._pages(visit, "/tm-grade", {"symbol": symbol}, progress)
        found = [row for row in rows if _text(row, "token_symbol").upper() == symbol.upper()]
        if not found:
            raise SourceError(f"Token Metrics grades no token '{symbol}'. Check the symbol.")
        if len({_text(row, "token_id") for row in found}) > 1:
            raise SourceError(
                f"Token Metrics knows {len(found)} tokens called '{symbol}': which one is held is unclear."
            )
        grade = _number(found[0], "tm_grade")
        if not 0 <= grade <= 100:
            raise SourceError(f"Token Metrics: the grade of '{symbol}' is {grade:g}, not between 0 and 100.")
        return grade

    def _levels(
        self, visit: Visit, index: str, start: dt.date, end: dt.date, progress: Progress | None
    ) -> pd.Series[float]:
        params = {"id": _id(index), "startDate": start.isoformat(), "endDate": end.isoformat()}
        levels: dict[dt.date, float] = {}
        for row in self._pages(visit, "/indices-performance", params, progress):
            day, level = _day(row), 1 + _number(row, "index_cumulative_roi")
            if levels.setdefault(day, level) != level:
                raise SourceError(f"Token Metrics: index '{index}' has two values for {day}. Fetch again later.")
        series = pd.Series(
            {pd.Timestamp(day): levels[day] for day in sorted(levels) if start <= day <= end}, dtype=float
        )
        if series.empty:
            raise SourceError(f"Token Metrics has no performance of index '{index}' from {start} to {end}.")
        missing = pd.date_range(series.index[0], series.index[-1]).difference(pd.DatetimeIndex(series.index))
        if len(missing):
            raise SourceError(
                f"Token Metrics: index '{index}' lacks {len(missing)} days, the first {missing[0]:%Y-%m-%d}."
            )
        check_reaches(series, index, end, "Token Metrics", LATE_DAYS)
        return series

    def _pages(
        self, visit: Visit, path: str, params: dict[str, str], progress: Progress | None
    ) -> list[dict[str, Any]]:
        """Rows of all pages, until one is empty: a short page may only mean that the plan allows fewer rows a page."""
        rows: list[dict[str, Any]] = []
        before: list[dict[str, Any]] = []
        for page in range(1, MOST_PAGES + 1):
            asking = {**params, "limit": str(PAGE_ROWS), "page": str(page)}
            found = self._rows(visit, path, asking, progress, may_end=0 < len(before) < PAGE_ROWS)
            if not found:
                return rows
            if found == before:
                raise SourceError(
                    f"Token Metrics sent page {page - 1} of {path} again as page {page}: rows may be missing."
                )
            rows, before = rows + found, found
        raise SourceError(f"Token Metrics: {path} has more than {MOST_PAGES} pages. Ask for fewer days.")

    def _rows(
        self, visit: Visit, path: str, params: dict[str, str], progress: Progress | None, may_end: bool = False
    ) -> list[dict[str, Any]]:
        answer = visit.json(path, params, progress)
        if answer is None:
            if may_end:
                return []
            raise SourceError(f"Token Metrics does not know {path} with {_shown(params)} (404). Check the numbers.")
        if answer.get("success") is not True:
            said = answer.get("message")
            words = visit.cleaned(said) if isinstance(said, str) else "no reason given"
            raise SourceError(f"Token Metrics could not answer {path} with {_shown(params)}: {words}.")
        data = answer.get("data")
        if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
            raise SourceError(f"Token Metrics: 'data' of {path} is not a list of rows: its format has changed.")
        return [{str(name).lower(): value for name, value in row.items()} for row in data]


def _id(index: str) -> str:
    number = index.removeprefix(PREFIX)
    if number == index or not (number.isascii() and number.isdecimal()):
        raise InputError(f"Token Metrics' indices are named as '{PREFIX}1': '{index}' is none. indices() lists them.")
    return number


def _shown(params: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in params.items()) or "no filter"


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise SourceError(f"Token Metrics: '{name}' of a row is missing or no text: its format has changed.")
    return str(value)


def _number(row: dict[str, Any], name: str, may_lack: bool = False) -> float:
    value = row.get(name)
    if value is None and may_lack:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise SourceError(f"Token Metrics: '{name}' of a row is missing or no number: its format has changed.")
    return float(value)


def _day(row: dict[str, Any]) -> dt.date:
    try:
        return dt.date.fromisoformat(_text(row, "date")[:10])
    except ValueError:
        raise SourceError("Token Metrics: 'date' of a row is no ISO date: its format has changed.") from None


def _once_each(names: pd.Index[Any], path: str) -> None:
    if not names.is_unique:
        raise SourceError(f"Token Metrics: '{names[names.duplicated()][0]}' stands twice in {path}. Fetch again later.")
