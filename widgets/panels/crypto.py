"""The Crypto tab: the sleeve, what it is made of, what its indices did, and what each adds to the portfolio's risk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.errors import PlannerError
from planner.market.coins import BITCOIN, coin_returns
from planner.market.universe import CRYPTO
from planner.outlook.stress import weights_of
from planner.policy.barbell import Sleeve, SleevePart
from planner.policy.crypto import crypto_risk, sleeve_histories
from planner.scenario import Method
from planner.trading.holdings import Holdings
from planner.wording import money
from widgets import account_tables, crypto_tables, tables
from widgets import crypto_charts as charts
from widgets import crypto_specs as specs
from widgets.backtest_charts import growth_alt
from widgets.live_chart import LiveChart
from widgets.panels.crypto_steps import CryptoSteps
from widgets.panels.lean import LeanPanel
from widgets.panels.sleeve import SleevePanel
from widgets.runner import sentence_for
from widgets.tabs import TabPanel

if TYPE_CHECKING:
    from planner.planning import Plan
    from planner.policy.index_history import IndexHistory
    from widgets.charts import Rows
    from widgets.session import Session

NOTHING_HELD = 1e-9
CHOSEN = "The method chose these shares inside the ranges; the sliders are what you agreed."
NO_CRYPTO = "The plan holds no crypto: give it a share on the first tab, and the amounts follow."
COINS_MEANING = "Down to the coins, as the indices hold them today, in the colours of the table."
PAST_MEANING = "From the month in which all indices are there, after their fees."
WEIGHTS_MEANING = "What the index held from each month-end on."
RISK_MEANING = "Pale: its part of your money. Full: its part of the portfolio's ups and downs."
OUTSIDE = (
    "Your accounts hold {amount} of crypto outside these indices. Where you buy a fund of one, say in the Accounts tab "
    "that it follows that index: trades then buy it in place of the coins."
)
TABLE_MEANING = "Each over its own past: those that begin later missed what came before."


class CryptoPanel(TabPanel):
    """Follows the scenario's sleeve while it is shown."""

    def __init__(self, session: Session) -> None:
        self._drawn: Sleeve | None = None
        self._shown: tuple[Any, Any, Any] = (None, None, None)
        self.sleeve, self.lean = SleevePanel(session), LeanPanel(session)
        self.shares, self.owned, self.said, self.indices = w.HTML(), w.HTML(), w.HTML(), w.HTML()
        self.chosen = w.Dropdown(description="Index", style={"description_width": "60px"})
        self.coins = LiveChart(specs.COINS_SPEC, {}, alt="Coins of the sleeve", height=specs.COINS_HEIGHT)
        self.past = LiveChart(specs.PAST_SPEC, {}, alt="Growth of the indices", height=specs.PAST_HEIGHT)
        self.weights = LiveChart(specs.WEIGHTS_SPEC, {}, alt="Coins over time", height=specs.WEIGHTS_HEIGHT)
        self.added = LiveChart(specs.ADDED_SPEC, {}, alt="Risk of the indices", height=specs.RISK_HEIGHT)
        held = _card("In money", "", self.said, self.shares, self.owned)
        coins = _card("What is in it", COINS_MEANING, self.coins)
        added = _card("What each index adds to your risk", RISK_MEANING, self.added)
        past = _card("What 10,000 in each index grew to", PAST_MEANING, self.past)
        weights = _card("The coins over time", WEIGHTS_MEANING, self.chosen, self.weights)
        side = _card("The indices side by side", TABLE_MEANING, self.indices)
        self.steps = CryptoSteps()
        self._left, self._right = _stack(held), _stack(added, coins)
        columns = w.HBox([_stack(self.sleeve, self._left), _stack(self.steps, self._right)])
        columns.add_class("pl-columns")
        self._below = _stack(_two(self.lean, side), _two(past, weights))
        super().__init__(session, [columns, self._below])
        self.add_class("pl-stack")
        self.chosen.observe(lambda _: self.when_shown(self._paint_weights), "value")
        self.follow(["scenario", "plan", "problem"], self._show)

    def _show(self) -> None:
        """Follow what changed; whatever is in the way is said, and the rest stays as it was."""
        sleeve, plan = self.session.scenario.sleeve, self.session.plan
        now = (self.session.scenario, plan, self.session.problem)
        if all(one is other for one, other in zip(now, self._shown, strict=True)):
            return
        self._shown = now
        blocked = () if plan is None else plan.blockers
        said = [*([self.session.problem] if self.session.problem else []), *(each.sentence for each in blocked)]
        self.sleeve.show(sleeve, tuple(said))
        if plan is not None:
            self.steps.show(plan)
        for part in (self._left, self._right, self._below):
            part.layout.display = "none" if sleeve is None else None
        if sleeve is None or plan is None or not set(sleeve.shares) <= set(plan.market.universe.series_names):
            return
        try:
            self._paint(plan, sleeve, sleeve_histories(sleeve))
        except PlannerError as error:
            self.sleeve.problem.value = tables.blockers([sentence_for(error)])

    def _paint(self, plan: Plan, sleeve: Sleeve, histories: dict[str, IndexHistory]) -> None:
        profile, weight = plan.scenario.profile, plan.class_weights[CRYPTO]
        held = held_shares(plan, sleeve)
        total, currency = profile.liquid_assets, profile.currency
        agreed = "" if plan.scenario.method is Method.STRATEGIC else tables.muted(CHOSEN)
        nothing = "" if weight > NOTHING_HELD else tables.muted(NO_CRYPTO)
        self.said.value = account_tables.note(as_held(sleeve, held).sentence(total, weight, currency)) + nothing
        self.shares.value = crypto_tables.shares(sleeve, held, weight, total, currency) + agreed
        self.owned.value = self._owned(plan, sleeve)
        self.lean.show(plan, sleeve)
        coins = charts.coins_rows(sleeve, held, histories, total * weight, currency)
        _repaint(self.coins, coins, charts.coins_alt(coins))
        added = charts.added_rows(sleeve, crypto_risk(plan.shown, plan.market.universe))
        _repaint(self.added, added, charts.added_alt(added))
        recipes = [(part.name, part.recipe) for part in sleeve.parts]
        if self._drawn is None or recipes != [(part.name, part.recipe) for part in self._drawn.parts]:
            self._drawn = sleeve
            self._paint_past(sleeve, histories)

    def _owned(self, plan: Plan, sleeve: Sleeve) -> str:
        """What the accounts hold of the indices, with the trades between them, and of crypto outside of them."""
        household = self.session.scenario.household
        if household is None:
            return ""
        holdings = Holdings(household, plan.prior.universe)
        if holdings.total <= 0:
            return ""
        values = {name: weight * holdings.total for name, weight in weights_of(holdings).items()}
        by_part = {name: values[name] for name in sleeve.shares}
        outside = sum(values[name] for name in plan.prior.universe.members(CRYPTO) if name not in by_part)
        currency = plan.scenario.profile.currency
        table = crypto_tables.owned(sleeve, by_part, currency) if any(by_part.values()) else ""
        return table + tables.muted(OUTSIDE.format(amount=money(outside, currency)) if outside > 0 else "")

    def _paint_past(self, sleeve: Sleeve, histories: dict[str, IndexHistory]) -> None:
        values = charts.past_values(sleeve, histories, coin_returns()[BITCOIN])
        _repaint(
            self.past, charts.past_rows(sleeve, values), f"{growth_alt(values)} {histories[sleeve.parts[0].name].note}"
        )
        self.indices.value = crypto_tables.indices(sleeve, histories)
        offered = [(label, name) for name, label in charts.part_labels(sleeve).items()]
        if offered != list(self.chosen.options):
            before = self.chosen.value
            self.chosen.options = offered
            self.chosen.value = before if before in sleeve.shares else offered[-1][1]
        self._paint_weights()

    def _paint_weights(self) -> None:
        sleeve, name = self._drawn, self.chosen.value
        if sleeve is None or name not in sleeve.shares:
            return
        history = sleeve_histories(sleeve)[name]
        rows = charts.weights_rows(history)
        _repaint(self.weights, rows, charts.weights_alt(charts.part_labels(sleeve)[name], rows, history.note))


def held_shares(plan: Plan, sleeve: Sleeve) -> dict[str, float]:
    """Shares of the sleeve that the plan holds by part: what was agreed, or what its method chose inside the ranges."""
    held = {name: plan.shown.by_asset[name] for name in sleeve.shares}
    total = sum(held.values())
    return {name: weight / total for name, weight in held.items()} if total > NOTHING_HELD else sleeve.shares


def as_held(sleeve: Sleeve, held: dict[str, float]) -> Sleeve:
    """The sleeve with these shares, to say them in a sentence."""
    parts = (SleevePart(name=part.name, recipe=part.recipe, share=held[part.name]) for part in sleeve.parts)
    return Sleeve(parts=tuple(parts))


def _repaint(chart: LiveChart, rows: Rows, alt: str) -> None:
    if rows != chart.rows:
        chart.rows, chart.alt = rows, alt


def _card(title: str, meaning: str, *children: Any) -> Any:
    card = w.VBox([w.HTML(tables.heading(title, meaning)), *children])
    card.add_class("pl-card")
    return card


def _stack(*children: Any) -> Any:
    stack = w.VBox(list(children))
    stack.add_class("pl-stack")
    return stack


def _two(*children: Any) -> Any:
    pair = w.HBox(list(children))
    pair.add_class("pl-two")
    return pair
