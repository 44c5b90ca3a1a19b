"""For whom a paper is and who hands it over: one form, the same wherever it is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.errors import InputError
from planner.reports.logo import MOST_BYTES, checked_logo
from widgets import tables
from widgets.upload import UploadButton

if TYPE_CHECKING:
    from widgets.desk import Desk

STYLE = {"description_width": "70px"}
SEVERAL = "Ann Doe; Ben Doe"


class LetterheadForm(w.VBox):  # type: ignore[misc]
    """What stands on covers and under signatures, in ``desk.people`` and ``desk.letterhead``."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._showing = False
        self.clients = w.Text(description="For", placeholder=SEVERAL, style=STYLE)
        self.adviser = w.Text(description="Adviser", style=STYLE)
        self.firm = w.Text(description="Firm", style=STYLE)
        self.contact = w.Text(description="Contact", style=STYLE)
        self.logo = UploadButton("Logo (PNG or SVG)", self._take_logo, accept=".png,.svg", most_bytes=MOST_BYTES)
        self.said = w.HTML()
        row = w.HBox([self.logo])
        row.add_class("pl-row")
        texts = (self.clients, self.adviser, self.firm, self.contact)
        super().__init__([*texts, row, self.said])
        for control in texts:
            control.continuous_update = False
            control.observe(self._written, "value")
        desk.observe(lambda _: self._show(), ["people", "letterhead"])
        self._show()

    def _show(self) -> None:
        self._showing = True
        head = self.desk.letterhead
        try:
            self.clients.value = "; ".join(self.desk.people)
            self.adviser.value, self.firm.value, self.contact.value = head.adviser, head.firm, head.contact
        finally:
            self._showing = False

    def _written(self, _: Any) -> None:
        if self._showing:
            return
        names = tuple(name for part in self.clients.value.split(";") if (name := part.strip()))
        head = replace(
            self.desk.letterhead,
            adviser=self.adviser.value.strip(),
            firm=self.firm.value.strip(),
            contact=self.contact.value.strip(),
        )
        self.desk.people, self.desk.letterhead = names, head

    def _take_logo(self, name: str, content: bytes) -> None:
        try:
            logo = checked_logo(content)
        except InputError as error:
            self.said.value = tables.blockers([f"{name}: {error}"])
            return
        self.desk.letterhead = replace(self.desk.letterhead, logo=logo)
        self.said.value = tables.muted(f"{name} stands on the cover of what is made from now on.")
