"""The bar above the tabs: which scenario is open, undo and redo, and where the household is kept."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.scenario import LARGEST_DOCUMENT
from widgets import tables
from widgets.download import DownloadButton, Mime
from widgets.upload import UploadButton

if TYPE_CHECKING:
    from collections.abc import Callable

    from widgets.desk import Desk

KEEP_MEANING = (
    "A household that is kept is saved by itself from then on, in a file on this computer that only you can read."
)
STYLE = {"description_width": "70px"}


class ScenarioBar(w.VBox):  # type: ignore[misc]
    """Choose, name, copy and undo; ``compare`` and ``present`` open those views of the page."""

    def __init__(self, desk: Desk, compare: Callable[[], None], present: Callable[[], None]) -> None:
        self.desk = desk
        self._showing = False
        self.choice = w.Dropdown(description="Scenario", style=STYLE)
        self.undo = _button("Undo", "undo", desk.undo)
        self.redo = _button("Redo", "repeat", desk.redo)
        self.copy = _button("Duplicate", "copy", desk.duplicate)
        self.compare = _button("Compare", "columns", compare)
        self.present = _button("Present", "television", present)
        self.more = w.ToggleButton(False, description="Household and files", icon="folder-open-o")
        self.state, self.problem = w.HTML(), w.HTML()
        self.conflict: _Conflict | None = None
        self.household: HouseholdForm | None = None
        row = w.HBox([self.choice, self.undo, self.redo, self.copy, self.compare, self.present, self.more, self.state])
        row.add_class("pl-scenarios")
        self._conflict_place, self._household_place = w.VBox(), w.VBox()
        super().__init__([row, self.problem, self._conflict_place, self._household_place])
        self.add_class("pl-scenario-bar")
        self.choice.observe(self._chosen, "value")
        self.more.observe(lambda change: self._open_household(change.new), "value")
        desk.observe(lambda _: self._show_conflict(), "conflict")
        desk.observe(lambda _: self._show(), ["names", "current", "can_undo", "can_redo", "state", "problem"])
        self._show()

    def _chosen(self, change: Any) -> None:
        if not self._showing and change.new is not None:
            self.desk.choose(change.new)

    def _open_household(self, is_open: bool) -> None:
        if self.household is None:
            self.household = HouseholdForm(self.desk)
            self._household_place.children = [self.household]
        self.household.unfold(is_open)

    def _show_conflict(self) -> None:
        if self.conflict is None:
            self.conflict = _Conflict(self.desk)
            self._conflict_place.children = [self.conflict]

    def _show(self) -> None:
        desk = self.desk
        self._showing = True
        try:
            options = tuple((name, place) for place, name in enumerate(desk.names))
            if self.choice.options != options:
                self.choice.options = options
            self.choice.value = min(desk.current, len(options) - 1)
        finally:
            self._showing = False
        self.undo.disabled, self.redo.disabled = not desk.can_undo, not desk.can_redo
        self.state.value = f"<span role='status' class='pl-muted'>{escape(desk.state)}</span>"
        self.problem.value = tables.blockers([desk.problem] if desk.problem else [])


class HouseholdForm(w.VBox):  # type: ignore[misc]
    """Name, remove, keep, open, and files in both directions; shown when it is asked for."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._showing = False
        self.name = w.Text(description="Name", continuous_update=False, style=STYLE)
        self.remove = _button("Remove this scenario", "trash-o", desk.remove)
        self.keep_name = w.Text(placeholder="Family name, or any name", description="Keep as", style=STYLE)
        self.keep = _button("Keep this household", "save", lambda: desk.keep(self.keep_name.value))
        self.kept = w.Dropdown(description="Kept", style=STYLE)
        self.open_kept = _button("Open", "folder-open-o", self._open)
        self.save = DownloadButton("Save as a file", desk.text_of, filename="scenario.json", mime=Mime.JSON)
        self.upload = UploadButton("Open a file", desk.take, accept=".json", most_bytes=LARGEST_DOCUMENT)
        self.keeping = _row(self.keep_name, self.keep)
        meaning = w.HTML(tables.muted(KEEP_MEANING))
        rows = [_row(self.name, self.remove), self.keeping, _row(self.kept, self.open_kept), meaning]
        super().__init__([*rows, _row(self.save, self.upload)])
        self.add_class("pl-card")
        self.layout.display = "none"
        self.name.observe(self._renamed, "value")
        desk.observe(lambda _: self._show(), ["names", "current"])
        desk.observe(lambda _: self._household_changed(), "household")
        self._show()

    def unfold(self, is_open: bool) -> None:
        """Show the form with the households there are, or hide it."""
        self.layout.display = None if is_open else "none"
        if is_open:
            self._list()

    def _list(self) -> None:
        clients = self.desk.clients()
        self.kept.options = [(client.name, client) for client in clients]
        self.open_kept.disabled = not clients

    def _open(self) -> None:
        if self.kept.value is not None:
            self.desk.open(self.kept.value)

    def _renamed(self, change: Any) -> None:
        if not self._showing and change.new.strip():
            self.desk.rename(change.new.strip())

    def _show(self) -> None:
        self._showing = True
        try:
            self.name.value = self.desk.sheet.scenario.name
        finally:
            self._showing = False
        self.remove.disabled = len(self.desk.names) < 2

    def _household_changed(self) -> None:
        self.keeping.layout.display = "none" if self.desk.household is not None else None
        if self.layout.display is None:
            self._list()


class _Conflict(w.VBox):  # type: ignore[misc]
    """What another desk wrote meanwhile, and the two ways out; nothing is lost by either."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.said = w.HTML()
        self.theirs = _button("Open theirs", "folder-open-o", desk.take_theirs)
        self.mine = _button("Keep mine", "save", desk.keep_mine)
        super().__init__([self.said, _row(self.theirs, self.mine)])
        desk.observe(lambda _: self._show(), "conflict")
        self._show()

    def _show(self) -> None:
        conflict = self.desk.conflict
        self.layout.display = "none" if conflict is None else None
        self.said.value = "" if conflict is None else tables.blockers([str(conflict)])


def _button(label: str, icon: str, act: Callable[[], object]) -> Any:
    button = w.Button(description=label, icon=icon, tooltip=label)
    button.on_click(lambda _: act())
    return button


def _row(*parts: w.Widget) -> Any:
    row = w.HBox(parts)
    row.add_class("pl-row")
    return row
