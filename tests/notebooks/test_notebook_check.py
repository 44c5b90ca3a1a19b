"""An adviser's own notebooks: what a new run prints otherwise is said number by number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import v4

from planner.cli import main
from planner.notebooks import differences

if TYPE_CHECKING:
    from pathlib import Path

TABLE = "import pandas as pd\npd.DataFrame({'weight': [0.4, 0.6]}, index=['stocks', 'bonds'])"


def written(path: Path, *sources: str) -> Path:
    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell(source) for source in sources]), path)
    return path


def changed(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


class TestDifferences:
    def test_a_moved_number_is_told_with_its_relative_change_and_its_line(self) -> None:
        (found,) = differences("Plan\nVolatility  9.8 %, worst year -21 %", "Plan\nVolatility 10.2 %, worst year -21 %")
        assert (found.old, found.new) == ("9.8", "10.2")
        assert found.relative == pytest.approx(0.4 / 9.8)
        assert found.in_words == "9.8 -> 10.2 (+4.08 %) in: Volatility 9.8 %, worst year -21 %"

    @pytest.mark.parametrize(
        ("old", "new", "relative"),
        [
            ("1,250", "1,000", -0.2),
            ("-4", "4", 2.0),
            ("−4", "-5", -0.25),
            ("0", "1", None),
            ("nan", "2", None),
            ("1e-3", "2e-3", 1.0),
        ],
    )
    def test_numbers_are_read_as_people_write_them(self, old: str, new: str, relative: float | None) -> None:
        (found,) = differences(f"x = {old} USD", f"x = {new} USD")
        assert (found.old, found.new) == (old, new)
        assert found.relative == (None if relative is None else pytest.approx(relative))

    def test_changed_words_and_lines_that_came_or_went_are_text(self) -> None:
        assert [(d.old, d.new, d.relative) for d in differences("a 1\nb 2\nc 3", "a 1\nB 2\nc 3\nd 4")] == [
            ("b 2", "B 2", None),
            ("", "d 4", None),
        ]

    def test_a_table_that_grew_wider_differs_in_its_numbers_only(self) -> None:
        old, new = "name   value\n--------------\ngold       9", "name    value\n---------------\ngold       10"
        assert [(d.old, d.new) for d in differences(old, new)] == [("9", "10")]

    @given(st.text())
    def test_a_text_does_not_differ_from_itself(self, text: str) -> None:
        assert differences(text, text) == ()

    @given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
    def test_every_number_python_prints_is_compared_whole(self, old: float, new: float) -> None:
        found = differences(f"a {old} b", f"a {new} b")
        assert [(d.old, d.new) for d in found] == ([] if str(old) == str(new) else [(str(old), str(new))])


@pytest.mark.notebook
class TestRerun:
    def test_a_recorded_notebook_prints_what_it_holds_until_a_number_moves(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        mine = written(tmp_path / "mine.ipynb", "print('Return 5.2 %', hex(id(object())))", TABLE)
        assert main(["notebooks", "--record", str(tmp_path)]) == 0
        capsys.readouterr()
        assert main(["notebooks", str(tmp_path)]) == 0
        assert capsys.readouterr().out == "mine.ipynb: prints what it holds.\n"

        notebook = nbformat.read(mine, as_version=4)
        notebook.cells[0].outputs[0].text = notebook.cells[0].outputs[0].text.replace("5.2", "5.0")
        for kind, shown in notebook.cells[1].outputs[0].data.items():
            notebook.cells[1].outputs[0].data[kind] = shown.replace("0.6", "0.5")
        nbformat.write(notebook, mine)
        kept = mine.read_bytes()
        assert main(["notebooks", str(mine)]) == 1
        said = capsys.readouterr().out.splitlines()
        assert said[0].startswith("mine.ipynb In [1]: 5.0 -> 5.2 (+4 %) in: Return 5.0 %")
        assert said[1:] == ["mine.ipynb In [2]: 0.5 -> 0.6 (+20 %) in: bonds 0.5"]
        assert mine.read_bytes() == kept

    def test_a_cell_that_raises_is_named_and_a_recording_leaves_the_file_alone(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        mine = written(tmp_path / "mine.ipynb", "x = 1", "print(1 / x)")
        assert main(["notebooks", "--record", str(mine)]) == 0
        changed(mine, '"x = 1"', '"x = 0"')
        kept = mine.read_bytes()
        capsys.readouterr()
        assert main(["notebooks", str(mine)]) == 1
        assert capsys.readouterr().out == "mine.ipynb In [2]: raised ZeroDivisionError: division by zero\n"
        assert main(["notebooks", "--record", str(mine)]) == 2
        assert "a cell raised ZeroDivisionError" in capsys.readouterr().err
        assert mine.read_bytes() == kept


def test_a_notebook_that_was_never_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["notebooks", str(written(tmp_path / "mine.ipynb", "1 + 1"))]) == 1
    assert "not run in order" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "what"), [("gone.ipynb", "no notebook"), ("", "holds no notebook"), ("notes.txt", "no notebook")]
)
def test_what_is_no_notebook_is_wrong_input(
    name: str, what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").touch()
    assert main(["notebooks", str(tmp_path / name)]) == 2
    assert what in capsys.readouterr().err


def test_a_damaged_notebook_is_wrong_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.ipynb").write_text("{}", encoding="utf-8")
    assert main(["notebooks", str(tmp_path)]) == 2
    assert "cannot be read as a notebook" in capsys.readouterr().err
