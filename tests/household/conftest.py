from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def figures() -> dict[str, Any]:
    """A family of four at 40, as its document would hold it."""
    return {
        "age": 40,
        "horizon_years": 15,
        "net_worth": 500_000,
        "liquid_assets": 120_000,
        "yearly_income": 100_000,
        "yearly_spending": 80_000,
        "income_stability": "secure",
        "obligations": 500_000,
        "dependents": 2,
        "tolerance": {
            "sells_at": "-50 %",
            "loses_sleep_at": "-10 %",
            "reaction": "hold",
            "experience": "one fall",
            "spread": "-6 to +12 %",
        },
    }
