"""The numbers of a plan that a client asks for first."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.market.universe import CRYPTO
from planner.wording import money, percent

if TYPE_CHECKING:
    from planner.planning import Plan


@dataclass(frozen=True)
class KeyFigure:
    """One number of a plan with its name, its text, and its meaning in one plain sentence."""

    name: str
    label: str
    value: float
    text: str
    meaning: str


def key_figures(made: Plan) -> tuple[KeyFigure, ...]:
    """Name, text and meaning of the numbers a client asks for first."""
    shown, past = made.shown, made.past
    profile, fall = made.scenario.profile, made.scenario.crypto_fall
    lost = money(made.crypto_loss * profile.liquid_assets, profile.currency)
    first, last = past.months[0].year, past.months[-1].year
    rows = (
        (
            "expected_return",
            "Expected return",
            shown.expected_return,
            "What the mix should earn in an average year before costs and taxes, if the assumptions hold.",
        ),
        (
            "volatility",
            "Volatility",
            shown.volatility,
            "How far a year's return strays from the average: about two years in three stay within it.",
        ),
        ("crypto_weight", "Crypto, of the money", made.class_weights[CRYPTO], "Crypto's share of the portfolio."),
        (
            "crypto_risk_share",
            "Crypto, of the risk",
            made.class_risk[CRYPTO],
            "How much of the portfolio's ups and downs comes from crypto.",
        ),
        (
            "crypto_loss",
            f"If crypto falls {percent(fall)}",
            -made.crypto_loss,
            f"What that fall alone takes from the whole portfolio: {lost}.",
        ),
        (
            "worst_year",
            "Worst year",
            past.worst_year,
            f"The worst twelve months this mix would have had from {first} to {last}.",
        ),
        (
            "deepest_fall",
            "Deepest fall",
            past.deepest_fall,
            f"The largest loss from a high to a later low, month-end to month-end, from {first} to {last}.",
        ),
    )
    figures = [KeyFigure(name, label, value, percent(value), meaning) for name, label, value, meaning in rows]
    figures.append(
        KeyFigure(
            "sharpe",
            "Sharpe ratio",
            shown.sharpe,
            "undefined" if math.isnan(shown.sharpe) else f"{shown.sharpe:.2f}",
            "Expected return above cash for each point of volatility: higher is better.",
        )
    )
    return tuple(figures)
