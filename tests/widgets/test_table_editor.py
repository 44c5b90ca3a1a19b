import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.table_editor import MOST_ROWS, CellError, Column, ColumnKind, TableEditor, merged

COLUMNS = (
    Column("name", "Name", carried=True),
    Column("kind", "Kind", ColumnKind.CHOICE, (("a", "The first"), ("b", "The second"))),
    Column("number", "Number", ColumnKind.NUMBER),
)


@pytest.fixture
def table():
    return TableEditor(COLUMNS, [["one", "a", "1"], ["two", "b", "2"]], label="Things")


def page_sends(table, rows, seen):
    table._handle_custom_msg({"rows": [list(row) for row in rows], "seen": seen}, [])


def test_columns_and_rows_are_sent_as_plain_values(table):
    state = table.get_state()
    assert [column["kind"] for column in state["columns"]] == ["text", "choice", "number"]
    assert state["columns"][1]["choices"] == (("a", "The first"), ("b", "The second"))
    assert state["rows"] == [["one", "a", "1"], ["two", "b", "2"]]


def test_what_is_typed_is_heard_of_once_and_kept_as_it_was_typed(table):
    heard = []
    table.observe(lambda change: heard.append(change.new), "rows")
    page_sends(table, [["one", "a", " 1,000 dollars"], ["two", "b", "2"]], table.revision)
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


class Page:
    """The page's side: it has what it typed until it hears of what Python put into the table."""

    def __init__(self, table):
        self.table = table
        self.hear()

    def hear(self):
        self.rows, self.revision = [list(row) for row in self.table.rows], self.table.revision

    def type(self, row, column, text):
        self.rows[row][column] = text
        self.send()

    def send(self):
        page_sends(self.table, self.rows, self.revision)


def answering(table):
    """Python fills the third cell of each row that has a name, as an answer."""

    def answer(_):
        table.rows = [[name, kind, number or (name and "9")] for name, kind, number in table.rows]

    table.observe(answer, "rows")
    return Page(table)


def test_what_is_typed_before_an_answer_arrives_is_put_into_the_answer(table):
    table.show([["", "", ""], ["", "", ""]])
    page = answering(table)
    page.type(0, 0, "one")  # answered by a number
    page.type(0, 1, "a")  # sent by a page that does not know the number yet
    page.type(1, 0, "two")
    assert table.rows == [["one", "a", "9"], ["two", "", "9"]]
    page.hear()
    page.type(0, 2, "")
    assert table.rows == [["one", "a", "9"], ["two", "", "9"]]


def test_a_page_that_heard_one_of_two_answers_loses_nothing(table):
    table.show([["", "", ""], ["", "", ""]])
    page = answering(table)
    page.type(0, 0, "one")
    first = ([list(row) for row in table.rows], table.revision)
    page.type(1, 0, "two")
    page.rows, page.revision = first  # what it typed second is gone from the page until the second answer
    page.type(0, 1, "b")
    assert table.rows == [["one", "b", "9"], ["two", "", "9"]]


def test_rows_added_and_removed_before_an_answer_arrives_stay_so(table):
    table.show([["", "", ""], ["x", "", "1"]])
    page = answering(table)
    page.type(0, 0, "one")
    page.rows.append(["", "b", ""])
    page.send()
    assert table.rows == [["one", "", "9"], ["x", "", "1"], ["", "b", ""]]
    del page.rows[1]
    page.send()
    assert table.rows == [["one", "", "9"], ["", "b", ""]]


def test_python_s_rows_take_the_place_of_the_page_s_though_they_are_the_ones_it_sent_before(table):
    page = Page(table)
    before = table.rows
    page.type(0, 0, "three")
    table.rows = before
    page.hear()
    page.type(1, 2, "5")
    assert table.rows == [["one", "a", "1"], ["two", "b", "5"]]


CELLS = st.lists(st.lists(st.sampled_from("ab"), min_size=2, max_size=2), min_size=1, max_size=4)


@given(base=CELLS, data=st.data())
def test_merging_keeps_every_cell_that_only_one_side_changed(base, data):
    def changed():
        return [[data.draw(st.sampled_from([cell, "c"])) for cell in row] for row in base]

    mine, theirs = changed(), changed()
    for row, cells in enumerate(merged(mine, base, theirs)):
        for column, cell in enumerate(cells):
            old, kept, new = base[row][column], mine[row][column], theirs[row][column]
            assert cell == (new if new != old else kept)
