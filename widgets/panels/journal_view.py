"""The policy's memory: what was changed since the last entry, the reason for it, and all entries so far."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import ipywidgets as w

from widgets import tables
from widgets.tabs import TabPanel

if TYPE_CHECKING:
    from planner.policy.journal import Change, Entry, Journal
    from widgets.desk import Desk
    from widgets.session import Session

MEANING = (
    "A policy is changed for a reason, and the reason is written down. What is written is never changed again: each "
    "entry carries the hash of the one before."
)
FIRST = "Nothing is written down yet. The first entry adopts the open scenario's targets as the policy:"
CHANGED = "Changed since the last entry, and without a reason so far:"
UNCHANGED = "The open scenario is the policy as the last entry left it: there is nothing to write down."
HEAD = "Head of the chain: {head}. Note it elsewhere: who has it can tell later that nothing was changed."
MOST_SHOWN = 40
STYLE = {"description_width": "70px"}


class JournalPanel(TabPanel):
    """What is pending, who and why, and the entries; ``desk`` writes them."""

    def __init__(self, session: Session, desk: Desk) -> None:
        self.desk = desk
        self.pending, self.entries = w.HTML(), w.HTML()
        self.author = w.Text(description="Author", continuous_update=False, style=STYLE)
        self.reason = w.Textarea(
            description="Reason", placeholder="Why was this changed?", rows=2, style=STYLE, layout={"width": "auto"}
        )
        self.record = w.Button(description="Write it down", icon="pencil", button_style="primary")
        self.record.on_click(lambda _: self._record())
        self.form = w.VBox([self.author, self.reason, self.record])
        self.form.add_class("pl-journal-form")
        now = w.VBox([w.HTML(tables.heading("Changes and their reasons", MEANING)), self.pending, self.form])
        so_far = w.VBox([w.HTML(tables.heading("Journal")), self.entries])
        for card in (now, so_far):
            card.add_class("pl-card")
        super().__init__(session, [now, so_far])
        self.add_class("pl-stack")
        self.follow("scenario", self._show_pending)
        desk.observe(lambda _: self.when_shown(self._show), ["journal", "policy"])
        self.when_shown(self._show)

    def _record(self) -> None:
        before = self.desk.journal
        self.desk.record(self.author.value, self.reason.value)
        if self.desk.journal is not before:
            self.reason.value = ""

    def _show(self) -> None:
        self._show_pending()
        self.entries.value = entries_html(self.desk.journal)

    def _show_pending(self) -> None:
        changes = self.desk.pending()
        said = UNCHANGED if not changes else CHANGED if self.desk.policy is not None else FIRST
        self.pending.value = f"<p>{said}</p>{_changes_table(changes)}"
        self.form.layout.display = None if changes else "none"


def entries_html(journal: Journal) -> str:
    """All entries, the newest first, with the place at which the journal was tampered with."""
    fault = journal.fault()
    wrong = tables.blockers([fault.sentence]) if fault else ""
    faulty = fault.number if fault else None
    rows = "".join(_entry(entry, is_faulty=entry.number == faulty) for entry in journal.entries[::-1])
    return f"{wrong}{rows}{tables.muted(HEAD.format(head=journal.head) if rows else 'No entry yet.')}"


def _entry(entry: Entry, *, is_faulty: bool) -> str:
    """One entry; its changes unfold."""
    count = f"{len(entry.changes)} change{'s' if len(entry.changes) > 1 else ''}"
    mark = " pl-due" if is_faulty else ""
    return (
        f"<details class='pl-note pl-entry{mark}'><summary><b>{entry.number}. {escape(entry.reason)}</b> "
        f"<span class='pl-muted'>{entry.at:%Y-%m-%d %H:%M} UTC, {escape(entry.author)}, {count}</span></summary>"
        f"{_changes_table(entry.changes)}<p class='pl-muted'>Hash <code>{escape(entry.hash)}</code></p></details>"
    )


def _changes_table(changes: tuple[Change, ...]) -> str:
    if not changes:
        return ""
    rows = "".join(
        f"<tr><th scope='row'>{escape(change.field)}</th>"
        f"<td>{escape(change.before)}</td><td>{escape(change.after)}</td></tr>"
        for change in changes[:MOST_SHOWN]
    )
    more = len(changes) - MOST_SHOWN
    left_out = tables.muted(f"And {more} more.") if more > 0 else ""
    head = "<thead><tr><th>Field</th><th>Before</th><th>Now</th></tr></thead>"
    table = f"<table class='pl-table pl-changes'>{head}<tbody>{rows}</tbody></table>"
    return f"<div class='pl-scroll' tabindex='0'>{table}</div>{left_out}"
