"""Limits on the way from today's weights to the new ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from planner.errors import InputError
from planner.optimise.limits import BINDING_TOLERANCE, Limit, checked, checked_fraction, positions
from planner.wording import percent

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Scaled, Vector


@dataclass(frozen=True)
class Turnover(Limit):
    """Largest one-way turnover from the current weights.

    Formula: ``sum |w - current| / 2 <= maximum``: what is sold, as a part of the portfolio. Current weights are by
    asset (mapping or Series), sum to 1, and assets left out are 0.
    """

    current: Mapping[str, float]
    maximum: float

    def __post_init__(self) -> None:
        current = {asset: checked(weight, f"The current weight of {asset}") for asset, weight in self.current.items()}
        object.__setattr__(self, "current", current)
        if abs(sum(self.current.values()) - 1) > BINDING_TOLERANCE:
            raise InputError(
                f"The current weights sum to {sum(self.current.values()):g}: they must sum to 1. Divide by the total."
            )
        if checked_fraction(self.maximum, "The largest turnover") < 0:
            raise InputError(f"The largest turnover is {percent(self.maximum, 2)}: it must not be negative.")

    def structure(self, assets: tuple[str, ...]) -> Hashable:
        """Always the same."""
        positions(self.current, assets, "The current portfolio")
        return Turnover

    def values(self, assumptions: Assumptions) -> Vector:
        """Current weights in the order of the assets, then the maximum."""
        return np.array([*(self.current.get(asset, 0.0) for asset in assumptions.assets), self.maximum])

    def constraints(self, problem: Scaled, values: Any, slack: Any = 0.0) -> list[Any]:
        """Trades bound the change from both sides (a norm of two parameters would not be DPP)."""
        import cvxpy as cp

        count = len(problem.assumptions.assets)
        trades = cp.Variable(count)
        change = problem.w - values[:count] * problem.total
        return [
            trades >= change,
            trades >= -change,
            cp.sum(trades) / 2 <= (values[count] + slack) * problem.total,
        ]

    def loosened(self, by: float) -> Self:
        """More turnover."""
        return replace(self, maximum=self.maximum + by)

    def room(self, assumptions: Assumptions, w: Vector) -> float:
        """Maximum less turnover."""
        current = self.values(assumptions)[:-1]
        return self.maximum - float(np.abs(w - current).sum()) / 2

    def sentence(self) -> str:
        """The maximum in words."""
        return f"at most {percent(self.maximum, 2)} of the portfolio sold"
