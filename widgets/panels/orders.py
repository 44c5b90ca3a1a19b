"""The orders: a table that opens row by row, what they come to, and the files for the broker and the tax return."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as w

from planner.errors import InputError
from planner.trading.realised_gains import realised_gains
from planner.trading.tracing import trace
from widgets import account_tables, tables, trade_tables
from widgets.download import DownloadButton, Mime

if TYPE_CHECKING:
    from planner.trading.rebalance import Rebalancing

OPEN_A_ROW = (
    "Open a row to see its lot, how long that was held, and what gain, rate and tax are made of. Each tax is at the "
    "rate on the next dollar; what the year's tax changes by, with losses set against gains, stands in the card above."
)
NOT_DUE = "Nothing to do: no trades are due by your rule, and no money comes in or goes out."
NOT_WORTH_IT = (
    "Nothing to do: the targets are met, or to come nearer would cost more than the price of tracking, or each trade "
    "would be smaller than your smallest."
)
SEEKING = "Finding the trades …"
NOTHING_TO_SAVE = "There are no orders to save: what stands in their place says why."


class OrdersPanel(w.VBox):  # type: ignore[misc]
    """What to buy and sell; filled by ``show``."""

    def __init__(self) -> None:
        self._made: Rebalancing | None = None
        self.meaning, self.table, self.notes = w.HTML(), w.HTML(), w.HTML()
        self.files = w.HBox(
            [
                DownloadButton("Orders (CSV)", self.orders_csv, filename="orders.csv", mime=Mime.CSV),
                DownloadButton("Realised gains (CSV)", self.gains_csv, filename="realised-gains.csv", mime=Mime.CSV),
            ]
        )
        self.files.add_class("pl-row")
        super().__init__([w.HTML(tables.heading("Orders")), self.meaning, self.table, self.notes, self.files])
        self.add_class("pl-card")
        self.show(None, SEEKING)

    def show(self, made: Rebalancing | None, otherwise: str) -> None:
        """Show the orders of a rebalancing, or say why there are none."""
        self._made = made
        self.files.layout.display = None if made is not None else "none"
        if made is None:
            self.meaning.value = self.notes.value = ""
            self.table.value = account_tables.note(otherwise)
            return
        self.meaning.value = tables.muted(OPEN_A_ROW) if made.orders else ""
        self.table.value = self._table(made)
        said = {*made.decision.reasons}  # beside the rule
        notes = made.notes if made.decision.due or made.flows else ()  # else the table says it
        self.notes.value = trade_tables.sentences(note for note in notes if note not in said)

    def _table(self, made: Rebalancing) -> str:
        if not made.orders:
            return account_tables.note(NOT_WORTH_IT if made.decision.due or made.flows else NOT_DUE)
        assets = made.before.household.asset_of
        return trade_tables.orders(made.orders, lambda symbol: assets[symbol].label, lambda order: trace(order, made))

    def orders_csv(self) -> str:
        """The orders, one line each."""
        return self._shown().to_csv()

    def gains_csv(self) -> str:
        """The sales of the year as the tax return wants them, those of the orders among them."""
        after = self._shown().after
        return realised_gains(after.household, after.as_of.year, universe=after.universe).to_csv()

    def _shown(self) -> Rebalancing:
        if self._made is None:
            raise InputError(NOTHING_TO_SAVE)
        return self._made
