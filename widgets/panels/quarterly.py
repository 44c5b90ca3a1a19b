"""The quarterly sheet: drift and whether to act, what each class earned, what one's own purchases did, the indices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.outlook.monitor import IN_LINE_MONTHS
from widgets import tables, trade_tables, watch_tables
from widgets.account_charts import DRIFT_SPEC, drift_alt, drift_rows
from widgets.live_chart import LiveChart
from widgets.watch_charts import CONTRIBUTION_HEIGHT, CONTRIBUTION_SPEC, contribution_alt, contribution_rows

if TYPE_CHECKING:
    from planner.reviewing import Review
    from planner.scenario import Scenario

DRIFT_HEIGHT = 270
DRIFT_MEANING = (
    "Bars are what you hold, thick ticks what trades lead to. While a bar ends in its grey band, nothing is due."
)
RESULT_MEANING = (
    "What your strategic targets earned, restored every month, and how much of that each class gave: the bars add up."
)
NO_PERIOD = "No month has ended since the last review, and the data reach no year back: there is nothing to show yet."
HELD_MEANING = (
    "Only lots whose cost and day of purchase are known count, at the prices in your accounts. 'A year' weighs each "
    "purchase by its money and its time, from a first purchase a year ago on. What you sold before, and dividends that "
    "were paid out, are left out."
)
LINE_MEANING = (
    f"Each index over its last {IN_LINE_MONTHS} months: how much it moved, how closely it went with the rest of its "
    "class, and how far ahead of that it came. A dot inside its scale has been there before."
)


class QuarterlyView(w.VBox):  # type: ignore[misc]
    """Four cards, filled by ``show``."""

    def __init__(self) -> None:
        self._review: Review | None = None
        self.targets, self.moved = w.HTML(), w.HTML()
        self.said, self.performance, self.held, self.indices = w.HTML(), w.HTML(), w.HTML(), w.HTML()
        self.drift = LiveChart(DRIFT_SPEC, {}, alt="Drift by asset class", height=DRIFT_HEIGHT)
        self.period = w.ToggleButtons()
        self.period.add_class("pl-periods")
        self.parts = LiveChart(CONTRIBUTION_SPEC, {}, alt="What each class gave", height=CONTRIBUTION_HEIGHT)
        super().__init__(
            [
                _card(
                    tables.heading("Drift", DRIFT_MEANING),
                    [_two(self.drift, w.VBox([self.said, self.targets, self.moved]))],
                ),
                _card(tables.heading("Performance", RESULT_MEANING), [self.period, _two(self.parts, self.performance)]),
                _card(tables.heading("Your own result", HELD_MEANING), [self.held]),
                _card(tables.heading("Is each index still in line?", LINE_MEANING), [self.indices]),
            ]
        )
        self.add_class("pl-stack")
        self.period.observe(lambda _: self._show_period(), "value")

    def show(self, review: Review, earlier: Scenario | None) -> None:
        """Show a review, and what has moved since the accounts of the scenario that it was compared with."""
        self._review = None
        universe, decision = review.tactical.universe, review.decision
        self.said.value = trade_tables.decision(decision.due, decision.reasons, decision.next_look)
        total = float(review.held["value"].iloc[-1])
        _repaint(self.drift, drift_rows(review.drift, total, universe), drift_alt(review.drift, universe))
        owned = None if earlier is None else earlier.household
        self.targets.value = tables.muted(review.targets_sentence)
        self.moved.value = "" if owned is None else watch_tables.moved(review.drift, universe, owned.as_of)
        self.held.value = watch_tables.held(review.held, universe, review.scenario.profile.currency)
        self.indices.value = watch_tables.in_line(review.in_line, universe)
        periods = tuple(str(period) for period in review.performance.index.unique("period"))
        if periods != tuple(self.period.options):
            chosen = self.period.value
            self.period.options = periods
            if periods:
                self.period.value = chosen if chosen in periods else periods[0]
        self._review = review
        self._show_period()

    def _show_period(self) -> None:
        if self._review is None:
            return
        period, universe = self.period.value, self._review.tactical.universe
        for part in (self.period, self.parts):
            part.layout.display = None if period else "none"
        if not period:
            self.performance.value = tables.muted(NO_PERIOD)
            return
        of_period = self._review.performance.loc[period]
        rows = contribution_rows(of_period, universe)
        _repaint(self.parts, rows, contribution_alt(period, rows))
        self.performance.value = watch_tables.performance(of_period, universe)


def _repaint(chart: LiveChart, rows: Any, alt: str) -> None:
    if rows != chart.rows:
        chart.rows, chart.alt = rows, alt


def _two(left: Any, right: Any) -> Any:
    columns = w.HBox([left, right])
    columns.add_class("pl-two")
    return columns


def _card(title: str, children: list[Any]) -> Any:
    card = w.VBox([w.HTML(title), *children])
    card.add_class("pl-card")
    return card
