"""Pictures of how crypto moves with everything else: over time, in calm and in stress, class by class."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from planner.outlook.correlation import TYPICAL
from widgets.chart_specs import COLOUR, READABLE
from widgets.theme import ACCENT, CHART_CONFIG, INK, MUTED, RAISED, SURFACE

if TYPE_CHECKING:
    import pandas as pd

    from planner.market.universe import Universe
    from planner.outlook.correlation import RiseTest
    from widgets.charts import Rows

LINES_HEIGHT, MAP_HEIGHT, STATES_HEIGHT, RISE_HEIGHT = 320, 250, 240, 180
STATE_NAMES = {"all": "All months", "calm": "Calm", "stress": "Stress"}
STATE_COLOURS = {"calm": ACCENT, "stress": "#b35806"}
TWO = ".2f"
NARROW = 480
"""Pixels of a plot below which names are cut to what fits beside the lines. Ours."""
REACH = {False: 0.28, True: 0.75}
"""Of the time shown: what is left free for names beside the lines, in a wide plot and in a narrow one. Ours."""

_TIME = {
    "field": "month",
    "type": "temporal",
    "title": None,
    "axis": {"tickCount": 6, "labelOverlap": True, "labelExpr": "datum.value > now() ? '' : datum.label"},
}
_CORRELATION: dict[str, Any] = {
    "type": "quantitative",
    "title": "correlation with crypto",
    "axis": {"format": ".1f", "tickCount": 6},
}

LINES_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "layer": [
        {
            "data": {"name": "typical"},
            "mark": {"type": "rect", "color": MUTED, "opacity": 0.12},
            "encoding": {
                "y": {"field": "low", **_CORRELATION},
                "y2": {"field": "high"},
            },
        },
        {
            "data": {"name": "band"},
            "mark": {"type": "area", "opacity": 0.18},
            "encoding": {
                "x": _TIME,
                "y": {"field": "lower", "type": "quantitative"},
                "y2": {"field": "upper"},
                "color": COLOUR,
            },
        },
        {
            "data": {"name": "lines"},
            "mark": {"type": "line"},
            "encoding": {
                "x": _TIME,
                "y": {"field": "correlation", "type": "quantitative"},
                "color": COLOUR,
                "strokeWidth": {"condition": {"test": "datum.chosen", "value": 3}, "value": 1.4},
                "detail": {"field": "label"},
                "tooltip": [
                    {"field": "label", "title": "class"},
                    {"field": "month", "type": "temporal", "format": "%b %Y", "title": "month"},
                    {"field": "correlation", "format": TWO, "title": "correlation with crypto"},
                ],
            },
        },
        {
            "data": {"name": "ends"},
            "transform": [{"calculate": f"width < {NARROW} ? datum.brief : datum.said", "as": "words"}],
            "mark": {"type": "text", "align": "left", "dx": 6, "fontWeight": 600, "color": READABLE},
            "encoding": {
                "x": _TIME,
                "y": {"field": "place", "type": "quantitative"},
                "text": {"field": "words"},
            },
        },
        {
            "data": {"name": "reach"},
            "transform": [{"filter": f"datum.narrow == (width < {NARROW})"}],
            "mark": {"type": "point", "opacity": 0, "tooltip": None},
            "encoding": {"x": _TIME, "y": {"field": "place", "type": "quantitative"}},
        },
    ],
}

_CELL = "scale('color', datum.correlation)"
MAP_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "data": {"name": "cells"},
    "encoding": {
        "x": {
            "field": "column",
            "type": "nominal",
            "sort": None,
            "title": None,
            "axis": {"orient": "top", "labelAngle": -30, "ticks": False, "domain": False},
        },
        "y": {
            "field": "row",
            "type": "nominal",
            "sort": None,
            "title": None,
            "axis": {"ticks": False, "domain": False},
        },
    },
    "layer": [
        {
            "mark": {"type": "rect", "stroke": SURFACE},
            "encoding": {
                "color": {
                    "field": "correlation",
                    "type": "quantitative",
                    "scale": {"domain": [-1, 1], "range": ["#b35806", RAISED, ACCENT], "interpolate": "lab"},
                    "legend": None,
                },
                "tooltip": [
                    {"field": "row", "title": "class"},
                    {"field": "column", "title": "with"},
                    {"field": "correlation", "format": TWO},
                ],
            },
        },
        {
            "mark": {
                "type": "text",
                "color": {"expr": f"contrast('white', {_CELL}) > contrast('black', {_CELL}) ? 'white' : 'black'"},
            },
            "encoding": {
                "text": {"field": "correlation", "type": "quantitative", "format": TWO},
            },
        },
    ],
}

_BY_STATE: dict[str, Any] = {"field": "state", "type": "nominal", "sort": ["Calm", "Stress"]}
STATES_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "data": {"name": "states"},
    "encoding": {
        "y": {"field": "label", "type": "nominal", "sort": None, "title": None, "axis": {"ticks": False}},
        "yOffset": _BY_STATE,
        "color": COLOUR,
        "tooltip": [
            {"field": "label", "title": "class"},
            {"field": "state", "title": "months"},
            {"field": "correlation", "format": TWO},
            {"field": "lower", "format": TWO, "title": "nine in ten from"},
            {"field": "upper", "format": TWO, "title": "to"},
        ],
    },
    "layer": [
        {
            "mark": {"type": "rule", "strokeWidth": 2.5},
            "encoding": {"x": {"field": "lower", **_CORRELATION}, "x2": {"field": "upper"}},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1},
            "encoding": {"x": {"field": "correlation", "type": "quantitative"}},
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 11},
            "encoding": {"x": {"field": "upper", "type": "quantitative"}, "text": {"field": "state"}},
        },
        {
            "transform": [{"calculate": f"datum.upper + (width < {NARROW} ? 0.3 : 0.12)", "as": "reach"}],
            "mark": {"type": "point", "opacity": 0, "tooltip": None},
            "encoding": {"x": {"field": "reach", "type": "quantitative"}},
        },
    ],
}

RISE_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "layer": [
        {
            "data": {"name": "rise"},
            "mark": {"type": "line", "color": ACCENT, "strokeWidth": 2},
            "encoding": {
                "x": _TIME,
                "y": {"field": "statistic", "type": "quantitative", "title": "z, the rise in standard errors"},
                "tooltip": [
                    {"field": "month", "type": "temporal", "format": "%b %Y"},
                    {"field": "statistic", "format": TWO, "title": "z"},
                ],
            },
        },
        {
            "data": {"name": "line"},
            "mark": {"type": "rule", "color": INK, "strokeDash": [4, 3]},
            "encoding": {"y": {"field": "critical", "type": "quantitative"}},
        },
        {
            "data": {"name": "line"},
            "mark": {"type": "text", "align": "right", "dy": -7},
            "encoding": {
                "x": {"value": "width"},
                "y": {"field": "critical", "type": "quantitative"},
                "text": {"field": "label"},
            },
        },
    ],
}


def lines_rows(table: pd.DataFrame, band: pd.DataFrame | None, chosen: str, universe: Universe) -> Rows:
    """Correlations by month-end and class, names at their ends kept apart, and the band of the chosen class."""
    last = table.index[-1]
    gap = 0.055 * float(table.max().max() - table.min().min() or 1)
    ends, place = [], float("-inf")
    for name, value in table.iloc[-1].sort_values().items():
        place = max(float(value), place + gap)
        held = universe[str(name)]
        said, brief = f"{held.label} {value:.2f}", f"{_brief(held.label)} {value:.2f}"
        ends.append({"month": _day(last), "place": place, "said": said, "brief": brief, "colour": held.colour})
    lines = [
        {
            "month": _day(month),
            "label": universe[str(name)].label,
            "colour": universe[str(name)].colour,
            "correlation": float(value),
            "chosen": name == chosen,
        }
        for name, column in table.items()
        for month, value in column.items()
    ]
    colour = universe[chosen].colour
    bands = (
        []
        if band is None
        else [
            {"month": _day(month), "lower": float(row["lower"]), "upper": float(row["upper"]), "colour": colour}
            for month, row in band.iterrows()
        ]
    )
    shown = last - table.index[0]
    return {
        "lines": lines,
        "ends": ends,
        "band": bands,
        "typical": [{"low": TYPICAL[0], "high": TYPICAL[1]}],
        "reach": [
            {"month": _day(last + shown * part), "place": ends[0]["place"], "narrow": narrow}
            for narrow, part in REACH.items()
        ],
    }


def map_rows(matrix: pd.DataFrame, universe: Universe) -> Rows:
    """The cells of a correlation matrix."""
    return {
        "cells": [
            {"row": _brief(universe[str(row)].label), "column": _brief(universe[str(name)].label), "correlation": value}
            for row, values in matrix.iterrows()
            for name, value in values.items()
        ]
    }


def map_alt(matrix: pd.DataFrame, universe: Universe, state: str) -> str:
    """Which classes move together most and least, in a sentence."""
    numbers, places = matrix.to_numpy(), combinations(range(len(matrix)), 2)
    pairs = {(matrix.columns[one], matrix.columns[other]): float(numbers[one, other]) for one, other in places}
    ends = [
        f"{universe[one].label} and {universe[other].label} ({pairs[one, other]:.2f})"
        for one, other in (max(pairs, key=pairs.__getitem__), min(pairs, key=pairs.__getitem__))
    ]
    return (
        f"Map of the correlations of the asset classes, {STATE_NAMES[state].lower()}: highest between {ends[0]}, "
        f"lowest between {ends[1]}."
    )


def states_rows(table: pd.DataFrame, universe: Universe) -> Rows:
    """Crypto's correlations in calm and in stress, with their bands."""
    return {
        "states": [
            {
                "label": universe[str(name)].label,
                "state": STATE_NAMES[state],
                "colour": colour,
                **{kind: float(row[state, kind]) for kind in ("correlation", "lower", "upper")},
            }
            for name, row in table.iterrows()
            for state, colour in STATE_COLOURS.items()
        ]
    }


def rise_rows(test: RiseTest, critical: float) -> Rows:
    """The test's statistic by month-end, and the line above which a rise counts."""
    statistic = test.table["statistic"]
    return {
        "rise": [{"month": _day(month), "statistic": float(value)} for month, value in statistic.items()],
        "line": [{"critical": critical, "label": f"a rise, above {critical:.2f}"}],
    }


def _brief(label: str) -> str:
    return label.partition(" and ")[0]


def _day(month: Any) -> str:
    return f"{month:%Y-%m-%d}T00:00:00"
