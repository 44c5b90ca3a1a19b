"""One rebalancing, ready to be solved: inputs checked, what is due decided, money in and out spread over accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.household.accounts import MOST_MONEY, Treatment
from planner.household.taxes import Gains, realised
from planner.market.universe import CASH
from planner.trading.program import RebalancingProgram
from planner.trading.rules import Decision
from planner.trading.tradable import Tradable
from planner.trading.trades import Aim, Flows
from planner.wording import to_the_cent

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    from planner.household.tax_situation import TaxSituation
    from planner.policy.targets import Targets
    from planner.trading.holdings import Holdings
    from planner.trading.rules import Rule
    from planner.trading.trading_policy import TradingPolicy

Amounts = float | Mapping[str, float]
"""Money for or from the taxable accounts, or amounts by name of account."""


@dataclass(frozen=True, eq=False)
class Task:
    """What is to be rebalanced, whether it is due, and what flows in and out."""

    tradable: Tradable
    targets: Targets
    decision: Decision
    flows: Flows
    situation: TaxSituation
    earlier: Gains

    @property
    def holdings(self) -> Holdings:
        """What is held before."""
        return self.tradable.holdings

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do: no rebalancing is due and no money flows."""
        return not (self.decision.due or self.flows.fixed.any() or self.flows.free)

    def program(self) -> RebalancingProgram:
        """The program of its trades."""
        lower, upper = self.interval
        year = self.holdings.as_of.year
        aim = Aim(lower, upper, self.decision.due, self.situation, self.earlier, year)
        return RebalancingProgram(self.tradable, self.flows, aim)

    @property
    def interval(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lower and upper weight of each class: the destination, or the target while money only flows in or out."""
        names = list(self.holdings.universe.class_names)
        if not self.decision.due:
            weights = np.array([self.targets.weights[name] for name in names])
            return weights, weights
        interval = self.decision.destination.loc[names]
        return interval["lower"].to_numpy(dtype=float), interval["upper"].to_numpy(dtype=float)


def prepared(
    holdings: Holdings,
    targets: Targets,
    rule: Rule | None,
    amounts: tuple[Amounts, Amounts],
    policy: TradingPolicy,
    last: dt.date | None,
) -> Task:
    """Check what was asked for and decide whether to act; ``amounts`` are contribution and withdrawal."""
    names = holdings.universe.class_names
    if set(targets.weights) != set(names):
        raise InputError(
            f"The targets are for {', '.join(targets.weights)}, and the universe has {', '.join(names)}: make them "
            "with Targets.in_universe."
        )
    if CASH not in names:
        raise InputError(f"Trades leave cash, and the universe has no asset class '{CASH}': add it.")
    tradable = Tradable(holdings, policy)
    flows, taken = _flows(holdings, *amounts)
    _reachable(tradable, flows)
    situation = holdings.household.taxes
    if taken:
        situation = situation.with_changes(income=situation.income + taken)
    year = holdings.as_of.year
    collectibles = frozenset(np.array(holdings.symbols, dtype=object)[tradable.collectible].tolist())
    earlier = realised(holdings.household.sales, year, collectibles)
    decision = _at_once(targets) if rule is None else rule.decide(holdings, targets, last)
    return Task(tradable, targets, decision, flows, situation, earlier)


def _at_once(targets: Targets) -> Decision:
    weights = pd.Series(dict(targets.weights)).rename_axis("asset_class")
    return Decision(True, (), None, pd.DataFrame({"lower": weights, "upper": weights}))


def _flows(holdings: Holdings, contribution: Amounts, withdrawal: Amounts) -> tuple[Flows, float]:
    """The flows, and what of them is taken out of tax-deferred accounts."""
    fixed, free, taken = np.zeros(len(holdings.account_names)), 0.0, 0.0
    for amounts, sign, what in ((contribution, 1, "contribution"), (withdrawal, -1, "withdrawal")):
        if not isinstance(amounts, Mapping):
            free += sign * _amount(amounts, f"The {what}")
            continue
        for name, amount in amounts.items():
            holdings.household.account(name)
            place = holdings.account_names.index(name)
            money = _amount(amount, f"The {what} of '{name}'")
            fixed[place] += sign * money
            if sign < 0 and holdings.treatments[place] is Treatment.DEFERRED:
                taken += money
    if free and not holdings.taxable.any():
        raise InputError(
            "There is no taxable account to put money into or take it from: name the account, as in "
            f"{{'{holdings.account_names[0]}': 1000}}."
        )
    return Flows(np.round(fixed, 2), round(free, 2)), taken


def _amount(amount: object, what: str) -> float:
    if isinstance(amount, bool) or not isinstance(amount, int | float | np.number):
        raise InputError(f"{what} is {amount!r}: it must be an amount of money, or amounts by name of account.")
    if not isfinite(amount) or amount < 0:
        raise InputError(f"{what} is {float(amount):g}: it must be an amount that is not negative.")
    if amount > MOST_MONEY:
        raise InputError(f"{what} is {float(amount):g}, more than a household can have: check the number.")
    return round(float(amount), 2)


def _reachable(tradable: Tradable, flows: Flows) -> None:
    """Whether the accounts can pay out what is asked for, after the costs of selling."""
    held, most = tradable.holdings, tradable.payable
    for place in np.flatnonzero(flows.fixed < 0):
        if -flows.fixed[place] > most[place]:
            raise InputError(
                f"'{held.account_names[place]}' can pay out {to_the_cent(most[place])} after the costs of selling, and "
                f"{to_the_cent(-flows.fixed[place])} is asked for: take out less, or the rest from another account."
            )
    left = float((most + flows.fixed)[held.taxable].sum())
    if -flows.free > left + 0.004:
        raise InputError(
            f"The taxable accounts can pay out {to_the_cent(left)} after the costs of selling, and "
            f"{to_the_cent(-flows.free)} is asked for: take out less, or name other accounts for the rest."
        )
