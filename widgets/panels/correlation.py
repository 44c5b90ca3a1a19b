"""How crypto moves with everything else."""

from __future__ import annotations

from widgets.tabs import TabPanel


class CorrelationPanel(TabPanel):
    """How crypto moves with everything else."""
