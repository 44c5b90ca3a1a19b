"""Every set of whole-unit trades of small households, against the program: nothing is cheaper."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from small_households import DAY, LATELY, LONG_AGO, household, lot, targets

from planner.household.accounts import Account, AccountKind, Lot, Sale
from planner.household.tax_situation import FilingStatus, TaxSituation
from planner.household.taxes import Gains, added_tax, marginal_rates
from planner.market.universe import BUILT_IN
from planner.trading.holdings import Holdings
from planner.trading.stage_program import GAP, SHARE_PRICE
from planner.trading.task import Task, prepared
from planner.trading.tax_drag import yearly_drag
from planner.trading.tradable import ROUNDING_ROOM, SALE_PRICE, TRADE_PRICE
from planner.trading.trading_policy import TradingPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator

PRICES = {"VTI": 5_000.0, "BND": 4_000.0, "BTC": 7_000.0}
SYMBOLS = ("VTI", "BND", "BTC")


@cache
def drag_of(taxes: TaxSituation) -> dict[str, float]:
    return dict(yearly_drag(BUILT_IN, marginal_rates(taxes, 2025))["taxed every year"])


@cache
def tax_of(taxes: TaxSituation, short: float, long: float, earlier: Gains) -> float:
    return added_tax(taxes, Gains(short, long), 2025, earlier)


def counted(task: Task, price: float, sold: dict[int, float], bought: dict[tuple[int, str], float]) -> float:
    """What trades in units count, by the words of the issue and in plain Python."""
    home, held = task.holdings.household, task.holdings
    lots = [(place, each) for place, account in enumerate(home.accounts) for each in account.holdings]
    costs = {"VTI": 0.0005, "BND": 0.0005, "BTC": 0.0025}
    drag = drag_of(home.taxes)
    total, short, long = 0.0, 0.0, 0.0
    value = dict.fromkeys(SYMBOLS, 0.0)
    cash = sum(account.cash for account in home.accounts) + task.flows.total
    for _, each in lots:
        value[each.asset] += each.quantity * PRICES[each.asset]
    for number, units in sold.items():
        place, each = lots[number]
        amount = units * PRICES[each.asset]
        value[each.asset] -= amount
        cash += amount * (1 - costs[each.asset])
        total += amount * (costs[each.asset] + TRADE_PRICE)
        if home.accounts[place].kind is AccountKind.TAXABLE:
            gain = amount * (1 - costs[each.asset]) - units * each.unit_cost
            held_long = each.acquired == LONG_AGO
            long, short = long + gain * held_long, short + gain * (not held_long)
            total += SALE_PRICE * amount * (1 if gain <= 0 else 2 if held_long else 3)
    for (place, symbol), units in bought.items():
        amount = units * PRICES[symbol]
        value[symbol] += amount
        cash -= amount * (1 + costs[symbol])
        total += amount * (costs[symbol] + TRADE_PRICE)
        if home.accounts[place].kind is AccountKind.TAXABLE:
            series = {
                "VTI": {"us_equity": 0.64, "intl_equity": 0.36},
                "BND": {"us_bonds": 1.0},
                "BTC": {"bitcoin": 1.0},
            }
            total += amount * sum(share * drag[name] for name, share in series[symbol].items())
    total += max(tax_of(home.taxes, short, long, task.earlier), 0.0)
    classes = {"equities": value["VTI"], "fixed_income": value["BND"], "crypto": value["BTC"], "cash": cash}
    everything = sum(classes.values())
    wanted = {name: weight * everything for name, weight in task.targets.weights.items()}
    total += price * sum(abs(classes.get(name, 0.0) - wanted[name]) for name in wanted) / 2
    by_series = {"us_equity": value["VTI"], "us_bonds": value["BND"], "bitcoin": value["BTC"]}
    invested = {"equities": value["VTI"], "fixed_income": value["BND"], "crypto": value["BTC"]}
    for kind in held.universe.classes:
        for member in kind.series:
            in_shares = member.share * invested.get(kind.name, 0.0)
            total += SHARE_PRICE * abs(by_series.get(member.name, 0.0) - in_shares)
    return total


def choices(task: Task, place: int, smallest: float) -> Iterator[tuple[dict[int, float], dict[str, float]]]:
    """All sales of an account's lots and purchases in it, in whole units, that its cash and the rules allow."""
    home = task.holdings.household
    first = sum(len(account.holdings) for account in home.accounts[:place])
    account = home.accounts[place]
    costs = {"VTI": 0.0005, "BND": 0.0005, "BTC": 0.0025}
    for units in product(*(range(int(each.quantity) + 1) for each in account.holdings)):
        sold = {first + number: many for number, many in enumerate(units) if many}
        of_asset = dict.fromkeys(SYMBOLS, 0.0)
        for many, each in zip(units, account.holdings, strict=True):
            of_asset[each.asset] += many * PRICES[each.asset]
        there = {name: sum(x.quantity for x in account.holdings if x.asset == name) * PRICES[name] for name in SYMBOLS}
        if any(0 < of_asset[name] < min(smallest, there[name]) for name in SYMBOLS):
            continue
        money = account.cash + task.flows.fixed[place]
        money += sum(amount * (1 - costs[name]) for name, amount in of_asset.items())
        most = {name: 0 if of_asset[name] else int(max(money, 0) // PRICES[name]) for name in SYMBOLS}
        for many in product(*(range(most[name] + 1) for name in SYMBOLS)):
            bought = {name: number for name, number in zip(SYMBOLS, many, strict=True) if number}
            spent = sum(number * PRICES[name] * (1 + costs[name]) for name, number in bought.items())
            small = any(number * PRICES[name] < smallest for name, number in bought.items())
            if spent <= money and money >= 0 and not small:
                yield sold, bought


def cheapest(task: Task, price: float, smallest: float) -> float:
    home = task.holdings.household
    lots = [(account.kind, each) for account in home.accounts for each in account.holdings]
    best = counted(task, price, {}, {})
    for (sold, bought), (sold_too, bought_too) in product(choices(task, 0, smallest), choices(task, 1, smallest)):
        sales = sold | sold_too
        losing = {
            lots[number][1].asset
            for number in sales
            if lots[number][0] is AccountKind.TAXABLE
            and lots[number][1].asset != "BTC"
            and lots[number][1].unit_cost > PRICES[lots[number][1].asset] * (1 - 0.0005)
        }
        if losing & {*bought, *bought_too}:
            continue
        buys = {(0, name): units for name, units in bought.items()}
        buys |= {(1, name): units for name, units in bought_too.items()}
        best = min(best, counted(task, price, sales, buys))
    return best


def random_task(seed: int) -> tuple[Task, float, float]:
    rng = np.random.default_rng(seed)

    def random_lot() -> Lot:
        name = SYMBOLS[rng.integers(3)]
        cost = PRICES[name] * rng.choice([0.2, 0.7, 0.98, 1.1, 1.6])
        return lot(name, int(rng.integers(1, 4)), float(cost), (LONG_AGO, LATELY)[rng.integers(2)])

    taxed = int(rng.integers(2, 4))
    accounts = (
        Account(
            kind=AccountKind.TAXABLE,
            owner="A",
            holdings=[random_lot() for _ in range(taxed)],
            cash=float(rng.choice([0, 3_000, 9_000])),
        ),
        Account(
            kind=(AccountKind.TRADITIONAL_IRA, AccountKind.ROTH_IRA)[rng.integers(2)],
            owner="A",
            holdings=[random_lot() for _ in range(4 - taxed)],
            cash=float(rng.choice([0, 5_000])),
        ),
    )
    taxes = TaxSituation(
        filing=(FilingStatus.SINGLE, FilingStatus.MARRIED_SEPARATELY)[rng.integers(2)],
        income=float(rng.choice([10_000, 62_000, 120_000, 199_000, 600_000])),
        state_rate=float(rng.choice([0.0, 0.05])),
        short_loss_carried=float(rng.choice([0, 4_000])),
        long_loss_carried=float(rng.choice([0, 0, 9_000])),
    )
    earlier = [
        Sale(account="x", asset="VNQ", quantity=1, unit_cost=1_000, acquired=day, unit_price=price, sold=DAY)
        for day, price in ((LONG_AGO, 4_000), (LATELY, 200), (LATELY, 6_000))
        if rng.random() < 0.3
    ]
    home = household(*accounts, prices=PRICES | {"VNQ": 1.0}, whole=SYMBOLS, taxes=taxes, sales=earlier)
    home = home.with_changes(
        accounts=[each.with_changes(may_hold=SYMBOLS) for each in home.accounts],
        assets=[*home.assets, home.assets[0].with_changes(symbol="VNQ", series="real_estate")],
    )
    weights = rng.dirichlet([2, 2, 1, 0.5])
    weights = [round(float(weight), 2) for weight in weights]
    wanted = targets(equities=weights[0], fixed_income=weights[1], crypto=weights[2], cash=1 - sum(weights[:3]))
    smallest = float(rng.choice([0, 4_500, 9_000]))
    price = float(rng.choice([0.0, 0.01, 0.1, 0.3, 1.0]))
    policy = TradingPolicy(minimum_trade=smallest, tracking_price=price)
    given = float(rng.choice([0, 6_000]))
    flow = ({accounts[0].name: given} if given else 0.0, 0.0)
    return prepared(Holdings(home), wanted, None, flow, policy, None), price, smallest


@pytest.mark.parametrize("seed", range(16))
def test_no_whole_unit_trades_of_a_small_household_are_cheaper_than_the_program_s(seed: int):
    task, price, smallest = random_task(seed)
    found = task.program().solve(price)
    accounts, assets = task.tradable.candidates
    names = task.holdings.symbols
    sold: dict[int, float] = {}
    for number, piece in enumerate(task.tradable.piece_of_lot):
        units = found.sold[piece] / task.holdings.prices[task.holdings.asset[number]]
        before = sum(sold.get(other, 0.0) for other in range(number) if task.tradable.piece_of_lot[other] == piece)
        sold[number] = min(units - before, task.holdings.quantity[number])
    bought = {
        (int(place), names[asset]): amount / task.holdings.prices[asset]
        for place, asset, amount in zip(accounts, assets, found.bought, strict=True)
    }
    assert counted(task, price, sold, bought) == pytest.approx(found.objective, abs=1e-3)
    allowed = cheapest(task, price, smallest + ROUNDING_ROOM if smallest else 0.0)
    assert found.objective <= allowed + GAP * task.holdings.total + 1e-3
