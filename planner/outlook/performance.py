"""What a track of monthly returns was worth: growth, risk, falls and tails, and what money earned in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

MONTHS = 12
TAIL = 0.05
"""The worst twentieth of the months make the tail loss: the usual 95 % of Basel and of the vendors. Ours."""

DAYS_A_YEAR = 365
"""As Excel's XIRR counts."""

LOWEST_RATE, HIGHEST_RATE = -0.999_999, 1e6
"""Between these a money-weighted return is looked for."""


def performance(
    returns: pd.Series[float], risk_free: pd.Series[float] | float = 0.0, benchmark: pd.Series[float] | None = None
) -> pd.Series[float]:
    """The usual measures of a track of monthly returns, as annual decimals unless said otherwise.

    ``returns`` (T,) are month-end to month-end; ``risk_free`` is a month's rate or one for each month. By name:

    - ``growth``: compound (CAGR); ``volatility``: standard deviation over T - 1, times the root of 12
    - ``sharpe``: mean over standard deviation of the excess returns, times the root of 12 (Sharpe 1994)
    - ``sortino``: mean excess over the root mean square of the excess below 0 (Sortino and Price 1994)
    - ``calmar``: growth over the deepest fall, here of the whole track (Young 1991)
    - ``deepest_fall``: from a month-end high, at most 0; ``fall_months``: until that high is reached again, or the end
    - ``worst_month``; ``worst_year``: the worst twelve months in a row, of a shorter track all of it
    - ``tail_loss``: mean of the worst twentieth of the months, one of them in part (Rockafellar and Uryasev 2000)
    - ``tracking_error``: against the ``benchmark``, where there is one

    What is undefined is NaN. Fewer than two months, gaps, and a return below -1 are InputErrors.
    """
    values = _checked(returns)
    free = _aligned(risk_free, returns) if isinstance(risk_free, pd.Series) else np.full(len(values), float(risk_free))
    excess = values - free
    wealth = np.concatenate([[1.0], np.cumprod(1 + values)])
    highs = np.maximum.accumulate(wealth)
    falls = wealth / highs - 1
    growth = float(wealth[-1] ** (MONTHS / len(values)) - 1)
    downside = float(np.sqrt(np.mean(np.minimum(excess, 0.0) ** 2)))
    deepest = float(falls.min())
    span = min(MONTHS, len(values))
    active = np.nan if benchmark is None else np.std(values - _aligned(benchmark, returns), ddof=1) * np.sqrt(MONTHS)
    return pd.Series(
        {
            "growth": growth,
            "volatility": float(np.std(values, ddof=1) * np.sqrt(MONTHS)),
            "sharpe": _ratio(float(excess.mean()) * MONTHS, float(np.std(excess, ddof=1) * np.sqrt(MONTHS))),
            "sortino": _ratio(float(excess.mean()) * MONTHS, downside * np.sqrt(MONTHS)),
            "calmar": _ratio(growth, -deepest),
            "deepest_fall": deepest,
            "fall_months": float(_fall_months(wealth, falls)),
            "worst_month": float(values.min()),
            "worst_year": float((wealth[span:] / wealth[:-span]).min() - 1),
            "tail_loss": tail_loss(values),
            "tracking_error": float(active),
        }
    )


def tail_loss(returns: np.ndarray, tail: float = TAIL) -> float:
    """Mean of the worst part ``tail`` of the returns, the last of them in part where the part is no whole number."""
    worst = np.sort(returns)
    whole = tail * len(worst)
    full = int(whole)
    part = (whole - full) * worst[full] if full < len(worst) else 0.0
    return float((worst[:full].sum() + part) / whole)


def money_weighted_return(flows: Iterable[tuple[dt.date, float]]) -> float:
    """The annual rate at which dated flows are worth nothing together: Excel's XIRR.

    ``flows`` are (day, amount): what is paid in is negative, what comes back positive, 365 days to the year from the
    first day. Flows of one sign only, and fewer than two days, are InputErrors.
    """
    from scipy.optimize import brentq

    dated = sorted(flows)
    amounts = np.array([amount for _, amount in dated], dtype=np.float64)
    if not dated or not np.isfinite(amounts).all() or amounts.min(initial=0) >= 0 or amounts.max(initial=0) <= 0:
        raise InputError("A money-weighted return needs money that goes in (negative) and money that comes back.")
    years = np.array([(day - dated[0][0]).days / DAYS_A_YEAR for day, _ in dated])
    if years[-1] == 0:
        raise InputError("All flows are on one day: a money-weighted return needs time between them.")

    def value(log_growth: float) -> float:
        return float(amounts @ np.exp(-log_growth * years))

    bounds = np.log1p(LOWEST_RATE), np.log1p(HIGHEST_RATE)
    if value(bounds[0]) * value(bounds[1]) > 0:
        raise InputError("These flows have no money-weighted return: no rate makes them worth nothing together.")
    return float(np.expm1(brentq(value, *bounds, xtol=1e-15, rtol=1e-14)))


def _fall_months(wealth: np.ndarray, falls: np.ndarray) -> int:
    """Months from the high before the deepest fall until that high is reached again."""
    bottom = int(falls.argmin())
    if falls[bottom] == 0:
        return 0
    high = int(wealth[: bottom + 1].argmax())
    recovered = np.flatnonzero(wealth[bottom:] >= wealth[high])
    return bottom - high + (int(recovered[0]) if len(recovered) else len(wealth) - 1 - bottom)


def _ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator > 0 else float("nan")


def _checked(returns: pd.Series[float]) -> np.ndarray:
    values = returns.to_numpy(np.float64)
    if len(values) < 2:
        raise InputError("Measures of performance need at least two months of returns.")
    if not np.isfinite(values).all():
        gap = returns.index[int(np.flatnonzero(~np.isfinite(values))[0])]
        raise InputError(f"The returns have a gap at {gap}: leave those months out first.")
    if values.min() < -1:
        raise InputError(
            f"A return of {values.min():g} loses more than everything: returns are decimals (-0.05 is -5 %)."
        )
    return values


def _aligned(other: pd.Series[float], returns: pd.Series[float]) -> np.ndarray:
    values = other.reindex(returns.index).to_numpy(np.float64)
    if not np.isfinite(values).all():
        raise InputError("What the returns are compared with lacks some of their months: cut both to common months.")
    return values
