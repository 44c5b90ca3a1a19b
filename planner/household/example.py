"""A worked household of four accounts, from a file that is also the template to fill in."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.household.accounts import Household

EXAMPLE_FILE = Path(__file__).parent / "data" / "example_accounts.csv"
EXAMPLE_DAY = dt.date(2025, 9, 30)
EXAMPLE_STATE_RATE = 0.05
"""Ours, as all of the example is: real funds and coins at round prices near those of its day."""


@cache
def example_household() -> Household:
    """A couple with a 401(k), a traditional and a Roth IRA, and a joint brokerage account: $250,000 on 2025-09-30.

    Crypto has grown to twice the worked example's 5 % (domain.md section 3), nearly all of it in long-term gains. Bonds
    in the brokerage account stand at a loss that a sale could not use, because the IRA bought the same ones that month.
    Income is that of the example scenario.
    """
    from planner.household.reading_accounts import read_accounts
    from planner.household.tax_situation import FilingStatus, TaxSituation

    taxes = TaxSituation(filing=FilingStatus.MARRIED_JOINTLY, income=120_000.0, state_rate=EXAMPLE_STATE_RATE)
    return read_accounts(EXAMPLE_FILE, as_of=EXAMPLE_DAY, taxes=taxes)
