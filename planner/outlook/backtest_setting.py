"""What a backtest is given, checked and laid out as arrays, so that any number of policies can follow it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.market.history import checked_returns
from planner.outlook.backtest_lots import TaxRules
from planner.outlook.backtest_trades import Trader
from planner.trading.trading_policy import TradingPolicy

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from planner.household.tax_situation import TaxSituation
    from planner.market.moments import FloatArray
    from planner.market.universe import Universe
    from planner.policy.targets import Targets

AMOUNT = 100_000.0
"""Dollars to begin with; ours. Only taxes depend on it, through their brackets and the limit on losses."""

DECEMBER = 12

Flows: TypeAlias = "float | Mapping[dt.date, float] | pd.Series[float]"
"""Money put in (taken out below 0): so much a month, or by day."""


@dataclass(frozen=True, eq=False)
class Setting:
    """What happened, and what is done whatever the rule.

    ``days`` (months + 1,) are month-ends, the first of them the one before the first month; ``returns`` (months, n) of
    the series held, ``flows`` (months + 1,) what is put in, at first the amount.
    """

    days: pd.DatetimeIndex
    names: tuple[str, ...]
    returns: FloatArray = field(repr=False)
    trader: Trader
    targets: Targets
    universe: Universe
    taxes: TaxRules | None = None
    flows: FloatArray = field(default_factory=lambda: np.zeros(0), repr=False)

    @cached_property
    def prices(self) -> FloatArray:
        """Price of each series (months + 1, n), 1 at first, which falls by what is paid out where that is taxed."""
        distributed = 0.0 if self.taxes is None else self.taxes.distributed
        growth = (1 + self.returns) * (1 - distributed)
        return np.concatenate([np.ones((1, len(self.names))), growth.cumprod(axis=0)])

    @cached_property
    def ends_a_year(self) -> NDArray[np.bool_]:
        """Whether each day (months + 1,) is in December."""
        return np.asarray(self.days.month == DECEMBER)

    def under(
        self, costs: TradingPolicy | float | None, taxes: TaxSituation | None, contributions: Flows, amount: float
    ) -> Setting:
        """The same with costs, taxes and money."""
        if not (np.isfinite(amount) and amount > 0):
            raise InputError(f"The amount to begin with is {amount}: give a positive amount of money.")
        return replace(
            self,
            trader=replace(self.trader, costs=_costs(costs, self.names, self.universe)),
            taxes=None if taxes is None else TaxRules.of(taxes, self.universe, self.names),
            flows=np.concatenate([[amount], _flows(contributions, self.days)]),
        )


def prepared(
    returns: pd.DataFrame,
    targets: Targets,
    universe: Universe,
    window: tuple[dt.date | None, dt.date | None],
    mix: Mapping[str, float] | None,
) -> Setting:
    """Lay out the months of a window, before costs, taxes and flows."""
    if not isinstance(returns, pd.DataFrame):
        raise InputError("The returns must be a table of months by series: give a pandas DataFrame.")
    for name in targets.weights:
        universe[name]
    shares = _shares(targets, universe, mix)
    names = tuple(shares)
    missing = next((name for name in names if name not in returns.columns), None)
    if missing is not None:
        raise InputError(
            f"There are no returns of '{missing}', which the targets hold: add its column, or name in the mix what is "
            f"held instead. There are {', '.join(map(str, returns.columns))}."
        )
    within = _within(checked_returns(returns[list(names)]), *window)
    gap = np.argwhere(within.isna().to_numpy())
    if len(gap):
        raise InputError(
            f"'{names[gap[0][1]]}' has no return for {within.index[gap[0][0]]:%B %Y}: begin later, or fill it in as "
            "Market.complete_returns does."
        )
    members = np.array([[float(universe.class_of[name] == one) for name in names] for one in universe.class_names])
    at_target = np.array([targets.weights[name] for name in universe.class_names])
    trader = Trader(members, np.array(list(shares.values())), at_target / at_target.sum(), np.zeros(len(names)))
    start = within.index[0] - pd.offsets.MonthEnd(1)
    days = pd.DatetimeIndex([start, *within.index], name="month_end")
    return Setting(days, names, within.to_numpy(np.float64), trader, targets, universe)


def _shares(targets: Targets, universe: Universe, mix: Mapping[str, float] | None) -> dict[str, float]:
    """Parts of its class by series held."""
    for name, weight in (mix or {}).items():
        if name not in universe.series_names:
            raise InputError(f"The mix holds '{name}', which is no series of the universe: remove it.")
        if not (np.isfinite(weight) and weight >= 0):
            raise InputError(f"The weight of '{name}' in the mix is {weight}: give a number that is not negative.")
    shares: dict[str, float] = {}
    for one in universe.classes:
        if not targets.weights.get(one.name):
            continue
        own = {member.name: (mix or {}).get(member.name, 0.0) for member in one.series}
        parts = own if sum(own.values()) > 0 else {member.name: member.share for member in one.series}
        whole = sum(parts.values())
        shares |= {name: part / whole for name, part in parts.items() if part > 0}
    return shares


def _within(returns: pd.DataFrame, first: dt.date | None, last: dt.date | None) -> pd.DataFrame:
    months = pd.DatetimeIndex(returns.index).to_period("M")
    begins = months[0] if first is None else pd.Period(first, "M")
    ends = months[-1] if last is None else pd.Period(last, "M")
    if begins > ends:
        raise InputError(f"The window begins in {begins} and ends in {ends}, before it: exchange them.")
    if begins < months[0] or ends > months[-1]:
        raise InputError(f"The window from {begins} to {ends} reaches beyond the returns, {months[0]} to {months[-1]}.")
    return returns.loc[(months >= begins) & (months <= ends)]


def _costs(costs: TradingPolicy | float | None, names: tuple[str, ...], universe: Universe) -> FloatArray:
    """Cost by series: its own, its class's, or any's."""
    if costs is None:
        policy = TradingPolicy()
    else:
        policy = costs if isinstance(costs, TradingPolicy) else TradingPolicy(cost=costs, costs={})
    return np.array([policy.rate(name, universe.class_of[name]) for name in names], np.float64)


def _flows(contributions: Flows, days: pd.DatetimeIndex) -> FloatArray:
    """Flows (months,) at the ends of the months."""
    if isinstance(contributions, Mapping | pd.Series):
        dated = pd.Series(contributions, dtype=np.float64)
        by_month = dated.groupby(pd.DatetimeIndex(dated.index).to_period("M")).sum()
        given, flows = dated.to_numpy(), np.asarray(by_month.reindex(days[1:].to_period("M"), fill_value=0.0))
    else:
        given = flows = np.full(len(days) - 1, contributions, dtype=np.float64)
    if not np.isfinite(given).all():
        raise InputError("A contribution is not a finite number: give amounts of money, below 0 to take out.")
    return flows
