"""Why a placement is as it is, in sentences that follow from its numbers."""

from __future__ import annotations

from math import isinf
from typing import TYPE_CHECKING

import numpy as np

from planner.market.universe import TaxCharacter
from planner.optimise.phrases import listed
from planner.trading.location_rules import Placement
from planner.wording import count, money, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from planner.market.universe import Universe
    from planner.trading.location_costs import Numbers
    from planner.trading.location_result import Location

    Chosen = NDArray[np.bool_]

NOTHING = 0.005
"""Half a cent: smaller amounts are not there."""

NO_DRAG = 5e-7
"""A yearly cost that would be shown as 0 %."""

MOST_OF_IT = 0.99
"""From this part on a cost is said to come from one cause alone."""

_DISTRIBUTIONS = {
    TaxCharacter.ORDINARY_INTEREST: "its interest",
    TaxCharacter.QUALIFIED_DIVIDENDS: "its dividends",
    TaxCharacter.REIT_DIVIDENDS: "its dividends",
}


def quoted(names: Sequence[str], word: str = "and") -> str:
    """Names of accounts, which may hold commas, in a row."""
    return listed([f"'{name}'" for name in names], word)


def group_label(universe: Universe, names: Sequence[str]) -> list[str]:
    """Labels of series, those of a class together where all of it is meant."""
    labels = []
    for asset_class in universe.classes:
        meant = [member for member in asset_class.series if member.name in names]
        if len(meant) == len(asset_class.series):
            labels.append(asset_class.label)
        else:
            labels += [member.label for member in meant]
    return labels


def whereabouts(amounts: Numbers, accounts: Sequence[str]) -> str:
    """Where something lies: 'Ann, Roth IRA' where it is one account, with its part in percent where it is several."""
    there = np.flatnonzero(amounts > NOTHING).tolist()
    if len(there) <= 1:
        return quoted([accounts[place] for place in there]) if there else "nowhere"
    total = amounts.sum()
    return listed([f"'{accounts[place]}' ({percent(amounts[place] / total, 0)})" for place in there])


def reasons(location: Location) -> tuple[str, ...]:
    """What the placement saves, and for each class where it goes and why; for each series where its class is split."""
    taxable, worth = location.costs.holdings.taxable, location.costs.holdings.account_values > NOTHING
    said = [_summary(location)]
    if location.off_target > NOTHING:
        said.append(
            f"{money(location.off_target)} ({percent(location.off_target / location.costs.holdings.total, 2)}) is left "
            "off target, where the accounts have no room for it or a better fit costs more than its price."
        )
    if not (worth & taxable).any():
        return (*said, "No account is taxed every year: which of them holds what changes no yearly tax.")
    if not (worth & ~taxable).any():
        return (*said, "Every account is taxed every year: which of them holds what changes no yearly tax.")
    even = location.costs.yearly_tax(location.placements[Placement.PRO_RATA]) / location.costs.holdings.total
    said.append(f"The same mix in every account would cost {_a_year(even)}, as far as the accounts may hold it.")
    return (*said, *(_Group(location, chosen).sentence for chosen in _groups(location)))


def _summary(location: Location) -> str:
    if np.abs(location.placed - location.costs.kept).max() <= NOTHING:
        return f"Everything stays where it is, and taxes take {_a_year(location.drag_after)}."
    total = location.costs.holdings.total
    saved = (location.drag_before - location.drag_after) * total
    change = f"{money(saved)} a year less" if saved >= 0 else f"{money(-saved)} a year more"
    once = location.moving_tax + location.moving_cost
    said = (
        f"Taxes take {percent(location.drag_after, 2)} of the household's value a year instead of "
        f"{percent(location.drag_before, 2)}, {change}. Getting there costs {money(location.moving_tax)} of tax and "
        f"{money(location.moving_cost)} of trading costs once"
    )
    if once <= NOTHING:
        return f"{said}."
    if isinf(location.years_to_pay_back):
        return f"{said}, which the targets ask for and lower taxes do not pay back."
    return f"{said}, paid back in {count(location.years_to_pay_back, 'year')}."


def _groups(location: Location) -> list[Chosen]:
    """Series of a class together; one by one where some of the class is in taxable accounts and some is not."""
    placed, taxable, universe = location.placed, location.costs.holdings.taxable, location.costs.universe
    held = placed.sum(axis=1) > NOTHING
    groups: list[Chosen] = []
    for name in universe.class_names:
        chosen = held & np.array([universe.class_of[series] == name for series in universe.series_names])
        if (placed[chosen][:, taxable].sum() > NOTHING) and (placed[chosen][:, ~taxable].sum() > NOTHING):
            groups += [np.arange(len(held)) == place for place in np.flatnonzero(chosen)]
        elif chosen.any():
            groups.append(chosen)
    return groups


class _Group:
    """Series that are explained together, of which there is something."""

    def __init__(self, location: Location, chosen: Chosen) -> None:
        self.location, self.costs, self.chosen = location, location.costs, chosen
        self.taxable = self.costs.holdings.taxable
        by_series = location.placed[chosen]
        self.by_account = by_series.sum(axis=0)
        self.taxed = float(self.by_account[self.taxable].sum())
        self.parts = by_series.sum(axis=1) / by_series.sum() @ self.costs.parts[chosen].to_numpy()
        self.drag = float(self.parts.sum())

    @property
    def sentence(self) -> str:
        """Where it goes, and why."""
        universe = self.costs.universe
        names = [name for name, meant in zip(universe.series_names, self.chosen, strict=True) if meant]
        label = listed(group_label(universe, names))
        return f"{label}: {whereabouts(self.by_account, self.costs.holdings.account_names)}. {self._why()}"

    def _why(self) -> str:
        if self.drag < NO_DRAG:
            return "It costs no tax a year in any account."
        if self.taxed > NOTHING:
            return f"In a taxable account taxes take {_a_year(self.drag)}, and {self._why_taxed()}."
        if self.parts.max() >= MOST_OF_IT * self.drag:
            return f"In a taxable account {self._cause()} would cost {_a_year(self.drag)}."
        return f"In a taxable account taxes would take {_a_year(self.drag)}, the most on {self._cause()}."

    def _cause(self) -> str:
        """What most of the tax is on."""
        members = [member for each in self.costs.universe.classes for member in each.series]
        characters = {member.tax for member, meant in zip(members, self.chosen, strict=True) if meant}
        match int(self.parts.argmax()):
            case 0:
                said = {_DISTRIBUTIONS.get(character, "what it pays out") for character in characters}
                return said.pop() if len(said) == 1 else "what it pays out"
            case 1:
                return "the gains it realises every year"
            case _:
                return "its gains in the end"

    def _why_taxed(self) -> str:
        may = self.costs.allowed[self.chosen].any(axis=0) & ~self.taxable
        worth = self.costs.holdings.account_values
        if not (may & (worth > NOTHING)).any():
            return "no account of another kind may hold it"
        others = ~self.chosen & (self.location.placed[:, may].sum(axis=1) > NOTHING)
        if not others.any():
            return "the other accounts that may hold it are full of it"
        others &= self.costs.allowed[:, self.taxable & (self.by_account > NOTHING)].any(axis=1)
        if not others.any():
            return "what fills the other accounts that may hold it may not change places with it"
        least = float(self.costs.parts[others].sum(axis=1).min())
        if self.drag <= least + NO_DRAG:
            return "would take no less of anything that could change places with it"
        saved = (self.drag - least) * self.taxed * self.costs.years
        emptied = np.where(np.outer(self.chosen, self.taxable), 0.0, self.location.placed)
        tax = self.costs.moving(emptied).tax - self.location.moving_tax
        if tax > saved:
            over = count(self.costs.years, "year")
            return f"selling it would be taxed with {money(tax)}, where moving saves at most {money(saved)} in {over}"
        return "moving it would cost more than it saves"


def _a_year(drag: float) -> str:
    return f"{percent(drag, 2)} a year"
