import pytest

from widgets.table_editor import MOST_ROWS, CellError, Column, ColumnKind, TableEditor

COLUMNS = (
    Column("name", "Name", carried=True),
    Column("kind", "Kind", ColumnKind.CHOICE, (("a", "The first"), ("b", "The second"))),
    Column("number", "Number", ColumnKind.NUMBER),
)


@pytest.fixture
def table():
    return TableEditor(COLUMNS, [["one", "a", "1"], ["two", "b", "2"]], label="Things")


def test_columns_and_rows_are_sent_as_plain_values(table):
    state = table.get_state()
    assert [column["kind"] for column in state["columns"]] == ["text", "choice", "number"]
    assert state["columns"][1]["choices"] == (("a", "The first"), ("b", "The second"))
    assert state["rows"] == [["one", "a", "1"], ["two", "b", "2"]]


def test_what_is_typed_is_heard_of_once_and_kept_as_it_was_typed(table):
    heard = []
    table.observe(lambda change: heard.append(change.new), "rows")
    table.set_state({"rows": [["one", "a", " 1,000 dollars"], ["two", "b", "2"]]})
    assert heard == [[["one", "a", " 1,000 dollars"], ["two", "b", "2"]]]


def test_short_and_long_rows_are_fitted_to_the_columns(table):
    table.rows = [["one"], ["two", "b", "2", "more"]]
    assert table.rows == [["one", "", ""], ["two", "b", "2"]]


def test_errors_stand_beside_cells_and_go_with_the_rows_they_are_about(table):
    table.show_errors([CellError("it must be a number.", 1, "number"), CellError("nothing fits.")])
    assert table.errors == [
        {"sentence": "it must be a number.", "row": 1, "column": "number"},
        {"sentence": "nothing fits.", "row": None, "column": None},
    ]
    table.show([["three", "a", "3"]])
    assert table.errors == []


def test_rows_that_are_added_on_the_page_are_counted(table):
    table.rows = [*table.rows, ["three", "", ""]]
    assert table.total == 3
    assert table.editable


def test_a_long_table_is_shown_in_part_and_not_edited(table):
    table.show([[str(row), "a", "1"] for row in range(MOST_ROWS + 1)])
    assert table.total == MOST_ROWS + 1
    assert len(table.rows) == MOST_ROWS
    assert not table.editable
    table.show([["one", "a", "1"]])
    assert table.total == 1
    assert table.editable
