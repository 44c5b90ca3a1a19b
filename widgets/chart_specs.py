"""What the app's charts look like: Vega-Lite specifications whose rows come later, by the names of their data."""

from __future__ import annotations

from typing import Any

from widgets.theme import ACCENT, CHART_CONFIG, GROUND, INK, MUTED, SURFACE


def _axis(field: str, title: str, **more: Any) -> dict[str, Any]:
    return {
        "field": field,
        "type": "quantitative",
        "title": title,
        "axis": {"format": ".0%", **more.pop("axis", {})},
        **more,
    }


def _class_axis(**more: Any) -> dict[str, Any]:
    return {
        "field": "label",
        "type": "nominal",
        "sort": None,
        "title": None,
        "axis": {"labelLimit": 160, "ticks": False, "domain": False, "labelColor": INK, "labelPadding": 6},
        **more,
    }


COLOUR = {"field": "colour", "type": "nominal", "scale": None}
READABLE = {
    "expr": (
        f"lab(luminance({GROUND}) > 0.5 ? min(lab(datum.colour).l, 49) : max(lab(datum.colour).l, 62), "
        "lab(datum.colour).a, lab(datum.colour).b) + ''"
    )
}
"""The colour of a text that takes its row's colour: as dark, or on dark ground as light, as text has to be."""

ROOM_FOR_LABELS: dict[str, Any] = {
    "transform": [{"calculate": "1.25 * datum.end", "as": "reach"}],
    "mark": {"type": "point", "opacity": 0, "tooltip": None},
    "encoding": {"x": {"field": "reach", "type": "quantitative"}},
}
"""An unseen layer that makes a bar chart wide enough for the text at the end of its longest bar."""

WEIGHTS_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "data": {"name": "weights"},
    "encoding": {"y": _class_axis()},
    "layer": [
        {
            "mark": {"type": "bar", "height": {"band": 0.62}, "cornerRadiusEnd": 2},
            "encoding": {
                "x": _axis("weight", "share of the portfolio", axis={"tickCount": 5, "labelOverlap": True}),
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
            "data": {"name": "ranges"},
            "mark": {"type": "rule", "strokeWidth": 1.5, "color": INK},
            "encoding": {
                "x": {"field": "lower", "type": "quantitative"},
                "x2": {"field": "upper"},
                "tooltip": [
                    {"field": "label", "title": "class"},
                    {"field": "lower", "format": ".1%", "title": "practically as good from"},
                    {"field": "upper", "format": ".1%", "title": "to"},
                ],
            },
        },
        *(
            {
                "data": {"name": "ranges"},
                "mark": {"type": "tick", "thickness": 1.5, "size": 10, "color": INK},
                "encoding": {"x": {"field": end, "type": "quantitative"}},
            }
            for end in ("lower", "upper")
        ),
        {
            "mark": {"type": "tick", "thickness": 3, "size": 26, "color": INK},
            "encoding": {"x": {"field": "target", "type": "quantitative"}},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 8},
            "encoding": {"x": {"field": "end", "type": "quantitative"}, "text": {"field": "text"}},
        },
        ROOM_FOR_LABELS,
    ],
}

RISK_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "data": {"name": "shares"},
    "encoding": {
        "y": _class_axis(),
        "yOffset": {"field": "kind", "type": "nominal", "sort": ["money", "risk"]},
    },
    "layer": [
        {
            "mark": {"type": "bar", "height": {"band": 0.9}, "cornerRadiusEnd": 2},
            "encoding": {
                "x": _axis(
                    "share", "pale: of the money, full: of the risk", axis={"tickCount": 5, "labelOverlap": True}
                ),
                "color": COLOUR,
                "opacity": {"field": "opacity", "type": "quantitative", "scale": None},
                "tooltip": [
                    {"field": "label", "title": "class"},
                    {"field": "kind", "title": "of the"},
                    {"field": "share", "format": ".1%", "title": "share"},
                ],
            },
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 11},
            "encoding": {"x": {"field": "end", "type": "quantitative"}, "text": {"field": "text"}},
        },
        ROOM_FOR_LABELS,
    ],
}

FRONTIER_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "params": [
        {
            "name": "chosen",
            "select": {"type": "point", "fields": ["expected_return"], "nearest": True},
            "views": ["points"],
        },
        {
            "name": "near",
            "select": {"type": "point", "fields": ["place"], "nearest": True, "on": "pointerover"},
            "views": ["points"],
        },
        {"name": "cursor", "value": "pointer"},
    ],
    "layer": [
        {
            "data": {"name": "band"},
            "mark": {"type": "area", "color": ACCENT, "opacity": 0.14, "tooltip": None},
            "encoding": {
                "x": {"field": "volatility", "type": "quantitative"},
                "y": {"field": "lowest", "type": "quantitative"},
                "y2": {"field": "highest"},
            },
        },
        {
            "data": {"name": "frontier"},
            "mark": {"type": "line", "color": MUTED, "strokeWidth": 2},
            "encoding": {
                "x": _axis("volatility", "volatility a year", scale={"zero": True, "nice": True}),
                "y": _axis(
                    "expected_return",
                    "expected return a year",
                    scale={"zero": False, "nice": True},
                    axis={"format": ".1~%"},
                ),
                "order": {"field": "place", "type": "quantitative"},
            },
        },
        {
            "data": {"name": "frontier"},
            "name": "points",
            "mark": {"type": "circle", "size": 46, "color": MUTED},
            "encoding": {
                "x": {"field": "volatility", "type": "quantitative"},
                "y": {"field": "expected_return", "type": "quantitative"},
                "opacity": {"condition": {"param": "near", "empty": False, "value": 1}, "value": 0.25},
                "tooltip": [
                    {"field": "expected_return", "format": ".1%", "title": "expected return"},
                    {"field": "volatility", "format": ".1%", "title": "volatility"},
                ],
            },
        },
        {
            "data": {"name": "mixes"},
            "mark": {"type": "point", "filled": True, "size": 130, "opacity": 1, "stroke": SURFACE, "strokeWidth": 1},
            "encoding": {
                "x": {"field": "volatility", "type": "quantitative"},
                "y": {"field": "expected_return", "type": "quantitative"},
                "color": COLOUR,
                "shape": {"field": "shape", "type": "nominal", "scale": None},
                "tooltip": [
                    {"field": "label", "title": "mix"},
                    {"field": "expected_return", "format": ".1%", "title": "expected return"},
                    {"field": "volatility", "format": ".1%", "title": "volatility"},
                ],
            },
        },
        {
            "data": {"name": "mixes"},
            "mark": {
                "type": "text",
                "align": {"expr": "datum.side > 0 ? 'left' : 'right'"},
                "dx": {"expr": "11 * datum.side"},
                "dy": {"expr": "datum.nudge"},
                "fontWeight": 600,
                "color": READABLE,
            },
            "encoding": {
                "x": {"field": "volatility", "type": "quantitative"},
                "y": {"field": "expected_return", "type": "quantitative"},
                "text": {"field": "label"},
            },
        },
    ],
}

FALL_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "layer": [
        {
            "data": {"name": "lines"},
            "mark": {"type": "line"},
            "encoding": {
                "x": _axis(
                    "fall",
                    "fall of crypto",
                    scale={"domain": [0, 1.4], "nice": False},
                    axis={"values": [0, 0.25, 0.5, 0.75, 1]},
                ),
                "y": _axis("loss", "effect on the whole portfolio", axis={"format": ".1~%"}),
                "detail": {"field": "mix"},
                "color": COLOUR,
                "strokeWidth": {"field": "stroke", "type": "quantitative", "scale": None},
            },
        },
        {
            "data": {"name": "here"},
            "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1},
            "encoding": {
                "x": {"field": "fall", "type": "quantitative"},
                "y": {"field": "loss", "type": "quantitative"},
                "color": COLOUR,
                "tooltip": [{"field": "text", "title": "effect"}],
            },
        },
        {
            "data": {"name": "ends"},
            "mark": {"type": "text", "align": "left", "dx": 6, "color": READABLE},
            "encoding": {
                "x": {"field": "fall", "type": "quantitative"},
                "y": {"field": "loss", "type": "quantitative"},
                "text": {"field": "mix"},
            },
        },
        {
            "data": {"name": "here"},
            "mark": {"type": "text", "align": "left", "dx": 6, "dy": 15, "fontWeight": 600, "color": READABLE},
            "encoding": {
                "x": {"field": "fall", "type": "quantitative"},
                "y": {"field": "loss", "type": "quantitative"},
                "text": {"field": "text"},
            },
        },
    ],
}
