"""A comparison as people read it: labels, percent, money, and what to know about it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from planner.wording import count, money, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from planner.comparing.comparison import Comparison

NOTHING = "–"
DRAG_DIGITS = 2
"""Of a percentage: a tax drag is a fraction of a percent a year."""


def tables_in_words(compared: Comparison) -> dict[str, pd.DataFrame]:
    """Every table by its title, as text in the same columns; those without a row are left out."""
    tables = {
        "What differs": inputs(compared),
        "Weights": by_class(compared, compared.weights),
        "Risk and return": risk(compared),
        "Shares of the risk": by_class(compared, compared.risk_shares),
        "Outlook": outlook(compared),
        "Chances of the goals": goals(compared),
        "Taxes and costs": taxes(compared),
    }
    return {title: table for title, table in tables.items() if not table.empty}


def inputs(compared: Comparison) -> pd.DataFrame:
    """What differs between the scenarios, by item and field."""
    return compared.inputs.replace("", NOTHING)


def by_class(compared: Comparison, table: pd.DataFrame) -> pd.DataFrame:
    """A table by class in percent, with the labels of the classes."""
    universe = compared.first.market.universe
    return table.map(_or_nothing(percent)).rename(index=lambda name: universe[str(name)].label).rename_axis(None)


def risk(compared: Comparison) -> pd.DataFrame:
    """The key figures; a fall of crypto that is not the same in all columns stands in each."""
    table = pd.DataFrame(
        {name: {each.name: each.text for each in made.figures} for name, made in compared.plans.items()}
    )
    labels = {each.name: each.label for each in compared.first.figures}
    falls = {name: made.scenario.crypto_fall for name, made in compared.plans.items()}
    if len(set(falls.values())) > 1:
        labels["crypto_loss"] = "If crypto falls"
        table.loc["crypto_loss"] = [
            f"{table[name]['crypto_loss']} (by {percent(fall)})" for name, fall in falls.items()
        ]
    return table.rename(index=labels)


def outlook(compared: Comparison) -> pd.DataFrame:
    """Money when it is needed, whether it lasts, and how deep the mix falls."""
    said = _money_of(compared)
    horizon, end = count(compared.years.horizon, "year"), compared.first.scenario.profile.age + compared.years.all
    rows: Mapping[str, tuple[str, Callable[[float], str]]] = {
        "wealth_5": (f"After {horizon}, one in twenty below", said),
        "wealth_50": (f"After {horizon}, half above", said),
        "wealth_95": (f"After {horizon}, one in twenty above", said),
        "ahead": (f"Then more than '{compared.columns[0]}', of the paths", percent),
        "lasts": (f"All spending paid to the age of {end}", percent),
        "deepest_fall": ("Deepest fall, on half of the paths", percent),
    }
    return _in_words(compared.outlook, rows)


def goals(compared: Comparison) -> pd.DataFrame:
    """Probability of each goal."""
    return compared.goals.map(_or_nothing(percent)).rename_axis(None)


def taxes(compared: Comparison) -> pd.DataFrame:
    """What taxes take a year, and what it takes to get there from today's holdings."""
    said = _money_of(compared)
    rows: Mapping[str, tuple[str, Callable[[float], str]]] = {
        "tax_drag": ("Taxes take, a year", lambda part: percent(part, DRAG_DIGITS)),
        "orders": ("Orders to get there", "{:,.0f}".format),
        "tax": ("Tax of getting there", said),
        "cost": ("Costs of getting there", said),
    }
    return _in_words(compared.taxes, rows)


def blocked(compared: Comparison) -> tuple[str, ...]:
    """What stands in the way of plans, in whose columns stand their targets as they are."""
    return tuple(f"'{row['column']}': {row['sentence']}" for row in compared.blockers.to_dict("records"))


def sentences(compared: Comparison) -> tuple[str, ...]:
    """What to know when one reads the tables."""
    return (
        *_past(compared),
        f"All columns follow the same {compared.paths:,} paths, so that what differs between them is not luck. Amounts "
        "are in today's money.",
    )


def _past(compared: Comparison) -> list[str]:
    """Which columns have a shorter past than the others, whose worst it therefore cannot show."""
    first = {name: made.past.months[0] for name, made in compared.plans.items()}
    earliest = min(first.values())
    return [
        f"The worst year and the deepest fall of '{name}' are those since {month:%B %Y}; others are known since "
        f"{earliest:%B %Y}."
        for name, month in first.items()
        if month > earliest
    ]


def _in_words(table: pd.DataFrame, rows: Mapping[str, tuple[str, Callable[[float], str]]]) -> pd.DataFrame:
    said = {label: table.loc[name].map(_or_nothing(write)) for name, (label, write) in rows.items()}
    return pd.DataFrame(said).T


def _money_of(compared: Comparison) -> Callable[[float], str]:
    currency = compared.first.scenario.profile.currency
    return lambda amount: money(amount, currency)


def _or_nothing(write: Callable[[float], str]) -> Callable[[float], str]:
    return lambda value: NOTHING if math.isnan(value) else write(value)
