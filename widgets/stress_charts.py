"""The picture of a shock: what each class adds to the loss of the whole portfolio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planner.wording import money, percent
from widgets.account_charts import ink_on
from widgets.chart_specs import COLOUR
from widgets.theme import CHART_CONFIG, INK, SURFACE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.outlook.stress import Stress
    from widgets.charts import Rows

EPISODES_HEIGHT, SHOCK_HEIGHT = 420, 320
LETTER_PIXELS, MARGIN_PIXELS = 7.0, 6.0
"""What a letter of a class's name takes in a bar, and what stands beside it; a narrower part is bare. Ours."""

_ROWS: dict[str, Any] = {"field": "name", "type": "nominal", "sort": None, "axis": None}
_PARTS_TOOLTIP = [
    {"field": "name", "title": "what"},
    {"field": "label", "title": "class"},
    {"field": "said", "title": "of the portfolio"},
    {"field": "amount", "title": "in money"},
]


def _bars(name: str, title: str, **mark: Any) -> dict[str, Any]:
    """Bars in the lower half of their rows, so that the words above them have the whole width of the plot."""
    return {
        "data": {"name": name},
        "mark": {"type": "bar", "height": {"band": 0.44}, "yOffset": 8, **mark},
        "encoding": {
            "x": {
                "field": "start",
                "type": "quantitative",
                "title": title,
                "axis": {"format": ".2~%", "tickCount": 5, "labelOverlap": True},
            },
            "x2": {"field": "end"},
            "color": COLOUR,
            "tooltip": _PARTS_TOOLTIP,
        },
    }


def _words(name: str) -> dict[str, Any]:
    return {
        "data": {"name": name},
        "mark": {"type": "text", "align": "left", "dy": -10},
        "encoding": {
            "x": {"value": 2},
            "text": {"field": "words"},
            "opacity": {"condition": {"test": "datum.still", "value": 0.6}, "value": 1},
        },
    }


EPISODES_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "encoding": {"y": _ROWS},
    "layer": [
        _bars("parts", "change of the whole portfolio", stroke=SURFACE, strokeWidth=0.7),
        {
            "data": {"name": "parts"},
            "transform": [
                {"filter": f"datum.room * width >= {LETTER_PIXELS} * length(datum.label) + {MARGIN_PIXELS}"},
            ],
            "mark": {"type": "text", "fontSize": 11, "fontWeight": 600, "dy": 8},
            "encoding": {
                "x": {"field": "middle", "type": "quantitative"},
                "text": {"field": "label"},
                "color": {"field": "ink", "type": "nominal", "scale": None},
            },
        },
        _words("totals"),
    ],
}

SHOCK_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "encoding": {"y": _ROWS},
    "layer": [_bars("steps", "change of the whole portfolio, class after class"), _words("steps")],
}


def episodes_rows(pairs: Sequence[tuple[str, Stress]]) -> Rows:
    """Bars of portfolios through episodes: losses stacked leftwards and gains rightwards from zero."""
    parts, totals = [], []
    for name, stress in pairs:
        ends = {True: 0.0, False: 0.0}
        for part in _classes(stress):
            down = part["contribution"] < 0
            start, ends[down] = ends[down], ends[down] + part["contribution"]
            middle = (start + ends[down]) / 2
            parts.append({**part, "name": name, "start": start, "end": ends[down], "middle": middle})
        total = f"{percent(stress.change)}, {money(stress.change * stress.amount, stress.currency)}"
        totals.append({"name": name, "said": total, "words": f"{name}: {total}", "still": False})
    reached = [0.0, *(part["end"] for part in parts)]
    span = max(reached) - min(reached)
    for part in parts:
        part["room"] = abs(part["end"] - part["start"]) / (span or 1.0)
    return {"parts": parts, "totals": totals}


def episodes_alt(rows: Rows) -> str:
    """The chart in words."""
    return "Change of the whole portfolio. " + " ".join(f"{row['name']}: {row['said']}." for row in rows["totals"])


def shock_rows(stress: Stress) -> Rows:
    """A waterfall: each class begins where the one before ended; the last bar is the whole."""
    steps, reached = [], 0.0
    for part in _classes(stress):
        after = reached + part["contribution"]
        steps.append({**part, "name": part["label"], "start": reached, "end": after})
        reached = after
    whole = {"said": percent(stress.change, 2), "amount": money(stress.change * stress.amount, stress.currency)}
    steps.append({"name": "Whole portfolio", "label": "all", "colour": INK, "start": 0.0, "end": reached, **whole})
    for step in steps:
        step["still"] = step["start"] == step["end"]
        step["words"] = f"{step['name']}: {step['said']}" + ("" if step["still"] else f", {step['amount']}")
    return {"steps": steps}


def shock_alt(stress: Stress) -> str:
    """The chart in words."""
    universe = stress.market.universe
    felt = [f"{universe[str(name)].label} {percent(part, 2)}" for name, part in stress.table["contribution"].items()]
    return f"{stress.sentence} By class: {', '.join(felt)}."


def _classes(stress: Stress) -> list[dict[str, Any]]:
    universe = stress.market.universe
    return [
        {
            "label": universe[str(name)].label,
            "colour": universe[str(name)].colour,
            "ink": ink_on(universe[str(name)].colour),
            "contribution": float(row["contribution"]),
            "said": percent(float(row["contribution"]), 2),
            "amount": money(float(row["amount"]), stress.currency),
        }
        for name, row in stress.table.iterrows()
    ]
