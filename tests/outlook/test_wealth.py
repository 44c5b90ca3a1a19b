"""Money followed by hand, in double precision: annuities, taxes, distributions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.outlook.wealth import Bucket, Terms, replay

if TYPE_CHECKING:
    from numpy.typing import NDArray

MONTHLY = 1.06 ** (1 / 12)
RATE = MONTHLY - 1


def constant(months: int, growth: float = MONTHLY, paths: int = 2) -> NDArray[np.float64]:
    return np.full((months, paths), growth)


def bucket(opening: float = 0.0, share: float = 0.0, months: int = 600, net: float = 1.0, keep: float = 1.0) -> Bucket:
    return Bucket(opening, share, np.full(months, keep), net)


def terms(flow: NDArray[np.float64], taxed: Bucket | None = None, **others: object) -> Terms:
    plain = Terms(flow, np.ones(len(flow) + 1), taxed or bucket(share=1.0), bucket(), bucket())
    return replace(plain, **others)  # type: ignore[arg-type]


def test_saving_at_a_constant_return_is_the_annuity_due() -> None:
    months = 360
    found = replay(constant(months), terms(np.full(months, 500.0), bucket(10_000.0, 1.0)))
    formula = 10_000 * MONTHLY**months + 500 * (MONTHLY**months - 1) / RATE * MONTHLY
    assert found.wealth.shape == (months + 1, 2)
    assert found.wealth[0] == pytest.approx(10_000)
    assert found.wealth[-1].astype(float) == pytest.approx(formula, rel=1e-7)  # wealth is kept in single precision


def test_spending_lasts_exactly_as_long_as_the_annuity_formula_says() -> None:
    months, paid = 360, 240
    worth = 2_000 * (1 - MONTHLY**-paid) / RATE * MONTHLY  # of 240 payments at the beginning of each month
    for opening, lasted in ((worth, paid), (worth - 1, paid - 1), (worth + 1, paid)):
        found = replay(constant(months), terms(np.full(months, -2_000.0), bucket(opening, 1.0)))
        assert found.lasted.tolist() == [lasted, lasted]
    assert found.unpaid == pytest.approx((months - paid) * 2_000 - MONTHLY**paid, rel=1e-9)
    assert found.wealth[-1].tolist() == [0, 0]


def test_what_is_not_paid_is_told_in_todays_money() -> None:
    price = np.array([1.0, 2.0, 4.0])
    found = replay(constant(2, 1.0), terms(np.array([-100.0, -200.0]), bucket(150.0, 1.0), price=price))
    assert found.unpaid == pytest.approx(150 / 2)
    assert found.lasted.tolist() == [1, 1]


def test_without_growth_and_flows_money_stays_as_it_is() -> None:
    found = replay(constant(24, 1.0), terms(np.zeros(24), bucket(123.0, 1.0)))
    assert (found.wealth == 123).all()
    assert (found.lasted == 24).all()


def test_each_path_goes_its_own_way() -> None:
    growth = np.array([[1.1, 0.5], [1.2, 3.0]])
    found = replay(growth, terms(np.array([10.0, -20.0]), bucket(100.0, 1.0)))
    assert found.wealth.T.tolist() == [
        pytest.approx([100, 121, (121 - 20) * 1.2]),
        pytest.approx([100, 55, 105]),
    ]


def test_a_yearly_drag_is_taken_from_taxed_money_alone() -> None:
    keep = 0.99 ** (1 / 12)
    found = replay(
        constant(12),
        terms(np.zeros(12), bucket(100.0, keep=keep), deferred=bucket(100.0, net=0.8), tax_free=bucket(100.0)),
    )
    assert found.wealth[-1].astype(float) == pytest.approx(106 * 0.99 + 106 + 106)


def test_spending_takes_taxed_then_deferred_then_tax_free_money() -> None:
    # 100 taxed pay the first 100; 80 of deferred money leave 64, and the last 36 come from what is tax-free
    flow = np.array([-100.0, -100.0, 0.0])
    found = replay(
        constant(3, 1.0),
        terms(flow, bucket(100.0), deferred=bucket(80.0, net=0.8), tax_free=bucket(50.0)),
    )
    assert found.wealth[:, 0].tolist() == pytest.approx([230, 130, 14, 14])
    assert (found.lasted == 3).all()


def test_money_that_tax_takes_whole_pays_for_nothing() -> None:
    found = replay(constant(1, 1.0), terms(np.array([-10.0]), bucket(0.0), deferred=bucket(80.0, net=0.0)))
    assert found.lasted.tolist() == [0, 0]


def test_savings_go_where_the_shares_say() -> None:
    found = replay(
        constant(1, 1.0),
        terms(np.array([100.0]), bucket(0, 0.25, keep=0.5), deferred=bucket(0, 0.5), tax_free=bucket(0, 0.25)),
    )
    assert found.wealth[-1].tolist() == [87.5, 87.5]


def test_a_required_distribution_is_what_spending_left_of_it_taxed_and_kept() -> None:
    # 265 of 26.5 years: 10 must be out at the year's end; 4 (net 3) were spent, 6 more come out, of which 4.5 are kept
    flow = np.zeros(12)
    flow[3] = -3.0
    asked = terms(
        flow,
        bucket(0.0, keep=0.5),
        deferred=bucket(265.0, net=0.75),
        year_ends=frozenset({11}),
        required={11: 1 / 26.5},
    )
    found = replay(constant(12, 1.0), asked)
    assert found.wealth[11].tolist() == pytest.approx([261, 261])
    assert found.wealth[12].tolist() == pytest.approx([255 + 4.5 / 2] * 2)


def test_the_next_years_distribution_is_of_what_the_last_year_end_left() -> None:
    asked = terms(
        np.zeros(24),
        bucket(0.0, keep=0.0),
        deferred=bucket(100.0, net=0.5),
        year_ends=frozenset({11, 23}),
        required={11: 0.1, 23: 0.5},
    )
    growth = constant(24, 1.0)
    growth[15] = 2.0
    # 10 of 100 go; 90 at the year's end double to 180, of which half of 90 go
    found = replay(growth, asked)
    assert found.wealth[12].tolist() == [90, 90]
    assert found.wealth[24].tolist() == [135, 135]


def test_spending_more_than_is_required_leaves_nothing_to_distribute() -> None:
    flow = np.zeros(12)
    flow[0] = -40.0
    asked = terms(flow, bucket(0.0), deferred=bucket(100.0, net=0.8), year_ends=frozenset({11}), required={11: 0.1})
    assert replay(constant(12, 1.0), asked).wealth[-1].tolist() == [50, 50]


def test_wealth_that_is_not_asked_for_is_not_kept() -> None:
    flow = np.full(24, -5.0)
    with_it, without = (replay(constant(24), terms(flow, bucket(100.0, 1.0)), wealth=kept) for kept in (True, False))
    assert without.wealth.shape == (0, 2)
    np.testing.assert_array_equal(with_it.lasted, without.lasted)
    np.testing.assert_array_equal(with_it.unpaid, without.unpaid)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1_000), st.floats(0, 500), st.floats(0, 500), st.floats(0, 3_000))
def test_more_saving_never_leaves_less_and_more_spending_never_lasts_longer(
    seed: int, saving: float, more: float, spending: float
) -> None:
    growth = 1 + np.random.default_rng(seed).normal(0.005, 0.05, (36, 20))
    flow = np.where(np.arange(36) < 18, saving, -spending)
    richer = np.where(np.arange(36) < 18, saving + more, -spending)
    greedier = np.where(np.arange(36) < 18, saving, -spending - more)
    base, rich, greedy = (replay(growth, terms(each, bucket(1_000.0, 1.0))) for each in (flow, richer, greedier))
    assert (rich.wealth >= base.wealth).all()
    assert (rich.lasted >= base.lasted).all()
    assert (greedy.wealth <= base.wealth).all()
    assert (greedy.lasted <= base.lasted).all()
