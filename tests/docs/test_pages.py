"""What the pages show runs, and the site is whole: nothing from outside, no link into nowhere."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from argparse import _SubParsersAction
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import planner
import widgets
from planner.cli import _parser, main

ROOT = Path(__file__).resolve().parents[2]
TAUGHT = [ROOT / "docs" / "tutorial.md", ROOT / "docs" / "widgets.md", *sorted((ROOT / "docs" / "how-to").glob("*.md"))]
BLOCK = re.compile(r"^```(python|sh)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
OUTSIDE = re.compile(r"(?<=[(<])\w+://[^)>\s]*(?=[)>])")
HOST = re.compile(r"([a-z0-9-]+\.)+[a-z]{2,}")
LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}
"""Tags that a browser follows by itself."""


class Page(HTMLParser):
    """Where a page leads, what it loads, and what in it can be led to."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.anchors |= {said[name] for name in ("id", "name") if name in said}
        if tag == "a" and "href" in said:
            self.links.append(said["href"])
        if LOADED.get(tag) in said:
            self.loaded.append(said[LOADED[tag]])


@pytest.mark.parametrize("page", TAUGHT, ids=lambda page: page.stem)
def test_every_block_of_a_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for language, block in BLOCK.findall(page.read_text(encoding="utf-8")):
        if language == "python":
            exec(compile(block, page.name, "exec"), names)
        else:
            for line in block.splitlines():
                program, *arguments = shlex.split(line)
                assert (program, main(arguments)) == ("planner", 0), line


def test_every_part_of_the_public_api_has_a_page() -> None:
    parts = {home.split(".")[1] for home in planner._HOMES} - {"disclaimer"}
    assert {page.stem for page in (ROOT / "docs" / "reference").glob("*.rst")} == parts | {"widgets", "command"}


def test_a_link_to_outside_is_encrypted_written_right_and_to_one_address_only() -> None:
    pages = [
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "docs").rglob("*.rst"),
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
    ]
    links = {link for page in pages for link in OUTSIDE.findall(page.read_text(encoding="utf-8"))}
    wrong = []
    for link in links:
        there = urlsplit(link)
        if there.scheme != "https" or not HOST.fullmatch(there.netloc):
            wrong.append(link)
    assert wrong == []
    spellings = Counter(link.removesuffix("/").casefold() for link in links)
    assert [link for link, times in spellings.items() if times > 1] == []


def test_every_link_of_the_readme_leads_to_a_file_and_its_pictures_are_small() -> None:
    links = re.findall(r"\]\(([^)]*)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    inside = {ROOT / link for link in links if "://" not in link}
    assert [place for place in inside if not place.exists()] == []
    pictures = {place for place in inside if place.parent.name == "images"}
    assert len(pictures) == 3
    assert [place for place in pictures if place.stat().st_size > 150_000] == []


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Page]:
    site = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-j", "auto", "-d", f"{site}.trees"]
    made = subprocess.run([*build, "-c", "docs", ".", str(site)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return {file: Page(file) for file in site.rglob("*.html")}


@pytest.mark.docs
class TestSite:
    def test_no_page_loads_anything_from_outside(self, pages: dict[Path, Page]) -> None:
        assert len(pages) > 50
        assert [address for page in pages.values() for address in page.loaded if urlsplit(address).netloc] == []

    def test_every_link_inside_leads_somewhere(self, pages: dict[Path, Page]) -> None:
        lost = []
        for file, page in pages.items():
            for link in page.links + page.loaded:
                there = urlsplit(link)
                if there.scheme or there.netloc:
                    continue
                goal = (file.parent / unquote(there.path)).resolve() if there.path else file
                in_it = unquote(there.fragment)
                if not goal.exists() or (in_it and goal in pages and in_it not in pages[goal].anchors):
                    lost.append(f"{file.name} -> {link}")
        assert lost == []

    def test_formulas_are_mathml(self, pages: dict[Path, Page]) -> None:
        (methods,) = (file for file in pages if file.parent.name == "methods" and file.name == "index.html")
        written = (ROOT / "docs" / "methods" / "index.md").read_text(encoding="utf-8").count("```math")
        assert methods.read_text(encoding="utf-8").count('display="block"') == written

    def test_every_command_and_every_widget_has_its_entry(self, pages: dict[Path, Page]) -> None:
        reference = {file.stem: page for file, page in pages.items() if file.parent.name == "reference"}
        commands = next(action for action in _parser()._actions if isinstance(action, _SubParsersAction))
        assert {f"planner-{name}" for name in commands.choices} <= reference["command"].anchors
        assert {f"widgets.{name}" for name in widgets.__all__} <= reference["widgets"].anchors
