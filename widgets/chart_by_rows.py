"""A chart as high as its rows need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from widgets.live_chart import LiveChart

if TYPE_CHECKING:
    from widgets.charts import Rows


class ChartByRows(w.VBox):  # type: ignore[misc]
    """A live chart that is made anew where its height changes, as a drawn one keeps its own."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self._spec = spec
        self.chart: LiveChart | None = None
        super().__init__()

    def show(self, rows: Rows, alt: str, height: int) -> None:
        """Draw rows in a height in pixels, and say what is seen."""
        old = self.chart
        if old is not None and old.height == height:
            if rows != old.rows:
                old.rows, old.alt = rows, alt
            return
        self.chart = LiveChart(self._spec, rows, alt=alt, height=height)
        self.children = [self.chart]
        if old is not None:
            old.close()
