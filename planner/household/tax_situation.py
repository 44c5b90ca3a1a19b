"""What the tax office knows of a household besides its trades."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from planner.validation import Document, Number

MOST_INCOME = 1e12
HIGHEST_STATE_RATE = 0.20
"""New York City's 14.8 %, with its state's, is the highest there is; more is a slip of the keyboard."""


class FilingStatus(StrEnum):
    """How a US federal return is filed."""

    SINGLE = "single"
    MARRIED_JOINTLY = "married filing jointly"
    MARRIED_SEPARATELY = "married filing separately"
    HEAD_OF_HOUSEHOLD = "head of household"
    SURVIVING_SPOUSE = "qualifying surviving spouse"


class TaxSituation(Document):
    """What decides the tax on a trade besides the trade.

    ``income`` is the year's income taxed at ordinary rates before the standard deduction, without the gains of trades;
    ``investment_income`` the part of it that is interest and dividends, which the net investment income tax looks at.
    Losses carried forward from earlier years are positive numbers. ``state_rate`` is a flat decimal on top;
    ``retirement_rate`` is the rate at which tax-deferred money is expected to be taken out, today's where left out.
    Source: domain.md section 7.
    """

    filing: FilingStatus = Field(FilingStatus.SINGLE, title="Filing status")
    income: Number = Field(100_000.0, ge=0, le=MOST_INCOME, title="Yearly income")
    investment_income: Number = Field(0.0, ge=0, le=MOST_INCOME, title="Investment income")
    state_rate: Number = Field(0.0, ge=0, le=HIGHEST_STATE_RATE, title="State tax rate")
    short_loss_carried: Number = Field(0.0, ge=0, le=MOST_INCOME, title="Short-term loss carried forward")
    long_loss_carried: Number = Field(0.0, ge=0, le=MOST_INCOME, title="Long-term loss carried forward")
    retirement_rate: Number | None = Field(None, ge=0, le=1, title="Tax rate in retirement")
