"""What has come of the purchases that are still held: as much of a household's own result as its lots can tell."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.outlook.monitor import TOTAL
from planner.outlook.performance import DAYS_A_YEAR, money_weighted_return

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from planner.trading.holdings import Holdings

    Purchase = tuple[dt.date, float, float]


def still_held(holdings: Holdings) -> pd.DataFrame:
    """By asset class, with a ``total``: what is held, what it cost, and what the money in it has earned.

    ``value`` is everything, cash included. Of the lots whose cost and day of purchase are known: the value ``known``,
    their ``basis`` and unrealised ``gain`` (currency), the day of the first purchase, ``since``, and ``growth``, the
    money-weighted return a year of what was paid on each day against what it is worth today (NaN where the first
    purchase is less than a year ago). What was sold before, and dividends that were paid out, are not in it.
    Source: domain.md section 9.
    """
    table = pd.DataFrame({"value": holdings.table.sum(axis=1)})
    bought: dict[str, list[Purchase]] = {str(name): [] for name in table.index}
    lots = [lot for account in holdings.household.accounts for lot in account.holdings]
    for lot, asset, cost, value in zip(lots, holdings.asset, holdings.cost, holdings.value, strict=True):
        if lot.acquired is not None and lot.unit_cost is not None:
            bought[holdings.classes[asset]].append((lot.acquired, float(cost), float(value)))
    everything = [one for purchases in bought.values() for one in purchases]
    columns = ["known", "basis", "gain", "growth", "since"]
    rows = {name: _result(purchases, holdings.as_of) for name, purchases in {**bought, TOTAL: everything}.items()}
    results = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    table.loc[TOTAL] = table["value"].sum()
    return table.join(results).rename_axis("asset_class")


def _result(purchases: Sequence[Purchase], today: dt.date) -> tuple[float, float, float, float, dt.date | None]:
    basis, value = sum(cost for _, cost, _ in purchases), sum(worth for _, _, worth in purchases)
    since = min((day for day, _, _ in purchases), default=None)
    growth = np.nan
    if since is not None and today - since >= timedelta(days=DAYS_A_YEAR):
        try:
            growth = money_weighted_return([*((day, -cost) for day, cost, _ in purchases), (today, value)])
        except InputError:
            growth = np.nan  # what cost nothing has no return
    return value, basis, value - basis, growth, since
