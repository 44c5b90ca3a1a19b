"""How the targets become weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.scenario import Method
from widgets import tables

if TYPE_CHECKING:
    from widgets.session import Session

STYLE = {"description_width": "150px"}
METHODS = (
    ("Targets as they are", Method.STRATEGIC, "The plan holds exactly your targets."),
    (
        "Mean-variance around them",
        Method.MEAN_VARIANCE,
        "The best trade of return against risk, with each class near its target.",
    ),
    (
        "Risk budget",
        Method.RISK_BUDGET,
        "Your targets are read as shares of the risk instead of the money; cash keeps its weight.",
    ),
)
DEFAULT_CAP = 10.0


class MethodPanel(w.VBox):  # type: ignore[misc]
    """Method, risk aversion, room around the targets, and an optional cap on volatility."""

    def __init__(self, session: Session) -> None:
        self.session = session
        scenario = session.scenario
        self.method = w.RadioButtons(
            options=[(label, method) for label, method, _ in METHODS], value=scenario.method, layout={"width": "auto"}
        )
        self.meaning = w.HTML()
        self.risk_aversion = w.FloatSlider(
            scenario.risk_aversion,
            min=1,
            max=15,
            step=0.5,
            description="Risk aversion",
            readout_format=".1f",
            style=STYLE,
        )
        self.room = w.FloatSlider(
            scenario.room * 100, min=0, max=25, step=1, description="Room, points", readout_format=".0f", style=STYLE
        )
        cap = scenario.volatility_cap
        self.capped = w.Checkbox(cap is not None, indent=False, description="Cap the volatility")
        self.cap = w.FloatSlider(
            DEFAULT_CAP if cap is None else cap * 100,
            min=1,
            max=30,
            step=0.5,
            description="At most, % a year",
            readout_format=".1f",
            style=STYLE,
        )
        self.cap.add_class("pl-volatility-cap")
        self.blocker = w.HTML()
        self._observe()
        super().__init__(
            [
                w.HTML(tables.heading("Method")),
                self.method,
                self.meaning,
                self.risk_aversion,
                self.room,
                self.capped,
                self.cap,
                self.blocker,
            ]
        )
        self.add_class("pl-card")
        self._show()

    def _observe(self) -> None:
        change = self.session.change
        self.method.observe(lambda event: change(method=event.new), "value")
        self.risk_aversion.observe(lambda event: change(risk_aversion=event.new), "value")
        self.room.observe(lambda event: change(room=event.new / 100), "value")
        for control in (self.capped, self.cap):
            control.observe(
                lambda _: change(volatility_cap=self.cap.value / 100 if self.capped.value else None), "value"
            )
        self.session.observe(lambda _: self._show(), ["scenario", "plan"])

    def _show(self) -> None:
        method = self.session.scenario.method
        meaning = next(text for _, known, text in METHODS if known is method)
        self.meaning.value = f"<p class='pl-muted'>{meaning}</p>"
        _visible(self.risk_aversion, method is Method.MEAN_VARIANCE)
        _visible(self.room, method is Method.MEAN_VARIANCE)
        _visible(self.cap, self.capped.value)
        plan = self.session.plan
        said = [] if plan is None else [blocker.sentence for blocker in plan.blockers if blocker.place == "method"]
        self.blocker.value = tables.blockers(said)


def _visible(control: Any, shown: bool) -> None:
    control.layout.display = None if shown else "none"
