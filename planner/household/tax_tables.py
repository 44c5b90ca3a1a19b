"""Dated US federal tax tables: brackets, deductions, thresholds and contribution limits by tax year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.errors import InputError
from planner.household.tax_situation import FilingStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

ORDINARY_RATES = (0.10, 0.12, 0.22, 0.24, 0.32, 0.35, 0.37)
LONG_TERM_RATES = (0.0, 0.15, 0.20)
"""26 USC 1(j) and 1(h): rates of ordinary income and of long-term gains, bracket by bracket."""

COLLECTIBLE_RATE = 0.28
"""26 USC 1(h)(4): the most that a long-term gain on collectibles, such as a gold fund, is taxed."""

NET_INVESTMENT_RATE = 0.038
NET_INVESTMENT_THRESHOLD: Mapping[FilingStatus, float] = {
    FilingStatus.SINGLE: 200_000,
    FilingStatus.MARRIED_JOINTLY: 250_000,
    FilingStatus.MARRIED_SEPARATELY: 125_000,
    FilingStatus.HEAD_OF_HOUSEHOLD: 200_000,
    FilingStatus.SURVIVING_SPOUSE: 250_000,
}
"""26 USC 1411: the net investment income tax and its thresholds, which are not indexed. Tax-Calculator's parameters
give surviving spouses 200,000; the statute, and Tax-Calculator itself since, the joint filers' 250,000."""

LOSS_LIMIT: Mapping[FilingStatus, float] = dict.fromkeys(FilingStatus, 3_000.0) | {
    FilingStatus.MARRIED_SEPARATELY: 1_500.0
}
"""26 USC 1211(b): the net capital loss that may be taken off other income in a year."""


@dataclass(frozen=True, slots=True)
class Brackets:
    """Tops of the first six ordinary and the first two long-term brackets, and the standard deduction, in dollars."""

    ordinary: tuple[float, ...]
    long_term: tuple[float, ...]
    standard_deduction: float


@dataclass(frozen=True, slots=True)
class ContributionLimits:
    """What may be paid in in a year, in dollars: 401(k) deferrals, IRAs and HSAs, with what older savers may add."""

    plan_401k: float
    plan_401k_from_50: float
    plan_401k_from_60_to_63: float
    ira: float
    ira_from_50: float
    hsa_self: float
    hsa_family: float
    hsa_from_55: float


@dataclass(frozen=True, slots=True)
class TaxTable:
    """What one tax year's law says in numbers."""

    year: int
    brackets: Mapping[FilingStatus, Brackets]
    limits: ContributionLimits


# Brackets and deductions: PSLmodels Tax-Calculator at 78f3574, policy_current_law.json, after IRS Rev. Proc. 2024-40,
# Rev. Proc. 2025-32 and Public Law 119-21. Limits: IRS Notices 2024-80 and 2025-67, Rev. Procs. 2024-25 and 2025-19.
_TABLES = {
    2025: TaxTable(
        year=2025,
        brackets={
            FilingStatus.SINGLE: Brackets(
                (11_925, 48_475, 103_350, 197_300, 250_525, 626_350), (48_350, 533_400), 15_750
            ),
            FilingStatus.MARRIED_JOINTLY: Brackets(
                (23_850, 96_950, 206_700, 394_600, 501_050, 751_600), (96_700, 600_050), 31_500
            ),
            FilingStatus.MARRIED_SEPARATELY: Brackets(
                (11_925, 48_475, 103_350, 197_300, 250_525, 375_800), (48_350, 300_000), 15_750
            ),
            FilingStatus.HEAD_OF_HOUSEHOLD: Brackets(
                (17_000, 64_850, 103_350, 197_300, 250_500, 626_350), (64_750, 566_700), 23_625
            ),
            FilingStatus.SURVIVING_SPOUSE: Brackets(
                (23_850, 96_950, 206_700, 394_600, 501_050, 751_600), (96_700, 600_050), 31_500
            ),
        },
        limits=ContributionLimits(23_500, 7_500, 11_250, 7_000, 1_000, 4_300, 8_550, 1_000),
    ),
    2026: TaxTable(
        year=2026,
        brackets={
            FilingStatus.SINGLE: Brackets(
                (12_400, 50_400, 105_700, 201_775, 256_225, 640_600), (49_450, 545_500), 16_100
            ),
            FilingStatus.MARRIED_JOINTLY: Brackets(
                (24_800, 100_800, 211_400, 403_550, 512_450, 768_700), (98_900, 613_700), 32_200
            ),
            FilingStatus.MARRIED_SEPARATELY: Brackets(
                (12_400, 50_400, 105_700, 201_775, 256_225, 384_350), (49_450, 306_850), 16_100
            ),
            FilingStatus.HEAD_OF_HOUSEHOLD: Brackets(
                (17_700, 67_450, 105_700, 201_750, 256_200, 640_600), (66_200, 579_600), 24_150
            ),
            FilingStatus.SURVIVING_SPOUSE: Brackets(
                (24_800, 100_800, 211_400, 403_550, 512_450, 768_700), (98_900, 613_700), 32_200
            ),
        },
        limits=ContributionLimits(24_500, 8_000, 11_250, 7_500, 1_100, 4_400, 8_750, 1_000),
    ),
}


def tax_table(year: int) -> TaxTable:
    """The table of a tax year; a year without one is an InputError that names the years there are."""
    table = _TABLES.get(year)
    if table is None:
        known = " and ".join(map(str, sorted(_TABLES)))
        raise InputError(
            f"There is no tax table for {year}. There are tables for {known}: choose a day in those years."
        )
    return table


def tax_years() -> tuple[int, ...]:
    """Years with a table."""
    return tuple(sorted(_TABLES))
