"""Portfolios whose risk, not whose money, is divided as agreed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from planner.errors import InputError
from planner.optimise.limits import Limit, checked, positions, typical_variance
from planner.optimise.mean_variance import LONG_ONLY, solved
from planner.optimise.objectives import Objective, half_variance
from planner.optimise.solution import Solution, Solved, cleaned
from planner.optimise.weight_limits import Held

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Scaled, Vector

BUDGET_TOLERANCE = 1e-9

LEAST_HOLDING = 1e-4
"""What a limit must leave to an asset with a risk budget: the step in which loosenings are offered."""

INSIDE = 1e-10
"""A portfolio no further outside a limit than this is inside it: a hundredth of what results promise."""

NEWTON_STEPS = 100
NEWTON_TOLERANCE = 1e-14
"""Largest error of a risk share at which Newton's method stops; it reaches this in about ten steps."""


@dataclass(frozen=True)
class RiskBudget(Objective):
    """Risk divided as budgeted: minimise ``y'Sy / 2 - sum b log y`` over ``y > 0``, then ``w = y / sum(y)``.

    ``shares`` are the budgets in the order of the assets, summing to 1. An asset with budget 0 contributes no risk.
    Source: Maillard, Roncalli & Teiletche (2010); Roncalli (2013), Introduction to Risk Parity and Budgeting, 2.2.
    """

    shares: tuple[float, ...]
    homogeneous = True
    nonnegative = True

    def structure(self) -> Hashable:
        """Which assets carry a budget."""
        return RiskBudget, tuple(share > 0 for share in self.shares)

    def quadratic(self, assumptions: Assumptions) -> Vector | None:
        """The covariance in typical units: the scale of the answer then is about 1."""
        return assumptions.cov / typical_variance(assumptions)

    def values(self, assumptions: Assumptions) -> Vector:
        """The budgets above 0."""
        del assumptions
        return np.array([share for share in self.shares if share > 0])

    def cost(self, problem: Scaled, values: Any) -> Any:
        """Variance less the log barrier of the budgeted assets."""
        import cvxpy as cp

        budgeted = [place for place, share in enumerate(self.shares) if share > 0]
        return half_variance(problem) - values @ cp.log(problem.w[budgeted])

    def implied(self, assumptions: Assumptions) -> tuple[Limit, ...]:
        """Something of every budgeted asset."""
        budgeted = (asset for asset, share in zip(assumptions.assets, self.shares, strict=True) if share > 0)
        return tuple(Held(lower={asset: LEAST_HOLDING}) for asset in budgeted)

    def sentence(self) -> str:
        """In words."""
        return "risk divided as budgeted"


def risk_budget(assumptions: Assumptions, budgets: Mapping[str, float], limits: Iterable[Limit] = ()) -> Solution:
    """The long-only portfolio whose risk contributions are the budgets.

    ``budgets``: share of the variance by asset, none negative, summing to 1; assets left out get 0. Without limits, or
    where none is in the way, the shares are exact to 1e-8 (Newton's method on the convex definition). Where a limit
    binds, the answer is the minimum of the same log-barrier objective inside the limits, each scaled by ``sum(y)``; the
    shares reached are the result's ``risk_contributions``.

    Raises ``InputError`` for budgets that are negative, unknown or do not sum to 1, and for a budget on an asset
    without volatility, which can carry no risk.
    """
    objective = RiskBudget(_shares(assumptions, budgets))
    if isinstance(limits, Limit):
        raise InputError(f"The limits are one limit: put it in a list, [{type(limits).__name__}(...)].")
    limits = tuple(limits)
    w = _unlimited(assumptions.cov, np.array(objective.shares))
    if w is not None and all(limit.room(assumptions, w) >= -INSIDE for limit in limits):
        return Solved(assumptions, w, objective, limits, "Newton")
    return solved(assumptions, objective, limits, (LONG_ONLY, *limits))


def _shares(assumptions: Assumptions, budgets: Mapping[str, float]) -> tuple[float, ...]:
    budgets = {asset: checked(share, f"The risk budget of {asset}") for asset, share in budgets.items()}
    shares = np.zeros(len(assumptions.assets))
    shares[positions(budgets, assumptions.assets, "The risk budget")] = list(budgets.values())
    for place in np.flatnonzero(shares < 0):
        raise InputError(
            f"The risk budget of {assumptions.assets[place]} is {shares[place]:g}: give each asset a share from 0 to 1."
        )
    total = math.fsum(shares)
    if abs(total - 1) > BUDGET_TOLERANCE:
        word = "take off" if total > 1 else "add"
        raise InputError(f"The risk budgets sum to {total:g}, not 1: {word} {abs(total - 1):.6g}.")
    for place in np.flatnonzero((shares > 0) & (np.diag(assumptions.cov) <= 0)):
        raise InputError(
            f"{assumptions.assets[place]} has no volatility and cannot carry a share of the risk: set its budget to 0 "
            "and its weight with Bounds."
        )
    return tuple(shares.tolist())


def _unlimited(cov: Vector, shares: Vector) -> Vector | None:
    """Newton's method in units of volatility (Spinu 2013); ``None`` where it does not converge.

    Assets without a budget that would reduce the variance enter one by one, as in Lawson & Hanson's least squares:
    they are held so that they contribute no risk.
    """
    volatility = np.sqrt(np.diag(cov))
    risky = volatility > 0
    volatility = volatility[risky]
    correlation = cov[risky][:, risky] / (volatility * volatility[:, None])
    budgets = shares[risky]
    hedges = np.zeros(len(volatility), dtype=bool)
    for _ in range(2 * len(volatility)):
        x = _with_hedges(correlation, budgets, hedges)
        if x is None:
            return None
        pull = np.where((budgets > 0) | hedges, 0.0, correlation @ x)
        if x.min() < 0:
            hedges[x.argmin()] = False
        elif pull.min() < 0:
            hedges[pull.argmin()] = True
        else:
            y = np.zeros(len(cov))
            y[risky] = x / volatility
            return cleaned(y / y.sum())
    return None


def _with_hedges(correlation: Vector, budgets: Vector, hedges: np.ndarray) -> Vector | None:
    """Multiples of the weights: budgeted assets by Newton's method, hedges where they contribute no risk."""
    held = budgets > 0
    reduced = correlation[held][:, held]
    ratio = np.zeros((0, int(held.sum())))
    if hedges.any():
        try:
            ratio = -np.linalg.solve(correlation[hedges][:, hedges], correlation[hedges][:, held])
        except np.linalg.LinAlgError:
            return None
        reduced = reduced + correlation[held][:, hedges] @ ratio
    found = _newton(reduced, budgets[held])
    if found is None:
        return None
    x = np.zeros(len(budgets))
    x[held], x[hedges] = found, ratio @ found
    return x


def _newton(correlation: Vector, shares: Vector) -> Vector | None:
    x = np.sqrt(shares)
    variance = float(x @ correlation @ x)
    if variance <= 0:
        return None
    x /= math.sqrt(variance)
    for _ in range(NEWTON_STEPS):
        gradient = correlation @ x - shares / x
        if np.max(np.abs(x * gradient)) < NEWTON_TOLERANCE:
            return x
        try:
            step = np.linalg.solve(correlation + np.diag(shares / x**2), gradient)
        except np.linalg.LinAlgError:
            return None
        # The log barrier is self-concordant: a step of at most 1 / (1 + relative length) stays inside and descends.
        length = float(np.max(np.abs(step / x)))
        x = x - step / (1 + length if length > 0.5 else 1.0)
    return x if np.max(np.abs(x * (correlation @ x) - shares)) < BUDGET_TOLERANCE else None
