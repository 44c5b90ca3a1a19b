"""Every optimiser on the same problems in one process: the tables and verdicts of docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import memory
from .answers import difference, reference, share_error
from .methods import OURS, WAYS, methods
from .problem import SIZES, Aim, problems
from .table import milliseconds, table, times
from .targets import verdicts
from .timing import Measured, interleaved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .problem import Problem, Vector

    Cell = tuple[Aim, int, str]

MOST_CALLS = 40
SECONDS = 2.0
"""What a method may spend on one cell of the table."""

LONGEST_CALL = 40.0
"""A call expected to take longer, by the square of the number of assets from the size before, is left out."""

LEAST_TELLING = 50
"""Below this number of assets what a library does beside solving decides, and tells nothing of larger sizes."""

FEW_CALLS = 5
CHECKED_SECONDS = 3.0
"""What the reference answers of one cell may take; the first is always found."""

PACKAGES = (
    "numpy",
    "scipy",
    "cvxpy",
    "clarabel",
    "daqp",
    "highspy",
    "skfolio",
    "pyportfolioopt",
    "riskfolio-lib",
    "cvxcla",
)
NOT_MEASURED = "-"


@dataclass(frozen=True)
class Result:
    """One method on one aim at one size; errors are the largest over the cases that have a reference."""

    measured: Measured[Vector]
    weight_error: float
    share_error: float

    @property
    def median(self) -> float:
        return self.measured.median


def report(sizes: Sequence[int] = SIZES, seconds: float = SECONDS, solves: int = memory.SOLVES) -> str:
    """The whole section: what was measured where, the tables, the verdicts."""
    began, load = datetime.now(UTC), os.getloadavg()[0]
    results: dict[Cell, Result] = {}
    failures: list[str] = []
    for aim in Aim:
        for assets in sizes:
            found = _measured(aim, assets, seconds, _too_slow(results, aim, assets))
            failures += [
                f"{name} on {aim} at {assets} assets: {one.measured.failure}"
                for name, one in found.items()
                if one.measured.failure
            ]
            results |= {(aim, assets, name): one for name, one in found.items() if one.measured.seconds}
    shares = {
        assets: results[Aim.RISK_BUDGET, assets, OURS].share_error
        for assets in sizes
        if (Aim.RISK_BUDGET, assets, OURS) in results
    }
    medians = {cell: result.median for cell, result in results.items()}
    wanted = verdicts(medians, shares, memory.row(solves))
    minutes = (datetime.now(UTC) - began).total_seconds() / 60
    parts = [_where(began, load, minutes), _how(seconds), "### Targets", wanted]
    parts += [part for aim in Aim for part in _tables(aim, sizes, results)]
    if failures:
        parts += ["### Stopped with an error", "\n".join(f"- {failure}" for failure in failures)]
    return "\n\n".join(parts)


def _too_slow(results: dict[Cell, Result], aim: Aim, assets: int) -> set[str]:
    before = [size for other, size, _ in results if other is aim and LEAST_TELLING <= size < assets]
    if not before:
        return set()
    last = max(before)
    measured = {name: result for (other, size, name), result in results.items() if other is aim and size == last}
    slow = {name for name, result in measured.items() if result.median * (assets / last) ** 2 > LONGEST_CALL}
    return slow | (set(WAYS) - set(measured))


def _measured(aim: Aim, assets: int, seconds: float, left_out: Iterable[str]) -> dict[str, Result]:
    cases = problems(aim, assets, MOST_CALLS)
    names = [name for name in WAYS if name not in set(left_out)]
    measured = interleaved(methods(aim, cases, names), cases, seconds)
    best = _best(aim, cases)
    # What limits leave of a budget differs from case to case: compared are those that every method did.
    common = min((len(one.answers) for one in measured.values() if one.answers), default=0)
    compared = common if aim is Aim.LIMITED_RISK_BUDGET else None
    return {name: _result(cases, one, best, compared) for name, one in measured.items()}


def _best(aim: Aim, cases: Sequence[Problem]) -> list[Vector | None]:
    """Reference answers of the first cases; a frontier's is found for each method, for the first case alone."""
    find: Callable[[Problem], Any] | None = reference(aim)
    if find is None:
        return [None]
    best, began = [], datetime.now(UTC)
    for case in cases:
        best.append(find(case))
        if (datetime.now(UTC) - began).total_seconds() > CHECKED_SECONDS:
            break
    return best


def _result(
    cases: Sequence[Problem], measured: Measured[Vector], best: Sequence[Vector | None], compared: int | None
) -> Result:
    checked = list(zip(cases, measured.answers, best, strict=False))
    weights = [difference(case, answer, right) for case, answer, right in checked]
    shares = [share_error(case, answer) for case, answer, _ in checked[:compared] if case.aim.budgeted]
    return Result(measured, max(weights, default=np.nan), max(shares, default=np.nan))


def _where(began: datetime, load: float, minutes: float) -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"Measured on {began:%Y-%m-%d} in {minutes:.0f} minutes on {_processor()}, {os.cpu_count()} cores, one BLAS "
        f"thread; {load:.1f} processes were running or waiting when it began. {platform.python_implementation()} "
        f"{platform.python_version()}, {libraries}."
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _how(seconds: float) -> str:
    rows = [[name, way.timed] for name, way in WAYS.items()]
    return "\n\n".join(
        [
            table(["method", "what is timed"], rows, figures=False),
            f"Each method has {seconds:g} s for each cell, at most {MOST_CALLS} calls, after two that are not timed; "
            f"where one call takes longer, that call is the measurement. `*`: fewer than {FEW_CALLS} calls. "
            f"`{NOT_MEASURED}`: cannot do this, or a call was expected to take more than {LONGEST_CALL:g} s.",
        ]
    )


def _tables(aim: Aim, sizes: Sequence[int], results: dict[Cell, Result]) -> list[str]:
    names = [name for name in WAYS if any((aim, assets, name) in results for assets in sizes)]

    def made(title: str, cell: Callable[[int, Result], str]) -> str:
        rows = []
        for name in names:
            found = [(assets, results.get((aim, assets, name))) for assets in sizes]
            rows.append([name, *(NOT_MEASURED if one is None else cell(assets, one) for assets, one in found)])
        return table([title, *(f"{assets} assets" for assets in sizes)], rows)

    def median(_: int, result: Result) -> str:
        return milliseconds(result.median) + ("*" if len(result.measured.seconds) < FEW_CALLS else "")

    def multiple(assets: int, result: Result) -> str:
        ours = results.get((aim, assets, OURS))
        return NOT_MEASURED if ours is None else times(result.median / ours.median)

    what = "difference of the CVaR" if aim.scenarios else "largest weight difference"
    tables = [
        f"### {aim[0].upper()}{aim[1:]}",
        made("median, ms", median),
        made("as a multiple of ours", multiple),
        made(what, lambda _, result: f"{result.weight_error:.0e}"),
    ]
    if aim.budgeted:
        tables.append(made("largest error of a risk share", lambda _, result: f"{result.share_error:.0e}"))
    return tables
