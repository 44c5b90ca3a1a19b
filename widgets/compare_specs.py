"""What the pictures of scenarios side by side look like: a row or a dot each, always on the same axis."""

from __future__ import annotations

from typing import Any

from widgets.chart_specs import COLOUR, READABLE
from widgets.theme import CHART_CONFIG, LINE, SURFACE

LETTER_PIXELS, MARGIN_PIXELS = 6.6, 8.0
"""What a letter takes in a bar, and what stands beside the text; a narrower part says less. Ours."""

_ROWS: dict[str, Any] = {"field": "row", "type": "nominal", "sort": None, "axis": None}
_NAMES: dict[str, Any] = {
    "data": {"name": "names"},
    "mark": {"type": "text", "align": "left", "dy": -13, "limit": {"expr": "width"}},
    "encoding": {"x": {"value": 0}, "text": {"field": "words"}},
}


def _bar(name: str, ends: tuple[str, str], axis: dict[str, Any], mark: dict[str, Any], tooltip: Any) -> dict[str, Any]:
    return {
        "data": {"name": name},
        "mark": {"type": "bar", "height": 22, "yOffset": 8, **mark},
        "encoding": {
            "x": {"field": ends[0], "type": "quantitative", **axis},
            "x2": {"field": ends[1]},
            "color": COLOUR,
            "tooltip": tooltip,
        },
    }


_SHARE_AXIS = {
    "title": "share of the portfolio",
    "scale": {"domain": [0, 1], "nice": False},
    "axis": {"format": ".0%", "tickCount": 5},
}
_FITTING = (
    f"datum.wide * width >= {LETTER_PIXELS} * length(datum.label + ' ' + datum.said) + {MARGIN_PIXELS} "
    "? datum.label + ' ' + datum.said "
    f": datum.wide * width >= {LETTER_PIXELS} * length(datum.said) + {MARGIN_PIXELS} ? datum.said : ''"
)

WEIGHTS_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "encoding": {"y": _ROWS},
    "layer": [
        _bar(
            "parts",
            ("start", "end"),
            _SHARE_AXIS,
            {"stroke": SURFACE, "strokeWidth": 0.7},
            [
                {"field": "row", "title": "portfolio"},
                {"field": "label", "title": "class"},
                {"field": "said", "title": "weight"},
            ],
        ),
        {
            "data": {"name": "parts"},
            "transform": [{"calculate": _FITTING, "as": "fitting"}],
            "mark": {"type": "text", "fontSize": 11, "fontWeight": 600, "dy": 8, "tooltip": None},
            "encoding": {
                "x": {"field": "middle", "type": "quantitative"},
                "text": {"field": "fitting"},
                "color": {"field": "ink", "type": "nominal", "scale": None},
            },
        },
        _NAMES,
    ],
}

_MONEY_AXIS = {"title": "money, in that of today", "axis": {"format": "$.3~s", "tickCount": 5, "labelOverlap": True}}
_INTERVAL_TOOLTIP = [
    {"field": "row", "title": "portfolio"},
    {"field": "said_95", "title": "one in twenty has more than"},
    {"field": "said_75", "title": "one in four has more than"},
    {"field": "said_50", "title": "half have more than"},
    {"field": "said_25", "title": "one in four has less than"},
    {"field": "said_5", "title": "one in twenty has less than"},
]

OUTLOOK_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "encoding": {"y": _ROWS},
    "layer": [
        _bar("intervals", ("p5", "p95"), _MONEY_AXIS, {"opacity": 0.2}, _INTERVAL_TOOLTIP),
        _bar("intervals", ("p25", "p75"), {}, {"opacity": 0.4}, _INTERVAL_TOOLTIP),
        {
            "data": {"name": "intervals"},
            "mark": {"type": "tick", "thickness": 3, "size": 26, "yOffset": 8},
            "encoding": {"x": {"field": "p50", "type": "quantitative"}, "color": COLOUR},
        },
        _NAMES,
    ],
}

_DOT = {"type": "point", "filled": True, "opacity": 1, "stroke": SURFACE, "strokeWidth": 1}
_SHAPE = {"field": "shape", "type": "nominal", "scale": None}
_RISK_X = {
    "field": "volatility",
    "type": "quantitative",
    "title": "volatility a year",
    "axis": {"format": ".0%", "tickCount": 6},
    "scale": {"nice": False},
}
_RISK_Y = {
    "field": "expected_return",
    "type": "quantitative",
    "title": "expected return a year",
    "axis": {"format": ".1~%", "tickCount": 5},
    "scale": {"zero": False, "nice": False},
}

RISK_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "layer": [
        {
            "data": {"name": "corners"},
            "mark": {"type": "point", "opacity": 0, "tooltip": None},
            "encoding": {"x": _RISK_X, "y": _RISK_Y},
        },
        {
            "data": {"name": "dots"},
            "mark": {"type": "rule", "color": LINE, "tooltip": None},
            "encoding": {"x": _RISK_X, "x2": {"field": "beside"}, "y": _RISK_Y, "y2": {"field": "level"}},
        },
        {
            "data": {"name": "dots"},
            "mark": {**_DOT, "size": 130},
            "encoding": {
                "x": _RISK_X,
                "y": _RISK_Y,
                "color": COLOUR,
                "shape": _SHAPE,
                "tooltip": [
                    {"field": "name", "title": "portfolio"},
                    {"field": "expected_return", "format": ".1%", "title": "expected return"},
                    {"field": "volatility", "format": ".1%", "title": "volatility"},
                ],
            },
        },
        {
            "data": {"name": "dots"},
            "mark": {
                "type": "text",
                "align": {"expr": "datum.side > 0 ? 'left' : 'right'"},
                "dx": {"expr": "3 * datum.side"},
                "fontWeight": 600,
                "color": READABLE,
            },
            "encoding": {
                "x": {"field": "beside", "type": "quantitative"},
                "y": {"field": "level", "type": "quantitative"},
                "text": {"field": "text"},
            },
        },
    ],
}

CHANCES_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "data": {"name": "chances"},
    "encoding": {"y": _ROWS},
    "layer": [
        {
            "mark": {"type": "point", "opacity": 0, "tooltip": None},
            "encoding": {
                "x": {
                    "datum": 0,
                    "type": "quantitative",
                    "title": "chance",
                    "scale": {"domain": [0, 1], "nice": False},
                    "axis": {"format": ".0%", "tickCount": 5},
                },
            },
        },
        {
            "transform": [{"filter": "!datum.title"}],
            "mark": {**_DOT, "size": 110},
            "encoding": {
                "x": {"field": "chance", "type": "quantitative"},
                "color": COLOUR,
                "shape": _SHAPE,
                "tooltip": [
                    {"field": "name", "title": "portfolio"},
                    {"field": "goal", "title": "of"},
                    {"field": "chance", "format": ".1%", "title": "chance"},
                ],
            },
        },
        {
            "transform": [{"filter": "!datum.title"}],
            "mark": {
                "type": "text",
                "align": {"expr": "datum.side > 0 ? 'left' : 'right'"},
                "dx": {"expr": "10 * datum.side"},
                "color": READABLE,
            },
            "encoding": {"x": {"field": "chance", "type": "quantitative"}, "text": {"field": "text"}},
        },
        {
            "transform": [{"filter": "datum.title"}],
            "mark": {"type": "text", "align": "left", "fontWeight": 600, "limit": {"expr": "width"}},
            "encoding": {"x": {"value": 0}, "text": {"field": "goal"}},
        },
    ],
}
