"""What a client takes home: the proposal and its tables, the policy statement, and the policy's memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from widgets.tabs import Tab, Tabs

if TYPE_CHECKING:
    import ipywidgets as w

    from widgets.desk import Desk
    from widgets.session import Session


def papers_tabs(session: Session, desk: Desk) -> Tabs:
    """The three views of the Papers tab, hidden until it is shown."""

    def documents() -> w.Widget:
        from widgets.panels.documents import DocumentsPanel

        return DocumentsPanel(session, desk)

    def statement() -> w.Widget:
        from widgets.panels.policy_statement import PolicyStatementPanel

        return PolicyStatementPanel(session, desk)

    def journal() -> w.Widget:
        from widgets.panels.journal_view import JournalPanel

        return JournalPanel(session, desk)

    views = {"Documents": documents, "Policy statement": statement, "Journal": journal}
    return Tabs([Tab(name, make) for name, make in views.items()], when_ready=session.when_ready, showing=False)
