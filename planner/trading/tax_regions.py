"""A year's tax as a function of its gains, cut into regions in each of which it is convex.

Losses of one term are set against gains of the other, so that the tax is not convex in the two; inside each region it
is a sum of maxima of affine functions, which a linear program can carry.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp

from planner.household.tax_tables import (
    LONG_TERM_RATES,
    LOSS_LIMIT,
    NET_INVESTMENT_RATE,
    NET_INVESTMENT_THRESHOLD,
    ORDINARY_RATES,
    tax_table,
)
from planner.household.taxes import bracket_tax

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.household.tax_situation import TaxSituation

Affine = tuple[float, float, float]
"""Coefficients of net short-term gains, net long-term gains, and 1."""


@dataclass(frozen=True, eq=False)
class TaxRows:
    """Regions as rows ``short x + long y + switch z <= part t`` of a program that switches one of them on.

    For each region (column) x and y are net gains where it is on and 0 elsewhere, z is 1 where it is on, and t are the
    maxima, of which the sum is the tax. Source: Balas (1979), Disjunctive Programming.
    """

    short: Any
    long: Any
    switch: Any
    part: Any

    @classmethod
    def of(cls, regions: Sequence[TaxRegion], unit: float) -> TaxRows:
        """The rows of some regions, with money in a unit."""
        entries: list[tuple[int, int, Affine]] = []
        parts = 0
        for number, region in enumerate(regions):
            entries += [(number, -1, row) for row in region.within]
            for pieces in region.maxima:
                entries += [(number, parts, row) for row in pieces]
                parts += 1
        rows, numbers = np.arange(len(entries)), [number for number, _, _ in entries]
        coefficients = np.array([row for *_, row in entries]) * [1, 1, 1 / unit]
        of_part = np.array([part for _, part, _ in entries])
        owned = np.flatnonzero(of_part >= 0)
        short, long, switch = (
            sp.csr_array((column, (rows, numbers)), (len(rows), len(regions))) for column in coefficients.T
        )
        part = sp.csr_array((np.ones(len(owned)), (owned, of_part[owned])), (len(rows), parts))
        return cls(short, long, switch, part)


@dataclass(frozen=True)
class TaxRegion:
    """Where a tax is convex: ``within`` are affine functions that are at most 0, the tax is the sum of ``maxima``."""

    within: tuple[Affine, ...]
    maxima: tuple[tuple[Affine, ...], ...]

    def holds(self, short: float, long: float, tolerance: float = 0.0) -> bool:
        """Whether net gains lie in the region."""
        return all(_at(row, short, long) <= tolerance for row in self.within)

    def meets(self, least: Sequence[float], most: Sequence[float]) -> bool:
        """Whether each of its borders, alone, leaves something of a box of net gains."""
        return all(
            sum(min(factor * low, factor * high) for factor, low, high in zip(row, least, most, strict=False)) + row[2]
            <= 0
            for row in self.within
        )

    def tax(self, short: float, long: float) -> float:
        """The tax on net gains in the region."""
        return sum(max(_at(piece, short, long) for piece in pieces) for pieces in self.maxima)


def tax_regions(situation: TaxSituation, year: int) -> tuple[TaxRegion, ...]:
    """Regions that cover all pairs of net short and net long gains, losses carried forward taken off both.

    With both at least zero, short-term gains push long-term ones up the brackets: the tax contains the long-term tax on
    what lies below them with a minus sign, so that the region is cut at the long-term brackets. Where a gain remains
    of one term after a loss of the other, and where a loss remains, the tax is convex in the sum. Collectibles are
    left out. Source: ``planner.household.taxes.tax_bill``, of which these are the pieces; 26 USC 1(h), 1211, 1222.
    """
    brackets = tax_table(year).brackets[situation.filing]
    taxable = situation.income - brackets.standard_deduction
    above = situation.income - NET_INVESTMENT_THRESHOLD[situation.filing]
    invested = min(situation.investment_income, above)

    def levied(short: float, long: float, *lowest: float) -> tuple[tuple[Affine, ...], ...]:
        """Net investment and state tax on gains, of which at least ``lowest`` count where it is given."""
        gained = [(short, long, 0.0), *((0.0, 0.0, least) for least in lowest)]
        return (
            (*(_scaled(NET_INVESTMENT_RATE, piece, invested) for piece in gained), _ZERO),
            (*(_scaled(situation.state_rate, piece, taxable) for piece in gained), _ZERO),
        )

    def stacked(tops: Sequence[float], rates: Sequence[float], short: float, long: float) -> tuple[Affine, ...]:
        lines = _tangents(tops, rates)
        return (*((rate * short, rate * long, rate * taxable + constant) for rate, constant in lines), _ZERO)

    income, gains = (brackets.ordinary, ORDINARY_RATES), (brackets.long_term, LONG_TERM_RATES)
    regions = []
    edges = (-inf, *brackets.long_term, inf)
    for (lower, upper), (rate, constant) in zip(pairwise(edges), _tangents(*gains), strict=True):
        within = [(-1.0, 0.0, 0.0), (0.0, -1.0, 0.0)]
        within += [(-1.0, 0.0, lower - taxable)] if lower > -inf else []
        within += [(1.0, 0.0, taxable - upper)] if upper < inf else []
        below = ((-rate, 0.0, -rate * taxable - constant),)
        maxima = (stacked(*income, 1.0, 0.0), stacked(*gains, 1.0, 1.0), below, *levied(1.0, 1.0))
        regions.append(TaxRegion(tuple(within), maxima))
    regions.append(
        TaxRegion(
            ((-1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (-1.0, -1.0, 0.0)),
            (stacked(*income, 1.0, 1.0), *levied(1.0, 1.0)),
        )
    )
    wages = (0.0, 0.0, bracket_tax(taxable, *income))
    below_gains = (0.0, 0.0, -bracket_tax(taxable, *gains))
    regions.append(
        TaxRegion(
            ((1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (-1.0, -1.0, 0.0)),
            ((wages,), (below_gains,), stacked(*gains, 1.0, 1.0), *levied(1.0, 1.0)),
        )
    )
    most = min(LOSS_LIMIT[situation.filing], max(taxable, 0.0))
    deducted = (*stacked(*income, 1.0, 1.0), (0.0, 0.0, bracket_tax(taxable - most, *income)))
    regions.append(TaxRegion(((1.0, 1.0, 0.0),), (deducted, *levied(1.0, 1.0, -most))))
    return tuple(regions)


_ZERO: Affine = (0.0, 0.0, 0.0)


def _tangents(tops: Sequence[float], rates: Sequence[float]) -> list[tuple[float, float]]:
    """Slopes and constants of the lines whose maximum a bracket tax is."""
    starts = (0.0, *tops)
    return [(rate, bracket_tax(start, tops, rates) - rate * start) for rate, start in zip(rates, starts, strict=True)]


def _scaled(rate: float, function: Affine, added: float) -> Affine:
    short, long, constant = function
    return rate * short, rate * long, rate * (constant + added)


def _at(function: Affine, short: float, long: float) -> float:
    return function[0] * short + function[1] * long + function[2]
