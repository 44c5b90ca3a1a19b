from __future__ import annotations

import datetime as dt
from dataclasses import astuple, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import InputError
from planner.household.accounts import Sale
from planner.household.tax_situation import FilingStatus, TaxSituation
from planner.household.tax_tables import (
    COLLECTIBLE_RATE,
    LONG_TERM_RATES,
    LOSS_LIMIT,
    NET_INVESTMENT_THRESHOLD,
    ORDINARY_RATES,
    tax_table,
    tax_years,
)
from planner.household.taxes import (
    Gains,
    added_tax,
    bracket_rate,
    bracket_tax,
    distribution_tax,
    is_long_term,
    long_term_from,
    marginal_rates,
    realised,
    retirement_rate,
    tax_bill,
)

CENT = 0.005
SINGLE, JOINTLY, SEPARATELY = FilingStatus.SINGLE, FilingStatus.MARRIED_JOINTLY, FilingStatus.MARRIED_SEPARATELY

amounts = st.one_of(st.just(0.0), st.floats(0, 40_000), st.floats(0, 2e6))
results = st.one_of(st.just(0.0), st.floats(-40_000, 40_000), st.floats(-2e6, 2e6))
years = st.sampled_from(tax_years())
days = st.dates(dt.date(1950, 1, 1), dt.date(2100, 1, 1))


@st.composite
def situations(draw: st.DrawFn, carried: bool = True) -> TaxSituation:
    income = draw(amounts)
    return TaxSituation(
        filing=draw(st.sampled_from(FilingStatus)),
        income=income,
        investment_income=income * draw(st.sampled_from((0.0, 0.1, 1.0))),
        state_rate=draw(st.sampled_from((0.0, 0.05, 0.133))),
        short_loss_carried=draw(amounts) if carried else 0.0,
        long_loss_carried=draw(amounts) if carried else 0.0,
    )


@st.composite
def any_gains(draw: st.DrawFn) -> Gains:
    collectible = draw(results)
    return Gains(draw(results), collectible + draw(results), collectible)


def single(income: float, **others: Any) -> TaxSituation:
    return TaxSituation(income=income, **others)


# The tables


@pytest.mark.parametrize("year", tax_years())
def test_the_tax_at_the_top_of_each_bracket_is_the_published_one(year: int, vectors: dict[str, dict[str, Any]]) -> None:
    table = tax_table(year).brackets[SINGLE]
    taxes = [tax_bill(single(top + table.standard_deduction), Gains(), year).ordinary for top in table.ordinary]
    assert taxes == pytest.approx(vectors["ordinary-tax-brackets"][f"single_{year}"], abs=CENT)


@pytest.mark.parametrize("year", tax_years())
@pytest.mark.parametrize("filing", FilingStatus)
def test_brackets_rise_and_long_term_ones_are_cheaper_but_just_below_the_22_percent(
    year: int, filing: FilingStatus
) -> None:
    table = tax_table(year).brackets[filing]
    assert len(table.ordinary) == len(ORDINARY_RATES) - 1
    assert len(table.long_term) == len(LONG_TERM_RATES) - 1
    for tops in (table.ordinary, table.long_term):
        assert sorted(set(tops)) == list(tops)
    dearer = [
        amount
        for amount in (0.0, *table.ordinary, *table.long_term)
        if bracket_rate(amount, table.long_term, LONG_TERM_RATES)
        >= bracket_rate(amount, table.ordinary, ORDINARY_RATES)
    ]
    assert dearer == [table.long_term[0]]
    assert 0 < table.ordinary[1] - table.long_term[0] <= 1_900


@pytest.mark.parametrize("year", tax_years())
def test_separate_returns_have_half_of_the_joint_ones(year: int) -> None:
    joint, separate = tax_table(year).brackets[JOINTLY], tax_table(year).brackets[SEPARATELY]
    assert [2 * top for top in separate.ordinary] == list(joint.ordinary)
    assert 2 * separate.standard_deduction == joint.standard_deduction
    assert [2 * top for top in separate.long_term] == pytest.approx(joint.long_term, abs=50)  # rounded to 50 dollars
    assert 2 * LOSS_LIMIT[SEPARATELY] == LOSS_LIMIT[JOINTLY]
    assert 2 * NET_INVESTMENT_THRESHOLD[SEPARATELY] == NET_INVESTMENT_THRESHOLD[JOINTLY]


@pytest.mark.parametrize("year", tax_years())
def test_a_surviving_spouse_is_taxed_as_joint_filers_are(year: int) -> None:
    gains = Gains(5_000, 300_000, 10_000)
    assert tax_bill(TaxSituation(filing=FilingStatus.SURVIVING_SPOUSE, income=90_000), gains, year) == tax_bill(
        TaxSituation(filing=JOINTLY, income=90_000), gains, year
    )


@pytest.mark.parametrize("year", [2024, 2027, 1])
def test_a_year_without_a_table_is_an_error_that_names_the_years_there_are(year: int) -> None:
    for ask in (lambda: tax_table(year), lambda: tax_bill(TaxSituation(), Gains(), year)):
        with pytest.raises(InputError, match=f"no tax table for {year}.*2025 and 2026"):
            ask()


# Returns computed by hand, from the rate schedules and the worksheets of Schedule D


def test_long_term_gains_fill_the_zero_bracket_from_above_other_income() -> None:
    bill = tax_bill(single(60_000), Gains(long=10_000), 2025)
    assert bill.ordinary == pytest.approx(1_192.50 + 0.12 * (44_250 - 11_925))
    assert bill.long_term == pytest.approx(0.15 * (54_250 - 48_350))
    assert bill.total == pytest.approx(5_956.50)


def test_short_term_gains_push_long_term_ones_out_of_the_zero_bracket() -> None:
    """With 48,350 of room above a taxable 40,000, another 10,000 costs 12 % and 15 % on what it pushes up."""
    situation = single(55_750)
    assert added_tax(situation, Gains(short=4_000), 2025, Gains(long=8_350)) == pytest.approx(4_000 * (0.12 + 0.15))


def test_a_short_term_loss_is_set_against_a_long_term_gain() -> None:
    bill = tax_bill(single(100_000), Gains(short=-4_000, long=10_000), 2025)
    assert (bill.short_gain, bill.long_gain, bill.deducted) == (0, 6_000, 0)
    assert bill.long_term == pytest.approx(0.15 * 6_000)


def test_a_long_term_loss_is_set_against_a_short_term_gain() -> None:
    bill = tax_bill(single(100_000), Gains(short=10_000, long=-4_000), 2025)
    assert (bill.short_gain, bill.long_gain) == (6_000, 0)
    assert bill.ordinary - tax_bill(single(100_000), Gains(), 2025).ordinary == pytest.approx(0.22 * 6_000)


def test_three_thousand_of_a_loss_are_deducted_and_the_rest_is_carried_short_term_first() -> None:
    bill = tax_bill(single(100_000), Gains(short=-2_000, long=-5_000), 2025)
    assert (bill.deducted, bill.short_carried, bill.long_carried) == (3_000, 0, 4_000)
    assert tax_bill(single(100_000), Gains(), 2025).total - bill.total == pytest.approx(0.22 * 3_000)


def test_married_people_filing_separately_deduct_half_as_much() -> None:
    bill = tax_bill(TaxSituation(filing=SEPARATELY, income=80_000), Gains(short=-10_000), 2025)
    assert (bill.deducted, bill.short_carried) == (1_500, 8_500)


def test_losses_carried_forward_are_used_each_against_its_own_term_first() -> None:
    situation = single(100_000, short_loss_carried=3_000, long_loss_carried=8_000)
    bill = tax_bill(situation, Gains(short=5_000, long=7_000), 2025)
    assert (bill.short_gain, bill.long_gain, bill.deducted) == (1_000, 0, 0)
    assert (bill.short_carried, bill.long_carried) == (0, 0)


def test_a_loss_carried_forward_takes_off_three_thousand_every_year_until_it_is_used() -> None:
    situation, deducted = single(100_000, long_loss_carried=7_500), []
    for _ in range(4):
        bill = tax_bill(situation, Gains(), 2025)
        deducted.append(bill.deducted)
        situation = situation.with_changes(short_loss_carried=bill.short_carried, long_loss_carried=bill.long_carried)
    assert deducted == [3_000, 3_000, 1_500, 0]


def test_no_more_of_a_loss_is_used_up_than_there_is_taxable_income() -> None:
    """Capital Loss Carryover Worksheet, line 4: 16,750 less the deduction of 15,750 leaves 1,000 to deduct from."""
    bill = tax_bill(single(16_750), Gains(short=-5_000), 2025)
    assert (bill.deducted, bill.short_carried, bill.total) == (1_000, 4_000, 0)
    assert tax_bill(single(9_000), Gains(short=-5_000), 2025).short_carried == 5_000


def test_a_deduction_larger_than_income_is_set_against_gains() -> None:
    bill = tax_bill(single(10_000), Gains(long=70_000), 2025)
    assert bill.ordinary == 0
    assert bill.long_term == pytest.approx(0.15 * (64_250 - 48_350))
    assert tax_bill(single(10_000), Gains(short=7_000), 2025).ordinary == pytest.approx(0.10 * 1_250)


@pytest.mark.parametrize(
    ("filing", "investment_income", "income", "taxed"),
    [
        (SINGLE, 8_000, 199_000, 0),
        (SINGLE, 8_000, 205_000, 5_000),
        (SINGLE, 8_000, 300_000, 8_000),
        (JOINTLY, 8_000, 205_000, 0),
        (JOINTLY, 8_000, 255_000, 5_000),
        (SEPARATELY, 8_000, 130_000, 5_000),
    ],
)
def test_the_net_investment_tax_is_phased_in_above_its_threshold(
    filing: FilingStatus, investment_income: float, income: float, taxed: float
) -> None:
    situation = TaxSituation(filing=filing, income=income, investment_income=investment_income)
    assert tax_bill(situation, Gains(), 2025).net_investment == pytest.approx(0.038 * taxed)


def test_gains_count_as_investment_income_and_a_deducted_loss_lowers_it() -> None:
    situation = single(230_000, investment_income=10_000)
    assert tax_bill(situation, Gains(long=15_000), 2025).net_investment == pytest.approx(0.038 * 25_000)
    assert tax_bill(situation, Gains(long=-15_000), 2025).net_investment == pytest.approx(0.038 * 7_000)


def test_collectibles_are_taxed_at_the_24_percent_of_their_bracket_and_at_28_percent_above_it() -> None:
    in_24 = tax_bill(single(150_000), Gains(long=10_000, collectible=10_000), 2025)
    assert (in_24.collectible, in_24.long_term) == (pytest.approx(2_400), 0)
    in_32 = tax_bill(single(230_000), Gains(long=10_000, collectible=10_000), 2025)
    assert (in_32.collectible, in_32.long_term) == (pytest.approx(2_800), 0)
    in_12 = tax_bill(single(40_000), Gains(long=10_000, collectible=10_000), 2025)
    assert in_12.collectible == pytest.approx(1_200)


def test_collectibles_fill_the_zero_bracket_of_other_long_term_gains() -> None:
    """Taxable 40,000; 5,000 of gold at 12 %, then 3,350 of 10,000 in shares at 0 % and 6,650 at 15 %."""
    bill = tax_bill(single(55_750), Gains(long=15_000, collectible=5_000), 2025)
    assert bill.collectible == pytest.approx(0.12 * 5_000)
    assert bill.long_term == pytest.approx(0.15 * 6_650)


def test_collectibles_taxed_at_28_percent_take_up_no_room_in_the_15_percent_bracket() -> None:
    """Schedule D Tax Worksheet: line 21 is 197,300, so that line 29 leaves 336,100 at 15 % for gains of 300,000."""
    bill = tax_bill(single(195_750), Gains(long=400_000, collectible=100_000), 2025)
    assert bill.ordinary == pytest.approx(17_651 + 0.24 * (180_000 - 103_350))
    assert bill.collectible == pytest.approx(0.24 * 17_300 + 0.28 * 82_700)
    assert bill.long_term == pytest.approx(0.15 * 300_000)
    assert bill.net_investment == pytest.approx(0.038 * 395_750)


def test_an_unused_deduction_is_set_against_collectibles_before_other_gains() -> None:
    """Schedule D Tax Worksheet, line 14: of a taxable 14,250, the 15,000 in shares leave nothing to be gold."""
    assert tax_bill(single(10_000), Gains(long=20_000, collectible=5_000), 2025).total == 0
    alone = tax_bill(single(10_000), Gains(long=20_000, collectible=20_000), 2025)
    assert alone.total == pytest.approx(1_192.50 + 0.12 * (14_250 - 11_925))


def test_short_term_losses_and_those_carried_forward_come_off_collectibles_first() -> None:
    """28 % Rate Gain Worksheet, lines 4 and 5."""
    situation = single(150_000, long_loss_carried=2_000)
    bill = tax_bill(situation, Gains(short=-3_000, long=20_000, collectible=10_000), 2025)
    assert bill.long_gain == 15_000
    assert bill.collectible == pytest.approx(0.24 * 5_000)
    assert bill.long_term == pytest.approx(0.15 * 10_000)


def test_losses_on_shares_of_the_same_year_reach_collectibles_last() -> None:
    bill = tax_bill(single(150_000), Gains(long=10_000 - 4_000, collectible=10_000), 2025)
    assert bill.collectible == pytest.approx(0.24 * 6_000)
    assert bill.long_term == 0


def test_the_state_taxes_income_and_gains_above_the_deduction() -> None:
    situation = single(100_000, state_rate=0.05)
    assert tax_bill(situation, Gains(short=1_000, long=4_000), 2025).state == pytest.approx(0.05 * (84_250 + 5_000))
    assert tax_bill(single(10_000, state_rate=0.05), Gains(long=4_000), 2025).state == 0


@pytest.mark.parametrize(
    ("year", "situation", "gains", "income_tax", "net_investment"),
    [
        (2025, (FilingStatus.SINGLE, 12_283, 0), Gains(135_883, 250_148), 62_149.04, 7_535.93),
        (2025, (FilingStatus.MARRIED_JOINTLY, 34_158, 7_261), Gains(83_696, 4_235), 10_929.30, 0.0),
        (2025, (FilingStatus.MARRIED_SEPARATELY, 0, 0), Gains(-2_617, 335_210), 41_116.10, 7_888.53),
        (2025, (FilingStatus.HEAD_OF_HOUSEHOLD, 138_326, 0), Gains(241_619, -18_591), 86_014.15, 6_131.45),
        (2025, (FilingStatus.SURVIVING_SPOUSE, 407_791, 0), Gains(78_312, -16_601), 94_286.64, 2_345.02),
        (2026, (FilingStatus.SINGLE, 0, 0), Gains(-18_323, 443_007), 53_870.10, 8_537.99),
        (2026, (FilingStatus.MARRIED_JOINTLY, 11_272, 2_043), Gains(19_471, 439_432), 51_226.30, 8_444.28),
        (2026, (FilingStatus.MARRIED_SEPARATELY, 23_666, 0), Gains(435, 3_468), 800.10, 0.0),
        (2026, (FilingStatus.HEAD_OF_HOUSEHOLD, 487_050, 0), Gains(32_805, 15_879), 142_839.60, 1_849.99),
        (2026, (FilingStatus.SURVIVING_SPOUSE, 19_717, 6_837), Gains(291_859, -3_801), 52_974.88, 2_455.26),
    ],
)
def test_bills_are_those_of_another_calculator(
    year: int, situation: tuple[FilingStatus, float, float], gains: Gains, income_tax: float, net_investment: float
) -> None:
    """PSLmodels Tax-Calculator 6.8.0, its taxbc and niit, by filing status, wages and interest, at 40, no children."""
    filing, wages, interest = situation
    bill = tax_bill(TaxSituation(filing=filing, income=wages + interest, investment_income=interest), gains, year)
    assert bill.ordinary + bill.long_term == pytest.approx(income_tax, abs=0.01)
    assert bill.net_investment == pytest.approx(net_investment, abs=0.01)


# Properties


@given(situations(), any_gains(), st.floats(0, 1e5), years)
def test_the_tax_never_falls_when_a_gain_grows(situation: TaxSituation, gains: Gains, more: float, year: int) -> None:
    before = tax_bill(situation, gains, year).total
    for grown in (Gains(short=more), Gains(long=more), Gains(long=more, collectible=more)):
        assert tax_bill(situation, gains + grown, year).total >= before - CENT


@given(situations(), any_gains(), years)
def test_a_cent_of_gain_never_costs_more_than_a_cent(situation: TaxSituation, gains: Gains, year: int) -> None:
    before = tax_bill(situation, gains, year).total
    for cent in (Gains(short=0.01), Gains(long=0.01), Gains(long=0.01, collectible=0.01)):
        assert tax_bill(situation, gains + cent, year).total - before <= 0.01


@given(situations(), any_gains(), years)
def test_no_dollar_of_gain_or_loss_is_lost(situation: TaxSituation, gains: Gains, year: int) -> None:
    bill = tax_bill(situation, gains, year)
    result = gains.short + gains.long - situation.short_loss_carried - situation.long_loss_carried
    kept = bill.short_gain + bill.long_gain - bill.deducted - bill.short_carried - bill.long_carried
    assert kept == pytest.approx(result, abs=CENT)
    assert min(astuple(bill)) >= -1e-6  # of millions, rounding
    assert bill.deducted <= LOSS_LIMIT[situation.filing]
    assert (bill.short_gain + bill.long_gain) * (bill.deducted + bill.short_carried + bill.long_carried) == 0


@given(situations(), any_gains(), any_gains(), years)
def test_nothing_added_adds_no_tax_and_parts_add_up(
    situation: TaxSituation, first: Gains, second: Gains, year: int
) -> None:
    assert added_tax(situation, Gains(), year, first) == 0
    in_two = added_tax(situation, first, year) + added_tax(situation, second, year, first)
    assert in_two == pytest.approx(added_tax(situation, first + second, year), abs=CENT)


@given(situations(carried=False), amounts, amounts, years)
def test_long_term_gains_are_taxed_least_and_collectibles_next(
    situation: TaxSituation, short: float, long: float, year: int
) -> None:
    table = tax_table(year).brackets[situation.filing]
    ceiling = 0.03 * (table.ordinary[1] - table.long_term[0]) + CENT  # what tax_bill says that it leaves out
    plain, gold, quick = (
        tax_bill(situation, gains, year).total
        for gains in (Gains(short, long), Gains(short, long, long), Gains(short + long))
    )
    assert plain <= gold + ceiling
    assert gold <= quick + CENT


@given(situations(carried=False), years)
def test_marginal_rates_are_the_slopes_of_the_bill(situation: TaxSituation, year: int) -> None:
    rates = marginal_rates(situation, year)
    wealthier = situation.with_changes(income=situation.income + 1)
    paid_more = wealthier.with_changes(investment_income=situation.investment_income + 1)
    if rates != marginal_rates(wealthier, year):
        return  # a kink within the dollar
    before = tax_bill(situation, Gains(), year).total
    slopes = {
        "income": tax_bill(wealthier, Gains(), year).total - before,
        "interest": tax_bill(paid_more, Gains(), year).total - before,
        "short": added_tax(situation, Gains(short=1), year),
        "long": added_tax(situation, Gains(long=1), year),
        "collectible": added_tax(situation, Gains(long=1, collectible=1), year),
        "section_1256": added_tax(situation, Gains(short=0.4, long=0.6), year),
    }
    for kind, slope in slopes.items():
        assert getattr(rates, kind) == pytest.approx(slope, abs=1e-6), kind
    assert rates.qualified == rates.long
    assert rates.long <= rates.reit <= rates.short or rates.short == rates.long


def test_the_rates_of_a_household_in_the_24_percent_bracket() -> None:
    rates = marginal_rates(TaxSituation(filing=JOINTLY, income=300_000, state_rate=0.05), 2025)
    assert rates.income == pytest.approx(0.24 + 0.05)
    assert rates.short == rates.interest == pytest.approx(0.24 + 0.038 + 0.05)
    assert rates.long == rates.qualified == pytest.approx(0.15 + 0.038 + 0.05)
    assert rates.collectible == pytest.approx(0.24 + 0.038 + 0.05)
    assert rates.reit == pytest.approx(0.8 * 0.24 + 0.038 + 0.05)
    assert rates.section_1256 == pytest.approx(0.6 * rates.long + 0.4 * rates.short)


def test_gold_is_never_taxed_above_its_own_rate() -> None:
    rates = marginal_rates(single(1e6), 2026)
    assert rates.collectible == pytest.approx(COLLECTIBLE_RATE + 0.038)
    assert rates.short == pytest.approx(0.37 + 0.038)


def test_a_dollar_of_wages_that_brings_investment_income_over_the_threshold_is_taxed_twice() -> None:
    assert marginal_rates(single(210_000, investment_income=20_000), 2025).income == pytest.approx(0.24 + 0.038)
    assert marginal_rates(single(210_000, investment_income=5_000), 2025).income == pytest.approx(0.24)


# Taking money out of tax-deferred accounts


def test_a_distribution_is_taxed_through_the_brackets() -> None:
    """From a taxable 100,000 to 110,000, across the top of the 22 % bracket at 103,350."""
    assert distribution_tax(single(115_750), 10_000, 2025) == pytest.approx(0.22 * 3_350 + 0.24 * 6_650)


def test_the_rate_in_retirement_is_todays_where_none_is_stated() -> None:
    assert retirement_rate(single(115_750, state_rate=0.05), 2025) == pytest.approx(0.27)
    assert retirement_rate(single(115_750, state_rate=0.05, retirement_rate=0.15), 2025) == 0.15
    assert retirement_rate(single(115_750, retirement_rate=0.0), 2025) == 0


# The holding period


@pytest.mark.parametrize(
    ("acquired", "first_long_day"),
    [
        ("2024-03-15", "2025-03-16"),
        ("2024-01-31", "2025-02-01"),
        ("2024-02-28", "2025-03-01"),
        ("2024-02-29", "2025-03-01"),
        ("2023-02-28", "2024-03-01"),
        ("2023-02-27", "2024-02-28"),
        ("2025-02-28", "2026-03-01"),
        ("2024-04-30", "2025-05-01"),
        ("2024-12-31", "2026-01-01"),
    ],
)
def test_a_holding_is_long_term_from_the_day_after_a_year(acquired: str, first_long_day: str) -> None:
    """Rev. Rul. 66-7: what was bought on the last day of a month, from the first day of the thirteenth month after."""
    bought, first = dt.date.fromisoformat(acquired), dt.date.fromisoformat(first_long_day)
    assert long_term_from(bought) == first
    assert is_long_term(bought, first)
    assert not is_long_term(bought, first - dt.timedelta(days=1))


@given(days)
def test_the_holding_period_is_a_calendar_year_and_a_day(acquired: dt.date) -> None:
    held = long_term_from(acquired) - acquired
    assert dt.timedelta(days=366) <= held <= dt.timedelta(days=367)
    assert long_term_from(acquired) <= long_term_from(acquired + dt.timedelta(days=1))


# What was sold


def sale(**changes: Any) -> Sale:
    values = {
        "account": "Joint",
        "asset": "VTI",
        "quantity": 10,
        "unit_cost": 100,
        "acquired": dt.date(2024, 1, 31),
        "unit_price": 130,
        "sold": dt.date(2025, 2, 1),
    }
    return Sale(**{**values, **changes})


def test_sales_are_counted_by_year_and_term_without_disallowed_losses() -> None:
    sales = [
        sale(),
        sale(sold=dt.date(2025, 1, 31), unit_price=110),
        sale(asset="GLD", unit_price=150),
        sale(sold=dt.date(2025, 1, 30), unit_price=70, disallowed=250),
        sale(sold=dt.date(2026, 2, 1), unit_price=999),
    ]
    assert realised(sales, 2025, frozenset({"GLD"})) == Gains(short=100 - 50, long=300 + 500, collectible=500)
    assert realised(sales, 2024) == Gains()


def test_a_bracket_tax_is_the_area_under_its_rates() -> None:
    tops, rates = (10.0, 30.0), (0.1, 0.2, 0.4)
    assert [bracket_tax(amount, tops, rates) for amount in (-5.0, 0.0, 10.0, 20.0, 40.0)] == pytest.approx(
        [0, 0, 1, 3, 9]
    )
    assert [bracket_rate(amount, tops, rates) for amount in (0.0, 9.99, 10.0, 30.0)] == [0.1, 0.1, 0.2, 0.4]


def test_gains_add_up_part_by_part() -> None:
    assert Gains(1, 2, 3) + Gains(10, 20, 30) == Gains(11, 22, 33)
    assert replace(Gains(1, 2), short=0.0) == Gains(long=2)
