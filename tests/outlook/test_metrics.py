from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from planner.errors import InputError
from planner.outlook.metrics import PastPath, past_path

if TYPE_CHECKING:
    from planner.market.market import Market


def path_of(*returns: float) -> PastPath:
    months = pd.date_range("2020-01-31", periods=len(returns), freq="ME")
    return PastPath(months, np.array(returns))


def test_the_deepest_fall_is_from_a_high_to_a_later_low() -> None:
    # 1 -> 1.1 -> 0.55 -> 0.825 -> 0.66: the high is 1.1, the low 0.55
    path = path_of(0.10, -0.50, 0.50, -0.20)
    assert path.wealth == pytest.approx([1, 1.1, 0.55, 0.825, 0.66])
    assert path.deepest_fall == pytest.approx(-0.5)
    assert path.drawdown == pytest.approx([0, 0, -0.5, -0.25, -0.4])


def test_a_fall_in_the_very_first_month_counts() -> None:
    assert path_of(-0.25, 0.1).deepest_fall == pytest.approx(-0.25)


def test_a_path_that_only_rises_never_falls() -> None:
    assert path_of(0.01, 0.02).deepest_fall == 0


def test_the_worst_year_is_any_twelve_months_in_a_row() -> None:
    # a halving in month 6 and another in month 17: twelve months in a row hold both only from month 6 to 17
    returns = [0.0] * 24
    returns[5] = returns[16] = -0.5
    assert path_of(*returns).worst_year == pytest.approx(-0.75)
    returns[16], returns[17] = 0.0, -0.5
    assert path_of(*returns).worst_year == pytest.approx(-0.5)


def test_a_past_shorter_than_a_year_is_its_own_worst_year() -> None:
    assert path_of(0.10, -0.20).worst_year == pytest.approx(-0.12)


def test_growth_is_compound_and_a_year() -> None:
    assert path_of(*[0.21 / 1.0] + [0.0] * 23).growth == pytest.approx(0.10)  # 1.21 in two years


def test_volatility_is_the_sample_deviation_times_the_root_of_twelve() -> None:
    assert path_of(0.01, -0.01).volatility == pytest.approx(np.sqrt(2) * 0.01 * np.sqrt(12))


def test_the_path_of_a_mix_is_rebalanced_every_month() -> None:
    months = pd.date_range("2020-01-31", periods=2, freq="ME")
    returns = pd.DataFrame({"a": [1.0, 0.0], "b": [0.0, 1.0]}, index=months)
    assert past_path(returns, {"a": 0.5, "b": 0.5}).wealth == pytest.approx([1, 1.5, 2.25])


def test_what_is_not_held_does_not_shorten_the_past() -> None:
    months = pd.date_range("2020-01-31", periods=3, freq="ME")
    returns = pd.DataFrame({"a": [0.1, 0.1, 0.1], "young": [np.nan, 0.2, 0.2]}, index=months)
    assert len(past_path(returns, {"a": 1.0}).months) == 3
    assert past_path(returns, {"a": 0.5, "young": 0.5}).returns == pytest.approx([0.15, 0.15])


def test_a_mix_without_a_common_month_is_refused_in_words() -> None:
    months = pd.date_range("2020-01-31", periods=2, freq="ME")
    returns = pd.DataFrame({"a": [0.1, np.nan], "b": [np.nan, 0.1]}, index=months)
    with pytest.raises(InputError, match="no month in which all of a, b"):
        past_path(returns, {"a": 0.5, "b": 0.5})


def test_the_built_in_past_of_bitcoin_alone_agrees_with_its_returns(market: Market) -> None:
    path = past_path(market.complete_returns, {"bitcoin": 1.0})
    growth = float((1 + market.returns["bitcoin"]).prod())
    assert path.wealth[-1] == pytest.approx(growth)
    assert len(path.months) == 132
    assert path.deepest_fall < -0.7
