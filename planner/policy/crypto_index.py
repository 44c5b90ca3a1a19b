"""From a recipe and the coins' returns to the index they would have made."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.market.coins import (
    CARRIED_VALUES,
    checked_coin_returns,
    checked_market_values,
    coin_market_values,
    coin_returns,
)
from planner.market.history import history
from planner.market.steps import Step
from planner.market.universe import CASH
from planner.policy.index_history import (
    ONLY_WHAT_IS_THERE,
    STABLE_VALUE,
    START_LEVEL,
    SURVIVORS,
    Change,
    IndexHistory,
    Member,
)
from planner.policy.index_run import Run, Setting, followed, run
from planner.wording import count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from planner.policy.index_terms import IndexRecipe

    Vector = NDArray[np.float64]

NO_CASH_RETURNS = "Stable value earns nothing: no returns of cash were given for these dates."


def index_history(
    recipe: IndexRecipe,
    returns: pd.DataFrame | None = None,
    market_values: pd.DataFrame | None = None,
    *,
    volume: pd.DataFrame | None = None,
    cash: pd.Series | None = None,
) -> IndexHistory:
    """The past of an index of coins by a recipe, after its fee and before trading costs.

    ``returns`` (T, n) are simple monthly or weekly returns by coin, as ``checked_coin_returns`` takes them, and the
    built-in ``coin_returns`` where they are left out. ``market_values`` and ``volume`` (dates, n) are US dollars by
    coin; the last ones dated at or before a close count there, values carried on with prices. Without them only bitcoin
    and ether have a value, an approximate one. ``cash`` is what stable value earns, by the dates of the returns; the
    built-in history's cash where it is left out and the returns are monthly.

    Weights at a close depend on nothing later. A coin joins once it has a price, and one whose prices end is taken out
    at its last price: its part is stable value until weights are next set. Raises InputError where a coin of the recipe
    is not in the returns, market values that decide weights are missing, or the index never starts.
    """
    if returns is None and market_values is None and volume is None and cash is None:
        return _built_in(recipe)
    return _made(recipe, returns, market_values, volume, cash)


@lru_cache(maxsize=64)
def _built_in(recipe: IndexRecipe) -> IndexHistory:
    return _made(recipe, None, None, None, None)


def _made(
    recipe: IndexRecipe,
    returns: pd.DataFrame | None,
    market_values: pd.DataFrame | None,
    volume: pd.DataFrame | None,
    cash: pd.Series | None,
) -> IndexHistory:
    frame, step = checked_coin_returns(coin_returns() if returns is None else returns)
    values = coin_market_values() if market_values is None else checked_market_values(market_values)
    _check(recipe, frame, step, values, volume)
    days = pd.DatetimeIndex(frame.index)
    opening = days[0] - (pd.offsets.MonthEnd() if step is Step.MONTHLY else pd.Timedelta(days=7))
    closes = days.insert(0, opening).rename(days.name)
    earned = _cash(cash, days, step)
    numbers = frame.to_numpy(np.float64)
    volumes = None if volume is None else checked_market_values(volume, "The volumes")
    setting = Setting(
        recipe,
        tuple(frame.columns),
        step,
        closes,
        numbers,
        _carried(_at_closes(values, closes, frame.columns), numbers),
        _at_closes(volumes, closes, frame.columns).ffill().to_numpy(),
        np.zeros(len(days)) if earned is None else earned,
    )
    made = run(setting)
    if made is None:
        raise InputError(
            f"'{recipe.label}' never starts: at no close do {count(recipe.fewest, 'coin')} pass its screen. Ask for "
            "fewer, loosen the screen, or give more data."
        )
    final, on = (made, None) if recipe.trend is None else followed(made, recipe.trend, setting)
    remarks = _remarks(setting, made, market_values is None, earned is None and bool(final.weights[:, -1].any()))
    return _history(setting, final, on, remarks, SURVIVORS if returns is None else ONLY_WHAT_IS_THERE)


def _history(
    setting: Setting, final: Run, on: NDArray[np.bool_] | None, remarks: tuple[str, ...], note: str
) -> IndexHistory:
    recipe, days = setting.recipe, setting.closes[final.first :]
    kept = (1 - recipe.fee) ** (1 / setting.step.a_year)
    levels = START_LEVEL * np.concatenate([[1.0], np.cumprod((1 + final.returns) * kept)])
    return IndexHistory(
        recipe,
        setting.step,
        pd.Series(levels, days, name=recipe.label),
        pd.DataFrame(final.weights, days, [*setting.coins, STABLE_VALUE]),
        pd.Series(final.turnover, days, name="turnover"),
        _members(setting, final),
        None if on is None else pd.Series(on, days, name="held"),
        remarks,
        note,
    )


def _members(setting: Setting, made: Run) -> tuple[Member, ...]:
    events, inside = list[Member](), set[int]()
    for close in sorted({*made.chosen, *made.died}):
        day = setting.closes[close].date()
        if close in made.chosen:
            members = set(np.flatnonzero(made.chosen[close]).tolist())
            for change, places in ((Change.LEFT, inside - members), (Change.JOINED, members - inside)):
                events += [Member(day, setting.coins[place], change) for place in sorted(places)]
            inside = members
        gone = made.died.get(close, [])
        events += [Member(day, setting.coins[place], Change.DELISTED) for place in gone]
        inside -= set(gone)
    return tuple(events)


def _check(
    recipe: IndexRecipe,
    returns: pd.DataFrame,
    step: Step,
    values: pd.DataFrame,
    volume: pd.DataFrame | None,
) -> None:
    known = list(returns.columns)
    missing = next((coin for coin in recipe.coins_named if coin not in known), None)
    if missing is not None:
        raise InputError(f"There are no returns of '{missing}', a coin of '{recipe.label}'. There are: {_some(known)}.")
    if recipe.trend is not None and recipe.trend.look is Step.WEEKLY and step is Step.MONTHLY:
        raise InputError("A weekly look at the trend needs weekly returns: give them, or look monthly.")
    if recipe.screen.volume is not None and volume is None:
        raise InputError("The screen asks for a volume, and there are no volumes: give them, or leave that out.")
    needed = recipe.coins_named or known if recipe.by_market_value else []
    needed = known if recipe.screen.market_value is not None else needed
    without = next((coin for coin in needed if coin not in values.columns), None)
    if without is not None:
        raise InputError(
            f"'{recipe.label}' needs the market value of '{without}'. Only those of bitcoin and ether are built in: "
            "give market_values (dates by coin, in US dollars), or take a recipe that needs none."
        )


def _some(names: list[str], most: int = 12) -> str:
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")


def _cash(cash: pd.Series | None, days: pd.DatetimeIndex, step: Step) -> Vector | None:
    """Returns of stable value (T,), zero where none are known; None where there are none at all."""
    if cash is None and step is Step.WEEKLY:
        return None
    known = (history()[CASH] if cash is None else cash).reindex(days)
    return None if known.isna().all() else known.fillna(0.0).to_numpy(np.float64)


def _at_closes(table: pd.DataFrame | None, closes: pd.DatetimeIndex, coins: pd.Index[str]) -> pd.DataFrame:
    """The last value (T + 1, n) that became known at each close or since the one before; NaN where none did."""
    empty = pd.DataFrame(np.nan, closes, coins)
    if table is None:
        return empty
    places = closes.searchsorted(pd.DatetimeIndex(table.index).normalize(), side="left")
    within = places < len(closes)
    news = table[within].groupby(closes[places[within]]).last()
    return empty.fillna(news.reindex(index=closes, columns=coins))


def _carried(news: pd.DataFrame, returns: Vector) -> Vector:
    """Market values (T + 1, n): the news where there are any, else those of the close before, moved by the price."""
    values = news.to_numpy(np.float64, copy=True)
    for close in range(1, len(values)):
        moved = values[close - 1] * (1 + returns[close - 1])
        values[close] = np.where(np.isnan(values[close]), moved, values[close])
    return values


def _remarks(setting: Setting, made: Run, approximate: bool, no_cash: bool) -> tuple[str, ...]:
    recipe = setting.recipe
    said = [CARRIED_VALUES] if approximate and (recipe.by_market_value or recipe.screen.market_value) else []
    if no_cash:
        said.append(NO_CASH_RETURNS)
    if recipe.cap is not None:
        cap = recipe.cap
        few = [target for target in made.chosen.values() if target.any() and cap * np.count_nonzero(target) < 1]
        if few:
            said.append(f"On {count(len(few), 'date')} there were too few coins for the cap, and they had equal parts.")
    return tuple(said)
