"""The reviews that were kept with the household: one to look up or to save."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import ipywidgets as w

from planner.errors import InputError
from widgets import tables
from widgets.download import DownloadButton, Mime
from widgets.trade_tables import day

if TYPE_CHECKING:
    from planner.reviewing import Review
    from widgets.desk import Desk

MEANING = "'Reviewed today' keeps the sheet as it is on its day, once the household itself is kept."
NONE_YET = "No review is kept yet."
NOTHING_CHOSEN = "There is no kept review to save."


class KeptReviewsView(w.VBox):  # type: ignore[misc]
    """Kept reviews of the desk's household, the newest first; hidden while it is not kept."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.said = w.HTML()
        self.chosen = w.Dropdown(description="Review", style={"description_width": "90px"}, layout={"width": "320px"})
        self.save = DownloadButton("Save (JSON)", self._json, filename="kept-review.json", mime=Mime.JSON)
        row = w.HBox([self.chosen, self.save])
        row.add_class("pl-row")
        self.choice = w.VBox([row])
        super().__init__([w.HTML(tables.heading("Kept reviews", MEANING)), self.said, self.choice])
        self.add_class("pl-card")
        desk.observe(lambda _: self.refresh(), "household")
        self.refresh()

    def keep(self, review: Review) -> None:
        """Keep a review where the household is kept."""
        if self.desk.household is not None:
            self.desk.keep_review(review)
            self.refresh()

    def refresh(self) -> None:
        """Show what the store holds."""
        self.layout.display = None if self.desk.household is not None else "none"
        found = self.desk.reviews()[::-1]
        self.chosen.options = [(f"{day(each.day)}, kept by {each.author}", each.id) for each in found]
        self.chosen.index = 0 if found else None
        self.said.value = tables.muted("" if found else NONE_YET)
        self.choice.layout.display = None if found else "none"

    def _json(self) -> str:
        if self.chosen.value is None or self.desk.household is None:
            raise InputError(NOTHING_CHOSEN)
        return json.dumps(self.desk.store.review(self.chosen.value), indent=2, allow_nan=False)
