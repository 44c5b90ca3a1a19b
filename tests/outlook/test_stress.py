from __future__ import annotations

import numpy as np
import pytest

from planner import EXAMPLE, InputError
from planner.outlook.stress import BOND_DURATION, EPISODES, RATES, Episode, episode, shock, weights_of
from planner.trading.holdings import Holdings


@pytest.fixture(scope="module")
def weights(market):
    return market.universe.split(EXAMPLE.targets.weights)


@pytest.mark.parametrize(("held", "fall", "loss"), [(0.05, 0.5, 0.025), (0.10, 0.8, 0.08), (0.03, 1.0, 0.03)])
def test_a_fall_of_crypto_alone_costs_the_holding_times_the_fall(market, held, fall, loss):
    mix = market.universe.split({"equities": 1 - held, "crypto": held})
    after = shock(mix, market, {"crypto": -fall}, amount=250_000)
    assert after.change == pytest.approx(-loss, abs=1e-15)
    assert after.table.loc["crypto", "amount"] == pytest.approx(-loss * 250_000)
    assert after.table.loc["equities", "change"] == 0


def test_the_sentence_says_percent_and_money(market, weights):
    after = shock(weights, market, {"crypto": -0.5}, amount=250_000, name="A halving of crypto")
    assert after.sentence == "A halving of crypto costs the portfolio 2.5 %, $6,250."


def test_a_shock_that_travels_moves_the_rest_by_its_regression_on_what_is_shocked(market, weights):
    """Against the slope of an ordinary regression, drawn from the same covariance."""
    after = shock(weights, market, {"bitcoin": -0.5}, travels=True)
    covariance = market.assumptions.covariance
    for name in ("us_equity", "gold", "ether"):
        slope = covariance.loc[name, "bitcoin"] / covariance.loc["bitcoin", "bitcoin"]
        assert after.changes[name] == pytest.approx(-0.5 * slope)
    assert after.changes["bitcoin"] == -0.5


def test_two_shocks_that_travel_are_a_multiple_regression(market, weights):
    after = shock(weights, market, {"us_equity": -0.3, "us_bonds": -0.1}, travels=True)
    covariance = market.assumptions.covariance
    given = ["us_equity", "us_bonds"]
    slopes = np.linalg.inv(covariance.loc[given, given]) @ covariance.loc[given, "bitcoin"]
    assert after.changes["bitcoin"] == pytest.approx(float(slopes @ [-0.3, -0.1]))


def test_nothing_loses_more_than_everything(market, weights):
    after = shock(weights, market, {"equities": -1.0, "real_estate": -1.0}, travels=True)
    assert after.changes.min() == -1.0


def test_rates_move_bonds_by_their_duration_and_a_series_of_its_own_counts_before_its_class(market, weights):
    after = shock(weights, market, {RATES: 0.01, "crypto": -0.5, "ether": -0.8})
    assert after.changes["us_bonds"] == pytest.approx(-BOND_DURATION / 100)
    assert after.changes["bitcoin"] == -0.5
    assert after.changes["ether"] == -0.8


def test_2022_is_what_the_funds_did(market):
    """VTI lost 19.5 % and BND 13.1 % in 2022, as published."""
    year = next(which for which in EPISODES if "2022" in which.name and "Stocks" in which.name)
    stocks, bonds = (episode({name: 1.0}, market, year) for name in ("us_equity", "us_bonds"))
    assert stocks.change == pytest.approx(-0.195, abs=5e-4)
    assert bonds.change == pytest.approx(-0.131, abs=5e-4)
    assert episode({"us_equity": 0.6, "us_bonds": 0.4}, market, year).change == pytest.approx(
        0.6 * stocks.change + 0.4 * bonds.change
    )


def test_every_episode_is_in_the_data_costs_something_and_its_classes_add_up(market, weights):
    for which in EPISODES:
        after = episode(weights, market, which, amount=1000)
        assert after.change < 0
        by_hand = sum(
            weight * ((1 + market.complete_returns.loc[which.first : which.last, name]).prod() - 1)
            for name, weight in weights.items()
        )
        assert after.change == pytest.approx(by_hand)
        assert after.table["amount"].sum() == pytest.approx(1000 * after.change)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"crypto": -1.5}, "more than everything"),
        ({RATES: 0.2}, "more than everything"),
        ({"crypto": float("nan")}, "give a decimal"),
        ({"gems": -0.5}, "no asset class 'gems'"),
    ],
)
def test_an_impossible_shock_is_refused_in_words(market, weights, changes, said):
    with pytest.raises(InputError, match=said):
        shock(weights, market, changes)


def test_an_episode_outside_the_data_and_an_unknown_holding_are_refused(market, weights):
    with pytest.raises(InputError, match="choose another episode"):
        episode(weights, market, Episode("1987", "1987-10-31", "1987-10-31"))
    with pytest.raises(InputError, match="'gems' is no series"):
        episode({"gems": 1.0}, market, EPISODES[0])


def test_the_table_is_html_and_escaped(market, weights):
    html = shock(weights, market, {"crypto": -0.5}, name="<b>x</b>")._repr_html_()
    assert "<b>x" not in html


def test_what_a_household_holds_is_a_mix_by_series_that_agrees_with_its_classes(market):
    holdings = Holdings(EXAMPLE.household, market.universe)
    held = weights_of(holdings)
    assert sum(held.values()) == pytest.approx(1)
    by_class = market.universe.by_class(held)
    assert by_class == pytest.approx(holdings.weights.to_dict())
