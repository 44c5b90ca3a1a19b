"""How one index of the sleeve is made: its kind, and the few settings that matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.errors import InputError
from planner.market.coins import COIN_LABELS
from planner.policy.crypto_index import index_history
from planner.policy.frequency import Frequency
from planner.policy.index_recipes import (
    Balanced,
    CappedMarketValue,
    EqualWeight,
    Growth,
    InverseVolatility,
    LargeCap,
    Leaders,
    Sector,
)
from planner.policy.index_terms import TREND_MONTHS, Trend
from planner.wording import count
from widgets import tables
from widgets.runner import sentence_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.policy.index_recipes import Recipe

STYLE = {"description_width": "110px"}
SMALLER, SECTOR, CAPPED = "smaller", "sector", "capped_market_value"
KINDS = {
    "large_cap": "bitcoin and ether by market value",
    "balanced": "half bitcoin and ether, half the others",
    "growth": "the other coins that rose most",
    SMALLER: "all coins but bitcoin and ether",
    SECTOR: "coins of my own choice",
    "equal_weight": "all coins in equal parts",
    "inverse_volatility": "all coins, the calmer ones more",
}
RECIPES: dict[str, Callable[..., Recipe]] = {
    "large_cap": LargeCap,
    "balanced": Balanced,
    "growth": Growth,
    SMALLER: lambda **terms: Growth(leaders=Leaders.SMALLER, **terms),
    SECTOR: Sector,
    "equal_weight": EqualWeight,
    "inverse_volatility": InverseVolatility,
    CAPPED: CappedMarketValue,
}
FIRST_SECTOR = ("sol", "avax", "ada")
"""Platforms for programs, beside ether; to begin with. Ours."""
FREQUENCIES = (
    ("every month", Frequency.MONTHLY),
    ("every quarter", Frequency.QUARTERLY),
    ("every half-year", Frequency.SEMI_ANNUALLY),
    ("every year", Frequency.ANNUALLY),
)
TRENDS = (6, TREND_MONTHS, 12)
"""Months of the average: Faber's ten and one each way. Ours."""
ALWAYS = 0
HIGHEST_FEE = 19.9
"""Percent; a recipe takes less than 20."""
NO_COINS = "Choose at least one coin for this index."


class RecipeForm(w.VBox):  # type: ignore[misc]
    """The recipe of one part as controls; ``take`` is called with each new recipe that makes an index."""

    def __init__(self, take: Callable[[Recipe], None]) -> None:
        self._take = take
        self._recipe: Recipe | None = None
        self._showing = False
        self.kind = w.Dropdown(description="It holds", style=STYLE)
        self.label = w.Text(description="Its name", style=STYLE, continuous_update=False)
        self.coins = {
            coin: w.Checkbox(description=label, indent=False, layout={"width": "auto"})
            for coin, label in COIN_LABELS.items()
        }
        self.frequency = w.Dropdown(options=FREQUENCIES, description="Weights are set", style=STYLE)
        self.trend = w.Dropdown(description="It is held", style=STYLE)
        self.cap = _percent("Largest coin, %", 100.0, 5.0)
        self.fee = _percent("Fee a year, %", HIGHEST_FEE, 0.05)
        self.said, self.refusal = w.HTML(), w.HTML()
        self._sector = w.VBox([self.label, self._choice()])
        controls = [self.kind, self._sector, self.frequency, self.cap, self.fee, self.trend]
        super().__init__([*controls, self.refusal, self.said])
        self.add_class("pl-inputs")
        self.add_class("pl-parts")
        self.kind.observe(lambda _: self._changed(), "value")
        for control in (self.label, *self.coins.values(), self.frequency, self.cap, self.fee, self.trend):
            control.observe(lambda _: self._changed(), "value")

    def _choice(self) -> Any:
        row = w.HBox(list(self.coins.values()))
        row.add_class("pl-row")
        return row

    def show(self, recipe: Recipe) -> None:
        """Let the controls stand where a recipe is."""
        if recipe == self._recipe:
            return
        self._recipe, self._showing = recipe, True
        try:
            kind = _kind(recipe)
            known = KINDS if kind in KINDS else {**KINDS, kind: recipe.method}
            self.kind.options = [(words, name) for name, words in known.items()]
            self.kind.value = kind
            if isinstance(recipe, Sector):
                self.label.value = recipe.label
                for coin, box in self.coins.items():
                    box.value = coin in recipe.coins
            self.frequency.value = recipe.rebalancing
            self.cap.value = 100.0 if recipe.cap is None else round(100 * recipe.cap, 2)
            self.fee.value = round(100 * recipe.fee, 4)
            trends = sorted({*TRENDS, *([] if recipe.trend is None else [recipe.trend.months])})
            below = [(f"unless below its average of {count(months, 'month')}", months) for months in trends]
            self.trend.options = [("always", ALWAYS), *below]
            self.trend.value = ALWAYS if recipe.trend is None else recipe.trend.months
        finally:
            self._showing = False
        self._arrange()

    def _arrange(self) -> None:
        """Say what the recipe is, or why it makes no index."""
        self._sector.layout.display = None if self.kind.value == SECTOR else "none"
        if self._recipe is None:
            return
        try:
            remarks = index_history(self._recipe).remarks
        except InputError as error:
            remarks, self.refusal.value = (), tables.blockers([sentence_for(error)])
        else:
            self.refusal.value = ""
        self.said.value = tables.muted(" ".join([self._recipe.sentence, *remarks]))

    def _changed(self) -> None:
        if self._showing:
            return
        try:
            recipe = self._stated()
            index_history(recipe)
        except InputError as error:
            self._sector.layout.display = None if self.kind.value == SECTOR else "none"
            self.refusal.value = tables.blockers([sentence_for(error)])
            return
        self.show(recipe)
        self._take(recipe)

    def _stated(self) -> Recipe:
        """The recipe that the controls state; what they do not show stays as it was while the kind does."""
        recipe, kind = self._recipe, self.kind.value
        months = self.trend.value
        before = None if recipe is None else recipe.trend
        kept = before is not None and before.months == months
        terms: dict[str, Any] = {
            "rebalancing": self.frequency.value,
            "cap": None if self.cap.value >= 100 else self.cap.value / 100,
            "fee": round(self.fee.value / 100, 6),
            "trend": None if months == ALWAYS else before if kept else Trend(months=months),
        }
        same = recipe is not None and _kind(recipe) == kind
        if kind == SECTOR:
            terms |= self._sector_terms(new=not same)
        return recipe.with_changes(**terms) if recipe is not None and same else RECIPES[kind](**terms)

    def _sector_terms(self, *, new: bool) -> dict[str, Any]:
        coins = tuple(coin for coin, box in self.coins.items() if box.value)
        if new and not coins:
            coins = FIRST_SECTOR
        if not coins:
            raise InputError(NO_COINS)
        label = self.label.value.strip()
        return {"coins": coins, **({"label": label} if label else {})}


def _kind(recipe: Recipe) -> str:
    return SMALLER if isinstance(recipe, Growth) and recipe.leaders is Leaders.SMALLER else str(recipe.kind)


def _percent(label: str, most: float, step: float) -> Any:
    return w.BoundedFloatText(0, min=0, max=most, step=step, description=label, style=STYLE)
