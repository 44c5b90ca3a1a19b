"""Scenarios side by side."""

from planner.comparing.comparison import MOST_SCENARIOS, Comparison, compare

__all__ = ["MOST_SCENARIOS", "Comparison", "compare"]
