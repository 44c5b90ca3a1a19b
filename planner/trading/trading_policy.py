"""What trades may cost and how small they may be."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from planner.market.universe import CRYPTO
from planner.validation import Document, Frozen, Number

DEFAULT_TRACKING_PRICE = 0.10
"""Ten cents of tax and costs for every dollar brought to its target: gains at 15 % on holdings that tripled, and not
those at 35 % on holdings that doubled a month ago. Ours; the user's slider."""

DEFAULT_COST = 0.0005
DEFAULT_CRYPTO_COST = 0.0025
"""Half the spread and the fee, of the amount traded: of a fund at a discount broker, of a coin at an exchange. Ours."""

DEFAULT_MINIMUM_TRADE = 100.0
"""Dollars; a smaller trade is not worth the line on the statement. Ours."""


Rate = Annotated[Number, Field(ge=0, le=0.1)]


class TradingPolicy(Document):
    """How trades are chosen.

    ``tracking_price`` is what one pays in tax and costs, in dollars, for each dollar brought nearer to its target.
    ``cost`` is the cost of a trade as a part of its amount, ``costs`` that of single asset classes, series or assets,
    the most particular of which counts. ``minimum_trade`` is the smallest order, ``cash_buffer`` the cash that stays
    in each account as far as it reaches, both in the household's currency.
    """

    tracking_price: Number = Field(DEFAULT_TRACKING_PRICE, ge=0, le=10, title="Price of tracking")
    cost: Rate = Field(DEFAULT_COST, title="Cost of a trade")
    costs: Annotated[dict[str, Rate], Frozen] = Field(
        default_factory=lambda: {CRYPTO: DEFAULT_CRYPTO_COST}, validate_default=True, title="Costs by asset"
    )
    minimum_trade: Number = Field(DEFAULT_MINIMUM_TRADE, ge=0, le=1e9, title="Smallest trade")
    cash_buffer: Number = Field(0.0, ge=0, le=1e9, title="Cash buffer")

    def rate(self, *names: str) -> float:
        """Cost of trading what goes by these names, the most particular first, as a part of the amount."""
        return next((self.costs[name] for name in names if name in self.costs), self.cost)
