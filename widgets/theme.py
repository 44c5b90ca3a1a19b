"""How the app looks: one palette for light and dark, one type scale, one chart theme.

A colour is named once, here. Python's charts write its light shade, the page's style its custom property
(``var(--pl-ink)``), and both turn dark with the reader's setting: the style by ``light-dark()``, the charts as
live_chart.js draws them. Colours of asset classes come from the universe and are the same in both.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple


class Shade(NamedTuple):
    """A colour on light ground, and the same on dark ground."""

    light: str
    dark: str


PALETTE = {
    "ink": Shade("#1d2733", "#e4e9ee"),
    "muted": Shade("#5a6673", "#a3afba"),
    "line": Shade("#d9dfe5", "#3a4551"),
    "edge": Shade("#7d8894", "#7b8793"),
    "surface": Shade("#ffffff", "#171c22"),
    "raised": Shade("#f5f7f9", "#212830"),
    "track": Shade("#e8ecf0", "#323c46"),
    "accent": Shade("#0b5cad", "#74b4f2"),
    "accent-ground": Shade("#eef5fc", "#16293b"),
    "warning": Shade("#9a3412", "#f2a27c"),
    "warning-ink": Shade("#6b240c", "#f7cdb8"),
    "warning-ground": Shade("#fff4ec", "#38231a"),
    "caution": Shade("#b7791f", "#d9a441"),
    "caution-ink": Shade("#7a4d06", "#e8c27a"),
    "caution-ground": Shade("#fff9ec", "#2f2717"),
    "problem": Shade("#a3281f", "#ff8f84"),
}
"""Text on its ground has a contrast of at least 4.5, marks and edges of controls of 3 (WCAG 2.2, 1.4.3 and 1.4.11)."""

TYPE_SCALE = {"tiny": 12, "small": 12.5, "note": 13.5, "body": 15, "heading": 16, "key": 18, "figure": 23, "title": 26}
"""Sizes of text in pixels."""

INK, MUTED, LINE, SURFACE = (PALETTE[name].light for name in ("ink", "muted", "line", "surface"))
RAISED, TRACK, ACCENT, WARNING = (PALETTE[name].light for name in ("raised", "track", "accent", "warning"))
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
STEPS = (
    Shade("#e2a36b", "#a85a1c"),
    Shade("#d47a2a", "#d47a2a"),
    Shade("#a34700", "#eba365"),
    Shade("#6b2e00", "#fbd9b5"),
)
"""Less and more of one thing: the most stands out most from its ground."""

DARK_SHADES = {shade.light: shade.dark for shade in (*PALETTE.values(), *STEPS)}

GROUND = "ground"
"""The name by which a chart's expressions know the colour behind it."""

CHART_CONFIG: dict[str, Any] = {
    "background": SURFACE,
    "font": FONT,
    "params": [{"name": GROUND, "value": SURFACE}],
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "gridColor": TRACK,
        "domainColor": LINE,
        "tickColor": LINE,
    },
    "text": {"color": INK, "fontSize": 12, "font": FONT},
}
"""The one theme of the charts: Vega-Lite's `config`, as `altair.Chart.configure` takes it."""

_PARTS = ("page", "figures", "trades", "watch", "desk", "narrow", "print")


def _tokens() -> str:
    colours = (f"--pl-{name}: light-dark({shade.light}, {shade.dark});" for name, shade in PALETTE.items())
    sizes = (f"--pl-{name}-size: {size}px;" for name, size in TYPE_SCALE.items())
    return f":root {{ {' '.join(colours)} {' '.join(sizes)} --pl-font: {FONT}; }}\n"


# JupyterLab says by an attribute whether its theme is dark; a page of Voila follows the reader's own setting, unless it
# was started with a dark theme. Paper is white.
_SCHEME = """
body[data-voila] { color-scheme: light dark; }
body[data-jp-theme-light=false] { color-scheme: dark; }
@media print { body:is([data-voila], [data-jp-theme-light]) { color-scheme: light; } }
"""

TOKENS = _tokens() + _SCHEME
"""The custom properties that every style of ours is written with; each widget that can stand alone brings them."""

STYLE = TOKENS + "".join(
    Path(__file__).with_name("style").joinpath(f"{part}.css").read_text(encoding="utf-8") for part in _PARTS
)
