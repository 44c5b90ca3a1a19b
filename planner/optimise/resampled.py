"""The resampled frontier: what the frontier could have been, had history gone otherwise, and the average of it all."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.market.assumptions import MONTHS_PER_YEAR, Assumptions
from planner.market.checks import HIGHEST_VOLATILITY, SUSPECT_RETURN
from planner.market.portfolio import Portfolio
from planner.optimise.frontier import Frontier, frontier, volatilities
from planner.optimise.limits import Limit, covariance_factor
from planner.optimise.risk_limits import ReturnFloor
from planner.optimise.solution import Failed, Infeasible, cleaned
from planner.wording import count

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from planner.optimise.limits import Scaled, Vector

DEFAULT_MONTHS = 120
"""Ten years, about the length of the built-in history."""

DEFAULT_SAMPLES = 100
"""The error of an average of weights then is a tenth of their spread over samples."""

DEFAULT_POINTS = 20

FEWEST_MONTHS = 12
"""Of less than a year nobody would estimate a mean."""

BAND = (0.05, 0.95)
"""Quantiles of what the samples chose: nine of ten lie between."""


@dataclass(frozen=True)
class Resampling:
    """How histories are drawn: ``samples`` of them, of so many ``months`` each, the same ones for the same ``seed``.

    The fewer months, the less the assumptions are trusted, and the more alike are the averaged portfolios.
    """

    months: int = DEFAULT_MONTHS
    samples: int = DEFAULT_SAMPLES
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("months", FEWEST_MONTHS), ("samples", 1), ("seed", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
                raise InputError(f"Resampling with {name}={value!r}: give a whole number, at least {least}.")


@dataclass(frozen=True, eq=False)
class ResampledFrontier:
    """Averages, rank by rank, of the efficient portfolios of many drawn histories.

    ``w`` (points, n) are the averaged weights, ``drawn`` (samples solved, points, n) those of each sample, from the
    least volatile portfolio to the one of the highest return. Every figure is taken under the assumptions themselves:
    what a sample's portfolio would really be expected to do, in annual decimals.
    """

    assumptions: Assumptions
    drawn: np.ndarray = field(repr=False)
    limits: tuple[Limit, ...]
    resampling: Resampling

    @cached_property
    def w(self) -> np.ndarray:
        """Averaged weights, shape (points, n)."""
        w = np.array([cleaned(mean) for mean in self.drawn.mean(axis=0)])
        w.flags.writeable = False
        return w

    @property
    def unsolved(self) -> int:
        """How many samples are missing because no solver finished them."""
        return self.resampling.samples - len(self.drawn)

    @cached_property
    def portfolios(self) -> tuple[Portfolio, ...]:
        """The averaged portfolios."""
        return tuple(Portfolio(self.assumptions, w) for w in self.w)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row an averaged portfolio: expected_return, volatility, sharpe, then the weight of each asset."""
        return Frontier(self.assumptions, self.w, self.limits).table

    @cached_property
    def band(self) -> pd.DataFrame:
        """One row a rank: expected_return_low, expected_return_high, volatility_low, volatility_high.

        The 5 % and 95 % quantiles over samples of what their portfolios of that rank would really do.
        """
        each: Any = self.drawn.reshape(-1, len(self.assumptions.assets))
        risks = volatilities(each, self.assumptions).reshape(self.drawn.shape[:2])
        figures = [*np.quantile(self.drawn @ self.assumptions.mu, BAND, axis=0), *np.quantile(risks, BAND, axis=0)]
        names = [f"{figure}_{side}" for figure in ("expected_return", "volatility") for side in ("low", "high")]
        return pd.DataFrame(dict(zip(names, figures, strict=True)))

    @cached_property
    def corridor(self) -> pd.DataFrame:
        """One row a volatility of the averages: volatility, expected_return_low, expected_return_high.

        The 5 % and 95 % quantiles over samples of the expected return that a sample's portfolios reach with that
        volatility: to be drawn beside a frontier, above which it never lies, as quantiles of one rank may.
        """
        each: Any = self.drawn.reshape(-1, len(self.assumptions.assets))
        risks = volatilities(each, self.assumptions).reshape(self.drawn.shape[:2])
        returns, grid = self.drawn @ self.assumptions.mu, volatilities(self.w, self.assumptions)
        lines = zip(risks, returns, np.argsort(risks, axis=1), strict=True)
        reached = [np.interp(grid, risk[order], line[order]) for risk, line, order in lines]
        low, high = np.quantile(reached, BAND, axis=0)
        return pd.DataFrame({"volatility": grid, "expected_return_low": low, "expected_return_high": high})

    @cached_property
    def lowest_weights(self) -> pd.DataFrame:
        """The 5 % quantile over samples of each weight: one row a rank, one column an asset."""
        return pd.DataFrame(np.quantile(self.drawn, BAND[0], axis=0), columns=list(self.assumptions.assets))

    @cached_property
    def highest_weights(self) -> pd.DataFrame:
        """The 95 % quantile over samples of each weight: one row a rank, one column an asset."""
        return pd.DataFrame(np.quantile(self.drawn, BAND[1], axis=0), columns=list(self.assumptions.assets))

    @property
    def sentence(self) -> str:
        """How it was made, in words."""
        years = count(self.resampling.months / MONTHS_PER_YEAR, "year")
        left_out = f"; {count(self.unsolved, 'sample')} could not be solved" if self.unsolved else ""
        return f"The average of {count(len(self.drawn), 'frontier')}, each from {years} drawn at random{left_out}."

    def _repr_html_(self) -> str:
        table = self.table.style.format("{:.1%}").format("{:.2f}", subset=["sharpe"]).to_html()
        return f"<p>{escape(self.sentence)}</p>{table}"


def resampled_frontier(
    assumptions: Assumptions,
    limits: Iterable[Limit] = (),
    points: int = DEFAULT_POINTS,
    resampling: Resampling | None = None,
    progress: Callable[[float], object] | None = None,
) -> ResampledFrontier | Infeasible | Failed:
    """The average of the frontiers that investors would see whose histories were drawn from the assumptions.

    Each sample is a history of ``months`` independent months from N(mu / 12, S / 12). Its mean and covariance, times
    12, give a frontier of ``points`` >= 2 portfolios at equally spaced expected returns, and portfolios of one rank
    are averaged. Limits that speak of return or volatility mean the assumptions, not the sample: all samples choose
    among the same portfolios, and the averages keep every convex limit. Draws belong to the assets' names: their order
    does not matter.

    ``progress`` is called after each sample with the fraction done; an exception it raises stops the work and passes
    through. Source: Michaud (1998), Efficient Asset Management, chapter 5; Michaud & Michaud (2008), Estimation Error
    and Portfolio Optimization.
    """
    resampling = resampling or Resampling()
    limits = tuple(limits)
    plain = frontier(assumptions, limits, points)
    if not isinstance(plain, Frontier):
        return plain
    meant = tuple(_AsAssumed(limit, assumptions) if _reads_market(limit) else limit for limit in limits)
    histories, drawn, lost = _Histories(assumptions, resampling), [], None
    for number in range(resampling.samples):
        found = frontier(histories.draw(), meant, points)
        if isinstance(found, Frontier):
            drawn.append(found.w)
        else:
            lost = found
        if progress is not None:
            progress((number + 1) / resampling.samples)
    if lost is not None and not drawn:
        return lost
    weights = np.array(drawn)
    weights.flags.writeable = False
    return ResampledFrontier(assumptions, weights, limits, resampling)


class _Histories:
    """Histories drawn from assumptions, as the assumptions that each would lead to.

    Every asset has a random stream of its own, and the symmetric root of the covariance, which is unique, mixes them:
    the numbers depend neither on the order of the assets nor on the signs that a machine gives to eigenvectors.
    """

    def __init__(self, assumptions: Assumptions, resampling: Resampling) -> None:
        self._assumptions, self._months = assumptions, resampling.months
        self._streams = [np.random.default_rng([resampling.seed, *asset.encode()]) for asset in assumptions.assets]
        factor = covariance_factor(assumptions.cov)
        lengths = np.linalg.norm(factor, axis=1, keepdims=True)
        directions = factor / np.where(lengths > 0, lengths, 1.0)
        self._root = directions.T @ factor

    def draw(self) -> Assumptions:
        """Mean and covariance of one history, in a unit in which neither is taken for percent.

        The unit does not change which portfolios are efficient.
        """
        noise = np.column_stack([stream.standard_normal(self._months) for stream in self._streams]) @ self._root
        average = noise.mean(axis=0)
        deviations = noise - average
        mu = self._assumptions.mu + average * np.sqrt(MONTHS_PER_YEAR)
        cov = deviations.T @ deviations / (self._months - 1)
        largest = np.sqrt(np.diag(cov).max()) / HIGHEST_VOLATILITY
        unit = max(1.0, float(np.abs(mu).max()) / SUSPECT_RETURN, float(largest))
        names = self._assumptions.mean.index
        mean, covariance = pd.Series(mu / unit, names), pd.DataFrame(cov / unit**2, names, names)
        return Assumptions(mean, covariance, self._assumptions.risk_free)


def _reads_market(limit: Limit) -> bool:
    return limit.market_bound or isinstance(limit, ReturnFloor)


@dataclass(frozen=True)
class _AsAssumed(Limit):
    """A limit on return or volatility as the assumptions tell them, whatever market is solved."""

    limit: Limit
    assumptions: Assumptions

    def sentence(self) -> str:
        return self.limit.sentence()

    def structure(self, assets: tuple[str, ...]) -> Hashable:
        return _AsAssumed, self.limit.structure(assets), self.assumptions if self.limit.market_bound else None

    def values(self, assumptions: Assumptions) -> Vector:
        del assumptions
        return self.limit.values(self.assumptions)

    def constraints(self, problem: Scaled, values: Any, slack: Any = 0.0) -> list[Any]:
        return self.limit.constraints(replace(problem, assumptions=self.assumptions), values, slack)

    def loosened(self, by: float) -> Self:
        return replace(self, limit=self.limit.loosened(by))

    def room(self, assumptions: Assumptions, w: Vector) -> float:
        del assumptions
        return self.limit.room(self.assumptions, w)
