"""A portfolio under assumptions: what it is expected to return, how it varies, and where the risk sits."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.market.assumptions import Assumptions

    Vector = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class Portfolio:
    """Weights under assumptions.

    ``w`` is the array of weights, shape (n,), in the order of the assumptions' assets. Return and volatility are
    annual decimals.
    """

    assumptions: Assumptions
    w: Vector = field(repr=False)

    @classmethod
    def of(cls, assumptions: Assumptions, weights: Mapping[str, float]) -> Portfolio:
        """The portfolio with these weights by asset; assets left out get 0."""
        return Portfolio(assumptions, np.array([weights.get(asset, 0.0) for asset in assumptions.assets]))

    @cached_property
    def weights(self) -> pd.Series:
        """Weights by asset."""
        return pd.Series(self.w, index=self.assumptions.mean.index.view(), name="weight")

    @property
    def by_asset(self) -> dict[str, float]:
        """Weights by asset, as a dict."""
        return dict(zip(self.assumptions.assets, self.w.tolist(), strict=True))

    @cached_property
    def expected_return(self) -> float:
        """Expected return a year, ``mu'w``."""
        return float(self.assumptions.mu @ self.w)

    @cached_property
    def volatility(self) -> float:
        """Volatility a year, ``sqrt(w'Sw)``."""
        return math.sqrt(max(0.0, float(self.w @ self.assumptions.cov @ self.w)))

    @property
    def sharpe(self) -> float:
        """Excess return per unit of volatility; NaN for a portfolio without volatility."""
        excess = self.expected_return - self.assumptions.risk_free
        return excess / self.volatility if self.volatility > 0 else float("nan")

    @cached_property
    def risk_contributions(self) -> pd.Series:
        """Share of the portfolio's variance by asset, ``w_i (Sw)_i / w'Sw``, summing to 1.

        All NaN for a portfolio without variance. Source: Maillard, Roncalli & Teiletche (2010).
        """
        contributions = self.w * (self.assumptions.cov @ self.w)
        variance = contributions.sum()
        shares = contributions / variance if variance > 0 else np.full(len(self.w), np.nan)
        return pd.Series(shares, index=self.assumptions.mean.index.view(), name="risk share")

    def cvar(self, confidence: float) -> float:
        """Conditional value at risk of the loss in a month: the mean loss of the worst ``1 - confidence`` of scenarios.

        A fraction, above 0 for a loss. ``min over a of a + mean(max(-Rw - a, 0)) / (1 - confidence)`` over the
        assumptions' scenarios R, exact from the sorted losses, where a scenario on the edge of the tail counts in part.
        Source: Rockafellar & Uryasev (2002), "Conditional value-at-risk for general loss distributions", proposition 8.

        Raises InputError when the assumptions have no scenarios or the confidence is not between 0 and 1.
        """
        if not isinstance(confidence, Real) or not 0 < confidence < 1:
            raise InputError(f"The confidence is {confidence}: give a fraction between 0 and 1, such as 0.95.")
        if self.assumptions.draws is None:
            raise InputError("The assumptions have no scenarios to lose in: estimate them from returns, or give some.")
        losses = np.sort(-(self.assumptions.draws @ self.w))[::-1]
        tail = len(losses) * (1 - confidence)
        counted = np.clip(tail - np.arange(len(losses)), 0.0, 1.0)
        return float(losses @ counted / tail)
