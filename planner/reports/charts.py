"""Charts of a paper as vector pictures, drawn on this computer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from planner.errors import PlannerError

if TYPE_CHECKING:
    from planner.reports.blocks import Chart

VEGA_LITE = "6.4"
ROOM = 24
"""Pixels on either side, for readers whose typeface is wider than the one that words were measured in. Ours."""
INK, MUTED, LINE = "#1d2733", "#5a6673", "#d9dfe5"

CONFIG: dict[str, Any] = {
    "background": None,
    "padding": {"left": ROOM, "right": ROOM, "top": 5, "bottom": 5},
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "gridColor": "#e6eaee",
        "domainColor": LINE,
        "tickColor": LINE,
        "labelLimit": 240,
    },
    "text": {"color": INK, "fontSize": 12},
}
"""Ours: muted axes, so that the marks speak."""


def to_svg(chart: Chart, font: str) -> str:
    """A chart as SVG, its text in a font by name; data come with the specification, and nothing is fetched.

    A specification that cannot be drawn is a PlannerError.
    """
    import vl_convert

    config = CONFIG | {"font": font}
    try:
        # As text, because a mapping would be changed by numpy's numbers inside it.
        spec = json.dumps({**chart.spec, "config": config}, default=float)
        svg: str = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, allowed_base_urls=[])
    except ValueError as error:
        raise PlannerError(f"The chart '{chart.caption}' could not be drawn.") from error
    return svg
