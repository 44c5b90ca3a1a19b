"""Who the plan is for: the household's figures and answers, validated in words."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator, model_validator

from planner.errors import InputError
from planner.household.assessment import Assessment, assess
from planner.household.crypto_guidance import CryptoGuidance
from planner.household.questions import IncomeStability, ToleranceAnswers
from planner.validation import Document, Number, WholeNumber
from planner.wording import money

MINIMUM_AGE, MAXIMUM_AGE = 18, 110  # an adult who can sign; nobody has been much older
MAXIMUM_HORIZON = 100  # years; more is a slip of the keyboard
MAXIMUM_MONEY = 1e12  # a trillion; more is a slip of the keyboard
MAXIMUM_DEPENDENTS = 30
ROUNDING = 0.01  # a cent

Age = Annotated[WholeNumber, Field(ge=MINIMUM_AGE, le=MAXIMUM_AGE)]
Money = Annotated[Number, Field(ge=0, le=MAXIMUM_MONEY)]


class Profile(Document):
    """A household: its finances, which set its capacity for risk, and its answers, which set its tolerance.

    Money is in ``currency``; ``net_worth`` is everything owned less ``obligations`` and may be negative;
    ``liquid_assets`` is the part of everything owned that can be sold within days. Years are years.
    Out-of-range values raise InputError in words. Source: domain.md section 2.
    """

    age: Age = Field(title="Age")
    horizon_years: Number = Field(ge=0, le=MAXIMUM_HORIZON, title="Years until the money is needed")
    net_worth: Number = Field(ge=-MAXIMUM_MONEY, le=MAXIMUM_MONEY, title="Net worth")
    liquid_assets: Money = Field(title="Value of liquid assets")
    yearly_income: Money = Field(title="Yearly income")
    yearly_spending: Money = Field(title="Yearly spending")
    income_stability: IncomeStability = Field(title="Income stability")
    obligations: Money = Field(title="Money owed")
    dependents: WholeNumber = Field(ge=0, le=MAXIMUM_DEPENDENTS, title="Number of dependents")
    tolerance: ToleranceAnswers = Field(title="Tolerance")
    currency: str = Field("USD", title="Currency")

    @field_validator("currency")
    @classmethod
    def _currency_is_a_code(cls, currency: str) -> str:
        if not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
            raise InputError(f"Currency is '{currency[:10]}': write its three capital letters, such as USD.")
        return currency

    @model_validator(mode="after")
    def _liquid_assets_are_owned(self) -> Profile:
        owned = self.net_worth + self.obligations
        if self.liquid_assets > owned + ROUNDING:
            liquid, everything, net, owed = (
                money(amount, self.currency) for amount in (self.liquid_assets, owned, self.net_worth, self.obligations)
            )
            raise InputError(
                f"Liquid assets are {liquid}, more than everything owned ({everything}, which is the net worth "
                f"of {net} plus {owed} owed): lower them or raise the net worth."
            )
        return self

    def assess(self, guidance: CryptoGuidance | None = None) -> Assessment:
        """Score capacity and tolerance apart and say which binds, the risk band and the crypto range.

        Scores are 0-100, ranges decimals; ``guidance`` replaces the built-in ranges and age rule.
        Source: domain.md section 2; the points of each part are ours, see ``planner.household.assessment``.
        """
        return assess(self, guidance or CryptoGuidance())
