"""The year's realised gains as the tax return wants them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, fields
from functools import cached_property
from html import escape
from math import fsum
from typing import TYPE_CHECKING

import pandas as pd

from planner.household.accounts_layout import cell_of
from planner.household.taxes import TaxBill, is_long_term, realised, tax_bill
from planner.market.universe import BUILT_IN, TaxCharacter, Universe
from planner.trading.orders import Term
from planner.trading.wash_sales import WINDOW, WashSaleRules, character_of, open_units, with_wash_sales
from planner.wording import count, money, units

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from planner.household.accounts import Household, Sale

WASH_SALE = "W"
COLLECTIBLE = "C"
"""Codes of column (f). Source: IRS, Instructions for Form 8949."""


@dataclass(frozen=True, slots=True)
class RealisedGain:
    """One sale as a line of Form 8949, in dollars and cents.

    ``code`` holds 'W' where a wash sale disallows a loss, which is the positive ``adjustment``, and 'C' for a
    collectible; ``gain`` is proceeds less basis plus adjustment. ``digital_asset`` says that the lines belong into
    the boxes for digital assets, which the form has since 2025.
    """

    account: str
    description: str
    acquired: dt.date
    sold: dt.date
    proceeds: float
    basis: float
    code: str
    adjustment: float
    gain: float
    term: Term
    digital_asset: bool


@dataclass(frozen=True, eq=False)
class RealisedGains:
    """The sales of a year, short-term ones first and in the order of their days, with the tax bill of the year."""

    year: int
    gains: tuple[RealisedGain, ...]
    bill: TaxBill
    notes: tuple[str, ...]

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a sale, columns as the fields of ``RealisedGain``."""
        return pd.DataFrame([_cells(gain) for gain in self.gains], columns=COLUMNS)

    @cached_property
    def totals(self) -> pd.DataFrame:
        """Proceeds, basis, adjustment and gain by term."""
        terms = {str(term): [gain for gain in self.gains if gain.term is term] for term in Term}
        sums = {name: {term: _total(of_term, name) for term, of_term in terms.items()} for name in SUMMED}
        return pd.DataFrame(sums).rename_axis("term")

    def to_csv(self) -> str:
        """The table as CSV, safe to open in a spreadsheet: text that it would run has an apostrophe before it.

        Source: OWASP, "CSV Injection".
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([cell_of(cell) for cell in _cells(gain)] for gain in self.gains)
        return text.getvalue()

    def _repr_html_(self) -> str:
        said = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        parts = [f"<h3>Realised gains of {self.year}</h3><ul>{said}</ul>"]
        for term in Term:
            rows = self.table[self.table["term"] == term].drop(columns=["term"])
            if len(rows):
                shown = rows.to_html(index=False, float_format="{:,.2f}".format)
                parts.append(f"<h4>{str(term).capitalize()}</h4>{shown}")
        totals = self.totals.to_html(float_format="{:,.2f}".format)
        return "".join([*parts, f"<h4>Totals</h4>{totals}"])


COLUMNS = tuple(field.name for field in fields(RealisedGain))
SUMMED = ("proceeds", "basis", "adjustment", "gain")


def realised_gains(
    household: Household, year: int, rules: WashSaleRules | None = None, universe: Universe = BUILT_IN
) -> RealisedGains:
    """Report the sales of a year in the household's taxable accounts, and what they do to the year's tax.

    Wash sales are set right across all accounts, as far as the household's lots and sales tell of them. Purchases of
    the thirty days after the year must be among them for the report to be final. A sale is short- or long-term by
    the day. InputError for a year without a tax table.
    """
    adjusted = with_wash_sales(household, rules, universe)
    sales = [sale for sale in adjusted.sales if sale.sold.year == year]
    characters = {asset: character_of(household, asset, universe) for asset in {sale.asset for sale in sales}}
    gains = [_line(household, sale, characters[sale.asset]) for sale in sales]
    gains.sort(key=lambda gain: (gain.term is Term.LONG, gain.digital_asset, gain.sold, gain.acquired))
    collectibles = frozenset(asset for asset, tax in characters.items() if tax is TaxCharacter.COLLECTIBLE)
    bill = tax_bill(household.taxes, realised(adjusted.sales, year, collectibles), year)
    rules = rules or WashSaleRules()
    open_losses = [
        sale.sold
        for sale in sales
        if sale.sold >= household.as_of - WINDOW
        and open_units(sale) > 0
        and rules.apply_to(characters[sale.asset], sale.sold)
    ]
    return RealisedGains(year, tuple(gains), bill, _notes(gains, bill, year, open_losses))


def _line(household: Household, sale: Sale, character: TaxCharacter) -> RealisedGain:
    """A sale in cents that add up."""
    asset = household.asset_of.get(sale.asset)
    name = sale.asset if asset is None or not asset.label else asset.label
    digital = character is TaxCharacter.PROPERTY
    long_term = is_long_term(sale.acquired, sale.sold)
    proceeds, basis = round(sale.quantity * sale.unit_price, 2), round(sale.quantity * sale.unit_cost, 2)
    adjustment = min(round(sale.disallowed, 2), max(round(basis - proceeds, 2), 0.0))
    codes = (
        COLLECTIBLE if long_term and character is TaxCharacter.COLLECTIBLE else "",
        WASH_SALE if adjustment else "",
    )
    return RealisedGain(
        account=sale.account,
        description=f"{units(sale.quantity)} {name}{' (digital asset)' if digital else ''}",
        acquired=sale.acquired,
        sold=sale.sold,
        proceeds=proceeds,
        basis=basis,
        code="".join(codes),
        adjustment=adjustment,
        gain=round(proceeds - basis + adjustment, 2),
        term=Term.LONG if long_term else Term.SHORT,
        digital_asset=digital,
    )


def _cells(gain: RealisedGain) -> list[object]:
    return [getattr(gain, name) for name in COLUMNS]


def _total(gains: Iterable[RealisedGain], name: str) -> float:
    return round(fsum(getattr(gain, name) for gain in gains), 2)


def _notes(gains: list[RealisedGain], bill: TaxBill, year: int, open_losses: list[dt.date]) -> tuple[str, ...]:
    """What the year came to, in words; ``open_losses`` are days of sales that a purchase may still wash."""
    if not gains:
        return (f"Nothing was sold in a taxable account in {year}.",)
    made = {term: _total((gain for gain in gains if gain.term is term), "gain") for term in Term}
    results = " and ".join(
        f"{term} {'losses' if amount < 0 else 'gains'} of {money(abs(amount))}"
        for term, amount in made.items()
        if amount
    )
    said = [f"{count(len(gains), 'sale')} with {results or 'neither gain nor loss'}."]
    if bill.deducted > 0:
        said.append(f"{money(bill.deducted)} of the losses is taken off other income.")
    carried = bill.short_carried + bill.long_carried
    if carried > 0:
        said.append(
            f"{money(carried)} is carried to {year + 1}: {money(bill.short_carried)} short-term and "
            f"{money(bill.long_carried)} long-term."
        )
    disallowed = _total(gains, "adjustment")
    if disallowed:
        said.append(
            f"{money(disallowed)} of the losses does not count: wash sales moved it into the basis of what was bought "
            "in their place, and where an IRA, 401(k) or HSA bought it, it is lost."
        )
    if open_losses:
        said.append(
            f"The report is not final: purchases until {max(open_losses) + WINDOW} may turn losses of the last thirty "
            "days into wash sales."
        )
    if any(gain.digital_asset for gain in gains):
        said.append("Digital assets have boxes of their own on Form 8949: report their lines there.")
    return tuple(said)
