"""What the figures are made of, in one line: the data's name, period, quality and fingerprint, with the findings."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from planner.wording import count, points

if TYPE_CHECKING:
    from planner.market.made_with import Fingerprint
    from planner.market.market import Market
    from planner.market.quality import QualityReport
    from planner.planning import Plan

BUILT_IN, OWN = "Built-in monthly returns", "Your own monthly returns"
FINDINGS_SHOWN = 12
"""On the page; more are counted. Ours."""


@lru_cache(maxsize=8)
def quality_of(market: Market) -> QualityReport:
    """What the checks of a market's returns find; looked for once."""
    from planner.market.quality_checks import check_quality

    return check_quality(market.returns)


def of_plan(plan: Plan) -> str:
    """The line of the data that a plan was asked to be made with."""
    made_with = plan.fingerprint
    return data_line(BUILT_IN if made_with.files else OWN, plan.given, made_with)


def data_line(name: str, market: Market, made_with: Fingerprint | None = None) -> str:
    """A market's data under a name, to unfold what the checks found and looked for."""
    from planner.market.quality import Check

    report, days = quality_of(market), market.returns.index
    findings = [finding.sentence for finding in (*report.hard, *report.soft)]
    more = len(findings) - FINDINGS_SHOWN
    verdict = f", {count(len(findings), 'thing')} to look at" if findings else ""
    said = [
        f"{name}, {count(len(days), 'month')}, {days[0]:%B %Y} to {days[-1]:%B %Y}.",
        f"Quality {points(report.score)} of 100{verdict}.",
        *([f"Fingerprint {made_with.short}."] if made_with else []),
    ]
    listed = [
        *(findings[:FINDINGS_SHOWN] or ["Nothing wrong was found."]),
        *([f"And {more} more."] if more > 0 else []),
        f"Looked for: {', '.join(map(str, Check))}.",
        *([made_with.sentence] if made_with else []),
    ]
    entries = "".join(f"<li>{escape(sentence)}</li>" for sentence in listed)
    return (
        f"<details class='pl-words pl-data'><summary>{escape(' '.join(said))}</summary>"
        f"<ul class='pl-reasons'>{entries}</ul></details>"
    )
