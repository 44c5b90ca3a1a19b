"""Plans along the same random paths, so that what differs between them is no luck of the draw."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.market.assumptions import Assumptions
from planner.market.market import Market
from planner.market.portfolio import Portfolio
from planner.market.universe import Universe
from planner.outlook.monthly_moments import MONTHS
from planner.outlook.projection import Chance, project

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from planner.market.moments import FloatArray
    from planner.market.universe import AssetClass, Series
    from planner.outlook.return_models import ReturnModel
    from planner.planning import Plan
    from planner.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Prospect:
    """What a projection says of one plan, without its paths.

    ``fan`` are percentiles of wealth by year, ``at_horizon`` (paths,) the wealth of each path when the money is needed,
    both in today's money; ``lasts`` is None where nothing is spent, ``goals`` the probability of each by name, and
    ``deepest_fall`` that of the mix on half of the paths or more.
    """

    fan: pd.DataFrame
    at_horizon: FloatArray = field(repr=False)
    lasts: Chance | None
    goals: pd.Series[float]
    deepest_fall: float


@dataclass(frozen=True, eq=False)
class Years:
    """How far one looks: until the money is needed (``horizon``), and until the end (``all``)."""

    horizon: int
    all: int


@dataclass(frozen=True, eq=False)
class _Planned:
    """What a projection reads of a plan."""

    scenario: Scenario
    market: Market
    shown: Portfolio


def prospect(
    plan: Plan,
    market: Market,
    model: ReturnModel,
    years: Years,
    paths: int,
    progress: Callable[[float], object] | None = None,
) -> Prospect:
    """Project a plan as ``project`` does, its mix taken into one of the ``common_markets``."""
    mix = Portfolio.of(market.assumptions, plan.shown.by_asset)
    made = project(_Planned(plan.scenario, market, mix), years=years.all, paths=paths, model=model, progress=progress)
    month = MONTHS * years.horizon
    return Prospect(
        made.fan(),
        made.wealth[month] / made.terms.price[month],
        made.lasts,
        made.goal_table["probability"],
        float(made.falls[50]),
    )


def common_markets(markets: Sequence[Market]) -> tuple[Market, ...]:
    """The markets with the series of all of them, in one order, over the months that all of them know.

    A market keeps what it assumes of its own series. To those of another it takes that one's means, and the covariance
    ``B S`` that makes them move with its own as they do there, B the slopes on the series known to both: S is its own
    covariance, and what the slopes leave unexplained is added to theirs. None of them is held. A model then draws the
    same months in all of the markets, as far as these agree. One that knows everything stays as it is.

    Markets of other asset classes, or without a month in common, are an InputError.
    """
    known = _series_by_class([market.universe for market in markets])
    months = reduce(pd.Index.intersection, [market.complete_returns.dropna().index for market in markets])
    if months.empty:
        raise InputError("The plans' markets have no month in common: compare plans of the same years.")
    return tuple(_among(market, markets, known, months) for market in markets)


def _series_by_class(universes: Sequence[Universe]) -> dict[str, dict[str, Series]]:
    """Every series of any universe, class by class, the first universe's first."""
    classes = universes[0].class_names
    for universe in universes:
        if universe.class_names != classes:
            raise InputError(
                f"One plan is about {', '.join(classes)}, another about {', '.join(universe.class_names)}: compare "
                "plans of the same asset classes."
            )
    known: dict[str, dict[str, Series]] = {name: {} for name in classes}
    for universe in universes:
        for name, series in known.items():
            for member in universe[name].series:
                series.setdefault(member.name, member)
    return known


def _among(
    market: Market, markets: Sequence[Market], known: Mapping[str, Mapping[str, Series]], months: pd.Index
) -> Market:
    names = [name for series in known.values() for name in series]
    if list(market.assumptions.assets) == names and market.complete_returns.dropna().index.equals(months):
        return market
    mean, covariance = market.assumptions.mean, market.assumptions.covariance
    returns = market.complete_returns.loc[months]
    for other in markets:
        new = other.universe.series_names if other is not market else ()
        returns = returns.join(other.complete_returns.loc[months, [name for name in new if name not in returns]])
        mean, covariance = _with_the_rest(mean, covariance, other.assumptions)
    return Market(
        Universe(tuple(_with_series(each, known[each.name]) for each in market.universe.classes)),
        returns[names],
        Assumptions(mean[names], covariance.loc[names, names], market.assumptions.risk_free),
    )


def _with_series(own: AssetClass, known: Mapping[str, Series]) -> AssetClass:
    """A class with the series of others, which get no share."""
    members = {series.name: series for series in own.series}
    unheld = {name: replace(series, share=0.0, market_value=0.0) for name, series in known.items()}
    return replace(own, series=tuple((unheld | members)[name] for name in known))


def _with_the_rest(
    mean: pd.Series[float], covariance: pd.DataFrame, source: Assumptions
) -> tuple[pd.Series[float], pd.DataFrame]:
    """Means and covariance with those assets of a source that are not among them."""
    both = [name for name in source.assets if name in mean.index]
    new = [name for name in source.assets if name not in mean.index]
    if not new:
        return mean, covariance
    there = source.covariance
    slopes = np.linalg.lstsq(there.loc[both, both].to_numpy(), there.loc[both, new].to_numpy())[0]
    unexplained = there.loc[new, new].to_numpy() - there.loc[new, both].to_numpy() @ slopes
    beside = covariance[both].to_numpy() @ slopes
    theirs = slopes.T @ covariance.loc[both, both].to_numpy() @ slopes + unexplained
    extended = np.block([[covariance.to_numpy(), beside], [beside.T, (theirs + theirs.T) / 2]])
    names = [*mean.index, *new]
    return pd.concat([mean, source.mean[new]]), pd.DataFrame(extended, names, names)
