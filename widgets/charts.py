"""The app's pictures of a plan: Vega-Lite specifications, their rows, and a sentence that says what is seen.

The specifications are plain dicts, because importing altair takes longer than everything else on the page;
``Picture.altair`` gives the same picture as an ``altair.Chart`` to restyle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from planner.market.universe import CRYPTO
from planner.wording import percent
from widgets.chart_specs import FALL_SPEC, FRONTIER_SPEC, RISK_SPEC, WEIGHTS_SPEC
from widgets.theme import ACCENT, INK, MUTED

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.planning import Plan

Rows = dict[str, list[dict[str, Any]]]
LOOKS = frozenset({"colour", "shape", "side", "nudge", "opacity", "stroke", "end", "place"})
"""Fields of rows that place or style a mark and say nothing."""

STEPS = (0.0, 0.03, 0.10)
"""The crypto shares that every plan is held against."""


@dataclass(frozen=True)
class Picture:
    """One kind of chart: what it looks like, and what it shows of a plan."""

    title: str
    subtitle: str
    spec: dict[str, Any]
    rows: Callable[[Plan], Rows]
    alt: Callable[[Plan], str]
    height: int

    def altair(self, plan: Plan) -> Any:
        """The picture of a plan as an altair chart."""
        import altair as alt

        return alt.Chart.from_dict({**self.spec, "datasets": self.rows(plan), "height": self.height, "width": 460})

    def to_text(self, plan: Plan) -> str:
        """The numbers behind the picture, rounded: one line a row."""
        return rows_to_text(self.rows(plan))


def rows_to_text(rows: Rows) -> str:
    """Rows of a picture, rounded: one line a row."""
    return "\n".join(
        f"  {name}: " + ", ".join(_rounded(value) for field, value in row.items() if field not in LOOKS)
        for name, entries in rows.items()
        for row in entries
    )


def _rounded(value: Any) -> str:
    return f"{round(value, 4) + 0.0:.4f}" if isinstance(value, float) else str(value)


def weights_rows(plan: Plan, with_ranges: bool = True) -> Rows:
    """One row per asset class: weight, target, text; and its range, where there are mixes practically as good."""
    targets, ranges = plan.scenario.targets.weights, plan.class_ranges if with_ranges else None
    rows, spans = [], []
    for asset_class in plan.market.universe.classes:
        name, weight = asset_class.name, plan.class_weights[asset_class.name]
        end = max(weight, targets[name])
        if ranges is not None:
            lower, upper = (float(ranges[side][name]) for side in ("lower", "upper"))
            spans.append({"label": asset_class.label, "lower": lower, "upper": upper})
            end = max(end, upper)
        rows.append(
            {
                "label": asset_class.label,
                "colour": asset_class.colour,
                "weight": weight,
                "target": targets[name],
                "end": end,
                "text": percent(weight),
                "amount": f"{weight * plan.scenario.profile.liquid_assets:,.0f}",
            }
        )
    return {"weights": rows, "ranges": spans}


def risk_rows(plan: Plan) -> Rows:
    """Two rows per asset class: its share of the money and of the risk."""
    rows = []
    for asset_class in plan.market.universe.classes:
        for kind, shares, opacity in (("money", plan.class_weights, 0.4), ("risk", plan.class_risk, 1.0)):
            share = shares[asset_class.name]
            rows.append(
                {
                    "label": asset_class.label,
                    "colour": asset_class.colour,
                    "kind": kind,
                    "share": share,
                    "end": max(share, 0.0),
                    "opacity": opacity,
                    "text": percent(share, 0 if abs(share) >= 0.1 else 1),
                }
            )
    return {"shares": rows}


def frontier_rows(plan: Plan) -> Rows:
    """The frontier's points, and the mixes to find on it."""
    from planner.optimise import Frontier

    found = plan.frontier
    points = found.portfolios if isinstance(found, Frontier) else ()
    curve = [
        {"place": place, "volatility": point.volatility, "expected_return": point.expected_return}
        for place, point in enumerate(points)
    ]
    mixes = [
        ("60/40", plan.sixty_forty, MUTED, "square", 1, 15),
        ("your targets", plan.targets, INK, "diamond", 1, -2),
    ]
    if plan.portfolio is not None:
        same = plan.portfolio.volatility == plan.targets.volatility
        mixes = mixes[:1] if same else mixes
        mixes.append(("you are here", plan.portfolio, ACCENT, "circle", -1, -10))
    return {
        "band": [],
        "frontier": curve,
        "mixes": [
            {
                "label": label,
                "volatility": mix.volatility,
                "expected_return": mix.expected_return,
                "colour": colour,
                "shape": shape,
                "side": side,
                "nudge": nudge,
            }
            for label, mix, colour, shape, side, nudge in mixes
        ],
    }


def band_rows(resampled: object) -> list[dict[str, Any]]:
    """Where the frontiers of other histories run; nothing where there are none."""
    from planner.optimise import ResampledFrontier

    if not isinstance(resampled, ResampledFrontier):
        return []
    corridor = resampled.corridor
    edges = zip(corridor["volatility"], corridor["expected_return_low"], corridor["expected_return_high"], strict=True)
    return [{"volatility": float(at), "lowest": float(low), "highest": float(high)} for at, low, high in edges]


def fall_rows(plan: Plan) -> Rows:
    """What falls of crypto do to this mix, and to the same mix with other shares of crypto."""
    fall, held = plan.scenario.crypto_fall, plan.class_weights[CRYPTO]
    colour = plan.market.universe[CRYPTO].colour
    steps = [(percent(step, 0) + " crypto", step, MUTED, 1.0) for step in STEPS if abs(step - held) > 0.004]
    mixes = [*steps, (f"yours, {percent(held)}", held, colour, 3.0)]
    return {
        "lines": [
            {"mix": mix, "fall": end, "loss": -share * end, "colour": shade, "stroke": stroke}
            for mix, share, shade, stroke in mixes
            for end in (0.0, 1.0)
        ],
        "ends": [{"mix": mix, "fall": 1.0, "loss": -share, "colour": shade} for mix, share, shade, _ in mixes],
        "here": [{"fall": fall, "loss": -plan.crypto_loss, "colour": colour, "text": percent(-plan.crypto_loss, 2)}],
    }


def _listed(plan: Plan, shares: dict[str, float]) -> str:
    return ", ".join(f"{entry.label} {percent(shares[entry.name])}" for entry in plan.market.universe.classes)


WEIGHTS = Picture(
    "Weights against targets",
    "Bars are the plan, thick ticks your targets. Thin lines span mixes that are practically as good.",
    WEIGHTS_SPEC,
    weights_rows,
    lambda plan: f"Bar chart of the plan's weights: {_listed(plan, plan.class_weights)}.",
    230,
)
RISK = Picture(
    "Where the risk comes from",
    "A small share of the money can be a large share of the risk.",
    RISK_SPEC,
    risk_rows,
    lambda plan: f"Bar chart of the shares of risk: {_listed(plan, plan.class_risk)}.",
    300,
)
FRONTIER = Picture(
    "Efficient frontier",
    "The most return for each level of risk, with no more crypto than your range allows. Click the line to take a mix.",
    FRONTIER_SPEC,
    frontier_rows,
    lambda plan: (
        "Line chart of expected return against volatility. "
        + "; ".join(
            f"{row['label']}: {percent(row['expected_return'])} at {percent(row['volatility'])} volatility"
            for row in frontier_rows(plan)["mixes"]
        )
        + "."
    ),
    300,
)
FALL = Picture(
    "When crypto falls",
    "A fall of crypto, felt by the whole portfolio while everything else stands still.",
    FALL_SPEC,
    fall_rows,
    lambda plan: (
        f"Line chart: a fall of crypto of {percent(plan.scenario.crypto_fall)} costs the portfolio "
        f"{percent(plan.crypto_loss, 2)}."
    ),
    250,
)
PICTURES = {"weights": WEIGHTS, "risk": RISK, "frontier": FRONTIER, "crypto-fall": FALL}
