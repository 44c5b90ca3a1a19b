"""Pictures of the accounts: how far they are from the targets, and what lies in which of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planner.trading.holdings import total_drift
from planner.wording import money, percent
from widgets.chart_specs import COLOUR, ROOM_FOR_LABELS, WEIGHTS_SPEC
from widgets.theme import CHART_CONFIG, INK, WARNING

if TYPE_CHECKING:
    import pandas as pd

    from planner.market.universe import Universe
    from widgets.charts import Rows

OUTSIDE = 1e-9
"""A weight on the edge of its band is in it, whatever the last digit says."""

LABEL_ROOM = 1.55
"""How far the axis reaches beyond the longest bar: its label is twice as long as those of the other charts."""

DRIFT_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "data": {"name": "drift"},
    "encoding": WEIGHTS_SPEC["encoding"],
    "layer": [
        {
            "mark": {"type": "bar", "height": {"band": 0.92}, "color": INK, "opacity": 0.14},
            "encoding": {
                "x": {
                    "field": "lower",
                    "type": "quantitative",
                    "title": "share of everything in the accounts",
                    "axis": {"format": ".0%", "tickCount": 5, "labelOverlap": True},
                },
                "x2": {"field": "upper"},
                "tooltip": [
                    {"field": "label", "title": "class"},
                    {"field": "lower", "format": ".1%", "title": "band from"},
                    {"field": "upper", "format": ".1%", "title": "to"},
                ],
            },
        },
        {
            "mark": {"type": "bar", "height": {"band": 0.5}, "cornerRadiusEnd": 2},
            "encoding": {
                "x": {"field": "weight", "type": "quantitative"},
                "color": COLOUR,
                "tooltip": [
                    {"field": "label", "title": "class"},
                    {"field": "weight", "format": ".1%", "title": "weight"},
                    {"field": "target", "format": ".1%", "title": "target"},
                    {"field": "amount", "title": "amount"},
                ],
            },
        },
        {
            "mark": {"type": "tick", "thickness": 3, "size": 28, "color": INK},
            "encoding": {"x": {"field": "target", "type": "quantitative"}},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 8},
            "encoding": {
                "x": {"field": "end", "type": "quantitative"},
                "text": {"field": "text"},
                "color": {"condition": {"test": "datum.outside", "value": WARNING}, "value": INK},
            },
        },
        {**ROOM_FOR_LABELS, "transform": [{"calculate": f"{LABEL_ROOM} * datum.end", "as": "reach"}]},
    ],
}


def drift_rows(drift: pd.DataFrame, total: float, universe: Universe) -> Rows:
    """One row per asset class: weight, target, band, and whether the weight has left it.

    ``drift`` is ``Holdings.drift``, ``total`` what everything is worth.
    """
    rows = []
    for name, row in drift.iterrows():
        asset_class = universe[str(name)]
        weight, target, lower, upper = (float(row[field]) for field in ("weight", "target", "lower", "upper"))
        outside = is_outside(row)
        rows.append(
            {
                "label": asset_class.label,
                "colour": asset_class.colour,
                "weight": weight,
                "target": target,
                "lower": lower,
                "upper": upper,
                "end": max(weight, target, upper),
                "outside": outside,
                "text": f"{percent(weight)} ({signed_points(weight - target)}){', outside' if outside else ''}",
                "amount": money(weight * total),
            }
        )
    return {"drift": rows}


def drift_alt(drift: pd.DataFrame, universe: Universe) -> str:
    """What the drift chart shows, in a sentence."""
    listed = ", ".join(
        f"{universe[str(name)].label} {percent(float(row['weight']))} against {percent(float(row['target']))}"
        + (" (outside its band)" if is_outside(row) else "")
        for name, row in drift.iterrows()
    )
    return f"Bar chart of the accounts against the targets, {percent(total_drift(drift['drift']))} apart: {listed}."


def is_outside(row: pd.Series[float]) -> bool:
    """Whether a class has left its band."""
    return not row["lower"] - OUTSIDE <= row["weight"] <= row["upper"] + OUTSIDE


def signed_points(difference: float) -> str:
    """A difference of two shares in percentage points: '+1.2'."""
    return f"{100 * difference:+.1f}".replace("+0.0", "±0").replace("-0.0", "±0")
