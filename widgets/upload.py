"""A button that hands a file of the reader's to Python."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from widgets.log import logged

if TYPE_CHECKING:
    from collections.abc import Callable

_STYLE = """
.upload-button { width: auto; min-width: 9em; padding: 0 12px; }
.upload-note { color: var(--pl-problem, #a3281f); margin: 4px 0; }
"""
UNREADABLE = "The file could not be taken. The server's log explains the code"


class UploadButton(anywidget.AnyWidget):  # type: ignore[misc]
    """A button that asks for a file and calls `take` with its name and bytes, once for each file that is chosen.

    `accept` names the suffixes that are offered, as in ".csv,.ofx". A file of more than `most_bytes` is refused on the
    page, before it is sent.
    """

    _esm = Path(__file__).with_name("upload.js").read_text(encoding="utf-8")
    _css = _STYLE

    label = traitlets.Unicode().tag(sync=True)
    accept = traitlets.Unicode().tag(sync=True)
    most_bytes = traitlets.Int().tag(sync=True)

    def __init__(self, label: str, take: Callable[[str, bytes], None], *, accept: str, most_bytes: int) -> None:
        super().__init__(label=label, accept=accept, most_bytes=most_bytes)
        self.take = take
        self.on_msg(self._answer)

    def _answer(self, _widget: object, message: Any, buffers: Any) -> None:
        if not isinstance(message, dict) or message.get("type") != "file" or len(buffers) != 1:
            return
        content = bytes(buffers[0])
        try:
            if len(content) <= self.most_bytes:
                self.take(str(message.get("name", "")), content)
            self.send({"taken": True})
        except Exception as error:  # noqa: BLE001 - logged with its traceback, and the page stays alive
            code = logged("A file could not be taken", error)
            self.send({"problem": f"{UNREADABLE} {code}."})
