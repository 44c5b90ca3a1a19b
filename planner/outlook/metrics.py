"""What a fixed mix would have done: growth, worst year, deepest fall."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

MONTHS = 12


@dataclass(frozen=True, eq=False)
class PastPath:
    """The months of a mix rebalanced to its weights every month, before costs and taxes."""

    months: pd.DatetimeIndex
    returns: np.ndarray

    @cached_property
    def wealth(self) -> np.ndarray:
        """Growth of 1, starting with the 1 before the first month; shape (months + 1,)."""
        return np.concatenate([[1.0], np.cumprod(1 + self.returns)])

    @cached_property
    def drawdown(self) -> np.ndarray:
        """Fall from the highest month-end so far, <= 0; shape (months + 1,)."""
        return self.wealth / np.maximum.accumulate(self.wealth) - 1

    @property
    def deepest_fall(self) -> float:
        """The largest loss from a month-end high to a later month-end, <= 0."""
        return float(self.drawdown.min())

    @property
    def worst_year(self) -> float:
        """The lowest return over twelve months in a row; over the whole past where that is shorter."""
        span = min(MONTHS, len(self.returns))
        return float((self.wealth[span:] / self.wealth[:-span]).min() - 1)

    @property
    def growth(self) -> float:
        """Compound return a year."""
        return float(self.wealth[-1] ** (MONTHS / len(self.returns)) - 1)

    @property
    def volatility(self) -> float:
        """Standard deviation of the monthly returns times the root of twelve."""
        return float(np.std(self.returns, ddof=1) * np.sqrt(MONTHS))


def past_path(complete: pd.DataFrame, weights: Mapping[str, float]) -> PastPath:
    """The past of a mix, from the first month in which all that it holds has a return.

    ``complete``: monthly returns (``Market.complete_returns``); ``weights``: by series, summing to 1. Raises
    ``InputError`` where there is no such month.
    """
    w = np.array([weights.get(name, 0.0) for name in complete.columns])
    held = w != 0
    values = complete.to_numpy()[:, held]
    known = ~np.isnan(values).any(axis=1)
    if not known.any():
        names = ", ".join(complete.columns[held])
        raise InputError(f"There is no month in which all of {names} have a return: leave one out.")
    return PastPath(pd.DatetimeIndex(complete.index[known]), values[known] @ w[held])
