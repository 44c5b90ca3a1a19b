"""The strategic targets: sliders that always sum to 100 %, with crypto inside the profile's range."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from planner.market.universe import BUILT_IN, CRYPTO
from planner.policy.glide_path import AGE_GLIDE_PATH
from planner.policy.targets import ReferenceMix, Targets
from planner.wording import percent
from widgets import tables
from widgets.linked import WHOLE, move
from widgets.tabs import Panel

if TYPE_CHECKING:
    from widgets.session import Session

PER_CENT = WHOLE / 100
ROUNDING = 1e-9
OWN_MIX = "your own mix"
GLIDE_PATH = "glide path at your age"
STYLE = {"description_width": "150px"}


class TargetsPanel(Panel):
    """One linked slider per asset class with its lock, a reference mix to start from, and the crypto override."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._moving = False
        self.shares = _in_thousandths(session.scenario.targets)
        self.mix = w.Dropdown(
            options=[
                (OWN_MIX.capitalize(), OWN_MIX),
                (GLIDE_PATH.capitalize(), GLIDE_PATH),
                *((str(mix).capitalize(), mix) for mix in ReferenceMix),
            ],
            value=_mix_of(self.shares),
            description="Start from",
            style=STYLE,
        )
        self.sliders = {name: _slider(name, share) for name, share in self.shares.items()}
        self.locks = {name: _lock(BUILT_IN[name].label) for name in self.shares}
        self.override = w.Checkbox(session.scenario.crypto_override, indent=False, description=" ")
        self.note = w.HTML()
        self.blocker = w.HTML()
        for name, slider in self.sliders.items():
            slider.observe(lambda change, name=name: self._moved(name, change.new), "value")
        self.mix.observe(self._mix_chosen, "value")
        self.override.observe(self._overridden, "value")
        session.observe(lambda _: self._show_range(), "assessment")
        session.observe(lambda _: self._follow(), "scenario")
        session.observe(lambda _: self._show_blockers(), ["plan", "scenario"])
        rows = [self._row(name) for name in self.shares]
        title = tables.heading("Your mix", "Move one and the others make room. Lock what should stay.")
        super().__init__([w.HTML(title), self.mix, *rows, self.note, self.override, self.blocker])
        self.add_class("pl-card")
        self._show_range()

    def _row(self, name: str) -> Any:
        row = w.HBox([self.sliders[name], self.locks[name]])
        row.add_class("pl-share")
        return row

    @property
    def ceiling(self) -> int:
        """Most crypto the sliders allow, in thousandths."""
        if self.override.value:
            return WHOLE
        upper: float = self.session.assessment.crypto_range.upper
        return math.floor(upper * WHOLE + ROUNDING)

    def _moved(self, name: str, value: float) -> None:
        if self._moving or round(value * PER_CENT) == self.shares[name]:
            return  # ours, or the browser's rounding of where the slider stands already
        locked = {other for other, lock in self.locks.items() if lock.value}
        self._set(move(self.shares, name, round(value * PER_CENT), locked, {CRYPTO: self.ceiling}))
        self.mix.value = OWN_MIX

    def _follow(self) -> None:
        """Show the targets of a scenario that came from elsewhere, as its own range for crypto allows."""
        scenario = self.session.scenario
        shares = _in_thousandths(scenario.targets)
        if self._moving or (shares == self.shares and self.override.value == scenario.crypto_override):
            return
        self._moving = True
        try:
            self.override.value, self.mix.value = scenario.crypto_override, _mix_of(shares)
        finally:
            self._moving = False
        self._show_shares(shares)
        self._say_range()

    def _set(self, shares: dict[str, int]) -> None:
        self._show_shares(shares)
        self.session.change(targets=self.session.scenario.targets.with_changes(weights=_weights(shares)))

    def _show_shares(self, shares: dict[str, int]) -> None:
        self.shares = shares
        self._moving = True
        try:
            self.sliders[CRYPTO].max = max(self.ceiling, shares[CRYPTO], 1) / PER_CENT
            for name, share in shares.items():
                # A slider that already stands there is left alone: an answer to it would arrive while it is moving on.
                if round(self.sliders[name].value * PER_CENT) != share:
                    self.sliders[name].value = share / PER_CENT
        finally:
            self._moving = False

    def _mix_chosen(self, change: Any) -> None:
        if change.new == OWN_MIX or self._moving:
            return
        for lock in self.locks.values():
            lock.value = False
        age = self.session.scenario.profile.age
        start = AGE_GLIDE_PATH.at(age) if change.new == GLIDE_PATH else Targets.reference(change.new)
        shares = _in_thousandths(start)
        self._set(move(shares, CRYPTO, min(shares[CRYPTO], self.ceiling)))

    def _overridden(self, change: Any) -> None:
        if self._moving:
            return
        self.session.change(crypto_override=change.new)
        self._show_range()

    def _show_range(self) -> None:
        self._follow()
        locked = {name for name, lock in self.locks.items() if lock.value}
        before = self.shares[CRYPTO]
        shares = move(self.shares, CRYPTO, min(before, self.ceiling), locked, {CRYPTO: self.ceiling})
        if shares != self.shares:
            self._set(shares)
        else:
            self._show_shares(shares)  # how far crypto's slider reaches may have changed
        lowered = self.shares[CRYPTO] < before
        now = percent(self.shares[CRYPTO] / WHOLE)
        self._say_range(f" Crypto was lowered from {percent(before / WHOLE)} to {now}." if lowered else "")

    def _say_range(self, lowered: str = "") -> None:
        crypto_range = self.session.assessment.crypto_range
        upper = percent(crypto_range.upper)
        self.override.description = f"Allow more crypto than {upper}"
        if self.override.value:
            said = f"Overridden: your profile supports at most {upper} in crypto. More is your own decision."
        elif crypto_range.upper == 0:
            said = "Your profile supports no crypto."
        else:
            said = f"Your profile supports up to {upper} in crypto; guidance for it is {crypto_range}."
        self.note.value = f"<p class='pl-muted pl-crypto-range'>{said}{lowered}</p>"

    def _show_blockers(self) -> None:
        plan = self.session.plan
        said = [] if plan is None else [blocker.sentence for blocker in plan.blockers if blocker.place == CRYPTO]
        self.blocker.value = tables.blockers(said)


def _mix_of(shares: dict[str, int]) -> Any:
    return next((mix for mix in ReferenceMix if _in_thousandths(Targets.reference(mix)) == shares), OWN_MIX)


def _weights(shares: dict[str, int]) -> dict[str, float]:
    return {name: share / WHOLE for name, share in shares.items()}


def _in_thousandths(targets: Targets) -> dict[str, int]:
    shares = {name: round(weight * WHOLE) for name, weight in targets.weights.items()}
    largest = max(shares, key=lambda name: shares[name])
    return shares | {largest: shares[largest] + WHOLE - sum(shares.values())}


def _slider(name: str, share: int) -> Any:
    asset_class = BUILT_IN[name]
    slider = w.FloatSlider(
        share / PER_CENT,
        min=0,
        max=100,
        step=0.1,
        description=asset_class.label,
        readout_format=".1f",
        style=STYLE | {"handle_color": asset_class.colour},
    )
    slider.add_class(f"pl-target-{name}")
    return slider


def _lock(label: str) -> Any:
    lock = w.ToggleButton(False, icon="unlock", tooltip=f"Keep {label} where it is")
    lock.observe(lambda change: setattr(lock, "icon", "lock" if change.new else "unlock"), "value")
    return lock
