"""Accounts out of one CSV file and back into it; docs/accounts-file.md describes the layout."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.errors import InputError
from planner.household.accounts import MOST_MONEY, Account, Asset, Household, Lot, Sale, Treatment
from planner.household.accounts_layout import (
    CASH,
    COLUMNS,
    LINES,
    OF_ACCOUNT,
    OF_ASSET,
    OF_LOT,
    cell_of,
    columns_of,
    line_is_about,
    values_of,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from os import PathLike

    from planner.household.tax_situation import TaxSituation

LARGEST_FILE_BYTES = 10_000_000
"""A hundred thousand lots take half of it."""
PROBLEMS_SHOWN = 20
MOST_PROBLEMS = 1_000
"""After so many the rest is not read."""


def read_accounts(
    path_or_bytes: str | PathLike[str] | bytes, *, as_of: dt.date, taxes: TaxSituation | None = None
) -> Household:
    """The household in a CSV file, whose prices are those of ``as_of``.

    The layout is that of docs/accounts-file.md. Whatever is wrong raises one InputError that names the bad lines, the
    first ``PROBLEMS_SHOWN`` of them, and nothing is loaded.
    """
    source, content = file_content(path_or_bytes, "CSV")
    lines = _lines(content, source)
    header = next(lines, None)
    if header is None:
        raise InputError(f"{source} is empty: it needs a header and one line for each lot.")
    columns = columns_of(header[1], source)
    reading = _Reading(as_of)
    for line, cells in lines:
        with reading.problems_of(line):
            reading.take(line, values_of(columns, cells))
        if len(reading.problems) == MOST_PROBLEMS:
            break
    accounts, assets = reading.accounts_and_assets()
    if reading.problems:
        raise InputError(_report(source, reading.problems))
    if not accounts:
        raise InputError(f"{source} names no account: add one line for each lot.")
    try:
        return Household(
            accounts=accounts,
            prices={symbol: facts.said["price"] for symbol, facts in reading.assets.items() if "price" in facts.said},
            as_of=as_of,
            assets=assets,
            sales=tuple(reading.sales),
            **({} if taxes is None else {"taxes": taxes}),
        )
    except InputError as error:
        raise InputError(f"{source}: {error}") from error


def accounts_csv(household: Household) -> str:
    """The household's assets, prices, accounts, lots, cash and sales in the layout that ``read_accounts`` reads.

    Reading it with the household's ``as_of`` and ``taxes`` gives an equal household. Text that a spreadsheet would run
    as a formula has an apostrophe before it.
    """
    described = {asset.symbol: dict(asset) for asset in household.assets}
    rows: list[dict[str, Any]] = [
        {**described.get(symbol, {}), "asset": symbol, "price": household.prices.get(symbol)}
        for symbol in dict.fromkeys([*described, *household.prices])
    ]
    for account in household.accounts:
        rows.append({**dict(account), "account": account.name, "asset": CASH, "amount": account.cash})
        rows += [{"account": account.name, **dict(lot)} for lot in account.holdings]
    rows += [{**dict(sale), "sale_price": sale.unit_price} for sale in household.sales]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([cell_of(row.get(column)) for column in COLUMNS] for row in rows)
    return text.getvalue()


def file_content(path_or_bytes: str | PathLike[str] | bytes, kind: str) -> tuple[str, bytes]:
    """Name and content of a file of at most ``LARGEST_FILE_BYTES``; InputError when it cannot be read."""
    if isinstance(path_or_bytes, bytes):
        source, content = "The file", path_or_bytes
    else:
        file = Path(path_or_bytes)
        source = file.name
        try:
            if not file.is_file():
                raise InputError(f"There is no file '{file}': give the path of one {kind} file.")
            with file.open("rb") as opened:
                content = opened.read(LARGEST_FILE_BYTES + 1)
        except OSError as error:
            raise InputError(f"'{file}' cannot be read: {error.strerror or error}.") from error
        except ValueError as error:
            raise InputError(f"{str(file)!r} is not the name of a file: check it.") from error
    if len(content) > LARGEST_FILE_BYTES:
        raise InputError(f"{source} has more than the {LARGEST_FILE_BYTES / 1e6:.0f} MB that are read: split it.")
    return source, content


def _lines(content: bytes, source: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every line that is not empty."""
    if b"\0" in content:
        raise InputError(f"{source} is not a text file (it holds binary zeros): save it as 'CSV UTF-8'.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{source} is not a text file in UTF-8 (byte {error.start + 1} is no text): save it as 'CSV UTF-8'."
        ) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        raise InputError(f"{source}: line {reader.line_num} is not CSV ({error}). Check its quotes.") from error


@dataclass(slots=True)
class _Facts:
    """What lines say of one account or asset; ``line`` is the first to name it."""

    line: int
    said: dict[str, Any] = field(default_factory=dict)
    said_on: dict[str, int] = field(default_factory=dict)

    def learn(self, line: int, values: Mapping[str, Any]) -> None:
        """Keep what a line says; a later line may leave it out or say the same."""
        for column, value in values.items():
            if self.said.setdefault(column, value) != value:
                raise InputError(f"column '{column}' differs from line {self.said_on[column]}: say it once.")
            self.said_on.setdefault(column, line)


@dataclass(slots=True)
class _Reading:
    """What was read so far: accounts by name and assets by symbol, in the order of their first lines."""

    as_of: dt.date
    problems: list[tuple[int, str]] = field(default_factory=list)
    accounts: dict[str, _Facts] = field(default_factory=dict)
    assets: dict[str, _Facts] = field(default_factory=dict)
    lots: dict[str, list[tuple[int, Lot]]] = field(default_factory=lambda: defaultdict(list))
    sales: list[Sale] = field(default_factory=list)

    @contextmanager
    def problems_of(self, line: int) -> Iterator[None]:
        """Keep an InputError as a problem of a line."""
        try:
            yield
        except InputError as error:
            self.problems.append((line, str(error)))

    def take(self, line: int, values: Mapping[str, Any]) -> None:
        """Read one line."""
        about = line_is_about(values)
        excess = next((column for column in values if column not in LINES[about]), None)
        if excess is not None:
            remedy = "empty it, or name the account" if about == "an asset" else "empty it"
            raise InputError(f"column '{excess}' has no place in a line about {about}: {remedy}.")
        for day in _part(values, ("acquired", "bought", "sold")).values():
            if day > self.as_of:
                raise InputError(f"{day} is after {self.as_of}, the day of the prices: check the two days.")
        of_account = _part(values, OF_ACCOUNT)
        if about not in ("an asset", "a sale") or of_account:
            self.accounts.setdefault(values["account"], _Facts(line)).learn(line, of_account)
        if about == "cash":
            self._take_cash(line, values)
        elif about == "an asset" and not ("asset" in values and _part(values, OF_ASSET)):
            raise InputError(
                "a line without an account names an asset and its price: fill the columns 'asset' and 'price'."
            )
        elif "asset" in values:
            self._take_asset(line, values["asset"], _part(values, OF_ASSET))
        if about == "a lot":
            self.lots[values["account"]].append((line, Lot(**_part(values, ("asset", *OF_LOT)))))
        if about == "a sale":
            unit_price = {"unit_price": values["sale_price"]} if "sale_price" in values else {}
            self.sales.append(Sale(**_part(values, ("account", "asset", *OF_LOT, "sold", "disallowed")), **unit_price))

    def _take_cash(self, line: int, values: Mapping[str, Any]) -> None:
        facts = self.accounts[values["account"]]
        if values.get("asset", "").lower() != CASH:
            raise InputError(f"column 'amount' is for cash: write '{CASH}' into column 'asset', or give a quantity.")
        if "amount" in facts.said:
            raise InputError(f"the cash of '{values['account']}' is in line {facts.said_on['amount']} already.")
        facts.learn(line, _part(values, ("amount",)))

    def _take_asset(self, line: int, symbol: str, of_asset: Mapping[str, Any]) -> None:
        if not 0 < of_asset.get("price", 1.0) <= MOST_MONEY:
            raise InputError(f"a price of {of_asset['price']:g} is impossible: check it.")
        self.assets.setdefault(symbol, _Facts(line)).learn(line, of_asset)

    def accounts_and_assets(self) -> tuple[tuple[Account, ...], tuple[Asset, ...]]:
        """Everything read, as documents; what is missing is a problem of the first line that needs it."""
        accounts, assets = [], []
        for symbol, line in self._held().items():
            if "price" not in self.assets[symbol].said:
                hint = f"; the account's cash is an '{CASH}' with its dollars in column 'amount'"
                self.problems.append(
                    (line, f"'{symbol}' has no price{hint if symbol.lower() == CASH else ''}: add one.")
                )
        for symbol, facts in self.assets.items():
            said = {column: value for column, value in facts.said.items() if column != "price"}
            if said:
                with self.problems_of(facts.line):
                    assets.append(Asset(**{"symbol": symbol, "series": symbol, **said}))
        for name, facts in self.accounts.items():
            with self.problems_of(facts.line):
                accounts.append(self._account(name, facts.said))
        return tuple(accounts), tuple(assets)

    def _held(self) -> dict[str, int]:
        """First line that holds each asset."""
        held: dict[str, int] = {}
        for lots in self.lots.values():
            for line, lot in lots:
                held.setdefault(lot.asset, line)
        return held

    def _account(self, name: str, said: Mapping[str, Any]) -> Account:
        missing = [column for column in ("kind", "owner") if column not in said]
        if missing:
            raise InputError(f"no line says the {' and the '.join(missing)} of '{name}': add it to this one.")
        unknown = []
        if said["kind"].treatment is Treatment.TAXED:
            unknown = [(line, lot) for line, lot in self.lots[name] if lot.unit_cost is None or lot.acquired is None]
            self.problems += [
                (line, f"'{lot.asset}' in '{name}' needs a unit_cost and the day acquired: a sale is taxed by them.")
                for line, lot in unknown
            ]
        return Account(
            name=name,
            kind=said["kind"],
            owner=said["owner"],
            may_hold=said.get("may_hold"),
            cash=said.get("amount", 0.0),
            holdings=() if unknown else tuple(lot for _, lot in self.lots[name]),
        )


def _part(values: Mapping[str, Any], columns: Iterable[str]) -> dict[str, Any]:
    return {column: values[column] for column in columns if column in values}


def _report(source: str, problems: Sequence[tuple[int, str]]) -> str:
    lines = [f"Line {line}: {text}" for line, text in sorted(problems)[:PROBLEMS_SHOWN]]
    if len(problems) > PROBLEMS_SHOWN:
        lines.append(
            f"There are {len(problems):,} problems{' or more' if len(problems) >= MOST_PROBLEMS else ' in all'}."
        )
    return "\n".join([f"{source}: nothing was loaded.", *lines])
