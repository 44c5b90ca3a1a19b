"""What it costs to trade from today's weights to the new ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planner.errors import InputError
from planner.optimise.limits import checked, checked_fraction, checked_weights, in_order
from planner.wording import count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.market.assumptions import Assumptions
    from planner.optimise.limits import Vector


@dataclass(frozen=True)
class TradingCosts:
    """Costs in proportion to what is traded, charged against the expected return.

    Formula: ``sum rates |w - current| / years`` a year. ``rates`` are fractions of the traded value, commission and
    half the spread together, one for all or by asset (mapping or Series; assets left out trade for nothing); a purchase
    costs as much as a sale. ``current`` weights are by asset, sum to 1, and assets left out are 0. A cost is paid once
    and what it buys is earned every year, so that it is spread over the ``years`` for which the portfolio is to be
    kept: one, until the yearly review (domain.md section 9), unless told otherwise.

    Trades whose gain is below their cost do not happen: around the best weights there is a region of no trade. What the
    costs take from the money invested is left out, as is usual where they are small. Source: Magill & Constantinides
    (1976); Lobo, Fazel & Boyd (2007), Portfolio Optimization with Linear and Fixed Transaction Costs, section 1.3.
    """

    rates: float | Mapping[str, float]
    current: Mapping[str, float]
    years: float = 1.0

    def __post_init__(self) -> None:
        if hasattr(self.rates, "items"):
            rates = {asset: _checked_rate(rate, f"The cost of trading {asset}") for asset, rate in self.rates.items()}
            object.__setattr__(self, "rates", rates)
        else:
            object.__setattr__(self, "rates", _checked_rate(self.rates, "The cost of trading"))
        object.__setattr__(self, "current", checked_weights(self.current, "current"))
        if checked(self.years, "The number of years to spread costs over") <= 0:
            raise InputError(
                f"Costs are spread over {self.years:g} years: it must be more than 0, the time until the next change."
            )

    def sentence(self) -> str:
        """What is charged, and to how many years."""
        return "after trading costs" if self.years == 1 else f"after trading costs over {count(self.years, 'year')}"

    def cost_of(self, weights: Mapping[str, float]) -> float:
        """What trading to these weights (by asset, mapping or Series) costs once, as a fraction of the portfolio."""
        traded = {
            asset: abs(weights.get(asset, 0.0) - self.current.get(asset, 0.0))
            for asset in {**dict(weights), **self.current}
        }
        rates = dict.fromkeys(traded, self.rates) if isinstance(self.rates, float) else self.rates
        return float(sum(rates.get(asset, 0.0) * amount for asset, amount in traded.items()))

    def values(self, assumptions: Assumptions) -> tuple[Vector, Vector]:
        """Cost of each asset for one year, and the current weights."""
        current = in_order(self.current, assumptions.assets, "The current portfolio")
        if isinstance(self.rates, float):
            return np.full(len(current), self.rates / self.years), current
        return in_order(self.rates, assumptions.assets, "The cost of trading") / self.years, current


def _checked_rate(value: object, what: str) -> float:
    rate = checked_fraction(value, what)
    if not 0 <= rate < 1:
        raise InputError(f"{what} is {rate:g}: give a fraction of the traded value from 0 to 1, as 0.002 for 0.2 %.")
    return rate
