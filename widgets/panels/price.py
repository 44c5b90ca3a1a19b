"""What it costs to follow the targets: the price of tracking, the curve of tax against drift, and the year's tax."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.market.universe import CRYPTO
from planner.wording import money, percent
from widgets import account_tables, tables, trade_tables
from widgets.live_chart import LiveChart
from widgets.runner import Task, sentence_for
from widgets.trade_charts import CURVE_HEIGHT, CURVE_SPEC, curve_alt, curve_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from planner.trading.rebalance import Rebalancing
    from planner.trading.trading_policy import TradingPolicy
    from widgets.session import Session

STYLE = {"description_width": "150px"}
MOST_CENTS = 50.0
STEP_CENTS = 0.5
"""Hardly a sale costs more than half of what it brings; a higher price from a document widens the slider. Ours."""
MOST_MONEY = 1e9
ROUNDING = 1e-9
MOST_COST = 10.0

MEANING = (
    "The most you would pay in tax and costs to bring one dollar to where it belongs. At 0 only what is free is done; "
    "the more you would pay, the closer you follow the targets."
)
LIMITS_TITLE = "Costs, smallest trade, cash buffer"
CLICK = "Each point is a price of tracking. Click one to take it."
DOING_NOTHING = "doing nothing"
ALL_THE_SAME = "No trades are due: the line is what trading today all the same would cost, price by price."


class PricePanel(w.VBox):  # type: ignore[misc]
    """The price of tracking as a slider and as a point of the curve; the trading policy goes to the scenario.

    ``busy`` is true while the curve is being made.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._showing = False
        self.busy = False
        self._task: Task | None = None
        self._curve: pd.DataFrame | None = None
        self._here: dict[str, Any] | None = None
        self.price = w.FloatSlider(
            0,
            min=0,
            max=MOST_CENTS,
            step=STEP_CENTS,
            description="Cents for a dollar",
            readout_format=".1f",
            style=STYLE,
        )
        self.price.add_class("pl-tracking-price")
        self.smallest = _number("Smallest trade, $", MOST_MONEY, step=50)
        self.buffer = _number("Cash per account, $", MOST_MONEY, step=100)
        self.cost = _number("Costs of a trade, %", MOST_COST, step=0.01)
        self.crypto_cost = _number("Costs for crypto, %", MOST_COST, step=0.01)
        folded = w.Accordion(
            [w.VBox([self.smallest, self.buffer, self.cost, self.crypto_cost])], titles=(LIMITS_TITLE,)
        )
        self.figures, self.parts, self.problem, self.nothing = w.HTML(), w.HTML(), w.HTML(), w.HTML()
        self.meaning = w.HTML(tables.muted(CLICK))
        self.curve = LiveChart(CURVE_SPEC, {}, alt=curve_alt({"curve": [], "here": []}), height=CURVE_HEIGHT)
        self.bar = w.FloatProgress(min=0, max=1, layout={"flex": "1 1 auto", "width": "auto"})
        self.stop = w.Button(description="Stop", icon="stop")
        self.running = w.HBox([self.bar, self.stop], layout={"display": "none"})
        self._observe()
        left = w.VBox([self.price, folded, self.figures, self.parts])
        left.add_class("pl-inputs")
        self.columns = w.HBox([left, w.VBox([self.meaning, self.curve, self.running, self.problem])])
        self.columns.add_class("pl-two")
        title = tables.heading("What it costs to follow the targets", MEANING)
        super().__init__([w.HTML(title), self.nothing, self.columns])
        self.add_class("pl-card")
        self.follow()

    def _observe(self) -> None:
        self.price.observe(self._price_moved, "value")
        for control, field, unit in (
            (self.smallest, "minimum_trade", 1.0),
            (self.buffer, "cash_buffer", 1.0),
            (self.cost, "cost", 100.0),
        ):
            control.observe(lambda change, field=field, unit=unit: self._state(**{field: change.new / unit}), "value")
        self.crypto_cost.observe(
            lambda change: self._state(costs={**self._policy.costs, CRYPTO: change.new / 100}), "value"
        )
        self.curve.observe(lambda change: self._picked(change.new), "selection")
        self.stop.on_click(lambda _: self.drop())

    @property
    def _policy(self) -> TradingPolicy:
        return self.session.scenario.trading  # type: ignore[no-any-return]

    def follow(self) -> None:
        """Let the controls stand where the scenario's policy is."""
        policy = self._policy
        self._showing = True
        try:
            self.price.max = max(MOST_CENTS, 100 * policy.tracking_price)
            for control, value, step in (
                (self.price, 100 * policy.tracking_price, STEP_CENTS),
                (self.smallest, policy.minimum_trade, ROUNDING),
                (self.buffer, policy.cash_buffer, ROUNDING),
                (self.cost, 100 * policy.cost, ROUNDING),
                (self.crypto_cost, 100 * policy.costs.get(CRYPTO, policy.cost), ROUNDING),
            ):
                if abs(control.value - value) >= step / 2:  # an answer to a slider would arrive while it is moving on
                    control.value = value
        finally:
            self._showing = False

    def _price_moved(self, change: Any) -> None:
        if abs(change.new - change.old) >= STEP_CENTS / 2:  # else the browser's rounding of where it stands already
            self._state(tracking_price=change.new / 100)

    def _state(self, **fields: Any) -> None:
        if not self._showing:
            self.session.change(trading=self._policy.with_changes(**fields))

    def _picked(self, selection: dict[str, Any]) -> None:
        """Take the price of the point that was clicked."""
        prices = selection.get("chosen", {}).get("tracking_price")
        if prices:
            self.session.change(trading=self._policy.with_changes(tracking_price=float(prices[0])))
            self.curve.selection = {}  # the same point can be clicked again

    def show(self, made: Rebalancing) -> None:
        """Show what the trades cost, and where they lie on the curve."""
        acts = made.decision.due or bool(made.flows)
        self.nothing.value, self.columns.layout.display = "", None
        self.meaning.value = tables.muted(CLICK if acts else ALL_THE_SAME)
        self._here = {
            "label": f"{100 * self._policy.tracking_price:g} cents" if acts else DOING_NOTHING,
            "tax": max(made.tax, 0.0),  # as on the curve, where what is saved counts nothing
            "cost": made.cost,
            "drift": made.drift_after,
        }
        self.figures.value = account_tables.figure_cells(_figures(made))
        self.parts.value = trade_tables.tax_parts(made.bill_before, made.bill_after, made.before.as_of.year)
        self._repaint()

    def show_nothing(self, why: str) -> None:
        """Say why there is nothing to pay for."""
        self.drop()
        self._curve, self._here = None, None
        self.nothing.value, self.columns.layout.display = account_tables.note(why), "none"

    def draw(self, make: Callable[[Callable[[float], None]], pd.DataFrame]) -> None:
        """Make the curve anew, taking turns with the page."""
        self.drop()
        self.bar.value, self.busy, self._curve = 0.0, True, None
        self._task = Task(make, self._made, self._failed, self._working)

    def drop(self) -> None:
        """Stop making the curve."""
        if self._task is not None:
            self._task.stop()
            self._task = None
        self._rest()

    def _working(self, fraction: float) -> None:
        self.bar.value = fraction
        self.running.layout.display = None
        self._repaint()

    def _made(self, curve: pd.DataFrame) -> None:
        self._curve = curve
        self._rest()
        self.problem.value = ""
        self._repaint()

    def _failed(self, error: Exception) -> None:
        self._curve = None
        self._rest()
        self.problem.value = tables.blockers([sentence_for(error)])
        self._repaint()

    def _rest(self) -> None:
        self.busy, self.running.layout.display = False, "none"

    def _repaint(self) -> None:
        rows = curve_rows(self._curve, self._here)
        if rows != self.curve.rows:
            self.curve.rows = rows
            self.curve.alt = curve_alt(rows)


def _figures(made: Rebalancing) -> list[tuple[str, str, str]]:
    return [
        (
            "Drift",
            f"{percent(made.drift_before)} → {percent(made.drift_after)}",
            "Share of everything in the wrong class, before and after.",
        ),
        ("Tax", trade_tables.signed(made.tax), "Added to this year's tax; with a minus, saved."),
        ("Costs", money(made.cost), "Spreads and fees of the trades."),
    ]


def _number(label: str, most: float, step: float) -> Any:
    return w.BoundedFloatText(0, min=0, max=most, step=step, description=label, style=STYLE)
