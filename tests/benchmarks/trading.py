"""How long a rebalancing takes, by the number of lots, and what its parts take."""

from __future__ import annotations

import datetime as dt
from statistics import median
from time import perf_counter

import numpy as np

from planner.household.accounts import Account, AccountKind, Asset, Household, Lot
from planner.household.tax_situation import TaxSituation
from planner.policy.targets import ReferenceMix, Targets
from planner.trading.holdings import Holdings
from planner.trading.rebalance import rebalancing
from planner.trading.task import prepared
from planner.trading.tax_drift_curve import PRICES_OF_TRACKING
from planner.trading.trading_policy import TradingPolicy

from .table import table

SIZES = (200, 2_000, 20_000)
QUICK_SIZES = (200,)
HOUSEHOLDS = 5
DAY = dt.date(2025, 11, 20)
ASSETS = {
    "VTI": ("us_equity", 312.44),
    "ITOT": ("us_equity", 140.2),
    "VXUS": ("intl_equity", 71.3),
    "BND": ("us_bonds", 74.1),
    "AGG": ("us_bonds", 99.2),
    "VNQ": ("real_estate", 90.1),
    "SCHH": ("real_estate", 21.3),
    "DBC": ("commodities", 23.4),
    "GLD": ("gold", 310.2),
    "BIL": ("cash", 91.5),
    "BTC": ("bitcoin", 95_000.0),
    "ETH": ("ether", 3_100.0),
}
KINDS = (*(AccountKind.TAXABLE,) * 3, AccountKind.PLAN_401K, AccountKind.TRADITIONAL_IRA, AccountKind.ROTH_IRA)
TARGETS = Targets.reference(ReferenceMix.WORKED_EXAMPLE)


def household(lots: int, seed: int, *, whole: bool = False) -> Household:
    """Six accounts, half of them taxable, with lots of twelve assets bought over seven years, far from any target."""
    rng = np.random.default_rng(seed)

    def lot() -> Lot:
        symbol = list(ASSETS)[rng.integers(len(ASSETS))]
        price = ASSETS[symbol][1]
        quantity = rng.uniform(100, 3_000) / price
        coin = symbol in {"BTC", "ETH"}
        return Lot(
            asset=symbol,
            quantity=quantity if coin or not whole else max(round(quantity), 1),
            unit_cost=price * rng.uniform(0.3, 1.15),
            acquired=DAY - dt.timedelta(days=int(rng.integers(40, 2_500))),
        )

    accounts = [
        Account(
            kind=kind,
            owner=f"Person {number}",
            holdings=[lot() for _ in range(lots // len(KINDS))],
            cash=float(rng.integers(5_000)),
            may_hold=("equities", "fixed_income") if kind is AccountKind.PLAN_401K else None,
        )
        for number, kind in enumerate(KINDS)
    ]
    return Household(
        accounts=accounts,
        prices={symbol: price for symbol, (_, price) in ASSETS.items()},
        as_of=DAY,
        assets=[
            Asset(symbol=symbol, series=series, whole_units=whole and symbol not in {"BTC", "ETH"})
            for symbol, (series, _) in ASSETS.items()
        ],
        taxes=TaxSituation(income=180_000, state_rate=0.05),
    )


def _seconds(home: Household, *, curve: bool = False) -> tuple[float, float, float]:
    """Of preparing and compiling, of solving, and of orders, units and sentences."""
    began = perf_counter()
    task = prepared(Holdings(home), TARGETS, None, (0.0, 0.0), TradingPolicy(), None)
    program = task.program()
    compiled = perf_counter()
    prices = PRICES_OF_TRACKING if curve else (task.tradable.policy.tracking_price,)
    trades = [program.solve(price) for price in prices]
    solved = perf_counter()
    for each in trades:
        rebalancing(task, each, explain=not curve)
    return compiled - began, solved - compiled, perf_counter() - solved


def report(sizes: tuple[int, ...] = SIZES) -> str:
    """A section for docs/benchmarks.md."""
    _seconds(household(60, 0))
    rows = []
    for lots in sizes:
        for name, whole, curve in (
            ("fractional units", False, False),
            ("whole units", True, False),
            (f"curve of {len(PRICES_OF_TRACKING)} points", False, True),
        ):
            if lots > SIZES[1] and (curve or whole):
                continue
            homes = [household(lots, seed, whole=whole) for seed in range(1 if curve else HOUSEHOLDS)]
            measured = [_seconds(home, curve=curve) for home in homes]
            totals = [sum(parts) for parts in measured]
            middle = (median(parts[place] for parts in measured) for place in range(3))
            rows.append(
                [
                    f"{lots:,} lots, {name}",
                    *(f"{part:.2f}" for part in middle),
                    f"{median(totals):.2f}",
                    f"{max(totals):.2f}",
                ]
            )
    header = ["Seconds; 6 accounts, 12 assets", "compile", "solve", "orders", "all", "slowest"]
    return "\n\n".join(["## Rebalancing", table(header, rows)])
