"""When the heavy libraries are loaded: after the page, and without one after a while."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import ipywidgets as w
import pytest

from widgets import runner
from widgets.page import Page


@pytest.fixture
def kernel(monkeypatch):
    """A place like a kernel, where loading takes no time; what is done is noted."""
    done = []
    monkeypatch.setattr(runner, "_in_kernel", lambda: True)
    monkeypatch.setattr(runner, "_load", lambda: done.append("loaded"))
    return done


def in_a_loop(work):
    """Run a coroutine as a kernel would, beside what another test may have left running in this thread."""
    with ThreadPoolExecutor(1) as aside:
        aside.submit(asyncio.run, work()).result()


async def until(met):
    async with asyncio.timeout(60):
        while not met():
            await asyncio.sleep(0.01)


def test_the_libraries_wait_for_the_page_and_are_loaded_once(kernel, monkeypatch):
    monkeypatch.setattr(runner, "PATIENCE_SECONDS", 3600)

    async def work():
        page_is_there = runner.when_loaded(lambda: kernel.append("then"))
        await asyncio.sleep(0.05)
        assert kernel == []
        page_is_there()
        page_is_there()
        await until(lambda: "then" in kernel)
        await asyncio.sleep(0.05)

    in_a_loop(work)
    assert kernel == ["loaded", "then"]


def test_without_a_page_they_are_loaded_after_a_while(kernel, monkeypatch):
    monkeypatch.setattr(runner, "PATIENCE_SECONDS", 0.01)

    async def work():
        runner.when_loaded(lambda: kernel.append("then"))
        await until(lambda: "then" in kernel)

    in_a_loop(work)
    assert kernel == ["loaded", "then"]


def test_outside_a_kernel_they_are_loaded_at_once(kernel, monkeypatch):
    monkeypatch.setattr(runner, "_in_kernel", lambda: False)
    runner.when_loaded(lambda: kernel.append("then"))()
    assert kernel == ["loaded", "then"]


def test_what_waits_for_the_page_is_called_when_it_stands():
    stood = []
    page = Page(w.VBox(), lambda: stood.append(True))
    page._handle_custom_msg("nothing of ours", [])
    page._handle_custom_msg({"type": "shown", "version": page.version}, [])
    assert stood == []
    page._handle_custom_msg({"type": "stands"}, [])
    assert stood == [True]
