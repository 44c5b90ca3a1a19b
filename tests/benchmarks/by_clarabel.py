"""The solver alone: matrices laid out by hand once, then new numbers written into them and solved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import clarabel
import numpy as np
import scipy.sparse as sp

from .problem import Aim

if TYPE_CHECKING:
    from .problem import Method, Problem, Vector

DEFAULT_TOLERANCE = 1e-8
REFERENCE_TOLERANCE = 1e-12
"""At this tolerance the answers serve as reference for all other methods."""


def method(aim: Aim) -> Method:
    """A solver that is made at the first problem and updated at every further one."""
    return _updated(aim, DEFAULT_TOLERANCE)


def reference(aim: Aim) -> Method:
    """The same at a tolerance of 1e-12."""
    return _updated(aim, REFERENCE_TOLERANCE)


def _updated(aim: Aim, tolerance: float) -> Method:
    kept: list[Any] = []
    layout = _Homogeneous if aim.homogeneous else _Quadratic

    def solve(problem: Problem) -> Vector:
        if not kept:
            kept.append(layout(problem, _settings(tolerance)))
        return kept[0].solve(problem)

    return solve


def _settings(tolerance: float) -> Any:
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.presolve_enable = False  # a problem reduced by presolve cannot be updated
    for name in ("tol_feas", "tol_gap_abs", "tol_gap_rel"):
        setattr(settings, name, tolerance)
    return settings


def _scale(problem: Problem) -> float:
    """An objective of unit size: at 1e-3 the default tolerance leaves weights 5e-4 off."""
    return 1 / float(np.diag(problem.assumptions.cov).max())


class _Quadratic:
    """``min w'Sw / 2 - mu'w / risk_aversion``: only q and b move."""

    def __init__(self, problem: Problem, settings: Any) -> None:
        count, membership = len(problem.upper), problem.membership
        self._scale = _scale(problem)
        self._linear = np.zeros(count)
        rows = [np.ones((1, count)), -np.eye(count), np.eye(count), -membership, membership]
        if problem.aim is Aim.TARGET_RETURN:
            rows.append(-problem.assumptions.mu[None])
        matrix = sp.csc_matrix(np.vstack(rows))
        cones = [clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(matrix.shape[0] - 1)]
        quadratic = sp.csc_matrix(np.triu(problem.assumptions.cov * self._scale))
        self._solver = clarabel.DefaultSolver(quadratic, self._linear, matrix, self._bound(problem), cones, settings)

    def _bound(self, problem: Problem) -> Vector:
        floor = [-problem.expected_return] if problem.aim is Aim.TARGET_RETURN else []
        none_short = np.zeros(len(problem.upper))
        return np.concatenate([[1.0], none_short, problem.upper, -problem.class_lower, problem.class_upper, floor])

    def solve(self, problem: Problem) -> Vector:
        if problem.aim is Aim.MAXIMUM_UTILITY:
            self._linear = problem.assumptions.mu * (-self._scale / problem.risk_aversion)
        self._solver.update(q=self._linear, b=self._bound(problem))
        return np.asarray(self._solver.solve().x)


class _Homogeneous:
    """Maximum Sharpe and risk budget in ``(y, total)``: the column of ``total``, which holds all limits, moves.

    Risk budgets add ``t`` with ``exp(t) <= y`` and minimise ``y'Sy / 2 - sum b t``.
    """

    def __init__(self, problem: Problem, settings: Any) -> None:
        count = len(problem.upper)
        sharpe = problem.aim is Aim.MAXIMUM_SHARPE
        logs = 0 if sharpe else count
        polyhedral = self._polyhedral(problem, sharpe=sharpe)
        # Columns: t, y, total; the last column's entries then are the last ones of the compressed matrix.
        matrix = sp.csc_matrix(np.hstack([np.zeros((len(polyhedral), logs)), polyhedral]))
        cones = [
            clarabel.ZeroConeT(2 if sharpe else 1),
            clarabel.NonnegativeConeT(2 * count + 2 * len(problem.classes)),
        ]
        bound = np.zeros(len(polyhedral))
        if sharpe:
            bound[1] = 1.0
        else:
            exponential = sp.lil_matrix((3 * count, matrix.shape[1]))
            for asset in range(count):
                exponential[3 * asset, asset] = -1.0
                exponential[3 * asset + 2, logs + asset] = -1.0
            matrix = sp.vstack([matrix, exponential], format="csc")
            bound = np.concatenate([bound, np.tile([0.0, 1.0, 0.0], count)])
            cones += [clarabel.ExponentialConeT()] * count
        self._y = slice(logs, logs + count)
        self._logs = logs
        self._moving = np.arange(matrix.indptr[-2] + 1, matrix.indptr[-1])
        self._linear = np.zeros(matrix.shape[1])
        # Scaling the covariance only scales y, which the division by the total takes away again.
        quadratic = sp.block_diag([sp.csc_matrix((logs, logs)), problem.assumptions.cov * _scale(problem), [[0.0]]])
        upper = sp.csc_matrix(sp.triu(quadratic))
        self._solver = clarabel.DefaultSolver(upper, self._linear, matrix, bound, cones, settings)

    def _polyhedral(self, problem: Problem, *, sharpe: bool) -> Any:
        count, membership = len(problem.upper), problem.membership
        equalities = [np.append(np.ones(count), -1.0)]
        if sharpe:
            equalities.append(np.append(problem.assumptions.mu - problem.assumptions.risk_free, 0.0))
        rows = np.vstack([-np.eye(count), np.eye(count), -membership, membership])
        total = np.concatenate([np.zeros(count), self._total_column(problem)])
        return np.vstack([*equalities, np.column_stack([rows, total])])

    @staticmethod
    def _total_column(problem: Problem) -> Vector:
        return np.concatenate([-problem.upper, problem.class_lower, -problem.class_upper])

    def solve(self, problem: Problem) -> Vector:
        self._linear[: self._logs] = -problem.budgets[: self._logs]
        self._solver.update(q=self._linear, A=(self._moving, self._total_column(problem)))
        x = np.asarray(self._solver.solve().x)
        return x[self._y] / x[-1]
