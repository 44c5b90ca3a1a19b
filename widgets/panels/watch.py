"""What to watch: alerts, the quarterly sheet, tilts and the yearly checklist, on a day of one's choice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.errors import InputError
from planner.reviewing import review
from widgets import account_tables, tables, watch_tables
from widgets.download import DownloadButton, Mime
from widgets.panels.alerts_view import AlertsView
from widgets.panels.checklist import ChecklistPanel
from widgets.panels.grades import GradesPanel
from widgets.panels.kept_reviews import KeptReviewsView
from widgets.panels.quarterly import QuarterlyView
from widgets.panels.tilts import TiltsPanel
from widgets.runner import AtRest, sentence_for
from widgets.tabs import TabPanel
from widgets.trade_tables import day

if TYPE_CHECKING:
    import datetime as dt

    from planner.reviewing import Review
    from widgets.desk import Desk
    from widgets.session import Session

STYLE = {"description_width": "90px"}
LAYOUT = {"width": "240px"}
MEANING = "Look here once a quarter, and after anything big: what has moved, and what to do about it."
NO_HOUSEHOLD = "There is nothing to watch yet: open the Accounts tab, and type in or upload what you own."
NO_REVIEW = "There is no review to save: what stands in its way is said at the top of this page."


class WatchPanel(TabPanel):
    """The Watch tab: reviews the plan when the page rests, while it is shown.

    The day is that of the household's prices until another is chosen. ``review`` is the last one, or None. With a
    ``desk`` whose household is kept, a review that is done is kept there.
    """

    def __init__(self, session: Session, desk: Desk | None = None) -> None:
        self._at_rest = AtRest()
        self._waiting = False
        self._following = False
        self._default_day: dt.date | None = None
        self.review: Review | None = None
        self.as_of = w.DatePicker(description="As of", style=STYLE, layout=LAYOUT)
        self.last = w.DatePicker(description="Last review", style=STYLE, layout=LAYOUT)
        self.reviewed = w.Button(description="Reviewed today", icon="check", button_style="primary")
        self.note = w.HTML()
        self.summary = w.HTML()
        self.alerts, self.grades, self.quarterly = AlertsView(), GradesPanel(), QuarterlyView()
        self.tilts, self.checklist = TiltsPanel(session), ChecklistPanel(session)
        self.kept = None if desk is None else KeptReviewsView(desk)
        parts = [self._head(), self.quarterly, self.tilts, self.checklist, *((self.kept,) if self.kept else ())]
        super().__init__(session, parts)
        self.add_class("pl-stack")
        self.as_of.observe(lambda _: self._moved(), "value")
        self.last.observe(lambda change: self._looked(change.new), "value")
        self.reviewed.on_click(lambda _: self._done())
        self.alerts.observe(lambda _: self.when_shown(self._changed), "thresholds")
        self.grades.observe(lambda _: self.when_shown(self._changed), "grades")
        self.checklist.observe(lambda _: self.when_shown(self._changed), "earlier")
        self.observe(lambda change: None if change.new else self._pause(), "showing")
        self.follow(["scenario", "plan"], self._changed)

    def _head(self) -> Any:
        files = [
            DownloadButton("The sheet (CSV)", self.sheet_csv, filename="review.csv", mime=Mime.CSV),
            DownloadButton("The sheet (JSON)", self.sheet_json, filename="review.json", mime=Mime.JSON),
        ]
        controls = w.HBox([self.as_of, self.last, self.reviewed, *files])
        controls.add_class("pl-row")
        controls.add_class("pl-files")
        title = w.HTML(tables.heading("What needs your attention", MEANING))
        card = w.VBox([title, controls, self.note, self.summary, self.alerts, self.grades])
        card.add_class("pl-card")
        return card

    def sheet_csv(self) -> str:
        """The review as CSV."""
        return self._shown().to_csv()

    def sheet_json(self) -> str:
        """The review as JSON."""
        return json.dumps(self._shown().to_dict(), indent=2, allow_nan=False)

    def _shown(self) -> Review:
        if self.review is None:
            raise InputError(NO_REVIEW)
        return self.review

    def _moved(self) -> None:
        if not self._following:
            self.when_shown(self._changed)

    def _looked(self, on: dt.date | None) -> None:
        if not self._following:
            self.session.change(last_review=on)

    def _done(self) -> None:
        if self.kept is not None and self.review is not None:
            self.kept.keep(self.review)
        self._looked(self.as_of.value)

    def _pause(self) -> None:
        """Compute nothing while nobody looks."""
        if self._waiting:
            self._at_rest.drop()
            self.when_shown(self._changed)

    def _changed(self) -> None:
        """Let days and tilts stand where the scenario's are, and review it once nothing moves any more."""
        plan = self.session.plan
        self._following = True
        try:
            if plan is not None and self.as_of.value == self._default_day:
                self._default_day = self.as_of.value = plan.as_of
            self.last.value = self.session.scenario.last_review
        finally:
            self._following = False
        if self.as_of.value is not None:
            self.tilts.follow(self.as_of.value)
        self._waiting = True
        self._at_rest.call(self._compute)

    def _compute(self) -> None:
        self._waiting = False
        self.session.busy = True
        try:
            self._show()
        except Exception as error:  # noqa: BLE001 - whatever it is, the page says a sentence and stays alive
            self._show_nothing(tables.blockers([sentence_for(error)]))
        finally:
            self.session.busy = False

    def _show(self) -> None:
        session, as_of = self.session, self.as_of.value
        plan = session.make_plan() if session.plan is None else session.plan
        if session.scenario.household is None:
            self._show_nothing(account_tables.note(NO_HOUSEHOLD))
            return
        if as_of is None:
            self._show_nothing(tables.blockers(["Say on which day to look: the day after 'As of'."]))
            return
        found = review(
            session.scenario,
            as_of,
            earlier=self.checklist.earlier,
            thresholds=self.alerts.thresholds,
            market=session.market,
            grades=self.grades.grades,
        )
        self.review = found
        self.note.value = ""
        self.summary.value = tables.text(f"{watch_tables.severities(found.alerts)} on {day(as_of)}")
        self.alerts.show(found)
        self.quarterly.show(found, self.checklist.earlier)
        self.tilts.show(found.tactical, as_of, plan)
        self.checklist.show(found)
        self._arrange()

    def _show_nothing(self, why: str) -> None:
        """Say why there is no review; the tilts stay, as they need no accounts."""
        self.review = None
        self.note.value = why
        plan = self.session.plan
        if plan is not None:
            self.tilts.show(plan.tactical, plan.as_of, plan)
        self._arrange()

    def _arrange(self) -> None:
        shown = None if self.review is not None else "none"
        for part in (self.summary, self.alerts, self.grades, self.quarterly, self.checklist):
            part.layout.display = shown
