"""The problems that every method solves, and how their numbers move from call to call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from planner.market.market import built_in_market

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.market.assumptions import Assumptions

    Vector = np.ndarray[tuple[int], np.dtype[np.float64]]
    Method = Callable[["Problem"], Vector]

SEED = 2


class Aim(StrEnum):
    """What is asked for."""

    MINIMUM_VARIANCE = "minimum variance"
    MAXIMUM_UTILITY = "maximum utility"
    TARGET_RETURN = "target return"
    MAXIMUM_SHARPE = "maximum Sharpe ratio"
    RISK_BUDGET = "risk budget"

    @property
    def homogeneous(self) -> bool:
        """True where the convex program is one for a multiple of the weights."""
        return self in {Aim.MAXIMUM_SHARPE, Aim.RISK_BUDGET}


@dataclass(frozen=True, eq=False)
class ClassLimit:
    """Least and most of one asset class; ``members`` are places among the assets."""

    name: str
    members: tuple[int, ...]
    lower: float
    upper: float


@dataclass(frozen=True, eq=False)
class Problem:
    """Long-only and fully invested, each weight at most ``upper``, each class inside its limits.

    ``risk_aversion`` and ``expected_return`` (annual decimal) are read by the aims that need them; ``budgets`` (n,)
    are shares of the variance.
    """

    aim: Aim
    assumptions: Assumptions
    upper: Vector
    classes: tuple[ClassLimit, ...]
    risk_aversion: float
    expected_return: float
    budgets: Vector

    @property
    def membership(self) -> Vector:
        """One row a class with 1 for its members, shape (classes, n)."""
        rows = np.zeros((len(self.classes), len(self.upper)))
        for row, limit in zip(rows, self.classes, strict=True):
            row[list(limit.members)] = 1.0
        return rows

    @property
    def class_lower(self) -> Vector:
        return np.array([limit.lower for limit in self.classes])

    @property
    def class_upper(self) -> Vector:
        return np.array([limit.upper for limit in self.classes])


CLASS_LIMITS = {
    "equities": (0.30, 0.60),
    "fixed_income": (0.15, 0.45),
    "real_estate": (0.02, 0.15),
    "commodities": (0.02, 0.15),
    "cash": (0.02, 0.20),
    "crypto": (0.01, 0.08),
}
"""About what a household's policy allows; every one binds in some problem."""

LARGEST_WEIGHT = 0.35


def moves(aim: Aim, count: int) -> list[Problem]:
    """Problems on the built-in nine series in which every limit and number differs from call to call, repeatably."""
    market = built_in_market()
    assets = market.assumptions.assets
    members = {
        asset_class.name: tuple(assets.index(series.name) for series in asset_class.series)
        for asset_class in market.universe.classes
    }
    random = np.random.default_rng(SEED)
    return [_moved(aim, market.assumptions, members, random) for _ in range(count)]


def moves_of_one_number(aim: Aim, count: int) -> list[Problem]:
    """The same with the limits of the first: only the risk aversion, the target return or the budgets differ."""
    first, *others = moves(aim, count)
    return [first, *(replace(other, upper=first.upper, classes=first.classes) for other in others)]


def _moved(
    aim: Aim, assumptions: Assumptions, members: dict[str, tuple[int, ...]], random: np.random.Generator
) -> Problem:
    count = len(assumptions.assets)
    budgets = random.uniform(0.5, 1.5, count)
    return Problem(
        aim=aim,
        assumptions=assumptions,
        upper=random.uniform(0.95, 1.05, count) * LARGEST_WEIGHT,
        classes=tuple(
            ClassLimit(name, members[name], lower * random.uniform(0.9, 1.1), upper * random.uniform(0.9, 1.1))
            for name, (lower, upper) in CLASS_LIMITS.items()
        ),
        risk_aversion=float(random.uniform(1.5, 10)),
        expected_return=float(random.uniform(0.056, 0.063)),
        budgets=budgets / budgets.sum(),
    )
