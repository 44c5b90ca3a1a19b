"""A scenario's crypto sleeve in the plan: its indices are held, inside their ranges, and coins owned are not bought."""

from __future__ import annotations

import datetime as dt

import pytest

from planner.market.market import built_in_market
from planner.market.universe import BUILT_IN
from planner.outlook.crypto_steps import crypto_steps
from planner.outlook.projection import project
from planner.outlook.stress import EPISODES, episode
from planner.planning import plan
from planner.policy.barbell import CryptoView, barbell, sleeve_tilts, worked_sleeve
from planner.policy.index_history import SURVIVORS
from planner.reviewing import review
from planner.scenario import EXAMPLE, Method, Scenario
from planner.trading.holdings import Holdings
from widgets.session import Session

BARBELL = barbell()
COINS = ("bitcoin", "ether")


def with_barbell(**fields):
    return plan(EXAMPLE.with_changes(sleeve=BARBELL, **fields))


def test_without_a_sleeve_the_market_is_as_it_was():
    assert plan(EXAMPLE).prior is built_in_market()


def test_the_worked_example_is_three_percent_large_cap_and_two_percent_balanced():
    held = plan(EXAMPLE.with_changes(sleeve=worked_sleeve())).shown.by_asset
    assert (held["large_cap"], held["balanced"]) == pytest.approx((0.03, 0.02))
    assert [held[coin] for coin in COINS] == [0, 0]


@pytest.mark.parametrize("method", list(Method))
def test_every_method_keeps_the_ranges_of_the_sleeve_and_buys_no_coin(method):
    made = with_barbell(method=method, risk_aversion=2.0)
    assert made.blockers == ()
    held = made.shown.by_asset
    crypto = sum(held[name] for name in BARBELL.shares)
    assert crypto == pytest.approx(made.class_weights["crypto"], abs=1e-7)
    assert crypto > 0.01
    for part in BARBELL.parts:
        lower, upper = part.range
        assert lower - 1e-5 <= held[part.name] / crypto <= upper + 1e-5
    assert max(abs(held[coin]) for coin in COINS) < 1e-7


def test_every_mix_on_the_frontier_keeps_the_ranges_of_the_sleeve():
    made = with_barbell()
    for weights in made.frontier.table.to_dict(orient="records"):
        crypto = sum(weights[name] for name in BARBELL.shares)
        if crypto > 1e-4:
            assert 0.6 - 1e-3 <= weights["large_cap"] / crypto <= 0.7 + 1e-3
        assert max(abs(weights[coin]) for coin in COINS) < 1e-6


def test_the_frontiers_of_two_sleeves_of_the_same_shares_differ_where_their_ranges_do():
    held = barbell().parts
    fixed = BARBELL.with_changes(parts=tuple(part.with_changes(lower=None, upper=None) for part in held))
    market = with_barbell().prior
    free, bound = (plan(EXAMPLE.with_changes(sleeve=sleeve), market).frontier for sleeve in (BARBELL, fixed))
    assert free is not bound


def test_the_same_sleeve_finds_its_market_again_and_another_makes_a_new_one():
    again = EXAMPLE.with_changes(sleeve=barbell(), risk_aversion=2.5)
    assert plan(again).prior is with_barbell().prior
    assert plan(EXAMPLE.with_changes(sleeve=BARBELL.moved("growth", 0.12))).prior is not with_barbell().prior


def test_a_market_that_has_the_indices_already_is_taken_as_it_is():
    market = with_barbell().prior
    assert plan(EXAMPLE.with_changes(sleeve=BARBELL), market).prior is market


def test_the_assumptions_say_that_the_coins_are_survivors():
    assert SURVIVORS in with_barbell().market.assumptions.notes


def test_the_example_household_and_what_follows_it_work_beside_a_sleeve():
    made = with_barbell()
    universe = made.prior.universe
    now, before = Holdings(EXAMPLE.household, universe), Holdings(EXAMPLE.household)
    assert now.total == before.total
    assert project(made, paths=50).model == EXAMPLE.return_model
    assert crypto_steps(made.class_weights, [0.0, 0.05], made.prior)["crypto_risk_share"].is_monotonic_increasing
    assert all(episode(made.shown.by_asset, made.prior, each).table.loc["crypto", "change"] < 0 for each in EPISODES)


def test_a_tilt_inside_the_sleeve_moves_its_series_and_leaves_the_class():
    days = (dt.date(2025, 1, 1), dt.date(2026, 1, 1))
    tilts = sleeve_tilts(BARBELL, BARBELL.tilted(CryptoView.BULLISH, 0.02), 0.05, "new highs", days)
    made = plan(EXAMPLE.with_changes(sleeve=BARBELL, tilts=tilts), as_of=dt.date(2025, 6, 1))
    assert made.blockers == ()
    assert made.tactical.targets.weights["crypto"] == pytest.approx(0.05)
    assert made.tactical.series["growth"] == pytest.approx(0.05 * 0.16)


def test_a_scenario_with_a_sleeve_is_read_back_as_it_was_saved():
    scenario = EXAMPLE.with_changes(sleeve=BARBELL)
    assert Scenario.model_validate_json(scenario.model_dump_json()) == scenario


def test_a_review_of_a_household_with_a_sleeve_is_made_in_the_plans_market():
    made = with_barbell()
    found = review(made.scenario, dt.date(2025, 10, 15), market=made.prior)
    assert found.blockers == ()


def test_the_page_names_the_indices_of_the_sleeve_once_it_is_planned():
    session = Session()
    session.change(sleeve=BARBELL)
    assert session.problem == ""
    assert {*BARBELL.shares, *COINS} <= set(session.universe.series_names)
    session.change(sleeve=None)
    assert session.universe is BUILT_IN
