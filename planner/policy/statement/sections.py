"""The sections of a policy statement, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.policy.statement import aims, closing, means, mix, upkeep
from planner.reports.blocks import OwnText, Paragraph, Section

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.policy.statement.basis import Basis

SECTIONS = (
    ("purpose", "Purpose", aims.purpose),
    ("parties", "Parties", aims.parties),
    ("return_need", "The return that is needed", aims.return_need),
    ("risk", "How much risk: capacity and tolerance", aims.risk),
    ("horizon", "Time horizon", aims.horizon),
    ("liquidity", "Money at hand", means.liquidity),
    ("taxes", "Taxes and accounts", means.taxes),
    ("targets", "Strategic targets and bands", mix.targets),
    ("tactical", "Tactical range", mix.tactical),
    ("sleeve", "Crypto sleeve", mix.sleeve),
    ("rebalancing", "Rebalancing rule", upkeep.rebalancing),
    ("phasing", "Phasing in", upkeep.phasing),
    ("monitoring", "Monitoring calendar", upkeep.monitoring),
    ("responsibilities", "Responsibilities", upkeep.responsibilities),
    ("disclaimers", "Disclaimers", closing.disclaimers),
    ("signatures", "Signatures", closing.signatures),
    ("history", "History", closing.history),
)
"""Key, title and what writes it."""

KEYS = tuple(key for key, _, _ in SECTIONS)

KEPT = "kept"
"""Key of the section that holds text of sections that are no longer there."""


def sections(basis: Basis, own_text: Mapping[str, str]) -> tuple[Section, ...]:
    """Every section with the adviser's own text at its end; text of unknown sections comes last, in one of its own."""
    written = tuple(
        Section(key, title, (*write(basis), OwnText(key, own_text.get(key, "")))) for key, title, write in SECTIONS
    )
    kept = tuple(
        block
        for key, text in own_text.items()
        if key not in KEYS
        for block in (Paragraph(f"Written for the section “{key}”, which is no longer there:"), OwnText(key, text))
    )
    return (*written, Section(KEPT, "Further text", kept)) if kept else written
