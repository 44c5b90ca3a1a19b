"""What the plan comes to: key figures, charts, and what was said about the profile."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.scenario import Method
from planner.wording import percent
from widgets import data_line, tables
from widgets.charts import PICTURES, Picture, Rows, weights_rows
from widgets.download import ChartDownload, DownloadButton, ImageFormat, Mime
from widgets.live_chart import LiveChart
from widgets.panels.band import BandPanel
from widgets.panels.crypto_steps import CryptoSteps
from widgets.runner import SOON_SECONDS, AtRest
from widgets.tabs import TabPanel

if TYPE_CHECKING:
    from planner.market.market import Market
    from planner.planning import Plan
    from widgets.session import Session


NO_PLAN = (
    "There is no plan for these settings: the note beside them says why and what would help. Until then the figures "
    "and charts show your targets as they are."
)


WAITING = "Reading eleven years of monthly returns …"


class ResultsPanel(TabPanel):
    """The right side of the page: made at once, filled when the first plan is there, kept up to date while shown."""

    def __init__(self, session: Session) -> None:
        self._at_rest = AtRest()
        self._data_at_rest = AtRest()
        self._words_soon = AtRest(SOON_SECONDS)
        self._ranged: Market | None = None
        self._named: Market | None = None
        self.figures = w.HTML(f"<p role='status'>{WAITING}</p>")
        self.blockers = w.HTML()
        self.data = w.HTML(layout={"min_height": "28px"})
        self.steps = CryptoSteps()
        self.classes = w.HTML()
        self.chosen = w.HTML()
        self.assessment = w.HTML()
        self.charts = {
            name: LiveChart(picture.spec, {}, alt=picture.title, height=picture.height)
            for name, picture in PICTURES.items()
        }
        self.fall = w.IntSlider(
            _whole(session.scenario.crypto_fall),
            min=0,
            max=100,
            step=5,
            description="Crypto falls by, %",
            style={"description_width": "130px"},
        )
        self.fall.observe(lambda change: self._fall_moved(change.new), "value")
        self.band = BandPanel(session)
        self.band.observe(lambda _: self._show_frontier(), "rows")
        self.charts["frontier"].observe(lambda change: self._picked(change.new), "selection")
        session.observe(lambda change: setattr(self.fall, "value", _whole(change.new.crypto_fall)), "scenario")
        super().__init__(session, self._cards())
        self.add_class("pl-results")
        self.follow("plan", self._show)

    def _cards(self) -> list[Any]:
        charts = self.charts
        return [
            _card([w.HTML(tables.heading("The plan in figures")), self.blockers, self.figures, self.data], wide=True),
            _card([_title("weights"), charts["weights"], self.classes]),
            _card([_title("risk"), charts["risk"]]),
            _card([_title("frontier"), charts["frontier"], self.chosen, self.band]),
            _card([_title("crypto-fall"), self.fall, charts["crypto-fall"]]),
            self.steps,
            _card([w.HTML(tables.heading("What your answers come to")), self.assessment]),
            _card([w.HTML(tables.heading("Take it with you")), self._downloads()], wide=True),
        ]

    def _fall_moved(self, percents: int) -> None:
        if percents != _whole(self.session.scenario.crypto_fall):
            self.session.change(crypto_fall=percents / 100)

    def _downloads(self) -> Any:
        row = w.HBox(
            [
                DownloadButton("Weights (CSV)", self._weights_csv, filename="weights.csv", mime=Mime.CSV),
                DownloadButton("Plan (JSON)", self._plan_json, filename="plan.json", mime=Mime.JSON),
                ChartDownload("Charts (PNG)", self.charts, image=ImageFormat.PNG),
                ChartDownload("Charts (SVG)", self.charts, image=ImageFormat.SVG),
            ]
        )
        row.add_class("pl-row")
        return row

    def _weights_csv(self) -> str:
        weights = self.session.plan.shown.weights.rename_axis("asset").reset_index()
        return str(weights.to_csv(index=False))

    def _plan_json(self) -> str:
        return json.dumps(self.session.make_plan().to_dict(), indent=2, allow_nan=False)

    def _show(self) -> None:
        plan: Plan | None = self.session.plan
        if plan is None:
            return
        for name, picture in PICTURES.items():
            if name not in {"weights", "frontier"}:
                self._repaint(self.charts[name], picture.rows(plan), picture, plan)
        self._show_weights()
        self._show_frontier()
        self._words_soon.call(self._show_words)
        if plan.given is not self._named:
            self._data_at_rest.call(self._show_data)

    def _show_words(self) -> None:
        """Show the tables, after the charts are on their way."""
        plan: Plan = self.session.plan
        self.figures.value = tables.figures(plan)
        self.blockers.value = tables.blockers([NO_PLAN] if plan.portfolio is None else [])
        self.classes.value = tables.class_table(plan)
        self.assessment.value = tables.assessment(plan.assessment)
        self.steps.show(plan)
        self._show_chosen()

    def _show_data(self) -> None:
        """Name the data once the page rests: they are checked when they are new."""
        plan = self.session.plan
        self.data.value = data_line.of_plan(plan)
        self._named = plan.given

    def _show_weights(self) -> None:
        """Draw the weights at once, and their ranges too where the market is known: in a new one they take longer."""
        plan, picture, chart = self.session.plan, PICTURES["weights"], self.charts["weights"]
        self._at_rest.drop()
        if plan.market is not self._ranged:
            self._repaint(chart, weights_rows(plan, with_ranges=False), picture, plan)
            self._at_rest.call(self._show_ranges)
        else:
            self._repaint(chart, picture.rows(plan), picture, plan)

    def _show_ranges(self) -> None:
        plan, picture = self.session.plan, PICTURES["weights"]
        self._repaint(self.charts["weights"], picture.rows(plan), picture, plan)
        if plan.class_ranges is not None:
            self._ranged = plan.market

    def _show_frontier(self) -> None:
        plan, picture = self.session.plan, PICTURES["frontier"]
        if plan is not None:
            self._repaint(self.charts["frontier"], {**picture.rows(plan), "band": self.band.rows}, picture, plan)

    def _repaint(self, chart: LiveChart, rows: Rows, picture: Picture, plan: Plan) -> None:
        if rows != chart.rows:
            with chart.hold_sync():
                chart.rows = rows
                chart.alt = picture.alt(plan)

    def _picked(self, selection: dict[str, Any]) -> None:
        """Take the mix of the point that was clicked."""
        returns = selection.get("chosen", {}).get("expected_return")
        if not returns:
            return
        self.session.change(method=Method.FRONTIER, frontier_return=float(returns[0]))
        self.charts["frontier"].selection = {}  # the same point can be clicked again

    def _show_chosen(self) -> None:
        plan: Plan = self.session.plan
        taken = ""
        if plan.scenario.method is Method.FRONTIER and plan.portfolio is not None:
            point, universe = plan.portfolio, plan.market.universe
            title = f"Your plan is the point with {percent(point.expected_return)} expected at "
            labels = {asset_class.name: asset_class.label for asset_class in universe.classes}
            taken = tables.mix_sentence(f"{title}{percent(point.volatility)} volatility:", plan.class_weights, labels)
        self.chosen.value = taken + tables.muted(plan.frontier_note)


def _card(children: list[Any], *, wide: bool = False) -> Any:
    card = w.VBox(children)
    card.add_class("pl-card")
    if wide:
        card.add_class("pl-wide")
    return card


def _title(name: str) -> Any:
    picture = PICTURES[name]
    return w.HTML(tables.heading(picture.title, picture.subtitle))


def _whole(fraction: float) -> int:
    return round(fraction * 100)
