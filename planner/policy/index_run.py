"""An index step by step: weights set at one close earn the returns up to the next, and nothing later is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from planner.market.steps import Step
from planner.policy.index_weights import Known, target_weights

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from planner.policy.index_terms import IndexRecipe, Trend

    Vector = NDArray[np.float64]
    Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Setting:
    """What an index is made of, in arrays: ``returns`` (T, n) of coins between the ``closes`` (T + 1).

    ``values`` and ``volumes`` (T + 1, n) are those known at each close, NaN where there are none; ``cash`` (T,) is what
    stable value earns.
    """

    recipe: IndexRecipe
    coins: tuple[str, ...]
    step: Step
    closes: pd.DatetimeIndex
    returns: Vector
    values: Vector
    volumes: Vector
    cash: Vector

    @cached_property
    def turns_of_month(self) -> Flags:
        """Whether the step after each close (T + 1) ends in another month; the last is taken to go on as it came."""
        ends = self.closes.year * 12 + self.closes.month
        after = self.closes[-1] + (self.closes[-1] - self.closes[-2])
        turns: Flags = np.diff(np.append(ends, after.year * 12 + after.month)) != 0
        return turns

    @cached_property
    def looks(self) -> Flags:
        """Closes (T + 1) at which the calendar looks: the turns of every third month at year's end, for instance."""
        flags: Flags = self.turns_of_month & (self.closes.month % self.recipe.rebalancing.months == 0)
        return flags

    def known(self, close: int) -> Known:
        """What is known at a close: a coin has a price if its last return is there, or its first one follows."""
        past, screen = self.returns[:close], self.recipe.screen
        there = np.isfinite(past)
        begins = ~there.any(axis=0) & np.isfinite(self.returns[close : close + 1]).any(axis=0)
        passing = (there[-1] if close else False) | begins
        passing &= there.sum(axis=0) >= self.step.spanning(screen.months)
        if screen.market_value is not None:
            passing &= self.values[close] >= screen.market_value
        if screen.volume is not None:
            passing &= self.volumes[close] >= screen.volume
        return Known(self.coins, self.step, past, passing, self.values[close])


@dataclass(frozen=True, eq=False)
class Run:
    """An index before fees, from the close ``first`` on; n coins and stable value, which stands last.

    ``weights`` (k + 1, n + 1) are what is held from each close on, ``turnover`` (k + 1,) half of all that is bought and
    sold there, and ``returns`` (k,) what the steps between them earn. ``chosen`` holds the weights that were set, by
    close, and ``died`` the places of coins whose prices ended at a close.
    """

    first: int
    weights: Vector
    returns: Vector
    turnover: Vector
    chosen: dict[int, Vector]
    died: dict[int, list[int]]


def run(setting: Setting) -> Run | None:
    """The index of a recipe without its trend signal; None where it never starts."""
    steps, coins = setting.returns.shape
    first: int | None = None
    held = stable = _stable(coins)
    weights: list[Vector] = []
    returns: list[float] = []
    turnover: list[float] = []
    chosen: dict[int, Vector] = {}
    died: dict[int, list[int]] = {}
    for close in range(steps + 1):
        traded = 0.0
        if first is None or setting.looks[close]:
            target = target_weights(setting.recipe, setting.known(close))
            aim = np.append(target, 0.0) if target.any() else stable
            if first is None:
                if np.count_nonzero(target) < setting.recipe.fewest or close == steps:
                    continue
                first, held = close, aim
            traded, held = float(np.abs(aim - held).sum() / 2), aim
            chosen[close] = target
        weights.append(held)
        turnover.append(traded)
        if close < steps:
            earned = np.append(setting.returns[close], setting.cash[close])
            gone = np.flatnonzero((held > 0) & np.isnan(earned)).tolist()
            died |= {close: gone} if gone else {}
            returns.append(float(held @ np.nan_to_num(earned)))
            held = _drifted(held, earned, returns[-1])
    if first is None:
        return None
    return Run(first, np.array(weights), np.array(returns), np.array(turnover), chosen, died)


def _stable(coins: int) -> Vector:
    return np.append(np.zeros(coins), 1.0)


def _drifted(held: Vector, earned: Vector, total: float) -> Vector:
    """Weights after a step: what had no price any more is stable value at its last price."""
    gone = np.isnan(earned)
    grown = held * (1 + np.nan_to_num(earned))
    grown[-1] += grown[gone].sum()
    grown[gone] = 0.0
    return grown / (1 + total) if total > -1 else _stable(len(held) - 1)


def followed(made: Run, trend: Trend, setting: Setting) -> tuple[Run, Flags]:
    """The index held only while the signal is on, and the signal (k + 1,) at each close."""
    levels = np.concatenate([[1.0], np.cumprod(1 + made.returns)])
    window = setting.step.spanning(trend.months)
    on = np.ones(len(levels), dtype=bool)
    for place in range(1, len(levels)):
        look = trend.look is Step.WEEKLY or setting.turns_of_month[made.first + place]
        known = place + 1 >= window
        average = levels[max(0, place + 1 - window) : place + 1].mean()
        on[place] = levels[place] >= average if look and known else on[place - 1]
    stable = _stable(len(setting.coins))
    cash = setting.cash[made.first :]
    switched = np.append(False, on[1:] != on[:-1])
    invested = 1 - made.weights[:, -1]
    turnover = np.where(switched, invested, np.where(on, made.turnover, 0.0))
    weights = np.where(on[:, None], made.weights, stable)
    returns = np.where(on[:-1], made.returns, cash)
    return Run(made.first, weights, returns, turnover, made.chosen, made.died), on
