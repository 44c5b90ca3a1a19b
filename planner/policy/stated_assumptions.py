"""What a household or its adviser assumes of returns and volatilities, in place of what the market's data say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field, model_validator

from planner.errors import InputError
from planner.validation import Document, Frozen, FrozenDict, Number
from planner.wording import percent

if TYPE_CHECKING:
    from planner.market.universe import Universe

ExpectedReturn = Annotated[Number, Field(ge=-0.5, le=1)]
Volatility = Annotated[Number, Field(gt=0, le=3)]


class StatedAssumptions(Document):
    """Assumptions that replace the market's, as decimals a year; what is left out stays the market's.

    ``expected_returns`` and ``volatilities`` are by asset class: all series of a class move together, and correlations
    stay. Where only ``risk_free`` is stated, all expected returns move with it, and every premium stays.
    """

    risk_free: Annotated[Number, Field(ge=-0.05, le=0.3)] | None = Field(None, title="Risk-free rate")
    expected_returns: Annotated[dict[str, ExpectedReturn], Frozen] = Field(
        default_factory=FrozenDict, title="Expected returns"
    )
    volatilities: Annotated[dict[str, Volatility], Frozen] = Field(default_factory=FrozenDict, title="Volatilities")

    @model_validator(mode="after")
    def _states_something(self) -> StatedAssumptions:
        if self.risk_free is None and not self.expected_returns and not self.volatilities:
            raise InputError("The stated assumptions state nothing: leave them out to plan with the market's.")
        return self

    def sentences(self, universe: Universe) -> tuple[str, ...]:
        """What is assumed, in words."""
        rate = [] if self.risk_free is None else [f"The risk-free rate is {percent(self.risk_free, 2)} a year."]
        returns = [
            f"{universe[name].label} return {percent(mean, 2)} a year." for name, mean in self.expected_returns.items()
        ]
        deviations = [
            f"{universe[name].label} have a volatility of {percent(deviation)} a year."
            for name, deviation in self.volatilities.items()
        ]
        return (*rate, *returns, *deviations)
