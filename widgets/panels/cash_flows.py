"""What is saved and spent: the cash flows of a projection, as the profile has them or as one says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.outlook.projection import LAST_AGE
from planner.outlook.return_models import BlockBootstrap, Lognormal, RegimeSwitching, ReturnModel, StudentT
from planner.policy.glide_path import AGE_GLIDE_PATH
from widgets import tables

if TYPE_CHECKING:
    from planner.household.cash_flows import CashFlows
    from widgets.session import Session

STYLE = {"description_width": "150px"}
MONEY_STEP, MOST_MONEY = 500, 200_000
OLDEST_RETIREMENT, OLDEST = 80, 105
"""What the sliders reach; larger numbers from a document widen them. Ours."""

MODELS: dict[str, ReturnModel] = {
    "calm: every month for itself": Lognormal(),
    "fat tails: everything moves at once": StudentT(),
    "history, in stretches": BlockBootstrap(),
    "calm and stress, by turns": RegimeSwitching(),
}
MODEL_MEANINGS = {
    "lognormal": "Months know nothing of each other, and extremes are rare.",
    "student_t": "As calm, with rare months in which everything moves more.",
    "block_bootstrap": "Stretches of about a year of the last eleven, shuffled; averages are the plan's expectations.",
    "regime_switching": "Calm and stress follow each other, each with correlations of its own.",
}


class CashFlowsPanel(w.VBox):  # type: ignore[misc]
    """Sliders for the cash flows and what a projection assumes; everything but ``until`` goes into the scenario."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._flows: CashFlows | None = None
        self._showing = False
        self.saving = _money("Saving a year, $")
        self.spending = _money("Spending a year, $")
        self.retirement = _years("Retirement at", 20, OLDEST_RETIREMENT)
        self.pension = _money("Pension a year, $")
        self.pension_age = _years("Pension from", 20, OLDEST_RETIREMENT)
        self.inflation = _percent("Inflation, %", 10)
        self.fee = _percent("Fees a year, %", 3)
        self.until = _years("Until the age of", 50, OLDEST, LAST_AGE)
        self.model = w.Dropdown(options=MODELS, description="Returns", style=STYLE)
        self.glide = w.Checkbox(False, indent=False, description="Targets that grow calmer with age (glide path)")
        self.from_profile = w.Button(description="Take it from my profile", icon="undo")
        self.from_profile.add_class("pl-wide-button")
        self.said = w.HTML()
        for control, name in (
            (self.saving, "saving"),
            (self.spending, "spending"),
            (self.retirement, "retirement"),
            (self.pension, "pension"),
            (self.inflation, "inflation"),
            (self.until, "until"),
        ):
            control.add_class(f"pl-flow-{name}")
        self._observe()
        more = w.Accordion(
            [w.VBox([self.pension, self.pension_age, self.inflation, self.fee, self.model, self.glide])],
            titles=("Pension, inflation, fees, returns",),
        )
        super().__init__([self.saving, self.retirement, self.spending, self.until, more, self.said, self.from_profile])
        self.add_class("pl-inputs")

    def _observe(self) -> None:
        for control, field, unit in (
            (self.saving, "saving", 1.0),
            (self.spending, "spending", 1.0),
            (self.retirement, "retirement_age", 1.0),
            (self.pension, "pension", 1.0),
            (self.pension_age, "pension_age", 1.0),
            (self.inflation, "inflation", 100.0),
            (self.fee, "fee", 100.0),
        ):
            control.observe(lambda change, field=field, unit=unit: self._moved(change, field, unit), "value")
        self.model.observe(lambda change: self._change(return_model=change.new), "value")
        self.glide.observe(lambda change: self._change(glide_path=AGE_GLIDE_PATH if change.new else None), "value")
        self.from_profile.on_click(lambda _: self.session.change(cash_flows=None))

    def show(self, flows: CashFlows, retirement_age: float) -> None:
        """Let the controls stand where the cash flows are."""
        scenario = self.session.scenario
        self._flows, self._showing = flows, True
        try:
            for control, value in (
                (self.saving, flows.saving),
                (self.spending, flows.spending),
                (self.pension, flows.pension),
                (self.retirement, retirement_age),
                (self.pension_age, retirement_age if flows.pension_age is None else flows.pension_age),
                (self.inflation, 100 * flows.inflation),
                (self.fee, 100 * flows.fee),
            ):
                control.max = max(control.max, value)
                control.min = min(control.min, value)
                if abs(control.value - value) >= control.step / 2:
                    control.value = value
            self.until.min = min(self.until.value, scenario.profile.age + 1)
            if scenario.return_model.kind != self.model.value.kind:
                self.model.value = next(each for each in MODELS.values() if each.kind == scenario.return_model.kind)
            self.glide.value = scenario.glide_path is not None
            self.from_profile.disabled = scenario.cash_flows is None
            source = "Taken from your profile." if scenario.cash_flows is None else "Changed by you."
            self.said.value = tables.muted(f"{source} {MODEL_MEANINGS[scenario.return_model.kind]}")
        finally:
            self._showing = False

    def _moved(self, change: Any, field: str, unit: float) -> None:
        """State what a slider was moved to; the browser's rounding of where it stands already is no move."""
        if self._showing or self._flows is None or abs(change.new - change.old) < change.owner.step / 2:
            return
        fields = {field: change.new / unit} | ({"retirement_date": None} if field == "retirement_age" else {})
        self._flows = self._flows.with_changes(**fields)
        self.session.change(cash_flows=self._flows)

    def _change(self, **fields: Any) -> None:
        if not self._showing:
            self.session.change(**fields)


def _money(description: str) -> w.FloatSlider:
    slider = w.FloatSlider(
        0, min=0, max=MOST_MONEY, step=MONEY_STEP, description=description, readout_format=",.0f", style=STYLE
    )
    slider.add_class("pl-wide-readout")
    return slider


def _years(description: str, youngest: int, oldest: int, value: int | None = None) -> w.FloatSlider:
    start = oldest if value is None else value
    return w.FloatSlider(
        start, min=youngest, max=oldest, step=1, description=description, readout_format=".0f", style=STYLE
    )


def _percent(description: str, most: float) -> w.FloatSlider:
    return w.FloatSlider(0, min=0, max=most, step=0.1, description=description, readout_format=".1f", style=STYLE)
