"""What the page does for its reader by itself: names for sliders (WCAG 2.2, 4.1.2), numbers in the reader's marks."""

from __future__ import annotations

from pathlib import Path

import anywidget

_HERE = Path(__file__)


class Reader(anywidget.AnyWidget):  # type: ignore[misc]
    """An unseen part of an app or panel, at work for what stands beside it.

    Each slider's handle has a name and says its value. Where the reader's language writes numbers with other marks than
    1,234.5, texts are shown with those; Python, files and what is typed keep theirs.
    """

    _esm = "".join(_HERE.with_name(name).read_text(encoding="utf-8") for name in ("numbers.js", "reader.js"))
