from __future__ import annotations

import math

import pytest

from planner.wording import count, money, percent, percent_range, points, to_the_cent, units


@pytest.mark.parametrize(
    ("fraction", "digits", "said"),
    [
        (0.055, 1, "5.5 %"),
        (0.05, 1, "5 %"),
        (0.1, 1, "10 %"),
        (1.0, 0, "100 %"),
        (0.0, 1, "0 %"),
        (-0.025, 1, "-2.5 %"),
        (-1e-9, 1, "0 %"),
        (0.12375, 2, "12.38 %"),
        (12.5, 1, "1,250 %"),
        (math.nan, 1, "undefined"),
    ],
)
def test_percentages_are_written_without_trailing_zeros(fraction: float, digits: int, said: str) -> None:
    assert percent(fraction, digits) == said


def test_a_range_names_its_unit_once() -> None:
    assert percent_range(0.035, 0.055) == "3.5-5.5 %"


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        (1200, "USD", "$1,200"),
        (1200.4, "EUR", "EUR 1,200"),
        (-6250, "USD", "-$6,250"),
        (-0.4, "USD", "$0"),
        (1e12, "USD", "$1,000,000,000,000"),
    ],
)
def test_money_is_written_without_cents(amount: float, currency: str, said: str) -> None:
    assert money(amount, currency) == said


@pytest.mark.parametrize(
    ("number", "said"), [(1, "1 year"), (2, "2 years"), (2.5, "2.5 years"), (1.04, "1 year"), (0, "0 years")]
)
def test_a_number_agrees_with_its_noun(number: float, said: str) -> None:
    assert count(number, "year") == said


def test_scores_are_whole_points() -> None:
    assert points(80.6) == "81"


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [(1200.5, "USD", "$1,200.50"), (-0.25, "EUR", "-EUR 0.25"), (-0.004, "USD", "$0.00")],
)
def test_an_amount_to_the_cent_keeps_its_cents(amount: float, currency: str, said: str) -> None:
    assert to_the_cent(amount, currency) == said


@pytest.mark.parametrize(("quantity", "said"), [(60.0, "60"), (0.0625, "0.0625"), (1234.00000001, "1,234.00000001")])
def test_units_are_written_to_the_smallest_part_of_a_coin(quantity: float, said: str) -> None:
    assert units(quantity) == said
