"""All accounts seen as one portfolio: what is where, and how far it is from the targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.errors import InputError
from planner.trading.holdings import Holdings, total_drift
from planner.wording import count, money, percent
from widgets import account_tables, tables
from widgets.account_charts import DRIFT_SPEC, drift_alt, drift_rows, is_outside
from widgets.live_chart import LiveChart

if TYPE_CHECKING:
    import pandas as pd

    from planner.policy.targets import Targets
    from widgets.session import Session

MOST_APART = 0.01
"""How far the accounts' total may be from the profile's liquid assets before it is said. Ours."""
DRIFT_HEIGHT = 280
NO_ACCOUNTS = "Nothing to show yet: type your accounts into the table above, or upload a file."
DRIFT_MEANING = (
    "Bars are what you hold, thick ticks what the plan holds. While a bar ends in its grey band, nothing is due."
)
AFTER_TAX = (
    "After tax, a dollar in a 401(k) or a traditional IRA counts as what is left of it once it is taken out and taxed "
    "as income; gains that are not yet realised count in full."
)


class HouseholdView(w.VBox):  # type: ignore[misc]
    """The drift from the plan, and value by class and account; filled by ``show``.

    ``summary`` is a card of its own with the key figures, to stand where they are seen while one types.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.figures, self.note, self.table = w.HTML(), w.HTML(), w.HTML()
        self.after_tax = w.Checkbox(False, indent=False, description="After tax too, side by side")
        self.after_tax.observe(lambda _: self.show(), "value")
        self.drift = LiveChart(DRIFT_SPEC, {}, alt="Drift from the targets", height=DRIFT_HEIGHT)
        self.summary = _card([w.HTML(tables.heading("Everything together")), self.figures, self.note])
        super().__init__(
            [
                _card([w.HTML(tables.heading("Drift from the plan", DRIFT_MEANING)), self.drift]),
                _card([w.HTML(tables.heading("What is where")), self.after_tax, self.table]),
            ]
        )
        self.add_class("pl-stack")

    def show(self) -> None:
        """Show the session's household against its plan."""
        household = self.session.scenario.household
        shown = [self.after_tax, self.drift]
        for control in shown:
            control.layout.display = None if household else "none"
        if household is None:
            self.figures.value, self.note.value, self.table.value = tables.muted(NO_ACCOUNTS), "", ""
            return
        holdings = Holdings(household, self.session.universe)
        drift = holdings.drift(trade_targets(self.session))
        after_tax, no_table = _after_tax(holdings)
        self.figures.value = account_tables.figure_cells(_figures(holdings, drift, after_tax))
        self.note.value = self._apart(holdings.total) + tables.blockers(filter(None, [no_table]))
        self._show_table(holdings, after_tax)
        rows = drift_rows(drift, holdings.total, self.session.universe)
        if rows != self.drift.rows:
            self.drift.rows = rows
            self.drift.alt = drift_alt(drift, self.session.universe)

    def _show_table(self, holdings: Holdings, after_tax: pd.DataFrame | None) -> None:
        universe = self.session.universe
        parts = [account_tables.class_by_account("Dollars in the accounts", holdings.table, universe)]
        if self.after_tax.value and after_tax is not None:
            parts.append(account_tables.class_by_account("Dollars after tax", after_tax, universe))
            parts.append(tables.muted(AFTER_TAX))
        self.table.value = account_tables.beside(parts)

    def _apart(self, total: float) -> str:
        """Where the plan counts with another sum than the accounts come to."""
        profile = self.session.scenario.profile
        if abs(total - profile.liquid_assets) <= MOST_APART * max(total, profile.liquid_assets):
            return ""
        return account_tables.note(
            f"Your accounts come to {money(total)}, and your profile says "
            f"{money(profile.liquid_assets, profile.currency)} of liquid assets. Amounts on the first tab are of the "
            "profile's figure: change it there, under 'Your finances', where the accounts are right."
        )


def trade_targets(session: Session) -> Targets:
    """What the accounts should come to: the plan's weights, or the targets as they are where there is no plan."""
    targets: Targets = session.scenario.targets if session.plan is None else session.plan.trade_targets
    return targets


def _after_tax(holdings: Holdings) -> tuple[pd.DataFrame | None, str]:
    """What is left after tax, or why that is not known: the tax tables of a year may be missing."""
    try:
        return holdings.after_tax, ""
    except InputError as error:
        return None, str(error)


def _figures(holdings: Holdings, drift: Any, after_tax: pd.DataFrame | None) -> list[tuple[str, str, str]]:
    outside = int(sum(is_outside(row) for _, row in drift.iterrows()))
    return [
        ("Total", money(holdings.total), f"In {count(len(holdings.account_names), 'account')} on {holdings.as_of}."),
        (
            "After tax",
            "unknown" if after_tax is None else money(float(after_tax.to_numpy().sum())),
            "With the tax that is still owed on retirement money taken off.",
        ),
        ("Drift", percent(total_drift(drift["drift"])), "The share of everything that is in the wrong class."),
        (
            "Outside their bands",
            f"{outside} of {len(drift)} classes",
            "Time to rebalance." if outside else "Nothing is due by the bands.",
        ),
    ]


def _card(children: list[Any]) -> Any:
    card = w.VBox(children)
    card.add_class("pl-card")
    return card
