from __future__ import annotations

import datetime as dt
import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from planner import InputError, Targets, TaxSituation
from planner.household.accounts import Lot
from planner.household.tax_tables import tax_years
from planner.household.taxes import Gains, is_long_term, tax_bill
from planner.market.annual_history import annual_history
from planner.market.universe import BUILT_IN, AssetClass, Series, TaxCharacter, Universe
from planner.outlook.backtest import Track, backtest
from planner.outlook.backtest_lots import MONTHS, Lots
from planner.outlook.backtest_setting import prepared
from planner.outlook.backtest_trades import Trader, Watch
from planner.outlook.metrics import past_path
from planner.policy.targets import Band
from planner.trading.lots import LotChoice, sell
from planner.trading.orders import Term
from planner.trading.rules import Calendar, Destination, Frequency, Hybrid, Threshold
from planner.trading.trading_policy import TradingPolicy


def asset_class(name: str, *series: Series) -> AssetClass:
    return AssetClass(name, name.title(), "#000000", "", series)


PLAIN = Universe(
    (
        asset_class("stocks", Series("stock", "Stock", TaxCharacter.QUALIFIED_DIVIDENDS)),
        asset_class("bonds", Series("bond", "Bond", TaxCharacter.ORDINARY_INTEREST)),
    )
)
"""Nothing is paid out, so that the numbers stay whole."""

SIXTY_FORTY = Targets.in_universe(PLAIN, weights={"stocks": 0.6, "bonds": 0.4})
HALVES = Targets.in_universe(PLAIN, weights={"stocks": 0.5, "bonds": 0.5})
WORKED = Targets(weights={"equities": 0.5, "fixed_income": 0.3, "real_estate": 0.1, "cash": 0.05, "crypto": 0.05})
AT = {"stock": 0.6, "bond": 0.4}
EARNER = TaxSituation(income=100_000)
"""A single earner whose next dollar of income is taxed 22 %, of long-term gains 15 %."""

RULES = (
    None,
    Calendar(frequency=Frequency.MONTHLY),
    Calendar(),
    Threshold(absolute=0.03),
    Threshold(relative=0.1, destination=Destination.HALF_WAY),
    Hybrid(threshold=Threshold(absolute=0.03, destination=Destination.EDGE)),
)


def two(stock: list[float], bond: list[float], start: str = "2020-10-31") -> pd.DataFrame:
    months = pd.date_range(start, periods=len(stock), freq="ME", name="month_end")
    return pd.DataFrame({"stock": stock, "bond": bond}, months, dtype=float)


def plain(returns: pd.DataFrame, rule=None, targets: Targets = SIXTY_FORTY, costs=0.0, taxes=None, **more) -> Track:
    return backtest(returns, targets, rule, costs, taxes, universe=PLAIN, **more)


def left_over(track: Track) -> float:
    """Value less what was put in and gained, plus costs and taxes."""
    sums = track.table[["flow", "gain", "cost", "tax"]].sum()
    return float(track.values.iloc[-1] - sums["flow"] - sums["gain"] + sums["cost"] + sums["tax"])


monthly = st.lists(st.tuples(st.floats(-0.4, 0.5), st.floats(-0.2, 0.2)), min_size=3, max_size=30)


# What follows from the definition


@pytest.mark.parametrize("rule", RULES)
def test_where_all_earn_the_same_there_is_no_drift_and_no_trade(rule):
    track = plain(two([0.01] * 24, [0.01] * 24), rule, costs=0.01)
    assert track.table["trades"].sum() == 0
    assert not track.table["rebalanced"].any()
    assert track.table["drift"].max() < 1e-12
    assert track.values.iloc[-1] == pytest.approx(100_000 * 1.01**24)
    assert track.performance()["growth"] == pytest.approx(1.01**12 - 1)


def test_bought_and_held_each_part_grows_by_itself(market):
    track = backtest(market.complete_returns, WORKED, None, 0.0)
    weights = BUILT_IN.split(WORKED.weights)
    growth = (1 + market.complete_returns).prod()
    assert track.values.iloc[-1] == pytest.approx(100_000 * sum(weights[name] * growth[name] for name in weights))
    assert track.turnover == 0


def test_rebalanced_every_month_without_costs_it_is_the_past_of_a_mix(market):
    track = backtest(market.complete_returns, WORKED, Calendar(frequency=Frequency.MONTHLY), 0.0)
    path = past_path(market.complete_returns, BUILT_IN.split(WORKED.weights))
    np.testing.assert_allclose(track.returns, path.returns, atol=1e-12)
    np.testing.assert_allclose(track.values / 100_000, path.wealth, rtol=1e-12)


def test_one_rebalancing_with_costs_by_hand():
    track = plain(two([0.2], [0.0]), Calendar(frequency=Frequency.MONTHLY), costs=0.01, amount=100.0)
    # 72 and 40; of what is left, T, 0.6 T and 0.4 T: T = 112 - 0.01 ((72 - 0.6 T) + (0.4 T - 40))
    left = 111.68 / 0.998
    row = track.table.iloc[-1]
    assert row["value"] == pytest.approx(left)
    assert row["cost"] == pytest.approx(0.01 * (32 - 0.2 * left))
    assert row["turned"] == pytest.approx(0.4 * left - 40)
    assert row["trades"] == 2
    assert row["drift"] == pytest.approx(72 / 112 - 0.6)
    assert row["return"] == pytest.approx(left / 100 - 1)
    assert track.weights.iloc[-1].to_dict() == pytest.approx({"stocks": 0.6, "bonds": 0.4})
    assert track.after_tax == pytest.approx(0.99 * left)


def test_costs_are_those_of_the_class_or_the_series():
    policy = TradingPolicy(cost=0.0, costs={"stocks": 0.02})
    track = plain(two([0.2], [0.0]), Calendar(frequency=Frequency.MONTHLY), costs=policy)
    assert track.table["cost"].iloc[-1] == pytest.approx(0.02 * (72_000 - 0.6 * track.values.iloc[-1]))
    series = TradingPolicy(cost=0.0, costs={"bonds": 0.02, "bond": 0.0})
    assert plain(two([0.2], [0.0]), Calendar(frequency="monthly"), costs=series).table["cost"].iloc[-1] == 0


def test_looks_are_quarterly_from_the_start():
    track = plain(two([0.01] * 12, [0.0] * 12), Calendar())
    rebalanced = track.table.index[track.table["rebalanced"]]
    assert [day.month for day in rebalanced] == [12, 3, 6, 9]


# Taxes by hand


def test_a_short_term_gain_is_taxed_in_december_out_of_what_is_held():
    track = plain(two([0.5, 0.0, 0.0], [0.0, 0.0, 0.0]), Calendar(), taxes=EARNER, amount=10_000.0)
    # 9,000 and 4,000; 1,200 of stock is sold, which cost 800; 22 % of 400 is 88, of which stock pays 52.80
    assert track.tax_years.loc[2020, "short_gain"] == pytest.approx(400)
    assert track.tax_years.loc[2020, "tax"] == pytest.approx(88)
    assert track.values.iloc[-1] == pytest.approx(13_000 - 88)
    assert track.weights["stocks"].iloc[-1] == pytest.approx(0.6)
    # of the gain of 3,000 on the stock 2,600 are left to tax, as short-term
    assert track.after_tax == pytest.approx(13_000 - 88 - 0.22 * 2_600)


@pytest.mark.parametrize(("month", "rate"), [(12, 0.22), (13, 0.15)])
def test_what_was_held_for_twelve_months_is_short_term_and_for_thirteen_long_term(month, rate):
    rises = [0.5 if place == month else 0.0 for place in range(1, 14)]
    track = plain(
        two(rises, [0.0] * 13, "2019-12-31"), Threshold(absolute=0.05), taxes=EARNER, amount=10_000.0, costs=0.0
    )
    taxed = track.tax_years["tax"]
    assert taxed[2020] == pytest.approx(rate * 400)
    assert taxed[2019] == 0


def test_losses_come_off_gains_then_three_thousand_off_income_and_the_rest_is_carried():
    months = 3 + 24
    falls = two([-0.5] + [0.0] * (months - 1), [-0.2] + [0.0] * (months - 1))
    track = plain(falls, Threshold(absolute=0.02), HALVES, taxes=EARNER, amount=400_000.0)
    # 100,000 and 160,000; 30,000 of bonds are sold, which cost 37,500
    years = track.tax_years
    assert years["short_gain"].iloc[0] == pytest.approx(-7_500)
    assert years["deducted"].tolist() == pytest.approx([3_000, 3_000, 1_500])
    assert years["short_carried"].tolist() == pytest.approx([4_500, 1_500, 0])
    assert years["tax"].tolist() == pytest.approx([-660, -660, -330])
    assert track.values.iloc[-1] == pytest.approx(260_000 + 660 + 660 + 330)


def test_a_loss_carried_into_the_backtest_is_used():
    carried = EARNER.with_changes(long_loss_carried=400.0)
    track = plain(two([0.5, 0.0, 0.0], [0.0, 0.0, 0.0]), Calendar(), taxes=carried, amount=10_000.0)
    assert track.tax_years.loc[2020, "tax"] == pytest.approx(0)


def test_distributions_are_taxed_as_they_come_and_the_rest_buys_more(market):
    equity = Targets(weights={"equities": 1.0})
    track = backtest(
        market.complete_returns, equity, None, 0.0, EARNER, mix={"us_equity": 1.0}, first=dt.date(2025, 1, 1)
    )
    tax = 0.15 * 0.012 / 12
    growth = np.cumprod((1 + market.returns["us_equity"]["2025":]) * (1 - tax))
    np.testing.assert_allclose(track.values.iloc[1:] / 100_000, growth, rtol=1e-12)
    basis = track.lots["basis"]
    assert len(basis) == 10
    assert basis.iloc[1:].sum() == pytest.approx(track.table["tax"].sum() * (1 - 0.15) / 0.15)


def test_futures_are_taxed_at_the_end_of_each_year_and_cost_what_they_are_worth():
    universe = Universe((asset_class("futures", Series("future", "Future", TaxCharacter.SECTION_1256)),))
    months = pd.date_range("2020-10-31", periods=3, freq="ME", name="month_end")
    returns = pd.DataFrame({"future": [0.1, 0.0, 0.0]}, months)
    targets = Targets.in_universe(universe, weights={"futures": 1.0})
    track = backtest(returns, targets, None, 0.0, EARNER, amount=10_000.0, universe=universe)
    tax = 1_000 * (0.6 * 0.15 + 0.4 * 0.22)
    assert track.table["tax"].sum() == pytest.approx(tax)
    assert track.after_tax == pytest.approx(11_000 - tax)


def test_an_index_that_trades_inside_has_its_gains_taxed():
    inside = Series("coins", "Coins", TaxCharacter.PROPERTY, turnover=1.2)
    universe = Universe((asset_class("crypto", inside),))
    months = pd.date_range("2020-12-31", periods=1, freq="ME", name="month_end")
    targets = Targets.in_universe(universe, weights={"crypto": 1.0})
    track = backtest(
        pd.DataFrame({"coins": [0.5]}, months), targets, None, 0.0, EARNER, amount=10_000.0, universe=universe
    )
    assert track.tax_years.loc[2020, "short_gain"] == pytest.approx(0.1 * 5_000)
    assert track.after_tax == pytest.approx(15_000 - 0.22 * 5_000)


def test_gold_is_taxed_as_a_collectible():
    universe = Universe((asset_class("gold", Series("gold", "Gold", TaxCharacter.COLLECTIBLE)),))
    months = pd.date_range("2020-01-31", periods=14, freq="ME", name="month_end")
    targets = Targets.in_universe(universe, weights={"gold": 1.0})
    rich = TaxSituation(income=240_000)
    returns = pd.DataFrame({"gold": [0.02] * 14}, months)
    track = backtest(returns, targets, None, 0.0, rich, amount=1_000.0, universe=universe)
    gain = 1_000 * (1.02**14 - 1)
    assert track.after_tax == pytest.approx(1_000 + gain * (1 - 0.28 - 0.038))


def test_whoever_pays_no_tax_has_the_track_without_taxes(market):
    nothing = TaxSituation(income=0.0)
    taxed = backtest(market.complete_returns, WORKED, Calendar(), None, nothing, amount=1_000.0)
    free = backtest(market.complete_returns, WORKED, Calendar(), None, amount=1_000.0)
    np.testing.assert_allclose(taxed.values, free.values, rtol=1e-9)
    assert taxed.after_tax == pytest.approx(free.after_tax)
    assert free.tax_years.empty
    assert free.lots.empty


def lot_by_lot(returns: pd.DataFrame) -> tuple[float, dict[int, float], float]:
    """60/40 every month without costs, with lots as Python objects: value, tax by year, and what is left after tax."""
    days = [returns.index[0] - pd.offsets.MonthEnd(1), *returns.index]
    price, situation = {"stock": 1.0, "bond": 1.0}, EARNER
    lots = [Lot(asset=name, quantity=1e5 * at, unit_cost=1.0, acquired=days[0].date()) for name, at in AT.items()]
    gains, taxes = Gains(), {}

    def worth(name: str) -> float:
        return sum(lot.quantity * price[name] for lot in lots if lot.asset == name)

    def order(place: int) -> tuple[int, float]:
        cost, worth = lots[place].unit_cost, price[lots[place].asset]
        return (0 if cost >= worth else 1 if is_long_term(lots[place].acquired, day) else 2), -cost

    def to_target(total: float) -> None:
        nonlocal lots, gains
        for name, at in AT.items():
            missing = at * total - worth(name)
            if missing > 0:
                lots.append(Lot(asset=name, quantity=missing / price[name], unit_cost=price[name], acquired=day))
                continue
            own = [lot for lot in lots if lot.asset == name]
            rest = [lot for lot in lots if lot.asset != name]
            lots = own
            named = sorted(range(len(own)), key=order)
            sold = sell(own, -missing / price[name], LotChoice.NAMED, named, unit_price=price[name], day=day)
            lots = rest + list(sold.left)
            for piece in sold.pieces:
                gains += Gains(long=piece.gain) if piece.term is Term.LONG else Gains(short=piece.gain)

    for stamp in days[1:]:
        day = stamp.date()
        for name in price:
            price[name] *= 1 + returns.loc[stamp, name]
        total = worth("stock") + worth("bond")
        to_target(total)
        if day.month == 12:
            bill = tax_bill(situation, gains, tax_years()[-1])
            taxes[day.year] = bill.total - tax_bill(EARNER, Gains(), tax_years()[-1]).total
            situation = EARNER.with_changes(short_loss_carried=bill.short_carried, long_loss_carried=bill.long_carried)
            gains = Gains()
            to_target(total - taxes[day.year])
    total = worth("stock") + worth("bond")
    for lot in lots:
        gain = lot.quantity * (price[lot.asset] - lot.unit_cost)
        gains += Gains(long=gain) if is_long_term(lot.acquired, day) else Gains(short=gain)
    owed = tax_bill(situation, gains, tax_years()[-1]).total - tax_bill(EARNER, Gains(), tax_years()[-1]).total
    return total, taxes, total - owed


@pytest.mark.parametrize("seed", [1, 2])
def test_lots_as_objects_one_by_one_come_to_the_same(seed):
    rng = np.random.default_rng(seed)
    returns = two(list(rng.normal(0.01, 0.10, 40)), list(rng.normal(0.0, 0.03, 40)), "2018-05-31")
    track = plain(returns, Calendar(frequency=Frequency.MONTHLY), taxes=EARNER)
    value, taxes, after_tax = lot_by_lot(returns)
    assert track.values.iloc[-1] == pytest.approx(value)
    assert track.tax_years["tax"].to_dict() == pytest.approx(taxes)
    assert track.after_tax == pytest.approx(after_tax)
    assert min(taxes.values()) < 0 < max(taxes.values())


# Lots


def test_losses_are_sold_first_then_long_term_gains_then_short_term_ones_the_dearest_first():
    lots = Lots(20, 1)
    for month, unit_cost in ((0, 5.0), (1, 8.0), (2, 12.0), (14, 9.0), (15, 6.0), (16, 11.0)):
        lots.buy(month, np.array([1.0]), np.array([unit_cost]))
    order = []
    for _ in range(6):
        before = lots.units.copy()
        lots.sell(18, np.array([1.0]), np.array([10.0]))
        order.append(float(((before - lots.units) * lots.unit_cost).sum()))
    assert order == pytest.approx([12, 11, 8, 5, 9, 6])
    assert np.abs(lots.units).max() == 0


@settings(max_examples=60, deadline=None)
@given(data=st.data(), price=st.floats(0.1, 10))
def test_lots_conserve_units_and_basis(data, price):
    lots = Lots(30, 2)
    for month in data.draw(st.lists(st.integers(0, 30), min_size=1, max_size=10)):
        units = np.array(data.draw(st.tuples(st.floats(0, 100), st.floats(0, 100))))
        lots.buy(month, units, units * data.draw(st.floats(0.1, 10)))
    held, basis = lots.units.sum(axis=0), (lots.units * lots.unit_cost).sum(axis=0)
    sold = held * data.draw(st.floats(0, 1))
    gains = np.sum(lots.sell(30, sold, np.array([price, price])), axis=0)
    np.testing.assert_allclose(lots.units.sum(axis=0), held - sold, atol=1e-9)
    np.testing.assert_allclose((lots.units * lots.unit_cost).sum(axis=0), basis - (sold * price - gains), atol=1e-8)
    assert lots.units.min() >= 0


def test_month_ends_are_long_term_when_the_law_says_so():
    days = pd.date_range("2015-01-31", "2021-12-31", freq="ME").date
    for bought, day in enumerate(days):
        for sold in range(bought, min(bought + 15, len(days))):
            assert is_long_term(day, days[sold]) == (sold - bought > MONTHS)


# Rules and trades


@settings(max_examples=60, deadline=None)
@given(raw=st.lists(st.floats(0.001, 1), min_size=6, max_size=6), rule=st.sampled_from(RULES[2:]))
def test_a_backtest_acts_when_the_rule_decides_so_and_goes_where_it_leads(raw, rule):
    weights = pd.Series(np.array(raw) / sum(raw), list(BUILT_IN.class_names))
    days = pd.date_range("2020-09-30", periods=7, freq="ME")
    watch = Watch.of(rule, WORKED, days)
    last = days[0].date()
    for month in range(1, 7):
        held = SimpleNamespace(weights=weights, universe=BUILT_IN, as_of=days[month].date())
        decision = rule.decide(held, WORKED, last)
        assert watch.acts(month, weights.to_numpy()) == decision.due
        if decision.due:
            np.testing.assert_allclose(watch.leads_to, decision.destination.to_numpy().T)
        if decision.next_look == Frequency.QUARTERLY.after(days[month].date()):
            last = days[month].date()


@settings(max_examples=60, deadline=None)
@given(data=st.data(), flow=st.floats(-0.5, 0.5))
def test_trades_into_the_destination_turn_over_the_least(data, flow):
    raw = np.array(data.draw(st.lists(st.floats(0.01, 1), min_size=4, max_size=4)))
    values = np.array(data.draw(st.lists(st.floats(0.01, 1), min_size=4, max_size=4)))
    width = np.array(data.draw(st.lists(st.floats(0, 0.1), min_size=4, max_size=4)))
    at = raw / raw.sum()
    flow *= float(values.sum())
    total = float(values.sum()) + flow
    leads_to = np.array([np.maximum(at - width, 0), np.minimum(at + width, 1)])
    trader = Trader(np.eye(4), np.ones(4), at, np.zeros(4))
    trades = trader.trades(values, flow, leads_to, holds=False)
    after = values + trades
    assert after.sum() == pytest.approx(total)
    assert (after >= leads_to[0] * total - 1e-9).all()
    assert (after <= leads_to[1] * total + 1e-9).all()
    # least sum of |trades|: variables after (4) and moves (4), moves at least the difference either way
    eye = np.eye(4)
    least = linprog(
        np.r_[np.zeros(4), np.ones(4)],
        A_ub=np.block([[eye, -eye], [-eye, -eye]]),
        b_ub=np.r_[values, -values],
        A_eq=[np.r_[np.ones(4), np.zeros(4)]],
        b_eq=[total],
        bounds=[*zip(leads_to[0] * total, leads_to[1] * total, strict=True), *[(0, None)] * 4],
    )
    assert np.abs(trades).sum() == pytest.approx(least.fun, abs=1e-7)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), flow=st.floats(-0.5, 0.5))
def test_money_that_comes_or_goes_lets_drift_fall_as_far_as_it_can(data, flow):
    raw = np.array(data.draw(st.lists(st.floats(0.01, 1), min_size=3, max_size=3)))
    values = np.array(data.draw(st.lists(st.floats(0.01, 1), min_size=3, max_size=3)))
    at, flow = raw / raw.sum(), flow * float(values.sum())
    trades = Trader(np.eye(3), np.ones(3), at, np.zeros(3)).trades(values, flow, None, holds=False)
    assert (trades * np.sign(flow) >= 0).all()
    drift = np.abs(values + trades - at * (values.sum() + flow)).sum()
    for _ in range(20):
        other = np.array(data.draw(st.lists(st.floats(0.01, 1), min_size=3, max_size=3)))
        another = values + flow * other / other.sum()
        assert drift <= np.abs(another - at * (values.sum() + flow)).sum() + 1e-9


def test_half_way_and_edge_stop_where_they_say():
    rise = two([0.5], [0.0])
    stops = {to: plain(rise, Threshold(absolute=0.04, destination=to)).weights["stocks"].iloc[-1] for to in Destination}
    assert list(stops.values()) == pytest.approx([0.60, 0.62, 0.64])


def test_inside_a_class_the_mix_is_restored_only_where_the_rule_leads_to_the_target(market):
    window = {"first": dt.date(2025, 1, 1), "last": dt.date(2025, 1, 31)}
    to_target = backtest(market.complete_returns, WORKED, Calendar(frequency="monthly"), 0.0, EARNER, **window)
    by_series = to_target.lots.groupby("series")["value"].sum() / to_target.values.iloc[-1]
    assert by_series.to_dict() == pytest.approx({k: v for k, v in BUILT_IN.split(WORKED.weights).items() if v > 0})
    narrow = Threshold(absolute=0.001, destination=Destination.EDGE)
    to_edge = backtest(market.complete_returns, WORKED, narrow, 0.0, **window)
    assert to_edge.table["trades"].iloc[-1] < to_target.table["trades"].iloc[-1]


def turnovers(stock: list[float]) -> list[float]:
    """Turnover by frequency, monthly first."""
    returns = two(stock, [0.0] * len(stock), "2015-01-31")
    return [plain(returns, Calendar(frequency=frequency)).turnover for frequency in Frequency]


def test_the_more_often_one_rebalances_what_only_wanders_the_more_is_turned_over():
    wanders = np.random.default_rng(5).normal(0.0, 0.05, 120)
    turned = turnovers(list(wanders))
    assert turned == sorted(turned, reverse=True)
    assert turned[0] > 2 * turned[-1]


def test_a_steady_trend_is_turned_over_about_as_much_however_often_one_rebalances():
    turned = turnovers([0.01] * 48)
    assert max(turned) < 1.03 * min(turned)


# Money in and out


def test_contributions_buy_what_is_short_and_nothing_is_sold():
    track = plain(two([0.5, 0.0], [0.0, 0.0]), Threshold(absolute=0.5), contributions=6_000.0)
    # 90,000 and 40,000 want 81,600 and 54,400: all goes into bonds
    first = track.table.iloc[1]
    assert first["trades"] == 1
    assert first["turned"] == 0
    assert track.weights["bonds"].iloc[1] == pytest.approx(46_000 / 136_000)
    assert track.table["flow"].tolist() == [100_000, 6_000, 6_000]


def test_withdrawals_come_out_of_what_is_too_much():
    track = plain(two([0.5], [0.0]), Threshold(absolute=0.5), contributions=-10_000.0)
    assert track.weights["stocks"].iloc[-1] == pytest.approx(80_000 / 120_000)


def test_who_buys_and_holds_buys_at_the_targets_and_sells_of_everything():
    returns = two([0.5], [0.0])
    bought = plain(returns, contributions=10_000.0)
    assert bought.weights["stocks"].iloc[-1] == pytest.approx(96_000 / 140_000)
    sold = plain(returns, contributions=-13_000.0)
    assert sold.weights["stocks"].iloc[-1] == pytest.approx(9 / 13)


def test_flows_by_day_count_at_the_end_of_their_month():
    returns = two([0.1, 0.1, 0.1], [0.0, 0.0, 0.0])
    days = {dt.date(2020, 11, 3): 500.0, dt.date(2020, 11, 20): -200.0, dt.date(2019, 1, 1): 7.0}
    assert plain(returns, contributions=days).table["flow"].tolist() == [100_000, 0, 300, 0]
    series = pd.Series([1.0, 2.0], returns.index[:2])
    assert plain(returns, contributions=series).table["flow"].tolist() == [100_000, 1, 2, 0]


def test_flows_do_not_touch_the_time_weighted_return_but_the_money_weighted_one():
    returns = two([0.2, -0.1, 0.1, 0.05], [0.0, 0.01, 0.0, 0.02])
    rule = Calendar(frequency=Frequency.MONTHLY)
    without, saving = plain(returns, rule), plain(returns, rule, contributions=20_000.0)
    np.testing.assert_allclose(without.returns, saving.returns, rtol=1e-12)
    rate = saving.money_weighted_return
    days = [(day - saving.table.index[0]).days / 365 for day in saving.table.index]
    worth = sum(flow * (1 + rate) ** (days[-1] - at) for flow, at in zip(saving.table["flow"], days, strict=True))
    assert worth == pytest.approx(saving.values.iloc[-1])
    assert without.money_weighted_return == pytest.approx(
        (without.values.iloc[-1] / 100_000) ** (365 / 123) - 1
    )  # 2020-09-30 to 2021-01-31


def test_turnover_is_the_lesser_of_purchases_and_sales_over_the_average_value():
    track = plain(two([0.5] + [0.0] * 5, [0.0] * 6), Threshold(absolute=0.02))
    average = (100_000 + 6 * 130_000) / 7
    assert track.turnover == pytest.approx(12_000 / average * 2)


# What holds of any history


@settings(max_examples=40, deadline=None)
@given(
    months=monthly,
    rule=st.sampled_from(RULES),
    cost=st.sampled_from([0.0, 0.003, 0.1]),
    taxes=st.sampled_from([None, EARNER, TaxSituation(income=500_000, state_rate=0.05)]),
    flow=st.sampled_from([0.0, 3_000.0, -100.0]),
)
def test_value_is_what_was_put_in_and_gained_less_costs_and_taxes(months, rule, cost, taxes, flow):
    stock, bond = zip(*months, strict=True)
    returns = two(list(stock), list(bond))
    try:
        track = plain(returns, rule, costs=cost, taxes=taxes, contributions=flow)
    except InputError:
        assume(False)
    scale = track.table[["flow", "gain"]].abs().to_numpy().sum()
    assert abs(left_over(track)) <= 1e-12 * scale
    if taxes is not None:
        assert track.lots["value"].sum() == pytest.approx(track.values.iloc[-1], rel=1e-9)
        assert track.tax_years["tax"].sum() == pytest.approx(track.table["tax"].sum(), abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(months=monthly, future=monthly, rule=st.sampled_from(RULES), taxes=st.sampled_from([None, EARNER]))
def test_changing_the_future_never_changes_the_past(months, future, rule, taxes):
    known = len(months)
    tracks = []
    for whole in (months, months + future):
        stock, bond = zip(*whole, strict=True)
        try:
            track = plain(two(list(stock), list(bond)), rule, costs=0.002, taxes=taxes, contributions=100.0)
        except InputError:
            assume(False)
        tracks.append(track)
    pd.testing.assert_frame_equal(tracks[0].table, tracks[1].table.iloc[: known + 1], check_exact=True)
    pd.testing.assert_frame_equal(tracks[0].weights, tracks[1].weights.iloc[: known + 1], check_exact=True)


def test_a_window_is_the_same_as_a_history_that_ends_there(market):
    returns = market.complete_returns
    windowed = backtest(returns, WORKED, Calendar(), first=dt.date(2018, 3, 14), last=dt.date(2020, 2, 1))
    cut = backtest(returns["2018-03":"2020-02"], WORKED, Calendar())
    pd.testing.assert_frame_equal(windowed.table, cut.table)
    assert windowed.table.index[0] == pd.Timestamp("2018-02-28")
    assert windowed.months == 24


# The built-in history


def test_us_equity_lost_19_and_a_half_percent_in_2022(market):
    """VTI's published return of 2022, with dividends, before costs and taxes."""
    track = backtest(
        market.complete_returns,
        Targets(weights={"equities": 1.0}),
        costs=0.0,
        mix={"us_equity": 1.0},
        first=dt.date(2022, 1, 1),
        last=dt.date(2022, 12, 31),
    )
    assert track.performance()["growth"] == pytest.approx(-0.195, abs=5e-4)


@pytest.mark.parametrize(
    ("bitcoin", "growth", "volatility", "sharpe", "deepest"),
    [
        (0.0, 0.089, 0.1017, 0.7213, -0.2068),
        (0.025, 0.1124, 0.1078, 0.8845, -0.2155),
        (0.05, 0.1354, 0.1172, 0.9981, -0.2269),
        (0.10, 0.1801, 0.1425, 1.1165, -0.2568),
    ],
)
def test_sixty_forty_with_bitcoin_rebalanced_every_quarter(market, bitcoin, growth, volatility, sharpe, deepest):
    """October 2014 to September 2025; bitcoin takes from VTI and BND in proportion; before costs and taxes.

    Rebalanced at the ends of December, March, June and September; Sharpe over BIL's monthly returns.
    """
    mix = {"us_equity": 0.6 * (1 - bitcoin), "us_bonds": 0.4 * (1 - bitcoin), "bitcoin": bitcoin}
    targets = Targets(weights={"equities": mix["us_equity"], "fixed_income": mix["us_bonds"], "crypto": mix["bitcoin"]})
    measured = backtest(market.complete_returns, targets, Calendar(), 0.0, mix=mix).performance(market.returns["cash"])

    returns, wealth = market.returns[list(mix)], [1.0]
    for _, quarter in returns.groupby(returns.index.to_period("Q")):
        wealth.extend(wealth[-1] * ((1 + quarter).cumprod() @ np.array(list(mix.values()))))
    path = np.array(wealth)
    months = path[1:] / path[:-1] - 1
    excess = months - market.returns["cash"].to_numpy()
    assert measured["growth"] == pytest.approx(path[-1] ** (1 / 11) - 1)
    assert measured["volatility"] == pytest.approx(months.std(ddof=1) * math.sqrt(12))
    assert measured["sharpe"] == pytest.approx(excess.mean() / excess.std(ddof=1) * math.sqrt(12))
    assert measured["deepest_fall"] == pytest.approx(min(path[b:].min() / path[b] for b in range(len(path))) - 1)
    shown = [round(float(measured[name]), 4) for name in ("growth", "volatility", "sharpe", "deepest_fall")]
    assert shown == [growth, volatility, sharpe, deepest]


def test_sixty_forty_since_1928_is_the_published_one(vectors):
    """S&P 500 and ten-year Treasuries, each year's return in its December; rebalanced at every year's end."""
    vector = vectors["damodaran-compounding"]["sixty_forty_annual_rebalance"]
    years = annual_history()
    months = pd.date_range("1928-01-31", periods=12 * len(years), freq="ME", name="month_end")
    returns = two([0.0] * len(months), [0.0] * len(months)).set_axis(months)
    returns.loc[months.month == 12] = years[["stocks", "bonds"]].to_numpy()
    track = plain(returns, Calendar(frequency=Frequency.ANNUALLY))
    assert 100 * track.performance()["growth"] == pytest.approx(vector["cagr_pct"], abs=0.005)
    yearly = track.values.iloc[::12].pct_change().dropna()
    assert 100 * yearly.std() == pytest.approx(vector["sd_pct"], abs=0.005)


# Bad input

NOTHING = two([0.0, 0.0], [0.0, 0.0])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: plain(NOTHING[["stock"]]), "no returns of 'bond'"),
        (lambda: plain(two([0.1, math.nan, 0.1], [0.0, 0.0, 0.0])), "'stock'.*missing"),
        (lambda: plain(two([math.nan, 0.1], [0.0, 0.0])), "'stock' has no return for October 2020"),
        (lambda: plain(NOTHING.iloc[::-1]), "Sort the rows by date"),
        (lambda: plain(two([-1.0, 0.0], [0.0, 0.0])), "-100 %"),
        (lambda: plain(NOTHING, costs=-0.01), "Cost of a trade"),
        (lambda: plain(NOTHING, amount=0.0), "positive amount"),
        (lambda: plain(NOTHING, contributions=math.nan), "not a finite number"),
        (lambda: plain(NOTHING, contributions={dt.date(2020, 11, 1): math.inf}), "not a finite number"),
        (lambda: plain(NOTHING, contributions=-60_000.0), "runs out at the end of November 2020"),
        (lambda: plain(NOTHING, first=dt.date(2020, 12, 1), last=dt.date(2020, 10, 1)), "exchange them"),
        (lambda: plain(NOTHING, first=dt.date(2019, 12, 1)), "reaches beyond the returns"),
        (lambda: plain(NOTHING, mix={"gems": 1.0}), "'gems', which is no series"),
        (lambda: plain(NOTHING, mix={"stock": -1.0}), "not negative"),
        (lambda: backtest(NOTHING, WORKED, universe=PLAIN), "no asset class 'equities'"),
        (lambda: plain(NOTHING, Threshold(bands={"gems": Band(absolute=0.1)})), "'gems'"),
        (lambda: prepared([1, 2], SIXTY_FORTY, PLAIN, (None, None), None), "pandas DataFrame"),
    ],
)
def test_what_cannot_be_followed_is_refused_in_words(call, said):
    with pytest.raises(InputError, match=said):
        call()
