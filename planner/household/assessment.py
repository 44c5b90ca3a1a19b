"""What a profile amounts to: which score binds, the risk band, the crypto range, and why in sentences."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from html import escape
from typing import TYPE_CHECKING, Any

from planner.household.crypto_guidance import CryptoRange, RiskBand
from planner.household.scores import Score, score_capacity, score_tolerance
from planner.wording import count, points

if TYPE_CHECKING:
    from planner.household.crypto_guidance import CryptoGuidance
    from planner.household.profile import Profile

# Points from which a band begins: about the lower and the upper third of the scale, rounded; ours.
MODERATE_FROM = 35.0
AGGRESSIVE_FROM = 70.0

SAME_SCORE = 0.5  # points: scores this close read as the same whole number


class Binding(StrEnum):
    """Which of the two scores decides."""

    CAPACITY = "capacity"
    TOLERANCE = "tolerance"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Assessment:
    """Capacity and tolerance side by side, and what follows from the lower of the two.

    Scores are 0-100, ``margin`` is by how many points the binding score is the lower one, ranges are decimals of
    investable assets. ``possible_crypto_range`` is what capacity alone would bear: a talking point, not advice.
    """

    capacity: Score
    tolerance: Score
    binding: Binding
    margin: float
    band: RiskBand
    crypto_range: CryptoRange
    possible_crypto_range: CryptoRange
    reasons: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """All of it as dicts, lists, text and numbers that JSON can hold."""
        return asdict(self) | {"reasons": list(self.reasons)}

    def _repr_html_(self) -> str:
        scores = "".join(
            _score_html(title, score) for title, score in (("Capacity", self.capacity), ("Tolerance", self.tolerance))
        )
        reasons = "".join(f"<li>{escape(reason)}</li>" for reason in self.reasons)
        return f"<div>{scores}<ul>{reasons}</ul></div>"


def assess(profile: Profile, guidance: CryptoGuidance) -> Assessment:
    """Assess a profile under a crypto guidance; see ``Profile.assess``."""
    capacity, tolerance = score_capacity(profile), score_tolerance(profile)
    band = band_of(min(capacity.total, tolerance.total))
    crypto_range = guidance.at(band, profile.age)
    possible = guidance.at(band_of(capacity.total), profile.age)
    binding = _binding(capacity, tolerance)
    margin = abs(capacity.total - tolerance.total)
    reasons = (
        _score_sentence("Capacity", capacity, "what your finances can bear"),
        *_ceiling_sentence(profile, capacity),
        _score_sentence("Tolerance", tolerance, "what you can bear yourself"),
        _binding_sentence(binding, margin),
        *_crypto_sentences(profile, guidance, band),
        *_gap_sentence(crypto_range, possible),
    )
    return Assessment(capacity, tolerance, binding, margin, band, crypto_range, possible, reasons)


def band_of(score: float) -> RiskBand:
    """Risk band of a score of 0-100."""
    if score >= AGGRESSIVE_FROM:
        return RiskBand.AGGRESSIVE
    return RiskBand.MODERATE if score >= MODERATE_FROM else RiskBand.CONSERVATIVE


def _binding(capacity: Score, tolerance: Score) -> Binding:
    if abs(capacity.total - tolerance.total) < SAME_SCORE:
        return Binding.BOTH
    return Binding.CAPACITY if capacity.total < tolerance.total else Binding.TOLERANCE


def _score_sentence(name: str, score: Score, meaning: str) -> str:
    opening = f"{name} is {points(score.total)} of 100: {meaning}."
    weakest = score.weakest
    if weakest.points >= weakest.maximum:
        return opening
    earned = f"{points(weakest.points)} of {points(weakest.maximum)} points"
    return f"{opening} Most is missing under '{weakest.label}', with {earned}: {weakest.reason}"


def _ceiling_sentence(profile: Profile, capacity: Score) -> tuple[str, ...]:
    if capacity.uncapped - capacity.total < SAME_SCORE:
        return ()
    highest = band_of(capacity.ceiling)
    cap = "" if highest is RiskBand.AGGRESSIVE else f", so that the band can be at most {highest}"
    return (
        f"The money is needed in {count(profile.horizon_years, 'year')}: that alone holds capacity down from "
        f"{points(capacity.uncapped)} to {points(capacity.ceiling)}{cap}.",
    )


def _binding_sentence(binding: Binding, margin: float) -> str:
    if binding is Binding.BOTH:
        return "Capacity and tolerance agree: both decide."
    by = f"by {count(round(margin) or 1, 'point')}"
    if binding is Binding.CAPACITY:
        return f"Capacity binds, {by}: you would take more risk than your finances can bear, and they decide."
    return (
        f"Tolerance binds, {by}: your finances could bear more risk than you are comfortable with, and comfort decides."
    )


def _crypto_sentences(profile: Profile, guidance: CryptoGuidance, band: RiskBand) -> tuple[str, ...]:
    before, after = guidance.of_band(band), guidance.at(band, profile.age)
    opening = f"The risk band is {band}; guidance for it is {before} of investable assets in crypto"
    off = guidance.off_at(profile.age)
    if off > 0:
        opening += f", less {count(100 * off, 'point')} for an age of {profile.age}, which leaves {after}"
    if after.upper == 0:
        return (f"{opening}.",)
    return (f"{opening}.", "Less is never wrong, down to no crypto at all.")


def _gap_sentence(crypto_range: CryptoRange, possible: CryptoRange) -> tuple[str, ...]:
    if possible.upper <= crypto_range.upper:
        return ()
    return (
        f"Your finances alone would bear {possible} in crypto: something to talk about, not advice to hold more than "
        "you are comfortable with.",
    )


def _score_html(title: str, score: Score) -> str:
    rows = "".join(
        f"<tr><td>{escape(part.label)}</td><td>{points(part.points)} of {points(part.maximum)}</td>"
        f"<td>{escape(part.reason)}</td></tr>"
        for part in score.parts
    )
    return f"<table><caption>{escape(title)}: {points(score.total)} of 100</caption><tbody>{rows}</tbody></table>"
