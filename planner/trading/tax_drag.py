"""What taxes take from a series every year, in each kind of account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.household.accounts import Treatment
from planner.market.universe import TaxCharacter

if TYPE_CHECKING:
    from planner.household.taxes import MarginalRates
    from planner.market.assumptions import Assumptions
    from planner.market.universe import Series, Universe

DEFAULT_YEARS = 10.0
"""Years for which a placement is made, after which what was deferred is taxed. Ours."""

MOST_YEARS = 100.0


def yearly_drag(
    universe: Universe, rates: MarginalRates, assumptions: Assumptions | None = None, years: float = DEFAULT_YEARS
) -> pd.DataFrame:
    """Tax a year as a part of the value held, by series (row) and by treatment of the account (column, as text).

    In a taxable account it is the sum of ``drag_parts``. In the others it is zero. That holds for tax-deferred
    accounts too, in which the tax office owns the part that it will take in the end: the holder's own part earns what
    the series earns, untaxed. Source: Reichenstein (2006), "After-Tax Asset Allocation".
    """
    table = pd.DataFrame(0.0, index=pd.Index(universe.series_names, name="series"), columns=[*map(str, Treatment)])
    table[str(Treatment.TAXED)] = drag_parts(universe, rates, assumptions, years).sum(axis=1)
    return table


def drag_parts(
    universe: Universe, rates: MarginalRates, assumptions: Assumptions | None = None, years: float = DEFAULT_YEARS
) -> pd.DataFrame:
    """What a taxable account costs a year, by series (row), as parts of the value held.

    ``distributions`` are taxed at the rate of their character, ``realised`` gains by the fund's or index's own
    trading, and ``deferred`` gains after ``years``, spread over them. Gains are the expected return less what is
    distributed; expected losses save nothing, and without assumptions there are none of either. Futures are taxed on
    all gains every year (26 USC 1256) and on their collateral's interest.

    An InputError says where the assumptions lack a series of the universe or ``years`` is not positive or above 100.
    """
    if not 0 < years <= MOST_YEARS:
        raise InputError(f"A placement for {years:g} years is impossible: give more than 0 and at most {MOST_YEARS:g}.")
    gains = _expected_gains(universe, assumptions)
    rows = [
        _parts(member, gains[member.name], rates, years)
        for asset_class in universe.classes
        for member in asset_class.series
    ]
    index = pd.Index(universe.series_names, name="series")
    return pd.DataFrame(rows, index=index, columns=["distributions", "realised", "deferred"])


def gain_rates(character: TaxCharacter, rates: MarginalRates) -> tuple[float, float]:
    """Rates on a short-term and on a long-term gain of a character."""
    match character:
        case TaxCharacter.SECTION_1256:
            return rates.section_1256, rates.section_1256
        case TaxCharacter.COLLECTIBLE:
            return rates.short, rates.collectible
        case _:
            return rates.short, rates.long


def realised_part(turnover: float, years: float) -> float:
    """Part of the gains of ``years`` that is realised on the way, at a turnover of so many times a year.

    Holding times are taken to be exponential: what is held is as likely to be sold at any time, ``turnover`` times a
    year. A gain made at time s is then realised before the end T with probability 1 - exp(-turnover (T - s)), and on
    the average over the years 1 - (1 - exp(-x)) / x with x = turnover T.
    """
    x = turnover * years
    return float(1 + np.expm1(-x) / x) if x > 0 else 0.0


def short_term_part(turnover: float) -> float:
    """Part of the gains realised at a turnover of so many times a year that is short-term.

    With exponential holding times, 1 - exp(-turnover) of what is sold was held for a year or less. But gains grow with
    the time held, so that of the gains it is less: the share of holding time that lies in periods of at most a year,
    1 - (1 + turnover) exp(-turnover).
    """
    return float(1 - (1 + turnover) * np.exp(-turnover))


def deferred_drag(growth: float, rate: float, years: float) -> float:
    """Yearly cost of a tax on all growth that is paid at the end of ``years``, as a part of the value.

    With growth g, rate t and T years: g - (((1 + g)^T (1 - t) + t)^(1/T) - 1). Of one year it is t g, and the longer
    the wait the nearer it comes to zero.
    """
    after_tax = (1 - rate) * np.expm1(years * np.log1p(growth))
    return max(float(growth - np.expm1(np.log1p(after_tax) / years)), 0.0)


def _expected_gains(universe: Universe, assumptions: Assumptions | None) -> dict[str, float]:
    if assumptions is None:
        return dict.fromkeys(universe.series_names, 0.0)
    missing = next((name for name in universe.series_names if name not in assumptions.assets), None)
    if missing is not None:
        raise InputError(f"The assumptions lack the series '{missing}' of the universe: add it or leave it out.")
    return {
        member.name: max(float(assumptions.mean[member.name]) - member.distributions, 0.0)
        for asset_class in universe.classes
        for member in asset_class.series
    }


def _parts(series: Series, gain: float, rates: MarginalRates, years: float) -> tuple[float, float, float]:
    distributed = series.distributions * _distribution_rate(series.tax, rates)
    short, long = gain_rates(series.tax, rates)
    if series.tax is TaxCharacter.SECTION_1256:
        return distributed, gain * long, 0.0
    short_part = short_term_part(series.turnover)
    realised = gain * realised_part(series.turnover, years)
    tax = realised * (short_part * short + (1 - short_part) * long)
    return distributed, tax, deferred_drag(gain - realised, long, years)


def _distribution_rate(character: TaxCharacter, rates: MarginalRates) -> float:
    match character:
        case TaxCharacter.QUALIFIED_DIVIDENDS:
            return rates.qualified
        case TaxCharacter.REIT_DIVIDENDS:
            return rates.reit
        case _:
            return rates.interest
