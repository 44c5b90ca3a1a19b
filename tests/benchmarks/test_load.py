"""Visitors without a browser are served like others: every move is answered with a chart, and nothing goes wrong."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from .load import QUICK_SECONDS, QUICK_VISITORS, measure


@pytest.mark.notebook
def test_two_visitors_at_once_move_sliders_without_an_error() -> None:
    with ThreadPoolExecutor(1) as aside:  # in this thread another test's browser may have left its loop running
        load = aside.submit(measure, QUICK_VISITORS, QUICK_SECONDS).result()
    assert load.errors == []
    assert len(load.arrivals) == QUICK_VISITORS
    assert all(len(moves) >= QUICK_VISITORS for moves in load.moves.values())
    assert len(load.resident) == QUICK_VISITORS
    assert all(own < resident for own, resident in zip(load.own, load.resident, strict=True))
