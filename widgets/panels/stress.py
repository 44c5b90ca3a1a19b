"""What a crash does to the whole portfolio: episodes that happened, and shocks set by sliders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.errors import InputError
from planner.market.universe import CRYPTO
from planner.outlook.stress import BOND_DURATION, EPISODES, RATES, Stress, episode, shock, weights_of
from planner.trading.holdings import Holdings
from planner.wording import percent
from widgets import tables
from widgets.live_chart import LiveChart
from widgets.runner import sentence_for
from widgets.stress_charts import (
    EPISODES_HEIGHT,
    EPISODES_SPEC,
    SHOCK_HEIGHT,
    SHOCK_SPEC,
    episodes_alt,
    episodes_rows,
    shock_alt,
    shock_rows,
)
from widgets.tabs import TabPanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from widgets.session import Session

STYLE = {"description_width": "170px"}
WORDY = {"button_width": "auto"}
PLAN, OWNED = "the plan's mix", "what is owned today"
ALONE, TRAVELS = "alone", "travels through correlations"
FALLS = (0.5, 0.8, 1.0)
FIRST_FALL = 0.5
MOST_RATES = 5.0
"""Percentage points either way. Ours."""

EPISODES_MEANING = "Nothing sold or bought on the way. Month-ends hide what happened inside a month."
SHOCK_MEANING = f"A rise of rates by one point costs bonds about {BOND_DURATION:g} %, their duration."
MEANINGS = {
    ALONE: "Only what you move changes; everything else stands still.",
    TRAVELS: "What you leave at zero moves as far as it usually did when the others moved that much.",
}


class StressPanel(TabPanel):
    """What a crash does to the whole portfolio; the sliders change nothing but this view."""

    def __init__(self, session: Session) -> None:
        universe = session.universe
        self.portfolio = w.ToggleButtons(options=[PLAN, OWNED], description="Portfolio", style=WORDY)
        self.way = w.ToggleButtons(options=[ALONE, TRAVELS], description="The shock", style=WORDY)
        self.sliders = {name: _slider(f"{universe[name].label}, %", -100, 100, 1) for name in universe.class_names}
        self.sliders[RATES] = _slider("Interest rates, points", -MOST_RATES, MOST_RATES, 0.25)
        self.sliders[CRYPTO].value = -100 * FIRST_FALL
        self.buttons = [w.Button(description=f"Crypto -{percent(fall)}") for fall in FALLS]
        self.clear = w.Button(description="All to zero", icon="undo")
        self.meaning, self.said, self.problem, self.uncovered = w.HTML(), w.HTML(), w.HTML(), w.HTML()
        self.episodes = LiveChart(EPISODES_SPEC, {}, alt="", height=EPISODES_HEIGHT)
        self.shock = LiveChart(SHOCK_SPEC, {}, alt="", height=SHOCK_HEIGHT)
        quick = w.HBox([*self.buttons, self.clear], layout={"flex_flow": "row wrap"})
        inputs = w.VBox([self.way, self.meaning, quick, *self.sliders.values()])
        inputs.add_class("pl-inputs")
        columns = w.HBox([inputs, self.shock])
        columns.add_class("pl-two")
        past = w.VBox([w.HTML(tables.heading("What happened", EPISODES_MEANING)), self.episodes, self.uncovered])
        imagined = w.VBox([w.HTML(tables.heading("What if", SHOCK_MEANING)), self.said, columns])
        for card in (past, imagined):
            card.add_class("pl-card")
        super().__init__(session, [self.portfolio, self.problem, imagined, past])
        self.add_class("pl-stack")
        for slider in self.sliders.values():
            slider.observe(lambda _: self.when_shown(self._shock), "value")
        self.way.observe(lambda _: self.when_shown(self._shock), "value")
        self.portfolio.observe(lambda _: self.when_shown(self._all), "value")
        for button, fall in zip(self.buttons, FALLS, strict=True):
            button.on_click(lambda _, fall=fall: self._set({CRYPTO: -100 * fall}))
        self.clear.on_click(lambda _: self._set(dict.fromkeys(self.sliders, 0.0)))
        self.follow(["plan", "scenario"], self._all)

    def _set(self, values: dict[str, float]) -> None:
        for name, value in values.items():
            self.sliders[name].value = value

    def _held(self) -> tuple[dict[str, float], float]:
        """Weights by series, and what they are worth."""
        plan = self.session.plan
        if self.portfolio.value == PLAN:
            return plan.shown.by_asset, plan.scenario.profile.liquid_assets
        holdings = Holdings(self.session.scenario.household, plan.market.universe)
        return weights_of(holdings), holdings.total

    def _all(self) -> None:
        owns = self.session.scenario.household is not None and bool(self.session.scenario.household.accounts)
        self.portfolio.layout.display = None if owns else "none"
        if not owns:
            self.portfolio.value = PLAN
        self._shock()
        if not self.problem.value:
            self._try(self._episodes)

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
            self.problem.value = ""
        except Exception as error:  # noqa: BLE001 - the page says a sentence and stays alive
            self.problem.value = tables.blockers([sentence_for(error)])

    def _shock(self) -> None:
        self.meaning.value = tables.muted(MEANINGS[self.way.value])
        self._try(self._imagine)

    def _imagine(self) -> None:
        if self.session.plan is None:
            return
        weights, amount = self._held()
        changes = {name: slider.value / 100 for name, slider in self.sliders.items() if slider.value}
        stress = shock(
            weights,
            self.session.plan.market,
            changes,
            travels=self.way.value == TRAVELS,
            amount=amount,
            currency=self.session.scenario.profile.currency,
        )
        self.said.value = tables.text(" ".join([stress.sentence, *_rule(stress, changes)]))
        self.shock.rows = shock_rows(stress)
        self.shock.alt = shock_alt(stress)

    def _episodes(self) -> None:
        plan = self.session.plan
        if plan is None:
            return
        weights, amount = self._held()
        currency = self.session.scenario.profile.currency
        pairs: list[tuple[str, Stress]] = []
        uncovered = []
        for which in EPISODES:
            mixes = {which.name: weights, f"60/40, {which.name}": plan.sixty_forty.by_asset}
            try:
                pairs += [(name, episode(mix, plan.market, which, amount, currency)) for name, mix in mixes.items()]
            except InputError as error:
                uncovered.append(str(error))
        self.uncovered.value = tables.muted(" ".join(uncovered)) if uncovered else ""
        rows = episodes_rows(pairs)
        self.episodes.rows = rows
        self.episodes.alt = episodes_alt(rows)


def _rule(stress: Stress, changes: dict[str, float]) -> list[str]:
    """Crypto's fall as its effect on the whole, as in "A 50 % fall of 5 % is 2.5 %"."""
    if changes.get(CRYPTO, 0.0) >= 0:
        return []
    row = stress.table.loc[CRYPTO].to_dict()
    fall, held, loss = (percent(abs(float(row[name])), 2) for name in ("change", "weight", "contribution"))
    article = "An" if fall.startswith("8") or fall.split()[0] in {"11", "18"} else "A"
    return [f"{article} {fall} fall of {held} is {loss}."]


def _slider(label: str, lowest: float, highest: float, step: float) -> Any:
    return w.FloatSlider(
        0,
        min=lowest,
        max=highest,
        step=step,
        description=label,
        style=STYLE,
        readout_format=".0f" if step >= 1 else ".2f",
        continuous_update=True,
    )
