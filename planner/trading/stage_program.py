"""One stage of the least-cost rebalancing as a mixed-integer linear program."""

from __future__ import annotations

import warnings
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp

from planner.errors import SolverError
from planner.household.taxes import Gains, marginal_rates, tax_bill
from planner.market.universe import CASH
from planner.trading.tax_regions import TaxRows, tax_regions
from planner.trading.trades import Trades

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from planner.trading.tradable import Pieces, Tradable
    from planner.trading.trades import Aim, Flows

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

ORDER_PRICE = 2 * GAP
"""For each order, as a part of the household's total, while it is chosen what is traded at all: enough for the search
to see that one order does what two would. Not where pieces are merged: there it doubles the time and saves few of the
many orders. Ours."""

MOST_NODES = 2_000
"""Nodes of the search after which the best answer so far is taken; the same everywhere, as a time is not. Ours."""

MOST_NODES_OF_UNITS = 100
"""Nodes of that second search: it finds good units at once and proves them for ever. Ours."""

SEARCH = {
    "threads": 1,
    "presolve": "off",
    "mip_rel_gap": 0.0,
    "mip_abs_gap": GAP * STEPS,
    "mip_max_nodes": MOST_NODES,
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_heuristic_run_feasibility_jump": False,
    "mip_heuristic_run_shifting": False,
    "mip_heuristic_run_zi_round": False,
    "mip_detect_symmetry": False,
}
"""Few yes-or-no questions over many lots: HiGHS's heuristics and presolve take ten times as long as its search."""

PATIENT = {"threads": 1, "mip_rel_gap": 0.0, "mip_abs_gap": GAP * STEPS}
"""Where the search came to its last node without any answer, as where few whole units meet a withdrawal, all that HiGHS
knows is tried."""

WHOLE = 1e-7
"""What rounding may leave of a unit."""


class Stage(StrEnum):
    """What a program decides: what is traded at all, how much of it, or how many whole units of it."""

    CHOICE = "choice"
    AMOUNTS = "amounts"
    UNITS = "units"


class Switch(StrEnum):
    """Whole numbers of the program: the region of the tax, whether there is an order, a loss, and units of an order."""

    REGION = "region"
    ORDER = "order"
    LOSS = "loss"
    UNITS = "units"
    EVERYTHING = "everything"


class StageProgram:
    """The program of one stage, with or without whole units; its objective is that of ``RebalancingProgram``."""

    def __init__(self, trades: Tradable, flows: Flows, aim: Aim, pieces: Pieces, stage: Stage, *, units: bool) -> None:
        import cvxpy as cp

        self.tradable, self.flows, self.aim, self.pieces, self.stage = trades, flows, aim, pieces, stage
        held = self.held = trades.holdings
        self.unit = max(held.total + max(flows.total, 0.0), 1.0) / STEPS
        self.accounts, self.assets = trades.candidates
        self.switches: list[Any] = []
        self.kinds: list[Switch] = []
        self.boxes: list[tuple[Any, Any]] = []
        self.limits: list[Any] = []
        self.tracking = cp.Parameter(nonneg=True)
        width = max(len(held.symbols), 1)
        self.positions, self.of_piece = np.unique(pieces.account * width + pieces.asset, return_inverse=True)
        self.sold_in, self.sold_of = np.divmod(self.positions, width)
        self.sell = cp.Variable(max(len(pieces.value), 1), bounds=[0, _padded(pieces.value) / self.unit])
        self.sold = cp.Variable(max(len(self.positions), 1))
        self.buy = cp.Variable(max(len(self.accounts), 1), bounds=[0, _padded(self._useful()) / self.unit])
        free = flows.free / self.unit * held.taxable
        self.spread = cp.Variable(len(held.cash), bounds=[np.minimum(free, 0.0), np.maximum(free, 0.0)])
        self.cash = cp.Variable(len(held.cash), bounds=[-self._cents() / self.unit, None])
        self.limits.append(self.sold == _sums(self.of_piece, self.sold.size) @ self.sell)
        counted = self._costs() + self._left() + self._tax() + self._cash_adds_up() + self._orders()
        if units:
            self._whole_units()
        self.problem = cp.Problem(cp.Minimize(counted), self.limits)

    def solve(self, tracking_price: float) -> None:
        """Solve at a price of tracking; a solver without an answer is a SolverError."""
        import cvxpy as cp

        self.tracking.value = tracking_price
        settings = {"threads": 1} if self.stage is Stage.AMOUNTS else SEARCH
        if self.stage is Stage.UNITS:
            settings = {**settings, "mip_max_nodes": MOST_NODES_OF_UNITS}
        for tried in (settings, PATIENT):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # the answer at the last node is one that we asked for
                self.problem.solve(solver=cp.HIGHS, **tried)
            if self.sell.value is not None:
                return
        raise SolverError(f"The rebalancing program ended without an answer: {self.problem.status}.")

    def trades(self) -> Trades:
        """The answer of the last solve, inside what there is."""
        sold = np.clip(self.sell.value[: len(self.pieces.value)] * self.unit, 0.0, self.pieces.value)
        bought = np.maximum(self.buy.value[: len(self.accounts)] * self.unit, 0.0)
        flows = self.flows.fixed + self.spread.value * self.unit
        return Trades(sold, bought, flows, float(self.problem.value) * self.unit)

    def stay_near(self, amounts: StageProgram) -> None:
        """Let orders fall away, and units be those next to amounts that were found as if units could be split."""
        found = iter([chosen.value for chosen in amounts.switches])
        whole, price = self.tradable.whole_units, self.held.prices / self.unit
        pairs = ((amounts.buy.value, self.assets), (amounts.sold.value, self.sold_of))
        of_whole = [(amount[: len(of)] / price[of])[whole[of]] for amount, of in pairs if len(of)]
        split = iter([units for units in of_whole if len(units)])
        for kind, (lower, upper) in zip(self.kinds, self.boxes, strict=True):
            lower.value, upper.value = np.zeros(lower.size), np.ones(upper.size)
            if kind is Switch.UNITS:
                units = next(split)
                lower.value = np.where(units < 2, 0.0, np.floor(units + WHOLE))
                upper.value = np.ceil(units - WHOLE)
            elif kind is Switch.LOSS:
                lower.value = upper.value = next(found)
            elif kind is Switch.ORDER:
                upper.value = next(found)
            elif kind is Switch.REGION:
                next(found)

    def _switch(self, kind: Switch, size: int, most: Any = 1) -> Any:
        """Whole numbers from 0 to ``most``, chosen, given, or chosen from a box that is given."""
        import cvxpy as cp

        if self.stage is Stage.AMOUNTS:
            switch = cp.Parameter(size)
        elif kind is Switch.UNITS:
            switch = cp.Variable(size, integer=True, bounds=[0, most])
        else:
            switch = cp.Variable(size, boolean=True)
        if self.stage is Stage.UNITS:
            lower, upper = cp.Parameter(size), cp.Parameter(size)
            self.boxes.append((lower, upper))
            self.limits += [switch >= lower, switch <= upper]
        self.switches.append(switch)
        self.kinds.append(kind)
        return switch

    def _useful(self) -> Numbers:
        """The most that could be worth buying of each candidate: what its account has, and what its class is to be."""
        held = self.held
        reach = held.account_values + np.maximum(self.flows.fixed, 0.0) + max(self.flows.free, 0.0)
        most = np.maximum(held.table.sum(axis=1).to_numpy(), self.aim.upper * (held.total + self.flows.total))
        of_class = np.array([most[held.universe.class_names.index(name)] for name in held.classes])
        unit = np.where(self.tradable.whole_units, held.prices, 0.0)
        return np.minimum(reach[self.accounts], (of_class + unit)[self.assets]) if len(self.accounts) else np.zeros(0)

    def _cents(self) -> Numbers:
        """What rounding to cents may bring an account beyond the program's own sum when it sells all it has."""
        pieces, count = self.pieces, len(self.held.cash)
        proceeds = pieces.value * (1 - self.tradable.cost_rates[pieces.asset])
        exact = self.held.cash + np.bincount(pieces.account, proceeds, minlength=count)
        return np.asarray(np.maximum(self.tradable.payable - exact, 0.0) + 1e-6 * self.unit)

    def _costs(self) -> Any:
        """Costs of trading, tax drag, and the places in the order of preference."""
        return _padded(self.pieces.price) @ self.sell + _padded(self.tradable.purchase_price) @ self.buy

    def _left(self) -> Any:
        """Dollars outside the destination, and a little for series that are away from their shares of their class."""
        import cvxpy as cp

        held, lower, upper = self.held, self.aim.lower, self.aim.upper
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
        of_shares = sp.csr_array((shares, (np.arange(len(series)), class_of)), (len(series), len(names)))
        by_series = _sums(of_series, len(series)) @ by_asset
        in_shares = of_shares @ (by_class - is_cash * cp.sum(self.cash))
        bought = _sums(self.assets, rows) @ self.buy
        before = _padded(held.values.sum(axis=0)) / self.unit
        self.limits += [
            by_asset == before - _sums(self.sold_of, rows) @ self.sold + bought,
            by_class == _sums(of_class, len(names)) @ by_asset + is_cash * cp.sum(self.cash),
            total == cp.sum(by_class),
            left >= by_class - upper * total,
            left >= lower * total - by_class,
            apart >= by_series - in_shares,
            apart >= in_shares - by_series,
        ]
        return self.tracking * cp.sum(left) / 2 + SHARE_PRICE * cp.sum(apart)

    def _tax(self) -> Any:
        """What the sales add to the year's tax: one region of net gains is switched on, and its tax counted."""
        import cvxpy as cp

        pieces, situation, earlier = self.pieces, self.aim.situation, self.aim.earlier
        before = tax_bill(situation, Gains(earlier.short, earlier.long), self.aim.year).total / self.unit
        start = np.array([earlier.short - situation.short_loss_carried, earlier.long - situation.long_loss_carried])
        gain = np.array([np.where(pieces.long_term, 0.0, pieces.gain), np.where(pieces.long_term, pieces.gain, 0.0)])
        least = (start + np.minimum(gain, 0.0) @ pieces.value) / self.unit
        most = (start + np.maximum(gain, 0.0) @ pieces.value) / self.unit
        rates = marginal_rates(situation, self.aim.year)
        extra = max(rates.collectible - rates.long, 0.0) * self.tradable.collectible[pieces.asset] * gain[1]
        every = tax_regions(situation, self.aim.year)
        regions = [region for region in every if region.meets(least * self.unit, most * self.unit)]
        rows = TaxRows.of(regions, self.unit)
        inside = self._switch(Switch.REGION, len(regions))
        net, parts = cp.Variable((len(regions), 2)), cp.Variable(rows.part.shape[1])
        added, on_collectibles = cp.Variable(bounds=[0, None]), cp.Variable(bounds=[0, None])
        self.limits += [
            rows.short @ net[:, 0] + rows.long @ net[:, 1] + rows.switch @ inside <= rows.part @ parts,
            cp.sum(inside) == 1,
            cp.sum(net, axis=0) == start / self.unit + _padded(gain) @ self.sell,
            on_collectibles >= _padded(extra) @ self.sell,
            added >= cp.sum(parts) + on_collectibles - before,
        ]
        for term in range(2):
            self.limits += [net[:, term] >= least[term] * inside, net[:, term] <= most[term] * inside]
        return added

    def _cash_adds_up(self) -> Any:
        """Cash by account; the price of what it lacks to the buffer, and of selling without need."""
        import cvxpy as cp

        held, rates = self.held, self.tradable.cost_rates
        count = len(held.cash)
        flow = self.flows.fixed / self.unit + self.spread
        proceeds = _sums(self.sold_in, count, 1 - rates[self.sold_of]) @ self.sold
        spent = _sums(self.accounts, count, 1 + rates[self.assets]) @ self.buy
        short = cp.Variable(count, bounds=[0, None])
        self.limits += [
            cp.sum(self.spread) == self.flows.free / self.unit,
            self.cash == held.cash / self.unit + flow + proceeds - spent,
            short >= self.tradable.policy.cash_buffer / self.unit - self.cash,
        ]
        counted = (self.tracking + BUFFER_PRICE) * cp.sum(short)
        if self.aim.due:
            return counted
        over = cp.Variable(count, bounds=[0, None])
        put_in = ((self.flows.fixed > 0) | (held.taxable & (self.flows.free > 0))).astype(float)
        self.limits += [over >= proceeds + cp.multiply(1 - put_in, flow), spent <= cp.multiply(put_in, flow)]
        return counted + (self.tracking + NEED_PRICE) * cp.sum(over)

    def _orders(self) -> Any:
        """The price of orders, which are nothing, all there is, or at least the smallest trade.

        Of an asset an account sells or buys.
        """
        import cvxpy as cp

        held, smallest = self.held, self.tradable.smallest_order / self.unit
        selling, buying = self._switch(Switch.ORDER, self.sold.size), self._switch(Switch.ORDER, self.buy.size)
        ceiling = _padded(np.bincount(self.of_piece, self.pieces.value)) / self.unit
        there = _padded(held.values[self.sold_in, self.sold_of]) / self.unit
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
        counted = self.stage is Stage.CHOICE and self.pieces is self.tradable.pieces
        return ORDER_PRICE * STEPS * (cp.sum(selling) + cp.sum(buying)) if counted else 0.0

    def _wash_sales(self, buying: Any) -> None:
        """Of identical securities the household sells no loss on the day it buys them in any account."""
        group, pieces = self.tradable.group, self.pieces
        sells = np.flatnonzero((pieces.gain < 0) & (group[pieces.asset] >= 0)) if len(pieces.gain) else np.zeros(0, int)
        buys = np.flatnonzero(group[self.assets] >= 0) if len(self.assets) else np.zeros(0, int)
        both = np.intersect1d(group[pieces.asset[sells]], group[self.assets[buys]])
        if not len(both):
            return
        sells, buys = sells[np.isin(group[pieces.asset[sells]], both)], buys[np.isin(group[self.assets[buys]], both)]
        sold_of = np.searchsorted(both, group[pieces.asset[sells]])
        bought_of = np.searchsorted(both, group[self.assets[buys]])
        realising = self._switch(Switch.LOSS, len(both))
        most_sold = np.bincount(sold_of, pieces.value[sells]) / self.unit
        most_bought = np.bincount(bought_of, self.buy.bounds[1][buys])
        self.limits += [
            _sums(sold_of, len(both)) @ self.sell[sells] <= sp.diags_array(most_sold) @ realising,
            _sums(bought_of, len(both)) @ self.buy[buys] <= most_bought - sp.diags_array(most_bought) @ realising,
            buying[buys] + realising[bought_of] <= 1,
        ]

    def _whole_units(self) -> None:
        """Orders in whole units, or for all of a holding that is not in whole units itself."""
        whole, prices = self.tradable.whole_units, self.held.prices
        buys = np.flatnonzero(whole[self.assets]) if len(self.assets) else np.zeros(0, int)
        if len(buys):
            price = prices[self.assets[buys]] / self.unit
            units = self._switch(Switch.UNITS, len(buys), np.floor(self.buy.bounds[1][buys] / price))
            self.limits.append(self.buy[buys] == sp.diags_array(price) @ units)
        sells = np.flatnonzero(whole[self.sold_of]) if len(self.sold_of) else np.zeros(0, int)
        if len(sells):
            price = prices[self.sold_of[sells]] / self.unit
            there = self.held.values[self.sold_in[sells], self.sold_of[sells]] / self.unit / price
            held = np.bincount(self.of_piece, self.pieces.value)[sells] / self.unit / price
            most = np.floor(held + WHOLE)
            rest = np.where(held < there * (1 - WHOLE), 0.0, held - most)
            units = self._switch(Switch.UNITS, len(sells), most)
            everything = self._switch(Switch.EVERYTHING, len(sells))
            self.limits += [
                self.sold[sells] == sp.diags_array(price) @ (units + sp.diags_array(rest) @ everything),
                units >= sp.diags_array(most) @ everything,
            ]


def _padded(values: Any) -> Any:
    """A zero where there is nothing, as solvers know no empty variable."""
    return values if values.shape[-1] else np.zeros((*values.shape[:-1], 1))


def _sums(groups: Places, rows: int, factors: Any = 1.0) -> Any:
    """The matrix that adds up, by group, what is multiplied by factors."""
    if not len(groups):
        return sp.csr_array((rows, 1))
    weights = np.broadcast_to(np.asarray(factors, dtype=float), groups.shape)
    return sp.csr_array((weights, (groups, np.arange(len(groups)))), shape=(rows, len(groups)))
