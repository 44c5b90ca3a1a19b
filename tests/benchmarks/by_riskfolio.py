"""Riskfolio-Lib: one ``Portfolio`` kept, its limits set and one optimisation; mean and covariance are handed over.

It states every problem anew with cvxpy whatever is kept. Upper bounds are an array where that works, though only a
number is documented; risk budgets read none and a maximum Sharpe ratio takes only a number, so that they stand among
the linear limits there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import riskfolio

from .problem import CONFIDENCE, POINTS, Aim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .problem import Method, Problem, Vector


def method(aim: Aim, problems: Sequence[Problem]) -> Method:
    """The kept object with the numbers of each problem."""
    assumptions = problems[0].assumptions
    draws = np.zeros((2, len(assumptions.assets))) if assumptions.draws is None else assumptions.draws
    model = riskfolio.Portfolio(returns=pd.DataFrame(draws, columns=list(assumptions.assets)), alpha=1 - CONFIDENCE)
    model.mu, model.cov = assumptions.mu[None], assumptions.cov

    def solve(problem: Problem) -> Vector:
        _limit(model, problem)
        found = _found(model, problem).to_numpy().T
        return found if aim is Aim.FRONTIER else found[0]

    return solve


def _limit(model: Any, problem: Problem) -> None:
    if not problem.groups:
        return
    rows, most = [problem.membership, -problem.membership], [problem.group_upper, -problem.group_lower]
    if problem.aim.homogeneous:
        rows.append(np.eye(len(problem.upper)))
        most.append(problem.upper)
    else:
        model.upperlng = problem.upper[:, None]
    model.ainequality, model.binequality = np.vstack(rows), np.concatenate(most)[:, None]


def _found(model: Any, problem: Problem) -> pd.DataFrame:
    free = problem.assumptions.risk_free
    match problem.aim:
        case Aim.RISK_BUDGET | Aim.LIMITED_RISK_BUDGET:
            return model.rp_optimization(rm="MV", b=problem.budgets[:, None])
        case Aim.MEAN_VARIANCE:
            # Its utility is mean - l * variance, without the half.
            return model.optimization(rm="MV", obj="Utility", l=problem.risk_aversion / 2)
        case Aim.MAXIMUM_SHARPE:
            return model.optimization(rm="MV", obj="Sharpe", rf=free)
        case Aim.FRONTIER:
            return model.efficient_frontier(rm="MV", points=POINTS)
        case _:
            return model.optimization(rm="CVaR", obj="MinRisk")
