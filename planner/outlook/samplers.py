"""Months drawn from a return model: a year at a time, for a block of paths, in single precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from planner.outlook.monthly_moments import MONTHS, lognormal, monthly, of_stretches, root, student, turbulence
from planner.outlook.regimes import Regimes, regimes
from planner.outlook.return_models import BlockBootstrap, Lognormal, RegimeSwitching, ReturnModel, StudentT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.market.market import Market
    from planner.market.moments import FloatArray

Singles: TypeAlias = NDArray[np.float32]
"""Single precision: a rounding of 6e-8 a month lies four orders under the Monte Carlo error of 10,000 paths."""


_QUICK_ROW = 8


class Sampler(Protocol):
    """Draws what each asset grows to."""

    def years(self, random: np.random.Generator, paths: int, every: int) -> Iterator[Singles]:
        """Year after year, growth of 1 since the last rebalancing, which comes every so many months.

        (12, n, paths), a view of one buffer that the next year overwrites.
        """


def sampler(model: ReturnModel, market: Market, held: NDArray[np.bool_] | None = None) -> Sampler:
    """What draws months of a market by a model; of those assets that are ``held`` (n,), where not of all.

    What is drawn of an asset does not depend on which others are held.
    """
    mean, ratios = monthly(market.assumptions)
    some = np.ones(len(mean), dtype=bool) if held is None else held
    match model:
        case Lognormal():
            drift, covariance = lognormal(mean, ratios)
            return Normals(drift[some], root(covariance)[some])
        case StudentT(degrees_of_freedom=df):
            drift, scale = student(mean, ratios, df)
            return Normals(drift[some], root(scale)[some], turbulence(df))
        case BlockBootstrap(mean_block=length):
            history = market.complete_returns.dropna()[list(market.assumptions.assets)]
            annual = 1 + market.assumptions.mu
            return History(of_stretches(history.to_numpy()[:, some], annual[some], length), length)
        case RegimeSwitching():
            return Switching(regimes(market, model), some)


@dataclass(frozen=True, eq=False)
class Normals:
    """Correlated normal log growth, its covariance multiplied by one of the ``turbulence`` where there are any.

    ``mean`` (n,) is the log growth of a month without the normals, which ``root`` (n, normals) turns.
    """

    mean: FloatArray
    root: FloatArray
    turbulence: FloatArray | None = None

    def years(self, random: np.random.Generator, paths: int, every: int) -> Iterator[Singles]:
        """Year after year, growth since the last rebalancing."""
        turn = with_mean(self.root, self.mean)
        normals, growth = _buffers(turn, paths)
        wild = None if self.turbulence is None else np.sqrt(self.turbulence).astype(np.float32)
        while True:
            random.standard_normal(out=normals[:-1], dtype=np.float32)
            if wild is not None:
                normals[:-1] *= wild[random.integers(len(wild), size=MONTHS * paths, dtype=np.uint16)]
            yield _grown(np.matmul(turn, normals, out=growth), every)


@dataclass(frozen=True, eq=False)
class History:
    """Months of history (T, n) as growth, in stretches of geometric length with a mean of ``length``."""

    months: FloatArray
    length: float

    def years(self, random: np.random.Generator, paths: int, every: int) -> Iterator[Singles]:
        """Year after year, growth since the last rebalancing.

        Each month is the one after the last, moved on by a jump: 0 but for one month in ``length``, when it is uniform.
        One uniform number, blown up to ``length`` times the history, tells both. A year that jumps every month comes
        through no more than thirteen histories one after the other. Rows of 32 bytes are copied the fastest.
        """
        rows, assets = np.float32(len(self.months)), self.months.shape[1]
        table = np.ones((len(self.months), max(assets, _QUICK_ROW)), np.float32)
        table[:, :assets] = self.months
        table = np.tile(table, (MONTHS + 1, 1))
        growth = np.empty((MONTHS, paths, table.shape[1]), np.float32)
        steps, places = np.empty((MONTHS, paths), np.float32), np.empty((MONTHS, paths), np.intp)
        scale = np.float32(len(self.months) * self.length / 2**32)
        place = np.floor(random.random(paths, dtype=np.float32) * rows)
        while True:
            whole = random.bit_generator.random_raw(MONTHS * paths // 2).view(np.uint32)  # two of 32 bits in each
            np.copyto(steps, whole.reshape(steps.shape), casting="unsafe")
            np.floor(np.multiply(steps, scale, out=steps), out=steps)
            steps *= steps < rows
            steps += 1
            steps[0] += place - 1
            _cumulated(np.add, steps, MONTHS)
            place = steps[-1] + 1
            place -= rows * np.floor(place / rows)  # whole numbers, exact in single precision, and much faster than %
            np.copyto(places, steps, casting="unsafe")
            np.take(table, places, axis=0, out=growth, mode="clip")
            yield _cumulated(np.multiply, growth, every)[:, :, :assets].transpose(0, 2, 1)


@dataclass(frozen=True, eq=False)
class Switching:
    """A chain of calm and stress with lognormal months in each."""

    regimes: Regimes
    held: NDArray[np.bool_] | None = None

    def years(self, random: np.random.Generator, paths: int, every: int) -> Iterator[Singles]:
        """Year after year, growth since the last rebalancing; the first month is of the long-run chances."""
        means, covariances = self.regimes.log_mean, self.regimes.log_covariance
        turns = [with_mean(root(cov), mean) for mean, cov in zip(means, covariances, strict=True)]
        calm, stress = turns if self.held is None else (turn[self.held] for turn in turns)
        normals, growth = _buffers(calm, paths)
        enter, stay = map(np.float32, self.regimes.to_stress)
        stressed = random.random(paths, dtype=np.float32) < np.float32(self.regimes.stress_share)
        states = np.empty((MONTHS, paths), dtype=bool)
        while True:
            chances = random.random((MONTHS, paths), dtype=np.float32)
            for month, (enters, stays) in enumerate(zip(chances < enter, chances < stay, strict=True)):
                states[month] = stressed
                stressed = np.where(stressed, stays, enters)
            random.standard_normal(out=normals[:-1], dtype=np.float32)
            np.matmul(calm, normals, out=growth)
            hit = np.flatnonzero(states)
            growth[:, hit] = stress @ np.take(normals, hit, axis=1)
            yield _grown(growth, every)


def with_mean(root: FloatArray, mean: FloatArray) -> Singles:
    """Matrix (n, normals + 1) that turns normals, with ones below them, into log growth with its mean."""
    return np.column_stack([root, mean]).astype(np.float32)


def _buffers(turn: Singles, paths: int) -> tuple[Singles, Singles]:
    """Normals with a row of ones below, and the growth that a matrix turns them into."""
    assets, rows = turn.shape
    return np.ones((rows, MONTHS * paths), np.float32), np.empty((assets, MONTHS * paths), np.float32)


def _grown(logs: Singles, every: int) -> Singles:
    """Log growth of single months (n, 12 paths) as growth since the last rebalancing (12, n, paths), in place."""
    by_month = logs.reshape(len(logs), MONTHS, -1).transpose(1, 0, 2)
    _cumulated(np.add, by_month, every)
    np.exp(logs, out=logs)
    return by_month


def _cumulated(operation: np.ufunc, months: NDArray[Any], every: int) -> NDArray[Any]:
    """Each month with those before it, from the last rebalancing on, in place; faster than ``accumulate``."""
    for month in range(1, len(months)):
        if month % every:
            operation(months[month], months[month - 1], out=months[month])
    return months
