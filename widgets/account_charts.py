"""Pictures of the accounts: how far they are from the targets, and what lies in which of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planner.trading.holdings import total_drift
from planner.wording import money, percent
from widgets.chart_specs import COLOUR, ROOM_FOR_LABELS, WEIGHTS_SPEC
from widgets.theme import CHART_CONFIG, INK, MUTED, SURFACE, WARNING

if TYPE_CHECKING:
    import pandas as pd

    from planner.market.universe import Universe
    from widgets.charts import Rows

OUTSIDE = 1e-9
"""A weight on the edge of its band is in it, whatever the last digit says."""

WHEN = ("today", "proposed")
SMALLEST_PART = 0.001
"""Of the longest bar: what is smaller is no bar that one could see."""

LETTER = 7
FITS = f"datum.wide * width / {1.3} > {LETTER} * length(datum.label)"
"""Whether a label has room in its part of a bar, in pixels; the axis reaches beyond the longest bar."""

REACH = "datum.end / max(0.3, 1 - 150 / width)"
"""An axis that leaves 150 pixels beyond the longest bar for its label."""

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
        {**ROOM_FOR_LABELS, "transform": [{"calculate": REACH, "as": "reach"}]},
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


LOCATION_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "data": {"name": "parts"},
    "encoding": {
        "y": {
            "field": "account",
            "type": "nominal",
            "sort": None,
            "title": None,
            "axis": {"labelLimit": 150, "ticks": False, "domain": False, "labelColor": INK, "labelPadding": 6},
        },
        "yOffset": {"field": "when", "type": "nominal", "sort": list(WHEN)},
    },
    "layer": [
        {
            "mark": {"type": "bar", "height": {"band": 0.86}, "stroke": SURFACE, "strokeWidth": 1},
            "encoding": {
                "x": {
                    "field": "start",
                    "type": "quantitative",
                    "title": "value",
                    "axis": {"format": "$~s", "tickCount": 5, "labelOverlap": True},
                },
                "x2": {"field": "end"},
                "color": COLOUR,
                "tooltip": [
                    {"field": "account", "title": "account"},
                    {"field": "when", "title": "when"},
                    {"field": "label", "title": "class"},
                    {"field": "amount", "title": "amount"},
                    {"field": "share", "format": ".1%", "title": "of the account"},
                ],
            },
        },
        {
            "transform": [{"calculate": f"{FITS} ? datum.label : ''", "as": "fitting"}],
            "mark": {"type": "text", "tooltip": None},
            "encoding": {
                "x": {"field": "middle", "type": "quantitative"},
                "text": {"field": "fitting"},
                "color": {"field": "ink", "type": "nominal", "scale": None},
            },
        },
        {
            "data": {"name": "ends"},
            "mark": {"type": "text", "align": "left", "dx": 6, "color": MUTED},
            "encoding": {"x": {"field": "end", "type": "quantitative"}, "text": {"field": "when"}},
        },
        {**ROOM_FOR_LABELS, "data": {"name": "ends"}},
    ],
}


def location_rows(today: pd.DataFrame, proposed: pd.DataFrame, universe: Universe) -> Rows:
    """The parts of each account, today's and the proposed side by side; both are currency by class and account."""
    most = float(max(today.sum().max(), proposed.sum().max()))
    parts, ends = [], []
    for account in today.columns:
        for when, table in zip(WHEN, (today, proposed), strict=True):
            end, whole = 0.0, float(table[account].sum())
            for name, amount in table[account].items():
                if amount < SMALLEST_PART * most:
                    continue
                asset_class, start, end = universe[str(name)], end, end + float(amount)
                parts.append(
                    {
                        "account": str(account),
                        "when": when,
                        "label": asset_class.label,
                        "colour": asset_class.colour,
                        "ink": ink_on(asset_class.colour),
                        "start": start,
                        "end": end,
                        "middle": (start + end) / 2,
                        "wide": float(amount) / most,
                        "amount": money(float(amount)),
                        "share": float(amount) / whole,
                    }
                )
            ends.append({"account": str(account), "when": when, "end": end})
    return {"parts": parts, "ends": ends}


def location_alt(proposed: pd.DataFrame, universe: Universe) -> str:
    """What the proposed placement is, in a sentence."""
    held = "; ".join(
        f"{account}: "
        + ", ".join(f"{universe[str(name)].label} {money(amount)}" for name, amount in amounts.items() if amount >= 1)
        for account, amounts in proposed.items()
    )
    return f"Stacked bar chart of each account today and as proposed. Proposed for {held}."


def ink_on(colour: str) -> str:
    """Black or white, whichever is read better on a colour (the higher contrast by WCAG 2.2)."""
    linear = [_linear(int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5)]
    luminance = sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))
    return "white" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 else "black"


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
