"""What all recipes of a crypto index have in common: calendar, cap, fee, screen and trend signal."""

from __future__ import annotations

from pydantic import Field

from planner.household.accounts import Name
from planner.market.steps import Step
from planner.policy.frequency import Frequency
from planner.validation import Document, Number, WholeNumber
from planner.wording import count, percent

TREND_MONTHS = 10
"""Faber (2007), "A Quantitative Approach to Tactical Asset Allocation": a ten-month average, looked at monthly."""

YEAR_OF_PRICES = 12
"""Months a coin has traded before an index takes it: its first weeks are no guide to anything. Ours."""


class Screen(Document):
    """What a coin must show before an index takes it, from what was known on that day.

    ``months`` of returns, and a ``market_value`` and a ``volume`` (both in US dollars) where those are given.
    """

    months: WholeNumber = Field(0, ge=0, le=120, title="Months of history")
    market_value: Number | None = Field(None, ge=0, title="Smallest market value")
    volume: Number | None = Field(None, ge=0, title="Smallest volume")


class Trend(Document):
    """Hold stable value while the index, by its own level, stands below its average of the last ``months``.

    The level at the close of a week or month decides for the next one. ``look`` is how often one looks: weekly needs
    weekly returns. Until there are so many months the index is held.
    """

    months: WholeNumber = Field(TREND_MONTHS, ge=2, le=60, title="Months of the average")
    look: Step = Field(Step.MONTHLY, title="Look")


class IndexRecipe(Document):
    """What all recipes have.

    Weights are set with what is known at the close of a month in which the calendar looks (June and December, for
    instance), and drift with prices until then. ``cap`` is the largest weight a coin may have when they are set;
    ``fee`` is taken from the index evenly over the year; ``fewest`` coins must pass the screen before it starts.
    """

    label: Name = Field("Index", title="Name of the index")
    rebalancing: Frequency = Field(Frequency.QUARTERLY, title="Rebalancing of the index")
    cap: Number | None = Field(None, gt=0, le=1, title="Largest weight of a coin")
    fee: Number = Field(0.0, ge=0, lt=0.2, title="Yearly fee of the index")
    screen: Screen = Field(Screen(months=YEAR_OF_PRICES), title="Screen")
    fewest: WholeNumber = Field(1, ge=1, le=100, title="Fewest coins")
    trend: Trend | None = Field(None, title="Trend signal")

    @property
    def by_market_value(self) -> bool:
        """Whether market values decide its weights."""
        return False

    @property
    def coins_named(self) -> tuple[str, ...]:
        """Coins that the recipe itself names; empty where it takes all there are."""
        return ()

    @property
    def method(self) -> str:
        """How coins are chosen and weighted, in words."""
        raise NotImplementedError

    @property
    def sentence(self) -> str:
        """The recipe in words."""
        capped = "" if self.cap is None else f", no coin above {percent(self.cap)} on that day"
        fee = f"a fee of {percent(self.fee, 2)} a year" if self.fee else "no fee"
        signal = ""
        if self.trend is not None:
            signal = (
                f" Held only while above its average of {count(self.trend.months, 'month')} "
                f"({self.trend.look} look), else stable value."
            )
        return f"{self.label}: {self.method}; weights set {self.rebalancing}{capped}; {fee}.{signal}"
