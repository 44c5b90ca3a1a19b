"""How much crypto suits a risk band and an age (domain.md section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydantic import Field, model_validator

from planner.errors import InputError
from planner.validation import Document, Number
from planner.wording import percent_range


class RiskBand(StrEnum):
    """How much risk suits a household, from least to most."""

    CONSERVATIVE = "conservative"
    MODERATE = "moderate"
    AGGRESSIVE = "aggressive"


@dataclass(frozen=True, slots=True)
class CryptoRange:
    """Part of investable assets that guidance suggests for crypto, in decimals.

    Less is never wrong: what is *allowed* reaches down to nothing, what is *suggested* starts at ``lower``.
    """

    lower: float
    upper: float

    def __post_init__(self) -> None:
        if not 0 <= self.lower <= self.upper <= 1:
            raise InputError(
                f"A crypto range from {self.lower:g} to {self.upper:g} is impossible: "
                "give fractions between 0 and 1, the lower one first."
            )

    @property
    def suggested(self) -> tuple[float, float]:
        """Lower and upper end of the guidance."""
        return self.lower, self.upper

    @property
    def allowed(self) -> tuple[float, float]:
        """Nothing and the upper end: nobody is pushed into crypto."""
        return 0.0, self.upper

    def less(self, off: float) -> CryptoRange:
        """Take a fraction off both ends, never below nothing."""
        return CryptoRange(max(self.lower - off, 0.0), max(self.upper - off, 0.0))

    def __str__(self) -> str:
        return percent_range(self.lower, self.upper) if self.upper > 0 else "no crypto"


# domain.md section 2: 1-3 % conservative or near retirement, 5-7 % moderate, 10-15 % aggressive; 0.5 to 1 percentage
# point off per decade of age, of which the middle. Every decade counts, as the rule says: a moderate investor of 40
# is left with 2-4 %, a conservative one with nothing.
CONSERVATIVE_RANGE = CryptoRange(0.01, 0.03)
MODERATE_RANGE = CryptoRange(0.05, 0.07)
AGGRESSIVE_RANGE = CryptoRange(0.10, 0.15)
OFF_PER_DECADE = 0.0075
YEARS_PER_DECADE = 10


class CryptoGuidance(Document):
    """The crypto ranges of the three bands and the age rule, for a user to change; all in decimals."""

    conservative: CryptoRange = CONSERVATIVE_RANGE
    moderate: CryptoRange = MODERATE_RANGE
    aggressive: CryptoRange = AGGRESSIVE_RANGE
    off_per_decade: Number = Field(OFF_PER_DECADE, ge=0, le=1, title="Taken off per decade of age")

    @model_validator(mode="after")
    def _more_risk_is_never_less_crypto(self) -> CryptoGuidance:
        ranges = [self.of_band(band) for band in RiskBand]
        for ends in ([each.lower for each in ranges], [each.upper for each in ranges]):
            if ends != sorted(ends):
                raise InputError(
                    "The crypto ranges must rise from conservative over moderate to aggressive, "
                    f"not {', '.join(map(str, ranges))}."
                )
        return self

    def of_band(self, band: RiskBand) -> CryptoRange:
        """Range of a band before the age rule."""
        ranges: dict[RiskBand, CryptoRange] = {
            RiskBand.CONSERVATIVE: self.conservative,
            RiskBand.MODERATE: self.moderate,
            RiskBand.AGGRESSIVE: self.aggressive,
        }
        return ranges[band]

    def off_at(self, age: float) -> float:
        """Fraction taken off at an age; it grows evenly with age, without steps."""
        return self.off_per_decade * age / YEARS_PER_DECADE

    def at(self, band: RiskBand, age: float) -> CryptoRange:
        """Range of a band after the age rule."""
        return self.of_band(band).less(self.off_at(age))
