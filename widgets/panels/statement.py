"""What an OFX statement does not say: whose account it is, and of which kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as w

from planner.household.accounts import AccountKind
from widgets import account_tables, tables
from widgets.runner import sentence_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.household.accounts import Household

STYLE = {"description_width": "90px"}
LAYOUT = {"width": "340px", "max_width": "100%"}
NEW = ""
"""No account has this name."""
LONGEST = 200
"""Letters of an account's name that leave room for a word behind it."""
ASKED = "{name} is a statement of one account. Which one is it?"


class StatementForm(w.VBox):  # type: ignore[misc]
    """Asks for the account of a statement, reads it, and gives ``take`` the household with that account in it."""

    def __init__(self, take: Callable[[Household], None]) -> None:
        self._take = take
        self._name, self._content = "", b""
        self._household: Household | None = None
        self.asked, self.said = w.HTML(), w.HTML()
        self.account = w.Dropdown(description="Account", style=STYLE, layout=LAYOUT)
        self.kind = w.Dropdown(
            options=[(str(kind), kind) for kind in AccountKind],
            value=AccountKind.TAXABLE,
            description="Kind",
            style=STYLE,
            layout=LAYOUT,
        )
        self.owner = w.Text(description="Owner", style=STYLE, layout=LAYOUT)
        self.read = w.Button(description="Read the statement", button_style="primary", layout={"width": "auto"})
        self.leave = w.Button(description="Leave it", layout={"width": "auto"})
        buttons = w.HBox([self.read, self.leave])
        buttons.add_class("pl-row")
        self._form = w.VBox([self.asked, self.account, self.kind, self.owner, buttons])
        super().__init__([self._form, self.said])
        self._form.layout.display = "none"
        self.account.observe(lambda _: self._chosen(), "value")
        self.read.on_click(lambda _: self._read())
        self.leave.on_click(lambda _: self.close_form())

    def ask(self, name: str, content: bytes, household: Household | None) -> None:
        """Ask about a file; ``household`` is what it is added to."""
        self._name, self._content, self._household = name, content, household
        self.asked.value = tables.text(ASKED.format(name=name))
        known = [account.name for account in household.accounts] if household else []
        self.account.options = [("A new account", NEW), *((name, name) for name in known)]
        self.account.value = NEW
        self.said.value = ""
        self._form.layout.display = None

    def _chosen(self) -> None:
        for control in (self.kind, self.owner):
            control.layout.display = None if self.account.value == NEW else "none"

    def close_form(self) -> None:
        """Ask no longer, and forget the file."""
        self._content, self.said.value = b"", ""
        self._form.layout.display = "none"

    def _read(self) -> None:
        try:
            household, notes = self._with_the_account()
        except Exception as error:  # noqa: BLE001 - whatever is in the file, the page says a sentence and stays alive
            said = sentence_for(error).removeprefix("The file: ")
            self.said.value = account_tables.problem_list(f"{self._name}: {said}")
            return
        self.close_form()
        self.said.value = "".join(map(account_tables.note, notes))
        self._take(household)

    def _with_the_account(self) -> tuple[Household, tuple[str, ...]]:
        from planner.household.ofx import read_ofx

        before, name = self._household, self.account.value
        series = {symbol: asset.series for symbol, asset in before.asset_of.items()} if before else {}
        if before is None or name == NEW:
            found = read_ofx(self._content, self.kind.value, self.owner.value, series=series)
            return before.joined(found.household) if before else found.household, found.notes
        known = before.account(name)
        found = read_ofx(self._content, known.kind, known.owner, name=name, series=series)
        read = found.household.accounts[0].with_changes(may_hold=known.may_hold)
        beside = found.household.with_changes(accounts=(read.with_changes(name=f"{name[:LONGEST]} (statement)"),))
        sales = tuple(sale for sale in before.sales if sale.account != name)
        joined = before.with_changes(sales=sales).joined(beside)
        accounts = tuple(read if account is known else account for account in before.accounts)
        return joined.with_changes(accounts=accounts), found.notes
