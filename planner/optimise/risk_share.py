"""A cap on the part of the portfolio's risk that some assets bring."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from planner.errors import InputError
from planner.optimise.limits import BINDING_TOLERANCE, Limit, checked_fraction, positions, typical_variance
from planner.optimise.not_convex import INSIDE, Found, NotConvex, least
from planner.optimise.objectives import HighestReturn, MinimumVariance, Objective
from planner.optimise.phrases import DIGITS, STEP, _best, percent_up, way
from planner.optimise.solution import CLEANING, Infeasible, Loosening, cleaned
from planner.optimise.solvers import Status
from planner.wording import percent

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Scaled, Vector

STEPS = 60
"""Convex problems in a row; about ten are usual."""

STILL = 1e-7
"""A step that moves no weight, or no share, by more is the last."""

WALKS = 3
"""Walks to the end: from the best first steps of all starts."""

SAME = 1e-3
"""Portfolios no further apart in any weight lead to the same end."""

HALVINGS = 10
"""Of the way between two portfolios: a start may be a thousandth of it inside the cap."""

SENSITIVITY = 4
"""Largest change of a share for a small weight more of an asset, in units of its volatility over the portfolio's."""

KEPT = 1e-8
"""What results promise: a cap is missed by no more."""


@dataclass(frozen=True)
class RiskShare(NotConvex):
    """Largest share of the portfolio's variance that ``members`` bring together, such as crypto's.

    Formula: ``w_G'(Sw) <= maximum * w'Sw``, the members' risk contributions (Roncalli 2013, 2.1.2). With M the
    symmetric part of ``E_G S - maximum S``, in units of each asset's volatility, and ``M = P - N`` its positive and
    negative parts, that is ``|P^(1/2) w| <= |N^(1/2) w|``: a difference of convex functions.

    Method: the convex-concave procedure (Yuille & Rangarajan 2003; Lipp & Boyd 2016, Variations and Extension of the
    Convex-Concave Procedure, algorithm 1.1). At a portfolio v inside the cap the right side is replaced by its tangent,
    ``(Nv)'w / |N^(1/2) v|``, which it never falls below: a second-order cone inside the cap, of degree one, so that
    it also serves problems in a multiple of the weights. The best portfolio inside the cone is the next v. Every
    one keeps the cap and none is worse than the last; the end meets the conditions of Karush, Kuhn and Tucker.

    The answer is a local optimum, the best of several: of the first steps from all fixed starts the three cheapest are
    walked to their end. The starts are the best portfolio without the cap, the least volatile, the one of highest
    return and each asset alone, all mixed with the portfolio of smallest share until they keep the cap, and that
    portfolio itself (Dinkelbach 1967, On Nonlinear Fractional Programming, with the same tangents). On random
    markets of four to six assets it was the best that sequential quadratic programming found from twenty starts in 254
    of 255 problems. Where the best portfolio without the cap keeps it, it is the answer, and the global optimum.
    """

    name: str
    members: tuple[str, ...]
    maximum: float

    def __post_init__(self) -> None:
        if isinstance(self.members, str):
            raise InputError(
                f"The members of the risk share '{self.name}' are a text: give a list, ['{self.members}']."
            )
        object.__setattr__(self, "members", tuple(self.members))
        if not self.members or len(set(self.members)) < len(self.members):
            raise InputError(f"The risk share '{self.name}' names no asset, or one of them twice: name each once.")
        if not 0 <= checked_fraction(self.maximum, f"The risk share of '{self.name}'") <= 1:
            raise InputError(
                f"The risk share of '{self.name}' is {percent(self.maximum, DIGITS)}: give a part of the whole risk, "
                "from 0 to 1."
            )

    def places(self, assets: tuple[str, ...]) -> list[int]:
        """Places of the members."""
        return positions(self.members, assets, f"The risk share '{self.name}'")

    def share(self, assumptions: Assumptions, w: Vector) -> float:
        """The members' part of the variance of ``w``; 0 where there is none."""
        contributions = w * (assumptions.cov @ w)
        variance = float(contributions.sum())
        if variance <= np.finfo(float).eps * float(w * w @ assumptions.cov.diagonal()):
            return 0.0
        return float(contributions[self.places(assumptions.assets)].sum()) / variance

    def relaxed(self, assets: tuple[str, ...]) -> tuple[Limit, ...]:
        """None: the cap forbids no mix of all assets."""
        self.places(assets)
        return ()

    def loosened(self, by: float) -> Self:
        """A higher cap."""
        return replace(self, maximum=self.maximum + by)

    def room(self, assumptions: Assumptions, w: Vector) -> float:
        """Cap less share."""
        return self.maximum - self.share(assumptions, w)

    def sentence(self) -> str:
        """The cap in words."""
        return f"{self.name} at most {percent(self.maximum, DIGITS)} of the risk"

    def search(self, assumptions: Assumptions, objective: Objective, limits: tuple[Limit, ...]) -> Found:
        """The best of the local optima from several starts, for all risk shares among the limits at once."""
        shares = (self, *(limit for limit in limits if isinstance(limit, RiskShare)))
        others = tuple(limit for limit in limits if not isinstance(limit, RiskShare))
        return _Walk(assumptions, objective, shares, others).best()

    def conflict(self, assumptions: Assumptions, limits: tuple[Limit, ...]) -> Infeasible | None:
        """The limits that keep the smallest share above the cap, and that share."""
        parts = tuple(part for limit in limits for part in limit.parts(assumptions.assets))
        w = self._smallest(assumptions, parts)
        if w is None or not self._missed(assumptions, w):
            return None
        maximum = math.ceil((self.share(assumptions, w) - INSIDE) / STEP) * STEP
        against = [part for part in parts if abs(part.room(assumptions, w)) < BINDING_TOLERANCE]
        if not self._missed(assumptions, self._smallest(assumptions, tuple(against))):
            against = list(parts)
        for part in [part for part in against if not part.forbids_shorts_only()]:
            fewer = [other for other in against if other is not part]
            if self._missed(assumptions, self._smallest(assumptions, tuple(fewer))):
                against = fewer
        alone = self._smallest(assumptions, tuple(against))
        others_matter = alone is None or self.share(assumptions, alone) < self.share(assumptions, w) - STEP
        others = (part for part in against if not part.forbids_shorts_only())
        wider = () if maximum > 1 else (Loosening(self, replace(self, maximum=maximum), maximum - self.maximum),)
        return Infeasible((self, *others), wider, others_matter)

    def _smallest(self, assumptions: Assumptions, limits: tuple[Limit, ...]) -> Vector | None:
        return _Walk(assumptions, MinimumVariance(), (self,), limits).safest

    def _missed(self, assumptions: Assumptions, w: Vector | None) -> bool:
        return w is not None and self.room(assumptions, w) < -INSIDE

    def cone(self, assumptions: Assumptions, at: Vector, maximum: float) -> Vector:
        """F, shape (members, n), then g, shape (n,): the cap holds where ``|Fw| <= g'w``, and at ``at`` just where.

        Both are in units of the volatility of ``at``.
        """
        cov, places = assumptions.cov, self.places(assumptions.assets)
        deviation = np.sqrt(cov.diagonal())
        unit = np.where(deviation > 0, deviation, 1.0)
        correlation = cov / np.outer(unit, unit)
        part = np.zeros_like(cov)
        part[places] = correlation[places]
        values, vectors = np.linalg.eigh((part + part.T) / 2 - maximum * correlation)
        count = len(places)
        # At most as many values are positive as there are members: on the other assets M is -maximum S.
        positive = np.sqrt(np.clip(values[-count:], 0.0, None))[:, None] * vectors[:, -count:].T
        held = vectors.T @ (unit * at)
        negative = np.clip(-values, 0.0, None)
        length = math.sqrt(negative @ held**2)
        tangent = vectors @ (negative * held) / length if length > 0 else np.zeros(len(at))
        volatility = math.sqrt(at @ cov @ at) or math.sqrt(typical_variance(assumptions))
        return np.concatenate([(positive * unit).ravel(), tangent * unit]) / volatility


@way.register
def _(limit: RiskShare, loosened: RiskShare) -> str:
    return f"raise the cap on the risk of {limit.name} to {percent(loosened.maximum, DIGITS)}"


@_best.register
def _(limit: RiskShare, loosened: RiskShare) -> tuple[str, str]:
    smallest, asked = percent_up(loosened.maximum), percent(limit.maximum, DIGITS)
    return f"the smallest share of the risk that {limit.name} can have is {smallest}", f"raise the cap from {asked}"


def _beyond(values: Any, w: Any) -> Any:
    """``|Fw| - g'w`` as a cvxpy expression."""
    import cvxpy as cp

    size = w.size
    rows = values.size // size - 1
    return cp.norm2(cp.reshape(values[: rows * size], (rows, size), order="C") @ w) - values[rows * size :] @ w


@dataclass(frozen=True, eq=False)
class _Tangent(Limit):
    """The cone inside a cap on a risk share that touches it at a portfolio."""

    share: RiskShare
    at: Vector
    negotiable = False

    def structure(self, assets: tuple[str, ...]) -> Hashable:
        """The number of members."""
        del assets
        return _Tangent, len(self.share.members)

    def values(self, assumptions: Assumptions) -> Vector:
        """The cone of a cap that leaves room for the cleaning of weights."""
        variance = max(float(self.at @ assumptions.cov @ self.at), np.finfo(float).tiny)
        noise = SENSITIVITY * CLEANING * math.sqrt(assumptions.cov.diagonal().max() / variance)
        maximum = self.share.maximum - min(noise, BINDING_TOLERANCE / 2)
        return self.share.cone(assumptions, self.at, max(0.0, maximum))

    def constraints(self, problem: Scaled, values: Any, slack: Any = 0.0) -> list[Any]:
        """One second-order cone."""
        return [_beyond(values, problem.w) <= slack * problem.total]

    def loosened(self, by: float) -> Self:
        """Not on offer."""
        raise NotImplementedError

    def room(self, assumptions: Assumptions, w: Vector) -> float:
        """That of the cap."""
        return self.share.room(assumptions, w)

    def sentence(self) -> str:
        """That of the cap."""
        return self.share.sentence()


@dataclass(frozen=True, eq=False)
class _SmallerShare(Objective):
    """A smaller share than at a portfolio: minimise ``|Fw| - g'w``, which is 0 there (Dinkelbach 1967)."""

    share: RiskShare
    at: Vector

    def structure(self) -> Hashable:
        """The number of members."""
        return _SmallerShare, len(self.share.members)

    def quadratic(self, assumptions: Assumptions) -> Vector | None:
        """None: a cone."""
        del assumptions
        return None

    def values(self, assumptions: Assumptions) -> Vector:
        """The cone of a cap that the portfolio just keeps."""
        return self.share.cone(assumptions, self.at, self.share.share(assumptions, self.at))

    def cost(self, problem: Scaled, values: Any) -> Any:
        """How far outside the cone."""
        return _beyond(values, problem.w)

    def sentence(self) -> str:
        """In words."""
        return f"the smallest share of the risk for {self.share.name}"


class _Walk:
    """Portfolios inside ``limits`` that move to keep ``shares`` and then to lower the cost of an objective."""

    def __init__(
        self,
        assumptions: Assumptions,
        objective: Objective,
        shares: tuple[RiskShare, ...],
        limits: tuple[Limit, ...],
    ) -> None:
        self._assumptions, self._objective, self._shares, self._limits = assumptions, objective, shares, limits
        self._useful = (*limits, *objective.implied(assumptions))

    def best(self) -> Found:
        """The cheapest end of the walks from all starts."""
        safest = self.safest
        if safest is None or self._room(safest) < -INSIDE:
            return Found(Status.INFEASIBLE, np.empty(0), math.inf, "")
        anchors = [*self._anchors(self._objective, MinimumVariance(), HighestReturn()), *np.eye(len(safest))]
        starts = [safest, *(self._mixed(anchor, safest) for anchor in anchors)]
        firsts = [first for start in starts if (first := self._step(start)) is not None]
        ends = self._downhill(_apart(firsts)[:WALKS])
        stuck = Found(Status.FAILED, np.empty(0), math.inf, "convex-concave procedure", "no start led to an end")
        return min(ends, key=lambda end: end.cost, default=stuck)

    @cached_property
    def safest(self) -> Vector | None:
        """A portfolio that keeps every cap; where none is found, one with the smallest share for the first missed."""
        kept: tuple[RiskShare, ...] = ()
        starts = self._anchors(MinimumVariance(), HighestReturn())
        for share in self._shares:
            ends = [self._smaller(share, start, kept) for start in starts]
            if not ends:
                return None
            w = min(ends, key=partial(share.share, self._assumptions))
            if share.room(self._assumptions, w) < -INSIDE:
                return w
            starts, kept = [w], (*kept, share)
        return starts[0]

    def _anchors(self, *objectives: Objective) -> list[Vector]:
        found = [least(self._assumptions, objective, self._useful) for objective in objectives]
        return [each.w for each in found if each.status is Status.OPTIMAL]

    def _smaller(self, share: RiskShare, w: Vector, kept: Iterable[RiskShare]) -> Vector:
        """From ``w`` to a smaller share, as far as it is worth: down to half the cap."""
        now = share.share(self._assumptions, w)
        for _ in range(STEPS):
            if now <= share.maximum / 2:
                break
            tangents = (_Tangent(other, w) for other in kept)
            found = least(self._assumptions, _SmallerShare(share, w), (*self._useful, *tangents))
            if found.status is not Status.OPTIMAL:
                break
            before, now = now, share.share(self._assumptions, found.w)
            if now < before:
                w = found.w
            if now > before - STILL:
                break
        return w

    def _mixed(self, outside: Vector, inside: Vector) -> Vector:
        """The mix of both that is nearest to the first and keeps every cap."""
        if self._room(outside) >= 0:
            return outside
        low, high = 0.0, 1.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if self._room(outside + middle * (inside - outside)) < 0 else (low, middle)
        return np.asarray(outside + high * (inside - outside))

    def _room(self, w: Vector) -> float:
        return min(share.room(self._assumptions, w) for share in self._shares)

    def _step(self, w: Vector) -> Found | None:
        """The best portfolio inside the cones that touch the caps at ``w``; None where there is none."""
        tangents = (_Tangent(share, w) for share in self._shares)
        found = least(self._assumptions, self._objective, (*self._limits, *tangents))
        return found if found.status is Status.OPTIMAL and self._room(cleaned(found.w)) >= -KEPT else None

    def _downhill(self, walks: list[Found]) -> list[Found]:
        """Step after step until none moves; walks that meet go on as one."""
        ends = []
        for _ in range(STEPS):
            going = []
            for at in walks:
                found = self._step(at.w)
                if found is not None and np.abs(found.w - at.w).max() > STILL:
                    going.append(found)
                else:
                    ends.append(found or at)
            walks = _apart(going)
            if not walks:
                break
        return [*ends, *walks]


def _apart(found: list[Found]) -> list[Found]:
    """Cheapest first, without those that are all but the same as one before."""
    apart: list[Found] = []
    for each in sorted(found, key=lambda each: each.cost):
        if all(np.abs(each.w - other.w).max() > SAME for other in apart):
            apart.append(each)
    return apart
