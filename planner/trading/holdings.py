"""A household's accounts as one portfolio: every lot as numbers, and what they come to by account, asset and class."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.household.accounts import Treatment
from planner.household.taxes import is_long_term, retirement_rate
from planner.market.universe import BUILT_IN, CASH, Universe

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from planner.household.accounts import Household, Lot
    from planner.policy.targets import Targets

    Numbers = NDArray[np.float64]
    Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Holdings:
    """A household's holdings in a universe, in arrays.

    Lots stand account by account in the household's order: ``account`` and ``asset`` are places in ``account_names``
    and ``symbols``; ``quantity`` is in units, ``cost`` and ``value`` in currency (a lot without a basis costs what it
    is worth), ``long_term`` whether a sale on ``as_of`` is. Cash is kept apart, by account.
    Source: domain.md section 7.
    """

    household: Household
    universe: Universe = BUILT_IN

    def __post_init__(self) -> None:
        known = {*self.universe.series_names, *self.universe.class_names, *self.household.asset_of}
        for symbol, asset in self.household.asset_of.items():
            if asset.series not in self.universe.series_names:
                raise InputError(
                    f"'{symbol}' follows '{asset.series}', which is no series of the universe: name one of "
                    f"{', '.join(self.universe.series_names)}."
                )
        for account in self.household.accounts:
            for name in account.may_hold or ():
                if name not in known:
                    raise InputError(
                        f"'{account.name}' may hold '{name}', which is no asset class, series or asset: check the name."
                    )

    @property
    def as_of(self) -> dt.date:
        """Day of the prices."""
        return self.household.as_of

    @cached_property
    def account_names(self) -> tuple[str, ...]:
        """Names of the accounts, in order."""
        return tuple(account.name for account in self.household.accounts)

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """Every asset with a price, the universe's order first and then the household's."""
        order = {name: place for place, name in enumerate(self.universe.series_names)}
        assets = self.household.asset_of
        priced = [symbol for symbol in assets if symbol in self.household.prices]
        return tuple(sorted(priced, key=lambda symbol: order[assets[symbol].series]))

    @cached_property
    def series(self) -> tuple[str, ...]:
        """The series that each asset follows."""
        return tuple(self.household.asset_of[symbol].series for symbol in self.symbols)

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """The asset class of each asset."""
        return tuple(self.universe.class_of[name] for name in self.series)

    @cached_property
    def prices(self) -> Numbers:
        """Price of each asset."""
        return np.array([self.household.prices[symbol] for symbol in self.symbols], dtype=float)

    @cached_property
    def treatments(self) -> tuple[Treatment, ...]:
        """How each account is taxed."""
        return tuple(account.kind.treatment for account in self.household.accounts)

    @cached_property
    def taxable(self) -> NDArray[np.bool_]:
        """Whether each account is taxed every year."""
        return np.array([treatment is Treatment.TAXED for treatment in self.treatments], dtype=bool)

    @cached_property
    def may_hold(self) -> NDArray[np.bool_]:
        """Whether an account (row) may hold an asset (column)."""
        rows = []
        for account in self.household.accounts:
            allowed = None if account.may_hold is None else set(account.may_hold)
            rows.append(
                [
                    allowed is None or bool(allowed & {symbol, series, class_name})
                    for symbol, series, class_name in zip(self.symbols, self.series, self.classes, strict=True)
                ]
            )
        return np.array(rows, dtype=bool).reshape(len(rows), len(self.symbols))

    @cached_property
    def cash(self) -> Numbers:
        """Cash in each account."""
        return np.array([account.cash for account in self.household.accounts], dtype=float)

    @cached_property
    def account(self) -> Places:
        """Place of each lot's account."""
        counts = [len(account.holdings) for account in self.household.accounts]
        return np.repeat(np.arange(len(counts)), counts)

    @cached_property
    def asset(self) -> Places:
        """Place of each lot's asset."""
        place = {symbol: number for number, symbol in enumerate(self.symbols)}
        return np.array([place[lot.asset] for lot in self._lots], dtype=np.intp)

    @cached_property
    def quantity(self) -> Numbers:
        """Units in each lot."""
        return np.array([lot.quantity for lot in self._lots], dtype=float)

    @cached_property
    def value(self) -> Numbers:
        """What each lot is worth."""
        return self.quantity * self.prices[self.asset]

    @cached_property
    def cost(self) -> Numbers:
        """What each lot cost."""
        costs = np.array([np.nan if lot.unit_cost is None else lot.unit_cost for lot in self._lots], dtype=float)
        return np.where(np.isnan(costs), self.value, self.quantity * costs)

    @cached_property
    def long_term(self) -> NDArray[np.bool_]:
        """Whether a sale of each lot on ``as_of`` is long-term; lots without a day of purchase are."""
        bought = [lot.acquired for lot in self._lots]
        terms = {day: day is None or is_long_term(day, self.as_of) for day in set(bought)}
        return np.array([terms[day] for day in bought], dtype=bool)

    @cached_property
    def _lots(self) -> list[Lot]:
        return [lot for account in self.household.accounts for lot in account.holdings]

    @cached_property
    def values(self) -> Numbers:
        """Value by account (row) and asset (column), cash left out."""
        table = np.zeros((len(self.account_names), len(self.symbols)))
        np.add.at(table, (self.account, self.asset), self.value)
        return table

    @cached_property
    def account_values(self) -> Numbers:
        """What each account is worth, with its cash."""
        return np.asarray(self.values.sum(axis=1) + self.cash)

    @cached_property
    def total(self) -> float:
        """What everything is worth."""
        return float(self.account_values.sum())

    @cached_property
    def table(self) -> pd.DataFrame:
        """Value by asset class (row) and account (column), with cash in the class of that name."""
        return self._by_class(np.ones(len(self.account_names)))

    @cached_property
    def after_tax(self) -> pd.DataFrame:
        """As ``table``, a dollar in a tax-deferred account counted as what is left of it after income tax.

        Gains not yet realised in taxable accounts are counted in full. Source: Reichenstein, after-tax allocation.
        """
        rate = retirement_rate(self.household.taxes, self.as_of.year)
        return self._by_class(
            np.array([1 - rate if treatment is Treatment.DEFERRED else 1.0 for treatment in self.treatments])
        )

    def _by_class(self, factors: Numbers) -> pd.DataFrame:
        names = self.universe.class_names
        if CASH not in names and self.cash.any():
            raise InputError(f"The accounts hold cash, and the universe has no asset class '{CASH}': add it.")
        table = pd.DataFrame(0.0, index=pd.Index(names, name="asset_class"), columns=list(self.account_names))
        for place, name in enumerate(self.classes):
            table.loc[name] += self.values[:, place] * factors
        if CASH in names:
            table.loc[CASH] += self.cash * factors
        return table

    @cached_property
    def weights(self) -> pd.Series[float]:
        """Weight of each asset class in the whole household; zero everywhere where there is nothing."""
        return _shares(self.table)

    @cached_property
    def after_tax_weights(self) -> pd.Series[float]:
        """Weight of each asset class with every dollar counted after tax."""
        return _shares(self.after_tax)

    def drift(self, targets: Targets) -> pd.DataFrame:
        """By asset class: ``weight``, ``target``, ``drift`` (their difference); the band's ``lower`` and ``upper``."""
        bands = [targets.range(name) for name in self.weights.index]
        return pd.DataFrame(
            {
                "weight": self.weights,
                "target": pd.Series(dict(targets.weights))[self.weights.index],
                "lower": [lower for lower, _ in bands],
                "upper": [upper for _, upper in bands],
            }
        ).assign(drift=lambda table: table["weight"] - table["target"])


def total_drift(drift: pd.Series[float]) -> float:
    """Half the sum of absolute differences: the share of the portfolio that is in the wrong class.

    Source: Betterment's definition of portfolio drift, domain.md section 6.
    """
    return float(drift.abs().sum() / 2)


def _shares(table: pd.DataFrame) -> pd.Series[float]:
    by_class = table.sum(axis=1)
    whole = by_class.sum()
    return by_class / whole if whole > 0 else by_class
