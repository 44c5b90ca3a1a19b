"""Strategic targets by asset class, the bands around them, and the mixes one can start from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import fsum, isfinite
from typing import Annotated, Any, Self

from pydantic import Field, ValidationInfo, model_validator

from planner.errors import InputError
from planner.market.universe import BUILT_IN, Universe
from planner.validation import Document, Frozen, Number

UNIVERSE = "universe"  # key of pydantic's validation context under which a user's own universe travels
SUM_TOLERANCE = 1e-6  # what rounding to six decimals leaves; ours

# domain.md section 6: a 5 % crypto target acts at 7 %, 2 points is common; relative bands are 20-25 % of the target, of
# which the middle.
ABSOLUTE_BAND = 0.02
RELATIVE_BAND = 0.225


@dataclass(frozen=True, slots=True)
class Band:
    """How far a weight may drift from its target before one acts.

    ``absolute`` is a weight (0.02 is two points), ``relative`` a part of the target (0.225 of 5 % is 1.1 points); where
    both are given, the narrower binds. A part of nothing is no band: at a target of 0 the absolute width counts, or
    ``ABSOLUTE_BAND``. ``absolute_below`` and ``relative_below`` are those of the lower side, where it has its own.
    Source: domain.md section 6.
    """

    absolute: float | None = None
    relative: float | None = None
    absolute_below: float | None = None
    relative_below: float | None = None

    def __post_init__(self) -> None:
        if self.absolute is None and self.relative is None:
            raise InputError("A band needs a width: give it an absolute or a relative one.")
        for width in (self.absolute, self.relative, self.absolute_below, self.relative_below):
            if width is not None and (not isfinite(width) or not 0 <= width <= 1):
                raise InputError(f"A band of {width:g} is impossible: give a fraction between 0 and 1.")

    def around(self, target: float) -> tuple[float, float]:
        """Lower and upper weight at which one acts, inside 0 and 1."""
        above = _width(target, self.absolute, self.relative)
        own_below = self.absolute_below is not None or self.relative_below is not None
        below = _width(target, self.absolute_below, self.relative_below) if own_below else above
        return max(target - below, 0.0), min(target + above, 1.0)


def _width(target: float, absolute: float | None, relative: float | None) -> float:
    if target == 0:
        return ABSOLUTE_BAND if absolute is None else absolute
    widths = (absolute, None if relative is None else relative * target)
    return min(width for width in widths if width is not None)


DEFAULT_BAND = Band(absolute=ABSOLUTE_BAND)


class ReferenceMix(StrEnum):
    """The mixes of domain.md section 3 that a user can start from."""

    EQUITY_FOCUSED = "equity-focused"
    SIXTY_FORTY_WITH_CRYPTO = "60/40 with crypto"
    REAL_ESTATE_HEAVY = "real-estate heavy"
    WORKED_EXAMPLE = "worked example"


# domain.md section 3, the middle where it gives a range. What its rows leave open is ours: in the equity-focused mix
# everything but equities and crypto, in the real-estate heavy one fixed income and cash.
REFERENCE_WEIGHTS: Mapping[ReferenceMix, Mapping[str, float]] = {
    ReferenceMix.EQUITY_FOCUSED: {
        "equities": 0.50,
        "fixed_income": 0.25,
        "real_estate": 0.075,
        "commodities": 0.05,
        "cash": 0.05,
        "crypto": 0.075,
    },
    ReferenceMix.SIXTY_FORTY_WITH_CRYPTO: {"equities": 0.55, "fixed_income": 0.35, "crypto": 0.10},
    ReferenceMix.REAL_ESTATE_HEAVY: {
        "equities": 0.55,
        "fixed_income": 0.075,
        "real_estate": 0.25,
        "cash": 0.05,
        "crypto": 0.075,
    },
    ReferenceMix.WORKED_EXAMPLE: {
        "equities": 0.50,
        "fixed_income": 0.30,
        "real_estate": 0.10,
        "cash": 0.05,
        "crypto": 0.05,
    },
}


class Targets(Document):
    """Strategic weights by asset class, with the bands around them.

    ``weights`` are decimals that sum to 1, one for every class of the universe and in its order (a class left out gets
    0); ``bands`` holds the classes whose band is not ``default_band``. Class names are those of the built-in universe,
    or of a user's own through ``in_universe``. Anything else raises InputError in words. Source: domain.md section 3.
    """

    weights: Annotated[dict[str, Number], Frozen] = Field(title="Targets")
    bands: Annotated[dict[str, Band], Frozen] = Field(default_factory=dict, validate_default=True, title="Bands")
    default_band: Band = Field(DEFAULT_BAND, title="Default band")

    @model_validator(mode="before")
    @classmethod
    def _name_every_class(cls, values: Any, info: ValidationInfo) -> Any:
        if not isinstance(values, dict) or not isinstance(values.get("weights"), Mapping):
            return values
        universe: Universe = (info.context or {}).get(UNIVERSE, BUILT_IN)
        for field in ("weights", "bands"):
            named = values.get(field)
            for name in named if isinstance(named, Mapping) else ():
                universe[name]
        weights = dict.fromkeys(universe.class_names, 0.0) | dict(values["weights"])
        return values | {"weights": weights}

    @model_validator(mode="after")
    def _weights_share_out_everything(self) -> Targets:
        for name, weight in self.weights.items():
            if weight < 0:
                raise InputError(f"The target of '{name}' is {weight:g}: a target cannot be negative.")
        total = fsum(self.weights.values())
        if abs(total - 1) > SUM_TOLERANCE:
            off = f"take {_decimal(total - 1)} off" if total > 1 else f"add {_decimal(1 - total)}"
            raise InputError(f"Targets sum to {_decimal(total)}: {off}, so that they sum to 1 (which is 100 %).")
        return self

    @classmethod
    def in_universe(cls, universe: Universe, **fields: Any) -> Self:
        """Make targets whose class names are those of a user's own universe."""
        return cls.model_validate(fields, context={UNIVERSE: universe})

    def with_weights(self, universe: Universe, weights: Mapping[str, float]) -> Self:
        """These bands around other weights."""
        bands = {"bands": dict(self.bands), "default_band": self.default_band}
        return self.in_universe(universe, weights=dict(weights), **bands)

    @classmethod
    def reference(cls, mix: ReferenceMix) -> Self:
        """Targets of one of the reference mixes, with the default band."""
        return cls(weights=dict(REFERENCE_WEIGHTS[mix]))

    def band(self, class_name: str) -> Band:
        """Band of a class."""
        return self.bands.get(class_name, self.default_band)

    def range(self, class_name: str) -> tuple[float, float]:
        """Lower and upper weight of a class at which one acts."""
        if class_name not in self.weights:
            raise InputError(f"There is no asset class '{class_name}'. The classes are: {', '.join(self.weights)}.")
        return self.band(class_name).around(self.weights[class_name])


def _decimal(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")


SIXTY_FORTY = Targets(weights={"equities": 0.60, "fixed_income": 0.40})
"""The plain 60/40 portfolio that everything is compared with."""
