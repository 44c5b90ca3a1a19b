"""Wash sales: a loss does not count where the same thing is bought within thirty days before or after the sale."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from planner.errors import InputError
from planner.household.accounts import Sale, Treatment
from planner.market.universe import BUILT_IN, TaxCharacter, Universe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.household.accounts import Household, Lot
    from planner.trading.holdings import Holdings

WINDOW_DAYS = 30
"""Before the sale and as many after it, 61 days in all: 26 USC 1091(a)."""
WINDOW = dt.timedelta(days=WINDOW_DAYS)

DUST = 1e-9
"""Part of a lot that is rounding and no holding."""


@dataclass(frozen=True)
class WashSaleRules:
    """To what the rule applies: securities always; property, which crypto is, from a day on, or not at all when None.

    Source: 26 USC 1091 speaks of stock and securities; IRS Notice 2014-21 calls virtual currency property.
    """

    property_from: dt.date | None = None

    def apply_to(self, character: TaxCharacter, day: dt.date) -> bool:
        """Whether a loss on a sale of that day may be a wash sale."""
        if character is TaxCharacter.PROPERTY:
            return self.property_from is not None and day >= self.property_from
        return True


@dataclass(frozen=True, slots=True)
class Purchase:
    """Units bought on one day, that no other loss was matched with yet.

    ``gets_basis`` is False where nothing is taxed on a sale: there the loss that is disallowed is lost.
    """

    day: dt.date
    quantity: float
    unit_cost: float | None
    gets_basis: bool = True


@dataclass(frozen=True, slots=True)
class Replacement:
    """Units bought in the place of others that were sold at a loss, and what becomes of them.

    ``purchase`` is their place among the purchases, ``disallowed`` the loss in currency that they take back;
    ``unit_cost`` and ``acquired`` are the basis of a unit and the day that the holding period is counted from.
    """

    purchase: int
    quantity: float
    disallowed: float
    unit_cost: float | None
    acquired: dt.date


def group_of(household: Household, symbol: str) -> str:
    """The word that substantially identical assets have in common: their ``identical``, or the asset's own symbol."""
    asset = household.asset_of.get(symbol)
    return symbol if asset is None else asset.identical or symbol


def character_of(household: Household, symbol: str, universe: Universe = BUILT_IN) -> TaxCharacter:
    """How an asset is taxed, by the series that it follows; InputError where the universe lacks that."""
    asset = household.asset_of.get(symbol)
    name = symbol if asset is None else asset.series
    for asset_class in universe.classes:
        for member in asset_class.series:
            if member.name == name:
                return member.tax
    raise InputError(
        f"'{symbol}' follows '{name}', which is no series of the universe: describe it among the household's assets, "
        f"with a series out of {', '.join(universe.series_names)}."
    )


def locked_sales(holdings: Holdings, rules: WashSaleRules | None = None) -> frozenset[str]:
    """Assets whose sale at a loss today would be a wash sale: identical ones were bought in the thirty days before.

    Purchases in every account count, but for those that stand in for an earlier loss already.
    """
    household, day, rules = holdings.household, holdings.as_of, rules or WashSaleRules()
    bought = {
        group_of(household, lot.asset)
        for account in household.accounts
        for lot in account.holdings
        if lot.acquired is not None and lot.bought is None and lot.acquired >= day - WINDOW
    }
    return frozenset(
        symbol
        for symbol in holdings.symbols
        if group_of(household, symbol) in bought
        and rules.apply_to(character_of(household, symbol, holdings.universe), day)
    )


def locked_purchases(holdings: Holdings, rules: WashSaleRules | None = None) -> frozenset[str]:
    """Assets that no account must buy today: identical ones were sold at a loss in the thirty days before.

    A loss that is disallowed in full already can lose no more and locks nothing.
    """
    household, day, rules = holdings.household, holdings.as_of, rules or WashSaleRules()
    group = {symbol: group_of(household, symbol) for symbol in holdings.symbols}
    words = set(group.values())
    sold = set()
    for sale in household.sales:
        if day - WINDOW <= sale.sold <= day and open_units(sale) > 0:
            word = group_of(household, sale.asset)
            if word in words and rules.apply_to(character_of(household, sale.asset, holdings.universe), sale.sold):
                sold.add(word)
    return frozenset(symbol for symbol, word in group.items() if word in sold)


def open_units(sale: Sale) -> float:
    """Units sold at a loss that no purchase was matched with yet; none of a sale without a loss."""
    loss = sale.unit_cost - sale.unit_price
    units = sale.quantity - sale.disallowed / loss if loss > 0 else 0.0
    return units if units > DUST * sale.quantity else 0.0


def replacements(sale: Sale, purchases: Sequence[Purchase]) -> tuple[Replacement, ...]:
    """Which purchases take the loss of a sale back, how much of it, and what basis they get.

    Units bought in the window stand in for units sold one for one, in the order of purchase (26 CFR 1.1091-1(c), (d)),
    each once. The loss on a unit is added to the basis of the unit in its place (26 USC 1091(d)), whose holding period
    includes that of the unit sold (26 USC 1223(3)). In a retirement account the loss is gone (Rev. Rul. 2008-5).
    """
    left, loss = open_units(sale), sale.unit_cost - sale.unit_price
    found = []
    for place in sorted(range(len(purchases)), key=lambda place: purchases[place].day):
        bought = purchases[place]
        if left <= DUST * sale.quantity:
            break
        if abs(bought.day - sale.sold) > WINDOW:
            continue
        units = bought.quantity if bought.quantity <= left * (1 + DUST) else left
        left -= units
        unit_cost, acquired = bought.unit_cost, bought.day
        if bought.gets_basis and unit_cost is not None:
            unit_cost, acquired = unit_cost + loss, sale.acquired + (bought.day - sale.sold)
        found.append(Replacement(place, units, units * loss, unit_cost, acquired))
    return tuple(found)


def with_wash_sales(
    household: Household,
    rules: WashSaleRules | None = None,
    universe: Universe = BUILT_IN,
    since: dt.date | None = None,
) -> Household:
    """The household with the wash sales among its sales and lots set right, as far as both are known.

    Sales at a loss are taken in the order of their days, those of one day by that of purchase, and matched with what
    any account bought of identical assets, holds at the end of that day or buys later: ``disallowed`` rises, and of
    the units in their place basis and holding period change and ``bought`` keeps the day of purchase. What is left of
    the lot that was sold stands in for nothing (Rev. Rul. 56-602). With ``since`` only pairs of a sale and a purchase
    are looked at of which one is of that day or later. What is set right already does not change.
    """
    rules = rules or WashSaleRules()
    lots = [
        [_Bought(account.name, account.kind.treatment is Treatment.TAXED, [lot]) for lot in account.holdings]
        for account in household.accounts
    ]
    sales = [_Bought(sale.account, True, [sale]) for sale in household.sales]
    groups = _Groups(household, [*chain(*lots), *sales])
    order = sorted(zip(household.sales, sales, strict=True), key=lambda pair: (pair[0].sold, pair[0].acquired))
    for _, sold in order:
        for place, sale in enumerate(sold.pieces):
            if isinstance(sale, Sale) and open_units(sale) > 0:
                candidates = groups.candidates(sale, since)
                if candidates and rules.apply_to(character_of(household, sale.asset, universe), sale.sold):
                    sold.pieces[place] = _matched(sale, candidates)
    after = _all(sales)
    if after == household.sales:
        return household
    accounts = []
    for account, of_account in zip(household.accounts, lots, strict=True):
        holdings = _all(of_account)
        accounts.append(account if holdings == account.holdings else account.with_changes(holdings=holdings))
    return household.with_changes(accounts=tuple(accounts), sales=after)


@dataclass(slots=True)
class _Bought:
    """What was bought as one, a lot or what was sold of one, in pieces; the last may still stand in for others."""

    account: str
    gets_basis: bool
    pieces: list[Lot | Sale]

    @property
    def last(self) -> Lot | Sale:
        return self.pieces[-1]

    def take(self, replacement: Replacement) -> None:
        """Set units of the last piece apart, as a replacement."""
        whole = self.pieces.pop()
        part = replacement.quantity / whole.quantity
        own = {"quantity": replacement.quantity, "unit_cost": replacement.unit_cost, "acquired": replacement.acquired}
        self.pieces.append(whole.with_changes(**own, **_share(whole, part), bought=whole.acquired))
        if part < 1 - DUST:
            rest = whole.quantity - replacement.quantity
            self.pieces.append(whole.with_changes(quantity=rest, **_share(whole, 1 - part)))


def _share(whole: Lot | Sale, part: float) -> dict[str, float]:
    return {"disallowed": whole.disallowed * part} if isinstance(whole, Sale) else {}


@dataclass(slots=True)
class _Groups:
    """Everything bought, by group of identical assets and in the order of purchase."""

    household: Household
    everything: list[_Bought]
    by_group: dict[str, list[tuple[dt.date, _Bought]]] = field(init=False)

    def __post_init__(self) -> None:
        self.by_group = defaultdict(list)
        for bought in self.everything:
            if bought.last.acquired is not None and bought.last.bought is None:
                group = group_of(self.household, bought.last.asset)
                self.by_group[group].append((bought.last.acquired, bought))
        for of_group in self.by_group.values():
            of_group.sort(key=_day)

    def candidates(self, sale: Sale, since: dt.date | None) -> list[_Bought]:
        """What may stand in for units sold: bought in the window, not matched yet, and held when the day was over."""
        of_group = self.by_group.get(group_of(self.household, sale.asset), [])
        first, last = sale.sold - WINDOW, sale.sold + WINDOW
        if since is not None and sale.sold < since:
            first = max(first, since)
        near = of_group[bisect_left(of_group, first, key=_day) : bisect_right(of_group, last, key=_day)]
        return [bought for _, bought in near if bought.last.bought is None and not _gone(bought, sale)]


def _day(pair: tuple[dt.date, _Bought]) -> dt.date:
    return pair[0]


def _gone(bought: _Bought, sale: Sale) -> bool:
    """Whether units were sold by the end of the day of the sale, or are what is left of the lot that it sold from."""
    last = bought.last
    if isinstance(last, Sale) and last.sold <= sale.sold:
        return True
    together = (bought.account, last.asset, last.acquired) == (sale.account, sale.asset, sale.bought or sale.acquired)
    return together and (sale.bought is not None or last.unit_cost == sale.unit_cost)


def _matched(sale: Sale, candidates: list[_Bought]) -> Sale:
    """The sale with what is disallowed of its loss; the candidates take it over."""
    purchases = [
        Purchase(bought.last.acquired or sale.sold, bought.last.quantity, bought.last.unit_cost, bought.gets_basis)
        for bought in candidates
    ]
    found = replacements(sale, purchases)
    for replacement in found:
        candidates[replacement.purchase].take(replacement)
    disallowed = sale.disallowed + sum(replacement.disallowed for replacement in found)
    return sale.with_changes(disallowed=min(disallowed, -sale.gain))


def _all(of_account: list[_Bought]) -> tuple[Lot | Sale, ...]:
    return tuple(piece for bought in of_account for piece in bought.pieces)
