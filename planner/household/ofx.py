"""One account out of an OFX investment statement, a download that many brokers offer."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from planner.errors import InputError
from planner.household.accounts import Account, AccountKind, Asset, Household, Lot, Sale, Treatment
from planner.household.ofx_securities import (
    BY_CSV,
    CURRENCY,
    Piece,
    Security,
    amount_in,
    day_in,
    said,
    securities_in,
)
from planner.household.reading_accounts import file_content

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike
    from xml.etree.ElementTree import Element

CENT = Decimal("0.01")
MOST_TAGS = 500_000
"""About twenty thousand transactions, and some seconds of the parser's time."""
TEXT_BEGINS, TEXT_ENDS = b"<![CDATA[", b"]]>"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a statement says: a household of the one account on the statement's day, and what to check, in sentences."""

    household: Household
    notes: tuple[str, ...] = ()


def read_ofx(
    path_or_bytes: str | PathLike[str] | bytes,
    kind: AccountKind | str,
    owner: str,
    *,
    name: str = "",
    series: Mapping[str, str] | None = None,
    number: str | None = None,
) -> Statement:
    """The account in an OFX file of version 1 or 2, whose kind and owner are not in the file.

    Positions give units and prices. Lots come from the transactions, first in, first out, where these account for the
    units held. What was held before them is a lot without cost and day; a taxable account may have none, and an
    InputError then names the assets whose basis is not known, because none is ever made up. ``series`` names the series
    that assets follow, by symbol; ``number`` is that of the account to read, where the file has several. Reading needs
    ofxtools, which modern-portfolio[ofx] installs.
    """
    source, content = file_content(path_or_bytes, "OFX")
    root = _tree(content, source)
    try:
        statement = _chosen(root, number)
        if said(statement, "CURDEF") != CURRENCY:
            raise InputError(
                f"the account is in {said(statement, 'CURDEF')}, not in {CURRENCY}. {BY_CSV}, in {CURRENCY}."
            )
        if statement.find(".//POSOPT") is not None:
            raise InputError(f"the account holds options, which the planner does not know. {BY_CSV} without them.")
        return _filled(
            Account(kind=kind, owner=owner, name=name), statement, securities_in(root, statement), series or {}
        )
    except InputError as error:
        raise InputError(f"{source}: {error}") from error


def _tree(content: bytes, source: str) -> Element:
    try:
        from ofxtools.Parser import OFXTree
    except ImportError as error:
        raise InputError(
            f"{source}: reading OFX needs ofxtools. Install modern-portfolio[ofx], or give the account in a CSV file."
        ) from error
    marks = re.findall(rb"<!\[CDATA\[|\]\]>", content)
    in_turn = marks == [TEXT_BEGINS, TEXT_ENDS] * (len(marks) // 2)
    if content.count(b"<") > MOST_TAGS or not in_turn:
        raise InputError(f"{source} is too long or broken to be read as OFX. {BY_CSV} instead.")
    try:
        # A line of its own for each marked text, lest the parser seek the end of each in all that follows.
        root = OFXTree().parse(io.BytesIO(re.sub(rb"\]\]>(</[^>]*>)?", rb"\g<0>\n", content)))
    except (SyntaxError, ValueError, LookupError, AssertionError) as error:
        raise InputError(
            f"{source} is not an OFX file that can be read: download it anew. {BY_CSV} otherwise."
        ) from error
    if root is None:
        raise InputError(f"{source} holds no statement: download it anew.")
    return root


def _chosen(root: Element, number: str | None) -> Element:
    """The statement of an account."""
    statements = {said(each, "INVACCTFROM/ACCTID"): each for each in root.iter("INVSTMTRS")}
    if not statements:
        raise InputError(f"there is no investment statement in it, of a bank account perhaps. {BY_CSV}.")
    if number is None and len(statements) == 1:
        return next(iter(statements.values()))
    if number not in statements:
        raise InputError(f"name the account to read: its number is one of {', '.join(statements)}.")
    return statements[number]


def _filled(
    account: Account, statement: Element, securities: Sequence[Security], series: Mapping[str, str]
) -> Statement:
    """The household of an account that holds what a statement says."""
    cash, notes = _cash(statement, securities)
    lots = [(security, piece) for security in securities for piece in security.lots]
    sales: tuple[Sale, ...] = ()
    if account.kind.treatment is Treatment.TAXED:
        _check_basis(lots)
        sales, more_notes = _sales(account.name, securities)
        notes += more_notes
    held = [security for security in securities if security.units > 0]
    unnamed = [security.symbol for security in held if security.symbol not in series]
    if unnamed:
        notes.append(f"Say which series of the universe these follow: {', '.join(unnamed)}.")
    household = Household(
        accounts=(account.with_changes(holdings=tuple(_lot(*each) for each in lots), cash=float(cash)),),
        prices={security.symbol: float(security.price) for security in held},
        as_of=day_in(statement, "DTASOF"),
        assets=tuple(
            Asset(symbol=each.symbol, series=series.get(each.symbol, each.symbol), label=each.label) for each in held
        ),
        sales=sales,
    )
    return Statement(household, tuple(notes))


def _lot(security: Security, piece: Piece) -> Lot:
    cost = None if piece.unit_cost is None else float(piece.unit_cost)
    return Lot(asset=security.symbol, quantity=float(piece.units), unit_cost=cost, acquired=piece.acquired)


def _check_basis(lots: Sequence[tuple[Security, Piece]]) -> None:
    """A taxable account's lots are all known, or an InputError names the assets of which they are not."""
    unknown: dict[str, Decimal] = {}
    for security, piece in lots:
        if piece.unit_cost is None or security.basis_hidden:
            unknown[security.symbol] = unknown.get(security.symbol, Decimal(0)) + piece.units
    if unknown:
        named = ", ".join(f"{symbol} ({units.normalize():f} units)" for symbol, units in unknown.items())
        raise InputError(
            f"the statement does not show on what days and at what cost these were bought: {named}. A sale is taxed by "
            f"both, so that they are not guessed. {BY_CSV}, with the lots that your broker lists under 'cost basis'."
        )


def _sales(account: str, securities: Sequence[Security]) -> tuple[tuple[Sale, ...], list[str]]:
    """Sales out of known lots, and sentences on what to check."""
    sales, unknown = [], set()
    for security in securities:
        for piece, proceeds, day in security.sold:
            if piece.unit_cost is None or piece.acquired is None or security.basis_hidden:
                unknown.add(security.symbol)
                continue
            sales.append(
                Sale(
                    account=account,
                    asset=security.symbol,
                    quantity=float(piece.units),
                    unit_cost=float(piece.unit_cost),
                    acquired=piece.acquired,
                    unit_price=float(proceeds),
                    sold=day,
                )
            )
    notes = []
    if sales:
        notes.append(
            "What was sold is taken out of the oldest lots first, and wash sales are not in the statement: compare the "
            "lots with your broker's."
        )
    if unknown:
        notes.append(
            f"Sales of {', '.join(sorted(unknown))} are left out, because their basis is not in the statement."
        )
    return tuple(sales), notes


def _cash(statement: Element, securities: Sequence[Security]) -> tuple[Decimal, list[str]]:
    """Cash of the account, and a sentence where a money market fund is taken for it."""
    path = next((path for path in ("INVBAL/AVAILCASH", "INV401KBAL/CASHBAL") if statement.find(path) is not None), None)
    cash = Decimal(0) if path is None else amount_in(statement, path)
    margin = (
        Decimal(0) if statement.find("INVBAL/MARGINBALANCE") is None else amount_in(statement, "INVBAL/MARGINBALANCE")
    )
    if min(cash, margin) < 0:
        raise InputError(
            f"the account owes {-min(cash, margin):,.2f} dollars, which the planner does not know. {BY_CSV}."
        )
    # OFX 13.9.2.7 counts the fund that cash is swept into as available cash, and brokers list it as a position too.
    for security in securities:
        if cash > 0 and security.price == 1 and abs(security.units - cash) < CENT:
            return Decimal(0), [f"The cash of {cash:,.2f} dollars is what {security.symbol} holds: it is counted once."]
    return cash, []
