"""What more or less crypto would do to the same mix, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as w

from planner.market.universe import CRYPTO
from widgets import tables
from widgets.charts import STEPS

if TYPE_CHECKING:
    from planner.planning import Plan

ALL_CRYPTO = "<p>Crypto is all there is: nothing else is left to compare with.</p>"


class CryptoSteps(w.VBox):  # type: ignore[misc]
    """A card with the plan's mix at each of the shares of crypto that every plan is held against."""

    def __init__(self) -> None:
        self.table = w.HTML()
        super().__init__([w.HTML(tables.heading("With more or less crypto")), self.table])
        self.add_class("pl-card")

    def show(self, plan: Plan) -> None:
        """Work the table out anew."""
        from planner.outlook.crypto_steps import crypto_steps

        held = plan.class_weights[CRYPTO]
        if held >= 1:
            self.table.value = ALL_CRYPTO
            return
        shares = sorted({*STEPS, held})
        self.table.value = tables.step_table(crypto_steps(plan.class_weights, shares, plan.market), held)
