"""The least-cost rebalancing, compiled once and solved at any price of tracking: what is traded, and how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner.trading.stage_program import Stage, StageProgram

if TYPE_CHECKING:
    from planner.trading.tradable import Tradable
    from planner.trading.trades import Aim, Flows, Trades

MOST_PIECES = 400
"""Pieces among which the search chooses. Of more, neighbours in gain are merged while it chooses what is traded at all;
how much of each lot is always exact. Ours."""

MOST_UNITS = 12
"""Orders in whole units that are searched together with everything else. Of more, what is traded at all is chosen as if
units could be split, and units are chosen afterwards, among those next to the amounts so found. Ours."""


class RebalancingProgram:
    """Least tax, costs and dollars left outside the destination, over what may be sold and bought.

    Minimise ``added tax + costs + tracking price x left`` with ``left`` half the sum of the distances of the classes to
    their intervals. Added tax is at least 0: a rebalancing does not trade to save taxes. It is exact but for gains on
    collectibles, which cost their extra rate at the margin. A mixed-integer program chooses what is traded at all, to
    within ``GAP``; a linear one then says how much.
    """

    def __init__(self, trades: Tradable, flows: Flows, aim: Aim) -> None:
        task = trades, flows, aim
        self._afterwards = trades.orders_in_units > MOST_UNITS
        self._choice = StageProgram(*task, trades.pieces.merged(MOST_PIECES), Stage.CHOICE, units=not self._afterwards)
        self._amounts = StageProgram(*task, trades.pieces, Stage.AMOUNTS, units=not self._afterwards)
        self._units = StageProgram(*task, trades.pieces, Stage.UNITS, units=True) if self._afterwards else None

    def solve(self, tracking_price: float) -> Trades:
        """The best trades at a price of tracking."""
        self._choice.solve(tracking_price)
        for chosen, fixed in zip(self._choice.switches, self._amounts.switches, strict=True):
            fixed.value = np.round(chosen.value)
        self._amounts.solve(tracking_price)
        if self._units is None:
            return self._amounts.trades()
        self._units.stay_near(self._amounts)
        self._units.solve(tracking_price)
        return self._units.trades()
