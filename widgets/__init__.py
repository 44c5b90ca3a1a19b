"""The planner in Jupyter: an app, its panels, and the small widgets they are made of."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from widgets.app import PlannerApp
    from widgets.panels.accounts import AccountsPanel
    from widgets.panels.backtest import BacktestPanel
    from widgets.panels.compare import ComparePanel
    from widgets.panels.correlation import CorrelationPanel
    from widgets.panels.crypto import CryptoPanel
    from widgets.panels.location import LocationPanel
    from widgets.panels.method import MethodPanel
    from widgets.panels.profile import ProfilePanel
    from widgets.panels.projection import ProjectionPanel
    from widgets.panels.results import ResultsPanel
    from widgets.panels.stress import StressPanel
    from widgets.panels.targets import TargetsPanel
    from widgets.panels.trades import TradesPanel
    from widgets.panels.venues import VenuesPanel
    from widgets.panels.watch import WatchPanel
    from widgets.panels.wishes import WishesPanel
    from widgets.session import Session

__all__ = [
    "AccountsPanel",
    "BacktestPanel",
    "ComparePanel",
    "CorrelationPanel",
    "CryptoPanel",
    "LocationPanel",
    "MethodPanel",
    "PlannerApp",
    "ProfilePanel",
    "ProjectionPanel",
    "ResultsPanel",
    "Session",
    "StressPanel",
    "TargetsPanel",
    "TradesPanel",
    "VenuesPanel",
    "WatchPanel",
    "WishesPanel",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'widgets' has no attribute '{name}'")
    home = {"PlannerApp": "app", "Session": "session"}.get(name)
    return getattr(import_module(f"widgets.{home or 'panels.' + name.removesuffix('Panel').lower()}"), name)
