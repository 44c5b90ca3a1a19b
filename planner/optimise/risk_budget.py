"""Portfolios whose risk, not whose money, is divided as agreed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from planner.errors import InputError
from planner.optimise.budget_steps import LEAST_HOLDING, inside
from planner.optimise.limits import Limit, checked, positions, typical_variance
from planner.optimise.mean_variance import LONG_ONLY, optimise, solved
from planner.optimise.minimum_position import MinimumPosition
from planner.optimise.objectives import Objective, half_variance
from planner.optimise.risk_parity import parity, sweeps
from planner.optimise.solution import Failed, Infeasible, Solution, Solved, cleaned
from planner.optimise.weight_limits import Bounds, Held

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    import pandas as pd

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Scaled, Vector
    from planner.optimise.soft import Soft

BUDGET_TOLERANCE = 1e-9

INSIDE = 1e-10
"""A portfolio no further outside a limit than this is inside it: a hundredth of what results promise."""


@dataclass(frozen=True)
class RiskBudget(Objective):
    """Risk divided as budgeted: minimise ``y'Sy / 2 - sum b log y`` over ``y > 0``, then ``w = y / sum(y)``.

    ``shares`` are the budgets in the order of the assets, summing to 1. An asset with budget 0 contributes no risk.
    Source: Maillard, Roncalli & Teiletche (2010); Roncalli (2013), Introduction to Risk Parity and Budgeting, 2.2.
    """

    shares: tuple[float, ...]
    homogeneous = True
    nonnegative = True

    def structure(self) -> Hashable:
        """Which assets carry a budget."""
        return RiskBudget, tuple(share > 0 for share in self.shares)

    def quadratic(self, assumptions: Assumptions) -> Vector | None:
        """The covariance in typical units: the scale of the answer then is about 1."""
        return assumptions.cov / typical_variance(assumptions)

    def values(self, assumptions: Assumptions) -> Vector:
        """The budgets above 0."""
        del assumptions
        return np.array([share for share in self.shares if share > 0])

    def cost(self, problem: Scaled, values: Any) -> Any:
        """Variance less the log barrier of the budgeted assets."""
        import cvxpy as cp

        budgeted = [place for place, share in enumerate(self.shares) if share > 0]
        return half_variance(problem) - values @ cp.log(problem.w[budgeted])

    def implied(self, assumptions: Assumptions) -> tuple[Limit, ...]:
        """Something of every budgeted asset."""
        budgeted = (asset for asset, share in zip(assumptions.assets, self.shares, strict=True) if share > 0)
        return tuple(Held(lower={asset: LEAST_HOLDING}) for asset in budgeted)

    def sentence(self) -> str:
        """In words."""
        return "risk divided as budgeted"


@dataclass(frozen=True)
class GroupBudget:
    """One share of the risk for several assets together, of which each carries the same part.

    The total alone leaves one portfolio undecided for every further member. Equal parts keep the problem convex and
    the total exact, and spread the group's risk as widely as can be, by entropy as by the sum of squares (the measures
    of risk concentration of Roncalli 2013, Introduction to Risk Parity and Budgeting, chapter 2). For other parts, name
    the assets one by one.
    """

    name: str
    members: tuple[str, ...]
    share: float

    def __post_init__(self) -> None:
        if isinstance(self.members, str):
            raise InputError(f"The members of the group '{self.name}' are a text: give a list, ['{self.members}'].")
        object.__setattr__(self, "members", tuple(self.members))
        if not self.members:
            raise InputError(f"The group '{self.name}' has no members: name at least one asset.")
        if len(set(self.members)) < len(self.members):
            raise InputError(f"The group '{self.name}' names an asset twice: each counts once.")
        share = checked(self.share, f"The risk budget of the group '{self.name}'")
        if share < 0:
            raise InputError(f"The risk budget of the group '{self.name}' is {share:g}: give it a share from 0 to 1.")
        object.__setattr__(self, "share", share)


@dataclass(frozen=True, eq=False)
class Budgeted(Solved):
    """A portfolio whose risk was budgeted, and how far and why each budget is missed."""

    groups: tuple[GroupBudget, ...] = ()

    @property
    def budgets(self) -> Vector:
        """The budget of each asset, shape (n,)."""
        return np.array(cast("RiskBudget", self.objective).shares)

    @cached_property
    def pushes(self) -> pd.DataFrame:
        """What each binding limit adds to the risk share of each asset: one row a limit, one column an asset.

        In the minimum, limits ``Ay <= 0`` with multipliers ``l >= 0`` satisfy ``y_i (Sy)_i - b_i = -y_i (A'l)_i``: so
        much each limit adds, nothing in the sum over assets, and the miss of a budget in the sum over limits.
        """
        from planner.optimise.budget_misses import pushes

        return pushes(self)

    @cached_property
    def misses(self) -> pd.DataFrame:
        """By asset, or by group where groups are budgeted: budget, reached, miss, and because of which limits."""
        from planner.optimise.budget_misses import misses

        return misses(self)

    @cached_property
    def missed(self) -> tuple[str, ...]:
        """The budgets that are missed, in words, furthest first."""
        from planner.optimise.budget_misses import sentences

        return sentences(self.misses)

    def _repr_html_(self) -> str:
        said = "".join(f"<li>{escape(sentence)}</li>" for sentence in self.missed)
        return super()._repr_html_() + (f"<p>Budgets missed:</p><ul>{said}</ul>" if said else "")


def risk_budget(
    assumptions: Assumptions,
    budgets: Mapping[str, float] | Iterable[GroupBudget],
    limits: Iterable[Limit | Soft] = (),
) -> Budgeted | Infeasible | Failed:
    """The long-only portfolio whose risk contributions are the budgets.

    ``budgets``: share of the variance by asset, none negative, summing to 1; assets left out get 0. Or group budgets,
    whose groups do not overlap. Without limits, or where none is in the way, the shares are exact to 1e-10 (Newton's
    method on the convex definition, ``RiskBudget``).

    Where a limit binds, the answer is the minimum of the same log barrier inside the limits, each scaled by
    ``sum(y)``: the constrained risk budgeting portfolio of Richard & Roncalli (2019), arXiv:1902.05710. It is unique
    but for assets without volatility, does not depend on a start, and gives back the budgets as limits recede. (The
    least squared distance of the shares, Feng & Palomar 2015, is not convex and may have several local minima.) The
    shares reached, and which limit keeps which budget from being met, are the result's ``misses``.

    Raises ``InputError`` for budgets that are negative, unknown or do not sum to 1, for groups that overlap, and for a
    budget on an asset without volatility, which can carry no risk.
    """
    groups = () if isinstance(budgets, Mapping) or hasattr(budgets, "items") else _groups(budgets)
    objective = RiskBudget(_shares(assumptions, _by_asset(groups) if groups else budgets))  # type: ignore[arg-type]
    if hasattr(limits, "sentence"):
        raise InputError(f"The limits are one limit: put it in a list, [{type(limits).__name__}(...)].")
    stated = tuple(limits)
    hard = tuple(limit for limit in stated if isinstance(limit, Limit))
    if not all(limit.convex for limit in hard):
        hard = tuple(chain(*(_with_budgeted_held(limit, assumptions, objective) for limit in hard)))
    if len(hard) < len(stated):
        return _budgeted(optimise(assumptions, objective, (LONG_ONLY, *stated)), groups)
    shares = np.array(objective.shares)
    near = sweeps(assumptions.cov, shares)
    ways = (_unlimited, _limited) if _fits(assumptions, near / near.sum(), hard) else (_limited, _unlimited)
    for way in ways:
        w, solver = way(assumptions, shares, hard, near)
        if w is not None:
            return Budgeted(assumptions, w, objective, hard, solver, groups=groups)
    return _budgeted(solved(assumptions, objective, hard, (LONG_ONLY, *hard)), groups)


def _budgeted(found: Solution, groups: tuple[GroupBudget, ...]) -> Budgeted | Infeasible | Failed:
    if not isinstance(found, Solved):
        return found
    limits = tuple(limit for limit in found.limits if limit is not LONG_ONLY)
    return Budgeted(found.assumptions, found.w, found.objective, limits, found.solver, found.violations, groups)


def _with_budgeted_held(limit: Limit, assumptions: Assumptions, objective: RiskBudget) -> tuple[Limit, ...]:
    """A minimum position leaves no choice for an asset with a budget, which cannot be held with nothing."""
    if not isinstance(limit, MinimumPosition):
        return (limit,)
    budgeted = {asset for asset, share in zip(assumptions.assets, objective.shares, strict=True) if share > 0}
    named = limit.named(assumptions.assets)
    free = tuple(asset for asset in named if asset not in budgeted)
    held = Bounds(lower={asset: limit.minimum for asset in named if asset in budgeted})
    return (held, MinimumPosition(limit.minimum, free)) if free else (held,)


def _fits(assumptions: Assumptions, w: Vector, limits: tuple[Limit, ...]) -> bool:
    return all(limit.room(assumptions, w) >= -INSIDE for limit in limits)


def _unlimited(
    assumptions: Assumptions, shares: Vector, limits: tuple[Limit, ...], near: Vector
) -> tuple[Vector | None, str]:
    w = parity(assumptions.cov, shares, near)
    return (w if w is not None and _fits(assumptions, w, limits) else None), "Newton"


def _limited(
    assumptions: Assumptions, shares: Vector, limits: tuple[Limit, ...], near: Vector
) -> tuple[Vector | None, str]:
    w = inside(assumptions, shares, (LONG_ONLY, *limits), near) if limits else None
    return (None if w is None else cleaned(w)), "DAQP"


def _groups(budgets: Any) -> tuple[GroupBudget, ...]:
    groups = (budgets,) if isinstance(budgets, GroupBudget) else tuple(budgets)
    for group in groups:
        if not isinstance(group, GroupBudget):
            raise InputError(f"A risk budget is {group!r}: give a mapping by asset, or a list of GroupBudget.")
    names, members = [group.name for group in groups], list(chain(*(group.members for group in groups)))
    for listed, what in ((names, "Two risk budgets have the name"), (members, "Two groups with risk budgets hold")):
        for thing in listed:
            if listed.count(thing) > 1:
                raise InputError(f"{what} '{thing}': every asset belongs to one budget, and every budget has one name.")
    if not groups:
        raise InputError("There are no risk budgets: give one for each asset or group that shall carry risk.")
    return groups


def _by_asset(groups: tuple[GroupBudget, ...]) -> dict[str, float]:
    return {asset: group.share / len(group.members) for group in groups for asset in group.members}


def _shares(assumptions: Assumptions, budgets: Mapping[str, float]) -> tuple[float, ...]:
    budgets = {asset: checked(share, f"The risk budget of {asset}") for asset, share in budgets.items()}
    shares = np.zeros(len(assumptions.assets))
    shares[positions(budgets, assumptions.assets, "The risk budget")] = list(budgets.values())
    for asset, share in budgets.items():
        if share < 0:
            raise InputError(f"The risk budget of {asset} is {share:g}: give each asset a share from 0 to 1.")
    total = math.fsum(shares)
    if abs(total - 1) > BUDGET_TOLERANCE:
        word = "take off" if total > 1 else "add"
        raise InputError(f"The risk budgets sum to {total:g}, not 1: {word} {abs(total - 1):.6g}.")
    riskless = (assumptions.cov.diagonal() <= 0) & (shares > 0)
    if riskless.any():
        raise InputError(
            f"{assumptions.assets[int(riskless.argmax())]} has no volatility and cannot carry a share of the risk: "
            "set its budget to 0 and its weight with Bounds."
        )
    return tuple(shares.tolist())
