"""The Investment Policy Statement of a scenario, and the journal's entry for a change of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.disclaimer import DISCLAIMER
from planner.errors import InputError
from planner.facts import differences
from planner.market.universe import BUILT_IN
from planner.planning import Plan
from planner.planning import plan as make_plan
from planner.policy.journal import Change, Journal
from planner.policy.statement import faces
from planner.policy.statement.basis import Basis, Parties, listed, on_day
from planner.policy.statement.own_text import plain_text
from planner.policy.statement.sections import sections
from planner.reports.blocks import Letterhead, Paper
from planner.validation import FrozenDict

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from planner.market.universe import Universe
    from planner.reports.blocks import Section
    from planner.scenario import Scenario


@dataclass(frozen=True)
class Statement:
    """An Investment Policy Statement: its sections in order, with the adviser's own text at the end of each.

    ``own_text`` is that text by section, what has no section any more included.
    """

    scenario: Scenario
    as_of: dt.date
    parties: Parties
    sections: tuple[Section, ...]
    own_text: Mapping[str, str]
    footer: str

    def __getitem__(self, key: str) -> Section:
        """The section of a key."""
        for section in self.sections:
            if section.key == key:
                return section
        known = ", ".join(section.key for section in self.sections)
        raise InputError(f"There is no section '{key}'. The sections are: {known}.")

    def paper(self, letterhead: Letterhead | None = None) -> Paper:
        """The statement as a paper to print, under a letterhead or the parties' adviser and firm."""
        parties = self.parties
        return Paper(
            title="Investment Policy Statement",
            subtitle=f"{self.scenario.name}, as of {on_day(self.as_of)}",
            client=listed(parties.clients or (self.scenario.name,)),
            date=on_day(self.as_of),
            sections=self.sections,
            footer=self.footer,
            disclaimer=DISCLAIMER,
            letterhead=letterhead or Letterhead(adviser=parties.adviser, firm=parties.firm),
        )

    def to_text(self) -> str:
        """The statement in lines."""
        return faces.to_text(self.paper())

    def to_markdown(self) -> str:
        """The statement in Markdown: own text can be edited between its marks, and is read back by ``own_text_of``."""
        return faces.to_markdown(self.paper())

    def _repr_html_(self) -> str:
        return faces.to_html(self.paper())


def statement(
    scenario: Scenario,
    plan: Plan | None = None,
    journal: Journal | None = None,
    own_text: Mapping[str, str] | None = None,
    parties: Parties | None = None,
) -> Statement:
    """Write the policy statement of a scenario.

    ``plan`` is the scenario's where it is made already; one of another scenario lends its market alone. ``journal`` is
    printed as the history, ``own_text`` at the end of the sections that it names (see ``Statement.sections`` for the
    keys), in a section of its own where there is none of that name. Source: domain.md sections 2 to 9.
    """
    made = plan if plan is not None and plan.scenario == scenario else make_plan(scenario, plan.given if plan else None)
    kept = plain_text(own_text or {})
    basis = Basis(made, journal or Journal(), parties or Parties())
    written = sections(basis, kept)
    footer = made.fingerprint.sentence
    return Statement(scenario, made.as_of, basis.parties, written, FrozenDict(kept), footer)


def journalled(  # noqa: PLR0913 - one entry, and each of these stands in it
    journal: Journal,
    before: Scenario,
    after: Scenario,
    author: str,
    reason: str,
    *,
    at: dt.datetime | None = None,
    universe: Universe = BUILT_IN,
) -> Journal:
    """The journal with an entry for what one scenario changes of another, field by field.

    InputError where nothing is changed, and those of ``Journal.written``. Lots, prices and days of a review are no
    change; see ``planner.facts.differences``.
    """
    changes = [Change(**found._asdict()) for found in differences(before, after, universe)]
    return journal.written(changes, author, reason, at)
