"""Scenarios side by side: what differs, and what it comes to; with the 60/40 and what is held today."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import ipywidgets as w
import traitlets

from planner.comparing import compare, words
from planner.outlook.projection import PATHS
from planner.wording import count
from widgets import compare_tables, tables
from widgets.chart_by_rows import ChartByRows
from widgets.compare_charts import (
    AXIS,
    CHANCE_ROW,
    RISK_HEIGHT,
    ROW,
    chances_alt,
    chances_rows,
    outlook_alt,
    outlook_rows,
    risk_alt,
    risk_rows,
    weights_alt,
    weights_rows,
)
from widgets.compare_specs import CHANCES_SPEC, OUTLOOK_SPEC, RISK_SPEC, WEIGHTS_SPEC
from widgets.panels.stages import Stage, Stages
from widgets.runner import AtRest, sentence_for
from widgets.tabs import TabPanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.comparing import Comparison
    from planner.scenario import Scenario
    from widgets.session import Session

QUICK_PATHS = 1_000
"""Of which something is shown while all the others are still followed."""
DIFFERS_MEANING = "Only what the scenarios do not have in common."
WEIGHTS_MEANING = "All on the same axis. What a part holds is said where it fits, and in the table."
RISK_MEANING = "Up is more return to expect, to the left is a calmer way there."
OUTLOOK_MEANING = (
    "Money after {years}, in today's money. Nine in ten paths end inside the pale bar, half inside the darker one; the "
    "mark is the middle."
)
CHANCES_MEANING = "On how many of the same paths the spending is paid and each goal is met in full."
TAXES_MEANING = "What taxes take every year, and, once, all trades from what is held today."
ALIKE = "These scenarios do not differ in anything that is compared."
ALONE = "There is one scenario: duplicate it, change the copy, and it stands beside the first."
AS_THEY_ARE = "Until that is changed, the column shows the targets as they are."
NOT_OWNED = "Nothing is owned in the first scenario, so that there is no portfolio of today."
FOLLOWING = "Following {paths:,} paths …"
ROUGH = "A first look at {paths:,} paths; all of them follow."
TRADING = "Finding the trades …"
NO_TRADES = "The trades are not known."


class ComparePanel(TabPanel):
    """Up to four ``scenarios`` side by side, the session's own where there are none; works only while it is shown.

    ``with_today`` and ``with_sixty_forty`` show the columns that are always there to compare with. ``compared`` is the
    last comparison.
    """

    scenarios = traitlets.Tuple()
    with_today = traitlets.Bool(True)
    with_sixty_forty = traitlets.Bool(True)

    def __init__(self, session: Session) -> None:
        self.compared: Comparison | None = None
        self._looked: Comparison | None = None
        self._traded: bool | None = None  # None while they are being found
        self._asked: tuple[Scenario, ...] = ()
        self._told: Callable[[float], None] = _unheard
        self._at_rest = AtRest()
        self.today = w.Checkbox(True, indent=False, description="The portfolio today")
        self.sixty_forty = w.Checkbox(True, indent=False, description="The plain 60/40")
        self.problem, self.blocked, self.missing = w.HTML(), w.HTML(), w.HTML()
        self.stages = Stages(self._failed)
        self.differs, self.figures, self.said = w.HTML(), w.HTML(), w.HTML()
        self.outlook_title, self.outlook, self.taxes = w.HTML(), w.HTML(), w.HTML()
        self.weights, self.risk = ChartByRows(WEIGHTS_SPEC), ChartByRows(RISK_SPEC)
        self.intervals, self.chances = ChartByRows(OUTLOOK_SPEC), ChartByRows(CHANCES_SPEC)
        self.ahead = w.VBox(self._of_the_paths())
        self.body = w.VBox([*self._at_once(), self.ahead, _card(w.HTML(tables.heading("What to know")), self.said)])
        for stack in (self.ahead, self.body):
            stack.add_class("pl-stack")
        super().__init__(session, [self._head(), self.body])
        self.add_class("pl-stack")
        traitlets.link((self, "with_today"), (self.today, "value"))
        traitlets.link((self, "with_sixty_forty"), (self.sixty_forty, "value"))
        self.observe(lambda change: None if change.new else self._pause(), "showing")
        self.observe(lambda _: self.when_shown(self._changed), "scenarios")
        self.observe(lambda _: self.when_shown(self._paint), ["with_today", "with_sixty_forty"])
        self.follow("scenario", self._changed)

    def _head(self) -> w.Widget:
        beside = w.HBox([self.today, self.sixty_forty])
        beside.add_class("pl-row")
        title = w.HTML(tables.heading("Side by side", "Beside the scenarios stand:"))
        return _card(title, beside, self.missing, self.blocked, self.problem, self.stages)

    def _at_once(self) -> list[w.Widget]:
        return [
            _card(w.HTML(tables.heading("What differs", DIFFERS_MEANING)), self.differs),
            _two(
                _card(w.HTML(tables.heading("Weights", WEIGHTS_MEANING)), self.weights),
                _card(w.HTML(tables.heading("Risk and return", RISK_MEANING)), self.risk),
            ),
            _card(w.HTML(tables.heading("In figures")), self.figures),
        ]

    def _of_the_paths(self) -> list[w.Widget]:
        return [
            _two(
                _card(self.outlook_title, self.intervals),
                _card(w.HTML(tables.heading("Chances", CHANCES_MEANING)), self.chances),
            ),
            _card(w.HTML(tables.heading("The outlook in figures")), self.outlook),
            _card(w.HTML(tables.heading("Taxes and costs", TAXES_MEANING)), self.taxes),
        ]

    def _pause(self) -> None:
        """Follow nothing while nobody looks; what is left is done when the view is opened again."""
        self._at_rest.drop()
        self.stages.pause()
        self.when_shown(self._changed)

    def _changed(self) -> None:
        """Compare what is wanted now, once it rests, or go on with what is not done yet."""
        if self._wanted() != self._asked:
            self.stages.pause()
            self._at_rest.call(self._begin)
        else:
            self.stages.go_on()

    def _wanted(self) -> tuple[Scenario, ...]:
        return self.scenarios or (self.session.scenario,)

    def _begin(self) -> None:
        """Show at once what is known at once, and begin with the rest."""
        self._asked, self.compared, self._looked, self._traded = self._wanted(), None, None, None
        try:
            made = compare(*self._asked, market=self.session.market, paths=PATHS, progress=self._tell)
            self.compared = made
            self._paint()
        except Exception as error:  # noqa: BLE001 - whatever it is, the page says a sentence and stays alive
            self._failed(error)
            return
        self.problem.value = ""
        quick = replace(made, paths=min(QUICK_PATHS, PATHS))
        rough = ROUGH.format(paths=quick.paths)
        self.stages.begin(
            [
                self._stage(FOLLOWING.format(paths=quick.paths), lambda: quick.outlook, lambda: self._look(quick)),
                self._stage(f"{rough} {TRADING}", lambda: made.taxes, self._trade),
                self._stage(f"{rough} {FOLLOWING.format(paths=PATHS)}", lambda: made.outlook, lambda: self._look(made)),
            ]
        )

    def _stage(self, note: str, read: Callable[[], object], then: Callable[[], None]) -> Stage:
        """Something of the comparison, which tells how far it is."""

        def work(tell: Callable[[float], None]) -> None:
            self._told = tell
            read()

        return Stage(note, work, then)

    def _tell(self, part: float) -> None:
        self._told(part)

    def _failed(self, error: Exception) -> None:
        """Say what is wrong; what is known already stays, and what can be known is."""
        self.problem.value = tables.blockers([sentence_for(error)])
        self._traded = bool(self._traded)
        self._paint()

    def _look(self, compared: Comparison) -> None:
        self._looked = compared
        self._paint()

    def _trade(self) -> None:
        self._traded = True
        self._paint()

    def _columns(self, made: Comparison) -> list[str]:
        hidden = {
            *(() if self.with_today else (made.today,)),
            *(() if self.with_sixty_forty else (made.sixty_forty,)),
        }
        return [name for name in made.columns if name not in hidden]

    def _paint(self) -> None:
        made = self.compared
        self.body.layout.display = "none" if made is None else None
        if made is None:
            return
        columns = self._columns(made)
        self.missing.value = tables.muted(NOT_OWNED if self.with_today and made.today is None else "")
        self._paint_at_once(made, columns)
        self._paint_outlook(columns)
        self.taxes.value = (
            compare_tables.side_by_side("Taxes and costs", words.taxes(made), columns)
            if self._traded
            else tables.muted(TRADING if self._traded is None else NO_TRADES)
        )

    def _paint_at_once(self, made: Comparison, columns: list[str]) -> None:
        alike = ALIKE if len(made.scenarios) > 1 else ALONE
        self.differs.value = tables.muted(alike) if made.inputs.empty else compare_tables.inputs(words.inputs(made))
        rows = weights_rows(made, columns)
        self.weights.show(rows, weights_alt(rows), ROW * len(columns) + AXIS)
        rows = risk_rows(made, columns)
        self.risk.show(rows, risk_alt(rows), RISK_HEIGHT)
        colours = {each.label: each.colour for each in made.first.market.universe.classes}
        self.figures.value = "".join(
            f"<h3>{title}</h3>{compare_tables.side_by_side(title, table, columns, swatches)}"
            for title, table, swatches in (
                ("Risk and return", words.risk(made), {}),
                ("Weights", words.by_class(made, made.weights), colours),
                ("Shares of the risk", words.by_class(made, made.risk_shares), colours),
            )
        )
        self.blocked.value = tables.blockers(words.blocked(made)) + tables.muted(
            AS_THEY_ARE if len(made.blockers) else ""
        )
        self.said.value = tables.notes("", words.sentences(made))

    def _paint_outlook(self, columns: list[str]) -> None:
        made = self._looked
        self.ahead.layout.display = "none" if made is None else None
        if made is None:
            return
        years = made.years.horizon
        self.outlook_title.value = tables.heading("Outlook", OUTLOOK_MEANING.format(years=count(years, "year")))
        rows = outlook_rows(made, columns)
        self.intervals.show(rows, outlook_alt(rows, years), ROW * len(columns) + AXIS)
        rows = chances_rows(made, columns)
        self.chances.show(rows, chances_alt(rows), CHANCE_ROW * max(len(rows["chances"]), 1) + AXIS)
        parts = [("Money", words.outlook(made)), ("Chances of the goals", words.goals(made))]
        self.outlook.value = "".join(
            f"<h3>{title}</h3>{compare_tables.side_by_side(title, table, columns)}"
            for title, table in parts
            if not table.empty
        )


def _unheard(_: float) -> None:
    """Nobody waits for this."""


def _card(*children: w.Widget) -> w.Widget:
    card = w.VBox(list(children))
    card.add_class("pl-card")
    return card


def _two(*cards: w.Widget) -> w.Widget:
    row = w.HBox(list(cards))
    row.add_class("pl-two")
    return row
