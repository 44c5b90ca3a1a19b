"""Which lots a sale comes from, and what gain that makes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import fsum
from typing import TYPE_CHECKING

from planner.errors import InputError
from planner.household.taxes import is_long_term
from planner.trading.orders import Term
from planner.trading.wash_sales import DUST

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from planner.household.accounts import Lot


class LotChoice(StrEnum):
    """How the lots of a sale are chosen.

    First in, first out is the law where nothing else is said (26 CFR 1.1012-1(c)), for digital assets wallet by wallet
    (Rev. Proc. 2024-28). Lots must be named by the time of the sale. Average basis is for shares of funds.
    """

    FIFO = "first in, first out"
    NAMED = "named lots"
    AVERAGE = "average basis"


@dataclass(frozen=True, slots=True)
class Piece:
    """Units sold out of one lot: ``place`` among the lots given, gain in currency."""

    place: int
    quantity: float
    unit_cost: float
    acquired: dt.date
    gain: float
    term: Term

    @property
    def basis(self) -> float:
        """What the units cost."""
        return self.quantity * self.unit_cost


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale out of several lots: its pieces in the order they are taken, and the lots that are left."""

    pieces: tuple[Piece, ...]
    left: tuple[Lot, ...]

    @property
    def basis(self) -> float:
        """What the units sold cost."""
        return fsum(piece.basis for piece in self.pieces)

    @property
    def gain(self) -> float:
        """Gain, or loss where negative."""
        return fsum(piece.gain for piece in self.pieces)


def sell(
    lots: Sequence[Lot],
    quantity: float,
    choice: LotChoice = LotChoice.FIFO,
    named: Sequence[int] = (),
    *,
    unit_price: float,
    day: dt.date,
) -> Sold:
    """Sell units out of the lots of one asset in one account, at a price per unit after costs.

    ``named`` are the places of the lots to take from, in order. With average basis the units sold and the units left
    all cost the average, and those held longest are taken first (IRS Pub. 564, 26 CFR 1.1012-1(e)).
    InputError where the lots are of several assets, lack a cost or a day, or do not hold that much.
    """
    places = _order(lots, choice, named, day)
    held = fsum(lots[place].quantity for place in places)
    if not 0 < quantity <= held * (1 + DUST):
        raise InputError(f"{quantity:g} units cannot be sold out of {held:g}: sell more than 0 and at most these.")
    costs = [lot.unit_cost or 0.0 for lot in lots]
    if choice is LotChoice.AVERAGE:
        average = fsum(lot.quantity * cost for lot, cost in zip(lots, costs, strict=True)) / held
        costs = [average] * len(lots)
    rest, wanted = [lot.quantity for lot in lots], quantity
    pieces = []
    for place in places:
        lot = lots[place]
        if wanted <= DUST * quantity or lot.acquired is None:
            break
        units = lot.quantity if lot.quantity <= wanted * (1 + DUST) else wanted
        wanted, rest[place] = wanted - units, lot.quantity - units
        term = Term.LONG if is_long_term(lot.acquired, day) else Term.SHORT
        pieces.append(Piece(place, units, costs[place], lot.acquired, units * (unit_price - costs[place]), term))
    left = [
        lot.with_changes(quantity=units, unit_cost=cost)
        for lot, units, cost in zip(lots, rest, costs, strict=True)
        if units > 0
    ]
    return Sold(tuple(pieces), tuple(left))


def _order(lots: Sequence[Lot], choice: LotChoice, named: Sequence[int], day: dt.date) -> list[int]:
    """Places of the lots in the order they are sold from."""
    assets = sorted({lot.asset for lot in lots})
    if len(assets) > 1:
        raise InputError(f"These lots are of {', '.join(assets)}: sell one asset at a time.")
    days: dict[int, dt.date] = {}
    for place, lot in enumerate(lots):
        bought = lot.bought or lot.acquired
        if bought is None or lot.unit_cost is None:
            raise InputError(f"Lot {place + 1} of {lot.asset} lacks a cost or a day of purchase: its gain is unknown.")
        if bought > day:
            raise InputError(f"Lot {place + 1} of {lot.asset} was bought on {bought}, after the sale on {day}.")
        days[place] = bought
    if choice is not LotChoice.NAMED:
        if named:
            raise InputError(f"Lots are named, and the choice is '{choice}': choose '{LotChoice.NAMED}'.")
        return sorted(days, key=days.__getitem__)
    wrong = [place for place in named if place not in days]
    if wrong or not named or len(set(named)) < len(named):
        raise InputError(f"Name each lot once, by its place from 0 to {len(lots) - 1}, not {list(named)}.")
    return list(named)
