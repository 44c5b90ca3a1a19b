"""Which part of the targets has no room in the accounts that may hold it, and which account would have to take it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from planner.optimise.phrases import listed
from planner.trading.location_reasons import NOTHING, group_label, quoted
from planner.wording import money

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.household.accounts import Household
    from planner.trading.location_costs import LocationCosts, Numbers


@dataclass(frozen=True)
class Shortage:
    """Series of which more is wanted than fits into the accounts that may hold them.

    ``wanted`` and ``room`` (the value of those ``accounts``, the most that can be placed) are in currency. Each of the
    ``remedies`` is an account that would end the shortage if it might hold the series too.
    """

    label: str
    series: tuple[str, ...]
    wanted: float
    room: float
    accounts: tuple[str, ...]
    remedies: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What does not fit and what would help."""
        if self.accounts:
            where = (
                f"what may hold it, {quoted(self.accounts)}, has room for {money(self.room)}, which is "
                f"{money(self.wanted - self.room)} too little"
            )
        else:
            where = "no account may hold it"
        if self.remedies:
            way = f"It would fit if {quoted(self.remedies, 'or')} might hold it."
        else:
            way = "No single account would be enough: let several more hold it, or lower the target."
        return f"{self.label}: {money(self.wanted)} is wanted, and {where}. {way}"


def shortages(
    costs: LocationCosts, wanted: Numbers, placed: Numbers, smallest_deviation: Callable[[Household], float]
) -> tuple[Shortage, ...]:
    """The shortages behind a placement with the smallest possible deviation, independent of each other.

    ``wanted`` (by series) and ``placed`` (by series and account) are in currency; ``smallest_deviation`` gives the
    currency off target in a household with other permissions. A shortage is a set of series that fill all accounts
    that may hold them: with Hall's theorem for a transport problem, what is short is what is wanted of such a set less
    the value of those accounts.
    """
    groups: list[set[int]] = []
    for start in np.flatnonzero(wanted - placed.sum(axis=1) > NOTHING):
        reached = _reached(int(start), costs, placed)
        joined = [group for group in groups if group & reached]
        groups = [group for group in groups if not group & reached] + [reached.union(*joined)]
    off = smallest_deviation(costs.holdings.household)
    return tuple(_shortage(sorted(group), costs, wanted, off, smallest_deviation) for group in groups)


def _reached(start: int, costs: LocationCosts, placed: Numbers) -> set[int]:
    """Series that could make room for one that is short, if they themselves had somewhere else to go."""
    reached, new = {start}, {start}
    while new:
        accounts = costs.allowed[sorted(new)].any(axis=0)
        held = np.flatnonzero((placed[:, accounts] > NOTHING).any(axis=1))
        new = set(held.tolist()) - reached
        reached |= new
    return reached


def _shortage(
    group: list[int],
    costs: LocationCosts,
    wanted: Numbers,
    off: float,
    smallest_deviation: Callable[[Household], float],
) -> Shortage:
    holdings = costs.holdings
    group = [place for place in group if wanted[place] > NOTHING]
    may = costs.allowed[group].any(axis=0) & (holdings.account_values > NOTHING)
    room = float(holdings.account_values[may].sum())
    short = float(wanted[group].sum()) - room
    names = tuple(costs.universe.series_names[place] for place in group)

    def helps(place: int) -> bool:
        return smallest_deviation(_allowing(holdings.household, place, names)) <= off - short + NOTHING

    large = np.flatnonzero(~may & (holdings.account_values >= short - NOTHING))
    return Shortage(
        label=listed(group_label(costs.universe, names)),
        series=names,
        wanted=float(wanted[group].sum()),
        room=room,
        accounts=tuple(name for name, allowed in zip(holdings.account_names, may, strict=True) if allowed),
        remedies=tuple(holdings.account_names[place] for place in large if helps(int(place))),
    )


def _allowing(household: Household, place: int, names: tuple[str, ...]) -> Household:
    account = household.accounts[place]
    changed = account.with_changes(may_hold=(*(account.may_hold or ()), *names))
    return household.with_changes(accounts=(*household.accounts[:place], changed, *household.accounts[place + 1 :]))
