"""A chart that takes new data: one small widget around a Vega view, for JupyterLab and Voila alike."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

import anywidget
import traitlets

from widgets.theme import DARK_SHADES

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = Mapping[str, Any]

DEFAULT_HEIGHT = 300

# The chart script lies where Jupyter serves lab extensions; the page says where that is, behind any base address.
_LOADER = (
    f"const shades = {json.dumps(DARK_SHADES)};"
    + """
const page = JSON.parse(document.getElementById("jupyter-config-data")?.textContent ?? "{}");
const script = new URL(`${page.fullLabextensionsUrl}/modern-portfolio/static/chart.js`, location.href).href;
export default {
  async render(context) {
    try {
      return await (await import(script)).render(context, shades);
    } catch (error) {
      console.error(error);
      context.el.textContent = "This chart could not be drawn, as its script did not load. " +
        "Reload the page; if that does not help, install modern-portfolio again.";
    }
  },
};
"""
)

_STYLE = """
.live-chart { width: 100%; min-width: 0; }
.live-chart .vega-embed { display: block; width: 100%; padding: 0; }
.live-chart-note { color: var(--pl-problem, #a3281f); margin: 4px 0; }
"""


class HasSpec(Protocol):
    """Anything that gives a Vega-Lite specification, such as an `altair.Chart`."""

    def to_dict(self) -> dict[str, Any]:
        """Return the Vega-Lite specification."""


class LiveChart(anywidget.AnyWidget):  # type: ignore[misc]
    """A Vega-Lite chart whose specification is sent once and whose rows can be replaced at any time.

    `chart` is an `altair.Chart` or a Vega-Lite dict whose data sources are named (`altair.NamedData("weights")`,
    `{"data": {"name": "weights"}}`); `rows` maps each such name to its rows, plain JSON values. `alt` is the
    sentence a screen reader says instead of the picture; `height` (pixels) is reserved before the chart is drawn.
    `selection` maps the name of each parameter of the chart to its present value, as the reader set it.
    """

    _esm = _LOADER
    _css = _STYLE

    spec = traitlets.Dict().tag(sync=True)
    rows = traitlets.Dict().tag(sync=True)
    revision = traitlets.Int(0, help="How often the rows were replaced; the page shows the one it drew.").tag(sync=True)
    selection = traitlets.Dict().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    height = traitlets.Int(DEFAULT_HEIGHT, min=1).tag(sync=True)
    key = traitlets.Unicode(help="Names the chart on its page, for downloads.").tag(sync=True)

    def __init__(
        self,
        chart: HasSpec | Mapping[str, Any],
        rows: Mapping[str, Sequence[Row]],
        *,
        alt: str,
        height: int | None = None,
        **traits: Any,
    ) -> None:
        spec = dict(chart) if isinstance(chart, Mapping) else chart.to_dict()
        declared = spec.get("height")
        height = height or (declared if isinstance(declared, int) else DEFAULT_HEIGHT)
        super().__init__(
            spec=_responsive(spec, height), rows=dict(rows), alt=alt, height=height, key=uuid4().hex, **traits
        )

    def __repr__(self) -> str:
        return f"LiveChart({self.alt})"

    def notify_change(self, change: Any) -> None:
        """Send new rows together with their revision, so that the page never sees one without the other."""
        if change["name"] != "rows":
            super().notify_change(change)
            return
        with self.hold_sync():
            self.revision += 1
            super().notify_change(change)

    @traitlets.validate("rows")  # type: ignore[untyped-decorator]
    def _without_missing(self, proposal: Any) -> dict[str, list[Row]]:
        return {name: [_plain(row) for row in rows] for name, rows in proposal["value"].items()}


def _plain(row: Row) -> Row:
    """Return the row with None for NaN and infinity, which JSON does not know and Vega draws as a gap."""
    if any(isinstance(value, float) and not math.isfinite(value) for value in row.values()):
        return {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in row.items()
        }
    return row


def _responsive(spec: dict[str, Any], height: int) -> dict[str, Any]:
    """Return the spec filling its element's width; concatenated and repeated charts keep the size they state."""
    if not ({"layer", "mark"} & spec.keys()) or "facet" in spec:
        return spec
    filled = {"autosize": {"type": "fit", "contains": "padding"}, **spec, "height": height}
    if not isinstance(filled.get("width"), int | float):
        filled["width"] = "container"
    return filled
