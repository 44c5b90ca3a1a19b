"""The least-cost rebalancing as a mixed-integer linear program, compiled once and solved at any price of tracking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp

from planner.errors import SolverError
from planner.household.taxes import marginal_rates, tax_bill
from planner.market.universe import CASH
from planner.trading.tax_regions import tax_regions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from planner.household.tax_situation import TaxSituation
    from planner.household.taxes import Gains
    from planner.trading.tradable import Tradable

    Numbers = NDArray[np.float64]
    Places = NDArray[np.intp]

SHARE_PRICE = 2e-6
"""Dollars for each dollar of a series away from its share of its class: a fifth of TRADE_PRICE, so that it chooses
between trades and never makes one. Ours."""

BUFFER_PRICE = 2.0
NEED_PRICE = 4.0
"""On top of the price of tracking, for each dollar that cash stays below the buffer and, while no rebalancing is due,
for each dollar sold beyond what a withdrawal needs: above any tax that selling could cost, so that it happens only
where it must. Ours."""

STEPS = 1e4
"""The household's total in the solver's money, so that its tolerances mean the same for all households."""

GAP = 1e-7
"""How far from the best the answer may be, as a part of the household's total: ten cents of a million. Ours."""

MOST_NODES = 2_000
"""Nodes of the search after which the best answer so far is taken: the same on every machine, as a time is not. Ours."""

SEARCH = {
    "threads": 1,
    "presolve": "off",
    "mip_rel_gap": 0.0,
    "mip_max_nodes": MOST_NODES,
    "mip_heuristic_effort": 0.0,
    "mip_detect_symmetry": False,
} | dict.fromkeys(
    (
        f"mip_heuristic_run_{name}"
        for name in ("rens", "rins", "root_reduced_cost", "feasibility_jump", "shifting", "zi_round")
    ),
    False,
)
"""Few yes-or-no questions over many lots: HiGHS's heuristics and presolve take ten times as long as its search."""


@dataclass(frozen=True, eq=False)
class Flows:
    """Money put in (positive) and taken out: ``fixed`` by account, and ``free``, spread over the taxable accounts."""

    fixed: Numbers
    free: float = 0.0

    @property
    def total(self) -> float:
        """All of it."""
        return float(self.fixed.sum()) + self.free


@dataclass(frozen=True, eq=False)
class Aim:
    """Where trades should lead: ``lower`` and ``upper`` weight of each class, and whether rebalancing is due.

    ``situation`` is the household's with the income of this year's withdrawals, ``earlier`` the year's gains so far.
    """

    lower: Numbers
    upper: Numbers
    due: bool
    situation: TaxSituation
    earlier: Gains
    year: int


@dataclass(frozen=True, eq=False)
class Trades:
    """Dollars: ``sold`` of each piece, ``bought`` of each candidate, ``flows`` by account; and what it counts.

    ``objective`` is what the program says the trades cost in all, ``gap`` how much less the best may cost.
    """

    sold: Numbers
    bought: Numbers
    flows: Numbers
    objective: float
    gap: float


class RebalancingProgram:
    """Least tax, costs and dollars left outside the destination, over what may be sold and bought.

    Minimise ``added tax + costs + tracking price x left`` with ``left`` half the sum of the distances of the classes to
    their intervals. Added tax is at least 0: a rebalancing does not trade to save taxes. It is exact but for gains on
    collectibles, which cost their extra rate at the margin. It is not convex in gains; each of its convex regions is in
    the program with a switch. Source of that: Balas (1979), Disjunctive Programming.
    """

    def __init__(self, trades: Tradable, flows: Flows, aim: Aim) -> None:
        import cvxpy as cp

        self.trades, self.flows, self.aim = trades, flows, aim
        held = trades.holdings
        self.unit = max(held.total + max(flows.total, 0.0), 1.0) / STEPS
        self.accounts, self.assets = trades.candidates
        self.tracking = cp.Parameter(nonneg=True)
        width = len(held.symbols)
        self.positions, self.of_piece = np.unique(trades.account * width + trades.asset, return_inverse=True)
        self.selling_accounts, self.selling_assets = np.divmod(self.positions, max(width, 1))
        reach = held.account_values + np.maximum(self.flows.fixed, 0.0) + max(self.flows.free, 0.0)
        self.sell = cp.Variable(max(len(trades.value), 1), bounds=[0, _padded(trades.value) / self.unit])
        self.sold = cp.Variable(max(len(self.positions), 1))
        self.buy = cp.Variable(max(len(self.accounts), 1), bounds=[0, _padded(reach[self.accounts]) / self.unit])
        free = flows.free / self.unit * held.taxable
        self.spread = cp.Variable(len(held.cash), bounds=[np.minimum(free, 0.0), np.maximum(free, 0.0)])
        self.cash = cp.Variable(len(held.cash), bounds=[0, None])
        self.limits: list[Any] = [self.sold == _sums(self.of_piece, self.sold.size) @ self.sell]
        counted = self._costs() + self._left() + self._tax() + self._cash()
        self._orders()
        self.problem = cp.Problem(cp.Minimize(counted), self.limits)

    def solve(self, tracking_price: float) -> Trades:
        """The best trades at a price of tracking."""
        import cvxpy as cp

        self.tracking.value = tracking_price
        self.problem.solve(solver=cp.HIGHS, mip_abs_gap=GAP * STEPS, **SEARCH)
        if self.sell.value is None:
            raise SolverError(f"The rebalancing program ended without an answer ({self.problem.status}).")
        ceiling = self.trades.value
        sold = np.clip(self.sell.value[: len(ceiling)] * self.unit, 0.0, ceiling)
        bought = np.maximum(self.buy.value[: len(self.accounts)] * self.unit, 0.0)
        flows = self.flows.fixed + self.spread.value * self.unit
        return Trades(sold, bought, flows, float(self.problem.value) * self.unit, 0.0)

    def _costs(self) -> Any:
        """Costs of trading, tax drag, and the places in the order of preference."""
        return _padded(self.trades.sale_price) @ self.sell + _padded(self.trades.purchase_price) @ self.buy

    def _left(self) -> Any:
        """Dollars outside the destination, and a little for series that are away from their shares of their class."""
        import cvxpy as cp

        held, lower, upper = self.trades.holdings, self.aim.lower, self.aim.upper
        names, series = held.universe.class_names, held.universe.series_names
        is_cash = np.array([name == CASH for name in names], dtype=float)
        rows = max(len(held.symbols), 1)
        by_asset = cp.Variable(rows)
        by_class, total = cp.Variable(len(names)), cp.Variable()
        left, apart = cp.Variable(len(names), bounds=[0, None]), cp.Variable(len(series), bounds=[0, None])
        of_series = np.array([series.index(name) for name in held.series], dtype=np.intp)
        of_class = np.array([names.index(name) for name in held.classes], dtype=np.intp)
        class_of = np.array([names.index(held.universe.class_of[name]) for name in series])
        shares = np.array([member.share for kind in held.universe.classes for member in kind.series])
        by_series = _sums(of_series, len(series)) @ by_asset
        of_shares = sp.csr_matrix((shares, (np.arange(len(series)), class_of)), shape=(len(series), len(names)))
        in_shares = of_shares @ (by_class - is_cash * cp.sum(self.cash))
        self.limits += [
            by_asset
            == _padded(held.values.sum(axis=0)) / self.unit
            - _sums(self.selling_assets, rows) @ self.sold
            + _sums(self.assets, rows) @ self.buy,
            by_class == _sums(of_class, len(names)) @ by_asset + is_cash * cp.sum(self.cash),
            total == cp.sum(by_class),
            left >= by_class - upper * total,
            left >= lower * total - by_class,
            apart >= by_series - in_shares,
            apart >= in_shares - by_series,
        ]
        return self.tracking * cp.sum(left) / 2 + SHARE_PRICE * cp.sum(apart)

    def _tax(self) -> Any:
        import cvxpy as cp

        trades, situation, earlier = self.trades, self.aim.situation, self.aim.earlier
        before = tax_bill(situation, earlier, self.aim.year).total
        start = np.array([earlier.short - situation.short_loss_carried, earlier.long - situation.long_loss_carried])
        by_term = np.array([np.where(trades.long_term, 0.0, trades.gain), np.where(trades.long_term, trades.gain, 0.0)])
        least = start + (np.minimum(by_term, 0.0) @ trades.value)
        most = start + (np.maximum(by_term, 0.0) @ trades.value)
        rates = marginal_rates(situation, self.aim.year)
        extra = max(rates.collectible - rates.long, 0.0) * trades.collectible[trades.asset] * by_term[1]
        regions = [region for region in tax_regions(situation, self.aim.year) if region.meets(least, most)]
        inside = cp.Variable(len(regions), boolean=True)
        net = cp.Variable((len(regions), 2))
        parts = cp.Variable(sum(len(region.maxima) for region in regions))
        on_net, on_parts, on_inside = [], [], []
        place = 0
        for number, region in enumerate(regions):
            for row in region.within:
                on_net.append((number, row[:2])), on_parts.append(-1), on_inside.append((number, row[2]))
            for pieces in region.maxima:
                for row in pieces:
                    on_net.append((number, row[:2])), on_parts.append(place), on_inside.append((number, row[2]))
                place += 1
        rows = np.arange(len(on_net))
        numbers = np.array([number for number, _ in on_net])
        coefficients = np.array([pair for _, pair in on_net])
        constants = np.array([constant for _, constant in on_inside]) / self.unit
        shape = (len(rows), len(regions))
        of_part = np.array(on_parts)
        owned = of_part >= 0
        to_part = sp.csr_matrix((np.ones(owned.sum()), (rows[owned], of_part[owned])), shape=(len(rows), place))
        short, long, switch = (
            sp.csr_matrix((values, (rows, numbers)), shape=shape)
            for values in (coefficients[:, 0], coefficients[:, 1], constants)
        )
        added, on_collectibles = cp.Variable(), cp.Variable()
        scale = 1 / self.unit
        self.limits += [
            short @ net[:, 0] + long @ net[:, 1] + switch @ inside <= to_part @ parts,
            cp.sum(inside) == 1,
            cp.sum(net, axis=0) == start * scale + _padded(by_term) @ self.sell,
            net >= cp.outer(inside, least * scale),
            net <= cp.outer(inside, most * scale),
            on_collectibles >= 0,
            on_collectibles >= _padded(extra) @ self.sell,
            added >= cp.sum(parts) + on_collectibles - before * scale,
            added >= 0,
        ]
        return added

    def _cash(self) -> Any:
        """Cash adds up, account by account; the price of what it lacks to the buffer, and of selling without need."""
        import cvxpy as cp

        held, rates = self.trades.holdings, self.trades.cost_rates
        accounts = len(held.cash)
        flow = self.flows.fixed / self.unit + self.spread
        proceeds = _sums(self.selling_accounts, accounts, 1 - rates[self.selling_assets]) @ self.sold
        spent = _sums(self.accounts, accounts, 1 + rates[self.assets]) @ self.buy
        short = cp.Variable(accounts, bounds=[0, None])
        self.limits += [
            cp.sum(self.spread) == self.flows.free / self.unit,
            self.cash == held.cash / self.unit + flow + proceeds - spent,
            short >= self.trades.policy.cash_buffer / self.unit - self.cash,
        ]
        counted = (self.tracking + BUFFER_PRICE) * cp.sum(short)
        if self.aim.due:
            return counted
        over = cp.Variable(accounts, bounds=[0, None])
        put_in = ((self.flows.fixed > 0) | (held.taxable & (self.flows.free > 0))).astype(float)
        self.limits += [over >= proceeds + cp.multiply(1 - put_in, flow), spent <= cp.multiply(put_in, flow)]
        return counted + (self.tracking + NEED_PRICE) * cp.sum(over)

    def _orders(self) -> None:
        """Orders are nothing, or at least the smallest trade; of one asset an account either sells or buys."""
        import cvxpy as cp

        trades, held = self.trades, self.trades.holdings
        selling = cp.Variable(self.sold.size, boolean=True)
        buying = cp.Variable(self.buy.size, boolean=True)
        ceiling = _padded(np.bincount(self.of_piece, trades.value)) / self.unit
        smallest = trades.smallest_order / self.unit
        there = _padded(held.values[self.selling_accounts, self.selling_assets]) / self.unit
        self.limits += [
            self.sold <= cp.multiply(ceiling, selling),
            self.sold >= cp.multiply(np.minimum(smallest, there), selling),
            self.buy <= cp.multiply(self.buy.bounds[1], buying),
            self.buy >= smallest * buying,
        ]
        pairs = self.accounts * len(held.symbols) + self.assets
        both, in_sales, in_purchases = np.intersect1d(self.positions, pairs, return_indices=True)
        if len(both):
            self.limits.append(selling[in_sales] + buying[in_purchases] <= 1)
        self._wash_sales(buying)

    def _wash_sales(self, buying: Any) -> None:
        """Of identical securities the household sells no loss on the day it buys them in any account."""
        import cvxpy as cp

        trades = self.trades
        loss = np.where(trades.gain < 0, trades.group[trades.asset], -1) if len(trades.value) else np.array([-1])
        bought = trades.group[self.assets] if len(self.assets) else np.array([-1])
        groups = np.intersect1d(loss[loss >= 0], bought[bought >= 0])
        if not len(groups):
            return
        realising = cp.Variable(len(groups), boolean=True)
        lots = np.isin(loss, groups)
        purchases = np.flatnonzero(np.isin(bought, groups))
        of_lot = np.searchsorted(groups, loss[lots])
        ceiling = np.bincount(of_lot, trades.value[lots]) / self.unit
        self.limits += [
            _sums(of_lot, len(groups)) @ self.sell[np.flatnonzero(lots)] <= cp.multiply(ceiling, realising),
            buying[purchases] + realising[np.searchsorted(groups, bought[purchases])] <= 1,
        ]


def _padded(values: Any) -> Any:
    """A zero where there is nothing, as solvers know no empty variable."""
    return values if values.shape[-1] else np.zeros((*values.shape[:-1], 1))


def _sums(groups: Places, rows: int, factors: Any = 1.0) -> Any:
    """The matrix that adds up, by group, what is multiplied by factors."""
    if not len(groups):
        return sp.csr_matrix((rows, 1))
    weights = np.broadcast_to(np.asarray(factors, dtype=float), groups.shape)
    return sp.csr_matrix((weights, (groups, np.arange(len(groups)))), shape=(rows, len(groups)))
