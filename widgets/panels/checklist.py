"""The yearly checklist, with what changed since a plan that was saved then."""

from __future__ import annotations

from codecs import BOM_UTF8
from typing import TYPE_CHECKING

import ipywidgets as w
from traitlets import Any as AnyTrait

from planner.scenario import LARGEST_DOCUMENT, Scenario
from widgets import tables, watch_tables
from widgets.download import DownloadButton, Mime
from widgets.runner import sentence_for
from widgets.upload import UploadButton

if TYPE_CHECKING:
    from planner.reviewing import Review
    from widgets.session import Session

MEANING = "Once a year, ask yourself these. Upload the plan as you saved it last time to see what has changed since."
COMPARED = "Compared with '{name}'{reviewed}, from {file}."


class ChecklistPanel(w.VBox):  # type: ignore[misc]
    """The questions of a review; ``earlier`` is the scenario that was uploaded to compare with, or None."""

    earlier = AnyTrait(None, allow_none=True)

    def __init__(self, session: Session) -> None:
        self.session = session
        self.upload = UploadButton(
            "Upload an earlier plan", self._uploaded, accept=".json", most_bytes=LARGEST_DOCUMENT
        )
        self.save = DownloadButton(
            "Save this plan for next time",
            lambda: self.session.scenario.model_dump_json(indent=2),
            filename="plan.json",
            mime=Mime.JSON,
        )
        self.said, self.questions = w.HTML(), w.HTML()
        files = w.HBox([self.upload, self.save])
        files.add_class("pl-row")
        super().__init__([w.HTML(tables.heading("The yearly checklist", MEANING)), files, self.said, self.questions])
        self.add_class("pl-card")

    def _uploaded(self, name: str, content: bytes) -> None:
        try:
            found = Scenario.model_validate_json(content.removeprefix(BOM_UTF8))
        except Exception as error:  # noqa: BLE001 - whatever is in the file, the page says a sentence and stays alive
            self.said.value = tables.blockers([f"{name}: {sentence_for(error)}"])
            return
        reviewed = f", last reviewed on {found.last_review}" if found.last_review else ""
        self.said.value = tables.muted(COMPARED.format(name=found.name, reviewed=reviewed, file=name))
        self.earlier = found

    def show(self, review: Review) -> None:
        """Show a review's questions."""
        self.questions.value = watch_tables.checklist(review.checklist)
