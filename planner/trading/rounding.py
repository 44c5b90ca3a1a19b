"""From the dollars of a program to units and cents that add up."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, isclose
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from planner.trading.tradable import Tradable
    from planner.trading.trades import Trades

    Numbers = NDArray[np.float64]

UNIT_STEPS = 1e8
"""Parts of a unit that may be traded: a bitcoin has a hundred million, brokers' fractional shares fewer. Ours."""

TOLERANCE = 1e-6
"""What a solver's answer may be off, as a part of a unit, a cent or a holding. Ours."""


@dataclass(frozen=True, eq=False)
class Settled:
    """Units ``sold`` of each lot and ``bought`` of each candidate, and ``flows`` by account, in dollars and cents."""

    sold: Numbers
    bought: Numbers
    flows: Numbers


def settled(tradable: Tradable, trades: Trades, free: float = 0.0) -> Settled:
    """Units and cents with which every account pays for what it buys.

    Purchases are rounded down and sales up. What rounding leaves an account short of is taken off a purchase, or moved
    between the taxable accounts over which ``free`` money is spread, or sold.
    """
    books = _Books(tradable, trades, free)
    for account in range(len(tradable.holdings.account_names)):
        books.settle(account)
    return Settled(books.sold, books.bought, books.flows / 100)


def cents(units: float, price: float) -> int:
    """What units come to, in cents."""
    return round(units * price * 100)


def cost_cents(amount: int, rate: float) -> int:
    """What trading an amount in cents costs, in cents."""
    return round(amount * rate)


class _Books:
    """Units sold and bought and the cents in each account, until they agree."""

    def __init__(self, tradable: Tradable, trades: Trades, free: float) -> None:
        self.tradable, self.held = tradable, tradable.holdings
        self.smallest = tradable.policy.minimum_trade
        self.sold = _units_sold(tradable, trades)
        self.bought = _units_bought(tradable, trades)
        self.flows = np.floor(trades.flows * 100 + 0.5).astype(int)
        self.free = round(free * 100)
        if self.free:
            total = self.free + round((trades.flows.sum() - free) * 100)
            spread = int(np.argmax(np.abs(trades.flows) * self.held.taxable))
            self.flows[spread] += total - self.flows.sum()
        accounts, assets = tradable.candidates
        rates, count = tradable.cost_rates, len(self.held.cash)
        after = self.held.cash + trades.flows
        after += np.bincount(tradable.account, trades.sold * (1 - rates[tradable.asset]), minlength=count)
        after -= np.bincount(accounts, trades.bought * (1 + rates[assets]), minlength=count)
        buffer = tradable.policy.cash_buffer
        self.wanted = np.where(after >= buffer - 0.01, round(buffer * 100), 0)

    def settle(self, account: int) -> None:
        """Find what an account is short of."""
        for remedy in (self._buy_less, self._shift, self._sell_more):
            for _ in range(len(self.sold) + len(self.bought) + 1):
                short = self._short(account)
                if short <= 0 or not remedy(account, short):
                    break

    def _short(self, account: int) -> int:
        """Cents that are missing; what is over where negative."""
        rates, prices = self.tradable.cost_rates, self.held.prices
        balance: int = floor(self.held.cash[account] * 100 + TOLERANCE) + int(self.flows[account])
        for lot in np.flatnonzero((self.held.account == account) & (self.sold > 0)):
            asset = self.held.asset[lot]
            amount = cents(self.sold[lot], prices[asset])
            balance += amount - cost_cents(amount, rates[asset])
        for place in self._purchases(account):
            asset = self.tradable.candidates[1][place]
            amount = cents(self.bought[place], prices[asset])
            balance -= amount + cost_cents(amount, rates[asset])
        return int(self.wanted[account]) - balance

    def _purchases(self, account: int) -> Iterator[int]:
        return map(int, np.flatnonzero((self.tradable.candidates[0] == account) & (self.bought > 0)))

    def _shift(self, account: int, short: int) -> bool:
        if not self.free or not self.held.taxable[account]:
            return False
        for other in map(int, np.flatnonzero(self.held.taxable & (self.flows != 0))):
            room = min(short, -self._short(other)) if other != account else 0
            room = min(room, int(self.flows[other]) if self.free > 0 else -int(self.flows[account]))
            if room > 0:
                self.flows[account] += room
                self.flows[other] -= room
                return True
        return False

    def _buy_less(self, account: int, short: int) -> bool:
        """Take it off the largest purchase that stays large enough, of fractional units if there is one."""
        prices, rates = self.held.prices, self.tradable.cost_rates
        choices = []
        for place in self._purchases(account):
            asset = self.tradable.candidates[1][place]
            steps = 1.0 if self.tradable.whole_units[asset] else UNIT_STEPS
            less = ceil((short + 1) / 100 / (1 + rates[asset]) / prices[asset] * steps) / steps
            left = self.bought[place] - less
            kept = left > 0 and left * prices[asset] >= max(self.smallest, 0.01)
            choices.append((kept, steps > 1, left * prices[asset] if steps > 1 else -prices[asset], place, left))
        if not choices:
            return False
        kept, *_, place, left = max(choices)
        self.bought[place] = left if kept else 0.0
        return True

    def _sell_more(self, account: int, short: int) -> bool:
        """Sell more of a lot of which a part is sold, or of what is sold at the least price."""
        tradable, held = self.tradable, self.held
        of_asset = np.bincount(
            held.asset[held.account == account], self.sold[held.account == account], len(held.symbols)
        )
        free = (held.account == account) & (tradable.piece_of_lot >= 0) & (self.sold < held.quantity)
        lots = np.flatnonzero(free)
        if not len(lots):
            return False
        order = np.lexsort((tradable.lot_gain[lots], of_asset[held.asset[lots]] == 0, self.sold[lots] == 0))
        lot = lots[order[0]]
        asset = held.asset[lot]
        steps = 1.0 if tradable.whole_units[asset] else UNIT_STEPS
        more = ceil((short + 1) / 100 / (1 - tradable.cost_rates[asset]) / held.prices[asset] * steps) / steps
        if not of_asset[asset]:
            more = max(more, ceil(self.smallest / held.prices[asset] * steps) / steps)
        self.sold[lot] = min(self.sold[lot] + more, held.quantity[lot])
        return True


def _units_sold(tradable: Tradable, trades: Trades) -> Numbers:
    """Units sold of each lot: nothing where the program left dust, all of it where it left dust of the lot."""
    held, width = tradable.holdings, max(len(tradable.holdings.symbols), 1)
    sold = np.zeros(len(held.value))
    position = tradable.account * width + tradable.asset
    smallest = max(tradable.policy.minimum_trade, 0.01)
    lots_of: dict[int, list[int]] = {}
    for lot, piece in enumerate(tradable.piece_of_lot):
        lots_of.setdefault(int(piece), []).append(lot)
    for key in np.unique(position[trades.sold > 0]):
        pieces = np.flatnonzero((position == key) & (trades.sold > 0))
        asset = int(key % width)
        there = float(held.values[key // width, asset])
        if trades.sold[pieces].sum() < min(smallest, there) / 2:
            continue
        lots, units = [], []
        for piece in pieces:
            part = trades.sold[piece] / tradable.value[piece]
            left = held.quantity[lots_of[int(piece)]].sum() * (1.0 if part > 1 - TOLERANCE else part)
            for lot in lots_of[int(piece)]:
                lots.append(lot)
                units.append(min(left, float(held.quantity[lot])))
                left -= units[-1]
        steps = 1.0 if tradable.whole_units[asset] else UNIT_STEPS
        sold[lots] = _in_steps(np.array(units), held.quantity[lots], steps)
    sold[sold * held.prices[held.asset] < 0.005] = 0.0
    return sold


def _in_steps(units: Numbers, quantity: Numbers, steps: float) -> Numbers:
    """Units of lots whose sum is in whole steps, or all there is; lots sold entirely stay so."""
    whole = units >= quantity * (1 - TOLERANCE)
    sold = np.where(whole, quantity, 0.0)
    if whole.all():
        return sold
    total = units.sum() * steps
    total = round(total) / steps if isclose(total, round(total), abs_tol=0.01) or steps == 1 else ceil(total) / steps
    left = total - sold.sum()
    parts = np.flatnonzero(~whole)
    for number, lot in enumerate(parts):
        later = quantity[parts[number + 1 :]].sum()
        wanted = left if not later else max(round(units[lot] * steps) / steps, left - later)
        sold[lot] = min(max(wanted, 0.0), quantity[lot], left)
        left -= sold[lot]
    return sold


def _units_bought(tradable: Tradable, trades: Trades) -> Numbers:
    _, assets = tradable.candidates
    prices = tradable.holdings.prices[assets]
    smallest = max(tradable.policy.minimum_trade, 0.01)
    whole = tradable.whole_units[assets]
    units = np.where(
        whole, np.floor(trades.bought / prices + 0.001), np.floor(trades.bought / prices * UNIT_STEPS) / UNIT_STEPS
    )
    return np.asarray(np.where(trades.bought < smallest / 2, 0.0, units))
