"""Where the money may lead: chances, goals, and what would have to change."""

from __future__ import annotations

from widgets.tabs import TabPanel


class ProjectionPanel(TabPanel):
    """Where the money may lead: chances, goals, and what would have to change."""
