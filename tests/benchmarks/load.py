"""Many visitors at once, each moving a slider for a while: errors, latency, memory of their kernels."""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psutil

from tests.browser.conftest import served

from .pages import APP
from .table import table
from .visitor import Visitor

VISITORS = 20
SECONDS = 60.0
QUICK_VISITORS, QUICK_SECONDS = 2, 1.5
PACES = (1.0, 5.0)
"""Seconds between an answer and the next move, on average: somebody who plays with the slider, somebody who reads."""
RETRY_SECONDS = 1.0
READY_SECONDS = 300
STEP = 0.1


@dataclass
class Load:
    """What was measured: seconds, and megabytes by kernel."""

    arrivals: list[float] = field(default_factory=list)
    moves: dict[float, list[float]] = field(default_factory=lambda: {pace: [] for pace in PACES})
    resident: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def report(visitors: int = VISITORS, seconds: float = SECONDS) -> str:
    """The section of docs/benchmarks.md."""
    load = measure(visitors, seconds)
    rows = [
        ["page loaded and its first plan drawn, all arriving at once", *_milliseconds(load.arrivals)],
        *(
            [f"a move until its last answer, pauses of {pace:g} s ({len(moves):,} moves)", *_milliseconds(moves)]
            for pace, moves in load.moves.items()
        ),
    ]
    memory = [
        ["resident memory of a kernel", f"{median(load.resident):.0f} MB", f"{max(load.resident):.0f} MB"],
        ["of it shared with no other process", f"{median(load.own):.0f} MB", f"{max(load.own):.0f} MB"],
    ]
    said = "None." if not load.errors else "\n\n".join(sorted(set(load.errors)))
    return "\n\n".join(
        [
            f"{visitors} visitors on {os.cpu_count()} cores, {seconds:.0f} s at each pace: a move, its answer, then a "
            f"pause, on average as long as stated. Errors: {said}",
            table(["", "median", "95 %", "worst"], rows),
            table(["", "median", "largest"], memory),
        ]
    )


def measure(visitors: int, seconds: float) -> Load:
    """Serve the app and let the visitors come."""
    with tempfile.TemporaryDirectory() as folder, served(APP, Path(folder) / "load.log") as server:
        port = server.rsplit(":", 1)[1]
        return asyncio.run(_measure(server, port, visitors, seconds))


async def _measure(server: str, port: str, visitors: int, seconds: float) -> Load:
    load = Load()
    everyone = asyncio.Barrier(visitors)
    await asyncio.gather(*(_visit(server, everyone, seconds, load, number) for number in range(visitors)))
    for kernel in _kernels(port):
        memory = kernel.memory_full_info()
        load.resident.append(memory.rss / 2**20)
        load.own.append(memory.uss / 2**20)
    return load


async def _visit(server: str, everyone: asyncio.Barrier, seconds: float, load: Load, seed: int) -> None:
    pauses = random.Random(seed)
    visitor = Visitor(server)
    began = time.perf_counter()
    await visitor.arrive()
    is_drawn = False
    while not is_drawn:
        _, is_drawn = await visitor.move(STEP)
        if time.perf_counter() - began > READY_SECONDS:
            raise RuntimeError("the first plan was never drawn")
        await asyncio.sleep(0 if is_drawn else RETRY_SECONDS)
    load.arrivals.append(time.perf_counter() - began)
    sign = 1
    for pace, moves in load.moves.items():
        await everyone.wait()
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            await asyncio.sleep(pauses.uniform(0, 2 * pace))
            sign = -sign
            took, is_drawn = await visitor.move(sign * STEP)
            moves.append(took)
            if not is_drawn:
                load.errors.append("A move drew no chart.")
    load.errors.extend(visitor.errors)
    await everyone.wait()
    visitor.leave()


def _kernels(port: str) -> list[psutil.Process]:
    servers = [child for child in psutil.Process().children() if f"port={port}" in " ".join(child.cmdline())]
    return [child for server in servers for child in server.children() if "ipykernel_launcher" in child.cmdline()]


def _milliseconds(seconds: list[float]) -> list[str]:
    ordered = sorted(seconds)
    high = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return [f"{1000 * value:,.0f} ms" for value in (median(ordered), high, ordered[-1])]
