"""Losses that can be taken now: what each saves, what it costs later, and what has to wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as w

from planner.trading.harvest import harvest
from planner.wording import money
from widgets import account_tables, tables, trade_tables

if TYPE_CHECKING:
    from planner.trading.harvest import Harvest
    from planner.trading.rebalance import Rebalancing
    from planner.trading.trading_policy import TradingPolicy

MEANING = (
    "Lots that stand at a loss once the orders above are carried out. Selling one sets its loss against gains, and a "
    "part against other income; something like it is bought the same day, at a lower basis that is taxed later."
)


class HarvestPanel(w.VBox):  # type: ignore[misc]
    """The lots with losses; filled by ``show``."""

    def __init__(self) -> None:
        self.figures, self.table, self.notes = w.HTML(), w.HTML(), w.HTML()
        title = tables.heading("Losses to harvest", MEANING)
        super().__init__([w.HTML(title), self.figures, self.table, self.notes])
        self.add_class("pl-card")

    def show(self, made: Rebalancing | None, policy: TradingPolicy, otherwise: str) -> None:
        """Show the losses that are left after the orders, or say why there are none to show."""
        if made is None:
            self.figures.value = self.notes.value = ""
            self.table.value = account_tables.note(otherwise)
            return
        found = harvest(made.after.household, made.after.universe, policy=policy)
        self.figures.value = account_tables.figure_cells(_figures(found)) if found.orders else ""
        self.table.value = trade_tables.losses(found.losses) if found.losses else ""
        said = {one.reason for one in found.losses}
        self.notes.value = trade_tables.sentences(note for note in found.notes if note not in said)


def _figures(found: Harvest) -> list[tuple[str, str, str]]:
    return [
        ("Saves now", money(found.saved), "Off this year's tax."),
        ("Carried on", money(found.carried), "Losses for later years."),
        ("Costs later", money(found.later), "Tax on the lower basis, at today's long-term rate."),
        ("Costs of the trades", money(found.cost), "Selling and buying the replacement."),
    ]
