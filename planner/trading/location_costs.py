"""What a placement of series in accounts costs: tax every year, and tax and fees once to get there."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from planner.errors import InputError
from planner.household.accounts import Treatment
from planner.household.taxes import marginal_rates
from planner.market.universe import CASH
from planner.trading.tax_drag import drag_parts, gain_rates

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from planner.household.taxes import MarginalRates
    from planner.market.assumptions import Assumptions
    from planner.market.universe import Universe
    from planner.trading.holdings import Holdings
    from planner.trading.trading_policy import TradingPolicy

    Numbers = NDArray[np.float64]
    Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class MovingCosts:
    """What it costs once, in currency, to get from today's holdings to a placement: tax on gains, and trades."""

    tax: float
    trades: float


@dataclass(frozen=True, eq=False)
class Parcels:
    """What is held, lots of one asset in one account together where a sale of them is taxed alike.

    Arrays of one length: places of ``series`` and ``account``, ``value`` in currency, of each dollar sold the ``tax``
    (a loss saves none) and the ``cost`` of the trade, and whether it ``may_stay`` where it is.
    """

    series: Places
    account: Places
    value: Numbers
    tax: Numbers
    cost: Numbers
    may_stay: NDArray[np.bool_]

    def __getitem__(self, chosen: NDArray[Any]) -> Parcels:
        return Parcels(*(getattr(self, field.name)[chosen] for field in fields(self)))


@dataclass(frozen=True, eq=False)
class LocationCosts:
    """A household's holdings with what each dollar in each place costs.

    Tables of numbers have a row for each series of the universe and a column for each account. Gains are taxed at the
    household's rates on the next dollar.
    """

    holdings: Holdings
    assumptions: Assumptions | None
    policy: TradingPolicy
    years: float

    def __post_init__(self) -> None:
        if self.holdings.cash.any() and CASH not in self.universe.class_names:
            raise InputError(f"The accounts hold cash, and the universe has no asset class '{CASH}': add it.")
        if self.holdings.total <= 0:
            raise InputError("The accounts are empty: there is nothing to place. Add what they hold.")
        for place, name in enumerate(self.holdings.account_names):
            if self.holdings.account_values[place] > 0 and not self.allowed[:, place].any():
                raise InputError(f"'{name}' may hold no series of the universe: allow it at least one.")

    @property
    def universe(self) -> Universe:
        """The series to place."""
        return self.holdings.universe

    @cached_property
    def rates(self) -> MarginalRates:
        """The household's rates on the next dollar."""
        return marginal_rates(self.holdings.household.taxes, self.holdings.as_of.year)

    @cached_property
    def parts(self) -> pd.DataFrame:
        """What each series costs a year in a taxable account, and why, as ``drag_parts``."""
        return drag_parts(self.universe, self.rates, self.assumptions, self.years)

    @cached_property
    def drag(self) -> Numbers:
        """Tax a year on each dollar in each place."""
        return np.outer(self.parts.sum(axis=1).to_numpy(), self.holdings.taxable)

    @cached_property
    def expected_returns(self) -> Numbers:
        """Expected return of each series; zero without assumptions."""
        if self.assumptions is None:
            return np.zeros(len(self.universe.series_names))
        return self.assumptions.mean[list(self.universe.series_names)].to_numpy(dtype=float)

    @cached_property
    def tax_free(self) -> NDArray[np.bool_]:
        """Whether nothing is ever taxed in each account."""
        return np.array([treatment is Treatment.TAX_FREE for treatment in self.holdings.treatments], dtype=bool)

    @cached_property
    def allowed(self) -> NDArray[np.bool_]:
        """Whether each series may be held in each account; cash may be everywhere."""
        following: dict[str, set[str]] = {name: {name, self.universe.class_of[name]} for name in self._names}
        for symbol, series in zip(self.holdings.symbols, self.holdings.series, strict=True):
            following[series].add(symbol)
        table = np.array(
            [
                [account.may_hold is None or not names.isdisjoint(account.may_hold) for names in following.values()]
                for account in self.holdings.household.accounts
            ],
            dtype=bool,
        ).T
        table[self._cash] = True
        return table

    @cached_property
    def present(self) -> Numbers:
        """What is in each place today."""
        table = np.zeros(self.allowed.shape)
        np.add.at(table, self._series_of_assets, self.holdings.values.T)
        table[self._cash] += self.holdings.cash
        return table

    @cached_property
    def kept(self) -> Numbers:
        """What would be in each place if nothing were sold that need not be."""
        table = np.zeros(self.allowed.shape)
        staying = self.parcels[self.parcels.may_stay]
        np.add.at(table, (staying.series, staying.account), staying.value)
        return table

    @cached_property
    def buying(self) -> Numbers:
        """Cost of buying a dollar of each series; what stays as cash costs none."""
        costs = np.array([self.policy.rate(name, self.universe.class_of[name]) for name in self._names])
        costs[self._cash] = 0.0
        return costs

    def yearly_tax(self, placed: Numbers) -> float:
        """Tax a year of what is placed, in currency."""
        return float((self.drag * placed).sum())

    def moving(self, placed: Numbers) -> MovingCosts:
        """What it costs to get to a placement when of each holding the lots are sold that cost least."""
        staying, leaving = self.parcels[self.parcels.may_stay], self.parcels[~self.parcels.may_stay]
        order = np.lexsort((staying.tax + staying.cost, staying.account, staying.series))
        staying = staying[order]
        before = np.cumsum(staying.value) - staying.value
        place = staying.series * placed.shape[1] + staying.account
        _, first, which = np.unique(place, return_index=True, return_inverse=True)
        to_sell = np.maximum(self.kept - placed, 0.0)
        sold = np.clip(to_sell[staying.series, staying.account] - (before - before[first][which]), 0.0, staying.value)
        bought = np.maximum(placed - self.kept, 0.0)
        return MovingCosts(
            tax=float(sold @ staying.tax + leaving.value @ leaving.tax),
            trades=float(sold @ staying.cost + leaving.value @ leaving.cost + self.buying @ bought.sum(axis=1)),
        )

    @property
    def _names(self) -> tuple[str, ...]:
        return self.universe.series_names

    @cached_property
    def _cash(self) -> list[int]:
        """Place of the series that cash is counted as; none where the universe has no such class."""
        return [self._names.index(self.universe.members(CASH)[0])] if CASH in self.universe.class_names else []

    @cached_property
    def _series_of_assets(self) -> Places:
        place = {name: number for number, name in enumerate(self._names)}
        return np.array([place[name] for name in self.holdings.series], dtype=np.intp)

    @cached_property
    def parcels(self) -> Parcels:
        """Everything that is held: lots that are alike together, and the cash of each account."""
        holdings = self.holdings
        gain = np.maximum(1 - holdings.cost / holdings.value, 0.0)
        character = {member.name: member.tax for each in self.universe.classes for member in each.series}
        by_asset = np.array([gain_rates(character[name], self.rates) for name in holdings.series]).reshape(-1, 2)
        rate = by_asset[holdings.asset, holdings.long_term.astype(int)] * holdings.taxable[holdings.account]
        keys = np.column_stack([holdings.account, holdings.asset, gain * rate])
        alike, which = np.unique(keys, axis=0, return_inverse=True)
        account, asset = alike[:, 0].astype(np.intp), alike[:, 1].astype(np.intp)
        costs = np.array(
            [
                self.policy.rate(*names)
                for names in zip(holdings.symbols, holdings.series, holdings.classes, strict=True)
            ]
        )
        with_cash = np.flatnonzero(holdings.cash)
        counted_as = np.repeat(np.array(self._cash, dtype=np.intp), len(with_cash))
        nothing = np.zeros(len(with_cash))
        return Parcels(
            series=np.concatenate([self._series_of_assets[asset], counted_as]),
            account=np.concatenate([account, with_cash]),
            value=np.concatenate([np.bincount(which.ravel(), holdings.value, len(alike)), holdings.cash[with_cash]]),
            tax=np.concatenate([alike[:, 2], nothing]),
            cost=np.concatenate([costs[asset], nothing]),
            may_stay=np.concatenate([holdings.may_hold[account, asset], nothing == 0]),
        )
