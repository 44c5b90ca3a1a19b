"""Sections of a proposal on what is proposed and to whom: in short, the situation, the portfolio, its crypto."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from planner.market.universe import CRYPTO
from planner.outlook.crypto_steps import crypto_steps
from planner.policy.statement import aims
from planner.policy.statement.basis import TOO_LITTLE_TO_SHOW, listed
from planner.reports.blocks import Bullets, Figures, Paragraph, Table
from planner.reports.proposal.pictures import by_group, money_and_risk
from planner.wording import count, percent

if TYPE_CHECKING:
    from planner.reports.blocks import Block
    from planner.reports.proposal.material import Material

STEPS = (0.0, 0.03, 0.10)
"""Crypto shares beside the plan's own. Source: issue 1 of the project's plan."""
FALLS = (0.5, 0.8, 1.0)
"""Of crypto. Source: domain.md section 4."""
FIGURES = ("expected_return", "volatility", "worst_year", "crypto_weight", "crypto_risk_share", "crypto_loss")
"""Of ``Plan.figures``, those that a client asks for first."""


def summary(made: Material) -> tuple[Block, ...]:
    """What is proposed, in a paragraph and key figures."""
    plan, basis = made.plan, made.basis
    years = basis.scenario.profile.horizon_years
    needed = f"in {count(years, 'year')}" if years else "now"
    parts = [
        f"{percent(weight)} {basis.universe[name].label}"
        for name, weight in sorted(plan.class_weights.items(), key=lambda each: -each[1])
        if weight >= TOO_LITTLE_TO_SHOW
    ]
    whole = basis.money(basis.scenario.profile.liquid_assets)
    said = Paragraph(f"For {listed(basis.clients)}, who need the money {needed}: {listed(parts)}, of {whole} in all.")
    figures = Figures(tuple((each.label, each.text, each.meaning) for each in plan.figures if each.name in FIGURES))
    chances = _chances(made)
    return (
        said,
        *_open_points(made),
        figures,
        *((Bullets(chances),) if chances else ()),
        Paragraph(
            "The following pages say why, what may come of it, what it costs to get there, and what all of it rests on."
        ),
    )


def _open_points(made: Material) -> tuple[Block, ...]:
    blockers = made.plan.blockers
    if not blockers:
        return ()
    return (
        Paragraph("Still to be settled; until then the figures are those of the targets as they are:"),
        Bullets(tuple(blocker.sentence for blocker in blockers)),
    )


def _chances(made: Material) -> tuple[str, ...]:
    compared, end = made.compared, made.basis.scenario.profile.age + made.compared.years.all
    said = [
        f"The goal '{goal}' is reached on {percent(float(chance), 0)} of {compared.paths:,} paths."
        for goal, chance in compared.goals[made.name].dropna().items()
    ]
    lasts = compared.prospect(made.name).lasts
    if lasts is not None:
        paid = percent(lasts.probability, 0)
        said.append(
            f"On {paid} of them all spending is paid to the age of {end}."
            if said
            else f"On {paid} of {compared.paths:,} paths all spending is paid to the age of {end}."
        )
    return tuple(said)


def situation(made: Material) -> tuple[Block, ...]:
    """The household in figures, and the risk that it can bear."""
    basis = made.basis
    return aims.household_table(basis), Bullets(basis.assessment.reasons)


def portfolio(made: Material) -> tuple[Block, ...]:
    """Weights beside those of today, amounts, and what moves it."""
    plan, basis, compared = made.plan, made.basis, made.compared
    today = None if compared.today is None else compared.weights[compared.today]
    rows = []
    for name in basis.universe.class_names:
        weight = plan.class_weights[name]
        held = () if today is None else (percent(float(today[name])), _moved(weight - float(today[name])))
        rows.append((basis.universe[name].label, *held, percent(weight), basis.of_the_whole(weight)))
    total = ("Together", *(() if today is None else ("100 %", "")), "100 %", basis.of_the_whole(1.0))
    columns = ("Class", *(() if today is None else ("Today", "Change")), "Proposed", "Amount")
    whole = basis.money(basis.scenario.profile.liquid_assets)
    caption = f"Weights in percent of the portfolio, changes in points, amounts of {whole}."
    table = Table(caption, columns, (*rows, total), columns[1:], total=len(rows))
    return (
        table,
        money_and_risk(plan.class_weights, plan.class_risk, basis.universe),
        *((Bullets(plan.notes),) if plan.notes else ()),
    )


def _moved(change: float) -> str:
    shown = f"{100 * change:+.1f}".rstrip("0").rstrip(".")
    return "0" if shown in {"+0", "-0"} else shown


def crypto(made: Material) -> tuple[Block, ...]:
    """The same mix with none, with 3 and 10 %, and with what is proposed; and what its falls cost."""
    plan, basis = made.plan, made.basis
    if plan.class_weights[CRYPTO] >= 1:
        return (Paragraph("The portfolio holds nothing but crypto."),)
    own = plan.class_weights[CRYPTO]
    steps = crypto_steps(
        plan.class_weights,
        sorted([own, *(step for step in STEPS if abs(step - own) >= TOO_LITTLE_TO_SHOW)]),
        plan.market,
    )
    names = {share: f"{percent(share)} crypto{', proposed' if share == own else ''}" for share in steps.index}
    columns = ("Mix", "Expected return", "Volatility", "Crypto, of the risk", "Worst year", "Deepest fall")
    figures = ("expected_return", "volatility", "crypto_risk_share", "worst_year", "deepest_fall")
    rows = tuple((names[share], *(percent(float(step[each])) for each in figures)) for share, step in steps.iterrows())
    first, last = (plan.past.months[place].year for place in (0, -1))
    table = Table(
        "The same mix with more or less crypto, the other classes in their proportions, in percent a year; falls are "
        f"those of {first} to {last}, rebalanced monthly, before costs and taxes.",
        columns,
        rows,
        columns[1:],
    )
    falls = (
        [
            f"If crypto falls {percent(fall)}, the portfolio loses {percent(own * fall)}, "
            f"{basis.of_the_whole(own * fall)}."
            for fall in FALLS
        ]
        if basis.holds_crypto
        else []
    )
    shown = pd.DataFrame(
        {
            names[share]: {"Worst year": step["worst_year"], "Deepest fall": step["deepest_fall"]}
            for share, step in steps.iterrows()
        }
    )
    caption = f"Worst year and deepest fall by the share of crypto, {first} to {last}."
    return (
        Paragraph(
            f"Guidance for this profile is {basis.assessment.crypto_range} of the investable assets. Less is never "
            "wrong, down to none at all."
        ),
        table,
        by_group(caption, shown, names[own]),
        *((Bullets(tuple(falls)),) if falls else ()),
    )
