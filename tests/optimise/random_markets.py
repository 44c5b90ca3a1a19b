"""Markets and limits for the tests of the optimisers: written down, drawn at random, and solved by another route."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from planner import Assumptions
from planner.optimise import Bounds, Group, ReturnFloor, Turnover, VolatilityCap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planner.optimise import Limit, Objective

SEEDS = st.integers(0, 10**6)


def market(mean: Any, covariance: Any, risk_free: float = 0.0, *, unit: float = 1.0) -> Assumptions:
    """Assumptions for assets a, b, c ...; ``unit`` is what one in the numbers is as a fraction (0.01 for percent)."""
    mean, covariance = np.asarray(mean, float) * unit, np.asarray(covariance, float) * unit**2
    names = [chr(ord("a") + place) for place in range(len(mean))]
    return Assumptions(pd.Series(mean, names), pd.DataFrame(covariance, names, names), risk_free)


def from_deviations(deviations: Any, correlation: Any, mean: Any = None) -> Assumptions:
    """The same, from standard deviations and a correlation matrix."""
    covariance = np.outer(deviations, deviations) * np.asarray(correlation, float)
    return market(np.zeros(len(covariance)) if mean is None else mean, covariance)


def random_market(seed: int, size: int | None = None, rank: int | None = None) -> Assumptions:
    """A market of 2 to 12 assets with volatilities from 3 to 60 % and correlations of every kind."""
    rng = np.random.default_rng(seed)
    size = size or int(rng.integers(2, 13))
    loadings = rng.normal(size=(rank or 3 * size, size)) @ (np.eye(size) + 0.5 * rng.normal(size=(size, size)))
    covariance = loadings.T @ loadings
    scale = rng.uniform(0.03, 0.6, size) / np.sqrt(np.diag(covariance))
    return market(rng.normal(0.06, 0.05, size), covariance * np.outer(scale, scale), float(rng.choice([0, 0.02])))


def random_limits(assumptions: Assumptions, seed: int) -> tuple[list[Limit], np.ndarray]:
    """Limits of several kinds around a portfolio that is inside all of them, and that portfolio."""
    rng = np.random.default_rng(seed)
    names, size = assumptions.assets, len(assumptions.assets)
    inside = rng.dirichlet(np.full(size, rng.choice([0.5, 2.0])))
    limits: list[Limit] = []
    if rng.random() < 0.6:
        chosen = [place for place in range(size) if rng.random() < 0.5]
        limits.append(
            Bounds(
                lower={names[place]: float(inside[place] - rng.uniform(0, 0.3)) for place in chosen},
                upper={names[place]: float(inside[place] + rng.uniform(0, 0.3)) for place in chosen},
            )
        )
    for number in range(int(rng.integers(0, 4))):
        chosen = [place for place in range(size) if rng.random() < 0.5] or [0]
        held = float(inside[chosen].sum())
        members = tuple(names[place] for place in chosen)
        limits.append(Group(f"group {number}", members, held - rng.uniform(0, 0.2), held + rng.uniform(0, 0.2)))
    if rng.random() < 0.25:
        now = rng.dirichlet(np.ones(size))
        turnover = float(np.abs(inside - now).sum() / 2 + rng.uniform(0, 0.2))
        limits.append(Turnover(dict(zip(names, now.tolist(), strict=True)), turnover))
    if rng.random() < 0.25:
        volatility = math.sqrt(inside @ assumptions.cov @ inside)
        limits.append(VolatilityCap(volatility * float(rng.uniform(1.02, 1.3))))
    return limits, inside


def least_room(assumptions: Assumptions, w: np.ndarray, limits: Iterable[Limit]) -> float:
    """How far inside the limits ``w`` is, by their formulas written out once more; long only where none says else."""
    at = {asset: place for place, asset in enumerate(assumptions.assets)}
    room, lows = [math.inf], dict.fromkeys(assumptions.assets, 0.0)
    for limit in limits:
        if isinstance(limit, Bounds):
            for side, sign in ((limit.lower, 1), (limit.upper, -1)):
                bounds = dict.fromkeys(at, side) if isinstance(side, float) else side or {}
                room += [sign * (w[at[asset]] - bound) for asset, bound in bounds.items()]
                lows = {asset: low for asset, low in lows.items() if sign < 0 or asset not in bounds}
        elif isinstance(limit, Group):
            held = sum(w[at[asset]] for asset in limit.members)
            room += [held - limit.lower] if limit.lower is not None else []
            room += [limit.upper - held] if limit.upper is not None else []
        elif isinstance(limit, Turnover):
            sold = sum(abs(w[place] - limit.current.get(asset, 0.0)) for asset, place in at.items()) / 2
            room.append(limit.maximum - sold)
        elif isinstance(limit, VolatilityCap):
            room.append(limit.maximum - math.sqrt(max(0.0, w @ assumptions.cov @ w)))
        elif isinstance(limit, ReturnFloor):
            room.append(assumptions.mu @ w - limit.minimum)
    return float(min(room + [w[at[asset]] - low for asset, low in lows.items()]))


def solved_afresh(assumptions: Assumptions, objective: Objective, limits: Iterable[Limit]) -> np.ndarray | None:
    """The solution of a problem written straight into cvxpy, or None where it is infeasible.

    Volatilities and returns are in units of their own size, and the maximum Sharpe ratio is found in weights times a
    free scale; nothing of the planner is used but the numbers.
    """
    import cvxpy as cp

    mu, size = assumptions.mu, len(assumptions.mu)
    unit = float(np.trace(assumptions.cov)) / size
    factor = _factor(assumptions)
    kind = type(objective).__name__
    w = cp.Variable(size)
    total = cp.Variable(nonneg=True) if kind == "MaximumSharpe" else 1.0
    rows = [cp.sum(w) == total, *_rows(assumptions, limits, w, total)]
    variance = cp.sum_squares(factor @ w) / 2
    if kind in {"MinimumVariance", "TargetReturn"}:
        cost = variance
    elif kind == "MaximumUtility":
        cost = variance - mu @ w / (unit * objective.risk_aversion)
    elif kind == "MaximumSharpe":
        cost = variance
        rows.append((mu - assumptions.risk_free) @ w * 10 == 1)
    else:
        cost = -(mu @ w) * 10
    if kind == "TargetReturn":
        rows.append(mu @ w >= objective.expected_return)
    if kind == "MaximumReturn":
        rows.append(cp.norm2(factor @ w) <= objective.volatility / math.sqrt(unit))
    problem = cp.Problem(cp.Minimize(cost), rows)
    problem.solve(solver=cp.CLARABEL, tol_feas=1e-9, tol_gap_abs=1e-10, tol_gap_rel=1e-10)
    if problem.status in {cp.INFEASIBLE, cp.INFEASIBLE_INACCURATE}:
        return None
    return np.asarray(w.value / (total.value if kind == "MaximumSharpe" else 1.0))


def _factor(assumptions: Assumptions) -> np.ndarray:
    """The covariance's factor in units of the mean variance."""
    size = len(assumptions.mu)
    return np.linalg.cholesky(assumptions.cov / np.trace(assumptions.cov) * size + 1e-15 * np.eye(size)).T


def _rows(assumptions: Assumptions, limits: Iterable[Limit], w: Any, total: Any) -> list[Any]:
    import cvxpy as cp

    at = {asset: place for place, asset in enumerate(assumptions.assets)}
    long_only, rows = set(at), []
    for limit in limits:
        if isinstance(limit, Bounds):
            for side, sign in ((limit.lower, 1), (limit.upper, -1)):
                bounds = dict.fromkeys(at, side) if isinstance(side, float) else side or {}
                rows += [sign * (w[at[asset]] - bound * total) >= 0 for asset, bound in bounds.items()]
                long_only -= set(bounds) if sign > 0 else set()
        elif isinstance(limit, Group):
            held = cp.sum([w[at[asset]] for asset in limit.members])
            rows += [held >= limit.lower * total] if limit.lower is not None else []
            rows += [held <= limit.upper * total] if limit.upper is not None else []
        elif isinstance(limit, Turnover):
            now = np.array([limit.current.get(asset, 0.0) for asset in at])
            rows.append(cp.norm1(w - now * total) <= 2 * limit.maximum * total)
        elif isinstance(limit, VolatilityCap):
            unit = float(np.trace(assumptions.cov)) / len(at)
            rows.append(cp.norm2(_factor(assumptions) @ w) <= limit.maximum / math.sqrt(unit) * total)
        elif isinstance(limit, ReturnFloor):
            rows.append(assumptions.mu @ w >= limit.minimum * total)
    return rows + ([w[sorted(at[asset] for asset in long_only)] >= 0] if long_only else [])


def loss(assumptions: Assumptions, objective: Objective, w: np.ndarray) -> float:
    """What the objective makes smallest, in its own unit."""
    variance, expected = float(w @ assumptions.cov @ w), float(assumptions.mu @ w)
    kind = type(objective).__name__
    if kind in {"MinimumVariance", "TargetReturn"}:
        return math.sqrt(max(0.0, variance))
    if kind == "MaximumUtility":
        return objective.risk_aversion / 2 * variance - expected
    if kind == "MaximumSharpe":
        return -(expected - assumptions.risk_free) / math.sqrt(variance)
    return -expected
