"""Pictures of a projection: the fan of wealth, when money runs out, how deep the mix falls, and past retirements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from planner.outlook.monthly_moments import MONTHS
from planner.wording import money, percent
from widgets.theme import ACCENT, CHART_CONFIG, INK, MUTED, SURFACE, WARNING

if TYPE_CHECKING:
    from planner.outlook.historical_sequences import HistoricalSequences
    from planner.outlook.projection import Projection
    from widgets.charts import Rows

FAN_HEIGHT, RUN_OUT_HEIGHT, FALLS_HEIGHT, RETIREMENTS_HEIGHT = 360, 170, 170, 240
DOLLARS = "$.3~s"
FALL_STEP = 0.05
"""Width of a bar of falls."""

AGE: dict[str, Any] = {
    "field": "age",
    "type": "quantitative",
    "title": "age",
    "axis": {"format": "d", "grid": False, "tickCount": 10, "labelOverlap": True},
    "scale": {"zero": False, "nice": False},
}
HOVER: dict[str, Any] = {
    "name": "hover",
    "select": {"type": "point", "fields": ["age"], "nearest": True, "on": "pointerover", "clear": "pointerout"},
    "views": ["points"],
}


def _band(lower: str, upper: str, opacity: float) -> dict[str, Any]:
    return {
        "data": {"name": "fan"},
        "mark": {"type": "area", "color": ACCENT, "opacity": opacity, "interpolate": "monotone"},
        "encoding": {
            "x": AGE,
            "y": {
                "field": lower,
                "type": "quantitative",
                "title": "money",
                "axis": {"format": DOLLARS, "tickCount": 6, "minExtent": 52},
                "scale": {"zero": True},
            },
            "y2": {"field": upper},
        },
    }


def _at_the_end(style: dict[str, Any]) -> dict[str, Any]:
    mark = {"type": "text", "align": "right", "dx": -6, "dy": -9, "baseline": "middle", "color": INK}
    y = {"field": "value", "type": "quantitative"}
    return {"data": {"name": "ends"}, "mark": mark | style, "encoding": {"x": AGE, "y": y, "text": {"field": "text"}}}


FAN_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "params": [HOVER],
    "layer": [
        _band("p5", "p95", 0.14),
        _band("p25", "p75", 0.24),
        {
            "data": {"name": "fan"},
            "mark": {"type": "line", "color": ACCENT, "strokeWidth": 2.5, "interpolate": "monotone"},
            "encoding": {"x": AGE, "y": {"field": "p50", "type": "quantitative"}},
        },
        {
            "data": {"name": "marks"},
            "mark": {"type": "rule", "color": MUTED, "strokeDash": [3, 3]},
            "encoding": {"x": AGE},
        },
        {
            "data": {"name": "marks"},
            "mark": {
                "type": "text",
                "y": 0,
                "dy": {"expr": "6 + 15 * datum.row"},
                "dx": {"expr": "4 * datum.side"},
                "align": {"expr": "datum.side > 0 ? 'left' : 'right'"},
                "baseline": "top",
                "color": INK,
            },
            "encoding": {"x": AGE, "text": {"field": "text"}},
        },
        _at_the_end({"stroke": SURFACE, "strokeWidth": 4, "strokeJoin": "round", "opacity": 0.75}),
        _at_the_end({}),
        {
            "data": {"name": "fan"},
            "name": "points",
            "mark": {"type": "rule", "color": MUTED},
            "encoding": {
                "x": AGE,
                "opacity": {"condition": {"param": "hover", "empty": False, "value": 0.6}, "value": 0},
                "tooltip": [
                    {"field": "age", "title": "age"},
                    {"field": "year", "title": "year"},
                    *(
                        {"field": field, "title": title, "format": "$,.0f"}
                        for field, title in (
                            ("p95", "one in twenty has more than"),
                            ("p75", "one in four has more than"),
                            ("p50", "half have more than"),
                            ("p25", "one in four has less than"),
                            ("p5", "one in twenty has less than"),
                        )
                    ),
                ],
            },
        },
    ],
}

RUN_OUT_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "layer": [
        {
            "data": {"name": "run_out"},
            "mark": {"type": "area", "color": WARNING, "opacity": 0.25, "line": {"color": WARNING}},
            "encoding": {
                "x": AGE,
                "y": {
                    "field": "part",
                    "type": "quantitative",
                    "title": "of all paths",
                    "axis": {"format": "%", "values": [0, 0.25, 0.5, 0.75, 1]},
                    "scale": {"domain": [0, 1]},
                },
                "tooltip": [
                    {"field": "age", "title": "age"},
                    {"field": "part", "title": "run out by then", "format": ".1%"},
                ],
            },
        }
    ],
}

FALLS_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "layer": [
        {
            "data": {"name": "falls"},
            "mark": {"type": "bar", "color": ACCENT, "opacity": 0.75, "binSpacing": 1},
            "encoding": {
                "x": {
                    "field": "from",
                    "type": "quantitative",
                    "title": "deepest fall of the mix from a high",
                    "axis": {"format": ".0%", "grid": False, "tickCount": 8},
                    "scale": {"nice": False},
                    "bin": {"binned": True},
                },
                "x2": {"field": "to"},
                "y": {"field": "part", "type": "quantitative", "title": "of all paths", "axis": {"format": "%"}},
                "tooltip": [
                    {"field": "text", "title": "deepest fall"},
                    {"field": "part", "title": "of all paths", "format": ".1%"},
                ],
            },
        }
    ],
}

RETIREMENTS_SPEC: dict[str, Any] = {
    "config": CHART_CONFIG,
    "layer": [
        {
            "data": {"name": "retirements"},
            "mark": {"type": "bar", "width": {"band": 0.8}},
            "encoding": {
                "x": {
                    "field": "start",
                    "type": "ordinal",
                    "title": "first year of the retirement",
                    "axis": {"labelAngle": 0, "labelExpr": "toNumber(datum.label) % 10 == 0 ? datum.label : ''"},
                },
                "y": {
                    "field": "lasted",
                    "type": "quantitative",
                    "title": "years the money lasted",
                    "axis": {"format": "d"},
                },
                "color": {
                    "condition": {"test": "datum.failed", "value": WARNING},
                    "value": ACCENT,
                },
                "opacity": {"condition": {"test": "datum.open", "value": 0.35}, "value": 0.85},
                "tooltip": [
                    {"field": "start", "title": "began in"},
                    {"field": "said", "title": "the money"},
                ],
            },
        }
    ],
}


def fan_rows(made: Projection, *, real: bool) -> Rows:
    """Percentiles by year, the goals and retirement, and what stands at the right end."""
    table = made.fan(real=real)
    ages = made.standing.age + np.arange(len(table))
    rows = [
        {"age": int(age), "year": day.year} | {f"p{number:g}": round(float(value), 2) for number, value in row.items()}
        for age, day, row in zip(ages, made.standing.dates[::MONTHS], table.to_dict("records"), strict=True)
    ]
    last = rows[-1]
    said = {"p95": "one in twenty above", "p50": "half above", "p5": "one in twenty below"}
    ends = [
        {"age": last["age"], "value": last[name], "text": f"{text} {short_money(last[name])}"}
        for name, text in said.items()
    ]
    return {"fan": rows, "marks": _marks(made, int(ages[-1])), "ends": _apart(ends, max(last["p95"], 1.0))}


def _marks(made: Projection, last_age: int) -> list[dict[str, Any]]:
    """Retirement and the goals, each on a line of its own, written on the side on which there is room."""
    age = made.standing.age
    found = [(made.retirement_age, "retirement")] if age < made.retirement_age < age + made.years else []
    found += [(age + due.month / MONTHS, due.goal.name) for due in made.terms.dues]
    middle = (age + last_age) / 2
    return [
        {"age": round(at, 2), "text": text, "row": row, "side": 1 if at < middle else -1}
        for row, (at, text) in enumerate(sorted(found))
    ]


def _apart(ends: list[dict[str, Any]], top: float) -> list[dict[str, Any]]:
    """Texts at least a line apart from the one below, the lowest first."""
    line = 18 / FAN_HEIGHT * top
    lowest = -np.inf
    for end in sorted(ends, key=lambda each: each["value"]):
        end["value"] = lowest = max(end["value"], lowest + line)
    return ends


def fan_alt(rows: Rows) -> str:
    """The fan in a sentence."""
    first, last = rows["fan"][0], rows["fan"][-1]
    return (
        f"Fan chart of wealth from age {first['age']} to {last['age']}: at the end half of the paths hold more than "
        f"{short_money(last['p50'])}, one in twenty less than {short_money(last['p5'])}, one in twenty more than "
        f"{short_money(last['p95'])}."
    )


def run_out_rows(made: Projection) -> Rows:
    """Part of the paths that ran out, by age."""
    age = made.standing.age
    return {"run_out": [{"age": age + year, "part": float(part)} for year, part in enumerate(made.run_out)]}


def run_out_alt(made: Projection) -> str:
    """The chart in a sentence."""
    at_end = percent(float(made.run_out.iloc[-1]))
    return f"Area chart of how many paths have run out of money by age: {at_end} at the end."


def falls_rows(made: Projection) -> Rows:
    """How many paths fell how deep at most."""
    falls = made.futures.deepest_falls
    edges = np.arange(-1.0, FALL_STEP / 2, FALL_STEP)
    counts, _ = np.histogram(falls, edges)
    seen = np.flatnonzero(counts)
    return {
        "falls": [
            {
                "from": round(float(edges[place]), 2),
                "to": round(float(edges[place + 1]), 2),
                "part": float(counts[place] / len(falls)),
                "text": f"{percent(-edges[place + 1], 0)} to {percent(-edges[place], 0)}",
            }
            for place in range(seen[0], seen[-1] + 1)
        ]
    }


def falls_alt(made: Projection) -> str:
    """The chart in a sentence."""
    half, worst = (percent(-float(made.falls[number]), 0) for number in (50, 5))
    return f"Bar chart of the mix's deepest fall by path: {half} or more on half of them, {worst} on one in twenty."


def retirements_rows(past: HistoricalSequences) -> Rows:
    """How long the money lasted, by the year in which a retirement began."""
    known = past.wealth.notna().sum(axis=1) - 1
    rows = []
    for start, lasted, seen in zip(past.lasted.index, past.lasted, known, strict=True):
        failed, still = bool(lasted < seen), bool(seen < past.years)
        said = f"ran out after {lasted} years" if failed else f"lasted {lasted} years{' so far' if still else ''}"
        rows.append({"start": int(start), "lasted": int(lasted), "failed": failed, "open": still, "said": said})
    return {"retirements": rows}


def short_money(amount: float) -> str:
    """Money for a label: '$1.2m', '$840k', '$950'."""
    for unit, letter in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(amount) >= unit:
            digits = 0 if abs(amount) >= 100 * unit else 1
            return f"${amount / unit:,.{digits}f}{letter}"
    return money(amount)
