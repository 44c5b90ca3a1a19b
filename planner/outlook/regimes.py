"""Calm and stress in a market's history: their moments, and how one follows the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.outlook.monthly_moments import lognormal, monthly

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from planner.market.market import Market
    from planner.market.moments import FloatArray
    from planner.outlook.return_models import RegimeSwitching

FEWEST_MONTHS = 12
"""In each regime: fewer tell neither a volatility nor a correlation; ours."""


@dataclass(frozen=True, eq=False)
class Regimes:
    """Two regimes, calm first.

    ``stressed`` (T,) tells the history's months of stress. ``to_stress`` are the chances a month that stress follows
    calm and stress. ``mean`` (2, n) and ``covariance`` (2, n, n) are of a month's growth, ``log_mean`` and
    ``log_covariance`` of the normal log growth that has these.
    """

    stressed: pd.Series[bool]
    to_stress: tuple[float, float]
    mean: FloatArray
    covariance: FloatArray
    log_mean: FloatArray
    log_covariance: FloatArray

    @property
    def stress_share(self) -> float:
        """Part of the months that is stress in the long run: a / (a + b), with the chances to enter and to leave."""
        enter, stay = self.to_stress
        return enter / (enter + 1 - stay)


def regimes(market: Market, model: RegimeSwitching) -> Regimes:
    """Calm and stress of a market's history, moved and scaled to its assumptions.

    With shares p_k, the history's differences d_k from the mean over both and covariances C_k, and for each asset
    f = sqrt(assumed variance / sum p_k (C_k + d_k^2)): the means are assumed + f d_k and the covariances f C_k f.
    InputErrors say which class the market lacks, and where there are too few months of either.
    """
    history = market.complete_returns.dropna()[list(market.assumptions.assets)]
    stressed = _stressed(market, history, model)
    calm_next, stress_next = (stressed[1:][stressed[:-1] == state] for state in (False, True))
    chances = (float(calm_next.mean()), float(stress_next.mean()))
    share = chances[0] / (chances[0] + 1 - chances[1])
    shares = np.array([1 - share, share])
    parts = [history.to_numpy()[stressed == state] for state in (False, True)]
    means = np.array([part.mean(axis=0) for part in parts])
    covariances = np.array([np.atleast_2d(np.cov(part, rowvar=False)) for part in parts])

    away = means - shares @ means
    mean, ratios = monthly(market.assumptions)
    wanted = (ratios.diagonal() - 1) * mean**2
    had = shares @ (covariances.diagonal(axis1=1, axis2=2) + away**2)
    factor = np.sqrt(np.divide(wanted, had, out=np.zeros_like(wanted), where=had > 0))
    means = mean + factor * away
    if means.min() <= 0:
        worst = market.assumptions.assets[int(np.argmin(means.min(axis=0)))]
        raise InputError(f"'{worst}' would lose everything in a month of stress: lower its volatility.")
    covariances = covariances * np.outer(factor, factor)
    logs = [
        lognormal(growth, 1 + covariance / np.outer(growth, growth))
        for growth, covariance in zip(means, covariances, strict=True)
    ]
    return Regimes(
        pd.Series(stressed, index=history.index, name="stress"),
        chances,
        means,
        covariances,
        np.array([log_mean for log_mean, _ in logs]),
        np.array([log_covariance for _, log_covariance in logs]),
    )


def _stressed(market: Market, history: pd.DataFrame, model: RegimeSwitching) -> NDArray[np.bool_]:
    """Whether a month is among the worst of the class, in the proportions of its series."""
    members = market.universe[model.asset_class].series
    returns = sum(history[member.name] * member.share for member in members)
    worst = round(model.stress_share * len(history))
    if min(worst, len(history) - worst) < FEWEST_MONTHS:
        raise InputError(
            f"Of {len(history)} months {worst} would be stress: each regime needs at least {FEWEST_MONTHS}. Add "
            "months, or change the share of months in stress."
        )
    order = np.argsort(np.asarray(returns), kind="stable")
    stressed = np.zeros(len(history), dtype=bool)
    stressed[order[:worst]] = True
    return stressed
