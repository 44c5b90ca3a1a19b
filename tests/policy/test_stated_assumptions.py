from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner import EXAMPLE, InputError, plan
from planner.market.market import built_in_market
from planner.market.portfolio import Portfolio
from planner.policy.barbell import barbell
from planner.policy.stated_assumptions import StatedAssumptions
from planner.policy.stated_market import with_stated

MARKET = built_in_market()
CLASSES = st.sampled_from(MARKET.universe.class_names)


def of_class(market, name):
    return Portfolio.of(market.assumptions, market.universe.split({name: 1.0}))


@given(st.dictionaries(CLASSES, st.floats(-0.3, 0.5), min_size=1), st.dictionaries(CLASSES, st.floats(0.01, 2)))
def test_each_class_has_what_was_stated_and_correlations_stay(returns, volatilities):
    found = with_stated(MARKET, StatedAssumptions(expected_returns=returns, volatilities=volatilities))
    for name, wanted in returns.items():
        assert of_class(found, name).expected_return == pytest.approx(wanted, abs=1e-12)
    for name in MARKET.universe.class_names:
        wanted = volatilities.get(name, of_class(MARKET, name).volatility)
        assert of_class(found, name).volatility == pytest.approx(wanted, rel=1e-9)
    np.testing.assert_allclose(found.assumptions.correlation, MARKET.assumptions.correlation, atol=1e-9)


def test_another_risk_free_rate_moves_every_return_and_no_premium():
    found = with_stated(MARKET, StatedAssumptions(risk_free=0.01)).assumptions
    np.testing.assert_allclose(found.mu - 0.01, MARKET.assumptions.mu - MARKET.assumptions.risk_free, atol=1e-15)


def test_the_months_that_may_happen_have_the_stated_mean():
    found = with_stated(MARKET, StatedAssumptions(expected_returns={"equities": 0.03}, volatilities={"crypto": 0.5}))
    np.testing.assert_allclose(12 * found.assumptions.draws.mean(axis=0), found.assumptions.mu, atol=1e-12)


def test_a_plan_says_and_uses_what_is_assumed():
    stated = StatedAssumptions(expected_returns={"crypto": 0.0}, volatilities={"crypto": 1.2})
    made = plan(EXAMPLE.with_changes(assumptions=stated))
    assert made.class_returns.loc["crypto", "prior"] == pytest.approx(0)
    assert made.shown.expected_return < plan(EXAMPLE).shown.expected_return
    assert "Crypto have a volatility of 120 % a year." in made.market.assumptions.notes
    assert made.fingerprint == plan(EXAMPLE).fingerprint, "the market that was given is the same"


def test_they_stand_over_a_sleeve_and_over_each_other():
    stated = StatedAssumptions(expected_returns={"crypto": 0.02})
    made = plan(EXAMPLE.with_changes(assumptions=stated, sleeve=barbell()))
    assert "growth" in made.market.universe.series_names
    assert of_class(made.prior, "crypto").expected_return == pytest.approx(0.02)
    again = plan(EXAMPLE.with_changes(assumptions=StatedAssumptions(risk_free=0.02), sleeve=barbell()), made.prior)
    assert of_class(again.prior, "crypto").expected_return > 0.05


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "state nothing"),
        ({"risk_free": 4.0}, "Risk-free rate is 4"),
        ({"volatilities": {"crypto": 0.0}}, "more than 0"),
        ({"expected_returns": {"crypto": float("nan")}}, "is nan"),
    ],
)
def test_what_cannot_be_assumed(fields, said):
    with pytest.raises(InputError, match=said):
        StatedAssumptions(**fields)


def test_an_unknown_class_is_named():
    with pytest.raises(InputError, match="'wine'"):
        with_stated(MARKET, StatedAssumptions(expected_returns={"wine": 0.05}))
