"""The problems that every method solves: random markets of a factor model, and numbers that move from call to call."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner import Assumptions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Vector = np.ndarray[tuple[int], np.dtype[np.float64]]
    Method = Callable[["Problem"], Vector]
    """From a problem to its weights, shape (n,), or for a frontier (points, n)."""
    Maker = Callable[["Aim", Sequence["Problem"]], Method | None]
    """Lays out, untimed, what the method may know of the problems to come; None where it cannot do this."""

SEED = 3
SIZES = (8, 50, 200, 500)
POINTS = 50
CONFIDENCE = 0.95
MONTHS_PER_YEAR = 12
RISK_FREE = 0.033

GROUPS = {8: 4, 50: 10, 200: 10, 500: 10}
GROUP_LIMITS = (0.7, 1.4)
"""Least and most of a group, as multiples of an equal share; they bind in most problems."""

LARGEST_WEIGHTS = {8: 0.35, 50: 0.10, 200: 0.05, 500: 0.05}
"""Few assets are classes and many are securities, which funds hold to 5 or 10 % (UCITS directive, article 52)."""

LARGEST_MOVE = 0.1
"""Limits move from call to call by up to this, as a fraction of themselves."""

RISK_AVERSIONS = (1.5, 10.0)

FACTORS_PER_ROOT = 0.7
"""Factors beside the market, as a multiple of the root of the number of assets."""

MARKET_VOLATILITY = 0.15
FACTOR_VOLATILITIES = (0.05, 0.15)
"""Of an asset, from all factors beside the market together."""

OWN_VOLATILITIES = (0.05, 0.25)
CRYPTO_SHARE = 0.05
CRYPTO_TIMES = 3.0
"""One asset in twenty (at least one) is three times as volatile as the others: crypto beside the rest."""

MARKET_RISK_AVERSION = 3.0
MEAN_NOISE = 0.005
TAIL_DEGREES = 5
"""Degrees of freedom of Student's t, usual for monthly returns."""


class Aim(StrEnum):
    """What is asked for."""

    MEAN_VARIANCE = "mean-variance, one solve"
    FRONTIER = "frontier of 50 points"
    RISK_BUDGET = "risk budget"
    LIMITED_RISK_BUDGET = "risk budget inside limits"
    MAXIMUM_SHARPE = "maximum Sharpe ratio"
    CVAR_240 = "minimum CVaR, 240 scenarios"
    CVAR_2000 = "minimum CVaR, 2,000 scenarios"

    @property
    def scenarios(self) -> int:
        """How many scenarios of a month the market has; 0 where none are read."""
        return {Aim.CVAR_240: 240, Aim.CVAR_2000: 2000}.get(self, 0)

    @property
    def budgeted(self) -> bool:
        """True for both kinds of risk budget."""
        return self in {Aim.RISK_BUDGET, Aim.LIMITED_RISK_BUDGET}

    @property
    def homogeneous(self) -> bool:
        """True where the convex program is one for a multiple of the weights."""
        return self.budgeted or self is Aim.MAXIMUM_SHARPE


@dataclass(frozen=True, eq=False)
class GroupLimit:
    """Least and most of one group; ``members`` are places among the assets."""

    name: str
    members: tuple[int, ...]
    lower: float
    upper: float


@dataclass(frozen=True, eq=False)
class Problem:
    """Long-only and fully invested, each weight at most ``upper``, each group inside its limits.

    ``risk_aversion`` is read for a mean-variance solve, ``budgets`` (n,), shares of the variance, for risk budgets. A
    risk budget that is not inside limits has no group and upper bounds of 1.
    """

    aim: Aim
    assumptions: Assumptions
    upper: Vector
    groups: tuple[GroupLimit, ...]
    risk_aversion: float
    budgets: Vector

    @cached_property
    def membership(self) -> Vector:
        """One row a group with 1 for its members, shape (groups, n)."""
        rows = np.zeros((len(self.groups), len(self.upper)))
        for row, limit in zip(rows, self.groups, strict=True):
            row[list(limit.members)] = 1.0
        return rows

    @cached_property
    def group_lower(self) -> Vector:
        return np.array([limit.lower for limit in self.groups])

    @cached_property
    def group_upper(self) -> Vector:
        return np.array([limit.upper for limit in self.groups])


def problems(aim: Aim, assets: int, count: int) -> list[Problem]:
    """Problems in one market in which every limit, risk aversion and budget differs from call to call, repeatably."""
    random = np.random.default_rng([SEED, assets])
    return [_moved(aim, market(assets, aim.scenarios), random) for _ in range(count)]


def _moved(aim: Aim, assumptions: Assumptions, random: np.random.Generator) -> Problem:
    count = len(assumptions.assets)
    groups = GROUPS[count]
    members = [tuple(range(group, count, groups)) for group in range(groups)]
    lower, upper = (times / groups for times in GROUP_LIMITS)
    moves = 1 + LARGEST_MOVE * random.uniform(-1, 1, (2, groups))
    limits = tuple(
        GroupLimit(f"group {group}", members[group], float(lower * moves[0, group]), float(upper * moves[1, group]))
        for group in range(groups)
    )
    largest = LARGEST_WEIGHTS[count] * (1 + LARGEST_MOVE * random.uniform(-1, 1, count))
    budgets = random.uniform(0.5, 1.5, count)
    free = aim is Aim.RISK_BUDGET
    return Problem(
        aim=aim,
        assumptions=assumptions,
        upper=np.ones(count) if free else largest,
        groups=() if free else limits,
        risk_aversion=float(random.uniform(*RISK_AVERSIONS)),
        budgets=budgets / budgets.sum(),
    )


@cache
def market(assets: int, scenarios: int) -> Assumptions:
    """A market factor, further factors, and noise of each asset's own; means near those of an equilibrium.

    ``scenarios`` months are drawn from Student's t with the same mean and covariance.
    """
    random = np.random.default_rng([SEED, assets, 0])
    factors = round(FACTORS_PER_ROOT * np.sqrt(assets))
    loadings = np.column_stack(
        [
            MARKET_VOLATILITY * random.uniform(0.1, 1.4, assets),
            random.uniform(*FACTOR_VOLATILITIES, factors) * random.standard_normal((assets, factors)) / factors**0.5,
        ]
    )
    own = random.uniform(*OWN_VOLATILITIES, assets)
    times = np.ones(assets)
    times[: max(1, round(CRYPTO_SHARE * assets))] = CRYPTO_TIMES
    loadings, own = loadings * times[:, None], own * times
    covariance = loadings @ loadings.T + np.diag(own**2)
    held = (1 / times) / (1 / times).sum()
    premium = MARKET_RISK_AVERSION * covariance @ held
    mean = RISK_FREE + premium + MEAN_NOISE * random.standard_normal(assets)
    names = [f"asset {place}" for place in range(assets)]
    draws = mean / MONTHS_PER_YEAR + _tails(random, scenarios, np.column_stack([loadings, np.diag(own)]))
    return Assumptions(
        pd.Series(mean, names),
        pd.DataFrame(covariance, names, names),
        RISK_FREE,
        scenarios=pd.DataFrame(np.maximum(draws, -1.0), columns=names) if scenarios else None,
    )


def _tails(random: np.random.Generator, months: int, loadings: Vector) -> Vector:
    normal = random.standard_normal((months, loadings.shape[1])) @ loadings.T / np.sqrt(MONTHS_PER_YEAR)
    widths = np.sqrt((TAIL_DEGREES - 2) / random.chisquare(TAIL_DEGREES, (months, 1)))
    return np.asarray(normal * widths)
