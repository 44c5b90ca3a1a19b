"""A household as rows of text to edit, and rows of text as a household or as what is wrong with them.

The rows are read as the lines of an accounts file are: the same words, numbers and days, the same sentences.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

from planner.errors import InputError
from planner.household.accounts import AccountKind, Household
from planner.household.accounts_layout import CASH, COLUMNS, OF_ASSET, cell_of
from planner.household.reading_accounts import read_accounts
from widgets.table_editor import CellError, Column, ColumnKind

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from planner.household.accounts import Account, Asset, Lot
    from planner.market.universe import Universe

Rows = list[list[str]]

NAMES = ("account", "kind", "owner", "asset", "series", "quantity", "unit_cost", "acquired", "price")
PLACE = {name: place for place, name in enumerate(NAMES)}
FACTS = {"account": ("kind", "owner"), "asset": ("series", "price")}
"""What is the same in every row of an account, and in every row of an asset."""

LINE = re.compile(r"Line ([\d,]+): (.*)")
LINE_INSIDE = re.compile(r"\bline (\d+)\b")
COLUMN_FIRST = re.compile(r"column '(\w+)':? ")


def columns_for(universe: Universe, household: Household | None) -> tuple[Column, ...]:
    """The columns of the table, with the assets and series that there are to choose from."""
    series = tuple((member.name, member.label) for entry in universe.classes for member in entry.series)
    known = [] if household is None else [(asset.symbol, asset.label) for asset in household.assets]
    kinds = tuple((str(kind), str(kind)) for kind in AccountKind)
    return (
        Column("account", "Account", carried=True),
        Column("kind", "Kind", ColumnKind.CHOICE, kinds, carried=True),
        Column("owner", "Owner", carried=True),
        Column("asset", "Asset", choices=(*known, *(entry for entry in series if entry[0] != CASH), (CASH, "Cash"))),
        Column("series", "Follows", ColumnKind.CHOICE, series),
        Column("quantity", "Quantity", ColumnKind.NUMBER),
        Column("unit_cost", "Unit cost", ColumnKind.NUMBER),
        Column("acquired", "Acquired", ColumnKind.DATE, example="2024-03-31"),
        Column("price", "Price", ColumnKind.NUMBER),
    )


def rows_of(household: Household) -> Rows:
    """One row a lot, account by account, and one for the cash of each account that has some or nothing else."""
    rows = []
    for account in household.accounts:
        start = {"account": account.name, "kind": str(account.kind), "owner": account.owner}
        if account.cash or not account.holdings:
            rows.append(_row({**start, "asset": CASH, "quantity": account.cash}))
        for lot in account.holdings:
            facts = {"series": household.asset_of[lot.asset].series, "price": household.prices[lot.asset]}
            rows.append(_row({**start, **facts, **dict(lot)}))
    return rows


def household_of(
    rows: Sequence[Sequence[str]], as_of: dt.date, before: Household | None, universe: Universe
) -> Household | tuple[CellError, ...] | None:
    """The household that the rows describe, or what is wrong with them; None where there are none.

    What the table does not show is taken from ``before``: taxes, sales, what accounts may hold, what assets are called,
    and the prices of assets that nobody holds.
    """
    lines = [_line(row) for row in rows]
    if not any(lines):
        return None
    content = _csv([*lines, *_unseen_lines(lines, before)] if before else lines)
    try:
        household = read_accounts(content, as_of=as_of, taxes=before.taxes if before else None)
    except InputError as error:
        return tuple(_cell_errors(str(error), len(rows)))
    return tuple(_unknown_series(lines, household, universe)) or (
        household if before is None else _with_unseen(household, before)
    )


def completed(rows: Sequence[Sequence[str]], before: Sequence[Sequence[str]], household: Household | None) -> Rows:
    """The rows, after one cell of ``before`` was typed over, with what follows from it filled in.

    The kind and owner of an account, and the series and price of an asset, are the same in all of its rows: one typed
    over is typed over in all, and a row that gets another account or asset gets theirs.
    """
    done = [list(row) for row in rows]
    at = _only_change(before, done)
    if at is None:
        return done
    row, name = done[at[0]], NAMES[at[1]]
    for key, facts in FACTS.items():
        others = [other for other in done if other is not row and _said(other, key) == _said(row, key) != ""]
        if name in facts:
            for other in others:
                other[PLACE[name]] = row[PLACE[name]]
        elif name == key:
            _take_over(row, facts, others)
            if key == "asset" and not others:
                _describe(row, household)
    return done


def _take_over(row: list[str], facts: Iterable[str], others: list[list[str]]) -> None:
    for fact in facts:
        if others:
            row[PLACE[fact]] = next((said for other in others if (said := _said(other, fact))), "")


def _describe(row: list[str], household: Household | None) -> None:
    """Series and price of an asset that is new to the table, where the household knows them, and else none."""
    asset = _assets(household).get(_said(row, "asset")) if household else None
    row[PLACE["series"]] = asset.series if asset else ""
    row[PLACE["price"]] = _cell(household.prices.get(asset.symbol)) if household and asset else ""


def _assets(household: Household) -> dict[str, Asset]:
    """The assets by their symbols as a cell holds them."""
    return {cell_of(symbol): asset for symbol, asset in household.asset_of.items()}


def _only_change(before: Sequence[Sequence[str]], after: Sequence[Sequence[str]]) -> tuple[int, int] | None:
    if len(before) != len(after):
        return None
    changed = [
        (row, column)
        for row, (old, new) in enumerate(zip(before, after, strict=True))
        if list(old) != list(new)
        for column in range(len(NAMES))
        if old[column] != new[column]
    ]
    return changed[0] if len(changed) == 1 else None


def _said(row: Sequence[str], name: str) -> str:
    return " ".join(row[PLACE[name]].split())


def _row(values: Mapping[str, Any]) -> list[str]:
    return [_cell(values.get(name)) for name in NAMES]


def _cell(value: object) -> str:
    """A value as the file has it, and thousands in a number apart, as people read them."""
    cell = cell_of(value)
    if not isinstance(value, float) or "e" in cell:
        return cell
    whole, point, parts = cell.partition(".")
    return f"{int(whole):,}{point}{parts}"


def _line(row: Sequence[str]) -> dict[str, str]:
    """What a row says, by column of the file: the quantity of cash is its amount."""
    line = {name: said for name in NAMES if (said := _said(row, name))}
    if line.get("series") == line.get("asset"):
        line.pop("series", None)  # an asset follows the series of its name without being told
    if line.get("asset", "").lower() == CASH and not line.keys() & {"unit_cost", "acquired", "price"}:
        line.pop("series", None)
        if "quantity" in line:
            line["amount"] = line.pop("quantity")
    return line


def _with_unseen(household: Household, before: Household) -> Household:
    """The household with what no row says of its lots and sales."""
    days = {_purchase(account, lot): lot.bought for account in before.accounts for lot in account.holdings}

    def lots(account: Account) -> tuple[Lot, ...]:
        found = [(lot, days.get(_purchase(account, lot))) for lot in account.holdings]
        return tuple(lot.with_changes(bought=day) if day else lot for lot, day in found)

    accounts = household.accounts
    if any(days.values()):
        accounts = tuple(account.with_changes(holdings=lots(account)) for account in accounts)
    order = {asset.symbol: place for place, asset in enumerate(before.assets)}
    assets = tuple(sorted(household.assets, key=lambda asset: order.get(asset.symbol, len(order))))
    return household.with_changes(accounts=accounts, assets=assets, sales=before.sales)


def _purchase(account: Account, lot: Lot) -> tuple[object, ...]:
    return account.name, lot.asset, lot.unit_cost, lot.acquired


def _unseen_lines(lines: Sequence[Mapping[str, str]], before: Household) -> list[dict[str, str]]:
    """Lines for what the table does not show of accounts and assets."""
    symbols = {line["asset"] for line in lines if "asset" in line}
    described = {asset.symbol: dict(asset) for asset in before.assets}
    unseen: list[dict[str, Any]] = []
    for symbol in dict.fromkeys([*described, *before.prices]):
        facts = {**described.get(symbol, {}), "price": before.prices.get(symbol)}
        shown = FACTS["asset"] if cell_of(symbol) in symbols else ()
        said = {name: facts[name] for name in OF_ASSET if facts.get(name) and name not in shown}
        unseen += [{"asset": symbol, **said}] if said else []
    names = {line["account"] for line in lines if "account" in line}
    limited = [account for account in before.accounts if account.may_hold is not None]
    unseen += [
        {"account": account.name, "may_hold": account.may_hold} for account in limited if cell_of(account.name) in names
    ]
    return [{name: cell_of(value) for name, value in line.items()} for line in unseen]


def _csv(lines: Iterable[Mapping[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([line.get(name, "") for name in COLUMNS] for line in lines)
    return text.getvalue().encode()


def _cell_errors(text: str, count: int) -> Iterable[CellError]:
    """The problems of a file as errors of the table: its lines are the rows, after the line with the columns' names."""
    first, *others = text.splitlines()
    if not others:
        yield CellError(first.removeprefix("The file: "))
    for problem in others:
        found = LINE.fullmatch(problem)
        sentence = LINE_INSIDE.sub(lambda line: f"row {int(line[1]) - 1}", found[2] if found else problem)
        row = int(found[1].replace(",", "")) - 2 if found else count
        column = COLUMN_FIRST.match(sentence)
        name = {"amount": "quantity"}.get(column[1], column[1]) if column else None
        if column and name in NAMES:
            sentence = sentence[column.end() :]
        yield CellError(sentence, row if row < count else None, name if name in NAMES else None)


def _unknown_series(
    lines: Sequence[Mapping[str, str]], household: Household, universe: Universe
) -> Iterable[CellError]:
    assets = _assets(household)
    for row, line in enumerate(lines):
        asset = assets.get(line.get("asset", ""))
        if asset is not None and asset.series not in universe.series_names:
            yield CellError(f"choose the series whose returns '{asset.symbol}' follows.", row, "series")
