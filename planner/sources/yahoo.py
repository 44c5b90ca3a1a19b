"""Yahoo Finance through the yfinance library, with its silent behaviours turned into errors. See docs/sources.md."""

from __future__ import annotations

import datetime as dt
import json
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from planner.errors import InputError
from planner.market.history import DAYS_BETWEEN_PRICES
from planner.sources.prices import (
    Prices,
    SourceError,
    Unreachable,
    asked,
    check_reaches,
    last_close,
    side_by_side,
    utc_now,
)
from planner.sources.web import Patience, jittered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from planner.sources.prices import Progress

CLOSE = "Close"
ADJUSTED = "adjusted for splits and dividends"


@dataclass(frozen=True, slots=True)
class Yahoo:
    """Yahoo Finance as a source: adjusted daily closes in each symbol's own currency, 'SPY' or 'BTC-USD'.

    A symbol without prices, a day without a close inside a series, a changed column, a request too many: each is a
    SourceError (Unreachable when it may be over later). Today's price is left out: it is no close yet.
    """

    patience: Patience = field(default_factory=Patience)

    @property
    def origin(self) -> str:
        """The service's name."""
        return "Yahoo Finance"

    def prices(self, symbols: Sequence[str], start: dt.date, end: dt.date, progress: Progress | None = None) -> Prices:
        """Adjusted closes of all symbols from ``start`` to ``end``, one request a symbol."""
        wanted, last = asked(symbols, start, end), last_close(end)
        if start > last:
            raise InputError(f"The prices are asked from {start}: the last day that is over is {last}.")
        deadline = time.monotonic() + self.patience.total
        closes, units = {}, {}
        for name in wanted:
            table, currency = self._asked_patiently(name, start, last, deadline, progress)
            closes[name] = _closes(table, name, start, last)
            units[name] = f"{currency}, {ADJUSTED}"
        return Prices(side_by_side(closes), units, self.origin, utc_now())

    def _asked_patiently(
        self, name: str, start: dt.date, end: dt.date, deadline: float, progress: Progress | None
    ) -> tuple[pd.DataFrame, str]:
        fault: Unreachable | None = None
        for turn in range(self.patience.tries):
            pause = jittered(self.patience.pause * 2 ** (turn - 1)) if turn else 0.0
            left = deadline - time.monotonic() - pause
            if left <= 0:
                break
            time.sleep(pause)
            if progress is not None:
                progress(f"Asking Yahoo Finance for {name}" + (f", try {turn + 1}" if turn else ""))
            try:
                return history_of(name, start, end, min(self.patience.request, left))
            except Unreachable as error:
                fault = error
        raise fault or Unreachable(f"Yahoo Finance: the {self.patience.total:g} seconds for it are used up.")


def history_of(name: str, start: dt.date, end: dt.date, timeout: float) -> tuple[pd.DataFrame, str]:
    """What yfinance gives for one symbol, both days included, and its currency; its exceptions in our words."""
    try:
        import yfinance
        from yfinance.data import YfData
        from yfinance.exceptions import YFDataException, YFException, YFRateLimitError
    except ImportError:
        raise InputError("Yahoo Finance needs yfinance: pip install 'modern-portfolio[sources]'.") from None

    try:
        with _errors_shown(yfinance):
            ticker = yfinance.Ticker(name)
            table = ticker.history(
                start=start,
                end=end + dt.timedelta(days=1),
                auto_adjust=True,
                actions=False,
                keepna=True,
                timeout=timeout,
            )
            currency = ticker.history_metadata.get("currency")
    except YFRateLimitError:
        raise Unreachable("Yahoo Finance has had too many requests. Try again in an hour.") from None
    except (YFDataException, json.JSONDecodeError):
        YfData.cache_get.cache_clear()  # else the library would answer the next try with the same
        raise Unreachable(f"Yahoo Finance is down, or its answer for '{name}' is not whole.") from None
    except YFException as error:
        raise SourceError(f"Yahoo Finance has no prices of '{name}' from {start} to {end} ({error}).") from None
    except (OSError, TimeoutError) as error:
        raise Unreachable(f"Yahoo Finance cannot be reached for '{name}' ({type(error).__name__}).") from None
    except Exception as error:  # noqa: BLE001 - the library lets any fault of its parsing through
        raise SourceError(
            f"Yahoo Finance: what it sent for '{name}' cannot be read ({type(error).__name__}). Update yfinance."
        ) from None
    if not isinstance(currency, str) or not currency:
        raise SourceError(f"Yahoo Finance does not say in which currency '{name}' is priced.")
    return table, currency


@contextmanager
def _errors_shown(yfinance: Any) -> Iterator[None]:
    """Let yfinance raise what it would otherwise only log, and put its setting back."""
    debug = yfinance.config.debug
    before = debug.hide_exceptions
    debug.hide_exceptions = False
    try:
        yield
    finally:
        debug.hide_exceptions = before


def _closes(table: pd.DataFrame, name: str, start: dt.date, end: dt.date) -> pd.Series[float]:
    """The closes of one symbol by day; SourceError when days or values are missing."""
    if CLOSE not in table.columns or not isinstance(table.index, pd.DatetimeIndex):
        raise SourceError(f"Yahoo Finance: '{name}' came without '{CLOSE}' by day: its format has changed.")
    if not pd.api.types.is_numeric_dtype(table[CLOSE]):
        raise SourceError(f"Yahoo Finance: the closes of '{name}' are no numbers: its format has changed.")
    closes = table[CLOSE].astype(float)
    closes.index = table.index.tz_localize(None).normalize()
    closes = closes.loc[pd.Timestamp(start) : pd.Timestamp(end)]
    if closes.index.has_duplicates:
        twice = closes.index[closes.index.duplicated()][0]
        raise SourceError(f"Yahoo Finance sent {twice:%Y-%m-%d} of '{name}' twice. Fetch again later.")
    empty = closes.index[closes.isna()]
    if len(empty):
        raise SourceError(
            f"Yahoo Finance has no close of '{name}' on {len(empty)} days that it lists, the first {empty[0]:%Y-%m-%d}."
        )
    if closes.empty:
        raise SourceError(f"Yahoo Finance has no prices of '{name}' from {start} to {end}. Check the symbol.")
    check_reaches(closes, name, end, "Yahoo Finance", DAYS_BETWEEN_PRICES)
    return closes
