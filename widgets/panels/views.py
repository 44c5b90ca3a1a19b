"""What the household expects of each asset class, against what the market's prices imply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.policy.wishes import PlanView
from widgets import tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.market.universe import AssetClass
    from planner.planning import Plan
    from widgets.session import Session

STYLE = {"description_width": "90px"}
LOWEST, HIGHEST = -10.0, 40.0
"""Percent a year that the sliders reach; a view outside comes from a document and widens them."""

EVEN = 50
"""Confidence that an expectation has once it is moved: as sure of it as of the market. Ours."""

INTRODUCTION = (
    "Prices imply what the market expects of each class. Where you expect something else, say so, and how sure you are:"
    " at 0 % your expectation is left aside."
)
WAITING = "Reading what the market expects …"


class ViewsPanel(w.VBox):  # type: ignore[misc]
    """An expectation and a confidence for each asset class; built by ``render`` when first seen."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._rendered = False
        self.rows: dict[str, ViewRow] = {}

    @property
    def title(self) -> str:
        """What stands on the fold while it is closed."""
        count = len(self.session.scenario.views)
        return f"Your expectations ({count})" if count else "Your expectations"

    def render(self) -> None:
        """Build the controls, once: as soon as there is a plan that knows what the market expects."""
        if self._rendered:
            return
        self._rendered = True
        self.reset = w.Button(description="Leave it all to the market", icon="undo")
        self.reset.add_class("pl-wide-button")
        self.reset.on_click(lambda _: self._reset())
        self.children = [w.HTML(f"<p role='status'>{WAITING}</p>")]
        self.session.observe(lambda _: self._show(), "plan")
        self._show()

    def _show(self) -> None:
        plan: Plan | None = self.session.plan
        if plan is None:
            return
        if not self.rows:
            self._build(plan)
        views = {view.subject: view for view in plan.scenario.views}
        for name, row in self.rows.items():
            row.show(float(plan.class_returns["posterior"][name]), views.get(name))
        self.reset.disabled = not views

    def _build(self, plan: Plan) -> None:
        prior = plan.class_returns["prior"]
        self.rows = {
            entry.name: ViewRow(entry, float(prior[entry.name]), self._state) for entry in plan.market.universe.classes
        }
        introduction = w.HTML(f"<p class='pl-muted'>{INTRODUCTION}</p>")
        self.children = [introduction, *self.rows.values(), self.reset]

    def _state(self) -> None:
        views = tuple(row.view for row in self.rows.values() if row.view is not None)
        self.session.change(views=views)

    def _reset(self) -> None:
        self.session.change(views=())
        for row in self.rows.values():
            row.follow_the_market()


class ViewRow(w.VBox):  # type: ignore[misc]
    """One asset class: what the market expects, two sliders, and what comes of both."""

    def __init__(self, asset_class: AssetClass, prior: float, state: Callable[[], None]) -> None:
        self._class, self._prior, self._state = asset_class, prior, state
        self._showing = False
        self.view: PlanView | None = None
        self.said = w.HTML()
        style = STYLE | {"handle_color": asset_class.colour}
        self.expected = w.FloatSlider(
            _tenths(prior),
            min=LOWEST,
            max=HIGHEST,
            step=0.1,
            description="Yours, %",
            readout_format=".1f",
            style=style,
        )
        self.confidence = w.IntSlider(0, min=0, max=100, step=5, description="How sure, %", style=style)
        self.expected.add_class(f"pl-expected-{asset_class.name}")
        self.confidence.add_class(f"pl-confidence-{asset_class.name}")
        self.expected.observe(self._expectation_moved, "value")
        self.confidence.observe(lambda _: self._moved(), "value")
        super().__init__([self.said, self.expected, self.confidence])
        self.add_class("pl-view")

    def show(self, posterior: float, view: PlanView | None) -> None:
        """Show what was said about the class, and what the market's and all expectations together come to."""
        self.said.value = tables.expectation(self._class.label, self._prior, posterior)
        if view == self.view:
            return
        self.view = view
        self._showing = True
        try:
            self.confidence.value = 0 if view is None else round(100 * view.confidence)
            if view is not None:
                expected = _tenths(view.expected_return)
                self.expected.min, self.expected.max = min(LOWEST, expected), max(HIGHEST, expected)
                self.expected.value = expected
        finally:
            self._showing = False

    def follow_the_market(self) -> None:
        """Put the expectation back to where it started."""
        self._showing = True
        try:
            self.expected.value = _tenths(self._prior)
        finally:
            self._showing = False

    def _expectation_moved(self, change: Any) -> None:
        if self._showing or round(change.old, 1) == round(change.new, 1):
            return  # ours, or the browser's rounding of where the slider stands already
        if self.confidence.value == 0:
            self.confidence.value = EVEN  # an expectation that is moved is meant; this says so, and states it
        else:
            self._moved()

    def _moved(self) -> None:
        expected, sure = self.expected.value, self.confidence.value
        if self._showing or self._says(expected, sure):
            return
        self.view = None
        if sure:
            self.view = PlanView(subject=self._class.name, expected_return=expected / 100, confidence=sure / 100)
        self._state()

    def _says(self, expected: float, sure: int) -> bool:
        """Whether the view is this one but for the sliders' rounding."""
        if self.view is None:
            return not sure
        return _tenths(self.view.expected_return) == round(expected, 1) and round(100 * self.view.confidence) == sure


def _tenths(fraction: float) -> float:
    return round(100 * fraction, 1)
