"""The lean path from parameters to solver, against cvxpy's own solve and against the conditions of optimality."""

from __future__ import annotations

import warnings

import cvxpy as cp
import numpy as np
import pytest
from random_markets import market, random_market

from planner.optimise import (
    Bounds,
    Group,
    HighestReturn,
    MaximumReturn,
    MaximumSharpe,
    MaximumUtility,
    MinimumVariance,
    TargetReturn,
    Turnover,
    VolatilityCap,
    kept,
)
from planner.optimise.limits import Scaled
from planner.optimise.mean_variance import compiled_for, numbers, with_long_only
from planner.optimise.solvers import Status

SIZE = 6
EQUAL = dict.fromkeys("abcdef", 1 / SIZE)
CONVEX = ("variance", "utility", "target", "sharpe")
EXACT = {"tol_feas": 1e-11, "tol_gap_abs": 1e-11, "tol_gap_rel": 1e-11}


def stated(kind, rng, assumptions):
    """An objective and limits of one shape, with numbers drawn around equal weights, which meet them all."""
    inside = np.full(SIZE, 1 / SIZE)
    objective = {
        "variance": MinimumVariance,
        "utility": lambda: MaximumUtility(float(rng.uniform(0.5, 20))),
        "target": lambda: TargetReturn(float(assumptions.mu @ inside + rng.uniform(-0.01, 0))),
        "sharpe": MaximumSharpe,
        "highest": HighestReturn,
        "return": lambda: MaximumReturn(float(np.sqrt(inside @ assumptions.cov @ inside) * rng.uniform(1.01, 1.5))),
    }[kind]()
    lows, highs = rng.uniform(0, 0.15, 2), rng.uniform(0.2, 0.6, 3)
    limits = (
        Bounds(lower={"a": float(lows[0])}, upper=float(highs[0])),
        Group("abc", ("a", "b", "c"), float(0.5 - lows[1]), float(0.5 + highs[1] / 2)),
        Turnover(EQUAL, float(highs[2])),
    )
    return objective, (*with_long_only(assumptions, limits), *objective.requirements())


class ByCvxpy:
    """The same statement as a cvxpy problem with Parameters, solved by cvxpy itself."""

    def __init__(self, assumptions, objective, limits):
        self._values = [cp.Parameter(value.shape) for value in numbers(assumptions, objective, limits)]
        self._total = cp.Variable()
        self._w = cp.Variable(SIZE)
        homogeneous = objective.homogeneous
        problem = Scaled(self._w, self._total if homogeneous else 1.0, assumptions, objective.quadratic(assumptions))
        aim, *rest = (value if value.size else None for value in self._values)
        rows = [cp.sum(self._w) == self._total, *objective.constraints(problem, aim)]
        rows.append(self._total >= 0 if homogeneous else self._total == 1)
        for limit, values in zip(limits, rest, strict=True):
            rows += limit.constraints(problem, values)
        # In its own unit the objective is so small that the default tolerances leave weights 1e-5 off.
        unit = 1.0 if homogeneous else float(np.mean(np.diag(assumptions.cov)))
        self._problem = cp.Problem(cp.Minimize(objective.cost(problem, aim) / unit), rows)

    def solve(self, values):
        for parameter, value in zip(self._values, values, strict=True):
            parameter.value = value
        """The weights, or None where Clarabel does not get as far as asked."""
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Solution may be inaccurate")
            try:
                self._problem.solve(solver=cp.CLARABEL, **EXACT)
            except cp.SolverError:
                return None
        return self._w.value / self._total.value if self._problem.status == cp.OPTIMAL else None


@pytest.mark.parametrize("kind", [*CONVEX, "highest", "return"])
def test_thousands_of_problems_are_answered_as_cvxpy_answers_them(kind):
    rng, compared = np.random.default_rng(3), 0
    for seed in range(7):
        assumptions = random_market(seed + 200, size=SIZE)
        peer = None
        for _ in range(60):
            objective, limits = stated(kind, rng, assumptions)
            values = numbers(assumptions, objective, limits)
            peer = peer or ByCvxpy(assumptions, objective, limits)
            outcome, (w, total) = compiled_for(assumptions, objective, limits).solve(values)
            expected = peer.solve(values)
            assert outcome.status is Status.OPTIMAL
            if expected is not None:
                compared += 1
                assert w / total == pytest.approx(expected, abs=1e-6)
    assert compared > 300


@pytest.mark.parametrize("kind", CONVEX)
def test_the_hessian_of_another_market_is_the_one_that_cvxpy_would_have_made(kind):
    rng = np.random.default_rng(4)
    kept._programs.clear()
    for seed in (300, 301, 302):
        assumptions = random_market(seed, size=SIZE)
        objective, limits = stated(kind, rng, assumptions)
        problem = compiled_for(assumptions, objective, limits)
        peer = ByCvxpy(assumptions, objective, limits)
        for parameter, value in zip(peer._values, numbers(assumptions, objective, limits), strict=True):
            parameter.value = value
        data, _, _ = peer._problem.get_problem_data(cp.CLARABEL, solver_opts={"use_quad_obj": True})
        theirs = data["P"].toarray() * (1.0 if objective.homogeneous else float(np.mean(np.diag(assumptions.cov))))
        theirs = theirs + theirs.T - np.diag(np.diag(theirs)) if np.allclose(np.tril(theirs, -1), 0) else theirs
        ours = problem.program.hessian(objective.quadratic(assumptions))
        assert np.sort(np.linalg.eigvalsh(ours)) == pytest.approx(np.sort(np.linalg.eigvalsh(theirs)), abs=1e-12)


def canonical(problem, point):
    """P, q, A and b of the canonical form at a point of the parameters."""
    program = problem.program
    matrix = program.matrix.copy()
    matrix.data = program.entry_map @ point
    return problem._hessian, program.cost_map @ point, matrix.toarray(), program.bound_map @ point


@pytest.mark.parametrize("kind", [*CONVEX, "highest"])
@pytest.mark.parametrize("seed", range(12))
def test_primal_and_dual_solution_close_the_gap_by_our_own_sums(kind, seed):
    rng = np.random.default_rng(seed)
    assumptions = random_market(seed + 400, size=SIZE)
    objective, limits = stated(kind, rng, assumptions)
    problem = compiled_for(assumptions, objective, limits)
    point = np.concatenate([*numbers(assumptions, objective, limits), [1.0]])
    outcome = problem._solver.solve(point)
    x, z = outcome.x, problem._solver.canonical(outcome)
    hessian, q, matrix, b = canonical(problem, point)
    curved = np.zeros(len(x)) if hessian is None else hessian @ x
    scale = max(1.0, np.abs(z).max(), np.abs(curved).max())
    equalities = problem.program.cones.zero
    assert (matrix @ x - b)[equalities:].max() <= 1e-9
    assert np.abs((matrix @ x - b)[:equalities]).max() <= 1e-9
    assert z[equalities:].min() >= -1e-9 * scale
    assert np.abs(curved + q + matrix.T @ z).max() <= 1e-8 * scale
    assert abs(x @ curved + q @ x + b @ z) <= 1e-8 * scale


@pytest.mark.parametrize("kind", ["variance", "utility", "target", "highest", "return"])
@pytest.mark.parametrize("seed", range(4))
def test_slopes_are_what_a_small_step_of_each_parameter_does(kind, seed):
    rng = np.random.default_rng(seed)
    assumptions = random_market(seed + 500, size=SIZE)
    objective, limits = stated(kind, rng, assumptions)
    problem = compiled_for(assumptions, objective, limits)
    values = numbers(assumptions, objective, limits)
    _, slopes = problem.slopes(values)
    flat, step = np.concatenate(slopes), 1e-5
    ends = np.cumsum([len(value) for value in values])[:-1]

    def least(place, by):
        moved = np.concatenate(values)
        moved[place] += by
        outcome, _ = problem.solve(np.split(moved, ends))
        if outcome.status is not Status.OPTIMAL:
            return np.nan
        x, point = outcome.x, np.append(moved, 1.0)
        hessian = problem._hessian
        return (0.0 if hessian is None else x @ hessian @ x / 2) + (problem.program.cost_map @ point) @ x

    for place in range(len(flat)):
        right, left = ((least(place, by) - least(place, 0)) / by for by in (step, -step))
        if np.isfinite(right) and np.isfinite(left):  # at a kink any slope between the two is right
            low, high = sorted((right, left))
            assert low - 2e-4 <= flat[place] <= high + 2e-4


def test_opposite_rows_are_one_line_and_bounds_are_none():
    assumptions = market(np.zeros(4), np.eye(4) * 0.04)
    limits = (Bounds(lower=0.0, upper=0.5), Group("ab", ("a", "b"), 0.2, 0.6), Group("bc", ("b", "c"), upper=0.7))
    boxed = compiled_for(assumptions, MinimumVariance(), limits)._solver._boxed
    rows = boxed.rows.toarray()
    assert len(rows) == 2 + 2  # two equalities (sum and total), two groups
    assert boxed.equalities == 2


def test_a_cone_is_solved_by_clarabel_and_says_so():
    assumptions = random_market(3, size=SIZE)
    found = compiled_for(assumptions, MinimumVariance(), (VolatilityCap(0.9),))
    outcome, _ = found.solve(numbers(assumptions, MinimumVariance(), (VolatilityCap(0.9),)))
    assert outcome.solver == "Clarabel"
