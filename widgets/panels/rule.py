"""When to rebalance and how far: the rule's controls, money that comes in or goes out, and what the rule says today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w
from traitlets import Tuple

from planner.errors import PlannerError
from planner.household.accounts import Treatment
from planner.market.universe import CRYPTO
from planner.policy.targets import ABSOLUTE_BAND, RELATIVE_BAND, Band
from planner.trading.holdings import Holdings
from planner.trading.rules import Calendar, Destination, Frequency, Hybrid, Threshold
from widgets import account_tables, tables, trade_tables
from widgets.account_charts import DRIFT_SPEC, drift_alt, drift_rows
from widgets.live_chart import LiveChart

if TYPE_CHECKING:
    import pandas as pd

    from planner.household.accounts import Household
    from planner.policy.targets import Targets
    from planner.trading.rules import Rule
    from widgets.session import Session

STYLE = {"description_width": "150px"}
MOST_MONEY = 1e9
DRIFT_HEIGHT = 270

KINDS = (
    ("By the calendar", "calendar", "On each date every class goes back to its target, however small the drift."),
    ("When a class leaves its band", "threshold", "On whatever day one looks, and only once a class has drifted far."),
    (
        "By the calendar and bands",
        "hybrid",
        "One looks on dates, and trades only where a class is then outside its band.",
    ),
)
AGREED, IN_POINTS, IN_PARTS = "agreed", "absolute", "relative"
MEASURES = (
    ("as agreed with the targets", AGREED),
    ("points of the portfolio", IN_POINTS),
    ("percent of the target", IN_PARTS),
)
SCALES = {IN_POINTS: (0.5, 10.0, 0.5), IN_PARTS: (5.0, 50.0, 2.5)}
"""Least, most and step of a band; a wider or narrower one from a document moves the ends. Ours."""
STARTS = {IN_POINTS: 100 * ABSOLUTE_BAND, IN_PARTS: 100 * RELATIVE_BAND}

FREQUENCIES = (
    ("every month", Frequency.MONTHLY),
    ("every quarter", Frequency.QUARTERLY),
    ("every half-year", Frequency.SEMI_ANNUALLY),
    ("every year", Frequency.ANNUALLY),
)
DESTINATIONS = (
    ("all the way to the targets", Destination.TARGET),
    ("half-way into the bands", Destination.HALF_WAY),
    ("to the edges of the bands", Destination.EDGE),
)
ONE_HALF = 0.5
"""A target for which a relative band is said in points. Ours."""
TAXABLE = "the taxable accounts"


class RulePanel(w.VBox):  # type: ignore[misc]
    """The household's rule as controls, and what it says of today's holdings.

    The rule goes to the scenario. ``flows`` is money that comes in and that goes out, each a pair of dollars and the
    account's name, which is empty for the taxable accounts together.
    """

    flows = Tuple(((0.0, ""), (0.0, "")))

    def __init__(self, session: Session) -> None:
        self.session = session
        self._showing = False
        self._holdings: Holdings | None = None
        self.kind = w.Dropdown(options=[(words, kind) for words, kind, _ in KINDS], description="Trade", style=STYLE)
        self.meaning = w.HTML()
        self.frequency = w.Dropdown(options=FREQUENCIES, description="Look", style=STYLE)
        self.measure = w.Dropdown(options=MEASURES, description="Bands in", style=STYLE)
        self.width, self.crypto_width = _width("Band, all classes"), _width("Band, crypto")
        self.width.add_class("pl-band-all")
        self.crypto_width.add_class("pl-band-crypto")
        self.destination = w.Dropdown(options=DESTINATIONS, description="Trade back", style=STYLE)
        self.last = w.DatePicker(description="Last rebalanced", style=STYLE)
        self.paid_in, self.paid_out = _amount("Money in, $"), _amount("Money out, $")
        self.into, self.out_of = (w.Dropdown(description=word, style=STYLE) for word in ("into", "out of"))
        self.said = w.HTML()
        self.drift = LiveChart(DRIFT_SPEC, {}, alt="Drift by asset class", height=DRIFT_HEIGHT)
        inputs = w.VBox(
            [
                *(self.kind, self.meaning, self.frequency, self.measure, self.width, self.crypto_width),
                *(self.destination, self.last, self.paid_in, self.into, self.paid_out, self.out_of),
            ]
        )
        inputs.add_class("pl-inputs")
        columns = w.HBox([inputs, w.VBox([self.said, self.drift])])
        columns.add_class("pl-two")
        title = tables.heading("The rule", "When to trade, and how far back. Money that comes or goes is used first.")
        super().__init__([w.HTML(title), columns])
        self.add_class("pl-card")
        self.follow()
        self._observe()

    def _observe(self) -> None:
        for control in (self.kind, self.frequency, self.destination):
            control.observe(lambda _: self._state(), "value")
        for slider in (self.width, self.crypto_width):
            slider.observe(self._widened, "value")
        self.measure.observe(lambda _: self._measured(), "value")
        self.last.observe(lambda change: self.session.change(last_rebalanced=change.new), "value")
        for control in (self.paid_in, self.into, self.paid_out, self.out_of):
            control.observe(lambda _: self._flow(), "value")

    def _flow(self) -> None:
        self.flows = ((self.paid_in.value, self.into.value or ""), (self.paid_out.value, self.out_of.value or ""))
        for amount, account in ((self.paid_in, self.into), (self.paid_out, self.out_of)):
            _visible(account, amount.value > 0)

    def _widened(self, change: Any) -> None:
        """Take the width of a slider that was moved; bands that were agreed are now one's own, in points."""
        if self._showing or abs(change.new - change.old) < change.owner.step / 2:
            return  # ours, or the browser's rounding of where the slider stands already
        if self.measure.value == AGREED:
            self._showing = True
            try:
                self.measure.value = IN_POINTS
            finally:
                self._showing = False
        self._state()

    def _measured(self) -> None:
        """Start at the customary width where bands are measured in another way."""
        if self._showing:
            return
        self._showing = True
        try:
            self._scale(*_starts(self.measure.value, self.session.scenario.targets))
        finally:
            self._showing = False
        self._state()

    def _scale(self, width: float, crypto: float) -> None:
        least, most, step = SCALES[IN_PARTS if self.measure.value == IN_PARTS else IN_POINTS]
        for slider, value in ((self.width, width), (self.crypto_width, crypto)):
            slider.max = max(slider.max, most, value)
            slider.min, slider.max, slider.step = min(least, value), max(most, value), step
            if abs(slider.value - value) >= step / 2:  # an answer to a slider would arrive while it is moving on
                slider.value = value

    def _state(self) -> None:
        self._arrange()
        if not self._showing:
            self.session.change(rebalancing=self._stated())

    def _stated(self) -> Rule:
        """The rule that the controls state; bands of single classes other than crypto stay as they are."""
        frequency = self.frequency.value
        if self.kind.value == "calendar":
            return Calendar(frequency=frequency)
        threshold = self._threshold()
        return threshold if self.kind.value == "threshold" else Hybrid(look=frequency, threshold=threshold)

    def _threshold(self) -> Threshold:
        destination, measure = self.destination.value, self.measure.value
        before = _threshold_of(self.session.scenario.rebalancing)
        bands = {name: band for name, band in before.bands.items() if name != CRYPTO}
        if measure == AGREED:
            return Threshold(destination=destination, bands=bands)
        if abs(self.crypto_width.value - self.width.value) >= self.width.step / 2:
            bands[CRYPTO] = Band(**{measure: round(self.crypto_width.value / 100, 4)})
        return Threshold(destination=destination, bands=bands, **{measure: round(self.width.value / 100, 4)})

    def follow(self) -> None:
        """Let the controls stand where the scenario's rule is, and offer its accounts."""
        self._offer(self.session.scenario.household)
        rule = self.session.scenario.rebalancing
        self._showing = True
        try:
            self.last.value = self.session.scenario.last_rebalanced
            self.kind.value = rule.kind
            if isinstance(rule, Calendar):
                self.frequency.value = rule.frequency
            else:
                self._follow_threshold(_threshold_of(rule))
            if isinstance(rule, Hybrid):
                self.frequency.value = rule.look
            self._arrange()
        finally:
            self._showing = False

    def _follow_threshold(self, threshold: Threshold) -> None:
        self.destination.value = threshold.destination
        widths = {IN_POINTS: threshold.absolute, IN_PARTS: threshold.relative}
        self.measure.value = next((measure for measure, width in widths.items() if width is not None), AGREED)
        width = widths.get(self.measure.value)
        if width is None:
            self._scale(*_starts(AGREED, self.session.scenario.targets))
            return
        crypto = getattr(threshold.bands.get(CRYPTO), self.measure.value, None)
        self._scale(round(100 * width, 2), round(100 * (width if crypto is None else crypto), 2))

    def _arrange(self) -> None:
        """Show what the chosen kind of rule asks for."""
        kind, banded = self.kind.value, self.kind.value != "calendar"
        self.meaning.value = tables.muted(next(meaning for _, known, meaning in KINDS if known == kind))
        _visible(self.frequency, kind != "threshold")
        for control in (self.measure, self.width, self.crypto_width, self.destination):
            _visible(control, banded)

    def _offer(self, household: Household | None) -> None:
        accounts = household.accounts if household is not None else ()
        names = [(account.name, account.name) for account in accounts]
        if any(account.kind.treatment is Treatment.TAXED for account in accounts):
            names.insert(0, (TAXABLE, ""))
        for control, amount in ((self.into, self.paid_in), (self.out_of, self.paid_out)):
            if tuple(names) != tuple(control.options):
                chosen = control.value
                control.options = names
                control.value = chosen if chosen in [name for _, name in names] else (names[0][1] if names else None)
            _visible(control, amount.value > 0)

    def show(self, targets: Targets) -> None:
        """Say what the rule makes of today's holdings, and draw them against its bands."""
        scenario, universe = self.session.scenario, self.session.universe
        if self._holdings is None or self._holdings.household is not scenario.household:
            self._holdings = Holdings(scenario.household, universe)
        holdings = self._holdings
        drift = _against(scenario.rebalancing, holdings, targets)
        try:
            decision = scenario.rebalancing.decide(holdings, targets, scenario.last_rebalanced)
        except PlannerError as error:
            self.said.value = tables.blockers([str(error)])
        else:
            self.said.value = trade_tables.decision(decision.due, decision.reasons, decision.next_look)
        rows = drift_rows(drift, holdings.total, universe)
        if rows != self.drift.rows:
            self.drift.rows, self.drift.alt = rows, drift_alt(drift, universe)
        _visible(self.drift, True)

    def show_nothing(self, why: str) -> None:
        """Say why there is nothing to decide."""
        self.said.value = account_tables.note(why)
        _visible(self.drift, False)


def _threshold_of(rule: Rule) -> Threshold:
    if isinstance(rule, Hybrid):
        return rule.threshold
    return rule if isinstance(rule, Threshold) else Threshold()


def _starts(measure: str, targets: Targets) -> tuple[float, float]:
    """Where the sliders of a measure start: those of any class and of crypto, in its percent."""
    if measure != AGREED:
        return STARTS[measure], STARTS[measure]
    any_class = targets.default_band.around(ONE_HALF)[1] - ONE_HALF
    crypto = targets.range(CRYPTO)[1] - targets.weights[CRYPTO]
    return round(100 * any_class, 2), round(100 * crypto, 2)


def _against(rule: Rule, holdings: Holdings, targets: Targets) -> pd.DataFrame:
    """Weights, targets and the rule's bands by class; a rule by the calendar has none, which no weight can leave."""
    drift = holdings.drift(targets)
    if isinstance(rule, Calendar):
        return drift.assign(lower=drift["weight"], upper=drift["weight"])
    edges = _threshold_of(rule).edges(targets).loc[drift.index]
    return drift.assign(lower=edges["lower"], upper=edges["upper"])


def _visible(control: Any, shown: bool) -> None:
    control.layout.display = None if shown else "none"


def _amount(label: str) -> Any:
    return w.BoundedFloatText(0, min=0, max=MOST_MONEY, step=100, description=label, style=STYLE)


def _width(label: str) -> Any:
    return w.FloatSlider(2, min=0.5, max=10, step=0.5, description=label, readout_format=".1f", style=STYLE)
