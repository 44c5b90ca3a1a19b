"""Asset location against a second formulation, grids and properties; the sentences against the numbers."""

from __future__ import annotations

import datetime as dt
from itertools import chain, combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from planner.errors import InfeasibleError, InputError
from planner.household.accounts import Account, AccountKind, Asset, Household, Lot
from planner.household.tax_situation import TaxSituation
from planner.household.taxes import marginal_rates
from planner.market.assumptions import Assumptions
from planner.market.portfolio import Portfolio
from planner.market.universe import BUILT_IN, AssetClass, Series, TaxCharacter, Universe
from planner.policy.targets import Targets
from planner.trading.location import STAYING_PRICE, TAX_FREE_PRICE, locate
from planner.trading.location_result import Location, Unplaceable
from planner.trading.location_rules import Placement
from planner.trading.tax_drag import DEFAULT_YEARS, yearly_drag
from planner.trading.trading_policy import TradingPolicy
from planner.wording import money

TODAY = dt.date(2026, 6, 30)
LONG_AGO, LATELY = dt.date(2015, 1, 5), dt.date(2026, 5, 4)
TAXES = TaxSituation(income=150_000, state_rate=0.05)
RATES = marginal_rates(TAXES, 2026)
SLACK = STAYING_PRICE + TAX_FREE_PRICE
FREE = TradingPolicy(cost=0, costs={})
COLUMN = {kind: str(kind.treatment) for kind in AccountKind}


def own(name, *series):
    """A class of series for a universe of one's own."""
    share = 1 / len(series)
    members = tuple(
        Series(each, each.title(), tax, share, distributions=paid, turnover=turnover)
        for each, tax, paid, turnover in series
    )
    return AssetClass(name, name.title(), "#000000", "example", members)


STOCKS = own("shares", ("stocks", TaxCharacter.QUALIFIED_DIVIDENDS, 0.015, 0.0))
BONDS = own("debt", ("bonds", TaxCharacter.ORDINARY_INTEREST, 0.04, 0.0))
CASH = own("cash", ("cash", TaxCharacter.ORDINARY_INTEREST, 0.03, 0.0))
COINS = own("coins", ("coin", TaxCharacter.PROPERTY, 0.0, 0.0))
SMALL = Universe((STOCKS, BONDS, CASH, COINS))
MEANS = {"stocks": 0.07, "bonds": 0.04, "cash": 0.03, "coin": 0.10}
NAMES = SMALL.series_names


def assume(means=MEANS):
    mean = pd.Series(means, dtype=float)
    return Assumptions(mean, pd.DataFrame(np.eye(len(mean)) * 0.04, mean.index, mean.index), 0.03)


def account(kind, *lots, cash=0.0, may_hold=None, owner="Ann"):
    """An account of lots (asset, quantity, unit cost, day) at prices of 1."""
    held = tuple(Lot(asset=a, quantity=q, unit_cost=c, acquired=d) for a, q, c, d in lots)
    return Account(kind=kind, owner=owner, holdings=held, cash=cash, may_hold=may_hold)


def household(*accounts, universe=SMALL, **more):
    prices = dict.fromkeys(universe.series_names, 1.0)
    return Household(accounts=accounts, prices=prices, as_of=TODAY, taxes=TAXES, **more)


def place(accounts, targets, **options):
    return locate(household(*accounts), targets, options.pop("assumptions", assume()), SMALL, **options)


def yearly_cost(location, years=DEFAULT_YEARS):
    worth = location.by_series.to_numpy().sum()
    return location.drag_after * worth + (location.moving_tax + location.moving_cost) / years


def second_formulation(home, weights, policy, years=DEFAULT_YEARS):
    """Least yearly cost by flows from every lot to what becomes of it in its account; None where there is none."""
    drag = yearly_drag(SMALL, RATES, assume(), years)
    fee = {name: policy.costs.get(name, policy.costs.get(SMALL.class_of[name], policy.cost)) for name in NAMES}
    flows, supply = [], []
    for number, each in enumerate(home.accounts):
        lots = [(lot.asset, lot.quantity, lot, False) for lot in each.holdings]
        for asset, value, lot, is_cash in [*lots, ("cash", each.cash, None, True)]:
            if value == 0:
                continue
            allowed = {n for n in NAMES if each.may_hold is None or {n, SMALL.class_of[n]} & set(each.may_hold)}
            source = len(supply)
            supply.append(value)
            for name in allowed | {"cash"}:
                cost = drag.loc[name, COLUMN[each.kind]]
                stays = name == asset and (is_cash or name in allowed)
                if not stays:
                    buying = 0.0 if name == "cash" else fee[name]
                    selling = 0.0 if is_cash else fee[asset]
                    gain = 0.0
                    if each.kind is AccountKind.TAXABLE and not is_cash:
                        rate = RATES.long if lot.acquired == LONG_AGO else RATES.short
                        gain = rate * max(1 - lot.unit_cost, 0.0)
                    cost += (gain + selling + buying) / years
                flows.append((source, NAMES.index(name), cost, number))
    total = sum(supply)
    rows = np.zeros((len(supply) + len(NAMES), len(flows)))
    for column, (source, name, _, _) in enumerate(flows):
        rows[source, column] = rows[len(supply) + name, column] = 1.0
    right = np.concatenate([supply, [weights.get(name, 0.0) * total for name in NAMES]])
    found = linprog([flow[2] for flow in flows], A_eq=rows / total, b_eq=right / total, method="highs")
    return found.fun if found.status == 0 else None


def smallest_deviation(home, weights):
    """What is short at least, by Hall's theorem over all sets of series."""
    worth = {each.name: each.cash + sum(lot.quantity for lot in each.holdings) for each in home.accounts}
    total, most = sum(worth.values()), 0.0
    for chosen in chain.from_iterable(combinations(NAMES, size) for size in range(1, len(NAMES) + 1)):
        wanted = sum(weights.get(name, 0.0) for name in chosen) * total
        named = set(chosen) | {SMALL.class_of[name] for name in chosen}
        room = sum(
            worth[each.name]
            for each in home.accounts
            if each.may_hold is None or named & set(each.may_hold) or "cash" in chosen
        )
        most = max(most, wanted - room)
    return most


amounts = st.integers(1, 50).map(lambda thousands: 1_000.0 * thousands)
lots = st.tuples(
    st.sampled_from(NAMES), amounts, st.sampled_from([0.2, 0.6, 0.9, 1.3]), st.sampled_from([LONG_AGO, LATELY])
)
holdings = st.lists(lots, max_size=4)
may_hold = st.one_of(
    st.none(), st.lists(st.sampled_from(["shares", "bonds", "coins", "stocks"]), unique=True).map(tuple)
)


@st.composite
def households(draw, permissions=may_hold, holdings=holdings):
    kinds = draw(st.lists(st.sampled_from([*AccountKind]), min_size=1, max_size=3, unique=True))
    return household(*(account(k, *draw(holdings), cash=draw(amounts), may_hold=draw(permissions)) for k in kinds))


mixes = (
    st.lists(st.integers(0, 5), min_size=4, max_size=4)
    .filter(any)
    .map(lambda parts: {name: part / sum(parts) for name, part in zip(NAMES, parts, strict=True)})
)
thorough = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@thorough
@given(home=households(), weights=mixes)
def test_nothing_is_cheaper_by_a_second_formulation_and_the_same_is_impossible(home, weights):
    policy = TradingPolicy(cost=0.001, costs={"coins": 0.004})
    located = locate(home, weights, assume(), SMALL, policy=policy)
    total = sum(each.cash + sum(lot.quantity for lot in each.holdings) for each in home.accounts)
    least = second_formulation(home, weights, policy)
    if isinstance(located, Unplaceable):
        assert least is None
        assert located.closest.off_target == pytest.approx(smallest_deviation(home, weights), abs=1e-6 * total)
    else:
        assert least - 1e-8 * total <= yearly_cost(located) <= least + SLACK * total


@thorough
@given(home=households(), weights=mixes)
def test_accounts_keep_their_value_hold_what_they_may_and_meet_the_targets(home, weights):
    located = locate(home, weights, assume(), SMALL)
    placed = (located if isinstance(located, Location) else located.closest).by_series
    total = placed.to_numpy().sum()
    assert (placed >= 0).all(axis=None)
    for each in home.accounts:
        worth = each.cash + sum(lot.quantity for lot in each.holdings)
        assert placed[each.name].sum() == pytest.approx(worth, rel=1e-12)
        if each.may_hold is not None:
            there = {name for name in NAMES if placed.loc[name, each.name] > 0}
            assert all({name, SMALL.class_of[name]} & {*each.may_hold, "cash"} for name in there)
    if isinstance(located, Location):
        reached = placed.sum(axis=1) / total
        assert reached.to_dict() == pytest.approx(weights, abs=1e-6)


@thorough
@given(home=households(permissions=st.none()))
def test_taxes_never_take_more_than_today_and_what_moving_costs(home):
    today = dict.fromkeys(NAMES, 0.0)
    for each in home.accounts:
        today["cash"] += each.cash
        for lot in each.holdings:
            today[lot.asset] += lot.quantity
    total = sum(today.values())
    located = locate(home, {name: value / total for name, value in today.items()}, assume(), SMALL)
    assert yearly_cost(located) <= (located.drag_before + SLACK) * total + 1e-6
    assert located.years_to_pay_back <= DEFAULT_YEARS * (1 + 1e-3) or yearly_cost(located) > located.drag_before * total


@thorough
@given(home=households(holdings=st.just([])), weights=mixes)
def test_where_nothing_has_to_be_sold_no_rule_of_thumb_takes_less(home, weights):
    located = locate(home, weights, assume(), SMALL)
    if isinstance(located, Location):
        drags = located.comparison["drag"].drop("today")
        assert drags["optimal"] <= drags.min() + SLACK
        assert located.comparison["moving_tax"].eq(0).all()


def test_no_point_of_a_grid_is_cheaper_where_lots_make_kinks():
    mine = [
        account(
            "taxable", ("bonds", 30e3, 0.95, LONG_AGO), ("bonds", 30e3, 0.5, LONG_AGO), ("bonds", 20e3, 0.9, LATELY)
        ),
        account("traditional IRA", ("stocks", 50e3, None, None)),
    ]
    weights = {"bonds": 80 / 130, "stocks": 50 / 130}
    drag = yearly_drag(SMALL, RATES, assume())["taxed every year"]
    costs = []
    for moved in np.linspace(0, 50e3, 501):
        taxes = sorted([(0.05 * RATES.long, 30e3), (0.5 * RATES.long, 30e3), (0.1 * RATES.short, 20e3)])
        left, tax = moved, 0.0
        for rate, size in taxes:
            tax, left = tax + rate * min(left, size), left - min(left, size)
        yearly = (80e3 - moved) * drag["bonds"] + moved * drag["stocks"]
        costs.append(yearly + (tax + 4 * 0.0005 * moved) / DEFAULT_YEARS)
    located = place(mine, weights)
    assert yearly_cost(located) == pytest.approx(min(costs), abs=SLACK * 130e3)
    assert located.by_series.loc["stocks", "Ann, taxable"] == pytest.approx(50e3 * np.argmin(costs) / 500, abs=100)


def with_sleeve(growth_turnover):
    """Shares, cash, and a crypto class of a large-cap index (60 %) and a growth index."""
    large = Series("large", "Large-cap index", TaxCharacter.PROPERTY, 0.6, turnover=0.1)
    growth = Series("growth", "Growth index", TaxCharacter.PROPERTY, 0.4, turnover=growth_turnover)
    return Universe((STOCKS, AssetClass("crypto", "Crypto", "#D55E00", "growth", (large, growth)), CASH))


def test_growth_crypto_goes_to_the_roth_and_large_cap_spans_when_the_costs_decide():
    universe = with_sleeve(2.0)
    home = household(account("taxable", cash=92e3), account("Roth IRA", cash=8e3), universe=universe)
    targets = Targets.in_universe(universe, weights={"shares": 0.85, "crypto": 0.15})
    located = locate(home, targets, assume({"stocks": 0.07, "large": 0.12, "growth": 0.16, "cash": 0.03}), universe)
    assert located.by_series.loc["growth"].tolist() == pytest.approx([0, 6e3])
    assert located.by_series.loc["large"].tolist() == pytest.approx([7e3, 2e3])
    large, growth = located.reasons[-2:]
    assert large.startswith("Large-cap index: 'Ann, taxable' (78 %) and 'Ann, Roth IRA' (22 %). In a taxable account")
    assert growth == (
        "Growth index: 'Ann, Roth IRA'. In a taxable account taxes would take 4.01 % a year, the most on the gains it "
        "realises every year."
    )


@pytest.mark.parametrize(("turnover", "roth"), [(2.0, 6e3), (0.1, 0.0)])
def test_it_is_the_trading_inside_the_growth_index_that_puts_it_there(turnover, roth):
    universe = with_sleeve(turnover)
    held = [("stocks", 85e3, 1.0, LONG_AGO), ("growth", 6e3, 1.0, LONG_AGO), ("large", 1e3, 1.0, LONG_AGO)]
    home = household(account("taxable", *held), account("Roth IRA", ("large", 8e3, None, None)), universe=universe)
    expected = assume({"stocks": 0.07, "large": 0.12, "growth": 0.12, "cash": 0.03})
    located = locate(home, {"stocks": 0.85, "large": 0.09, "growth": 0.06}, expected, universe)
    assert located.by_series.loc["growth", "Ann, Roth IRA"] == pytest.approx(roth)
    drag = yearly_drag(universe, RATES, expected)["taxed every year"]
    assert (drag["growth"] > drag["large"]) == (roth > 0)


def test_bonds_go_to_the_ira_and_the_sentence_says_what_they_would_cost_outside():
    mine = [account("taxable", cash=60e3), account("traditional IRA", cash=40e3)]
    located = place(mine, {"stocks": 0.6, "bonds": 0.4}, assumptions=None)
    assert located.table.loc["debt"].tolist() == pytest.approx([0, 40e3])
    assert located.table.loc["shares"].tolist() == pytest.approx([60e3, 0])
    assert located.drag_after == pytest.approx(0.6 * 0.015 * RATES.qualified)
    assert located.drag_before == pytest.approx(0.03 * RATES.interest * 0.6)
    assert located.reasons == (
        "Taxes take 0.18 % of the household's value a year instead of 0.52 %, $342 a year less. Getting there costs $0 "
        "of tax and $50 of trading costs once, paid back in 0.1 years.",
        "The same mix in every account would cost 0.39 % a year, as far as the accounts may hold it.",
        "Shares: 'Ann, taxable'. In a taxable account taxes take 0.3 % a year, and would take no less of anything that "
        "could change places with it.",
        "Debt: 'Ann, traditional IRA'. In a taxable account its interest would cost 1.16 % a year.",
    )


def test_the_lots_with_the_least_gain_are_sold_first_and_a_loss_saves_nothing():
    gains = [(0.2, LONG_AGO), (1.4, LONG_AGO), (0.9, LONG_AGO), (0.9, LATELY)]
    mine = [account("taxable", *(("bonds", 20e3, cost, day) for cost, day in gains))]
    cheap, dear = 0.1 * RATES.long, 0.1 * RATES.short
    for sold, tax in ((15e3, 0.0), (30e3, 10e3 * cheap), (50e3, 20e3 * cheap + 10e3 * dear)):
        located = place(mine, {"stocks": sold / 80e3, "bonds": 1 - sold / 80e3})
        assert located.moving_tax == pytest.approx(tax)
        assert located.moving_cost == pytest.approx(2 * 0.0005 * sold)


def test_what_an_account_may_not_hold_is_moved_out_and_cash_may_stay_anywhere():
    mine = [
        account("401(k)", ("coin", 10e3, None, None), ("stocks", 30e3, None, None), cash=2e3, may_hold=("shares",)),
        account("taxable", ("stocks", 60e3, 1.0, LONG_AGO)),
    ]
    located = place(mine, {"stocks": 0.85, "coin": 0.1, "cash": 0.05})
    assert located.by_series["Ann, 401(k)"].drop(["stocks", "cash"]).eq(0).all()
    assert located.moves.loc["coins", "Ann, 401(k)"] == pytest.approx(-10e3)
    assert located.moves.loc["coins", "Ann, taxable"] == pytest.approx(10.2e3)
    assert located.by_series.loc["cash"].sum() == pytest.approx(5.1e3)


def test_an_asset_that_is_not_allowed_is_exchanged_for_one_of_its_series_in_the_account():
    assets = (Asset(symbol="OLD", series="stocks"), Asset(symbol="NEW", series="stocks"))
    mine = Account(kind="401(k)", owner="Ann", holdings=(Lot(asset="OLD", quantity=100),), may_hold=("NEW",))
    home = Household(accounts=(mine,), prices={"OLD": 10.0, "NEW": 20.0}, as_of=TODAY, assets=assets)
    located = locate(home, {"stocks": 1.0}, assume(), SMALL)
    assert located.table.loc["shares"].tolist() == [1_000]
    assert located.moving_cost == pytest.approx(2 * 0.0005 * 1_000)
    assert "Getting there costs $0 of tax and $1 of trading costs" in located.reasons[0]


def test_each_trade_costs_what_the_most_particular_name_says():
    policy = TradingPolicy(cost=0.001, costs={"coins": 0.01, "coin": 0.02, "bonds": 0.003})
    located = place([account("Roth IRA", ("coin", 100e3, None, None))], {"bonds": 0.5, "stocks": 0.5}, policy=policy)
    assert located.moving_cost == pytest.approx(100e3 * 0.02 + 50e3 * 0.003 + 50e3 * 0.001)


@pytest.mark.parametrize("policy", [FREE, TradingPolicy()])
def test_ties_leave_everything_where_it_is_even_where_trading_is_free(policy):
    mine = [account("traditional IRA", ("coin", 50e3, None, None)), account("Roth IRA", ("bonds", 50e3, None, None))]
    located = place(mine, {"coin": 0.5, "bonds": 0.5}, policy=policy)
    assert (located.moves == 0).all(axis=None)
    assert located.reasons[0] == "Everything stays where it is, and taxes take 0 % a year."
    assert located.years_to_pay_back == 0


def test_of_placements_that_are_taxed_alike_the_one_with_growth_in_tax_free_accounts_is_taken():
    mine = [account("traditional IRA", cash=50e3), account("Roth IRA", cash=50e3)]
    located = place(mine, {"coin": 0.3, "stocks": 0.3, "bonds": 0.4})
    growing = {"coin": 30e3, "stocks": 20e3, "bonds": 0, "cash": 0}
    assert located.by_series["Ann, Roth IRA"].to_dict() == pytest.approx(growing)
    assert located.reasons[1:] == ("No account is taxed every year: which of them holds what changes no yearly tax.",)


def test_moving_is_paid_back_when_the_taxes_saved_make_up_for_it():
    mine = [account("taxable", ("bonds", 50e3, 0.9, LONG_AGO)), account("Roth IRA", ("stocks", 50e3, None, None))]
    located = place(mine, {"bonds": 0.5, "stocks": 0.5}, assumptions=None, years=20)
    assert located.moving_tax == pytest.approx(5e3 * RATES.long)
    assert located.moving_cost == pytest.approx(4 * 50e3 * 0.0005)
    saved = 50e3 * (0.04 * RATES.interest - 0.015 * RATES.qualified)
    assert (located.drag_before - located.drag_after) * 100e3 == pytest.approx(saved)
    assert located.years_to_pay_back == pytest.approx((located.moving_tax + located.moving_cost) / saved)
    assert located.reasons[0].endswith(
        "Getting there costs $1,000 of tax and $100 of trading costs once, paid back in 2.6 years."
    )


def test_gains_that_cost_more_than_moving_saves_keep_bonds_where_they_are_and_are_named():
    mine = [account("taxable", ("bonds", 50e3, 0.1, LONG_AGO)), account("Roth IRA", ("stocks", 50e3, None, None))]
    located = place(mine, {"bonds": 0.5, "stocks": 0.5}, assumptions=None)
    assert (located.moves == 0).all(axis=None)
    tax, saved = 45e3 * RATES.long, 10 * 50e3 * (0.04 * RATES.interest - 0.015 * RATES.qualified)
    assert located.reasons[-1].endswith(
        f"selling it would be taxed with {money(tax)}, where moving saves at most {money(saved)} in 10 years."
    )


def test_why_something_stays_in_a_taxable_account_is_what_the_accounts_allow():
    wide = account("taxable", cash=50e3)
    roth = account("Roth IRA", cash=50e3)
    narrow = place([wide, account("Roth IRA", cash=50e3, may_hold=("shares",))], {"bonds": 0.4, "stocks": 0.6})
    assert narrow.reasons[-1].endswith("and no account of another kind may hold it.")
    assert narrow.reasons[-2].endswith("and the other accounts that may hold it are full of it.")
    stuck = place(
        [account("taxable", cash=50e3, may_hold=("debt",)), roth], {"bonds": 0.6, "stocks": 0.4}, assumptions=None
    )
    assert stuck.reasons[-1].endswith(
        "and what fills the other accounts that may hold it may not change places with it."
    )
    taxed = place([wide], {"bonds": 0.4, "stocks": 0.6})
    assert taxed.reasons[1:] == ("Every account is taxed every year: which of them holds what changes no yearly tax.",)


def test_targets_that_cost_tax_are_not_said_to_pay_back():
    located = place([account("taxable", ("stocks", 50e3, 0.5, LONG_AGO))], {"bonds": 1.0}, assumptions=None)
    assert located.years_to_pay_back == float("inf")
    assert located.reasons[0].endswith("which the targets ask for and lower taxes do not pay back.")


def test_a_deviation_is_taken_where_it_is_cheaper_than_the_target():
    mine = [account("taxable", ("stocks", 100e3, 0.1, LONG_AGO))]
    weights = {"stocks": 0.9, "bonds": 0.1}
    exact = place(mine, weights)
    assert exact.off_target == 0
    assert exact.moving_tax == pytest.approx(10e3 * 0.9 * RATES.long)
    dear = exact.moving_tax / 10e3 / DEFAULT_YEARS
    assert place(mine, weights, deviation_price=2 * dear).off_target == 0
    left = place(mine, weights, deviation_price=dear / 2)
    assert left.off_target == pytest.approx(10e3)
    assert (left.moves == 0).all(axis=None)
    assert left.reasons[1].startswith("$10,000 (10 %) is left off target")


def test_crypto_that_no_account_may_hold_cannot_be_placed_and_the_sentences_say_what_would_help():
    kinds = {"taxable": 80e3, "Roth IRA": 20e3, "HSA": 1e3}
    mine = [account(kind, cash=cash, may_hold=("shares", "debt")) for kind, cash in kinds.items()]
    located = place(mine, {"stocks": 0.6, "bonds": 0.35, "coin": 0.05})
    assert isinstance(located, Unplaceable)
    assert located.sentences == (
        "Coins: $5,050 is wanted, and no account may hold it. It would fit if 'Ann, taxable' or 'Ann, Roth IRA' might "
        "hold it.",
        "The nearest placement leaves $5,050 (5 % of the household) off target.",
    )
    assert located.closest.by_series.loc["coin"].sum() == 0
    with pytest.raises(InfeasibleError, match="no account may hold it"):
        located.require()
    assert "Ann, Roth IRA" in located._repr_html_()


def test_classes_that_crowd_each_other_out_are_named_together():
    mine = [
        account("taxable", cash=50e3, may_hold=("debt",)),
        account("Roth IRA", cash=30e3),
        account("HSA", cash=20e3, may_hold=("debt",)),
    ]
    located = place(mine, {"stocks": 0.3, "bonds": 0.4, "coin": 0.3})
    (shortage,) = located.shortages
    assert (shortage.label, shortage.accounts) == ("Shares and Coins", ("Ann, Roth IRA",))
    assert (shortage.wanted, shortage.room) == pytest.approx((60e3, 30e3))
    assert shortage.remedies == ("Ann, taxable",)
    assert shortage.sentence == (
        "Shares and Coins: $60,000 is wanted, and what may hold it, 'Ann, Roth IRA', has room for $30,000, which is "
        "$30,000 too little. It would fit if 'Ann, taxable' might hold it."
    )
    assert located.closest.off_target == pytest.approx(30e3)


def test_where_no_single_account_is_enough_it_is_said():
    mine = [account(kind, cash=10e3, may_hold=("debt",)) for kind in ("taxable", "HSA")]
    located = place(mine, {"coin": 1.0})
    assert located.shortages[0].remedies == ()
    assert "No single account would be enough" in located.explanation


def test_two_shortages_that_have_nothing_to_do_with_each_other_are_told_apart():
    mine = [account("taxable", cash=50e3, may_hold=("stocks",)), account("HSA", cash=50e3, may_hold=("stocks",))]
    located = place(mine, {"stocks": 0.5, "coin": 0.2, "bonds": 0.3})
    assert [(each.label, each.wanted, each.room) for each in located.shortages] == [
        ("Debt", pytest.approx(30e3), 0.0),
        ("Coins", pytest.approx(20e3), 0.0),
    ]
    assert located.closest.off_target == pytest.approx(50e3)


def test_half_a_cent_too_much_is_placed():
    mine = [account("taxable", cash=90e3, may_hold=("debt",)), account("Roth IRA", cash=10e3)]
    located = place(mine, {"bonds": 0.9 - 4e-8, "coin": 0.1 + 4e-8})
    assert isinstance(located, Location)
    assert located.off_target == 0


def test_the_comparison_places_the_same_targets_by_rules_of_thumb():
    mine = [
        account("taxable", cash=50e3),
        account("traditional IRA", cash=30e3),
        account("Roth IRA", cash=20e3, may_hold=("shares",)),
    ]
    located = place(mine, {"stocks": 0.5, "bonds": 0.4, "coin": 0.1})
    table = located.comparison
    assert list(table.index) == ["optimal", "today", "pro rata", "bonds first", "stocks first"]
    assert table["drag"].to_dict() == pytest.approx((table["tax"] / 100e3).to_dict())
    assert table.loc["today", "drag"] == located.drag_before
    assert table.loc["optimal", "drag"] == located.drag_after
    assert table.loc["bonds first", "debt"] == "'Ann, taxable' (25 %) and 'Ann, traditional IRA' (75 %)"
    for placement in set(located.placements) - {Placement.TODAY}:
        by_class = located.of(placement).sum(axis=1)
        assert by_class.to_dict() == pytest.approx({"shares": 50e3, "debt": 40e3, "cash": 0, "coins": 10e3})
    assert located.of(Placement.BONDS_FIRST).loc["debt", "Ann, traditional IRA"] == pytest.approx(30e3)
    assert located.of(Placement.STOCKS_FIRST).loc["shares", "Ann, taxable"] == pytest.approx(0, abs=1e-6)
    assert located.of(Placement.PRO_RATA).loc["shares", "Ann, Roth IRA"] == pytest.approx(20e3)


def test_without_limits_pro_rata_gives_every_account_the_household_mix():
    mine = [account("taxable", cash=50e3), account("HSA", cash=30e3)]
    even = place(mine, {"stocks": 0.5, "bonds": 0.4, "coin": 0.1}).of(Placement.PRO_RATA)
    assert (even / even.sum()).to_numpy() == pytest.approx(np.outer([0.5, 0.4, 0.0, 0.1], [1, 1]))


def test_class_targets_are_split_over_the_series_and_a_portfolio_gives_series_weights():
    home = Household(accounts=(Account(kind="Roth IRA", owner="Ann", cash=100e3),), as_of=TODAY)
    mix = {"equities": 0.6, "crypto": 0.4}
    located = locate(home, Targets(weights=mix), None)
    split = {name: 100e3 * weight for name, weight in BUILT_IN.split(mix).items()}
    assert located.by_series["Ann, Roth IRA"].to_dict() == pytest.approx(split)
    portfolio = Portfolio.of(assume(), {"stocks": 0.6, "coin": 0.4})
    weighed = place([account("Roth IRA", cash=100e3)], portfolio.weights)
    assert weighed.by_series.loc["coin"].sum() == pytest.approx(40e3)


def test_read_as_a_page_it_escapes_names():
    mine = [account("taxable", cash=50e3, owner="<b>Ann</b>"), account("HSA", cash=30e3)]
    page = place(mine, {"stocks": 0.5, "bonds": 0.5})._repr_html_()
    assert "<b>" not in page
    assert "&lt;b&gt;Ann&lt;/b&gt;, taxable" in page
    assert "basis points a year" in page


@pytest.mark.parametrize(
    ("targets", "options", "said"),
    [
        ({"stock": 1.0}, {}, "There is no series 'stock'. The series are: stocks, bonds, cash, coin"),
        ({"stocks": 0.5}, {}, r"sum to 0.5: they must sum to 1"),
        ({"stocks": 1.5, "bonds": -0.5}, {}, "The target of 'bonds' is -0.5"),
        ({"stocks": 1.0, "bonds": float("nan")}, {}, "The target of 'bonds' is nan"),
        ({"stocks": 1.0}, {"deviation_price": 0.0}, "A price of 0 for each dollar off target"),
        ({"stocks": 1.0}, {"years": 0.0}, "more than 0 and at most 100"),
        ({"stocks": 1.0}, {"assumptions": assume({"stocks": 0.05})}, "lack the series 'bonds'"),
    ],
)
def test_wrong_input_is_refused_in_words(targets, options, said):
    with pytest.raises(InputError, match=said):
        place([account("taxable", cash=1e3)], targets, **options)


def test_an_empty_household_and_a_universe_without_room_are_refused():
    with pytest.raises(InputError, match="The accounts are empty"):
        place([account("taxable")], {"stocks": 1.0})
    no_cash = Universe((STOCKS, BONDS))
    held = account("Roth IRA", ("stocks", 1e3, None, None), may_hold=())
    with pytest.raises(InputError, match="'Ann, Roth IRA' may hold no series of the universe"):
        locate(household(held, universe=no_cash), {"stocks": 1.0}, None, no_cash)
    with pytest.raises(InputError, match="has no asset class 'cash'"):
        locate(household(account("Roth IRA", cash=5.0), universe=no_cash), {"stocks": 1.0}, None, no_cash)
