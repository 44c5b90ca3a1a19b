"""How sure the frontier is: the band of frontiers that other histories would have drawn, on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w
from traitlets import List

from widgets import tables
from widgets.charts import band_rows
from widgets.runner import Task, sentence_for

if TYPE_CHECKING:
    from widgets.session import Session

LABEL = "Show how sure this line is"
MEANING = (
    "A hundred histories that might as well have happened each draw a line of their own. With nine of ten of them your "
    "mix would really have been in the band: the further it lies below the line, the less the line can promise."
)


class BandPanel(w.VBox):  # type: ignore[misc]
    """A switch, and how far the making of the band is, with a way to stop it; ``rows`` are the finished band's."""

    rows = List()

    def __init__(self, session: Session) -> None:
        self.session = session
        self._task: Task | None = None
        self.on = w.Checkbox(False, indent=False, description=LABEL)
        self.bar = w.FloatProgress(min=0, max=1, layout={"flex": "1 1 auto", "width": "auto"})
        self.stop = w.Button(description="Stop", icon="stop")
        self.running = w.HBox([self.bar, self.stop], layout={"display": "none"})
        self.said = w.HTML()
        super().__init__([self.on, self.running, self.said])
        self.on.observe(lambda _: self._follow(), "value")
        self.stop.on_click(lambda _: setattr(self.on, "value", False))
        session.observe(lambda _: self._follow(), "plan")

    def _follow(self) -> None:
        if self._task is not None:
            self._task.stop()
            self._task = None
        plan = self.session.plan
        if not self.on.value or plan is None:
            self._show([], "")
            return
        self.bar.value = 0.0
        self._task = Task(plan.resampled, self._made, self._failed, self._working)

    def _working(self, fraction: float) -> None:
        self.rows = []
        self.bar.value = fraction
        self.running.layout.display = None

    def _made(self, resampled: Any) -> None:
        self._task = None
        self._show(band_rows(resampled), f"<p class='pl-muted'>{MEANING}</p>")

    def _failed(self, error: Exception) -> None:
        self._task = None
        self._show([], tables.blockers([sentence_for(error)]))

    def _show(self, rows: list[dict[str, Any]], said: str) -> None:
        self.running.layout.display = "none"
        self.rows = rows
        self.said.value = said
