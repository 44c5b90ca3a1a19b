"""How the returns of the coming months may be drawn: four models with their parameters."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from planner.validation import Document, Number

DEGREES_OF_FREEDOM = 5.0
"""Monthly returns of stock indices are fitted by 4 to 6 (Praetz 1972; Blattberg & Gonedes 1974, on shorter periods)."""

MEAN_BLOCK = 12.0
"""Months. Long enough for a crisis to stay whole, short enough for 11 in the built-in history; ours."""

EQUITIES = "equities"
STRESS_PART = 0.20
"""The worst fifth of the months of equities are stress, the others calm. Ours."""


class Lognormal(Document):
    """Months that know nothing of each other, lognormal and correlated.

    Growth over a year then has exactly the assumed mean and covariance: with G = 1 + return, S = ln(1 + cov_ij /
    (E G_i E G_j)) and m = ln(E G) - diag(S) / 2, the log growth of a month is normal with mean m / 12 and covariance
    S / 12. Source: Aitchison & Brown (1957), "The Lognormal Distribution".
    """

    kind: Literal["lognormal"] = "lognormal"


class StudentT(Document):
    """As lognormal, with months in which everything moves more: log growth follows a multivariate Student t.

    The covariance of a month's log growth is multiplied by W = df / chi-squared(df), one W for all assets, so that
    extremes come together. Without a bound on W growth would have no mean at all: W takes 1,024 values, equally likely,
    its quantiles at the middle of each step, and mean and scale are then solved so that growth over a year has exactly
    the assumed mean and covariance. Source: Blattberg & Gonedes (1974), "A Comparison of the Stable and Student
    Distributions"; the bound is ours.
    """

    kind: Literal["student_t"] = "student_t"
    degrees_of_freedom: Number = Field(DEGREES_OF_FREEDOM, ge=3, le=200, title="Degrees of freedom")


class BlockBootstrap(Document):
    """Months of the market's own history in stretches, all assets together: the stationary bootstrap.

    Stretches start anywhere, their lengths are geometric with this mean in months, and the history's end is followed
    by its beginning. Every series is shifted by a constant so that the mean growth of a year, stretches and all, is
    the assumed one; volatilities and correlations are the history's own. Source: Politis & Romano (1994), "The
    Stationary Bootstrap"; the shift is ours.
    """

    kind: Literal["block_bootstrap"] = "block_bootstrap"
    mean_block: Number = Field(MEAN_BLOCK, ge=1, le=120, title="Mean length of a stretch, in months")


class RegimeSwitching(Document):
    """Calm and stress, each with means, volatilities and correlations of its own, lognormal within.

    Stress are the worst months of ``asset_class`` in the history, ``stress_share`` of them; the chances to pass from
    one to the other are counted there. The differences between the two are kept, and moved and scaled asset by asset
    so that over both the monthly mean and volatility are the assumed ones. Source: Hamilton (1989) for the chain, Ang
    & Bekaert (2002), "International Asset Allocation with Regime Shifts"; the rule that tells the months is ours.
    """

    kind: Literal["regime_switching"] = "regime_switching"
    stress_share: Number = Field(STRESS_PART, ge=0.05, le=0.5, title="Share of months in stress")
    asset_class: str = Field(EQUITIES, min_length=1, max_length=100, title="Class whose worst months are stress")


ReturnModel = Annotated[Lognormal | StudentT | BlockBootstrap | RegimeSwitching, Field(discriminator="kind")]
"""Any of the four, told apart by ``kind`` where it is stored."""
