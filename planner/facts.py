"""Every field of a scenario in words, and what differs between two of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from planner.market.universe import BUILT_IN
from planner.wording import money, percent

if TYPE_CHECKING:
    from planner.market.universe import Universe
    from planner.scenario import Scenario

ITEMS = ("goals", "capacity", "tolerance", "taxes", "targets")
"""What facts are grouped by: domain.md section 9, the yearly review."""

NOT_COMPARED = ("schema_version", "name", "last_rebalanced", "last_review", "made_with")
"""What a review itself changes, and what is no part of a plan."""

PARTS = {
    *("target", "room", "volatility_cap", "crypto_fall", "frontier_return", "absolute", "relative", "absolute_below"),
    *("relative_below", "state_rate", "retirement_rate", "saving_growth", "inflation", "fee", "cost", "costs"),
    *("weights", "stress_share", "risk_free", "expected_returns", "volatilities"),
}
AMOUNTS = {
    *("net_worth", "liquid_assets", "yearly_income", "yearly_spending", "obligations", "income", "investment_income"),
    *("short_loss_carried", "long_loss_carried", "saving", "spending", "pension", "minimum_trade", "cash_buffer"),
}
"""Fields that are said in percent, and in money; others are said as they are."""

DIGITS = 2
"""Of a percentage: a cost of 0.05 % is told from none."""


class Difference(NamedTuple):
    """A field that two scenarios do not have in common, as people say it; empty text where one lacks it."""

    item: str
    field: str
    before: str
    after: str


def differences(before: Scenario, after: Scenario, universe: Universe = BUILT_IN) -> tuple[Difference, ...]:
    """What one scenario changes of another, field by field; lots, prices and days of a review are not compared."""
    old, new = scenario_facts(before, universe), scenario_facts(after, universe)
    return tuple(
        Difference(item, field, old[item].get(field, ""), new[item].get(field, ""))
        for item in ITEMS
        for field in {**old[item], **new[item]}
        if old[item].get(field) != new[item].get(field)
    )


def scenario_facts(scenario: Scenario, universe: Universe = BUILT_IN) -> dict[str, dict[str, str]]:
    """All that is compared of a scenario, as people say it, by item and field."""
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
        | {f"limit: {wish.sentence(universe)}": _strictness(wish.soft) for wish in scenario.limits}
        | {f"view: {view.sentence(universe)}": "yes" for view in scenario.views}
        | {f"tilt: {tilt.sentence(universe)}": f"from {tilt.starts}" for tilt in scenario.tilts},
    }
    return {item: dict(_flat(fields, scenario.profile.currency)) for item, fields in found.items()}


def _goal(goal: Any, currency: str) -> str:
    kept = "" if goal.spent else ", not paid out"
    return f"{money(goal.amount, currency)} by {goal.due}, priority {goal.priority}{kept}"


def _strictness(soft: bool) -> str:
    return "may give way" if soft else "must hold"


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
