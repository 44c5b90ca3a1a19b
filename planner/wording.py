"""Numbers as people read them."""

from __future__ import annotations

import math


def percent(fraction: float, digits: int = 1) -> str:
    """Write a fraction as a percentage without trailing zeros: 0.055 is '5.5 %', 0.05 is '5 %', NaN is 'undefined'."""
    if math.isnan(fraction):
        return "undefined"
    return f"{_trimmed(100 * fraction, digits)} %"


def percent_range(lower: float, upper: float) -> str:
    """Write two fractions as one range: '3.5-5.5 %'."""
    return f"{_trimmed(100 * lower, 1)}-{percent(upper)}"


def points(number: float) -> str:
    """Write a score in whole points."""
    return f"{number:.0f}"


def money(amount: float, currency: str = "USD") -> str:
    """Write an amount of money without cents: '$1,200' or 'EUR 1,200'."""
    sign = "-" if round(amount) < 0 else ""
    symbol = "$" if currency == "USD" else f"{currency} "
    return f"{sign}{symbol}{abs(amount):,.0f}"


def to_the_cent(amount: float, currency: str = "USD") -> str:
    """Write an amount of money with its cents: '$1,200.50' or '-EUR 0.25'."""
    sign = "-" if round(amount, 2) < 0 else ""
    symbol = "$" if currency == "USD" else f"{currency} "
    return f"{sign}{symbol}{abs(amount):,.2f}"


def units(quantity: float) -> str:
    """Write a number of shares or coins, to the hundred-millionth of a coin: '60', '0.0625'."""
    return _trimmed(quantity, 8)


def count(number: float, noun: str) -> str:
    """Write a number with its noun: '1 year', '2.5 years'."""
    shown = _trimmed(number, 1)
    return f"{shown} {noun}" if shown == "1" else f"{shown} {noun}s"


def _trimmed(number: float, digits: int) -> str:
    shown = f"{number:,.{digits}f}"
    if "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown
