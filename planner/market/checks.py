"""Checks of annual assumptions: names, finite numbers, decimals, symmetry, definiteness."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.market.moments import FloatArray

# The lowest government yields on record are about -1 % (Switzerland, 2019), the highest US bill yield above 16 %
# (1981): beyond this range a rate is more likely percent than a decimal.
RISK_FREE_RANGE = (-0.05, 0.25)

# The wildest coin in our figures (TRON with its first weeks) had 680 % a year; above 1,000 % it is a covariance in
# percent.
HIGHEST_VOLATILITY = 10.0

# An expected return above 100 % a year that is also more than three times its volatility, or above 500 % whatever
# its volatility, is taken for percent typed as a decimal. The highest past mean in our figures is TRON's 304 %.
SUSPECT_RETURN, SUSPECT_SHARPE, HIGHEST_RETURN = 1.0, 3.0, 5.0

# Relative to the largest entry (symmetry) or eigenvalue (definiteness): what arithmetic in doubles can leave behind.
ROUNDING_NOISE = 1e-10


def matching_names(mean: pd.Series, covariance: pd.DataFrame) -> tuple[pd.Index[str], tuple[str, ...]]:
    """The names that mean and covariance share, as text in their order, twice; InputError where they do not."""
    if not isinstance(mean, pd.Series) or not isinstance(covariance, pd.DataFrame):
        raise InputError("The mean must be a pandas Series and the covariance a pandas DataFrame, by asset names.")
    if mean.empty:
        raise InputError("There are no assets: give at least one mean and its variance.")
    for what, others in (("rows", covariance.index), ("columns", covariance.columns)):
        if same_names(others, mean.index):
            continue
        names = list(mean.index)
        different = [name for name in [*names, *others] if name not in names or name not in others]
        if different:
            raise InputError(f"'{different[0]}' is not in both the mean and the {what} of the covariance.")
        raise InputError(
            f"The {what} of the covariance are in another order than the mean ({', '.join(map(str, names))}): "
            "write covariance.loc[mean.index, mean.index]."
        )
    if not mean.index.is_unique:
        raise InputError(f"The asset '{mean.index[mean.index.duplicated()][0]}' appears twice: names must be unique.")
    return _as_text(mean.index)


def same_names(some: pd.Index[str], others: pd.Index[str]) -> bool:
    """Whether two indices hold the same names in the same order, whatever they are stored as."""
    return some.equals(others) or list(some) == list(others)


def _as_text(names: pd.Index[str]) -> tuple[pd.Index[str], tuple[str, ...]]:
    """Names as text, as an index without a name and as a tuple; an index of text is kept, for building one is slow."""
    given = names.tolist()
    text = [str(name) for name in given]
    if text != given or not isinstance(names.dtype, pd.StringDtype):
        return pd.Index(text), tuple(text)
    own = names.view()
    own.name = None
    return own, tuple(text)


def finite_numbers(values: pd.Series | pd.DataFrame, what: str) -> FloatArray:
    """A copy as floats; the error names the first entry that is not a finite number."""
    try:
        numbers: FloatArray = np.array(values.to_numpy(dtype=np.float64, na_value=np.nan), order="C")
    except (TypeError, ValueError) as error:
        raise InputError(f"The {what} holds something that is not a number: {error}.") from error
    finite = np.isfinite(numbers)
    if not finite.all():
        wrong = np.argwhere(~finite)
        names = ", ".join(f"'{values.axes[axis][place]}'" for axis, place in enumerate(wrong[0]))
        raise InputError(f"The {what} of {names} is {numbers[tuple(wrong[0])]}: give a finite number.")
    return numbers


def positive_semidefinite(cov: FloatArray, assets: tuple[str, ...]) -> tuple[FloatArray, tuple[str, ...]]:
    """The covariance, rid of rounding noise, and notes on what was repaired; InputError for more than noise."""
    if _definite(cov):
        return cov, ()
    notes: tuple[str, ...] = ()
    largest, asymmetry = float(np.abs(cov).max()), np.abs(cov - cov.T)
    if asymmetry.max() > ROUNDING_NOISE * largest:
        row, column = np.unravel_index(asymmetry.argmax(), cov.shape)
        raise InputError(
            f"The covariance is not symmetric: {cov[row, column]:g} for '{assets[row]}' and '{assets[column]}', but "
            f"{cov[column, row]:g} the other way round. Make the two equal."
        )
    if asymmetry.max() > 0:
        cov = (cov + cov.T) / 2
        notes += ("Rounding noise was taken out of the covariance: its two halves were averaged.",)
    _check_pairs(cov, assets)
    values, vectors = np.linalg.eigh(cov)
    if values[0] < -ROUNDING_NOISE * values[-1]:
        carried = sorted(zip(np.abs(vectors[:, 0]), assets, strict=True), reverse=True)[:3]
        raise InputError(
            f"The covariance is not positive semidefinite: its smallest eigenvalue is {values[0]:.3g}, carried by "
            f"{', '.join(asset for _, asset in carried)}. Their correlations contradict each other: estimate them "
            "together from one history, or move them closer to zero."
        )
    if values[0] < -10 * len(cov) * np.finfo(float).eps * values[-1]:
        cov = (vectors * values.clip(0)) @ vectors.T
        cov = (cov + cov.T) / 2
        notes += (f"Rounding noise was taken out of the covariance: an eigenvalue of {values[0]:.1e} became 0.",)
    return cov, notes


def _definite(cov: FloatArray) -> bool:
    """Whether it is exactly symmetric and has a Cholesky factor: then nothing is left to check or repair."""
    if not np.array_equal(cov, cov.T):
        return False
    try:
        np.linalg.cholesky(cov)
    except np.linalg.LinAlgError:
        return False
    return True


def _check_pairs(cov: FloatArray, assets: tuple[str, ...]) -> None:
    variances = cov.diagonal()
    noise = ROUNDING_NOISE * float(variances.max())
    if variances.min() < min(0.0, -noise):
        raise InputError(f"The variance of '{assets[variances.argmin()]}' is {variances.min():g}: it must not be < 0.")
    allowed = np.outer(deviations(cov), deviations(cov))
    excess = np.abs(cov) - allowed
    if excess.max() > max(0.0, noise):
        row, column = np.unravel_index(excess.argmax(), cov.shape)
        raise InputError(
            f"The covariance of '{assets[row]}' and '{assets[column]}' is {cov[row, column]:g}, more than their "
            f"variances allow ({allowed[row, column]:g}): it would be a correlation beyond 1."
        )


def checked_risk_free(risk_free: float) -> float:
    """The rate as a float; InputError where it is no plausible annual decimal."""
    lowest, highest = RISK_FREE_RANGE
    if not isinstance(risk_free, Real) or not lowest <= risk_free <= highest:
        raise InputError(
            f"The risk-free rate is {risk_free}: give an annual decimal from {lowest} to {highest} (0.033 is 3.3 %)."
        )
    return float(risk_free)


def check_decimals(mu: FloatArray, cov: FloatArray, assets: tuple[str, ...]) -> None:
    """Raise InputError where means or volatilities look like percent."""
    for asset, mean, volatility in zip(assets, mu, deviations(cov), strict=True):
        if abs(mean) > HIGHEST_RETURN or (abs(mean) > SUSPECT_RETURN and abs(mean) > SUSPECT_SHARPE * volatility):
            raise InputError(
                f"The expected return of '{asset}' is {mean:g}, that is {mean:.0%} a year: give annual decimals, "
                f"{mean / 100:g} for {mean:g} %."
            )
        if volatility > HIGHEST_VOLATILITY:
            raise InputError(
                f"The volatility of '{asset}' is {volatility:.0%} a year: give the covariance of annual decimals "
                "(0.0225 for a volatility of 15 %); divide one in percent by 10,000."
            )


def deviations(cov: FloatArray) -> FloatArray:
    """Standard deviations (n,) of a covariance (n, n)."""
    deviation: FloatArray = np.sqrt(cov.diagonal().clip(0))
    return deviation


def by_asset(values: Mapping[str, float] | pd.Series, assets: list[str], what: str) -> pd.Series:
    """Numbers given by name as a Series in the order of the assets; InputError where names differ."""
    if isinstance(values, pd.Series) and not values.index.is_unique:
        raise InputError(f"The {what} of '{values.index[values.index.duplicated()][0]}' is given twice.")
    given = pd.Series(dict(values), dtype=object)
    missing = [asset for asset in assets if asset not in given.index]
    if missing:
        raise InputError(f"There is no {what} for '{missing[0]}': give one for each of {', '.join(assets)}.")
    extra = [name for name in given.index if name not in assets]
    if extra:
        raise InputError(f"There is a {what} for '{extra[0]}', which is not an asset. Known: {', '.join(assets)}.")
    return pd.Series(finite_numbers(given[assets], what), index=assets, name=what)
