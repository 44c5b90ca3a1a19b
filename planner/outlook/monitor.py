"""What the quarterly sheet measures: performance and contribution by class, and each series against its own past."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.wording import count

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from planner.market.universe import Series, Universe

MONTHS = 12
YEARS_LOOKED_BACK = (1, 3, 5)
SINCE_REVIEW, TOTAL = "since the last review", "total"

STATISTICS = ("volatility", "correlation", "ahead")
"""By which a series is held against its own past."""

FEWEST_WINDOWS = 60
"""Month-ends at which a year had been full before, for its range to be one. With fewer, two of three verdicts in the
built-in history were 'out of line', with more one of five, mostly in 2020 and 2022. Ours."""

IN_LINE_MONTHS = 12
"""A series is measured over its last year, and compared with every full year before. Ours."""


def known_by(returns: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """The months that are over on a day; none at all is an InputError."""
    known = returns.loc[returns.index <= pd.Timestamp(as_of)]
    if known.empty:
        raise InputError(f"The returns begin after {as_of}: no month was over by then.")
    return known


def class_tracks(returns: pd.DataFrame, universe: Universe) -> pd.DataFrame:
    """Monthly returns of the asset classes (T, classes), their series held by their shares, rebalanced monthly.

    Months before a series starts are those of the rest of its class, and NaN before any of the class has.
    A series that is missing is an InputError.
    """
    missing = next((name for name in universe.series_names if name not in returns.columns), None)
    if missing is not None:
        raise InputError(f"The returns lack the series '{missing}' of the universe: add it or leave it out.")
    tracks = {}
    for kind in universe.classes:
        block = returns[[member.name for member in kind.series]]
        shares = np.array([member.share for member in kind.series])
        weight = block.notna().to_numpy() @ shares
        tracks[kind.name] = block.fillna(0.0).to_numpy() @ shares / np.where(weight > 0, weight, np.nan)
    return pd.DataFrame(tracks, index=returns.index)


def performance_by_class(
    tracks: pd.DataFrame, weights: Mapping[str, float], last_review: dt.date | None = None
) -> pd.DataFrame:
    """What a mix earned since the last review and over one, three and five years, and what each class gave to it.

    ``tracks`` (T, classes) are monthly; ``weights`` by class are restored every month, before costs and taxes. Rows are
    (period, class) with a ``total``; columns ``weight``, ``months``, ``earned`` over it, ``growth`` a year
    (NaN under a year) and ``contribution``. That is the sum over months of weight, return and what one had grown to by
    then, so that contributions add up to what the mix earned. Periods to which the data do not reach are left out; the
    first holds the months that ended after the day of the review.
    """
    held = [name for name in tracks.columns if weights.get(name, 0.0) > 0]
    usable = tracks.dropna(subset=held)
    periods = {f"over {count(years, 'year')}": years * MONTHS for years in YEARS_LOOKED_BACK}
    spans = {name: usable.tail(months) for name, months in periods.items() if len(usable) >= months}
    if last_review is not None:
        since = usable.loc[usable.index > pd.Timestamp(last_review)]
        spans = {SINCE_REVIEW: since} | spans if len(since) else spans
    tables = {name: _period(span, weights) for name, span in spans.items()}
    columns = ["weight", "months", "earned", "growth", "contribution"]
    if not tables:
        nowhere = pd.MultiIndex.from_arrays([[], []], names=["period", "asset_class"])
        return pd.DataFrame(columns=columns, index=nowhere, dtype=float)
    return pd.concat(tables, names=["period", "asset_class"])


def _period(span: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    w = np.array([weights.get(name, 0.0) for name in span.columns])
    values = span.to_numpy(np.float64)
    by_class = np.where(w > 0, values * w, 0.0)
    monthly = by_class.sum(axis=1)
    before = np.concatenate([[1.0], np.cumprod(1 + monthly)[:-1]])
    earned = np.append(np.prod(1 + values, axis=0) - 1, np.prod(1 + monthly) - 1)
    months = len(span)
    return pd.DataFrame(
        {
            "weight": np.append(w, w.sum()),
            "months": months,
            "earned": earned,
            "growth": (1 + earned) ** (MONTHS / months) - 1 if months >= MONTHS else np.nan,
            "contribution": np.append(before @ by_class, before @ monthly),
        },
        index=[*span.columns, TOTAL],
    )


def in_line(returns: pd.DataFrame, universe: Universe, months: int = IN_LINE_MONTHS) -> pd.DataFrame:
    """Whether each series behaves as it used to, and as its kind does: its last year against all years before.

    By series: ``volatility`` (a year, of the last ``months`` months); ``correlation`` with the rest of its class, held
    by shares; and ``ahead``, by how much a dollar in it outgrew one in that rest over those months, as a part of the
    latter (both NaN where it is alone). Each has the ``lowest`` and ``highest`` value of the same statistic over
    windows that ended before those months began, NaN where there are few. ``in_line`` is whether what is defined lies
    inside, None where nothing is.
    """
    rows = {}
    for kind in universe.classes:
        for member in kind.series:
            own = returns[member.name].dropna()
            rest = [other for other in kind.series if other is not member]
            statistics = [own.rolling(months).std() * np.sqrt(MONTHS), *_beside_the_rest(own, returns, rest, months)]
            rows[member.name] = _against_the_past(statistics, months)
    columns = [f"{side}{name}" for name in STATISTICS for side in ("", "lowest_", "highest_")]
    return pd.DataFrame.from_dict(rows, orient="index", columns=[*columns, "in_line"]).rename_axis("series")


def _beside_the_rest(
    own: pd.Series[float], returns: pd.DataFrame, rest: list[Series], months: int
) -> list[pd.Series[float]]:
    """Rolling correlation with the rest of the class, and return beyond it."""
    if not rest:
        return [pd.Series(np.nan, index=own.index)] * 2
    shares = np.array([other.share for other in rest])
    others = returns[[other.name for other in rest]].reindex(own.index) @ (shares / shares.sum())
    ahead = np.expm1((np.log1p(own) - np.log1p(others)).rolling(months).sum())
    return [own.rolling(months).corr(others), ahead]


def _against_the_past(statistics: list[pd.Series[float]], months: int) -> list[object]:
    row: list[object] = []
    inside = []
    for statistic in statistics:
        past = statistic.iloc[:-months].dropna()
        now = float(statistic.iloc[-1]) if len(statistic) else np.nan
        enough = len(past) >= FEWEST_WINDOWS
        lowest, highest = (float(past.min()), float(past.max())) if enough else (np.nan, np.nan)
        if np.isfinite(now) and enough:
            inside.append(lowest <= now <= highest)
        row += [now, lowest, highest]
    return [*row, all(inside) if inside else None]
