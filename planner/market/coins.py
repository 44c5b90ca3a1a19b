"""Returns and market values of single coins: the built-in ones, and a user's own, coins that died included."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.market.history import DAYS_AROUND_MONTH_END, history
from planner.market.installed_data import built_in_bytes
from planner.market.reading import from_csv, from_frame
from planner.market.steps import Step
from planner.market.universe import BUILT_IN, CRYPTO

if TYPE_CHECKING:
    from planner.market.reading import Table

BITCOIN, ETHER = "btc", "eth"

COIN_LABELS = {
    BITCOIN: "Bitcoin",
    ETHER: "Ether",
    "xrp": "XRP",
    "ada": "Cardano",
    "doge": "Dogecoin",
    "link": "Chainlink",
    "trx": "TRON",
    "xlm": "Stellar",
    "sol": "Solana",
    "avax": "Avalanche",
}

VALUED_ON = pd.Timestamp("2025-03-31")
"""The day of the market values of bitcoin and ether in the built-in universe (design: "Expected returns")."""

CARRIED_VALUES = (
    "The market values of bitcoin and ether are those of March 2025 carried with their prices, as if there had always "
    "been as many coins as then."
)
"""How ``coin_market_values`` was made. In 2017 there were about a sixth fewer bitcoins than in 2025 and a fifth fewer
ethers: their proportion is little changed."""

USD_BILLION = 1e9

DAYS_OFF_A_WEEK = 2
"""A fund that holds coins closes on Friday, the coins themselves on Sunday."""

LARGEST_TYPICAL_MOVE = 1.0
"""What percent or prices look like: no built-in coin has a median move above 24 % a month; ours."""


def coin_returns() -> pd.DataFrame:
    """Simple monthly price returns of ten coins as fractions, October 2014 to September 2025.

    Shape (132, 10), indexed by ``month_end``, NaN before a coin's data starts: December 2017 and later, but for
    bitcoin, whose earlier months are those of ``history()``. A new copy each time. The ten survived to 2025: an index
    of them looks better than anything one could have chosen before. Source and hash stand in
    ``planner/market/data/manifest.json``.
    """
    return _built_in().copy()


def coin_market_values() -> pd.DataFrame:
    """Approximate market values of bitcoin and ether in US dollars at month-ends, September 2014 to September 2025.

    Shape (133, 2), indexed by ``month_end``: price times the supply of 31 March 2025; see ``CARRIED_VALUES``. For the
    other coins nothing is built in: give your own.
    """
    returns = _built_in()[[BITCOIN, ETHER]]
    growth = 1 + returns.reindex(returns.index.insert(0, returns.index[0] - pd.offsets.MonthEnd()))
    opens = growth.isna() & growth.shift(-1).notna()
    prices = growth.mask(opens, 1.0).cumprod()
    known = {member.name: member.market_value * USD_BILLION for member in BUILT_IN[CRYPTO].series}
    values = pd.Series({BITCOIN: known["bitcoin"], ETHER: known["ether"]})
    return (prices / prices.loc[VALUED_ON] * values).rename_axis("month_end")


def checked_coin_returns(returns: pd.DataFrame) -> tuple[pd.DataFrame, Step]:
    """A copy of returns (T, n) of coins, weekly or monthly, and which of the two they are.

    Fractions, one column a coin, one row a week or month without a gap. A coin may start late and end early, with -1
    as the last return of one that became worthless, but not pause. Raises InputError naming column and row otherwise.
    """
    table = from_frame(returns, "The coin returns")
    step = _step(table)
    for column, coin in enumerate(table.columns):
        _check_coin(table, column, coin)
    frame = table.frame("month_end" if step is Step.MONTHLY else "week_end")
    if step is Step.MONTHLY:
        frame.index = (table.dates + pd.offsets.MonthEnd(0)).normalize().rename("month_end")
    return frame, step


def coin_returns_from_prices(prices: pd.DataFrame, step: Step = Step.MONTHLY) -> pd.DataFrame:
    """Simple returns of coins from their prices: last close of each month (or week to Sunday) over that before.

    ``prices`` (days, n) may start late and end early, column by column; a coin's last price, also in the middle of a
    month, closes its last one. A last month or week that the prices do not reach the end of is left out. Raises
    InputError for prices that are not positive, dates out of order, and pauses.
    """
    table = from_frame(prices, "The coin prices")
    _check_order(table)
    for row, column in np.argwhere(table.values <= 0)[:1]:
        raise InputError(
            f"{table.where(row, table.columns[column])}: the price is {table.values[row, column]:g}. Prices must be "
            "positive: leave the cell empty where there was none."
        )
    days, spare = table.dates.normalize(), DAYS_AROUND_MONTH_END
    ends = days + pd.offsets.MonthEnd(0)
    if step is Step.WEEKLY:
        ends, spare = days + pd.to_timedelta(6 - days.day_of_week, unit="D"), DAYS_OFF_A_WEEK
    closes = table.frame("date").groupby(ends).last()
    if (ends[-1] - days[-1]).days > spare:
        closes = closes.iloc[:-1]
    returns = (closes / closes.shift(1) - 1).iloc[1:].dropna(how="all")
    if returns.empty:
        raise InputError(f"The prices do not reach over two ends of a {_word(step)}: a return needs both. Add rows.")
    return checked_coin_returns(returns)[0]


def checked_market_values(values: pd.DataFrame, what: str = "The market values") -> pd.DataFrame:
    """A copy of amounts (dates, n) in US dollars by coin, in order of dates, none negative; InputError otherwise."""
    table = from_frame(values, what)
    _check_order(table)
    for row, column in np.argwhere(table.values < 0)[:1]:
        raise InputError(
            f"{table.where(row, table.columns[column])}: {table.values[row, column]:g} is negative. Correct it, or "
            "leave the cell empty."
        )
    return table.frame("date")


@cache
def _built_in() -> pd.DataFrame:
    name = "crypto_monthly_returns.csv"
    read = from_csv(built_in_bytes(name), name).frame("month_end")
    before = history()[["bitcoin"]].rename(columns={"bitcoin": BITCOIN})
    whole = pd.concat([before[before.index < read.index[0]], read])
    return checked_coin_returns(whole)[0]


def _step(table: Table) -> Step:
    _check_order(table)
    days = np.diff(table.dates.normalize().to_numpy()) // np.timedelta64(1, "D")
    if len(days) and (days == 7).all():
        return Step.WEEKLY
    months = np.asarray(table.dates.year * 12 + table.dates.month)
    if len(days) and np.median(days) < 28:
        row = int(np.argmax(days != 7))
        raise InputError(
            f"{table.where(row + 1)}: {days[row]} days after the row before. Coin returns are weekly or monthly, "
            "without a gap: coin_returns_from_prices makes them from daily prices."
        )
    for row in np.flatnonzero(np.diff(months) != 1)[:1]:
        raise InputError(f"{table.where(row + 1)}: this is not the month after the row before. Give one row a month.")
    return Step.MONTHLY


def _check_order(table: Table) -> None:
    for row in np.flatnonzero(np.diff(table.dates.to_numpy()) <= np.timedelta64(0, "D"))[:1]:
        raise InputError(f"{table.where(row + 1)}: this date is not later than the one before. Sort the rows by date.")


def _check_coin(table: Table, column: int, coin: str) -> None:
    values = table.values[:, column]
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        raise InputError(f"{table.source}: column '{coin}' has no values. Fill it in or remove it.")
    for place in np.flatnonzero(np.diff(known) > 1)[:1]:
        raise InputError(
            f"{table.where(known[place] + 1, coin)}: the value is missing, and later ones follow. Fill it in: a coin "
            "may end, but not pause."
        )
    for row in known[values[known] < -1][:1]:
        raise InputError(f"{table.where(row, coin)}: {values[row]:g}: nothing loses more than -1, which is all of it.")
    for row in known[:-1][values[known[:-1]] == -1][:1]:
        raise InputError(f"{table.where(row, coin)}: worthless, yet returns follow. Leave the cells after it empty.")
    if len(known) > 2 and np.median(np.abs(values[known])) > LARGEST_TYPICAL_MOVE:
        raise InputError(
            f"{table.source}: column '{coin}': a typical move is {np.median(np.abs(values[known])):g}. It looks like "
            "percent or prices: give fractions (0.07 for 7 %), or take coin_returns_from_prices."
        )


def _word(step: Step) -> str:
    return "week" if step is Step.WEEKLY else "month"
