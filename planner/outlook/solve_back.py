"""Backwards: the saving, the day of retirement or the spending at which a projection's chance is high enough."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.household.profile import MAXIMUM_MONEY
from planner.outlook.monthly_moments import MONTHS
from planner.outlook.wealth import replay
from planner.wording import count, money, percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.household.cash_flows import CashFlows
    from planner.outlook.projection import Projection

DEFAULT_PROBABILITY = 0.85
"""What the issue asks for; planners commonly call 75 to 90 % enough."""

LATEST_RETIREMENT = 75
"""Age; a plan that needs work beyond it is none. Ours."""

CLOSE = 0.0005
"""Saving and spending are found to this part of themselves, or to a unit of the currency."""

FIRST_TRY = 1_000.0


class Lever(StrEnum):
    """What is moved until the chance is high enough."""

    SAVING = "saving"
    RETIREMENT = "retirement"
    SPENDING = "spending"

    @property
    def rising(self) -> bool:
        """Whether more of it means a higher chance."""
        return self is not Lever.SPENDING


@dataclass(frozen=True, eq=False)
class Reached:
    """The least saving, the earliest retirement (an age) or the highest spending at which the chance is reached.

    Amounts are a year in today's money. ``tried`` are the chances on the way, by value, all on the same paths;
    ``flows`` the cash flows with the answer in them.
    """

    lever: Lever
    value: float
    probability: float
    flows: CashFlows = field(repr=False)
    tried: pd.Series[float] = field(repr=False)
    sentence: str


@dataclass(frozen=True, eq=False)
class CannotBeReached:
    """No saving, retirement or spending reaches the chance: the best one tried, and what it comes to."""

    lever: Lever
    value: float
    probability: float
    tried: pd.Series[float] = field(repr=False)
    sentence: str


def solve_back(
    projection: Projection,
    lever: Lever,
    goal: str | None = None,
    probability: float = DEFAULT_PROBABILITY,
    progress: Callable[[float], object] | None = None,
) -> Reached | CannotBeReached:
    """Move one lever until a goal, or all spending where none is named, has the chance wanted.

    Bisection between a value that is enough and one that is not, on the paths of the projection, so that nothing but
    the lever moves; retirement is tried month by month between today and the age of 75. That the chance rises with the
    lever is checked along the way, and said where it does not. ``progress`` is told a part done, and stops the work by
    an exception. InputError where there is nothing to reach or the probability is not between 0 and 1.
    """
    if not 0 < probability < 1:
        raise InputError(f"The probability is {probability}: give a fraction between 0 and 1, such as 0.85.")
    if goal is None and projection.with_changes(flows=_with(projection, Lever.SPENDING, FIRST_TRY)).lasts is None:
        raise InputError("Nothing is spent before the projection ends: name a goal, or project more years.")
    search = _Search(projection, lever, goal, probability, progress)
    return search.retirement() if lever is Lever.RETIREMENT else search.amount()


class _Search:
    """Chances by value of the lever, each worked out once."""

    def __init__(
        self,
        projection: Projection,
        lever: Lever,
        goal: str | None,
        probability: float,
        progress: Callable[[float], object] | None,
    ) -> None:
        self.projection, self.lever, self.goal = projection, lever, goal
        self.wanted, self.progress = probability, progress
        self.chances: dict[float, float] = {}

    def enough(self, value: float) -> bool:
        if value not in self.chances:
            self.chances[value] = self._chance(value)
            if self.progress is not None:
                self.progress(1 - 0.8 ** len(self.chances))  # nears 1 over the dozen or two that it takes
        return self.chances[value] >= self.wanted

    def amount(self) -> Reached | CannotBeReached:
        """Least saving or highest spending, a year."""
        rising = self.lever.rising
        best, worst = (MAXIMUM_MONEY, 0.0) if rising else (0.0, MAXIMUM_MONEY)
        if not self.enough(best):
            return self._failed()
        if self.enough(worst):
            return self._reached(worst)
        low, high = 0.0, FIRST_TRY
        while self.enough(high) is not rising:
            low, high = high, min(2 * high, MAXIMUM_MONEY)
        while high - low > max(1.0, CLOSE * high):
            middle = (low + high) / 2
            low, high = (low, middle) if self.enough(middle) is rising else (middle, high)
        return self._reached(high if rising else low)

    def retirement(self) -> Reached | CannotBeReached:
        """Earliest retirement, as an age."""
        age = self.projection.standing.age
        latest = min(max(LATEST_RETIREMENT - age, 0) * MONTHS, self.projection.futures.months)
        if self.enough(age):
            return self._reached(age)
        if not self.enough(age + latest / MONTHS):
            return self._failed()
        low, high = 0, latest
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.enough(age + middle / MONTHS) else (middle, high)
        return self._reached(age + high / MONTHS)

    def _chance(self, value: float) -> float:
        projection = self.projection
        terms = projection.standing.terms(_with(projection, self.lever, value), projection.goals)
        outcome = replay(projection.futures.growth, terms, wealth=False)
        if self.goal is None:
            met = outcome.lasted == projection.futures.months
        else:
            met = outcome.missed[projection.place(self.goal)] == 0
        return float(np.count_nonzero(met) / projection.paths)

    @property
    def _tried(self) -> pd.Series[float]:
        return pd.Series(dict(sorted(self.chances.items())), name="probability").rename_axis(str(self.lever))

    def _reached(self, value: float) -> Reached:
        chance = self.chances[value]
        sentence = f"{self._lever_said(value)} {self._end_said} on {percent(chance)} of the paths."
        sentence = sentence[:1].upper() + sentence[1:]
        if not self._steady():
            sentence += " The chance does not move in one direction with it: look at the values tried."
        flows = _with(self.projection, self.lever, value)
        return Reached(self.lever, value, chance, flows, self._tried, sentence)

    def _failed(self) -> CannotBeReached:
        value, chance = max(self.chances.items(), key=lambda tried: (tried[1], tried[0]))
        most = f"the largest {self.lever}" if value == MAXIMUM_MONEY else self._lever_said(value)
        sentence = (
            f"{percent(self.wanted)} cannot be reached: even {most} {self._end_said} on only {percent(chance)} of the "
            "paths."
        )
        return CannotBeReached(self.lever, value, chance, self._tried, sentence)

    def _steady(self) -> bool:
        chances = [chance for _, chance in sorted(self.chances.items())]
        ordered = chances if self.lever.rising else chances[::-1]
        return all(less <= more for less, more in pairwise(ordered))

    def _lever_said(self, value: float) -> str:
        if self.lever is Lever.RETIREMENT:
            years, months = divmod(round(MONTHS * value), MONTHS)
            return f"retirement at {years}" + (f" and {count(months, 'month')}" if months else "")
        if value == MAXIMUM_MONEY:
            return f"any {self.lever}"
        if value == 0:
            return f"no {self.lever} at all"
        return f"{self.lever} of {money(value, self.projection.standing.currency)} a year"

    @property
    def _end_said(self) -> str:
        return "pays for all spending to the end" if self.goal is None else f"reaches '{self.goal}'"


def _with(projection: Projection, lever: Lever, value: float) -> CashFlows:
    match lever:
        case Lever.SAVING:
            return projection.flows.with_changes(saving=value)
        case Lever.SPENDING:
            return projection.flows.with_changes(spending=value)
        case Lever.RETIREMENT:
            return projection.flows.with_changes(retirement_age=value, retirement_date=None)
