"""What the crypto of a plan is made of: coins or indices, their shares, and how each index is made."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.errors import InputError
from planner.policy.barbell import Sleeve, SleevePart, barbell, worked_sleeve
from planner.wording import percent_range
from widgets import tables
from widgets.crypto_charts import part_colours, part_labels
from widgets.linked import WHOLE
from widgets.panels.recipe import RecipeForm

if TYPE_CHECKING:
    from planner.policy.index_recipes import Recipe
    from widgets.session import Session

PER_CENT = WHOLE / 100
COINS, BARBELL, WORKED = "coins", "barbell", "worked"
STARTS = (("bitcoin and ether", COINS), ("barbell of three indices", BARBELL), ("two indices, 60 to 40", WORKED))
SLEEVES = {COINS: None, BARBELL: barbell(), WORKED: worked_sleeve()}
MEANING = "Two coins as the market weighs them, or a sleeve of indices that look after themselves inside."
COINS_ONLY = (
    "The plan holds bitcoin and ether by their market value. A sleeve spreads crypto over indices, calm and bold ones."
)
SLIDERS = "Move one and the others make room, each inside its range."
FIXED = "Move one and the others make room."
LEFT = "Limits and tilts of indices that are no longer in the sleeve went with them."


class SleevePanel(w.VBox):  # type: ignore[misc]
    """The presets, a linked slider for each index inside its range, and the recipe of each; filled by ``show``."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._showing = False
        self.start = w.ToggleButtons(options=STARTS, style={"button_width": "auto"})
        self.problem, self.note, self.meaning = w.HTML(), w.HTML(), w.HTML()
        self.sliders: dict[str, Any] = {}
        self.forms: dict[str, RecipeForm] = {}
        self._rows, self.recipes = w.VBox(), w.Accordion()
        self.parts = w.VBox([self.meaning, self._rows, self.recipes])
        for box in (self._rows, self.parts):
            box.add_class("pl-inputs")
            box.add_class("pl-parts")
        super().__init__(
            [w.HTML(tables.heading("Your crypto", MEANING)), self.start, self.problem, self.note, self.parts]
        )
        self.add_class("pl-card")
        self.start.observe(lambda change: self._started(change.new), "value")

    def _started(self, start: str | None) -> None:
        if not self._showing and start is not None:
            self._take(SLEEVES[start])

    def _moved(self, name: str, value: float) -> None:
        sleeve = self.session.scenario.sleeve
        if self._showing or round(value * PER_CENT) == round(sleeve[name].share * WHOLE):
            return  # ours, or the browser's rounding of where the slider stands already
        self._take(in_thousandths(sleeve.moved(name, value / 100), name))

    def _made(self, name: str, recipe: Recipe) -> None:
        parts = self.session.scenario.sleeve.parts
        self._take(Sleeve(parts=tuple(_with(part, recipe) if part.name == name else part for part in parts)))

    def _take(self, sleeve: Sleeve | None) -> None:
        """Change the sleeve, and leave behind what speaks of indices that are no longer in it."""
        scenario = self.session.scenario
        before, after = (set() if each is None else set(each.shares) for each in (scenario.sleeve, sleeve))
        gone = before - after
        leaning = before if gone else set[str]()  # a lean goes as a whole: what one index gave, another had
        tilts = tuple(tilt for tilt in scenario.tilts if tilt.asset not in leaning)
        limits = tuple(limit for limit in scenario.limits if limit.subject not in gone)
        self.session.change(sleeve=sleeve, tilts=tilts, limits=limits)
        if (tilts, limits) != (scenario.tilts, scenario.limits):
            self.note.value += tables.muted(LEFT)

    def show(self, sleeve: Sleeve | None, problems: tuple[str, ...]) -> None:
        """Let the controls stand where a sleeve is, and say what is in the way of the plan."""
        self.problem.value = tables.blockers(problems)
        self.note.value = tables.muted(COINS_ONLY) if sleeve is None else ""
        self.parts.layout.display = "none" if sleeve is None else None
        self._showing = True
        try:
            self.start.value = next((start for start, known in SLEEVES.items() if known == sleeve), None)
            if sleeve is not None:
                self._stand(sleeve)
        finally:
            self._showing = False

    def _stand(self, sleeve: Sleeve) -> None:
        if tuple(self.sliders) != tuple(sleeve.shares):
            self._offer(sleeve)
        ranged = any(part.has_range for part in sleeve.parts)
        self.meaning.value = tables.muted(SLIDERS if ranged else FIXED)
        labels = part_labels(sleeve)
        for part in sleeve.parts:
            slider, label = self.sliders[part.name], labels[part.name]
            lower, upper = (100 * end for end in part.range)
            slider.max = max(slider.max, upper)
            slider.min, slider.max = lower, upper
            slider.description = f"{label}, {percent_range(*part.range)}" if part.has_range else label
            # A slider that already stands there is left alone: an answer to it would arrive while it is moving on.
            if round(slider.value * PER_CENT) != round(part.share * WHOLE):
                slider.value = round(100 * part.share, 1)
            self.forms[part.name].show(part.recipe)
        self.recipes.titles = [f"{label}: how it is made" for label in labels.values()]

    def _offer(self, sleeve: Sleeve) -> None:
        """A slider and a form for each part."""
        colours = part_colours(sleeve)
        self.sliders = {part.name: _slider(part, colours[part.name]) for part in sleeve.parts}
        self.forms = {part.name: RecipeForm(partial(self._made, part.name)) for part in sleeve.parts}
        for name, slider in self.sliders.items():
            slider.observe(lambda change, name=name: self._moved(name, change.new), "value")
        self._rows.children = list(self.sliders.values())
        self.recipes.children = list(self.forms.values())
        self.recipes.selected_index = None


def in_thousandths(sleeve: Sleeve, moved: str) -> Sleeve:
    """The sleeve with whole tenths of a percent, as the sliders show them, where the ranges allow that.

    What rounding leaves over goes to the largest part that was not ``moved``.
    """
    shares = {name: round(share * WHOLE) for name, share in sleeve.shares.items()}
    largest = max((name for name in shares if name != moved), key=lambda name: shares[name], default=moved)
    shares[largest] += WHOLE - sum(shares.values())
    try:
        return Sleeve(parts=tuple(part.with_changes(share=shares[part.name] / WHOLE) for part in sleeve.parts))
    except InputError:
        return sleeve


def _with(part: SleevePart, recipe: Recipe) -> SleevePart:
    changed: SleevePart = part.with_changes(recipe=recipe)
    return changed


def _slider(part: SleevePart, colour: str) -> Any:
    lower, upper = (100 * end for end in part.range)
    slider = w.FloatSlider(
        round(100 * part.share, 1),
        min=lower,
        max=upper,
        step=0.1,
        readout_format=".1f",
        style={"description_width": "100%", "handle_color": colour},
    )
    slider.add_class("pl-over")
    slider.add_class(f"pl-part-{part.name}")
    return slider
