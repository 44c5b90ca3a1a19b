"""What taxes take every year, against closed forms, quadrature and drawn holding times."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import InputError
from planner.household.accounts import Treatment
from planner.household.tax_situation import TaxSituation
from planner.household.taxes import MarginalRates, marginal_rates
from planner.market.assumptions import Assumptions
from planner.market.universe import BUILT_IN, AssetClass, Series, TaxCharacter, Universe
from planner.trading.tax_drag import (
    DEFAULT_YEARS,
    deferred_drag,
    drag_parts,
    realised_part,
    short_term_part,
    yearly_drag,
)

RATES = MarginalRates(
    income=0.30, interest=0.33, short=0.33, long=0.18, collectible=0.31, qualified=0.18, reit=0.27, section_1256=0.24
)


def one(tax, mean, distributions=0.0, turnover=0.0, years=DEFAULT_YEARS, rates=RATES):
    """Parts of the drag of a universe of one series."""
    member = Series("it", "It", tax, distributions=distributions, turnover=turnover)
    universe = Universe((AssetClass("all", "All", "#000000", "example", (member,)),))
    return drag_parts(universe, rates, assume({"it": mean}), years).loc["it"]


def assume(means):
    mean = pd.Series(means, dtype=float)
    return Assumptions(mean, pd.DataFrame(np.eye(len(mean)) * 0.04, mean.index, mean.index), 0.03)


@pytest.mark.parametrize(
    ("character", "rate"),
    [
        (TaxCharacter.QUALIFIED_DIVIDENDS, 0.18),
        (TaxCharacter.ORDINARY_INTEREST, 0.33),
        (TaxCharacter.REIT_DIVIDENDS, 0.27),
        (TaxCharacter.SECTION_1256, 0.33),
        (TaxCharacter.COLLECTIBLE, 0.33),
        (TaxCharacter.PROPERTY, 0.33),
    ],
)
def test_what_is_distributed_is_taxed_at_the_rate_of_its_character(character, rate):
    parts = one(character, mean=0.04, distributions=0.04)
    assert parts.to_dict() == pytest.approx({"distributions": 0.04 * rate, "realised": 0.0, "deferred": 0.0})


def test_reit_dividends_of_the_tables_are_taxed_at_four_fifths_and_futures_at_sixty_forty():
    rates = marginal_rates(TaxSituation(income=120_000), 2026)
    assert (rates.income, rates.long) == (0.22, 0.15)
    drag = yearly_drag(BUILT_IN, rates)["taxed every year"]
    assert drag["real_estate"] == pytest.approx(0.039 * 0.8 * 0.22)
    assert drag["us_bonds"] == pytest.approx(0.038 * 0.22)
    assert drag["us_equity"] == pytest.approx(0.012 * 0.15)
    futures = one(TaxCharacter.SECTION_1256, mean=0.09, distributions=0.04, rates=rates)
    assert futures["realised"] == pytest.approx(0.05 * (0.6 * 0.15 + 0.4 * 0.22))
    assert futures["deferred"] == 0


def test_without_assumptions_there_are_only_distributions():
    parts = drag_parts(BUILT_IN, RATES)
    assert (parts[["realised", "deferred"]] == 0).all(axis=None)
    assert parts.loc["bitcoin"].sum() == 0


@pytest.mark.parametrize("mean", [-0.05, 0.01, 0.03])
def test_an_expected_loss_saves_nothing(mean):
    parts = one(TaxCharacter.QUALIFIED_DIVIDENDS, mean=mean, distributions=0.03, turnover=1.0)
    assert parts.to_dict() == pytest.approx({"distributions": 0.03 * 0.18, "realised": 0.0, "deferred": 0.0})


def test_tax_deferred_and_tax_free_accounts_have_no_drag():
    drag = yearly_drag(BUILT_IN, RATES, assume(dict.fromkeys(BUILT_IN.series_names, 0.08)))
    assert list(drag.columns) == [str(treatment) for treatment in Treatment]
    assert tuple(drag.index) == BUILT_IN.series_names
    assert (drag[[str(Treatment.DEFERRED), str(Treatment.TAX_FREE)]] == 0).all(axis=None)
    assert (drag[str(Treatment.TAXED)] > 0).all()


@given(growth=st.floats(0, 0.5), rate=st.floats(0, 0.6), years=st.floats(0.5, 60))
def test_deferred_tax_is_the_difference_of_two_growth_rates(growth, rate, years):
    left = (1 + growth) ** years * (1 - rate) + rate
    assert deferred_drag(growth, rate, years) == pytest.approx(growth - (left ** (1 / years) - 1), abs=1e-12)


def test_deferred_tax_of_one_year_is_the_tax_and_of_many_years_nothing():
    assert deferred_drag(0.08, 0.15, 1) == pytest.approx(0.15 * 0.08)
    assert deferred_drag(0.08, 0.15, 5_000) == pytest.approx(0.0, abs=1e-4)
    drags = [deferred_drag(0.08, 0.15, years) for years in (1, 2, 5, 10, 30, 100)]
    assert drags == sorted(drags, reverse=True)
    assert deferred_drag(0.0, 0.15, 10) == deferred_drag(0.08, 0.0, 10) == pytest.approx(0)


def test_a_gain_never_traded_is_taxed_at_the_end_and_a_collectible_one_at_its_own_rate():
    assert one(TaxCharacter.PROPERTY, mean=0.1)["deferred"] == pytest.approx(deferred_drag(0.1, 0.18, DEFAULT_YEARS))
    assert one(TaxCharacter.COLLECTIBLE, mean=0.1)["deferred"] == pytest.approx(deferred_drag(0.1, 0.31, DEFAULT_YEARS))


@pytest.mark.parametrize(("turnover", "years"), [(0.05, 10), (0.5, 10), (2.0, 10), (1.0, 3), (30.0, 20)])
def test_the_realised_part_is_the_average_chance_of_a_sale_before_the_end(turnover, years):
    moments = (np.arange(100_000) + 0.5) * years / 100_000
    assert realised_part(turnover, years) == pytest.approx((1 - np.exp(-turnover * (years - moments))).mean(), abs=1e-7)


def test_nothing_is_realised_without_turnover_and_nearly_all_with_much():
    assert realised_part(0.0, 10) == short_term_part(0.0) == 0
    assert realised_part(1e-9, 10) == pytest.approx(5e-9, abs=1e-15)
    assert realised_part(1e6, 10) == pytest.approx(1)
    assert short_term_part(1e3) == pytest.approx(1)


@pytest.mark.parametrize("turnover", [0.2, 1.0, 2.0])
def test_drawn_holding_times_have_the_short_term_part_and_more_short_sales_than_short_gains(turnover):
    held = np.random.default_rng(4).exponential(1 / turnover, 400_000)
    gains = held  # at an even pace
    assert short_term_part(turnover) == pytest.approx(gains[held <= 1].sum() / gains.sum(), abs=0.003)
    assert short_term_part(turnover) < (held <= 1).mean()


def test_the_more_is_traded_the_more_tax_there_is():
    drags = [one(TaxCharacter.PROPERTY, mean=0.12, turnover=turnover).sum() for turnover in (0, 0.1, 0.5, 1, 2, 10)]
    assert drags == sorted(drags)
    assert drags[-1] < 0.12 * RATES.short < one(TaxCharacter.PROPERTY, 0.12, turnover=1e6).sum() * 1.0001


def test_a_universe_that_the_assumptions_do_not_cover_and_an_impossible_horizon_are_refused():
    with pytest.raises(InputError, match="The assumptions lack the series 'us_equity' of the universe"):
        yearly_drag(BUILT_IN, RATES, assume({"us_bonds": 0.04}))
    for years in (0.0, -1.0, float("nan"), float("inf"), 101.0):
        with pytest.raises(InputError, match="more than 0 and at most 100"):
            yearly_drag(BUILT_IN, RATES, years=years)
