"""Reading returns of a user's own: what is right is unchanged, what is wrong is said with its place."""

from __future__ import annotations

import sys
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

from planner.errors import InputError
from planner.market.history import checked_returns, history, read_prices, read_returns

MONTHS = pd.date_range("2020-01-31", periods=6, freq="ME")


@pytest.fixture
def csv_file(tmp_path):
    def write(text, name="mine.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def months(*rows, header="month_end,stocks,bonds"):
    return "\n".join([header, *rows]) + "\n"


# --- returns that are right ---------------------------------------------------------------------------------------


def test_the_built_in_file_read_as_a_users_own_is_the_history():
    with_path = files("planner.market") / "data" / "monthly_returns.csv"
    pd.testing.assert_frame_equal(read_returns(str(with_path)), history())


def test_returns_survive_csv_and_parquet_unchanged(tmp_path):
    history().to_csv(tmp_path / "mine.csv")
    history().to_parquet(tmp_path / "mine.parquet")
    history().reset_index().to_parquet(tmp_path / "column.parquet", index=False)
    for name in ("mine.csv", "mine.parquet", "column.parquet"):
        pd.testing.assert_frame_equal(read_returns(tmp_path / name), history(), check_freq=False)


@pytest.mark.parametrize("dates", [("2020-01-31", "2020-02-28"), ("2020-01", "2020-02"), ("20200131", "20200229")])
def test_last_trading_days_and_plain_months_become_month_ends(csv_file, dates):
    returns = read_returns(csv_file(months(*(f"{date},0.01,0.002" for date in dates), header="Date,stocks,bonds")))
    assert [str(day.date()) for day in returns.index] == ["2020-01-31", "2020-02-29"]
    assert returns.index.name == "month_end"


def test_spreadsheet_habits_are_read_byte_order_mark_quotes_and_empty_lines(csv_file):
    text = '\ufeffmonth_end,"stocks, US",bonds\r\n2020-01-31,"0.01", 0.002\r\n\r\n2020-02-29,-1e-2,NaN\r\n2020-03-31,0,'
    with pytest.raises(InputError, match=r"column 'bonds', line 4 \(2020-02-29\)"):
        read_returns(csv_file(text))
    returns = read_returns(csv_file(text.replace("NaN", ".5").replace("31,0,", "31,0,0.1")))
    assert returns["stocks, US"].tolist() == [0.01, -0.01, 0.0]


def test_line_ends_of_old_macintoshes_are_read(tmp_path):
    (tmp_path / "mac.csv").write_bytes(months(*GOOD).replace("\n", "\r").encode())
    assert read_returns(tmp_path / "mac.csv").shape == (3, 2)


def test_a_series_may_start_late(csv_file):
    returns = read_returns(csv_file(months("2020-01-31,0.01,", "2020-02-29,0.02,", "2020-03-31,0.01,0.003")))
    assert returns["bonds"].isna().tolist() == [True, True, False]


def test_a_coin_that_doubles_in_a_month_is_not_taken_for_percent(csv_file):
    rows = [f"2020-0{month}-28,{move},0.001" for month, move in enumerate([1.2, -0.4, 2.0, 0.3, -0.2, 0.45], start=1)]
    assert read_returns(csv_file(months(*rows))).iloc[2, 0] == 2.0


# --- returns that are wrong: each error names the place and what to do ---------------------------------------------

GOOD = ("2020-01-31,0.01,0.002", "2020-02-29,-0.02,0.001", "2020-03-31,0.03,0.002")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"mine.csv is empty: it needs a header"),
        ("\n \n", r"mine.csv is empty: it needs a header"),
        ("month_end,stocks\n", r"mine.csv has a header but no rows: add one"),
        ("\n".join(GOOD), r"line 1 is not a header .* begins with '2020-01-31'\. Write a header such as"),
        (months(*GOOD, header="when,stocks,bonds"), r"line 1 is not a header .* must be one of month_end, date"),
        (months(*GOOD, header="month_end,stocks,stocks"), r"column 'stocks' appears twice in the header. Rename"),
        (months(*GOOD, header="month_end,stocks,"), r"series column 2 in the header is ''. Give each series a name"),
        (months(*GOOD, header="month_end,stocks,3"), r"series column 2 in the header is '3'"),
        ("month_end\n2020-01-31\n", r"one column 'month_end'. A date and at least one series are needed"),
        (months(*GOOD).replace(",", ";"), r"separated by semicolons. .* separated by commas"),
        (months(*GOOD).replace(",", "\t"), r"separated by tabs"),
        (months(GOOD[0], GOOD[2], GOOD[1]), r"line 4 \(2020-02-29\): this date is earlier .* Sort the rows by date"),
        (months(GOOD[0], GOOD[0], GOOD[1]), r"line 3 \(2020-01-31\): this date stands there twice. Keep one"),
        (
            months("2020-01-24,0.01,0.002", *GOOD),
            r"line 3 \(2020-01-31\): a second return for 2020-01. .* go to read_prices",
        ),
        (
            months(GOOD[0], "2020-04-30,0.01,0.002"),
            r"line 3 \(2020-04-30\): 2020-02 is missing before this row \(2 in all\). Add the missing months",
        ),
        (months("2020-01-01,0.01,0.002"), r"line 2 \(2020-01-01\): this is not near a month's end, .* as 2020-01"),
        (months("31/01/2020,0.01,0.002"), r"line 2: '31/01/2020' is not a date. Write it as 2014-10-31"),
        (months("2020-13,0.01,0.002"), r"line 2: '2020-13' is not a date"),
        (months(",0.01,0.002"), r"line 2: '' is not a date"),
        (months(GOOD[0], "2020-02-29,n/a,0.1", GOOD[2]), r"column 'stocks', line 3 \(2020-02-29\): .* Fill it in"),
        (
            months(GOOD[0], "2020-02-29,0.01,", "2020-03-31,0.01,"),
            r"column 'bonds', line 3 \(2020-02-29\): .*the series has ended \(2 after its start\). End all series",
        ),
        (months(*(row.rsplit(",", 1)[0] + "," for row in GOOD)), r"column 'bonds' has no values. Fill it in or remove"),
        (months(GOOD[0], "2020-02-29,-1,0.001"), r"column 'stocks', line 3 \(2020-02-29\): -1: a return of -100 %"),
        (months(GOOD[0], "2020-02-29,-7.5,0.001"), r"-7.5: a return of -100 % or less is impossible. Give fractions"),
        (months("2020-01-31,abc,0.002"), r"column 'stocks', line 2: 'abc' is not a number. Write one, or leave"),
        (months(f"2020-01-31,{'1' * 100_000}x,0.002"), r"column 'stocks', line 2: '1{40}' is not a number"),
        (months("2020-01-31,1_0,0.002"), r"column 'stocks', line 2: '1_0' is not a number"),
        (months("2020-01-31,0.01,7%"), r"column 'bonds', line 2: '7%' is in percent. Write fractions, 0.07 for 7 %"),
        (months("2020-01-31,-inf,0.002"), r"column 'stocks', line 2: '-inf' is infinite"),
        (months("2020-01-31,1e999,0.002"), r"column 'stocks', line 2: '1e999' is infinite"),
        (months("2020-01-31,0,01,0,002"), r"line 2 has 5 cells, the header 3. .* decimal point"),
        (months("2020-01-31,0.01"), r"line 2 has 2 cells, the header 3. Complete the row"),
        (months('2020-01-31,"0.01,0.002'), r"line 2 is not CSV .* Check its quotes"),
        (months("\0\0,1,2"), r"binary zeros\): save it as 'CSV UTF-8'"),
    ],
)
def test_a_faulty_file_of_returns_is_refused_with_the_place_and_the_remedy(csv_file, text, message):
    with pytest.raises(InputError, match=message):
        read_returns(csv_file(text))


def test_returns_in_percent_are_recognised_whether_they_vary_or_hardly_do(csv_file):
    percent = history().loc["2023":"2024", ["us_equity", "us_bonds", "cash"]] * 100
    percent[percent <= -1] = -0.99  # what fractions could not be is caught before, so it must not decide here
    for series in percent:
        path = csv_file(percent[[series]].to_csv())
        with pytest.raises(InputError, match=f"column '{series}': a typical month is .* divide percent by 100"):
            read_returns(path)


@pytest.mark.parametrize("length", [6, 12, 24])
def test_no_stretch_of_the_built_in_history_is_mistaken_for_percent(length):
    for series in history():
        monthly = history()[[series]].dropna()
        for start in range(0, len(monthly) - length + 1, 3):
            checked_returns(monthly.iloc[start : start + length])


def test_prices_given_as_returns_are_recognised(csv_file):
    levels = (1 + history()[["us_equity"]]).cumprod() * 100
    with pytest.raises(InputError, match="read prices with read_prices"):
        read_returns(csv_file(levels.to_csv()))


def test_a_huge_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(50_000_001)
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda _: pytest.fail("the huge file was read"))
    with pytest.raises(InputError, match=r"huge.csv has 50 MB, more than the 50 MB that are read. Keep"):
        read_returns(path)


def test_a_small_parquet_file_that_unpacks_into_a_huge_table_is_refused(tmp_path, monkeypatch):
    history().to_parquet(tmp_path / "dense.parquet")
    monkeypatch.setattr("planner.market.reading.LARGEST_TABLE_CELLS", 1000)
    with pytest.raises(InputError, match=r"dense.parquet has 1,320 cells, more than the 1,000"):
        read_returns(tmp_path / "dense.parquet")


@pytest.mark.parametrize("name", ["garbage.csv", "garbage.parquet"])
def test_binary_garbage_is_refused_in_words(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(bytes(range(255, 0, -1)) * 9)
    with pytest.raises(InputError, match=r"garbage\.(csv is not a text file|parquet is not a Parquet file)"):
        read_returns(path)


def test_a_truncated_parquet_file_is_refused_in_words(tmp_path):
    path = tmp_path / "cut.parquet"
    history().to_parquet(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(InputError, match=r"cut.parquet is not a Parquet file that can be read"):
        read_returns(path)


def test_a_missing_file_and_a_folder_are_refused_in_words(tmp_path):
    with pytest.raises(InputError, match=r"There is no file .*nowhere.csv'"):
        read_returns(tmp_path / "nowhere.csv")
    with pytest.raises(InputError, match="cannot be read"):
        read_returns("x" * 5000)
    with pytest.raises(InputError, match="is not a file: give the path of one"):
        read_prices(tmp_path)


def test_parquet_without_pyarrow_names_the_extra_to_install(tmp_path, monkeypatch):
    (tmp_path / "mine.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"Install modern-portfolio\[parquet\]"):
        read_returns(tmp_path / "mine.parquet")


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"stocks": ["a"] * 6}, MONTHS), r"column 'stocks', row 1: 'a' is not a number"),
        (pd.DataFrame({"stocks": [0.1, 0.1, np.inf, 0, 0, 0]}, MONTHS), r"column 'stocks', row 3: the value is infin"),
        (pd.DataFrame({"stocks": [True] * 6}, MONTHS), r"column 'stocks', row 1: 'True' is not a number"),
        (pd.DataFrame({"stocks": [0.1]}, [0]), r"no index of dates and no column named one of month_end"),
        (pd.DataFrame({"date": ["x"], "stocks": [0.1]}), r"row 1: 'x' is not a date"),
        (pd.DataFrame({"stocks": []}, pd.DatetimeIndex([])), r"there are no rows: add one"),
        (pd.DataFrame(index=MONTHS), r"there is no series"),
        (pd.DataFrame({"stocks": [0.1, 0.2]}, pd.DatetimeIndex(["2020-01-31", None])), r"row 2 has no date"),
    ],
)
def test_a_faulty_parquet_table_is_refused_with_the_place(tmp_path, frame, message):
    frame.to_parquet(tmp_path / "mine.parquet")
    with pytest.raises(InputError, match=message):
        read_returns(tmp_path / "mine.parquet")
