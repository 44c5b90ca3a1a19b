"""What a page says when its kernel is gone and brings back when asked; how many pages there are, and how they end."""

from __future__ import annotations

import os
import signal
import time
import urllib.error
import urllib.request

import psutil
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT, free_port, running

pytestmark = pytest.mark.browser

SAID_MILLISECONDS = 5_000
SLACK_MILLISECONDS = 5_000
# In place of the product's 45 and 5 seconds, whose sum tests/test_app_kernels.py holds under a minute.
CULL_IDLE_SECONDS, CULL_EVERY_SECONDS = 12, 1
GONE_SECONDS = CULL_IDLE_SECONDS + 15
NOTICE, OFFER = ".mp-lost", ".kept-scenario"
IS_KEPT = "() => Object.keys(sessionStorage).some((key) => key.startsWith('modern-portfolio:'))"


@pytest.fixture(scope="module")
def port():
    return free_port()


@pytest.fixture(scope="module")
def url(port, tmp_path_factory):
    """Address of the app on a server that has room for one page."""
    notebook = ROOT / "notebooks" / "planner.ipynb"
    call = f"CULL_IDLE_SECONDS, app_server.CULL_EVERY_SECONDS = {CULL_IDLE_SECONDS}, {CULL_EVERY_SECONDS}; "
    call += f"app_server.serve(Path({str(notebook)!r}), port={port}, open_browser=False, places=1)"
    with running(call, port, tmp_path_factory.mktemp("trust") / "app.log") as address:
        yield f"{address}/voila/render/planner.ipynb"


def kernels(port):
    servers = [child for child in psutil.Process().children() if f"port={port}" in " ".join(child.cmdline())]
    return [child for server in servers for child in server.children() if "ipykernel_launcher" in child.cmdline()]


def wait_for_no_kernel(port, seconds):
    until = time.monotonic() + seconds
    while kernels(port):
        assert time.monotonic() < until, f"a kernel without a page is still there after {seconds} s"
        time.sleep(0.5)


def test_a_full_server_says_so_in_words_and_has_room_again_once_a_page_has_gone_away(url, port):
    with urllib.request.urlopen(url) as answer:  # loads the page, and goes away without a word
        answer.read()
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(url)
    assert refusal.value.code == 503
    words = refusal.value.read().decode()
    assert "All places are taken" in words
    assert "Try again" in words
    assert "Traceback" not in words
    wait_for_no_kernel(port, GONE_SECONDS)


def test_a_lost_kernel_is_told_in_words_and_the_changed_scenario_comes_back_when_wanted(visit, url, port):
    page = visit(url).page
    age = page.locator(".widget-slider", has_text="Age")
    readout = age.locator(".widget-readout")
    before = readout.inner_text()
    expect(page.locator(OFFER)).to_be_hidden()
    age.locator(".noUi-handle").focus()
    page.keyboard.press("ArrowRight")
    changed = str(int(before) + 1)
    expect(readout).to_have_text(changed)
    page.wait_for_function(IS_KEPT)

    page.context.set_offline(True)
    expect(page.locator(NOTICE)).to_contain_text("does not answer", timeout=SAID_MILLISECONDS + SLACK_MILLISECONDS)
    page.context.set_offline(False)
    expect(page.locator(NOTICE)).to_have_count(0)

    (kernel,) = kernels(port)
    os.kill(kernel.pid, signal.SIGKILL)
    expect(page.locator(NOTICE)).to_contain_text("kept in this tab", timeout=SAID_MILLISECONDS + SLACK_MILLISECONDS)
    wait_for_no_kernel(port, GONE_SECONDS)
    page.get_by_role("button", name="Load the page again").click()

    expect(page.locator(OFFER)).to_contain_text("This tab kept")
    expect(readout).to_have_text(before)
    page.get_by_role("button", name="Restore it").click()
    expect(readout).to_have_text(changed)
    expect(page.locator(OFFER)).to_be_hidden()
    expect(page.locator(NOTICE)).to_have_count(0)
