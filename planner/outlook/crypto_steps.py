"""What more or less crypto does to one mix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from planner.errors import InputError
from planner.market.portfolio import Portfolio
from planner.market.universe import CRYPTO
from planner.outlook.metrics import past_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from planner.market.market import Market


def with_crypto(class_weights: Mapping[str, float], share: float) -> dict[str, float]:
    """The mix with this share of crypto and the other classes in their present proportions.

    ``class_weights`` sum to 1; ``share`` is a decimal from 0 to 1. A mix of nothing but crypto has no proportions to
    keep, which is an InputError.
    """
    if not 0 <= share <= 1:
        raise InputError(f"A crypto share of {share:g} is impossible: give a fraction between 0 and 1.")
    rest = 1 - class_weights.get(CRYPTO, 0.0)
    if rest <= 0:
        raise InputError("The mix holds nothing but crypto: there are no other classes to make room in.")
    scaled = {name: weight * (1 - share) / rest for name, weight in class_weights.items() if name != CRYPTO}
    return scaled | {CRYPTO: share}


def crypto_steps(class_weights: Mapping[str, float], shares: Iterable[float], market: Market) -> pd.DataFrame:
    """Return, risk and past falls of a mix at several crypto shares.

    One row a share (decimals, the index): ``expected_return`` and ``volatility`` a year, ``sharpe``,
    ``crypto_risk_share`` (of the variance), ``worst_year`` and ``deepest_fall`` in the market's history, rebalanced
    monthly before costs and taxes.
    """
    rows = {}
    for share in shares:
        weights = market.universe.split(with_crypto(class_weights, share))
        portfolio = Portfolio.of(market.assumptions, weights)
        past = past_path(market.complete_returns, weights)
        rows[share] = {
            "expected_return": portfolio.expected_return,
            "volatility": portfolio.volatility,
            "sharpe": portfolio.sharpe,
            "crypto_risk_share": market.universe.by_class(portfolio.risk_contributions)[CRYPTO],
            "worst_year": past.worst_year,
            "deepest_fall": past.deepest_fall,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("crypto")
