"""What asks for attention, the most severe first, and from where on something does."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import ipywidgets as w
from traitlets import Any as AnyTrait

from planner.errors import InputError
from planner.outlook.alerts import DEFAULT_THRESHOLDS, Thresholds
from planner.trading.rules import Frequency
from widgets import tables, watch_tables

if TYPE_CHECKING:
    from planner.reviewing import Review

STYLE = {"description_width": "230px"}
LAYOUT = {"width": "340px", "max_width": "100%"}
MEANINGS = (
    ("drift_is_urgent", "Drift is urgent at, bands away", 0.25),
    ("concentration", "Concentration at, times the target", 0.25),
    ("volatility", "Volatility jump at, times the usual", 0.25),
    ("correlation_months", "Correlation of the last, months", 6),
    ("stale_months", "Figures are old after, months", 1),
)
"""Field of the thresholds, its words, and the step of its control."""
REVIEWS = [(str(frequency), frequency) for frequency in Frequency]
FOLD = "When you are alerted"
KEPT = (
    "These hold while the page is open. Bands of the drift are those of the rule on the Trades tab. A volatility jump "
    "compares the last three months with all before; a shift of correlation is one that chance explains in fewer than "
    "5 of 100 cases, three months running."
)


class AlertsView(w.VBox):  # type: ignore[misc]
    """The alerts of a review, shown by ``show``; ``thresholds`` are those of the folded controls."""

    thresholds = AnyTrait(DEFAULT_THRESHOLDS)

    def __init__(self) -> None:
        self.listed, self.problem = w.HTML(), w.HTML()
        self.controls = {field: _control(field, words, step) for field, words, step in MEANINGS}
        self.controls["review"] = w.Dropdown(
            options=REVIEWS, value=DEFAULT_THRESHOLDS.review, description="A review is due", style=STYLE, layout=LAYOUT
        )
        self.usual = w.Button(description="As they were", tooltip="Put back the usual thresholds")
        controls = w.VBox([*self.controls.values(), self.usual, self.problem, w.HTML(tables.muted(KEPT))])
        self.fold = w.Accordion([controls], titles=(FOLD,))
        super().__init__([self.listed, self.fold])
        for control in self.controls.values():
            control.observe(lambda _: self._state(), "value")
        self.usual.on_click(lambda _: self._put_back())

    def _state(self) -> None:
        try:
            self.thresholds = Thresholds(**{field: control.value for field, control in self.controls.items()})
        except InputError as error:
            self.problem.value = tables.blockers([str(error)])
        else:
            self.problem.value = ""

    def _put_back(self) -> None:
        for field in fields(DEFAULT_THRESHOLDS):
            self.controls[field.name].value = getattr(DEFAULT_THRESHOLDS, field.name)

    def show(self, review: Review) -> None:
        """Show a review's alerts, and what stands in the way of its plan."""
        self.listed.value = tables.blockers(review.blockers) + watch_tables.alerts(review.alerts)


def _control(field: str, words: str, step: float) -> Any:
    value = getattr(DEFAULT_THRESHOLDS, field)
    kind = w.IntText if isinstance(value, int) else w.FloatText
    return kind(value, description=words, step=step, style=STYLE, layout=LAYOUT)
