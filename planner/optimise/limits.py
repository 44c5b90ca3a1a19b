"""What a limit on a portfolio is: a sentence, a cvxpy constraint, and how far a portfolio is inside it.

Every constraint is written for weights ``w`` that sum to ``total``. ``total`` is 1 in most problems and a variable
in homogenised ones (maximum Sharpe, risk budgets), where the weights are divided by it afterwards. The limits
themselves are in ``weight_limits``, ``risk_limits`` and ``trading_limits``.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from planner.errors import InputError
from planner.wording import percent

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from planner.market.assumptions import Assumptions

    Vector = np.ndarray[tuple[int], np.dtype[np.float64]]

BINDING_TOLERANCE = 1e-6
"""A limit binds when a solution is closer to it than this, in weight, volatility or return."""

ROUNDING = 5e-9
"""Limits that miss each other by no more than this, in their own unit, are met: half of what results promise."""

PERCENT_SLIP = 2.0
"""No household limits a weight, a turnover or a volatility at more than 200 %: beyond, percent were typed."""


@dataclass(frozen=True)
class Scaled:
    """The cvxpy side of one problem: the weights, what they sum to, the market, and the Hessian of the objective."""

    w: Any
    total: Any
    assumptions: Assumptions
    hessian: Any = None

    @cached_property
    def unit(self) -> float:
        """The typical volatility, in whose units cones are stated."""
        return math.sqrt(typical_variance(self.assumptions))

    @cached_property
    def sold(self) -> Any:
        """What is sold of each asset, where an objective counts it: a variable for its cost and its constraints."""
        import cvxpy as cp

        return cp.Variable(len(self.assumptions.assets))

    @cached_property
    def deviation(self) -> Any:
        """A deviation in typical units, where an objective counts one: a variable for its cost and its constraints."""
        import cvxpy as cp

        return cp.Variable()

    def relative_volatility(self, w: Any) -> Any:
        """Volatility of the cvxpy expression ``w`` as a norm (convex, degree 1), in units of the typical one."""
        import cvxpy as cp

        return cp.norm2(covariance_factor(self.assumptions.cov / self.unit**2) @ w)


def typical_variance(assumptions: Assumptions) -> float:
    """Mean variance of the assets: programs stated in its unit are solved alike in every market."""
    return float(np.mean(np.diag(assumptions.cov))) or 1.0


def covariance_factor(cov: np.ndarray) -> np.ndarray:
    """A matrix F of shape (rank, n), at least one row, with F'F = cov, by the symmetric eigendecomposition."""
    values, vectors = np.linalg.eigh(cov)
    kept = values > len(cov) * np.finfo(float).eps * values[-1]
    kept[-1] = True
    return np.asarray(np.sqrt(np.clip(values[kept], 0.0, None))[:, None] * vectors.T[kept])


class Limit(ABC):
    """What a portfolio may not do. Frozen; composable in any order."""

    convex = True
    """False for a limit that brings its own search, ``not_convex.NotConvex``."""

    negotiable = True
    """False for what an objective demands by its nature, which no loosening is offered for."""

    @abstractmethod
    def sentence(self) -> str:
        """The limit in words a client understands."""

    market_bound = False
    """True for a limit whose constraint holds the covariance itself, so that it is compiled for one market."""

    @abstractmethod
    def structure(self, assets: tuple[str, ...]) -> Hashable:
        """What of this limit a compiled problem depends on; limits of one structure differ in numbers only."""

    @abstractmethod
    def values(self, assumptions: Assumptions) -> Vector:
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

    def forbids_shorts_only(self) -> bool:
        """Whether this is the long-only default or a part of it, which is never up for loosening."""
        return False

    def binding(self, assumptions: Assumptions, w: Vector) -> list[str]:
        """Sentences for the parts of this limit that ``w`` touches."""
        return [
            part.sentence() for part in self.parts(assumptions.assets) if part.room(assumptions, w) < BINDING_TOLERANCE
        ]


@lru_cache(maxsize=64)
def _places(assets: tuple[str, ...]) -> dict[str, int]:
    return {asset: place for place, asset in enumerate(assets)}


def positions(names: Iterable[str], assets: tuple[str, ...], where: str) -> list[int]:
    """Places of ``names`` in ``assets``; an unknown name is an InputError that lists the known ones."""
    known = _places(assets)
    try:
        return [known[name] for name in names]
    except KeyError:
        unknown = next(name for name in names if name not in assets)
        raise InputError(f"{where} names '{unknown}', which is not an asset here: {', '.join(assets)}.") from None


def hard_limits(limits: Iterable[Limit], what: str) -> tuple[Limit, ...]:
    """The limits as a tuple; InputError where there is one that is none, or soft."""
    if hasattr(limits, "sentence"):
        raise InputError(f"The limits are one limit: put it in a list, [{type(limits).__name__}(...)].")
    limits = tuple(limits)
    for limit in limits:
        if not isinstance(limit, Limit):
            raise InputError(f"{what} needs limits that hold, such as VolatilityCap(0.1), and {limit!r} is none.")
    return limits


def checked(value: object, what: str) -> float:
    """The value as a finite float."""
    if isinstance(value, bool) or not isinstance(value, (float, int, np.number)) or not math.isfinite(value):
        raise InputError(f"{what} is {value}: give a finite number, a fraction such as 0.05 for 5 %.")
    return float(value)


def checked_fraction(value: object, what: str) -> float:
    """The value as a finite float that was not typed as a percentage."""
    number = checked(value, what)
    if number > PERCENT_SLIP:
        raise InputError(f"{what} is {number:g}, that is {percent(number)}: for {number:g} % write {number / 100:g}.")
    return number


def checked_fractions(by_asset: Mapping[str, object], what: str) -> dict[str, float]:
    """The same for each asset of a mapping or Series, copied: all at once, and one by one only where one is wrong."""
    copied: dict[str, Any] = dict(by_asset.items())
    numbers = copied.values()
    if set(map(type, numbers)) == {float} and math.isfinite(sum(numbers)) and max(numbers) <= PERCENT_SLIP:
        return copied
    return {asset: checked_fraction(value, f"{what} of {asset}") for asset, value in copied.items()}


def checked_weights(by_asset: Any, what: str) -> dict[str, float]:
    """Weights by asset, a mapping or Series, that sum to 1, copied; ``what`` is 'current' or 'target'."""
    if not hasattr(by_asset, "items"):
        raise InputError(f"The {what} weights are {by_asset!r}: give them by asset, such as {{'bonds': 1.0}}.")
    weights = checked_fractions(by_asset, f"The {what} weight")
    total = sum(weights.values())
    if abs(total - 1) > BINDING_TOLERANCE:
        raise InputError(f"The {what} weights sum to {total:g}: they must sum to 1. Divide by the total.")
    return weights


def in_order(by_asset: Mapping[str, float], assets: tuple[str, ...], where: str) -> Vector:
    """Numbers by asset as an array in the order of the assets, 0 where none is given."""
    if not by_asset.keys() <= _places(assets).keys():
        positions(by_asset, assets, where)
    return np.array([by_asset.get(asset, 0.0) for asset in assets])
