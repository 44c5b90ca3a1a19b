"""Tables of dated numbers out of CSV and Parquet files, with the place of every cell for error messages."""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import dataclass
from datetime import datetime
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from planner.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from os import PathLike

    from planner.market.moments import FloatArray

# Forty years of daily prices of a thousand series are smaller as text; more is not a household's data.
LARGEST_FILE_BYTES = 50_000_000
LARGEST_TABLE_CELLS = 10_000_000

DATE_NAMES = ("month_end", "date", "month", "day", "time", "timestamp", "datetime")
MISSING = frozenset({"", "nan", "na", "n/a", "#n/a", "null", "none"})
PARQUET_SUFFIXES = frozenset({".parquet", ".pq"})
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
YEAR_AND_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers by date and column, and where each row came from. ``values`` is (rows, columns), NaN where empty."""

    source: str
    columns: tuple[str, ...]
    dates: pd.DatetimeIndex
    values: FloatArray
    rows: Sequence[int]
    row_word: str

    def where(self, row: int, column: str | None = None) -> str:
        """The place of a cell in words, as a person counts."""
        in_column = "" if column is None else f"column '{column}', "
        return f"{self.source}: {in_column}{self.row_word} {self.rows[row]} ({self.dates[row]:%Y-%m-%d})"

    def frame(self, index_name: str) -> pd.DataFrame:
        """The numbers as a DataFrame of its own."""
        return pd.DataFrame(self.values.copy(), self.dates.rename(index_name), list(self.columns))


def read_table(path: str | PathLike[str]) -> Table:
    """The table in a CSV or (by suffix .parquet or .pq) Parquet file; InputError when it cannot be read."""
    file = Path(path)
    try:
        if not file.exists():
            raise InputError(f"There is no file '{file}': check the name and the folder.")
        if not file.is_file():
            raise InputError(f"'{file}' is not a file: give the path of one CSV or Parquet file.")
        size = file.stat().st_size
        if size > LARGEST_FILE_BYTES:
            raise InputError(
                f"{file.name} has {size / 1e6:,.0f} MB, more than the {LARGEST_FILE_BYTES / 1e6:.0f} MB that are "
                "read. Keep the series and years you need, one row a month or day."
            )
        if size == 0:
            raise InputError(f"{file.name} is empty: it needs a header and one row a month.")
        if file.suffix.lower() in PARQUET_SUFFIXES:
            return from_frame(_parquet_frame(file), file.name)
        content = file.read_bytes()
    except OSError as error:
        raise InputError(f"'{file}' cannot be read: {error.strerror or error}.") from error
    return from_csv(content, file.name)


def from_csv(content: bytes, source: str) -> Table:
    """The table in the bytes of a CSV file."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{source} is not a text file in UTF-8 (byte {error.start + 1} is no text): save it as 'CSV UTF-8'."
        ) from error
    if "\0" in text:
        raise InputError(f"{source} is not a text file (it holds binary zeros): save it as 'CSV UTF-8'.")
    lines = _lines(text, source)
    columns = _header(next(lines, None), source)
    rows, dates, values = [], [], []
    for line, cells in lines:
        if len(cells) != len(columns) + 1:
            raise InputError(
                f"{source}: line {line} has {len(cells)} cells, the header {len(columns) + 1}. Complete the row; "
                "numbers take a decimal point and no thousands separator."
            )
        rows.append(line)
        dates.append(_date(cells[0], f"{source}: line {line}"))
        values.append(
            [
                _number(cell, f"{source}: column '{column}', line {line}")
                for column, cell in zip(columns, cells[1:], strict=True)
            ]
        )
    if not rows:
        raise InputError(f"{source} has a header but no rows: add one a month.")
    return Table(source, columns, pd.DatetimeIndex(dates), np.array(values), rows, "line")


def from_frame(frame: pd.DataFrame, source: str) -> Table:
    """The table in a DataFrame with an index of dates, or with a column of dates; rows count from 1."""
    if not isinstance(frame, pd.DataFrame):
        raise InputError(f"{source}: a pandas DataFrame is needed, with one column per series.")
    if not isinstance(frame.index, pd.DatetimeIndex):
        frame = _dated(frame, source)
    columns = _unique(tuple(str(column).strip() for column in frame.columns), source)
    if not len(frame):
        raise InputError(f"{source}: there are no rows: add one a month.")
    index = pd.DatetimeIndex(frame.index).tz_localize(None)
    if index.hasnans:
        raise InputError(f"{source}: row {int(index.isna().argmax()) + 1} has no date. Fill it in.")
    values = np.column_stack(
        [_column(frame.iloc[:, place], f"{source}: column '{name}'") for place, name in enumerate(columns)]
    )
    return Table(source, columns, index, values, range(1, len(frame) + 1), "row")


def _lines(text: str, source: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every line that is not empty."""
    reader = csv.reader(io.StringIO(text, newline=None), strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise InputError(f"{source}: line {reader.line_num} is not CSV ({error}). Check its quotes.") from error


def _header(line: tuple[int, list[str]] | None, source: str) -> tuple[str, ...]:
    if line is None:
        raise InputError(f"{source} is empty: it needs a header and one row a month.")
    first, *others = line[1]
    if not others:
        separator = next((name for mark, name in ((";", "semicolons"), ("\t", "tabs")) if mark in first), None)
        fault = f"its cells are separated by {separator}" if separator else f"it has the one column '{first[:40]}'"
        raise InputError(f"{source}: {fault}. A date and at least one series are needed, separated by commas.")
    if first.lower() not in DATE_NAMES:
        raise InputError(
            f"{source}: line {line[0]} is not a header whose first column is the date: it begins with '{first[:40]}'. "
            f"Write a header such as 'month_end,{','.join(f'series_{n + 1}' for n in range(min(len(others), 2)))}'; "
            f"the first name must be one of {', '.join(DATE_NAMES)}."
        )
    return _unique(tuple(others), source)


def _unique(columns: tuple[str, ...], source: str) -> tuple[str, ...]:
    if not columns:
        raise InputError(f"{source}: there is no series: give at least one column besides the date.")
    for place, name in enumerate(columns, start=1):
        if name.lower() in MISSING or NUMBER.fullmatch(name):
            raise InputError(
                f"{source}: the name of series column {place} in the header is '{name}'. Give each series a name."
            )
        if name in columns[: place - 1]:
            raise InputError(f"{source}: the column '{name}' appears twice in the header. Rename or remove one.")
    return columns


def _date(cell: str, where: str) -> datetime:
    try:
        if YEAR_AND_MONTH.fullmatch(cell):
            return pd.Period(cell, "M").to_timestamp(how="end").normalize().to_pydatetime()
        return datetime.fromisoformat(cell).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    except ValueError as error:
        raise InputError(f"{where}: '{cell[:40]}' is not a date. Write it as 2014-10-31 or 2014-10.") from error


def _number(cell: str, where: str) -> float:
    if cell.lower() in MISSING:
        return math.nan
    if NUMBER.fullmatch(cell) and math.isfinite(number := float(cell)):
        return number
    if cell.endswith("%"):
        raise InputError(f"{where}: '{cell[:40]}' is in percent. Write fractions, 0.07 for 7 %.")
    if "inf" in cell.lower() or NUMBER.fullmatch(cell):
        raise InputError(f"{where}: '{cell[:40]}' is infinite. Write a finite number.")
    raise InputError(f"{where}: '{cell[:40]}' is not a number. Write one, or leave the cell empty before the start.")


def _parquet_frame(file: Path) -> pd.DataFrame:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise InputError(
            f"{file.name}: reading Parquet needs pyarrow. Install modern-portfolio[parquet], or save the file as CSV."
        ) from error
    try:
        with pq.ParquetFile(file) as parquet:
            cells = parquet.metadata.num_rows * parquet.metadata.num_columns
            if cells > LARGEST_TABLE_CELLS:
                raise InputError(
                    f"{file.name} has {cells:,} cells, more than the {LARGEST_TABLE_CELLS:,} that are read. Keep the "
                    "series and years you need, one row a month or day."
                )
            frame: pd.DataFrame = parquet.read().to_pandas()
    except pa.ArrowException as error:
        raise InputError(f"{file.name} is not a Parquet file that can be read: {error}.") from error
    return frame


def _dated(frame: pd.DataFrame, source: str) -> pd.DataFrame:
    """The frame indexed by its column of dates."""
    candidates = [place for place, name in enumerate(frame.columns) if str(name).strip().lower() in DATE_NAMES]
    if not candidates:
        raise InputError(
            f"{source}: there is no index of dates and no column named one of {', '.join(DATE_NAMES)}. Add one."
        )
    dates: Any = [
        _date(cell if isinstance(cell, str) else str(cell), f"{source}: row {row}")
        for row, cell in enumerate(frame.iloc[:, candidates[0]], start=1)
    ]
    others = [place for place in range(frame.shape[1]) if place != candidates[0]]
    return frame.iloc[:, others].set_axis(pd.DatetimeIndex(dates), axis=0)


def _column(values: pd.Series, where: str) -> FloatArray:
    kind = values.dtype
    if not pd.api.types.is_any_real_numeric_dtype(kind):
        for row, cell in enumerate(values, start=1):
            if cell is not None and (isinstance(cell, bool) or not isinstance(cell, Real)):
                raise InputError(f"{where}, row {row}: {str(cell)[:40]!r} is not a number. Write one.")
        raise InputError(f"{where}: it is stored as '{kind}', not as numbers. Convert it with astype(float).")
    numbers: FloatArray = values.to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isinf(numbers).any():
        raise InputError(f"{where}, row {int(np.isinf(numbers).argmax()) + 1}: the value is infinite. Correct it.")
    return numbers
