"""Rebalancing policies side by side on the same history: what each turns over, costs, pays, drifts and earns."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

from planner.errors import InputError
from planner.market.universe import BUILT_IN, CASH, Universe
from planner.outlook.backtest import run
from planner.outlook.backtest_setting import AMOUNT, Flows, prepared
from planner.trading.rules import Calendar, Destination, Frequency, Hybrid, Threshold
from planner.wording import count, money, percent

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from planner.household.tax_situation import TaxSituation
    from planner.outlook.backtest import Track
    from planner.policy.targets import Targets
    from planner.trading.rules import Rule
    from planner.trading.trading_policy import TradingPolicy

BUY_AND_HOLD = "Buy and hold"

POLICIES: Mapping[str, Rule | None] = MappingProxyType(
    {
        BUY_AND_HOLD: None,
        "Calendar, quarterly": Calendar(frequency=Frequency.QUARTERLY),
        "Calendar, yearly": Calendar(frequency=Frequency.ANNUALLY),
        **{f"Threshold, {to}": Threshold(destination=to) for to in Destination},
        **{f"Hybrid, {to}": Hybrid(threshold=Threshold(destination=to)) for to in Destination},
    }
)
"""The policies of domain.md section 6; thresholds act at the targets' own bands, hybrids look every quarter."""


@dataclass(frozen=True, eq=False)
class PolicyComparison:
    """Policies that went through the same months, by name.

    ``risk_free`` is what the Sharpe ratio takes off: cash's return of each month, or 0 where there is none.
    """

    tracks: Mapping[str, Track]
    targets: Targets
    universe: Universe
    risk_free: pd.Series[float] | float = field(default=0.0, repr=False)

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a policy, in currency and annual decimals.

        ``growth``, ``volatility``, ``sharpe``, ``deepest_fall`` are of monthly returns after costs and taxes;
        ``turnover`` a year; ``trades`` and ``rebalancings`` their numbers; ``cost`` and ``tax`` in all; ``drift`` on
        average of the month-ends before trades, ``most_drift`` the widest; ``value`` at the end, ``after_tax`` what
        would be left of it, and ``after_tax_return`` what the money then earned a year.
        """
        rows = {name: self._row(track) for name, track in self.tracks.items()}
        table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("policy")
        return table.astype({"trades": int, "rebalancings": int})

    def _row(self, track: Track) -> dict[str, float]:
        measured = track.performance(self.risk_free)
        months = track.table.iloc[1:]
        return {
            **{name: float(measured[name]) for name in ("growth", "volatility", "sharpe", "deepest_fall")},
            "turnover": track.turnover,
            "trades": int(months["trades"].sum()),
            "rebalancings": int(months["rebalanced"].sum()),
            "cost": float(months["cost"].sum()),
            "tax": float(months["tax"].sum()),
            "drift": float(months["drift"].mean()),
            "most_drift": float(months["drift"].max()),
            "value": float(months["value"].iloc[-1]),
            "after_tax": track.after_tax,
            "after_tax_return": track.after_tax_return,
        }

    @property
    def sentences(self) -> tuple[str, ...]:
        """What stands out in the table, and what it cannot tell."""
        table = self.table
        one = next(iter(self.tracks.values()))
        first, last = one.table.index[1], one.table.index[-1]
        said = [
            f"{count(one.months, 'month')}, {first:%B %Y} to {last:%B %Y}, "
            f"{'one policy' if len(table) == 1 else f'{len(table)} policies'} that began with "
            f"{money(float(one.table['flow'].iloc[0]))}."
        ]
        if len(table) > 1:
            said += [self._after_tax(), self._drift(), self._trading()]
        said += [*self._run_away(), "One history is one draw: it does not tell which policy will do best."]
        return tuple(said)

    def _after_tax(self) -> str:
        left = self.table["after_tax"]
        most, least = str(left.idxmax()), str(left.idxmin())
        earned = self.table["after_tax_return"]
        return (
            f"Had everything been sold on the last day, '{most}' would have left the most, {money(left[most])} "
            f"({percent(earned[most])} a year), '{least}' the least, {money(left[least])} ({percent(earned[least])})."
        )

    def _drift(self) -> str:
        drift = self.table["drift"]
        most, least = str(drift.idxmax()), str(drift.idxmin())
        return (
            f"On average {percent(drift[least])} of the portfolio was in the wrong class under '{least}', "
            f"{percent(drift[most])} under '{most}'."
        )

    def _trading(self) -> str:
        trading = self.table[self.table["rebalancings"] > 0]
        if trading.empty:
            return "No policy ever rebalanced."
        most, least = str(trading["turnover"].idxmax()), str(trading["turnover"].idxmin())
        shown = {name: f"'{name}' ({count(trading['trades'][name], 'trade')})" for name in (most, least)}
        if most == least:
            return f"Only {shown[most]} rebalanced: {percent(trading['turnover'][most])} of the portfolio a year."
        return (
            f"Of those that rebalance, {shown[least]} turned the least over, "
            f"{percent(trading['turnover'][least])} a year, and {shown[most]} the most, "
            f"{percent(trading['turnover'][most])}."
        )

    def _run_away(self) -> list[str]:
        """What grew beyond its target where nothing was brought back."""
        if BUY_AND_HOLD not in self.tracks:
            return []
        weights = self.tracks[BUY_AND_HOLD].weights.iloc[-1]
        beyond = weights - pd.Series(dict(self.targets.weights))[weights.index]
        name = str(beyond.idxmax())
        return [
            f"Bought and held, {self.universe[name].label} was {percent(float(weights[name]))} of the portfolio at the "
            f"end, against a target of {percent(self.targets.weights[name])}."
        ]

    def _repr_html_(self) -> str:
        return f"{self.table.to_html()}{''.join(f'<p>{escape(sentence)}</p>' for sentence in self.sentences)}"


def compare_policies(  # noqa: PLR0913 - as of a backtest
    returns: pd.DataFrame,
    targets: Targets,
    policies: Mapping[str, Rule | None] = POLICIES,
    costs: TradingPolicy | float | None = None,
    taxes: TaxSituation | None = None,
    contributions: Flows = 0.0,
    *,
    amount: float = AMOUNT,
    first: dt.date | None = None,
    last: dt.date | None = None,
    mix: Mapping[str, float] | None = None,
    universe: Universe = BUILT_IN,
) -> PolicyComparison:
    """Follow policies (rules by name, None to buy and hold) through the same past.

    Everything else is as of ``backtest``, and InputErrors are the same. Source: domain.md section 6.
    """
    if not policies:
        raise InputError("There is no policy to compare: name at least one.")
    setting = prepared(returns, targets, universe, (first, last), mix).under(costs, taxes, contributions, amount)
    tracks = {name: run(setting, rule) for name, rule in policies.items()}
    return PolicyComparison(tracks, targets, universe, _risk_free(returns, setting.days[1:]))


def _risk_free(returns: pd.DataFrame, months: pd.DatetimeIndex) -> pd.Series[float] | float:
    if CASH not in returns:
        return 0.0
    rates = returns[CASH].set_axis(pd.DatetimeIndex(returns.index) + pd.offsets.MonthEnd(0)).reindex(months)
    return 0.0 if rates.isna().any() else rates
