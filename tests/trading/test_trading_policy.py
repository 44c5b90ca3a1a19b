from __future__ import annotations

import pytest

from planner import InputError, TradingPolicy


def test_the_most_particular_cost_counts():
    policy = TradingPolicy(cost=0.001, costs={"crypto": 0.01, "ether": 0.02, "BTC": 0.005})
    assert policy.rate("BTC", "bitcoin", "crypto") == 0.005
    assert policy.rate("WBTC", "bitcoin", "crypto") == 0.01
    assert policy.rate("ETH", "ether", "crypto") == 0.02
    assert policy.rate("VTI", "us_equity", "equities") == 0.001


@pytest.mark.parametrize("costs", [{"crypto": -0.01}, {"crypto": 0.5}, {"crypto": float("nan")}, {"crypto": "much"}])
def test_impossible_costs_are_refused_in_words(costs):
    with pytest.raises(InputError, match="costs by asset"):
        TradingPolicy(costs=costs)
