"""The layout of an accounts file: its columns, and how their cells are read and written."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from planner.errors import InputError
from planner.household.accounts import AccountKind, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

LETTERS_SHOWN = 40

OF_ACCOUNT = ("kind", "owner", "may_hold")
OF_LOT = ("quantity", "unit_cost", "acquired", "bought")
OF_ASSET = ("price", "series", "label", "whole_units", "identical", "replacement")
OF_SALE = ("sold", "sale_price", "disallowed")
COLUMNS = ("account", *OF_ACCOUNT, "asset", *OF_LOT, "amount", *OF_ASSET, *OF_SALE)
NEEDED_COLUMNS = ("account", "kind", "owner", "asset", "quantity", "price")
LINES: Mapping[str, frozenset[str]] = {
    "an asset": frozenset({"asset", *OF_ASSET}),
    "an account": frozenset({"account", *OF_ACCOUNT}),
    "cash": frozenset({"account", *OF_ACCOUNT, "asset", "amount"}),
    "a lot": frozenset({"account", *OF_ACCOUNT, "asset", *OF_LOT, *OF_ASSET}),
    "a sale": frozenset({"account", *OF_ACCOUNT, "asset", *OF_LOT, *OF_ASSET, *OF_SALE}),
}
"""What a line may be about, and the columns that it may then fill."""

CASH = "cash"
LIST_MARK = ";"
"""Between the names of what an account may hold; alone, it says that there are none."""

KIND_WORDS: Mapping[str, AccountKind] = {
    **dict.fromkeys(("401k", "traditional401k", "403b", "tsp", "thriftsavingsplan"), AccountKind.PLAN_401K),
    **dict.fromkeys(("ira", "traditionalira", "rolloverira", "sepira"), AccountKind.TRADITIONAL_IRA),
    **dict.fromkeys(("roth", "rothira"), AccountKind.ROTH_IRA),
    **dict.fromkeys(("hsa", "healthsavingsaccount"), AccountKind.HSA),
    **dict.fromkeys(("taxable", "brokerage", "taxablebrokerage", "individual", "joint"), AccountKind.TAXABLE),
}
"""Kinds of account as people and custodians write them, without case, spaces and punctuation."""
YES_OR_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}

NUMBER = re.compile(r"\$? ?(\d{1,3}(,\d{3})+(\.\d*)?|(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?)", re.IGNORECASE | re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
LIKE_A_FORMULA = re.compile("'*[=+\\-@\uff1d\uff0b\uff0d\uff20]")
"""What spreadsheets take for the start of a formula, also in full width, behind any number of apostrophes. As OWASP
advises under "CSV Injection", one apostrophe is written before such text; it is taken off again when it is read."""


def line_is_about(values: Mapping[str, Any]) -> str:
    """The key of ``LINES`` that the filled cells of a line fit best."""
    if "account" not in values:
        return "an asset"
    if "amount" in values:
        return "cash"
    if values.keys() & {*OF_SALE}:
        return "a sale"
    return "a lot" if values.keys() & {"asset", *OF_LOT, *OF_ASSET} else "an account"


def columns_of(header: Sequence[str], source: str) -> tuple[str, ...]:
    """The columns that a header names."""
    columns = tuple("_".join(cell.lower().split()) for cell in header)
    if len(columns) == 1:
        separator = next((name for mark, name in ((";", "semicolons"), ("\t", "tabs")) if mark in header[0]), None)
        fault = f"its cells are separated by {separator}" if separator else f"it has one column, '{_cut(columns[0])}'"
        raise InputError(f"{source}: {fault}. Separate them by commas; the columns are {', '.join(COLUMNS)}.")
    for place, column in enumerate(columns):
        if column not in COLUMNS:
            close = get_close_matches(_cut(column), COLUMNS, n=1)
            remedy = f"did you mean '{close[0]}'?" if close else f"the columns are {', '.join(COLUMNS)}."
            raise InputError(f"{source}: there is no column '{_cut(column)}': {remedy}")
        if column in columns[:place]:
            raise InputError(f"{source}: the column '{column}' appears twice in the header. Remove one.")
    missing = [column for column in NEEDED_COLUMNS if column not in columns]
    if missing:
        raise InputError(f"{source}: the header lacks {', '.join(missing)}. Add what is missing.")
    return columns


def values_of(columns: tuple[str, ...], cells: Sequence[str]) -> dict[str, Any]:
    """What the filled cells of a line say, by column."""
    if len(cells) != len(columns):
        raise InputError(
            f"it has {len(cells)} cells, the header {len(columns)}. Complete the line; a number with commas needs "
            'quotes around it, as in "1,234.56".'
        )
    values: dict[str, Any] = {}
    for column, cell in zip(columns, cells, strict=True):
        if not cell:
            continue
        try:
            text = _text(cell)
            if text:
                values[column] = READERS.get(column, str)(text)
        except InputError as error:
            raise InputError(f"column '{column}': {error}") from error
    return values


def _text(cell: str) -> str:
    text: str = one_line(cell)
    if text.startswith("="):
        raise InputError(f"'{_cut(text)}' is a formula. Write its value, or an apostrophe before it if it is text.")
    return text[1:] if text.startswith("'") and LIKE_A_FORMULA.match(text) else text


def _number(text: str) -> float:
    if NUMBER.fullmatch(text) and math.isfinite(number := float(text.lstrip("$ ").replace(",", ""))):
        return number
    raise InputError(f"'{_cut(text)}' is no number that it may hold. Write it as 1234.56 or $1,234.56, without a sign.")


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text if DAY.fullmatch(text) else "")
    except ValueError as error:
        raise InputError(f"'{_cut(text)}' is not a day. Write it as 2024-03-31.") from error


def _yes(text: str) -> bool:
    if text.lower() not in YES_OR_NO:
        raise InputError(f"'{_cut(text)}' is neither yes nor no.")
    return YES_OR_NO[text.lower()]


def _kind(text: str) -> AccountKind:
    kind = KIND_WORDS.get("".join(filter(str.isalnum, text.lower())))
    if kind is None:
        raise InputError(f"'{_cut(text)}' is no kind of account. The kinds are {', '.join(AccountKind)}.")
    return kind


def _names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, map(one_line, next(csv.reader([text], delimiter=LIST_MARK)))))


READERS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("quantity", "unit_cost", "amount", "price", "sale_price", "disallowed"), _number),
    **dict.fromkeys(("acquired", "bought", "sold"), _day),
    "whole_units": _yes,
    "kind": _kind,
    "may_hold": _names,
}
"""How the cells of a column are read, where they are not text."""


def cell_of(value: object) -> str:
    """A value as ``values_of`` reads it, safe to open in a spreadsheet; None is an empty cell."""
    if value is None or value is False or value == "":
        return ""
    if value is True:
        return "yes"
    if isinstance(value, float):
        return repr(value + 0.0).removesuffix(".0")
    if isinstance(value, tuple):
        return _safe(_list_of(value))
    return _safe(str(value))


def _list_of(names: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=LIST_MARK, lineterminator="").writerow(names)
    return text.getvalue() or LIST_MARK


def _safe(text: str) -> str:
    return f"'{text}" if LIKE_A_FORMULA.match(text) else text


def _cut(text: str) -> str:
    return text if len(text) <= LETTERS_SHOWN else f"{text[:LETTERS_SHOWN]}..."
