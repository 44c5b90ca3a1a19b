"""What the landing page says about notebooks, read from the notebooks."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import planner
from planner.gallery import Card, cards, has_notebooks

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "share/jupyter/voila/templates/modern-portfolio"
PICTURES = TEMPLATE / "pictures"


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


def test_an_order_in_the_metadata_comes_before_file_names(tmp_path: Path) -> None:
    write(tmp_path / "a.ipynb")
    write(tmp_path / "b.ipynb", order=2)
    write(tmp_path / "c.ipynb", order=1)
    write(tmp_path / "d.ipynb", order="first")
    assert [card.file[0] for card in cards(tmp_path)] == ["c", "b", "a", "d"]


@pytest.mark.parametrize("picture", ["../secret", "/etc/passwd", "a.b", "", 3, None, ["fan"]])
def test_a_picture_is_a_plain_name_or_none(tmp_path: Path, picture: object) -> None:
    write(tmp_path / "a.ipynb", picture=picture)
    named = cards(tmp_path)[0].picture
    assert "/" not in named
    assert "." not in named


def test_the_planner_comes_first_then_the_desk_then_the_lessons_each_with_a_picture_of_its_own() -> None:
    shown = cards(ROOT / "notebooks")
    assert [card.file for card in shown[:3]] == ["planner.ipynb", "adviser.ipynb", "01_first_plan.ipynb"]
    assert [card.file for card in shown[2:]] == sorted(card.file for card in shown[2:])
    pictures = [card.picture for card in shown]
    assert len(set(pictures)) == len(pictures)
    assert {f"{name}.svg" for name in [*pictures, "neutral"]} == {file.name for file in PICTURES.iterdir()}


def test_pictures_are_small_say_what_they_show_and_use_only_colours_that_the_style_has() -> None:
    style = (TEMPLATE / "static/modern-portfolio.css").read_text(encoding="utf-8")
    for file in PICTURES.iterdir():
        picture = file.read_text(encoding="utf-8")
        assert len(picture) < 5000
        assert "{" not in picture
        assert 'role="img" aria-label="' in picture or file.stem == "neutral"
        kinds = {kind for kinds in re.findall(r'class="([^"]*)"', picture) for kind in kinds.split()} - {"mp-picture"}
        assert [kind for kind in kinds if f".mp-picture .{kind} " not in style] == []


def test_the_colours_of_asset_classes_are_the_universes() -> None:
    style = (TEMPLATE / "static/modern-portfolio.css").read_text(encoding="utf-8")
    for each in planner.built_in_market().universe.classes:
        assert f".mp-picture .{each.name} {{ --mp-shape: {each.colour.lower()}; }}" in style
