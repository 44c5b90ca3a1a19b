"""What a plan assumes about the future: annual means, covariance and risk-free rate, and how to estimate them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from html import escape
from numbers import Real

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.market.checks import (
    by_asset,
    check_decimals,
    checked_risk_free,
    deviations,
    finite_numbers,
    matching_names,
    positive_semidefinite,
)
from planner.market.history import checked_returns
from planner.market.moments import CovarianceMethod, FloatArray, combined_moments
from planner.market.scenarios import checked_scenarios, recentred
from planner.market.universe import BUILT_IN

MONTHS_PER_YEAR = 12

# State Street's expectation for cash over ten years and more (design: "Expected returns").
DEFAULT_RISK_FREE = 0.033

# Risk aversion of the average investor: Idzorek (2005), "A Step-by-Step Guide to the Black-Litterman Model". On the
# built-in covariance State Street's own expectations for the market portfolio imply 3.0, so that this published
# value is nearer to them than the 2.5 of He & Litterman (1999).
DEFAULT_RISK_AVERSION = 3.07

# Three years, the shortest record that fund ratings are built on (Morningstar): below it a series gets a note.
SHORT_HISTORY_MONTHS = 36

WEIGHT_SUM_TOLERANCE = 1e-6


class MeanMethod(StrEnum):
    """Where expected returns come from when the user does not give them."""

    EQUILIBRIUM = "equilibrium"
    HISTORICAL = "historical"


@dataclass(frozen=True, eq=False)
class Assumptions:
    """Annual expected returns, covariance and risk-free rate that one plan is made with.

    ``mean`` (n,) and ``covariance`` (n, n) are annual decimals (0.07 is 7 %) under the same names in the same order,
    ``risk_free`` is an annual decimal. Inputs are copied. ``notes`` says in words what the reader should know about
    how they were made. ``scenarios`` (S, n), where there are any, are simple returns per month as fractions, each row
    as likely as any other, for measures that a covariance cannot tell. ``mu``, ``cov`` and ``draws`` are the same
    numbers as read-only arrays. Two objects are equal only if they are the same object.

    Raises InputError when names differ, numbers are not finite or look like percent, the covariance is not
    symmetric and positive semidefinite, or scenarios are below -1 or fewer than two. Only rounding noise is repaired,
    and then ``notes`` says so.
    """

    mean: pd.Series
    covariance: pd.DataFrame
    risk_free: float
    notes: tuple[str, ...] = ()
    scenarios: pd.DataFrame | None = field(default=None, repr=False)
    assets: tuple[str, ...] = field(init=False, repr=False)
    mu: FloatArray = field(init=False, repr=False)
    cov: FloatArray = field(init=False, repr=False)
    draws: FloatArray | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        names, assets = matching_names(self.mean, self.covariance)
        mu = finite_numbers(self.mean, "mean")
        cov, repairs = positive_semidefinite(finite_numbers(self.covariance, "covariance"), assets)
        risk_free = checked_risk_free(self.risk_free)
        check_decimals(mu, cov, assets)
        mu.setflags(write=False)
        cov.setflags(write=False)
        values = {
            "mean": pd.Series(mu, index=names, name="mean", copy=False),
            "covariance": pd.DataFrame(cov, index=names, columns=names, copy=False),
            "risk_free": risk_free,
            "notes": (*self.notes, *(note for note in repairs if note not in self.notes)),
            "assets": assets,
            "mu": mu,
            "cov": cov,
            "draws": None,
        }
        if self.scenarios is not None:
            draws = checked_scenarios(self.scenarios, self.mean.index)
            draws.setflags(write=False)
            values["draws"] = draws
            values["scenarios"] = pd.DataFrame(draws, index=self.scenarios.index, columns=names, copy=False)
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @cached_property
    def volatility(self) -> pd.Series:
        """Annual standard deviation of each asset, as decimals."""
        return pd.Series(deviations(self.cov), index=self.mean.index, name="volatility")

    @cached_property
    def correlation(self) -> pd.DataFrame:
        """Correlations; those of an asset without variance are NaN, its own included."""
        deviation = deviations(self.cov)
        scale = np.where(deviation > 0, deviation, np.nan)
        return pd.DataFrame(self.cov / np.outer(scale, scale), self.mean.index, self.mean.index)

    def select(self, assets: Sequence[str]) -> Assumptions:
        """The same assumptions for some of the assets, in the order given."""
        unknown = [asset for asset in assets if asset not in self.assets]
        if unknown:
            raise InputError(f"There is no asset '{unknown[0]}'. The assets are: {', '.join(self.assets)}.")
        chosen = list(assets)
        scenarios = None if self.scenarios is None else self.scenarios[chosen]
        return Assumptions(
            self.mean[chosen], self.covariance.loc[chosen, chosen], self.risk_free, self.notes, scenarios
        )

    def __reduce__(self) -> tuple[type[Assumptions], tuple[object, ...]]:
        # A copy or an unpickled one is built anew: arrays alone would come back writable.
        return Assumptions, (self.mean, self.covariance, self.risk_free, self.notes, self.scenarios)

    def _repr_html_(self) -> str:
        deviation = deviations(self.cov)
        rows = "".join(
            f"<tr><th>{escape(asset)}</th><td>{mean:.1%}</td><td>{volatility:.1%}</td></tr>"
            for asset, mean, volatility in zip(self.assets, self.mu, deviation, strict=True)
        )
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        return (
            "<table><caption>Assumptions, per year</caption>"
            "<thead><tr><th>asset</th><th>expected return</th><th>volatility</th></tr></thead>"
            f"<tbody>{rows}</tbody></table><p>Risk-free rate {self.risk_free:.1%}</p>"
            + (f"<ul>{notes}</ul>" if notes else "")
        )


def estimate(
    returns: pd.DataFrame,
    mean: MeanMethod | Mapping[str, float] | pd.Series = MeanMethod.EQUILIBRIUM,
    covariance: CovarianceMethod = CovarianceMethod.LEDOIT_WOLF,
    market_weights: Mapping[str, float] | None = None,
    risk_aversion: float = DEFAULT_RISK_AVERSION,
    risk_free: float = DEFAULT_RISK_FREE,
) -> Assumptions:
    """Annual assumptions from monthly returns.

    ``returns`` (T, n) are simple monthly returns as fractions with one row per month; NaN only before a series
    starts. Covariances and historical means are the monthly ones times 12. A series with a shorter history enters
    on its common window with the longer ones, which keep all their months (``moments.combined_moments``).
    ``mean`` is a method or the annual means themselves, by asset. ``market_weights`` and ``risk_aversion`` belong
    to the equilibrium (see ``equilibrium``). ``risk_free`` is an annual decimal. The scenarios are the past's shape
    around the assumed mean: the months in which every series has a return, each series shifted by a constant so that
    its mean is the annual one / 12 (``scenarios.recentred``).

    Raises InputError when the returns cannot be used, the names of means or weights differ from the columns, or a
    window is too short for the covariance method.
    """
    if not isinstance(covariance, CovarianceMethod):
        raise InputError(f"The covariance must be one of {_choices(CovarianceMethod)}, not {covariance!r}.")
    returns = checked_returns(returns)
    assets = list(returns.columns)
    monthly_mean, monthly_covariance = combined_moments(returns, covariance)
    annual = pd.DataFrame(monthly_covariance * MONTHS_PER_YEAR, assets, assets)
    notes = _history_notes(returns)
    if isinstance(mean, (pd.Series, Mapping)):
        expected = by_asset(mean, assets, "mean")
    elif mean is MeanMethod.HISTORICAL:
        expected = pd.Series(monthly_mean * MONTHS_PER_YEAR, assets)
        notes += (_historical_warning(expected),)
    elif mean is MeanMethod.EQUILIBRIUM:
        expected = equilibrium(annual, market_weights, risk_aversion, risk_free)
        notes += _market_notes(assets) if market_weights is None else ()
    else:
        raise InputError(f"The mean must be one of {_choices(MeanMethod)} or annual means by asset, not {mean!r}.")
    scenarios = recentred(returns.dropna(), expected.to_numpy(np.float64) / MONTHS_PER_YEAR)
    return Assumptions(expected, annual, risk_free, notes, scenarios)


def equilibrium(
    covariance: pd.DataFrame,
    market_weights: Mapping[str, float] | None = None,
    risk_aversion: float = DEFAULT_RISK_AVERSION,
    risk_free: float = DEFAULT_RISK_FREE,
) -> pd.Series:
    """Annual expected returns at which the market portfolio is the best one: risk_free + risk_aversion * cov @ w.

    ``covariance`` (n, n) is annual, ``market_weights`` are decimals by asset that sum to 1, under the same names.
    Without them the built-in global market portfolio is taken, rescaled to the assets of the covariance. Source: He &
    Litterman (1999), "The Intuition Behind Black-Litterman Model Portfolios"; Black & Litterman (1992).

    Raises InputError when names differ, weights are negative or do not sum to 1, or the risk aversion is not a
    positive number.
    """
    if not isinstance(covariance, pd.DataFrame):
        raise InputError("The covariance must be a pandas DataFrame with asset names on both sides.")
    assets = [str(name) for name in covariance.columns]
    if list(covariance.index) != list(covariance.columns):
        raise InputError("The rows and columns of the covariance must have the same names in the same order.")
    if not isinstance(risk_aversion, Real) or not 0 < risk_aversion < np.inf:
        raise InputError(f"The risk aversion must be a positive number (2 to 4 is usual), not {risk_aversion}.")
    weights = _built_in_weights(assets) if market_weights is None else _market_weights(market_weights, assets)
    premium = risk_aversion * (finite_numbers(covariance, "covariance") @ weights)
    return pd.Series(checked_risk_free(risk_free) + premium, index=assets, name="mean")


def _market_weights(given: Mapping[str, float], assets: list[str]) -> FloatArray:
    if not isinstance(given, (pd.Series, Mapping)):
        raise InputError("The market weights must be given by asset: a mapping such as {'stocks': 0.6, 'bonds': 0.4}.")
    weights = by_asset(given, assets, "market weight")
    if weights.min() < 0:
        raise InputError(f"The market weight of '{weights.idxmin()}' is {weights.min():g}: it must not be negative.")
    total = float(weights.sum())
    if abs(total - 1) > WEIGHT_SUM_TOLERANCE:
        raise InputError(f"The market weights sum to {total:.6g}, {total - 1:+.6g} away from 1: rescale them.")
    return weights.to_numpy(np.float64)


def _built_in_weights(assets: list[str]) -> FloatArray:
    known = BUILT_IN.market_weights
    unknown = [asset for asset in assets if asset not in known]
    if unknown:
        raise InputError(
            f"'{unknown[0]}' is not in the built-in market portfolio ({', '.join(known)}): give market_weights "
            "for all your assets, for example those of your own Universe."
        )
    weights: FloatArray = np.array([known[asset] for asset in assets])
    if weights.sum() <= 0:
        raise InputError(f"None of {', '.join(assets)} has a weight in the market portfolio: give market_weights.")
    rescaled: FloatArray = weights / weights.sum()
    return rescaled


def _history_notes(returns: pd.DataFrame) -> tuple[str, ...]:
    months = returns.notna().sum()
    late = [
        f"'{asset}' has {count} of {len(returns)} months: it enters on those, the longer series keep all of theirs."
        for asset, count in months.items()
        if count < len(returns)
    ]
    short = [str(asset) for asset, count in months.items() if count < SHORT_HISTORY_MONTHS]
    if short:
        late.append(f"Less than {SHORT_HISTORY_MONTHS} months of {', '.join(short)}: take their risk with caution.")
    return tuple(late)


def _historical_warning(mean: pd.Series) -> str:
    return (
        "The expected returns are past averages, which promise nothing and rest on few years: the highest is "
        f"{mean.max():.0%} a year for '{mean.idxmax()}', and an optimiser would chase it."
    )


def _market_notes(assets: list[str]) -> tuple[str, ...]:
    left_out = [name for name, weight in BUILT_IN.market_weights.items() if weight > 0 and name not in assets]
    if not left_out:
        return ()
    return (f"The market portfolio was rescaled to the assets given, without {', '.join(left_out)}.",)


def _choices(options: type[StrEnum]) -> str:
    return ", ".join(f"{options.__name__}.{option.name}" for option in options)
