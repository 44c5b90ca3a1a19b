"""The proposal as a paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.comparing import compare
from planner.disclaimer import DISCLAIMER
from planner.planning import plan as make_plan
from planner.policy.journal import Journal
from planner.policy.statement import aims, mix, upkeep
from planner.policy.statement.basis import Basis, Parties, listed, on_day
from planner.reports.blocks import Letterhead, Paper, Section
from planner.reports.proposal import ahead, choice, closing, way
from planner.reports.proposal.material import Material

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.planning import Plan
    from planner.reports.blocks import Block
    from planner.scenario import Scenario

PATHS = 2_000
"""Random paths of each of three portfolios: a chance is then known to within about two points. Ours."""

SECTIONS: tuple[tuple[str, str, Callable[[Material], tuple[Block, ...]]], ...] = (
    ("summary", "In short", choice.summary),
    ("situation", "Where you stand", choice.situation),
    ("return_need", "What the money is for", lambda made: aims.return_need(made.basis)),
    ("portfolio", "The portfolio", choice.portfolio),
    ("crypto", "What crypto does to it", choice.crypto),
    ("outlook", "What may become of it", ahead.outlook),
    ("bad_times", "Bad times", ahead.bad_times),
    ("comparison", "Beside what you hold today, and a plain 60/40", ahead.comparison),
    ("sleeve", "How the crypto is held", lambda made: mix.sleeve(made.basis)),
    ("trades", "The way there", way.trades),
    ("phasing", "All at once or in parts", lambda made: upkeep.phasing(made.basis)),
    ("rebalancing", "How it is kept", lambda made: upkeep.rebalancing(made.basis)),
    ("assumptions", "What this rests on", closing.assumptions),
    ("next_steps", "Next steps", closing.next_steps),
)
"""Key, title and what writes it; those of the policy statement read the same in both papers."""


def proposal(
    scenario: Scenario,
    plan: Plan | None = None,
    letterhead: Letterhead | None = None,
    clients: tuple[str, ...] = (),
    progress: Callable[[float], object] | None = None,
) -> Paper:
    """Write the proposal of a scenario for its client.

    ``plan`` is the scenario's where it is made already; one of another scenario lends its market alone. ``clients`` are
    those it is for, the household's name where they are left out. The same scenario in the same market gives the same
    paper. ``progress`` is told the fraction done and stops the work by an exception. A plan that is blocked is proposed
    as far as it goes: its targets as they are, with what is still to be settled first.
    """
    made = plan if plan is not None and plan.scenario == scenario else make_plan(scenario, plan.given if plan else None)
    head = letterhead or Letterhead()
    basis = Basis(made, Journal(), Parties(clients, head.adviser, head.firm))

    compared = compare(made, paths=PATHS, progress=progress)
    material = Material(basis, compared)
    return Paper(
        title="Investment proposal",
        subtitle=scenario.name,
        client=listed(basis.clients),
        date=on_day(made.as_of),
        sections=tuple(Section(key, title, write(material)) for key, title, write in SECTIONS),
        footer=made.fingerprint.sentence,
        disclaimer=DISCLAIMER,
        letterhead=head,
    )
