"""Rules of thumb for asset location, stated as prices for the same program."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from planner.market.universe import TaxCharacter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from planner.market.universe import Universe

    Numbers = NDArray[np.float64]


class Placement(StrEnum):
    """The placements that are compared."""

    OPTIMAL = "optimal"
    TODAY = "today"
    PRO_RATA = "pro rata"
    BONDS_FIRST = "bonds first"
    STOCKS_FIRST = "stocks first"


RULES_OF_THUMB = (Placement.PRO_RATA, Placement.BONDS_FIRST, Placement.STOCKS_FIRST)
"""Pro rata: every account holds the household's mix as nearly as it may. Bonds first: the accounts that are not taxed
every year are filled with what pays interest, then with REITs, then with all else, last with stocks. Stocks first: the
reverse."""

RULE_PRICE = 100.0
"""Dollars a year for each dollar that is not where the rule wants it: far above any tax or cost, which only choose
among placements that follow the rule equally well."""

_BONDS_FIRST = {
    TaxCharacter.ORDINARY_INTEREST: 3.0,
    TaxCharacter.REIT_DIVIDENDS: 2.0,
    TaxCharacter.QUALIFIED_DIVIDENDS: 0.0,
}


def rule_prices(rule: Placement, universe: Universe, taxable: NDArray[np.bool_]) -> Numbers:
    """Price of a dollar by series (row) and account (column): the sooner out of taxable accounts, the dearer there."""
    rank = np.array([_BONDS_FIRST.get(member.tax, 1.0) for each in universe.classes for member in each.series])
    match rule:
        case Placement.BONDS_FIRST:
            return RULE_PRICE * np.outer(rank, taxable)
        case Placement.STOCKS_FIRST:
            return RULE_PRICE * np.outer(3.0 - rank, taxable)
        case _:
            return np.zeros((len(rank), len(taxable)))
