"""Papers and tables as files, by kind and suffix."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from planner.errors import InputError
from planner.policy.journal import Journal
from planner.policy.statement import Parties, statement
from planner.reports.blocks import Letterhead

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from planner.planning import Plan
    from planner.policy.statement import Statement
    from planner.reports.blocks import Paper
    from planner.reports.sheets import Sheet

    Progress = Callable[[float], object]

CONTENT_SHARE = 0.8
"""Of the work of a paper, what its content takes; the rest is setting it. Ours, for the bar."""


@dataclass(frozen=True, eq=False)
class Order:
    """What a file is made of: a plan, and who hands it over to whom; the journal and own text are the policy's."""

    plan: Plan
    letterhead: Letterhead = field(default_factory=Letterhead)
    clients: tuple[str, ...] = ()
    journal: Journal = field(default_factory=Journal)
    own_text: Mapping[str, str] = field(default_factory=dict)


def make_file(kind: str, suffix: str, order: Order, progress: Progress | None = None) -> bytes:
    """A file's content: ``kind`` and ``suffix`` are among ``KINDS``, another one is an InputError.

    ``progress`` is told the fraction done, and stops the work by an exception.
    """
    makers = KINDS.get(kind, {})
    if suffix not in makers:
        known = ", ".join(makers) or ", ".join(KINDS)
        raise InputError(f"A file of the kind '{kind}' cannot end with '{suffix}': choose among {known}.")
    return makers[suffix](order, progress or _unheard)


def _unheard(_: float) -> None:
    return


def _proposal(order: Order, progress: Progress) -> Paper:
    from planner.reports.proposal import proposal

    content = _part(progress, 0.0, CONTENT_SHARE)
    return proposal(order.plan.scenario, order.plan, order.letterhead, order.clients, content)


def _agreed(order: Order) -> Statement:
    parties = Parties(order.clients, order.letterhead.adviser, order.letterhead.firm)
    return statement(order.plan.scenario, order.plan, order.journal, order.own_text, parties)


def _statement(order: Order, _: Progress) -> Paper:
    return _agreed(order).paper(order.letterhead)


def _set(write: Callable[[Order, Progress], Paper]) -> Mapping[str, Callable[[Order, Progress], bytes]]:
    """The faces of a paper."""

    def pdf(order: Order, progress: Progress) -> bytes:
        from planner.reports.pdf import to_pdf

        return to_pdf(write(order, progress), _part(progress, CONTENT_SHARE, 1.0))

    def html(order: Order, progress: Progress) -> bytes:
        from planner.reports.html import to_html

        return to_html(write(order, progress)).encode()

    return {".pdf": pdf, ".html": html}


def _statement_markdown(order: Order, _: Progress) -> bytes:
    return _agreed(order).to_markdown().encode()


def _xlsx(order: Order, progress: Progress) -> bytes:
    from planner.reports.spreadsheet import to_xlsx

    return to_xlsx(_sheets(order, progress), order.plan.fingerprint.sentence)


def _csv_zip(order: Order, progress: Progress) -> bytes:
    from planner.reports.spreadsheet import to_csv_zip

    return to_csv_zip(_sheets(order, progress), order.plan.fingerprint.sentence)


def _json(order: Order, progress: Progress) -> bytes:
    from planner.reports.spreadsheet import to_json

    return to_json(_sheets(order, progress), order.plan.fingerprint.sentence).encode()


def _sheets(order: Order, progress: Progress) -> tuple[Sheet, ...]:
    from planner.reports.sheets import sheets

    return sheets(order.plan.scenario, order.plan, order.journal, progress)


def _part(progress: Progress, start: float, end: float) -> Progress:
    return lambda done: progress(start + done * (end - start))


KINDS: Mapping[str, Mapping[str, Callable[[Order, Progress], bytes]]] = {
    "proposal": _set(_proposal),
    "statement": {**_set(_statement), ".md": _statement_markdown},
    "tables": {".xlsx": _xlsx, ".zip": _csv_zip, ".json": _json},
}
"""By kind and suffix, what makes the file."""
