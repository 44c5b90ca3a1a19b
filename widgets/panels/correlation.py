"""How crypto moves with everything else: over time, in calm and stress, and what the plan would choose of late."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.errors import InputError
from planner.market.history import read_returns
from planner.market.market import Market
from planner.market.universe import BUILT_IN, CRYPTO
from planner.outlook.correlation import (
    CRITICAL,
    PERSISTENT_MONTHS,
    RECENT_MONTHS,
    SHORTEST_WINDOW,
    TYPICAL,
    calm_and_stress,
    class_returns,
    matrices,
    rise_test,
    rolling_band,
    rolling_correlation,
    weighted_correlation,
)
from planner.outlook.return_models import EQUITIES
from planner.recent_choice import choice_of_late
from planner.wording import count, percent
from widgets import correlation_charts as charts
from widgets import tables
from widgets.data_line import data_line
from widgets.live_chart import LiveChart
from widgets.runner import AtRest, sentence_for
from widgets.tabs import TabPanel
from widgets.upload import UploadButton

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from planner.recent_choice import RecentChoice
    from widgets.session import Session

STYLE = {"description_width": "120px"}
LARGEST_FILE_BYTES = 5_000_000
QUICK_WINDOWS = (12, 24, 36)
LONGEST_WINDOW = 60
FEWEST_MONTHS = 2 * RECENT_MONTHS
OVER_TIME = (
    f"The grey stripe is where bitcoin and equities usually are, {TYPICAL[0]:+.1f} to {TYPICAL[1]:+.1f}. The shaded "
    "band holds nine in ten resampled histories for the class you choose."
)
RISE = (
    f"z compares the last {RECENT_MONTHS} months with all before, in standard errors. {PERSISTENT_MONTHS} months in a "
    f"row above {CRITICAL:.2f} raise an alert."
)
STATES = "Stress is the worst fifth of the months of equities. The lines hold nine in ten resampled histories."
UPLOAD = (
    "Your own monthly returns: a CSV with a column month_end and a column for each series of the plan, as fractions. "
    "They are measured here and change nothing of the plan."
)
WITHOUT_SLEEVE = "Crypto is its coins here: a file has no returns of your sleeve's indices."


class CorrelationPanel(TabPanel):
    """How crypto moves with everything else, in the built-in data or in a reader's own."""

    def __init__(self, session: Session) -> None:
        universe = session.universe
        self._own: Market | None = None
        self._name = ""
        self._rest = AtRest()
        others = [name for name in universe.class_names if name != CRYPTO]
        self.window = w.IntSlider(
            RECENT_MONTHS, min=SHORTEST_WINDOW, max=LONGEST_WINDOW, description="Months", style=STYLE
        )
        self.quick = [w.Button(description=count(months, "month")) for months in QUICK_WINDOWS]
        self.weighted = w.Checkbox(
            False, description="Recent months count more (exponential weights)", indent=False, layout={"width": "auto"}
        )
        self.chosen = w.Dropdown(
            options=[(universe[name].label, name) for name in others],
            value=EQUITIES,
            description="Band for",
            style=STYLE,
        )
        self.state = w.ToggleButtons(options=[(said, name) for name, said in charts.STATE_NAMES.items()])
        self.upload = UploadButton(
            "Upload returns", self._uploaded, accept=".csv,.parquet", most_bytes=LARGEST_FILE_BYTES
        )
        self.back = w.Button(description="Back to the plan's data", icon="undo", layout={"display": "none"})
        self.source, self.problem, self.finding, self.choice = w.HTML(), w.HTML(), w.HTML(), w.HTML()
        self.lines = LiveChart(charts.LINES_SPEC, {}, alt="Crypto's correlation over time", height=charts.LINES_HEIGHT)
        self.map = LiveChart(charts.MAP_SPEC, {}, alt="Correlations of the asset classes", height=charts.MAP_HEIGHT)
        self.states = LiveChart(
            charts.STATES_SPEC, {}, alt="Crypto's correlation in calm and in stress", height=charts.STATES_HEIGHT
        )
        self.rise = LiveChart(charts.RISE_SPEC, {}, alt="Whether correlation rose", height=charts.RISE_HEIGHT)
        controls = w.HBox([self.window, *self.quick, self.weighted, self.chosen], layout={"flex_flow": "row wrap"})
        data = w.HBox([self.upload, self.back], layout={"flex_flow": "row wrap"})
        pair = w.HBox(
            [
                _card("Class by class", "", self.state, self.map),
                _card("Calm against stress", STATES, self.states),
                _card("Has it risen for good?", RISE, self.finding, self.rise),
                _card("What the plan would choose now", "", self.choice),
            ]
        )
        pair.add_class("pl-two")
        over_time = _card("Crypto's correlation over time", OVER_TIME, controls, self.lines)
        own = _card("Newer data of your own", UPLOAD, data, self.source, self.problem)
        super().__init__(session, [over_time, pair, own])
        self.add_class("pl-stack")
        for control in (self.window, self.weighted, self.chosen):
            control.observe(lambda _: self.when_shown(self._lines), "value")
        self.state.observe(lambda _: self.when_shown(self._map), "value")
        for button, months in zip(self.quick, QUICK_WINDOWS, strict=True):
            button.on_click(lambda _, months=months: setattr(self.window, "value", months))
        self.back.on_click(lambda _: self._take(None))
        self.follow("plan", self._all)

    @property
    def market(self) -> Market | None:
        """The reader's own market, or the one the plan is made in."""
        if self._own is not None or self.session.plan is None:
            return self._own
        return self.session.plan.prior  # type: ignore[no-any-return]

    def _uploaded(self, name: str, content: bytes) -> None:
        self._try(lambda: self._take(market_from(name, content, self.session), name))

    def _take(self, market: Market | None, name: str = "") -> None:
        self._own, self._name = market, name
        self.problem.value = ""
        self.back.layout.display = "none" if market is None else None
        self.when_shown(self._all)

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - the page says a sentence and stays alive
            self.problem.value = tables.blockers([sentence_for(error)])

    def _all(self) -> None:
        if self.market is None:
            return
        whose = "the plan's data" if self._own is None else f"{self._name}, your own file"
        without = self._own is not None and self.session.scenario.sleeve is not None
        self.source.value = data_line(f"Shown: {whose}", self.market) + tables.muted(WITHOUT_SLEEVE if without else "")
        self.window.max = min(LONGEST_WINDOW, max(SHORTEST_WINDOW, len(_classes(self.market))))
        for part in (self._lines, self._map, self._rise):
            self._try(part)
        self._rest.call(lambda: self.when_shown(self._slow))

    def _slow(self) -> None:
        for part in (self._states, self._choice):
            self._try(part)

    def _lines(self) -> None:
        if self.market is None:
            return
        universe, months = self.session.universe, self.window.value
        weighted = self.weighted.value
        returns = _classes(self.market)
        table = weighted_correlation(returns) if weighted else rolling_correlation(returns, months)
        band = None if weighted else _band(self.market, months, self.chosen.value)
        self.lines.rows = charts.lines_rows(table, band, self.chosen.value, universe)
        latest = ", ".join(f"{universe[str(name)].label} {value:.2f}" for name, value in table.iloc[-1].items())
        self.lines.alt = f"Crypto's correlation, latest month: {latest}."

    def _map(self) -> None:
        if self.market is None:
            return
        matrix = matrices(_classes(self.market))[self.state.value]
        self.map.rows = charts.map_rows(matrix, self.session.universe)
        self.map.alt = charts.map_alt(matrix, self.session.universe, self.state.value)

    def _states(self) -> None:
        if self.market is None:
            return
        table, universe = _by_state(self.market), self.session.universe
        self.states.rows = charts.states_rows(table, universe)
        said = [
            f"{universe[str(name)].label} {row['calm', 'correlation']:.2f} and {row['stress', 'correlation']:.2f}"
            for name, row in table.iterrows()
        ]
        self.states.alt = f"Crypto's correlation in calm and in stress: {', '.join(said)}."

    def _rise(self) -> None:
        if self.market is None:
            return
        test = rise_test(_classes(self.market))
        self.finding.value = tables.text(test.sentence)
        self.rise.rows = charts.rise_rows(test, CRITICAL)
        self.rise.alt = test.sentence

    def _choice(self) -> None:
        if self.market is None:
            return
        scenario = self.session.scenario
        asked = scenario if self._own is None else scenario.with_changes(sleeve=None)
        months = min(RECENT_MONTHS, len(self.market.returns))
        self.choice.value = choice_table(choice_of_late(asked, self.market, months))


def choice_table(found: RecentChoice) -> str:
    """The sentence, and the weights before and after by class."""
    universe = found.now.market.universe
    rows = "".join(
        f"<tr><th scope='row'>{escape(universe[str(name)].label)}</th><td>{percent(row['now'])}</td>"
        f"<td class='pl-mine'>{percent(row['of_late'])}</td><td>{100 * row['difference']:+.1f}</td></tr>"
        for name, row in found.table.iterrows()
    )
    head = "<tr><th>asset class</th><th>now</th><th>of late</th><th>points</th></tr>"
    table = f"<table class='pl-table'><thead>{head}</thead><tbody>{rows}</tbody></table>"
    shown = found.now.portfolio is not None and found.of_late.portfolio is not None
    return tables.text(found.sentence) + (table if shown else "")


def market_from(name: str, content: bytes, session: Session) -> Market:
    """A reader's file as a market; series that are missing, and too few months, are an
    InputError that says which."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / (Path(name).name or "returns.csv")
        path.write_bytes(content)
        returns = read_returns(path)
    universe = BUILT_IN if session.market is None else session.market.universe
    names = universe.series_names
    missing = [series for series in names if series not in returns.columns]
    if missing:
        raise InputError(f"'{name}' lacks {', '.join(missing)}: the columns are to be {', '.join(names)}.")
    if len(returns) < FEWEST_MONTHS:
        raise InputError(
            f"'{name}' has {count(len(returns), 'month')}: comparing the last {RECENT_MONTHS} with those before needs "
            f"{FEWEST_MONTHS}."
        )
    return Market.of(returns[list(names)], universe)


@lru_cache(maxsize=8)
def _classes(market: Market) -> pd.DataFrame:
    return class_returns(market)


@lru_cache(maxsize=64)
def _band(market: Market, months: int, other: str) -> pd.DataFrame:
    return rolling_band(_classes(market), months, other)


@lru_cache(maxsize=8)
def _by_state(market: Market) -> pd.DataFrame:
    return calm_and_stress(_classes(market))


def _card(title: str, meaning: str, *children: Any) -> w.VBox:
    card = w.VBox([w.HTML(tables.heading(title, meaning)), *children])
    card.add_class("pl-card")
    return card
