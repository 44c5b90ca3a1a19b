"""Projection: what a plan's money may come to, path by path, and what that says about spending and goals."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.disclaimer import DISCLAIMER
from planner.errors import InputError
from planner.outlook.futures import Futures, draw
from planner.outlook.monthly_moments import MONTHS
from planner.outlook.samplers import sampler
from planner.outlook.standing import Mix, Planned, Standing
from planner.outlook.wealth import Outcome, replay
from planner.trading.rules import Calendar, Frequency, Hybrid, Threshold
from planner.wording import count, money, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from planner.household.accounts import Household
    from planner.household.cash_flows import CashFlows
    from planner.household.goals import Goal
    from planner.outlook.return_models import ReturnModel
    from planner.outlook.samplers import Singles
    from planner.outlook.wealth import Terms
    from planner.policy.glide_path import GlidePath
    from planner.trading.rules import Rule

PATHS = 10_000
MOST_PATHS = 100_000
MOST_YEARS = 100
LAST_AGE = 95
"""Until when money should last where nothing else is said: one in five of 65-year-olds in the US reaches 90; ours."""

PERCENTILES = (5, 25, 50, 75, 95)


class Step(StrEnum):
    """How finely a projection is told."""

    MONTH = "month"
    YEAR = "year"

    @property
    def months(self) -> int:
        """Months in a step."""
        return MONTHS if self is Step.YEAR else 1


@dataclass(frozen=True, slots=True)
class Chance:
    """A share of paths, and how far it may be from what endless paths would give."""

    hits: int
    paths: int

    @property
    def probability(self) -> float:
        """Part of the paths."""
        return self.hits / self.paths

    @property
    def standard_error(self) -> float:
        """Of the probability p over N paths: sqrt(p (1 - p) / N)."""
        return math.sqrt(self.probability * (1 - self.probability) / self.paths)

    @property
    def text(self) -> str:
        """The probability in percent, with twice its standard error in points."""
        return f"{percent(self.probability)} (± {200 * self.standard_error:.1f} points)"


@dataclass(frozen=True, eq=False)
class Projection:
    """A plan's money along many paths.

    ``outcome.wealth`` (months + 1, paths) is the money of each month-end, in that day's money. Percentiles, goals and
    what is said of them are read from it; ``with_changes`` asks the same futures about other saving, spending or goals.
    """

    standing: Standing
    model: ReturnModel
    seed: int
    futures: Futures = field(repr=False)
    flows: CashFlows
    goals: tuple[Goal, ...]
    terms: Terms = field(repr=False)

    @cached_property
    def outcome(self) -> Outcome:
        """What came of the cash flows and goals, path by path."""
        return replay(self.futures.growth, self.terms)

    @property
    def wealth(self) -> Singles:
        """All money at each month-end (months + 1, paths), in that day's money, before the tax on deferred money."""
        return self.outcome.wealth

    def with_changes(self, flows: CashFlows | None = None, goals: Sequence[Goal] | None = None) -> Projection:
        """The same futures with other cash flows or goals: nothing is drawn anew."""
        flows = self.flows if flows is None else flows
        goals = self.goals if goals is None else tuple(goals)
        return replace(self, flows=flows, goals=goals, terms=self.standing.terms(flows, goals))

    def first(self, paths: int) -> Projection:
        """The same on the first so many paths: sooner and coarser."""
        return replace(self, futures=Futures(self.futures.growth[:, :paths]))

    @cached_property
    def retirement_age(self) -> float:
        """Age in years at which saving ends and spending begins."""
        return self.standing.age + self.standing.timeline(self.flows).working / MONTHS

    @property
    def paths(self) -> int:
        """Number of paths."""
        return self.futures.paths

    @property
    def years(self) -> int:
        """Years projected."""
        return self.futures.months // MONTHS

    def fan(
        self, step: Step = Step.YEAR, *, real: bool = True, percentiles: Sequence[float] = PERCENTILES
    ) -> pd.DataFrame:
        """Percentiles of wealth (columns, 0 to 100) by month-end, in today's money or, not ``real``, in that day's."""
        outside = next((number for number in percentiles if not 0 <= number <= 100), None)
        if outside is not None:
            raise InputError(f"There is no percentile {outside:g}: give numbers from 0 to 100.")
        rows = slice(None, None, step.months)
        ordered = np.sort(self.wealth[rows], axis=1)  # sooner done than percentiles picked from what is not in order
        found = np.percentile(ordered, list(percentiles), axis=1, overwrite_input=True).T
        if real:
            found /= self.terms.price[rows, None]
        return pd.DataFrame(found, self.standing.dates[rows], pd.Index(percentiles, name="percentile"))

    @cached_property
    def lasts(self) -> Chance | None:
        """Chance that all spending is paid to the end; None where nothing is spent."""
        if not self.terms.flow.min() < 0:
            return None
        return Chance(int((self.outcome.lasted == self.futures.months).sum()), self.paths)

    def chance(self, goal: str) -> Chance:
        """Chance that a goal is met in full."""
        return Chance(int((self.outcome.missed[self.place(goal)] == 0).sum()), self.paths)

    @cached_property
    def goal_table(self) -> pd.DataFrame:
        """By goal, in order: ``due``, ``amount`` (today's money), ``amount_then``, ``priority``, ``probability``.

        Further its ``standard_error``, and of what is missed, in today's money, the mean and the worst twentieth's edge
        over the paths that miss it: ``shortfall`` and ``shortfall_95`` (zero where none does).
        """
        rows = {}
        for due, missed in zip(self.terms.dues, self.outcome.missed, strict=True):
            chance, short = self.chance(due.goal.name), missed[missed > 0]
            rows[due.goal.name] = {
                "due": self.standing.dates[due.month].date(),
                "amount": due.goal.amount,
                "amount_then": due.amount,
                "priority": due.goal.priority,
                "probability": chance.probability,
                "standard_error": chance.standard_error,
                "shortfall": float(short.mean()) if len(short) else 0.0,
                "shortfall_95": float(np.percentile(short, 95)) if len(short) else 0.0,
            }
        columns = ["due", "amount", "amount_then", "priority", "probability", "standard_error"]
        table = pd.DataFrame.from_dict(rows, orient="index", columns=[*columns, "shortfall", "shortfall_95"])
        return table.rename_axis("goal")

    @cached_property
    def run_out(self) -> pd.Series[float]:
        """Part of the paths whose money did not pay for all spending, by year-end of the projection."""
        ends = np.arange(0, self.futures.months + 1, MONTHS)
        gone = np.searchsorted(np.sort(self.outcome.lasted), ends, side="left") / self.paths
        return pd.Series(gone, self.standing.dates[ends], name="run_out")

    @cached_property
    def falls(self) -> pd.Series[float]:
        """The mix's deepest fall on each path, <= 0: the 5th, 25th, 50th, 75th and 95th percentile from the worst."""
        found = np.percentile(self.futures.deepest_falls, PERCENTILES)
        return pd.Series(found, pd.Index(PERCENTILES, name="percentile"), name="deepest_fall")

    @cached_property
    def table(self) -> pd.DataFrame:
        """By year: age, percentiles of wealth in today's money, and the part of the paths whose money has run out."""
        table = self.fan().rename(columns=lambda number: f"p{number:g}").rename_axis(columns=None)
        table.insert(0, "age", self.standing.age + np.arange(len(table)))
        return table.assign(run_out=self.run_out)

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """What the projection says, in words."""
        said = (self._wealth_said(), self._spending_said(), *self._goals_said(), self._fall_said())
        return tuple(filter(None, said))

    def _repr_html_(self) -> str:
        said = "".join(f"<li>{escape(sentence)}</li>" for sentence in self.sentences)
        shown = self.table.map("{:,.0f}".format).assign(run_out=self.run_out.map(percent))
        table = shown.set_axis([f"{day:%Y-%m}" for day in self.standing.dates[::MONTHS]]).to_html()
        return f"<ul>{said}</ul>{table}<p>{escape(DISCLAIMER)}</p>"

    def _wealth_said(self) -> str:
        at_end = np.percentile(self.wealth[-1], (5, 50, 95)) / self.terms.price[-1]
        low, middle, high = map(self._money, at_end)
        after = f"After {count(self.years, 'year')}"
        if at_end[1] == 0:
            return (
                f"{after} at least half of {self.paths:,} paths hold nothing; one in twenty holds more than {high} in "
                "today's money."
            )
        return (
            f"{after} half of {self.paths:,} paths hold more than {middle} in today's money; one in twenty holds less "
            f"than {low}, one in twenty more than {high}."
        )

    def _spending_said(self) -> str:
        if self.lasts is None:
            return ""
        said = f"The money pays for all spending to the end on {self.lasts.text} of the paths."
        early = self.outcome.lasted[self.outcome.lasted < self.futures.months]
        if len(early):
            age = self.standing.age + float(np.median(early)) / MONTHS
            said += f" Where it does not, half run out before the age of {age:.0f}."
        return said

    def _goals_said(self) -> list[str]:
        said = []
        for name, row in self.goal_table.iterrows():
            sentence = (
                f"'{name}', {self._money(row['amount'])} by {row['due']:%B %Y}, is reached on "
                f"{self.chance(str(name)).text} of the paths."
            )
            if row["shortfall"] > 0:
                sentence += f" Where it is not, {self._money(row['shortfall'])} is lacking on average."
            said.append(sentence)
        return said

    def _fall_said(self) -> str:
        half, worst = (percent(-self.falls[number], 0) for number in (50, 5))
        return f"On half of the paths the mix falls by {half} or more from a high, on one in twenty by {worst} or more."

    def _money(self, amount: float) -> str:
        return money(amount, self.standing.currency)

    def place(self, goal: str) -> int:
        """Place of a goal in the order in which goals are met."""
        names = [due.goal.name for due in self.terms.dues]
        if goal not in names:
            known = f"The goals are {', '.join(names)}." if names else "There are no goals."
            raise InputError(f"There is no goal '{goal}'. {known}")
        return names.index(goal)


def project(  # noqa: PLR0913 - one question, and each of these is asked for by name
    plan: Planned,
    household: Household | None = None,
    years: int | None = None,
    paths: int = PATHS,
    model: ReturnModel | None = None,
    seed: int = 0,
    *,
    flows: CashFlows | None = None,
    goals: Sequence[Goal] | None = None,
    glide_path: GlidePath | None = None,
    rebalancing: Frequency | Rule | None = None,
    progress: Callable[[float], object] | None = None,
) -> Projection:
    """Follow a plan's money month by month along random paths of its market.

    The plan's mix, or that of ``glide_path`` at that age, is held in every account alike and kept by ``rebalancing``:
    the scenario's rule where left out, path by path where it has bands, or back to its weights so often. Trades cost
    what the scenario's trading policy says. Money comes and goes at month-ends in the proportions then held. Taxed
    money pays its yearly drag, deferred money income tax at the rate expected in retirement when it is taken out, with
    the penalty before 59 1/2, and required distributions at each year's end; spending takes taxed, then deferred, then
    tax-free money.

    The drag has the tax on all gains, spread over the years, as if they were realised at the end: that rebalancing
    realises some of them sooner is left out. Over 40 years taxed money thus grows by 0.03 % a year too much on the
    example, and by 0.1 % where gains pay 25 % (docs/benchmarks.md). Bands take about twice as long as the calendar.

    ``household`` is the scenario's where left out, and all liquid assets in a taxable account where that has none.
    ``flows``, ``goals``, ``glide_path`` and ``model`` too are the scenario's where left out, flows those of the profile
    where it has none either; ``years`` run to age 95. ``progress`` is told the part drawn, and stops by an exception.
    The same seed gives the same paths, the first of more.
    """
    scenario, profile = plan.scenario, plan.scenario.profile
    owned = scenario.household if household is None else household
    years = max(LAST_AGE - profile.age, math.ceil(profile.horizon_years), 1) if years is None else years
    for name, value, most in (("years", years, MOST_YEARS), ("paths", paths, MOST_PATHS)):
        if not isinstance(value, int) or not 1 <= value <= most:
            raise InputError(f"The number of {name} is {value!r}: give a whole number from 1 to {most:,}.")
    if not isinstance(seed, int) or seed < 0:
        raise InputError(f"The seed is {seed!r}: give a whole number that is not negative.")
    rebalancing = scenario.rebalancing if rebalancing is None else rebalancing
    if not isinstance(rebalancing, Frequency | Calendar | Threshold | Hybrid):
        raise InputError(f"The rebalancing is {rebalancing!r}: give a rule, or a Frequency such as ANNUALLY.")
    model = scenario.return_model if model is None else model
    goals = scenario.goals if goals is None else goals
    flows = scenario.cash_flows if flows is None else flows
    glide_path = scenario.glide_path if glide_path is None else glide_path
    mix = Mix.of(plan, glide_path, MONTHS * years, rebalancing)
    standing = Standing.of(plan, owned, mix.weights)
    flows = standing.flows_of(profile) if flows is None else flows
    terms = standing.terms(flows, goals)
    drawn = sampler(model, plan.market, mix.held)
    futures = draw(drawn, mix.held_weights, paths, seed, mix.every, progress, costs=mix.costs, bands=mix.bands)
    return Projection(standing, model, seed, futures, flows, tuple(goals), terms)
