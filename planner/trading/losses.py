"""Which losses of a household's taxable lots would count today, and what may be bought in their stead."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from planner.household.accounts import Treatment
from planner.household.taxes import is_long_term
from planner.trading.orders import CENT, Term
from planner.trading.tradable import Tradable
from planner.trading.wash_sales import WINDOW, WashSaleRules, character_of, group_of, locked_purchases
from planner.wording import units

if TYPE_CHECKING:
    import datetime as dt

    from planner.household.accounts import Household, Lot
    from planner.market.universe import TaxCharacter
    from planner.trading.holdings import Holdings
    from planner.trading.trading_policy import TradingPolicy


LEAST_LOSS_PER_COST = 10.0
"""A loss ten times what its sale costs pays for the sale and a purchase at a tax rate of a fifth. Ours."""


@dataclass(frozen=True, slots=True)
class LotLoss:
    """A lot in a taxable account that stands at a loss, and what its sale would come to, in currency.

    ``lot`` is its place in the account, ``loss`` what it cost less what it brings after costs. Where ``reason`` is not
    empty the lot is not to be sold today; ``blocked_by`` names the account that bought identical units on
    ``blocked_day``, because of which a loss does not count until ``blocked_until``, that day included.
    ``replacement`` is what is bought instead, and identical assets must not be bought until ``keep_off_until`` in any
    account. ``saved`` is tax of this year, ``carried`` the part of the loss that goes to later years, ``later`` the
    tax on the lower basis at today's long-term rate, ``cost`` that of both trades.
    """

    account: str
    asset: str
    lot: int
    quantity: float
    acquired: dt.date
    term: Term
    value: float
    loss: float
    reason: str = ""
    blocked_by: str | None = None
    blocked_day: dt.date | None = None
    blocked_until: dt.date | None = None
    replacement: str | None = None
    keep_off_until: dt.date | None = None
    saved: float = 0.0
    carried: float = 0.0
    later: float = 0.0
    cost: float = 0.0


@dataclass(frozen=True, eq=False)
class Today:
    """What a household holds today, what trades cost, and which losses the wash-sale rule looks at."""

    holdings: Holdings
    policy: TradingPolicy
    rules: WashSaleRules

    @property
    def household(self) -> Household:
        """The household."""
        return self.holdings.household

    @property
    def day(self) -> dt.date:
        """Day of the sales."""
        return self.holdings.as_of

    @cached_property
    def costs(self) -> dict[str, float]:
        """Cost of a trade by asset, as a part of its amount."""
        rates = Tradable(self.holdings, self.policy).cost_rates
        return dict(zip(self.holdings.symbols, map(float, rates), strict=True))

    @cached_property
    def characters(self) -> dict[str, TaxCharacter]:
        """How each asset is taxed."""
        universe = self.holdings.universe
        return {symbol: character_of(self.household, symbol, universe) for symbol in self.holdings.symbols}

    def group(self, symbol: str) -> str:
        """The word that identical assets have in common."""
        return group_of(self.household, symbol)

    def ruled(self, symbol: str) -> bool:
        """Whether a loss on an asset may be a wash sale today."""
        return self.rules.apply_to(self.characters[symbol], self.day)

    def sale_cost(self, symbol: str, amount: float) -> float:
        """What a sale costs, to the cent."""
        return round(amount * self.costs[symbol], 2)

    def losses(self, minimum: float) -> list[LotLoss]:
        """Every taxable lot whose loss is worth its trades, where those of identical assets come to at least so much.

        Losses are after the costs of selling.
        """
        found = []
        for account in self.household.accounts:
            for place, lot in enumerate(account.holdings):
                if account.kind.treatment is not Treatment.TAXED or lot.acquired is None or lot.unit_cost is None:
                    continue
                value = round(lot.quantity * self.household.prices[lot.asset], 2)
                cost = self.sale_cost(lot.asset, value)
                loss = lot.quantity * lot.unit_cost - (value - cost)
                if loss >= max(LEAST_LOSS_PER_COST * cost, CENT):
                    term = Term.LONG if is_long_term(lot.acquired, self.day) else Term.SHORT
                    found.append(
                        LotLoss(
                            account=account.name,
                            asset=lot.asset,
                            lot=place,
                            quantity=lot.quantity,
                            acquired=lot.acquired,
                            term=term,
                            value=value,
                            loss=loss,
                            cost=cost,
                        )
                    )
        of_group: dict[str, float] = defaultdict(float)
        for one in found:
            of_group[self.group(one.asset)] += one.loss
        return [one for one in found if of_group[self.group(one.asset)] >= minimum]


def blocked(today: Today, found: list[LotLoss]) -> tuple[list[LotLoss], list[LotLoss]]:
    """Losses that would not count, because of a lot bought in the thirty days before that is not sold; and the others.

    Either all lots of a group are blocked or none is: what keeps one from being sold keeps the others too.
    """
    offered = {(one.account, one.lot) for one in found}
    kept: dict[str, tuple[dt.date, str, Lot]] = {}
    for account in today.household.accounts:
        for place, lot in enumerate(account.holdings):
            bought = lot.acquired if lot.bought is None else None
            if bought is not None and bought >= today.day - WINDOW and (account.name, place) not in offered:
                group = today.group(lot.asset)
                if group not in kept or bought > kept[group][0]:
                    kept[group] = bought, account.name, lot
    stay, free = [], []
    for one in found:
        blocker = kept.get(today.group(one.asset)) if today.ruled(one.asset) else None
        if blocker is None:
            free.append(one)
            continue
        bought, account_name, lot = blocker
        until = bought + WINDOW
        reason = (
            f"A loss on {one.asset} does not count until {until}: '{account_name}' bought {units(lot.quantity)} of "
            f"{lot.asset} on {bought}."
        )
        stay.append(
            replace(one, reason=reason, blocked_by=account_name, blocked_day=bought, blocked_until=until, cost=0.0)
        )
    return stay, free


def stand_ins(today: Today, found: list[LotLoss]) -> tuple[list[LotLoss], list[LotLoss]]:
    """Losses on what stands in for something else that is sold, or that such a thing stands in for; and the others.

    Of two assets that replace one another the one with the greater losses is sold.
    """
    assets = today.household.asset_of
    losses: dict[str, float] = defaultdict(float)
    for one in found:
        if today.ruled(one.asset):
            losses[today.group(one.asset)] += one.loss
    wanted = defaultdict(set)
    for one in found:
        replacement = assets[one.asset].replacement
        if replacement is not None and today.group(replacement) != today.group(one.asset):
            wanted[today.group(one.asset)].add(today.group(replacement))
    chosen: list[str] = []
    reasons: dict[str, str] = {}
    for group in sorted(losses, key=lambda group: -losses[group]):
        other = next((name for name in chosen if group in wanted[name] or name in wanted[group]), None)
        if other is None:
            chosen.append(group)
        else:
            reasons[group] = other
    stay = [
        replace(
            one,
            cost=0.0,
            reason=f"{one.asset} is kept: it and {reasons[today.group(one.asset)]}, which is sold at a greater loss, "
            "replace one another.",
        )
        for one in found
        if today.group(one.asset) in reasons and today.ruled(one.asset)
    ]
    kept = {(one.account, one.lot) for one in stay}
    return stay, [one for one in found if (one.account, one.lot) not in kept]


def replaced(today: Today, sold: list[LotLoss]) -> tuple[list[LotLoss], tuple[str, ...]]:
    """The losses with what is bought instead, and sentences on the money for which there is nothing to buy."""
    sold_groups = {today.group(one.asset) for one in sold if today.ruled(one.asset)}
    locked = locked_purchases(today.holdings, today.rules)
    answers: dict[tuple[str, str], tuple[str | None, str]] = {}
    for one in sold:
        if (one.account, one.asset) not in answers:
            answers[one.account, one.asset] = _replacement(today, one, sold_groups, locked)
    until = today.day + WINDOW
    instead = [
        replace(
            one,
            replacement=answers[one.account, one.asset][0],
            keep_off_until=until if today.ruled(one.asset) else None,
        )
        for one in sold
    ]
    notes = tuple(
        f"What {asset} brings in '{account}' stays in cash: {why}."
        for (account, asset), (symbol, why) in answers.items()
        if symbol is None
    )
    return instead, notes


def _replacement(today: Today, one: LotLoss, sold_groups: set[str], locked: frozenset[str]) -> tuple[str | None, str]:
    """What to buy instead of an asset, or why there is nothing."""
    held = today.holdings
    symbol = today.household.asset_of[one.asset].replacement if today.ruled(one.asset) else one.asset
    if symbol is None:
        return None, "no replacement is named for it"
    if symbol not in held.symbols:
        return None, f"its replacement {symbol} has no price"
    if today.ruled(one.asset) and today.group(symbol) == today.group(one.asset):
        return None, f"its replacement {symbol} is substantially identical to it"
    if symbol in locked or today.group(symbol) in sold_groups:
        return None, f"{symbol} was sold at a loss in these thirty days, which its purchase would take back"
    if not held.may_hold[held.account_names.index(one.account), held.symbols.index(symbol)]:
        return None, f"the account may not hold {symbol}"
    return symbol, ""
