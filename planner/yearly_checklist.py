"""The questions of the yearly review, each with what changed since the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
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


def yearly_checklist(scenario: Scenario, earlier: Scenario | None = None) -> pd.DataFrame:
    """What changed since an earlier scenario, by question of the yearly review.

    Rows have ``item``, ``question``, ``field``, ``before`` and ``after`` (text); an item without changes has one row
    that says so. Lots and prices are not compared: they change every day.
    """
    now = _facts(scenario)
    before = _facts(earlier) if earlier is not None else {item: {} for item in QUESTIONS}
    rows: list[tuple[str, str, str, str, str]] = []
    for item, question in QUESTIONS.items():
        names = [name for name in {**before[item], **now[item]} if before[item].get(name) != now[item].get(name)]
        if earlier is None or not names:
            rows.append((item, question, NOTHING_EARLIER if earlier is None else UNCHANGED, "", ""))
            continue
        rows += [(item, question, name, before[item].get(name, ""), now[item].get(name, "")) for name in names]
    return pd.DataFrame(rows, columns=["item", "question", "field", "before", "after"])


def _facts(scenario: Scenario) -> dict[str, dict[str, str]]:
    """All that is compared, as text, by item and path of the field."""
    document = scenario.model_dump(mode="json")
    profile, household = document.pop("profile"), document.pop("household") or {}
    for name in ("schema_version", "last_rebalanced", "name"):
        document.pop(name)
    assessment = scenario.profile.assess()
    accounts = {
        account["name"]: {"kind": account["kind"], "may hold": account["may_hold"]}
        for account in household.get("accounts", ())
    }
    goals = {"horizon_years": profile.pop("horizon_years"), "frontier_return": document.pop("frontier_return")}
    tolerance = profile.pop("tolerance") | {"score": round(assessment.tolerance.total, 1)}
    found = {
        "goals": goals,
        "capacity": profile | {"score": round(assessment.capacity.total, 1)},
        "tolerance": tolerance,
        "taxes": {"taxes": household.get("taxes", {}), "accounts": accounts},
        "targets": document | {"crypto range": str(assessment.crypto_range)},
    }
    return {item: dict(_flat(fields)) for item, fields in found.items()}


def _flat(value: Any, path: str = "") -> list[tuple[str, str]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value, 1) if isinstance(value, list) else None
    if parts is None:
        return [] if value is None else [(path, str(value))]
    return [pair for name, inner in parts for pair in _flat(inner, f"{path}, {name}".lstrip(", ").replace("_", " "))]
