"""Checks of quality: each kind of fault is found where it was put, and what is true raises no alarm."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest

from planner.errors import InputError
from planner.market.coins import coin_returns
from planner.market.history import history, read_prices, read_returns
from planner.market.quality import COSTS, Check, Content, DataQualityWarning
from planner.market.quality_checks import check_quality, robust_z


def returns(months: int = 60) -> pd.DataFrame:
    """Two calm series that stand for a fund of shares and one of bonds."""
    random = np.random.default_rng(7)
    values = random.normal([0.008, 0.003], [0.04, 0.012], (months, 2))
    return pd.DataFrame(values, pd.date_range("2020-01-31", periods=months, freq="ME"), ["shares", "bonds"])


def prices(table: pd.DataFrame) -> pd.DataFrame:
    return 100 * (1 + table).cumprod()


def days(count: int = 120) -> pd.DataFrame:
    random = np.random.default_rng(3)
    index = pd.bdate_range("2024-01-01", periods=count)
    return pd.DataFrame({"fund": 50 * np.exp(random.normal(0, 0.01, count).cumsum())}, index)


def found(table: pd.DataFrame, content: Content = Content.RETURNS) -> list[tuple[Check, bool, str | None]]:
    return [(each.check, each.hard, each.series) for each in check_quality(table, content).findings]


# --- what is true raises no alarm -------------------------------------------------------------------------------


def test_nothing_is_found_in_the_built_in_history_nor_in_its_prices():
    report = check_quality(history(), name="history")
    assert report.findings == ()
    assert report.score == 100
    assert report.summary == "history: quality 100 of 100, nothing found."
    assert found(prices(history().drop(columns="ether")), Content.PRICES) == []


def test_of_ten_coins_only_two_months_of_december_2017_stand_out_on_their_own_scale():
    report = check_quality(coin_returns().loc["2017-12":])
    assert {(each.check, each.series, str(each.day)) for each in report.findings} == {
        (Check.JUMP, "xrp", "2017-12-31"),
        (Check.JUMP, "trx", "2017-12-31"),
    }
    assert report.score == 96
    assert not report.hard


def test_calm_series_and_trading_days_have_nothing_to_look_at():
    assert found(returns()) == []
    assert found(prices(returns()), Content.PRICES) == []
    assert found(days(), Content.PRICES) == []


def test_the_last_trading_day_of_a_month_is_a_month_end():
    table = returns()
    assert found(table.set_axis(pd.date_range("2020-01-31", periods=60, freq="BME"))) == []


def test_cash_that_pays_nothing_for_months_is_not_stale():
    assert check_quality(history()[["cash"]]).findings == ()


# --- each fault is found ----------------------------------------------------------------------------------------


def test_a_gap_of_a_month_stops_and_is_dated():
    report = check_quality(returns().drop(index=pd.Timestamp("2021-03-31")))
    assert [(each.check, each.hard, str(each.day)) for each in report.findings] == [(Check.GAP, True, "2021-04-30")]
    with pytest.raises(InputError, match="1 month missing before 2021-04-30"):
        report.stop()


def test_an_empty_cell_in_the_middle_and_an_empty_series_stop():
    table = returns()
    table.iloc[10, 1] = np.nan
    table["nothing"] = np.nan
    assert found(table) == [(Check.GAP, True, "bonds"), (Check.GAP, True, "nothing")]


def test_weeks_without_prices_stop():
    table = days()
    assert found(pd.concat([table[:50], table[65:]]), Content.PRICES) == [(Check.GAP, True, None)]


def test_a_date_twice_two_rows_of_a_month_and_dates_out_of_order_stop():
    table = returns()
    assert found(pd.concat([table[:5], table[4:]])) == [(Check.DUPLICATE, True, None)]
    second = table.rename(index={table.index[5]: pd.Timestamp("2020-05-30")}).sort_index()
    assert (Check.DUPLICATE, True, None) in found(second)
    assert found(table[::-1]) == [(Check.ORDER, True, None)]


def test_a_series_copied_over_another_warns():
    table = returns()
    assert found(table.assign(copy=table["shares"])) == [(Check.DUPLICATE, False, "copy")]


def test_the_same_return_again_and_again_warns_once():
    table = returns()
    table.iloc[20:24, 0] = table.iloc[20, 0]
    assert found(table) == [(Check.STALE, False, "shares")]
    assert str(check_quality(table).findings[0].day) == "2021-12-31"


def test_prices_that_stand_still_warn():
    table = days()
    table.iloc[40:46] = table.iloc[40]
    assert found(table, Content.PRICES) == [(Check.STALE, False, "fund")]


def test_prices_carried_over_weekends_are_not_stale():
    table = days().resample("D").ffill()
    assert found(table, Content.PRICES) == []


def test_a_jump_beyond_eight_robust_deviations_warns():
    table = returns()
    table.iloc[30, 1] = 0.18
    report = check_quality(table)
    assert [(each.check, each.series, each.value) for each in report.findings] == [
        (Check.JUMP, "bonds", pytest.approx(0.18))
    ]


@pytest.mark.parametrize(
    ("factor", "named"),
    [(1 / 2, "split 2:1"), (1 / 3, "split 3:1"), (10, "reverse split 1:10"), (4, "reverse split 1:4"), (0.01, "100:1")],
)
def test_a_split_left_in_the_prices_warns_and_is_named(factor, named):
    table = prices(returns())
    table.iloc[30:, 0] *= factor
    report = check_quality(table, Content.PRICES)
    assert [(each.check, each.series) for each in report.findings] == [(Check.SPLIT, "shares")]
    assert named in report.findings[0].sentence
    from_returns = check_quality(table.pct_change().iloc[1:])
    assert [each.check for each in from_returns.findings] == [Check.SPLIT]


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda table: 100 * table, "percent"),
        (lambda table: 100 * (1 + table).cumprod(), "prices"),
        (lambda table: 1 + table, "growth factors"),
    ],
)
def test_wrong_units_stop_and_are_named(spoil, named):
    report = check_quality(spoil(returns()[["shares"]]))
    assert report.score == 0
    assert any(named in each.sentence for each in report.hard) or report.hard[0].check is Check.SIGN


def test_returns_given_as_prices_and_prices_below_zero_stop():
    assert found(returns()[["shares"]], Content.PRICES) == [(Check.SIGN, True, "shares"), (Check.UNIT, True, "shares")]
    table = days()
    table.iloc[9] = -1.0
    assert found(table, Content.PRICES) == [(Check.SIGN, True, "fund")]


def test_a_series_that_only_loses_warns_of_its_sign():
    table = returns()
    table["shares"] = -table["shares"].abs()
    assert found(table) == [(Check.SIGN, False, "shares")]


def test_dates_that_are_no_month_ends_and_weekends_warn_once():
    table = returns()
    shifted = table.set_axis(table.index - pd.Timedelta(days=6))
    assert found(shifted) == [(Check.CALENDAR, False, None)]
    odd = days()
    odd = pd.concat([odd, odd.iloc[[10]].set_axis([pd.Timestamp("2024-01-20")])]).sort_index()
    assert found(odd, Content.PRICES) == [(Check.CALENDAR, False, None)]


# --- the report -------------------------------------------------------------------------------------------------


def test_the_score_is_a_hundred_less_what_the_findings_cost_up_to_their_most():
    table = returns()
    table.iloc[20:24, 0] = table.iloc[20, 0]
    table.iloc[40, 1] = 0.18
    assert check_quality(table).score == 100 - COSTS[Check.STALE].each - COSTS[Check.JUMP].each
    many = pd.DataFrame({f"copy {n}": returns()["shares"] for n in range(5)})
    assert check_quality(many).score == 100 - COSTS[Check.DUPLICATE].most


def test_the_report_is_a_table_sentences_and_html_that_is_escaped():
    table = returns().rename(columns={"bonds": "<b>"})
    table.iloc[30, 1] = 0.18
    report = check_quality(table, name="mine")
    assert list(report.table["check"]) == [each.check for each in report.findings]
    assert report.sentences[0] == "mine: quality 98 of 100, 1 thing to look at."
    assert "<b>" not in report._repr_html_()
    assert "&lt;b&gt;" in report._repr_html_()
    assert report.stop() is report


def test_the_robust_z_is_that_of_hampel():
    values = np.array([1.0, 2.0, 3.0, 4.0, 100.0])
    assert robust_z(values)[-1] == pytest.approx(97 / 1.4826)
    assert np.isnan(robust_z(np.ones(5))).all()
    assert np.isfinite(robust_z(np.array([0.0, 0.0, 0.0, 0.0, 1.0]))).all()


@pytest.mark.parametrize("table", [None, pd.DataFrame(), pd.DataFrame({"a": [1.0]})])
def test_what_is_no_table_by_dates_is_an_input_error(table):
    with pytest.raises(InputError, match="index of dates"):
        check_quality(table)


# --- on every load ----------------------------------------------------------------------------------------------


def test_reading_a_file_warns_of_what_should_be_looked_at(tmp_path):
    path = tmp_path / "mine.csv"
    table = prices(returns())
    table.iloc[30:, 0] /= 2
    table.rename_axis("date").to_csv(path)
    with pytest.warns(DataQualityWarning, match="split 2:1") as heard:
        read_prices(path)
    assert heard[0].message.report.name == "mine.csv"
    assert heard[0].filename == __file__
    sent_elsewhere = pickle.loads(pickle.dumps(heard[0].message))
    assert str(sent_elsewhere) == str(heard[0].message) != ""


@pytest.mark.filterwarnings("error")
def test_reading_a_good_file_is_silent(tmp_path):
    path = tmp_path / "mine.csv"
    history().to_csv(path)
    assert read_returns(path).shape == (132, 9)
