"""Every table of a plan with its units: what a spreadsheet, a folder of CSV files or a JSON document is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from planner.comparing import compare
from planner.outlook.crypto_steps import crypto_steps
from planner.planning import plan as make_plan
from planner.reports.proposal.ahead import falls_in_episodes
from planner.reports.proposal.choice import STEPS
from planner.reports.proposal.document import PATHS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from planner.comparing import Comparison
    from planner.planning import Plan
    from planner.policy.journal import Journal
    from planner.scenario import Scenario

FRACTION, YEARLY, RATIO, UNITS, POINTS = "fraction", "fraction a year", "ratio", "units", "points"
PERCENTAGES = frozenset({FRACTION, YEARLY})
"""Units that people read in percent."""
WORDS = ""
"""The unit of text and dates."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """A table under a name: ``table`` has plain columns, ``units`` the unit of each, empty for text and dates."""

    name: str
    title: str
    table: pd.DataFrame
    units: Mapping[str, str]


def sheets(
    scenario: Scenario,
    plan: Plan | None = None,
    journal: Journal | None = None,
    progress: Callable[[float], object] | None = None,
) -> tuple[Sheet, ...]:
    """Every table of a scenario: plan, comparison, outlook, accounts, orders, assumptions, and its journal.

    ``plan`` is the scenario's where it is made already; one of another scenario lends its market alone. Decimals and
    amounts are as they are, not rounded. ``progress`` is told the fraction done and stops the work by an exception.
    """
    made = plan if plan is not None and plan.scenario == scenario else make_plan(scenario, plan.given if plan else None)
    compared = compare(made, paths=PATHS, progress=progress)
    return (
        *_planned(made),
        *_beside(compared),
        *_owned(made, compared),
        *_assumed(made),
        *_remembered(journal),
    )


def _planned(made: Plan) -> Iterator[Sheet]:
    money = made.scenario.profile.currency
    universe = made.market.universe
    classes = made.table.reset_index()
    classes.insert(1, "label", [universe[name].label for name in classes["asset_class"]])
    fractions = dict.fromkeys(("target", "weight", "risk_share"), FRACTION)
    yield _sheet(
        "classes", "Target, weight, share of risk and amount by asset class", classes, fractions | {"amount": money}
    )
    series = made.shown.by_asset
    table = pd.DataFrame({"series": list(series), "weight": list(series.values())})
    yield _sheet("series", "Weight of each series", table, {"weight": FRACTION})
    figures = pd.DataFrame([(each.label, each.value, each.meaning) for each in made.figures], columns=_FIGURE_COLUMNS)
    figures["unit"] = [RATIO if each.name == "sharpe" else FRACTION for each in made.figures]
    yield _sheet("figures", "Key figures of the plan", figures, {"value": "see the column unit"})
    own = made.class_weights
    if own["crypto"] < 1:
        steps = crypto_steps(own, sorted({*STEPS, own["crypto"]}), made.market).reset_index()
        units = dict.fromkeys(steps.columns, FRACTION) | {
            "expected_return": YEARLY,
            "volatility": YEARLY,
            "sharpe": RATIO,
        }
        yield _sheet("crypto_steps", "The same mix with more or less crypto", steps, units)


_FIGURE_COLUMNS = ["figure", "value", "meaning"]


def _beside(compared: Comparison) -> Iterator[Sheet]:
    money = compared.first.scenario.profile.currency
    for name, title, table, unit in (
        ("weights", "Weights beside the 60/40 and today's holdings", compared.weights, FRACTION),
        ("risk_shares", "Shares of the risk beside the 60/40 and today's holdings", compared.risk_shares, FRACTION),
        ("goals", "Chance of each goal", compared.goals, FRACTION),
    ):
        yield _sheet(name, title, table.reset_index(), dict.fromkeys(map(str, table.columns), unit))
    for name, title, table, units in (
        ("outlook", "Outlook, amounts in today's money", compared.outlook, {"wealth": money}),
        (
            "taxes",
            "Taxes and costs",
            compared.taxes,
            {"orders": "orders", "tax_drag": YEARLY, "tax": money, "cost": money},
        ),
    ):
        shown = table.reset_index()
        shown.insert(1, "unit", [_unit_of(str(figure), units) for figure in shown["figure"]])
        yield _sheet(name, title, shown, dict.fromkeys(map(str, table.columns), "see the column unit"))
    fans = [
        fan.rename(columns=lambda level: f"percentile_{level:g}").reset_index().assign(portfolio=name)
        for name, fan in compared.fans.items()
    ]
    table = pd.concat(fans, ignore_index=True)
    table = table[["portfolio", *(column for column in table.columns if column != "portfolio")]]
    levels = [str(column) for column in table.columns if str(column).startswith("percentile")]
    yield _sheet("paths", "Percentiles of wealth by year, in today's money", table, dict.fromkeys(levels, money))
    yield from _bad_times(compared)


def _unit_of(figure: str, units: Mapping[str, str]) -> str:
    exact = units.get(figure)
    return exact or next((unit for start, unit in units.items() if figure.startswith(f"{start}_")), FRACTION)


def _bad_times(compared: Comparison) -> Iterator[Sheet]:
    table = falls_in_episodes(compared)
    if len(table):
        units = dict.fromkeys(map(str, table.columns), FRACTION)
        yield _sheet("bad_times", "What bad times did to each portfolio", table.reset_index(), units)


def _owned(made: Plan, compared: Comparison) -> Iterator[Sheet]:
    household, money = made.scenario.household, made.scenario.profile.currency
    if household is None:
        return
    lots = [
        (
            account.name,
            f"{account.kind}",
            lot.asset,
            lot.quantity,
            lot.unit_cost,
            lot.acquired,
            household.prices[lot.asset],
        )
        for account in household.accounts
        for lot in account.holdings
    ]
    columns = ["account", "kind", "asset", "quantity", "unit_cost", "acquired", "price"]
    per_unit = f"{money} a unit"
    units = {"quantity": UNITS, "unit_cost": per_unit, "price": per_unit}
    yield _sheet("lots", f"What is owned on {household.as_of:%Y-%m-%d}", pd.DataFrame(lots, columns=columns), units)
    cash = pd.DataFrame([(each.name, f"{each.kind}", each.cash) for each in household.accounts], columns=_CASH_COLUMNS)
    yield _sheet("cash", f"Cash on {household.as_of:%Y-%m-%d}", cash, {"cash": money})
    way = compared.ways[compared.columns[0]]
    if way is not None and way.rebalancing is not None:
        units = {
            "quantity": UNITS,
            "price": per_unit,
            "unit_cost": per_unit,
            "rate": FRACTION,
            **dict.fromkeys(("amount", "cost", "gain", "tax"), money),
        }
        yield _sheet("orders", "Orders from today's holdings", way.rebalancing.table, units)


_CASH_COLUMNS = ["account", "kind", "cash"]


def _assumed(made: Plan) -> Iterator[Sheet]:
    assumed = made.market.assumptions
    table = pd.DataFrame({"expected_return": assumed.mean, "volatility": assumed.volatility})
    units = dict.fromkeys(table.columns, YEARLY)
    yield _sheet("assumptions", "Expected return and volatility of each series", _named(table), units)
    correlation = assumed.correlation
    units = dict.fromkeys(map(str, correlation.columns), RATIO)
    yield _sheet("correlation", "How the series move together", _named(correlation), units)


def _named(table: pd.DataFrame) -> pd.DataFrame:
    return table.rename_axis("series").reset_index()


def _remembered(journal: Journal | None) -> Iterator[Sheet]:
    if journal is None or not journal.entries:
        return
    rows = [
        (
            entry.number,
            entry.at.isoformat(),
            entry.author,
            entry.reason,
            change.item,
            change.field,
            change.before,
            change.after,
        )
        for entry in journal.entries
        for change in entry.changes
    ]
    columns = ["number", "at", "author", "reason", "item", "field", "before", "after"]
    yield _sheet("journal", "Changes of the policy with their reasons", pd.DataFrame(rows, columns=columns), {})


def _sheet(name: str, title: str, table: pd.DataFrame, units: Mapping[str, str]) -> Sheet:
    named = table.rename(columns=str)
    return Sheet(name, title, named, {column: units.get(column, WORDS) for column in named.columns})
