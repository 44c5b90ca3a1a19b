"""The whole page: who you are and what you want on the left, what it comes to on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as w
from traitlets import dlink

from planner.disclaimer import DISCLAIMER
from planner.household.accounts import Household
from planner.scenario import EXAMPLE, Scenario, scenario_of
from widgets.desk import Desk
from widgets.keeper import Keeper
from widgets.page import Page
from widgets.panels.method import MethodPanel
from widgets.panels.profile import ProfilePanel
from widgets.panels.results import ResultsPanel
from widgets.panels.scenario_bar import ScenarioBar
from widgets.panels.targets import TargetsPanel
from widgets.panels.wishes import WishesPanel
from widgets.reader import Reader
from widgets.session import Session
from widgets.strip import KeyStrip
from widgets.tabs import Tab, TabPanel, Tabs
from widgets.theme import STYLE

if TYPE_CHECKING:
    from widgets.presenting import Presenting

FIRST_TAB = "You and mix"


class PlannerApp(w.VBox):  # type: ignore[misc]
    """The planner as one widget, in JupyterLab, Voila or any notebook.

    A household is planned with the example's profile and targets, to be made one's own.
    ``others`` lie beside the scenario on the desk, to compare and to choose from. ``session`` holds the open scenario
    and the plan as traits to observe, ``desk`` all scenarios; the panels of the first tab stand as ``profile``,
    ``targets``, ``method``, ``wishes`` and ``results``, those of the other tabs, once opened, in ``tabs.panels``.
    """

    def __init__(self, scenario: Scenario | Household = EXAMPLE, *others: Scenario) -> None:
        self.session = Session(scenario_of(scenario) if isinstance(scenario, Household) else scenario)
        self.profile = ProfilePanel(self.session)
        self.targets = TargetsPanel(self.session)
        self.method = MethodPanel(self.session)
        self.wishes = WishesPanel(self.session)
        self.results = ResultsPanel(self.session)
        inputs = w.VBox([self.profile, self.targets, self.method, self.wishes])
        inputs.add_class("pl-inputs")
        columns = TabPanel(self.session, [inputs, self.results])
        dlink((columns, "showing"), (self.results, "showing"))
        columns.add_class("pl-columns")
        tabs = [
            Tab(FIRST_TAB, lambda: columns),
            Tab("Crypto", self._crypto),
            Tab("Accounts", self._accounts),
            Tab("Trades", self._trades),
            Tab("Outlook", self._outlook),
            Tab("Watch", self._watch),
            Tab("Compare", self._compare_tab),
            Tab("Papers", self._papers),
        ]
        self.tabs = Tabs(tabs, when_ready=self.session.when_ready)
        self.desk = Desk(self.session, others=others)
        self.bar = ScenarioBar(self.desk, lambda: self.tabs.choose("Compare"), self._present)
        self.presenting: Presenting | None = None
        self.strip = KeyStrip(self.session)
        self._stage = w.VBox()
        self._stage.add_class("pl-stage")
        self._busy = w.HTML("<div role='status'>Working …</div>")
        self._busy.add_class("pl-busy")
        header = w.HTML(
            "<h1>Portfolio planner</h1><p class='pl-muted'>Set who you are and move the mix: the plan answers at once. "
            "You start with an example household.</p>"
        )
        footer = w.HTML(f"<p class='pl-muted pl-disclaimer'>{DISCLAIMER}</p>")
        self._page = Page(self, self.session.page_is_there)
        super().__init__(
            [
                w.HTML(f"<style>{STYLE}</style>"),
                header,
                Keeper(self.session),
                self.bar,
                self.strip,
                self.tabs,
                self._stage,
                footer,
                self._busy,
                self._page,
                Reader(),
            ]
        )
        self.add_class("pl-app")
        self.session.observe(lambda change: self._show_busy(change.new), "busy")
        self._show_busy(self.session.busy)

    def __repr__(self) -> str:
        return f"PlannerApp({self.session.scenario.name})"

    def _crypto(self) -> w.Widget:
        from widgets.panels.crypto import CryptoPanel

        return CryptoPanel(self.session)

    def _accounts(self) -> w.Widget:
        from widgets.panels.accounts import AccountsPanel

        return AccountsPanel(self.session)

    def _trades(self) -> w.Widget:
        from widgets.panels.trading import trading_tabs

        return trading_tabs(self.session)

    def _outlook(self) -> w.Widget:
        from widgets.panels.outlook import outlook_tabs

        return outlook_tabs(self.session)

    def _watch(self) -> w.Widget:
        from widgets.panels.watch import WatchPanel

        return WatchPanel(self.session, self.desk)

    def _compare_tab(self) -> w.Widget:
        from planner.comparing import MOST_SCENARIOS
        from widgets.panels.compare import ComparePanel

        panel = ComparePanel(self.session)
        dlink((self.desk, "scenarios"), (panel, "scenarios"), lambda scenarios: scenarios[-MOST_SCENARIOS:])
        return panel

    def _papers(self) -> w.Widget:
        from widgets.panels.papers import papers_tabs

        return papers_tabs(self.session, self.desk)

    def _present(self) -> None:
        if self.presenting is None:
            self.presenting = self._make_presenting()
            self._stage.children = [self.presenting]
        self.tabs.choose(FIRST_TAB)  # whose pictures it shows
        self.presenting.on = True

    def _make_presenting(self) -> Presenting:
        from widgets.presenting import Presenting

        controls = {
            "Age": self.profile.age,
            "Years until needed": self.profile.horizon,
            **{f"{slider.description}, %": slider for slider in self.targets.sliders.values()},
            "Volatility cap": self.method.cap,
            "Crypto falls by": self.results.fall,
        }
        charts = self.results.charts
        made = Presenting(self.desk, [self.results.figures, charts["weights"], charts["crypto-fall"]], controls)
        made.observe(lambda change: (self.add_class if change.new else self.remove_class)("pl-presenting"), "on")
        return made

    def _show_busy(self, busy: bool) -> None:
        if busy:
            self._busy.add_class("pl-on")
        else:
            self._busy.remove_class("pl-on")
            self._page.version += 1

    def to_text(self) -> str:
        """The plan's figures and the rounded numbers of every chart, for a notebook's output to be checked by."""
        from widgets.charts import PICTURES, band_rows, rows_to_text

        plan = self.session.make_plan()
        rows = {name: picture.rows(plan) for name, picture in PICTURES.items()}
        if self.results.band.on.value:
            rows["frontier"]["band"] = band_rows(plan.resampled())
        charts = [f"{picture.title}\n{rows_to_text(rows[name])}" for name, picture in PICTURES.items()]
        return "\n\n".join([plan.to_text(), *charts])
