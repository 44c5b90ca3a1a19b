from __future__ import annotations

from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

from planner.errors import InputError
from planner.market.coins import (
    COIN_LABELS,
    VALUED_ON,
    checked_coin_returns,
    checked_market_values,
    coin_market_values,
    coin_returns,
    coin_returns_from_prices,
)
from planner.market.history import history
from planner.market.steps import Step
from planner.market.universe import BUILT_IN


def monthly(**columns: list[float | None]) -> pd.DataFrame:
    length = len(next(iter(columns.values())))
    return pd.DataFrame(columns, pd.date_range("2024-01-31", periods=length, freq="ME"), dtype=float)


def test_the_built_in_returns_are_those_of_the_file_and_bitcoins_earlier_months_those_of_the_history():
    file = files("planner.market") / "data" / "crypto_monthly_returns.csv"
    with file.open(encoding="utf-8") as lines:
        written = pd.read_csv(lines, index_col=0, parse_dates=True)
    found = coin_returns()
    assert list(found.columns) == list(COIN_LABELS)
    assert np.array_equal(found.loc["2017-12":].to_numpy(), written.to_numpy(), equal_nan=True)
    before = found.loc[:"2017-11"]
    assert np.array_equal(before["btc"], history().loc[:"2017-11", "bitcoin"])
    assert before.drop(columns="btc").isna().all(axis=None)


def test_the_built_in_returns_are_a_new_copy_each_time():
    mine = coin_returns()
    mine.iloc[0, 0] = 9.0
    assert coin_returns().iloc[0, 0] != 9.0


def test_built_in_market_values_are_the_universes_on_their_day_and_move_with_prices():
    values, returns = coin_market_values(), coin_returns()
    known = {member.name: member.market_value * 1e9 for member in BUILT_IN["crypto"].series}
    assert values.loc[VALUED_ON].tolist() == pytest.approx([known["bitcoin"], known["ether"]])
    moved = (values / values.shift(1) - 1).iloc[1:]
    assert np.allclose(moved["btc"], returns["btc"])
    assert np.allclose(moved.loc["2017-12":, "eth"], returns.loc["2017-12":, "eth"])
    assert values["eth"].first_valid_index() == pd.Timestamp("2017-11-30")


def test_monthly_returns_of_prices_start_and_end_with_each_coin_also_within_a_month():
    days = pd.to_datetime(["2024-01-31", "2024-02-15", "2024-02-29", "2024-03-10", "2024-03-31", "2024-04-30"])
    prices = pd.DataFrame(
        {
            "whole": [100, 90, 110, 100, 121, 121],
            "late": [None, None, 10, 12, 15, 30],
            "gone": [50, 40, 25, 5, None, None],
        },
        days,
        dtype=float,
    )
    found = coin_returns_from_prices(prices)
    assert found["whole"].tolist() == pytest.approx([0.1, 0.1, 0.0])
    assert found["late"].tolist() == pytest.approx([np.nan, 0.5, 1.0], nan_ok=True)
    assert found["gone"].tolist() == pytest.approx([-0.5, -0.8, np.nan], nan_ok=True)


def test_weekly_returns_of_prices_run_from_sunday_to_sunday_and_leave_out_a_week_that_is_not_over():
    days = pd.date_range("2024-01-01", "2024-01-24", freq="D")  # a Monday to a Wednesday
    found = coin_returns_from_prices(pd.DataFrame({"btc": np.arange(1.0, len(days) + 1)}, days), Step.WEEKLY)
    assert list(found.index) == [pd.Timestamp("2024-01-14"), pd.Timestamp("2024-01-21")]
    assert found["btc"].tolist() == pytest.approx([14 / 7 - 1, 21 / 14 - 1])
    assert checked_coin_returns(found)[1] is Step.WEEKLY


def test_a_coin_may_start_late_end_early_and_lose_everything_last():
    frame, step = checked_coin_returns(monthly(a=[0.1, 0.2, 0.1], b=[None, -0.5, -1], c=[0.1, -1, None]))
    assert step is Step.MONTHLY
    assert frame["c"].isna().tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("returns", "said"),
    [
        (monthly(a=[0.1, None, 0.2]), "column 'a', row 2 .*may end, but not pause"),
        (monthly(a=[0.1, -1.2, 0.2]), "row 2 .*nothing loses more"),
        (monthly(a=[0.1, -1, 0.2]), "row 2 .*worthless, yet returns follow"),
        (monthly(a=[7, 9, 12, 30]), "looks like percent or prices"),
        (monthly(a=[None, None, None]), "no values"),
        (monthly(a=[0.1, 0.2, 0.1]).iloc[[0, 2]], "not the month after"),
        (monthly(a=[0.1, 0.2, 0.1]).iloc[[1, 0, 2]], "not later than the one before"),
        (pd.DataFrame({"a": [0.1] * 4}, pd.date_range("2024-01-01", periods=4)), "weekly or monthly"),
        (
            pd.DataFrame({"a": [0.1] * 4}, pd.to_datetime(["2024-01-07", "2024-01-14", "2024-01-28", "2024-02-04"])),
            "14 d",
        ),
    ],
)
def test_returns_that_cannot_be_meant_are_refused_with_their_place(returns, said):
    with pytest.raises(InputError, match=said):
        checked_coin_returns(returns)


def test_prices_must_be_positive_in_order_and_reach_over_two_month_ends():
    days = pd.date_range("2024-01-31", periods=3, freq="ME")
    with pytest.raises(InputError, match=r"column 'a', row 2 .*must be positive"):
        coin_returns_from_prices(pd.DataFrame({"a": [1.0, 0.0, 2.0]}, days))
    with pytest.raises(InputError, match="not later than"):
        coin_returns_from_prices(pd.DataFrame({"a": [1.0, 1.0, 2.0]}, days[[1, 0, 2]]))
    with pytest.raises(InputError, match="two ends of a month"):
        coin_returns_from_prices(pd.DataFrame({"a": [1.0]}, days[:1]))


def test_market_values_must_not_be_negative():
    days = pd.date_range("2024-01-31", periods=2, freq="ME")
    with pytest.raises(InputError, match=r"The market values: column 'a', row 2 .*negative"):
        checked_market_values(pd.DataFrame({"a": [1.0, -1.0]}, days))
