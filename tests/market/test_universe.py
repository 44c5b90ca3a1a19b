"""The series, classes and market portfolio."""

from __future__ import annotations

import pytest

from planner.errors import InputError
from planner.market.universe import BUILT_IN, AssetClass, Series, TaxCharacter, Universe


def own_universe(**values):
    series = tuple(
        Series(name, name, TaxCharacter.PROPERTY, share=1 / len(values), market_value=value)
        for name, value in values.items()
    )
    return Universe((AssetClass("things", "Things", "#000000", "example", series),))


def test_the_built_in_classes_are_the_six_of_a_household_and_bitcoin_and_ether_are_one_of_them():
    assert BUILT_IN.class_names == ("equities", "fixed_income", "real_estate", "commodities", "cash", "crypto")
    assert BUILT_IN.members("crypto") == ("bitcoin", "ether")
    assert len({asset_class.colour for asset_class in BUILT_IN.classes}) == 6


def test_the_market_portfolio_is_state_streets_with_the_coins():
    weights = BUILT_IN.market_weights
    total = 83_375 + 80_932 + 6_775 + 8_676 + 1_638 + 220
    assert sum(weights.values()) == pytest.approx(1)
    assert weights["us_equity"] == pytest.approx(0.64 * 83_375 / total)
    assert weights["us_bonds"] == pytest.approx(80_932 / total)
    assert weights["bitcoin"] + weights["ether"] == pytest.approx(1_858 / total)
    assert weights["cash"] == weights["commodities"] == 0


def test_splitting_class_weights_over_the_series_and_summing_them_again_changes_nothing():
    mix = {"equities": 0.5, "fixed_income": 0.3, "real_estate": 0.1, "crypto": 0.05, "cash": 0.05}
    series = BUILT_IN.split(mix)
    assert sum(series.values()) == pytest.approx(1)
    assert BUILT_IN.by_class(series) == pytest.approx({**mix, "commodities": 0.0})


def test_a_users_own_universe_has_a_market_portfolio_of_its_own():
    assert own_universe(gold_coins=3.0, stamps=1.0).market_weights == {"gold_coins": 0.75, "stamps": 0.25}


def test_a_faulty_universe_is_refused_in_words():
    with pytest.raises(InputError, match="No series of this universe has a market value"):
        _ = own_universe(gold_coins=0.0).market_weights
    with pytest.raises(InputError, match=r"There is no asset class 'bonds'. The classes are: equities"):
        BUILT_IN.split({"bonds": 1.0})
    with pytest.raises(InputError, match="'cash' appears twice"):
        Universe((BUILT_IN["cash"], BUILT_IN["cash"]))
    with pytest.raises(InputError, match="must sum to 1"):
        AssetClass("things", "Things", "#000000", "example", (Series("a", "A", TaxCharacter.PROPERTY, share=0.5),))
