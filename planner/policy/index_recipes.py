"""Recipes of crypto indices, as documents: which coins, in which weights, and how often that is put right."""

from __future__ import annotations

from enum import StrEnum
from math import fsum
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from planner.errors import InputError
from planner.household.accounts import Name, Symbol
from planner.policy.index_terms import YEAR_OF_PRICES, IndexRecipe, Screen
from planner.policy.targets import SUM_TOLERANCE
from planner.validation import Frozen, Number, WholeNumber
from planner.wording import count, percent

LARGE_COINS = ("btc", "eth")
"""The large-cap coins of domain.md section 5."""

CORE = 0.5
"""Part of the balanced index in bitcoin and ether: half-way between large-cap and the rest. Ours."""

MOMENTUM_MONTHS, MOMENTUM_COINS = 6, 4
"""Half a year, the middle of the 3 to 12 months of Jegadeesh & Titman (1993); as many coins as half of the built-in
ones that are not large. Ours."""

LARGEST_WEIGHT = 0.35
"""Cap of the capped index: bitcoin alone is more than half of all market value. Ours."""


class Weighting(StrEnum):
    """How the coins that were chosen share an index."""

    EQUAL = "equal"
    MARKET_VALUE = "market value"
    INVERSE_VOLATILITY = "inverse volatility"


class Leaders(StrEnum):
    """Which coins a growth index holds, bitcoin and ether aside."""

    MOMENTUM = "momentum"
    SMALLER = "smaller names"


class LargeCap(IndexRecipe):
    """Bitcoin and ether by market value, or the coins of ``fixed`` in these weights, which sum to 1."""

    kind: Literal["large_cap"] = "large_cap"
    label: Name = Field("Large-cap index", title="Name of the index")
    screen: Screen = Field(Screen(), title="Screen")
    fixed: Annotated[dict[Symbol, Annotated[Number, Field(gt=0, le=1)]], Frozen] | None = Field(
        None, max_length=100, title="Fixed weights"
    )

    @field_validator("fixed")
    @classmethod
    def _all_of_it(cls, fixed: dict[str, float] | None) -> dict[str, float] | None:
        if fixed is not None and abs(fsum(fixed.values()) - 1) > SUM_TOLERANCE:
            raise InputError(f"The fixed weights of an index sum to {fsum(fixed.values()):g}: they must sum to 1.")
        return fixed

    @property
    def by_market_value(self) -> bool:
        """Unless the weights are fixed."""
        return self.fixed is None

    @property
    def coins_named(self) -> tuple[str, ...]:
        """Bitcoin and ether, or the coins with fixed weights."""
        return LARGE_COINS if self.fixed is None else tuple(self.fixed)

    @property
    def method(self) -> str:
        """How it is weighted."""
        if self.fixed is None:
            return "bitcoin and ether by market value"
        return ", ".join(f"{percent(weight)} {coin}" for coin, weight in self.fixed.items())


class Balanced(IndexRecipe):
    """``core`` in bitcoin and ether by market value, the rest in equal parts in all other coins."""

    kind: Literal["balanced"] = "balanced"
    label: Name = Field("Balanced index", title="Name of the index")
    fewest: WholeNumber = Field(4, ge=1, le=100, title="Fewest coins")
    core: Number = Field(CORE, ge=0, le=1, title="Part in bitcoin and ether")

    @property
    def by_market_value(self) -> bool:
        """Its core is."""
        return True

    @property
    def coins_named(self) -> tuple[str, ...]:
        """The core."""
        return LARGE_COINS

    @property
    def method(self) -> str:
        """How it is weighted."""
        return f"{percent(self.core)} in bitcoin and ether by market value, the rest in equal parts in the other coins"


class Growth(IndexRecipe):
    """Coins other than bitcoin and ether in equal parts: those that rose most of late, or all smaller names.

    Momentum takes the ``coins`` with the highest return over the last ``months``.
    """

    kind: Literal["growth"] = "growth"
    label: Name = Field("Growth index", title="Name of the index")
    fewest: WholeNumber = Field(2, ge=1, le=100, title="Fewest coins")
    leaders: Leaders = Field(Leaders.MOMENTUM, title="Coins of growth")
    coins: WholeNumber = Field(MOMENTUM_COINS, ge=1, le=100, title="Number of coins")
    months: WholeNumber = Field(MOMENTUM_MONTHS, ge=1, le=36, title="Months of momentum")

    @property
    def method(self) -> str:
        """How its coins are chosen."""
        if self.leaders is Leaders.SMALLER:
            return "all coins but bitcoin and ether in equal parts"
        return (
            f"the {count(self.coins, 'coin')} besides bitcoin and ether that rose most in {count(self.months, 'month')}"
            ", in equal parts"
        )


class Sector(IndexRecipe):
    """The ``coins`` of one's own list, such as a sector, by a ``weighting``; ``months`` are those of its volatility."""

    kind: Literal["sector"] = "sector"
    label: Name = Field("Sector index", title="Name of the index")
    coins: tuple[Symbol, ...] = Field(min_length=1, max_length=100, title="Coins")
    weighting: Weighting = Field(Weighting.EQUAL, title="Weighting")
    months: WholeNumber = Field(YEAR_OF_PRICES, ge=3, le=60, title="Months of volatility")

    @model_validator(mode="after")
    def _each_once(self) -> Sector:
        twice = next((coin for coin in self.coins if self.coins.count(coin) > 1), None)
        if twice is not None:
            raise InputError(f"The coin '{twice}' stands twice in the sector: keep one.")
        return self

    @property
    def by_market_value(self) -> bool:
        """Where it is so weighted."""
        return self.weighting is Weighting.MARKET_VALUE

    @property
    def coins_named(self) -> tuple[str, ...]:
        """The list."""
        return self.coins

    @property
    def method(self) -> str:
        """How it is weighted."""
        return f"{', '.join(self.coins)} by {self.weighting} weights"


class EqualWeight(IndexRecipe):
    """All coins in equal parts."""

    kind: Literal["equal_weight"] = "equal_weight"
    label: Name = Field("Equal-weight index", title="Name of the index")
    fewest: WholeNumber = Field(2, ge=1, le=100, title="Fewest coins")

    @property
    def method(self) -> str:
        """How it is weighted."""
        return "all coins in equal parts"


class CappedMarketValue(IndexRecipe):
    """The largest ``coins`` by market value, none above the cap, what is above it shared out among the others."""

    kind: Literal["capped_market_value"] = "capped_market_value"
    label: Name = Field("Capped market-value index", title="Name of the index")
    fewest: WholeNumber = Field(2, ge=1, le=100, title="Fewest coins")
    cap: Number | None = Field(LARGEST_WEIGHT, gt=0, le=1, title="Largest weight of a coin")
    coins: WholeNumber = Field(10, ge=1, le=100, title="Number of coins")

    @property
    def by_market_value(self) -> bool:
        """Always."""
        return True

    @property
    def method(self) -> str:
        """How it is weighted."""
        return f"the {count(self.coins, 'coin')} of the largest market value, by market value"


class InverseVolatility(IndexRecipe):
    """All coins, each with a weight in inverse proportion to its volatility over the last ``months``."""

    kind: Literal["inverse_volatility"] = "inverse_volatility"
    label: Name = Field("Inverse-volatility index", title="Name of the index")
    fewest: WholeNumber = Field(2, ge=1, le=100, title="Fewest coins")
    months: WholeNumber = Field(YEAR_OF_PRICES, ge=3, le=60, title="Months of volatility")

    @property
    def method(self) -> str:
        """How it is weighted."""
        return f"all coins in inverse proportion to their volatility over {count(self.months, 'month')}"


Recipe = Annotated[
    LargeCap | Balanced | Growth | Sector | EqualWeight | CappedMarketValue | InverseVolatility,
    Field(discriminator="kind"),
]
"""Any of the seven, told apart by ``kind`` where it is stored."""
