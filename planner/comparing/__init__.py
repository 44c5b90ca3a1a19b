"""Scenarios side by side."""

from planner.comparing.comparison import Comparison, compare

__all__ = ["Comparison", "compare"]
