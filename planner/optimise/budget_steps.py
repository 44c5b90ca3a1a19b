"""Risk budgets inside linear limits: a sequence of quadratic programs, each a Newton step that keeps to the limits."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from planner.optimise.kept import KEPT_PROGRAMS
from planner.optimise.mean_variance import compiled_for, numbers
from planner.optimise.objectives import MinimumVariance
from planner.optimise.problem import ONE
from planner.optimise.solvers import DAQP_EQUALITY, DAQP_SOLVED, DAQP_TOLERANCE

if TYPE_CHECKING:
    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Limit, Vector
    from planner.optimise.program import Program

ANCHORS = 60
"""Curvatures taken at most; five are many."""

FILLINGS = 3
"""Times that the first guess is spread again over the weights that reach no bound."""

LEAST_HOLDING = 1e-4
"""What a limit must leave to an asset with a risk budget: the step in which loosenings are offered."""

LARGEST_FULL_STEP = 0.5
"""Relative step up to which the log barrier, being self-concordant, descends for sure; longer ones are damped."""

SMALLEST_FACTOR = 0.1
"""A budgeted weight falls to no less than this part of itself under one curvature."""

CONVERGING = 0.02
CONVERGING_MANY = 0.3
MANY = 64
"""The curvature stands as long as each step is at most this part of the one before. It costs a factor: where the
variables are many, as much as twenty steps."""

WORSE = 0.5
"""A step under an old curvature does not count if it is more than this part of the one before."""

LAST_ERROR = 1e-12
"""Relative error of a weight at which the steps end."""

FLAT = 2.0
"""Curvature of the barrier, without its best scale, along the weights themselves: ``y'Hy``."""

AUXILIARY = 1e-5 * FLAT
"""Curvature on the steps of variables that no objective holds, such as trades; it slows them by as small a part."""


class _Polyhedron:
    """The linear limits of a program as ``lower <= [x; Rx] <= upper``, where x holds the weights."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.weights, self.variables = program.outputs[0], program.variables
        self._boxed = program.boxed.scaled(1.0)
        self.sense = np.zeros(self._boxed.size, dtype=np.int32)
        self.sense[self.variables : self.variables + self._boxed.equalities] = DAQP_EQUALITY
        self._lock = Lock()

    def at(self, point: Vector) -> tuple[Vector, Vector, Vector]:
        """Rows R, upper and lower for these values of the parameters."""
        _, upper, lower = self._boxed.split(self._boxed.at(point))
        with self._lock:
            rows, _ = self._boxed.dense_rows(point)
            return rows, upper, lower

    def canonical(self, multipliers: Vector) -> Vector:
        """Multipliers of the program's rows from those of the lines."""
        return self._boxed.multipliers(multipliers)


@lru_cache(maxsize=KEPT_PROGRAMS)
def _polyhedron(program: Program) -> _Polyhedron:
    return _Polyhedron(program)


def inside(assumptions: Assumptions, shares: Vector, limits: tuple[Limit, ...], near: Vector) -> Vector | None:
    """Weights of the least log barrier inside linear limits, from the weights ``near``; None where not found.

    ``min over s of F(sw)`` with ``F(y) = y'Sy / 2 - b'log y`` is the barrier free of scale. Each step minimises its
    model, whose curvature is ``H - Hyy'H / y'Hy`` with H that of F at the best scale, inside the limits: sequential
    quadratic programming (Nocedal & Wright 2006, chapter 18), which ends where the gradient and the multipliers of the
    limits cancel out, whatever the curvature.
    """
    walk = _walk(assumptions, shares, limits)
    return None if walk is None else walk.to_the_end(near)


def multipliers(
    assumptions: Assumptions, shares: Vector, limits: tuple[Limit, ...], near: Vector
) -> tuple[Program, Vector, Vector] | None:
    """The program of these limits, the point of its parameters, and the multipliers of its canonical rows there.

    They are those of ``log(w'Sw) / 2 - b'log w``. None where the limits are not linear or the weights not found.
    """
    walk = _walk(assumptions, shares, limits)
    if walk is None or walk.to_the_end(near) is None:
        return None
    return walk.polyhedron.program, walk.point, walk.polyhedron.canonical(walk.multipliers)


def _walk(assumptions: Assumptions, shares: Vector, limits: tuple[Limit, ...]) -> _Walk | None:
    if any(limit.market_bound or not limit.convex for limit in limits):
        return None
    program = compiled_for(assumptions, MinimumVariance(), limits).program
    if not program.polyhedral:
        return None
    point = np.concatenate([*numbers(assumptions, MinimumVariance(), limits), ONE])
    return _Walk(assumptions.cov, shares, _polyhedron(program), point)


class _Walk:
    """The steps of one solve."""

    def __init__(self, cov: Vector, shares: Vector, polyhedron: _Polyhedron, point: Vector) -> None:
        self.polyhedron, self.point = polyhedron, point
        self.multipliers = np.zeros(len(polyhedron.sense))
        self._cov, self._shares = cov, shares
        self._rows, self._upper, self._lower = polyhedron.at(point)
        self._sense, self._place, count = polyhedron.sense, polyhedron.weights, polyhedron.variables
        self._unbudgeted = shares <= 0 if shares.min() <= 0 else None
        self._hessian, self._cost = np.zeros((count, count)), np.zeros(count)
        diagonal = self._hessian.reshape(-1)[:: count + 1]
        diagonal[:] = AUXILIARY
        self._block, self._diagonal = self._hessian[self._place, self._place], diagonal[self._place]
        self._converging = CONVERGING_MANY if count > MANY else CONVERGING
        self._model: Any = None

    def to_the_end(self, near: Vector) -> Vector | None:
        """The weights where no step is left to take."""
        x = np.zeros(len(self._cost))
        w = x[self._place]
        highest = np.maximum(self._upper[self._place], LEAST_HOLDING)
        w[:] = _between(near / np.add.reduce(near), self._lower[self._place], highest)
        budgeted = self._shares > 0
        for anchor in range(ANCHORS):
            if not float(w @ self._cov @ w) > 0:
                return None
            gradient, pull = self._curve(w)
            floor = np.where(budgeted, SMALLEST_FACTOR * w, -np.inf)
            d = self._first_step(x, gradient, floor)
            if d is None and not anchor:
                d = self._first_step(x, gradient, np.where(budgeted, np.minimum(floor, LEAST_HOLDING), -np.inf))
            if d is None:
                return None
            held = self._held(w)
            length = _largest(d[self._place] / held)
            if anchor and length > LARGEST_FULL_STEP:
                x += d * _damping(d[self._place] / held, -float(pull @ d[self._place]) / 2)
            else:
                d, arrived = self._more_steps(w, d, held, length, left=length if anchor else 1.0)
                x += d
                if arrived and length <= LARGEST_FULL_STEP:
                    return w
        return None

    def _held(self, w: Vector) -> Vector:
        return w if self._unbudgeted is None else np.where(self._unbudgeted, 1.0, w)

    def _curve(self, w: Vector) -> tuple[Vector, Vector]:
        """Take the curvature at ``w``; return the gradient and ``Hy`` at the best scale, in units of w.

        The direction of w itself, in which the barrier is flat, gets what H has there: the sum of weights is fixed.
        """
        slope, push, variance = self._slopes(w)
        pull = slope + push
        block = np.divide(self._cov, variance, out=self._block)
        block -= (pull / 2)[:, None] * pull
        block += FLAT
        self._diagonal += push / self._held(w)
        return slope - push, pull

    def _slopes(self, w: Vector) -> tuple[Vector, Vector, float]:
        slope = self._cov @ w
        variance = float(w @ slope)
        return slope / variance, self._shares / self._held(w), variance

    def _first_step(self, x: Vector, gradient: Vector, floor: Vector) -> Vector | None:
        at = np.concatenate([x, self._rows @ x])
        upper, lower = self._upper - at, self._lower - at
        low = lower[self._place]
        np.maximum(low, floor - x[self._place], out=low)
        self._cost[self._place] = gradient
        if self._model is None:
            import daqp

            self._model = daqp.Model()
            self._model.settings = {"primal_tol": DAQP_TOLERANCE}
            flag, _ = self._model.setup(self._hessian, self._cost, self._rows, upper, lower, self._sense)
        else:
            flag = self._model.update(H=self._hessian, f=self._cost, bupper=upper, blower=lower)
        if flag < 0:
            self._model = None
            return None
        return self._solved()

    def _solved(self) -> Vector | None:
        d, _, flag, said = self._model.solve()
        if flag != DAQP_SOLVED:
            self._model = None
            return None
        self.multipliers = said["lam"]
        return np.asarray(d)

    def _more_steps(self, w: Vector, d: Vector, held: Vector, length: float, left: float) -> tuple[Vector, bool]:
        """Steps that keep the curvature and renew the gradient, while they converge; and whether they ended.

        ``left`` is the part of its length that the first step leaves as an error: its length, by Newton's method,
        unless it came from outside the limits.
        """
        while not length * left <= LAST_ERROR:
            slope, push, _ = self._slopes(w + d[self._place])
            self._cost[:] = self._hessian @ -d
            self._cost[self._place] += slope - push
            self._model.update(f=self._cost)
            further = self._solved()
            if further is None:
                return d, False
            last, length = length, _largest((further - d)[self._place] / held)
            if not length <= WORSE * last:
                return d, False
            d, left = further, length / (last or 1.0)
            if left > self._converging:
                return d, False
        return d, True


def _between(w: Vector, lower: Vector, upper: Vector) -> Vector:
    """Near these weights, between bounds: one factor for all that reach none, so that the sum is about 1."""
    bounded = w
    for _ in range(FILLINGS):
        bounded = np.minimum(np.maximum(w, lower), upper)
        rest = np.add.reduce(w[bounded == w])
        missing = 1 - np.add.reduce(bounded) + rest
        if rest <= 0 or missing <= 0:
            break
        w = w * (missing / rest)
    return bounded


def _largest(z: Vector) -> float:
    return float(np.maximum.reduce(np.abs(z)))


def _damping(z: Vector, scale: float) -> float:
    """How much of a step descends for sure: ``1 / (1 + length)`` of it in y, where its scale also moves."""
    part = 1 / (1 + _largest(z + scale))
    return min(1.0, part / max(part, 1 + part * scale))
