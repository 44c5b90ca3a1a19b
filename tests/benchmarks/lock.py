"""Resolve the neighbours anew: ``.venv/bin/python -m tests.benchmarks.lock`` (minutes).

Only what ``requirements.lock`` does not have is written, at versions that go with those in it: the environment of
``make bench`` lies over the project's own.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = Path(__file__).with_name("requirements.lock")
HEADER = """\
# What `make bench` installs over requirements.lock; written by `python -m tests.benchmarks.lock`.
# cvxpy-base is left out: requirements.lock has cvxpy, which is the same package with its solvers.
"""
THERE_UNDER_ANOTHER_NAME = {"cvxpy-base"}
NAME = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)
OPTIONS = (
    "--quiet --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header "
    "--no-annotate --allow-unsafe --strip-extras"
)


def main() -> None:
    """Write the lock file."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    base = dict(NAME.findall((ROOT / "requirements.lock").read_text(encoding="utf-8")))
    with tempfile.TemporaryDirectory() as folder:
        wanted, known, resolved = (Path(folder) / name for name in ("wanted.in", "known.txt", "resolved.txt"))
        wanted.write_text("\n".join(project["project"]["optional-dependencies"]["bench"]), encoding="utf-8")
        known.write_text("\n".join(f"{name}=={version}" for name, version in base.items()), encoding="utf-8")
        compiler = [sys.executable, "-m", "piptools", "compile", *OPTIONS.split()]
        subprocess.run([*compiler, "-c", str(known), "-o", str(resolved), str(wanted)], check=True)
        entries = re.split(r"^(?=[A-Za-z0-9])", resolved.read_text(encoding="utf-8"), flags=re.MULTILINE)
    new = [entry for entry in entries if _name(entry) not in {"", *base, *THERE_UNDER_ANOTHER_NAME}]
    LOCK.write_text(HEADER + "".join(new), encoding="utf-8")


def _name(entry: str) -> str:
    found = NAME.match(entry)
    return found.group(1) if found else ""


if __name__ == "__main__":
    main()
