"""Staying near strategic targets, in risk instead of weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from planner.errors import InputError
from planner.optimise.limits import Limit, checked_fraction, checked_weights, in_order, typical_variance
from planner.optimise.objectives import Objective, half_variance
from planner.optimise.risk_limits import at_most, volatility
from planner.wording import percent

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Scaled, Vector

OWN_VARIANCE = 1e-8
"""Variance that every asset gets on top, in typical units: of portfolios that track alike the nearest to the targets is
taken, and where there is only one it moves by less than results promise."""

WHERE = "The target portfolio"


@dataclass(frozen=True)
class TrackTargets(Objective):
    """The least tracking error to strategic targets: minimise ``sqrt((w - t)'S(w - t))``.

    ``targets`` are weights by asset (mapping or Series) that sum to 1; assets left out are 0. Where the limits allow
    the targets the answer is the targets. Source: Grinold & Kahn (2000), Active Portfolio Management, chapter 3; Roll
    (1992), A Mean/Variance Analysis of Tracking Error.
    """

    targets: Mapping[str, float]

    def __post_init__(self) -> None:
        object.__setattr__(self, "targets", checked_weights(self.targets, "target"))

    def quadratic(self, assumptions: Assumptions) -> Vector | None:
        """The covariance, and a little variance of its own for each asset."""
        own = OWN_VARIANCE * typical_variance(assumptions)
        return np.asarray(assumptions.cov + own * np.eye(len(assumptions.assets)))

    def values(self, assumptions: Assumptions) -> Vector:
        """Covariances of the assets with the targets."""
        targets = in_order(self.targets, assumptions.assets, WHERE)
        return np.asarray(assumptions.cov @ targets + OWN_VARIANCE * typical_variance(assumptions) * targets)

    def cost(self, problem: Scaled, values: Any) -> Any:
        """Half the variance of ``w - t``, but for a constant."""
        return half_variance(problem) - values @ problem.w

    def sentence(self) -> str:
        """In words."""
        return "the lowest tracking error to the targets"


@dataclass(frozen=True)
class TrackingError(Limit):
    """Largest yearly tracking error to strategic targets: ``sqrt((w - t)'S(w - t)) <= maximum``, a second-order cone.

    ``targets`` are weights by asset (mapping or Series) that sum to 1; assets left out are 0. Two portfolios whose
    tracking error is 2 % differ by less than 2 % of return in two years of three. Source: Grinold & Kahn (2000), Active
    Portfolio Management, chapter 3.
    """

    targets: Mapping[str, float]
    maximum: float
    market_bound = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "targets", checked_weights(self.targets, "target"))
        if checked_fraction(self.maximum, "The largest tracking error") <= 0:
            raise InputError(
                f"The largest tracking error is {percent(self.maximum, 2)}: it must be above 0. To hold the targets "
                "themselves use Bounds."
            )

    def structure(self, assets: tuple[str, ...]) -> Hashable:
        """Always the same."""
        del assets
        return TrackingError

    def values(self, assumptions: Assumptions) -> Vector:
        """The targets in the order of the assets, then the maximum."""
        return np.concatenate([in_order(self.targets, assumptions.assets, WHERE), [self.maximum]])

    def constraints(self, problem: Scaled, values: Any, slack: Any = 0.0) -> list[Any]:
        """One second-order cone."""
        return [at_most(problem, problem.w - values[:-1] * problem.total, values[-1] + slack)]

    def loosened(self, by: float) -> Self:
        """A larger tracking error."""
        return replace(self, maximum=self.maximum + by)

    def room(self, assumptions: Assumptions, w: Vector) -> float:
        """Maximum less tracking error."""
        return self.maximum - volatility(assumptions, w - in_order(self.targets, assumptions.assets, WHERE))

    def sentence(self) -> str:
        """The maximum in words."""
        return f"tracking error to the targets at most {percent(self.maximum, 2)} a year"
