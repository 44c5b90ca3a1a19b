"""The app in a real Chromium on a real Voila."""

from __future__ import annotations

from . import loading, moving


def report() -> str:
    """Moves of sliders, then loads of pages."""
    return f"{moving.report()}\n\n{loading.report()}"
