"""How far each weight may move before the portfolio is noticeably worse than the best."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import singledispatch
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.optimise.limits import checked_fraction, covariance_factor, positions, typical_variance
from planner.optimise.mean_variance import compiled_for, numbers, with_long_only
from planner.optimise.objectives import HighestReturn, MaximumSharpe, MaximumUtility, MinimumVariance, Objective
from planner.optimise.solution import CLEANING, Failed, Solved
from planner.optimise.tail_risk import MinimumCVaR
from planner.optimise.tracking import TrackTargets
from planner.wording import percent, percent_range

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Scaled, Vector

DEFAULT_EPSILON = 0.001
"""A tenth of a percent a year: less than what funds cost, and far less than anybody knows of expected returns."""

LEAST_EPSILON = 1e-6
"""Nearer to the best than this solvers cannot tell portfolios apart."""

DIGITS = 4
"""Ranges as wide as each other to the hundredth of a percent are named in the order of the assets."""

MOST_NAMED = 3
"""A sentence names this many of the widest ranges."""


@dataclass(frozen=True, eq=False)
class NearOptimal:
    """The range of each weight over all portfolios nearly as good as ``solution``.

    ``table`` has one row an asset, ``groups`` one a group, each with the columns lower, weight and upper (decimals).
    One weight may take any value of its range; several at once need not.
    """

    solution: Solved
    epsilon: float
    table: pd.DataFrame = field(repr=False)
    groups: pd.DataFrame = field(repr=False)

    @property
    def sentence(self) -> str:
        """What counts as nearly as good, and the widest ranges."""
        named = self.groups if len(self.groups) else self.table
        widths = (named["upper"] - named["lower"]).round(DIGITS)
        widest = widths.sort_values(ascending=False, kind="stable").index[:MOST_NAMED]
        ranges = (f"{name} {percent_range(named.loc[name, 'lower'], named.loc[name, 'upper'])}" for name in widest)
        near = as_good(self.solution.objective, self.solution, self.epsilon)
        return f"Portfolios {near.said.format(percent(self.epsilon, 2))} may hold {', '.join(ranges)}."

    def _repr_html_(self) -> str:
        rows = pd.concat([self.table, self.groups]).style.format("{:.1%}").to_html()
        return f"<p>{escape(self.sentence)}</p>{rows}"


@dataclass(frozen=True)
class AsGood:
    """What makes a portfolio as good as a solution but for an epsilon: the cost of ``objective`` is at most ``most``.

    ``said`` are the words, with a place for the epsilon.
    """

    said: str
    objective: Objective
    most: float = 1.0


def near_optimal_ranges(
    solution: Solved, epsilon: float = DEFAULT_EPSILON, groups: Mapping[str, Iterable[str]] | None = None
) -> NearOptimal | Failed:
    """The least and the most of each asset, and of each group, over portfolios nearly as good as the solution.

    They are inside the same limits, and within ``epsilon`` of the best in what the objective is about: the certainty
    equivalent return a year for ``MaximumUtility`` and ``RobustUtility``, the expected return for ``HighestReturn`` and
    ``MaximumReturn``, the volatility for ``MinimumVariance`` and ``TargetReturn``, the return short of what the best
    ratio gives at the same volatility for ``MaximumSharpe``, the tracking error for ``TrackTargets``, the mean loss of
    the worst months for ``MinimumCVaR``. ``groups`` are assets by name of the group.

    Two convex programs a range: the extremes of a linear function over a level set of the objective, most of them
    second-order cone programs. Without limits, for ``MaximumUtility``, the range is the weight plus and minus
    ``sqrt(2 epsilon / risk_aversion Q_ii)`` with ``Q = S^-1 - S^-1 11'S^-1 / 1'S^-1 1``. Raises ``InputError`` for
    objectives without such a figure, such as risk budgets, and for limits that are not convex. Source: Chopra (1993),
    Improving Optimization, Journal of Investing 2(3); van der Schans & de Graaf (2017), Robust Optimization by
    Constructing Near-Optimal Portfolios.
    """
    if checked_fraction(epsilon, "Epsilon") < LEAST_EPSILON:
        raise InputError(f"Epsilon is {epsilon:g}: give at least {LEAST_EPSILON:g}; 0.001 is 0.1 % a year.")
    for limit in solution.limits:
        if not limit.convex:
            raise InputError(f"Ranges are known inside convex limits only, and “{limit.sentence()}” is not one.")
    assumptions = solution.assumptions
    directions = _directions(assumptions.assets, groups or {})
    distinct, where = np.unique(directions, axis=0, return_inverse=True)
    near = as_good(solution.objective, solution, epsilon)
    limits = (*with_long_only(assumptions, solution.limits), *solution.objective.requirements())
    aims = np.concatenate([-distinct, distinct])
    objective = _Most(tuple(aims[0].tolist()), near.objective, near.most)
    points = np.tile(np.concatenate(numbers(assumptions, objective, limits)), (len(aims), 1))
    points[:, : len(assumptions.assets)] = aims
    w, _ = compiled_for(assumptions, objective, limits).solve_each(points)
    if np.isnan(w).any():
        return Failed("Clarabel", "no end of a near-optimal range")
    ends = np.einsum("ij,ij->i", w, np.abs(aims))
    weights = directions @ solution.w
    lower, upper = np.minimum(ends[: len(distinct)][where], weights), np.maximum(ends[len(distinct) :][where], weights)
    figures = np.column_stack([lower, weights, upper])
    figures[np.abs(figures) < CLEANING] = 0.0
    names = [*assumptions.assets, *(groups or {})]
    table = pd.DataFrame(figures, index=names, columns=["lower", "weight", "upper"])
    size = len(assumptions.assets)
    return NearOptimal(solution, float(epsilon), table.iloc[:size], table.iloc[size:])


def _directions(assets: tuple[str, ...], groups: Mapping[str, Iterable[str]]) -> Vector:
    """One row an asset, then one a group: 1 at its members."""
    rows = np.zeros((len(groups), len(assets)))
    for row, (name, members) in zip(rows, groups.items(), strict=True):
        if isinstance(members, str):
            raise InputError(f"The members of the group '{name}' are a text: give a list, ['{members}'].")
        row[positions(members, assets, f"The group '{name}'")] = 1.0
    return np.asarray(np.vstack([np.eye(len(assets)), rows]))


@singledispatch
def as_good(objective: Objective, solution: Solved, epsilon: float) -> AsGood:
    """What makes a portfolio as good as the solution but for ``epsilon``."""
    del solution, epsilon
    raise InputError(f"There is no range of nearly best portfolios for {objective.sentence()}: nothing measures it.")


@as_good.register
def _(objective: MinimumVariance, solution: Solved, epsilon: float) -> AsGood:
    del objective
    return AsGood("more volatile by at most {}", _within(solution, np.zeros(len(solution.w)), epsilon))


@as_good.register
def _(objective: TrackTargets, solution: Solved, epsilon: float) -> AsGood:
    targets = np.array([objective.targets.get(asset, 0.0) for asset in solution.assumptions.assets])
    return AsGood("with at most {} more tracking error", _within(solution, targets, epsilon))


@as_good.register
def _(objective: MaximumUtility, solution: Solved, epsilon: float) -> AsGood:
    allowed, slope = epsilon / objective.risk_aversion, solution.assumptions.cov @ solution.w
    rest = replace(objective, risk_aversion=epsilon)  # what is not variance, in units of what is allowed
    at_best = (_least_cost(solution) - float(solution.w @ slope) / 2) / allowed
    return AsGood("as good to within {} of return a year", _Loss(solution.w, slope, allowed, rest, at_best))


@as_good.register
def _(objective: HighestReturn, solution: Solved, epsilon: float) -> AsGood:
    return AsGood("with at most {} less expected return", objective, _least_cost(solution) + epsilon)


@as_good.register
def _(objective: MinimumCVaR, solution: Solved, epsilon: float) -> AsGood:
    most = solution.cvar(objective.confidence) + epsilon
    return AsGood("whose worst months lose at most {} more", objective, most)


@as_good.register
def _(objective: MaximumSharpe, solution: Solved, epsilon: float) -> AsGood:
    del objective
    if solution.volatility == 0:
        raise InputError("There is no range of nearly best Sharpe ratios around a portfolio without volatility.")
    unit = math.sqrt(typical_variance(solution.assumptions))
    said = "as good to within {} of return at the same volatility"
    return AsGood(said, _Shortfall(solution.sharpe), epsilon / unit)


def _least_cost(solution: Solved) -> float:
    """What the objective's cost is at its least, as the solver sees it."""
    assumptions, objective = solution.assumptions, solution.objective
    limits = (*with_long_only(assumptions, solution.limits), *objective.requirements())
    problem, values = compiled_for(assumptions, objective, limits), numbers(assumptions, objective, limits)
    outcome, _ = problem.solve(values)
    return problem.cost(values, outcome)


def _within(solution: Solved, centre: Vector, epsilon: float) -> _Loss:
    """At most ``epsilon`` more deviation from a centre than the solution has."""
    slope = solution.assumptions.cov @ (solution.w - centre)
    least = math.sqrt(max(0.0, float((solution.w - centre) @ slope)))
    return _Loss(solution.w, slope, epsilon * (least + epsilon / 2))


@dataclass(frozen=True, eq=False)
class _Loss(Objective):
    """What a portfolio loses against the best one, b, as a part of what it may: ``(d'Sd / 2 + slope'd) / allowed``.

    ``d = w - b``; the cost of ``rest`` but for its variance comes on top, less what it is at the best. Around the best
    all parts are of size 1, which solvers of cones need.
    """

    best: Vector
    slope: Vector
    allowed: float
    rest: Objective | None = None
    at_best: float = 0.0

    def structure(self) -> Hashable:
        """What the rest depends on."""
        return _Loss, self.rest and self.rest.structure()

    def values(self, assumptions: Assumptions) -> Vector:
        """The slope and its constant, what the weights are multiplied by and the best ones, so multiplied; the rest."""
        slope, scale = self.slope / self.allowed, math.sqrt(typical_variance(assumptions) / (2 * self.allowed))
        rest = np.empty(0) if self.rest is None else self.rest.values(assumptions)
        return np.array([*slope, slope @ self.best + self.at_best, scale, *(scale * self.best), *rest])

    def cost(self, problem: Scaled, values: Any) -> Any:
        """The quadratic as a sum of squares, and what is linear."""
        import cvxpy as cp

        size = len(self.best)
        factor = covariance_factor(problem.assumptions.cov / problem.unit**2)
        away = values[size + 1] * problem.w - values[size + 2 : 2 * size + 2]
        loss = cp.sum_squares(factor @ away) + values[:size] @ problem.w - values[size]
        return loss if self.rest is None else loss + self.rest.cost(problem, values[2 * size + 2 :])

    def constraints(self, problem: Scaled, values: Any) -> list[Any]:
        """Those of the rest."""
        return [] if self.rest is None else self.rest.constraints(problem, values[2 * len(self.best) + 2 :])

    def quadratic(self, assumptions: Assumptions) -> Vector | None:
        """None of the rest's variance, which is told by the sum of squares."""
        return np.zeros_like(assumptions.cov)

    def sentence(self) -> str:
        """In words."""
        return "the least loss against the best"


@dataclass(frozen=True)
class _Shortfall(Objective):
    """The return that a portfolio lacks of what the best ratio gives at its volatility: ``ratio vol - (mu - r)'w``."""

    ratio: float

    def values(self, assumptions: Assumptions) -> Vector:
        """The ratio, and excess returns in units of the typical volatility."""
        unit = math.sqrt(typical_variance(assumptions))
        return np.append((assumptions.mu - assumptions.risk_free) / unit, self.ratio)

    def cost(self, problem: Scaled, values: Any) -> Any:
        """Of the volatility in typical units."""
        return values[-1] * problem.deviation - values[:-1] @ problem.w

    def constraints(self, problem: Scaled, values: Any) -> list[Any]:
        """One second-order cone."""
        del values
        return [problem.relative_volatility(problem.w) <= problem.deviation]

    def sentence(self) -> str:
        """In words."""
        return "the least return short of the best ratio"


@dataclass(frozen=True)
class _Most(Objective):
    """The most of some assets together, where another objective's cost is at most ``most``."""

    direction: tuple[float, ...]
    other: Objective
    most: float
    market_bound = True

    def structure(self) -> Hashable:
        """What the other depends on; itself where its numbers must not be parameters of a constraint."""
        return _Most, self.other if self.other.nonnegative else self.other.structure()

    def quadratic(self, assumptions: Assumptions) -> Vector | None:
        """None: the cost is linear."""
        del assumptions
        return None

    def values(self, assumptions: Assumptions) -> Vector:
        """The direction, then the most that the cost may be, then the other's own numbers."""
        own = np.empty(0) if self.other.nonnegative else self.other.values(assumptions)
        return np.array([*self.direction, self.most, *own])

    def cost(self, problem: Scaled, values: Any) -> Any:
        """The weight, negated."""
        return -(values[: len(self.direction)] @ problem.w)

    def constraints(self, problem: Scaled, values: Any) -> list[Any]:
        """Nearly as good, by the other objective."""
        values = values[len(self.direction) :]
        assumptions = problem.assumptions
        near = replace(problem, hessian=self.other.quadratic(assumptions))
        given = self.other.values(assumptions) if self.other.nonnegative else values[1:]
        return [self.other.cost(near, given) <= values[0], *self.other.constraints(near, given)]

    def sentence(self) -> str:
        """In words."""
        return "the most of some assets"
