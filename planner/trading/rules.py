"""When to rebalance, and how far: by the calendar, by bands around the targets, or by both."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from pydantic import Field

from planner.errors import InputError
from planner.policy.frequency import Frequency as Frequency  # noqa: PLC0414
from planner.policy.targets import Band
from planner.validation import Document, Frozen, Number
from planner.wording import percent

if TYPE_CHECKING:
    import datetime as dt

    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from planner.policy.targets import Targets
    from planner.trading.holdings import Holdings

AT_THE_EDGE = 1e-9
"""A weight this near to the edge of its band is at it, and acts: what rounding leaves of 0.05 + 0.02."""

HALF_WAY_PART = 0.5
"""Daryanani (2008), Opportunistic Rebalancing: the band to come back to is half as wide as the one that acts."""


class Destination(StrEnum):
    """How far to go back once one acts."""

    TARGET = "to the target"
    HALF_WAY = "half-way into the band"
    EDGE = "to the edge of the band"


@dataclass(frozen=True, eq=False)
class Decision:
    """Whether to act today, why, when to look next, and where trades should lead.

    ``destination`` is by asset class the interval of weights, ``lower`` to ``upper``, in which nothing is left to do;
    ``next_look`` is None where every day is one. Money that comes or goes is led to the targets also on days on which
    nothing is due.
    """

    due: bool
    reasons: tuple[str, ...]
    next_look: dt.date | None
    destination: pd.DataFrame


class Calendar(Document):
    """Act on dates, back to the targets, whatever the drift. Source: domain.md section 6."""

    kind: Literal["calendar"] = "calendar"
    frequency: Frequency = Field(Frequency.QUARTERLY, title="Frequency")

    def decide(self, holdings: Holdings, targets: Targets, last: dt.date | None = None) -> Decision:
        """Whether the next date after ``last`` has come; without a last time it has."""
        look = _look(self.frequency, last, holdings.as_of)
        return Decision(look.has_come, (look.sentence,), look.following, _targets(targets))


class Threshold(Document):
    """Act when a class reaches the edge of its band.

    ``absolute`` (points of weight) and ``relative`` (part of the target) are the band's width, the narrower of the two
    where both are given; without either the targets' own bands count. ``bands`` replaces both for single classes.
    Source: domain.md section 6; Daryanani (2008).
    """

    kind: Literal["threshold"] = "threshold"
    absolute: Number | None = Field(None, ge=0, le=1, title="Absolute band")
    relative: Number | None = Field(None, ge=0, le=1, title="Relative band")
    bands: Annotated[dict[str, Band], Frozen] = Field(default_factory=dict, validate_default=True, title="Bands")
    destination: Destination = Field(Destination.TARGET, title="Destination")

    def band(self, class_name: str, targets: Targets) -> Band:
        """The band of a class."""
        if class_name in self.bands:
            return self.bands[class_name]
        if self.absolute is None and self.relative is None:
            return targets.band(class_name)
        return Band(self.absolute, self.relative)

    def edges(self, targets: Targets) -> pd.DataFrame:
        """By asset class, the ``lower`` and ``upper`` weight at which one acts."""
        import pandas as pd

        unknown = next((name for name in self.bands if name not in targets.weights), None)
        if unknown is not None:
            raise InputError(f"There is a band for '{unknown}', which is no asset class of the targets: remove it.")
        edges = {name: self.band(name, targets).around(weight) for name, weight in targets.weights.items()}
        return pd.DataFrame.from_dict(edges, orient="index", columns=["lower", "upper"]).rename_axis("asset_class")

    def decide(self, holdings: Holdings, targets: Targets, last: dt.date | None = None) -> Decision:  # noqa: ARG002
        """Whether any class is at or beyond the edge of its band, on whatever day."""
        edges = self.edges(targets)
        outside = _outside(holdings, edges)
        if not outside:
            return Decision(False, (_nearest(holdings, edges),), None, _targets(targets))
        return Decision(True, outside, None, self.leads_to(targets))

    def leads_to(self, targets: Targets) -> pd.DataFrame:
        """By asset class, the ``lower`` and ``upper`` weight between which nothing is left to do once one acts."""
        part = {Destination.TARGET: 0.0, Destination.HALF_WAY: HALF_WAY_PART, Destination.EDGE: 1.0}[self.destination]
        at = _targets(targets)
        return at + part * (self.edges(targets) - at)


class Hybrid(Document):
    """Look on dates, act only where a class is then outside its band. Source: domain.md section 6."""

    kind: Literal["hybrid"] = "hybrid"
    look: Frequency = Field(Frequency.QUARTERLY, title="Frequency of looks")
    threshold: Threshold = Field(default_factory=Threshold, title="Threshold")

    def decide(self, holdings: Holdings, targets: Targets, last: dt.date | None = None) -> Decision:
        """Whether a look is due and finds a class outside its band; ``last`` is the day of the last look."""
        look, found = _look(self.look, last, holdings.as_of), self.threshold.decide(holdings, targets)
        if look.has_come:
            return Decision(found.due, (look.sentence, *found.reasons), look.following, found.destination)
        return Decision(False, (look.sentence, *found.reasons), look.following, _targets(targets))


Rule: TypeAlias = Annotated[Calendar | Threshold | Hybrid, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class _Look:
    has_come: bool
    sentence: str
    following: dt.date


def _look(frequency: Frequency, last: dt.date | None, today: dt.date) -> _Look:
    if last is None:
        return _Look(True, "There was no look yet, so that today is the first.", frequency.after(today))
    if last > today:
        raise InputError(f"The last look was on {last}, after the day of the prices, {today}: check the two days.")
    due = frequency.after(last)
    if due > today:
        return _Look(False, f"The next {frequency} look is on {due}.", due)
    return _Look(True, f"The {frequency} look of {due} is due.", frequency.after(today))


def has_left(weights: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> NDArray[np.bool_]:
    """Where weights are at the edges of their bands or beyond; a band without width is left by any difference.

    An edge at 0 or 1 is no edge.
    """
    import numpy as np

    weights, lower, upper = np.asarray(weights), np.asarray(lower), np.asarray(upper)
    above = (weights >= upper - AT_THE_EDGE) & (upper < 1 - AT_THE_EDGE)
    below = (weights <= lower + AT_THE_EDGE) & (lower > AT_THE_EDGE)
    return np.where(upper > lower, above | below, np.abs(weights - upper) > AT_THE_EDGE)


def _targets(targets: Targets) -> pd.DataFrame:
    import pandas as pd

    weights = pd.Series(dict(targets.weights))
    return pd.DataFrame({"lower": weights, "upper": weights}).rename_axis("asset_class")


def _outside(holdings: Holdings, edges: pd.DataFrame) -> tuple[str, ...]:
    reasons = []
    for name, weight in holdings.weights.items():
        lower, upper = (float(edges[side][str(name)]) for side in ("lower", "upper"))
        if has_left(weight, lower, upper):
            edge, side = (upper, "above") if weight > (lower + upper) / 2 else (lower, "below")
            reasons.append(_reached(holdings.universe[str(name)].label, weight, edge, side))
    return tuple(reasons)


def _reached(label: str, weight: float, edge: float, side: str) -> str:
    beyond = abs(weight - edge)
    if beyond < 0.0005:
        return f"{label} is at {percent(edge)}, at which you act."
    return f"{label} is {percent(weight)}, {100 * beyond:.1f} points {side} the {percent(edge)} at which you act."


def _nearest(holdings: Holdings, edges: pd.DataFrame) -> str:
    import numpy as np

    weights = holdings.weights[holdings.weights > 0]
    lower, upper = edges.loc[weights.index, "lower"], edges.loc[weights.index, "upper"]
    above = (upper - weights).where(upper < 1 - AT_THE_EDGE, np.inf)
    below = (weights - lower).where(lower > AT_THE_EDGE, np.inf)
    room = np.minimum(above, below)
    if not np.isfinite(room).any():
        return "Every class is inside its band."
    label = holdings.universe[str(room.idxmin())].label
    return f"Every class is inside its band; the nearest to its edge is {label}, {100 * room.min():.1f} points away."
