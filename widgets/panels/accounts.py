"""What the household owns: a table to edit, files in and out, and everything seen as one portfolio."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import ipywidgets as w
from traitlets import dlink

from planner.errors import InputError
from planner.household.example import EXAMPLE_FILE
from planner.household.reading_accounts import LARGEST_FILE_BYTES, accounts_csv, read_accounts
from planner.trading.holdings import Holdings
from widgets import account_tables, tables
from widgets.account_rows import NAMES, Rows, columns_for, completed, household_of, rows_of
from widgets.download import DownloadButton, Mime
from widgets.panels.household_facts import MAY_HOLD_TITLE, TAXES_TITLE, MayHoldPanel, TaxesPanel, rules_in_words
from widgets.panels.household_view import HouseholdView
from widgets.panels.location import LocationPanel
from widgets.panels.statement import StatementForm
from widgets.runner import sentence_for
from widgets.table_editor import CellError, TableEditor
from widgets.tabs import TabPanel
from widgets.upload import UploadButton

if TYPE_CHECKING:
    from planner.household.accounts import Household
    from widgets.session import Session

MEANING = (
    "One row for each purchase, in all accounts. Cash is an asset too: its quantity is its dollars. A block copied "
    "from a spreadsheet can be pasted into a cell."
)
ADVICE = "Download the accounts, edit the file, and upload it again."
OFX_SUFFIXES = (".ofx", ".qfx")
SUFFIXES = ",".join((".csv", *OFX_SUFFIXES))
NOT_READ = "The figures below are of the accounts as they were last readable."


class AccountsPanel(TabPanel):
    """The household of a session as a table, with its taxes and rules, and what it comes to.

    The table keeps what was typed; the scenario keeps the last household that could be read.
    """

    def __init__(self, session: Session) -> None:
        household = session.scenario.household
        self._shown: Household | None = None
        self._base: Household | None = None
        self._rows: Rows = []
        self._undo: tuple[Rows, Household | None] | None = None
        self._filling = False
        self.table = TableEditor(columns_for(session.universe, household), label="Your accounts", advice=ADVICE)
        self.as_of = w.DatePicker(value=dt.date.today(), description="Prices of", style={"description_width": "70px"})
        self.upload = UploadButton("Upload a file", self._uploaded, accept=SUFFIXES, most_bytes=LARGEST_FILE_BYTES)
        self.undo = w.Button(description="Undo the upload", icon="undo", layout={"display": "none"})
        self.statement = StatementForm(self._take)
        self.problem, self.rules = w.HTML(), w.HTML()
        self.taxes, self.may_hold = TaxesPanel(session, self.change), MayHoldPanel(session, self.change)
        self.folds = w.Accordion([self.taxes, self.may_hold], titles=(TAXES_TITLE, MAY_HOLD_TITLE))
        self.view = HouseholdView(session)
        self.location = LocationPanel(session)
        super().__init__(session, [self.view.summary, self._editing(), self.view, self.location])
        dlink((self, "showing"), (self.location, "showing"))
        self.add_class("pl-stack")
        self.table.observe(lambda _: self._typed(), "rows")
        self.as_of.observe(lambda _: self._read(), "value")
        self.undo.on_click(lambda _: self._put_back())
        self.folds.observe(lambda _: self._open_fold(), "selected_index")
        self.follow(["scenario", "plan"], self._show)

    def _editing(self) -> Any:
        files = w.HBox(
            [
                self.as_of,
                self.upload,
                DownloadButton("Accounts (CSV)", self._csv, filename="accounts.csv", mime=Mime.CSV),
                DownloadButton(
                    "Example to fill in (CSV)", EXAMPLE_FILE.read_bytes, filename="example.csv", mime=Mime.CSV
                ),
                self.undo,
            ]
        )
        files.add_class("pl-row")
        files.add_class("pl-files")
        card = w.VBox(
            [
                w.HTML(tables.heading("Your accounts", MEANING)),
                files,
                self.statement,
                self.problem,
                self.table,
                self.rules,
                self.folds,
            ]
        )
        card.add_class("pl-card")
        return card

    def change(self, **fields: Any) -> str:
        """Change fields of the household; returns what is wrong with that, in words, and nothing where it is done."""
        if self.session.scenario.household is None:
            return "There are no accounts yet."
        try:
            household = self.session.scenario.household.with_changes(**fields)
            Holdings(household, self.session.universe)
        except InputError as error:
            return str(error)
        return self._keep(household)

    def _keep(self, household: Household | None) -> str:
        self._shown = self._base = household
        self.session.change(household=household)
        return str(self.session.problem)

    def _show(self) -> None:
        """Show the session's household; the table only where somebody else changed it."""
        household = self.session.scenario.household
        if household is not self._shown or not self.table.rows:
            self._shown = self._base = household
            self._fill(rows_of(household) if household else [], household.as_of if household else None)
        rules = rules_in_words(household, self.session.universe) if household else []
        self.rules.value = tables.muted(" ".join(rules))
        self._open_fold()
        self.view.show()

    def _open_fold(self) -> None:
        if self.folds.selected_index is not None:
            self.folds.children[self.folds.selected_index].render()

    def _fill(self, rows: Rows, as_of: dt.date | None = None) -> None:
        self._filling = True
        try:
            self.table.show(rows or [[""] * len(NAMES)])
            self._rows = [list(row) for row in self.table.rows]
            if as_of is not None:
                self.as_of.value = as_of
            self.problem.value = ""
        finally:
            self._filling = False

    def _typed(self) -> None:
        if self._filling:
            return
        done = completed(self.table.rows, self._rows, self._base)
        self._filling = True
        try:
            self.table.rows = done
        finally:
            self._filling = False
        self._rows = done
        self._read()

    def _read(self) -> None:
        """Make the household anew from the table, or say what is wrong with it."""
        if self._filling:
            return
        as_of = self.as_of.value
        if as_of is None:
            self.problem.value = tables.blockers(["Say which day the prices are of."])
            return
        found = self._found(as_of)
        if isinstance(found, tuple):
            self.table.show_errors(found)
            self.problem.value = tables.muted(NOT_READ) if self.session.scenario.household else ""
            return
        self.table.show_errors([])
        self.problem.value = tables.blockers(filter(None, [self._keep(found)]))

    def _found(self, as_of: dt.date) -> Household | tuple[CellError, ...] | None:
        if self.table.editable or self._base is None:
            return household_of(self.table.rows, as_of, self._base, self.session.universe)
        try:
            household = self._base.with_changes(as_of=as_of)
            Holdings(household, self.session.universe)
        except InputError as error:
            return (CellError(str(error)),)
        return household

    def _uploaded(self, name: str, content: bytes) -> None:
        before: Household | None = self.session.scenario.household
        self.statement.close_form()
        if name.lower().endswith(OFX_SUFFIXES):
            self.statement.ask(name, content, before)
            return
        taxes = None if before is None else before.taxes
        try:
            household = read_accounts(content, as_of=self.as_of.value or dt.date.today(), taxes=taxes)
        except Exception as error:  # noqa: BLE001 - whatever is in the file, the page says a sentence and stays alive
            said = sentence_for(error).removeprefix("The file: ")
            self.problem.value = account_tables.problem_list(f"{name}: {said}")
            return
        self._take(household)

    def _take(self, household: Household) -> None:
        """Put another household into the table, and into the session where all of it is known."""
        before = self.session.scenario.household
        self._undo = (self._rows if self.table.editable else rows_of(before), before)
        self.undo.layout.display = None
        self._base = household
        self._fill(rows_of(household), household.as_of)
        try:
            Holdings(household, self.session.universe)
        except InputError:
            self._read()  # and say what is missing beside the cells
        else:
            self.problem.value = tables.blockers(filter(None, [self._keep(household)]))

    def _put_back(self) -> None:
        if self._undo is None:
            return
        rows, household = self._undo
        self._undo = None
        self.undo.layout.display = "none"
        self._keep(household)
        self._fill(rows, household.as_of if household else None)
        self._read()

    def _csv(self) -> str:
        if self.session.scenario.household is None:
            raise InputError("There are no accounts to save yet.")
        return accounts_csv(self.session.scenario.household)
