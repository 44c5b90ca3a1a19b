from __future__ import annotations

import builtins
import datetime as dt
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import InputError
from planner.household.accounts import AccountKind, Asset, Lot, Sale
from planner.household.example import example_household
from planner.household.ofx import MOST_TAGS, Statement, read_ofx

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("ofxtools")

DAY = dt.date(2025, 9, 30)

SGML_HEADER = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:USASCII
CHARSET:1252
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

"""
XML_HEADER = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>
"""


def element(tag: str, content: str, closed: bool) -> str:
    return f"<{tag}>{content}</{tag}>\n" if closed or "<" in content else f"<{tag}>{content}\n"


class Maker:
    """Writes statements, as XML or as SGML whose elements are not closed."""

    def __init__(self, xml: bool = True) -> None:
        self.xml = xml

    def __call__(self, *inner: str, **fields: object) -> str:
        texts = [element(tag.upper(), str(value), self.xml) for tag, value in fields.items()]
        return "".join((*texts, *inner))

    def group(self, tag: str, *inner: str, **fields: object) -> str:
        return f"<{tag}>\n{self(*inner, **fields)}</{tag}>\n"

    def security(self, cusip: str) -> str:
        return self.group("SECID", uniqueid=cusip, uniqueidtype="CUSIP")

    def move(self, tag: str, cusip: str, day: str, **fields: object) -> str:
        inner = self.group("INVTRAN", fitid=f"{tag}{day}", dttrade=day) + self.security(cusip) + self(**fields)
        if tag.startswith(("BUY", "SELL")):
            inner = self.group(f"INV{tag[: 3 if tag.startswith('BUY') else 4]}", inner)
        return self.group(tag, inner)

    def buy(self, cusip: str, day: str, units: object, total: object, tag: str = "BUYSTOCK") -> str:
        return self.move(tag, cusip, day, units=units, unitprice=1, total=total, subacctsec="CASH", subacctfund="CASH")

    def sell(self, cusip: str, day: str, units: object, total: object, tag: str = "SELLSTOCK") -> str:
        return self.buy(cusip, day, units, total, tag)

    def position(self, cusip: str, units: object, price: object, worth: object, tag: str = "POSSTOCK") -> str:
        return self.group(
            tag,
            self.group(
                "INVPOS",
                self.security(cusip),
                heldinacct="CASH",
                postype="LONG",
                units=units,
                unitprice=price,
                mktval=worth,
                dtpriceasof="20250930160000.000[-4:EDT]",
            ),
        )

    def statement(
        self, positions: str, moves: str = "", cash: object = "1,250.50", day: str = "20250930", **changes: str
    ) -> bytes:
        names = "".join(
            self.group(
                "STOCKINFO", self.group("SECINFO", self.security(cusip), self(secname=f"Fund {ticker}", ticker=ticker))
            )
            for cusip, ticker in (("922908769", "VTI"), ("921937835", "BND"), ("000000001", "VMFXX"))
        )
        account = self.group("INVACCTFROM", brokerid="broker.example", acctid=changes.get("number", "123-456"))
        parts = self(dtasof=day, curdef=changes.get("currency", "USD"))
        parts += account
        if moves:
            parts += self.group("INVTRANLIST", self(dtstart="20250101", dtend="20250930"), moves)
        parts += self.group("INVPOSLIST", positions)
        parts += self.group(
            "INVBAL", availcash=str(cash).replace(",", ""), marginbalance=changes.get("margin", "0"), shortbalance="0"
        )
        body = self.group("INVSTMTMSGSRSV1", self.group("INVSTMTTRNRS", self.group("INVSTMTRS", parts)))
        body += changes.get("more", "")
        body += self.group("SECLISTMSGSRSV1", self.group("SECLIST", names))
        return ((XML_HEADER if self.xml else SGML_HEADER) + self.group("OFX", body)).encode()


VTI, BND = "922908769", "921937835"
xml = Maker()


@pytest.fixture(params=[True, False], ids=["version 2, XML", "version 1, SGML"])
def maker(request: pytest.FixtureRequest) -> Maker:
    return Maker(request.param)


def read(content: bytes, kind: str = "taxable", **options: Any) -> Statement:
    return read_ofx(content, kind, "Ann", series={"VTI": "us_equity", "BND": "us_bonds"}, **options)


def lots(content: bytes, kind: str = "taxable") -> tuple[Lot, ...]:
    return read(content, kind).household.accounts[0].holdings


def bought(asset: str, quantity: float, unit_cost: float, day: str) -> Lot:
    return Lot(asset=asset, quantity=quantity, unit_cost=unit_cost, acquired=dt.date.fromisoformat(day))


def test_a_retirement_account_needs_positions_only(maker: Maker) -> None:
    content = maker.statement(maker.position(VTI, "10.5", "328.00", "3444.00") + maker.position(BND, 40, "74.5", 2980))
    statement = read(content, "Roth IRA")
    (account,) = statement.household.accounts
    assert (account.kind, account.name, account.cash) == (AccountKind.ROTH_IRA, "Ann, Roth IRA", 1_250.5)
    assert account.holdings == (Lot(asset="VTI", quantity=10.5), Lot(asset="BND", quantity=40))
    assert dict(statement.household.prices) == {"VTI": 328, "BND": 74.5}
    assert statement.household.as_of == DAY
    assert statement.household.assets[0] == Asset(symbol="VTI", series="us_equity", label="Fund VTI")
    assert statement.notes == ()


def test_lots_of_a_taxable_account_are_its_purchases_with_their_fees(maker: Maker) -> None:
    moves = (
        maker.buy(VTI, "20240115093000.000[-5:EST]", 10, "-2400.50")
        + maker.buy(VTI, "20250630235959[-4:EDT]", 5, "-1500", "BUYMF")
        + maker.move("REINVEST", VTI, "20250315", incometype="DIV", total="-30.00", units="0.125", unitprice="240")
    )
    assert lots(maker.statement(maker.position(VTI, "15.125", 328, 4961), moves)) == (
        bought("VTI", 10, 240.05, "2024-01-15"),
        bought("VTI", 0.125, 240, "2025-03-15"),
        bought("VTI", 5, 300, "2025-06-30"),
    )


def test_what_was_sold_is_taken_from_the_oldest_lots_and_listed_as_sales(maker: Maker) -> None:
    moves = (
        maker.sell(VTI, "20250701", "-12", "3599.40")
        + maker.buy(VTI, "20240115", 10, -2_400)
        + maker.buy(VTI, "20250630", 5, -1_500)
    )
    statement = read(maker.statement(maker.position(VTI, 3, 328, 984), moves), name="Joint")
    assert statement.household.accounts[0].holdings == (bought("VTI", 3, 300, "2025-06-30"),)
    common = {"account": "Joint", "asset": "VTI", "unit_price": 299.95, "sold": dt.date(2025, 7, 1)}
    assert statement.household.sales == (
        Sale(quantity=10, unit_cost=240, acquired=dt.date(2024, 1, 15), **common),
        Sale(quantity=2, unit_cost=300, acquired=dt.date(2025, 6, 30), **common),
    )
    assert "oldest lots first" in statement.notes[0]


def test_a_split_multiplies_units_and_divides_costs() -> None:
    moves = xml.buy(VTI, "20240115", 10, -2_400) + xml.buy(VTI, "20250801", 4, -500)
    moves += xml.move("SPLIT", VTI, "20250701", oldunits=10, newunits=20, numerator=2, denominator=1)
    assert lots(xml.statement(xml.position(VTI, 24, 164, 3_936), moves)) == (
        bought("VTI", 20, 120, "2024-01-15"),
        bought("VTI", 4, 125, "2025-08-01"),
    )


def test_units_held_before_the_statement_are_sold_first_and_their_sale_has_no_known_basis() -> None:
    moves = xml.buy(VTI, "20250301", 10, -2_800) + xml.sell(VTI, "20250601", -6, 1_800)
    statement = read(xml.statement(xml.position(VTI, 10, 328, 3_280), moves))
    assert statement.household.accounts[0].holdings == (bought("VTI", 10, 280, "2025-03-01"),)
    assert statement.household.sales == ()
    assert statement.notes == ("Sales of VTI are left out, because their basis is not in the statement.",)


def test_no_basis_is_made_up_for_a_taxable_account() -> None:
    moves = xml.buy(VTI, "20250301", 10, -2_800)
    content = xml.statement(xml.position(VTI, "25.50", 328, 8_364) + xml.position(BND, 40, "74.5", 2_980), moves)
    with pytest.raises(InputError, match=r"VTI \(15.5 units\), BND \(40 units\).*not guessed.*CSV.*accounts-file"):
        read(content)
    assert lots(content, "HSA") == (
        Lot(asset="VTI", quantity=15.5),
        bought("VTI", 10, 280, "2025-03-01"),
        Lot(asset="BND", quantity=40),
    )


@pytest.mark.parametrize(
    "move",
    [
        xml.move("RETOFCAP", VTI, "20250601", total="12.00"),
        xml.move("TRANSFER", VTI, "20250601", units=5, tferaction="IN", postype="LONG", avgcostbasis=200),
        xml.sell(VTI, "20250601", -2, 640),
        xml.buy(VTI, "20250601", 5, -1_600).replace("</FITID>", "</FITID><REVERSALFITID>1</REVERSALFITID>"),
        xml.buy(VTI, "20250601", 5, -1_600).replace(
            "<SUBACCTSEC>", "<CURRENCY><CURSYM>EUR</CURSYM></CURRENCY><SUBACCTSEC>"
        ),
    ],
    ids=["return of capital", "transfer", "fewer held than were bought", "reversal", "another currency"],
)
def test_a_transaction_that_leaves_the_basis_open_is_not_guessed_around(move: str) -> None:
    held = 15 if "BUY" in move or "TRANSFER" in move else 7 if "SELL" in move else 10
    position = xml.position(VTI, held, 328, 328 * held)
    with pytest.raises(InputError, match=r"VTI \(\d+ units\)"):
        read(xml.statement(position, xml.buy(VTI, "20250301", 10, -2_800) + move))


def test_what_is_transferred_out_leaves_the_oldest_lots_without_a_sale() -> None:
    moves = xml.buy(VTI, "20240115", 10, -2_400) + xml.buy(VTI, "20250630", 5, -1_500)
    moves += xml.move("TRANSFER", VTI, "20250701", units=-12, tferaction="OUT", postype="LONG")
    statement = read(xml.statement(xml.position(VTI, 3, 328, 984), moves))
    assert statement.household.accounts[0].holdings == (bought("VTI", 3, 300, "2025-06-30"),)
    assert statement.household.sales == ()


def test_a_security_without_a_ticker_keeps_its_number_and_its_series_is_asked_for() -> None:
    statement = read(xml.statement(xml.position("31617E471", 100, 10, 1_000)), "401(k)")
    assert statement.household.accounts[0].holdings == (Lot(asset="31617E471", quantity=100),)
    assert statement.notes == ("Say which series of the universe these follow: 31617E471.",)


def test_a_bond_quoted_in_percent_of_its_face_is_priced_by_what_it_is_worth() -> None:
    moves = xml.buy(BND, "20250301", 10_000, "-9700", "BUYDEBT")
    statement = read(xml.statement(xml.position(BND, 10_000, "98.5", "9850", "POSDEBT"), moves))
    assert statement.household.prices["BND"] == pytest.approx(0.985)
    assert statement.household.accounts[0].holdings[0].unit_cost == pytest.approx(0.97)


def test_cash_that_is_swept_into_a_fund_is_counted_once() -> None:
    statement = read(xml.statement(xml.position("000000001", "1250.50", 1, "1250.50")), "Roth IRA")
    assert statement.household.accounts[0].cash == 0
    assert "counted once" in statement.notes[0]


def test_positions_of_sub_accounts_are_added_up() -> None:
    content = xml.statement(xml.position(VTI, 10, 328, 3_280) + xml.position(VTI, 5, 328, 1_640))
    assert lots(content, "HSA") == (Lot(asset="VTI", quantity=15),)


def test_one_of_several_accounts_is_read_by_its_number() -> None:
    first = xml.statement(xml.position(VTI, 1, 328, 328), number="111")
    second = xml.statement(xml.position(VTI, 2, 328, 656), number="222").decode()
    both = first.replace(
        b"</OFX>", second[second.index("<INVSTMTMSGSRSV1>") : second.index("<SECLISTMSGSRSV1>")].encode() + b"</OFX>"
    )
    assert read(both, "HSA", number="222").household.accounts[0].holdings[0].quantity == 2
    with pytest.raises(InputError, match="its number is one of 111, 222"):
        read(both, "HSA")


def test_an_account_joins_a_household_on_the_later_day_and_at_its_prices() -> None:
    content = xml.statement(xml.position(VTI, 10, 330, 3_300), day="20251001")
    example = example_household()
    household = example.joined(read(content, "HSA").household)
    assert [account.name for account in household.accounts] == [
        *(account.name for account in example.accounts),
        "Ann, HSA",
    ]
    assert (household.as_of, household.prices["VTI"]) == (dt.date(2025, 10, 1), 330)
    assert household.prices["BND"] == example.prices["BND"]
    assert household.assets == example.assets
    assert household.taxes == example.taxes
    with pytest.raises(InputError, match="two accounts named"):
        household.joined(read(content, "HSA").household)


# What is refused


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not an OFX file"),
        (b"account,kind,owner\n", "not an OFX file"),
        (b"\0" * 100, "not an OFX file"),
        (XML_HEADER.encode(), "no statement"),
        (XML_HEADER.encode() + b"</A>", "not an OFX file"),
        (XML_HEADER.encode() + b"<OFX><A>\xff", "not an OFX file"),
        (XML_HEADER.encode() + b"<OFX><BANKMSGSRSV1></BANKMSGSRSV1></OFX>", "no investment statement"),
        (XML_HEADER.encode() + b"<OFX><A><![CDATA[" * 3, "broken"),
        (XML_HEADER.encode() + b"<" * (MOST_TAGS + 1), "too long"),
        (xml.statement(xml.position(VTI, 1, 328, 328), currency="EUR"), "in EUR, not in USD"),
        (xml.statement(xml.position(VTI, 1, 328, 328, "POSOPT")), "holds options"),
        (xml.statement(xml.position(VTI, -1, 328, -328)), "sold short"),
        (xml.statement(xml.position(VTI, 1, 0, 0)), "VTI .in prices. is 0"),
        (xml.statement(xml.position(VTI, "1e5", 328, 328)), "'1e5', which is no number"),
        (xml.statement(xml.position(VTI, 1, 328, 328), margin="-500"), "owes 500.00 dollars"),
        (xml.statement(xml.position(VTI, 1, 328, 328), cash=-3), "owes 3.00 dollars"),
        (xml.statement(xml.position(VTI, 1, 328, 328), day="2025"), "'2025', which is no day"),
        (xml.statement(xml.position(VTI, 1, 328, 328)).replace(b"<UNITS>1</UNITS>", b""), "<INVPOS> has no UNITS"),
        (
            xml.statement(
                xml.position(VTI, 1, 328, 328), xml.move("SPLIT", VTI, "20250101", numerator=2, denominator=0)
            ),
            "split 2 for 0",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(content: bytes, words: str) -> None:
    with pytest.raises(InputError, match=words) as error:
        read(content, "HSA")
    assert len(str(error.value)) < 400


def test_texts_marked_as_such_are_read_and_cost_no_more_than_others() -> None:
    content = xml.statement(xml.position(VTI, 1, 328, 328))
    marked = content.replace(b"<SECNAME>Fund VTI<", b"<SECNAME><![CDATA[Fund & VTI]]><")
    assert read(marked, "HSA").household.assets[0].label == "Fund & VTI"
    many = b"".join(b"<MEMO><![CDATA[x]]></MEMO>" for _ in range(20_000))
    assert read(content.replace(b"<SECLIST>", b"<SECLIST>" + many), "HSA").household == read(content, "HSA").household


@settings(max_examples=100)
@given(st.data())
def test_a_damaged_statement_ends_in_a_household_or_a_sentence(data: st.DataObject) -> None:
    content = xml.statement(xml.position(VTI, 10, 328, 3_280), xml.buy(VTI, "20250301", 10, -2_800))
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(start + 40, len(content))))
    damage = data.draw(st.sampled_from([b"", b"<", b">", b"/", b"-", b"\xff", b"<A>", b"</OFX>", b"9", b"\n"]))
    with suppress(InputError):
        assert read(content[:start] + damage + content[end:]).household.accounts


def test_without_the_library_one_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real_import = builtins.__import__

    def without_ofxtools(name: str, *rest: Any) -> Any:
        if name.startswith("ofxtools"):
            raise ImportError(name)
        return real_import(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_ofxtools)
    file = tmp_path / "ira.ofx"
    file.write_bytes(xml.statement(xml.position(VTI, 1, 328, 328)))
    with pytest.raises(InputError, match=r"ira.ofx: reading OFX needs ofxtools. Install modern-portfolio\[ofx\]"):
        read_ofx(file, AccountKind.TRADITIONAL_IRA, "Ann")
