"""Where the money may lead: chances, goals, and what would have to change."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.errors import PlannerError
from planner.outlook.projection import PATHS, project
from planner.wording import percent
from widgets import account_tables, tables, trade_tables
from widgets.live_chart import LiveChart
from widgets.panels.backwards import BackwardsPanel
from widgets.panels.cash_flows import CashFlowsPanel
from widgets.panels.goals import GoalsPanel
from widgets.panels.past_retirements import PastRetirementsPanel
from widgets.projection_charts import (
    FALLS_HEIGHT,
    FALLS_SPEC,
    FAN_HEIGHT,
    FAN_SPEC,
    RUN_OUT_HEIGHT,
    RUN_OUT_SPEC,
    falls_alt,
    falls_rows,
    fan_alt,
    fan_rows,
    run_out_alt,
    run_out_rows,
    short_money,
)
from widgets.runner import AtRest, Task, sentence_for
from widgets.tabs import TabPanel

if TYPE_CHECKING:
    from planner.household.cash_flows import CashFlows
    from planner.outlook.projection import Projection
    from widgets.session import Session

QUICK_PATHS = 2_000
"""While a slider moves; at rest all paths are followed."""
PATIENCE_SECONDS = 1.0
"""After which a progress bar is shown."""

ONE_IN_FIVE = 0.2

FAN_MEANING = (
    "Half of all paths stay inside the darker band, nine in ten inside the lighter one. Nobody knows which path comes."
)
RUN_OUT_MEANING = "Of all paths, those whose money no longer pays for all spending."
FALLS_MEANING = "Of the mix itself, whatever is saved or spent."
ASSUMED = (
    "Assumed: the plan's expected returns and volatilities, what trades cost you, tax law as it is, the same mix in "
    "every account, and that you keep to it when it falls. What a path leaves out, such as illness or a new law, is in "
    "none of them.",
)
DRAWING = "Drawing {paths:,} paths …"
STOPPED = "Stopped: what you see is the projection before. Change anything, or draw it again."


class ProjectionPanel(TabPanel):
    """The fan of wealth and what belongs to it; follows the scenario and the plan while it is shown.

    ``projection`` is the last one. Paths are drawn anew at rest where the mix, how it is kept, the model or the
    household is another; what is saved, spent or wished for is followed along the same paths at once.
    """

    def __init__(self, session: Session) -> None:
        self.projection: Projection | None = None
        self._drawn: Any = None
        self._draws: Any = None
        self._task: Task | None = None
        self._began = 0.0
        self._at_rest = AtRest()
        self.flows, self.goals = CashFlowsPanel(session), GoalsPanel(session)
        self.backwards, self.past = BackwardsPanel(session), PastRetirementsPanel()
        self.real = w.Checkbox(True, indent=False, description="In today's money")
        self.figures, self.note, self.said = w.HTML(), w.HTML(), w.HTML()
        self.fan = LiveChart(FAN_SPEC, {}, alt="Fan chart of wealth", height=FAN_HEIGHT)
        self.run_out = LiveChart(RUN_OUT_SPEC, {}, alt="When money runs out", height=RUN_OUT_HEIGHT)
        self.falls = LiveChart(FALLS_SPEC, {}, alt="Deepest falls", height=FALLS_HEIGHT)
        self.bar = w.FloatProgress(min=0, max=1, layout={"flex": "1 1 auto", "width": "auto"})
        self.stop = w.Button(description="Stop", icon="stop")
        self.again = w.Button(description="Draw again", icon="refresh", layout={"display": "none"})
        self.running = w.HBox([self.bar, self.stop], layout={"display": "none"})
        self.stop.on_click(lambda _: self._stop(STOPPED))
        self.again.on_click(lambda _: self._draw())
        self.real.observe(lambda _: self._paint(self.projection), "value")
        self.flows.until.observe(lambda _: self.when_shown(self._changed), "value")
        self.observe(lambda change: None if change.new else self._pause(), "showing")
        super().__init__(session, self._cards())
        self.add_class("pl-stack")
        self.follow(["scenario", "plan"], self._changed)

    def _cards(self) -> list[w.Widget]:
        inputs = w.VBox([_card(w.HTML(tables.heading("What goes in and out")), self.flows), self.backwards])
        inputs.add_class("pl-stack")
        fan = _card(
            w.HTML(tables.heading("Where the money may lead", FAN_MEANING)),
            self.figures,
            self.note,
            w.HBox([self.running, self.again]),
            self.real,
            self.fan,
        )
        run_out = _card(w.HTML(tables.heading("When money runs out", RUN_OUT_MEANING)), self.run_out)
        falls = _card(w.HTML(tables.heading("How deep the mix falls on the way", FALLS_MEANING)), self.falls)
        pictures = w.HBox([run_out, falls])
        pictures.add_class("pl-two")
        right = w.VBox([fan, pictures])
        right.add_class("pl-stack")
        columns = w.HBox([inputs, right])
        columns.add_class("pl-columns")
        words = _card(w.HTML(tables.heading("In words")), self.said)
        return [columns, self.goals, self.past, words]

    def _pause(self) -> None:
        """Draw nothing while nobody looks; what was begun is begun anew when the tab is opened again."""
        self._at_rest.drop()
        self.backwards.drop()
        if self._draws is not None:
            self._stop("")
            self.when_shown(self._changed)

    def _changed(self) -> None:
        """Follow what changed along the paths there are, at once and coarsely, or draw others at rest."""
        if self.session.plan is None:
            return
        self.goals.follow()
        self.past.show(self.session.plan)
        wanted = self._wanted()
        if self.projection is not None and wanted == self._drawn:
            self._stop("")
            followed = self.projection.flows, self.projection.goals
            if followed == (self._flows(self.projection), self.session.scenario.goals):
                self._paint(self.projection)
            elif self._follow(QUICK_PATHS):
                self._at_rest.call(self._follow_all)
        elif wanted != self._draws:
            self._at_rest.call(self._draw)

    def _wanted(self) -> Any:
        """All that paths are drawn from, and what is known of those who walk them."""
        scenario, plan = self.session.scenario, self.session.plan
        return (
            plan.market,
            tuple(plan.shown.w),
            scenario.profile,
            scenario.household,
            scenario.glide_path,
            scenario.return_model,
            scenario.rebalancing,
            (scenario.targets.bands, scenario.targets.default_band),
            (scenario.trading.cost, scenario.trading.costs),
            self.flows.until.value,
        )

    def _flows(self, made: Projection) -> CashFlows:
        """What is to be followed: what was stated, or what the profile comes to."""
        scenario = self.session.scenario
        return made.standing.flows_of(scenario.profile) if scenario.cash_flows is None else scenario.cash_flows

    def _follow(self, paths: int) -> bool:
        """Follow cash flows and goals along the paths there are; whether that could be done."""
        made = self.projection
        if made is None:
            return False
        try:
            changed = made.with_changes(flows=self._flows(made), goals=self.session.scenario.goals)
        except PlannerError as error:
            self.goals.refuse(str(error))
            return False
        if paths < made.paths:
            self._paint(changed.first(paths))
        else:
            self.projection = changed
            self._paint(changed)
        return True

    def _follow_all(self) -> None:
        self._follow(PATHS)

    def _draw(self) -> None:
        """Draw paths anew, in turns with the page."""
        self._stop(DRAWING.format(paths=PATHS) if self.projection is None else "")
        self._draws, self._began = self._wanted(), time.monotonic()
        plan = replace(self.session.plan, scenario=self.session.scenario)
        years = max(round(self.flows.until.value) - plan.scenario.profile.age, 1)
        self.bar.value = 0.0
        self._task = Task(
            lambda tell: project(plan, years=years, progress=tell), self._done, self._failed, self._progress
        )

    def _stop(self, note: str) -> None:
        self._at_rest.drop()
        if self._task is not None:
            self._task.stop()
        self._task, self._draws = None, None
        self.running.layout.display = "none"
        self.again.layout.display = None if note == STOPPED else "none"
        self.note.value = tables.muted(note)

    def _progress(self, part: float) -> None:
        self.bar.value = part
        if time.monotonic() - self._began > PATIENCE_SECONDS:
            self.running.layout.display = None

    def _done(self, made: Projection) -> None:
        self._drawn = self._draws
        self._stop("")
        self.projection = made
        self._changed()

    def _failed(self, error: Exception) -> None:
        self._stop("")
        self.projection = None
        self.note.value = tables.blockers([sentence_for(error)])

    def _paint(self, made: Projection | None) -> None:
        if made is None:
            return
        self.flows.show(made.flows, made.retirement_age)
        rows = fan_rows(made, real=self.real.value)
        self._repaint(self.fan, rows, fan_alt(rows))
        self._repaint(self.run_out, run_out_rows(made), run_out_alt(made))
        self.figures.value = account_tables.figure_cells(_figures(made))
        self.goals.show(made)
        if made.paths > QUICK_PATHS:
            self._repaint(self.falls, falls_rows(made), falls_alt(made))
            self.backwards.show(made)
            self.said.value = trade_tables.sentences([*made.sentences, *ASSUMED])

    def _repaint(self, chart: LiveChart, rows: Any, alt: str) -> None:
        if rows != chart.rows:
            chart.rows, chart.alt = rows, alt


def _card(*children: w.Widget) -> w.Widget:
    card = w.VBox(list(children))
    card.add_class("pl-card")
    return card


def _figures(made: Projection) -> list[tuple[str, str, str]]:
    """The projection in four numbers."""
    age, last = made.standing.age, made.standing.age + made.years
    lasts = made.lasts
    chance = "–" if lasts is None else percent(lasts.probability)
    error = (
        "Nothing is spent." if lasts is None else f"± {200 * lasts.standard_error:.1f} points, {made.paths:,} paths."
    )
    at = min(max(round(made.retirement_age), age), last)
    by_year = made.fan()
    fan, end = by_year.iloc[at - age], by_year.iloc[-1]
    fifth = next((age + year for year, part in enumerate(made.run_out) if part >= ONE_IN_FIVE), None)
    half, worst = (percent(-float(made.falls[number]), 0) for number in (50, 5))
    return [
        (f"Lasts to the age of {last}", chance, f"All spending is paid to the end. {error}"),
        (
            f"At {at}, half above",
            short_money(fan[50]),
            f"One in twenty below {short_money(fan[5])}. At {last}: {short_money(end[50])} and {short_money(end[5])}, "
            "in today's money.",
        ),
        (
            "One in five runs out by",
            "never" if fifth is None else str(fifth),
            f"To the age of {last} fewer run out." if fifth is None else "The age at which a fifth of all paths have.",
        ),
        ("Deepest fall", half, f"Of the mix, on half of the paths; {worst} on one in twenty."),
    ]
