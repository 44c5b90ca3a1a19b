"""Limits on what the portfolio as a whole is expected to do: its volatility and its return."""

from __future__ import annotations

import math
from abc import abstractmethod
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


def at_most(problem: Scaled, exposure: Any, maximum: Any) -> Any:
    """A yearly volatility of ``exposure``, weights times ``total``, of at most ``maximum``: a second-order cone."""
    return problem.relative_volatility(exposure) <= maximum * problem.total / problem.unit


def volatility(assumptions: Assumptions, exposure: Vector) -> float:
    """The yearly volatility of ``exposure``, weights or what they differ by."""
    return math.sqrt(max(0.0, float(exposure @ assumptions.cov @ exposure)))


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
        return [at_most(problem, problem.w, values[0] + slack)]

    def loosened(self, by: float) -> Self:
        """A higher cap."""
        return replace(self, maximum=self.maximum + by)

    def room(self, assumptions: Assumptions, w: Vector) -> float:
        """Cap less volatility."""
        return self.maximum - volatility(assumptions, w)

    def sentence(self) -> str:
        """The cap in words."""
        return f"volatility at most {percent(self.maximum, 2)} a year"


class Floor(Limit):
    """Smallest value of a figure that is the weighted sum of the assets'. Formula: ``f'w >= minimum``."""

    minimum: float

    @staticmethod
    @abstractmethod
    def figures(assumptions: Assumptions) -> Vector:
        """The figure of each asset."""

    def structure(self, assets: tuple[str, ...]) -> Hashable:
        """Always the same: which figure it is stands in the numbers."""
        del assets
        return Floor

    def values(self, assumptions: Assumptions) -> Vector:
        """The floor, then the figures."""
        return np.concatenate([[self.minimum], self.figures(assumptions)])

    def constraints(self, problem: Scaled, values: Any, slack: Any = 0.0) -> list[Any]:
        """One row."""
        return [values[1:] @ problem.w >= (values[0] - slack) * problem.total]

    def room(self, assumptions: Assumptions, w: Vector) -> float:
        """The portfolio's figure less the floor."""
        return float(self.figures(assumptions) @ w) - self.minimum


@dataclass(frozen=True)
class ReturnFloor(Floor):
    """Smallest yearly expected return of the portfolio. Formula: ``mu'w >= minimum``."""

    minimum: float

    def __post_init__(self) -> None:
        checked(self.minimum, "The expected return")

    @staticmethod
    def figures(assumptions: Assumptions) -> Vector:
        """Expected returns."""
        return assumptions.mu

    def loosened(self, by: float) -> Self:
        """A lower floor."""
        return replace(self, minimum=self.minimum - by)

    def sentence(self) -> str:
        """The floor in words."""
        return f"expected return at least {percent(self.minimum, 2)} a year"


@dataclass(frozen=True)
class AverageVolatility(Floor):
    """Weighted average volatility of the assets, without which there is nothing to diversify: ``s'w >= minimum``."""

    minimum: float
    negotiable = False

    @staticmethod
    def figures(assumptions: Assumptions) -> Vector:
        """Volatilities."""
        return np.sqrt(np.diag(assumptions.cov))

    def loosened(self, by: float) -> Self:
        """A lower floor."""
        return replace(self, minimum=self.minimum - by)

    def sentence(self) -> str:
        """In words."""
        return "an asset with volatility"


@dataclass(frozen=True)
class AboveCash(ReturnFloor):
    """An expected return above the risk-free rate, without which there is no Sharpe ratio to maximise."""

    negotiable = False

    def sentence(self) -> str:
        """The rate in words."""
        return f"expected return above the risk-free {percent(self.minimum, 2)} a year"
