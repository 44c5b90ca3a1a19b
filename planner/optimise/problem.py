"""A program in one market, solved again and again at the cost of the bare solver."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from planner.optimise.solvers import ClarabelSolver, DaqpSolver, HighsSolver, Outcome, Solver, Status

if TYPE_CHECKING:
    from planner.optimise.limits import Vector
    from planner.optimise.program import Program

ONE = np.ones(1)


class CompiledProblem:
    """Parameter values in, solution out.

    Linear limits go to DAQP or, with a linear objective, to HiGHS; what they neither solve nor refute, and all cones,
    to Clarabel; the outcome then names both. ``quadratic`` is the Hessian at the weights, None for a linear objective.
    """

    def __init__(self, program: Program, quadratic: Vector | None = None) -> None:
        self.program = program
        self._hessian = program.hessian(quadratic)
        self._exact: ClarabelSolver | None = None
        self._solver: Solver
        if not program.polyhedral:
            self._solver = self._fallback()
        else:
            self._solver = HighsSolver(program) if self._hessian is None else DaqpSolver(program, self._hessian)
        self._lock = Lock()

    def _fallback(self) -> ClarabelSolver:
        if self._exact is None:
            self._exact = ClarabelSolver(self.program, self._hessian)
        return self._exact

    def solve(self, values: list[Vector]) -> tuple[Outcome, list[Vector]]:
        """Solve with one array per parameter, in the order given at compilation; returns the outputs asked for."""
        with self._lock:
            outcome, _ = self._solved(np.concatenate([*values, ONE]))
        return outcome, [outcome.x[place] for place in self.program.outputs]

    def cost(self, values: list[Vector], outcome: Outcome) -> float:
        """The least cost, ``x'Px / 2 + q'x`` at the solution for these values."""
        curved = 0.0 if self._hessian is None else float(outcome.x @ self._hessian @ outcome.x) / 2
        return curved + float((self.program.cost_map @ np.concatenate([*values, ONE])) @ outcome.x)

    def solve_each(self, points: Any) -> list[Vector]:
        """Solve for each row of parameter values in turn, each from the one before.

        The outputs have one row per solve, NaN where there is no solution. Only numbers may differ that leave the
        constraint matrix as it is.
        """
        points = np.column_stack([points, np.ones(len(points))])
        with self._lock:
            if isinstance(self._solver, DaqpSolver | ClarabelSolver):
                x = self._solver.solve_each(points)
            else:
                x = np.full((len(points), self.program.variables), np.nan)
            for place in np.flatnonzero(np.isnan(x[:, 0])):
                outcome, _ = self._solved(points[place])
                if outcome.status is Status.OPTIMAL:
                    x[place] = outcome.x
        return [x[:, place] for place in self.program.outputs]

    def slopes(self, values: list[Vector]) -> tuple[Outcome, list[Vector]]:
        """What one more of every parameter adds to the least cost, one array per parameter."""
        point = np.concatenate([*values, ONE])
        with self._lock:
            outcome, solver = self._solved(point)
            z = solver.canonical(outcome) if outcome.status is Status.OPTIMAL else None
        if z is None:
            return outcome, [np.full(len(value), np.nan) for value in values]
        ends = np.cumsum([len(value) for value in values])
        return outcome, np.split(self.program.slopes(point, outcome.x, z), ends[:-1])

    def _solved(self, point: Vector) -> tuple[Outcome, Solver]:
        outcome = self._solver.solve(point)
        if outcome.status is Status.OPTIMAL or self._solver is self._exact:
            return outcome, self._solver
        exact = self._fallback()
        second = exact.solve(point)
        tried = f"{outcome.solver}: {outcome.detail}; {second.solver}: {second.detail}"
        return replace(second, solver=f"{outcome.solver}, then {second.solver}", detail=tried), exact
