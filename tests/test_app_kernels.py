"""When the kernel behind a page is ended."""

from __future__ import annotations

import asyncio
import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from planner import app_kernels
from planner.app_kernels import IDLE_SECONDS, PageKernels
from planner.app_server import CULL_EVERY_SECONDS, CULL_IDLE_SECONDS

KERNEL = "kernel"


class Watched(PageKernels):
    """One kernel, and the clock in the test's hands."""

    def __init__(self, monkeypatch, *, state="idle", connections=0, idle_seconds=0.0):
        super().__init__(cull_idle_timeout=CULL_IDLE_SECONDS)
        self.now, self.ended = 1000.0, []
        monkeypatch.setattr(app_kernels.time, "monotonic", lambda: self.now)
        last = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=idle_seconds)
        self.kernel = SimpleNamespace(execution_state=state, last_activity=last)
        self._kernels = {KERNEL: self.kernel}
        self._kernel_connections = {KERNEL: connections}

    async def shutdown_kernel(self, kernel_id, **_):
        self.ended.append(kernel_id)

    def connect(self, pages):
        self._kernel_connections[KERNEL] = pages

    def look(self, after=0.0):
        self.now += after
        with ThreadPoolExecutor(1) as aside:  # in this thread another test's browser may have left its loop running
            aside.submit(asyncio.run, self.cull_kernel_if_idle(KERNEL)).result()
        return bool(self.ended)


def test_a_kernel_without_a_page_is_gone_within_a_minute(monkeypatch):
    kernels = Watched(monkeypatch)
    assert not kernels.look()
    assert not kernels.look(after=CULL_IDLE_SECONDS - 1)
    assert kernels.look(after=1)
    assert CULL_IDLE_SECONDS + 2 * CULL_EVERY_SECONDS < 60


def test_the_time_runs_from_when_it_is_alone_not_from_its_last_message(monkeypatch):
    kernels = Watched(monkeypatch, idle_seconds=3600)
    assert not kernels.look()


def test_a_page_that_comes_back_keeps_its_kernel(monkeypatch):
    kernels = Watched(monkeypatch)
    assert not kernels.look()
    kernels.connect(1)
    assert not kernels.look(after=CULL_IDLE_SECONDS)
    kernels.connect(0)
    assert not kernels.look(after=1)


@pytest.mark.parametrize("state", ["busy", "starting"])
def test_a_kernel_that_works_is_not_abandoned(monkeypatch, state):
    kernels = Watched(monkeypatch, state=state)
    assert not kernels.look()
    assert not kernels.look(after=10 * CULL_IDLE_SECONDS)


def test_a_page_that_nobody_used_for_a_working_day_ends(monkeypatch):
    assert not Watched(monkeypatch, connections=1, idle_seconds=IDLE_SECONDS - 60).look()
    assert Watched(monkeypatch, connections=1, idle_seconds=IDLE_SECONDS + 60).look()


def test_a_dead_kernel_is_cleared_away_at_once(monkeypatch):
    assert Watched(monkeypatch, state="dead", connections=1).look()
