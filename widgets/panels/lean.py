"""A lean inside the sleeve for a while: towards the boldest index, or back to the calmest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.errors import InputError
from planner.policy.barbell import SLEEVE_TILT, CryptoView, sleeve_tilts
from planner.policy.tactical import tactical
from planner.trading.rules import Frequency
from planner.wording import percent
from widgets import crypto_tables, tables
from widgets.crypto_charts import part_labels
from widgets.runner import sentence_for
from widgets.trade_tables import day

if TYPE_CHECKING:
    import datetime as dt

    from planner.planning import Plan
    from planner.policy.barbell import Sleeve
    from planner.policy.tactical import Tilt
    from widgets.session import Session

STYLE = {"description_width": "90px"}
VIEWS = ("neutral", CryptoView.NEUTRAL), ("bullish", CryptoView.BULLISH), ("bearish", CryptoView.BEARISH)
MEANING = (
    "A view on crypto for a while, with a reason and an end. It moves up to {size} of the sleeve between its calmest "
    "and its boldest index, inside their ranges, and ends by itself."
)
NEUTRAL = "Neutral: the sleeve stays as agreed."
TOWARDS = "{view}: more of the {taker}, less of the {giver}."
NO_ROOM = "{view}: the ranges leave no room for it."
IN_FORCE = "Leaning until {ends}: {reason}. It stands among the tilts of the Watch tab."
NO_REASON = "Say why: in a year you will want to know what you were thinking."
NO_DAYS = "Say when it begins and when it is over."


class LeanPanel(w.VBox):  # type: ignore[misc]
    """Chooses a view, says what it changes, and puts it among the scenario's tilts; filled by ``show``."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._sleeve: Sleeve | None = None
        self._default_start: dt.date | None = None
        self.view = w.ToggleButtons(options=VIEWS, style={"button_width": "auto"})
        self.reason = w.Text(description="Because", placeholder="new highs, and rising volume", style=STYLE)
        self.starts, self.ends = (w.DatePicker(description=word, style=STYLE) for word in ("From", "Over on"))
        self.add = w.Button(description="Lean this way", icon="check", button_style="primary")
        self.back = w.Button(description="Back to neutral", icon="undo")
        self.said, self.refusal, self.state = w.HTML(), w.HTML(), w.HTML()
        self._form = w.VBox([self.reason, self.starts, self.ends, self.add])
        title = tables.heading("For a while", MEANING.format(size=percent(SLEEVE_TILT)))
        super().__init__([w.HTML(title), self.state, self.back, self.view, self.said, self._form, self.refusal])
        self.add_class("pl-card")
        self.add_class("pl-lean")
        self.view.observe(lambda _: self._chosen(), "value")
        self.add.on_click(lambda _: self._add())
        self.back.on_click(lambda _: self.session.change(tilts=self._others()))

    def show(self, plan: Plan, sleeve: Sleeve) -> None:
        """Follow a plan and its sleeve."""
        self._sleeve = sleeve
        if self.starts.value == self._default_start:
            self._default_start = self.starts.value = plan.as_of
            self.ends.value = Frequency.QUARTERLY.after(plan.as_of)
        mine = self._mine()
        said = {IN_FORCE.format(ends=day(tilt.ends), reason=tilt.reason) for tilt in mine}
        self.state.value = "".join(map(tables.text, sorted(said)))
        _visible(self.back, bool(mine))
        self._preview()

    def _mine(self) -> list[Tilt]:
        names = () if self._sleeve is None else tuple(self._sleeve.shares)
        return [tilt for tilt in self.session.scenario.tilts if tilt.asset in names]

    def _others(self) -> tuple[Tilt, ...]:
        mine = self._mine()
        return tuple(tilt for tilt in self.session.scenario.tilts if tilt not in mine)

    def _chosen(self) -> None:
        self.refusal.value = ""
        self._preview()

    def _preview(self) -> None:
        """Say what the view changes before anything does."""
        plan, sleeve, view = self.session.plan, self._sleeve, self.view.value
        if plan is None or sleeve is None:
            return
        after = sleeve.tilted(view)
        moves = after != sleeve
        _visible(self._form, moves)
        if view is CryptoView.NEUTRAL:
            self.said.value = tables.muted("" if self._mine() else NEUTRAL)
            return
        if not moves:
            self.said.value = tables.muted(NO_ROOM.format(view=view.capitalize()))
            return
        labels = part_labels(sleeve)
        bold, calm = labels[sleeve.parts[-1].name], labels[sleeve.parts[0].name]
        giver, taker = (calm, bold) if view is CryptoView.BULLISH else (bold, calm)
        weight, profile = plan.scenario.targets.weights["crypto"], plan.scenario.profile
        self.said.value = tables.text(
            TOWARDS.format(view=view.capitalize(), taker=taker, giver=giver)
        ) + crypto_tables.lean(sleeve, after, weight, profile.liquid_assets, profile.currency)

    def _add(self) -> None:
        try:
            tilts = (*self._others(), *self._stated())
            self._check(tilts)
        except InputError as error:
            self.refusal.value = tables.blockers([sentence_for(error)])
            return
        self.refusal.value = self.reason.value = ""
        self.session.change(tilts=tilts)
        self.view.value = CryptoView.NEUTRAL

    def _stated(self) -> tuple[Tilt, ...]:
        plan, sleeve = self.session.plan, self._sleeve
        if self.starts.value is None or self.ends.value is None:
            raise InputError(NO_DAYS)
        if not self.reason.value.strip():
            raise InputError(NO_REASON)
        days = (self.starts.value, self.ends.value)
        after = sleeve.tilted(self.view.value)  # type: ignore[union-attr]
        return sleeve_tilts(sleeve, after, plan.class_weights["crypto"], self.reason.value.strip(), days)  # type: ignore[arg-type]

    def _check(self, tilts: tuple[Tilt, ...]) -> None:
        plan: Any = self.session.plan
        tactical(
            plan.tactical.strategic,
            tilts,
            self.starts.value,
            most_crypto=plan.crypto_cap,
            universe=plan.market.universe,
        )


def _visible(control: Any, shown: bool) -> None:
    control.layout.display = None if shown else "none"
