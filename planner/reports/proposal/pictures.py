"""The charts of a proposal: specifications with their data, and what each of them shows, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from planner.reports.blocks import Chart
from planner.reports.charts import ROOM
from planner.wording import money, percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from planner.market.universe import Universe

WIDTH = 520
"""Pixels; a chart is printed as wide as the text."""
BAR_ROW, FAN_HEIGHT = 22, 230
ACCENT, REST = "#0b5cad", "#9aa7b4"
GAP = 5
TEXT_ROOM = 0.6
"""Beyond the longest bar, as a part of it. Ours."""
OF_MONEY, OF_RISK = "of the money", "of the risk"


def money_and_risk(weights: Mapping[str, float], risk: Mapping[str, float], universe: Universe) -> Chart:
    """Each class's share of the money beside its share of the risk."""
    held = [each for each in universe.classes if max(weights[each.name], abs(risk[each.name])) >= SMALLEST]
    rows = [
        {
            "class": each.label,
            "colour": each.colour,
            "of": of,
            "share": max(share, 0.0),
            "text": f"{percent(share)} {of}",
        }
        for each in held
        for of, share in ((OF_MONEY, weights[each.name]), (OF_RISK, risk[each.name]))
    ]
    said = (f"{each.label} {percent(weights[each.name])} and {percent(risk[each.name])}" for each in held)
    spec = _bars(rows, "class", [OF_MONEY, OF_RISK])
    spec["layer"][0]["encoding"] |= {
        "color": {"field": "colour", "type": "nominal", "scale": None},
        "opacity": {"field": "of", "type": "nominal", "scale": {"range": [1, 0.5]}, "legend": None},
    }
    caption = "Shares of the money (solid) and of the risk (pale): what moves the portfolio is not what is biggest."
    return Chart(caption, spec, f"Shares of the money and of the risk: {'; '.join(said)}.")


SMALLEST = 0.0005
"""A share that reads as 0 %. Ours."""


def by_group(caption: str, table: pd.DataFrame, first: str) -> Chart:
    """Bars of a table's values, decimals: a group a row, a bar a column; the column ``first`` is set off.

    Where all values are losses, the bars are as long as the losses are large.
    """
    columns = [str(name) for name in table.columns]
    sign = -1.0 if bool((table <= 0).all(axis=None)) else 1.0
    rows = [
        {"group": str(group), "of": name, "share": sign * float(value), "text": f"{percent(float(value))}, {name}"}
        for group, values in table.iterrows()
        for name, value in zip(columns, values, strict=True)
    ]
    spec = _bars(rows, "group", columns)
    spec["layer"][0]["encoding"]["color"] = {
        "condition": {"test": {"field": "of", "equal": first}, "value": ACCENT},
        "value": REST,
    }
    groups = (
        f"{group}: " + ", ".join(f"{name} {percent(float(value))}" for name, value in zip(columns, values, strict=True))
        for group, values in table.iterrows()
    )
    return Chart(caption, spec, f"{'; '.join(groups)}.")


def _bars(rows: Sequence[Mapping[str, Any]], group: str, order: Sequence[str]) -> dict[str, Any]:
    """Grouped bars, one for each ``of``, with their text to the right."""
    groups = list(dict.fromkeys(row[group] for row in rows))
    shares = [row["share"] for row in rows]
    reach = max(*map(abs, shares), SMALLEST)
    shared: dict[str, Any] = {
        "y": {
            "field": group,
            "type": "nominal",
            "sort": groups,
            "title": None,
            "axis": {"ticks": False, "domain": False, "labelPadding": 8},
        },
        "yOffset": {"field": "of", "type": "nominal", "sort": list(order)},
        "x": {
            "field": "share",
            "type": "quantitative",
            "scale": {"domain": [min(0.0, *shares), max(0.0, *shares) + TEXT_ROOM * reach], "nice": False},
            "axis": None,
        },
    }
    return {
        "width": WIDTH,
        "height": BAR_ROW * len(rows),
        "data": {"values": [{**row, "end": max(row["share"], 0.0)} for row in rows]},
        "layer": [
            {"mark": {"type": "bar", "height": {"band": 0.8}}, "encoding": dict(shared)},
            {
                "mark": {"type": "text", "align": "left", "dx": GAP, "baseline": "middle"},
                "encoding": {
                    **shared,
                    "x": {**shared["x"], "field": "end"},
                    "text": {"field": "text", "type": "nominal"},
                },
            },
        ],
    }


def fan(percentiles: pd.DataFrame, horizon: int, currency: str) -> Chart:
    """Percentiles of wealth by year in today's money, up to ``horizon`` years and labelled there."""
    shown = percentiles.iloc[: horizon + 1]
    levels = [float(level) for level in shown.columns]
    names = [f"p{level:g}" for level in levels]
    values, days = shown.to_numpy(), pd.DatetimeIndex(shown.index)
    rows = [
        {"year": day.year + (day.month - 1) / 12, **dict(zip(names, map(float, at), strict=True))}
        for day, at in zip(days, values, strict=True)
    ]
    last = rows[-1]

    def rounded(level: float) -> str:
        return money(float(f"{last[f'p{level:g}']:.3g}"), currency)

    ends = [{"year": last["year"], "wealth": last[f"p{level:g}"], "text": rounded(level)} for level in levels]
    outer, inner = (levels[0], levels[-1]), (levels[1], levels[-2])
    x = {
        "field": "year",
        "type": "quantitative",
        "title": None,
        "scale": {"zero": False, "nice": False},
        "axis": {"format": "d", "grid": False, "tickMinStep": 1},
    }
    y = {"type": "quantitative", "title": f"wealth in today's money, {currency}", "axis": {"format": "~s"}}
    bands: list[dict[str, Any]] = [
        {
            "mark": {"type": "area", "color": ACCENT, "opacity": opacity},
            "encoding": {"x": x, "y": y | {"field": f"p{low:g}"}, "y2": {"field": f"p{high:g}"}},
        }
        for (low, high), opacity in ((outer, 0.16), (inner, 0.26))
    ]
    spec = {
        "width": WIDTH - 80,
        "height": FAN_HEIGHT,
        "padding": {"right": 80, "left": ROOM, "top": 8, "bottom": 5},
        "data": {"values": rows},
        "layer": [
            *bands,
            {"mark": {"type": "line", "color": ACCENT}, "encoding": {"x": x, "y": y | {"field": "p50"}}},
            {
                "data": {"values": ends},
                "mark": {"type": "text", "align": "left", "dx": 6, "clip": False},
                "encoding": {"x": x, "y": y | {"field": "wealth"}, "text": {"field": "text", "type": "nominal"}},
            },
        ],
    }
    said = ", ".join(f"{percent(level / 100, 0)} of the paths below {rounded(level)}" for level in levels)
    caption = (
        "What may become of the money: the line is the middle path; half of the paths run within the dark band, nine "
        "in ten within the pale one."
    )
    return Chart(caption, spec, f"Wealth after {horizon} years, in today's money: {said}.")
