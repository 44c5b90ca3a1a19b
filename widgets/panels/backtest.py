"""What rebalancing would have done in the past."""

from __future__ import annotations

from widgets.tabs import TabPanel


class BacktestPanel(TabPanel):
    """What rebalancing would have done in the past."""
