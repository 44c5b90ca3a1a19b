from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from planner import EXAMPLE, plan
from planner.errors import InputError
from planner.household.accounts import Account, AccountKind, Household
from planner.household.cash_flows import CashFlows
from planner.household.goals import Goal
from planner.market.assumptions import Assumptions
from planner.market.market import Market, built_in_market
from planner.market.portfolio import Portfolio
from planner.outlook import solve_back as solve_back_module
from planner.outlook.projection import Projection, project
from planner.outlook.return_models import Lognormal, ReturnModel
from planner.outlook.solve_back import CannotBeReached, Lever, Reached, solve_back
from planner.policy.targets import SIXTY_FORTY, Targets
from planner.trading.rules import Calendar, Frequency, Rule
from planner.trading.trading_policy import TradingPolicy

if TYPE_CHECKING:
    from planner.household.profile import Profile
    from planner.policy.glide_path import GlidePath


@dataclass(frozen=True)
class Client:
    profile: Profile
    household: Household | None
    cash_flows: CashFlows | None = None
    goals: tuple[Goal, ...] = ()
    glide_path: GlidePath | None = None
    return_model: ReturnModel = field(default_factory=Lognormal)
    targets: Targets = SIXTY_FORTY
    rebalancing: Rule = field(default_factory=lambda: Calendar(frequency=Frequency.ANNUALLY))
    trading: TradingPolicy = field(default_factory=lambda: TradingPolicy(cost=0.0, costs={}))


@dataclass(frozen=True)
class Mix:
    scenario: Client
    market: Market
    shown: Portfolio


def certain(age: int = 40, years: int = 40, cash: float = 100_000, goals: Any = (), **flows: Any) -> Projection:
    """Tax-free money that earns 5 % a year for certain, without inflation."""
    real = built_in_market()
    names = list(real.assumptions.assets)
    assumed = Assumptions(pd.Series(0.05, names), pd.DataFrame(0.0, names, names), 0.0)
    market = Market(real.universe, real.returns, assumed)
    account = Account(kind=AccountKind.ROTH_IRA, owner="A", cash=cash)
    household = Household(accounts=(account,), as_of=dt.date(2025, 12, 31))
    mix = Mix(
        Client(EXAMPLE.profile.with_changes(age=age), household), market, Portfolio.of(assumed, {"us_equity": 1.0})
    )
    stated = CashFlows(**{"retirement_age": 60, "inflation": 0.0} | flows)
    return project(mix, years=years, paths=3, flows=stated, goals=goals)


@pytest.fixture(scope="module")
def example() -> Projection:
    goals = [Goal(name="nest egg", amount=1_000_000, year=2050, spent=False)]
    return project(plan(EXAMPLE), years=45, paths=2_000, goals=goals)


MONTH = 1.05 ** (1 / 12)


def due(months: int) -> float:
    """Worth today of 1 at the beginning of each month."""
    return (1 - MONTH**-months) / (MONTH - 1) * MONTH


# --- closed forms -----------------------------------------------------------------------------------------------


def test_the_saving_found_is_the_annuity_formulas() -> None:
    found = solve_back(certain(spending=60_000), Lever.SAVING)
    needed = 5_000 * due(240) / 1.05**20 - 100_000
    assert isinstance(found, Reached)
    assert found.value == pytest.approx(12 * needed / due(240), abs=10)
    assert found.probability == 1
    assert found.flows.saving == found.value


def test_the_spending_found_is_the_annuity_formulas() -> None:
    found = solve_back(certain(saving=12_000, spending=1), Lever.SPENDING)
    assert isinstance(found, Reached)
    assert found.value == pytest.approx(12 * (100_000 + 1_000 * due(240)) * 1.05**20 / due(240), rel=1e-3)


def test_the_retirement_found_is_the_first_month_that_is_enough() -> None:
    projection = certain(saving=24_000, spending=40_000)
    found = solve_back(projection, Lever.RETIREMENT)
    assert isinstance(found, Reached)

    def lasts(working: int) -> bool:
        then = (100_000 + 2_000 * due(working)) * MONTH**working
        return then >= 40_000 / 12 * due(480 - working)

    first = next(month for month in range(480) if lasts(month))
    assert found.value == pytest.approx(40 + first / 12)
    years, months = divmod(first, 12)
    assert found.sentence.startswith(f"Retirement at {40 + years} and {months} month")


def test_the_saving_for_a_goal_is_the_annuity_formulas() -> None:
    goals = [Goal(name="house", amount=300_000, year=2035)]
    found = solve_back(certain(goals=goals), Lever.SAVING, "house")
    assert found.value == pytest.approx(12 * (300_000 / 1.05**10 - 100_000) / due(120), rel=1e-3)
    assert found.sentence == f"Saving of ${found.value:,.0f} a year reaches 'house' on 100 % of the paths."


# --- on random paths --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("goal", [None, "nest egg"])
def test_the_saving_found_is_just_enough_on_the_same_paths(goal: str | None, example: Projection) -> None:
    found = solve_back(example, Lever.SAVING, goal)
    assert isinstance(found, Reached)

    def chance(saving: float) -> float:
        again = example.with_changes(flows=example.flows.with_changes(saving=saving))
        return (again.lasts if goal is None else again.chance(goal)).probability  # type: ignore[union-attr]

    assert chance(found.value) == found.probability >= 0.85
    assert chance(found.value * 0.999 - 1) < 0.85
    assert found.probability == pytest.approx(0.85, abs=0.002)


def test_the_spending_found_is_the_most_on_the_same_paths(example: Projection) -> None:
    found = solve_back(example, Lever.SPENDING, probability=0.9)
    assert isinstance(found, Reached)
    more = example.with_changes(flows=example.flows.with_changes(spending=found.value * 1.001 + 1))
    assert found.probability >= 0.9 > more.lasts.probability  # type: ignore[union-attr]


@pytest.mark.parametrize("lever", Lever)
def test_chances_tried_move_in_the_levers_direction(lever: Lever, example: Projection) -> None:
    found = solve_back(example, lever)
    assert found.tried.is_monotonic_increasing if lever.rising else found.tried.is_monotonic_decreasing
    assert found.tried.index.is_monotonic_increasing
    assert len(found.tried) < 40
    assert "one direction" not in found.sentence


def test_a_chance_that_turns_is_said(example: Projection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solve_back_module._Search, "_chance", lambda self, value: abs(value - 60) / 20)
    found = solve_back(example, Lever.RETIREMENT, probability=0.7)
    assert found.value == 35
    monkeypatch.setattr(
        solve_back_module._Search, "_chance", lambda self, value: 0.9 if value > 60 else (60 - value) / 50
    )
    found = solve_back(example, Lever.RETIREMENT, probability=0.7)
    assert found.value == pytest.approx(60 + 1 / 12)
    assert "The chance does not move in one direction with it" in found.sentence


def test_where_a_larger_pension_begins_with_retirement_the_best_is_to_retire_at_once(example: Projection) -> None:
    flows = CashFlows(pension=20_000, retirement_age=60)
    goals = [Goal(name="house", amount=1_500_000, year=2040)]
    found = solve_back(example.with_changes(flows, goals), Lever.RETIREMENT, "house")
    assert isinstance(found, CannotBeReached)
    assert found.value == 35
    assert "even retirement at 35 reaches 'house' on only" in found.sentence


# --- the ends of the scale --------------------------------------------------------------------------------------


def test_what_is_reached_anyway_needs_no_saving() -> None:
    found = solve_back(certain(spending=1_000), Lever.SAVING)
    assert isinstance(found, Reached)
    assert found.value == 0
    assert found.sentence == "No saving at all pays for all spending to the end on 100 % of the paths."


def test_what_no_saving_reaches_is_a_value_with_a_sentence() -> None:
    retired = certain(age=70, years=20, spending=60_000)
    found = solve_back(retired, Lever.SAVING)
    assert isinstance(found, CannotBeReached)
    assert found.probability == 0
    assert found.sentence == (
        "85 % cannot be reached: even the largest saving pays for all spending to the end on only 0 % of the paths."
    )


def test_no_retirement_by_75_is_a_value_with_a_sentence() -> None:
    found = solve_back(certain(cash=1_000, spending=100_000), Lever.RETIREMENT)
    assert isinstance(found, CannotBeReached)
    assert found.value == 75
    assert "even retirement at 75 pays" in found.sentence


def test_a_goal_that_spending_does_not_touch_allows_any() -> None:
    goals = [Goal(name="house", amount=50_000, year=2030)]
    found = solve_back(certain(goals=goals), Lever.SPENDING, "house")
    assert isinstance(found, Reached)
    assert found.sentence.startswith("Any spending reaches 'house'")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"probability": 85}, "fraction between 0 and 1"),
        ({"probability": 1.0}, "fraction between 0 and 1"),
        ({"goal": "yacht"}, "no goal 'yacht'"),
    ],
)
def test_bad_input_is_refused_in_words(options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        solve_back(certain(spending=1), Lever.SAVING, **options)


def test_nothing_to_reach_is_refused_in_words() -> None:
    with pytest.raises(InputError, match="Nothing is spent before the projection ends"):
        solve_back(certain(years=10, spending=1), Lever.SAVING)


def test_progress_rises_below_1_and_may_stop() -> None:
    told: list[float] = []
    solve_back(certain(spending=60_000), Lever.SAVING, progress=told.append)
    assert told == sorted(told)
    assert 0 < told[0] < told[-1] < 1
