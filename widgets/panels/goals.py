"""The goals: typed into a table, with the chance of each."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import ipywidgets as w

from planner.wording import money, percent
from widgets import tables
from widgets.goal_rows import BLANK, COLUMNS, goals_of, rows_of
from widgets.table_editor import CellError, TableEditor

if TYPE_CHECKING:
    from planner.outlook.projection import Projection
    from widgets.session import Session

MEANING = (
    "Amounts are in today's money, after taxes. A goal that comes first keeps its money when others are due before. "
    "One that is not paid out is only looked at."
)
HEADS = ("goal", "due", "amount", "in that day's money", "chance", "± points", "lacking where missed")


class GoalsPanel(w.VBox):  # type: ignore[misc]
    """A table of goals that go into the scenario, and below it what the projection makes of them."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._filling = False
        self.table = TableEditor(COLUMNS, label="Your goals")
        self.chances, self.problem = w.HTML(), w.HTML()
        self.table.observe(lambda _: self._typed(), "rows")
        super().__init__([w.HTML(tables.heading("Goals", MEANING)), self.table, self.problem, self.chances])
        self.add_class("pl-card")
        self.follow()

    def follow(self) -> None:
        """Show the scenario's goals, where the table does not say them already."""
        if goals_of(self.table.rows) != self.session.scenario.goals or not self.table.rows:
            self._filling = True
            try:
                self.table.show(rows_of(self.session.scenario.goals))
            finally:
                self._filling = False

    def show(self, made: Projection) -> None:
        """Show the chance of each goal."""
        self.problem.value = ""
        self.chances.value = _chances(made)

    def refuse(self, sentence: str) -> None:
        """Say why there is no projection for these goals."""
        self.problem.value, self.chances.value = tables.blockers([sentence]), ""

    def _typed(self) -> None:
        if self._filling:
            return
        if not self.table.rows:
            self.table.rows = [list(BLANK)]
        found = goals_of(self.table.rows)
        errors = [one for one in found if isinstance(one, CellError)]
        self.table.show_errors(errors)
        if not errors and found != self.session.scenario.goals:
            self.session.change(goals=found)


def _chances(made: Projection) -> str:
    if made.goal_table.empty:
        return ""
    heads = "".join(f"<th scope='col'>{head}</th>" for head in HEADS)
    rows = []
    for name, row in made.goal_table.iterrows():
        cells = (
            f"{row['due']:%B %Y}",
            money(row["amount"]),
            money(row["amount_then"]),
            f"<b>{percent(row['probability'])}</b>",
            f"{200 * row['standard_error']:.1f}",
            money(row["shortfall"]) if row["shortfall"] > 0 else "–",
        )
        rows.append(f"<tr><th scope='row'>{escape(str(name))}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    return (
        "<div class='pl-scroll' tabindex='0' role='region' aria-label='Chances of the goals'><table class='pl-table'>"
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )
