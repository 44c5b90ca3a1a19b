"""What a household may trade today, and what each dollar of it costs besides tax."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.household.taxes import marginal_rates
from planner.market.universe import TaxCharacter
from planner.trading.tax_drag import yearly_drag
from planner.trading.trading_policy import TradingPolicy
from planner.trading.wash_sales import WashSaleRules, group_of, locked_purchases, locked_sales

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from planner.market.universe import Series
    from planner.trading.holdings import Holdings

    Numbers = NDArray[np.float64]
    Places = NDArray[np.intp]
    Flags = NDArray[np.bool_]

SALE_PRICE = 1e-4
"""A basis point for each dollar sold in a taxable account, two where it realises a long-term gain and three a
short-term one: what is free of tax is still sold in the order of domain.md section 6. Ours."""

TRADE_PRICE = 1e-5
"""A tenth of a basis point for each dollar traded anywhere, so that nothing is traded for nothing; as much again for
each dollar of an asset that the household does not hold, where it holds another of the same series. Ours."""


GAIN_STEPS = 1_000
"""Neighbours are at first lots whose gain differs by less than a tenth of a cent a dollar. Ours."""

ROUNDING_ROOM = 0.05
"""Dollars by which a planned order is above the smallest trade, of which rounding to cents may take a part. Ours."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """What may be sold, piece by piece: places of ``account`` and ``asset``, ``value`` in dollars, and by dollar sold
    the ``gain``, whether it is ``long_term``, and the ``price`` of selling besides its tax.
    """

    account: Places
    asset: Places
    value: Numbers
    gain: Numbers
    long_term: Flags
    price: Numbers

    def merged(self, most: int) -> Pieces:
        """About ``most`` pieces, each of neighbours in gain of one account, asset, term and sign."""
        if len(self.value) <= most:
            return self
        width = 1.0 / GAIN_STEPS
        while True:
            bins = np.floor(self.gain / width).astype(int)
            keys = np.stack([self.account, self.asset, self.long_term, self.gain < 0, bins])
            _, first, place = np.unique(keys, axis=1, return_index=True, return_inverse=True)
            if len(first) <= most or width > 1:
                break
            width *= 2
        place = place.ravel()
        value = np.bincount(place, self.value).astype(float)
        return Pieces(
            account=self.account[first],
            asset=self.asset[first],
            value=value,
            gain=np.bincount(place, self.value * self.gain) / value,
            long_term=self.long_term[first],
            price=self.price[first],
        )


@dataclass(frozen=True, eq=False)
class Tradable:
    """A household's possible trades.

    Sales are in ``pieces``: a lot of a taxable account, or all lots of one asset in another account, in which nothing
    is taxed. ``account`` and ``asset`` of a piece are places in the holdings, ``value`` is in dollars, ``gain`` in
    dollars for each dollar sold, after costs. Purchases are in ``candidates``, pairs of account and asset.
    """

    holdings: Holdings
    policy: TradingPolicy = field(default_factory=TradingPolicy)
    wash_sales: WashSaleRules = field(default_factory=WashSaleRules)

    @cached_property
    def cost_rates(self) -> Numbers:
        """Cost of a trade by asset, as a part of its amount: the asset's own, its series', its class's, or any's."""
        held = self.holdings
        names = zip(held.symbols, held.series, held.classes, strict=True)
        return np.array([self.policy.rate(*of_asset) for of_asset in names], dtype=float)

    @cached_property
    def lot_gain(self) -> Numbers:
        """Gain on each lot for a dollar of it sold, after costs; 0 outside taxable accounts."""
        held = self.holdings
        gain = 1 - self.cost_rates[held.asset] - held.cost / held.value
        return np.where(held.taxable[held.account], gain, 0.0)

    @cached_property
    def blocked(self) -> Flags:
        """Lots with a loss that the tax office would not count: an identical asset was bought within thirty days."""
        locked = locked_sales(self.holdings, self.wash_sales)
        of_locked = np.array([symbol in locked for symbol in self.holdings.symbols], dtype=bool)
        return np.asarray((self.lot_gain < 0) & of_locked[self.holdings.asset])

    @cached_property
    def piece_of_lot(self) -> Places:
        """The piece of each lot; -1 for a blocked one."""
        held = self.holdings
        position = held.account * len(held.symbols) + held.asset
        keys = np.where(held.taxable[held.account], np.arange(len(position)) + held.values.size, position)
        keys[self.blocked] = -1
        distinct, pieces = np.unique(keys, return_inverse=True)
        return np.asarray(pieces - (1 if len(distinct) and distinct[0] == -1 else 0), dtype=np.intp)

    @cached_property
    def _first_lot(self) -> Places:
        numbers, first = np.unique(self.piece_of_lot, return_index=True)
        return np.asarray(first[numbers >= 0], dtype=np.intp)

    @cached_property
    def value(self) -> Numbers:
        """What each piece is worth."""
        free = self.piece_of_lot >= 0
        values = np.bincount(self.piece_of_lot[free], self.holdings.value[free], minlength=len(self._first_lot))
        return values.astype(float)

    @cached_property
    def account(self) -> Places:
        """The account of each piece."""
        return self.holdings.account[self._first_lot]

    @cached_property
    def asset(self) -> Places:
        """The asset of each piece."""
        return self.holdings.asset[self._first_lot]

    @cached_property
    def gain(self) -> Numbers:
        """Gain for each dollar sold."""
        return self.lot_gain[self._first_lot]

    @cached_property
    def long_term(self) -> Flags:
        """Whether a sale of each piece is long-term."""
        return self.holdings.long_term[self._first_lot]

    @cached_property
    def sale_price(self) -> Numbers:
        """What a dollar sold of each piece counts besides its tax: the cost of the trade and the place in the order."""
        place = np.where(self.gain <= 0, 1, np.where(self.long_term, 2, 3)) * self.holdings.taxable[self.account]
        return self.cost_rates[self.asset] + TRADE_PRICE + SALE_PRICE * place

    @cached_property
    def pieces(self) -> Pieces:
        """All pieces."""
        return Pieces(self.account, self.asset, self.value, self.gain, self.long_term, self.sale_price)

    @cached_property
    def collectible(self) -> Flags:
        """Whether each asset is a collectible."""
        return np.array([series.tax is TaxCharacter.COLLECTIBLE for series in self._series], dtype=bool)

    @cached_property
    def whole_units(self) -> Flags:
        """Whether each asset is traded in whole units."""
        assets = self.holdings.household.asset_of
        return np.array([assets[symbol].whole_units for symbol in self.holdings.symbols], dtype=bool)

    @cached_property
    def orders_in_units(self) -> int:
        """How many orders there could be in whole units."""
        positions = {(int(account), int(asset)) for account, asset in zip(self.account, self.asset, strict=True)}
        return int(sum(self.whole_units[asset] for _, asset in positions) + self.whole_units[self.candidates[1]].sum())

    @cached_property
    def group(self) -> Places:
        """The group of identical securities of each asset; -1 where the wash-sale rule does not apply."""
        household, day = self.holdings.household, self.holdings.as_of
        words = [
            group_of(household, symbol) if self.wash_sales.apply_to(series.tax, day) else ""
            for symbol, series in zip(self.holdings.symbols, self._series, strict=True)
        ]
        numbers = {word: number for number, word in enumerate(sorted({*words} - {""}))}
        return np.array([numbers.get(word, -1) for word in words], dtype=np.intp)

    @cached_property
    def candidates(self) -> tuple[Places, Places]:
        """Accounts and assets of the possible purchases: what the account may hold, and no wash sale comes back by.

        An asset that follows a series without a share in its class, such as a coin beside a sleeve of indices, is not
        bought where the household knows an asset that follows one with a share.
        """
        locked = locked_purchases(self.holdings, self.wash_sales)
        wanted = np.array([series.share > 0 for series in self._series], dtype=bool)
        followed = {name for name, asked in zip(self.holdings.classes, wanted, strict=True) if asked}
        instead = np.array([name in followed for name in self.holdings.classes], dtype=bool)
        free = np.array([symbol not in locked for symbol in self.holdings.symbols], dtype=bool)
        accounts, assets = np.nonzero(self.holdings.may_hold & free & (wanted | ~instead))
        return accounts, assets

    @cached_property
    def purchase_price(self) -> Numbers:
        """What a dollar bought of each candidate counts: the cost of the trade, and a year of the class's tax drag.

        The drag is that of the asset's class, so that it decides where a class is bought and never which of its series.
        """
        accounts, assets = self.candidates
        held = self.holdings
        owned = held.values.sum(axis=0) > 0
        series_owned = {held.series[place] for place in np.flatnonzero(owned)}
        newcomer = np.array(
            [not owns and series in series_owned for owns, series in zip(owned, held.series, strict=True)], dtype=bool
        )
        price = self.cost_rates[assets] + TRADE_PRICE * (1 + newcomer[assets])
        return np.asarray(price + self._drag[accounts, assets])

    @cached_property
    def _drag(self) -> Numbers:
        held = self.holdings
        by_series = yearly_drag(held.universe, marginal_rates(held.household.taxes, held.as_of.year))
        shares = pd.Series({member.name: member.share for kind in held.universe.classes for member in kind.series})
        by_class = by_series.mul(shares, axis=0).groupby(pd.Series(held.universe.class_of)).sum()
        columns = [str(treatment) for treatment in held.treatments]
        return by_class.loc[list(held.classes), columns].to_numpy(dtype=float).T

    @cached_property
    def _series(self) -> list[Series]:
        universe = self.holdings.universe
        members = {member.name: member for kind in universe.classes for member in kind.series}
        return [members[name] for name in self.holdings.series]

    @property
    def smallest_order(self) -> float:
        """Dollars that an order comes to at least, unless it sells all there is."""
        return self.policy.minimum_trade + ROUNDING_ROOM if self.policy.minimum_trade else 0.0

    @cached_property
    def payable(self) -> Numbers:
        """What each account can pay out, to the cent: its cash, and all it may sell after the costs of selling."""
        held, width = self.holdings, len(self.holdings.symbols)
        amounts = np.round(held.value * 100)
        proceeds = amounts - np.round(amounts * self.cost_rates[held.asset])
        position = held.account * width + held.asset
        size = len(held.cash) * width
        of_blocked = np.bincount(position, self.blocked, size) > 0
        free = np.bincount(position, np.where(self.blocked, 0.0, proceeds), size)
        too_small = of_blocked & (free < 100 * self.smallest_order)
        in_part = of_blocked & np.tile(self.whole_units, len(held.cash))
        free = np.where(too_small, 0.0, free - np.where(in_part, 100 * np.tile(held.prices, len(held.cash)), 0.0))
        by_account = np.maximum(free, 0.0).reshape(len(held.cash), width).sum(axis=1)
        return np.asarray((np.floor(held.cash * 100 + 1e-6) + by_account) / 100)
