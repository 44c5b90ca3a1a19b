"""The picture of a shock: what each class adds to the loss of the whole portfolio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planner.wording import money, percent
from widgets.chart_specs import COLOUR
from widgets.theme import CHART_CONFIG, INK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.outlook.stress import Stress
    from widgets.charts import Rows

EPISODES_HEIGHT, SHOCK_HEIGHT = 380, 260
SMALLEST_LABEL = 0.012
"""Of the portfolio: a thinner part of a bar has no room for its class's name. Ours."""

_NAMES: dict[str, Any] = {
    "field": "name",
    "type": "nominal",
    "sort": None,
    "title": None,
    "axis": {"labelLimit": 190, "ticks": False, "domain": False, "labelColor": INK, "labelPadding": 6},
}
_PARTS_TOOLTIP = [
    {"field": "name", "title": "what"},
    {"field": "label", "title": "class"},
    {"field": "said", "title": "of the portfolio"},
    {"field": "amount", "title": "in money"},
]

EPISODES_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "encoding": {"y": {**_NAMES, "scale": {"paddingInner": 0.3}}},
    "layer": [
        {
            "data": {"name": "parts"},
            "mark": {"type": "bar", "stroke": "white", "strokeWidth": 0.7},
            "encoding": {
                "x": {
                    "field": "start",
                    "type": "quantitative",
                    "title": "change of the whole portfolio",
                    "axis": {"format": ".0%", "tickCount": 6, "labelOverlap": True},
                },
                "x2": {"field": "end"},
                "color": COLOUR,
                "tooltip": _PARTS_TOOLTIP,
            },
        },
        {
            "data": {"name": "parts"},
            "transform": [{"filter": f"abs(datum.end - datum.start) >= {SMALLEST_LABEL} && width > 500"}],
            "mark": {"type": "text", "color": "white", "fontSize": 11, "fontWeight": 600, "clip": True},
            "encoding": {"x": {"field": "middle", "type": "quantitative"}, "text": {"field": "short"}},
        },
        {
            "data": {"name": "totals"},
            "mark": {"type": "text", "align": "left", "dx": 6, "fontWeight": 600},
            "encoding": {"x": {"field": "end", "type": "quantitative"}, "text": {"field": "said"}},
        },
        {
            "data": {"name": "totals"},
            "mark": {"type": "point", "opacity": 0, "tooltip": None},
            "encoding": {"x": {"field": "reach", "type": "quantitative"}},
        },
    ],
}

SHOCK_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "encoding": {"y": _NAMES},
    "layer": [
        {
            "data": {"name": "steps"},
            "mark": {"type": "bar", "height": {"band": 0.62}},
            "encoding": {
                "x": {
                    "field": "start",
                    "type": "quantitative",
                    "title": "change of the whole portfolio, class after class",
                    "axis": {"format": ".1~%", "tickCount": 6, "labelOverlap": True},
                },
                "x2": {"field": "end"},
                "color": COLOUR,
                "tooltip": _PARTS_TOOLTIP,
            },
        },
        {
            "data": {"name": "steps"},
            "mark": {"type": "text", "align": "left", "dx": 6},
            "encoding": {"x": {"field": "right", "type": "quantitative"}, "text": {"field": "said"}},
        },
        {
            "data": {"name": "steps"},
            "mark": {"type": "point", "opacity": 0, "tooltip": None},
            "encoding": {"x": {"field": "reach", "type": "quantitative"}},
        },
    ],
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
        totals.append({"name": name, "end": ends[False], "reach": 0.16, "said": total})
    return {"parts": parts, "totals": totals}


def episodes_alt(rows: Rows) -> str:
    """The chart in words."""
    return "Change of the whole portfolio. " + " ".join(f"{row['name']}: {row['said']}." for row in rows["totals"])


def shock_rows(stress: Stress) -> Rows:
    """A waterfall: each class begins where the one before ended; the last bar is the whole."""
    steps, reached = [], 0.0
    for part in _classes(stress):
        after = reached + part["contribution"]
        said = f"{percent(part['contribution'], 2)}, {part['amount']}"
        steps.append({**part, "name": part["label"], "start": reached, "end": after, "said": said})
        reached = after
    whole = money(stress.change * stress.amount, stress.currency)
    said = f"{percent(stress.change, 2)}, {whole}"
    steps.append({"name": "Whole portfolio", "label": "all", "colour": INK, "start": 0.0, "end": reached, "said": said})
    steps[-1]["amount"] = whole
    ends = [step[side] for step in steps for side in ("start", "end")]
    reach = max(ends) + 0.4 * max(max(ends) - min(ends), 0.001)
    return {"steps": [{**step, "right": max(step["start"], step["end"]), "reach": reach} for step in steps]}


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
            "short": universe[str(name)].label.split()[0],
            "colour": universe[str(name)].colour,
            "contribution": float(row["contribution"]),
            "said": percent(float(row["contribution"]), 2),
            "amount": money(float(row["amount"]), stress.currency),
        }
        for name, row in stress.table.iterrows()
    ]
