"""What a crash does to the whole portfolio."""

from __future__ import annotations

from widgets.tabs import TabPanel


class StressPanel(TabPanel):
    """What a crash does to the whole portfolio."""
