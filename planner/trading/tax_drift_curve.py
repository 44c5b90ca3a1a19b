"""What tracking the targets more closely costs: tax and costs against the drift that is left."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import pandas as pd

from planner.errors import InputError
from planner.market.universe import BUILT_IN, Universe
from planner.trading.holdings import Holdings
from planner.trading.rebalance import rebalancing
from planner.trading.task import Amounts, prepared
from planner.trading.trading_policy import TradingPolicy

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from planner.household.accounts import Household
    from planner.policy.targets import Targets
    from planner.trading.rules import Rule

PRICES_OF_TRACKING = (0.0, 0.002, 0.005, 0.01, 0.02, 0.04, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)
"""From nothing to a price above any tax on a sale, closer where most gains are. Ours."""


def tax_drift_curve(  # noqa: PLR0913 - those of rebalance, and the prices
    household: Household,
    targets: Targets,
    prices: Mapping[str, float] | None = None,
    rule: Rule | None = None,
    contribution: Amounts = 0.0,
    withdrawal: Amounts = 0.0,
    *,
    policy: TradingPolicy | None = None,
    last: dt.date | None = None,
    universe: Universe = BUILT_IN,
    prices_of_tracking: Sequence[float] = PRICES_OF_TRACKING,
    progress: Callable[[float], None] | None = None,
) -> pd.DataFrame:
    """Rebalance at one price of tracking after the other, everything else being that of ``rebalance``.

    One row a price, in rising order: ``tracking_price``; ``tax`` that the trades add to the year's (0 where they save)
    and ``cost``, in dollars; ``drift``, the share of the portfolio in the wrong class; ``left``, dollars outside the
    destination; ``counted``, all that the program weighed against it: tax, costs, a year's tax drag of what is bought,
    and the places in the order of preference. ``counted`` never falls with the price and ``left`` never rises, up to
    the program's gap, whole units and cents. ``progress`` is told the part that is done and may raise to stop.
    """
    asked = sorted(set(prices_of_tracking))
    if not asked or not all(0 <= price < inf for price in asked):
        raise InputError(
            "Prices of tracking are dollars for each dollar brought nearer to its target: give some, from 0 up."
        )
    priced = household if prices is None else household.priced(prices)
    task = prepared(
        Holdings(priced, universe), targets, rule, (contribution, withdrawal), policy or TradingPolicy(), last
    )
    program = None if task.idle else task.program()
    rows = []
    for done, price in enumerate(asked, 1):
        trades = None if program is None else program.solve(price)
        result = rebalancing(task, trades, explain=False)
        counted = 0.0 if trades is None else trades.objective - price * result.left
        rows.append((price, max(round(result.tax, 2), 0.0), result.cost, result.drift_after, result.left, counted))
        if progress is not None:
            progress(done / len(asked))
    return pd.DataFrame(rows, columns=["tracking_price", "tax", "cost", "drift", "left", "counted"])
