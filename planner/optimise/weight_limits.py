"""Limits on weights: of single assets, and of several together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from operator import sub
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from planner.errors import InputError
from planner.optimise.limits import BINDING_TOLERANCE, Limit, checked_fraction, checked_fractions, positions
from planner.wording import percent

if TYPE_CHECKING:
    from collections.abc import Hashable

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Scaled, Vector

    Side = float | Mapping[str, float] | None


@dataclass(frozen=True)
class Bounds(Limit):
    """Smallest and largest weight of each asset: a number for all, or a mapping (or Series) by asset.

    ``lower`` left out means 0 (long only) for the assets it does not name; a negative lower bound allows short
    positions. Formula: ``lower <= w <= upper``.
    """

    lower: float | Mapping[str, float] | None = None
    upper: float | Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        for name in ("lower", "upper"):
            side = getattr(self, name)
            if hasattr(side, "items"):
                object.__setattr__(self, name, checked_fractions(side, f"The {name} bound"))
            elif side is not None:
                object.__setattr__(self, name, checked_fraction(side, f"The {name} bound"))
        if self.lower is not None and self.upper is not None:
            self._check_order(self.lower, self.upper)

    def _check_order(self, lower: float | Mapping[str, float], upper: float | Mapping[str, float]) -> None:
        if isinstance(lower, float):
            lower = dict.fromkeys(("every asset",) if isinstance(upper, float) else upper, lower)
        if isinstance(upper, float):
            upper = dict.fromkeys(lower, upper)
        for asset, low in lower.items():
            if low > upper.get(asset, math.inf):
                raise InputError(
                    f"The lower bound of {asset}, {percent(low, 2)}, is above its upper bound, "
                    f"{percent(upper[asset], 2)}: swap them or change one."
                )

    def structure(self, assets: tuple[str, ...]) -> Hashable:
        """Which assets are bounded on which side, and whether the lower bound is 0 for all."""
        del assets
        return Bounds, _named(self.lower), _named(self.upper)

    def values(self, assumptions: Assumptions) -> Vector:
        """Lower bounds unless they are 0 for all, then upper bounds."""
        count = len(assumptions.assets)
        lower = [] if self._long_only() else _numbers(self.lower, count)
        return np.array([*lower, *_numbers(self.upper, count)])

    def _long_only(self) -> bool:
        return isinstance(self.lower, float) and self.lower == 0

    def constraints(self, problem: Scaled, values: Any, slack: Any = 0.0) -> list[Any]:
        """One row per bound."""
        assets = problem.assumptions.assets
        low, high = _places(self.lower, assets), _places(self.upper, assets)
        made = []
        if self._long_only():
            made.append(problem.w >= -slack * problem.total)
            low = []
        if low:
            made.append(problem.w[low] >= (values[: len(low)] - slack) * problem.total)
        if high:
            made.append(problem.w[high] <= (values[len(low) :] + slack) * problem.total)
        return made

    def loosened(self, by: float) -> Self:
        """Lower bounds down and upper bounds up by ``by``."""
        return replace(self, lower=_moved(self.lower, -by), upper=_moved(self.upper, by))

    def room(self, assumptions: Assumptions, w: Vector) -> float:
        """Distance of the nearest weight to its bound."""
        above, below = (_distances(side, w, assumptions.assets) for side in (self.lower, self.upper))
        return min(min(above, default=math.inf), -max(below, default=-math.inf))

    def parts(self, assets: tuple[str, ...]) -> tuple[Limit, ...]:
        """A bound given by asset splits into one part per asset and side; a bound for all stays whole."""
        del assets
        split: list[Limit] = []
        for name in ("lower", "upper"):
            side = getattr(self, name)
            if isinstance(side, Mapping):
                split += [Bounds(**{name: {asset: value}}) for asset, value in side.items()]
            elif side is not None:
                split.append(Bounds(**{name: side}))
        return tuple(split)

    def lower_bounded(self, assets: tuple[str, ...]) -> frozenset[str]:
        """Assets with a stated lower bound."""
        if self.lower is None:
            return frozenset()
        return frozenset(assets if isinstance(self.lower, float) else self.lower)

    def forbids_shorts_only(self) -> bool:
        """Whether all that is stated are lower bounds of 0."""
        if self.upper is not None or self.lower is None:
            return False
        return self.lower == 0 if isinstance(self.lower, float) else not any(self.lower.values())

    def binding(self, assumptions: Assumptions, w: Vector) -> list[str]:
        """One sentence per asset that sits on a bound, or between two that are one."""
        assets = assumptions.assets
        low, high = _touched(self.lower, w, assets), _touched(self.upper, w, assets)
        said = []
        for place in sorted({*low, *high}):
            asset = assets[place]
            if place in low and place in high:
                said.append(f"{asset} is fixed at {percent(low[place], 2)}")
            elif place in low:
                said.append(f"{asset} is at its lower bound of {percent(low[place], 2)}")
            else:
                said.append(f"{asset} is at its upper bound of {percent(high[place], 2)}")
        return said

    def sentence(self) -> str:
        """Each side, by asset where it differs."""
        said = []
        for side, word in ((self.lower, "at least"), (self.upper, "at most")):
            if isinstance(side, Mapping):
                said += [f"{asset} {word} {percent(value, 2)}" for asset, value in side.items()]
            elif side is not None:
                said.append(f"every asset {word} {percent(side, 2)}")
        return ", ".join(said) or "no bounds"


def _places(side: Side, assets: tuple[str, ...]) -> list[int]:
    """Places of the bounded assets."""
    if side is None:
        return []
    return list(range(len(assets))) if isinstance(side, float) else positions(side, assets, "A bound")


def _numbers(side: Side, count: int) -> list[float]:
    """The bounds of these assets."""
    if side is None:
        return []
    return [side] * count if isinstance(side, float) else list(side.values())


def _distances(side: Side, w: Vector, assets: tuple[str, ...]) -> list[float]:
    """How far the bounded weights are above their bound."""
    if side is None:
        return []
    held = w.tolist() if isinstance(side, float) else w[_places(side, assets)].tolist()
    return list(map(sub, held, _numbers(side, len(assets))))


def _touched(side: Side, w: Vector, assets: tuple[str, ...]) -> dict[int, float]:
    """Places and bounds of the assets that sit on their bound."""
    distances = zip(_places(side, assets), _numbers(side, len(assets)), _distances(side, w, assets), strict=True)
    return {place: bound for place, bound, distance in distances if abs(distance) < BINDING_TOLERANCE}


def _named(side: Side) -> Hashable:
    if side is None:
        return None
    return side == 0 if isinstance(side, float) else tuple(side)


def _moved(side: Side, step: float) -> Side:
    if side is None:
        return None
    return side + step if isinstance(side, float) else {asset: value + step for asset, value in side.items()}


@dataclass(frozen=True)
class Held(Bounds):
    """The smallest holding that lets an asset carry its share of a risk budget, which cannot be none."""

    negotiable = False

    def parts(self, assets: tuple[str, ...]) -> tuple[Limit, ...]:
        """One part: there is nothing to split."""
        del assets
        return (self,)

    def sentence(self) -> str:
        """Which asset, and why."""
        names = ", ".join(self.lower) if isinstance(self.lower, Mapping) else "every asset"
        return f"{names} held at all, to carry a share of the risk"


def checked_members(name: str, members: tuple[str, ...]) -> tuple[str, ...]:
    """The members of a group as a tuple in which each stands once."""
    if isinstance(members, str):
        raise InputError(f"The members of the group '{name}' are a text: give a list, ['{members}'].")
    members = tuple(members)
    if not members:
        raise InputError(f"The group '{name}' has no members: name at least one asset.")
    if len(set(members)) < len(members):
        raise InputError(f"The group '{name}' names an asset twice: each counts once.")
    return members


def places_of(name: str, members: tuple[str, ...], assets: tuple[str, ...]) -> list[int]:
    """Places of the members of a group."""
    return positions(members, assets, f"The group '{name}'")


@dataclass(frozen=True)
class TwoSided(Limit):
    """A limit on a group with a lower and an upper side, of which one may be left out."""

    name: str
    members: tuple[str, ...]
    lower: float | None = None
    upper: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "members", checked_members(self.name, self.members))
        if self.lower is None and self.upper is None:
            raise InputError(f"The group '{self.name}' limits nothing: give a lower or an upper bound.")
        for word in ("lower", "upper"):
            side = getattr(self, word)
            if side is not None:
                number = checked_fraction(side, f"The {word} bound of the group '{self.name}'")
                object.__setattr__(self, word, number)
        if self.lower is not None and self.upper is not None and self.lower > self.upper:
            raise InputError(
                f"The group '{self.name}' must be at least {percent(self.lower, 2)} and at most "
                f"{percent(self.upper, 2)}: swap them or change one."
            )

    def structure(self, assets: tuple[str, ...]) -> Hashable:
        """Members and which sides are limited."""
        del assets
        return type(self), self.members, self._given()

    def _given(self) -> tuple[bool, bool]:
        return self.lower is not None, self.upper is not None

    def values(self, assumptions: Assumptions) -> Vector:
        """The sides that are limited, lower first."""
        del assumptions
        return np.array([side for side in (self.lower, self.upper) if side is not None])

    def loosened(self, by: float) -> Self:
        """Lower down and upper up by ``by``."""
        return replace(
            self,
            lower=None if self.lower is None else self.lower - by,
            upper=None if self.upper is None else self.upper + by,
        )

    def parts(self, assets: tuple[str, ...]) -> tuple[Limit, ...]:
        """Lower and upper side apart."""
        del assets
        if not all(self._given()):
            return (self,)
        return replace(self, upper=None), replace(self, lower=None)

    def binding(self, assumptions: Assumptions, w: Vector) -> list[str]:
        """The side that is touched; one sentence where both are one."""
        if self.lower != self.upper:
            return super().binding(assumptions, w)
        return [self.sentence()] if self.room(assumptions, w) < BINDING_TOLERANCE else []

    def sentence(self) -> str:
        """Both sides in one phrase."""
        if self.lower is not None and self.lower == self.upper:
            return f"{self.name} exactly {percent(self.lower, 2)}"
        said = []
        if self.lower is not None:
            said.append(f"at least {percent(self.lower, 2)}")
        if self.upper is not None:
            said.append(f"at most {percent(self.upper, 2)}")
        return f"{self.name} {' and '.join(said)}"


@dataclass(frozen=True)
class Group(TwoSided):
    """Smallest and largest weight of several assets together, such as an asset class.

    Formula: ``lower <= sum of w over members <= upper``; a side left out is free.
    """

    def constraints(self, problem: Scaled, values: Any, slack: Any = 0.0) -> list[Any]:
        """One row per limited side."""
        import cvxpy as cp

        held = cp.sum(problem.w[places_of(self.name, self.members, problem.assumptions.assets)])
        made = []
        if self.lower is not None:
            made.append(held >= (values[0] - slack) * problem.total)
        if self.upper is not None:
            made.append(held <= (values[-1] + slack) * problem.total)
        return made

    def room(self, assumptions: Assumptions, w: Vector) -> float:
        """Distance of the group's weight to the nearer side."""
        held = float(w[places_of(self.name, self.members, assumptions.assets)].sum())
        return min(
            math.inf if self.lower is None else held - self.lower,
            math.inf if self.upper is None else self.upper - held,
        )
