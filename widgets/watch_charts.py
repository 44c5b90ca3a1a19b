"""Pictures of the review: what each class gave to the result, and tilted weights against strategic ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planner.outlook.monitor import TOTAL
from planner.wording import percent
from widgets.account_charts import signed_points
from widgets.chart_specs import COLOUR, RISK_SPEC, ROOM_FOR_LABELS
from widgets.theme import CHART_CONFIG, INK, MUTED

if TYPE_CHECKING:
    import pandas as pd

    from planner.market.universe import Universe
    from planner.policy.tactical import Tactical
    from widgets.charts import Rows

CONTRIBUTION_HEIGHT = 280
TILTS_HEIGHT = 320
TOTAL_LABEL = "Together"
PALE = 0.38

CONTRIBUTION_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "data": {"name": "parts"},
    "encoding": {
        "y": {
            "field": "label",
            "type": "nominal",
            "sort": None,
            "title": None,
            "axis": {"labelLimit": 160, "ticks": False, "domain": False, "labelColor": INK, "labelPadding": 6},
        }
    },
    "layer": [
        {
            "mark": {"type": "rule", "color": MUTED, "strokeWidth": 1, "tooltip": None},
            "encoding": {"x": {"datum": 0, "type": "quantitative"}, "y": None},
        },
        {
            "mark": {"type": "bar", "height": {"band": 0.6}},
            "encoding": {
                "x": {
                    "field": "start",
                    "type": "quantitative",
                    "title": "of what there was at the start",
                    "axis": {"format": ".1~%", "tickCount": 5, "labelOverlap": True},
                },
                "x2": {"field": "end"},
                "color": COLOUR,
                "tooltip": [
                    {"field": "label", "title": "class"},
                    {"field": "weight", "format": ".1%", "title": "target"},
                    {"field": "earned", "format": "+.1%", "title": "earned"},
                    {"field": "part", "format": "+.2%", "title": "gave to the whole"},
                ],
            },
        },
        {
            "mark": {"type": "text", "align": "left", "dx": 8},
            "encoding": {"x": {"field": "right", "type": "quantitative"}, "text": {"field": "text"}},
        },
        {
            **ROOM_FOR_LABELS,
            "transform": [{"calculate": "datum.right > 0 ? 1.3 * datum.right : datum.right", "as": "reach"}],
        },
    ],
}


def contribution_rows(period: pd.DataFrame, universe: Universe) -> Rows:
    """Bars that add up, one a class, each from where the last one ended, and the whole from zero.

    ``period`` is one period of ``Review.performance``.
    """
    rows, end = [], 0.0
    for name, row in period.iterrows():
        whole = name == TOTAL
        part = float(row["contribution"])
        start, end = (0.0, part) if whole else (end, end + part)
        if not whole and row["weight"] == 0:
            continue
        rows.append(
            {
                "label": TOTAL_LABEL if whole else universe[str(name)].label,
                "colour": INK if whole else universe[str(name)].colour,
                "start": start,
                "end": end,
                "right": max(start, end, 0.0),
                "weight": float(row["weight"]),
                "earned": float(row["earned"]),
                "part": part,
                "text": signed_percent(part),
            }
        )
    return {"parts": rows}


def contribution_alt(title: str, rows: Rows) -> str:
    """What the bars add up to, in a sentence."""
    *parts, whole = rows["parts"]
    listed = ", ".join(f"{row['label']} {row['text']}" for row in parts)
    return f"Bar chart of what each class gave to the result {title}: {listed}; {whole['text']} together."


def signed_percent(fraction: float) -> str:
    """A percentage with its sign: '+5.6 %'; of what rounds to nothing '0 %'."""
    shown = percent(fraction)
    return f"+{shown}" if fraction > 0 and shown != "0 %" else shown


TILTS_SPEC: dict[str, Any] = {
    **RISK_SPEC,
    "encoding": {
        **RISK_SPEC["encoding"],
        "yOffset": {"field": "kind", "type": "nominal", "sort": ["strategic", "tilted"]},
    },
    "layer": [
        {
            **RISK_SPEC["layer"][0],
            "encoding": {
                **RISK_SPEC["layer"][0]["encoding"],
                "x": {**RISK_SPEC["layer"][0]["encoding"]["x"], "title": "pale: strategic, full: with the tilts"},
                "tooltip": [
                    {"field": "label", "title": "of"},
                    {"field": "kind", "title": "weight"},
                    {"field": "share", "format": ".1%", "title": "share"},
                ],
            },
        },
        *RISK_SPEC["layer"][1:],
    ],
}


def tilt_rows(tactical: Tactical) -> Rows:
    """Two bars for each class and tilted series: its strategic weight and the one with the tilts in force."""
    universe, rows = tactical.universe, []
    for name, row in tactical.table.iterrows():
        label, colour = _label_and_colour(str(name), universe)
        for kind, opacity in (("strategic", PALE), ("tilted", 1.0)):
            share, moved = float(row[kind]), float(row["difference"])
            said = f"{percent(share)} ({signed_points(moved)})" if kind == "tilted" and moved else percent(share)
            rows.append(
                {
                    "label": label,
                    "colour": colour,
                    "kind": kind,
                    "share": share,
                    "end": share,
                    "opacity": opacity,
                    "text": said,
                }
            )
    return {"shares": rows}


def tilt_alt(tactical: Tactical) -> str:
    """What the tilts in force change, in a sentence."""
    moved = [
        f"{_label_and_colour(str(name), tactical.universe)[0]} {percent(row['strategic'])} to {percent(row['tilted'])}"
        for name, row in tactical.table.iterrows()
        if abs(row["difference"]) > 0
    ]
    changed = ", ".join(moved) if moved else "no tilt is in force, the two are the same"
    return f"Bar chart of strategic against tilted weights: {changed}."


def _label_and_colour(name: str, universe: Universe) -> tuple[str, str]:
    if name in universe.class_names:
        return universe[name].label, universe[name].colour
    kind = universe[universe.class_of[name]]
    series = next(member for member in kind.series if member.name == name)
    return series.label, kind.colour
