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
    from planner.outlook.bands_along_paths import Bands
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


def draw(  # noqa: PLR0913 - what is drawn, and how it is kept
    sampler: Sampler,
    weights: FloatArray,
    paths: int,
    seed: int,
    every: int,
    progress: Callable[[float], object] | None = None,
    *,
    costs: FloatArray | None = None,
    bands: Bands | None = None,
) -> Futures:
    """Paths of a mix that is brought back to its weights every so many months (1, 2, 3, 4, 6 or 12).

    ``weights`` (months, n) hold for each month those of the look before it; months are whole years. With ``bands`` one
    looks as often, path by path, and acts only where a class left its own. ``costs`` (n,) are parts of what is traded.
    Between two trades the mix drifts, and money that comes or goes does so in the proportions held, so that growth does
    not depend on it. Block k of paths is drawn by SFC64 from the seed sequence (seed, k): fewer paths are the first of
    more. ``progress`` is told the part done, and stops the work by an exception.
    """
    months, assets = weights.shape
    growth = np.empty((months, paths), np.float32)
    rates = np.zeros(assets) if costs is None else costs
    follow = _Calendar(weights, every, rates) if bands is None else _Watched(weights, every, rates, bands)
    for block, first in enumerate(range(0, paths, BLOCK)):
        random = np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(block,))))
        last = min(first + BLOCK, paths)
        follow.block(sampler, random, growth[:, first:last])
        if progress is not None:
            progress(last / paths)
    return Futures(growth)


class _Calendar:
    """A mix brought back to its weights whatever it has become."""

    def __init__(self, weights: FloatArray, every: int, costs: FloatArray) -> None:
        months, assets = weights.shape
        self.every, self.costs = every, costs.astype(np.float32)
        self.weights = weights.astype(np.float32)
        self.by_year = self.weights.reshape(months // MONTHS, MONTHS, 1, assets)
        self.value, self.held = np.empty((MONTHS, 1, BLOCK), np.float32), np.empty((assets, BLOCK), np.float32)

    def block(self, sampler: Sampler, random: np.random.Generator, growth: Singles) -> None:
        """Growth (months, paths) of one block of paths, written in place."""
        every, paths = self.every, growth.shape[1]
        cost = np.zeros(paths, np.float32)
        for year, (weighed, drawn) in enumerate(zip(self.by_year, sampler.years(random, BLOCK, every), strict=False)):
            np.matmul(weighed, drawn, out=self.value)
            since = self.value[:, 0, :paths]
            for month in range(0, MONTHS, every):
                until, now = month + every, MONTHS * year + month
                np.multiply(since[month], 1 - cost, out=growth[now])
                np.divide(since[month + 1 : until], since[month : until - 1], out=growth[now + 1 : now + every])
                if self.costs.any():
                    following = self.weights[min(now + every, len(self.weights) - 1)]
                    held = np.divide(drawn[until - 1][:, :paths], since[until - 1], out=self.held[:, :paths])
                    held *= weighed[month, 0][:, None]
                    held -= following[:, None]
                    cost = self.costs @ np.abs(held, out=held)


class _Watched:
    """A mix that is looked at on dates and brought back where a class left its band."""

    def __init__(self, weights: FloatArray, every: int, costs: FloatArray, bands: Bands) -> None:
        self.weights, self.costs = weights.astype(np.float32), costs.astype(np.float32)
        self.every, self.bands = every, bands

    def block(self, sampler: Sampler, random: np.random.Generator, growth: Singles) -> None:
        """Growth (months, paths) of one block of paths, written in place."""
        months, paths = growth.shape
        values = np.tile(self.weights[0][:, None], (1, paths))
        years = sampler.years(random, BLOCK, 1)
        for month in range(months):
            if month % MONTHS == 0:
                drawn = next(years)
            before = values.sum(axis=0)
            if month and month % self.every == 0:
                traded = self.bands.traded(month, values, self.weights[month])
                if traded is not values:
                    cost = self.costs @ np.abs(traded - values)
                    values = traded * (1 - cost / before)
            values = values * drawn[month % MONTHS, :, :paths]
            growth[month] = values.sum(axis=0) / before
