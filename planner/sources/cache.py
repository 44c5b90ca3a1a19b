"""Prices kept on this computer: one Parquet file a symbol and origin, replaced whole or not at all."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from planner.errors import InputError
from planner.sources.prices import Prices, SourceError, Unreachable, asked, check_closes, side_by_side, utc_now
from planner.sources.whole_file import write_whole
from planner.wording import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.sources.prices import Progress, Source

FRESH = dt.timedelta(hours=12)
"""A close a day is new once a day. Ours."""
NOTE = b"planner"
BROKEN = (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError)
"""What reading a file with flipped bits can end in."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One symbol as it was fetched once: ``start`` and ``end`` are the days that were asked for."""

    closes: pd.Series[float]
    unit: str
    start: dt.date
    end: dt.date
    retrieved: dt.datetime


def cache_folder() -> Path:
    """Where this system keeps what can be fetched again, of this user and for this program."""
    if sys.platform == "win32":
        root = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        root = Path.home() / "Library" / "Caches"
    else:
        named = Path(os.environ.get("XDG_CACHE_HOME", ""))
        root = named if named.is_absolute() else Path.home() / ".cache"
    return root / "modern-portfolio" / "prices"


@dataclass(frozen=True, slots=True)
class Cached:
    """A source that keeps what another one answered, and answers from it while that is fresh or the other is away.

    A symbol's file is always the answer to one request: to reach further, all days are fetched again, because a later
    dividend changes every adjusted close before it. Each answer's ``notes`` say the age of what was kept.
    """

    source: Source
    folder: Path | None = None
    fresh: dt.timedelta = FRESH

    @property
    def origin(self) -> str:
        """That of the source behind."""
        return self.source.origin

    def prices(self, symbols: Sequence[str], start: dt.date, end: dt.date, progress: Progress | None = None) -> Prices:
        """Closes as the source gives them; what is kept serves when it covers the days and is fresh, or when offline.

        Raises SourceError (Unreachable) when the source fails and what is kept does not reach back to ``start``.
        """
        wanted, now, notes = asked(symbols, start, end), utc_now(), []
        kept: dict[str, Kept] = {}
        for name in wanted:
            try:
                found = self._read(name)
            except SourceError as error:
                notes.append(str(error))
                continue
            if found is not None:
                kept[name] = found
        stale = [name for name in wanted if name not in kept or not self._serves(kept[name], start, end, now)]
        offline = ""
        if stale:
            known = [kept[name] for name in stale if name in kept]
            first, last = min([start, *(one.start for one in known)]), max([end, *(one.end for one in known)])
            try:
                kept |= self._fetched(stale, first, last, progress)
            except Unreachable as error:
                lacking = [name for name in stale if name not in kept or kept[name].start > start]
                if lacking:
                    raise Unreachable(" ".join([f"{error} Nothing is kept of {', '.join(lacking)}.", *notes])) from None
                offline = str(error)
        if offline:
            notes.append(f"{offline} The prices are kept ones.")
            notes += [_short(name, kept[name], end) for name in stale if kept[name].closes.index[-1].date() < end]
        notes += [_aged(name, kept[name], now) for name in wanted if offline or name not in stale]
        columns = {name: kept[name].closes.loc[pd.Timestamp(start) : pd.Timestamp(end)] for name in wanted}
        units = {name: kept[name].unit for name in wanted}
        oldest = min(kept[name].retrieved for name in wanted)
        return Prices(side_by_side(columns), units, self.origin, oldest, tuple(notes))

    def _serves(self, kept: Kept, start: dt.date, end: dt.date, now: dt.datetime) -> bool:
        """Whether the days are covered and the age is known and low: a time to come is no age."""
        return kept.start <= start and end <= kept.end and dt.timedelta(0) <= now - kept.retrieved <= self.fresh

    def _fetched(
        self, names: Sequence[str], start: dt.date, end: dt.date, progress: Progress | None
    ) -> dict[str, Kept]:
        answer = self.source.prices(names, start, end, progress)
        if answer.origin != self.origin:
            raise SourceError(f"{self.origin}: the answer calls itself '{answer.origin}'. It is not kept.")
        fetched = {
            name: Kept(answer.closes[name].dropna(), answer.units[name], start, end, answer.retrieved) for name in names
        }
        for name, kept in fetched.items():
            self._write(name, kept)
        return fetched

    def _file(self, name: str) -> Path:
        """A file for each origin and symbol; the digest tells apart what a file name cannot."""
        digest = hashlib.sha256(json.dumps([self.origin, name]).encode()).hexdigest()[:16]
        plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name)[:40]
        return (self.folder or cache_folder()) / f"{plain}-{digest}.parquet"

    def _read(self, name: str) -> Kept | None:
        pyarrow, parquet = _parquet()
        file = self._file(name)
        try:
            # Read whole and then parsed: a file replaced meanwhile is either the old one or the new one.
            table = parquet.read_table(pyarrow.BufferReader(file.read_bytes()))
            note = json.loads(table.schema.metadata[NOTE])
            closes = pd.Series(table["close"].to_pylist(), pd.DatetimeIndex(table["date"].to_pylist()), dtype=float)
            kept = Kept(
                closes,
                str(note["unit"]),
                dt.date.fromisoformat(note["start"]),
                dt.date.fromisoformat(note["end"]),
                dt.datetime.fromisoformat(note["retrieved"]).astimezone(dt.UTC),
            )
            check_closes(closes.to_frame(name), self.origin)
            whole = note["origin"] == self.origin and note["symbol"] == name and note["digest"] == _digest(kept)
        except FileNotFoundError:
            return None
        except (*BROKEN, SourceError, pyarrow.ArrowException) as error:
            raise SourceError(
                f"The kept prices of {name} ({file.name}) cannot be read ({type(error).__name__}) and are not used."
            ) from None
        if not whole:
            raise SourceError(f"The kept prices of {name} ({file.name}) are damaged or not its own, and are not used.")
        return kept

    def _write(self, name: str, kept: Kept) -> None:
        pyarrow, parquet = _parquet()
        file = self._file(name)
        note = {
            "origin": self.origin,
            "symbol": name,
            "unit": kept.unit,
            "start": kept.start.isoformat(),
            "end": kept.end.isoformat(),
            "retrieved": kept.retrieved.isoformat(),
            "digest": _digest(kept),
        }
        days = pyarrow.array([day.date() for day in kept.closes.index], pyarrow.date32())
        table = pyarrow.table({"date": days, "close": pyarrow.array(kept.closes.to_numpy(), pyarrow.float64())})
        table = table.replace_schema_metadata({NOTE: json.dumps(note).encode()})
        try:
            write_whole(file, lambda stream: parquet.write_table(table, stream))
        except OSError as error:
            raise SourceError(
                f"The prices cannot be kept in {file.parent} ({error.strerror}). Make room there."
            ) from None


def _digest(kept: Kept) -> str:
    """A fingerprint of days, closes and note, so that a flipped bit is noticed."""
    rows = [[f"{day:%Y-%m-%d}", close] for day, close in zip(kept.closes.index, kept.closes.tolist(), strict=True)]
    about = [kept.unit, kept.start.isoformat(), kept.end.isoformat(), kept.retrieved.isoformat()]
    return hashlib.sha256(json.dumps([about, rows]).encode()).hexdigest()


def _short(name: str, kept: Kept, end: dt.date) -> str:
    return f"{name} ends on {kept.closes.index[-1]:%Y-%m-%d}, before {end}."


def _aged(name: str, kept: Kept, now: dt.datetime) -> str:
    age = (now - kept.retrieved).total_seconds()
    if age < 0:
        when = f"{kept.retrieved:%Y-%m-%d %H:%M} UTC"
        return f"{name} was fetched at {when}, by a clock ahead of this one: its age is unknown."
    hours = int(age // 3600)
    return f"{name} was fetched {count(hours // 24, 'day') if hours >= 48 else count(hours, 'hour')} ago."


def _parquet() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise InputError("Keeping prices needs pyarrow: pip install 'modern-portfolio[sources]'.") from None
    return pa, parquet
