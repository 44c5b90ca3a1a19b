"""Our compiled core with its numbers laid out, and the solver inside it alone with the same numbers.

What the first takes more than the second is what our core adds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import daqp
import highspy
import numpy as np

from planner.optimise.mean_variance import compiled_for, numbers, with_long_only
from planner.optimise.problem import ONE, CompiledProblem
from planner.optimise.solvers import (
    DAQP_EQUALITY,
    DAQP_TOLERANCE,
    HIGHS_TOLERANCE,
    PROXIMAL_STEP,
    PROXIMAL_WEIGHT,
)

from .by_planner import limits, objective
from .problem import Aim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.optimise.program import Program

    from .problem import Method, Problem, Vector

PROGRAMS = {Aim.MEAN_VARIANCE, Aim.MAXIMUM_SHARPE, Aim.CVAR_240, Aim.CVAR_2000}
"""What one program solves: frontiers sweep through one, and risk budgets have a method of their own."""


def core(aim: Aim, problems: Sequence[Problem]) -> Method | None:
    """``CompiledProblem.solve`` for values that are laid out."""
    if aim not in PROGRAMS:
        return None
    compiled, values = _compiled(problems)

    def solve(problem: Problem) -> Vector:
        _, (w, total) = compiled.solve(values[problem])
        return w / total

    return solve


def solver(aim: Aim, problems: Sequence[Problem]) -> Method | None:
    """DAQP, or HiGHS where the objective is linear, updated and solved."""
    if aim not in PROGRAMS:
        return None
    compiled, values = _compiled(problems)
    program = compiled.program
    hessian = program.hessian(objective(problems[0]).quadratic(problems[0].assumptions))
    points = {problem: np.concatenate([*parts, ONE]) for problem, parts in values.items()}
    alone = _highs(program, points) if hessian is None else _daqp(program, hessian, points)
    weights, total = program.outputs

    def solve(problem: Problem) -> Vector:
        x = alone(problem)
        return x[weights] / x[total]

    return solve


def _compiled(problems: Sequence[Problem]) -> tuple[CompiledProblem, dict[Problem, list[Vector]]]:
    values = {}
    for problem in problems:
        within = with_long_only(problem.assumptions, tuple(limits(problem)))
        values[problem] = numbers(problem.assumptions, objective(problem), within)
    # The kept problem is the public API's, whose active set is not to help here.
    program = compiled_for(problem.assumptions, objective(problem), within).program
    return CompiledProblem(program, objective(problem).quadratic(problem.assumptions)), values


def _daqp(program: Program, hessian: Vector, points: dict[Problem, Vector]) -> Method:
    boxed = program.boxed.scaled(1 / float(np.mean(np.diag(hessian))))
    laid_out: dict[Problem, dict[str, Any]] = {}
    for problem, point in points.items():
        rows, changed = boxed.dense_rows(point)
        cost, upper, lower = boxed.split(boxed.at(point))
        matrix = {"A": rows.copy()} if changed else {}
        laid_out[problem] = {"f": cost, "bupper": upper, "blower": lower, **matrix}
    sense = np.zeros(boxed.size, dtype=np.int32)
    sense[boxed.variables : boxed.variables + boxed.equalities] = DAQP_EQUALITY
    model = daqp.Model()
    model.settings = {
        "primal_tol": DAQP_TOLERANCE,
        "eps_prox": -PROXIMAL_WEIGHT,
        "eta_prox": PROXIMAL_WEIGHT * PROXIMAL_STEP,
    }
    model.setup(hessian * boxed.scale, cost, rows, upper, lower, sense)

    def solve(problem: Problem) -> Vector:
        model.update(**laid_out[problem])
        x, *_ = model.solve()
        return x

    return solve


def _highs(program: Program, points: dict[Problem, Vector]) -> Method:
    boxed = program.boxed
    split, lines = boxed.variables, boxed.size - boxed.variables
    laid_out = {}
    for problem, point in points.items():
        cost, upper, lower = boxed.split(boxed.at(point))
        laid_out[problem] = cost / np.abs(cost).max(), upper, lower
    columns, rows = np.arange(split, dtype=np.int32), np.arange(lines, dtype=np.int32)
    matrix = boxed.rows.tocsc()
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = split, lines
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = laid_out[problem][0], lower[:split], upper[:split]
    lp.row_lower_, lp.row_upper_ = lower[split:], upper[split:]
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    model: Any = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    for tolerance in ("primal_feasibility_tolerance", "dual_feasibility_tolerance"):
        model.setOptionValue(tolerance, HIGHS_TOLERANCE)
    model.passModel(lp)

    def solve(problem: Problem) -> Vector:
        cost, upper, lower = laid_out[problem]
        model.changeColsCost(split, columns, cost)
        model.changeColsBounds(split, columns, lower[:split], upper[:split])
        model.changeRowsBounds(lines, rows, lower[split:], upper[split:])
        model.run()
        return np.asarray(model.getSolution().col_value)

    return solve
