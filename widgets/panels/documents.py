"""The proposal, the policy statement and the tables as files: made with progress, stopped if need be, then saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.errors import InputError
from planner.reports.blocks import Letterhead
from widgets import tables
from widgets.download import DownloadButton, Mime
from widgets.runner import Task, sentence_for
from widgets.tabs import TabPanel
from widgets.upload import UploadButton

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.planning import Plan
    from planner.reports.blocks import Paper
    from planner.scenario import Scenario
    from widgets.desk import Desk
    from widgets.session import Session

    Step = Callable[[float], None]

MEANING = "Papers for the client, made on this computer of the open scenario. Nothing is sent anywhere."
LETTERHEAD = "What stands on the cover. It is kept for as long as this page is open."
OUTDATED = "The plan has changed since this was made: make it again for the new one."
MOST_LOGO = 1_000_000
STYLE = {"description_width": "70px"}
PAPER_SHARE = 0.85
"""Of the work of a PDF, what computing its content takes."""


class DocumentsPanel(TabPanel):
    """Choose a paper, make it, and save it; ``made`` is the file's content, None before."""

    def __init__(self, session: Session, desk: Desk) -> None:
        self.desk = desk
        self.made: bytes | None = None
        self._of: Scenario | None = None
        self._task: Task | None = None
        self._logo: bytes | None = None
        self.kind = w.Dropdown(options=list(FILES), description="Paper", style=STYLE)
        self.adviser = w.Text(description="Adviser", style=STYLE)
        self.firm = w.Text(description="Firm", style=STYLE)
        self.contact = w.Text(description="Contact", style=STYLE)
        self.logo = UploadButton("Logo (PNG or SVG)", self._take_logo, accept=".png,.svg", most_bytes=MOST_LOGO)
        self.make = w.Button(description="Make it", icon="file-text-o", button_style="primary")
        self.stop = w.Button(description="Stop", icon="stop")
        self.bar = w.FloatProgress(0.0, min=0, max=1)
        self.running = _row(self.bar, self.stop)
        self.said = w.HTML()
        self.files = w.VBox()
        for control in (self.adviser, self.firm, self.contact):
            control.continuous_update = False
        self.make.on_click(lambda _: self._make())
        self.stop.on_click(lambda _: self._drop())
        head = w.VBox([w.HTML(tables.heading("Letterhead", LETTERHEAD)), self.adviser, self.firm, self.contact])
        head.children = [*head.children, _row(self.logo)]
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

    @property
    def letterhead(self) -> Letterhead:
        """What stands on the cover."""
        return Letterhead(self.adviser.value.strip(), self.firm.value.strip(), self.contact.value.strip(), self._logo)

    def _take_logo(self, name: str, content: bytes) -> None:
        from planner.reports.logo import checked_logo

        try:
            self._logo = checked_logo(content)
        except InputError as error:
            self.said.value = tables.blockers([f"{name}: {error}"])
        else:
            self.said.value = tables.muted(f"{name} stands on the cover of what is made from now on.")

    def _make(self) -> None:
        self._drop()
        self._clear()
        if self.session.plan is None:
            return
        make, plan = FILES[self.kind.value].make, self.session.plan
        self._of, self.make.disabled = plan.scenario, True
        self.bar.value, self.running.layout.display = 0.0, None
        self._task = Task(lambda step: make(self, plan, step), self._finished, self._failed, self._progress)

    def _progress(self, fraction: float) -> None:
        self.bar.value = fraction

    def _finished(self, content: bytes) -> None:
        self._rest()
        self.made, file = content, FILES[self.kind.value]
        save = DownloadButton(f"Save {file.name}", lambda: content, filename=file.name, mime=file.mime)
        self.files.children = [save]
        self.said.value = tables.muted(f"Ready: {len(content) / 1000:,.0f} kB.")

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
        self.made, self.files.children, self.said.value = None, [], ""

    def _show_age(self) -> None:
        if self.made is not None and self._of != self.session.scenario:
            self.said.value = tables.muted(OUTDATED)


def _row(*parts: w.Widget) -> Any:
    row = w.HBox(parts)
    row.add_class("pl-row")
    return row
