"""Optimisers: cvxpy states every problem, is compiled once, and answers at the speed of the solver."""

from planner.optimise.frontier import Frontier, frontier
from planner.optimise.limits import Bounds, Group, Limit, ReturnFloor, Turnover, VolatilityCap
from planner.optimise.mean_variance import optimise
from planner.optimise.objectives import (
    HighestReturn,
    MaximumReturn,
    MaximumSharpe,
    MaximumUtility,
    MinimumVariance,
    Objective,
    TargetReturn,
)
from planner.optimise.risk_budget import RiskBudget, risk_budget
from planner.optimise.solution import Failed, Infeasible, Loosening, Solution, Solved, risk_shares

__all__ = [
    "Bounds",
    "Failed",
    "Frontier",
    "Group",
    "HighestReturn",
    "Infeasible",
    "Limit",
    "Loosening",
    "MaximumReturn",
    "MaximumSharpe",
    "MaximumUtility",
    "MinimumVariance",
    "Objective",
    "ReturnFloor",
    "RiskBudget",
    "Solution",
    "Solved",
    "TargetReturn",
    "Turnover",
    "VolatilityCap",
    "frontier",
    "optimise",
    "risk_budget",
    "risk_shares",
]
