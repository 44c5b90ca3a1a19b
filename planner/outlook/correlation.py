"""How crypto moves with everything else, when that changes, and what the optimiser would make of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from planner.errors import InputError
from planner.market.moments import HALF_LIFE_MONTHS, CovarianceMethod, combined_moments
from planner.market.universe import CRYPTO
from planner.outlook.return_models import EQUITIES, STRESS_PART
from planner.wording import percent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from planner.market.market import Market

    Numbers = NDArray[np.float64]

SHORTEST_WINDOW = 6
"""Months; a correlation of fewer says nothing."""

TYPICAL = (0.2, 0.4)
"""Correlation of bitcoin and equities in most of the years so far; domain.md section 9."""

BAND = 0.90
RESAMPLES = 1_000
BLOCK_MONTHS = 6
"""Of the bootstrap: nine in ten of the resampled correlations lie in the band; blocks of half a year keep the
volatility's clusters together (Politis & Romano 1994, The Stationary Bootstrap). Ours."""

RECENT_MONTHS = 24
PERSISTENT_MONTHS = 3
SIGNIFICANCE = 0.05
"""A rise is an alert where the correlation of the last two years has been above that of all earlier months, at the 5 %
level, on each of the last three month-ends. Ours."""
CRITICAL = float(ndtri(1 - SIGNIFICANCE))
"""What the statistic of the test has to exceed at that level."""


def class_returns(market: Market) -> pd.DataFrame:
    """Monthly returns of the asset classes, their series held by their shares; months with gaps left out."""
    universe, returns = market.universe, market.complete_returns
    return pd.DataFrame(
        {
            asset_class.name: sum(series.share * returns[series.name] for series in asset_class.series)
            for asset_class in universe.classes
        }
    ).dropna()


def rolling_correlation(returns: pd.DataFrame, window: int, subject: str = CRYPTO) -> pd.DataFrame:
    """Correlation of one column with each other over the last ``window`` months, by month-end (rows) from the first
    full window on.

    ``returns`` (T, n) are monthly. A subject that is not there, and a window shorter than half a year or longer than
    the returns, is an InputError.
    """
    _check(returns, subject, window)
    others = returns.drop(columns=subject)
    return others.rolling(window).corr(returns[subject]).iloc[window - 1 :]


def rolling_band(
    returns: pd.DataFrame, window: int, other: str = EQUITIES, subject: str = CRYPTO, seed: int = 0
) -> pd.DataFrame:
    """Bands of ``rolling_correlation`` with one column: ``lower`` and ``upper`` by month-end, of the stationary
    bootstrap of the months inside each window, which all windows resample alike."""
    _check(returns, subject, window)
    if other not in returns.columns or other == subject:
        raise InputError(f"'{other}' is no other column than '{subject}': name one of the returns.")
    draws = _stationary_draws(window, np.random.default_rng(seed))
    one, two = (returns[name].to_numpy(np.float64) for name in (subject, other))
    rows = {}
    for end in range(window, len(returns) + 1):
        x, y = one[end - window : end][draws], two[end - window : end][draws]
        x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
        with np.errstate(invalid="ignore", divide="ignore"):
            sampled = (x * y).sum(axis=1) / np.sqrt((x * x).sum(axis=1) * (y * y).sum(axis=1))
        rows[returns.index[end - 1]] = np.nanquantile(sampled, [(1 - BAND) / 2, (1 + BAND) / 2])
    return pd.DataFrame.from_dict(rows, orient="index", columns=["lower", "upper"])


def matrices(returns: pd.DataFrame, stressed: str = EQUITIES, part: float = STRESS_PART) -> dict[str, pd.DataFrame]:
    """Correlation matrices of the columns in ``all`` months, the ``calm`` ones and those of ``stress``, the worst
    ``part`` of the months of ``stressed``."""
    _check(returns, stressed, SHORTEST_WINDOW)
    worst = returns.index.isin(returns.nsmallest(max(round(part * len(returns)), 2), stressed).index)
    return {"all": returns.corr(), "calm": returns[~worst].corr(), "stress": returns[worst].corr()}


def weighted_correlation(
    returns: pd.DataFrame, subject: str = CRYPTO, half_life: float = HALF_LIFE_MONTHS
) -> pd.DataFrame:
    """As ``rolling_correlation``, over all months so far, a month half as heavy as one ``half_life`` months later."""
    _check(returns, subject, SHORTEST_WINDOW)
    others = returns.drop(columns=subject)
    return others.ewm(halflife=half_life).corr(returns[subject]).iloc[SHORTEST_WINDOW - 1 :]


def calm_and_stress(
    returns: pd.DataFrame, subject: str = CRYPTO, stressed: str = EQUITIES, part: float = STRESS_PART, seed: int = 0
) -> pd.DataFrame:
    """Correlation of a column with each other in all months, in the calm ones and in those of stress, with bands.

    Stress is the worst ``part`` of the months of ``stressed``. Columns by kind of months (``all``, ``calm``,
    ``stress``): ``correlation``, and ``lower`` and ``upper`` of the stationary bootstrap. Choosing months by one side's
    returns lowers or raises a correlation by itself (Forbes & Rigobon 2002, No Contagion, Only Interdependence), so
    that the bands of calm and stress should be read side by side and not against all months.
    """
    _check(returns, subject, SHORTEST_WINDOW)
    if stressed not in returns.columns or stressed == subject:
        raise InputError(f"Stress is measured by another column than '{subject}': '{stressed}' will not do.")
    values, names = returns.to_numpy(np.float64), list(returns.columns)
    by, place = names.index(stressed), names.index(subject)
    draws = _stationary_draws(len(values), np.random.default_rng(seed))
    sampled = np.array([_by_state(values[draw], by, place, part) for draw in draws])
    lower, upper = np.nanquantile(sampled, [(1 - BAND) / 2, (1 + BAND) / 2], axis=0)
    measured = _by_state(values, by, place, part)
    columns = {}
    for state, name in enumerate(("all", "calm", "stress")):
        for kind, numbers in (("correlation", measured), ("lower", lower), ("upper", upper)):
            columns[name, kind] = numbers[state]
    table = pd.DataFrame(columns, index=pd.Index(names, name="asset_class"))
    return table.drop(index=subject)


@dataclass(frozen=True, eq=False)
class RiseTest:
    """Whether a correlation has risen for good.

    ``table`` has a row a month-end: ``recent`` and ``before`` are the correlations of the last ``months`` months and of
    all earlier ones, ``statistic`` is Fisher's ``(atanh(recent) - atanh(before)) / sqrt(1/(n-3) + 1/(m-3))``, which is
    standard normal where nothing changed and months are independent, and ``p_value`` its upper tail.
    """

    subject: str
    other: str
    months: int
    table: pd.DataFrame

    @property
    def alert(self) -> bool:
        """Whether the rise was significant on each of the last few month-ends."""
        last = self.table["p_value"].tail(PERSISTENT_MONTHS)
        return len(last) == PERSISTENT_MONTHS and bool((last < SIGNIFICANCE).all())

    @property
    def sentence(self) -> str:
        """The finding in words."""
        now = self.table.iloc[-1]
        compared = (
            f"{now['recent']:.2f} over the last {self.months} months against {now['before']:.2f} before "
            f"(z = {now['statistic']:.1f}, p = {percent(now['p_value'])})"
        )
        if self.alert:
            return f"The correlation of {self.subject} and {self.other} has risen and stayed up: {compared}."
        return f"No persistent rise of the correlation of {self.subject} and {self.other}: {compared}."


def rise_test(
    returns: pd.DataFrame, subject: str = CRYPTO, other: str = EQUITIES, months: int = RECENT_MONTHS
) -> RiseTest:
    """Test at each month-end whether the correlation of two columns is higher of late than before; no look-ahead."""
    _check(returns, subject, months)
    if len(returns) < 2 * months:
        raise InputError(
            f"There are {len(returns)} months: comparing the last {months} with those before needs {2 * months}."
        )
    pair = returns[[subject, other]].to_numpy(np.float64)
    rows = {}
    for end in range(2 * months, len(pair) + 1):
        recent = _correlation(pair[end - months : end])
        before = _correlation(pair[: end - months])
        error = math.sqrt(1 / (months - 3) + 1 / (end - months - 3))
        statistic = (math.atanh(recent) - math.atanh(before)) / error
        rows[returns.index[end - 1]] = (recent, before, statistic, float(ndtr(-statistic)))
    columns = ["recent", "before", "statistic", "p_value"]
    return RiseTest(subject, other, months, pd.DataFrame.from_dict(rows, orient="index", columns=columns))


def market_of_late(market: Market, months: int = RECENT_MONTHS) -> Market:
    """The market with the correlations of the last months, and everything else as it was.

    Volatilities and expected returns stay; the correlations are Ledoit-Wolf's of the last ``months`` months, so that
    what the optimiser answers in it differs by them alone.
    """
    _check(market.returns, market.universe.series_names[0], months)
    _, covariance = combined_moments(market.complete_returns.tail(months), CovarianceMethod.LEDOIT_WOLF)
    deviation = np.sqrt(covariance.diagonal())
    scale = np.sqrt(market.assumptions.cov.diagonal()) / np.where(deviation > 0, deviation, 1.0)
    names = list(market.assumptions.assets)
    changed = pd.DataFrame(covariance * np.outer(scale, scale), index=names, columns=names)
    note = f"Correlations are those of the last {months} months."
    given = market.assumptions
    return replace(market, assumptions=replace(given, covariance=changed, notes=(*given.notes, note)))


def _check(returns: pd.DataFrame, subject: str, window: int) -> None:
    if subject not in returns.columns:
        raise InputError(f"There is no column '{subject}'. The columns are: {', '.join(map(str, returns.columns))}.")
    if not SHORTEST_WINDOW <= window <= len(returns):
        raise InputError(
            f"A window of {window} months is not possible: choose from {SHORTEST_WINDOW} to {len(returns)}, which is "
            "how many months there are."
        )


def _correlation(pair: Numbers) -> float:
    return float(np.clip(np.asarray(np.corrcoef(pair, rowvar=False))[0, 1], -1 + 1e-12, 1 - 1e-12))


def _by_state(values: Numbers, by: int, place: int, part: float) -> Numbers:
    """Correlations of one column with all, (3, n): in all months, in calm and in stress."""
    worst = np.zeros(len(values), dtype=bool)
    worst[np.argsort(values[:, by], kind="stable")[: max(round(part * len(values)), 2)]] = True
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.array(
            [np.asarray(np.corrcoef(chosen, rowvar=False))[place] for chosen in (values, values[~worst], values[worst])]
        )


def _stationary_draws(months: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Months of ``RESAMPLES`` histories: blocks of geometric length that wrap around the end, (RESAMPLES, months)."""
    starts = rng.integers(0, months, size=(RESAMPLES, months))
    begins = rng.random((RESAMPLES, months)) < 1 / BLOCK_MONTHS
    begins[:, 0] = True
    draws = np.empty((RESAMPLES, months), dtype=np.intp)
    for month in range(months):
        following = (draws[:, month - 1] + 1) % months if month else starts[:, 0]
        draws[:, month] = np.where(begins[:, month], starts[:, month], following)
    return draws
