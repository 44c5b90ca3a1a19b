"""The whole page: who you are and what you want on the left, what it comes to on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as w

from planner.disclaimer import DISCLAIMER
from planner.scenario import EXAMPLE, Scenario
from widgets.panels.method import MethodPanel
from widgets.panels.profile import ProfilePanel
from widgets.panels.targets import TargetsPanel
from widgets.session import Session
from widgets.theme import STYLE

if TYPE_CHECKING:
    from widgets.panels.results import ResultsPanel

WAITING = "Reading eleven years of monthly returns …"


class PlannerApp(w.VBox):  # type: ignore[misc]
    """The planner as one widget, in JupyterLab, Voila or any notebook.

    ``session`` holds the scenario and the plan as traits to observe; the panels stand as ``profile``, ``targets``,
    ``method`` and, once the first plan is made, ``results``.
    """

    def __init__(self, scenario: Scenario = EXAMPLE) -> None:
        self.session = Session(scenario)
        self.profile = ProfilePanel(self.session)
        self.targets = TargetsPanel(self.session)
        self.method = MethodPanel(self.session)
        self.results: ResultsPanel | None = None
        inputs = w.VBox([self.profile, self.targets, self.method])
        inputs.add_class("pl-inputs")
        waiting = w.HTML(f"<p class='pl-card' role='status'>{WAITING}</p>")
        self._columns = w.HBox([inputs, waiting])
        self._columns.add_class("pl-columns")
        self._busy = w.HTML("<div role='status'>Working …</div>")
        self._busy.add_class("pl-busy")
        header = w.HTML(
            "<h1>Portfolio planner</h1><p class='pl-muted'>Set who you are and move the mix: the plan answers at once. "
            "You start with an example household.</p>"
        )
        footer = w.HTML(f"<p class='pl-muted pl-disclaimer'>{DISCLAIMER}</p>")
        super().__init__([w.HTML(f"<style>{STYLE}</style>"), header, self._columns, footer, self._busy])
        self.add_class("pl-app")
        self.session.observe(lambda change: self._show_busy(change.new), "busy")
        self.session.observe(lambda _: self._show_results(), "plan")
        self._show_busy(self.session.busy)
        if self.session.plan is not None:
            self._show_results()

    def _show_busy(self, busy: bool) -> None:
        if busy:
            self._busy.add_class("pl-on")
        else:
            self._busy.remove_class("pl-on")

    def _show_results(self) -> None:
        if self.results is None:
            from widgets.panels.results import ResultsPanel

            self.results = ResultsPanel(self.session)
            self._columns.children = (self._columns.children[0], self.results)

    def to_text(self) -> str:
        """The plan's figures and the rounded numbers of every chart, for a notebook's output to be checked by."""
        from widgets.charts import PICTURES

        plan = self.session.make_plan()
        charts = [f"{picture.title}\n{picture.to_text(plan)}" for picture in PICTURES.values()]
        return "\n\n".join([plan.to_text(), *charts])
