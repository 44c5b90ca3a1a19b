"""Sections at the end of a proposal: what it rests on, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.methods import at_targets
from planner.reports.blocks import Bullets, Paragraph, Table
from planner.wording import percent

if TYPE_CHECKING:
    from planner.reports.blocks import Block
    from planner.reports.proposal.material import Material


def assumptions(made: Material) -> tuple[Block, ...]:
    """Expected return and volatility of each class, and where the figures come from."""
    plan, basis = made.plan, made.basis
    alone = {name: at_targets(plan.market, {name: 1.0}) for name in basis.universe.class_names}
    columns = ("Class", "Expected return", "Volatility")
    rows = tuple(
        (basis.universe[name].label, percent(mix.expected_return), percent(mix.volatility))
        for name, mix in alone.items()
    )
    first, last = plan.market.returns.index[0], plan.market.returns.index[-1]
    stated = basis.scenario.assumptions
    said = [
        f"Volatilities and how classes move together are those of monthly returns from {first:%B %Y} to {last:%B %Y}.",
        *plan.market.assumptions.notes,
        *(() if stated is None else stated.sentences(basis.universe)),
        *(f"{view.sentence(basis.universe)}." for view in basis.scenario.views),
        f"Inflation is taken to be {percent(basis.need.flows.inflation)} a year.",
        plan.fingerprint.sentence,
        *((plan.changed_since,) if plan.changed_since else ()),
    ]
    return (
        Table("Assumed of each class, in percent a year, before costs and taxes.", columns, rows, columns[1:]),
        Bullets(tuple(dict.fromkeys(said))),
        Paragraph("Assumptions are no promises. Returns that were good are the worst guide to those that come."),
    )


def next_steps(made: Material) -> tuple[Block, ...]:
    """What to do with the paper."""
    adviser = made.basis.adviser
    ask = f"Ask {adviser} about everything that is not clear." if adviser else "Look up everything that is not clear."
    steps = [
        "Read this in peace, the bad times above all: could you hold on?",
        ask,
        "Agree on the Investment Policy Statement, which holds these targets, their bands and the rule.",
        "Let a tax adviser look at the sales before they are made.",
        "Then the orders go to the custodians, all at once or in parts.",
    ]
    if made.plan.blockers:
        steps.insert(0, "First settle what stands under 'In short': until then this is no plan.")
    return (Bullets(tuple(steps)),)
