"""The weights that a recipe gives the coins at one close, from what was known by then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planner.errors import InputError
from planner.policy.index_recipes import (
    LARGE_COINS,
    Balanced,
    CappedMarketValue,
    EqualWeight,
    Growth,
    InverseVolatility,
    LargeCap,
    Leaders,
    Sector,
    Weighting,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from planner.market.steps import Step
    from planner.policy.index_terms import IndexRecipe

    Vector = NDArray[np.float64]


ROUNDING = 1e-12
"""What three times a third is off 1: a cap that so many coins just fill."""


@dataclass(frozen=True, eq=False)
class Known:
    """What is known at a close.

    ``past`` (t, n) are the returns up to it, a row a ``step``, ``tradable`` (n,) the coins that have a price and pass
    the screen, ``values`` (n,) their market values, NaN where there is none.
    """

    coins: tuple[str, ...]
    step: Step
    past: Vector
    tradable: NDArray[np.bool_]
    values: Vector

    def only(self, names: tuple[str, ...]) -> NDArray[np.bool_]:
        """Which of the tradable coins have one of these names."""
        named: NDArray[np.bool_] = np.array([coin in names for coin in self.coins])
        return self.tradable & named

    def late(self, months: int) -> Vector:
        """The returns (k, n) of the last months, whole columns only: a coin with fewer is NaN throughout."""
        rows = self.step.spanning(months)
        if len(self.past) < rows:
            return np.full((rows, len(self.coins)), np.nan)
        late = self.past[-rows:]
        return np.where(np.isfinite(late).all(axis=0), late, np.nan)


def target_weights(recipe: IndexRecipe, known: Known) -> Vector:
    """Weights (n,) of the coins, summing to 1; all zero where no coin qualifies."""
    weights = _shared_out(_uncapped(recipe, known))
    return weights if recipe.cap is None else capped(weights, recipe.cap)


def capped(weights: Vector, cap: float) -> Vector:
    """Weights (n,) of which none is above the cap; what is cut off goes to the others in proportion to their weights.

    That is repeated until none is above. Where there are too few coins for the cap, all that are held have equal parts.
    Source: S&P Dow Jones Indices, Index Mathematics Methodology, "Capped Market Capitalization Indices".
    """
    held = weights > 0
    if cap * np.count_nonzero(held) <= 1 + ROUNDING:
        return _shared_out(held)
    kept, at_cap = weights, np.zeros(len(weights), dtype=bool)
    while (kept > cap).any():
        at_cap |= kept > cap
        rest = held & ~at_cap
        room = 1 - cap * np.count_nonzero(at_cap)
        kept = np.where(at_cap, cap, np.where(rest, weights * (room / weights[rest].sum()), 0.0))
    return kept


def _uncapped(recipe: IndexRecipe, known: Known) -> Vector:
    """Weights in any scale."""
    match recipe:
        case LargeCap():
            large = known.only(recipe.coins_named)
            weights = _by_value(known, large) if recipe.fixed is None else _fixed(recipe.fixed, known)
        case Balanced():
            large = known.only(LARGE_COINS)
            core, rest = _shared_out(_by_value(known, large)), _shared_out(known.tradable & ~large)
            both = core.any() and rest.any()
            weights = recipe.core * core + (1 - recipe.core) * rest if both else core + rest
        case Growth(leaders=Leaders.SMALLER):
            weights = _shared_out(known.tradable & ~known.only(LARGE_COINS))
        case Growth():
            growth = (1 + known.late(recipe.months)).prod(axis=0)
            chosen = known.tradable & ~known.only(LARGE_COINS) & np.isfinite(growth)
            weights = _largest(np.where(chosen, growth, 0.0), recipe.coins, _shared_out(chosen))
        case Sector():
            weights = _by(recipe.weighting, known, known.only(recipe.coins), recipe.months)
        case EqualWeight():
            weights = _shared_out(known.tradable)
        case CappedMarketValue():
            values = _by_value(known, known.tradable)
            weights = _largest(values, recipe.coins, values)
        case InverseVolatility():
            weights = _by(Weighting.INVERSE_VOLATILITY, known, known.tradable, recipe.months)
        case _:
            raise InputError(f"{recipe!r} is no recipe of an index: take one of planner.policy.index_recipes.")
    return weights


def _fixed(weights: Mapping[str, float], known: Known) -> Vector:
    return np.array([weights.get(coin, 0.0) for coin in known.coins]) * known.tradable


def _by(weighting: Weighting, known: Known, chosen: NDArray[np.bool_], months: int) -> Vector:
    if weighting is Weighting.MARKET_VALUE:
        return _by_value(known, chosen)
    if weighting is Weighting.EQUAL:
        return _shared_out(chosen)
    deviation = known.late(months).std(axis=0, ddof=1)
    moving = chosen & (deviation > 0)
    return np.where(moving, 1 / np.where(moving, deviation, 1.0), 0.0)


def _by_value(known: Known, chosen: NDArray[np.bool_]) -> Vector:
    valued = chosen & (known.values > 0)
    return np.where(valued, known.values, 0.0)


def _largest(scores: Vector, number: int, weights: Vector) -> Vector:
    """The weights of the coins with the highest scores above zero; of equal ones the first."""
    taken = np.zeros(len(scores), dtype=bool)
    taken[np.argsort(-scores, kind="stable")[:number]] = True
    return np.where(taken & (scores > 0), weights, 0.0)


def _shared_out(weights: Vector | NDArray[np.bool_]) -> Vector:
    """In proportion, summing to 1; all zero where they are."""
    total = weights.sum()
    shares: Vector = weights / total if total > 0 else np.zeros(len(weights))
    return shares
