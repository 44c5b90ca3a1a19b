"""Targets that change with age."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

from pydantic import Field, field_validator

from planner.errors import InputError
from planner.household.crypto_guidance import OFF_PER_DECADE, YEARS_PER_DECADE
from planner.policy.targets import Targets
from planner.validation import Document, Frozen, FrozenDict


class GlidePath(Document):
    """Targets at some ages; between two of them they move evenly, before the first and after the last they rest.

    ``points`` maps ages in years to targets of one universe; the bands at an age are those of the last point passed.
    """

    points: Annotated[dict[Annotated[float, Field(ge=0, le=150)], Targets], Frozen] = Field(title="Glide path")

    @field_validator("points")
    @classmethod
    def _ages_rise_in_one_universe(cls, points: dict[float, Targets]) -> FrozenDict[float, Targets]:
        if not points:
            raise InputError("A glide path needs targets for at least one age: add one.")
        first = next(iter(points.values()))
        for age, targets in points.items():
            if targets.weights.keys() != first.weights.keys():
                raise InputError(
                    f"The targets at age {age:g} name other asset classes than the first: use one universe."
                )
        return FrozenDict(sorted(points.items()))

    def at(self, age: float) -> Targets:
        """Targets at an age in years."""
        ages = list(self.points)
        if age <= ages[0]:
            return self.points[ages[0]]
        for younger, older in pairwise(ages):
            if age < older:
                return _between(self.points[younger], self.points[older], (age - younger) / (older - younger))
        return self.points[ages[-1]]


def _between(younger: Targets, older: Targets, part: float) -> Targets:
    weights = {name: weight + part * (older.weights[name] - weight) for name, weight in younger.weights.items()}
    return younger.model_copy(update={"weights": FrozenDict(weights)})


# The built-in path is ours. From 20 to 80 crypto falls by the age rule (domain.md section 2) from the middle of the
# equity-focused mix's 5-10 % (section 3), equities fall by 7.5 points per decade, cash for spending grows, and fixed
# income takes what is left. In between everything moves evenly.
YOUNGEST, OLDEST = 20.0, 80.0
_CRYPTO_AT_YOUNGEST = 0.075
_CRYPTO_AT_OLDEST = _CRYPTO_AT_YOUNGEST - OFF_PER_DECADE * (OLDEST - YOUNGEST) / YEARS_PER_DECADE

AGE_GLIDE_PATH = GlidePath(
    points={
        YOUNGEST: Targets(
            weights={
                "equities": 0.75,
                "fixed_income": 0.05,
                "real_estate": 0.075,
                "commodities": 0.05,
                "crypto": _CRYPTO_AT_YOUNGEST,
            }
        ),
        OLDEST: Targets(
            weights={
                "equities": 0.30,
                "fixed_income": 0.50 - _CRYPTO_AT_OLDEST,
                "real_estate": 0.05,
                "commodities": 0.05,
                "cash": 0.10,
                "crypto": _CRYPTO_AT_OLDEST,
            }
        ),
    }
)
