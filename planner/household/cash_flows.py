"""What a household saves, spends and receives, in today's money."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from planner.errors import InputError
from planner.household.profile import Money
from planner.validation import Document, Number

if TYPE_CHECKING:
    from planner.household.profile import Profile
    from planner.household.tax_situation import TaxSituation

INFLATION = 0.025
"""Between the Federal Reserve's target of 2 % and the 3 % a year of consumer prices from 1928 to 2024; ours."""

PAYROLL_TAX = 0.0765
"""Of wages, an employee's part: 26 USC 3101; the ceiling of its larger part is left out."""

OLDEST = 150.0
MOST_INFLATION = 0.5
MOST_GROWTH = 0.2
MOST_FEE = 0.1


class CashFlows(Document):
    """Money put in and taken out, a year, in today's money; a twelfth of it at the end of each month.

    Until retirement ``saving`` is put in, which grows by ``saving_growth`` a year beyond inflation; from then on
    ``spending`` is taken out, after taxes. ``pension`` is what comes in after taxes from ``pension_age`` on (from
    retirement where that is left out), and what is left of it is put in. Retirement is at an age or on a date.
    ``inflation`` is of all of these, ``fee`` a part of everything invested a year.
    """

    saving: Money = Field(0.0, title="Saving a year")
    saving_growth: Number = Field(0.0, ge=-MOST_GROWTH, le=MOST_GROWTH, title="Growth of the saving")
    spending: Money = Field(0.0, title="Spending a year in retirement")
    retirement_age: Number | None = Field(None, ge=0, le=OLDEST, title="Age at retirement")
    retirement_date: dt.date | None = Field(None, title="Day of retirement")
    pension: Money = Field(0.0, title="Pension a year")
    pension_age: Number | None = Field(None, ge=0, le=OLDEST, title="Age at which the pension begins")
    inflation: Number = Field(INFLATION, ge=-0.05, le=MOST_INFLATION, title="Inflation")
    fee: Number = Field(0.0, ge=0, le=MOST_FEE, title="Fee a year")

    @model_validator(mode="after")
    def _retires_once(self) -> CashFlows:
        if (self.retirement_age is None) == (self.retirement_date is None):
            raise InputError("Retirement needs an age or a date, and only one of the two.")
        return self

    @classmethod
    def of(cls, profile: Profile, situation: TaxSituation, year: int) -> CashFlows:
        """What the profile comes to: retirement when the money is needed, then today's spending.

        Saved is what income tax, payroll tax and spending leave of today's income.
        """
        from planner.household.taxes import Gains, tax_bill

        earning = situation.with_changes(income=profile.yearly_income, short_loss_carried=0.0, long_loss_carried=0.0)
        taxes = tax_bill(earning, Gains(), year).total + PAYROLL_TAX * profile.yearly_income
        return cls(
            saving=max(profile.yearly_income - taxes - profile.yearly_spending, 0.0),
            spending=profile.yearly_spending,
            retirement_age=profile.age + profile.horizon_years,
        )
