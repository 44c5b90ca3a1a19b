"""Limits on the way from today's weights to the new ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from planner.errors import InputError
from planner.optimise.limits import Limit, checked_fraction, checked_weights, in_order
from planner.wording import percent

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Scaled, Vector


@dataclass(frozen=True)
class Turnover(Limit):
    """Largest one-way turnover from the current weights.

    Formula: ``sum max(current - w, 0) <= maximum``: what is sold, as a part of the portfolio; what is bought is as
    much, and each is half of ``sum |w - current|``. Current weights are by asset (mapping or Series), sum to 1, and
    assets left out are 0.
    """

    current: Mapping[str, float]
    maximum: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "current", checked_weights(self.current, "current"))
        if checked_fraction(self.maximum, "The largest turnover") < 0:
            raise InputError(f"The largest turnover is {percent(self.maximum, 2)}: it must not be negative.")

    def structure(self, assets: tuple[str, ...]) -> Hashable:
        """Always the same."""
        del assets
        return Turnover

    def values(self, assumptions: Assumptions) -> Vector:
        """Current weights in the order of the assets, then the maximum."""
        return np.concatenate([in_order(self.current, assumptions.assets, "The current portfolio"), [self.maximum]])

    def constraints(self, problem: Scaled, values: Any, slack: Any = 0.0) -> list[Any]:
        """One row per asset, and one for their sum."""
        import cvxpy as cp

        sold = cp.Variable(len(problem.assumptions.assets))
        return [
            sold >= 0,
            sold >= values[:-1] * problem.total - problem.w,
            cp.sum(sold) <= (values[-1] + slack) * problem.total,
        ]

    def loosened(self, by: float) -> Self:
        """More turnover."""
        return replace(self, maximum=self.maximum + by)

    def room(self, assumptions: Assumptions, w: Vector) -> float:
        """Maximum less turnover."""
        current = in_order(self.current, assumptions.assets, "The current portfolio")
        return self.maximum - float(np.maximum(current - w, 0.0).sum())

    def sentence(self) -> str:
        """The maximum in words."""
        return f"at most {percent(self.maximum, 2)} of the portfolio sold"
