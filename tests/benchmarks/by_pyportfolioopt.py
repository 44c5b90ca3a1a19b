"""PyPortfolioOpt: one object per problem and one solve, weights only; a frontier solves one kept object again.

Its limits cannot be changed after a solve, so that new limits mean a new object. Groups are added as two constraints
with a matrix, which is quicker than ``add_sector_constraints``. The solver is the one the library takes by itself, but
for frontiers Clarabel: no slower, and the default gives up on some of 200 assets. It has no risk budgets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pypfopt import EfficientCVaR, EfficientFrontier

from .problem import CONFIDENCE, POINTS, Aim

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .problem import Method, Problem, Vector

BELOW_HIGHEST = 1e-4
"""How far below the highest return its own plot of a frontier ends (``plotting._ef_default_returns_range``)."""


def method(aim: Aim, problems: Sequence[Problem]) -> Method | None:
    """A new object for every problem."""
    del problems
    if aim.budgeted:
        return None
    return {Aim.MEAN_VARIANCE: _utility, Aim.FRONTIER: _frontier, Aim.MAXIMUM_SHARPE: _sharpe}.get(aim, _cvar)


def _utility(problem: Problem) -> Vector:
    return _weights(_model(problem).max_quadratic_utility(problem.risk_aversion))


def _sharpe(problem: Problem) -> Vector:
    return _weights(_model(problem).max_sharpe(problem.assumptions.risk_free))


def _cvar(problem: Problem) -> Vector:
    draws = problem.assumptions.draws
    model = EfficientCVaR(None, draws, beta=CONFIDENCE, weight_bounds=_bounds(problem))
    return _weights(_limited(model, problem).min_cvar())


def _frontier(problem: Problem) -> Vector:
    """As its plot does it, at equally spaced returns."""
    model = _model(problem, solver="CLARABEL")
    lowest, highest = model.deepcopy(), model.deepcopy()
    first = _weights(lowest.min_volatility())
    start = float(first @ problem.assumptions.mu)
    targets = np.linspace(start, highest._max_return() - BELOW_HIGHEST, POINTS)
    return np.array([first, *(_weights(model.efficient_return(float(target))) for target in targets[1:])])


def _model(problem: Problem, solver: str | None = None) -> Any:
    assumptions = problem.assumptions
    return _limited(EfficientFrontier(assumptions.mu, assumptions.cov, _bounds(problem), solver=solver), problem)


def _bounds(problem: Problem) -> tuple[Vector, Vector]:
    return np.zeros(len(problem.upper)), problem.upper


def _limited(model: Any, problem: Problem) -> Any:
    model.add_constraint(lambda w: problem.membership @ w >= problem.group_lower)
    model.add_constraint(lambda w: problem.membership @ w <= problem.group_upper)
    return model


def _weights(found: Mapping[Any, float]) -> Vector:
    return np.array(list(found.values()))
