"""Capacity and tolerance, each 0-100, from the parts that make them (domain.md section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.household.questions import INCOME_QUESTION, TOLERANCE_QUESTIONS
from planner.wording import count, percent

if TYPE_CHECKING:
    from planner.household.profile import Profile
    from planner.household.questions import Answer, Question

FULL_SCORE = 100.0

# What each part of capacity can earn. The parts are those of domain.md section 2; their points are ours and sum to 100
# together with income stability's. Time weighs most, because only time can repair a fall.
HORIZON_POINTS = 30.0
WEALTH_POINTS = 20.0
RESERVE_POINTS = 15.0
SAVING_POINTS = 10.0
OBLIGATIONS_POINTS = 10.0
DEPENDENTS_POINTS = 5.0

# Where each part is full (or, for dependents, empty).
FULL_HORIZON = 20.0  # years: the worst 20 years of US shares still beat inflation (Siegel 2014)
FULL_RESERVE = 2.0  # years of spending that need no sale in a fall; ours
FULL_WEALTH = 25.0  # years of spending: the 4 % rule (Bengen 1994)
FULL_SAVING = 0.20  # of income: the 50/30/20 budget (Warren and Tyagi 2005)
EMPTY_DEPENDENTS = 4  # people living on this income; ours

# Capacity cannot exceed this for every year until the money is needed: under 5 years it stays below 35 (conservative)
# and under 10 years below 70 (at most moderate), without a step. domain.md section 2: "near retirement" is
# conservative, aggressive takes "a long horizon"; the years are ours.
CEILING_PER_YEAR = 7.0


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score: what it earned, what it could have earned, and why as a sentence."""

    label: str
    points: float
    maximum: float
    reason: str


@dataclass(frozen=True, slots=True)
class Score:
    """A score of 0-100: the sum of its parts, held down to ``ceiling`` where that is lower."""

    total: float
    parts: tuple[Part, ...]
    ceiling: float = FULL_SCORE

    @classmethod
    def of(cls, parts: tuple[Part, ...], ceiling: float = FULL_SCORE) -> Score:
        """Add up parts under a ceiling."""
        ceiling = min(ceiling, FULL_SCORE)
        return cls(min(sum(part.points for part in parts), ceiling), parts, ceiling)

    @property
    def uncapped(self) -> float:
        """Sum of the parts, whatever the ceiling."""
        return sum(part.points for part in self.parts)

    @property
    def weakest(self) -> Part:
        """The part that leaves most points unearned."""
        return max(self.parts, key=lambda part: part.maximum - part.points)


def score_tolerance(profile: Profile) -> Score:
    """Score the five answers, 0-100 points."""
    return Score.of(
        tuple(_answered(question, getattr(profile.tolerance, question.field)) for question in TOLERANCE_QUESTIONS)
    )


def score_capacity(profile: Profile) -> Score:
    """Score the finances, 0-100 points, held down where the money is needed soon."""
    parts = (
        _horizon(profile),
        _wealth(profile),
        _reserve(profile),
        _saving(profile),
        _answered(INCOME_QUESTION, profile.income_stability),
        _obligations(profile),
        _dependents(profile),
    )
    return Score.of(parts, ceiling=CEILING_PER_YEAR * profile.horizon_years)


def _answered(question: Question, answer: Answer) -> Part:
    earned = question.maximum * answer.share
    return Part(question.label, earned, question.maximum, f"{question.wording} {answer.wording}.")


def _earned(label: str, share: float, maximum: float, reason: str) -> Part:
    return Part(label, maximum * min(max(0.0, share), 1.0), maximum, reason)


def _ratio(amount: float, base: float) -> float:
    """Divide, where nothing of nothing is nothing and something of nothing is without end."""
    if base > 0:
        return amount / base
    return float("inf") if amount > 0 else 0.0


def _horizon(profile: Profile) -> Part:
    reason = f"The money is needed in {count(profile.horizon_years, 'year')}."
    return _earned("Time", profile.horizon_years / FULL_HORIZON, HORIZON_POINTS, reason)


def _wealth(profile: Profile) -> Part:
    years = _ratio(profile.net_worth, profile.yearly_spending)
    return _earned("Wealth", years / FULL_WEALTH, WEALTH_POINTS, _covers("Your net worth", years))


def _reserve(profile: Profile) -> Part:
    years = _ratio(profile.liquid_assets, profile.yearly_spending)
    return _earned("Reserve", years / FULL_RESERVE, RESERVE_POINTS, _covers("What you can sell within days", years))


def _covers(what: str, years: float) -> str:
    if years <= 0:
        return f"{what} covers no spending."
    covered = "all your spending, which is nothing" if years == float("inf") else f"{count(years, 'year')} of spending"
    return f"{what} covers {covered}."


def _saving(profile: Profile) -> Part:
    saved = profile.yearly_income - profile.yearly_spending
    rate = saved / profile.yearly_income if profile.yearly_income > 0 else 0.0
    if saved > 0:
        reason = f"You save {percent(rate)} of your income."
    else:
        reason = "You have no income to save from." if profile.yearly_income == 0 else "You spend all you earn or more."
    return _earned("Saving", rate / FULL_SAVING, SAVING_POINTS, reason)


def _obligations(profile: Profile) -> Part:
    owed = _ratio(profile.obligations, profile.net_worth + profile.obligations)
    if profile.obligations == 0:
        reason = "You owe nothing."
    else:
        reason = f"You owe {percent(owed)} of what you own." if owed <= 1 else "You owe more than you own."
    return _earned("Obligations", 1 - owed, OBLIGATIONS_POINTS, reason)


def _dependents(profile: Profile) -> Part:
    people = {0: "Nobody depends", 1: "1 person depends"}.get(profile.dependents, f"{profile.dependents} people depend")
    share = 1 - profile.dependents / EMPTY_DEPENDENTS
    return _earned("Dependents", share, DEPENDENTS_POINTS, f"{people} on your income.")
