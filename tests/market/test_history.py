"""The built-in history, and returns made of prices."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

from planner.errors import InputError
from planner.market.history import history, read_prices, returns_from_prices
from planner.market.universe import BUILT_IN


@pytest.fixture
def csv_file(tmp_path):
    def write(text, name="mine.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def months(*rows, header="month_end,stocks,bonds"):
    return "\n".join([header, *rows]) + "\n"


# --- the built-in dataset ---------------------------------------------------------------------------------------


def manifest_file():
    manifest = json.loads((files("planner.market") / "data" / "manifest.json").read_text(encoding="utf-8"))
    return manifest, manifest["files"][0]


def test_the_manifest_tells_hash_size_and_rows_of_the_built_in_file():
    _, entry = manifest_file()
    content = (files("planner.market") / "data" / entry["path"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert len(content) == entry["bytes"]
    assert len(content.decode().splitlines()) - 1 == entry["rows"] == len(history()) == 132


def test_the_manifest_tells_what_measures_each_column_and_how_many_values_it_has():
    manifest, entry = manifest_file()
    columns = {name: column for name, column in entry["columns"].items() if name != "month_end"}
    assert {name: column["rows"] for name, column in columns.items()} == history().count().to_dict()
    measured_by = {member.name: member.measured_by for group in BUILT_IN.classes for member in group.series}
    assert {name: column["measured_by"] for name, column in columns.items()} == measured_by
    assert [str(history().index[place].date()) for place in (0, -1)] == [
        manifest["period"]["first"],
        manifest["period"]["last"],
    ]


def test_the_history_has_132_month_ends_of_the_nine_series_of_the_universe_and_ether_from_december_2017():
    returns = history()
    assert returns.shape == (132, 9)
    assert tuple(returns.columns) == BUILT_IN.series_names
    assert returns.index.name == "month_end"
    assert returns.index.equals(pd.date_range("2014-10-31", "2025-09-30", freq="ME"))
    assert returns["ether"].first_valid_index() == pd.Timestamp("2017-12-31")
    assert returns.drop(columns="ether").notna().all(axis=None)


@pytest.mark.parametrize(
    ("series", "year", "published"),
    [("us_equity", 2022, -19.5), ("us_bonds", 2022, -13.1), ("bitcoin", 2017, 1369), ("bitcoin", 2022, -64.3)],
)
def test_the_history_compounds_to_the_published_returns_of_calendar_years(series, year, published):
    monthly = history().loc[str(year), series]
    assert len(monthly) == 12
    in_percent = ((1 + monthly).prod() - 1) * 100
    assert in_percent == pytest.approx(published, abs=0.5 if published > 1000 else 0.05)


def test_changing_the_history_one_was_given_does_not_change_the_next():
    mine = history()
    mine.iloc[0, 0] = 99.0
    mine["more"] = 0.0
    assert history().iloc[0, 0] == 0.027459
    assert "more" not in history()


def test_importing_the_universe_does_not_import_pandas_nor_the_history_scikit_learn():
    code = (
        "import sys, planner.market.universe; assert 'pandas' not in sys.modules and 'numpy' not in sys.modules\n"
        "import planner.market.assumptions, planner.market.history as h; h.history()\n"
        "assert not {'sklearn', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# --- prices ---------------------------------------------------------------------------------------------------------


def test_monthly_prices_give_back_the_returns_they_compound(csv_file):
    true = history()
    prices = (1 + true.fillna(0)).cumprod().where(true.notna()) * 50
    returns = returns_from_prices(read_prices(csv_file(prices.to_csv())))
    pd.testing.assert_frame_equal(returns.drop(columns="ether"), true.drop(columns="ether").iloc[1:], check_freq=False)
    assert returns["ether"].first_valid_index() == pd.Timestamp("2018-01-31")


def test_daily_prices_give_the_last_close_of_each_month_over_the_last_of_the_month_before(csv_file):
    days = pd.date_range("2020-01-15", "2020-04-13")
    coin = pd.Series(np.linspace(100, 200, len(days)), days)
    fund = coin[coin.index.day_of_week < 5] / 2
    prices = read_prices(csv_file(pd.DataFrame({"coin": coin, "fund": fund}).rename_axis("date").to_csv()))
    assert prices.shape == (90, 2)
    assert prices.index.name == "date"
    assert prices["fund"].isna().sum() > 20
    returns = returns_from_prices(prices)
    assert [str(day.date()) for day in returns.index] == ["2020-02-29", "2020-03-31"]
    assert returns.loc["2020-02", "coin"].item() == pytest.approx(coin["2020-02-29"] / coin["2020-01-31"] - 1)
    assert returns.loc["2020-02", "fund"].item() == pytest.approx(coin["2020-02-28"] / coin["2020-01-31"] - 1)


DAILY = [f"2020-01-{day:02d},{100 + day},50" for day in (2, 3, 6, 7, 8, 9, 10)]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([*DAILY, "2020-01-13,0,50"], r"column 'stocks', line 9 \(2020-01-13\): 0: a price must be positive. Correct"),
        ([*DAILY, "2020-01-13,101,-3"], r"column 'bonds', line 9 \(2020-01-13\): -3: a price must be positive"),
        ([*DAILY, "2020-01-22,101,50"], r"column 'stocks', line 8 \(2020-01-10\): no price follows for 12 days"),
        ([*DAILY, *(f"2020-01-{n},9,{'' if n < 25 else 5}" for n in range(13, 27))], r"'bonds', line 8 .* for 15 days"),
        ([*DAILY, *(f"2020-01-{n},9," for n in range(13, 27))], r"column 'bonds', line 8 .* no price follows for 16"),
        ([*DAILY, DAILY[-1]], r"line 9 \(2020-01-10\): this date stands there twice"),
        (["2020-01-31,9,9", "2020-03-31,9,9"], r"line 3 \(2020-03-31\): 2020-02 is missing before this row"),
        (["2020-01-31,9,9", "2020-02-29,,9", "2020-03-31,9,9"], r"column 'stocks', line 3 .* is missing"),
        (["2020-01-01,9,9", "2020-02-01,9,9"], r"line 2 \(2020-01-01\): this is not near a month's end"),
    ],
)
def test_a_faulty_file_of_prices_is_refused_with_the_place_and_the_remedy(csv_file, rows, message):
    with pytest.raises(InputError, match=message):
        read_prices(csv_file(months(*rows)))


def test_prices_within_one_month_give_no_return_and_say_so(csv_file):
    with pytest.raises(InputError, match="do not reach over two month-ends"):
        returns_from_prices(read_prices(csv_file(months(*DAILY))))
