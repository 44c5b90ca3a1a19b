"""Fixtures that every part of the tests may use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("any machine", parent=settings(), deadline=None)
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def vectors() -> dict[str, dict[str, Any]]:
    """Published results to reproduce, by id."""
    entries = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
    return {entry["id"]: entry for entry in entries}
