"""Limits on a portfolio: one class per limit, each with its sentence and its cvxpy constraint.

Every constraint is written for weights ``w`` that sum to ``total``. ``total`` is 1 in most problems and a variable
in homogenised ones (maximum Sharpe, risk budgets), where the weights are divided by it afterwards.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from planner.errors import InputError
from planner.wording import percent

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from planner.market.assumptions import Assumptions

    Vector = np.ndarray[tuple[int], np.dtype[np.float64]]

BINDING_TOLERANCE = 1e-6
"""A limit binds when a solution is closer to it than this, in weight, volatility or return."""


@dataclass(frozen=True)
class Scaled:
    """The cvxpy side of one problem: the weights, what they sum to, and the market they are chosen in."""

    w: Any
    total: Any
    assumptions: Assumptions

    def volatility(self, w: Any) -> Any:
        """Volatility of the cvxpy expression ``w`` as a norm (convex, degree 1)."""
        import cvxpy as cp

        return cp.norm2(covariance_factor(self.assumptions.cov) @ w)


def covariance_factor(cov: np.ndarray) -> np.ndarray:
    """A matrix F of shape (n, n) with F'F = cov, by the symmetric eigendecomposition (works at rank < n)."""
    values, vectors = np.linalg.eigh(cov)
    return np.asarray(np.sqrt(np.clip(values, 0.0, None))[:, None] * vectors.T)


class Limit(ABC):
    """What a portfolio may not do. Frozen; composable in any order."""

    @abstractmethod
    def sentence(self) -> str:
        """The limit in words a client understands."""

    @abstractmethod
    def structure(self, assets: tuple[str, ...]) -> Hashable:
        """What of this limit a compiled problem depends on; limits of one structure differ in numbers only."""

    @abstractmethod
    def values(self, assets: tuple[str, ...]) -> Vector:
        """The numbers of this limit, in the order its constraint reads them."""

    @abstractmethod
    def constraints(self, problem: Scaled, values: Any, slack: Any = 0.0) -> list[Any]:
        """cvxpy constraints, with ``values`` a Parameter (or array) and every number loosened by ``slack``."""

    @abstractmethod
    def loosened(self, by: float) -> Self:
        """The same limit, made easier by ``by`` (>= 0, in its own unit)."""

    @abstractmethod
    def room(self, assumptions: Assumptions, w: Vector) -> float:
        """How far ``w`` is inside the limit (negative: outside), in the limit's own unit."""

    def parts(self, assets: tuple[str, ...]) -> tuple[Limit, ...]:
        """The requirements inside this limit that could be loosened one without the other."""
        del assets
        return (self,)

    def lower_bounded(self, assets: tuple[str, ...]) -> frozenset[str]:
        """Assets whose lower bound this limit states itself, so that the long-only default steps back."""
        del assets
        return frozenset()

    def binding(self, assumptions: Assumptions, w: Vector) -> list[str]:
        """Sentences for the parts of this limit that ``w`` touches."""
        return [
            part.sentence() for part in self.parts(assumptions.assets) if part.room(assumptions, w) < BINDING_TOLERANCE
        ]


def positions(names: Iterable[str], assets: tuple[str, ...], where: str) -> list[int]:
    """Places of ``names`` in ``assets``; an unknown name is an InputError that lists the known ones."""
    try:
        return [assets.index(name) for name in names]
    except ValueError:
        unknown = next(name for name in names if name not in assets)
        raise InputError(f"{where} names '{unknown}', which is not an asset here: {', '.join(assets)}.") from None


def _checked(value: float, what: str) -> float:
    if isinstance(value, bool) or not math.isfinite(value):
        raise InputError(f"{what} is {value}: give a finite number, a fraction such as 0.05 for 5 %.")
    return float(value)


@dataclass(frozen=True)
class Bounds(Limit):
    """Smallest and largest weight of each asset: a number for all, or a mapping by asset.

    ``lower`` left out means 0 (long only) for the assets it does not name; a negative lower bound allows short
    positions. Formula: ``lower <= w <= upper``.
    """

    lower: float | Mapping[str, float] | None = None
    upper: float | Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        for name in ("lower", "upper"):
            side = getattr(self, name)
            if isinstance(side, Mapping):
                copied = {asset: _checked(value, f"The {name} bound of {asset}") for asset, value in side.items()}
                object.__setattr__(self, name, copied)
            elif side is not None:
                object.__setattr__(self, name, _checked(side, f"The {name} bound"))
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
                    f"The lower bound of {asset}, {percent(lower)}, is above its upper bound, {percent(upper)}: "
                    "swap them or change one."
                )

    def _side(
        self, side: float | Mapping[str, float] | None, assets: tuple[str, ...]
    ) -> tuple[tuple[int, ...], list[float]]:
        if side is None:
            return (), []
        if isinstance(side, Mapping):
            return tuple(positions(side, assets, "A bound")), list(side.values())
        return tuple(range(len(assets))), [side] * len(assets)

    def structure(self, assets: tuple[str, ...]) -> Hashable:
        """Which assets are bounded on which side."""
        return Bounds, self._side(self.lower, assets)[0], self._side(self.upper, assets)[0]

    def values(self, assets: tuple[str, ...]) -> Vector:
        """Lower bounds, then upper bounds."""
        return np.array(self._side(self.lower, assets)[1] + self._side(self.upper, assets)[1])

    def constraints(self, problem: Scaled, values: Any, slack: Any = 0.0) -> list[Any]:
        """One row per bound."""
        assets = problem.assumptions.assets
        low, high = (list(self._side(side, assets)[0]) for side in (self.lower, self.upper))
        made = []
        if low:
            made.append(problem.w[low] >= (values[: len(low)] - slack) * problem.total)
        if high:
            made.append(problem.w[high] <= (values[len(low) :] + slack) * problem.total)
        return made

    def loosened(self, by: float) -> Self:
        """Lower bounds down and upper bounds up by ``by``."""

        def moved(side: float | Mapping[str, float] | None, step: float) -> float | Mapping[str, float] | None:
            if isinstance(side, Mapping):
                return {asset: value + step for asset, value in side.items()}
            return None if side is None else side + step

        return replace(self, lower=moved(self.lower, -by), upper=moved(self.upper, by))

    def room(self, assumptions: Assumptions, w: Vector) -> float:
        """Distance of the nearest weight to its bound."""
        low, lows = self._side(self.lower, assumptions.assets)
        high, highs = self._side(self.upper, assumptions.assets)
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
        return frozenset(assets[place] for place in self._side(self.lower, assets)[0])

    def binding(self, assumptions: Assumptions, w: Vector) -> list[str]:
        """One sentence per asset that sits on a bound."""
        said = []
        for side, word in ((self.lower, "lower"), (self.upper, "upper")):
            for place, bound in zip(*self._side(side, assumptions.assets), strict=True):
                if abs(w[place] - bound) < BINDING_TOLERANCE:
                    said.append(f"{assumptions.assets[place]} is at its {word} bound of {percent(bound)}")
        return said

    def sentence(self) -> str:
        """Each side, by asset where it differs."""
        said = []
        for side, word in ((self.lower, "at least"), (self.upper, "at most")):
            if isinstance(side, Mapping):
                said += [f"{asset} {word} {percent(value, 2)}" for asset, value in side.items()]
            elif side is not None:
                said.append(f"every asset {word} {percent(side)}")
        return ", ".join(said) or "no bounds"


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
        object.__setattr__(self, "members", tuple(self.members))
        if not self.members:
            raise InputError(f"The group '{self.name}' has no members: name at least one asset.")
        if len(set(self.members)) < len(self.members):
            raise InputError(f"The group '{self.name}' names an asset twice: each counts once.")
        if self.lower is None and self.upper is None:
            raise InputError(f"The group '{self.name}' limits nothing: give a lower or an upper weight.")
        for side in (self.lower, self.upper):
            if side is not None:
                _checked(side, f"A bound of the group '{self.name}'")
        if self.lower is not None and self.upper is not None and self.lower > self.upper:
            raise InputError(
                f"The group '{self.name}' must be at least {percent(self.lower)} and at most {percent(self.upper)}: "
                "swap them or change one."
            )

    def structure(self, assets: tuple[str, ...]) -> Hashable:
        """Members and which sides are limited."""
        return Group, tuple(positions(self.members, assets, f"The group '{self.name}'")), self._given()

    def _given(self) -> tuple[bool, bool]:
        return self.lower is not None, self.upper is not None

    def values(self, assets: tuple[str, ...]) -> Vector:
        """The sides that are limited, lower first."""
        del assets
        return np.array([side for side in (self.lower, self.upper) if side is not None], dtype=float)

    def constraints(self, problem: Scaled, values: Any, slack: Any = 0.0) -> list[Any]:
        """One row per limited side."""
        import cvxpy as cp

        held = cp.sum(problem.w[positions(self.members, problem.assumptions.assets, self.name)])
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

    def sentence(self) -> str:
        """Both sides in one phrase."""
        said = []
        if self.lower is not None:
            said.append(f"at least {percent(self.lower)}")
        if self.upper is not None:
            said.append(f"at most {percent(self.upper)}")
        return f"{self.name} {' and '.join(said)}"


@dataclass(frozen=True)
class VolatilityCap(Limit):
    """Largest yearly volatility of the portfolio. Formula: ``sqrt(w'Sw) <= maximum``, a second-order cone."""

    maximum: float

    def __post_init__(self) -> None:
        if _checked(self.maximum, "The volatility cap") <= 0:
            raise InputError(f"The volatility cap is {percent(self.maximum)}: it must be above 0.")

    def structure(self, assets: tuple[str, ...]) -> Hashable:
        """Always the same."""
        del assets
        return VolatilityCap

    def values(self, assets: tuple[str, ...]) -> Vector:
        """The cap."""
        del assets
        return np.array([self.maximum])

    def constraints(self, problem: Scaled, values: Any, slack: Any = 0.0) -> list[Any]:
        """One second-order cone."""
        return [problem.volatility(problem.w) <= (values[0] + slack) * problem.total]

    def loosened(self, by: float) -> Self:
        """A higher cap."""
        return replace(self, maximum=self.maximum + by)

    def room(self, assumptions: Assumptions, w: Vector) -> float:
        """Cap less volatility."""
        return self.maximum - math.sqrt(max(0.0, float(w @ assumptions.cov @ w)))

    def sentence(self) -> str:
        """The cap in words."""
        return f"volatility at most {percent(self.maximum)} a year"


@dataclass(frozen=True)
class ReturnFloor(Limit):
    """Smallest yearly expected return of the portfolio. Formula: ``mu'w >= minimum``."""

    minimum: float

    def __post_init__(self) -> None:
        _checked(self.minimum, "The expected return")

    def structure(self, assets: tuple[str, ...]) -> Hashable:
        """Always the same."""
        del assets
        return ReturnFloor

    def values(self, assets: tuple[str, ...]) -> Vector:
        """The floor."""
        del assets
        return np.array([self.minimum])

    def constraints(self, problem: Scaled, values: Any, slack: Any = 0.0) -> list[Any]:
        """One row."""
        return [problem.assumptions.mu @ problem.w >= (values[0] - slack) * problem.total]

    def loosened(self, by: float) -> Self:
        """A lower floor."""
        return replace(self, minimum=self.minimum - by)

    def room(self, assumptions: Assumptions, w: Vector) -> float:
        """Expected return less floor."""
        return float(assumptions.mu @ w) - self.minimum

    def sentence(self) -> str:
        """The floor in words."""
        return f"expected return at least {percent(self.minimum)} a year"


@dataclass(frozen=True)
class Turnover(Limit):
    """Largest one-way turnover from the current weights.

    Formula: ``sum |w - current| / 2 <= maximum``: what is sold, as a part of the portfolio. Current weights are by
    asset, sum to 1, and assets left out are 0.
    """

    current: Mapping[str, float]
    maximum: float

    def __post_init__(self) -> None:
        object.__setattr__(
            self,
            "current",
            {asset: _checked(v, f"The current weight of {asset}") for asset, v in self.current.items()},
        )
        if abs(sum(self.current.values()) - 1) > BINDING_TOLERANCE:
            raise InputError(
                f"The current weights sum to {sum(self.current.values()):g}: they must sum to 1. Divide by the total."
            )
        if _checked(self.maximum, "The largest turnover") < 0:
            raise InputError(f"The largest turnover is {percent(self.maximum)}: it must not be negative.")

    def structure(self, assets: tuple[str, ...]) -> Hashable:
        """Always the same."""
        positions(self.current, assets, "The current portfolio")
        return Turnover

    def values(self, assets: tuple[str, ...]) -> Vector:
        """Current weights in the order of the assets, then the maximum."""
        return np.array([*(self.current.get(asset, 0.0) for asset in assets), self.maximum])

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
        current = self.values(assumptions.assets)[:-1]
        return self.maximum - float(np.abs(w - current).sum()) / 2

    def sentence(self) -> str:
        """The maximum in words."""
        return f"at most {percent(self.maximum)} of the portfolio sold"
