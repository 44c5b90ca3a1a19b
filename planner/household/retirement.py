"""What may be paid into retirement accounts in a year, and what must be taken out of them."""

from __future__ import annotations

from math import inf, isfinite

from planner.errors import InputError
from planner.household.accounts import AccountKind
from planner.household.tax_tables import tax_table

OLDEST = 130
"""Years; a greater age is a slip of the keyboard."""

CATCH_UP_AGE = 50
LARGER_CATCH_UP_AGES = range(60, 64)
HSA_CATCH_UP_AGE = 55
"""Ages at the end of the year from which, or at which, more may be paid in: 26 USC 414(v), 219(b)(5) and 223(b)(3)."""

FIRST_DIVISOR_AGE = 72
DIVISORS = (
    *(27.4, 26.5, 25.5, 24.6, 23.7, 22.9, 22.0, 21.1),
    *(20.2, 19.4, 18.5, 17.7, 16.8, 16.0, 15.2, 14.4, 13.7, 12.9),
    *(12.2, 11.5, 10.8, 10.1, 9.5, 8.9, 8.4, 7.8, 7.3, 6.8),
    *(6.4, 6.0, 5.6, 5.2, 4.9, 4.6, 4.3, 4.1, 3.9, 3.7),
    *(3.5, 3.4, 3.3, 3.1, 3.0, 2.9, 2.8, 2.7, 2.5, 2.3),
    2.0,
)
"""Uniform Lifetime Table, 26 CFR 1.401(a)(9)-9(c), for 2022 and later: years left by age, from 72 to 120 and over."""


def contribution_limit(kind: AccountKind, year: int, age: int, family: bool = False) -> float:
    """The most that may be paid into accounts of a kind in a year, in dollars; infinite for taxable accounts.

    ``age`` is that at the end of the year, ``family`` whether a health plan covers one. A 401(k)'s limit is on what is
    deferred of pay, an employer's money comes on top; all IRAs of a person share one limit. What pay or income leave of
    a limit is not looked at. A year without a table is an InputError.
    """
    _check_age(age)
    limits = tax_table(year).limits
    match kind:
        case AccountKind.TAXABLE:
            return inf
        case AccountKind.PLAN_401K if age in LARGER_CATCH_UP_AGES:
            return limits.plan_401k + limits.plan_401k_from_60_to_63
        case AccountKind.PLAN_401K:
            return limits.plan_401k + (limits.plan_401k_from_50 if age >= CATCH_UP_AGE else 0.0)
        case AccountKind.TRADITIONAL_IRA | AccountKind.ROTH_IRA:
            return limits.ira + (limits.ira_from_50 if age >= CATCH_UP_AGE else 0.0)
        case AccountKind.HSA:
            most = limits.hsa_family if family else limits.hsa_self
            return most + (limits.hsa_from_55 if age >= HSA_CATCH_UP_AGE else 0.0)


def distributions_begin(born: int) -> int:
    """Age in whose year the first distribution is required, by year of birth: SECURE 2.0, section 107.

    Those born before 1951 have all reached theirs; 72 stands for it.
    """
    if born >= 1960:
        return 75
    return 73 if born >= 1951 else 72


def required_distribution(balance: float, age_at_year_end: int, born: int) -> float:
    """What must be taken out of a 401(k) or traditional IRA in a year, in dollars.

    ``balance`` is that at the end of the year before, ``born`` the year of birth. It is the balance over the divisor of
    the Uniform Lifetime Table, which holds unless a spouse more than ten years younger is the only heir.
    """
    _check_age(age_at_year_end)
    if not isfinite(balance) or balance < 0:
        raise InputError(f"The balance is {balance:g}: it must be a number of dollars that is not negative.")
    if age_at_year_end < distributions_begin(born):
        return 0.0
    return balance / DIVISORS[min(age_at_year_end - FIRST_DIVISOR_AGE, len(DIVISORS) - 1)]


def _check_age(age: int) -> None:
    if not 0 <= age <= OLDEST:
        raise InputError(f"An age of {age} is impossible: give the years at the end of the year, 0 to {OLDEST}.")
