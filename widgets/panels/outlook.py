"""What may happen to the plan: projected, replayed, shocked, and as its parts move together; each opened on its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from widgets.tabs import Tab, Tabs

if TYPE_CHECKING:
    import ipywidgets as w

    from widgets.session import Session


def outlook_tabs(session: Session) -> Tabs:
    """The four views of the Outlook tab, hidden until it is shown."""

    def projection() -> w.Widget:
        from widgets.panels.projection import ProjectionPanel

        return ProjectionPanel(session)

    def backtest() -> w.Widget:
        from widgets.panels.backtest import BacktestPanel

        return BacktestPanel(session)

    def stress() -> w.Widget:
        from widgets.panels.stress import StressPanel

        return StressPanel(session)

    def correlation() -> w.Widget:
        from widgets.panels.correlation import CorrelationPanel

        return CorrelationPanel(session)

    views = {"Projection": projection, "Backtest": backtest, "Stress": stress, "Correlation": correlation}
    return Tabs([Tab(name, make) for name, make in views.items()], when_ready=session.when_ready, showing=False)
