"""Portfolios whose risk, not whose money, is divided as agreed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from planner.errors import InputError
from planner.optimise.limits import positions
from planner.optimise.mean_variance import optimise
from planner.optimise.objectives import Objective, half_variance
from planner.optimise.solution import Solution, Solved, cleaned

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Limit, Scaled, Vector

BUDGET_TOLERANCE = 1e-9
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

    def structure(self) -> Hashable:
        """Which assets carry a budget."""
        return RiskBudget, tuple(share > 0 for share in self.shares)

    def values(self) -> Vector:
        """The budgets above 0."""
        return np.array([share for share in self.shares if share > 0])

    def cost(self, problem: Scaled, values: Any) -> Any:
        """Variance less the log barrier of the budgeted assets."""
        import cvxpy as cp

        budgeted = [place for place, share in enumerate(self.shares) if share > 0]
        return half_variance(problem) - values @ cp.log(problem.w[budgeted])

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
    limits = tuple(limits)
    w = _unlimited(assumptions.cov, np.array(objective.shares))
    if w is not None and all(limit.room(assumptions, w) >= 0 for limit in limits):
        return Solved(assumptions, w, objective, limits, "Newton")
    return optimise(assumptions, objective, limits)


def _shares(assumptions: Assumptions, budgets: Mapping[str, float]) -> tuple[float, ...]:
    shares = np.zeros(len(assumptions.assets))
    shares[positions(budgets.keys(), assumptions.assets, "The risk budget")] = list(budgets.values())
    if not np.isfinite(shares).all() or (shares < 0).any():
        raise InputError("A risk budget is negative or not a number: give each asset a share between 0 and 1.")
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
    """Newton's method on the budgeted assets in units of their volatility (Spinu 2013).

    ``None`` where it does not converge, or where an asset without a budget would reduce the variance and belongs in.
    """
    held = shares > 0
    volatility = np.sqrt(np.diag(cov)[held])
    correlation = cov[np.ix_(held, held)] / np.outer(volatility, volatility)
    x = _newton(correlation, shares[held])
    if x is None:
        return None
    y = np.zeros(len(shares))
    y[held] = x / volatility
    if (cov @ y)[~held].min(initial=0.0) < 0:
        return None
    return cleaned(y / y.sum())


def _newton(correlation: Vector, shares: Vector) -> Vector | None:
    x = np.sqrt(shares)
    x /= math.sqrt(x @ correlation @ x)
    for _ in range(NEWTON_STEPS):
        gradient = correlation @ x - shares / x
        if np.max(np.abs(x * gradient)) < NEWTON_TOLERANCE:
            return x
        step = np.linalg.solve(correlation + np.diag(shares / x**2), gradient)
        # The log barrier is self-concordant: a step of at most 1 / (1 + relative length) stays inside and descends.
        length = float(np.max(np.abs(step / x)))
        x = x - step / (1 + length if length > 0.5 else 1.0)
    return x if np.max(np.abs(x * (correlation @ x) - shares)) < BUDGET_TOLERANCE else None
