from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from planner.errors import InputError
from planner.household.accounts import Account, AccountKind, Asset, Household, Lot, Sale, Treatment
from planner.household.example import example_household
from planner.household.tax_situation import TaxSituation
from planner.policy.targets import ReferenceMix, Targets
from planner.scenario import EXAMPLE
from planner.trading.holdings import Holdings

DAY = dt.date(2025, 9, 30)
LOT = Lot(asset="VTI", quantity=2, unit_cost=100, acquired=dt.date(2024, 1, 2))


def household(**changes: Any) -> Household:
    values = {
        "accounts": [Account(kind="taxable", owner="Ann", holdings=[LOT], cash=5)],
        "prices": {"VTI": 300},
        "as_of": DAY,
        "assets": [Asset(symbol="VTI", series="us_equity")],
    }
    return Household(**{**values, **changes})


@pytest.mark.parametrize(
    ("kind", "treatment"),
    [
        ("401(k)", Treatment.DEFERRED),
        ("traditional IRA", Treatment.DEFERRED),
        ("Roth IRA", Treatment.TAX_FREE),
        ("HSA", Treatment.TAX_FREE),
        ("taxable", Treatment.TAXED),
    ],
)
def test_each_kind_of_account_is_taxed_in_its_way(kind: str, treatment: Treatment) -> None:
    assert AccountKind(kind).treatment is treatment


def test_an_account_is_named_after_its_owner_and_kind_unless_it_has_a_name() -> None:
    assert Account(kind="Roth IRA", owner="Ben").name == "Ben, Roth IRA"
    assert Account(kind="Roth IRA", owner="Ben", name="  ").name == "Ben, Roth IRA"
    assert Account(kind=AccountKind.HSA, owner="Ben", name=" Rainy \n day").name == "Rainy day"


def test_names_are_one_line_without_characters_that_cannot_be_shown() -> None:
    assert Lot(asset="\tVTI \n", quantity=1).asset == "VTI"
    with pytest.raises(InputError, match="cannot be shown"):
        Lot(asset="VT\x07I", quantity=1)
    with pytest.raises(InputError, match="at least 1 character"):
        Lot(asset="  ", quantity=1)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"quantity": 0}, "Quantity is 0"),
        ({"quantity": -1}, "Quantity is -1"),
        ({"quantity": "1"}, "must be a number"),
        ({"quantity": float("nan")}, "finite"),
        ({"unit_cost": -0.01}, "Unit cost"),
        ({"acquired": dt.date(204, 1, 1)}, "0204-01-01.*check the year"),
        ({"acquired": "yesterday"}, "Day of purchase"),
        ({"colour": "red"}, "no field 'colour'"),
    ],
)
def test_an_impossible_lot_is_refused_in_words(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        Lot(**{"asset": "VTI", "quantity": 1, **fields})


@pytest.mark.parametrize(("missing", "words"), [("unit_cost", "unit cost"), ("acquired", "day of purchase")])
def test_a_lot_in_a_taxable_account_needs_what_a_sale_is_taxed_by(missing: str, words: str) -> None:
    with pytest.raises(InputError, match=f"Lot 2 of 'Joint' .VTI. has no {words}"):
        Account(kind="taxable", owner="Ann", name="Joint", holdings=[LOT, LOT.with_changes(**{missing: None})])


@pytest.mark.parametrize("kind", [kind for kind in AccountKind if kind is not AccountKind.TAXABLE])
def test_a_lot_elsewhere_needs_neither_cost_nor_day(kind: AccountKind) -> None:
    assert Account(kind=kind, owner="Ann", holdings=[Lot(asset="VTI", quantity=1)]).holdings[0].unit_cost is None


def test_a_household_needs_the_price_of_what_it_holds_and_no_other() -> None:
    with pytest.raises(InputError, match=r"'VTI', held in 'Ann, taxable', has no price"):
        household(prices={})
    assert household(assets=[Asset(symbol="ITOT", series="us_equity")]).asset_of["VTI"].series == "VTI"


def test_nothing_was_bought_after_the_day_of_the_prices_or_sold_before_it_was_bought() -> None:
    with pytest.raises(InputError, match=r"Lot 1 of 'Ann, taxable'.*after the day"):
        household(as_of=dt.date(2024, 1, 1))
    with pytest.raises(InputError, match="check the two days"):
        Sale(account="A", asset="V", quantity=1, unit_cost=1, acquired=DAY, unit_price=1, sold=dt.date(2025, 9, 29))


def test_two_accounts_or_assets_of_one_name_are_refused() -> None:
    with pytest.raises(InputError, match="two accounts named 'Ann, taxable'"):
        household(accounts=2 * household().accounts)
    with pytest.raises(InputError, match="two assets named 'VTI'"):
        household(assets=2 * household().assets)


def test_an_account_is_found_by_its_name() -> None:
    assert household().account("Ann, taxable").cash == 5
    with pytest.raises(InputError, match=r"no account 'Bob'. The accounts are 'Ann, taxable'"):
        household().account("Bob")


def test_new_prices_replace_those_of_their_assets() -> None:
    later = household(prices={"VTI": 300, "BND": 70}).priced({"VTI": 310}, dt.date(2025, 10, 1))
    assert dict(later.prices) == {"VTI": 310, "BND": 70}
    assert later.as_of == dt.date(2025, 10, 1)
    assert later.accounts == household().accounts


def test_a_sale_gains_what_a_unit_brought_over_its_cost() -> None:
    days = {"acquired": dt.date(2024, 1, 2), "sold": DAY}
    assert Sale(account="A", asset="V", quantity=3, unit_cost=10, unit_price=8, **days).gain == pytest.approx(-6)


def test_a_household_survives_json_and_cannot_change() -> None:
    before = example_household()
    assert Household.model_validate_json(before.model_dump_json()) == before
    assert hash(before) == hash(Household.model_validate(json.loads(before.model_dump_json())))
    with pytest.raises(TypeError, match="frozen"):
        before.prices["VTI"] = 1.0


def test_a_tax_deferred_dollar_counts_for_what_is_left_of_it(vectors: dict[str, dict[str, Any]]) -> None:
    """Reichenstein: $500k of stocks in a 401(k) taxed at 25 % and $375k of bonds in a Roth."""
    assert "$500k of stocks in a 401(k) taxed at 25 % and $375k of bonds" in vectors["after-tax-mix"]["note"]
    holdings = Holdings(
        Household(
            accounts=[
                Account(kind="401(k)", owner="Ann", holdings=[Lot(asset="us_equity", quantity=500_000)]),
                Account(kind="Roth IRA", owner="Ann", holdings=[Lot(asset="us_bonds", quantity=375_000)]),
            ],
            prices={"us_equity": 1, "us_bonds": 1},
            as_of=DAY,
            taxes=TaxSituation(retirement_rate=0.25),
        )
    )
    classes = ["equities", "fixed_income"]
    assert list(holdings.after_tax_weights[classes]) == pytest.approx([0.50, 0.50])
    assert list(holdings.weights[classes]) == pytest.approx([0.57, 0.43], abs=0.005)


def test_the_example_is_four_accounts_worth_the_example_scenarios_liquid_assets() -> None:
    holdings = Holdings(example_household())
    assert [account.kind for account in example_household().accounts] == [
        AccountKind.PLAN_401K,
        AccountKind.TRADITIONAL_IRA,
        AccountKind.ROTH_IRA,
        AccountKind.TAXABLE,
    ]
    assert holdings.total == EXAMPLE.profile.liquid_assets == 250_000
    assert example_household().taxes.income == EXAMPLE.profile.yearly_income
    assert not holdings.may_hold[0][[name == "crypto" for name in holdings.classes]].any()


def test_the_example_has_drifted_from_its_targets_most_of_all_in_crypto() -> None:
    drift = Holdings(example_household()).drift(Targets.reference(ReferenceMix.WORKED_EXAMPLE))
    outside = drift[(drift["weight"] < drift["lower"]) | (drift["weight"] > drift["upper"])]
    assert "crypto" in outside.index
    assert drift["drift"].abs().idxmax() == "crypto"


def test_the_example_holds_every_kind_of_lot_that_a_tax_decision_meets() -> None:
    holdings = Holdings(example_household())
    taxable = holdings.account == 3
    gains = holdings.value - holdings.cost
    crypto = holdings.asset >= holdings.symbols.index("BTC")
    assert 15 <= taxable.sum() <= 20
    for term in (holdings.long_term, ~holdings.long_term):
        assert (gains[taxable & term & ~crypto] > 0).any()
        assert (gains[taxable & term & ~crypto] < 0).any()
    assert gains[crypto & holdings.long_term].sum() > 15_000
    recent = {
        lot.asset
        for account in example_household().accounts[:3]
        for lot in account.holdings
        if lot.acquired is not None and (DAY - lot.acquired).days <= 30
    }
    locked = [holdings.symbols[place] in recent for place in holdings.asset]
    assert (gains[taxable & locked] < 0).any()
