"""Limits and expectations that a household states for its plan, as documents."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from planner.errors import InputError
from planner.validation import Document, Number
from planner.wording import percent

if TYPE_CHECKING:
    from planner.market.universe import Universe

MOST_LIMITS = 40
"""More is no household's policy."""


class LimitKind(StrEnum):
    """What a stated limit limits."""

    AT_LEAST = "at least"
    AT_MOST = "at most"
    RISK_AT_MOST = "share of the risk at most"
    PART_AT_LEAST = "part of its class at least"
    TRACKING_ERROR = "tracking error at most"
    SMALLEST_HOLDING = "smallest holding"

    @property
    def has_subject(self) -> bool:
        """Whether it is about one class or series; the others are about the whole portfolio."""
        return self not in {LimitKind.TRACKING_ERROR, LimitKind.SMALLEST_HOLDING}


class PlanLimit(Document):
    """One limit on a plan.

    ``subject`` names an asset class or a series (a series for ``PART_AT_LEAST``), and is left out where the limit is
    about the whole portfolio. ``size`` is a decimal: a weight, a share of the risk or of the class, or a tracking error
    a year. A ``soft`` limit gives way where not all can be met.
    """

    kind: LimitKind = Field(title="Kind of limit")
    subject: str | None = Field(None, max_length=100, title="Subject of the limit")
    size: Number = Field(ge=0, le=1, title="Size of the limit")
    soft: bool = Field(False, title="May give way")

    @model_validator(mode="after")
    def _about_something(self) -> PlanLimit:
        if self.kind.has_subject and self.subject is None:
            raise InputError(f"The limit '{self.kind}' names nothing: give it an asset class or a series as subject.")
        if not self.kind.has_subject and self.subject is not None:
            raise InputError(f"The limit '{self.kind}' is about the whole portfolio: leave its subject out.")
        if self.kind is LimitKind.TRACKING_ERROR and self.size == 0:
            raise InputError("A tracking error of 0 % leaves nothing but the targets: choose the targets as they are.")
        return self

    def members(self, universe: Universe) -> tuple[str, ...]:
        """The series that the limit is about."""
        if self.subject is None:
            return universe.series_names
        if self.subject in universe.series_names:
            return (self.subject,)
        if self.kind is LimitKind.PART_AT_LEAST:
            raise InputError(f"'{self.subject}' is no series: a part of a class is held by one of its series.")
        return universe.members(self.subject)

    def whole(self, universe: Universe) -> tuple[str, ...]:
        """The series of the class that the subject is a part of."""
        return universe.members(universe.class_of[self.members(universe)[0]])

    def label(self, universe: Universe) -> str:
        """What the limit is about, in words."""
        if self.subject is None:
            return "the portfolio"
        return label_of(self.subject, universe)

    def sentence(self, universe: Universe) -> str:
        """The limit in words."""
        size, label = percent(self.size), self.label(universe)
        match self.kind:
            case LimitKind.AT_LEAST | LimitKind.AT_MOST:
                return f"{label} {self.kind} {size}"
            case LimitKind.RISK_AT_MOST:
                return f"{label} at most {size} of the risk"
            case LimitKind.PART_AT_LEAST:
                return f"{label} at least {size} of {universe[universe.class_of[self.members(universe)[0]]].label}"
            case LimitKind.TRACKING_ERROR:
                return f"Tracking error to the targets at most {size} a year"
            case LimitKind.SMALLEST_HOLDING:
                return f"Every holding at least {size}, or none"


class PlanView(Document):
    """What a household expects of an asset class, against what the market's prices imply.

    ``expected_return`` is an annual decimal, ``confidence`` a share from 0 (ignored) to 1 (certain).
    """

    subject: str = Field(max_length=100, title="Asset class of the view")
    expected_return: Number = Field(ge=-1, le=2, title="Expected return")
    confidence: Number = Field(ge=0, le=1, title="Confidence")

    def sentence(self, universe: Universe) -> str:
        """The view in words."""
        sure = percent(self.confidence, 0)
        return f"{universe[self.subject].label} returns {percent(self.expected_return)} a year, {sure} sure"


def label_of(name: str, universe: Universe) -> str:
    """The label of a series or an asset class; an unknown name is an InputError."""
    for asset_class in universe.classes:
        for series in asset_class.series:
            if series.name == name:
                return series.label
    return universe[name].label
