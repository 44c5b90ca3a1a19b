"""Pictures of the past: growth on a logarithmic axis, the falls below it, and what policies cost against drift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from planner.wording import money, percent
from widgets.chart_specs import COLOUR, READABLE
from widgets.theme import ACCENT, CHART_CONFIG, INK, MUTED, STEPS, SURFACE

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from planner.outlook.policy_comparison import PolicyComparison
    from widgets.charts import Rows

GROWTH_HEIGHT, UNDERWATER_HEIGHT, POLICIES_HEIGHT = 320, 170, 300
PLOT_HEIGHT = 250
LINE = 17
"""Points between two labels, one below the other."""

PLAN = "your plan"
SIXTY_FORTY = "60/40"
COLOURS = {PLAN: ACCENT, SIXTY_FORTY: MUTED}
STEP_COLOURS = tuple(step.light for step in STEPS)
"""Less and more crypto."""

DAY: dict[str, Any] = {
    "field": "day",
    "type": "temporal",
    "title": None,
    "axis": {"format": "%Y", "grid": False, "tickCount": "year", "labelOverlap": True},
}
WIDTH: dict[str, Any] = {"field": "width", "type": "quantitative", "scale": None}


def hover(view: str) -> dict[str, Any]:
    """The month next to the pointer, as a parameter of a chart."""
    return {
        "name": "hover",
        "select": {"type": "point", "fields": ["day"], "nearest": True, "on": "pointerover", "clear": "pointerout"},
        "views": [view],
    }


def _end_text(style: dict[str, Any]) -> dict[str, Any]:
    return {
        "data": {"name": "ends"},
        "mark": {"type": "text", "align": "right", "dx": -4, "dy": -9, "fontWeight": 600, "color": READABLE, **style},
        "encoding": {
            "x": DAY,
            "y": {"field": "at", "type": "quantitative"},
            "text": {"field": "text"},
        },
    }


GROWTH_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "params": [hover("points")],
    "layer": [
        {
            "data": {"name": "growth"},
            "mark": {"type": "line"},
            "encoding": {
                "x": DAY,
                "y": {
                    "field": "value",
                    "type": "quantitative",
                    "title": "value of 10,000, logarithmic",
                    "scale": {"type": "log", "nice": False, "zero": False},
                    "axis": {"format": "$,.3~s", "tickCount": 6, "minExtent": 48},
                },
                "detail": {"field": "mix"},
                "color": COLOUR,
                "strokeWidth": WIDTH,
            },
        },
        _end_text({"stroke": SURFACE, "strokeWidth": 4, "strokeJoin": "round"}),
        _end_text({}),
        {
            "data": {"name": "growth"},
            "name": "points",
            "mark": {"type": "circle", "size": 40},
            "encoding": {
                "x": DAY,
                "y": {"field": "value", "type": "quantitative"},
                "color": COLOUR,
                "opacity": {"condition": {"param": "hover", "empty": False, "value": 1}, "value": 0},
                "tooltip": [
                    {"field": "mix", "title": "mix"},
                    {"field": "day", "type": "temporal", "title": "month-end", "format": "%B %Y"},
                    {"field": "value", "title": "value of 10,000", "format": "$,.0f"},
                    {"field": "fall", "title": "below its high", "format": ".1%"},
                ],
            },
        },
    ],
}

UNDERWATER_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "layer": [
        {
            "data": {"name": "growth"},
            "transform": [{"filter": f"datum.mix === '{PLAN}'"}],
            "mark": {"type": "area", "opacity": 0.18, "color": ACCENT},
            "encoding": {"x": DAY, "y": {"field": "fall", "type": "quantitative"}},
        },
        {
            "data": {"name": "growth"},
            "mark": {"type": "line", "strokeWidth": 1.3},
            "encoding": {
                "x": DAY,
                "y": {
                    "field": "fall",
                    "type": "quantitative",
                    "title": "below the last high",
                    "axis": {"format": ".0%", "tickCount": 4, "minExtent": 48},
                },
                "detail": {"field": "mix"},
                "color": COLOUR,
                "tooltip": [
                    {"field": "mix", "title": "mix"},
                    {"field": "day", "type": "temporal", "title": "month-end", "format": "%B %Y"},
                    {"field": "fall", "title": "below its high", "format": ".1%"},
                ],
            },
        },
    ],
}

POLICIES_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "layer": [
        {
            "data": {"name": "policies"},
            "mark": {"type": "point", "filled": True, "size": 90, "opacity": 0.9},
            "encoding": {
                "x": {
                    "field": "drift",
                    "type": "quantitative",
                    "title": "average drift: part of the portfolio in the wrong class",
                    "axis": {"format": ".1~%", "tickCount": 6, "labelOverlap": True},
                    "scale": {"domainMin": 0, "nice": True},
                },
                "y": {
                    "field": "paid",
                    "type": "quantitative",
                    "title": "costs and taxes on the way",
                    "axis": {"format": "$,.0f", "tickCount": 5, "minExtent": 52},
                    "scale": {"zero": True},
                },
                "color": {"value": ACCENT},
                "tooltip": [
                    {"field": "policy", "title": "policy"},
                    {"field": "drift", "title": "average drift", "format": ".1%"},
                    {"field": "paid", "title": "costs and taxes", "format": "$,.0f"},
                    {"field": "trades", "title": "trades"},
                ],
            },
        },
        {
            "data": {"name": "policies"},
            "mark": {
                "type": "text",
                "align": {"expr": "datum.side > 0 ? 'left' : 'right'"},
                "dx": {"expr": "8 * datum.side"},
                "dy": {"expr": "datum.nudge"},
                "color": INK,
            },
            "encoding": {
                "x": {"field": "drift", "type": "quantitative"},
                "y": {"field": "paid", "type": "quantitative"},
                "text": {"field": "policy"},
            },
        },
    ],
}


def growth_rows(values: Mapping[str, pd.Series[float]], known: Mapping[str, str] = COLOURS) -> Rows:
    """Value and fall of each mix by month-end, and the labels at the right end, apart from each other.

    ``known`` are colours by mix; the others have shades of crypto's.
    """
    steps = iter(STEP_COLOURS)
    colours = {name: known.get(name) or next(steps, MUTED) for name in values}
    rows = [
        {
            "mix": name,
            "day": f"{day:%Y-%m-%d}",
            "value": round(float(value), 2),
            "fall": round(float(fall), 6),
            "colour": colours[name],
            "width": 3 if name == PLAN else 1.6,
        }
        for name, series in values.items()
        for day, value, fall in zip(series.index, series, series / series.cummax() - 1, strict=True)
    ]
    ends = [
        {
            "day": f"{series.index[-1]:%Y-%m-%d}",
            "at": float(series.iloc[-1]),
            "text": f"{name} {money(float(series.iloc[-1]))}",
            "colour": colours[name],
        }
        for name, series in values.items()
    ]
    every = np.concatenate([series.to_numpy() for series in values.values()])
    return {"growth": rows, "ends": _apart(ends, float(every.min()), float(every.max()))}


def _apart(ends: list[dict[str, Any]], lowest: float, highest: float) -> list[dict[str, Any]]:
    """Labels at least a line apart, pushed down from the highest; on the logarithmic axis."""
    step = np.log(max(highest / lowest, 1.01)) * LINE / GROWTH_HEIGHT
    above = np.log(highest) + step / 2
    for end in sorted(ends, key=lambda each: -each["at"]):
        above = min(np.log(end["at"]), above - step)
        end["at"] = float(np.exp(above))
    return ends


def growth_alt(values: Mapping[str, pd.Series[float]]) -> str:
    """The chart in a sentence."""
    first, last = (f"{day:%B %Y}" for day in next(iter(values.values())).index[[0, -1]])
    said = ", ".join(f"{name} {money(float(series.iloc[-1]))}" for name, series in values.items())
    return f"Line chart of what 10,000 dollars grew to from {first} to {last}: {said}."


def underwater_alt(values: Mapping[str, pd.Series[float]]) -> str:
    """The chart in a sentence."""
    falls = {name: float((series / series.cummax() - 1).min()) for name, series in values.items()}
    said = ", ".join(f"{name} {percent(fall)}" for name, fall in falls.items())
    return f"Chart of the falls below the last high; the deepest: {said}."


def policies_rows(compared: PolicyComparison) -> Rows:
    """Average drift of each policy that trades, and what it paid on the way; labels apart from each other."""
    table = compared.table[compared.table["trades"] > 0]
    paid = table["cost"] + table["tax"]
    top = max(float(paid.max()), 1.0) if len(table) else 1.0
    middle = float(table["drift"].median())
    rows, free = [], {1: -np.inf, -1: -np.inf}
    for name in paid.sort_values(ascending=False).index:
        side = 1 if table["drift"][name] >= middle else -1
        at = PLOT_HEIGHT * (1 - float(paid[name]) / top)
        free[side] = max(at, free[side] + LINE)
        rows.append(
            {
                "policy": str(name),
                "drift": float(table["drift"][name]),
                "paid": float(paid[name]),
                "trades": int(table["trades"][name]),
                "side": side,
                "nudge": round(free[side] - at, 1),
            }
        )
    return {"policies": rows}


def policies_alt(compared: PolicyComparison) -> str:
    """The chart in a sentence."""
    paid = compared.table["cost"] + compared.table["tax"]
    least, most = str(paid.idxmin()), str(paid.idxmax())
    return (
        f"Scatter of costs and taxes against drift: '{least}' paid {money(float(paid[least]))}, '{most}' "
        f"{money(float(paid[most]))}."
    )
