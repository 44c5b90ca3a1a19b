from __future__ import annotations

from itertools import pairwise
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import InputError
from planner.household.accounts import AccountKind
from planner.household.retirement import contribution_limit, distributions_begin, required_distribution

PLAN_401K, IRA, ROTH_IRA, HSA = (
    AccountKind.PLAN_401K,
    AccountKind.TRADITIONAL_IRA,
    AccountKind.ROTH_IRA,
    AccountKind.HSA,
)


@pytest.mark.parametrize(
    ("kind", "year", "age", "limit"),
    [
        (PLAN_401K, 2025, 49, 23_500),
        (PLAN_401K, 2025, 50, 31_000),
        (PLAN_401K, 2025, 59, 31_000),
        (PLAN_401K, 2025, 60, 34_750),
        (PLAN_401K, 2025, 63, 34_750),
        (PLAN_401K, 2025, 64, 31_000),
        (PLAN_401K, 2026, 30, 24_500),
        (PLAN_401K, 2026, 55, 32_500),
        (PLAN_401K, 2026, 61, 35_750),
        (IRA, 2025, 49, 7_000),
        (ROTH_IRA, 2025, 50, 8_000),
        (IRA, 2026, 49, 7_500),
        (ROTH_IRA, 2026, 70, 8_600),
    ],
)
def test_limits_and_catch_ups_are_those_of_the_irs_notices(
    kind: AccountKind, year: int, age: int, limit: float
) -> None:
    assert contribution_limit(kind, year, age) == limit


@pytest.mark.parametrize(
    ("year", "age", "family", "limit"),
    [
        (2025, 54, False, 4_300),
        (2025, 55, False, 5_300),
        (2025, 40, True, 8_550),
        (2026, 40, False, 4_400),
        (2026, 60, True, 9_750),
    ],
)
def test_an_hsa_has_a_limit_for_families_and_a_catch_up_from_55(
    year: int, age: int, family: bool, limit: float
) -> None:
    assert contribution_limit(HSA, year, age, family) == limit


def test_a_taxable_account_takes_anything() -> None:
    assert contribution_limit(AccountKind.TAXABLE, 2025, 40) == inf


def test_a_year_without_limits_names_those_there_are() -> None:
    with pytest.raises(InputError, match="2025 and 2026"):
        contribution_limit(IRA, 2030, 40)


@pytest.mark.parametrize(
    ("balance", "age", "born", "distribution"),
    [
        (500_000, 72, 1950, 18_248.18),
        (132_500, 73, 1951, 5_000.00),
        (205_000, 74, 1951, 8_039.21),
        (100_000, 75, 1960, 4_065.04),
        (100_000, 120, 1930, 50_000.00),
        (100_000, 125, 1930, 50_000.00),
    ],
)
def test_distributions_are_those_of_published_examples(
    balance: float, age: int, born: int, distribution: float
) -> None:
    assert required_distribution(balance, age, born) == pytest.approx(distribution, abs=0.01)


@pytest.mark.parametrize(("born", "age"), [(1949, 72), (1950, 72), (1951, 73), (1959, 73), (1960, 75), (1990, 75)])
def test_distributions_begin_at_the_ages_of_secure_2(born: int, age: int) -> None:
    assert distributions_begin(born) == age
    assert required_distribution(1e6, age - 1, born) == 0
    assert required_distribution(1e6, age, born) > 0


def test_the_part_taken_out_rises_with_every_year_up_to_120() -> None:
    parts = [required_distribution(1.0, age, 1930) for age in range(72, 121)]
    assert all(earlier < later for earlier, later in pairwise(parts))


@given(st.floats(0, 1e12), st.integers(0, 130), st.integers(1900, 2030))
def test_no_distribution_exceeds_half_of_the_balance(balance: float, age: int, born: int) -> None:
    assert 0 <= required_distribution(balance, age, born) <= balance / 2


@pytest.mark.parametrize(("balance", "age"), [(nan, 80), (inf, 80), (-1.0, 80), (1.0, -1), (1.0, 131)])
def test_impossible_balances_and_ages_are_refused(balance: float, age: int) -> None:
    with pytest.raises(InputError, match=r"balance|age"):
        required_distribution(balance, age, 1950)
