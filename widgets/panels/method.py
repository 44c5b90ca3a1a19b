"""How the targets become weights."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.scenario import Method
from widgets import tables
from widgets.tabs import Panel

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.planning import Plan
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
    (
        "A point on the frontier",
        Method.FRONTIER,
        "The calmest mix with the return you pick, here or on its chart; your targets are left aside.",
    ),
)
DEFAULT_CAP = 10.0
LOWEST_WANTED, HIGHEST_WANTED, STEP_WANTED = 0.0, 15.0, 0.05
"""Percent a year; the ends are those of the frontier once there is one."""
ROUNDING = 1e-9


class MethodPanel(Panel):
    """Method, risk aversion, room around the targets, and an optional cap on volatility."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._following = False
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
        self.wanted = w.FloatSlider(
            LOWEST_WANTED,
            min=LOWEST_WANTED,
            max=HIGHEST_WANTED,
            step=STEP_WANTED,
            description="Return, % a year",
            readout_format=".2f",
            style=STYLE,
        )
        self.wanted.add_class("pl-frontier-return")
        self.blocker = w.HTML()
        self._observe()
        super().__init__(
            [
                w.HTML(tables.heading("Method")),
                self.method,
                self.meaning,
                self.risk_aversion,
                self.room,
                self.wanted,
                self.capped,
                self.cap,
                self.blocker,
            ]
        )
        self.add_class("pl-card")
        self._show()
        if session.plan is not None:
            self._follow(session.plan)

    def _observe(self) -> None:
        self.method.observe(lambda event: self._change(method=event.new), "value")
        self.risk_aversion.observe(lambda event: self._change(risk_aversion=event.new), "value")
        self.room.observe(lambda event: self._change(room=event.new / 100), "value")
        self.wanted.observe(self._wanted_moved, "value")
        for control in (self.capped, self.cap):
            control.observe(
                lambda _: self._change(volatility_cap=self.cap.value / 100 if self.capped.value else None), "value"
            )
        self.session.observe(lambda _: self._show(), ["scenario", "plan"])
        self.session.observe(lambda event: self._follow(event.new), "plan")

    def _change(self, **fields: Any) -> None:
        if not self._following:
            self.session.change(**fields)

    def _wanted_moved(self, change: Any) -> None:
        if self._following or abs(change.new - change.old) < STEP_WANTED / 2:
            return  # ours, or the browser's rounding of where the slider stands already
        self.session.change(frontier_return=change.new / 100)

    def _show(self) -> None:
        scenario = self.session.scenario
        method, cap = scenario.method, scenario.volatility_cap
        self._following = True
        try:
            self.method.value, self.risk_aversion.value, self.room.value = (
                method,
                scenario.risk_aversion,
                scenario.room * 100,
            )
            self.capped.value = cap is not None
            if cap is not None:
                self.cap.value = cap * 100
        finally:
            self._following = False
        meaning = next(text for _, known, text in METHODS if known is method)
        self.meaning.value = f"<p class='pl-muted'>{meaning}</p>"
        _visible(self.risk_aversion, method is Method.MEAN_VARIANCE)
        _visible(self.room, method is Method.MEAN_VARIANCE)
        _visible(self.wanted, method is Method.FRONTIER)
        _visible(self.cap, self.capped.value)
        plan = self.session.plan
        said = [] if plan is None else [blocker.sentence for blocker in plan.blockers if blocker.place == "method"]
        self.blocker.value = tables.blockers(said)

    def _follow(self, plan: Plan) -> None:
        """Let the slider reach from end to end of the frontier, and stand where the plan is."""
        from planner.optimise import Frontier

        if not isinstance(plan.frontier, Frontier):
            return
        returns, picked = plan.frontier.expected_returns, plan.scenario.frontier_return
        stands = plan.targets.expected_return if picked is None else picked
        lowest, highest = _whole_steps(returns.min()), _whole_steps(returns.max())
        self._following = True
        try:
            self.wanted.max = max(highest, lowest + STEP_WANTED, self.wanted.min)
            self.wanted.min = lowest
            self.wanted.max = max(highest, lowest + STEP_WANTED)
            self.wanted.value = _whole_steps(stands, round)
        finally:
            self._following = False


def _whole_steps(fraction: float, to_whole: Callable[[float], int] = math.floor) -> float:
    """Percent in whole steps of the slider; rounded down, so that the frontier reaches both ends."""
    return round(to_whole(100 * fraction / STEP_WANTED + ROUNDING) * STEP_WANTED, 2)


def _visible(control: Any, shown: bool) -> None:
    control.layout.display = None if shown else "none"
