"""When a policy acts in a history, and the trades that then lead where it says, with the least turnover."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from planner.trading.rules import Calendar, Hybrid, Threshold, has_left

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from planner.market.moments import FloatArray
    from planner.policy.targets import Targets
    from planner.trading.rules import Frequency, Rule

DUST = 1e-13
"""A trade below this part of the portfolio is rounding, not a trade."""

EXACT = 1e-15
MOST_ROUNDS = 60
"""Costs are at most a tenth of a trade, so that each round finds another digit of what they leave."""


@dataclass(frozen=True, eq=False)
class Watch:
    """A rule along the month-ends of a history.

    ``looks`` (months + 1,) tells on which one looks; ``edges`` and ``leads_to`` are (2, classes), lower and upper
    weights: those at which one acts (None: whatever the weights), and those between which one may stop.
    """

    looks: NDArray[np.bool_] = field(repr=False)
    edges: FloatArray | None
    leads_to: FloatArray

    @classmethod
    def of(cls, rule: Rule, targets: Targets, days: pd.DatetimeIndex) -> Watch:
        """A rule followed from the first of some days, on which the portfolio is at its targets."""
        every_day = np.ones(len(days), dtype=bool)
        match rule:
            case Calendar():
                at = np.array(list(targets.weights.values()))
                return cls(_looks(rule.frequency, days), None, np.array([at, at]))
            case Hybrid():
                looks, threshold = _looks(rule.look, days), rule.threshold
            case Threshold():
                looks, threshold = every_day, rule
        edges, destination = threshold.edges(targets), threshold.leads_to(targets)
        return cls(looks, edges.to_numpy(np.float64).T, destination.to_numpy(np.float64).T)

    def acts(self, month: int, weights: FloatArray) -> bool:
        """Whether one acts at a month-end with these weights by class."""
        return bool(self.looks[month]) and (self.edges is None or bool(has_left(weights, *self.edges).any()))


def _looks(frequency: Frequency, days: pd.DatetimeIndex) -> NDArray[np.bool_]:
    looks = np.zeros(len(days), dtype=bool)
    due = frequency.after(days[0].date())
    for place, day in enumerate(days.date):
        if day >= due:
            looks[place], due = True, frequency.after(day)
    return looks


@dataclass(frozen=True, eq=False)
class Trader:
    """What turns values by series (n,) into others, by the costs of trading each (parts of the amount).

    ``members`` (classes, n) is 1 where a series belongs to a class, ``shares`` (n,) its part of the class's target,
    ``targets`` (classes,) the weights by class.
    """

    members: FloatArray = field(repr=False)
    shares: FloatArray
    targets: FloatArray
    costs: FloatArray

    def trades(self, values: FloatArray, flow: float, leads_to: FloatArray | None, *, holds: bool) -> FloatArray:
        """Amounts bought and sold (n,), after whose costs the portfolio has changed by the flow.

        ``leads_to`` are the weights by class between which a rule that acts may stop; without them only the flow is
        spent or raised, so that drift falls most. Who buys and ``holds`` spends it at the targets and raises it from
        all alike.
        """
        total, cost = float(values.sum()) + flow, 0.0
        for _ in range(MOST_ROUNDS):
            wanted = self._held(values, total - cost) if holds else self._wanted(values, total - cost, leads_to)
            trades = wanted - values
            before, cost = cost, float(self.costs @ np.abs(trades))
            if abs(cost - before) <= EXACT * total:
                break
        trades[np.abs(trades) <= DUST * total] = 0.0
        return trades

    @cached_property
    def at_target(self) -> FloatArray:
        """Weights by series (n,) at the targets."""
        return (self.targets @ self.members) * self.shares

    def _held(self, values: FloatArray, total: float) -> FloatArray:
        held = float(values.sum())
        return values + (total - held) * self.at_target if total > held else values * (total / held)

    def _wanted(self, values: FloatArray, total: float, leads_to: FloatArray | None) -> FloatArray:
        by_class = self.members @ values
        if leads_to is None:
            return self._inside(values, by_class, settled(by_class, self.targets * total))
        lower, upper = leads_to
        points = lower == upper
        if points.all():
            return total * self.at_target
        goal = settled(np.clip(by_class, lower * total, upper * total), self.targets * total)
        at_target = (goal @ self.members) * self.shares
        return np.where(points @ self.members, at_target, self._inside(values, by_class, goal))

    def _inside(self, values: FloatArray, by_class: FloatArray, goal: FloatArray) -> FloatArray:
        """Spread each class's change over those of its series that lack or exceed their shares most."""
        missing = (goal - by_class) @ self.members
        gap = (goal @ self.members) * self.shares - values
        room = np.where(missing > 0, np.maximum(gap, 0.0), np.minimum(gap, 0.0))
        whole = (self.members @ room) @ self.members
        return values + np.divide(missing * room, whole, out=np.zeros_like(values), where=whole != 0)


def settled(values: FloatArray, wanted: FloatArray) -> FloatArray:
    """Values changed to sum along the first axis to what is wanted, none away from or beyond what is wanted of it.

    What is missing is shared out in proportion to what each lacks, what is too much in proportion to its excess: the
    least trades that reach the sum, and the most that drift can fall by them.
    """
    gap = wanted - values
    missing = gap.sum(axis=0)
    room = np.where(missing > 0, np.maximum(gap, 0.0), np.minimum(gap, 0.0))
    whole = room.sum(axis=0)
    return np.asarray(values + np.divide(missing * room, whole, out=np.zeros_like(gap), where=whole != 0))
