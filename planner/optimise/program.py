"""What cvxpy makes of a stated problem, kept as affine maps from its parameters.

The canonical form is ``min x'Px/2 + q'x, Ax + s = b, s in K``. Here q, A and b are affine in the parameters and P is
the covariance at the places of the weights, so that one program serves every market with the same assets.
"""

from __future__ import annotations

from copy import copy
from functools import cached_property
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

    @cached_property
    def boxed(self) -> Boxed:
        """A polyhedral program as a box, from which solvers in all markets take theirs (``Boxed.scaled``)."""
        return Boxed(self)

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
    """A polyhedral program as ``lower <= [x; Rx] <= upper``, each side of a line being one canonical row.

    ``rows`` is R, sparse by row, without the entries that move with parameters.

    Rows that bound one variable become simple bounds, and a row and its negative one line. One map gives cost, upper
    and lower together. Rows whose entries move with parameters stand alone.
    """

    def __init__(self, program: Program) -> None:
        self.variables, self.scale = program.variables, 1.0
        upper_rows, lower_rows, self.coefficients = _lines(program)
        self.upper_rows, self.lower_rows = np.array(upper_rows), np.array(lower_rows)
        self.size = len(upper_rows)
        self.equalities = int((self.upper_rows == self.lower_rows)[self.variables :].sum())
        bounds = sp.csr_array(program.bound_map.multiply(1 / self.coefficients[:, None]))
        upper = _chosen(bounds, self.upper_rows, UNBOUNDED)
        lower = _chosen(bounds, self.lower_rows, -UNBOUNDED)
        self._map = fast(sp.vstack([program.cost_map, upper, lower], format="csr"))
        self._height = program.height
        stated = np.where(self.upper_rows >= 0, self.upper_rows, self.lower_rows)[self.variables :]
        self.rows: Any = program.matrix.tocsr()[stated]
        self.rows.data /= np.repeat(self.coefficients[stated], np.diff(self.rows.indptr))
        self._entry_map = fast(program.entry_map[program.moving]) if len(program.moving) else None
        self._entries: Vector | None = None
        self._dense: Any = None
        line = np.zeros(program.height, dtype=int)
        line[stated] = np.arange(len(stated))
        columns = np.repeat(np.arange(self.variables), np.diff(program.matrix.indptr))
        self.moving = line[program.matrix.indices[program.moving]], columns[program.moving]

    def scaled(self, scale: float) -> Boxed:
        """The same for one solver, its cost times ``scale``."""
        own = copy(self)
        own.scale, own._map, own._entries, own._dense = scale, self._map.copy(), None, None
        if isinstance(own._map, np.ndarray):
            own._map[: self.variables] *= scale
        else:
            own._map.data[: own._map.indptr[self.variables]] *= scale
        return own

    def split(self, numbers: Vector) -> tuple[Vector, Vector, Vector]:
        """Cost, upper and lower."""
        middle = self.variables + self.size
        return numbers[: self.variables], numbers[self.variables : middle], numbers[middle:]

    def at(self, points: Vector) -> Vector:
        """Cost, upper and lower in one vector, or one row for each row of ``points``."""
        return np.asarray(self._map @ points if points.ndim == 1 else (self._map @ points.T).T.copy())

    def moved(self, point: Vector) -> Vector | None:
        """The entries of R at ``moving`` (lines and columns) for this point; None where they are as before."""
        if self._entry_map is None:
            return None
        entries = self._entry_map @ point
        if self._entries is not None and np.array_equal(entries, self._entries):
            return None
        self._entries = entries
        return np.asarray(entries)

    def dense_rows(self, point: Vector) -> tuple[Vector, bool]:
        """R as one array that follows the parameters, and whether it changed since it was last asked for."""
        entries = self.moved(point)
        changed = entries is not None or self._dense is None
        if self._dense is None:
            self._dense = np.ascontiguousarray(self.rows.toarray())
        if entries is not None:
            self._dense[self.moving] = entries
        return self._dense, changed

    def multipliers(self, lam: Vector) -> Vector:
        """Multipliers of the canonical rows from those of the lines: above 0 at the upper side, below at the lower."""
        z = np.zeros(self._height)
        equal = (self.upper_rows == self.lower_rows) & (self.upper_rows >= 0)
        for rows, sides in ((self.upper_rows, np.maximum(lam, 0)), (self.lower_rows, np.minimum(lam, 0))):
            places = np.flatnonzero((rows >= 0) & ~equal)
            z[rows[places]] = sides[places] / self.coefficients[rows[places]]
        z[self.upper_rows[equal]] = lam[equal]
        return z / self.scale


def _lines(program: Program) -> tuple[list[int], list[int], Any]:
    """For each variable, then for each line of R, the canonical rows of its upper and its lower side (-1: none).

    Equalities are the first lines of R. A canonical row is its coefficient times its line.
    """
    matrix: Any = program.matrix.tocsr()
    movable = np.zeros(program.height, dtype=bool)
    movable[program.matrix.indices[program.moving]] = True
    upper, lower = [[-1] * program.variables for _ in range(2)]
    coefficients = np.ones(program.height)
    known: dict[tuple[bytes, bytes], int] = {}
    for row in range(program.height):
        entries = slice(matrix.indptr[row], matrix.indptr[row + 1])
        columns, data = matrix.indices[entries], matrix.data[entries]
        fixed = row >= program.cones.zero and not movable[row] and data.any()
        if fixed and len(columns) == 1:
            line, coefficient = int(columns[0]), float(data[0])
        elif fixed:
            coefficient = float(np.sign(data[0])) or 1.0
            line = known.setdefault((columns.tobytes(), (data / coefficient + 0.0).tobytes()), len(upper))
        else:
            line, coefficient = len(upper), 1.0
        sides = upper if coefficient > 0 else lower
        if line < len(upper) and sides[line] >= 0:  # a second row for the same side
            line, coefficient = len(upper), 1.0
            sides = upper
        if line == len(upper):
            upper.append(-1)
            lower.append(-1)
        sides[line], coefficients[row] = row, coefficient
        if row < program.cones.zero:
            lower[line] = row
    return upper, lower, coefficients


def _chosen(bounds: Any, rows: Any, without: float) -> Any:
    """Rows of the map; where there is none (-1), the constant ``without``."""
    height, width = bounds.shape
    present, missing = np.flatnonzero(rows >= 0), np.flatnonzero(rows < 0)
    pick: Any = sp.csr_array((np.ones(len(present)), (present, rows[present])), (len(rows), height))
    last = np.full(len(missing), width - 1)
    constant: Any = sp.csr_array((np.full(len(missing), without), (missing, last)), (len(rows), width))
    return pick @ bounds + constant
