"""Buttons that save a file from the page itself: nothing is sent before the click, and no server address serves it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from planner.errors import PlannerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from widgets.live_chart import LiveChart
from widgets.log import logged

_SCRIPT = Path(__file__).with_name("download.js").read_text(encoding="utf-8")
_STYLE = """
.download-button { width: auto; min-width: 9em; padding: 0 12px; }
.download-note { color: var(--pl-problem, #a3281f); margin: 4px 0; }
"""


class Mime(StrEnum):
    """Kinds of file that the app writes."""

    CSV = "text/csv;charset=utf-8"
    JSON = "application/json"
    HTML = "text/html;charset=utf-8"
    PDF = "application/pdf"
    MARKDOWN = "text/markdown;charset=utf-8"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    ZIP = "application/zip"


class ImageFormat(StrEnum):
    """Kinds of picture a chart can be saved as: PNG for documents, SVG for print and editing."""

    PNG = "png"
    SVG = "svg"


class DownloadButton(anywidget.AnyWidget):  # type: ignore[misc]
    """A button that saves what `content()` returns at the moment of the click, as text or bytes.

    A `PlannerError` raised by `content` is shown beside the button in its own words; any other error is logged and
    shown as a plain sentence.
    """

    _esm = _SCRIPT
    _css = _STYLE

    label = traitlets.Unicode().tag(sync=True)

    def __init__(
        self, label: str, content: Callable[[], str | bytes], *, filename: str, mime: Mime, **traits: Any
    ) -> None:
        super().__init__(label=label, **traits)
        self.content = content
        self.filename = filename
        self.mime = mime
        self.on_msg(self._answer)

    def _answer(self, _widget: object, message: Any, _buffers: object) -> None:
        if not isinstance(message, dict) or message.get("type") != "content":
            return
        try:
            content = self.content()
        except PlannerError as error:
            self.send({"problem": str(error)})
        except Exception as error:  # noqa: BLE001 - logged with its traceback, and the page stays alive
            code = logged(f"{self.filename} could not be made", error)
            self.send({"problem": f"The file could not be made. The server's log explains the code {code}."})
        else:
            data = content.encode() if isinstance(content, str) else content
            self.send({"filename": self.filename, "mime": str(self.mime)}, buffers=[data])


class ChartDownload(anywidget.AnyWidget):  # type: ignore[misc]
    """A button that saves charts of the page as the reader sees them; `charts` maps file names to charts.

    `scale` is how many picture points a PNG has for each point on the page.
    """

    _esm = _SCRIPT
    _css = _STYLE

    label = traitlets.Unicode().tag(sync=True)
    charts = traitlets.Dict().tag(sync=True)
    image = traitlets.UseEnum(ImageFormat).tag(sync=True, to_json=lambda value, _: str(value))
    scale = traitlets.Float(2.0, min=0.5, max=8.0).tag(sync=True)

    def __init__(self, label: str, charts: Mapping[str, LiveChart], *, image: ImageFormat, **traits: Any) -> None:
        super().__init__(label=label, charts={name: chart.key for name, chart in charts.items()}, image=image, **traits)
