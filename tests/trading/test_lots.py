"""Lots to sell, against a published table and laws of conservation."""

from __future__ import annotations

import datetime as dt
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import InputError
from planner.household.accounts import Lot
from planner.trading.lots import LotChoice, sell
from planner.trading.orders import Term

DAY = dt.date(2025, 6, 30)


def lot(quantity, unit_cost, days_ago=400, asset="FUND", **more):
    return Lot(asset=asset, quantity=quantity, unit_cost=unit_cost, acquired=DAY - dt.timedelta(days=days_ago), **more)


def published(vectors):
    example = vectors["fifo-basis"]
    lots = [lot(units, cost, 900 - 100 * place) for place, (units, cost) in enumerate(example["lots"])]
    return example, lots, *example["sell"]


def test_first_in_first_out_gives_the_published_basis_and_gain(vectors):
    example, lots, units, price = published(vectors)
    sold = sell(lots, units, unit_price=price, day=DAY)
    assert sold.basis == pytest.approx(example["fifo_basis"])
    assert sold.gain == pytest.approx(example["fifo_gain"])
    assert [(piece.place, piece.quantity) for piece in sold.pieces] == [(0, 160), (1, 50)]
    assert [(left.quantity, left.unit_cost) for left in sold.left] == [(190, 20), (10, 30)]


def test_average_basis_gives_the_published_basis_and_gain(vectors):
    example, lots, units, price = published(vectors)
    sold = sell(lots, units, LotChoice.AVERAGE, unit_price=price, day=DAY)
    assert sold.basis == pytest.approx(example["average_basis"], abs=0.005)
    assert sold.gain == pytest.approx(example["average_gain"], abs=0.005)
    assert {round(left.unit_cost, 6) for left in sold.left} == {round(9100 / 410, 6)}


def test_named_lots_are_taken_in_the_order_named(vectors):
    _, lots, units, price = published(vectors)
    sold = sell(lots, units, LotChoice.NAMED, (2, 1), unit_price=price, day=DAY)
    assert [(piece.place, piece.quantity) for piece in sold.pieces] == [(2, 10), (1, 200)]
    assert sold.basis == pytest.approx(300 + 4000)
    assert [left.quantity for left in sold.left] == [160, 40]


def test_first_in_is_the_first_bought_wherever_it_stands_and_terms_go_by_the_day():
    lots = [lot(10, 5, 365), lot(10, 6, 366), lot(10, 7, 10, bought=DAY - dt.timedelta(days=500))]
    sold = sell(lots, 30, unit_price=8, day=DAY)
    assert [piece.place for piece in sold.pieces] == [2, 1, 0]
    assert [piece.term for piece in sold.pieces] == [Term.SHORT, Term.LONG, Term.SHORT]
    assert sold.left == ()


def test_a_little_of_a_large_lot_can_be_sold():
    assert sell([lot(1e9, 5)], 1e-3, unit_price=8, day=DAY).gain == pytest.approx(0.003)


@pytest.mark.parametrize(
    ("lots", "quantity", "options", "message"),
    [
        ([lot(10, 5)], 10.1, {}, "cannot be sold out of 10"),
        ([lot(10, 5)], 0, {}, "more than 0"),
        ([lot(10, 5)], float("nan"), {}, "more than 0"),
        ([], 1, {}, "cannot be sold out of 0"),
        ([lot(10, 5), lot(1, 5, asset="OTHER")], 1, {}, "one asset at a time"),
        ([Lot(asset="FUND", quantity=1)], 1, {}, "lacks a cost or a day"),
        ([lot(10, 5, -1)], 1, {}, "after the sale"),
        ([lot(10, 5)], 1, {"choice": LotChoice.NAMED}, "Name each lot once"),
        ([lot(10, 5)], 1, {"choice": LotChoice.NAMED, "named": (1,)}, "Name each lot once"),
        ([lot(10, 5)], 1, {"choice": LotChoice.NAMED, "named": (0, 0)}, "Name each lot once"),
        ([lot(10, 5)], 1, {"named": (0,)}, "choose 'named lots'"),
    ],
)
def test_what_cannot_be_sold_is_an_error_that_says_why(lots, quantity, options, message):
    with pytest.raises(InputError, match=message):
        sell(lots, quantity, **options, unit_price=8, day=DAY)


some_lots = st.lists(
    st.builds(lot, st.floats(1e-8, 1e6), st.floats(0, 1e6), st.integers(0, 4000)), min_size=1, max_size=8
)


@given(some_lots, st.floats(0.0001, 1), st.sampled_from(LotChoice), st.floats(0, 1e6))
def test_units_and_basis_are_conserved_and_no_lot_gives_more_than_it_has(lots, part, choice, price):
    held = fsum(one.quantity for one in lots)
    named = range(len(lots)) if choice is LotChoice.NAMED else ()
    sold = sell(lots, held * part, choice, named, unit_price=price, day=DAY)
    taken = fsum(piece.quantity for piece in sold.pieces)
    assert taken == pytest.approx(held * part, rel=1e-6)
    assert taken + fsum(left.quantity for left in sold.left) == pytest.approx(held)
    cost = fsum(one.quantity * one.unit_cost for one in lots)
    left = fsum(one.quantity * one.unit_cost for one in sold.left)
    assert sold.basis + left == pytest.approx(cost, abs=1e-9 * (1 + cost))
    assert sold.gain == pytest.approx(taken * price - sold.basis, abs=1e-9 * (1 + cost + taken * price))
    assert all(0 < piece.quantity <= lots[piece.place].quantity for piece in sold.pieces)
    assert len({piece.place for piece in sold.pieces}) == len(sold.pieces)
