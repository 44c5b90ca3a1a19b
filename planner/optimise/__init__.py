"""Optimisers: cvxpy states every problem, is compiled once, and answers at the speed of the solver."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

from planner.optimise.diversification import MaximumDiversification
from planner.optimise.frontier import Frontier, frontier
from planner.optimise.limits import Limit
from planner.optimise.mean_variance import optimise
from planner.optimise.minimum_position import MinimumPosition
from planner.optimise.near_optimal import NearOptimal, near_optimal_ranges
from planner.optimise.objectives import (
    HighestReturn,
    MaximumReturn,
    MaximumSharpe,
    MaximumUtility,
    MinimumVariance,
    Objective,
    TargetReturn,
)
from planner.optimise.prices import Figure, Price
from planner.optimise.reachable import Reachable, reachable
from planner.optimise.relative_limits import Ratio, RelativeBand
from planner.optimise.resampled import ResampledFrontier, Resampling, resampled_frontier
from planner.optimise.risk_budget import Budgeted, GroupBudget, RiskBudget, risk_budget
from planner.optimise.risk_limits import ReturnFloor, VolatilityCap
from planner.optimise.risk_share import RiskShare
from planner.optimise.robust import MeanErrors, RobustUtility
from planner.optimise.soft import Soft, Violation
from planner.optimise.solution import Failed, Infeasible, Loosening, Solution, Solved
from planner.optimise.tail_risk import MinimumCVaR
from planner.optimise.tracking import TrackingError, TrackTargets
from planner.optimise.trading_costs import TradingCosts
from planner.optimise.trading_limits import Turnover
from planner.optimise.weight_limits import Bounds, Group

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planner.market.assumptions import Assumptions


class _CallablePackage(ModuleType):
    """Lets ``planner.optimise`` be this package and, called, the function: importing it would hide the function."""

    def __call__(self, assumptions: Assumptions, objective: Objective, limits: Iterable[Limit | Soft] = ()) -> Solution:
        return optimise(assumptions, objective, limits)


sys.modules[__name__].__class__ = _CallablePackage

__all__ = [
    "Bounds",
    "Budgeted",
    "Failed",
    "Figure",
    "Frontier",
    "Group",
    "GroupBudget",
    "HighestReturn",
    "Infeasible",
    "Limit",
    "Loosening",
    "MaximumDiversification",
    "MaximumReturn",
    "MaximumSharpe",
    "MaximumUtility",
    "MeanErrors",
    "MinimumCVaR",
    "MinimumPosition",
    "MinimumVariance",
    "NearOptimal",
    "Objective",
    "Price",
    "Ratio",
    "Reachable",
    "RelativeBand",
    "ResampledFrontier",
    "Resampling",
    "ReturnFloor",
    "RiskBudget",
    "RiskShare",
    "RobustUtility",
    "Soft",
    "Solution",
    "Solved",
    "TargetReturn",
    "TrackTargets",
    "TrackingError",
    "TradingCosts",
    "Turnover",
    "Violation",
    "VolatilityCap",
    "frontier",
    "near_optimal_ranges",
    "optimise",
    "reachable",
    "resampled_frontier",
    "risk_budget",
]
