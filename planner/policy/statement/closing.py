"""Sections at the end: disclaimers, signatures, and the history of the policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.disclaimer import DISCLAIMER
from planner.policy.statement.basis import on_day
from planner.reports.blocks import Block, Bullets, Paragraph, Signatures, Table
from planner.wording import count

if TYPE_CHECKING:
    from planner.policy.journal import Entry
    from planner.policy.statement.basis import Basis

MOST_CHANGES_SHOWN = 8
"""Of one entry: a new crypto sleeve alone has forty fields. The journal holds them all. Ours."""


def disclaimers(basis: Basis) -> tuple[Block, ...]:
    """What the statement is not, and what its figures rest on."""
    said = [
        "This statement promises no result. It binds nobody to hold what is written here if circumstances change.",
        "Nobody is pushed into crypto: less than the targets say is never wrong, down to none at all.",
        basis.plan.fingerprint.sentence,
    ]
    if not basis.holds_crypto:
        del said[1]
    changed = basis.plan.changed_since
    return Paragraph(DISCLAIMER), Bullets((*said, *((changed,) if changed else ())))


def signatures(basis: Basis) -> tuple[Block, ...]:
    """Lines to sign on."""
    people = (*basis.clients, *((basis.adviser,) if basis.adviser else ()))
    agreed = "Those who sign have read this statement and agree to it."
    if basis.plan.blockers:
        agreed += " It is not ready to be signed: see what is still to be settled, at the beginning."
    return Paragraph(agreed), Signatures(people)


def history(basis: Basis) -> tuple[Block, ...]:
    """Every change of the policy with its reason, and the head of the chain."""
    journal = basis.journal
    if not journal.entries:
        return (Paragraph("No change was written down yet: this statement is the first."),)
    fault = journal.fault()
    wrong = () if fault is None else (Paragraph(f"This history was tampered with. {fault.sentence}"),)
    rows = tuple(
        (f"{entry.number}", on_day(entry.at.date()), entry.author, _changed(entry), entry.reason)
        for entry in journal.entries
    )
    return (
        *wrong,
        Table("Changes of this policy, the first one first; days are UTC.", ("No.", "Date", "By", "What", "Why"), rows),
        Paragraph(
            f"Head of the journal's chain: {journal.head}. Who keeps it can tell later whether anything above was "
            "changed, removed or put in.",
            muted=True,
        ),
    )


def _changed(entry: Entry) -> str:
    shown = [change.sentence for change in entry.changes[:MOST_CHANGES_SHOWN]]
    more = len(entry.changes) - len(shown)
    return "; ".join([*shown, f"and {count(more, 'more field')}"] if more else shown)
