from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from planner import EXAMPLE, plan
from planner.disclaimer import DISCLAIMER
from planner.errors import InputError
from planner.household.accounts import Account, AccountKind, Household, Treatment
from planner.household.cash_flows import CashFlows
from planner.household.goals import Goal
from planner.household.tax_situation import TaxSituation
from planner.household.tax_tables import tax_years
from planner.household.taxes import Gains, marginal_rates, retirement_rate, tax_bill
from planner.market.assumptions import Assumptions
from planner.market.market import Market, built_in_market
from planner.market.portfolio import Portfolio
from planner.outlook.futures import draw
from planner.outlook.monthly_moments import MONTHS
from planner.outlook.projection import Projection, Step, project
from planner.outlook.return_models import BlockBootstrap, Lognormal, ReturnModel, StudentT
from planner.outlook.samplers import sampler
from planner.policy.glide_path import AGE_GLIDE_PATH, GlidePath
from planner.policy.targets import SIXTY_FORTY, Targets
from planner.trading.rules import Calendar, Frequency, Rule
from planner.trading.tax_drag import yearly_drag
from planner.trading.trading_policy import TradingPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.household.profile import Profile
    from planner.outlook.standing import Planned

CALM = 0.06
AS_OF = dt.date(2026, 3, 31)


@dataclass(frozen=True)
class Client:
    profile: Profile
    household: Household | None = None
    cash_flows: CashFlows | None = None
    goals: tuple[Goal, ...] = ()
    glide_path: GlidePath | None = None
    return_model: ReturnModel = field(default_factory=Lognormal)
    targets: Targets = SIXTY_FORTY
    rebalancing: Rule = field(default_factory=lambda: Calendar(frequency=Frequency.ANNUALLY))
    trading: TradingPolicy = field(default_factory=lambda: TradingPolicy(cost=0.0, costs={}))


@dataclass(frozen=True)
class Mix:
    """The least that a projection needs of a plan."""

    scenario: Client
    market: Market
    shown: Portfolio


def person(**changes: Any) -> Profile:
    return EXAMPLE.profile.with_changes(**changes)


def owner(**cash: float) -> Household:
    """A household with cash in accounts of these kinds."""
    kinds = {"taxed": AccountKind.TAXABLE, "deferred": AccountKind.TRADITIONAL_IRA, "free": AccountKind.ROTH_IRA}
    accounts = tuple(Account(kind=kinds[name], owner="A", cash=amount) for name, amount in cash.items())
    return Household(accounts=accounts, as_of=AS_OF, taxes=TaxSituation(retirement_rate=0.25))


@cache
def certain(rate: float = CALM) -> Market:
    """The built-in market in which everything returns the same for certain."""
    real = built_in_market()
    names = list(real.assumptions.assets)
    mean, covariance = pd.Series(rate, names), pd.DataFrame(0.0, names, names)
    return Market(real.universe, real.returns, Assumptions(mean, covariance, 0.0))


def certain_mix(profile: Profile | None = None, household: Household | None = None, rate: float = CALM) -> Planned:
    market = certain(rate)
    return Mix(Client(profile or person(), household), market, Portfolio.of(market.assumptions, {"us_equity": 1.0}))


def risky_mix(weights: Mapping[str, float] | None = None) -> Planned:
    market = built_in_market()
    return Mix(
        Client(person()), market, Portfolio.of(market.assumptions, weights or {"us_equity": 0.6, "us_bonds": 0.4})
    )


def idle(**flows: Any) -> CashFlows:
    return CashFlows(**{"retirement_age": 120, "inflation": 0.0} | flows)


@pytest.fixture(scope="module")
def example() -> Projection:
    goals = [
        Goal(name="college", amount=150_000, year=2040),
        Goal(name="boat", amount=120_000, year=2037, priority=2),
        Goal(name="nest egg", amount=900_000, year=2050, spent=False),
    ]
    return project(plan(EXAMPLE), paths=2_000, goals=goals)


# --- closed forms -----------------------------------------------------------------------------------------------


def test_saving_without_risk_is_the_annuity_formula() -> None:
    flows = idle(saving=12_000)
    found = project(certain_mix(), owner(free=50_000), 20, 10, flows=flows)
    month = 1.06 ** (1 / 12)
    formula = 50_000 * 1.06**20 + 1_000 * (1.06**20 - 1) / (month - 1) * month
    assert found.wealth[-1].astype(float) == pytest.approx(formula, rel=1e-5)
    assert found.falls.to_numpy() == pytest.approx(0, abs=1e-6)


def test_saving_that_rises_with_prices_is_the_growing_annuity() -> None:
    flows = idle(saving=12_000, inflation=0.03, saving_growth=0.01)
    found = project(certain_mix(), owner(free=0.01), 30, 10, flows=flows)
    month, rise = 1.06 ** (1 / 12), (1.03 * 1.01) ** (1 / 12)
    formula = 1_000 * month * (month**360 - rise**360) / (month - rise)
    assert found.wealth[-1].astype(float) == pytest.approx(formula, rel=1e-5)
    assert found.fan().iloc[-1].to_numpy() == pytest.approx(formula / 1.03**30, rel=1e-5)
    assert found.fan(real=False).iloc[-1].to_numpy() == pytest.approx(formula, rel=1e-5)


def test_a_fee_is_a_part_of_the_value_every_year() -> None:
    found = project(certain_mix(), owner(free=100), 10, 5, flows=idle(fee=0.01))
    assert found.wealth[-1].astype(float) == pytest.approx(100 * (1.06 * 0.99) ** 10, rel=1e-5)


def test_a_lump_of_taxed_money_pays_its_drag_every_year() -> None:
    household = owner(taxed=100.0)
    found = project(certain_mix(), household, 10, 5, flows=idle())
    rates = marginal_rates(household.taxes, 2026)
    drag = yearly_drag(certain().universe, rates, certain().assumptions, 10).loc["us_equity", Treatment.TAXED.value]
    assert 0.002 < drag < 0.012
    assert found.wealth[-1].astype(float) == pytest.approx(100 * (1.06 * (1 - drag)) ** 10, rel=1e-5)


def test_what_comes_out_of_deferred_money_is_taxed_at_the_rate_of_retirement() -> None:
    flows, old = idle(spending=12_000, retirement_age=60), person(age=60)
    found = project(certain_mix(old, rate=0.0), owner(deferred=100_000), 5, 5, flows=flows)
    assert found.wealth[12].tolist() == pytest.approx([100_000 - 12_000 / 0.75] * 5, rel=1e-5)
    # 100,000 leave 75,000 after tax, 75 months of 1,000
    assert (found.outcome.lasted == 60).all()
    longer = project(certain_mix(old, rate=0.0), owner(deferred=100_000), 10, 5, flows=flows)
    assert (longer.outcome.lasted == 75).all()
    assert longer.run_out.tolist() == [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1]


def test_what_is_taken_out_early_pays_the_penalty_until_the_age_of_59_and_a_half() -> None:
    # at 59 a dollar leaves 75 - 10 = 65 cents for six months, then 75
    flows = idle(spending=12_000, retirement_age=59)
    found = project(certain_mix(person(age=59), rate=0.0), owner(deferred=100_000), 1, 5, flows=flows)
    taken = 100_000 - found.wealth[[6, 7], 0].astype(float)
    assert taken == pytest.approx([6_000 / 0.65, 6_000 / 0.65 + 1_000 / 0.75], rel=1e-5)


def test_required_distributions_begin_at_their_age_with_the_uniform_lifetime_table() -> None:
    # born 2026 - 74 = 1952, of age at 73: at the end of 2026 the 74-year-old must take 1 / 25.5, of 2027 1 / 24.6
    elder = certain_mix(person(age=74), rate=0.0)
    found = project(elder, owner(deferred=100_000), 2, 5, flows=idle())
    first = 100_000 / 25.5
    assert found.wealth[9].tolist() == pytest.approx([100_000] * 5)
    rates = marginal_rates(TaxSituation(), 2026)
    drag = yearly_drag(certain(0.0).universe, rates, certain(0.0).assumptions, 2).loc["us_equity", "taxed every year"]
    keep = (1 - drag) ** (1 / 12)
    assert found.wealth[10].tolist() == pytest.approx([100_000 - first + 0.75 * first * keep] * 5, rel=1e-6)
    second = (100_000 - first) / 24.6
    kept = 0.75 * first * keep**13 + 0.75 * second * keep
    assert found.wealth[22].tolist() == pytest.approx([100_000 - first - second + kept] * 5, rel=1e-6)


def test_somebody_too_young_for_distributions_takes_none() -> None:
    found = project(certain_mix(person(age=60), rate=0.0), owner(deferred=100_000), 10, 5, flows=idle())
    assert (found.wealth == 100_000).all()


def test_savings_go_into_the_accounts_in_the_proportions_of_the_household() -> None:
    flows = idle(saving=12_000)
    found = project(certain_mix(rate=0.0), owner(deferred=75.0, free=25.0), 10, 5, flows=flows)
    spent = found.with_changes(flows=idle(saving=12_000, spending=1e9, retirement_age=44))
    after_tax = 108_100 * (0.75 * 0.65 + 0.25)  # at 44 the penalty takes a tenth
    assert found.wealth[108].tolist() == pytest.approx([108_100] * 5)
    assert spent.outcome.unpaid[0] == pytest.approx(1e9 - after_tax, rel=1e-9)


def test_a_lump_in_a_risky_mix_has_the_mean_that_its_assumptions_give_it() -> None:
    single = risky_mix({"us_equity": 1.0})
    found = project(single, owner(free=1.0), 15, 20_000, flows=idle())
    wealth = found.wealth[-1].astype(float)
    mean = (1 + single.market.assumptions.mean["us_equity"]) ** 15
    assert wealth.mean() == pytest.approx(mean, abs=4 * wealth.std() / np.sqrt(20_000))


# --- what is read from the paths --------------------------------------------------------------------------------


def test_the_fan_holds_percentiles_of_wealth_in_todays_money(example: Projection) -> None:
    fan = example.fan(Step.MONTH, percentiles=(10, 50))
    assert fan.shape == (12 * 60 + 1, 2)
    assert fan.index[0] == pd.Timestamp(EXAMPLE.household.as_of) + pd.offsets.MonthEnd(0)  # type: ignore[union-attr]
    assert fan.iloc[100].to_numpy() == pytest.approx(
        np.percentile(example.wealth[100], (10, 50)) / 1.025 ** (100 / 12), rel=1e-6
    )
    pd.testing.assert_frame_equal(fan.iloc[::12], example.fan(percentiles=(10, 50)), check_freq=False)
    assert (fan[10] <= fan[50]).all()


def test_a_standard_error_is_the_root_of_p_times_1_less_p_over_the_paths(example: Projection) -> None:
    table = example.goal_table
    for goal, row in table.iterrows():
        p = row["probability"]
        missed = example.outcome.missed[list(table.index).index(goal)]
        assert p == (missed == 0).mean()
        assert row["standard_error"] == pytest.approx(np.sqrt(p * (1 - p) / 2_000))
        short = missed[missed > 0]
        assert row["shortfall"] == pytest.approx(short.mean() if len(short) else 0)
    assert list(table.index) == ["boat", "college", "nest egg"]
    assert 0 < table.loc["boat", "probability"] < 1


def test_probabilities_of_two_seeds_differ_by_what_the_standard_error_says() -> None:
    goals = [Goal(name="million", amount=1_000_000, year=2045, spent=False)]
    found = [
        project(risky_mix(), paths=500, years=25, seed=seed, goals=goals, flows=idle(saving=30_000)).chance("million")
        for seed in range(30)
    ]
    spread = np.std([chance.probability for chance in found], ddof=1)
    assert spread == pytest.approx(np.mean([chance.standard_error for chance in found]), rel=0.35)


def test_the_money_that_lasts_and_the_money_that_ran_out_are_all_there_is(example: Projection) -> None:
    assert example.lasts is not None
    assert example.lasts.probability == pytest.approx(1 - example.run_out.iloc[-1])
    assert example.run_out.is_monotonic_increasing
    assert example.table["run_out"].equals(example.run_out)
    assert example.table["age"].iloc[[0, -1]].tolist() == [35, 95]


def test_falls_are_those_of_the_mix_whatever_is_saved_or_spent(example: Projection) -> None:
    growth = np.vstack([np.ones(2_000), example.futures.growth.astype(float)]).cumprod(axis=0)
    falls = (growth / np.maximum.accumulate(growth, axis=0)).min(axis=0) - 1
    assert example.falls.to_numpy() == pytest.approx(np.percentile(falls, (5, 25, 50, 75, 95)), rel=1e-4)
    assert example.with_changes(flows=idle()).falls.equals(example.falls)


def test_nothing_spent_has_no_chance_to_last() -> None:
    found = project(certain_mix(), years=5, paths=5, flows=idle())
    assert found.lasts is None
    assert not any("spending" in sentence for sentence in found.sentences)


def test_other_flows_on_the_same_futures_are_what_a_new_projection_gives(example: Projection) -> None:
    flows = example.flows.with_changes(saving=50_000, retirement_age=58)
    again = project(plan(EXAMPLE), paths=2_000, goals=example.goals[:1], flows=flows)
    changed = example.with_changes(flows, example.goals[:1])
    np.testing.assert_array_equal(again.wealth, changed.wealth)
    assert changed.futures is example.futures
    with pytest.raises(InputError, match="outside the 60 years"):
        example.with_changes(goals=[Goal(name="late", amount=1, year=2200)])


def test_a_projection_says_what_it_found_in_words(example: Projection) -> None:
    wealth, spending, boat, college, nest_egg, falls = example.sentences
    assert wealth.startswith(
        "After 60 years at least half of 2,000 paths hold nothing; one in twenty holds more than $"
    )
    sooner = project(plan(EXAMPLE), years=10, paths=100, goals=()).sentences[0]
    assert sooner.startswith("After 10 years half of 100 paths hold more than $")
    assert "one in twenty holds less than $" in sooner
    assert "pays for all spending to the end on" in spending
    assert "Where it does not, half run out before the age of" in spending
    assert boat.startswith("'boat', $120,000 by December 2037, is reached on")
    assert college.startswith("'college'")
    assert "points) of the paths." in nest_egg
    assert "one in twenty by" in falls
    page = example._repr_html_()
    assert "2085-09" in page
    assert escape(DISCLAIMER) in page


def test_a_goals_name_is_escaped_where_it_is_shown() -> None:
    goals = [Goal(name="<b>x</b>", amount=1, year=2026)]
    page = project(certain_mix(), years=2, paths=5, goals=goals, flows=idle())._repr_html_()
    assert "<b>x</b>" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page


# --- what goes in -----------------------------------------------------------------------------------------------


def test_without_a_household_all_liquid_assets_are_taxed_and_the_start_is_the_markets_last_month() -> None:
    found = project(certain_mix(), years=5, paths=5)
    assert found.standing.opening == {
        Treatment.TAXED: 250_000,
        Treatment.DEFERRED: 0,
        Treatment.TAX_FREE: 0,
    }
    assert found.standing.start == dt.date(2025, 9, 30)


def test_flows_that_are_left_out_come_from_the_profile() -> None:
    found = project(certain_mix(), years=5, paths=5)
    taxes = tax_bill(TaxSituation(income=120_000), Gains(), 2025).total + 0.0765 * 120_000
    assert found.flows.saving == pytest.approx(120_000 - taxes - 60_000)
    assert found.flows.spending == 60_000
    assert found.flows.retirement_age == 60


def test_the_households_accounts_are_summed_by_how_they_are_taxed() -> None:
    household = EXAMPLE.household
    assert household is not None
    found = project(plan(EXAMPLE), years=2, paths=5, goals=())
    assert sum(found.standing.opening.values()) == pytest.approx(250_000)
    assert min(found.standing.opening.values()) > 0
    assert found.standing.kept == pytest.approx(1 - retirement_rate(household.taxes, 2025))
    other = project(plan(EXAMPLE), owner(free=5.0), years=2, paths=5, goals=())
    assert other.standing.opening[Treatment.TAX_FREE] == 5


def test_a_market_that_ends_in_a_year_without_a_tax_table_takes_the_nearest() -> None:
    early = certain()
    market = Market(early.universe, early.returns.loc[:"2020"], early.assumptions)  # type: ignore[misc]
    mix = Mix(Client(person()), market, Portfolio.of(market.assumptions, {"us_equity": 1.0}))
    found = project(mix, years=2, paths=5, flows=idle())
    assert found.standing.start == dt.date(2020, 12, 31)
    assert 2020 not in tax_years()


def test_a_glide_path_is_followed_at_the_age_of_each_rebalancing() -> None:
    free = plan(EXAMPLE.with_changes(trading=TradingPolicy(cost=0.0, costs={}), goals=()))
    found = project(free, paths=50, years=3, glide_path=AGE_GLIDE_PATH, rebalancing=Frequency.QUARTERLY)
    market = built_in_market()
    rows = [market.universe.split(AGE_GLIDE_PATH.at(35 + month / 12).weights) for month in range(0, 36, 3)]
    weights = np.repeat([[row[name] for name in market.assumptions.assets] for row in rows], 3, axis=0)
    assert not np.allclose(weights[0], weights[-1])
    expected = draw(sampler(found.model, plan(EXAMPLE).market), weights, 50, 0, 3)
    np.testing.assert_allclose(found.futures.growth, expected.growth, rtol=1e-6)


def test_rebalancing_more_often_moves_with_the_months_and_differs() -> None:
    yearly, monthly = (
        project(plan(EXAMPLE), paths=20, years=2, goals=(), rebalancing=each)
        for each in (Frequency.ANNUALLY, Frequency.MONTHLY)
    )
    np.testing.assert_allclose(yearly.futures.growth[0], monthly.futures.growth[0], rtol=1e-6)
    assert not np.allclose(yearly.futures.growth[11], monthly.futures.growth[11], rtol=1e-6)


@pytest.mark.parametrize("model", [None, StudentT(degrees_of_freedom=4), BlockBootstrap(mean_block=3)])
def test_the_same_seed_gives_the_same_projection(model: Any) -> None:
    one, same, other = (project(risky_mix(), years=3, paths=1_500, model=model, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.wealth, same.wealth)
    assert not np.array_equal(one.wealth, other.wealth)
    fewer = project(risky_mix(), years=3, paths=700, model=model, seed=1)
    np.testing.assert_array_equal(one.wealth[:, :700], fewer.wealth)


def test_years_left_out_run_to_the_age_of_95_or_as_long_as_the_horizon() -> None:
    assert project(certain_mix(person(age=40)), paths=2).years == 55
    assert project(certain_mix(person(age=90, horizon_years=12.5)), paths=2).years == 13


def test_progress_is_told_and_may_stop() -> None:
    told: list[float] = []
    project(risky_mix(), years=2, paths=2_500, progress=told.append)
    assert told == pytest.approx([0.4, 0.8, 1.0])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"years": 0}, "number of years is 0: give a whole number from 1 to 100"),
        ({"years": 2.5}, "number of years is 2.5"),
        ({"paths": 0}, "number of paths is 0"),
        ({"paths": 10**9}, "from 1 to 100,000"),
        ({"seed": -1}, "seed is -1"),
        ({"rebalancing": 12}, "a Frequency such as"),
        ({"years": 5, "goals": [Goal(name="x", amount=1, year=2040)]}, "outside the 5 years"),
    ],
)
def test_bad_input_is_refused_in_words_before_anything_is_drawn(options: dict[str, Any], said: str) -> None:
    def nothing_drawn(part: float) -> None:
        raise AssertionError

    with pytest.raises(InputError, match=said):
        project(risky_mix(), progress=nothing_drawn, **options)


def test_a_short_position_and_an_unknown_percentile_or_goal_are_refused_in_words(example: Projection) -> None:
    with pytest.raises(InputError, match="holds something short"):
        project(risky_mix({"us_equity": 1.5, "cash": -0.5}), years=1)
    with pytest.raises(InputError, match="no percentile 101"):
        example.fan(percentiles=(50, 101))
    with pytest.raises(InputError, match=r"no goal 'yacht'\. The goals are boat, college, nest egg"):
        example.chance("yacht")


def test_no_more_is_kept_than_growth_and_wealth_in_single_precision(example: Projection) -> None:
    months, paths = 720, 2_000
    assert example.futures.growth.nbytes == 4 * months * paths
    assert example.wealth.nbytes == 4 * (months + 1) * paths
    assert MONTHS * example.years == months
