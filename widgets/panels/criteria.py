"""How much each criterion of a venue counts: six sliders that always sum to 100 %."""

from __future__ import annotations

from typing import Any

import ipywidgets as w
from traitlets import Any as AnyTrait

from planner.trading.venue_scores import CRITERIA, CriteriaWeights
from widgets import tables
from widgets.linked import WHOLE, move
from widgets.venue_rows import LABELS

PER_CENT = WHOLE / 100
MEANING = "Move one and the others make room. The usual weights put liquidity and security first."
STYLE = {"description_width": "120px"}


class CriteriaPanel(w.VBox):  # type: ignore[misc]
    """A slider a criterion; ``weights`` are what they stand at."""

    weights = AnyTrait()

    def __init__(self) -> None:
        self._moving = False
        self.shares = _usual()
        self.sliders = {name: _slider(name, share) for name, share in self.shares.items()}
        self.usual = w.Button(
            description="The usual weights", icon="undo", layout={"width": "auto", "align_self": "flex-start"}
        )
        for name, slider in self.sliders.items():
            slider.observe(lambda change, name=name: self._moved(name, change.new), "value")
        self.usual.on_click(lambda _: self._set(_usual()))
        title = w.HTML(tables.heading("What counts how much", MEANING))
        super().__init__([title, *self.sliders.values(), self.usual], weights=CriteriaWeights())
        self.add_class("pl-card")

    def _moved(self, name: str, value: float) -> None:
        if not self._moving and round(value * PER_CENT) != self.shares[name]:
            self._set(move(self.shares, name, round(value * PER_CENT)))

    def _set(self, shares: dict[str, int]) -> None:
        self.shares = shares
        self._moving = True
        try:
            for name, share in shares.items():
                # A slider that already stands there is left alone: an answer to it would arrive while it is moving on.
                if round(self.sliders[name].value * PER_CENT) != share:
                    self.sliders[name].value = share / PER_CENT
        finally:
            self._moving = False
        self.weights = CriteriaWeights(**{name: share / PER_CENT for name, share in shares.items()})


def _usual() -> dict[str, int]:
    shares = CriteriaWeights().shares
    return {name: round(shares[name] * WHOLE) for name in CRITERIA}


def _slider(name: str, share: int) -> Any:
    slider = w.FloatSlider(
        share / PER_CENT,
        min=0,
        max=100,
        step=0.1,
        description=LABELS[name],
        readout_format=".1f",
        style=STYLE,
        layout={"width": "auto"},
    )
    slider.add_class(f"pl-criterion-{name}")
    return slider
