from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import InputError, built_in_market
from planner.trading.phasing import phase_in, phased_against_at_once


def monthly(**columns: list[float]) -> pd.DataFrame:
    length = len(next(iter(columns.values())))
    return pd.DataFrame(columns, index=pd.date_range("2000-01-31", periods=length, freq="ME"))


@settings(max_examples=40, deadline=None)
@given(
    cents=st.integers(1, 10**11),
    months=st.integers(1, 24),
    parts=st.lists(st.integers(0, 1000), min_size=1, max_size=6).filter(any),
)
def test_every_cent_is_invested_and_none_twice(cents, months, parts):
    weights = {f"index {place}": part / sum(parts) for place, part in enumerate(parts)}
    table = phase_in(cents / 100, weights, months).table
    assert len(table) == months
    in_cents = (100 * table[list(weights)]).round().astype(int)
    assert (in_cents.to_numpy() >= 0).all()
    assert in_cents.to_numpy().sum() == cents
    assert table["waits"].iloc[-1] == 0
    assert in_cents.sum(axis=1).max() - in_cents.sum(axis=1).min() <= 1
    for name, weight in weights.items():
        assert abs(in_cents[name].sum() - cents * weight) <= months


def test_the_schedule_of_the_worked_example():
    schedule = phase_in(12_500, {"large-cap": 0.6, "balanced": 0.4}, 4, dt.date(2025, 10, 31))
    table = schedule.table
    assert table["day"].tolist() == [
        dt.date(2025, 10, 31),
        dt.date(2025, 11, 30),
        dt.date(2025, 12, 31),
        dt.date(2026, 1, 31),
    ]
    assert (table["large-cap"] == 1875).all()
    assert (table["balanced"] == 1250).all()
    assert table["cumulative"].tolist() == [3125, 6250, 9375, 12500]
    assert schedule.sentence == "$12,500 in 4 monthly steps of about $3,125."
    assert table["waits"].tolist() == [9375, 6250, 3125, 0]
    assert schedule.sentence in schedule._repr_html_()


def test_an_amount_that_months_do_not_divide_adds_up_to_the_cent():
    table = phase_in(100, {"bitcoin": 1.0}, 3).table
    assert sorted(table["bitcoin"]) == [33.33, 33.33, 33.34]
    assert table["bitcoin"].sum() == pytest.approx(100, abs=1e-12)


def test_constant_returns_give_the_annuity():
    growth, months, horizon = 1.01, 4, 12
    history = phased_against_at_once(monthly(index=[0.01] * 20, cash=[0.0] * 20), {"index": 1.0}, months, horizon)
    annuity = sum(growth ** (horizon - month) for month in range(months)) / months
    assert history.table["phased"].to_numpy() == pytest.approx(annuity)
    assert history.table["at_once"].to_numpy() == pytest.approx(growth**horizon)
    assert history.at_once_better == 1.0
    assert len(history.table) == 20 - horizon + 1


def test_what_waits_earns_cash():
    history = phased_against_at_once(monthly(index=[0.0] * 12, cash=[0.01] * 12), {"index": 1.0}, 2, 12)
    assert history.table["phased"].iloc[0] == pytest.approx(0.5 + 0.5 * 1.01)


def test_a_crash_in_the_first_month_hurts_a_fourth_of_what_it_hurts_at_once():
    returns = [-0.4] + [0.0] * 11
    history = phased_against_at_once(monthly(index=returns, cash=[0.0] * 12), {"index": 1.0}, 4, 12)
    row = history.table.iloc[0]
    assert row["at_once"] == pytest.approx(0.6)
    assert row["phased"] == pytest.approx(0.9)
    assert row["at_once_low"] == pytest.approx(0.6)
    assert row["phased_low"] == pytest.approx(0.9)
    assert history.table.index[0] == pd.Timestamp("1999-12-31")


def test_the_sentences_say_how_often_by_how_much_and_the_worst_of_each():
    ups_and_downs = monthly(index=[-0.5, 0.0, 1.0, 0.0, 0.0], cash=[0.0] * 5)
    history = phased_against_at_once(ups_and_downs, {"index": 1.0}, 2, 3)
    assert history.table["at_once"].tolist() == pytest.approx([1.0, 2.0, 2.0])
    assert history.table["phased"].tolist() == pytest.approx([1.5, 2.0, 1.5])
    assert history.sentences == (
        "From 3 starts, all at once ended higher 33 % of the time, on average 0 % ahead after 3 months (median: "
        "0 % ahead).",
        "The worst 3 months lost 0 % (from the end of December 1999) invested at once, and 0 % (from the end of "
        "December 1999) phased in over 2 months.",
        "On the way the deepest losses were 50 % (from the end of December 1999) and 25 % (from the end of December "
        "1999).",
        "Phasing in helped most from the end of December 1999: 50 % of the amount.",
        "The starts overlap, so that they are far fewer independent trials than they look.",
    )
    assert "at once ended higher" in history._repr_html_()


def test_where_nothing_falls_phasing_in_never_helped():
    rising = phased_against_at_once(monthly(index=[0.01] * 20, cash=[0.0] * 20), {"index": 1.0})
    assert "Phasing in never ended higher." in rising.sentences
    falling = phased_against_at_once(monthly(index=[-0.01] * 12, cash=[0.0] * 12), {"index": 1.0})
    assert falling.sentences[0] == (
        "From 1 start, all at once ended higher 0 % of the time, on average 1.4 % behind after 12 months (median: "
        "1.4 % behind)."
    )


def test_cash_phased_in_from_cash_is_neither_better_nor_worse():
    market = built_in_market()
    history = phased_against_at_once(market.complete_returns, {"cash": 1.0}, 3)
    assert history.at_once_better == 0
    assert "Phasing in never ended higher." in history.sentences


def test_one_month_is_at_once():
    market = built_in_market()
    table = phased_against_at_once(market.complete_returns, {"bitcoin": 0.6, "ether": 0.4}, 1).table
    assert table["phased"].to_numpy() == pytest.approx(table["at_once"].to_numpy())


def test_on_the_built_in_history_a_second_way_of_counting_agrees():
    market = built_in_market()
    returns = market.complete_returns
    history = phased_against_at_once(returns, {"bitcoin": 1.0}, 6, 12)
    place = 40
    window = returns.iloc[place : place + 12]
    index = np.concatenate([[1.0], np.cumprod(1 + window["bitcoin"])])
    bank = np.concatenate([[1.0], np.cumprod(1 + window["cash"])])
    invested = [1 / 6] * 5
    left = bank[5] - sum(part * bank[5] / bank[month] for month, part in enumerate(invested))
    units = sum(part / index[month] for month, part in enumerate([*invested, left]))
    assert history.table["phased"].iloc[place] == pytest.approx(units * index[12])
    assert 0.5 < history.at_once_better < 0.9
    assert any("all at once ended higher" in sentence for sentence in history.sentences)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: phase_in(1000, {"a": 0.7, "b": 0.5}), "sum to 1.2"),
        (lambda: phase_in(-5, {"a": 1.0}), "positive amount"),
        (lambda: phase_in(float("nan"), {"a": 1.0}), "positive amount"),
        (lambda: phase_in(0.004, {"a": 1.0}), "positive amount"),
        (lambda: phase_in(1e13, {"a": 1.0}), "up to a trillion"),
        (lambda: phase_in(1000, {"a": 1.5, "b": -0.5}), "none negative"),
        (lambda: phase_in(1000, {"a": 1.0}, 0), "choose from 1 to 24"),
        (lambda: phased_against_at_once(monthly(a=[0.1] * 6, cash=[0.0] * 6), {"a": 1.0}), "shorten it"),
        (lambda: phased_against_at_once(monthly(a=[0.1] * 20, cash=[0.0] * 20), {"b": 1.0}), "no returns of 'b'"),
        (lambda: phased_against_at_once(monthly(a=[0.1] * 20, cash=[0.0] * 20), {"a": 1.0}, 13, 12), "from 1 to 12"),
        (lambda: phased_against_at_once(monthly(a=[np.nan] + [0.1] * 19, cash=[0.0] * 20), {"a": 1.0}), "gaps"),
    ],
)
def test_what_cannot_be_phased_in_is_refused_in_words(call, said):
    with pytest.raises(InputError, match=said):
        call()
