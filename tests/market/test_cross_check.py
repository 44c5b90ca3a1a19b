"""One series from two sources: what differs is found and explained."""

from __future__ import annotations

import pandas as pd
import pytest

from planner.errors import InputError
from planner.market.cross_check import cross_check
from planner.market.history import history


@pytest.fixture
def gold() -> pd.Series:
    return history()["gold"]


def test_a_series_agrees_with_itself_and_with_its_rounding(gold):
    assert cross_check(gold, gold).ok
    rounded = cross_check(gold, gold.round(4))
    assert rounded.ok
    assert "agree on all 132 dates within 0.05 %" in rounded.sentences[0]


def test_dates_that_only_one_source_has_are_listed(gold):
    found = cross_check(gold[:-2], gold[1:], sources=("A", "B"))
    assert [str(day.date()) for day in found.only_first] == ["2014-10-31"]
    assert [str(day.date()) for day in found.only_second] == ["2025-08-31", "2025-09-30"]
    assert "gold: 2 dates only in B: 2025-08-31, 2025-09-30." in found.sentences
    assert not found.ok


def test_one_differing_month_is_dated_with_both_values(gold):
    other = gold.copy()
    other.loc["2020-03-31"] += 0.01
    found = cross_check(gold, other)
    assert list(found.table.index) == [pd.Timestamp("2020-03-31")]
    assert found.table["difference"].iloc[0] == pytest.approx(-0.01)
    assert (found.offset, found.shift, found.sign_flipped, found.percent) == (None, 0, False, None)
    assert "1 of 132 dates differ" in found.sentences[-1]


def test_the_tolerance_decides(gold):
    other = gold + 0.002
    assert not cross_check(gold, other, tolerance=0.001).ok
    assert cross_check(gold, other, tolerance=0.001).offset == pytest.approx(-0.002)
    assert len(cross_check(gold, other, tolerance=0.003).table) == 0


def test_a_systematic_offset_is_told_from_scatter_even_within_the_tolerance(gold):
    found = cross_check(gold, gold - 0.0002)
    assert len(found.table) == 0
    assert found.offset == pytest.approx(0.0002)
    assert "lies above the second source throughout, by 0.02 %" in found.sentences[0]


@pytest.mark.parametrize(("rows", "way"), [(1, "late"), (-1, "early")])
def test_a_shift_by_one_month_is_told(gold, rows, way):
    found = cross_check(gold, gold.shift(rows))
    assert found.shift == rows
    assert any(f"one row {way}" in sentence for sentence in found.sentences)


def test_a_wrong_sign_and_percent_are_told(gold):
    assert cross_check(gold, -gold).sign_flipped
    found = cross_check(gold, 100 * gold, sources=("A", "B"))
    assert found.percent == "B"
    assert found.offset is None


def test_two_series_of_different_things_have_no_explanation(gold):
    found = cross_check(gold, history()["us_equity"])
    assert (found.shift, found.sign_flipped, found.percent) == (0, False, None)
    assert len(found.table) > 100


def test_what_cannot_be_compared_is_an_input_error(gold):
    with pytest.raises(InputError, match="no date in common"):
        cross_check(gold, gold.set_axis(gold.index + pd.Timedelta(days=1)))
    with pytest.raises(InputError, match="stands there twice"):
        cross_check(gold, pd.concat([gold, gold]))
    with pytest.raises(InputError, match="index of dates"):
        cross_check(gold, gold.reset_index(drop=True))
    with pytest.raises(InputError, match="tolerance"):
        cross_check(gold, gold, tolerance=0)


def test_html_is_escaped(gold):
    html = cross_check(gold, gold + 1, sources=("<i>", "B"))._repr_html_()
    assert "<i>" not in html
    assert "&lt;i&gt;" in html
