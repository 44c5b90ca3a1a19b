"""From what is owned to the plan: the orders, and where to give them; each opened on its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from widgets.tabs import Tab, Tabs

if TYPE_CHECKING:
    import ipywidgets as w

    from widgets.session import Session


def trading_tabs(session: Session) -> Tabs:
    """The two views of the Trades tab, hidden until it is shown."""

    def orders() -> w.Widget:
        from widgets.panels.trades import TradesPanel

        return TradesPanel(session)

    def venues() -> w.Widget:
        from widgets.panels.venues import VenuesPanel

        return VenuesPanel(session)

    views = {"Orders": orders, "Where to trade": venues}
    return Tabs([Tab(name, make) for name, make in views.items()], when_ready=session.when_ready, showing=False)
