from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_households import DAY, LATELY, LONG_AGO, account, household, lot, targets

from planner import InputError
from planner.household.accounts import AccountKind, Asset, Treatment
from planner.household.tax_situation import TaxSituation
from planner.market.universe import AssetClass, Series, TaxCharacter, Universe
from planner.trading.holdings import Holdings, total_drift

TAXABLE, PLAN, IRA, ROTH, HSA = (
    AccountKind.TAXABLE,
    AccountKind.PLAN_401K,
    AccountKind.TRADITIONAL_IRA,
    AccountKind.ROTH_IRA,
    AccountKind.HSA,
)
FOUR = {"equities": "VTI", "fixed_income": "BND", "crypto": "BTC"}


def test_drift_is_half_the_sum_of_absolute_differences(vectors):
    vector = vectors["drift-half-sum"]
    names = ("equities", "fixed_income", "crypto", "cash")
    now = dict(zip(names, vector["now"], strict=True))
    prices = {"VTI": 1.0, "BND": 1.0, "BTC": 1.0}
    lots = [lot(symbol, now[name]) for name, symbol in FOUR.items()]
    held = Holdings(household(account(ROTH, *lots, cash=now["cash"]), prices=prices))
    wanted = targets(**{name: share / 100 for name, share in zip(names, vector["target"], strict=True)})
    drift = held.drift(wanted)
    assert 100 * total_drift(drift["drift"]) == pytest.approx(vector["drift"])
    assert drift["drift"]["equities"] == pytest.approx(0.05)
    assert tuple(drift.loc["crypto", ["lower", "upper"]]) == pytest.approx((0.23, 0.27))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.01, 1e6), min_size=4, max_size=4), st.lists(st.integers(1, 9), min_size=3, max_size=3))
def test_drift_is_what_would_have_to_be_sold(amounts, parts):
    held = Holdings(household(account(ROTH, lot("VTI", amounts[0]), lot("BND", amounts[1]), cash=amounts[2])))
    shares = {name: part / sum(parts) for name, part in zip(("equities", "fixed_income", "cash"), parts, strict=True)}
    drift = held.drift(targets(**shares))["drift"]
    assert drift.sum() == pytest.approx(0, abs=1e-9)
    assert total_drift(drift) == pytest.approx(drift.clip(lower=0).sum())
    assert 0 <= total_drift(drift) <= 1


def test_value_is_counted_by_class_and_account_with_cash_in_its_class():
    held = Holdings(
        household(
            account(TAXABLE, lot("VTI", 10, 40.0), lot("VTI", 5, 120.0, LATELY), cash=300),
            account(IRA, lot("BND", 20), lot("BTC", 0.5), cash=200),
        )
    )
    assert held.account_names == ("taxable", "traditional IRA")
    assert held.total == 1500 + 300 + 1000 + 500 + 200
    assert held.account_values.tolist() == [1800, 1700]
    assert held.table.to_dict("index")["equities"] == {"taxable": 1500, "traditional IRA": 0}
    assert held.table.loc["cash"].tolist() == [300, 200]
    assert held.table.to_numpy().sum() == held.total
    assert held.weights.sum() == pytest.approx(1)
    assert held.weights["crypto"] == pytest.approx(500 / 3500)


def test_lots_stand_account_by_account_with_cost_value_and_term():
    held = Holdings(
        household(
            account(TAXABLE, lot("VTI", 10, 40.0), lot("BTC", 2, 1500.0, LATELY)),
            account(IRA, lot("BND", 20, None, None)),
        )
    )
    assert [held.symbols[place] for place in held.asset] == ["VTI", "BTC", "BND"]
    assert held.account.tolist() == [0, 0, 1]
    assert held.cost.tolist() == [400, 3000, 1000]
    assert held.value.tolist() == [1000, 2000, 1000]
    assert held.long_term.tolist() == [True, False, True]
    assert held.taxable.tolist() == [True, False]


def test_a_lot_is_long_term_the_day_after_a_year():
    bought = DAY.replace(year=DAY.year - 1)
    lots = [lot("VTI", 1, 1.0, bought), lot("VTI", 1, 1.0, bought - dt.timedelta(days=1))]
    assert Holdings(household(account(TAXABLE, *lots))).long_term.tolist() == [False, True]


def test_only_tax_deferred_dollars_count_for_less_after_tax():
    accounts = [account(kind, lot("VTI", 1, 40.0), cash=10) for kind in (TAXABLE, PLAN, IRA, ROTH, HSA)]
    held = Holdings(household(*accounts, taxes=TaxSituation(retirement_rate=0.25)))
    assert held.after_tax.loc["equities"].tolist() == [100, 75, 75, 100, 100]
    assert held.after_tax.loc["cash"].tolist() == [10, 7.5, 7.5, 10, 10]
    assert held.treatments.count(Treatment.DEFERRED) == 2


def test_without_a_rate_in_retirement_todays_rate_on_income_counts():
    """120,000 less the standard deduction of 2025 is in the bracket of 24 %, which began at 103,350."""
    taxes = TaxSituation(income=120_000)
    held = Holdings(household(account(IRA, lot("VTI", 1)), account(ROTH, lot("VTI", 1)), taxes=taxes))
    assert held.after_tax.loc["equities", str(IRA)] == pytest.approx(100 * (1 - 0.24))


def test_an_empty_household_has_nothing_anywhere():
    held = Holdings(household(account(ROTH)))
    assert held.total == 0
    assert held.table.to_numpy().sum() == 0
    assert (held.weights == 0).all()
    assert (held.after_tax_weights == 0).all()
    assert len(held.value) == len(held.cost) == len(held.long_term) == 0
    assert held.values.shape == held.may_hold.shape == (1, 3)


def test_cash_alone_is_a_portfolio():
    held = Holdings(household(account(ROTH, cash=500), account(IRA, cash=500)))
    assert held.weights["cash"] == 1
    assert total_drift(held.drift(targets(cash=0.4, equities=0.6))["drift"]) == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("allowed", "held"),
    [
        (None, [True, True, True, True]),
        ((), [False, False, False, False]),
        (("equities",), [True, True, False, False]),
        (("us_equity",), [True, False, False, False]),
        (("BTC",), [False, False, False, True]),
        (("BND", "intl_equity"), [False, True, True, False]),
    ],
)
def test_what_an_account_may_hold_is_named_by_class_by_series_or_by_asset(allowed, held):
    prices = {"BTC": 1000.0, "BND": 50.0, "VXUS": 60.0, "VTI": 100.0}
    holdings = Holdings(household(account(PLAN, may_hold=allowed), account(TAXABLE), prices=prices))
    order = [holdings.symbols.index(symbol) for symbol in ("VTI", "VXUS", "BND", "BTC")]
    assert holdings.may_hold[0][order].tolist() == held
    assert holdings.may_hold[1].all()


def test_assets_stand_in_the_order_of_the_universe():
    prices = {"BTC": 1000.0, "BND": 50.0, "ITOT": 90.0, "VTI": 100.0}
    held = Holdings(household(account(TAXABLE), prices=prices))
    assert held.symbols == ("ITOT", "VTI", "BND", "BTC")
    assert held.classes == ("equities", "equities", "fixed_income", "crypto")
    assert np.array_equal(held.prices, [90, 100, 50, 1000])


def test_what_the_universe_does_not_know_is_refused_in_words():
    with pytest.raises(
        InputError, match="'GEM' follows 'GEM', which is no series of the universe: name one of us_equity"
    ):
        Holdings(household(account(TAXABLE), prices={"GEM": 1.0}))
    with pytest.raises(InputError, match="'taxable' may hold 'gems', which is no asset class, series or asset"):
        Holdings(household(account(TAXABLE, may_hold=("gems",))))


def test_a_universe_without_cash_takes_accounts_without_cash_only():
    own = Universe(
        (AssetClass("wine", "Wine", "#000000", "", (Series("wine_fund", "Wine fund", TaxCharacter.COLLECTIBLE),)),)
    )
    prices = {"wine_fund": 10.0}
    held = Holdings(household(account(TAXABLE, lot("wine_fund", 3, 8.0, LONG_AGO)), prices=prices), own)
    assert held.weights.to_dict() == {"wine": 1}
    with pytest.raises(InputError, match="has no asset class 'cash': add it"):
        _ = Holdings(household(account(TAXABLE, cash=5), prices=prices), own).weights


def test_an_asset_without_a_price_is_left_out():
    home = household(account(ROTH, lot("VTI", 1)), prices={"VTI": 100.0})
    more = home.with_changes(assets=(*home.assets, Asset(symbol="XYZ", series="gold")))
    assert Holdings(more).symbols == ("VTI",)
