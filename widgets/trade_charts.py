"""Pictures of the trades: tax against drift, a phased purchase month by month, and how waiting would have gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from planner.wording import money, percent
from widgets.chart_specs import COLOUR, READABLE
from widgets.theme import ACCENT, CHART_CONFIG, INK, MUTED, SURFACE

if TYPE_CHECKING:
    import pandas as pd

    from planner.market.universe import Universe
    from planner.trading.phasing import PhasingHistory, Schedule
    from widgets.charts import Rows

CURVE_HEIGHT, SCHEDULE_HEIGHT, HISTORY_HEIGHT = 280, 240, 220
DOLLARS = "$,.0f"
ROOM_FOR_DOLLARS = 52
"""Points beside an axis whose numbers grow longer while it stands: Vega leaves room for the first ones only."""

CURVE_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "params": [
        {
            "name": "chosen",
            "select": {"type": "point", "fields": ["tracking_price"], "nearest": True},
            "views": ["points"],
        },
        {
            "name": "near",
            "select": {"type": "point", "fields": ["tracking_price"], "nearest": True, "on": "pointerover"},
            "views": ["points"],
        },
        {"name": "cursor", "value": "pointer"},
    ],
    "layer": [
        {
            "data": {"name": "curve"},
            "mark": {"type": "line", "color": MUTED, "strokeWidth": 2, "interpolate": "monotone"},
            "encoding": {
                "x": {
                    "field": "drift",
                    "type": "quantitative",
                    "title": "drift left: share of the portfolio in the wrong class",
                    "axis": {"format": ".1~%", "tickCount": 6, "labelOverlap": True},
                    "scale": {"zero": True, "nice": True},
                },
                "y": {
                    "field": "paid",
                    "type": "quantitative",
                    "title": "tax and costs",
                    "axis": {"format": DOLLARS, "tickCount": 5, "tickMinStep": 1, "minExtent": ROOM_FOR_DOLLARS},
                    "scale": {"zero": True, "nice": True},
                },
                "order": {"field": "tracking_price", "type": "quantitative"},
            },
        },
        {
            "data": {"name": "curve"},
            "name": "points",
            "mark": {"type": "circle", "size": 60, "color": MUTED},
            "encoding": {
                "x": {"field": "drift", "type": "quantitative"},
                "y": {"field": "paid", "type": "quantitative"},
                "opacity": {"condition": {"param": "near", "empty": False, "value": 1}, "value": 0.55},
                "tooltip": [
                    {"field": "cents", "title": "cents for a dollar"},
                    {"field": "drift", "format": ".1%", "title": "drift left"},
                    {"field": "tax", "format": DOLLARS, "title": "tax"},
                    {"field": "cost", "format": DOLLARS, "title": "costs"},
                ],
            },
        },
        {
            "data": {"name": "here"},
            "mark": {"type": "point", "filled": True, "size": 140, "opacity": 1, "stroke": SURFACE, "strokeWidth": 1},
            "encoding": {
                "x": {"field": "drift", "type": "quantitative"},
                "y": {"field": "paid", "type": "quantitative"},
                "color": COLOUR,
                "tooltip": [
                    {"field": "label", "title": "point"},
                    {"field": "drift", "format": ".1%", "title": "drift left"},
                    {"field": "paid", "format": DOLLARS, "title": "tax and costs"},
                ],
            },
        },
        {
            "data": {"name": "here"},
            "mark": {
                "type": "text",
                "align": {"expr": "datum.right ? 'right' : 'left'"},
                "dx": {"expr": "datum.right ? -10 : 10"},
                "dy": -10,
                "fontWeight": 600,
                "color": READABLE,
            },
            "encoding": {
                "x": {"field": "drift", "type": "quantitative"},
                "y": {"field": "paid", "type": "quantitative"},
                "text": {"field": "label"},
            },
        },
    ],
}

SCHEDULE_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "data": {"name": "schedule"},
    "layer": [
        {
            "mark": {"type": "bar", "width": {"band": 0.72}},
            "encoding": {
                "x": {
                    "field": "month",
                    "type": "ordinal",
                    "sort": None,
                    "title": None,
                    "axis": {"labelAngle": 0, "labelOverlap": True, "ticks": False, "labelColor": INK},
                },
                "y": {
                    "field": "amount",
                    "type": "quantitative",
                    "stack": True,
                    "title": "bought",
                    "axis": {"format": DOLLARS, "tickCount": 5, "tickMinStep": 1, "minExtent": ROOM_FOR_DOLLARS},
                },
                "color": COLOUR,
                "order": {"field": "place", "type": "quantitative"},
                "tooltip": [
                    {"field": "month", "title": "month"},
                    {"field": "label", "title": "class"},
                    {"field": "amount", "format": DOLLARS, "title": "bought"},
                ],
            },
        }
    ],
}

HISTORY_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "data": {"name": "history"},
    "layer": [
        {
            "mark": {"type": "bar", "width": {"band": 0.9}},
            "encoding": {
                "x": {
                    "field": "start",
                    "type": "temporal",
                    "timeUnit": "utcyearmonth",
                    "title": "first month",
                    "axis": {"format": "%Y", "tickCount": "year", "labelOverlap": True},
                },
                "y": {
                    "field": "ahead",
                    "type": "quantitative",
                    "title": "phasing in ended ahead by",
                    "axis": {"format": "+.0~%", "tickCount": 5},
                },
                "color": COLOUR,
                "tooltip": [
                    {"field": "start", "type": "temporal", "format": "%B %Y", "title": "first month"},
                    {"field": "ahead", "format": "+.1%", "title": "phasing in ahead by"},
                ],
            },
        }
    ],
}
AHEAD, BEHIND = ACCENT, "#c2703d"
"""Ours: blue where phasing in was the better choice, a brown of the same weight where it was not."""

DAY = "%Y-%m-%d"


def curve_rows(curve: pd.DataFrame | None, here: dict[str, Any] | None = None) -> Rows:
    """One row a price of tracking, cheapest first, and the price that was chosen.

    ``curve`` has columns ``tracking_price``, ``tax``, ``cost`` (dollars) and ``drift`` (decimal); ``here`` has the last
    three and a ``label``.
    """
    points: list[dict[str, Any]] = [
        {
            "tracking_price": float(row["tracking_price"]),
            "cents": f"{100 * row['tracking_price']:.1f}",
            "tax": float(row["tax"]),
            "cost": float(row["cost"]),
            "paid": float(row["tax"] + row["cost"]),
            "drift": float(row["drift"]),
        }
        for _, row in ([] if curve is None else curve.iterrows())
    ]
    if here is None:
        return {"curve": points, "here": []}
    middle = max([here["drift"], *(float(row["drift"]) for row in points)]) / 2
    chosen = {
        "label": here["label"],
        "drift": here["drift"],
        "paid": here["tax"] + here["cost"],
        "colour": ACCENT,
        "right": here["drift"] > middle,
    }
    return {"curve": points, "here": [chosen]}


def curve_alt(rows: Rows) -> str:
    """What the curve shows, in a sentence."""
    points = sorted(rows["curve"], key=lambda point: point["drift"])
    if not points:
        return "Line chart of tax and costs against the drift that is left; nothing is drawn yet."
    first, last = points[0], points[-1]
    here = "".join(f" Yours: {money(point['paid'])} with {percent(point['drift'])} left." for point in rows["here"])
    return (
        "Line chart of tax and costs against the drift that is left, from "
        f"{money(first['paid'])} with {percent(first['drift'])} left to {money(last['paid'])} with "
        f"{percent(last['drift'])} left.{here}"
    )


def schedule_rows(schedule: Schedule, universe: Universe) -> Rows:
    """One row a month and asset class: what is bought of it."""
    rows = []
    for month, bought in schedule.table.iterrows():
        label = f"{bought['day']:%b %Y}" if "day" in schedule.table else f"month {month}"
        by_class = dict.fromkeys(universe.class_names, 0.0)
        for name in schedule.assets:
            by_class[universe.class_of[name]] += float(bought[name])
        rows += [
            {
                "month": label,
                "label": universe[name].label,
                "colour": universe[name].colour,
                "amount": amount,
                "place": place,
            }
            for place, (name, amount) in enumerate(by_class.items())
            if amount
        ]
    return {"schedule": rows}


def schedule_alt(schedule: Schedule) -> str:
    """What the schedule's chart shows, in a sentence."""
    return f"Stacked bar chart of purchases month by month: {schedule.sentence}"


def history_rows(history: PhasingHistory) -> Rows:
    """One row for each start in the past: how far phasing in ended ahead of all at once, as a part of the amount."""
    return {
        "history": [
            {"start": f"{start:{DAY}}", "ahead": -float(lost), "colour": BEHIND if lost > 0 else AHEAD}
            for start, lost in history.table["difference"].items()
        ]
    }


def history_alt(history: PhasingHistory) -> str:
    """What the history's chart shows, in a sentence."""
    return f"Bar chart of how far phasing in ended ahead, by the month it began. {history.sentences[0]}"
