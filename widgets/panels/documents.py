"""The proposal, the policy statement and the tables as files: made with progress, stopped if need be, then saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import ipywidgets as w

from planner.reports.files import Order, make_file
from widgets import tables
from widgets.download import DownloadButton, Mime
from widgets.panels.letterhead import LetterheadForm
from widgets.runner import Task, sentence_for
from widgets.tabs import TabPanel

if TYPE_CHECKING:
    from planner.scenario import Scenario
    from widgets.desk import Desk
    from widgets.session import Session

MEANING = "Papers for the client, made on this computer of the open scenario. Nothing is sent anywhere."
LETTERHEAD = "What stands on the cover. It is kept for as long as this page is open."
OUTDATED = "The plan has changed since this was made: make it again for the new one."
STYLE = {"description_width": "70px"}


class File(NamedTuple):
    """A file to make: kind and suffix as in ``planner.reports.files``."""

    kind: str
    suffix: str
    mime: Mime

    @property
    def name(self) -> str:
        """What it is saved as."""
        return f"{self.kind}{self.suffix}"


FILES = {
    "Proposal, PDF": File("proposal", ".pdf", Mime.PDF),
    "Proposal, web page": File("proposal", ".html", Mime.HTML),
    "Policy statement, PDF": File("statement", ".pdf", Mime.PDF),
    "Policy statement, web page": File("statement", ".html", Mime.HTML),
    "All tables, workbook": File("tables", ".xlsx", Mime.XLSX),
    "All tables, CSV files": File("tables", ".zip", Mime.ZIP),
    "All tables, JSON": File("tables", ".json", Mime.JSON),
}


class DocumentsPanel(TabPanel):
    """Choose a paper, make it, and save it; ``made`` is the file's content, None before."""

    def __init__(self, session: Session, desk: Desk) -> None:
        self.desk = desk
        self.made: bytes | None = None
        self._of: Scenario | None = None
        self._task: Task | None = None
        self.kind = w.Dropdown(options=list(FILES), description="Paper", style=STYLE)
        self.form = LetterheadForm(desk)
        self.make = w.Button(description="Make it", icon="file-text-o", button_style="primary")
        self.stop = w.Button(description="Stop", icon="stop")
        self.bar = w.FloatProgress(0.0, min=0, max=1)
        self.running = w.VBox([_row(self.bar, self.stop)])
        self.said = w.HTML()
        self.files = w.VBox()
        self.make.on_click(lambda _: self._make())
        self.stop.on_click(lambda _: self._drop())
        head = w.VBox([w.HTML(tables.heading("Letterhead", LETTERHEAD)), self.form])
        papers = w.VBox(
            [w.HTML(tables.heading("Papers", MEANING)), _row(self.kind, self.make), self.running, self.said, self.files]
        )
        for card in (papers, head):
            card.add_class("pl-card")
        super().__init__(session, [papers, head])
        self.add_class("pl-stack")
        self.running.layout.display = "none"
        self.kind.observe(lambda _: self._clear(), "value")
        session.observe(lambda _: self.when_shown(self._show_age), "scenario")

    def _make(self) -> None:
        self._clear()
        if self.session.plan is None:
            return
        file, order = FILES[self.kind.value], self._order()
        self._of, self.make.disabled = order.plan.scenario, True
        self.bar.value, self.running.layout.display = 0.0, None
        self._task = Task(
            lambda step: make_file(file.kind, file.suffix, order, step), self._finished, self._failed, self._progress
        )

    def _order(self) -> Order:
        desk = self.desk
        return Order(self.session.plan, desk.letterhead, desk.people, desk.journal, desk.own_text)

    def _progress(self, fraction: float) -> None:
        self.bar.value = fraction

    def _finished(self, content: bytes) -> None:
        self._rest()
        self.made, file = content, FILES[self.kind.value]
        save = DownloadButton(f"Save {file.name}", lambda: content, filename=file.name, mime=file.mime)
        self.files.children = [save]
        self._show_age()

    def _failed(self, error: Exception) -> None:
        self._rest()
        self.said.value = tables.blockers([sentence_for(error)])

    def _drop(self) -> None:
        if self._task is not None:
            self._task.stop()
        self._rest()

    def _rest(self) -> None:
        self._task, self.make.disabled, self.running.layout.display = None, False, "none"

    def _clear(self) -> None:
        self._drop()
        self.made, self.files.children, self.said.value = None, [], ""

    def _show_age(self) -> None:
        if self.made is not None:
            ready = f"Ready: {len(self.made) / 1000:,.0f} kB."
            self.said.value = tables.muted(ready if self._of == self.session.scenario else OUTDATED)


def _row(*parts: w.Widget) -> Any:
    row = w.HBox(parts)
    row.add_class("pl-row")
    return row
