"""Which series exist, how they group into asset classes, and how each looks and is taxed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from planner.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

SHARE_TOLERANCE = 1e-9

CRYPTO, CASH = "crypto", "cash"
"""Names of the two asset classes that rules speak of: crypto's range, and cash that carries no risk."""


class ValuesByName(Protocol):
    """Values to look up by name: a mapping or a pandas Series."""

    def __getitem__(self, name: str, /) -> Any:
        """The value under a name."""


class TaxCharacter(StrEnum):
    """How the US taxes what a series pays and gains in a taxable account."""

    QUALIFIED_DIVIDENDS = "qualified dividends"
    ORDINARY_INTEREST = "ordinary interest"
    REIT_DIVIDENDS = "REIT dividends"
    SECTION_1256 = "section 1256 contracts"
    COLLECTIBLE = "collectible"
    PROPERTY = "property"


@dataclass(frozen=True, slots=True)
class Series:
    """One return series.

    ``share`` is its part of its class when only the class weight is known (the shares of a class sum
    to 1); ``market_value`` is the value of what it stands for, in billions of US dollars, and 0 where
    it is not part of the global market portfolio. ``distributions`` is what it pays out a year, ``turnover`` how much
    of it is sold and bought anew a year with the gains taxed to the holder, both as parts of its value.
    """

    name: str
    label: str
    tax: TaxCharacter
    share: float = 1.0
    market_value: float = 0.0
    measured_by: str = ""
    distributions: float = 0.0
    turnover: float = 0.0


@dataclass(frozen=True, slots=True)
class AssetClass:
    """An asset class of the household portfolio: a name, a fixed colour, and its series."""

    name: str
    label: str
    colour: str
    role: str
    series: tuple[Series, ...]

    def __post_init__(self) -> None:
        if not self.series:
            raise InputError(f"Asset class '{self.name}' has no series: give it at least one.")
        shares = [member.share for member in self.series]
        if min(shares) < 0 or abs(sum(shares) - 1) > SHARE_TOLERANCE:
            raise InputError(
                f"The shares inside asset class '{self.name}' are {shares}: "
                f"they must not be negative and must sum to 1, not {sum(shares):g}."
            )


@dataclass(frozen=True)
class Universe:
    """The asset classes of a plan and the series inside them, in the order they are shown."""

    classes: tuple[AssetClass, ...]

    def __post_init__(self) -> None:
        for kind, names in (("asset class", self.class_names), ("series", self.series_names)):
            twice = [name for name, count in Counter(names).items() if count > 1]
            if twice:
                raise InputError(f"The {kind} '{twice[0]}' appears twice in the universe: names must be unique.")

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """Names of the asset classes, in order."""
        return tuple(asset_class.name for asset_class in self.classes)

    @cached_property
    def series_names(self) -> tuple[str, ...]:
        """Names of all series, class by class."""
        return tuple(member.name for asset_class in self.classes for member in asset_class.series)

    @cached_property
    def class_of(self) -> dict[str, str]:
        """Name of the asset class of each series."""
        return {member.name: asset_class.name for asset_class in self.classes for member in asset_class.series}

    def __getitem__(self, class_name: str) -> AssetClass:
        for asset_class in self.classes:
            if asset_class.name == class_name:
                return asset_class
        raise InputError(f"There is no asset class '{class_name}'. The classes are: {', '.join(self.class_names)}.")

    def members(self, class_name: str) -> tuple[str, ...]:
        """Names of the series in one asset class."""
        return tuple(member.name for member in self[class_name].series)

    def split(self, class_weights: Mapping[str, float]) -> dict[str, float]:
        """Spread class weights over the series by their shares; classes left out get 0."""
        for name in class_weights:
            self[name]
        return {
            member.name: class_weights.get(asset_class.name, 0.0) * member.share
            for asset_class in self.classes
            for member in asset_class.series
        }

    def by_class(self, series_values: ValuesByName) -> dict[str, float]:
        """Sum weights or risk shares of series into their classes."""
        return {
            asset_class.name: float(sum(series_values[member.name] for member in asset_class.series))
            for asset_class in self.classes
        }

    @cached_property
    def market_weights(self) -> dict[str, float]:
        """Weights of the series in the global market portfolio, summing to 1."""
        values = {member.name: member.market_value for asset_class in self.classes for member in asset_class.series}
        total = sum(values.values())
        if total <= 0:
            raise InputError("No series of this universe has a market value: the market portfolio is undefined.")
        return {name: value / total for name, value in values.items()}


# Market values in billions of US dollars, March 2025: State Street's global market portfolio for equity (64 % of
# it US), bonds, real estate and gold; prices times supply on 2025-03-31 for the coins. US bonds stand for all
# bonds: government 40,315, investment grade 17,468, inflation-linked 2,874, high yield 1,774, emerging debt 8,523,
# securitised 9,563, convertibles 415. Inside a class the shares follow market value; gold and other commodities,
# of which only gold has one, are split evenly by convention.
_EQUITY, _US_SHARE = 83_375, 0.64
_BONDS = 40_315 + 17_468 + 2_874 + 1_774 + 8_523 + 9_563 + 415
_BITCOIN, _ETHER = 1_638, 220

# Distributions are what these funds paid in 2025 over their prices, rounded; ours, to be replaced by one's own. Futures
# are taxed as if sold at the end of each year (section 1256), so that all of commodities' gains are taxed every year.

BUILT_IN = Universe(
    (
        AssetClass(
            "equities",
            "Equities",
            "#0072B2",
            "growth",
            (
                Series(
                    "us_equity",
                    "US equity",
                    TaxCharacter.QUALIFIED_DIVIDENDS,
                    _US_SHARE,
                    _EQUITY * _US_SHARE,
                    "VTI, Vanguard Total Stock Market ETF",
                    distributions=0.012,
                ),
                Series(
                    "intl_equity",
                    "International equity",
                    TaxCharacter.QUALIFIED_DIVIDENDS,
                    1 - _US_SHARE,
                    _EQUITY * (1 - _US_SHARE),
                    "VXUS, Vanguard Total International Stock ETF",
                    distributions=0.028,
                ),
            ),
        ),
        AssetClass(
            "fixed_income",
            "Fixed income",
            "#009E73",
            "stability and income",
            (
                Series(
                    "us_bonds",
                    "US bonds",
                    TaxCharacter.ORDINARY_INTEREST,
                    1.0,
                    _BONDS,
                    "BND, Vanguard Total Bond Market ETF",
                    distributions=0.038,
                ),
            ),
        ),
        AssetClass(
            "real_estate",
            "Real estate",
            "#CC79A7",
            "inflation hedge and income",
            (
                Series(
                    "real_estate",
                    "Real estate",
                    TaxCharacter.REIT_DIVIDENDS,
                    1.0,
                    6_775,
                    "VNQ, Vanguard Real Estate ETF",
                    distributions=0.039,
                ),
            ),
        ),
        AssetClass(
            "commodities",
            "Commodities and gold",
            "#E69F00",
            "inflation and crisis hedge",
            (
                Series(
                    "commodities",
                    "Commodities",
                    TaxCharacter.SECTION_1256,
                    0.5,
                    0.0,
                    "DBC, Invesco DB Commodity Index Tracking Fund",
                    distributions=0.04,
                    turnover=1.0,
                ),
                Series("gold", "Gold", TaxCharacter.COLLECTIBLE, 0.5, 8_676, "GLD, SPDR Gold Shares"),
            ),
        ),
        AssetClass(
            "cash",
            "Cash",
            "#7F7F7F",
            "liquidity",
            (
                Series(
                    "cash",
                    "Cash",
                    TaxCharacter.ORDINARY_INTEREST,
                    1.0,
                    0.0,
                    "BIL, SPDR Bloomberg 1-3 Month T-Bill ETF",
                    distributions=0.042,
                ),
            ),
        ),
        AssetClass(
            "crypto",
            "Crypto",
            "#D55E00",
            "growth with extreme volatility, open around the clock",
            (
                Series(
                    "bitcoin",
                    "Bitcoin",
                    TaxCharacter.PROPERTY,
                    _BITCOIN / (_BITCOIN + _ETHER),
                    _BITCOIN,
                    "BTC-USD closes",
                ),
                Series(
                    "ether",
                    "Ether",
                    TaxCharacter.PROPERTY,
                    _ETHER / (_BITCOIN + _ETHER),
                    _ETHER,
                    "ETH-USD closes, from 2017-12",
                ),
            ),
        ),
    )
)
