"""The way from what is owned to the plan: when to trade, what it costs, the orders, losses to harvest, phasing in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.trading.rebalance import rebalance
from planner.trading.tax_drift_curve import tax_drift_curve
from widgets import tables
from widgets.panels.harvest import HarvestPanel
from widgets.panels.household_view import trade_targets
from widgets.panels.orders import OrdersPanel
from widgets.panels.phasing import PhasingPanel
from widgets.panels.price import PricePanel
from widgets.panels.rule import RulePanel
from widgets.runner import AtRest, sentence_for
from widgets.tabs import TabPanel

if TYPE_CHECKING:
    from widgets.session import Session

NO_HOUSEHOLD = "There are no accounts yet: open the Accounts tab, and type in or upload what you own."
NO_PLAN = "The settings of your plan contradict each other, so that the trades lead to your targets as they are."
NO_TRADES = "The trades could not be found: what stands in their way is said at the top."


class TradesPanel(TabPanel):
    """The Trades tab: follows the scenario and the plan while it is shown, and computes once they rest."""

    def __init__(self, session: Session) -> None:
        self._at_rest = AtRest()
        self._waiting = False
        self._drawn: dict[str, Any] = {}
        self.rule, self.price = RulePanel(session), PricePanel(session)
        self.orders, self.harvest, self.phasing = OrdersPanel(), HarvestPanel(), PhasingPanel(session)
        self.note = w.HTML()
        super().__init__(session, [self.note, self.rule, self.price, self.orders, self.harvest, self.phasing])
        self.add_class("pl-stack")
        self.rule.observe(lambda _: self.when_shown(self._changed), "flows")
        self.price.stop.on_click(lambda _: self._drawn.clear())
        self.observe(lambda change: None if change.new else self._pause(), "showing")
        self.follow(["scenario", "plan"], self._changed)

    def _pause(self) -> None:
        """Compute nothing while nobody looks; what was begun is begun anew when the tab is opened again."""
        if self._waiting or self.price.busy:
            self._at_rest.drop()
            self.price.drop()
            self._drawn = {}
            self.when_shown(self._changed)

    def _changed(self) -> None:
        """Say at once what the rule decides, and find the trades when nothing moves any more."""
        self.rule.follow()
        self.price.follow()
        self.phasing.follow()
        if self.session.scenario.household is None:
            self._at_rest.drop()
            self._show_nothing(NO_HOUSEHOLD)
            return
        self.rule.show(trade_targets(self.session))
        self._waiting = True
        self._at_rest.call(self._compute)

    def _show_nothing(self, why: str) -> None:
        self._waiting, self._drawn = False, {}
        self.note.value = tables.blockers([])
        self.rule.show_nothing(why)
        self.price.show_nothing(why)
        self.orders.show(None, why)
        self.harvest.show(None, self.session.scenario.trading, why)

    def _compute(self) -> None:
        session = self.session
        self._waiting = False
        session.busy = True
        try:
            self._show_trades()
        except Exception as error:  # noqa: BLE001 - whatever it is, the page says a sentence and stays alive
            self.note.value = tables.blockers([sentence_for(error)])
            self._drawn = {}
            self.price.show_nothing(NO_TRADES)
            self.orders.show(None, NO_TRADES)
            self.harvest.show(None, session.scenario.trading, NO_TRADES)
        finally:
            session.busy = False

    def _show_trades(self) -> None:
        scenario, plan = self.session.scenario, self.session.plan
        asked = self._asked()
        made = rebalance(**asked, policy=scenario.trading)
        self.note.value = tables.blockers([NO_PLAN] if plan is not None and plan.portfolio is None else [])
        self.price.show(made)
        self.orders.show(made, "")
        self.harvest.show(made, scenario.trading, "")
        if not (made.decision.due or made.flows):
            asked |= {"rule": None}  # what it would cost all the same
        drawn = {**asked, "policy": scenario.trading.with_changes(tracking_price=0.0)}
        if drawn != self._drawn:
            self._drawn = drawn
            self.price.draw(lambda progress: tax_drift_curve(**drawn, progress=progress))

    def _asked(self) -> dict[str, Any]:
        """What is rebalanced, and to what; the price of tracking is left out."""
        scenario, ((paid_in, into), (paid_out, out_of)) = self.session.scenario, self.rule.flows
        return {
            "household": scenario.household,
            "targets": trade_targets(self.session),
            "rule": scenario.rebalancing,
            "contribution": {into: paid_in} if into and paid_in else paid_in,
            "withdrawal": {out_of: paid_out} if out_of and paid_out else paid_out,
            "last": scenario.last_rebalanced,
            "universe": self.session.universe,
        }
