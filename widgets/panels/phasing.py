"""Phasing an amount in: what to buy month by month, and how that would have gone against all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.errors import PlannerError
from planner.market.universe import CASH
from planner.trading.phasing import DEFAULT_MONTHS, HORIZON_MONTHS, phase_in, phased_against_at_once
from widgets import account_tables, tables, trade_tables
from widgets.live_chart import LiveChart
from widgets.trade_charts import (
    HISTORY_HEIGHT,
    HISTORY_SPEC,
    SCHEDULE_HEIGHT,
    SCHEDULE_SPEC,
    history_alt,
    history_rows,
    schedule_alt,
    schedule_rows,
)

if TYPE_CHECKING:
    from planner.planning import Plan
    from widgets.session import Session

STYLE = {"description_width": "110px"}
STEP = 500
FEWEST_MONTHS = 2
"""In one month there is nothing to phase; domain.md section 8 takes three to six, and a year is the most that is held
against all at once."""

MEANING = (
    "An amount in equal monthly purchases of what your plan holds besides cash. Three to six months are customary."
)
ONLY_CASH = "Your plan holds nothing but cash: there is nothing to phase in."
AGAINST = "Against all at once"
BARS = "One bar for each month in which one could have begun: blue where phasing in ended ahead after a year."


class PhasingPanel(w.VBox):  # type: ignore[misc]
    """An amount and a number of months, their schedule, and the same in the past."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._followed: tuple[Any, Any] = (None, None)
        self.amount = w.IntSlider(
            STEP, min=STEP, max=STEP, step=STEP, description="Amount, $", readout_format=",d", style=STYLE
        )
        self.amount.add_class("pl-wide-readout")
        self.months = w.IntSlider(
            DEFAULT_MONTHS, min=FEWEST_MONTHS, max=HORIZON_MONTHS, description="Months", style=STYLE
        )
        self.months.add_class("pl-phasing-months")
        self.said, self.table, self.past = w.HTML(), w.HTML(), w.HTML()
        self.chart = LiveChart(SCHEDULE_SPEC, {}, alt="Purchases month by month", height=SCHEDULE_HEIGHT)
        self.history = LiveChart(HISTORY_SPEC, {}, alt=AGAINST, height=HISTORY_HEIGHT)
        for slider in (self.amount, self.months):
            slider.observe(lambda _: self._show(), "value")
        inputs = w.VBox([self.amount, self.months, self.said])
        inputs.add_class("pl-inputs")
        left = w.VBox([inputs, self.chart])
        right = w.VBox([w.HTML(f"<h3>{AGAINST}</h3>{tables.muted(BARS)}"), self.history, self.past])
        columns = w.HBox([left, right])
        columns.add_class("pl-two")
        super().__init__([w.HTML(tables.heading("Phasing in", MEANING)), columns, self.table])
        self.add_class("pl-card")

    def follow(self) -> None:
        """Show the schedule of the session's plan and its past, where plan or accounts are others than before."""
        followed = (self.session.plan, self.session.scenario.household)
        if self.session.plan is None or all(one is other for one, other in zip(followed, self._followed, strict=True)):
            return
        self._followed = followed
        self._reach()
        self._show()

    def _show(self) -> None:
        try:
            self._plan(self.session.plan)
        except PlannerError as error:
            self.said.value = tables.blockers([str(error)])

    def _reach(self) -> None:
        """Let the amount reach as far as everything there is, and start at the cash that waits."""
        household, assets = self.session.scenario.household, self.session.scenario.profile.liquid_assets
        cash = 0.0 if household is None else sum(account.cash for account in household.accounts)
        untouched = self.amount.max == STEP
        self.amount.max = max(_steps(max(assets, cash)), self.amount.value, 2 * STEP)
        if untouched:
            self.amount.value = max(min(_steps(cash or assets / HORIZON_MONTHS), self.amount.max), STEP)

    def _plan(self, plan: Plan) -> None:
        universe, household = self.session.universe, self.session.scenario.household
        weights = _invested(plan)
        if not weights:
            self.said.value = account_tables.note(ONLY_CASH)
            self.chart.rows, self.history.rows = {"schedule": []}, {"history": []}
            self.table.value = self.past.value = ""
            return
        months = self.months.value
        planned = phase_in(self.amount.value, weights, months, None if household is None else household.as_of)
        self.said.value = tables.muted(planned.sentence)
        self.table.value = trade_tables.schedule(planned, universe)
        _repaint(self.chart, schedule_rows(planned, universe), schedule_alt(planned))
        returns = plan.market.complete_returns[[*weights, CASH]].dropna()
        past = phased_against_at_once(returns, weights, months)
        self.past.value = trade_tables.sentences(past.sentences)
        _repaint(self.history, history_rows(past), history_alt(past))


def _invested(plan: Plan) -> dict[str, float]:
    """The plan's weights without cash, as parts of what is left."""
    held = {name: weight for name, weight in plan.shown.by_asset.items() if weight > 0 and name != CASH}
    whole = sum(held.values())
    return {name: weight / whole for name, weight in held.items()}


def _repaint(chart: LiveChart, rows: Any, alt: str) -> None:
    if rows != chart.rows:
        chart.rows, chart.alt = rows, alt


def _steps(amount: float) -> int:
    return round(amount / STEP) * STEP
