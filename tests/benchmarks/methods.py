"""Every method by its name, and what is timed of it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .problem import Aim, Maker, Method, Problem

OURS = "planner"
CORE = "planner, bare core"
SOLVER = "its solver alone"
CLARABEL = "Clarabel alone"
CVXPY = "cvxpy"
SKFOLIO = "skfolio"
PYPORTFOLIOOPT = "PyPortfolioOpt"
RISKFOLIO = "Riskfolio-Lib"
CVXCLA = "cvxcla"
LIBRARIES = (SKFOLIO, PYPORTFOLIOOPT, RISKFOLIO)
"""The libraries of which the fastest is the measure."""


@dataclass(frozen=True)
class Way:
    """Where a method is made, ``module`` giving ``maker(aim, problems)``, and what of it is timed, in words."""

    module: str
    maker: str
    timed: str


WAYS = {
    OURS: Way(
        "by_planner",
        "method",
        "limits made from the numbers, one call, then weights (a Series), expected return and volatility read, of a "
        "risk budget the risk contributions too, of a frontier its table",
    ),
    CORE: Way("by_core", "core", "`CompiledProblem.solve`, the numbers laid out before"),
    SOLVER: Way(
        "by_core",
        "solver",
        "DAQP, for CVaR HiGHS: the same numbers laid out before, updated and solved, active set or basis kept",
    ),
    CLARABEL: Way(
        "by_clarabel",
        "method",
        "numbers laid out by hand before; updated and solved, objective scaled, tolerance 1e-8",
    ),
    CVXPY: Way(
        "by_cvxpy",
        "method",
        "stated, canonicalised and solved with Clarabel at its default tolerances; a frontier is one problem with the "
        "return as Parameter",
    ),
    SKFOLIO: Way(
        "by_skfolio",
        "method",
        "estimator made and `fit`, nothing after it; mean, covariance and scenarios from a prior that estimates "
        "nothing, group limits as a matrix; a frontier is one fit with `efficient_frontier_size=50`",
    ),
    PYPORTFOLIOOPT: Way(
        "by_pyportfolioopt",
        "method",
        "`EfficientFrontier` or `EfficientCVaR` made, group limits added as matrices, one solve with its default "
        "solver, weights only; a frontier is 50 solves of one kept object with Clarabel. No risk budgets",
    ),
    RISKFOLIO: Way(
        "by_riskfolio",
        "method",
        "one `Portfolio` kept, limits set, one optimisation; a frontier is `efficient_frontier(points=50)`",
    ),
    CVXCLA: Way(
        "by_cvxcla",
        "method",
        "critical line traced, 50 points between its corners, or its portfolio of the highest Sharpe ratio",
    ),
}


def maker(name: str) -> Maker | None:
    """What makes this method; None where its library is not installed."""
    way = WAYS[name]
    try:
        found: Maker = getattr(import_module(f".{way.module}", __package__), way.maker)
    except ModuleNotFoundError:
        return None
    return found


def methods(aim: Aim, problems: Sequence[Problem], names: Iterable[str] = tuple(WAYS)) -> dict[str, Method]:
    """By name, the methods that are installed and can do this, made for these problems."""
    makers = {name: found for name in names if (found := maker(name)) is not None}
    made = {name: make(aim, problems) for name, make in makers.items()}
    return {name: solve for name, solve in made.items() if solve is not None}
