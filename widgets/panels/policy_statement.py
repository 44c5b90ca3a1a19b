"""The policy statement as it would be printed, with the adviser's own text written beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.errors import InputError
from planner.policy.statement import Parties, own_text_of, statement
from planner.policy.statement.sections import SECTIONS
from widgets import tables
from widgets.download import DownloadButton, Mime
from widgets.panels.letterhead import LetterheadForm
from widgets.runner import AtRest, sentence_for
from widgets.tabs import TabPanel
from widgets.upload import UploadButton

if TYPE_CHECKING:
    from planner.policy.statement import Statement
    from widgets.desk import Desk
    from widgets.session import Session

MEANING = (
    "It follows the plan by itself. What you write stands at the end of its section, and stays when the plan changes."
)
FILES = "The whole statement as text, to edit elsewhere. Your own text, between its marks, is read back."
MOST_BYTES = 1_000_000
STYLE = {"description_width": "70px"}


class PolicyStatementPanel(TabPanel):
    """Choose a section, write, and see the statement change; ``statement`` is the one shown, None before."""

    def __init__(self, session: Session, desk: Desk) -> None:
        self.desk = desk
        self.statement: Statement | None = None
        self._at_rest = AtRest()
        self._showing = False
        sections = [(title, key) for key, title, _ in SECTIONS]
        self.section = w.Dropdown(options=sections, description="Section", style=STYLE)
        self.own = w.Textarea(description="Own text", rows=8, style=STYLE, layout={"width": "auto"})
        self.save = DownloadButton("Save as text", self._markdown, filename="policy-statement.md", mime=Mime.MARKDOWN)
        self.upload = UploadButton("Read edited text", self._uploaded, accept=".md,.txt", most_bytes=MOST_BYTES)
        self.said, self.preview = w.HTML(), w.HTML()
        files = w.HBox([self.save, self.upload])
        files.add_class("pl-row")
        people = w.Accordion([LetterheadForm(desk)], titles=("For whom, and by whom",))
        head, edited = w.HTML(tables.heading("Policy statement", MEANING)), w.HTML(tables.muted(FILES))
        writing = w.VBox([head, self.section, self.own, self.said, people, edited, files])
        shown = w.VBox([self.preview])
        shown.add_class("pl-paper")
        for card in (writing, shown):
            card.add_class("pl-card")
        columns = w.HBox([writing, shown])
        columns.add_class("pl-writing")
        super().__init__(session, [columns])
        self.own.continuous_update = False
        self.section.observe(lambda _: self._show_own(), "value")
        self.own.observe(self._written, "value")
        desk.observe(lambda _: self.when_shown(self._show), ["own_text", "journal", "people", "letterhead"])
        self.follow(["plan", "scenario"], self._due)

    @property
    def parties(self) -> Parties:
        """Who agrees on it."""
        head = self.desk.letterhead
        return Parties(self.desk.people, head.adviser, head.firm)

    def _due(self) -> None:
        self._at_rest.call(self._show)

    def _show(self) -> None:
        if self.session.plan is None:
            return
        try:
            made = statement(
                self.session.scenario, self.session.plan, self.desk.journal, self.desk.own_text, self.parties
            )
        except InputError as error:
            self.said.value = tables.blockers([sentence_for(error)])
            return
        self.statement = made
        self.preview.value = f"<article tabindex='0' aria-label='Policy statement'>{made._repr_html_()}</article>"
        self._show_own()

    def _show_own(self) -> None:
        self._showing = True
        try:
            self.own.value = self.desk.own_text.get(self.section.value, "")
        finally:
            self._showing = False

    def _written(self, change: Any) -> None:
        if not self._showing:
            self.desk.write(self.section.value, change.new)
            self.said.value = tables.blockers([self.desk.problem] if self.desk.problem else [])

    def _markdown(self) -> str:
        if self.statement is None:
            raise InputError("There is no statement yet.")
        return self.statement.to_markdown()

    def _uploaded(self, name: str, content: bytes) -> None:
        try:
            found = own_text_of(content.decode("utf-8-sig"))
        except (InputError, UnicodeDecodeError) as error:
            reason = str(error) if isinstance(error, InputError) else "it is not text in UTF-8."
            self.said.value = tables.blockers([f"{name}: {reason}"])
            return
        for section in {*self.desk.own_text, *found}:
            self.desk.write(section, found.get(section, ""))
        self.said.value = tables.muted(f"{name}: the text of {len(found)} sections was read.")
