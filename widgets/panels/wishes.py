"""What the household wants said about its plan: limits and expectations, folded until they are wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as w

from widgets import tables
from widgets.panels.limits import LimitsPanel
from widgets.panels.views import ViewsPanel
from widgets.tabs import Panel

if TYPE_CHECKING:
    from widgets.session import Session

PLACES = ("limits", "views")
"""Where its blockers come from (planner.methods.Place, which takes longer to import than the page)."""


class WishesPanel(Panel):
    """Two folds, each built when it is first opened, and what stops the plan because of them, open or not."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.limits, self.views = LimitsPanel(session), ViewsPanel(session)
        self.folds = w.Accordion([self.limits, self.views])
        self.blocker = w.HTML()
        self.folds.observe(lambda change: self._opened(change.new), "selected_index")
        session.observe(lambda _: self._show_titles(), "scenario")
        session.observe(lambda _: self._show_blockers(), "plan")
        super().__init__([w.HTML(tables.heading("Limits and expectations")), self.folds, self.blocker])
        self.add_class("pl-card")
        self._show_titles()
        if session.plan is not None:
            self._show_blockers()

    def _opened(self, place: int | None) -> None:
        if place is not None:
            self.folds.children[place].render()

    def _show_titles(self) -> None:
        self.folds.titles = tuple(panel.title for panel in self.folds.children)

    def _show_blockers(self) -> None:
        self.blocker.value = tables.blockers(
            blocker.sentence for blocker in self.session.plan.blockers if blocker.place in PLACES
        )
