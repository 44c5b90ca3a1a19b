"""Sections of a proposal on what may come: the outlook, bad times, and the same for other portfolios."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from planner.comparing import words
from planner.errors import InputError
from planner.outlook.stress import EPISODES, episode
from planner.reports.blocks import Bullets, Paragraph, Table
from planner.reports.proposal.pictures import by_group, fan
from planner.wording import count

if TYPE_CHECKING:
    from planner.comparing import Comparison
    from planner.reports.blocks import Block
    from planner.reports.proposal.material import Material

MODELS = {
    "lognormal": "Each month is drawn anew, with the returns and the ups and downs that this plan assumes.",
    "student_t": "Each month is drawn anew, and now and then one in which everything moves far at once.",
    "block_bootstrap": "The months are stretches of the past, shuffled, with the average returns this plan assumes.",
    "regime_switching": "Calm and stress take turns, each with ups and downs of its own.",
}
"""Of ``Scenario.return_model`` by kind."""


def outlook(made: Material) -> tuple[Block, ...]:
    """Wealth along random paths, and the chance of each goal."""
    compared, basis = made.compared, made.basis
    found = compared.prospect(made.name)
    model = basis.scenario.return_model
    return (
        Paragraph(
            f"{compared.paths:,} random paths of {count(compared.years.all, 'year')}, with what you put in and take "
            f"out, taxes and costs. {MODELS[model.kind]} Nobody knows which path comes; together they show how far "
            "apart good and bad luck lie."
        ),
        fan(found.fan, compared.years.horizon, basis.scenario.profile.currency),
        *_goals(made),
    )


def _goals(made: Material) -> tuple[Block, ...]:
    table = words.goals(made.compared)
    return (_table("Chance of each goal, in percent of the paths.", "Goal", table),) if len(table) else ()


def bad_times(made: Material) -> tuple[Block, ...]:
    """Episodes that happened, for this portfolio and for those beside it."""
    falls = falls_in_episodes(made.compared)
    if falls.empty:
        return (Paragraph("The returns that this rests on do not cover any of the bad times known to the planner."),)
    caption = "What these months did to each portfolio, in percent, nothing sold or bought meanwhile."
    return (
        Paragraph("Every portfolio has bad times. Those who know beforehand how bad they can be hold on more easily."),
        by_group(caption, falls, made.name),
    )


def falls_in_episodes(compared: Comparison) -> pd.DataFrame:
    """What became of each portfolio (column, decimals) in each episode (row) that the market's months cover."""
    falls: dict[str, dict[str, float]] = {}
    for which in EPISODES:
        try:
            falls[which.name] = {
                name: episode(dict(plan.shown.by_asset), plan.market, which).change
                for name, plan in compared.plans.items()
            }
        except InputError:  # these months are not among the market's
            continue
    return pd.DataFrame.from_dict(falls, orient="index", columns=list(compared.plans)).rename_axis("episode")


def comparison(made: Material) -> tuple[Block, ...]:
    """Risk, outlook, taxes and costs side by side."""
    compared = made.compared
    return (
        _table("Risk and return, a year.", "", words.risk(compared)),
        _table("Outlook, in today's money.", "", words.outlook(compared)),
        _table("Taxes and costs, today's federal law and your state's rate.", "", words.taxes(compared)),
        Bullets(words.sentences(compared)),
    )


def _table(caption: str, head: str, table: pd.DataFrame) -> Table:
    columns = (head, *map(str, table.columns))
    rows = tuple((str(name), *map(str, values)) for name, values in zip(table.index, table.to_numpy(), strict=True))
    return Table(caption, columns, rows, columns[1:])
