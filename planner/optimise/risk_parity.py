"""Portfolios of given risk shares, long only and free of other limits: Newton's method, in microseconds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotrs

from planner.optimise.solution import cleaned

if TYPE_CHECKING:
    from planner.optimise.limits import Vector

SWEEPS = 2
"""Sweeps of coordinate descent before the first factor: one costs as much as a product, a factor as n / 3 of them."""

STEPS = 100

LARGEST_FULL_STEP = 0.5
"""Relative step up to which the log barrier, being self-concordant, descends for sure; longer ones are damped."""

CORRECTIONS = 3
"""Further solves with the same factor for the barrier's higher terms."""

LAST_STEP = 3e-3
"""Each correction multiplies the error by about the relative step: after one of this size it is below 1e-12."""

SHARE_TOLERANCE = 1e-10
"""Largest error of a risk share: a hundredth of what results promise."""


def sweeps(cov: Vector, shares: Vector) -> Vector:
    """Near the multiples ``y`` of the weights with ``y_i (Sy)_i = b_i``, shape (n,); 0 where there is no share.

    The start is exact for one correlation; then each weight solves its own equation with the others held, all at once
    (Griveau-Billion, Richard & Roncalli 2013, "A Fast Algorithm for Computing High-dimensional Risk Parity
    Portfolios", where they take turns).
    """
    variances = np.where(shares > 0, cov.diagonal(), 1.0)
    y = np.sqrt(shares / variances)
    y /= math.sqrt(max(0.0, float(y @ cov @ y))) or 1.0
    for _ in range(SWEEPS):
        others = cov @ y - variances * y
        y = np.where(shares > 0, np.sqrt(others * others + 4 * variances * shares) - others, 0.0) / (2 * variances)
    return y


def parity(cov: Vector, shares: Vector, near: Vector) -> Vector | None:
    """The long-only weights whose shares of the variance are ``shares``, from ``near``; None where there are none.

    ``cov`` (n, n), ``shares`` (n,) summing to 1, above 0 only for assets with variance. Assets without a share that
    would reduce the variance enter one by one, as in Lawson & Hanson's least squares: they are held so that they
    contribute no risk.
    """
    if shares.min() > 0:
        y = _newton(cov, shares, near)
        return None if y is None else cleaned(y / np.add.reduce(y))
    free, risky = shares <= 0, cov.diagonal() > 0
    hedges = np.zeros(len(shares), dtype=bool)
    for _ in range(2 * len(shares)):
        y = _with_hedges(cov, shares, near, hedges)
        if y is None:
            return None
        pull = np.where(free & risky & ~hedges, cov @ y, 0.0)
        if y.min() < 0:
            hedges[y.argmin()] = False
        elif pull.min() < 0:
            hedges[pull.argmin()] = True
        else:
            return cleaned(y / y.sum())
    return None


def _with_hedges(cov: Vector, shares: Vector, near: Vector, hedges: np.ndarray) -> Vector | None:
    """Multiples of the weights: budgeted assets by Newton's method, hedges where they contribute no risk."""
    held = shares > 0
    reduced, ratio = cov[held][:, held], None
    if hedges.any():
        try:
            ratio = -np.linalg.solve(cov[hedges][:, hedges], cov[hedges][:, held])
        except np.linalg.LinAlgError:
            return None
        reduced = reduced + cov[held][:, hedges] @ ratio
    found = _newton(reduced, shares[held], near[held])
    if found is None:
        return None
    y = np.zeros(len(shares))
    y[held] = found
    if ratio is not None:
        y[hedges] = ratio @ found
    return y


def _newton(cov: Vector, shares: Vector, y: Vector) -> Vector | None:
    """``y > 0`` with ``y_i (Sy)_i = b_i``, the minimum of ``y'Sy / 2 - b'log y`` (Spinu 2013); None where not found.

    A step is solved for relative to y, so that neither units nor volatilities matter: ``(YSY + B) z = b - YSy``. With
    the same factor it is corrected for the third and higher derivatives, which only the logarithm has: what a step z
    leaves of the gradient is ``b z^2 / (1 + z)``.
    """
    places = slice(None, None, len(y) + 1)
    for _ in range(STEPS):
        miss = shares - y * (cov @ y)
        curvature = cov * y
        curvature *= y[:, None]
        curvature.ravel("K")[places] += shares
        factor, singular = dpotrf(curvature.T, lower=1, clean=0, overwrite_a=1)
        if singular:
            return None
        z, _ = dpotrs(factor, miss, lower=1)
        length = float(np.maximum.reduce(np.abs(z)))
        if not length <= LARGEST_FULL_STEP:
            y = y + y * z / (1 + length)
            continue
        for _ in range(CORRECTIONS):
            z, _ = dpotrs(factor, miss + shares * z * z / (1 + z), lower=1)
        y = y + y * z
        if length < LAST_STEP:
            break
    return y if np.maximum.reduce(np.abs(y * (cov @ y) - shares)) < SHARE_TOLERANCE else None
