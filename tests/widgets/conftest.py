"""The strip at the top follows few paths, as every change of a scenario in a test would wait for them."""

from __future__ import annotations

import pytest

from widgets import strip


@pytest.fixture(autouse=True, scope="session")
def few_paths_in_the_strip():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strip, "PATHS", 20)
        yield
