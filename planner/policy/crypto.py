"""The sleeve in a market: its indices as the series of the crypto class, and what each adds to a portfolio's risk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import fsum
from typing import TYPE_CHECKING

import pandas as pd

from planner.errors import InputError
from planner.market.assumptions import Assumptions, estimate
from planner.market.market import Market
from planner.market.portfolio import Portfolio
from planner.market.universe import CASH, CRYPTO, Series, TaxCharacter, Universe
from planner.policy.crypto_index import index_history

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.household.accounts import Household
    from planner.policy.barbell import Sleeve
    from planner.policy.index_history import IndexHistory


@dataclass(frozen=True, eq=False)
class SleeveMarket(Market):
    """A market made by ``with_sleeve``, which knows the ``base`` it was made of and the ``sleeve`` that is in it."""

    base: Market
    sleeve: Sleeve

    def holds(self, sleeve: Sleeve) -> bool:
        """Whether a sleeve has the indices and shares of this market; ranges are for an optimiser alone."""
        mine, asked = ([(part.name, part.recipe, part.share) for part in each.parts] for each in (self.sleeve, sleeve))
        return mine == asked


def sleeve_histories(
    sleeve: Sleeve, returns: pd.DataFrame | None = None, market_values: pd.DataFrame | None = None
) -> dict[str, IndexHistory]:
    """The past of each part of a sleeve, by its name; see ``index_history`` for the coins' data."""
    return {part.name: index_history(part.recipe, returns, market_values) for part in sleeve.parts}


def with_sleeve(
    market: Market, sleeve: Sleeve, histories: Mapping[str, IndexHistory] | None = None, *, keep: tuple[str, ...] = ()
) -> SleeveMarket:
    """The market with a sleeve's indices in place of the coins of its crypto class.

    The indices are the class's series, shared out as in the sleeve, taxed as property, distributing nothing, with the
    turnover of their ``histories`` (of the built-in coins where they are left out). Their returns are NaN before they
    start, and ``complete_returns`` takes those months from the indices that are there. Assumptions are estimated anew
    at the market's risk-free rate: equilibrium means, for which each index has its share of the class's market value,
    so that the class weighs in the market portfolio what it did, less the indices' fees, and Ledoit-Wolf covariance,
    the indices that start later on their common window (``moments.combined_moments``).

    ``keep`` names series of the class that stay in it with a share of 0: coins that a household owns directly, which
    its holdings follow and no plan buys. Raises InputError where an index ends before the market's returns do or has
    the name of another series.
    """
    if histories is None:
        return _with_built_in(market, sleeve, keep)
    return _made(market, sleeve, histories, keep)


@lru_cache(maxsize=16)
def _with_built_in(market: Market, sleeve: Sleeve, keep: tuple[str, ...]) -> SleeveMarket:
    return _made(market, sleeve, sleeve_histories(sleeve), keep)


def _made(market: Market, sleeve: Sleeve, histories: Mapping[str, IndexHistory], keep: tuple[str, ...]) -> SleeveMarket:
    missing = next((part.name for part in sleeve.parts if part.name not in histories), None)
    if missing is not None:
        raise InputError(f"There is no history of the sleeve's '{missing}': make them with sleeve_histories.")
    unknown = next((name for name in keep if name not in market.universe.members(CRYPTO)), None)
    if unknown is not None:
        raise InputError(f"'{unknown}' is no series of the market's crypto: leave it out of what to keep.")
    universe = _universe(market.universe, sleeve, histories, keep)
    days = market.returns.index
    indices = pd.DataFrame({part.name: histories[part.name].monthly_returns.reindex(days) for part in sleeve.parts})
    for name in indices.columns[indices.iloc[-1].isna()]:
        raise InputError(
            f"The history of '{name}' does not reach the market's last month, {days[-1]:%B %Y}: give newer returns of "
            "its coins, or a market that ends with them."
        )
    replaced = [name for name in market.universe.members(CRYPTO) if name not in keep]
    returns = market.returns.drop(columns=replaced).assign(**indices)[list(universe.series_names)]
    made = _assumptions(market, returns, universe, {part.name: part.recipe.fee for part in sleeve.parts})
    notes = dict.fromkeys([*made.notes, *(histories[part.name].note for part in sleeve.parts)])
    told = Assumptions(made.mean, made.covariance, made.risk_free, tuple(notes), made.scenarios)
    return SleeveMarket(universe, returns, told, market, sleeve)


def _assumptions(market: Market, returns: pd.DataFrame, universe: Universe, fees: dict[str, float]) -> Assumptions:
    made = estimate(returns, market_weights=universe.market_weights, risk_free=market.assumptions.risk_free)
    if not any(fees.values()):
        return made
    after_fees = made.mean.sub(pd.Series(fees), fill_value=0.0)[made.mean.index]
    return estimate(returns, after_fees, risk_free=made.risk_free)


def _universe(
    universe: Universe, sleeve: Sleeve, histories: Mapping[str, IndexHistory], keep: tuple[str, ...]
) -> Universe:
    crypto, total = universe[CRYPTO], fsum(sleeve.shares.values())
    value = fsum(member.market_value for member in crypto.series)
    indices = tuple(
        Series(
            part.name,
            part.recipe.label,
            TaxCharacter.PROPERTY,
            part.share / total,
            value * part.share / total,
            part.recipe.method,
            turnover=histories[part.name].turnover_a_year,
        )
        for part in sleeve.parts
    )
    kept = tuple(replace(member, share=0.0, market_value=0.0) for member in crypto.series if member.name in keep)
    series = (*indices, *kept)
    classes = tuple(replace(each, series=series) if each is crypto else each for each in universe.classes)
    return Universe(classes)


def coins_owned(household: Household | None, universe: Universe) -> tuple[str, ...]:
    """The series of crypto that a household's assets follow or its accounts' rules name: what ``keep`` is for."""
    if household is None:
        return ()
    named = {asset.series for asset in household.asset_of.values()}
    named |= {name for account in household.accounts for name in account.may_hold or ()}
    return tuple(name for name in universe.members(CRYPTO) if name in named)


def crypto_risk(portfolio: Portfolio, universe: Universe) -> pd.DataFrame:
    """What each series of the crypto class adds to a portfolio's risk.

    By series, decimals: ``weight``; ``part`` of the class; ``volatility`` a year on its own; ``risk_share`` of the
    portfolio's variance; ``contribution``, that share of its volatility; and ``added``, by how much the portfolio's
    volatility is higher than with the same money in cash.
    """
    weights, crypto = portfolio.by_asset, universe[CRYPTO].series
    held = fsum(weights[member.name] for member in crypto)
    cash = universe.split({CASH: 1.0})
    rows = {}
    for member in crypto:
        weight = weights[member.name]
        without = {name: own + weight * (cash[name] - (name == member.name)) for name, own in weights.items()}
        share = float(portfolio.risk_contributions[member.name])
        rows[member.name] = {
            "weight": weight,
            "part": weight / held if held > 0 else float("nan"),
            "volatility": float(portfolio.assumptions.volatility[member.name]),
            "risk_share": share,
            "contribution": share * portfolio.volatility,
            "added": portfolio.volatility - Portfolio.of(portfolio.assumptions, without).volatility,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("series")
