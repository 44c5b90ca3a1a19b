"""Clarabel alone: matrices laid out by hand, then new numbers written into one solver and solved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import clarabel
import numpy as np
import scipy.sparse as sp

from .problem import CONFIDENCE, Aim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .problem import Method, Problem, Vector

DEFAULT_TOLERANCE = 1e-8


@dataclass(frozen=True)
class Layout:
    """``min x'Px/2 + q'x, Ax + s = b, s in K``; the weights, ``count`` in number, start at ``first``.

    If ``scaled``, what they sum to follows them. ``moving`` are the places of the entries of A that differ from problem
    to problem. The first ``equalities`` rows are equalities.
    """

    quadratic: Any
    linear: Vector
    matrix: Any
    bound: Vector
    cones: list[Any]
    count: int
    equalities: int = 1
    first: int = 0
    scaled: bool = False
    moving: range = range(0)

    def changes(self) -> dict[str, Any]:
        """What an update of a solver reads."""
        entries = {"A": (np.array(self.moving), self.matrix.data[self.moving])} if self.moving else {}
        return {"q": self.linear, "b": self.bound, **entries}

    def weights(self, x: Vector) -> Vector:
        """Those of the solution, summing to 1."""
        w = x[self.first : self.first + self.count]
        return w / x[self.first + self.count] if self.scaled else w


def solver(layout: Layout, tolerance: float = DEFAULT_TOLERANCE) -> Any:
    """Clarabel with these numbers, ready to solve or to be updated."""
    upper = sp.csc_matrix(sp.triu(layout.quadratic))
    settings = _settings(tolerance)
    return clarabel.DefaultSolver(upper, layout.linear, layout.matrix, layout.bound, layout.cones, settings)


def method(aim: Aim, problems: Sequence[Problem]) -> Method | None:
    """A solver that is made once and updated for every problem. A frontier is not one problem."""
    if aim is Aim.FRONTIER:
        return None
    layouts = {problem: laid_out(problem) for problem in problems}
    changes = {problem: layout.changes() for problem, layout in layouts.items()}
    first = layouts[problems[0]]
    model = solver(first)

    def solve(problem: Problem) -> Vector:
        model.update(**changes[problem])
        return first.weights(np.asarray(model.solve().x))

    return solve


def laid_out(problem: Problem) -> Layout:
    """The problem in Clarabel's form."""
    if problem.aim.scenarios:
        return _linear(problem)
    return _homogeneous(problem) if problem.aim.homogeneous else quadratic(problem)


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
    return 1 / float(np.diag(problem.assumptions.cov).mean())


def _limits(problem: Problem) -> Any:
    """Rows that are at most ``_bounds``."""
    count = len(problem.upper)
    return np.vstack([-np.eye(count), np.eye(count), -problem.membership, problem.membership])


def _bounds(problem: Problem) -> Vector:
    return np.concatenate([np.zeros(len(problem.upper)), problem.upper, -problem.group_lower, problem.group_upper])


def quadratic(problem: Problem, target: float | None = None) -> Layout:
    """``min w'Sw / 2 - mu'w / risk_aversion``, or ``min w'Sw / 2`` with an expected return of at least ``target``."""
    assumptions, scale = problem.assumptions, _scale(problem)
    rows, bound = [np.ones(len(problem.upper)), _limits(problem)], [1.0, _bounds(problem)]
    if target is not None:
        rows.append(-assumptions.mu)
        bound.append(-target)
    matrix = sp.csc_matrix(np.vstack(rows))
    return Layout(
        quadratic=assumptions.cov * scale,
        linear=assumptions.mu * (-scale / problem.risk_aversion if target is None else 0.0),
        matrix=matrix,
        bound=np.hstack(bound),
        cones=[clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(matrix.shape[0] - 1)],
        count=len(problem.upper),
    )


def _homogeneous(problem: Problem) -> Layout:
    """Maximum Sharpe and risk budget in ``(y, total)``: the column of ``total``, which holds all limits, moves.

    Risk budgets put ``t`` with ``exp(t) <= y`` before them and minimise ``y'Sy / 2 - sum b t``.
    """
    count, assumptions = len(problem.upper), problem.assumptions
    equalities = [np.append(np.ones(count), -1.0)]
    if not problem.aim.budgeted:
        equalities.append(np.append(assumptions.mu - assumptions.risk_free, 0.0))
    rows = np.column_stack([_limits(problem), -_bounds(problem)]) if problem.groups else np.zeros((0, count + 1))
    bound = np.zeros(len(equalities) + len(rows))
    bound[1 : len(equalities)] = 1.0
    matrix = sp.csc_matrix(np.vstack([*equalities, rows]))
    # Of the last column the first entry, in the row of the sum, stays.
    moving = range(matrix.indptr[-2] + 1, matrix.indptr[-1])
    cones = [clarabel.ZeroConeT(len(equalities)), clarabel.NonnegativeConeT(len(rows))]
    # Scaling the covariance only scales y, which the division by the total takes away again.
    quadratic = sp.block_diag([assumptions.cov * _scale(problem), [[0.0]]])
    sharpe = Layout(
        quadratic, np.zeros(count + 1), matrix, bound, cones, count, len(equalities), scaled=True, moving=moving
    )
    if not problem.aim.budgeted:
        return sharpe
    exponential = sp.lil_matrix((3 * count, 2 * count + 1))
    for asset in range(count):
        exponential[3 * asset, asset] = -1.0
        exponential[3 * asset + 2, count + asset] = -1.0
    before = sp.csc_matrix((matrix.shape[0], count))
    return replace(
        sharpe,
        quadratic=sp.block_diag([sp.csc_matrix((count, count)), quadratic]),
        linear=np.concatenate([-problem.budgets, np.zeros(count + 1)]),
        matrix=sp.csc_matrix(sp.vstack([sp.hstack([before, matrix]), exponential])),
        bound=np.concatenate([bound, np.tile([0.0, 1.0, 0.0], count)]),
        cones=[*cones, *[clarabel.ExponentialConeT()] * count],
        first=count,
        moving=range(moving.start + 2 * count, moving.stop + 2 * count),
    )


def _linear(problem: Problem) -> Layout:
    """Rockafellar and Uryasev's program in ``(w, a, u)``: ``min a + sum u / ((1 - c) S)`` with ``u >= -Rw - a``."""
    count, draws = len(problem.upper), problem.assumptions.draws
    months = len(draws)
    limits = sp.csc_matrix(np.vstack([np.ones(count), _limits(problem)]))
    nothing, losses = sp.csc_matrix((limits.shape[0], 1 + months)), np.column_stack([-draws, -np.ones(months)])
    beyond = -sp.identity(months)
    matrix = sp.vstack(
        [
            sp.hstack([limits, nothing]),
            sp.hstack([sp.csc_matrix((months, count + 1)), beyond]),
            sp.hstack([sp.csc_matrix(losses), beyond]),
        ],
        format="csc",
    )
    weight = 1 / ((1 - CONFIDENCE) * months)
    return Layout(
        quadratic=sp.csc_matrix((count + 1 + months, count + 1 + months)),
        linear=np.concatenate([np.zeros(count), [1.0], np.full(months, weight)]),
        matrix=matrix,
        bound=np.concatenate([[1.0], _bounds(problem), np.zeros(2 * months)]),
        cones=[clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(matrix.shape[0] - 1)],
        count=count,
    )
