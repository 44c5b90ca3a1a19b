"""Asset location: which series lies in which account, so that taxes take least."""

from __future__ import annotations

from math import fsum, isfinite
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from planner.errors import InputError, SolverError
from planner.market.universe import BUILT_IN
from planner.policy.targets import SUM_TOLERANCE, Targets
from planner.trading.holdings import Holdings
from planner.trading.location_costs import LocationCosts
from planner.trading.location_result import Location, Unplaceable
from planner.trading.location_rules import RULE_PRICE, RULES_OF_THUMB, Placement, rule_prices
from planner.trading.location_shortage import shortages
from planner.trading.tax_drag import DEFAULT_YEARS
from planner.trading.trading_policy import TradingPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from planner.household.accounts import Household
    from planner.market.assumptions import Assumptions
    from planner.market.universe import Universe
    from planner.trading.location_costs import Numbers

T = TypeVar("T")

STAYING_PRICE = 1e-5
"""Dollars a year for each dollar that is sold, so that what moves in vain stays where trading is free. Ours."""

TAX_FREE_PRICE = 1e-5
"""Dollars a year for each dollar of expected return that tax-free accounts could hold and do not: where it makes no
difference to taxes, what grows most lies where growth is never taxed. Ours, far below any tax that differs."""

FIRM_PRICE = 100.0
"""Dollars a year for each dollar off target: more than any placement saves, so that the least possible is off."""

NOISE = 1e-9
"""Parts of the household's value smaller than this are solver noise."""

TOLERANCE = 1e-10
"""The smallest that HiGHS takes."""


def locate(  # noqa: PLR0913
    household: Household,
    targets: Targets | Mapping[str, float] | pd.Series[float],
    assumptions: Assumptions | None,
    universe: Universe = BUILT_IN,
    *,
    deviation_price: float | None = None,
    years: float = DEFAULT_YEARS,
    policy: TradingPolicy | None = None,
) -> Location | Unplaceable:
    """Place the targets in the household's accounts so that taxes and the way there cost least a year.

    ``targets`` are class targets, split over the series by their shares, or weights by series that sum to 1 (a
    portfolio's). Every account keeps its value and holds only what it may, cash always; assets that it may not hold are
    sold. With dollars x by series s and account a, a linear program minimises, in dollars a year,

        sum drag[s, a] x[s, a] + (tax on gains of lots sold in taxable accounts + costs of trades) / years,

    where ``drag`` is that of ``yearly_drag``. A sale at a loss saves nothing here, and what is not sold is not charged
    with the gains it has today. Targets are met exactly, or, with a ``deviation_price`` in dollars a year for each
    dollar in the wrong series (half the sum of absolute differences), as far as that pays. Of two placements that cost
    the same, the one with less to sell is taken, and then the one with the higher expected return in tax-free accounts.
    Of the policy only its costs count.
    Source: Dammon, Spatt & Zhang (2004), "Optimal Asset Location and Allocation with Taxable and Tax-Deferred
    Investing"; domain.md section 7.

    Returns Unplaceable where no placement meets the targets. An InputError says what is wrong with the input.
    """
    if deviation_price is not None and not (isfinite(deviation_price) and deviation_price > 0):
        raise InputError(f"A price of {deviation_price:g} for each dollar off target is impossible: give more than 0.")
    costs = LocationCosts(Holdings(household, universe), assumptions, policy or TradingPolicy(), years)
    weights = _series_weights(targets, universe)
    program = _Program(costs)
    located = program.locate(weights, deviation_price)
    if located is not None:
        return located
    closest = _found(program.locate(weights, FIRM_PRICE))
    if closest.off_target == 0:
        return closest

    def smallest_deviation(other: Household) -> float:
        changed = LocationCosts(Holdings(other, universe), assumptions, costs.policy, years)
        return _Program(changed).smallest_deviation(weights)

    wanted = weights * costs.holdings.total
    return Unplaceable(closest, shortages(costs, wanted, closest.placed, smallest_deviation))


def _series_weights(targets: Targets | Mapping[str, float] | pd.Series[float], universe: Universe) -> Numbers:
    given = universe.split(targets.weights) if isinstance(targets, Targets) else dict(targets)
    unknown = next((name for name in given if name not in universe.series_names), None)
    if unknown is not None:
        raise InputError(f"There is no series '{unknown}'. The series are: {', '.join(universe.series_names)}.")
    weights = np.array([float(given.get(name, 0.0)) for name in universe.series_names])
    wrong = next((name for name, weight in given.items() if not (isfinite(weight) and weight >= -NOISE)), None)
    if wrong is not None:
        raise InputError(f"The target of '{wrong}' is {given[wrong]:g}: it must be a number, and not negative.")
    total = fsum(weights)
    if abs(total - 1) > SUM_TOLERANCE:
        raise InputError(f"The targets of the series sum to {total:g}: they must sum to 1 (which is 100 %).")
    return np.asarray(np.maximum(weights, 0.0) / total)


def _found(placement: T | None) -> T:
    if placement is None:
        raise SolverError("The solver found no placement where there must be one: please report this household.")
    return placement


class _Program:
    """The linear program of one household in parts of its value: made once, solved at several prices."""

    def __init__(self, costs: LocationCosts) -> None:
        import cvxpy as cp
        from scipy.sparse import csr_array, kron

        self.costs, self._total = costs, costs.holdings.total
        parcels, (series, accounts) = costs.parcels, costs.allowed.shape
        worth, value = costs.holdings.account_values / self._total, parcels.value / self._total
        places, lots = series * accounts, len(value)
        place = parcels.series * accounts + parcels.account
        from_place = csr_array((np.ones(lots), (place, np.arange(lots))), shape=(places, lots))

        self._placed = placed = cp.Variable(places, bounds=[0, (costs.allowed * worth).ravel()])
        sold = cp.Variable(lots, bounds=[np.where(parcels.may_stay, 0.0, value), value])
        away = cp.Variable(places, nonneg=True)
        above, below = cp.Variable(series, nonneg=True), cp.Variable(series, nonneg=True)
        self._wanted, self._even, self._prices = cp.Parameter(series), cp.Parameter(places), cp.Parameter(places)
        self._off_room, self._off_price, self._away_price = (cp.Parameter(nonneg=True) for _ in range(3))
        bought = placed + from_place @ sold - costs.present.ravel() / self._total
        once = (parcels.tax + parcels.cost) @ sold + np.repeat(costs.buying, accounts) @ bought
        yearly = self._prices @ placed + once / costs.years + STAYING_PRICE * cp.sum(sold)
        off_target = cp.sum(above + below) / 2
        self._problem = cp.Problem(
            cp.Minimize(yearly + self._off_price * off_target + self._away_price * cp.sum(away)),
            [
                kron(np.ones((1, series)), np.eye(accounts), "csr") @ placed == worth,
                kron(np.eye(series), np.ones((1, accounts)), "csr") @ placed == self._wanted + above - below,
                bought >= 0,
                off_target <= self._off_room,
                away >= placed - self._even,
                away >= self._even - placed,
            ],
        )

    def locate(self, weights: Numbers, deviation_price: float | None) -> Location | None:
        """The optimal placement and those it is compared with, or None where the targets cannot be met."""
        costs = self.costs
        prices = costs.drag - TAX_FREE_PRICE * np.outer(costs.expected_returns, costs.tax_free)
        optimal = self._solve(weights, prices, deviation_price)
        if optimal is None:
            return None
        placements = {Placement.OPTIMAL: optimal, Placement.TODAY: costs.present}
        for rule in RULES_OF_THUMB:
            placements[rule] = _found(self._by_rule(rule, optimal.sum(axis=1) / self._total))
        return Location(costs, weights, placements)

    def smallest_deviation(self, weights: Numbers) -> float:
        """Currency that must be off target."""
        placed = _found(self._solve(weights, np.zeros(self.costs.allowed.shape), FIRM_PRICE))
        return float(np.abs(placed.sum(axis=1) - weights * self._total).sum() / 2)

    def _by_rule(self, rule: Placement, weights: Numbers) -> Numbers | None:
        prices = rule_prices(rule, self.costs.universe, self.costs.holdings.taxable)
        if rule is not Placement.PRO_RATA:
            return self._solve(weights, prices)
        return self._solve(weights, prices, even=np.outer(weights, self.costs.holdings.account_values / self._total))

    def _solve(
        self, weights: Numbers, prices: Numbers, deviation_price: float | None = None, even: Numbers | None = None
    ) -> Numbers | None:
        """Currency in each place at these prices of a dollar there, or None where the targets cannot be met.

        With ``even``, parts of the household's value by place, a dollar that is not there costs RULE_PRICE.
        """
        import cvxpy as cp

        self._wanted.value, self._prices.value = weights, prices.ravel()
        self._off_room.value, self._off_price.value = (0.0, 0.0) if deviation_price is None else (1.0, deviation_price)
        self._even.value = np.zeros(prices.size) if even is None else even.ravel()
        self._away_price.value = 0.0 if even is None else RULE_PRICE / 2
        try:
            self._problem.solve(
                solver=cp.HIGHS, primal_feasibility_tolerance=TOLERANCE, dual_feasibility_tolerance=TOLERANCE
            )
        except cp.SolverError as error:
            raise SolverError(f"The solver gave up ({error}): please report this household.") from error
        if self._placed.value is None:
            return None
        return self._cleaned(np.asarray(self._placed.value).reshape(prices.shape))

    def _cleaned(self, placed: Numbers) -> Numbers:
        """In currency and without noise: what stays stays exactly, and accounts keep their value."""
        present = self.costs.kept
        clean = np.where(placed > NOISE, placed * self._total, 0.0)
        clean = np.where(np.abs(clean - present) <= NOISE * self._total, present, clean)
        columns = np.arange(clean.shape[1])
        clean[clean.argmax(axis=0), columns] += self.costs.holdings.account_values - clean.sum(axis=0)
        return np.asarray(clean)
