"""Monthly returns: the built-in history, and a user's own, checked before anything is computed from them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.market.installed_data import built_in_bytes
from planner.market.reading import Table, from_csv, from_frame, read_table

if TYPE_CHECKING:
    from os import PathLike

# A month's last close lies within this many days of the month's end, also when exchanges close for a holiday week
# (the Chinese New Year of 2020 closed Shanghai for ten days).
DAYS_AROUND_MONTH_END = 11

# The same for prices that are quoted daily or weekly: more days without a quote look like lost rows.
DAYS_BETWEEN_PRICES = 11

# What returns in percent look like. Measured on every window of the built-in history and of ten coins from 2017-12:
# no series of twelve returns or more has a median move above 50 %, nor a median return above 5 % without one loss;
# of shorter ones only coins do, and their median move exceeds 100 % in 7 of 1,079 windows of three months and in none
# of six or more. In percent, all windows of twelve months of equities, real estate, commodities and gold are
# recognised, 93 % of bonds and 45 % of cash. Under three returns nothing can be told.
LARGEST_TYPICAL_MOVE = 0.5
LARGEST_TYPICAL_MOVE_OF_FEW = 1.0
LARGEST_TYPICAL_RETURN_WITHOUT_LOSS = 0.05
FEW_RETURNS = 12
TOO_FEW_RETURNS = 3


def history() -> pd.DataFrame:
    """The built-in history: simple monthly total returns of nine series as fractions, October 2014 to September 2025.

    Shape (132, 9), indexed by ``month_end``, ether NaN before December 2017. A new copy each time. Source and hash
    stand in ``planner/market/data/manifest.json``.
    """
    return _built_in().copy()


def read_returns(path: str | PathLike[str]) -> pd.DataFrame:
    """A user's simple monthly returns as fractions from a CSV or Parquet file.

    The first column of a CSV is named ``month_end`` or ``date`` (or ``month``, ``day``, ``time``, ``timestamp``,
    ``datetime``) and holds ISO dates at the end of each month (2014-10-31, its last trading day, or 2014-10); the
    others are series. Parquet has such a column or an index of dates. Files are UTF-8, comma-separated, with a
    decimal point; empty lines are skipped. Series may start late (empty cells before) but not pause or end early.
    Returned with calendar month-ends as index ``month_end``, shape (T, n).

    Raises InputError naming the file, column and row for anything else. Percent is recognised by its size: a
    median move above 50 % a month (100 % with fewer than twelve returns), or a median above 5 % without any loss in
    a year or more. Calm series in percent, such as cash at 0.2 % a month, can pass when they stand alone. What is
    odd but may be true is a DataQualityWarning: see ``planner.market.quality_checks``.
    """
    table = read_table(path)
    returns = _checked_returns(table)
    _look_at(table)
    return returns


def read_prices(path: str | PathLike[str]) -> pd.DataFrame:
    """A user's daily, weekly or monthly prices from a CSV or Parquet file, as they stand there.

    The file is laid out as for ``read_returns``. With at most one row a month the prices are taken as monthly: each
    lies near the month's end and no month is missing. Otherwise empty cells may stand for days on which a series
    does not trade, up to eleven in a row. Prices should include dividends (adjusted closes). Shape (T, n), indexed
    by ``date``. ``returns_from_prices`` makes returns of them.

    Raises InputError naming the file, column and row for anything else, prices of zero or less among them. What is
    odd but may be true, a split left in among them, is a DataQualityWarning.
    """
    table = read_table(path)
    _check_prices(table)
    _look_at(table, are_prices=True)
    return table.frame("date")


def returns_from_prices(prices: pd.DataFrame) -> pd.DataFrame:
    """Simple monthly returns of prices: the last close of each month over the last of the month before, less one.

    A series' first month gives no return, nor does a last month whose prices stop before its end. Shape (months, n),
    indexed by ``month_end``. Raises InputError when the prices break the rules of ``read_prices`` or do not reach
    over two months.
    """
    table = from_frame(prices, "The prices")
    _check_prices(table)
    frame = table.frame("date")
    month_ends = _month_ends(table.dates)
    closes = frame.groupby(month_ends).last()
    if (month_ends[-1] - table.dates[-1]).days > DAYS_AROUND_MONTH_END:
        closes = closes.iloc[:-1]
    returns = (closes / closes.shift(1) - 1).iloc[1:].dropna(how="all").rename_axis("month_end")
    if returns.empty:
        raise InputError("The prices do not reach over two month-ends: a monthly return needs both. Add rows.")
    return _checked_returns(from_frame(returns, "The returns of these prices"))


def checked_returns(returns: pd.DataFrame) -> pd.DataFrame:
    """A copy of monthly returns as ``read_returns`` would give them; InputError where they break its rules."""
    return _checked_returns(from_frame(returns, "The returns"))


@cache
def _built_in() -> pd.DataFrame:
    name = "monthly_returns.csv"
    return _checked_returns(from_csv(built_in_bytes(name), name))


def _checked_returns(table: Table) -> pd.DataFrame:
    _check_order(table)
    _check_months(table, "return")
    _check_complete(table)
    _check_above(table, -1.0, "a return of -100 % or less is impossible. Give fractions (0.07 for 7 %)")
    for column, name in enumerate(table.columns):
        _check_fractions(table.values[:, column], f"{table.source}: column '{name}'")
    frame = table.frame("month_end")
    frame.index = _month_ends(table.dates).rename("month_end")
    return frame


def _check_prices(table: Table) -> None:
    _check_order(table)
    months = _months(table)
    if len(np.unique(months)) == len(months):
        _check_months(table, "price")
        _check_complete(table)
    else:
        _check_pauses(table)
    _check_above(table, 0.0, "a price must be positive. Correct it, or leave the cell empty if there was none")


def _look_at(table: Table, are_prices: bool = False) -> None:
    """Stop or warn by the quality of a table as it stands in its file."""
    from planner.market.quality import Content
    from planner.market.quality_checks import check_quality

    content = Content.PRICES if are_prices else Content.RETURNS
    check_quality(table.frame("date"), content, table.source).stop().warn()


def _month_ends(dates: pd.DatetimeIndex) -> pd.DatetimeIndex:
    return (dates + pd.offsets.MonthEnd(0)).normalize()


def _months(table: Table) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    months: np.ndarray[tuple[int], np.dtype[np.int64]] = np.asarray(
        table.dates.year * 12 + table.dates.month - 1, dtype=np.int64
    )
    return months


def _month_name(month: int) -> str:
    return f"{month // 12}-{month % 12 + 1:02d}"


def _check_order(table: Table) -> None:
    steps = np.diff(table.dates.to_numpy())
    for row in np.flatnonzero(steps <= np.timedelta64(0, "D"))[:1]:
        if table.dates[row] == table.dates[row + 1]:
            raise InputError(f"{table.where(row + 1)}: this date stands there twice. Keep one of the two rows.")
        raise InputError(f"{table.where(row + 1)}: this date is earlier than the one before. Sort the rows by date.")


def _check_months(table: Table, what: str) -> None:
    months = _months(table)
    steps = np.diff(months)
    for row in np.flatnonzero(steps == 0)[:1]:
        hint = " Daily or weekly prices go to read_prices." if what == "return" else ""
        raise InputError(
            f"{table.where(row + 1)}: a second {what} for {_month_name(months[row])}. Give one a month.{hint}"
        )
    for row in np.flatnonzero(steps > 1)[:1]:
        raise InputError(
            f"{table.where(row + 1)}: {_month_name(months[row] + 1)} is missing before this row "
            f"({steps[row] - 1} in all). Add the missing months or start after the gap."
        )
    distance = (_month_ends(table.dates) - table.dates).days
    for row in np.flatnonzero(distance > DAYS_AROUND_MONTH_END)[:1]:
        raise InputError(
            f"{table.where(row)}: this is not near a month's end, so the month the {what} belongs to is unclear. "
            f"Date each row by the last day of its month, or as {_month_name(months[row])}."
        )


def _check_complete(table: Table) -> None:
    """No series is empty, pauses, or ends before the last row."""
    for column, name in enumerate(table.columns):
        first, missing = _first_and_missing(table, column)
        for row in missing[missing > first][:1]:
            later = np.isfinite(table.values[row:, column]).any()
            run = f"{len(missing[missing > first])} after its start"
            fault = f"is missing ({run})" if later else f"is missing and the series has ended ({run})"
            advice = "Fill it in" if later else "End all series in the same month, or leave this one out"
            raise InputError(f"{table.where(row, name)}: the value {fault}. {advice}.")


def _check_pauses(table: Table) -> None:
    """No series is empty or goes without a quote for longer than exchanges close."""
    for column, name in enumerate(table.columns):
        first, missing = _first_and_missing(table, column)
        quoted = np.setdiff1d(np.arange(first, len(table.dates)), missing)
        if quoted[-1] != len(table.dates) - 1:
            quoted = np.append(quoted, len(table.dates) - 1)
        days = np.diff(table.dates[quoted]) // np.timedelta64(1, "D")
        for place in np.flatnonzero(days > DAYS_BETWEEN_PRICES)[:1]:
            raise InputError(
                f"{table.where(quoted[place], name)}: no price follows for {days[place]} days (at most "
                f"{DAYS_BETWEEN_PRICES} are taken for closed markets). Fill them in, start after the gap, or leave "
                "the series out."
            )


def _first_and_missing(table: Table, column: int) -> tuple[int, np.ndarray[tuple[int], np.dtype[np.intp]]]:
    present = np.isfinite(table.values[:, column])
    if not present.any():
        raise InputError(f"{table.source}: column '{table.columns[column]}' has no values. Fill it in or remove it.")
    return int(present.argmax()), np.flatnonzero(~present)


def _check_above(table: Table, bound: float, fault: str) -> None:
    for row, column in np.argwhere(table.values <= bound)[:1]:
        raise InputError(f"{table.where(row, table.columns[column])}: {table.values[row, column]:g}: {fault}.")


def _check_fractions(column: np.ndarray[tuple[int], np.dtype[np.float64]], where: str) -> None:
    values = column[np.isfinite(column)]
    moves = np.abs(values[values != 0])
    if len(moves) < TOO_FEW_RETURNS:
        return
    few = len(values) < FEW_RETURNS
    typical_move, typical = float(np.median(moves)), float(np.median(values))
    lossless = not few and values.min() >= 0 and typical > LARGEST_TYPICAL_RETURN_WITHOUT_LOSS
    if lossless or typical_move > (LARGEST_TYPICAL_MOVE_OF_FEW if few else LARGEST_TYPICAL_MOVE):
        raise InputError(
            f"{where}: a typical month is {typical_move:g}, that is {typical_move:.0%}. It looks like percent or "
            "prices: divide percent by 100 (0.07 for 7 %), and read prices with read_prices."
        )
