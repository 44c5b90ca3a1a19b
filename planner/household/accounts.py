"""What a household owns: accounts, the tax lots in them, what they cost today, and who may hold what where."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import Counter
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from planner.errors import InputError
from planner.household.tax_situation import TaxSituation
from planner.validation import Document, Frozen, Number

MOST_MONEY = 1e12
MOST_UNITS = 1e15
"""More is a slip of the keyboard; a trillion dollars, and as many of the smallest coin."""
MOST_ACCOUNTS = 100
MOST_LOTS = 100_000
MOST_ASSETS = 1_000
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2200, 1, 1)
"""Another day is a slip in the year."""


def one_line(text: Any) -> Any:
    """Text on one line, with single spaces and none at its ends; other values as they are."""
    if not isinstance(text, str):
        return text
    line = " ".join(text.split())
    if not line.isprintable() and any(unicodedata.category(letter) == "Cc" for letter in line):
        raise InputError("A name holds characters that cannot be shown: type it anew.")
    return line


def _possible_day(day: dt.date) -> dt.date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise InputError(f"{day} is not a day that a holding can have: check the year.")
    return day


Day = Annotated[dt.date, AfterValidator(_possible_day)]
OneLine = BeforeValidator(one_line)
Name = Annotated[str, Field(min_length=1, max_length=100), OneLine]
AccountName = Annotated[str, Field(min_length=1, max_length=250), OneLine]
"""An owner and a kind of account fit into the name of an account."""
Symbol = Annotated[str, Field(min_length=1, max_length=40), OneLine]
Price = Annotated[Number, Field(gt=0, le=MOST_MONEY)]
Quantity = Annotated[Number, Field(gt=0, le=MOST_UNITS)]


class Treatment(StrEnum):
    """How the US taxes what happens inside an account."""

    TAXED = "taxed every year"
    DEFERRED = "taxed as income when it is taken out"
    TAX_FREE = "not taxed"


class AccountKind(StrEnum):
    """Kinds of account. Source: domain.md section 7."""

    PLAN_401K = "401(k)"
    TRADITIONAL_IRA = "traditional IRA"
    ROTH_IRA = "Roth IRA"
    HSA = "HSA"
    TAXABLE = "taxable"

    @property
    def treatment(self) -> Treatment:
        """How the account is taxed."""
        match self:
            case AccountKind.TAXABLE:
                return Treatment.TAXED
            case AccountKind.PLAN_401K | AccountKind.TRADITIONAL_IRA:
                return Treatment.DEFERRED
            case AccountKind.ROTH_IRA | AccountKind.HSA:
                return Treatment.TAX_FREE


class Asset(Document):
    """Something one can buy, and the return series that it follows.

    ``series`` is a series of the universe, which gives the asset its class and its tax character. Assets with the same
    ``identical`` word are substantially identical for the wash-sale rule (an asset is always so to itself).
    ``replacement`` is the asset to hold in its stead for thirty days after a sale at a loss.
    """

    symbol: Symbol = Field(title="Symbol")
    series: Name = Field(title="Series of the asset")
    label: Annotated[str, Field(max_length=200), OneLine] = Field("", title="Label of the asset")
    whole_units: bool = Field(False, title="Whole units only")
    identical: Annotated[str, Field(max_length=40), OneLine] = Field("", title="Group of identical assets")
    replacement: Symbol | None = Field(None, title="Replacement")


class Lot(Document):
    """Units of an asset bought on one day at one cost each, in the household's currency.

    Cost and day may be left out where nothing is taxed on a sale, outside taxable accounts. ``bought`` is the day of
    purchase of units that stand in for others sold at a loss: ``acquired`` then counts the time those were held.
    """

    asset: Symbol = Field(title="Asset")
    quantity: Quantity = Field(title="Quantity")
    unit_cost: Number | None = Field(None, ge=0, le=MOST_MONEY, title="Unit cost")
    acquired: Day | None = Field(None, title="Day of purchase")
    bought: Day | None = Field(None, title="Day of purchase in the place of others")


class Account(Document):
    """One account: its kind and owner, the lots and the cash in it, and what its custodian lets it hold.

    ``may_hold`` names asset classes, series or assets; None is everything. What is held against that rule may be sold
    and not bought. ``name`` is made from owner and kind where it is left out. Source: domain.md section 7.
    """

    kind: AccountKind = Field(title="Kind of account")
    owner: Name = Field(title="Owner")
    holdings: tuple[Lot, ...] = Field((), max_length=MOST_LOTS, title="Holdings")
    cash: Number = Field(0.0, ge=0, le=MOST_MONEY, title="Cash")
    may_hold: tuple[Name, ...] | None = Field(None, max_length=MOST_ASSETS, title="May hold")
    name: AccountName = Field("", title="Name of the account")

    @model_validator(mode="before")
    @classmethod
    def _name_it(cls, values: Any) -> Any:
        if isinstance(values, dict) and not one_line(values.get("name")) and {"owner", "kind"} <= set(values):
            return values | {"name": f"{values['owner']}, {values['kind']}"}
        return values

    @model_validator(mode="after")
    def _taxable_lots_have_a_basis(self) -> Account:
        if self.kind is AccountKind.TAXABLE:
            for place, lot in enumerate(self.holdings, 1):
                for missing, field in (("unit cost", lot.unit_cost), ("day of purchase", lot.acquired)):
                    if field is None:
                        raise InputError(
                            f"Lot {place} of '{self.name}' ({lot.asset}) has no {missing}: a taxable account needs it, "
                            "because a sale is taxed by it."
                        )
        return self


class Sale(Document):
    """Units of one lot that were sold in a taxable account, for the tax return and the wash-sale windows.

    ``unit_price`` is what a unit brought after fees; ``disallowed`` is the part of the loss, in currency, that a wash
    sale took back.
    """

    account: AccountName = Field(title="Account")
    asset: Symbol = Field(title="Asset")
    quantity: Quantity = Field(title="Quantity")
    unit_cost: Number = Field(ge=0, le=MOST_MONEY, title="Unit cost")
    acquired: Day = Field(title="Day of purchase")
    unit_price: Number = Field(ge=0, le=MOST_MONEY, title="Unit price")
    sold: Day = Field(title="Day of sale")
    disallowed: Number = Field(0.0, ge=0, le=MOST_MONEY, title="Disallowed loss")
    bought: Day | None = Field(None, title="Day of purchase in the place of others")

    @model_validator(mode="after")
    def _bought_before_it_is_sold(self) -> Sale:
        if self.sold < self.acquired:
            raise InputError(f"{self.asset} was sold on {self.sold} and bought on {self.acquired}: check the two days.")
        return self

    @property
    def gain(self) -> float:
        """Gain, or loss where negative, before anything is disallowed."""
        return self.quantity * (self.unit_price - self.unit_cost)


class Household(Document):
    """All accounts of a household on one day, seen as one portfolio.

    ``prices`` are those of ``as_of``, by asset; an asset without an entry in ``assets`` must have the name of a series
    of the universe. ``sales`` are those of the tax year so far and of the thirty days before ``as_of``.
    Source: domain.md sections 7 and 8.
    """

    accounts: tuple[Account, ...] = Field(min_length=1, max_length=MOST_ACCOUNTS, title="Accounts")
    prices: Annotated[dict[Symbol, Price], Frozen] = Field(default_factory=dict, validate_default=True, title="Prices")
    as_of: Day = Field(title="Day of the prices")
    assets: tuple[Asset, ...] = Field((), max_length=MOST_ASSETS, title="Assets")
    taxes: TaxSituation = Field(default_factory=TaxSituation, title="Taxes")
    sales: tuple[Sale, ...] = Field((), max_length=MOST_LOTS, title="Sales")

    @model_validator(mode="after")
    def _hangs_together(self) -> Household:
        for what, names in (
            ("account", [account.name for account in self.accounts]),
            ("asset", [asset.symbol for asset in self.assets]),
        ):
            twice = next((name for name, times in Counter(names).items() if times > 1), None)
            if twice is not None:
                raise InputError(f"There are two {what}s named '{twice}': give each a name of its own.")
        for account in self.accounts:
            for place, lot in enumerate(account.holdings, 1):
                if lot.asset not in self.prices:
                    raise InputError(f"'{lot.asset}', held in '{account.name}', has no price: add one.")
                if lot.acquired is not None and lot.acquired > self.as_of:
                    raise InputError(
                        f"Lot {place} of '{account.name}' ({lot.asset}) was bought on {lot.acquired}, after the day "
                        f"of the prices, {self.as_of}: check the two days."
                    )
        return self

    @cached_property
    def asset_of(self) -> dict[str, Asset]:
        """Every asset with a price, by symbol; one that ``assets`` does not describe follows the series of its name."""
        described = {asset.symbol: asset for asset in self.assets}
        plain = {symbol: Asset(symbol=symbol, series=symbol) for symbol in self.prices if symbol not in described}
        return described | plain

    def account(self, name: str) -> Account:
        """The account of a name."""
        for account in self.accounts:
            if account.name == name:
                return account
        names = ", ".join(f"'{account.name}'" for account in self.accounts)
        raise InputError(f"There is no account '{name}'. The accounts are {names}.")

    def priced(self, prices: Any, as_of: dt.date | None = None) -> Household:
        """The same holdings at other prices, on the same or another day; ``prices`` replace those of their assets."""
        return self.with_changes(
            prices={**self.prices, **{str(name): float(price) for name, price in dict(prices).items()}},
            as_of=as_of or self.as_of,
        )

    def joined(self, other: Household) -> Household:
        """This household with the accounts, sales and further assets of another, on the later day and at its prices."""
        first, last = sorted((self, other), key=lambda household: household.as_of)
        described = {asset.symbol for asset in self.assets}
        return self.with_changes(
            accounts=(*self.accounts, *other.accounts),
            prices={**first.prices, **last.prices},
            as_of=last.as_of,
            assets=(*self.assets, *(asset for asset in other.assets if asset.symbol not in described)),
            sales=(*self.sales, *other.sales),
        )
