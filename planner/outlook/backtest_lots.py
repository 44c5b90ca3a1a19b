"""The lots of one taxable account in arrays, and the yearly tax on what they bring."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from planner.household.tax_tables import tax_years
from planner.household.taxes import SECTION_1256_LONG, Gains, marginal_rates, tax_bill
from planner.market.universe import TaxCharacter
from planner.trading.tax_drag import drag_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from planner.household.tax_situation import TaxSituation
    from planner.household.taxes import TaxBill
    from planner.market.moments import FloatArray
    from planner.market.universe import Universe

MONTHS = 12
"""A lot of one month-end is long-term at the thirteenth after it: held for twelve it was held a year, and not for more
(Rev. Rul. 66-7)."""


class Lots:
    """Units of each series by the month-end on which they were bought, and what each unit cost.

    ``units`` and ``unit_cost`` are (months + 1, series). Of a sale the lots at a loss go first, then those with
    long-term gains, then those with short-term ones, of each the dearest: named lots, 26 CFR 1.1012-1(c).
    """

    def __init__(self, months: int, series: int) -> None:
        self.units = np.zeros((months + 1, series))
        self.unit_cost = np.zeros((months + 1, series))
        self.columns = np.arange(series)

    def buy(self, month: int, units: FloatArray, basis: FloatArray) -> None:
        """Add units (series,) with what they cost in all."""
        before = self.units[month] * self.unit_cost[month]
        self.units[month] += units
        held = self.units[month]
        np.divide(before + basis, held, out=self.unit_cost[month], where=held > 0)

    def sell(self, month: int, units: FloatArray, price: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Take out units (series,) at a price after costs: short-term and long-term gains (series,) less losses."""
        held = self.units[: month + 1]
        rank = 1 - self.unit_cost[: month + 1] / price
        short = rank[_first_short(month) :]
        short += short > 0
        order = rank.argsort(axis=0)
        in_order = held[order, self.columns]
        before = in_order.cumsum(axis=0) - in_order
        taken = np.empty_like(held)
        taken[order, self.columns] = np.minimum(np.maximum(units - before, 0.0), in_order)
        return self._realise(month, taken, price)

    def turn_over(self, month: int, part: FloatArray, price: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Sell a part of every lot and buy it anew, as a fund or an index does inside: the gains, as of a sale."""
        taken = self.units[: month + 1] * part
        gains = self._realise(month, taken, price)
        anew = taken.sum(axis=0)
        self.buy(month, anew, anew * price)
        return gains

    def mark(self, price: FloatArray, which: NDArray[np.bool_]) -> FloatArray:
        """Gains (series,) of those taxed as if sold at the year's end, whose units then cost the price."""
        gains = np.where(which, (self.units * (price - self.unit_cost)).sum(axis=0), 0.0)
        self.unit_cost = np.where(which, price, self.unit_cost)
        return gains

    def unrealised(self, month: int, price: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Short-term and long-term gains (series,) that a sale of everything would bring, less losses."""
        return _by_term(month, self.units[: month + 1] * (price - self.unit_cost[: month + 1]))

    def _realise(self, month: int, taken: FloatArray, price: FloatArray) -> tuple[FloatArray, FloatArray]:
        self.units[: month + 1] -= taken
        return _by_term(month, taken * (price - self.unit_cost[: month + 1]))


def _by_term(month: int, gains: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Short-term and long-term gains (series,) of lots (month + 1, series)."""
    short = _first_short(month)
    return gains[short:].sum(axis=0), gains[:short].sum(axis=0)


def _first_short(month: int) -> int:
    """The earliest month-end whose lots are short-term at another."""
    return max(month - MONTHS, 0)


@dataclass(frozen=True, eq=False)
class TaxRules:
    """How the law of the newest tax table treats each series (n,), whatever the year of the return."""

    situation: TaxSituation
    distributed: FloatArray = field(repr=False)
    distribution_tax: FloatArray = field(repr=False)
    turnover: FloatArray = field(repr=False)
    marked: NDArray[np.bool_] = field(repr=False)
    collectible: NDArray[np.bool_] = field(repr=False)

    @classmethod
    def of(cls, situation: TaxSituation, universe: Universe, names: Sequence[str]) -> TaxRules:
        """Rules for some of a universe's series; distributions and their tax are parts of the value a month."""
        series = {member.name: member for asset_class in universe.classes for member in asset_class.series}
        members = [series[name] for name in names]
        taxed = drag_parts(universe, marginal_rates(situation, tax_years()[-1]))["distributions"]
        marked = np.array([member.tax is TaxCharacter.SECTION_1256 for member in members])
        turnover = np.array([member.turnover for member in members]) / MONTHS
        return cls(
            situation=situation,
            distributed=np.array([member.distributions for member in members]) / MONTHS,
            distribution_tax=taxed[list(names)].to_numpy(np.float64) / MONTHS,
            turnover=np.where(marked, 0.0, np.minimum(turnover, 1.0)),
            marked=marked,
            collectible=np.array([member.tax is TaxCharacter.COLLECTIBLE for member in members]),
        )

    def gains(self, short: FloatArray, long: FloatArray) -> Gains:
        """Gains by series as the year's return adds them up: those of futures are 60 % long-term."""
        marked = float((short + long)[self.marked].sum())
        short, long = short[~self.marked], long[~self.marked]
        return Gains(
            short=float(short.sum()) + (1 - SECTION_1256_LONG) * marked,
            long=float(long.sum()) + SECTION_1256_LONG * marked,
            collectible=float(long[self.collectible[~self.marked]].sum()),
        )

    @cached_property
    def without(self) -> float:
        """The year's tax without any gains, nor losses carried."""
        plain = self.situation.with_changes(short_loss_carried=0.0, long_loss_carried=0.0)
        return tax_bill(plain, Gains(), tax_years()[-1]).total

    def bill(self, gains: Gains, short_carried: float, long_carried: float) -> tuple[TaxBill, float]:
        """A year's bill with its gains and the losses carried into it, and what it adds to the one without any."""
        situation = self.situation.with_changes(short_loss_carried=short_carried, long_loss_carried=long_carried)
        bill = tax_bill(situation, gains, tax_years()[-1])
        return bill, bill.total - self.without
