"""Limits on weights: of single assets, and of several together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from planner.errors import InputError
from planner.optimise.limits import BINDING_TOLERANCE, Limit, checked_fraction, positions
from planner.wording import percent

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

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
                copied = {key: checked_fraction(value, f"The {name} bound of {key}") for key, value in side.items()}
                object.__setattr__(self, name, copied)
            elif side is not None:
                object.__setattr__(self, name, checked_fraction(side, f"The {name} bound"))
        self._check_order()

    def _check_order(self) -> None:
        if self.lower is None or self.upper is None:
            return
        named = [side for side in (self.lower, self.upper) if isinstance(side, Mapping)]
        names = set.intersection(*(set(side) for side in named)) if named else {"every asset"}
        for asset in sorted(names):
            lower = self.lower[asset] if isinstance(self.lower, Mapping) else self.lower
            upper = self.upper[asset] if isinstance(self.upper, Mapping) else self.upper
            if lower > upper:
                raise InputError(
                    f"The lower bound of {asset}, {percent(lower, 2)}, is above its upper bound, {percent(upper, 2)}: "
                    "swap them or change one."
                )

    def structure(self, assets: tuple[str, ...]) -> Hashable:
        """Which assets are bounded on which side, and whether the lower bound is 0 for all."""
        del assets
        return Bounds, _named(self.lower), _named(self.upper)

    def values(self, assumptions: Assumptions) -> Vector:
        """Lower bounds unless they are 0 for all, then upper bounds."""
        lower = [] if self._long_only() else _numbers(self.lower, assumptions.assets)
        return np.array([*lower, *_numbers(self.upper, assumptions.assets)])

    def _long_only(self) -> bool:
        return isinstance(self.lower, float) and self.lower == 0

    def constraints(self, problem: Scaled, values: Any, slack: Any = 0.0) -> list[Any]:
        """One row per bound."""
        assets = problem.assumptions.assets
        low, high = (list(_listed(side, assets)[0]) for side in (self.lower, self.upper))
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
        low, lows = _listed(self.lower, assumptions.assets)
        high, highs = _listed(self.upper, assumptions.assets)
        return float(min([*(w[list(low)] - lows), *(highs - w[list(high)]), math.inf]))

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
        return frozenset(assets[place] for place in _listed(self.lower, assets)[0])

    def forbids_shorts_only(self) -> bool:
        """Whether all that is stated are lower bounds of 0."""
        if self.upper is not None or self.lower is None:
            return False
        return all(bound == 0 for bound in (self.lower.values() if isinstance(self.lower, Mapping) else [self.lower]))

    def binding(self, assumptions: Assumptions, w: Vector) -> list[str]:
        """One sentence per asset that sits on a bound, or between two that are one."""
        assets = assumptions.assets
        bounds = {word: dict(zip(*_listed(getattr(self, word), assets), strict=True)) for word in ("lower", "upper")}
        said = []
        for place, asset in enumerate(assets):
            at = {
                word: side[place]
                for word, side in bounds.items()
                if place in side and abs(w[place] - side[place]) < BINDING_TOLERANCE
            }
            if len(at) == 2:
                said.append(f"{asset} is fixed at {percent(at['lower'], 2)}")
            else:
                said += [f"{asset} is at its {word} bound of {percent(bound, 2)}" for word, bound in at.items()]
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


def _listed(side: Side, assets: tuple[str, ...]) -> tuple[tuple[int, ...], list[float]]:
    """Places of the bounded assets, and their bounds."""
    if side is None:
        return (), []
    if isinstance(side, float):
        return tuple(range(len(assets))), [side] * len(assets)
    return tuple(positions(side, assets, "A bound")), list(side.values())


def _named(side: Side) -> Hashable:
    if isinstance(side, Mapping):
        return tuple(side)
    return side == 0 if isinstance(side, float) else None


def _numbers(side: Side, assets: tuple[str, ...]) -> Iterable[float]:
    if isinstance(side, Mapping):
        return side.values()
    return [] if side is None else [side] * len(assets)


def _moved(side: Side, step: float) -> Side:
    if side is None or isinstance(side, float):
        return None if side is None else side + step
    return {asset: value + step for asset, value in side.items()}


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


@dataclass(frozen=True)
class Group(Limit):
    """Smallest and largest weight of several assets together, such as an asset class.

    Formula: ``lower <= sum of w over members <= upper``; a side left out is free.
    """

    name: str
    members: tuple[str, ...]
    lower: float | None = None
    upper: float | None = None

    def __post_init__(self) -> None:
        if isinstance(self.members, str):
            raise InputError(f"The members of the group '{self.name}' are a text: give a list, ['{self.members}'].")
        object.__setattr__(self, "members", tuple(self.members))
        if not self.members:
            raise InputError(f"The group '{self.name}' has no members: name at least one asset.")
        if len(set(self.members)) < len(self.members):
            raise InputError(f"The group '{self.name}' names an asset twice: each counts once.")
        if self.lower is None and self.upper is None:
            raise InputError(f"The group '{self.name}' limits nothing: give a lower or an upper weight.")
        for word in ("lower", "upper"):
            if getattr(self, word) is not None:
                checked = checked_fraction(getattr(self, word), f"The {word} bound of the group '{self.name}'")
                object.__setattr__(self, word, checked)
        if self.lower is not None and self.upper is not None and self.lower > self.upper:
            raise InputError(
                f"The group '{self.name}' must be at least {percent(self.lower, 2)} and at most "
                f"{percent(self.upper, 2)}: swap them or change one."
            )

    def structure(self, assets: tuple[str, ...]) -> Hashable:
        """Members and which sides are limited."""
        del assets
        return Group, self.members, self._given()

    def _given(self) -> tuple[bool, bool]:
        return self.lower is not None, self.upper is not None

    def values(self, assumptions: Assumptions) -> Vector:
        """The sides that are limited, lower first."""
        del assumptions
        return np.array([side for side in (self.lower, self.upper) if side is not None], dtype=float)

    def constraints(self, problem: Scaled, values: Any, slack: Any = 0.0) -> list[Any]:
        """One row per limited side."""
        import cvxpy as cp

        held = cp.sum(problem.w[positions(self.members, problem.assumptions.assets, f"The group '{self.name}'")])
        made = []
        if self.lower is not None:
            made.append(held >= (values[0] - slack) * problem.total)
        if self.upper is not None:
            made.append(held <= (values[-1] + slack) * problem.total)
        return made

    def loosened(self, by: float) -> Self:
        """Lower down and upper up by ``by``."""
        return replace(
            self,
            lower=None if self.lower is None else self.lower - by,
            upper=None if self.upper is None else self.upper + by,
        )

    def room(self, assumptions: Assumptions, w: Vector) -> float:
        """Distance of the group's weight to the nearer side."""
        held = float(w[positions(self.members, assumptions.assets, self.name)].sum())
        return min(
            math.inf if self.lower is None else held - self.lower,
            math.inf if self.upper is None else self.upper - held,
        )

    def parts(self, assets: tuple[str, ...]) -> tuple[Limit, ...]:
        """Lower and upper side apart."""
        del assets
        if not all(self._given()):
            return (self,)
        return replace(self, upper=None), replace(self, lower=None)

    def binding(self, assumptions: Assumptions, w: Vector) -> list[str]:
        """The side that is touched; one sentence where both are one."""
        return [self.sentence()] if self.lower == self.upper else super().binding(assumptions, w)

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
