"""A notebook held against a new run of it, by nbval in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.errors import InputError
from planner.notebooks.differences import Difference, differences

if TYPE_CHECKING:
    from collections.abc import Iterable

SANITISED = Path(__file__).with_name("sanitize.cfg")
"""What differs from run to run without meaning anything. Figures are never sanitised."""
CELL_SECONDS = 300
"""A cell that takes longer has failed. Ours."""
SHOWN = 20
"""Differences of a cell that are shown one by one: a moved chart has thousands. Ours."""
LAST_WORDS = 20
"""Lines of nbval's own report that are shown when it failed beside any cell. Ours."""


@dataclass(frozen=True)
class FailedCell:
    """A code cell that raised, or prints otherwise; `number` is the one in its brackets, In [1] first."""

    number: int
    why: str
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """Whether a notebook prints what it holds; `problem` is what kept it from being run whole, else empty."""

    path: Path
    cells: tuple[FailedCell, ...] = ()
    problem: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not (self.cells or self.problem)

    def to_text(self) -> str:
        """One line a difference: notebook, cell, old, new, relative change."""
        name = self.path.name
        if self.ok:
            return f"{name}: prints what it holds."
        lines = [f"{name}: {self.problem}"] if self.problem else []
        for cell in self.cells:
            place = f"{name} In [{cell.number}]"
            lines += [f"{place}: {difference.in_words}" for difference in cell.differences[:SHOWN]]
            if not cell.differences:
                lines.append(f"{place}: {cell.why}")
            elif len(cell.differences) > SHOWN:
                lines.append(f"{place}: and {len(cell.differences) - SHOWN} more differences.")
        return "\n".join(lines)


def found_notebooks(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the notebooks that files and folders name, those of a folder in the order of their names.

    Raises InputError for a path that is not there, that is no notebook, or a folder that holds none.
    """
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.glob("*.ipynb")) if path.is_dir() else [path]
        if not inside:
            raise InputError(f"{path} holds no notebook: name a folder with .ipynb files, or the files themselves.")
        if not path.is_dir() and not (path.is_file() and path.suffix == ".ipynb"):
            raise InputError(f"{path} is no notebook: name a file that is there and ends with .ipynb, or a folder.")
        found += inside
    return tuple(found)


def check_notebook(path: Path) -> Verdict:
    """Run a notebook anew in a kernel of this very Python, and say what it prints otherwise than it holds.

    The file stays as it is. A notebook whose cells were not run in order from an empty kernel is refused: nbval would
    pass a cell that was never run without looking at it.
    """
    if find_spec("nbval") is None:
        raise InputError("Checking notebooks needs nbval: pip install 'modern-portfolio[notebooks]'.")
    if _run_in_order(path):
        with tempfile.TemporaryDirectory() as scratch:
            return _rerun(path.resolve(), Path(scratch))
    return Verdict(path, problem="its cells were not run in order from an empty kernel. Record it first.")


def _run_in_order(path: Path) -> bool:
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        counts = [cell["execution_count"] for cell in cells if cell["cell_type"] == "code" and cell["source"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} cannot be read as a notebook: {error!r}") from error
    return counts == list(range(1, len(counts) + 1))


def _rerun(path: Path, scratch: Path) -> Verdict:
    failed = scratch / "failed.jsonl"
    failed.touch()
    options = ["-p", "nbval.plugin", "--nbval", "--nbval-current-env", f"--nbval-sanitize-with={SANITISED}"]
    options += [f"--nbval-cell-timeout={CELL_SECONDS}", "-p", "planner.notebooks.failed_cells"]
    options += [f"--failed-cells={failed}", "-p", "no:cacheprovider", "-c", os.devnull]
    run = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "pytest", "-q", "--color=no", f"--rootdir={path.parent}", *options, str(path)],
        cwd=path.parent,
        # Other plugins take seconds to load, and what they do to a run is not known here.
        env={
            **os.environ,
            "IPYTHONDIR": str(scratch),
            "PYTEST_ADDOPTS": "",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    cells = tuple(_failed_cell(json.loads(line)) for line in failed.read_text(encoding="utf-8").splitlines())
    if run.returncode == 0 or cells:
        return Verdict(path, cells)
    said = (run.stdout + run.stderr).strip().splitlines()[-LAST_WORDS:]
    return Verdict(path, problem="\n".join(["it could not be run.", *said]))


def _failed_cell(failed: dict[str, Any]) -> FailedCell:
    if failed["raised"]:
        return FailedCell(failed["cell"], f"raised {failed['raised']}")
    held, prints = failed["held"], failed["prints"]
    by_kind = {kind: differences(held.get(kind, ""), prints.get(kind, "")) for kind in {**held, **prints}}
    # A table is both text and HTML: what the text shows need not be said twice.
    plain = [each for kind, found in by_kind.items() if "html" not in kind for each in found]
    shown = plain or [each for found in by_kind.values() for each in found]
    return FailedCell(failed["cell"], failed["why"], tuple(shown))
