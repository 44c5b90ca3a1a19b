"""A person's own price files: one file per symbol in a folder, or one wide file."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from planner.errors import InputError
from planner.market.history import read_prices
from planner.sources.prices import Prices, asked, side_by_side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.sources.prices import Progress

SUFFIXES = (".csv", ".parquet", ".pq")


@dataclass(frozen=True, slots=True)
class Folder:
    """CSV or Parquet files of prices, read as by ``read_prices``.

    ``path`` is a wide file with a column a symbol, or a folder with a file a symbol: ``BTC.csv`` with one column beside
    the date. ``unit`` says what the numbers count. The answer's ``retrieved`` is when its oldest file was last changed.
    """

    path: Path
    unit: str = "USD"

    @property
    def origin(self) -> str:
        """The name of the file or folder, without the way to it."""
        return f"files in {Path(self.path).name}" if Path(self.path).is_dir() else f"file {Path(self.path).name}"

    def prices(self, symbols: Sequence[str], start: dt.date, end: dt.date, progress: Progress | None = None) -> Prices:
        """Closes of all symbols from ``start`` to ``end``; InputError naming file and place when one is missing."""
        wanted = asked(symbols, start, end)
        closes, changed = {}, []
        for name in wanted:
            if progress is not None:
                progress(f"Reading {name}")
            file = self._file(name)
            closes[name] = self._column(file, name).loc[pd.Timestamp(start) : pd.Timestamp(end)]
            changed.append(file.stat().st_mtime)
            if closes[name].empty:
                raise InputError(f"{file.name}: no price of '{name}' from {start} to {end}.")
        oldest = dt.datetime.fromtimestamp(min(changed), dt.UTC)
        return Prices(side_by_side(closes), dict.fromkeys(wanted, self.unit), self.origin, oldest)

    def _file(self, name: str) -> Path:
        path = Path(self.path)
        if not path.is_dir():
            return path
        if Path(name).name != name:
            raise InputError(f"The symbol '{name}' is no name of a file in {path.name}.")
        found = [path / f"{name}{suffix}" for suffix in SUFFIXES if (path / f"{name}{suffix}").is_file()]
        if len(found) != 1:
            fault = "more than one file" if found else "no file"
            raise InputError(f"{path.name}: {fault} for '{name}'. Keep one of {name}.csv and {name}.parquet.")
        return found[0]

    def _column(self, file: Path, name: str) -> pd.Series[float]:
        table = read_prices(file)
        if Path(self.path).is_dir() and table.shape[1] == 1:
            return table.iloc[:, 0].dropna()
        if name not in table.columns:
            raise InputError(f"{file.name}: no column '{name}'. Its columns are {', '.join(map(str, table.columns))}.")
        return table[name].dropna()
