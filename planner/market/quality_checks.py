"""The checks of quality, series by series: on each series' own scale, so that a coin may move as coins do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.market.date_checks import check_dates
from planner.market.history import LARGEST_TYPICAL_MOVE
from planner.market.quality import Check, Content, QualityFinding, QualityReport
from planner.wording import percent

if TYPE_CHECKING:
    from planner.market.moments import FloatArray

# The normal's standard deviation over its median absolute deviation (Hampel 1974), and over its mean absolute
# deviation, which stands in where more than half of the values are the same (Iglewicz & Hoaglin 1993).
MAD_TO_SIGMA = 1.4826
MEAN_DEVIATION_TO_SIGMA = 1.2533

# On log returns. No monthly return of the nine built-in series lies beyond 5.4 (US equities, March 2020); of ten coins'
# two do, XRP and TRON in December 2017. Ours, measured.
JUMP_Z = 8.0

# A split left in multiplies one ordinary move: the growth then lies within this many robust deviations of the ratio.
# Looked for beyond SPLIT_Z only, and only in series that scatter little enough for the nearness to mean something: a
# coin that does sevenfold in a month is near some ratio always. Ours.
SPLIT_RATIOS = (1.5, 2.0, 3.0, 4.0, 5.0, 10.0, 20.0, 50.0, 100.0)
SPLIT_WIDTH = 2.5
SPLIT_Z = 5.5
LARGEST_SPLIT_SCATTER = 0.1

# A run of the same value is stale when chance would give one as long, in a series with so many such values otherwise,
# with less than this probability. Cash at 0 % for months is no stale price; a fund at 1.2345 % thrice is. Ours.
STALE_CHANCE = 0.01
SHORTEST_STALE_RUN = 3

# Fewer values have no scale of their own; ours.
LEAST_FOR_SCALE = 12


def check_quality(table: pd.DataFrame, content: Content = Content.RETURNS, name: str = "The data") -> QualityReport:
    """Check a table (rows by date, n series): monthly returns as fractions, or prices.

    Looks for gaps, duplicates, stale runs, jumps beyond a robust z-score of 8 on log returns, errors of sign and unit,
    split-like jumps, and odd dates; see the constants of this module. Nothing is raised but for a table without dates
    or numbers: call ``stop()`` on the report to have hard findings stop.
    """
    if not isinstance(table, pd.DataFrame) or not isinstance(table.index, pd.DatetimeIndex) or table.empty:
        raise InputError(f"{name}: a table with an index of dates and one column per series is needed.")
    try:
        values = table.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: it holds something that is not a number: {error}.") from error
    days = table.index.tz_localize(None).normalize()
    findings = [*check_dates(days, content), *_twins(table, values)]
    for place, series in enumerate(table.columns.map(str)):
        findings += _Series(series, days, values[:, place], content).findings()
    return QualityReport(name, content, len(table), tuple(table.columns.map(str)), tuple(findings))


def robust_z(values: FloatArray) -> FloatArray:
    """How many robust standard deviations each value lies from the median; NaN where the values do not vary."""
    scale = _scatter(values)
    z: FloatArray = (values - np.nanmedian(values)) / (scale if scale > 0 else np.nan)
    return z


def _scatter(values: FloatArray) -> float:
    """The robust standard deviation."""
    away = np.abs(values - np.nanmedian(values))
    return float(MAD_TO_SIGMA * np.nanmedian(away) or MEAN_DEVIATION_TO_SIGMA * np.nanmean(away))


def _twins(table: pd.DataFrame, values: FloatArray) -> list[QualityFinding]:
    """Series that are the same number for number, once each."""
    first: dict[bytes, str] = {}
    found = []
    for place, name in enumerate(table.columns.map(str)):
        column = values[:, place]
        twin = first.setdefault(column.tobytes(), name)
        if twin != name and np.isfinite(column).any():
            text = f"'{name}' is the same as '{twin}', number for number. Was one copied over the other?"
            found.append(QualityFinding(Check.DUPLICATE, False, text, name))
    return found


class _Series:
    """One series with its checks: ``values`` as given, ``growth`` as ratios of one value to the one before."""

    def __init__(self, name: str, days: pd.DatetimeIndex, values: FloatArray, content: Content) -> None:
        known = np.flatnonzero(np.isfinite(values))
        self.name, self.content = name, content
        self.pauses = known[1:][np.diff(known) > 1] if content is Content.RETURNS else known[:0]
        self.all_days, self.empty = days, not len(known)
        self.days, self.values = days[known], values[known]
        if content is Content.PRICES:
            with np.errstate(divide="ignore", invalid="ignore"):
                self.growth = self.values[1:] / self.values[:-1]
            self.moved = self.days[1:]
        else:
            self.growth, self.moved = 1 + self.values, self.days

    def findings(self) -> list[QualityFinding]:
        """What is wrong with the series; where something stops, only that."""
        hard = [*self._gaps(), *self._signs(), *self._units()]
        return hard or [*self._jumps(), *self._stale(), *self._losses_only()]

    def _found(self, check: Check, hard: bool, sentence: str, row: int | None = None) -> QualityFinding:
        day = None if row is None else self.moved[row]
        where = f"'{self.name}'" if day is None else f"'{self.name}' on {day:%Y-%m-%d}"
        value = None if row is None else float(self.growth[row] - 1)
        return QualityFinding(
            check, hard, f"{where}: {sentence}", self.name, None if day is None else day.date(), value
        )

    def _gaps(self) -> list[QualityFinding]:
        if self.empty:
            return [self._found(Check.GAP, True, "no values at all. Fill it in or leave it out.")]
        return [
            self._found(Check.GAP, True, f"values are missing before {self.all_days[row]:%Y-%m-%d}.")
            for row in self.pauses
        ]

    def _signs(self) -> list[QualityFinding]:
        if self.content is Content.PRICES:
            wrong = self.values <= 0
            fault = "a price must be positive"
        else:
            wrong = self.values < -1
            fault = "nothing loses more than all of it. Give fractions (0.07 for 7 %)"
        rows = np.flatnonzero(wrong)[:1].tolist()
        return [
            QualityFinding(
                Check.SIGN,
                True,
                f"'{self.name}' on {self.days[row]:%Y-%m-%d}: {self.values[row]:g}; {fault}.",
                self.name,
                self.days[row].date(),
                float(self.values[row]),
            )
            for row in rows
        ]

    def _units(self) -> list[QualityFinding]:
        if len(self.values) < LEAST_FOR_SCALE:
            return []
        if self.content is Content.PRICES:
            if np.median(np.abs(self.values)) < LARGEST_TYPICAL_MOVE and (self.values < 0).any():
                return [self._found(Check.UNIT, True, "it looks like returns, not prices.")]
            return []
        typical = float(np.median(np.abs(self.values)))
        if typical <= LARGEST_TYPICAL_MOVE:
            return []
        if 0.8 < float(np.median(self.values)) < 1.2 and self.values.min() > 0:
            guess = "growth factors: take 1 off (0.02 for 1.02)"
        elif self.values.min() > 0:
            guess = "prices: read them as prices"
        else:
            guess = "percent: divide by 100 (0.07 for 7 %)"
        return [self._found(Check.UNIT, True, f"a typical month is {typical:g}. It looks like {guess}.")]

    def _jumps(self) -> list[QualityFinding]:
        if len(self.growth) < LEAST_FOR_SCALE:
            return []
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(np.where(self.growth > 0, self.growth, np.nan))
        z, scatter = robust_z(logs), _scatter(logs)
        found = []
        for row in np.flatnonzero(np.abs(z) > SPLIT_Z).tolist():
            ratio = _split_ratio(float(logs[row]), scatter)
            move = percent(float(self.growth[row] - 1))
            if ratio:
                text = f"{move} is near {ratio}. Was a split or a change of units left in?"
                found.append(self._found(Check.SPLIT, False, text, row))
            elif abs(z[row]) > JUMP_Z:
                text = f"{move} is {abs(z[row]):.0f} times the series' usual scatter from its median. True, or a slip?"
                found.append(self._found(Check.JUMP, False, text, row))
        return found

    def _stale(self) -> list[QualityFinding]:
        """Runs of one value (of prices: without a move) that are too long for chance."""
        moves = self.growth
        if len(moves) < LEAST_FOR_SCALE:
            return []
        ends = np.flatnonzero(np.append(np.diff(moves) != 0, True))
        starts = np.append(0, ends[:-1] + 1)
        found = []
        for start, end in zip(starts, ends, strict=True):
            length = int(end - start + 1)
            if length < SHORTEST_STALE_RUN:
                continue
            elsewhere = max(int((moves == moves[start]).sum()) - length, 1)
            chance = len(moves) * (elsewhere / max(len(moves) - length, 1)) ** (length - 1)
            if chance < STALE_CHANCE or length == len(moves):
                text = f"{length} times {percent(float(moves[start] - 1), 4)} in a row up to here. Did the source stop?"
                found.append(self._found(Check.STALE, False, text, int(end)))
        return found

    def _losses_only(self) -> list[QualityFinding]:
        moves = self.growth - 1
        if len(moves) < LEAST_FOR_SCALE or moves.max() > 0 or not (moves < 0).any():
            return []
        return [self._found(Check.SIGN, False, "not one gain in all its time. Is the sign the wrong way round?")]


def _split_ratio(log_growth: float, scatter: float) -> str:
    """How the nearest usual split would be written; empty where none is near, or the series scatters too much."""
    if scatter > LARGEST_SPLIT_SCATTER:
        return ""
    ratio = min(SPLIT_RATIOS, key=lambda each: abs(abs(log_growth) - math.log(each)))
    if abs(abs(log_growth) - math.log(ratio)) > SPLIT_WIDTH * scatter:
        return ""
    if ratio == 1.5:
        return "a split 3:2" if log_growth < 0 else "a reverse split 2:3"
    return f"a split {ratio:g}:1" if log_growth < 0 else f"a reverse split 1:{ratio:g}"
