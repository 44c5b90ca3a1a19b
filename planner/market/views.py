"""Opinions about returns, and how Black and Litterman blend them into assumptions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.market.assumptions import MONTHS_PER_YEAR, Assumptions
from planner.market.checks import HIGHEST_RETURN, ROUNDING_NOISE, SUSPECT_RETURN, SUSPECT_SHARPE, deviations
from planner.market.moments import NEGLIGIBLE_EIGENVALUE
from planner.market.scenarios import recentred
from planner.wording import percent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planner.market.moments import FloatArray

# Variance of the prior mean as a part of the variance of a year's return, what forty years of history would leave:
# Idzorek (2005), example with eight assets. It cancels out of the posterior mean where every view has a confidence.
DEFAULT_TAU = 0.025

# Certain views that miss each other by less, in standard deviations of the prior, agree but for rounding.
CONTRADICTION = 1e-6

# Weights of a view that sum to less than this part of their size sum to 0: it compares.
RELATIVE_TOLERANCE = 1e-9


@dataclass(frozen=True)
class View:
    """The opinion that a combination of assets returns so much a year, and how sure one is of it.

    ``weights`` by asset (mapping or Series) make it absolute, ``{'bitcoin': 1}``, about several assets at once,
    ``{'us_equity': 0.64, 'intl_equity': 0.36}``, or relative, ``{'ether': 1, 'bitcoin': -1}``. ``expected_return`` is
    the annual decimal that ``sum of weights * returns`` is expected to be, the risk-free rate included as in
    ``Assumptions.mean``; for a relative view it is the difference. Give either ``confidence``, Idzorek's from 0
    (ignored) to 1 (certain), or ``variance``, that of the error of ``expected_return``: 0.02 ** 2 is give or take 2 %.

    Raises InputError when weights are missing, all zero or not finite, the return is no finite number, or not exactly
    one of confidence and variance is given or it is out of range.
    """

    weights: Mapping[str, float]
    expected_return: float
    confidence: float | None = None
    variance: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", _checked_weights(self.weights))
        object.__setattr__(self, "expected_return", _finite(self.expected_return, "The expected return of a view"))
        if (self.confidence is None) == (self.variance is None):
            raise InputError(f"The view '{self.statement}' needs either a confidence from 0 to 1 or a variance.")
        if self.confidence is not None:
            confidence = _finite(self.confidence, f"The confidence in '{self.statement}'")
            if not 0 <= confidence <= 1:
                raise InputError(
                    f"The confidence in '{self.statement}' is {confidence:g}: give a fraction from 0 (ignore the view) "
                    "to 1 (certain), 0.4 for 40 %."
                )
            object.__setattr__(self, "confidence", confidence)
        if self.variance is not None:
            variance = _finite(self.variance, f"The variance of '{self.statement}'")
            if variance < 0:
                raise InputError(f"The variance of '{self.statement}' is {variance:g}: it must not be negative.")
            object.__setattr__(self, "variance", variance)

    @property
    def statement(self) -> str:
        """What is expected, in words: 'bitcoin returns 8 % a year', 'ether returns 3 % a year more than bitcoin'."""
        sign = 1 if max(self.weights.values()) > 0 else -1
        expected = sign * self.expected_return
        held = {asset: sign * weight for asset, weight in self.weights.items() if sign * weight > 0}
        against = {asset: -sign * weight for asset, weight in self.weights.items() if sign * weight < 0}
        returns = f"{_basket(held)} {'returns' if len(held) == 1 else 'return'}"
        if not against:
            return f"{returns} {percent(expected, 2)} a year"
        if abs(sum(held.values()) - sum(against.values())) > RELATIVE_TOLERANCE * self.size:
            return f"{_basket(held)} less {_basket(against)} return {percent(expected, 2)} a year"
        if expected == 0:
            return f"{returns} as much as {_basket(against)}"
        return (
            f"{returns} {percent(abs(expected), 2)} a year {'more' if expected > 0 else 'less'} than {_basket(against)}"
        )

    def sentence(self) -> str:
        """The statement and how sure one is of it: 'bitcoin returns 8 % a year, 40 % sure'."""
        if self.variance is not None:
            return f"{self.statement}, give or take {percent(math.sqrt(self.variance), 2)}"
        return f"{self.statement}, {percent(self.confidence or 0.0)} sure"

    @property
    def size(self) -> float:
        """The larger of what it holds and what it holds against: 1 for one asset, and for one against another."""
        positive = sum(weight for weight in self.weights.values() if weight > 0)
        return max(positive, positive - sum(self.weights.values()))


@dataclass(frozen=True, eq=False)
class BlackLitterman:
    """Assumptions before and after views.

    ``posterior`` has the posterior mean, the covariance of the prior, and scenarios shifted to the new mean. ``tau``
    is what the means were taken to be uncertain by, and ``mean_covariance`` (n, n) the annual covariance M of the
    posterior mean's own error.
    """

    prior: Assumptions
    views: tuple[View, ...]
    tau: float
    posterior: Assumptions
    mean_covariance: pd.DataFrame = field(repr=False)

    @cached_property
    def table(self) -> pd.DataFrame:
        """Expected returns a year by asset: prior, posterior, and the change."""
        prior, posterior = self.prior.mean, self.posterior.mean
        return pd.DataFrame({"prior": prior, "posterior": posterior, "change": posterior - prior})

    @cached_property
    def view_table(self) -> pd.DataFrame:
        """One row per view: the return a year it expects, what prior and posterior say, confidence, and variance omega.

        A view given by its variance has the confidence that amounts to the same, and the other way round.
        """
        picks = _picks(self.views, self.prior.assets)
        spread = self.tau * _quadratic(picks, self.prior.cov)
        confidence = _confidences(self.views, spread)
        with np.errstate(divide="ignore"):
            omega = (1 / confidence - 1) * spread
        return pd.DataFrame(
            {
                "expected": [view.expected_return for view in self.views],
                "prior": picks @ self.prior.mu,
                "posterior": picks @ self.posterior.mu,
                "confidence": confidence,
                "variance": omega,
            },
            index=pd.Index([view.statement for view in self.views], dtype="str", name="view"),
        )

    def _repr_html_(self) -> str:
        rows = _rows(self.table, ("{:.2%}", "{:.2%}", "{:+.2%}"))
        views = _rows(self.view_table.drop(columns="variance"), ("{:.2%}", "{:.2%}", "{:.2%}", "{:.0%}"))
        return (
            "<table><caption>Expected returns per year</caption>"
            f"<thead><tr><th>asset</th><th>prior</th><th>posterior</th><th>change</th></tr></thead>{rows}</table>"
        ) + (
            "<table><caption>Views</caption><thead><tr><th>view</th><th>expected</th><th>prior</th><th>posterior</th>"
            f"<th>confidence</th></tr></thead>{views}</table>"
            if self.views
            else ""
        )


def black_litterman(assumptions: Assumptions, views: Iterable[View], tau: float = DEFAULT_TAU) -> BlackLitterman:
    """Assumptions whose means give way to views, each as far as one is sure of it.

    The prior mean mu (n,), usually the equilibrium, is taken to be known up to the covariance ``tau`` S; k views with
    weights P (k, n) expect q (k,) up to the variances Omega. The posterior mean is

        mu + tau S P' (P tau S P' + Omega)^-1 (q - P mu)

    and the covariance of its error M = tau S - tau S P' (P tau S P' + Omega)^-1 P tau S. Black & Litterman apply this
    to returns in excess of the risk-free rate. Each view's excess is q - rate * sum of its weights, and so is its
    prior's: the rate cancels, and returns here include it, of absolute views as of relative ones.

    Idzorek's confidence c stands for the variance (1 / c - 1) tau p'Sp: alone, a view then moves returns and
    unconstrained optimal weights by c times what it would if certain, which is how he defines c. Certain views hold
    exactly. The covariance of returns stays S, as in Idzorek (2005): views speak of means, and without any the
    posterior is the prior. He & Litterman (1999) hold S + M, that is ``posterior.covariance + mean_covariance``.

    Sources: Black & Litterman (1992), "Global Portfolio Optimization"; He & Litterman (1999), "The Intuition Behind
    Black-Litterman Model Portfolios"; Idzorek (2005), "A Step-by-Step Guide to the Black-Litterman Model";
    Walters (2014), "The Black-Litterman Model in Detail", for the closed form of the confidence.

    Raises InputError when a view names an unknown asset, looks like percent, is about a combination without risk
    (which leaves no room for an opinion), or contradicts other certain ones; or when tau is not in (0, 1].
    """
    if not isinstance(tau, Real) or not 0 < tau <= 1:
        raise InputError(f"tau is {tau}: give a number above 0 and at most 1; {DEFAULT_TAU} is usual.")
    views = _checked_views(views, assumptions.assets)
    if not views:
        return BlackLitterman(assumptions, views, float(tau), assumptions, tau * assumptions.covariance)
    picks = _picks(views, assumptions.assets)
    variances = _quadratic(picks, assumptions.cov)
    _check_plausible(views, picks, variances, assumptions)

    # In units of each view's own prior deviation, and with the confidence on both sides of the matrix instead of its
    # inverse on the diagonal: Omega may then be zero or infinite.
    spread = tau * variances
    confidence = _confidences(views, spread)
    scale = np.sqrt(confidence / spread)
    gain = tau * assumptions.cov @ (picks.T * scale)
    system = (picks * scale[:, None]) @ gain + np.diag(1 - confidence)
    root, empty = _inverse_root_and_null_space(system)
    surprise = scale * (np.array([view.expected_return for view in views]) - picks @ assumptions.mu)
    _check_agreement(views, empty @ (empty.T @ surprise))

    learnt = gain @ root
    mean = assumptions.mu + learnt @ (root.T @ surprise)
    error = tau * assumptions.cov - learnt @ learnt.T
    names = assumptions.mean.index
    months = assumptions.scenarios
    posterior = Assumptions(
        pd.Series(mean, names),
        assumptions.covariance,
        assumptions.risk_free,
        (*assumptions.notes, *(f"The expected returns lean on a view: {view.sentence()}." for view in views)),
        None if months is None else recentred(months, mean / MONTHS_PER_YEAR),
    )
    return BlackLitterman(assumptions, views, float(tau), posterior, pd.DataFrame(error, names, names))


def _checked_weights(given: Mapping[str, float]) -> dict[str, float]:
    if not isinstance(given, (Mapping, pd.Series)):
        raise InputError("The weights of a view must be given by asset: a mapping such as {'ether': 1, 'bitcoin': -1}.")
    weights = {str(asset): _finite(weight, f"The view's weight of '{asset}'") for asset, weight in given.items()}
    if len(weights) < len(given):
        raise InputError("The weights of a view name an asset twice: add them up.")
    if not any(weights.values()):
        raise InputError("A view needs an asset with a weight other than 0: {'bitcoin': 1} is about bitcoin.")
    return weights


def _finite(value: object, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise InputError(f"{what} is {value}: give a finite number, as a decimal.")
    return float(value)


def _basket(weights: Mapping[str, float]) -> str:
    named = [asset if weight == 1 else f"{percent(weight)} {asset}" for asset, weight in weights.items()]
    return " and ".join([", ".join(named[:-1]), named[-1]] if named[:-1] else named)


def _checked_views(views: Iterable[View], assets: tuple[str, ...]) -> tuple[View, ...]:
    if isinstance(views, View):
        raise InputError("The views must be a list: write [view] for a single one.")
    checked = tuple(views)
    for view in checked:
        if not isinstance(view, View):
            raise InputError(f"Each view must be a View, such as View({{'{assets[0]}': 1}}, 0.05, 0.5), not {view!r}.")
        unknown = [asset for asset in view.weights if asset not in assets]
        if unknown:
            raise InputError(
                f"The view '{view.statement}' names '{unknown[0]}', which is not an asset here: {', '.join(assets)}."
            )
    return checked


def _check_plausible(
    views: tuple[View, ...], picks: FloatArray, variances: FloatArray, assumptions: Assumptions
) -> None:
    gross = np.abs(picks) @ deviations(assumptions.cov)
    for view, variance, largest in zip(views, variances, gross, strict=True):
        if variance <= ROUNDING_NOISE * largest**2:
            raise InputError(
                f"The view '{view.statement}' is about something without risk, whose return the assumptions know for "
                "certain: leave it out, or change the mean itself."
            )
        expected, volatility = abs(view.expected_return) / view.size, math.sqrt(variance) / view.size
        if expected > HIGHEST_RETURN or (expected > SUSPECT_RETURN and expected > SUSPECT_SHARPE * volatility):
            raise InputError(
                f"The view '{view.statement}' looks like percent: give annual decimals, "
                f"{view.expected_return / 100:g} for {view.expected_return:g} %."
            )


def _check_agreement(views: tuple[View, ...], disagreement: FloatArray) -> None:
    torn = [
        f"“{view.statement}”" for view, apart in zip(views, disagreement, strict=True) if abs(apart) > CONTRADICTION
    ]
    if torn:
        raise InputError(
            f"These views are certain and contradict each other: {', '.join(torn)}. Be less than 100 % sure of one, or "
            "change what it expects."
        )


def _picks(views: tuple[View, ...], assets: tuple[str, ...]) -> FloatArray:
    """The views' weights P (k, n)."""
    return np.array([[view.weights.get(asset, 0.0) for asset in assets] for view in views]).reshape(-1, len(assets))


def _quadratic(picks: FloatArray, cov: FloatArray) -> FloatArray:
    """Variance p'Sp of each view's combination, (k,)."""
    variances: FloatArray = ((picks @ cov) * picks).sum(axis=1)
    return variances


def _confidences(views: tuple[View, ...], spread: FloatArray) -> FloatArray:
    """Confidence in each view, whose combination has a mean known up to the variance ``spread``, (k,)."""
    return np.array(
        [
            view.confidence if view.confidence is not None else known / (known + (view.variance or 0.0))
            for view, known in zip(views, spread.tolist(), strict=True)
        ]
    )


def _inverse_root_and_null_space(system: FloatArray) -> tuple[FloatArray, FloatArray]:
    """R with RR' the pseudo-inverse of a positive semidefinite matrix with a unit diagonal, and its null space."""
    values, vectors = np.linalg.eigh(system)
    kept = values > NEGLIGIBLE_EIGENVALUE * values[-1]
    return vectors[:, kept] / np.sqrt(values[kept]), vectors[:, ~kept]


def _rows(table: pd.DataFrame, formats: tuple[str, ...]) -> str:
    lines = (
        f"<tr><th>{escape(str(name))}</th>"
        + "".join(f"<td>{shown.format(value)}</td>" for shown, value in zip(formats, row, strict=True))
        + "</tr>"
        for name, row in zip(table.index, table.to_numpy(), strict=True)
    )
    return f"<tbody>{''.join(lines)}</tbody>"
