"""What cvxpy makes of a stated problem, kept as affine maps from its parameters.

The canonical form is ``min x'Px/2 + q'x, Ax + s = b, s in K``. Here q, A and b are affine in the parameters and P is
the covariance at the places of the weights, so that one program serves every market with the same assets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp

if TYPE_CHECKING:
    from planner.optimise.limits import Vector

DENSE_MAP_SIZE = 50_000
"""A map with at most this many entries is applied as a dense matrix: faster than a sparse one when small."""

UNBOUNDED = 1e30
"""What the solvers read as no bound."""


class Program:
    """A cvxpy problem in canonical form. A point of its parameters is one vector: their values, one after another.

    ``weights`` is the variable whose quadratic form is the objective's curved part; None for a linear objective.
    """

    def __init__(self, problem: Any, parameters: list[Any], outputs: list[Any], weights: Any = None) -> None:
        import cvxpy as cp

        if not problem.is_dpp():
            raise AssertionError("every limit and objective must be DPP, or the parameter maps do not exist")
        data, _, _ = problem.get_problem_data(cp.CLARABEL, solver_opts={"use_quad_obj": True})
        canonical = data["param_prob"]
        order = _columns_in_order(parameters, canonical.param_id_to_col, canonical.total_param_size)
        self.outputs = [_place(output, canonical.var_id_to_col) for output in outputs]
        self.weights = None if weights is None else _place(weights, canonical.var_id_to_col)
        self.variables, self.height = canonical.x.size, data["b"].size
        self.cones = data["dims"]
        self.polyhedral = not any(getattr(self.cones, kind) for kind in ("soc", "exp", "psd", "p3d", "pnd"))
        canonical.reduced_A.cache()
        entries: Any = sp.csr_array(canonical.reduced_A.reduced_mat)[:, order]
        rows, starts, _ = canonical.reduced_A.problem_data_index
        split = starts[self.variables]
        scatter = sp.csr_array(
            (np.ones(len(rows) - split), (rows[split:], np.arange(len(rows) - split))),
            (self.height, len(rows) - split),
        )
        self.cost_map = sp.csr_array(canonical.q[: self.variables])[:, order]
        self.bound_map = sp.csr_array(scatter @ entries[split:])
        self.entry_map = -entries[:split]
        constant = self.entry_map[:, [-1]].toarray().ravel()
        self.matrix = sp.csc_array(
            (constant, rows[:split], starts[: self.variables + 1]), (self.height, self.variables)
        )
        self.moving = np.flatnonzero(np.diff(self.entry_map[:, :-1].indptr))

    def hessian(self, quadratic: Vector | None) -> Vector | None:
        """The dense P of one market; None where the objective is linear."""
        if quadratic is None:
            return None
        hessian = np.zeros((self.variables, self.variables))
        hessian[self.weights, self.weights] = quadratic
        return hessian

    def slopes(self, point: Vector, x: Vector, z: Vector) -> Vector:
        """Slope of the least cost in each parameter, from the solution ``x`` and the multipliers ``z`` of ``Ax <= b``.

        The envelope theorem: the slope of ``q'x + z'(Ax - b)`` with x and z held.
        """
        columns = np.repeat(np.arange(self.variables), np.diff(self.matrix.indptr))
        slopes = self.cost_map.T @ x - self.bound_map.T @ z + self.entry_map.T @ (z[self.matrix.indices] * x[columns])
        return np.asarray(slopes)[: len(point) - 1]


def _columns_in_order(parameters: list[Any], columns: Any, total: int) -> Any:
    """Columns of cvxpy's maps in the order of our parameters, the constant last."""
    named = [np.arange(columns[symbol.id], columns[symbol.id] + symbol.size) for symbol in parameters if symbol]
    return np.concatenate([*named, [total]]).astype(int)


def _place(symbol: Any, columns: Any) -> slice:
    return slice(columns[symbol.id], columns[symbol.id] + symbol.size)


def fast(matrix: Any) -> Any:
    """The matrix in the form in which it is applied fastest."""
    return matrix.toarray() if matrix.shape[0] * matrix.shape[1] <= DENSE_MAP_SIZE else sp.csr_array(matrix)


class Boxed:
    """A polyhedral program as ``lower <= [x; Rx] <= upper``: simple bounds told apart from the rows R of the rest.

    One map gives cost, upper and lower together. The rows whose entries move with parameters come from ``entries``.
    """

    def __init__(self, program: Program, scale: float = 1.0) -> None:
        equalities, variables = program.cones.zero, program.variables
        by_row = program.matrix.tocsr()
        counts = np.diff(by_row.indptr)
        movable = np.zeros(program.height, dtype=bool)
        movable[program.matrix.indices[program.moving]] = True
        single = (counts == 1) & ~movable & (np.arange(program.height) >= equalities)
        self.upper_rows, self.lower_rows = np.full(variables, -1), np.full(variables, -1)
        self.coefficients = np.ones(program.height)
        for row in np.flatnonzero(single).tolist():
            variable, coefficient = by_row.indices[by_row.indptr[row]], by_row.data[by_row.indptr[row]]
            side = self.upper_rows if coefficient > 0 else self.lower_rows
            if coefficient != 0 and side[variable] < 0:
                side[variable] = row
                self.coefficients[row] = coefficient
        taken = np.concatenate([self.upper_rows, self.lower_rows])
        self.rows = np.setdiff1d(np.arange(program.height), taken[taken >= 0])
        self.equalities = int((self.rows < equalities).sum())
        self.variables, self.size = variables, variables + len(self.rows)
        self.scale = scale
        bounds = sp.csr_array(program.bound_map.multiply(1 / self.coefficients[:, None]))
        equal = np.where(np.arange(len(self.rows)) < self.equalities, self.rows, -1)
        upper = _chosen(bounds, np.concatenate([self.upper_rows, self.rows]), UNBOUNDED)
        lower = _chosen(bounds, np.concatenate([self.lower_rows, equal]), -UNBOUNDED)
        self._map = fast(sp.vstack([program.cost_map * scale, upper, lower], format="csr"))
        self.matrix = program.matrix.copy()
        self._moving = program.moving
        self._entry_map = fast(program.entry_map[program.moving]) if len(program.moving) else None
        self._entries: Vector | None = None

    def split(self, numbers: Vector) -> tuple[Vector, Vector, Vector]:
        """Cost, upper and lower."""
        middle = self.variables + self.size
        return numbers[: self.variables], numbers[self.variables : middle], numbers[middle:]

    def at(self, points: Vector) -> Vector:
        """Cost, upper and lower in one vector, or one row for each row of ``points``."""
        return np.asarray(self._map @ points if points.ndim == 1 else (self._map @ points.T).T.copy())

    def moved(self, point: Vector) -> bool:
        """Write the entries of the matrix at this point; whether any differs from before."""
        if self._entry_map is None:
            return False
        entries = self._entry_map @ point
        if self._entries is not None and np.array_equal(entries, self._entries):
            return False
        self._entries = entries
        self.matrix.data[self._moving] = entries
        return True

    def multipliers(self, lam: Vector, height: int) -> Vector:
        """Multipliers of the canonical rows from those of the box: above 0 at the upper side, below at the lower."""
        lam = lam / self.scale
        z = np.zeros(height)
        for rows, sides in ((self.upper_rows, np.maximum(lam, 0)), (self.lower_rows, np.minimum(lam, 0))):
            places = np.flatnonzero(rows >= 0)
            z[rows[places]] = sides[places] / self.coefficients[rows[places]]
        z[self.rows] = lam[self.variables :]
        return z


def _chosen(bounds: Any, rows: Any, without: float) -> Any:
    """Rows of the map; where there is none (-1), the constant ``without``."""
    height, width = bounds.shape
    present, missing = np.flatnonzero(rows >= 0), np.flatnonzero(rows < 0)
    pick: Any = sp.csr_array((np.ones(len(present)), (present, rows[present])), (len(rows), height))
    last = np.full(len(missing), width - 1)
    constant: Any = sp.csr_array((np.full(len(missing), without), (missing, last)), (len(rows), width))
    return pick @ bounds + constant
