"""What a rebalancing is asked for, and what it answers, in dollars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from planner.household.tax_situation import TaxSituation
    from planner.household.taxes import Gains

    Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Flows:
    """Money put in (positive) and taken out: ``fixed`` by account, and ``free``, spread over the taxable accounts."""

    fixed: Numbers
    free: float = 0.0

    @property
    def total(self) -> float:
        """All of it."""
        return float(self.fixed.sum()) + self.free


@dataclass(frozen=True, eq=False)
class Aim:
    """Where trades should lead: ``lower`` and ``upper`` weight of each class, and whether rebalancing is due.

    ``situation`` is the household's with the income of this year's withdrawals, ``earlier`` the year's gains so far.
    """

    lower: Numbers
    upper: Numbers
    due: bool
    situation: TaxSituation
    earlier: Gains
    year: int


@dataclass(frozen=True, eq=False)
class Trades:
    """Dollars: ``sold`` of each piece, ``bought`` of each candidate, ``flows`` by account.

    ``objective`` is what the program says that they cost, with what is left outside the destination.
    """

    sold: Numbers
    bought: Numbers
    flows: Numbers
    objective: float
