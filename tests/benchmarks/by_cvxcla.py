"""cvxcla: Markowitz's critical line, exact; its turning points hold the frontier and the highest Sharpe ratio."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from cvxcla import CLA

from .problem import POINTS, Aim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cvxcla.types import Frontier

    from .problem import Method, Problem, Vector


def method(aim: Aim, problems: Sequence[Problem]) -> Method | None:
    """A frontier, or its portfolio of the highest Sharpe ratio."""
    del problems
    return {Aim.FRONTIER: _frontier, Aim.MAXIMUM_SHARPE: _maximum_sharpe}.get(aim)


def _frontier(problem: Problem) -> Vector:
    """Between turning points weights are linear in the expected return."""
    traced = _traced(problem, problem.assumptions.mu)
    corners, returns = traced.weights[::-1], traced.returns[::-1]
    targets = np.linspace(returns[0], returns[-1], POINTS)
    after = np.clip(np.searchsorted(returns, targets), 1, len(returns) - 1)
    step = returns[after] - returns[after - 1]
    along = (targets - returns[after - 1]) / np.where(step > 0, step, 1.0)
    return np.asarray(corners[after - 1] + along[:, None] * (corners[after] - corners[after - 1]))


def _maximum_sharpe(problem: Problem) -> Vector:
    _, weights = _traced(problem, problem.assumptions.mu - problem.assumptions.risk_free).max_sharpe
    return weights


def _traced(problem: Problem, mean: Vector) -> Frontier:
    membership = problem.membership
    return (
        CLA.problem(mean, problem.assumptions.cov)
        .long_only(problem.upper)
        .budget()
        .inequality(np.vstack([membership, -membership]), np.concatenate([problem.group_upper, -problem.group_lower]))
        .trace()
        .frontier
    )
