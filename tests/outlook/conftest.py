from __future__ import annotations

import pytest

from planner.market.market import Market, built_in_market


@pytest.fixture(scope="session")
def market() -> Market:
    return built_in_market()
