"""The handshake with the page: what changed while it was loading is sent once more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ipywidgets import Widget


class Page(anywidget.AnyWidget):  # type: ignore[misc]
    """Knows whether the page has seen the newest state of ``root``, the widget that holds everything on it.

    A front end asks for the state of all widgets when it connects, and drops updates that arrive before it has made
    their models: a plan that is finished in that moment would never be shown. So the page says which ``version`` it
    was built from, and where a newer one exists, the state of every widget below ``root`` is sent again. ``then`` is
    called once a page stands on the screen.
    """

    _esm = Path(__file__).with_name("page.js").read_text(encoding="utf-8")
    version = traitlets.Int(0).tag(sync=True)

    def __init__(self, root: Widget, then: Callable[[], object]) -> None:
        super().__init__()
        self._root, self._then = root, then
        self.on_msg(self._heard)

    def _heard(self, _widget: object, message: Any, _buffers: object) -> None:
        said = message.get("type") if isinstance(message, dict) else None
        if said == "stands":
            self._then()
        elif said == "shown" and message.get("version") != self.version:
            for widget in _below(self._root):
                widget.send_state()


def _below(widget: Widget) -> Iterator[Widget]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _below(child)
