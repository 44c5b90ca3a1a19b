"""Numbers as a client reads them."""

from __future__ import annotations


def percent(fraction: float) -> str:
    """Write a fraction as a percentage with at most one decimal: 0.055 is '5.5 %'."""
    return f"{_one_decimal(100 * fraction)} %"


def percent_range(lower: float, upper: float) -> str:
    """Write two fractions as one range: '3.5-5.5 %'."""
    return f"{_one_decimal(100 * lower)}-{percent(upper)}"


def points(number: float) -> str:
    """Write a score in whole points."""
    return f"{number:.0f}"


def money(amount: float, currency: str) -> str:
    """Write an amount of money without cents: '$1,200' or 'EUR 1,200'."""
    sign = "-" if amount < 0 else ""
    symbol = "$" if currency == "USD" else f"{currency} "
    return f"{sign}{symbol}{abs(amount):,.0f}"


def count(number: float, noun: str) -> str:
    """Write a number with its noun: '1 year', '2.5 years'."""
    shown = _one_decimal(number)
    return f"{shown} {noun}" if shown == "1" else f"{shown} {noun}s"


def _one_decimal(number: float) -> str:
    rounded = round(number, 1) + 0.0  # turns -0.0 into 0.0
    return f"{rounded:,.1f}".removesuffix(".0")
