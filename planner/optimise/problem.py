"""Compile a cvxpy problem once, then solve it again and again at the cost of the bare solver.

cvxpy states and canonicalises the problem; of its canonical form ``min x'Px/2 + q'x, Ax + s = b, s in K`` we keep the
affine maps from the parameters to q, A and b. A solve applies the maps and calls the solver directly: DAQP, a warm
active-set method, for a quadratic objective under equalities and inequalities; Clarabel for all else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import scipy.sparse as sp

if TYPE_CHECKING:
    from planner.optimise.limits import Vector

DENSE_MAP_SIZE = 250_000
"""A parameter map with at most this many entries is applied as a dense matrix: faster than a sparse one when small."""

DAQP_TOLERANCE = 1e-11
"""Far below the 1e-8 to which weights are promised to hold their limits."""

CLARABEL_TOLERANCES = (1e-11, 1e-9, 1e-8)
"""Of the objective, and of feasibility down to 1e-9. The later ones are asked for where rounding errors keep the
earlier out of reach: about one cone in a hundred, and one in ten thousand."""

CLARABEL_FEASIBLE = 1e-9
"""The largest violation that Clarabel may leave: a tenth of what results promise."""

UNBOUNDED = 1e30
"""What DAQP reads as no bound."""

DAQP_EQUALITY = 5
DAQP_SOLVED = 1
DAQP_INFEASIBLE = -1
PROXIMAL_WEIGHT = 1e-4
PROXIMAL_STEP = 1e-9
"""DAQP's proximal term where the objective is not strictly convex, iterated until no weight moves by this step."""


class Status(StrEnum):
    """How a solve ended."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    FAILED = "failed"


CLARABEL_SAYS = {
    "Solved": Status.OPTIMAL,
    "AlmostSolved": Status.OPTIMAL,
    "PrimalInfeasible": Status.INFEASIBLE,
    "AlmostPrimalInfeasible": Status.INFEASIBLE,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a solver said: the whole solution vector where there is one, and its own word for the status."""

    status: Status
    x: Vector
    solver: str
    detail: str = ""


class Solver(Protocol):
    """A solver of one compiled problem whose q, A and b change between solves."""

    def solve(self, q: Vector, b: Vector, entries: Vector | None) -> Outcome:
        """Solve with new numbers; ``entries`` are the values of A where A depends on parameters."""


class CompiledProblem:
    """A cvxpy problem turned into parameter maps and a solver that keeps its state."""

    def __init__(self, problem: Any, parameters: list[Any], outputs: list[Any]) -> None:
        import cvxpy as cp

        if not problem.is_dpp():
            raise AssertionError("every limit and objective must be DPP, or the parameter maps do not exist")
        data, _, _ = problem.get_problem_data(cp.CLARABEL, solver_opts={"use_quad_obj": True})
        program = data["param_prob"]
        self._size = program.total_param_size + 1
        self._places = [_place(parameter, program.param_id_to_col) for parameter in parameters]
        self._outputs = [_place(output, program.var_id_to_col) for output in outputs]
        variables = program.x.size
        program.reduced_A.cache()
        entries = program.reduced_A.reduced_mat.tocsr()
        rows, starts, _ = program.reduced_A.problem_data_index
        split = starts[variables]
        self._cost_map = _affine(program.q[:variables])
        height = data["b"].size
        scatter = sp.csr_array(
            (np.ones(len(rows) - split), (rows[split:], np.arange(len(rows) - split))),
            (height, len(rows) - split),
        )
        self._bound_map = _affine(scatter @ entries[split:])
        moving = entries[:split, : self._size - 1].nnz > 0
        self._entry_map = _affine(-entries[:split]) if moving else None
        constant = -np.asarray(entries[:split, [self._size - 1]].todense()).ravel()
        matrix = sp.csc_array((constant, rows[:split], starts[: variables + 1]), (height, variables))
        quadratic = sp.csc_array(data["P"]) if "P" in data else sp.csc_array((variables, variables))
        cones = data["dims"]
        polyhedral = not (cones.soc or cones.exp or cones.psd or cones.p3d or cones.pnd)
        self._exact = ClarabelSolver(quadratic, matrix, cones)
        self._solver: Solver = (
            DaqpSolver(quadratic, matrix, cones.zero, fixed=self._entry_map is None)
            if polyhedral and quadratic.nnz
            else self._exact
        )
        self._lock = Lock()

    def solve(self, values: list[Vector]) -> tuple[Outcome, list[Vector]]:
        """Solve with one array per parameter, in the order given at compilation; returns the outputs asked for.

        Where the active-set solver neither solves nor refutes the problem, Clarabel is asked.
        """
        point = np.empty(self._size)
        point[-1] = 1.0
        for place, value in zip(self._places, values, strict=True):
            point[place] = value
        q, b = self._cost_map @ point, self._bound_map @ point
        entries = None if self._entry_map is None else self._entry_map @ point
        with self._lock:
            outcome = self._solver.solve(q, b, entries)
            if outcome.status is not Status.OPTIMAL and self._solver is not self._exact:
                outcome = self._exact.solve(q, b, entries)
        return outcome, [outcome.x[place] for place in self._outputs]


def _place(symbol: Any, columns: Any) -> slice:
    return slice(0, 0) if symbol is None else slice(columns[symbol.id], columns[symbol.id] + symbol.size)


def _affine(matrix: Any) -> Any:
    matrix = sp.csr_array(matrix)
    return matrix.toarray() if matrix.shape[0] * matrix.shape[1] <= DENSE_MAP_SIZE else matrix


class ClarabelSolver:
    """Clarabel, made anew for each solve: an interior-point method gains nothing from where it was."""

    def __init__(self, quadratic: Any, matrix: Any, cones: Any) -> None:
        import clarabel
        from cvxpy.reductions.solvers.conic_solvers.clarabel_conif import dims_to_solver_cones

        self._clarabel = clarabel
        self._quadratic = sp.csc_array(sp.triu(quadratic))
        self._matrix = matrix
        self._cones = dims_to_solver_cones(cones)
        self._curvature = float(abs(self._quadratic).max())
        self._settings = [_clarabel_settings(tolerance) for tolerance in CLARABEL_TOLERANCES]

    def solve(self, q: Vector, b: Vector, entries: Vector | None) -> Outcome:
        """Solve with the objective scaled to unit size: at 1e-3 the default tolerances move weights by 5e-4."""
        if entries is not None:
            self._matrix.data = entries
        scale = 1 / (max(self._curvature, float(np.abs(q).max())) or 1.0)
        for settings in self._settings:
            solution = self._clarabel.DefaultSolver(
                self._quadratic * scale, q * scale, self._matrix, b, self._cones, settings
            ).solve()
            said = str(solution.status)
            if said in CLARABEL_SAYS:
                break
        return Outcome(CLARABEL_SAYS.get(said, Status.FAILED), np.asarray(solution.x), "Clarabel", said)


def _clarabel_settings(tolerance: float) -> Any:
    import clarabel

    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.tol_feas = min(tolerance, CLARABEL_FEASIBLE)
    settings.reduced_tol_feas = CLARABEL_FEASIBLE
    for name in ("tol_gap_abs", "tol_gap_rel"):
        setattr(settings, name, tolerance)
        setattr(settings, f"reduced_{name}", max(tolerance, CLARABEL_FEASIBLE))
    return settings


class DaqpSolver:
    """DAQP, whose active set is kept from one solve to the next."""

    def __init__(self, quadratic: Any, matrix: Any, equalities: int, *, fixed: bool) -> None:
        import daqp

        self._matrix = matrix
        count = matrix.shape[1]
        hessian = quadratic.toarray()
        hessian = (hessian + hessian.T) / 2
        self._scale = 1 / max(float(np.mean(np.diag(hessian))), np.finfo(float).tiny)
        self._hessian = hessian * self._scale
        self._bounds = SimpleBounds(matrix, equalities) if fixed else None
        self._kept = self._bounds.rest if self._bounds else np.arange(matrix.shape[0])
        self._pad = count if self._bounds else 0
        kept_equalities = int((self._kept < equalities).sum())
        self._lower = np.full(self._pad + len(self._kept), -UNBOUNDED)
        self._upper = np.full(self._pad + len(self._kept), UNBOUNDED)
        self._sense = np.zeros(self._pad + len(self._kept), dtype=np.int32)
        self._sense[self._pad : self._pad + kept_equalities] = DAQP_EQUALITY
        self._equal = slice(self._pad, self._pad + kept_equalities)
        self._rows = np.ascontiguousarray(matrix.toarray()[self._kept])
        self._model = daqp.Model()
        self._started = False

    def solve(self, q: Vector, b: Vector, entries: Vector | None) -> Outcome:
        """Update the numbers and go on from the last active set."""
        if entries is not None:
            self._matrix.data = entries
            self._rows = np.ascontiguousarray(self._matrix.toarray()[self._kept])
        if self._bounds:
            self._bounds.apply(b, self._lower, self._upper)
            if (self._lower[: self._pad] > self._upper[: self._pad]).any():
                return Outcome(Status.INFEASIBLE, np.full(len(q), np.nan), "DAQP", "bounds cross")
        self._upper[self._pad :] = b[self._kept]
        self._lower[self._equal] = self._upper[self._equal]
        cost = q * self._scale
        if self._started:
            if entries is None:
                self._model.update(f=cost, bupper=self._upper, blower=self._lower)
            else:
                self._model.update(f=cost, A=self._rows, bupper=self._upper, blower=self._lower)
        else:
            self._model.settings = {
                "primal_tol": DAQP_TOLERANCE,
                "eps_prox": -PROXIMAL_WEIGHT,
                "eta_prox": PROXIMAL_WEIGHT * PROXIMAL_STEP,
            }
            flag, _ = self._model.setup(self._hessian, cost, self._rows, self._upper, self._lower, self._sense)
            if flag < 0:
                return Outcome(Status.FAILED, np.full(len(q), np.nan), "DAQP", f"setup {flag}")
            self._started = True
        x, _, flag, _ = self._model.solve()
        status = {DAQP_SOLVED: Status.OPTIMAL, DAQP_INFEASIBLE: Status.INFEASIBLE}.get(flag, Status.FAILED)
        if status is not Status.OPTIMAL:
            self._started = False
        return Outcome(status, np.asarray(x), "DAQP", str(flag))


class SimpleBounds:
    """The rows of ``Ax <= b`` that bound one variable, told apart from the rest."""

    def __init__(self, matrix: Any, equalities: int) -> None:
        by_row = matrix.tocsr()
        single = np.flatnonzero((np.diff(by_row.indptr) == 1) & (np.arange(matrix.shape[0]) >= equalities))
        coefficients = by_row.data[by_row.indptr[single]]
        variables = by_row.indices[by_row.indptr[single]]
        self.rest = np.setdiff1d(np.arange(matrix.shape[0]), single)
        self._above = [(single[at], variables[at], coefficients[at]) for at in _layers(variables, coefficients > 0)]
        self._below = [(single[at], variables[at], coefficients[at]) for at in _layers(variables, coefficients < 0)]

    def apply(self, b: Vector, lower: Vector, upper: Vector) -> None:
        """Write the tightest bounds that the rows state into ``lower`` and ``upper``."""
        for number, (rows, variables, coefficients) in enumerate(self._above):
            bound = b[rows] / coefficients
            upper[variables] = bound if number == 0 else np.minimum(upper[variables], bound)
        for number, (rows, variables, coefficients) in enumerate(self._below):
            bound = b[rows] / coefficients
            lower[variables] = bound if number == 0 else np.maximum(lower[variables], bound)


def _layers(variables: Any, chosen: Any) -> list[Any]:
    """Split the chosen rows into layers in which no variable appears twice, the first naming every variable."""
    layers: list[list[int]] = []
    seen: dict[int, int] = {}
    for row in np.flatnonzero(chosen).tolist():
        depth = seen.get(variables[row], 0)
        if depth == len(layers):
            layers.append([])
        layers[depth].append(row)
        seen[variables[row]] = depth + 1
    return [np.array(layer) for layer in layers]
