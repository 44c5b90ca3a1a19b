"""Retirements of the past: how long a spending would have lasted from every year since 1928."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as w

from planner.market.universe import CASH
from planner.outlook.historical_sequences import FOUR_PERCENT, RETIREMENT_YEARS, historical_sequences
from widgets import tables
from widgets.live_chart import LiveChart
from widgets.projection_charts import RETIREMENTS_HEIGHT, RETIREMENTS_SPEC, retirements_rows

if TYPE_CHECKING:
    from planner.planning import Plan

STYLE = {"description_width": "150px"}
MEANING = (
    "Every year since 1928 as the first of a retirement. Part of the money is spent in the first year, and as much "
    "after inflation in each later one. US shares, ten-year Treasuries and bills, before taxes and fees."
)
LIMITS = (
    "Shares here stand for everything in your plan but bonds and cash: real estate, commodities and crypto have no "
    "such history. The starts overlap, and most other markets of 1928 did worse. Pale bars are not over yet."
)


class PastRetirementsPanel(w.VBox):  # type: ignore[misc]
    """A spending rate and a length, and a bar for every retirement that began in the past."""

    def __init__(self) -> None:
        self._weights: dict[str, float] = {}
        self.rate = w.FloatSlider(
            100 * FOUR_PERCENT,
            min=1,
            max=10,
            step=0.1,
            description="Spent a year, %",
            readout_format=".1f",
            style=STYLE,
        )
        self.rate.add_class("pl-withdrawal-rate")
        self.years = w.IntSlider(RETIREMENT_YEARS, min=10, max=50, description="Years it should last", style=STYLE)
        self.chart = LiveChart(RETIREMENTS_SPEC, {}, alt="Retirements of the past", height=RETIREMENTS_HEIGHT)
        self.said = w.HTML()
        for slider in (self.rate, self.years):
            slider.observe(lambda _: self._show(), "value")
        inputs = w.HBox([self.rate, self.years])
        inputs.add_class("pl-inputs")
        inputs.add_class("pl-two")
        title = w.HTML(tables.heading("Had you retired in another year", MEANING))
        super().__init__([title, inputs, self.said, self.chart, w.HTML(tables.muted(LIMITS))])
        self.add_class("pl-card")

    def show(self, plan: Plan) -> None:
        """Show the plan's mix of shares, bonds and bills."""
        held = plan.class_weights
        bonds, bills = held.get("fixed_income", 0.0), held[CASH]
        weights = {"stocks": max(1 - bonds - bills, 0.0), "bonds": bonds, "bills": bills}
        if weights != self._weights:
            self._weights = weights
            self._show()

    def _show(self) -> None:
        if not self._weights:
            return
        past = historical_sequences(self._weights, self.rate.value / 100, self.years.value)
        self.chart.rows = retirements_rows(past)
        self.chart.alt = f"Bar chart of the years that each retirement's money lasted. {past.sentence}"
        self.said.value = f"<p>{tables.text(past.sentence)}</p>"
