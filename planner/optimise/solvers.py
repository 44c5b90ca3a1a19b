"""The solvers behind compiled problems, each keeping its state from one solve to the next.

DAQP, a warm active-set method, takes a quadratic objective under linear limits; HiGHS, a simplex method whose basis is
kept, a linear one; Clarabel, an interior-point method, takes cones, and what the other two could not solve.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import scipy.sparse as sp

from planner.optimise.program import fast

if TYPE_CHECKING:
    from planner.optimise.limits import Vector
    from planner.optimise.program import Program

DAQP_TOLERANCE = 1e-11
"""Far below the 1e-8 to which weights are promised to hold their limits."""

DAQP_EQUALITY = 5
DAQP_SOLVED = 1
DAQP_INFEASIBLE = -1
PROXIMAL_WEIGHT = 1e-4
PROXIMAL_STEP = 1e-9
"""DAQP's proximal term where the objective is not strictly convex, iterated until no weight moves by this step."""

HIGHS_TOLERANCE = 1e-10
"""The smallest feasibility tolerance that HiGHS takes."""

CLARABEL_TOLERANCES = (1e-11, 1e-9, 1e-8)
"""Of the objective, and of feasibility down to 1e-9. The later ones are asked for where rounding errors keep the
earlier out of reach: about one cone in a hundred, and one in ten thousand."""

CLARABEL_FEASIBLE = 1e-9
"""The largest violation that Clarabel may leave: a tenth of what results promise."""


class Status(StrEnum):
    """How a solve ended."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a solver said: the whole solution vector where there is one, and its own word for the status.

    ``multipliers`` are those of the solver's own rows, which ``Solver.canonical`` reads.
    """

    status: Status
    x: Vector
    solver: str
    detail: str = ""
    multipliers: Any = None


class Solver(Protocol):
    """A solver of one program in one market, whose parameters change between solves."""

    def solve(self, point: Vector) -> Outcome:
        """Solve with new numbers."""

    def canonical(self, outcome: Outcome) -> Vector:
        """Multipliers of the canonical rows ``Ax <= b``."""


class DaqpSolver:
    """DAQP, whose active set is kept."""

    def __init__(self, program: Program, hessian: Vector) -> None:
        import daqp

        # Divided by the mean curvature, every market looks alike to the solver.
        self._boxed = program.boxed.scaled(1 / max(float(np.mean(np.diag(hessian))), np.finfo(float).tiny))
        self._hessian = hessian * self._boxed.scale
        self._sense = np.zeros(self._boxed.size, dtype=np.int32)
        self._sense[self._boxed.variables : self._boxed.variables + self._boxed.equalities] = DAQP_EQUALITY
        self._model = daqp.Model()
        self._started = False

    def solve(self, point: Vector) -> Outcome:
        """Update the numbers and go on from the last active set."""
        rows, changed = self._boxed.dense_rows(point)
        cost, upper, lower = self._boxed.split(self._boxed.at(point))
        if not self._started:
            flag = self._start(cost, upper, lower, rows)
        elif changed:
            flag = self._model.update(f=cost, A=rows, bupper=upper, blower=lower)
        else:
            flag = self._model.update(f=cost, bupper=upper, blower=lower)
        if flag < 0:  # DAQP refuses bounds that cross
            self._started = False
            crossing = bool((lower > upper).any())
            status = Status.INFEASIBLE if crossing else Status.FAILED
            return Outcome(status, np.full(len(cost), np.nan), "DAQP", "bounds cross" if crossing else f"setup {flag}")
        x, _, flag, information = self._model.solve()
        if flag == DAQP_SOLVED:
            return Outcome(Status.OPTIMAL, x, "DAQP", multipliers=information)
        self._started = False
        return Outcome(Status.INFEASIBLE if flag == DAQP_INFEASIBLE else Status.FAILED, x, "DAQP", str(flag))

    def solve_each(self, points: Any) -> Any:
        """Solutions, one row for each row of points whose matrix entries are those of the first; NaN where none."""
        first = self.solve(points[0])
        costs, uppers, lowers = (_moving(part.T) for part in self._boxed.split(self._boxed.at(points).T))
        x = np.full((len(points), self._boxed.variables), np.nan)
        if first.status is Status.OPTIMAL:
            update, solve = self._model.update, self._model.solve
            x[0] = first.x
            for place in range(1, len(points)):
                if update(f=costs[place], bupper=uppers[place], blower=lowers[place]) < 0:
                    break
                found, _, flag, _ = solve()
                if flag != DAQP_SOLVED:
                    break
                x[place] = found
        self._started = not np.isnan(x[-1, 0])
        return x

    def _start(self, cost: Vector, upper: Vector, lower: Vector, rows: Vector) -> int:
        self._model.settings = {
            "primal_tol": DAQP_TOLERANCE,
            "eps_prox": -PROXIMAL_WEIGHT,
            "eta_prox": PROXIMAL_WEIGHT * PROXIMAL_STEP,
        }
        flag, _ = self._model.setup(self._hessian, cost, rows, upper, lower, self._sense)
        self._started = flag >= 0
        return int(flag)

    def canonical(self, outcome: Outcome) -> Vector:
        """From one multiplier per side of the box."""
        return self._boxed.multipliers(np.asarray(outcome.multipliers["lam"]))


def _moving(rows: Any) -> list[Any]:
    """The rows, or as many None where all are the same and the solver has them already."""
    return [None] * len(rows) if (rows == rows[0]).all() else list(rows)


class HighsSolver:
    """HiGHS's simplex method, whose basis is kept."""

    def __init__(self, program: Program) -> None:
        import highspy

        self._highspy: Any = highspy
        self._boxed = program.boxed.scaled(1.0)
        self._columns = np.arange(self._boxed.variables, dtype=np.int32)
        self._lines = np.arange(self._boxed.size - self._boxed.variables, dtype=np.int32)
        self._model: Any = None
        self._sent: Any = None

    def solve(self, point: Vector) -> Outcome:
        """Update what changed and go on from the last basis."""
        boxed = self._boxed
        entries = boxed.moved(point)
        cost, upper, lower = boxed.split(boxed.at(point))
        scale = float(np.abs(cost).max()) or 1.0
        cost = cost / scale  # HiGHS's tolerance for reduced costs is absolute
        if self._model is None:
            self._start(cost, upper, lower)
        else:
            split = boxed.variables
            self._model.changeColsCost(split, self._columns, cost)
            self._model.changeColsBounds(split, self._columns, lower[:split], upper[:split])
            self._model.changeRowsBounds(len(self._lines), self._lines, lower[split:], upper[split:])
        if entries is not None:
            self._send(entries)
        self._model.run()
        status = self._model.getModelStatus()
        solution = self._model.getSolution()
        said = self._highspy.HighsModelStatus
        ended = {said.kOptimal: Status.OPTIMAL, said.kInfeasible: Status.INFEASIBLE}.get(status, Status.FAILED)
        if ended is Status.FAILED:
            self._model.clearSolver()
        return Outcome(ended, np.asarray(solution.col_value), "HiGHS", status.name, (solution, scale))

    def _start(self, cost: Vector, upper: Vector, lower: Vector) -> None:
        rows, split = self._boxed.rows.tocsc(), self._boxed.variables
        lp = self._highspy.HighsLp()
        lp.num_col_, lp.num_row_ = split, len(self._lines)
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, lower[:split], upper[:split]
        lp.row_lower_, lp.row_upper_ = lower[split:], upper[split:]
        lp.a_matrix_.format_ = self._highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = rows.indptr, rows.indices, rows.data
        self._model = self._highspy.Highs()
        for option, value in {
            "output_flag": False,
            "threads": 1,
            "primal_feasibility_tolerance": HIGHS_TOLERANCE,
            "dual_feasibility_tolerance": HIGHS_TOLERANCE,
        }.items():
            self._model.setOptionValue(option, value)
        self._model.passModel(lp)

    def _send(self, entries: Vector) -> None:
        """Send the entries of the matrix that differ from those sent before."""
        lines, columns = self._boxed.moving
        differ = range(len(entries)) if self._sent is None else np.flatnonzero(entries != self._sent).tolist()
        for place in differ:
            self._model.changeCoeff(int(lines[place]), int(columns[place]), float(entries[place]))
        self._sent = entries

    def canonical(self, outcome: Outcome) -> Vector:
        """From reduced costs and row multipliers, whose signs are opposite."""
        solution, scale = outcome.multipliers
        return self._boxed.multipliers(-scale * np.concatenate([solution.col_dual, solution.row_dual]))


CLARABEL_SAYS = {
    "Solved": Status.OPTIMAL,
    "AlmostSolved": Status.OPTIMAL,
    "PrimalInfeasible": Status.INFEASIBLE,
    "AlmostPrimalInfeasible": Status.INFEASIBLE,
}


class ClarabelSolver:
    """Clarabel, made anew for each solve: an interior-point method gains nothing from where it was."""

    def __init__(self, program: Program, hessian: Vector | None) -> None:
        import clarabel
        from cvxpy.reductions.solvers.conic_solvers.clarabel_conif import dims_to_solver_cones

        self._clarabel = clarabel
        size = (program.variables, program.variables)
        self._quadratic = sp.csc_array(size) if hessian is None else sp.csc_array(np.triu(hessian))
        self._matrix = program.matrix.copy()
        self._cost_map, self._bound_map = fast(program.cost_map), fast(program.bound_map)
        self._moving = program.moving
        self._entry_map = fast(program.entry_map[program.moving]) if len(program.moving) else None
        self._cones = dims_to_solver_cones(program.cones)
        self._curvature = float(abs(self._quadratic).max())
        self._settings = [_clarabel_settings(tolerance) for tolerance in CLARABEL_TOLERANCES]

    def solve(self, point: Vector) -> Outcome:
        """Solve with the objective scaled to unit size: at 1e-3 the default tolerances move weights by 5e-4."""
        q, b = self._cost_map @ point, self._bound_map @ point
        if self._entry_map is not None:
            self._matrix.data[self._moving] = self._entry_map @ point
        scale = 1 / (max(self._curvature, float(np.abs(q).max())) or 1.0)
        tried = []
        for tolerance, settings in zip(CLARABEL_TOLERANCES, self._settings, strict=True):
            solution = self._clarabel.DefaultSolver(
                self._quadratic * scale, q * scale, self._matrix, b, self._cones, settings
            ).solve()
            said = str(solution.status)
            tried.append(f"{said} at {tolerance:g}")
            if said in CLARABEL_SAYS:
                break
        status = CLARABEL_SAYS.get(said, Status.FAILED)
        late = status is Status.OPTIMAL and len(tried) > 1
        name = f"Clarabel at {tolerance:g}" if late else "Clarabel"
        return Outcome(status, np.asarray(solution.x), name, ", ".join(tried), (solution.z, scale))

    def solve_each(self, points: Any) -> Any:
        """Solutions, one row for each row of points whose matrix entries are those of the first; NaN where none.

        The symbolic work is done once, which is most of a small solve.
        """
        costs, bounds = (self._cost_map @ points.T).T, (self._bound_map @ points.T).T
        if self._entry_map is not None:
            self._matrix.data[self._moving] = self._entry_map @ points[0]
        scale = 1 / (max(self._curvature, float(np.abs(costs).max())) or 1.0)
        x = np.full(costs.shape, np.nan)
        for settings in self._settings:
            left = np.flatnonzero(np.isnan(x[:, 0]))
            for place in left:
                q, b = costs[place] * scale, bounds[place]
                if place == left[0]:
                    problem = (self._quadratic * scale, q, self._matrix, b, self._cones, settings)
                    solver = self._clarabel.DefaultSolver(*problem)
                else:
                    solver.update(q=q, b=b)
                solution = solver.solve()
                if CLARABEL_SAYS.get(str(solution.status)) is Status.OPTIMAL:
                    x[place] = solution.x
        return x

    def canonical(self, outcome: Outcome) -> Vector:
        """Its own, in the units of the cost."""
        z, scale = outcome.multipliers
        return np.asarray(np.asarray(z) / scale)


def _clarabel_settings(tolerance: float) -> Any:
    import clarabel

    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.presolve_enable = False  # rows without bounds, which it takes out, there are none; and it forbids updates
    settings.tol_feas = min(tolerance, CLARABEL_FEASIBLE)
    settings.reduced_tol_feas = CLARABEL_FEASIBLE
    for name in ("tol_gap_abs", "tol_gap_rel"):
        setattr(settings, name, tolerance)
        setattr(settings, f"reduced_{name}", max(tolerance, CLARABEL_FEASIBLE))
    return settings
