"""What the plan would have come to in the past, with more and less crypto, and under other rebalancing policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w
import pandas as pd

from planner.errors import PlannerError
from planner.market.universe import CASH, CRYPTO
from planner.outlook.backtest import Track, backtest
from planner.outlook.crypto_steps import with_crypto
from planner.outlook.policy_comparison import compare_policies
from planner.policy.targets import SIXTY_FORTY as SIXTY_FORTY_TARGETS
from planner.policy.targets import Targets
from planner.wording import count, percent
from widgets import backtest_tables, tables, trade_tables
from widgets.backtest_charts import (
    GROWTH_HEIGHT,
    GROWTH_SPEC,
    PLAN,
    POLICIES_HEIGHT,
    POLICIES_SPEC,
    SIXTY_FORTY,
    UNDERWATER_HEIGHT,
    UNDERWATER_SPEC,
    growth_alt,
    growth_rows,
    policies_alt,
    policies_rows,
    underwater_alt,
)
from widgets.download import DownloadButton, Mime
from widgets.live_chart import LiveChart
from widgets.runner import AtRest, sentence_for
from widgets.tabs import TabPanel

if TYPE_CHECKING:
    from planner.outlook.policy_comparison import PolicyComparison
    from planner.planning import Plan
    from widgets.session import Session

STYLE = {"description_width": "150px"}
STEPS = (0.0, 0.03, 0.10)
"""Crypto shares shown beside the plan's own: domain.md section 2."""
SHOWN = 10_000.0
FEWEST_MONTHS = 12
ALIKE = 0.002

MEANING = (
    "Month by month, rebalanced by your rule, after the costs of trades and before taxes. The axis is logarithmic: "
    "equal distances are equal growth."
)
LIMITS = (
    "One past is one draw, and nobody held exactly this through it. {survivors} Crypto's past growth is no forecast: "
    "your plan does not expect it."
)
TWO_COINS = "The coins are two that survived out of many; until December 2017 ether's part is held in bitcoin."
INDICES = (
    "The indices of your sleeve are made of coins that survived to 2025: their past looks better than it was, and the "
    "costs of trading inside them are not taken off. Until one begins, its part is held in those that were there."
)
POLICIES_MEANING = (
    "The same mix and months under nine policies, as one account that began with this amount. Bold is the best of a "
    "column. A threshold acts at your bands, a hybrid looks at them every quarter. Who never trades is not drawn."
)


class BacktestPanel(TabPanel):
    """Growth, falls and measures of some mixes over a window of months, and policies side by side."""

    def __init__(self, session: Session) -> None:
        self._at_rest = AtRest()
        self.tracks: dict[str, Track] = {}
        self.compared: PolicyComparison | None = None
        self.window = w.SelectionRangeSlider(
            options=["-"], description="Months", continuous_update=False, readout=False, style=STYLE
        )
        self.window.add_class("pl-window")
        self.amount = w.BoundedFloatText(100_000, min=1_000, max=1e9, step=1_000, description="Amount, $", style=STYLE)
        self.monthly = w.BoundedFloatText(0, min=-1e6, max=1e6, step=100, description="Put in a month, $", style=STYLE)
        self.taxed = w.Checkbox(False, indent=False, description="In a taxable account, with your taxes")
        self.months, self.problem, self.measures, self.years = w.HTML(), w.HTML(), w.HTML(), w.HTML()
        self.policies, self.said, self.refused, self.limits = w.HTML(), w.HTML(), w.HTML(), w.HTML()
        self.growth = LiveChart(GROWTH_SPEC, {}, alt="Growth of 10,000 dollars", height=GROWTH_HEIGHT)
        self.falls = LiveChart(UNDERWATER_SPEC, {}, alt="Falls below the last high", height=UNDERWATER_HEIGHT)
        self.scatter = LiveChart(POLICIES_SPEC, {}, alt="Costs against drift", height=POLICIES_HEIGHT)
        super().__init__(session, self._cards())
        self.add_class("pl-stack")
        self.window.observe(lambda _: self.when_shown(self._moved), "value")
        for control in (self.amount, self.monthly, self.taxed):
            control.observe(lambda _: self.when_shown(lambda: self._at_rest.call(self._compare_policies)), "value")
        self.observe(lambda change: None if change.new else self._at_rest.drop(), "showing")
        self.follow(["scenario", "plan"], self._changed)

    def _cards(self) -> list[w.Widget]:
        files = w.HBox(
            [
                DownloadButton("Months (CSV)", self._months_csv, filename="backtest.csv", mime=Mime.CSV),
                DownloadButton("Policies (CSV)", self._policies_csv, filename="policies.csv", mime=Mime.CSV),
            ]
        )
        files.add_class("pl-row")
        inputs = w.VBox([self.window, self.months])
        inputs.add_class("pl-inputs")
        asked = w.HBox([self.amount, self.monthly, self.taxed])
        asked.add_class("pl-row")
        return [
            _card(
                w.HTML(tables.heading("What 10,000 dollars became", MEANING)),
                inputs,
                self.problem,
                self.growth,
                w.HTML("<h3>Below the last high</h3>"),
                self.falls,
                self.limits,
            ),
            _card(w.HTML(tables.heading("Measured")), self.measures),
            _card(
                w.HTML(tables.heading("Rebalancing policies side by side", POLICIES_MEANING)),
                asked,
                self.refused,
                self.scatter,
                self.policies,
                self.said,
            ),
            _card(w.HTML(tables.heading("Calendar years", "Before taxes.")), self.years, files),
        ]

    def _changed(self) -> None:
        plan: Plan | None = self.session.plan
        if plan is None:
            return
        survivors = TWO_COINS if plan.scenario.sleeve is None else INDICES
        self.limits.value = tables.muted(LIMITS.format(survivors=survivors))
        months = [f"{day:%Y-%m}" for day in _returns(plan).index]
        if list(self.window.options) != months:
            self.window.options = months
            self.window.value = (months[0], months[-1])
        self._moved()

    def _moved(self) -> None:
        self._at_rest.call(self._compute)

    def _compute(self) -> None:
        """Follow every mix through the window, and the policies after them."""
        session = self.session
        session.busy = True
        try:
            self.tracks = self._followed(session.plan)
            self.problem.value = ""
            self._paint()
        except PlannerError as error:
            self.problem.value = tables.blockers([str(error)])
        except Exception as error:  # noqa: BLE001 - whatever it is, the page says a sentence and stays alive
            self.problem.value = tables.blockers([sentence_for(error)])
        finally:
            session.busy = False
        self._at_rest.call(self._compare_policies)

    def _compare_policies(self) -> None:
        session = self.session
        session.busy = True
        try:
            self.compared = self._policies(session.plan)
            self.refused.value = ""
            self._paint_policies(self.compared)
        except Exception as error:  # noqa: BLE001 - as above
            self.refused.value = tables.blockers([sentence_for(error)])
        finally:
            session.busy = False

    def _followed(self, plan: Plan) -> dict[str, Track]:
        """Tracks of the plan's mix, the same with other parts of crypto, and 60/40."""
        weights, held = plan.class_weights, plan.class_weights[CRYPTO]
        steps = [share for share in STEPS if abs(share - held) > ALIKE] if held < 1 else []
        mixes = {PLAN: weights} | {
            f"{percent(share)} crypto" if share else "no crypto": with_crypto(weights, share) for share in steps
        }
        if set(SIXTY_FORTY_TARGETS.weights) <= set(weights):
            mixes[SIXTY_FORTY] = dict(SIXTY_FORTY_TARGETS.weights)
        return {name: self._track(plan, mix) for name, mix in mixes.items()}

    def _track(self, plan: Plan, weights: dict[str, float]) -> Track:
        scenario = self.session.scenario
        return backtest(
            _returns(plan),
            _targets(plan, weights),
            scenario.rebalancing,
            scenario.trading,
            amount=SHOWN,
            mix=dict(plan.shown.by_asset),
            universe=plan.market.universe,
            **self._bounds(),
        )

    def _policies(self, plan: Plan) -> PolicyComparison:
        scenario = self.session.scenario
        household = scenario.household
        return compare_policies(
            _returns(plan),
            _targets(plan, plan.class_weights),
            costs=scenario.trading,
            taxes=household.taxes if self.taxed.value and household is not None else None,
            contributions=self.monthly.value,
            amount=self.amount.value,
            mix=dict(plan.shown.by_asset),
            universe=plan.market.universe,
            **self._bounds(),
        )

    def _bounds(self) -> dict[str, Any]:
        """The window, widened to a year where it is shorter."""
        first, last = (pd.Period(month, "M") for month in self.window.value)
        known = [pd.Period(month, "M") for month in (self.window.options[0], self.window.options[-1])]
        if (last - first).n + 1 < FEWEST_MONTHS:
            last = min(first + FEWEST_MONTHS - 1, known[1])
            first = max(last - FEWEST_MONTHS + 1, known[0])
        return {"first": first.start_time.date(), "last": last.start_time.date()}

    def _paint(self) -> None:
        values = {name: track.values for name, track in self.tracks.items()}
        days = values[PLAN].index
        said = f"{days[1]:%B %Y} to {days[-1]:%B %Y}, {count(len(days) - 1, 'month')}."
        self.months.value = tables.muted(said)
        returns = {name: track.returns for name, track in self.tracks.items()}
        free: Any = _returns(self.session.plan)[CASH].reindex(returns[PLAN].index)
        against = returns.get(SIXTY_FORTY)
        rows = growth_rows(values)
        if rows != self.growth.rows:
            self.growth.rows, self.growth.alt = rows, growth_alt(values)
            self.falls.rows, self.falls.alt = {"growth": rows["growth"]}, underwater_alt(values)
        self.measures.value = backtest_tables.measures(
            {name: track.performance(free, against) for name, track in self.tracks.items()}
        )
        self.years.value = backtest_tables.calendar_years(returns)

    def _paint_policies(self, compared: PolicyComparison) -> None:
        self.policies.value = backtest_tables.policies(compared)
        self.said.value = trade_tables.sentences(compared.sentences)
        self.scatter.rows, self.scatter.alt = policies_rows(compared), policies_alt(compared)

    def _months_csv(self) -> str:
        parts = {name: track.table for name, track in self.tracks.items()}
        return str(pd.concat(parts, names=["mix"]).to_csv()) if parts else ""

    def _policies_csv(self) -> str:
        return "" if self.compared is None else str(self.compared.table.to_csv())


def _returns(plan: Plan) -> pd.DataFrame:
    """Months in which everything that is held has a return."""
    returns = plan.market.complete_returns
    return returns.loc[returns.notna().all(axis=1)]


def _targets(plan: Plan, weights: dict[str, float]) -> Targets:
    return plan.scenario.targets.with_weights(plan.market.universe, weights)


def _card(*children: w.Widget) -> w.Widget:
    card = w.VBox(list(children))
    card.add_class("pl-card")
    return card
