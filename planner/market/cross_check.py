"""One series from two sources, held against each other."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.wording import count, percent

if TYPE_CHECKING:
    from planner.market.moments import FloatArray

# Two vendors' monthly total returns of one fund differ by a few hundredths of a percent (rounding, the hour of the
# close, the day a dividend counts); ours.
DEFAULT_TOLERANCE = 0.0005

# A systematic offset: so many of the differences have one sign, and their median is beyond a tenth of the tolerance.
OFFSET_SHARE = 0.9
OFFSET_OF_TOLERANCE = 0.1

# A shift or a wrong sign is told by correlation: at least this, and this much above the correlation as it stands.
TELLING_CORRELATION = 0.95
TELLING_MARGIN = 0.3

PERCENT_RATIOS = (80.0, 125.0)  # how many times larger the typical value is where one source has percent; ours
LEAST_COMMON = 12
DATES_SHOWN = 3


@dataclass(frozen=True)
class CrossCheck:
    """Where two sources of one series agree and where not.

    ``table`` has a row for each date beyond the tolerance: both values and the difference, first less second.
    ``offset`` is the median difference where it is systematic; ``shift`` is by how many rows the second lies late
    (+1) or early (-1); ``sign_flipped`` and ``percent`` name what they say.
    """

    name: str
    sources: tuple[str, str]
    tolerance: float
    common: int
    only_first: tuple[pd.Timestamp, ...]
    only_second: tuple[pd.Timestamp, ...]
    table: pd.DataFrame
    offset: float | None
    shift: int
    sign_flipped: bool
    percent: str | None

    @property
    def ok(self) -> bool:
        """Whether the two agree on all dates within the tolerance, without a systematic offset."""
        return not (self.only_first or self.only_second or len(self.table)) and self.offset is None

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was found, in words."""
        first, second = self.sources
        if self.ok:
            within = percent(self.tolerance, 4)
            return (f"{self.name}: {first} and {second} agree on all {count(self.common, 'date')} within {within}.",)
        said = [
            f"{self.name}: {count(len(dates), 'date')} only in {source}: {_listed(dates)}."
            for source, dates in ((first, self.only_first), (second, self.only_second))
            if dates
        ]
        said += self._explanations(first, second)
        if len(self.table):
            differences = self.table["difference"].abs()
            worst = differences.idxmax()
            said.append(
                f"{self.name}: {len(self.table)} of {count(self.common, 'date')} differ by more than "
                f"{percent(self.tolerance, 4)}, most on {worst:%Y-%m-%d} ({percent(float(differences.max()), 4)})."
            )
        return tuple(said)

    def _explanations(self, first: str, second: str) -> list[str]:
        said = []
        if self.percent:
            said.append(f"{self.name}: {self.percent} looks like percent. Divide it by 100.")
        if self.sign_flipped:
            said.append(f"{self.name}: {second} looks like {first} with the sign the wrong way round.")
        if self.shift:
            way = "late" if self.shift > 0 else "early"
            said.append(f"{self.name}: {second} looks like {first} one row {way}. Compare how months are dated.")
        if self.offset is not None:
            way = "above" if self.offset > 0 else "below"
            size = percent(abs(self.offset), 4)
            said.append(f"{self.name}: {first} lies {way} {second} throughout, by {size}. Dividends or fees left out?")
        return said

    def _repr_html_(self) -> str:
        said = "".join(f"<li>{escape(text)}</li>" for text in self.sentences)
        rows = "".join(
            f"<tr><th>{day:%Y-%m-%d}</th>" + "".join(f"<td>{value:.4%}</td>" for value in row) + "</tr>"
            for day, row in zip(self.table.index, self.table.to_numpy(), strict=True)
        )
        heads = "".join(f"<th>{escape(text)}</th>" for text in ("date", *self.sources, "difference"))
        return f"<ul>{said}</ul>" + (
            f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>" * bool(rows)
        )


def cross_check(
    first: pd.Series,
    second: pd.Series,
    tolerance: float = DEFAULT_TOLERANCE,
    sources: tuple[str, str] = ("the first source", "the second source"),
) -> CrossCheck:
    """Hold two series of returns (fractions, by date) of the same thing against each other.

    ``tolerance`` is the largest difference that is nothing, as a fraction. Missing values count as dates that a source
    does not have. Raises InputError for what is not a series by dates, dates given twice, and two series without a
    common date.
    """
    if not tolerance > 0:
        raise InputError(f"The tolerance is {tolerance}: it must be more than 0, as a fraction (0.0005 for 0.05 %).")
    one, other = (_dated(series, source) for series, source in zip((first, second), sources, strict=True))
    common = one.index.intersection(other.index).sort_values()
    if not len(common):
        raise InputError(f"{sources[0]} and {sources[1]} have no date in common: are both dated by the month's end?")
    a, b = one[common].to_numpy(), other[common].to_numpy()
    difference = a - b
    beyond = np.abs(difference) > tolerance
    table = pd.DataFrame({"first": a, "second": b, "difference": difference}, common)[beyond]
    unit = _percent(a, b, sources)
    flipped = _correlation(a, -b) > TELLING_CORRELATION
    shift = 0 if flipped else _shift(a, b)
    explained = unit is not None or flipped or shift != 0
    return CrossCheck(
        name=str(first.name or second.name or "The series"),
        sources=sources,
        tolerance=tolerance,
        common=len(common),
        only_first=tuple(one.index.difference(other.index)),
        only_second=tuple(other.index.difference(one.index)),
        table=table,
        offset=None if explained else _offset(difference, tolerance),
        shift=shift,
        sign_flipped=flipped,
        percent=unit,
    )


def _dated(series: pd.Series, source: str) -> pd.Series:
    if not isinstance(series, pd.Series) or not isinstance(series.index, pd.DatetimeIndex):
        raise InputError(f"{source}: a pandas Series with an index of dates is needed.")
    known = series.dropna().astype(float)
    known.index = pd.DatetimeIndex(known.index).tz_localize(None).normalize()
    if not known.index.is_unique:
        day = known.index[known.index.duplicated()][0]
        raise InputError(f"{source}: {day:%Y-%m-%d} stands there twice. Keep one of the two.")
    return known


def _offset(difference: FloatArray, tolerance: float) -> float | None:
    middle = float(np.median(difference))
    same_way = np.mean(np.sign(difference) == np.sign(middle))
    telling = len(difference) >= LEAST_COMMON and same_way >= OFFSET_SHARE
    return middle if telling and abs(middle) > OFFSET_OF_TOLERANCE * tolerance else None


def _shift(a: FloatArray, b: FloatArray) -> int:
    as_is = _correlation(a, b)
    late, early = _correlation(a[:-1], b[1:]), _correlation(a[1:], b[:-1])
    best = max(late, early)
    if best < TELLING_CORRELATION or best < as_is + TELLING_MARGIN:
        return 0
    return 1 if late >= early else -1


def _percent(a: FloatArray, b: FloatArray, sources: tuple[str, str]) -> str | None:
    one, other = (float(np.median(np.abs(values))) for values in (a, b))
    lowest, highest = PERCENT_RATIOS
    if other > 0 and lowest < one / other < highest:
        return sources[0]
    return sources[1] if one > 0 and lowest < other / one < highest else None


def _correlation(a: FloatArray, b: FloatArray) -> float:
    if len(a) < LEAST_COMMON or not a.std() or not b.std():
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def _listed(dates: tuple[pd.Timestamp, ...]) -> str:
    shown = ", ".join(f"{day:%Y-%m-%d}" for day in dates[:DATES_SHOWN])
    return shown if len(dates) <= DATES_SHOWN else f"{shown} and {len(dates) - DATES_SHOWN} more"
