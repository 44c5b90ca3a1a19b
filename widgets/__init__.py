"""The planner in Jupyter: an app, its panels, and the small widgets they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from widgets.app import PlannerApp

__all__ = ["PlannerApp"]


def __getattr__(name: str) -> Any:
    if name == "PlannerApp":
        from widgets.app import PlannerApp

        return PlannerApp
    raise AttributeError(f"module 'widgets' has no attribute '{name}'")
