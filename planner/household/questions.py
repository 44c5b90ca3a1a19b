"""The questions with four ordered answers: what they ask, what can be answered, and what the answers weigh."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from pydantic import Field

from planner.validation import Document

STEPS = 4  # answers to every question


class Answer(StrEnum):
    """One of four answers, ordered from least to most risk; ``wording`` is what a person reads."""

    wording: str

    def __new__(cls, value: str, wording: str) -> Self:
        """Make a member that is its value in JSON and carries its wording."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.wording = wording
        return member

    @property
    def step(self) -> int:
        """Place in the order: 0 for the answer with least risk, 3 for the one with most."""
        return list(type(self)).index(self)

    @property
    def share(self) -> float:
        """Part of the question's points that this answer earns, 0 to 1."""
        return self.step / (STEPS - 1)


class IncomeStability(Answer):
    """How sure next year's income is."""

    UNCERTAIN = "uncertain", "It may stop at any time"
    VARIABLE = "variable", "It varies a lot from year to year"
    STEADY = "steady", "It is steady, though a job can be lost"
    SECURE = "secure", "It is secure: tenure, a pension, or several sources"


class Fall(Answer):
    """A fall of the whole portfolio within a year (the four falls of domain.md section 2)."""

    TEN = "-10 %", "A fall of 10 %"
    TWENTY = "-20 %", "A fall of 20 %"
    THIRTY = "-30 %", "A fall of 30 %"
    FIFTY = "-50 %", "A fall of 50 % or none at all"


class Reaction(Answer):
    """What the person does after a fall of 20 %."""

    SELL_ALL = "sell all", "I sell everything and wait"
    SELL_SOME = "sell some", "I sell a part to sleep better"
    HOLD = "hold", "I change nothing"
    BUY_MORE = "buy more", "I buy more at the lower price"


class Experience(Answer):
    """What the person has held through."""

    NONE = "none", "I have only held savings"
    CALM = "calm years", "I have held funds or shares in calm years"
    ONE_FALL = "one fall", "I have held on through one fall of 20 % or more"
    SEVERAL_FALLS = "several falls", "I have held on through several such falls"


class Spread(Answer):
    """The spread of one year's outcomes that the person would choose."""

    NARROW = "0 to +4 %", "Between nothing and a gain of 4 %"
    MEDIUM = "-6 to +12 %", "Between a loss of 6 % and a gain of 12 %"
    WIDE = "-15 to +25 %", "Between a loss of 15 % and a gain of 25 %"
    WIDEST = "-30 to +45 %", "Between a loss of 30 % and a gain of 45 %"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for a field, with the answers to choose from and the points at stake."""

    field: str
    label: str
    wording: str
    answers: type[Answer]
    maximum: float


# Points are ours and sum to 100. The two falls carry most of them, because domain.md section 2 defines tolerance by
# the fall that makes a person sell or lose sleep; the other three only check that answer.
TOLERANCE_QUESTIONS = (
    Question("sells_at", "Selling", "Which fall within a year would make you sell?", Fall, 35.0),
    Question("loses_sleep_at", "Sleep", "Which fall within a year would cost you your sleep?", Fall, 25.0),
    Question("reaction", "Reaction", "Your portfolio has just fallen by 20 %. What do you do?", Reaction, 20.0),
    Question("experience", "Experience", "What have you lived through as an investor?", Experience, 10.0),
    Question("spread", "Outcomes", "Which spread of outcomes after one year would you choose?", Spread, 10.0),
)

INCOME_QUESTION = Question(
    "income_stability", "Income stability", "How sure is next year's income?", IncomeStability, 10.0
)


class ToleranceAnswers(Document):
    """Answers to the five tolerance questions of ``TOLERANCE_QUESTIONS`` (domain.md section 2)."""

    sells_at: Fall = Field(title="Fall that makes you sell")
    loses_sleep_at: Fall = Field(title="Fall that costs you sleep")
    reaction: Reaction = Field(title="Reaction to a fall of 20 %")
    experience: Experience = Field(title="Experience")
    spread: Spread = Field(title="Spread of outcomes")
