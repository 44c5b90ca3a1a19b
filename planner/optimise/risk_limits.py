"""Limits on what the portfolio as a whole is expected to do: its volatility and its return."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from planner.errors import InputError
from planner.optimise.limits import Limit, checked, checked_fraction
from planner.wording import percent

if TYPE_CHECKING:
    from collections.abc import Hashable

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Scaled, Vector


@dataclass(frozen=True)
class VolatilityCap(Limit):
    """Largest yearly volatility of the portfolio. Formula: ``sqrt(w'Sw) <= maximum``, a second-order cone."""

    maximum: float
    market_bound = True

    def __post_init__(self) -> None:
        if checked_fraction(self.maximum, "The volatility cap") <= 0:
            raise InputError(f"The volatility cap is {percent(self.maximum, 2)}: it must be above 0.")

    def structure(self, assets: tuple[str, ...]) -> Hashable:
        """Always the same."""
        del assets
        return VolatilityCap

    def values(self, assumptions: Assumptions) -> Vector:
        """The cap."""
        del assumptions
        return np.array([self.maximum])

    def constraints(self, problem: Scaled, values: Any, slack: Any = 0.0) -> list[Any]:
        """One second-order cone."""
        return [problem.relative_volatility(problem.w) <= (values[0] + slack) * problem.total / problem.unit]

    def loosened(self, by: float) -> Self:
        """A higher cap."""
        return replace(self, maximum=self.maximum + by)

    def room(self, assumptions: Assumptions, w: Vector) -> float:
        """Cap less volatility."""
        return self.maximum - math.sqrt(max(0.0, float(w @ assumptions.cov @ w)))

    def sentence(self) -> str:
        """The cap in words."""
        return f"volatility at most {percent(self.maximum, 2)} a year"


@dataclass(frozen=True)
class ReturnFloor(Limit):
    """Smallest yearly expected return of the portfolio. Formula: ``mu'w >= minimum``."""

    minimum: float

    def __post_init__(self) -> None:
        checked(self.minimum, "The expected return")

    def structure(self, assets: tuple[str, ...]) -> Hashable:
        """Always the same."""
        del assets
        return ReturnFloor

    def values(self, assumptions: Assumptions) -> Vector:
        """The floor, then the expected returns."""
        return np.concatenate([[self.minimum], assumptions.mu])

    def constraints(self, problem: Scaled, values: Any, slack: Any = 0.0) -> list[Any]:
        """One row."""
        return [values[1:] @ problem.w >= (values[0] - slack) * problem.total]

    def loosened(self, by: float) -> Self:
        """A lower floor."""
        return replace(self, minimum=self.minimum - by)

    def room(self, assumptions: Assumptions, w: Vector) -> float:
        """Expected return less floor."""
        return float(assumptions.mu @ w) - self.minimum

    def sentence(self) -> str:
        """The floor in words."""
        return f"expected return at least {percent(self.minimum, 2)} a year"


@dataclass(frozen=True)
class AboveCash(ReturnFloor):
    """An expected return above the risk-free rate, without which there is no Sharpe ratio to maximise."""

    negotiable = False

    def sentence(self) -> str:
        """The rate in words."""
        return f"expected return above the risk-free {percent(self.minimum, 2)} a year"
