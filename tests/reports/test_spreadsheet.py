from __future__ import annotations

import csv
import io
import json
import zipfile

import openpyxl
import pandas as pd
import pytest

from planner.household.accounts import Household
from planner.planning import plan
from planner.policy.journal import Journal
from planner.policy.statement import journalled
from planner.reports import sheets as sheets_module
from planner.reports.sheets import Sheet, sheets
from planner.reports.spreadsheet import to_csv_zip, to_json, to_xlsx
from planner.scenario import EXAMPLE

FOOTER = "Fingerprint 0123."
HEAD_ROWS = 4


@pytest.fixture(scope="module")
def made():
    return plan(EXAMPLE)


@pytest.fixture(scope="module")
def found(made):
    journal = journalled(Journal(), EXAMPLE, EXAMPLE.with_changes(room=0.2), "Dana", "More room.")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sheets_module, "PATHS", 60)
        return {sheet.name: sheet for sheet in sheets(EXAMPLE, made, journal)}


@pytest.fixture(scope="module")
def book(found):
    return openpyxl.load_workbook(io.BytesIO(to_xlsx([*found.values()], FOOTER)))


def test_every_column_of_every_table_has_a_unit_or_holds_words(found):
    assert {"classes", "weights", "outlook", "paths", "lots", "orders", "assumptions", "journal"} <= set(found)
    for sheet in found.values():
        assert list(sheet.units) == list(sheet.table.columns)
        for column, unit in sheet.units.items():
            numbers = pd.api.types.is_float_dtype(sheet.table[column])
            assert not numbers or unit or column == "lot", (sheet.name, column)


def test_the_classes_are_the_plans(found, made):
    table = found["classes"].table.set_index("asset_class")
    assert dict(table["weight"]) == made.class_weights
    assert found["classes"].units["amount"] == "USD"


def test_a_workbook_holds_the_values_with_titles_and_units(book, found):
    assert book.sheetnames == list(found)
    page, sheet = book["classes"], found["classes"]
    assert page.cell(1, 1).value == sheet.title
    assert page.cell(2, 1).value == FOOTER
    assert [cell.value for cell in page[3]] == list(sheet.table.columns)
    assert [cell.value or "" for cell in page[4]] == list(sheet.units.values())
    weights = [page.cell(row, 4).value for row in range(HEAD_ROWS + 1, HEAD_ROWS + 1 + len(sheet.table))]
    assert weights == pytest.approx(list(sheet.table["weight"]))
    assert page.cell(5, 4).number_format == "0.0%"
    assert page.freeze_panes == "B5"


def test_the_orders_of_the_workbook_sum_to_those_of_the_trades(book, found):
    page = book["orders"]
    names = [cell.value for cell in page[3]]
    amounts = [row[names.index("amount")] for row in page.iter_rows(min_row=HEAD_ROWS + 1, values_only=True)]
    assert sum(amounts) == pytest.approx(found["orders"].table["amount"].sum())


def test_text_that_looks_like_a_formula_stays_text():
    table = pd.DataFrame({"name": ["=1+1", "@x", "plain\x00\x07", "-2"], "share": [0.5, float("nan"), 0.1, 0.2]})
    sheet = Sheet("names", "Names", table, {"name": "", "share": "fraction"})
    page = openpyxl.load_workbook(io.BytesIO(to_xlsx([sheet], FOOTER)))["names"]
    assert [(page.cell(row, 1).value, page.cell(row, 1).data_type) for row in (5, 6, 7, 8)] == [
        ("=1+1", "s"),
        ("@x", "s"),
        ("plain", "s"),
        ("-2", "s"),
    ]
    assert page.cell(6, 2).value is None
    archive = zipfile.ZipFile(io.BytesIO(to_csv_zip([sheet], FOOTER)))
    rows = list(csv.reader(io.StringIO(archive.read("names.csv").decode())))
    assert rows[:3] == [["name", "share"], ["", "fraction"], ["'=1+1", "0.5"]]
    assert json.loads(to_json([sheet], FOOTER))["tables"]["names"]["rows"][1] == {"name": "@x", "share": None}


def test_csv_files_read_back_as_the_tables(found):
    content = to_csv_zip([*found.values()], FOOTER)
    assert to_csv_zip([*found.values()], FOOTER) == content
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert set(archive.namelist()) == {"about.txt", *(f"{name}.csv" for name in found)}
    read = pd.read_csv(io.BytesIO(archive.read("paths.csv")), skiprows=[1])
    pd.testing.assert_series_equal(read["percentile_50"], found["paths"].table["percentile_50"])
    about = archive.read("about.txt").decode()
    assert FOOTER in about
    assert "orders.csv: Orders from today's holdings" in about


def test_json_says_title_units_and_rows(found, made):
    document = json.loads(to_json([*found.values()], FOOTER))
    assert document["made_with"] == FOOTER
    rows = document["tables"]["classes"]["rows"]
    assert {row["asset_class"]: row["weight"] for row in rows} == made.class_weights
    assert document["tables"]["journal"]["rows"][0]["reason"] == "More room."


def test_a_household_that_owns_nothing_has_no_tables_of_lots_and_orders(monkeypatch):
    monkeypatch.setattr(sheets_module, "PATHS", 60)
    names = {sheet.name for sheet in sheets(EXAMPLE.with_changes(household=None))}
    assert "classes" in names
    assert not names & {"lots", "cash", "orders", "journal"}
    assert isinstance(EXAMPLE.household, Household)
