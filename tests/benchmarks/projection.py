"""Projections against drawing the same normals: 10,000 paths, 480 months, nine assets."""

from __future__ import annotations

import gc
import os
import tracemalloc
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import psutil

from planner.household.cash_flows import CashFlows
from planner.household.goals import Goal
from planner.outlook.projection import Projection, project
from planner.outlook.return_models import BlockBootstrap, Lognormal, RegimeSwitching, ReturnModel, StudentT
from planner.planning import Plan, plan
from planner.scenario import EXAMPLE
from planner.trading.rules import Frequency, Hybrid

from .table import milliseconds, table, times
from .timing import interleaved

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.trading.rules import Rule

    from .timing import Measured

PATHS, YEARS, ASSETS = 10_000, 40, 9
SECONDS_EACH = 20.0
QUICK_SECONDS = 2.0
NORMALS = "numpy: the normals alone"
SAVING = "another saving on the same futures"
MEGABYTES = 200.0

FLOWS = CashFlows(saving=36_000, spending=60_000, retirement_age=60)
GOALS = (Goal(name="college", amount=150_000, year=2040), Goal(name="boat", amount=50_000, year=2035, priority=2))


@dataclass(frozen=True)
class Way:
    """What is timed, and at most how many times the normals it may take; None where nothing is promised."""

    run: Callable[[int], object]
    at_most: float | None = None


def report(seconds_each: float = SECONDS_EACH) -> str:
    """Medians side by side, the ratios promised, and the memory of a fresh process."""
    ways = {
        NORMALS: Way(_normals),
        "lognormal, yearly rebalancing, monthly saving": Way(_projected(Lognormal()), 1.4),
        "the same, all money in one taxable account": Way(_projected(Lognormal(), taxed=True), 1.4),
        "Student t": Way(_projected(StudentT())),
        "block bootstrap": Way(_projected(BlockBootstrap()), 0.3),
        "calm and stress": Way(_projected(RegimeSwitching())),
        "lognormal, looked at quarterly, bands": Way(_projected(Lognormal(), Hybrid())),
        SAVING: Way(_saved_otherwise, 0.25),
    }
    measured = interleaved({name: way.run for name, way in ways.items()}, range(40), seconds_each)
    busy = (
        f"{os.getloadavg()[0]:.1f} processes were running or waiting at the end: the least times show what they took."
    )
    rows = [_row(name, way, measured) for name, way in ways.items()]
    header = ["what", "median, ms", "least, ms", "ratio of medians", "of least", "wanted", ""]
    return "\n".join([table(header, rows), "", _memory_said(), "", busy])


def _row(name: str, way: Way, measured: dict[str, Measured[object]]) -> list[str]:
    seconds, normals = measured[name].seconds, measured[NORMALS]
    ratio, least = measured[name].median / normals.median, min(seconds) / min(normals.seconds)
    wanted = f"at most {way.at_most:g}" if way.at_most else "-"
    verdict = "" if way.at_most is None else "reached" if ratio <= way.at_most else "**missed**"
    shown = [milliseconds(measured[name].median), milliseconds(min(seconds)), times(ratio), times(least)]
    return [name, *shown, wanted, verdict]


def _normals(seed: int) -> object:
    """All of them in double precision with numpy's default generator, into one buffer that stays in the cache."""
    random, buffer = np.random.default_rng(seed), np.empty((12, 1_000, ASSETS))
    for _ in range(PATHS * YEARS // 1_000):
        random.standard_normal(out=buffer)
    return buffer


def _projected(
    model: ReturnModel, rule: Frequency | Rule = Frequency.ANNUALLY, *, taxed: bool = False
) -> Callable[[int], object]:
    def run(seed: int) -> object:
        asked = {"flows": FLOWS, "goals": GOALS, "rebalancing": rule}
        return _read(project(_plan(taxed), None, YEARS, PATHS, model, seed, **asked))

    return run


def _saved_otherwise(case: int) -> object:
    return _read(_kept().with_changes(FLOWS.with_changes(saving=30_000.0 + 100 * case)))


def _read(projection: Projection) -> object:
    return projection.fan(), projection.goal_table, projection.lasts


@cache
def _plan(taxed: bool) -> Plan:
    found = plan(EXAMPLE.with_changes(household=None) if taxed else EXAMPLE)
    assert len(found.market.assumptions.assets) == ASSETS
    return found


@cache
def _kept() -> Projection:
    asked = {"flows": FLOWS, "goals": GOALS, "rebalancing": Frequency.ANNUALLY}
    return project(_plan(False), None, YEARS, PATHS, Lognormal(), 0, **asked)


def _memory_said() -> str:
    """What a projection allocates at most, what it adds to a process that has made one before, and what that holds."""
    _projected(Lognormal())(0)
    gc.collect()
    before = _resident()
    kept = project(_plan(False), None, YEARS, PATHS, Lognormal(), 0, flows=FLOWS, goals=GOALS)
    _read(kept)
    added = _resident() - before
    tracemalloc.start()
    _projected(Lognormal())(0)
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    verdict = "reached" if peak < MEGABYTES else "**missed**"
    return (
        f"A projection allocates at most {peak:.0f} MB at a time (wanted: under {MEGABYTES:.0f} MB, {verdict}); while "
        f"it is kept, the process holds {added:.0f} MB more. The process that measured all this holds "
        f"{_resident():.0f} MB, most of it libraries."
    )


def _resident() -> float:
    return float(psutil.Process().memory_info().rss / 2**20)
