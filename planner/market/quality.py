"""How good a table of returns or prices is: what stops a plan, what one should look at, and a score."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING

from planner.errors import InputError
from planner.wording import count

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

HIGHEST_SCORE = 100.0
FINDINGS_SHOWN = 12  # in text; ours


class DataQualityWarning(UserWarning):
    """Data can be used, but something in them should be looked at: ``report`` tells what."""

    def __init__(self, report: QualityReport) -> None:
        super().__init__(report)
        self.report = report

    def __str__(self) -> str:
        return " ".join(self.report.sentences)


class Content(StrEnum):
    """What the numbers of a table are."""

    RETURNS = "monthly returns"
    PRICES = "prices"


class Check(StrEnum):
    """What was looked for."""

    GAP = "gap"
    DUPLICATE = "duplicate"
    ORDER = "order of dates"
    SIGN = "sign"
    UNIT = "unit"
    STALE = "stale run"
    JUMP = "jump"
    SPLIT = "split-like jump"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class Cost:
    """What soft findings of one kind take off the score: points for each, and at most."""

    each: float
    most: float


# Ours: a split left in or a repeated series spoils the figures drawn from it, a stale run or an odd date a few of them,
# and a jump may well be true.
COSTS = {
    Check.SPLIT: Cost(15, 45),
    Check.DUPLICATE: Cost(15, 30),
    Check.SIGN: Cost(15, 30),
    Check.STALE: Cost(5, 25),
    Check.CALENDAR: Cost(5, 15),
    Check.JUMP: Cost(2, 20),
}


@dataclass(frozen=True, slots=True)
class QualityFinding:
    """One thing found; ``hard`` ones stop, others warn. ``series``, ``day`` and ``value`` where there is one."""

    check: Check
    hard: bool
    sentence: str
    series: str | None = None
    day: dt.date | None = None
    value: float | None = None


@dataclass(frozen=True)
class QualityReport:
    """What the checks of a table found.

    ``score`` is 100 less, for every kind of soft finding, ``COSTS[kind].each`` points for each but not more than
    ``COSTS[kind].most``; 0 where something stops (ours).
    """

    name: str
    content: Content
    rows: int
    series: tuple[str, ...]
    findings: tuple[QualityFinding, ...]

    @property
    def hard(self) -> tuple[QualityFinding, ...]:
        """What stops."""
        return tuple(finding for finding in self.findings if finding.hard)

    @property
    def soft(self) -> tuple[QualityFinding, ...]:
        """What one should look at."""
        return tuple(finding for finding in self.findings if not finding.hard)

    @cached_property
    def score(self) -> float:
        """0 (not usable) to 100 (nothing found)."""
        if self.hard:
            return 0.0
        kinds = [finding.check for finding in self.soft]
        taken = sum(min(cost.each * kinds.count(check), cost.most) for check, cost in COSTS.items())
        return max(HIGHEST_SCORE - taken, 0.0)

    @property
    def summary(self) -> str:
        """The verdict in one sentence."""
        head = f"{self.name}: quality {self.score:.0f} of 100"
        if self.hard:
            return f"{head}, not usable."
        return f"{head}, {count(len(self.soft), 'thing')} to look at." if self.soft else f"{head}, nothing found."

    @property
    def sentences(self) -> tuple[str, ...]:
        """The verdict, then each finding, what stops first."""
        findings = [finding.sentence for finding in (*self.hard, *self.soft)]
        more = len(findings) - FINDINGS_SHOWN
        rest = (f"{more} more are in the table of findings.",) if more > 0 else ()
        return (self.summary, *findings[:FINDINGS_SHOWN], *rest)

    @property
    def table(self) -> pd.DataFrame:
        """A row a finding: check, hard, series, day, value, sentence."""
        import pandas as pd

        columns = ["check", "hard", "series", "day", "value", "sentence"]
        rows = [[getattr(finding, column) for column in columns] for finding in self.findings]
        return pd.DataFrame(rows, columns=columns)

    def stop(self) -> QualityReport:
        """The report itself, or an InputError with the first finding that stops."""
        if self.hard:
            raise InputError(f"{self.name}: {self.hard[0].sentence}")
        return self

    def warn(self) -> None:
        """Warn of what one should look at, if there is anything."""
        if self.soft:
            warnings.warn(DataQualityWarning(self), stacklevel=4)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{escape(finding.check)}</th><td>{escape(finding.series or '')}</td>"
            f"<td>{finding.day or ''}</td><td>{escape(finding.sentence)}</td></tr>"
            for finding in (*self.hard, *self.soft)
        )
        head = "<thead><tr><th>check</th><th>series</th><th>day</th><th>finding</th></tr></thead>"
        return f"<table><caption>{escape(self.summary)}</caption>{head if rows else ''}<tbody>{rows}</tbody></table>"
