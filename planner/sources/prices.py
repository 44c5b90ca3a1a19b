"""What every source answers with: daily closes, their units, where they come from, and when they were fetched."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from planner.errors import InputError, PlannerError
from planner.market.history import DAYS_BETWEEN_PRICES, returns_from_prices

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Progress = Callable[[str], None]
    """Called with a sentence before each piece of work; what it raises ends the fetch and reaches the caller."""


class SourceError(PlannerError):
    """A source answered with something that cannot be used: the text says which, what, and what to do."""


class Unreachable(SourceError):  # noqa: N818 - the field's word: what is kept may be served instead
    """A source did not answer in time, or asks to come back later than one is willing to wait."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Daily closes of some symbols from one origin.

    - ``closes``: shape (days, symbols), indexed by ``date``, ascending; NaN where a symbol has no price that day
    - ``units``: by symbol, what one number counts ('USD a share, adjusted for splits and dividends')
    - ``origin``: the name of the source; ``retrieved``: when it answered, in UTC (of several answers, the oldest)
    - ``notes``: what a reader should know, as sentences: age, days left out, a file fetched again

    Raises SourceError when the closes cannot be prices: days twice or out of order, values of zero or less, an empty
    column, or more than eleven days without a price inside a series.
    """

    closes: pd.DataFrame
    units: Mapping[str, str]
    origin: str
    retrieved: dt.datetime
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_closes(self.closes, self.origin)

    def monthly_returns(self) -> pd.DataFrame:
        """Simple monthly returns as fractions, as ``returns_from_prices`` makes them."""
        return returns_from_prices(self.closes)


class Source(Protocol):
    """Whatever answers with daily closes."""

    @property
    def origin(self) -> str:
        """A name that tells this source from every other, with no secret in it."""
        ...

    def prices(self, symbols: Sequence[str], start: dt.date, end: dt.date, progress: Progress | None = None) -> Prices:
        """Closes of all symbols from ``start`` to ``end``, both included; SourceError when one of them fails."""
        ...


def asked(symbols: Sequence[str], start: dt.date, end: dt.date) -> tuple[str, ...]:
    """The symbols of a request, once it makes sense; InputError otherwise."""
    if isinstance(symbols, str):
        raise InputError(f"The symbols are the text '{symbols}': give a list, ['{symbols}'].")
    names = tuple(symbols)
    if not names or not all(isinstance(name, str) and name.strip() for name in names):
        raise InputError("The symbols are empty or hold an empty one: name at least one, each as text.")
    if len(set(names)) < len(names):
        raise InputError(f"A symbol stands twice among {', '.join(names)}: keep one.")
    if start > end:
        raise InputError(f"The prices are asked from {start} to {end}: the start must not be after the end.")
    return names


def utc_now() -> dt.datetime:
    """The time of this computer's clock, in UTC."""
    return dt.datetime.now(dt.UTC)


def last_close(end: dt.date) -> dt.date:
    """The last day up to ``end`` that is over everywhere it matters: today's price is no close yet."""
    return min(end, utc_now().date() - dt.timedelta(days=1))


def side_by_side(columns: Mapping[str, pd.Series[float]]) -> pd.DataFrame:
    """One table of series by day."""
    table = pd.DataFrame(dict(columns)).sort_index()
    table.index = pd.DatetimeIndex(table.index, name="date")
    return table


def check_closes(closes: pd.DataFrame, origin: str) -> None:
    """SourceError when closes break the rules of ``Prices``."""
    days = closes.index
    if not isinstance(days, pd.DatetimeIndex) or days.tz is not None or not len(days):
        raise SourceError(f"{origin}: it gave no days. Check the symbols and the dates.")
    if not (days.is_monotonic_increasing and days.is_unique):
        raise SourceError(f"{origin}: its days are twice or out of order. Fetch again; if it stays so, do not use it.")
    for name in closes.columns:
        series = closes[name].dropna()
        if series.empty:
            raise SourceError(f"{origin}: '{name}' has no prices. Check the symbol and the dates.")
        wrong = series[~(np.isfinite(series) & (series > 0))]
        if len(wrong):
            raise SourceError(f"{origin}: '{name}' costs {wrong.iloc[0]:g} on {wrong.index[0]:%Y-%m-%d}: no price.")
        pauses = np.diff(series.index) // np.timedelta64(1, "D")
        if len(pauses) and pauses.max() > DAYS_BETWEEN_PRICES:
            after = series.index[int(pauses.argmax())]
            raise SourceError(
                f"{origin}: '{name}' has no price for {pauses.max()} days after {after:%Y-%m-%d}. Start after the gap."
            )


def check_reaches(series: pd.Series[float], name: str, end: dt.date, origin: str, days: int) -> None:
    """SourceError when a series stops more than some days before the end that was asked for."""
    last = series.index[-1].date()
    if (end - last).days > days:
        raise SourceError(
            f"{origin}: '{name}' stops on {last}, before {end}. If it is no longer traded, ask for prices to {last}."
        )
