"""What the landing page says about notebooks, read from the notebooks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from planner.gallery import Card, cards, has_notebooks

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, *cells: tuple[str, str], **metadata: Any) -> None:
    listed = [{"cell_type": kind, "source": [source], "metadata": {}} for kind, source in cells]
    path.write_text(json.dumps({"cells": listed, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}))


def test_a_card_takes_title_and_line_from_the_metadata(tmp_path: Path) -> None:
    write(tmp_path / "app.ipynb", ("markdown", "# Other\n\nwords"), title="The app", description="What it does.")
    assert cards(tmp_path) == (Card("The app", "What it does.", "app.ipynb"),)


def test_without_metadata_the_first_heading_and_paragraph_speak(tmp_path: Path) -> None:
    text = "# How much crypto?\n\n## In short\nBetween nothing\nand 15 %.\n\nMore."
    write(tmp_path / "02.ipynb", ("code", "import planner"), ("markdown", text))
    assert cards(tmp_path) == (Card("How much crypto?", "Between nothing and 15 %.", "02.ipynb"),)


def test_a_notebook_without_words_is_named_after_its_file(tmp_path: Path) -> None:
    write(tmp_path / "my_first_plan.ipynb", ("code", "1 + 1"))
    assert cards(tmp_path) == (Card("My first plan", "", "my_first_plan.ipynb"),)


def test_apps_come_before_numbered_lessons(tmp_path: Path) -> None:
    for name in ("02_second", "planner", "01_first"):
        write(tmp_path / f"{name}.ipynb", title=name)
    assert [card.title for card in cards(tmp_path)] == ["planner", "01_first", "02_second"]


def test_what_is_no_notebook_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "broken.ipynb").write_text("{")
    (tmp_path / "list.ipynb").write_text("[]")
    (tmp_path / "notes.txt").write_text("words")
    assert cards(tmp_path) == ()


def test_a_folder_has_notebooks_only_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    write(tmp_path / "inner" / "one.ipynb")
    assert has_notebooks(tmp_path / "inner")
    assert not has_notebooks(tmp_path)
