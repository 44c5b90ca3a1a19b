"""What a mix grows to along thousands of paths, drawn once and kept for every question about saving and spending."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from planner.outlook.monthly_moments import MONTHS

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.market.moments import FloatArray
    from planner.outlook.samplers import Sampler, Singles

BLOCK = 1_000
"""Paths drawn from one generator: what follows depends on the seed and the block, not on how many blocks there are."""


@dataclass(frozen=True, eq=False)
class Futures:
    """Growth of the mix by month and path, (months, paths), before fees and taxes; nothing of the assets is kept."""

    growth: Singles = field(repr=False)

    @property
    def months(self) -> int:
        """Months of each path."""
        return len(self.growth)

    @property
    def paths(self) -> int:
        """Number of paths."""
        return len(self.growth[0])

    @cached_property
    def deepest_falls(self) -> Singles:
        """The largest loss of the mix from a month-end high to a later month-end, <= 0, by path.

        Of the mix and not of the money: what is saved or spent is no gain and no loss.
        """
        value = np.ones(self.paths, np.float32)
        high, deepest = value.copy(), np.ones(self.paths, np.float32)
        for growth in self.growth:
            value *= growth
            np.maximum(high, value, out=high)
            np.minimum(deepest, value / high, out=deepest)
        return deepest - 1


def draw(
    sampler: Sampler,
    weights: FloatArray,
    paths: int,
    seed: int,
    every: int,
    progress: Callable[[float], object] | None = None,
) -> Futures:
    """Paths of a mix that is brought back to its weights every so many months (1, 2, 3, 4, 6 or 12).

    ``weights`` (months, n) hold for each month those of the rebalancing before it; months are whole years. Between
    two rebalancings the mix drifts, and money that comes or goes does so in the proportions held, so that growth does
    not depend on it. Block k of paths is drawn by SFC64 from the seed sequence (seed, k): fewer paths are the first of
    more. ``progress`` is told the part done, and stops the work by an exception.
    """
    months, assets = weights.shape
    by_year = weights.astype(np.float32).reshape(months // MONTHS, MONTHS, 1, assets)
    growth = np.empty((months, paths), np.float32)
    value = np.empty((MONTHS, 1, BLOCK), np.float32)
    for block, first in enumerate(range(0, paths, BLOCK)):
        random = np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(block,))))
        last = min(first + BLOCK, paths)
        for year, (weighed, drawn) in enumerate(zip(by_year, sampler.years(random, BLOCK, every), strict=False)):
            np.matmul(weighed, drawn, out=value)
            since = value[:, 0, : last - first]
            for month in range(0, MONTHS, every):
                until, now = month + every, MONTHS * year + month
                growth[now, first:last] = since[month]
                np.divide(
                    since[month + 1 : until], since[month : until - 1], out=growth[now + 1 : now + every, first:last]
                )
        if progress is not None:
            progress(last / paths)
    return Futures(growth)
