"""The app in a real Chromium on a real Voila."""

from __future__ import annotations

from . import loading, moving, staying


def report() -> str:
    """Moves of sliders, loads of pages, then what staying takes."""
    return f"{moving.report()}\n\n{loading.report()}\n\n{staying.report()}"
