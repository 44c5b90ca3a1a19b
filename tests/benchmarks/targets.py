"""What is wanted of a run, and whether it was reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .methods import CLARABEL, CORE, CVXCLA, LIBRARIES, OURS, PYPORTFOLIOOPT, SOLVER
from .problem import SIZES, Aim
from .table import table, times

if TYPE_CHECKING:
    from collections.abc import Mapping

    Medians = Mapping[tuple[Aim, int, str], float]
    """Seconds by aim, number of assets and method."""

LARGEST_SHARE_ERROR = 1e-8
BUDGETING = tuple(library for library in LIBRARIES if library != PYPORTFOLIOOPT)


@dataclass(frozen=True)
class Target:
    """One method against the fastest of others: at most ``at_most`` as long, or at least ``times_faster`` as fast."""

    aim: Aim
    assets: int
    against: tuple[str, ...]
    times_faster: float = 0.0
    at_most: float = 0.0
    method: str = OURS

    def row(self, medians: Medians) -> list[str]:
        """What, wanted, measured, verdict."""
        what = f"{self.aim}, {self.assets} assets: {self.method}"
        limit = f"at most {self.at_most:g} times {self.against[0]}" if self.at_most else self._wanted()
        ours = medians.get((self.aim, self.assets, self.method))
        others = {name: medians[self.aim, self.assets, name] for name in self.against if self._has(medians, name)}
        if ours is None or not others:
            return [what, limit, "-", "not measured"]
        fastest = min(others, key=lambda name: others[name])
        ratio = ours / others[fastest] if self.at_most else others[fastest] / ours
        reached = ratio <= self.at_most if self.at_most else ratio >= self.times_faster
        measured = times(ratio) if self.at_most or len(self.against) == 1 else f"{times(ratio)} ({fastest})"
        return [what, limit, measured, "reached" if reached else "**missed**"]

    def _wanted(self) -> str:
        if len(self.against) == 1:
            return f"faster than {self.against[0]}"
        several = {len(LIBRARIES): "three", len(BUDGETING): "two"}[len(self.against)]
        return f"at least {self.times_faster:g} times as fast as the fastest of the {several}"

    def _has(self, medians: Medians, name: str) -> bool:
        return (self.aim, self.assets, name) in medians


TARGETS = (
    Target(Aim.MEAN_VARIANCE, 8, (CLARABEL,), at_most=3),
    Target(Aim.MEAN_VARIANCE, 8, LIBRARIES, times_faster=35),
    Target(Aim.MEAN_VARIANCE, 50, (CLARABEL,), at_most=0.5),
    Target(Aim.MEAN_VARIANCE, 200, (CLARABEL,), at_most=0.2),
    *(Target(Aim.MEAN_VARIANCE, size, (SOLVER,), at_most=1.3, method=CORE) for size in SIZES),
    Target(Aim.FRONTIER, 8, LIBRARIES, times_faster=100),
    Target(Aim.FRONTIER, 50, LIBRARIES, times_faster=50),
    Target(Aim.FRONTIER, 200, LIBRARIES, times_faster=50),
    *(Target(Aim.FRONTIER, size, (CVXCLA,), times_faster=1) for size in SIZES),
    Target(Aim.RISK_BUDGET, 8, BUDGETING, times_faster=60),
    Target(Aim.RISK_BUDGET, 200, BUDGETING, times_faster=200),
    *(Target(Aim.MAXIMUM_SHARPE, size, LIBRARIES, times_faster=20) for size in SIZES),
    *(Target(aim, size, LIBRARIES, times_faster=8) for aim in (Aim.CVAR_240, Aim.CVAR_2000) for size in SIZES),
)


def verdicts(medians: Medians, share_errors: Mapping[int, float], memory: list[str]) -> str:
    """One row per target whose size was measured; ``share_errors`` by number of assets, ``memory`` a row of its own."""
    sizes = {assets for _, assets, _ in medians}
    rows = [target.row(medians) for target in TARGETS if target.assets in sizes]
    for assets, error in share_errors.items():
        verdict = "reached" if error <= LARGEST_SHARE_ERROR else "**missed**"
        what = f"{Aim.RISK_BUDGET}, {assets} assets: shares of {OURS}"
        rows.append([what, f"to {LARGEST_SHARE_ERROR:.0e}", f"{error:.0e}", verdict])
    return table(["target", "wanted", "measured", "verdict"], [*rows, memory], figures=False)
