"""Fingerprints: which data, which assumptions and which version a plan was made with, the same on every machine."""

from __future__ import annotations

import struct
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.market.history import history
from planner.market.installed_data import built_in_hashes
from planner.market.made_with import Fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planner.market.assumptions import Assumptions

# Assumptions are computed, and linear algebra differs in the last bits between machines: they count to so many digits.
DIGITS_OF_ASSUMPTIONS = 8

BUILT_IN_FILE = "monthly_returns.csv"


def fingerprint(returns: pd.DataFrame, assumptions: Assumptions | None = None) -> Fingerprint:
    """The fingerprint of returns (T, n), by date, and of the assumptions made of them, with the package's version.

    What is hashed is written down in docs/data-you-can-check.md: names in UTF-8, dates as ISO 8601, numbers as 64-bit
    floats, little-endian. The order of columns does not matter, that of rows, the names, the dates, and each bit of
    each return do; how pandas stores them does not. Assumptions count to eight digits.
    """
    from planner import __version__

    series = _series_digests(returns)
    hashed = _digest([b"returns", *sorted(series)]).hex()
    assumed = "" if assumptions is None else _of_assumptions(assumptions).hex()
    built_in = bool(series) and set(series) <= _built_in_series()
    files = {BUILT_IN_FILE: built_in_hashes()[BUILT_IN_FILE]} if built_in else {}
    full = _digest([b"plan", hashed.encode(), assumed.encode(), __version__.encode()]).hex()
    return Fingerprint(returns=hashed, assumptions=assumed, files=files, version=__version__, full=full)


def _series_digests(returns: pd.DataFrame) -> list[bytes]:
    if not isinstance(returns, pd.DataFrame) or not isinstance(returns.index, pd.DatetimeIndex):
        raise InputError("A fingerprint is made of returns with an index of dates and one column per series.")
    dates = "\n".join(returns.index.strftime("%Y-%m-%d")).encode()
    try:
        values = returns.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InputError(f"The returns hold something that is not a number: {error}.") from error
    return [
        _digest([b"series", str(name).encode(), dates, _float_bytes(values[:, place])])
        for place, name in enumerate(returns.columns)
    ]


@cache
def _built_in_series() -> frozenset[bytes]:
    return frozenset(_series_digests(history()))


def _of_assumptions(assumptions: Assumptions) -> bytes:
    """Names sorted, then means, covariance and risk-free rate in that order, and the scenarios where there are any."""
    order = np.argsort(np.array(assumptions.assets, dtype=object), kind="stable")
    numbers = [assumptions.mu[order], assumptions.cov[np.ix_(order, order)], np.array([assumptions.risk_free])]
    if assumptions.draws is not None:
        numbers.append(assumptions.draws[:, order])
    names = [assumptions.assets[place].encode() for place in order]
    texts = ["\n".join(f"{each:.{DIGITS_OF_ASSUMPTIONS - 1}e}" for each in (part + 0.0).flat) for part in numbers]
    return _digest([b"assumptions", *names, *(text.encode() for text in texts)])


def _float_bytes(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> bytes:
    """64-bit little-endian floats, with one way to write zero and one to write what is missing."""
    plain = np.where(np.isnan(values), np.nan, values + 0.0)
    return plain.astype("<f8").tobytes()


def _digest(parts: Iterable[bytes]) -> bytes:
    """SHA-256 over parts, each after its length, so that no two lists of parts read the same."""
    whole = sha256()
    for part in parts:
        whole.update(struct.pack("<Q", len(part)))
        whole.update(part)
    return whole.digest()
