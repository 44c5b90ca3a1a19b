"""Which asset class lies in which account: today, and where taxes would take least."""

from __future__ import annotations

from functools import partial
from math import isinf
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.trading.location_rules import Placement
from planner.trading.tax_drag import DEFAULT_YEARS
from planner.wording import count, money
from widgets import account_tables, tables
from widgets.account_charts import LOCATION_SPEC, location_alt, location_rows
from widgets.live_chart import LiveChart
from widgets.runner import AtRest, sentence_for
from widgets.tabs import TabPanel

if TYPE_CHECKING:
    from planner.household.accounts import Household
    from planner.market.market import Market
    from planner.policy.targets import Targets
    from planner.trading.location_result import Location
    from planner.trading.trading_policy import TradingPolicy
    from widgets.charts import Rows
    from widgets.session import Session

TITLE = "What belongs where"
MEANING = (
    "The plan's mix, placed in your accounts so that taxes take least. The sum of each class is the plan's; only the "
    "place is chosen. Moving within a retirement account costs no tax."
)
WAITING = "Working out what belongs where …"
ABOVE, EACH = 70, 64
"""Pixels of the chart: its axis, and two bars for each account."""
FEWEST_YEARS, MOST_YEARS = 1, 40


class LocationPanel(TabPanel):
    """The placement for the session's household and plan; worked out when first shown, and once the page rests."""

    def __init__(self, session: Session) -> None:
        self._at_rest = AtRest()
        self._made_of: tuple[Any, ...] | None = None
        self.years = w.IntSlider(
            round(DEFAULT_YEARS),
            min=FEWEST_YEARS,
            max=MOST_YEARS,
            description="Years it should last",
            style={"description_width": "150px"},
        )
        self.said, self.figures = w.HTML(), w.HTML()
        self.tables, self.comparison, self.reasons = w.HTML(), w.HTML(), w.HTML()
        self.chart = self._chart(1)
        self._frame = w.VBox([self.chart])
        self._found = w.VBox([self.figures, self._frame, self.reasons, self.tables, self.comparison])
        super().__init__(session, [w.HTML(tables.heading(TITLE, MEANING)), self.years, self.said, self._found])
        self.add_class("pl-card")
        self._show_nothing("")
        self.years.observe(lambda _: self._due(), "value")
        self.follow(["scenario", "plan"], self._due)

    def _chart(self, accounts: int) -> LiveChart:
        return LiveChart(LOCATION_SPEC, {}, alt=TITLE, height=ABOVE + EACH * accounts)

    def _due(self) -> None:
        """Work at rest, where anything changed that a placement is made of."""
        household, plan = self.session.scenario.household, self.session.plan
        made_of = None
        if household is not None and plan is not None:
            made_of = (household, plan.trade_targets, plan.market, self.session.scenario.trading, self.years.value)
        if made_of == self._made_of:
            return
        self._made_of = made_of
        self._at_rest.drop()
        if made_of is None:
            self._show_nothing("")
        else:
            if not self.figures.value:
                self._show_nothing(f"<p role='status'>{WAITING}</p>")
            self._at_rest.call(partial(self._work, *made_of))

    def _work(
        self, household: Household, targets: Targets, market: Market, policy: TradingPolicy, years: float
    ) -> None:
        from planner.trading.location import locate
        from planner.trading.location_result import Unplaceable

        if not self.showing:
            self._made_of = None
            self.when_shown(self._due)
            return
        try:
            found = locate(household, targets, market.assumptions, market.universe, years=years, policy=policy)
        except Exception as error:  # noqa: BLE001 - whatever it is, the page says a sentence and stays alive
            self._show_nothing(tables.blockers([sentence_for(error)]))
            return
        if isinstance(found, Unplaceable):
            self._show(found.closest, tables.blockers(found.sentences))
        else:
            self._show(found, "")

    def _show_nothing(self, said: str) -> None:
        self.said.value, self.figures.value = said, ""
        self._found.layout.display = "none"

    def _show(self, found: Location, said: str) -> None:
        universe, today, proposed = found.costs.universe, found.of(Placement.TODAY), found.table
        self.said.value = said
        self.figures.value = account_tables.figure_cells(_figures(found))
        self.reasons.value = tables.notes("Why", found.reasons)
        sides = (("Today", today), ("Proposed", proposed))
        self.tables.value = account_tables.beside(
            account_tables.class_by_account(title, table, universe) for title, table in sides
        )
        self.comparison.value = account_tables.placements(found.comparison)
        self._show_chart(location_rows(today, proposed, universe), location_alt(proposed, universe), len(today.columns))
        self._found.layout.display = None

    def _show_chart(self, rows: Rows, alt: str, accounts: int) -> None:
        if self.chart.height != ABOVE + EACH * accounts:
            self.chart = self._chart(accounts)
            self._frame.children = [self.chart]
        if rows != self.chart.rows:
            self.chart.rows, self.chart.alt = rows, alt


def _figures(found: Location) -> list[tuple[str, str, str]]:
    total = found.costs.holdings.total
    before, after = found.drag_before, found.drag_after
    once = found.moving_tax + found.moving_cost
    back = found.years_to_pay_back
    return [
        (
            "Tax drag today",
            basis_points(before),
            f"{money(before * total)} a year that taxes take of today's holdings.",
        ),
        ("As proposed", basis_points(after), f"{money(after * total)} a year, of the plan's mix in its best places."),
        (
            "Getting there, once",
            money(once),
            f"{money(found.moving_tax)} tax on gains, {money(found.moving_cost)} costs.",
        ),
        (
            "Paid back",
            "never" if isinf(back) else "at once" if back == 0 else f"in {count(back, 'year')}",
            "By the taxes that are saved each year; moving to the plan's mix has other reasons too.",
        ),
    ]


def basis_points(fraction: float) -> str:
    """A small part of everything, in hundredths of a percent."""
    return f"{10_000 * fraction:,.1f} bp"
