"""What to watch: alerts, the quarterly sheet, the yearly checklist and tilts."""

from __future__ import annotations

from widgets.tabs import TabPanel


class WatchPanel(TabPanel):
    """What to watch: alerts, the quarterly sheet, the yearly checklist and tilts."""
