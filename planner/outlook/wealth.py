"""Money along paths of growth: put in, taken out, taxed and grown, month by month, all paths at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from planner.market.moments import FloatArray
    from planner.outlook.dues import Due
    from planner.outlook.samplers import Singles

HALF_A_CENT = 0.005
"""What is not paid by less than this is paid."""


@dataclass(frozen=True, eq=False)
class Bucket:
    """Money taxed in one way: at the start, its share of what is put in, and what is left after taxes.

    ``keep`` (months,) is what fees and yearly taxes leave of it by month, ``net`` what is left of a dollar taken out,
    and ``early`` what is left of one taken out before the month ``free_from``.
    """

    opening: float
    share: float
    keep: FloatArray = field(repr=False)
    net: float = 1.0
    early: float = 1.0
    free_from: int = 0

    def left(self, month: int) -> float:
        """What is left of a dollar taken out in a month."""
        return self.net if month >= self.free_from else self.early


@dataclass(frozen=True, eq=False)
class Terms:
    """What is done along every path.

    ``flow`` (months,) is put in or taken out before a month's growth, ``price`` (months + 1,) the price level, ``dues``
    the goals in order. Money is taken from taxed, then deferred, then tax-free. ``required`` is the part of the
    deferred money at the last year's end that must be out at a month, by month; ``year_ends`` tells which end a year.
    """

    flow: FloatArray
    price: FloatArray
    taxed: Bucket
    deferred: Bucket
    tax_free: Bucket
    dues: tuple[Due, ...] = ()
    year_ends: frozenset[int] = frozenset()
    required: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of it, by path.

    ``wealth`` (months + 1, paths) is all money, before the tax that deferred money still owes, at each month-end before
    what is paid then, and empty where it was not asked for. ``lasted`` (paths,) is for how many months all spending was
    paid, ``unpaid`` what was not, in today's money, ``missed`` (goals, paths) what goals lacked, in today's money.
    """

    wealth: Singles = field(repr=False)
    lasted: NDArray[np.int32] = field(repr=False)
    unpaid: FloatArray = field(repr=False)
    missed: FloatArray = field(repr=False)


def replay(growth: Singles | FloatArray, terms: Terms, *, wealth: bool = True) -> Outcome:
    """Follow the money along growth (months, paths), in double precision."""
    months, paths = growth.shape
    purse = _Purse(terms, paths)
    kept = np.empty((months + 1 if wealth else 0, paths), np.float32)
    lasted = np.full(paths, months, np.int32)
    unpaid = np.zeros(paths)
    missed = np.zeros((len(terms.dues), paths))
    dues: dict[int, list[int]] = {}
    for place, due in enumerate(terms.dues):
        dues.setdefault(due.month, []).append(place)
    for month in range(months + 1):
        if wealth:
            kept[month] = purse.total
        for place in dues.get(month, ()):
            missed[place] = purse.meet(terms.dues[place], month) / terms.price[month]
        if month == months:
            break
        if terms.flow[month] < 0:
            left = purse.pay(-terms.flow[month], month)
            short = left > HALF_A_CENT
            if short.any():
                lasted[short & (lasted == months)] = month
                unpaid += np.where(short, left, 0.0) / terms.price[month]
        else:
            purse.put_in(terms.flow[month])
        if month in terms.year_ends:
            purse.end_year(terms.required.get(month, 0.0))
        purse.grow(month, growth[month])
    return Outcome(kept, lasted, unpaid, missed)


class _Purse:
    """The three buckets of all paths; those that stay empty are left out."""

    def __init__(self, terms: Terms, paths: int) -> None:
        some = [bucket for bucket in (terms.deferred, terms.tax_free) if bucket.opening > 0 or bucket.share > 0]
        self.buckets = [terms.taxed, *some]
        self.money = [np.full(paths, bucket.opening, dtype=float) for bucket in self.buckets]
        self.deferred = 1 if terms.deferred in some and terms.required else None
        self.taken = np.zeros(paths)
        self.last_year = np.full(paths, terms.deferred.opening, dtype=float)

    @property
    def total(self) -> FloatArray:
        return np.asarray(reduce(np.add, self.money))

    def after_tax(self, month: int) -> FloatArray:
        return np.asarray(
            reduce(np.add, (money * each.left(month) for money, each in zip(self.money, self.buckets, strict=True)))
        )

    def put_in(self, amount: float) -> None:
        for place, bucket in enumerate(self.buckets):
            self.money[place] += amount * bucket.share

    def pay(self, amount: float | FloatArray, month: int) -> FloatArray:
        """Take out an amount after taxes, one bucket after the other; what is lacking, by path."""
        left = amount
        for place, bucket in enumerate(self.buckets):
            net = bucket.left(month)
            if net == 1:
                taken = np.minimum(self.money[place], left)
                left = left - taken
            elif net > 0:
                taken = np.minimum(self.money[place], left / net)
                left = left - taken * net
            else:
                continue
            self.money[place] -= taken
            if place == self.deferred:
                self.taken += taken
        return np.asarray(left)

    def meet(self, due: Due, month: int) -> FloatArray:
        """Pay a goal, or look at it; what is lacking."""
        there = self.after_tax(month)
        if not due.goal.spent:
            return _without_rounding(due.amount - there)
        paid = np.clip(there - due.reserve, 0.0, due.amount)
        self.pay(paid, month)
        return _without_rounding(due.amount - paid)

    def end_year(self, required: float) -> None:
        """Take out what the year's distribution still lacks, tax it, and keep the rest in the taxed bucket."""
        if self.deferred is None:
            return
        money, net = self.money[self.deferred], self.buckets[self.deferred].net
        gross = np.clip(required * self.last_year - self.taken, 0.0, money)
        money -= gross
        self.money[0] += net * gross
        self.taken[:] = 0.0
        self.last_year = money.copy()

    def grow(self, month: int, growth: Singles | FloatArray) -> None:
        exact = growth.astype(float)
        for place, bucket in enumerate(self.buckets):
            self.money[place] *= exact
            if bucket.keep[month] != 1:
                self.money[place] *= bucket.keep[month]


def _without_rounding(lacking: FloatArray) -> FloatArray:
    return np.where(lacking > HALF_A_CENT, lacking, 0.0)
