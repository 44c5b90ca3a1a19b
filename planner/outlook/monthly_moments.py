"""From annual assumptions to months that compound to them exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner.errors import InputError

if TYPE_CHECKING:
    from planner.market.assumptions import Assumptions
    from planner.market.moments import FloatArray

MONTHS = 12
TURBULENCES = 1_024
"""Equally likely values of a Student t's turbulence: its quantiles at the middle of so many steps of chance."""

LEFT_OF_A_LOSS = 1e-6
"""What a month that takes everything leaves, so that growth after it is still defined. Ours."""

_HALVINGS = 48
_NEWTON_STEPS = 50
_SHIFT_TOLERANCE = 1e-14
_LEAST_LOG_VARIANCE = -8.0


def monthly(assumptions: Assumptions) -> tuple[FloatArray, FloatArray]:
    """Mean growth (n,) of a month and ratios (n, n) E[G_i G_j] / (E G_i E G_j).

    Twelve independent months with these moments compound to the annual ones: (1 + mu)^(1/12), and (1 + cov_ij /
    ((1 + mu_i) (1 + mu_j)))^(1/12). Growth is positive, which an InputError says where the assumptions deny it.
    """
    annual = 1 + assumptions.mu
    for asset, growth in zip(assumptions.assets, annual, strict=True):
        if growth <= 0:
            raise InputError(f"'{asset}' is expected to lose everything in a year: a projection needs a mean above -1.")
    ratios = 1 + assumptions.cov / np.outer(annual, annual)
    if ratios.min() <= 0:
        row, column = np.argwhere(ratios <= 0)[0]
        raise InputError(
            f"'{assumptions.assets[row]}' and '{assumptions.assets[column]}' vary against each other by more than what "
            "they are worth, which no growth can: lower their volatilities."
        )
    return annual ** (1 / MONTHS), ratios ** (1 / MONTHS)


def lognormal(mean: FloatArray, ratios: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean (n,) and covariance (n, n) of normal log growth: S = ln(ratios), m = ln(mean) - diag(S) / 2."""
    covariance = nearest(np.log(ratios))
    return np.log(mean) - covariance.diagonal() / 2, covariance


def of_stretches(returns: FloatArray, annual: FloatArray, length: float) -> FloatArray:
    """Growth (T, n) of historical months, each series shifted by a constant, whose stretches grow as assumed.

    ``annual`` (n,) is the mean growth of a year wanted. Months that follow each other in history do so in a stretch,
    so that a year does not grow by twelve months' mean growth: what had momentum grows by more. Expected growth over k
    months from month i on is g_i ((1 - p) e_{k-1, i+1} + p mean(e_{k-1})) with p = 1 / ``length``; wanted is its mean
    over i for k = 12. It rises ever more steeply with the shift, so that Newton's steps close in on it from above.
    """
    centred = 1 + returns - returns.mean(axis=0)
    shift = annual ** (1 / MONTHS) - 1
    for _ in range(_NEWTON_STEPS):
        grown, slope = _year_of_stretches(centred + shift, length)
        step = (grown - annual) / slope
        shift -= step
        if np.abs(step).max() < _SHIFT_TOLERANCE:
            break
    return np.asarray(np.maximum(centred + shift, LEFT_OF_A_LOSS))


def _year_of_stretches(unbounded: FloatArray, length: float) -> tuple[FloatArray, FloatArray]:
    """Mean growth (n,) of a year of stretches of months (T, n), and how much it rises with a shift of all of them."""
    growth, moves = np.maximum(unbounded, LEFT_OF_A_LOSS), unbounded > LEFT_OF_A_LOSS
    following = np.arange(1, len(growth) + 1) % len(growth)
    expected, slope = np.ones_like(growth), np.zeros_like(growth)
    for _ in range(MONTHS):
        later, later_slope = (
            each[following] * (1 - 1 / length) + each.mean(axis=0) / length for each in (expected, slope)
        )
        expected, slope = growth * later, moves * later + growth * later_slope
    return np.asarray(expected.mean(axis=0)), np.asarray(slope.mean(axis=0))


def turbulence(degrees_of_freedom: float) -> FloatArray:
    """Values (1,024,) of W = df / chi-squared(df), equally likely, falling."""
    from scipy.special import gammaincinv

    half = degrees_of_freedom / 2
    return np.asarray(half / gammaincinv(half, (np.arange(TURBULENCES) + 0.5) / TURBULENCES))


def student(mean: FloatArray, ratios: FloatArray, degrees_of_freedom: float) -> tuple[FloatArray, FloatArray]:
    """Mean (n,) and scale matrix (n, n) of log growth m + sqrt(W) S^(1/2) Z with these moments of growth.

    With f(x) = E exp(W x / 2): f(4 S_ii) / f(S_ii)^2 and f(S_ii + S_jj + 2 S_ij) / (f(S_ii) f(S_jj)) are the ratios,
    each rising in the one unknown that is left, which halving finds.
    """
    values = turbulence(degrees_of_freedom)
    level = float(values.mean())

    def f(x: FloatArray) -> FloatArray:
        return np.asarray(np.exp(np.multiply.outer(x, values / 2)).mean(axis=-1))

    own = ratios.diagonal()
    low, high = np.zeros_like(own), np.log(own) / level
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = f(4 * middle) / f(middle) ** 2 > own
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    variance = (low + high) / 2
    wanted = ratios * np.outer(f(variance), f(variance))
    low, high = np.full_like(wanted, _LEAST_LOG_VARIANCE), 2 * np.log(wanted) / level
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = f(middle) > wanted
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    scale = ((low + high) / 2 - np.add.outer(variance, variance)) / 2
    np.fill_diagonal(scale, variance)
    scale = nearest(scale)
    return np.log(mean) - np.log(f(scale.diagonal())), scale


def nearest(covariance: FloatArray) -> FloatArray:
    """The matrix where it is a covariance, else one with the same variances that is: negative eigenvalues become 0.

    Some correlations of returns are none of log growth, near -1 and with large volatilities.
    """
    values, vectors = np.linalg.eigh(covariance)
    if values[0] >= 0:
        return covariance
    clipped = (vectors * np.maximum(values, 0)) @ vectors.T
    variance, had = clipped.diagonal(), covariance.diagonal()
    factor = np.sqrt(np.divide(had, variance, out=np.zeros_like(had), where=(variance > 0) & (had > 0)))
    return np.asarray(clipped * np.outer(factor, factor))


def root(covariance: FloatArray) -> FloatArray:
    """The symmetric square root (n, n): one and the same on every machine, also where an asset does not vary."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T)
