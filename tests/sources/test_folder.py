"""A person's own files as a source."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from planner import InputError
from planner.sources import Folder

START, END = dt.date(2025, 1, 1), dt.date(2025, 3, 31)
DAYS = pd.date_range("2024-12-20", "2025-04-05", name="date")
TABLE = pd.DataFrame({"A": range(1, len(DAYS) + 1), "B": range(101, len(DAYS) + 101)}, DAYS, dtype=float)


def test_a_file_a_symbol_and_one_wide_file_give_the_same(tmp_path):
    TABLE[["A"]].to_csv(tmp_path / "A.csv")
    TABLE[["B"]].rename(columns={"B": "close"}).to_parquet(tmp_path / "B.parquet")
    TABLE.to_csv(tmp_path / "wide.csv")
    apart = Folder(tmp_path).prices(["B", "A"], START, END)
    wide = Folder(tmp_path / "wide.csv").prices(["B", "A"], START, END)
    pd.testing.assert_frame_equal(apart.closes, wide.closes)
    assert list(apart.closes.columns) == ["B", "A"]
    assert (apart.closes.index[0].date(), apart.closes.index[-1].date()) == (START, END)
    assert apart.units == {"A": "USD", "B": "USD"}
    assert list(apart.monthly_returns().index.month) == [2, 3]
    assert wide.origin == "file wide.csv"


@pytest.mark.parametrize("name", ["C", "../A", "wide"])
def test_what_is_not_there_is_said(tmp_path, name):
    TABLE.to_csv(tmp_path / "wide.csv")
    with pytest.raises(InputError):
        Folder(tmp_path).prices([name], START, END)


def test_two_files_for_one_symbol_are_an_error(tmp_path):
    TABLE[["A"]].to_csv(tmp_path / "A.csv")
    TABLE[["A"]].to_parquet(tmp_path / "A.parquet")
    with pytest.raises(InputError, match="more than one file"):
        Folder(tmp_path).prices(["A"], START, END)


def test_a_wrong_cell_is_named_as_the_reader_names_it(tmp_path):
    TABLE[["A"]].assign(A=-1.0).to_csv(tmp_path / "A.csv")
    with pytest.raises(InputError, match=r"A\.csv: column 'A'.*must be positive"):
        Folder(tmp_path).prices(["A"], START, END)


@pytest.mark.parametrize(
    ("symbols", "start", "match"),
    [
        ("A", START, "give a list"),
        ([], START, "at least one"),
        (["A", "A"], START, "twice"),
        (["A"], END, "after the end"),
    ],
)
def test_a_request_that_makes_no_sense_is_an_error(tmp_path, symbols, start, match):
    with pytest.raises(InputError, match=match):
        Folder(tmp_path).prices(symbols, start, START)


def test_days_outside_the_files_are_an_error(tmp_path):
    TABLE.to_csv(tmp_path / "wide.csv")
    with pytest.raises(InputError, match="no price of 'A'"):
        Folder(tmp_path / "wide.csv").prices(["A"], dt.date(2020, 1, 1), dt.date(2020, 2, 1))
