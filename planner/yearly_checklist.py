"""The questions of the yearly review, each with what changed since the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from planner.market.universe import BUILT_IN
from planner.wording import money, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.market.universe import Universe
    from planner.scenario import Scenario

QUESTIONS = {
    "goals": "Are the goals and the time until the money is needed still right?",
    "capacity": "Can your finances still bear this much risk?",
    "tolerance": "Can you still bear this much risk yourself?",
    "taxes": "Are the tax situation and the accounts still as described?",
    "targets": "Are the targets, the rule and the choice of indices still right?",
}
"""domain.md section 9: goals and horizons, capacity and tolerance, taxes and accounts, targets and index choice."""

UNCHANGED = "unchanged"
NOTHING_EARLIER = "no earlier plan to compare with"

NOT_COMPARED = ("schema_version", "name", "last_rebalanced", "last_review")
"""What a review itself changes, and what is no part of a plan."""

PARTS = {
    *("target", "room", "volatility_cap", "crypto_fall", "frontier_return", "absolute", "relative", "absolute_below"),
    *("relative_below", "state_rate", "retirement_rate", "saving_growth", "inflation", "fee", "cost", "costs"),
    *("weights", "stress_share"),
}
AMOUNTS = {
    *("net_worth", "liquid_assets", "yearly_income", "yearly_spending", "obligations", "income", "investment_income"),
    *("short_loss_carried", "long_loss_carried", "saving", "spending", "pension", "minimum_trade", "cash_buffer"),
}
"""Fields that are said in percent, and in money; others are said as they are."""

DIGITS = 2
"""Of a percentage: a cost of 0.05 % is told from none."""


def yearly_checklist(
    scenario: Scenario, earlier: Scenario | None = None, universe: Universe = BUILT_IN
) -> pd.DataFrame:
    """What changed since an earlier scenario, by question of the yearly review.

    Rows have ``item``, ``question``, ``field``, ``before`` and ``after`` (text); an item without changes has one row
    that says so. Lots, prices and the day of the review are not compared: they change every time.
    """
    now = _facts(scenario, universe)
    before = _facts(earlier, universe) if earlier is not None else {item: {} for item in QUESTIONS}
    rows: list[tuple[str, str, str, str, str]] = []
    for item, question in QUESTIONS.items():
        names = [name for name in {**before[item], **now[item]} if before[item].get(name) != now[item].get(name)]
        if earlier is None or not names:
            rows.append((item, question, NOTHING_EARLIER if earlier is None else UNCHANGED, "", ""))
            continue
        rows += [(item, question, name, before[item].get(name, ""), now[item].get(name, "")) for name in names]
    return pd.DataFrame(rows, columns=["item", "question", "field", "before", "after"])


def _facts(scenario: Scenario, universe: Universe) -> dict[str, dict[str, str]]:
    """All that is compared, as people say it, by item and field."""
    document = scenario.model_dump(mode="json", exclude={*NOT_COMPARED, "limits", "views", "tilts", "goals"})
    profile, household, targets = (document.pop(name) or {} for name in ("profile", "household", "targets"))
    assessment = scenario.profile.assess()
    aims = ("frontier_return", "cash_flows", "return_model")
    goals = {"years until the money is needed": profile.pop("horizon_years")} | {
        name: document.pop(name) for name in aims
    }
    accounts = {
        account["name"]: {"kind": account["kind"], "may hold": ", ".join(account["may_hold"] or ("everything",))}
        for account in household.get("accounts", ())
    }
    weights = {universe[name].label: weight for name, weight in targets.pop("weights", {}).items()}
    found = {
        "goals": goals | {f"goal {goal.name}": _goal(goal, scenario.profile.currency) for goal in scenario.goals},
        "capacity": {name: value for name, value in profile.items() if name != "tolerance"}
        | {"score of capacity": round(assessment.capacity.total, 1)},
        "tolerance": profile["tolerance"] | {"score of tolerance": round(assessment.tolerance.total, 1)},
        "taxes": household.get("taxes", {}) | accounts,
        "targets": {"target": weights, **targets, **document, "crypto range": str(assessment.crypto_range)}
        | _stated("limit", [wish.sentence(universe) for wish in scenario.limits])
        | _stated("view", [view.sentence(universe) for view in scenario.views])
        | _stated("tilt", [tilt.sentence(universe) for tilt in scenario.tilts]),
    }
    return {item: dict(_flat(fields, scenario.profile.currency)) for item, fields in found.items()}


def _goal(goal: Any, currency: str) -> str:
    return f"{money(goal.amount, currency)} by {goal.due}, priority {goal.priority}"


def _stated(kind: str, sentences: Sequence[str]) -> dict[str, str]:
    """Sentences by themselves: one that is new or gone is a change of its own."""
    return {f"{kind}: {sentence}": "yes" for sentence in sentences}


def _flat(value: Any, currency: str, path: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value, 1) if isinstance(value, list) else None
    if parts is None:
        return [] if value is None else [(", ".join(path).replace("_", " "), _said(value, path, currency))]
    return [pair for name, inner in parts for pair in _flat(inner, currency, (*path, str(name)))]


def _said(value: Any, path: tuple[str, ...], currency: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | int):
        if PARTS.intersection(path):
            return percent(value, DIGITS)
        return money(value, currency) if AMOUNTS.intersection(path) else f"{value:g}"
    return str(value)
