"""Limits relative to something: to a target, or to what a larger group holds."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from planner.errors import InputError
from planner.optimise.limits import BINDING_TOLERANCE, Limit, checked_fraction
from planner.optimise.weight_limits import TwoSided, checked_members, places_of
from planner.wording import percent

if TYPE_CHECKING:
    from collections.abc import Hashable

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Scaled, Vector


@dataclass(frozen=True)
class RelativeBand(Limit):
    """The weight of a group within a part of its target, such as 25 % of it.

    Formula: ``target (1 - width) <= sum of w over members <= target (1 + width)``. ``target`` is a weight above 0,
    ``width`` a fraction of it: 0.20 to 0.25 are usual. It is loosened by widening, counted in weight. Source: domain.md
    section 6; Daryanani (2008), Opportunistic Rebalancing.
    """

    name: str
    members: tuple[str, ...]
    target: float
    width: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "members", checked_members(self.name, self.members))
        if checked_fraction(self.target, f"The target of the group '{self.name}'") <= 0:
            raise InputError(
                f"The target of the group '{self.name}' is {percent(self.target, 2)}: a band relative to it must have "
                "a target above 0. To keep the group out, use Group with upper=0."
            )
        if checked_fraction(self.width, f"The band of the group '{self.name}'") < 0:
            raise InputError(
                f"The band of the group '{self.name}' is {percent(self.width, 2)} wide: it must not be negative."
            )

    @property
    def edges(self) -> tuple[float, float]:
        """The smallest and the largest weight inside the band."""
        return self.target * (1 - self.width), self.target * (1 + self.width)

    def structure(self, assets: tuple[str, ...]) -> Hashable:
        """The members."""
        del assets
        return RelativeBand, self.members

    def values(self, assumptions: Assumptions) -> Vector:
        """Both edges."""
        del assumptions
        return np.array(self.edges)

    def constraints(self, problem: Scaled, values: Any, slack: Any = 0.0) -> list[Any]:
        """One row per edge."""
        import cvxpy as cp

        held = cp.sum(problem.w[places_of(self.name, self.members, problem.assumptions.assets)])
        return [held >= (values[0] - slack) * problem.total, held <= (values[1] + slack) * problem.total]

    def loosened(self, by: float) -> Self:
        """A band whose edges are further out by ``by``."""
        return replace(self, width=self.width + by / self.target)

    def room(self, assumptions: Assumptions, w: Vector) -> float:
        """Distance of the group's weight to the nearer edge."""
        held = float(w[places_of(self.name, self.members, assumptions.assets)].sum())
        low, high = self.edges
        return min(held - low, high - held)

    def binding(self, assumptions: Assumptions, w: Vector) -> list[str]:
        """The edge that is touched."""
        if self.room(assumptions, w) >= BINDING_TOLERANCE:
            return []
        if self.width == 0:
            return [f"{self.name} is at its target of {percent(self.target, 2)}"]
        held = float(w[places_of(self.name, self.members, assumptions.assets)].sum())
        word, edge = ("lower", self.edges[0]) if held < self.target else ("upper", self.edges[1])
        return [f"{self.name} is at the {word} edge of its band, {percent(edge, 2)}"]

    def sentence(self) -> str:
        """The band in words, and as weights."""
        low, high = (percent(edge, 2) for edge in self.edges)
        target = percent(self.target, 2)
        return f"{self.name} within {percent(self.width, 2)} of its target of {target}, that is {low} to {high}"


@dataclass(frozen=True)
class Ratio(TwoSided):
    """Smallest and largest share that some assets have in a larger group, such as large-cap coins in crypto.

    Formula: ``lower * sum of w over of - spare <= sum of w over members <= upper * sum of w over of + spare``; a side
    left out is free. Where nothing of the group is held, nothing is asked of its members. ``of`` need not contain the
    members: two groups side by side can be limited against each other. ``spare`` is a weight in the portfolio by which
    the share may be missed: a limit on a share is linear only in weights, in which it is loosened.
    """

    of_name: str
    of: tuple[str, ...]
    lower: float | None = field(default=None, kw_only=True)
    upper: float | None = field(default=None, kw_only=True)
    spare: float = field(default=0.0, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "of", checked_members(self.of_name, self.of))
        if min(side for side in (self.lower, self.upper) if side is not None) < 0:
            raise InputError(f"The share of {self.name} in {self.of_name} is negative: give one from 0 up.")
        if checked_fraction(self.spare, f"The spare weight of the group '{self.name}'") < 0:
            raise InputError(f"The spare weight of the group '{self.name}' is negative: give one from 0 up.")

    def structure(self, assets: tuple[str, ...]) -> Hashable:
        """Members, the larger group, and which sides are limited."""
        return super().structure(assets), self.of

    def values(self, assumptions: Assumptions) -> Vector:
        """The sides that are limited, lower first, then what is spare."""
        return np.concatenate([super().values(assumptions), [self.spare]])

    def constraints(self, problem: Scaled, values: Any, slack: Any = 0.0) -> list[Any]:
        """One row per limited side."""
        import cvxpy as cp

        assets = problem.assumptions.assets
        held = cp.sum(problem.w[places_of(self.name, self.members, assets)])
        whole = cp.sum(problem.w[places_of(self.of_name, self.of, assets)])
        made = []
        if self.lower is not None:
            made.append(held - values[0] * whole >= -(values[-1] + slack) * problem.total)
        if self.upper is not None:
            made.append(held - values[-2] * whole <= (values[-1] + slack) * problem.total)
        return made

    def loosened(self, by: float) -> Self:
        """More weight to spare."""
        return replace(self, spare=self.spare + by)

    def room(self, assumptions: Assumptions, w: Vector) -> float:
        """Weight by which the members could change before they touch the nearer side."""
        held, whole = self._held(assumptions, w)
        return self.spare + min(
            math.inf if self.lower is None else held - self.lower * whole,
            math.inf if self.upper is None else self.upper * whole - held,
        )

    def _held(self, assumptions: Assumptions, w: Vector) -> tuple[float, float]:
        members = places_of(self.name, self.members, assumptions.assets)
        return float(w[members].sum()), float(w[places_of(self.of_name, self.of, assumptions.assets)].sum())

    def binding(self, assumptions: Assumptions, w: Vector) -> list[str]:
        """The side that is touched, where anything of the group is held."""
        return super().binding(assumptions, w) if self._held(assumptions, w)[1] > BINDING_TOLERANCE else []

    def sentence(self) -> str:
        """Both sides in one phrase."""
        spare = f", give or take {percent(self.spare, 2)} of the portfolio" if self.spare else ""
        return f"{super().sentence()} of {self.of_name}{spare}"
