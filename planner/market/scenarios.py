"""Months that may happen, with the same chance each: checked, and moved to an assumed mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.market.checks import finite_numbers, same_names

if TYPE_CHECKING:
    from planner.market.moments import FloatArray

TOTAL_LOSS = -1.0


def checked_scenarios(scenarios: pd.DataFrame, assets: pd.Index[str]) -> FloatArray:
    """A copy of simple monthly returns (S, n) as floats; InputError where they are no scenarios of these assets."""
    if not isinstance(scenarios, pd.DataFrame):
        raise InputError("The scenarios must be a pandas DataFrame of monthly returns, one column per asset.")
    if not same_names(scenarios.columns, assets):
        names, given = list(map(str, assets)), list(scenarios.columns)
        different = [name for name in [*names, *given] if name not in names or name not in given]
        if different:
            raise InputError(f"'{different[0]}' is not in both the mean and the columns of the scenarios.")
        raise InputError(
            f"The columns of the scenarios must be those of the mean in its order ({', '.join(names)}), each once: "
            "write scenarios[mean.index]."
        )
    if len(scenarios) < 2:
        raise InputError("The scenarios have fewer than two rows: one month says nothing about risk. Give more.")
    draws = finite_numbers(scenarios, "scenario return")
    if draws.min() < TOTAL_LOSS:
        row, column = np.argwhere(draws < TOTAL_LOSS)[0]
        raise InputError(
            f"The scenario return of '{assets[column]}' in row {row + 1} is {draws[row, column]:g}: nothing loses more "
            "than all of its value. Give fractions (-0.07 for -7 %)."
        )
    return draws


def recentred(returns: pd.DataFrame, mean: FloatArray) -> pd.DataFrame:
    """Monthly returns (S, n), each column shifted by a constant so that its mean is ``mean`` (n,) per month.

    A return that the shift would take below -1 becomes -1, and the others of its column make up for it.
    """
    before = returns.to_numpy(np.float64)
    shifted = before + (mean - before.mean(axis=0))
    for column in np.flatnonzero(shifted.min(axis=0) < TOTAL_LOSS):
        values, lost = shifted[:, column], np.zeros(len(shifted), dtype=bool)
        while (values < TOTAL_LOSS).any():
            lost |= values < TOTAL_LOSS
            values[lost] = TOTAL_LOSS
            missing = len(values) * mean[column] - values.sum()
            values[~lost] += missing / max(1, np.count_nonzero(~lost))
    return pd.DataFrame(shifted, index=returns.index, columns=returns.columns)
