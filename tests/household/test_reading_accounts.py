from __future__ import annotations

import csv
import datetime as dt
import io
import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import InputError
from planner.household.accounts import Account, AccountKind, Asset, Household, Lot, Sale
from planner.household.accounts_layout import COLUMNS, cell_of
from planner.household.example import EXAMPLE_FILE, example_household
from planner.household.reading_accounts import LARGEST_FILE_BYTES, PROBLEMS_SHOWN, accounts_csv, read_accounts
from planner.household.tax_situation import TaxSituation

DAY = dt.date(2025, 9, 30)
HEADER = "account,kind,owner,may_hold,asset,quantity,unit_cost,acquired,amount,price\n"
DOCUMENT = Path(__file__).parents[2] / "docs" / "accounts-file.md"


def read(text: str) -> Household:
    return read_accounts(text.encode(), as_of=DAY)


def problems(text: str) -> list[str]:
    """What is said about each line; that nothing was loaded comes first."""
    with pytest.raises(InputError) as error:
        read(text)
    return str(error.value).splitlines()[1:]


# What is read


def test_lots_cash_and_assets_are_read_from_one_file() -> None:
    household = read(
        HEADER
        + ",,,,BND,,,,,74.5\n"
        + 'Joint,taxable,Ann and Ben,,VTI,10,"$1,234.50",2020-02-20,,"$2,000"\n'
        + "Joint,,,,VTI,.5,1.5e3,2021-03-01,,\n"
        + "Joint,,,,cash,,,,$12.50,\n"
        + "\n"
        + "Roth,roth ira,Ben,equities; us_bonds,BND,3,,,,\n"
        + "New 401k,401k,Ann,;,,,,,,\n"
    )
    first = Lot(asset="VTI", quantity=10, unit_cost=1_234.5, acquired=dt.date(2020, 2, 20))
    second = Lot(asset="VTI", quantity=0.5, unit_cost=1_500, acquired=dt.date(2021, 3, 1))
    assert household == Household(
        accounts=[
            Account(name="Joint", kind="taxable", owner="Ann and Ben", cash=12.5, holdings=[first, second]),
            Account(
                name="Roth",
                kind="Roth IRA",
                owner="Ben",
                may_hold=["equities", "us_bonds"],
                holdings=[Lot(asset="BND", quantity=3)],
            ),
            Account(name="New 401k", kind="401(k)", owner="Ann", may_hold=[]),
        ],
        prices={"BND": 74.5, "VTI": 2_000},
        as_of=DAY,
    )


def test_an_asset_is_described_once_on_any_of_its_lines() -> None:
    household = read(
        "asset,account,kind,owner,quantity,price,Whole Units,series,identical,replacement,label\n"
        "VTI,IRA,ira,Ann,1,300,,,,,\n"
        "VTI,IRA,,,2,300,YES,us_equity,total,ITOT,Vanguard\n"
        "BND,IRA,,,2,70,,,,,\n"
    )
    assert household.assets == (
        Asset(
            symbol="VTI", series="us_equity", identical="total", replacement="ITOT", label="Vanguard", whole_units=True
        ),
    )
    assert household.asset_of["BND"].series == "BND"


def test_sales_of_the_year_are_read_also_of_accounts_that_are_closed() -> None:
    household = read(
        "account,kind,owner,asset,quantity,unit_cost,acquired,price,sold,sale_price,disallowed\n"
        "Roth,Roth,Ben,,,,,,,,\n"
        "Closed,,,VTI,2,250,2024-01-02,,2025-09-15,240,20\n"
    )
    assert [account.name for account in household.accounts] == ["Roth"]
    assert household.sales == (
        Sale(
            account="Closed",
            asset="VTI",
            quantity=2,
            unit_cost=250,
            acquired=dt.date(2024, 1, 2),
            unit_price=240,
            sold=dt.date(2025, 9, 15),
            disallowed=20,
        ),
    )


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("401k", AccountKind.PLAN_401K),
        ("401(K)", AccountKind.PLAN_401K),
        ("403(b)", AccountKind.PLAN_401K),
        ("IRA", AccountKind.TRADITIONAL_IRA),
        ("Traditional-IRA", AccountKind.TRADITIONAL_IRA),
        ("Rollover IRA", AccountKind.TRADITIONAL_IRA),
        ("ROTH", AccountKind.ROTH_IRA),
        ("hsa", AccountKind.HSA),
        ("Brokerage", AccountKind.TAXABLE),
        ("joint", AccountKind.TAXABLE),
        *((str(kind), kind) for kind in AccountKind),
    ],
)
def test_kinds_of_account_are_read_as_people_write_them(words: str, kind: AccountKind) -> None:
    assert read(f"account,kind,owner,asset,quantity,price\nA,{words},Ann,,,\n").accounts[0].kind is kind


def test_an_asset_named_cash_is_not_the_cash_of_an_account() -> None:
    household = read(HEADER + "IRA,IRA,Ann,,cash,3,,,,91\nIRA,,,,CASH,,,,7,\n")
    assert household.accounts[0].holdings == (Lot(asset="cash", quantity=3),)
    assert household.accounts[0].cash == 7


def test_taxes_and_day_are_those_that_are_given() -> None:
    taxes = TaxSituation(income=55_000)
    household = read_accounts(EXAMPLE_FILE, as_of=dt.date(2026, 1, 2), taxes=taxes)
    assert (household.as_of, household.taxes) == (dt.date(2026, 1, 2), taxes)
    assert read(HEADER + "IRA,IRA,Ann,,,,,,,\n").taxes == TaxSituation()


def test_files_of_spreadsheets_are_read(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_bytes(b"\xef\xbb\xbf" + (HEADER + "IRA,IRA,Zo\u00eb,,,,,,,\n").replace("\n", "\r\n").encode())
    assert read_accounts(str(file), as_of=DAY).accounts[0].owner == "Zo\u00eb"


# What is refused, and how


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("A,IRA,Ann,,VTI,ten,,,,300", "column 'quantity': 'ten' is no number"),
        ("A,IRA,Ann,,VTI,-10,,,,300", "column 'quantity': '-10'.*without a sign"),
        ("A,IRA,Ann,,VTI,0,,,,300", "Quantity is 0: it must be more than 0"),
        ('A,IRA,Ann,,VTI,"1,5",,,,300', "column 'quantity': '1,5' is no number"),
        ('A,IRA,Ann,,VTI,"1.234,50",,,,300', "column 'quantity': '1.234,50' is no number"),
        ("A,IRA,Ann,,VTI,1e999,,,,300", "column 'quantity': '1e999'"),
        ("A,IRA,Ann,,VTI,nan,,,,300", "column 'quantity': 'nan'"),
        ("A,IRA,Ann,,VTI,\u0661,,,,300", "column 'quantity'"),
        ("A,IRA,Ann,,VTI,10,,,,", "'VTI' has no price"),
        ("A,IRA,Ann,,VTI,10,,,,0", "a price of 0 is impossible"),
        ("A,IRA,Ann,,VTI,10,,03/04/2024,,300", "column 'acquired': '03/04/2024' is not a day.*2024-03-31"),
        ("A,IRA,Ann,,VTI,10,,2024-02-30,,300", "column 'acquired': '2024-02-30' is not a day"),
        ("A,IRA,Ann,,VTI,10,,20240203,,300", "is not a day"),
        ("A,IRA,Ann,,VTI,10,,2025-10-01,,300", "2025-10-01 is after 2025-09-30, the day of the prices"),
        ("A,IRA,Ann,,VTI,10,,1824-10-01,,300", "1824-10-01 is not a day that a holding can have"),
        ("A,taxable,Ann,,VTI,10,250,,,300", "'VTI' in 'A' needs a unit_cost and the day acquired"),
        ("A,taxable,Ann,,VTI,10,,2024-02-03,,300", "'VTI' in 'A' needs a unit_cost and the day acquired"),
        ("A,savings,Ann,,VTI,10,,,,300", "column 'kind': 'savings' is no kind of account. The kinds are 401.k., "),
        ("A,,Ann,,VTI,10,,,,300", "no line says the kind of 'A'"),
        ("A,,,,VTI,10,,,,300", "no line says the kind and the owner of 'A'"),
        ("A,IRA,Ann,,VTI,,,,,300", "Add what is missing: Quantity"),
        ("A,IRA,Ann,,,10,,,,300", "Add what is missing: Asset"),
        ("A,IRA,Ann,,cash,500,,,,", "'cash' has no price.*dollars in column 'amount'"),
        ("A,IRA,Ann,,VTI,,,,500,", "column 'amount' is for cash"),
        ("A,IRA,Ann,,VTI,1,,,500,300", "column 'quantity' has no place in a line about cash"),
        (",,,,VTI,10,,,,300", "column 'quantity' has no place in a line about an asset: empty it, or name the account"),
        (",,,,VTI,,,,,", "a line without an account names an asset and its price"),
        (",,,,,,,,,300", "a line without an account names an asset and its price"),
        ("A,IRA,Ann,,VTI,10,,,,300,", "it has 11 cells, the header 10"),
        ("A,IRA,Ann,,VTI,1,234.50,,,,300", "a number with commas needs quotes"),
        ("A,IRA,Ann,,VTI,10", "it has 6 cells, the header 10"),
        ("A,IRA,Ann,,VTI,=1+1,,,,300", "column 'quantity': '=1.1' is a formula"),
        ("=cmd|' /C calc'!A0,IRA,Ann,,VTI,10,,,,300", "column 'account': '=cmd.*' is a formula"),
        (f"A,IRA,{'n' * 101},,VTI,10,,,,300", "Owner is 'n+.*at most 100 characters"),
        ("A,IRA,Ann,,V\x07TI,10,,,,300", "column 'asset': .*cannot be shown"),
    ],
)
def test_a_bad_line_is_named_with_what_to_do(line: str, words: str) -> None:
    (problem,) = problems(HEADER + "B,IRA,Ben,,,,,,,\n" + line + "\n")
    assert re.match(f"Line 3: .*{words}", problem), problem


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("A,IRA,Ann,,VTI,1,,,,300\nA,,,,VTI,1,,,,301\n", "column 'price' differs from line 2"),
        ("A,IRA,Ann,,VTI,1,,,,300\nA,Roth,,,VTI,1,,,,\n", "column 'kind' differs from line 2"),
        ("A,IRA,Ann,,cash,,,,5,\nA,,,,cash,,,,5,\n", "the cash of 'A' is in line 2 already"),
    ],
)
def test_lines_that_contradict_each_other_are_named(lines: str, words: str) -> None:
    (problem,) = problems(HEADER + lines)
    assert problem.startswith("Line 3: ")
    assert words in problem


def test_every_bad_line_is_reported_at_once_and_in_order() -> None:
    found = problems(
        HEADER
        + "A,taxable,Ann,,VTI,1,,,,300\n"
        + "A,,,,BND,1,70,2024-01-02,,\n"
        + '"A\n",,,,VTI,x,70,2024-01-02,,\n'
        + "B,,Ben,,VTI,1,,,,\n"
    )
    assert [problem.split(":")[0] for problem in found] == ["Line 2", "Line 3", "Line 5", "Line 6"]


def test_of_very_many_bad_lines_the_first_are_listed_and_all_are_counted() -> None:
    for lines, total in ((500, "There are 500 problems in all."), (5_000, "There are 1,000 problems or more.")):
        found = problems(HEADER + "A,IRA,Ann,,VTI,x,,,,300\n" * lines)
        assert len(found) == PROBLEMS_SHOWN + 1
        assert found[-1] == total


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("account;kind;owner", "separated by semicolons"),
        ("account\tkind\towner", "separated by tabs"),
        ("hello", "it has one column, 'hello'"),
        ("account,kind,owner,asset,quantity,price,aquired", "no column 'aquired': did you mean 'acquired'"),
        ("account,kind,owner,asset,quantity,price,notes", "no column 'notes'"),
        ("account,kind,owner,asset,quantity,price,price", "'price' appears twice"),
        ("account,owner,asset,quantity", "the header lacks kind, price"),
        ("," * 1_000_000, "The file is empty"),
        ("x," * 1_000_000, "no column 'x'"),
        ("x" * 1_000_000, "line 1 is not CSV .field larger"),
    ],
)
def test_a_header_that_is_none_is_explained(header: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as error:
        read(header + "\n")
    assert len(str(error.value)) < 500


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty"),
        (b" \n\n", "The file is empty"),
        (b"\xef\xbb\xbf", "The file is empty"),
        (b"PK\x03\x04\x00\x00", "binary zeros"),
        (b"\xff\xfea\x00", "binary zeros"),
        (b"account,\xe9", "byte 9 is no text"),
        (b"a" * (LARGEST_FILE_BYTES + 1), "more than the 10 MB"),
        (HEADER.encode() + b'"A', "line 2 is not CSV"),
        (HEADER.encode(), "names no account"),
    ],
)
def test_what_is_no_accounts_file_is_refused_in_a_sentence(content: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_accounts(content, as_of=DAY)


def test_a_file_that_is_not_there_or_endless_is_refused_in_a_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path, "/dev/zero", "a\0b"):
        with pytest.raises(InputError, match=r"There is no file|is not the name"):
            read_accounts(path, as_of=DAY)
    sparse = tmp_path / "two-gigabytes.csv"
    with sparse.open("wb") as file:
        file.truncate(2_000_000_000)
    with pytest.raises(InputError, match=r"two-gigabytes\.csv has more than"):
        read_accounts(sparse, as_of=DAY)


def test_a_long_number_is_refused_as_quickly_as_a_short_one() -> None:
    (problem,) = problems(HEADER + "A,IRA,Ann,,VTI," + "1" * 100_000 + "x,,,,300\n")
    assert len(problem) < 200


@settings(max_examples=200)
@given(st.text(alphabet=st.sampled_from("A1=;,\"\n'cash$.-\0 "), max_size=60))
def test_no_file_ends_in_anything_but_a_household_or_a_sentence(text: str) -> None:
    for content in (text, HEADER + text):
        with suppress(InputError):
            assert read(content).accounts


# Writing


letters = st.one_of(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), st.sampled_from("=+-@'\";,\t\n |\uff1d\uff0d")
)


def words(longest: int) -> st.SearchStrategy[str]:
    return st.one_of(
        st.sampled_from(["cash", "Cash", "'", "'=x", "=1+1", "-", "@a", "a;b", "us_equity"]),
        st.text(letters, min_size=1, max_size=longest).filter(lambda text: bool(text.strip()) and bool(text.split())),
    )


amounts = st.floats(0, 1e12)
positive = st.floats(0, 1e12, exclude_min=True)
past = st.dates(dt.date(1990, 1, 1), DAY)


@st.composite
def households(draw: st.DrawFn) -> Household:
    def line(text: str) -> str:
        return " ".join(text.split())

    prices = {line(symbol): draw(positive) for symbol in draw(st.lists(words(40), max_size=4))}
    described = draw(st.lists(words(40).map(line), unique=True, max_size=4))
    assets = [
        draw(
            st.builds(
                Asset,
                symbol=st.just(symbol),
                series=words(100),
                label=st.one_of(st.just(""), words(100)),
                whole_units=st.booleans(),
                identical=st.one_of(st.just(""), words(40)),
                replacement=st.one_of(st.none(), words(40)),
            )
        )
        for symbol in described
    ]
    lots = st.builds(
        Lot, asset=st.sampled_from(sorted(prices) or [""]), quantity=positive, unit_cost=amounts, acquired=past
    )
    bare = st.builds(Lot, asset=st.sampled_from(sorted(prices) or [""]), quantity=positive)
    accounts = []
    for name in draw(st.lists(words(100).map(line), unique=True, min_size=1, max_size=4)):
        kind = draw(st.sampled_from(AccountKind))
        held = lots if kind is AccountKind.TAXABLE else st.one_of(lots, bare)
        accounts.append(
            Account(
                name=name,
                kind=kind,
                owner=draw(words(100)),
                cash=draw(amounts),
                may_hold=draw(st.one_of(st.none(), st.lists(words(40), max_size=3))),
                holdings=draw(st.lists(held, max_size=3)) if prices else [],
            )
        )
    sales = st.builds(
        Sale,
        account=words(100),
        asset=words(40),
        quantity=positive,
        unit_cost=amounts,
        acquired=st.just(dt.date(1990, 1, 1)),
        unit_price=amounts,
        sold=past,
        disallowed=amounts,
    )
    return Household(
        accounts=accounts, prices=prices, as_of=DAY, assets=assets, sales=draw(st.lists(sales, max_size=2))
    )


@settings(max_examples=50)
@given(households())
def test_reading_what_was_written_gives_an_equal_household_and_no_cell_of_it_is_a_formula(household: Household) -> None:
    written = accounts_csv(household)
    again = read_accounts(written.encode(), as_of=household.as_of, taxes=household.taxes)
    assert again == household
    assert list(again.asset_of) == list(household.asset_of)
    assert accounts_csv(again) == written
    for row in csv.reader(io.StringIO(written, newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0d")) for cell in row)


def test_numbers_are_written_as_they_are() -> None:
    assert [cell_of(number) for number in (100.0, 0.125, -0.0, 1e-9, 1e22)] == ["100", "0.125", "0", "1e-09", "1e+22"]


def test_the_example_survives_being_written_and_its_file_is_in_the_documented_layout() -> None:
    example = example_household()
    assert read_accounts(accounts_csv(example).encode(), as_of=example.as_of, taxes=example.taxes) == example
    assert example_household() is example


def test_the_document_describes_every_column_and_its_example_can_be_read() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for column in COLUMNS:
        assert f"| `{column}` |" in text
    (example,) = re.findall(r"```csv\n(.*?)```", text, re.DOTALL)
    household = read(example)
    assert {account.kind for account in household.accounts} == {AccountKind.TAXABLE, AccountKind.ROTH_IRA}
    assert household.sales
