"""What decides taxes and trades besides the lots: the tax situation, and what each account may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as w

from planner.errors import InputError
from planner.household.tax_situation import HIGHEST_STATE_RATE, MOST_INCOME, FilingStatus, TaxSituation
from planner.market.universe import CASH
from widgets import tables
from widgets.table_editor import YES, CellError, Column, ColumnKind, TableEditor

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.household.accounts import Account, Household
    from planner.market.universe import Universe
    from widgets.session import Session

STYLE = {"description_width": "230px"}
LAYOUT = {"width": "440px", "max_width": "100%"}
MONEY_FIELDS = (
    ("income", "Income taxed at ordinary rates"),
    ("investment_income", "of which interest and dividends"),
    ("short_loss_carried", "Short-term loss carried forward"),
    ("long_loss_carried", "Long-term loss carried forward"),
)
RETIREMENT_RATE = 0.20
"""Where somebody expects another rate than today's, a rate to start from. Ours."""

TAXES_TITLE, MAY_HOLD_TITLE = "Your taxes", "What each account may hold"
TAXES_MEANING = (
    "Federal tax by the tables for the year of the prices, a state's as one flat rate. Income is before deductions."
)
MAY_HOLD_MEANING = (
    "Untick what a custodian does not offer; cash is always allowed. What is held against the rule may be sold and not "
    "bought. Single series and assets can be allowed by name, with semicolons between them."
)
BY_NAME = "names"


class TaxesPanel(w.VBox):  # type: ignore[misc]
    """Filing status, income, rates and carried losses; built by ``render`` when first seen."""

    def __init__(self, session: Session, change: Callable[..., str]) -> None:
        super().__init__()
        self.session, self._change = session, change
        self._rendered, self._showing = False, False

    def render(self) -> None:
        """Build the controls, once, and show what the household says."""
        if not self._rendered:
            self._rendered = True
            self._build()
        self.show()

    def _build(self) -> None:
        self.filing = w.Dropdown(
            options=[(str(status).capitalize(), status) for status in FilingStatus],
            description="Filing status",
            style=STYLE,
            layout=LAYOUT,
        )
        self.money = {
            name: w.BoundedFloatText(
                0, min=0, max=MOST_INCOME, step=1000, description=label, style=STYLE, layout=LAYOUT
            )
            for name, label in MONEY_FIELDS
        }
        self.state_rate = w.BoundedFloatText(
            0, min=0, max=100 * HIGHEST_STATE_RATE, step=0.1, description="State tax, %", style=STYLE, layout=LAYOUT
        )
        self.other_rate = w.Checkbox(False, indent=False, description="Expect another tax rate in retirement")
        self.retirement_rate = w.BoundedFloatText(
            100 * RETIREMENT_RATE,
            min=0,
            max=100,
            step=1,
            description="Tax rate in retirement, %",
            style=STYLE,
            layout=LAYOUT,
        )
        self.problem = w.HTML()
        controls = [self.filing, *self.money.values(), self.state_rate, self.other_rate, self.retirement_rate]
        for control in controls:
            control.observe(lambda _: self._changed(), "value")
        self.children = [w.HTML(tables.muted(TAXES_MEANING)), *controls, self.problem]

    def show(self) -> None:
        """Show the household's taxes, where the controls have been built."""
        household = self.session.scenario.household
        if not self._rendered or household is None:
            return
        taxes, rate = household.taxes, household.taxes.retirement_rate
        self._showing = True
        try:
            self.filing.value = taxes.filing
            for name, control in self.money.items():
                control.value = getattr(taxes, name)
            self.state_rate.value = round(100 * taxes.state_rate, 6)
            self.other_rate.value = rate is not None
            if rate is not None:
                self.retirement_rate.value = round(100 * rate, 6)
        finally:
            self._showing = False
        self.retirement_rate.layout.display = None if self.other_rate.value else "none"

    def _changed(self) -> None:
        if self._showing:
            return
        self.retirement_rate.layout.display = None if self.other_rate.value else "none"
        self.problem.value = ""
        try:
            taxes = TaxSituation(
                filing=self.filing.value,
                state_rate=self.state_rate.value / 100,
                retirement_rate=self.retirement_rate.value / 100 if self.other_rate.value else None,
                **{name: control.value for name, control in self.money.items()},
            )
        except InputError as error:
            self.problem.value = tables.blockers([str(error)])
        else:
            self.problem.value = tables.blockers(filter(None, [self._change(taxes=taxes)]))


class MayHoldPanel(w.VBox):  # type: ignore[misc]
    """A tick for each class that each account may hold, and names for single assets; built by ``render``."""

    def __init__(self, session: Session, change: Callable[..., str]) -> None:
        super().__init__()
        self.session, self._change = session, change
        self._rendered = False

    def render(self) -> None:
        """Build the table, once, and show what the household says."""
        if not self._rendered:
            self._rendered = True
            classes = [self.session.universe[name] for name in _classes(self.session.universe)]
            columns = [
                Column("account", "Account", ColumnKind.FIXED),
                *(Column(entry.name, entry.label, ColumnKind.FLAG) for entry in classes),
                Column(BY_NAME, "Only by name"),
            ]
            self.table = TableEditor(columns, label=MAY_HOLD_TITLE, growing=False)
            self.table.observe(lambda _: self._changed(), "rows")
            self.children = (w.HTML(tables.muted(MAY_HOLD_MEANING)), self.table)
        self.show()

    def show(self) -> None:
        """Show the household's rules, where the table has been built."""
        household = self.session.scenario.household
        if not self._rendered or household is None:
            return
        rows = [_rule_row(account, self.session.universe) for account in household.accounts]
        if rows != self.table.rows and not self.table.errors:
            self.table.show(rows)

    def _changed(self) -> None:
        household: Household | None = self.session.scenario.household
        rows = self.table.rows
        if household is None or [row[0] for row in rows] != [account.name for account in household.accounts]:
            return
        accounts = []
        for account, row in zip(household.accounts, rows, strict=True):
            rule = _rule(row, self.session.universe)
            accounts.append(account if rule == account.may_hold else account.with_changes(may_hold=rule))
        problem = self._change(accounts=tuple(accounts))
        self.table.show_errors([CellError(problem)] if problem else [])


def _classes(universe: Universe) -> list[str]:
    """The classes that an account may be barred from: cash it always holds."""
    return [name for name in universe.class_names if name != CASH]


def _rule_row(account: Account, universe: Universe) -> list[str]:
    allowed = account.may_hold
    classes = _classes(universe)
    flags = [YES if allowed is None or name in allowed else "" for name in classes]
    names = [] if allowed is None else [name for name in allowed if name not in classes]
    return [account.name, *flags, "; ".join(names)]


def _rule(row: list[str], universe: Universe) -> tuple[str, ...] | None:
    """What an account may hold, by the ticks and names of its row; None is everything."""
    classes = _classes(universe)
    ticked = tuple(name for name, flag in zip(classes, row[1:-1], strict=True) if flag == YES)
    named = tuple(name for part in row[-1].split(";") if (name := part.strip()) and name not in ticked)
    return None if len(ticked) == len(classes) and not named else (*ticked, *named)


def rules_in_words(household: Household, universe: Universe) -> list[str]:
    """A sentence for each account that may not hold everything."""
    sentences = []
    for account in household.accounts:
        if account.may_hold is None:
            continue
        labels = {entry.name: entry.label.lower() for entry in universe.classes}
        listed = ", ".join(labels.get(name, name) for name in account.may_hold) or "nothing"
        sentences.append(f"{account.name} may hold only {listed}.")
    return sentences
