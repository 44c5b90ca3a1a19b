"""Whether solving again and again leaves anything behind."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import psutil

from .by_planner import method
from .problem import Aim, problems

if TYPE_CHECKING:
    from collections.abc import Callable

    from .problem import Problem, Vector

SOLVES = 10_000
SOLVED_BEFORE = 1_000
ASSETS = 8
DIFFERENT = 50
SOLVED = (Aim.MEAN_VARIANCE, Aim.MAXIMUM_SHARPE, Aim.RISK_BUDGET, Aim.LIMITED_RISK_BUDGET, Aim.CVAR_240)

FLAT_MEGABYTES = 1.0
"""Growth of less than 100 bytes a solve: below what any kept result would take."""


def row(solves: int = SOLVES) -> list[str]:
    """Resident memory before and after, as a row of the table of targets."""
    calls = [(method(aim, []), problem) for problem_set in _problems() for aim, problem in problem_set]
    _solve(calls, min(SOLVED_BEFORE, solves))
    start = _resident()
    _solve(calls, solves)
    end = _resident()
    measured = f"{start:.1f} MB, then {end:.1f} MB: {end - start:+.1f} MB"
    verdict = "reached" if end - start <= FLAT_MEGABYTES else "**missed**"
    what = f"resident memory over {solves:,} re-solves of {ASSETS} assets, {len(SOLVED)} problems in turn"
    return [what, f"grows by at most {FLAT_MEGABYTES:g} MB", measured, verdict]


def _problems() -> list[list[tuple[Aim, Problem]]]:
    by_aim = [[(aim, problem) for problem in problems(aim, ASSETS, DIFFERENT)] for aim in SOLVED]
    return [list(one_of_each) for one_of_each in zip(*by_aim, strict=True)]


def _solve(calls: list[tuple[Callable[[Problem], Vector], Problem]], solves: int) -> None:
    for number in range(solves):
        solve, problem = calls[number % len(calls)]
        solve(problem)


def _resident() -> float:
    gc.collect()
    return psutil.Process().memory_info().rss / 2**20
