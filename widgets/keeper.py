"""A copy of the open scenario in the reader's own browser tab, from which a page that was lost is brought back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from planner.scenario import LARGEST_DOCUMENT
from widgets.runner import AtRest

if TYPE_CHECKING:
    from widgets.session import Session

_STYLE = """
.kept-scenario { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; padding: 8px 12px; margin: 6px 0;
  border-left: 4px solid var(--pl-accent); border-radius: 4px; background: var(--pl-accent-ground);
  color: var(--pl-ink); }
.kept-scenario[hidden] { display: none; }
.kept-scenario button { width: auto; padding: 0 12px; }
"""


class Keeper(anywidget.AnyWidget):  # type: ignore[misc]
    """Keeps the scenario in the tab's session storage once it was changed, and offers it when the page is loaded again.

    ``document`` is the copy, JSON, empty before the first change. It is taken back only when the reader chooses so.
    Tabs do not share it, and it goes when the tab is closed; it never leaves the machine. Outside Voila nothing is
    kept: JupyterLab keeps its kernels.
    """

    _esm = Path(__file__).with_name("keeper.js").read_text(encoding="utf-8")
    _css = _STYLE
    document = traitlets.Unicode("").tag(sync=True)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._at_rest = AtRest()
        session.observe(lambda _: self._at_rest.call(self._copy), "scenario")
        self.on_msg(self._heard)

    def _copy(self) -> None:
        self.document = self._session.scenario.model_dump_json()

    def _heard(self, _widget: object, message: Any, _buffers: object) -> None:
        if not isinstance(message, dict) or message.get("type") != "restore":
            return
        document = message.get("document")
        if isinstance(document, str) and len(document) <= LARGEST_DOCUMENT:
            self._session.take(document)
