"""A mix that is watched along random paths: when a class leaves its band, and where one goes back to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from planner.outlook.backtest_trades import settled
from planner.trading.rules import Calendar, Hybrid, Threshold, has_left

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.market.moments import FloatArray
    from planner.market.universe import Universe
    from planner.policy.targets import Targets
    from planner.trading.rules import Rule

MONTHLY = 1


@dataclass(frozen=True, eq=False)
class Bands:
    """Bands month by month: ``edges`` at which one acts and ``leads_to`` between which one may stop.

    Both are (months, 2, classes), lower and upper weights; ``members`` (classes, n) is 1 where a series is of a class.
    """

    members: FloatArray = field(repr=False)
    edges: FloatArray = field(repr=False)
    leads_to: FloatArray = field(repr=False)

    @classmethod
    def of(cls, threshold: Threshold, targets: Sequence[Targets], universe: Universe, assets: Sequence[str]) -> Bands:
        """A threshold around the targets of each month."""
        members = np.array(
            [[float(universe.class_of[asset] == name) for asset in assets] for name in targets[0].weights]
        )
        found = {id(each): each for each in targets}
        edges = {key: threshold.edges(each).to_numpy(np.float64).T for key, each in found.items()}
        goals = {key: threshold.leads_to(each).to_numpy(np.float64).T for key, each in found.items()}
        return cls(members, *(np.array([rows[id(each)] for each in targets]) for rows in (edges, goals)))

    def traded(self, month: int, values: FloatArray, weights: FloatArray) -> FloatArray:
        """Values (n, paths) after a look at the beginning of a month, before costs; ``weights`` (n,) are the mix.

        Where a class is at the edge of its band or beyond, what is traded comes to its part of the mix, with the least
        trades that bring every class between its limits.
        """
        total = values.sum(axis=0)
        classes = self.members @ values
        lower, upper = self.edges[month][:, :, None]
        acts = np.flatnonzero(has_left(classes / total, lower, upper).any(axis=0))
        if not len(acts):
            return values
        low, high = self.leads_to[month][:, :, None] * total[acts]
        wanted = (self.members @ weights)[:, None] * total[acts]
        before = classes[:, acts]
        goal = settled(np.clip(before, low, high), wanted)
        of_class = self.members.T @ (self.members @ weights)
        shares = np.divide(weights, of_class, out=np.zeros_like(weights), where=of_class > 0)
        moved = (goal != before) | (low == high)
        after = values.copy()
        after[:, acts] = np.where(
            self.members.T @ moved > 0, shares[:, None] * (self.members.T @ goal), values[:, acts]
        )
        return after


def looks_every(rule: Rule) -> int:
    """Months between two looks of a rule."""
    match rule:
        case Calendar():
            return rule.frequency.months
        case Hybrid():
            return rule.look.months
        case Threshold():
            return MONTHLY


def threshold_of(rule: Rule) -> Threshold | None:
    """The bands of a rule that has some."""
    return rule.threshold if isinstance(rule, Hybrid) else rule if isinstance(rule, Threshold) else None
