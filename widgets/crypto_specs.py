"""What the pictures of a crypto sleeve look like: Vega-Lite specifications whose rows come later."""

from __future__ import annotations

import textwrap
from typing import Any

from planner.policy.index_history import SURVIVORS
from widgets.backtest_charts import DAY, GROWTH_SPEC, hover
from widgets.chart_specs import COLOUR, RISK_SPEC, ROOM_FOR_LABELS
from widgets.crypto_charts import RISK_OF_SURVIVORS
from widgets.theme import CHART_CONFIG, INK, MUTED, SURFACE

COINS_HEIGHT, PAST_HEIGHT, WEIGHTS_HEIGHT, RISK_HEIGHT = 340, 420, 380, 290

NOTE_LETTERS = (46, 84, 120)
SMALL_LETTER, LETTER_PIXELS, MARGIN_PIXELS = 6.3, 7.0, 6.0
"""Letters in a line of the note on a chart, as its width allows; what one takes there and in a name, and what stands
beside a name in its stripe. Ours."""


def _note(said: str) -> dict[str, Any]:
    """A note that is part of the picture, below the plot, in as many lines as its width asks for."""
    narrow, middle, wide = (textwrap.wrap(said, letters) for letters in NOTE_LETTERS)
    least, more = (SMALL_LETTER * letters for letters in NOTE_LETTERS[1:])
    return {
        "text": {"expr": f"width < {least} ? {narrow} : width < {more} ? {middle} : {wide}"},
        "orient": "bottom",
        "anchor": "start",
        "fontSize": 12,
        "fontWeight": "normal",
        "color": MUTED,
        "offset": 8,
    }


COINS_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "data": {"name": "coins"},
    "encoding": {
        "y": {
            "field": "coin",
            "type": "nominal",
            "sort": {"field": "rank", "op": "min"},
            "title": None,
            "axis": {"ticks": False, "domain": False, "labelColor": INK, "labelPadding": 6},
        }
    },
    "layer": [
        {
            "mark": {"type": "bar", "height": {"band": 0.66}, "stroke": SURFACE, "strokeWidth": 0.7},
            "encoding": {
                "x": {
                    "field": "share",
                    "type": "quantitative",
                    "stack": True,
                    "title": "share of the sleeve",
                    "axis": {"format": ".0%", "tickCount": 5, "labelOverlap": True},
                },
                "color": COLOUR,
                "order": {"field": "place", "type": "quantitative"},
                "tooltip": [
                    {"field": "coin", "title": "coin"},
                    {"field": "index", "title": "in"},
                    {"field": "share", "format": ".1%", "title": "share of the sleeve"},
                    {"field": "amount", "title": "amount"},
                ],
            },
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 6},
            "encoding": {"x": {"field": "end", "type": "quantitative"}, "text": {"field": "text"}},
        },
        {**ROOM_FOR_LABELS, "transform": [{"calculate": "1.5 * datum.end", "as": "reach"}]},
    ],
}

PAST_SPEC: dict[str, Any] = {**GROWTH_SPEC, "title": _note(SURVIVORS)}


def _name(style: dict[str, Any]) -> dict[str, Any]:
    return {
        "data": {"name": "names"},
        "transform": [
            {"filter": f"datum.last || datum.part * width >= {LETTER_PIXELS} * length(datum.text) + {MARGIN_PIXELS}"}
        ],
        "mark": {
            "type": "text",
            "align": {"expr": "datum.last ? 'right' : 'center'"},
            "dx": {"expr": f"datum.last ? -{MARGIN_PIXELS} : 0"},
            "fontWeight": 600,
            **style,
        },
        "encoding": {"x": DAY, "y": {"field": "at", "type": "quantitative"}, "text": {"field": "text"}},
    }


WEIGHTS_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "title": _note(SURVIVORS),
    "params": [hover("months")],
    "layer": [
        {
            "data": {"name": "weights"},
            "mark": {"type": "area", "interpolate": "step-after", "stroke": SURFACE, "strokeWidth": 0.4},
            "encoding": {
                "x": DAY,
                "y": {
                    "field": "low",
                    "type": "quantitative",
                    "title": "part of the index",
                    "scale": {"domain": [0, 1]},
                    "axis": {"format": ".0%", "tickCount": 5},
                },
                "y2": {"field": "high"},
                "detail": {"field": "coin"},
                "color": COLOUR,
            },
        },
        _name({"stroke": SURFACE, "strokeWidth": 3, "strokeJoin": "round"}),
        _name({}),
        {
            "data": {"name": "months"},
            "name": "months",
            "mark": {"type": "rule", "color": INK},
            "encoding": {
                "x": DAY,
                "opacity": {"condition": {"param": "hover", "empty": False, "value": 0.6}, "value": 0},
                "tooltip": [
                    {"field": "day", "type": "temporal", "title": "from", "format": "%B %Y"},
                    {"field": "held", "title": "held"},
                ],
            },
        },
    ],
}

_BARS, *_TEXTS = RISK_SPEC["layer"]
ADDED_SPEC: dict[str, Any] = {
    **RISK_SPEC,
    "title": _note(RISK_OF_SURVIVORS),
    "encoding": {
        **RISK_SPEC["encoding"],
        "y": {**RISK_SPEC["encoding"]["y"], "sort": {"field": "place", "op": "min"}},
    },
    "layer": [
        {
            **_BARS,
            "encoding": {
                **_BARS["encoding"],
                "tooltip": [
                    {"field": "label", "title": "index"},
                    {"field": "kind", "title": "of the"},
                    {"field": "share", "format": ".1%", "title": "share"},
                    {"field": "added", "format": ".2%", "title": "adds to volatility"},
                ],
            },
        },
        *_TEXTS,
    ],
}
