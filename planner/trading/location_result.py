"""A placement of a household's targets in its accounts, what it saves, and what it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from math import inf
from typing import TYPE_CHECKING, NoReturn

import numpy as np
import pandas as pd

from planner.errors import InfeasibleError
from planner.trading.location_costs import MovingCosts
from planner.trading.location_reasons import NOTHING, reasons, whereabouts
from planner.trading.location_rules import Placement
from planner.wording import money, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.trading.location_costs import LocationCosts, Numbers
    from planner.trading.location_shortage import Shortage

PLACED = 1e-7
"""Targets that are met but for this part of the household's value are met: rounded cents. Ours."""


@dataclass(frozen=True, eq=False)
class Location:
    """A placement of the targets in the accounts, and what it is compared with.

    ``placements`` are currency by series (row) and account (column); ``targets`` are weights by series. Drags are
    decimals of the household's value a year. ``today`` among the placements is of today's mix, all others of the
    targets, as nearly as the optimal one meets them.
    """

    costs: LocationCosts
    targets: Numbers
    placements: Mapping[Placement, Numbers]

    @property
    def placed(self) -> Numbers:
        """The optimal placement as numbers."""
        return self.placements[Placement.OPTIMAL]

    @cached_property
    def by_series(self) -> pd.DataFrame:
        """Currency by series and account."""
        return self._frame(self.placed, "series", self.costs.universe.series_names)

    @cached_property
    def table(self) -> pd.DataFrame:
        """Currency by asset class and account."""
        return self.of(Placement.OPTIMAL)

    @cached_property
    def moves(self) -> pd.DataFrame:
        """Currency by asset class and account that is bought there, or sold where it is negative."""
        return self.table - self.of(Placement.TODAY)

    def of(self, placement: Placement) -> pd.DataFrame:
        """Currency by asset class and account of any of the placements."""
        universe = self.costs.universe
        members = [[*map(universe.series_names.index, universe.members(name))] for name in universe.class_names]
        rows = np.array([self.placements[placement][places].sum(axis=0) for places in members])
        return self._frame(rows, "asset_class", universe.class_names)

    @cached_property
    def drag_before(self) -> float:
        """What taxes take a year of today's holdings."""
        return self._drag(Placement.TODAY)

    @cached_property
    def drag_after(self) -> float:
        """What taxes take a year of the placement."""
        return self._drag(Placement.OPTIMAL)

    @property
    def moving_tax(self) -> float:
        """Tax, once, on the gains of what is sold in taxable accounts; losses save nothing."""
        return self._moving.tax

    @property
    def moving_cost(self) -> float:
        """Cost of the trades, once."""
        return self._moving.trades

    @property
    def years_to_pay_back(self) -> float:
        """Years in which lower taxes make up for moving: 0 where it is free, infinite where they are not lower."""
        once = self.moving_tax + self.moving_cost
        saved = (self.drag_before - self.drag_after) * self.costs.holdings.total
        if once <= NOTHING:
            return 0.0
        return once / saved if saved > 0 else inf

    @cached_property
    def off_target(self) -> float:
        """Currency in the wrong series: half the sum of absolute differences from the targets."""
        wanted = self.targets * self.costs.holdings.total
        off = float(np.abs(self.placed.sum(axis=1) - wanted).sum() / 2)
        return off if off > PLACED * self.costs.holdings.total else 0.0

    @cached_property
    def reasons(self) -> tuple[str, ...]:
        """What is saved, where each class goes, and why."""
        return reasons(self)

    @cached_property
    def comparison(self) -> pd.DataFrame:
        """By placement: ``drag``, ``tax`` a year, ``moving_tax`` and ``moving_cost``, and where each class lies.

        The drag is a decimal, the others are currency; a column for each asset class says which accounts hold it.
        """
        rows = {}
        for placement, placed in self.placements.items():
            moving = self.costs.moving(placed) if placement is not Placement.TODAY else MovingCosts(0.0, 0.0)
            rows[str(placement)] = {
                "drag": self._drag(placement),
                "tax": self.costs.yearly_tax(placed),
                "moving_tax": moving.tax,
                "moving_cost": moving.trades,
            } | {
                name: whereabouts(amounts.to_numpy(), self.costs.holdings.account_names)
                for name, amounts in self.of(placement).iterrows()
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("placement")

    def require(self) -> Location:
        """The placement itself; Unplaceable raises here."""
        return self

    @cached_property
    def _moving(self) -> MovingCosts:
        return self.costs.moving(self.placed)

    def _drag(self, placement: Placement) -> float:
        return self.costs.yearly_tax(self.placements[placement]) / self.costs.holdings.total

    def _frame(self, rows: Numbers, kind: str, names: tuple[str, ...]) -> pd.DataFrame:
        return pd.DataFrame(rows, pd.Index(names, name=kind), list(self.costs.holdings.account_names))

    def _repr_html_(self) -> str:
        label = {each.name: each.label for each in self.costs.universe.classes}
        table = self.table
        rows = "".join(
            f"<tr><th>{escape(label[str(name)])}</th>"
            + "".join(f"<td>{money(amount)}</td>" for amount in amounts)
            + "</tr>"
            for name, amounts in zip(table.index, table.to_numpy(), strict=True)
        )
        heads = "".join(f"<th>{escape(name)}</th>" for name in table.columns)
        drags = "".join(
            f"<tr><th>{escape(str(name))}</th><td>{1e4 * tax / self.costs.holdings.total:.1f}</td>"
            f"<td>{money(tax)}</td></tr>"
            for name, tax in self.comparison["tax"].items()
        )
        said = "".join(f"<li>{escape(sentence)}</li>" for sentence in self.reasons)
        return (
            f"<table><tr><th>asset class</th>{heads}</tr>{rows}</table><ul>{said}</ul>"
            f"<table><tr><th>placement</th><th>basis points a year</th><th>tax a year</th></tr>{drags}</table>"
        )


@dataclass(frozen=True, eq=False)
class Unplaceable:
    """The targets do not fit into accounts that may hold them; ``closest`` is as near as can be."""

    closest: Location
    shortages: tuple[Shortage, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """Which classes do not fit, how much of them would, what would help, and how near one can get."""
        off, total = self.closest.off_target, self.closest.costs.holdings.total
        nearest = f"The nearest placement leaves {money(off)} ({percent(off / total, 2)} of the household) off target."
        return (*(shortage.sentence for shortage in self.shortages), nearest)

    @property
    def explanation(self) -> str:
        """The sentences in a row."""
        return " ".join(self.sentences)

    def require(self) -> NoReturn:
        """Raise the explanation."""
        raise InfeasibleError(self.explanation)

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.explanation)}</p>"
