"""The yearly report: lines that add up, wash sales across accounts, and files that spreadsheets do not run."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import InputError
from planner.household.accounts import Account, AccountKind, Asset, Household, Lot, Sale
from planner.household.tax_situation import TaxSituation
from planner.household.taxes import realised, tax_bill
from planner.market.universe import BUILT_IN, TaxCharacter
from planner.trading.orders import Term
from planner.trading.realised_gains import realised_gains
from planner.trading.wash_sales import WashSaleRules, character_of, with_wash_sales

DAY = dt.date(2025, 12, 31)
LONG_AGO = dt.date(2020, 1, 2)
GOLD = next(
    member.name for kind in BUILT_IN.classes for member in kind.series if member.tax is TaxCharacter.COLLECTIBLE
)


def sale(asset="FUND", quantity=100.0, unit_cost=10.0, unit_price=7.5, sold="2025-06-30", acquired=LONG_AGO, **more):
    return Sale(
        account=more.pop("account", "Joint"),
        asset=asset,
        quantity=quantity,
        unit_cost=unit_cost,
        unit_price=unit_price,
        acquired=acquired,
        sold=dt.date.fromisoformat(sold),
        **more,
    )


def household(sales=(), ira=(), label="", **more):
    return Household(
        accounts=(
            Account(kind=AccountKind.TAXABLE, owner="Ann", name="Joint"),
            Account(kind=AccountKind.TRADITIONAL_IRA, owner="Ben", name="IRA", holdings=ira),
        ),
        prices={"FUND": 8.0, "bitcoin": 100.0, "GLD": 300.0},
        as_of=DAY,
        assets=(
            Asset(symbol="FUND", series="us_equity", label=label),
            Asset(symbol="GLD", series=GOLD),
        ),
        taxes=TaxSituation(income=110_000),
        sales=sales,
        **more,
    )


def test_every_sale_of_the_year_is_a_line_of_the_form():
    report = realised_gains(
        household(
            [
                sale("bitcoin", 0.25, 40, 100, "2025-07-01", dt.date(2025, 1, 1)),
                sale(quantity=10, unit_price=12.345),
                sale("GLD", 2, 200, 300),
                sale(sold="2024-12-31"),
            ],
            label="Total Market Fund",
        ),
        2025,
    )
    assert report.table["description"].tolist() == [
        "0.25 bitcoin (digital asset)",
        "10 Total Market Fund",
        "2 GLD",
    ]
    assert report.table["term"].tolist() == [Term.SHORT, Term.LONG, Term.LONG]
    assert report.table["gain"].tolist() == [15.0, 23.45, 200.0]
    assert report.table["code"].tolist() == ["", "", "C"]
    assert report.table["digital_asset"].tolist() == [True, False, False]
    assert report.totals.loc["short-term"].tolist() == [25.0, 10.0, 0.0, 15.0]
    assert report.totals.loc["long-term", "gain"] == pytest.approx(223.45)
    assert report.bill.short_gain == pytest.approx(15)
    assert report.bill.long_gain == pytest.approx(223.45)
    assert report.bill.collectible == pytest.approx(200 * 0.22)


def test_a_wash_sale_has_its_code_and_adjustment(vectors):
    example = vectors["wash-sale-securities"]
    bought = Lot(asset="FUND", quantity=60, unit_cost=8, acquired=dt.date(2025, 7, 20))
    sold = sale(unit_cost=example["buy"] / 100, unit_price=example["sell"] / 100)
    report = realised_gains(household([sold], [bought]), 2025)
    (line,) = report.gains
    assert (line.proceeds, line.basis, line.code, line.adjustment, line.gain) == (750, 1000, "W", 150, -100)
    assert report.bill.deducted == pytest.approx(100)
    assert any("where an IRA, 401(k) or HSA bought it, it is lost" in note for note in report.notes)
    assert realised_gains(with_wash_sales(household([sold], [bought])), 2025).gains == report.gains


def test_the_day_decides_the_term():
    sales = [sale(sold=day, acquired=dt.date(2024, 6, 30)) for day in ("2025-06-30", "2025-07-01")]
    assert [gain.term for gain in realised_gains(household(sales), 2025).gains] == [Term.SHORT, Term.LONG]


def test_losses_that_a_purchase_may_still_take_back_make_the_report_provisional():
    for asset, sold, provisional in (
        ("FUND", "2025-12-01", True),
        ("FUND", "2025-11-30", False),
        ("bitcoin", "2025-12-30", False),
    ):
        notes = realised_gains(household([sale(asset, sold=sold)]), 2025).notes
        assert any("not final: purchases until 2025-12-31" in note for note in notes) is provisional
    switched = realised_gains(household([sale("bitcoin", sold="2025-12-30")]), 2025, WashSaleRules(LONG_AGO))
    assert any("not final" in note for note in switched.notes)


def test_what_is_deducted_and_carried_is_said():
    notes = realised_gains(household([sale(quantity=2000)]), 2025).notes
    assert "$3,000 of the losses is taken off other income." in notes
    assert "$2,000 is carried to 2026: $0 short-term and $2,000 long-term." in notes


def test_a_year_without_sales_says_so_and_one_without_tables_is_an_error():
    report = realised_gains(household(), 2026)
    assert report.notes == ("Nothing was sold in a taxable account in 2026.",)
    assert report.table.empty
    assert report.to_csv().count("\n") == 1
    assert "Nothing was sold" in report._repr_html_()
    with pytest.raises(InputError, match="1999"):
        realised_gains(household(), 1999)


def test_an_asset_of_no_known_series_is_an_error():
    with pytest.raises(InputError, match="describe it among the household's assets"):
        realised_gains(household([sale("XYZ")]), 2025)


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "'=1"])
def test_the_file_holds_nothing_that_a_spreadsheet_runs(name):
    before = household([sale(account=name)])
    rows = list(csv.DictReader(io.StringIO(realised_gains(before, 2025).to_csv())))
    assert rows[0]["account"] == f"'{name}"
    assert float(rows[0]["gain"]) == -250
    assert rows[0]["sold"] == "2025-06-30"


def test_text_on_the_page_is_escaped():
    page = realised_gains(household([sale(account="<b>x</b>")], label="<script>"), 2025)._repr_html_()
    assert "<script>" not in page
    assert "<b>x</b>" not in page
    assert "Short-term" not in page
    assert "Long-term" in page


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.builds(
            lambda asset, quantity, cost, price, acquired, held: sale(
                asset,
                quantity,
                cost,
                price,
                str(acquired + dt.timedelta(days=held)),
                acquired,
            ),
            st.sampled_from(["FUND", "bitcoin", "GLD"]),
            st.floats(0.01, 1000),
            st.floats(0, 1000),
            st.floats(0, 1000),
            st.dates(dt.date(2024, 1, 1), dt.date(2025, 6, 30)),
            st.integers(0, 180),
        ),
        max_size=6,
    )
)
def test_lines_add_up_to_the_cent_and_to_the_bill(sales):
    before = household(sales)
    report = realised_gains(before, 2025)
    for line in report.gains:
        assert line.gain == pytest.approx(line.proceeds - line.basis + line.adjustment, abs=1e-6)
        assert ("W" in line.code) == (line.adjustment > 0)
        assert 0 <= line.adjustment <= max(line.basis - line.proceeds, 0) + 1e-6
    assert report.totals["gain"].sum() == pytest.approx(sum(line.gain for line in report.gains), abs=0.001)
    adjusted = with_wash_sales(before)
    gold = frozenset(
        asset for asset in ("FUND", "bitcoin", "GLD") if character_of(before, asset) is TaxCharacter.COLLECTIBLE
    )
    gains = realised(adjusted.sales, 2025, gold)
    assert report.bill == tax_bill(before.taxes, gains, 2025)
    assert report.totals.loc["short-term", "gain"] == pytest.approx(gains.short, abs=0.1)
    assert report.totals.loc["long-term", "gain"] == pytest.approx(gains.long, abs=0.1)
