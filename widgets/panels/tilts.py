"""Tactical tilts: added with a reason and an end, removed, and seen against the strategic weights."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import ipywidgets as w

from planner.errors import InputError
from planner.policy.tactical import TACTICAL_RANGE, Tilt
from planner.policy.tilts_ahead import check_tilt
from planner.policy.wishes import LimitKind
from planner.trading.rules import Frequency
from planner.wording import percent
from widgets import tables, watch_tables
from widgets.live_chart import LiveChart
from widgets.panels.limits import subjects_for
from widgets.trade_tables import day
from widgets.watch_charts import TILTS_HEIGHT, TILTS_SPEC, tilt_alt, tilt_rows

if TYPE_CHECKING:
    import datetime as dt

    from planner.planning import Plan
    from planner.policy.tactical import Tactical
    from widgets.session import Session

STYLE = {"description_width": "110px"}
START_POINTS = -2.0
MEANING = (
    "A lean away from your strategic targets for a while, because something looks dear or cheap. It ends by itself, "
    "and carries nothing further than {reach} points."
)
NONE_YET = "No tilts: trades lead to the plan itself."
LEADS = "Trades are led by the tilts in force on the day of your prices, {today}."
INSIDE = (
    "A tilt inside a class says which of its indices to prefer; trades lead the class as a whole, so choose the fund "
    "yourself."
)
ASSET, POINTS = "Lean", "Points, + or -"


class TiltsPanel(w.VBox):  # type: ignore[misc]
    """The scenario's tilts, a form for one more, and their bars; followed by ``show``."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._default_start: dt.date | None = None
        self.rows: list[TiltRow] = []
        subjects = subjects_for(LimitKind.AT_MOST, session.universe)
        self.asset = w.Dropdown(options=subjects, description=ASSET, style=STYLE)
        self.points = w.FloatText(START_POINTS, step=0.5, description=POINTS, style=STYLE)
        self.reason = w.Text(description="Because", placeholder="they look dear", style=STYLE)
        self.starts, self.ends = (w.DatePicker(description=word, style=STYLE) for word in ("From", "Over on"))
        self.add = w.Button(description="Add the tilt", icon="plus", button_style="primary")
        self.refusal, self.note, self.blockers = w.HTML(), w.HTML(), w.HTML()
        self.listed = w.VBox()
        self.listed.add_class("pl-limits")
        self._none = w.HTML(tables.muted(NONE_YET))
        self.chart = LiveChart(TILTS_SPEC, {}, alt="Strategic against tilted weights", height=TILTS_HEIGHT)
        form = [self.asset, self.points, self.reason, self.starts, self.ends, self.add, self.refusal]
        left = w.VBox([self.listed, self.blockers, w.HTML("<h3>A new tilt</h3>"), *form])
        left.add_class("pl-inputs")
        left.add_class("pl-tilts")
        columns = w.HBox([left, w.VBox([self.chart, self.note])])
        columns.add_class("pl-two")
        title = tables.heading("Tilts", MEANING.format(reach=percent(TACTICAL_RANGE).removesuffix(" %")))
        super().__init__([w.HTML(title), columns])
        self.add_class("pl-card")
        self.add.on_click(lambda _: self._add())
        self.asset.observe(lambda _: self._forget(), "value")
        self.points.observe(lambda _: self._forget(), "value")

    def show(self, tactical: Tactical, as_of: dt.date, plan: Plan) -> None:
        """Show the scenario's tilts on a day; ``plan`` is the one that trades follow."""
        if self.starts.value == self._default_start:
            self._default_start = self.starts.value = as_of
            self.ends.value = Frequency.QUARTERLY.after(as_of)
        self.follow(as_of)
        self.blockers.value = tables.blockers(blocker.sentence for blocker in plan.blockers if blocker.place == "tilts")
        rows = tilt_rows(tactical)
        if rows != self.chart.rows:
            self.chart.rows, self.chart.alt = rows, tilt_alt(tactical)
        inside = any(tilt.asset not in tactical.universe.class_names for tilt in tactical.in_force)
        led = LEADS.format(today=day(plan.as_of)) if self.session.scenario.tilts else ""
        self.note.value = tables.muted(led) + tables.muted(INSIDE if inside else "")

    def follow(self, as_of: dt.date) -> None:
        """List the scenario's tilts, and which of them count on a day."""
        tilts = self.session.scenario.tilts
        while len(self.rows) < len(tilts):
            row = TiltRow()
            row.remove.on_click(partial(self._removed, len(self.rows)))
            self.rows.append(row)
        for row, tilt in zip(self.rows, tilts, strict=False):
            row.show(tilt, tilt.sentence(self.session.universe), as_of)
        self.listed.children = self.rows[: len(tilts)] or [self._none]

    def _forget(self) -> None:
        self.refusal.value = ""

    def _add(self) -> None:
        self._forget()
        try:
            tilt = self._stated()
            self._check(tilt)
            self._change((*self.session.scenario.tilts, tilt))
        except InputError as error:
            self.refusal.value = tables.blockers([str(error)])
        else:
            self.reason.value = ""

    def _stated(self) -> Tilt:
        if self.starts.value is None or self.ends.value is None:
            raise InputError("Say when the tilt begins and when it is over.")
        if not self.reason.value.strip():
            raise InputError("Say why: in a year you will want to know what you were thinking.")
        return Tilt(
            asset=self.asset.value,
            change=round(self.points.value / 100, 6),
            reason=self.reason.value,
            starts=self.starts.value,
            ends=self.ends.value,
        )

    def _check(self, tilt: Tilt) -> None:
        """Refuse what leads too far on any of its days, the others included."""
        plan, universe = self.session.plan, self.session.universe
        targets = self.session.scenario.targets if plan is None else plan.tactical.strategic
        most = 1.0 if plan is None else plan.crypto_cap
        check_tilt(tilt, self.session.scenario.tilts, targets, most_crypto=most, universe=universe)

    def _change(self, tilts: tuple[Tilt, ...]) -> None:
        self.session.scenario = self.session.scenario.with_changes(tilts=tilts)

    def _removed(self, place: int, _button: object) -> None:
        tilts = self.session.scenario.tilts
        self._change((*tilts[:place], *tilts[place + 1 :]))


class TiltRow(w.HBox):  # type: ignore[misc]
    """One tilt in words, and a button that removes it."""

    def __init__(self) -> None:
        self.said = w.HTML()
        self.remove = w.Button(description="Remove", icon="trash")
        super().__init__([self.said, self.remove])
        self.add_class("pl-tilt")

    def show(self, tilt: Tilt, sentence: str, as_of: dt.date) -> None:
        """Say the tilt and whether it counts on a day."""
        over = tilt.has_expired(as_of)
        state = f"over since {day(tilt.ends)}" if over else f"in force since {day(tilt.starts)}"
        if tilt.starts > as_of:
            state = f"begins on {day(tilt.starts)}"
        self.said.value = watch_tables.tilt_state(state, sentence, over=over)
        self.remove.tooltip = f"Remove: {sentence}"
