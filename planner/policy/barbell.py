"""The crypto sleeve: a few indices that share the crypto of a portfolio, from the calmest to the boldest."""

from __future__ import annotations

from enum import StrEnum
from math import fsum
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, model_validator

from planner.errors import InputError
from planner.policy.index_recipes import Balanced, Growth, LargeCap, Recipe
from planner.policy.tactical import Tilt
from planner.policy.targets import SUM_TOLERANCE
from planner.validation import Document, Number
from planner.wording import money, percent

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

LARGE_CAP, BALANCED, GROWTH = "large_cap", "balanced", "growth"

BARBELL_RANGES = {LARGE_CAP: (0.60, 0.70), BALANCED: (0.20, 0.30), GROWTH: (0.10, 0.20)}
"""Parts of the sleeve: domain.md section 5."""

BARBELL_SHARES = {LARGE_CAP: 0.62, BALANCED: 0.24, GROWTH: 0.14}
"""The middles of the ranges are 65, 25 and 15, which sum to 105: scaled to 100 and rounded to whole percents."""

WORKED_SHARES = {LARGE_CAP: 0.6, BALANCED: 0.4}
"""domain.md section 5: 5 % crypto = 3 % large-cap + 2 % balanced."""

SLEEVE_TILT = 0.05
"""Half the width of the barbell's ranges, as a part of the sleeve. Ours."""

MOST_PARTS = 8
"""More indices of one small class only hold the same coins again. Ours."""


class CryptoView(StrEnum):
    """What one expects of crypto for a while. Source: domain.md section 4."""

    NEUTRAL = "neutral"
    BULLISH = "bullish"
    BEARISH = "bearish"


class SleevePart(Document):
    """One index and its share of the sleeve.

    ``name`` is that of its return series. ``lower`` and ``upper`` are the range inside which an optimiser may choose;
    a part without one stays at its share.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")] = Field(title="Name of the part")
    recipe: Recipe = Field(title="Recipe of the index")
    share: Number = Field(ge=0, le=1, title="Share of the sleeve")
    lower: Number | None = Field(None, ge=0, le=1, title="Smallest share")
    upper: Number | None = Field(None, ge=0, le=1, title="Largest share")

    @property
    def has_range(self) -> bool:
        """Whether an optimiser may choose its share."""
        return self.lower is not None or self.upper is not None

    @property
    def range(self) -> tuple[float, float]:
        """Smallest and largest share that may be set; everything where there is no range."""
        return 0.0 if self.lower is None else self.lower, 1.0 if self.upper is None else self.upper

    @model_validator(mode="after")
    def _inside_its_range(self) -> SleevePart:
        lower, upper = self.range
        if not lower - SUM_TOLERANCE <= self.share <= upper + SUM_TOLERANCE:
            raise InputError(
                f"The share of '{self.name}' is {percent(self.share)}, outside its range of {percent(lower)} to "
                f"{percent(upper)}: change one of them."
            )
        return self


class Sleeve(Document):
    """How the crypto of a portfolio is shared out among indices, the calmest first and the boldest last.

    The shares sum to 1. Source: domain.md section 5.
    """

    parts: tuple[SleevePart, ...] = Field(min_length=1, max_length=MOST_PARTS, title="Parts of the sleeve")

    @model_validator(mode="after")
    def _shared_out(self) -> Sleeve:
        names = [part.name for part in self.parts]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise InputError(f"Two parts of the sleeve are named '{twice}': give each a name of its own.")
        total = fsum(part.share for part in self.parts)
        if abs(total - 1) > SUM_TOLERANCE:
            raise InputError(f"The shares of the sleeve sum to {percent(total, 4)}: they must sum to 100 %.")
        return self

    @property
    def shares(self) -> dict[str, float]:
        """Shares by part, summing to 1."""
        return {part.name: part.share for part in self.parts}

    def __getitem__(self, name: str) -> SleevePart:
        for part in self.parts:
            if part.name == name:
                return part
        raise InputError(f"The sleeve has no part '{name}'. The parts are: {', '.join(self.shares)}.")

    def amounts(self, total: float, crypto_weight: float) -> dict[str, float]:
        """Money by part, of a portfolio worth ``total`` that holds this weight of crypto."""
        return {name: total * crypto_weight * share for name, share in self.shares.items()}

    def trades(self, held: Mapping[str, float]) -> dict[str, float]:
        """Money to buy (above 0) or sell of each part, so that what is ``held`` of them stands at the shares again.

        ``held`` is money by part, 0 where it is left out. Source: domain.md section 5.
        """
        unknown = next((name for name in held if name not in self.shares), None)
        if unknown is not None:
            raise InputError(f"The sleeve has no part '{unknown}'. The parts are: {', '.join(self.shares)}.")
        total = fsum(held.values())
        return {name: total * share - held.get(name, 0.0) for name, share in self.shares.items()}

    def moved(self, name: str, share: float) -> Sleeve:
        """The sleeve with one share changed, as far as all ranges allow, and the others making room.

        Each of the others gives or takes in proportion to the room it has in its range, so that sliders linked to
        100 % never stand outside of theirs.
        """
        others = [part for part in self.parts if part is not self[name]]
        lower, upper = self[name].range
        lower = max(lower, 1 - fsum(part.range[1] for part in others))
        upper = min(upper, 1 - fsum(part.range[0] for part in others))
        wanted = min(max(share, lower), upper)
        change = self[name].share - wanted
        rooms = {part.name: part.range[1] - part.share if change > 0 else part.share - part.range[0] for part in others}
        total = fsum(rooms.values())
        shares = {part.name: part.share + (change * rooms[part.name] / total if total > 0 else 0.0) for part in others}
        return self._with({name: wanted} | shares)

    def tilted(self, view: CryptoView, size: float = SLEEVE_TILT) -> Sleeve:
        """The sleeve for a view: bullish moves ``size`` of it from the calmest part to the boldest, bearish back.

        No further than both ranges allow. Source: domain.md section 4.
        """
        if not 0 <= size <= 1:
            raise InputError(f"A tilt of {size:g} of the sleeve is impossible: give a fraction between 0 and 1.")
        calm, bold = self.parts[0], self.parts[-1]
        giver, taker = (calm, bold) if view is CryptoView.BULLISH else (bold, calm)
        room = min(giver.share - giver.range[0], taker.range[1] - taker.share)
        step = min(size, max(room, 0.0))
        if view is CryptoView.NEUTRAL or giver is taker or step == 0:
            return self
        return self._with({giver.name: giver.share - step, taker.name: taker.share + step})

    def _with(self, shares: dict[str, float]) -> Sleeve:
        inside = {name: min(max(share, self[name].range[0]), self[name].range[1]) for name, share in shares.items()}
        return Sleeve(parts=tuple(part.with_changes(share=inside.get(part.name, part.share)) for part in self.parts))

    def sentence(self, total: float, crypto_weight: float, currency: str = "USD") -> str:
        """The sleeve in words: 5 % crypto = 3 % Large-cap index ($3,000) + 2 % Balanced index ($2,000)."""
        amounts = self.amounts(total, crypto_weight)
        parts = " + ".join(
            f"{percent(crypto_weight * part.share)} {part.recipe.label} ({money(amounts[part.name], currency)})"
            for part in self.parts
        )
        return f"{percent(crypto_weight)} crypto = {parts}"


def barbell(boldest: Recipe | None = None) -> Sleeve:
    """Large-cap, balanced, and growth or another boldest part such as a sector, inside the ranges of the domain."""
    recipes = {LARGE_CAP: LargeCap(), BALANCED: Balanced(), GROWTH: boldest or Growth()}
    return Sleeve(
        parts=tuple(
            SleevePart(name=name, recipe=recipe, share=BARBELL_SHARES[name], lower=low, upper=high)
            for name, recipe in recipes.items()
            for low, high in [BARBELL_RANGES[name]]
        )
    )


def worked_sleeve() -> Sleeve:
    """The worked example: three fifths large-cap and two fifths balanced, held at that."""
    recipes = {LARGE_CAP: LargeCap(), BALANCED: Balanced()}
    return Sleeve(
        parts=tuple(SleevePart(name=name, recipe=recipe, share=WORKED_SHARES[name]) for name, recipe in recipes.items())
    )


def sleeve_tilts(
    before: Sleeve, after: Sleeve, crypto_weight: float, reason: str, days: tuple[dt.date, dt.date]
) -> tuple[Tilt, ...]:
    """What leads from one sleeve to another as tilts of its series, which end by themselves.

    ``crypto_weight`` is that of the portfolio; ``days`` are the tilts' first day and the one on which they are over.
    """
    changes = {name: crypto_weight * (share - before[name].share) for name, share in after.shares.items()}
    return tuple(
        Tilt(asset=name, change=change, reason=reason, starts=days[0], ends=days[1])
        for name, change in changes.items()
        if abs(change) > SUM_TOLERANCE * crypto_weight
    )
