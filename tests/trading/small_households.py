"""Small households for the tests of trading."""

from __future__ import annotations

import datetime as dt
from typing import Any

from planner.household.accounts import Account, AccountKind, Asset, Household, Lot
from planner.household.tax_situation import TaxSituation
from planner.policy.targets import Targets

DAY = dt.date(2025, 11, 20)
LONG_AGO, LATELY, JUST_NOW = dt.date(2021, 3, 1), dt.date(2025, 6, 2), dt.date(2025, 11, 10)


def lot(asset: str, quantity: float, unit_cost: float | None = None, acquired: dt.date | None = LONG_AGO) -> Lot:
    return Lot(asset=asset, quantity=quantity, unit_cost=unit_cost, acquired=acquired)


def account(kind: AccountKind, *lots: Lot, cash: float = 0.0, may_hold: tuple[str, ...] | None = None) -> Account:
    return Account(kind=kind, owner="A", name=str(kind), holdings=lots, cash=cash, may_hold=may_hold)


def household(*accounts: Account, prices: dict[str, float] | None = None, **more: Any) -> Household:
    prices = prices or {"VTI": 100.0, "BND": 50.0, "BTC": 1_000.0}
    series = {"VTI": "us_equity", "ITOT": "us_equity", "VXUS": "intl_equity", "BND": "us_bonds", "BTC": "bitcoin"}
    whole = more.pop("whole", ())
    assets = [Asset(symbol=name, series=series[name], whole_units=name in whole) for name in prices if name in series]
    more = {"taxes": TaxSituation(income=120_000), "as_of": DAY} | more
    return Household(accounts=accounts, prices=prices, assets=assets, **more)


def targets(**weights: float) -> Targets:
    return Targets(weights=weights)
