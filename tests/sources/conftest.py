"""The local web services of these tests."""

from __future__ import annotations

import pytest
from local_service import Service


@pytest.fixture
def service():
    made = Service()
    yield made
    made.close()


@pytest.fixture
def other_service():
    made = Service()
    yield made
    made.close()
