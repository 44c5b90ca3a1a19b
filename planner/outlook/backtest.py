"""What a policy would have come to in the past: value, drift, trades, costs and taxes, month by month."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.market.universe import BUILT_IN, Universe
from planner.outlook.backtest_lots import Lots
from planner.outlook.backtest_setting import AMOUNT, Flows, Setting, prepared
from planner.outlook.backtest_trades import Watch
from planner.outlook.performance import MONTHS, money_weighted_return, performance

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from planner.household.tax_situation import TaxSituation
    from planner.market.moments import FloatArray
    from planner.outlook.backtest_lots import TaxRules
    from planner.policy.targets import Targets
    from planner.trading.rules import Rule
    from planner.trading.trading_policy import TradingPolicy

ROW = np.dtype(
    [
        *((name, np.float64) for name in ("value", "flow", "gain", "cost", "tax", "turned")),
        ("trades", np.int64),
        ("rebalanced", np.bool_),
        ("drift", np.float64),
    ]
)
"""What is noted of each month-end."""


@dataclass(frozen=True, eq=False)
class Track:
    """What a policy came to, by month-end, in currency.

    ``table`` begins with the month-end before the first month. Its columns: ``value`` after all trades; ``flow`` put in
    (taken out below 0), the first of which is the amount; ``gain`` of the month; ``cost`` of trades; ``tax`` paid
    (saved below 0); ``turned`` the lesser of what was bought and sold; ``trades`` their number; ``rebalanced`` whether
    the rule led to trades; ``drift`` (a decimal) before them; ``return`` of the month after costs and taxes, flows left
    out. ``weights`` are by class after the trades. ``after_tax`` is what would be left had everything been sold on the
    last day, costs and taxes paid. ``tax_years`` has the gains, tax and losses carried of each year that ended, and
    ``lots`` what is held at last; both are empty without taxes.
    """

    table: pd.DataFrame
    weights: pd.DataFrame
    after_tax: float
    tax_years: pd.DataFrame
    lots: pd.DataFrame

    @property
    def values(self) -> pd.Series[float]:
        """Value at each month-end."""
        return self.table["value"]

    @property
    def returns(self) -> pd.Series[float]:
        """Return of each month after costs and taxes, flows left out (time-weighted)."""
        return self.table["return"].iloc[1:]

    @property
    def months(self) -> int:
        """How many."""
        return len(self.table) - 1

    @cached_property
    def turnover(self) -> float:
        """The lesser of purchases and sales a year, as a part of the average value; flows thus turn nothing over.

        Source: SEC Form N-1A, item 13(a), instruction 4(d), here month by month.
        """
        return float(self.table["turned"].iloc[1:].sum() / self.values.mean() * MONTHS / self.months)

    @cached_property
    def money_weighted_return(self) -> float:
        """What the money earned a year, before the tax that is still owed: flows weigh by when they came."""
        return self._money_weighted(float(self.values.iloc[-1]))

    @cached_property
    def after_tax_return(self) -> float:
        """What the money earned a year, had everything been sold on the last day."""
        return self._money_weighted(self.after_tax)

    def performance(
        self, risk_free: pd.Series[float] | float = 0.0, benchmark: pd.Series[float] | None = None
    ) -> pd.Series[float]:
        """The usual measures of its monthly returns: ``planner.outlook.performance``."""
        return performance(self.returns, risk_free, benchmark)

    def _money_weighted(self, last: float) -> float:
        days = [day.date() for day in self.table.index]
        paid = [(day, -float(flow)) for day, flow in zip(days, self.table["flow"], strict=True) if flow]
        return money_weighted_return([*paid, (days[-1], last)])


def backtest(  # noqa: PLR0913 - what an adviser states of a policy, most with a default
    returns: pd.DataFrame,
    targets: Targets,
    rule: Rule | None = None,
    costs: TradingPolicy | float | None = None,
    taxes: TaxSituation | None = None,
    contributions: Flows = 0.0,
    *,
    amount: float = AMOUNT,
    first: dt.date | None = None,
    last: dt.date | None = None,
    mix: Mapping[str, float] | None = None,
    universe: Universe = BUILT_IN,
) -> Track:
    """Follow one policy through the past, as one taxable account (or one without taxes).

    ``returns`` (T, n) are monthly total returns, of which those of what is held must be complete
    (``Market.complete_returns``) from the month of ``first`` to that of ``last``. An ``amount`` at the targets begins
    on the month-end before; at each month-end ``rule`` sees what is then known and acts by the least trades that lead
    where it says. Without a rule one buys and holds. Inside a class, ``mix`` (weights by series, else the universe's
    shares) is kept as far as trades reach it anyway, and fully where the rule leads to the target.

    ``costs`` are parts of the amount traded: one number, or those of a trading policy (the default one where left out;
    its other terms are not used). ``contributions`` are put in at the end of every month, or by day at the end of its
    month; below 0 they are taken out. They go where drift falls most, in buying and holding to the targets.

    ``taxes`` tells the household's other income. Distributions are taxed as they come and the rest is reinvested; the
    year's gains and losses are netted, carried and taxed on the last day of December, from what is then sold, whose
    gains count for the next year. The law is that of the newest tax table throughout, and wash sales are not looked
    for. InputErrors say what is missing, not finite, negative, or out of order, and when the money runs out.
    Source: domain.md section 6.
    """
    setting = prepared(returns, targets, universe, (first, last), mix)
    return run(setting.under(costs, taxes, contributions, amount), rule)


def run(setting: Setting, rule: Rule | None) -> Track:
    """Follow one policy through a setting."""
    account = _Account(setting, rule)
    for month in range(1, len(setting.days)):
        account.step(month)
    return account.track()


class _Account:
    """The account on its way: values by series (n,), its lots, and the year's gains so far."""

    def __init__(self, setting: Setting, rule: Rule | None) -> None:
        self.setting, self.rule = setting, rule
        self.watch = None if rule is None else Watch.of(rule, setting.targets, setting.days)
        months, series = setting.returns.shape
        trader = setting.trader
        self.values: FloatArray = setting.flows[0] * trader.at_target
        self.rows = np.zeros(months + 1, ROW)
        self.weights = np.zeros((months + 1, len(trader.targets)))
        self.rows["flow"][0] = setting.flows[0]
        self.lots = Lots(months, series)
        if setting.taxes is not None:
            self.lots.buy(0, self.values, self.values)
        self.short, self.long = np.zeros(series), np.zeros(series)
        situation = None if setting.taxes is None else setting.taxes.situation
        self.carried = (situation.short_loss_carried, situation.long_loss_carried) if situation else (0.0, 0.0)
        self.years: list[dict[str, float]] = []
        self._close(0)

    def step(self, month: int) -> None:
        setting, rows = self.setting, self.rows
        gains = self.values * setting.returns[month - 1]
        rows["gain"][month] = gains.sum()
        self.values = self.values + gains
        if setting.taxes is not None:
            self._distribute(month, setting.taxes)
        weights = setting.trader.members @ self.values / self.values.sum()
        rows["drift"][month] = np.abs(weights - setting.trader.targets).sum() / 2
        acts = self.watch is not None and self.watch.acts(month, weights)
        flow = setting.flows[month]
        if acts or flow:
            rows["flow"][month] = flow
            rows["rebalanced"][month] = self._trade(month, flow, acts=acts) and acts
        if setting.taxes is not None and setting.ends_a_year[month]:
            tax = self._end_year(month, setting.taxes)
            if tax:
                self._trade(month, -tax)
        self._close(month)

    def _distribute(self, month: int, taxes: TaxRules) -> None:
        """Reinvest what is paid out, less its tax, where it comes from; let funds and indices trade inside."""
        price = self.setting.prices[month]
        tax = self.values * taxes.distribution_tax
        again = self.values * taxes.distributed - tax
        self.lots.buy(month, again / price, again)
        self.values = self.values - tax
        self.rows["tax"][month] = tax.sum()
        if taxes.turnover.any():
            self._realised(*self.lots.turn_over(month, taxes.turnover, price))

    def _trade(self, month: int, flow: float, *, acts: bool = False) -> bool:
        """Trade at a month-end; whether anything was."""
        setting, rows = self.setting, self.rows
        leads_to = self.watch.leads_to if self.watch is not None and acts else None
        trades = setting.trader.trades(self.values, flow, leads_to, holds=self.rule is None)
        self.values = self.values + trades
        if self.values.min() < 0 or self.values.sum() <= 0:
            raise InputError(
                f"The money runs out at the end of {setting.days[month]:%B %Y}: begin with more, or take out less."
            )
        bought, sold = np.maximum(trades, 0.0), np.maximum(-trades, 0.0)
        rows["cost"][month] += setting.trader.costs @ (bought + sold)
        rows["turned"][month] += min(bought.sum(), sold.sum())
        rows["trades"][month] += np.count_nonzero(trades)
        if setting.taxes is not None:
            price, costs = setting.prices[month], setting.trader.costs
            if sold.any():
                self._realised(*self.lots.sell(month, sold / price, price * (1 - costs)))
            self.lots.buy(month, bought / price, bought * (1 + costs))
        return bool(trades.any())

    def _realised(self, short: FloatArray, long: FloatArray) -> None:
        self.short, self.long = self.short + short, self.long + long

    def _end_year(self, month: int, taxes: TaxRules) -> float:
        """Tax that the year's gains add, below 0 where losses save some."""
        if taxes.marked.any():
            self._realised(self.lots.mark(self.setting.prices[month], taxes.marked), np.zeros_like(self.long))
        gains = taxes.gains(self.short, self.long)
        bill, tax = taxes.bill(gains, *self.carried)
        self.carried = bill.short_carried, bill.long_carried
        self.short, self.long = np.zeros_like(self.short), np.zeros_like(self.long)
        self.rows["tax"][month] += tax
        self.years.append(
            {
                "year": self.setting.days[month].year,
                "short_gain": gains.short,
                "long_gain": gains.long,
                "deducted": bill.deducted,
                "short_carried": bill.short_carried,
                "long_carried": bill.long_carried,
                "tax": tax,
            }
        )
        return tax

    def _close(self, month: int) -> None:
        self.rows["value"][month] = value = self.values.sum()
        self.weights[month] = self.setting.trader.members @ self.values / value

    def _after_tax(self) -> float:
        """What is left once everything is sold on the last day."""
        setting = self.setting
        left = float(self.values @ (1 - setting.trader.costs))
        if setting.taxes is None:
            return left
        short, long = self.lots.unrealised(len(setting.days) - 1, setting.prices[-1] * (1 - setting.trader.costs))
        return left - setting.taxes.bill(setting.taxes.gains(self.short + short, self.long + long), *self.carried)[1]

    def track(self) -> Track:
        setting = self.setting
        index = setting.days
        table = pd.DataFrame(self.rows, index)
        table["return"] = (table["value"] - table["flow"]) / table["value"].shift(1) - 1
        weights = pd.DataFrame(self.weights, index, list(setting.universe.class_names))
        years = ["year", "short_gain", "long_gain", "deducted", "short_carried", "long_carried", "tax"]
        tax_years = pd.DataFrame(self.years, columns=years).set_index("year")
        return Track(table, weights, self._after_tax(), tax_years, self._lots())

    def _lots(self) -> pd.DataFrame:
        bought, series = np.nonzero(self.lots.units > 0)
        units = self.lots.units[bought, series]
        return pd.DataFrame(
            {
                "series": np.array(self.setting.names, dtype=object)[series],
                "acquired": self.setting.days[bought],
                "units": units,
                "basis": units * self.lots.unit_cost[bought, series],
                "value": units * self.setting.prices[-1][series],
            }
        )
