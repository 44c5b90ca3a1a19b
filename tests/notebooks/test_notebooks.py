"""Every notebook says what it said when it was recorded, and these checks notice when one does not.

After a change that is meant: ``planner notebooks --record notebooks``, and read the difference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbval.plugin import get_sanitize_patterns

from planner.notebooks import check_notebook
from planner.notebooks.checking import SANITISED

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
NAMES = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))
LARGEST = 60_000
"""Bytes; more is a picture or a widget's state that nobody reads."""

FIGURE = re.compile(r"\d[\d,.]*")
WIDGETS = ("PlannerApp(", "<widgets.")
"""What a widget shows of itself as text: addresses and style, no figure."""

Altered = Callable[[str, Callable[[nbformat.NotebookNode], None]], Path]


def code(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def texts(name: str) -> list[str]:
    outputs = [output for cell in code(nbformat.read(NOTEBOOKS / name, as_version=4)) for output in cell.outputs]
    return [text for output in outputs for text in output.get("data", {"text": output.get("text")}).values()]


@pytest.fixture
def altered(tmp_path: Path) -> Altered:
    """Copy one of the project's notebooks with something changed in it."""

    def copy(name: str, change: Callable[[nbformat.NotebookNode], None]) -> Path:
        notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
        change(notebook)
        path = tmp_path / name
        nbformat.write(notebook, path)
        return path

    return copy


def test_the_app_and_the_lessons_are_there() -> None:
    assert NAMES == [
        "01_first_plan.ipynb",
        "02_how_much_crypto.ipynb",
        "03_optimisers.ipynb",
        "04_accounts_and_taxes.ipynb",
        "05_rebalancing.ipynb",
        "06_projection.ipynb",
        "07_backtest_and_stress.ipynb",
        "08_monitoring.ipynb",
        "09_crypto_sleeve.ipynb",
        "10_data_you_can_check.ipynb",
        "11_where_to_trade.ipynb",
        "12_policy_statement.ipynb",
        "adviser.ipynb",
        "planner.ipynb",
    ]


@pytest.mark.notebook
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_prints_what_it_holds(name: str) -> None:
    verdict = check_notebook(NOTEBOOKS / name)
    assert verdict.ok, verdict.to_text()


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_titled_described_small_and_without_leftovers(name: str) -> None:
    text = (NOTEBOOKS / name).read_text(encoding="utf-8")
    metadata = json.loads(text)["metadata"]
    assert metadata["title"]
    assert metadata["description"]
    assert metadata["kernelspec"]["name"] == "python3"
    assert "widgets" not in metadata
    assert len(text) < LARGEST
    assert "model_id" not in text
    assert "Traceback" not in text


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_has_figures_to_check_and_none_is_sanitised(name: str) -> None:
    patterns = get_sanitize_patterns(SANITISED.read_text(encoding="utf-8"))
    found = []
    for text in texts(name):
        if not text.startswith(WIDGETS):
            sanitised = text
            for pattern, replacement in patterns:
                sanitised = re.sub(pattern, replacement, sanitised)
            assert FIGURE.findall(sanitised) == FIGURE.findall(text)
            found += FIGURE.findall(text)
    assert len(found) > 50


@pytest.mark.notebook
def test_a_changed_number_and_one_that_only_a_chart_shows_are_noticed_in_their_cells(altered: Altered) -> None:
    def change(notebook: nbformat.NotebookNode) -> None:
        range_of_example, chart = code(notebook)[5], code(notebook)[4]
        assert range_of_example.outputs[0].text.count("12.4 %") == 1
        range_of_example.outputs[0].text = range_of_example.outputs[0].text.replace("12.4 %", "12.5 %")
        assert "deepest fall" in chart.source
        chart.source = "steps.loc[0.07, 'deepest_fall'] -= 0.01\n" + chart.source

    verdict = check_notebook(altered("02_how_much_crypto.ipynb", change))
    assert [cell.number for cell in verdict.cells] == [5, 6], verdict.to_text()
    moved = verdict.cells[1].differences[0]
    assert (moved.old, moved.new, moved.relative) == ("12.5", "12.4", pytest.approx(-0.1 / 12.5))


@pytest.mark.notebook
def test_a_point_that_only_the_apps_chart_shows_is_noticed(altered: Altered) -> None:
    def change(notebook: nbformat.NotebookNode) -> None:
        printed = code(notebook)[-1]
        printed.source = (
            "from dataclasses import replace\n"
            "from widgets.charts import PICTURES\n"
            "drawn = PICTURES['frontier']\n"
            "def moved(plan):\n"
            "    rows = drawn.rows(plan)\n"
            "    rows['frontier'][7]['volatility'] += 0.001\n"
            "    return rows\n"
            "PICTURES['frontier'] = replace(drawn, rows=moved)\n"
        ) + printed.source

    verdict = check_notebook(altered("planner.ipynb", change))
    assert [cell.number for cell in verdict.cells] == [2], verdict.to_text()


def test_a_cleared_notebook_is_refused(altered: Altered) -> None:
    def clear(notebook: nbformat.NotebookNode) -> None:
        for cell in code(notebook):
            cell.execution_count, cell.outputs = None, []

    verdict = check_notebook(altered("01_first_plan.ipynb", clear))
    assert not verdict.ok
    assert "not run in order" in verdict.problem


def test_a_notebook_run_out_of_order_is_refused(altered: Altered) -> None:
    def rerun(notebook: nbformat.NotebookNode) -> None:
        code(notebook)[1].execution_count = 40

    assert not check_notebook(altered("01_first_plan.ipynb", rerun)).ok
