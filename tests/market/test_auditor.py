"""The auditor's own lines in docs/data-you-can-check.md agree with the planner, and so does sha256sum."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import planner
from planner.market.data_check import check_data

ROOT = Path(planner.__file__).parent.parent
PAGE = ROOT / "docs" / "data-you-can-check.md"
DATA = ROOT / "planner" / "market" / "data"


@pytest.fixture(scope="module")
def lines() -> str:
    return re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[-1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "data"
    shutil.copytree(DATA, place)
    for path in place.iterdir():
        path.chmod(0o644)
    return place


def audit(lines: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-c", lines, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_they_are_about_forty_and_use_nothing_of_ours(lines):
    assert sum(1 for line in lines.splitlines() if line.strip()) <= 40
    assert set(re.findall(r"^(?:from|import) (\w+)", lines, re.MULTILINE)) == {"json", "sys", "hashlib", "pathlib"}


def test_they_find_the_built_in_data_as_sealed(lines, folder):
    done = audit(lines, folder)
    assert (done.stdout, done.stderr) == ("ok\n", "")
    assert check_data(folder).ok


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("monthly_returns.csv", b"0.069250", b"0.069251", "monthly_returns.csv: changed"),
        ("manifest.json", b"GLD", b"GLB", "not the one in the log"),
        ("manifest.json", b'"root": "cab0', b'"root": "dab0', "monthly_returns.csv: another root"),
        ("versions.jsonl", b'"previous": "0', b'"previous": "1', "log: broken at 1"),
    ],
)
def test_they_catch_what_the_planner_catches(lines, folder, name, old, new, said):
    path = folder / name
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))
    done = audit(lines, folder)
    assert done.returncode == 1
    assert said in done.stderr
    assert not check_data(folder).ok


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="sha256sum is not installed")
def test_sha256sum_agrees(folder):
    done = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.count(": OK") == 4
