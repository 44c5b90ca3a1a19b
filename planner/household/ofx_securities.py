"""What an OFX statement says of each security: units held, their price, and the lots that transactions leave."""

from __future__ import annotations

import datetime as dt
import re
from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from planner.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from xml.etree.ElementTree import Element

CURRENCY = "USD"
SAME_UNITS = Decimal("1e-6")
SAME_PRICE = Decimal("0.01")
"""How far apart units may be to be the same, and prices as a part of them (bonds are quoted in percent): ours."""
NUMBER = re.compile(r"[+-]?(\d{1,15}([.,]\d{0,15})?|[.,]\d{1,15})", re.ASCII)
LETTERS_SHOWN = 40
BY_CSV = "Give this account in a CSV file (docs/accounts-file.md)"

BUYS = frozenset({"BUYDEBT", "BUYMF", "BUYOTHER", "BUYSTOCK", "REINVEST"})
SALES = frozenset({"SELLDEBT", "SELLMF", "SELLOTHER", "SELLSTOCK"})
HIDES_BASIS = frozenset({"RETOFCAP"})
"""Transactions that change a basis in a way that the statement does not spell out lot by lot."""


@dataclass(frozen=True, slots=True)
class Move:
    """A transaction in units of a security: bought or sold for ``total``, moved in or out without one, or split."""

    day: dt.date
    units: Decimal = Decimal(0)
    total: Decimal | None = None
    factor: Decimal = Decimal(1)


@dataclass(slots=True)
class Piece:
    """Units that were bought together; cost and day are None where the statement does not say them."""

    units: Decimal
    unit_cost: Decimal | None = None
    acquired: dt.date | None = None


@dataclass
class Security:
    """What a statement says of one security; ``basis_hidden`` is set where a transaction changed it in untold ways."""

    symbol: str
    label: str
    units: Decimal = Decimal(0)
    price: Decimal = Decimal(0)
    moves: list[Move] = field(default_factory=list)
    basis_hidden: bool = False

    @property
    def lots(self) -> list[Piece]:
        """What is held, oldest first."""
        return self._traced[0]

    @property
    def sold(self) -> list[tuple[Piece, Decimal, dt.date]]:
        """What was sold, the oldest units first, what a unit brought, and on what day."""
        return self._traced[1]

    @cached_property
    def _traced(self) -> tuple[list[Piece], list[tuple[Piece, Decimal, dt.date]]]:
        opening = self.units
        for move in reversed(self.moves):
            opening = (opening - move.units) / move.factor
        if opening < -SAME_UNITS:
            return [Piece(self.units)] if self.units > 0 else [], []
        held = deque([Piece(opening)] if opening > SAME_UNITS else [])
        sold: list[tuple[Piece, Decimal, dt.date]] = []
        for move in self.moves:
            for piece in held:
                piece.units *= move.factor
                piece.unit_cost = None if piece.unit_cost is None else piece.unit_cost / move.factor
            if move.units < 0:
                parts = list(_taken(held, -move.units))
                if move.total is not None:
                    sold += [(part, move.total / -move.units, move.day) for part in parts]
            elif move.total is not None:
                held.append(Piece(move.units, move.total / move.units, move.day))
            elif move.units > 0:
                held.append(Piece(move.units))
        return [piece for piece in held if piece.units > SAME_UNITS], sold


def _taken(held: deque[Piece], units: Decimal) -> Iterator[Piece]:
    while units > 0 and held:
        first = held[0]
        part = min(units, first.units)
        yield Piece(part, first.unit_cost, first.acquired)
        first.units -= part
        units -= part
        if first.units <= 0:
            held.popleft()


def securities_in(root: Element, statement: Element) -> list[Security]:
    """Every security that is or was held, with its position and its transactions by day."""
    names = {
        said(each, "SECID/UNIQUEID"): (
            each.findtext("TICKER") or said(each, "SECID/UNIQUEID"),
            each.findtext("SECNAME"),
        )
        for each in root.iter("SECINFO")
    }
    securities: dict[str, Security] = {}

    def security(element: Element) -> Security:
        unique = said(element, "SECID/UNIQUEID")
        if unique not in securities:
            symbol, label = names.get(unique, (unique, None))
            taken = any(symbol == each.symbol for each in securities.values())
            securities[unique] = Security(unique if taken else symbol, label or "")
        return securities[unique]

    for position in statement.iter("INVPOS"):
        _add_position(security(position), position)
    for transactions in statement.iter("INVTRANLIST"):
        for transaction in transactions:
            _add_transaction(security, transaction)
    for each in securities.values():
        each.moves.sort(key=lambda move: (move.day, move.units < 0))
    return list(securities.values())


def _add_position(security: Security, position: Element) -> None:
    units, price, worth = (amount_in(position, tag) for tag in ("UNITS", "UNITPRICE", "MKTVAL"))
    if units < 0 or position.findtext("POSTYPE") == "SHORT":
        raise InputError(f"'{security.symbol}' is sold short, which the planner does not know. {BY_CSV} without it.")
    if position.findtext("CURRENCY/CURSYM", CURRENCY) != CURRENCY:
        raise InputError(f"'{security.symbol}' is not in {CURRENCY}. {BY_CSV}, in {CURRENCY}.")
    security.units += units
    if units > 0:
        quoted_otherwise = abs(price * units - worth) > SAME_PRICE * worth
        security.price = worth / units if quoted_otherwise else price


def _add_transaction(security_of: Callable[[Element], Security], transaction: Element) -> None:
    tag = transaction.tag
    details = next((each for each in transaction if each.tag in {"INVBUY", "INVSELL"}), transaction)
    if tag not in BUYS | SALES | HIDES_BASIS | {"SPLIT", "TRANSFER"}:
        return
    security, day = security_of(details), day_in(details, "INVTRAN/DTTRADE")
    security.basis_hidden |= (
        tag in HIDES_BASIS
        or details.find("INVTRAN/REVERSALFITID") is not None
        or details.findtext("CURRENCY/CURSYM", CURRENCY) != CURRENCY
        or transaction.findtext("BUYTYPE") == "BUYTOCOVER"
        or transaction.findtext("SELLTYPE") == "SELLSHORT"
    )
    if tag in BUYS | SALES:
        units, total = abs(amount_in(details, "UNITS")), abs(amount_in(details, "TOTAL"))
        move = Move(day, units if tag in BUYS else -units, total)
    elif tag == "TRANSFER":
        units = abs(amount_in(details, "UNITS"))
        move = Move(day, -units if details.findtext("TFERACTION") == "OUT" else units)
    elif tag == "SPLIT":
        new, old = amount_in(details, "NUMERATOR"), amount_in(details, "DENOMINATOR")
        if min(new, old) <= 0:
            raise InputError(f"'{security.symbol}' was split {new} for {old}, which is impossible. {BY_CSV}.")
        move = Move(day, factor=new / old)
    else:
        return
    if move.units or move.factor != 1:
        security.moves.append(move)


def said(element: Element, path: str) -> str:
    """The text at a path below an element, on one line."""
    text = " ".join((element.findtext(path) or "").split())
    if not text:
        raise InputError(f"<{element.tag}> has no {path}: download the file anew. {BY_CSV} otherwise.")
    return text


def amount_in(element: Element, path: str) -> Decimal:
    """The number at a path below an element."""
    text = said(element, path)
    if not NUMBER.fullmatch(text):
        raise InputError(f"<{path}> of <{element.tag}> is '{text[:LETTERS_SHOWN]}', which is no number.")
    return Decimal(text.replace(",", "."))


def day_in(element: Element, path: str) -> dt.date:
    """The day at a path below an element, where its time of day and zone put it."""
    text = said(element, path)
    try:
        return dt.datetime.strptime(text[:8], "%Y%m%d").date()
    except ValueError as error:
        raise InputError(f"<{path}> of <{element.tag}> is '{text[:LETTERS_SHOWN]}', which is no day.") from error
