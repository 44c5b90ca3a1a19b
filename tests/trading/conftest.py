"""Small households for the tests of trading."""

from __future__ import annotations

import pytest
from small_households import account, household, lot

from planner.household.accounts import AccountKind, Household


@pytest.fixture
def two_accounts() -> Household:
    """All equities: 10,000 in a taxable account with a long-term gain, and 10,000 in an IRA."""
    return household(
        account(AccountKind.TAXABLE, lot("VTI", 100, 40.0)),
        account(AccountKind.TRADITIONAL_IRA, lot("VTI", 100)),
    )
