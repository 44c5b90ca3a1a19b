"""The data files that are installed with the package, held against their manifest when they are read."""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from importlib.resources import files

from planner.errors import PlannerError

REMEDY = "The installation is damaged: install modern-portfolio again."


def built_in_bytes(name: str) -> bytes:
    """The content of a built-in data file; PlannerError where it is missing or not the one the manifest tells of."""
    try:
        content = (files("planner.market") / "data" / name).read_bytes()
    except OSError as error:
        raise PlannerError(f"The built-in data file {name} cannot be read. {REMEDY}") from error
    if sha256(content).hexdigest() != built_in_hashes().get(name):
        raise PlannerError(f"The built-in data file {name} is not the one its manifest tells of. {REMEDY}")
    return content


@cache
def built_in_hashes() -> dict[str, str]:
    """The SHA-256 of each built-in data file by name, as the manifest has them."""
    try:
        manifest = json.loads((files("planner.market") / "data" / "manifest.json").read_bytes())
        return {entry["path"]: entry["sha256"] for entry in manifest["files"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PlannerError(f"The manifest of the built-in data cannot be read. {REMEDY}") from error
