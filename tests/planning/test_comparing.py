from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from planner.comparing import compare, words
from planner.comparing.same_paths import common_markets
from planner.errors import InputError
from planner.household.goals import Goal
from planner.market.market import Market, built_in_market
from planner.market.universe import CRYPTO, Universe
from planner.optimise import Solved
from planner.outlook.projection import project
from planner.outlook.return_models import BlockBootstrap, RegimeSwitching, StudentT
from planner.outlook.samplers import sampler
from planner.planning import plan
from planner.policy.barbell import worked_sleeve
from planner.policy.targets import SIXTY_FORTY, Targets
from planner.policy.wishes import PlanView
from planner.scenario import EXAMPLE, Method
from planner.trading.holdings import Holdings
from planner.trading.rebalance import rebalance

PATHS = 200
BOLD = EXAMPLE.with_changes(
    name="Bold",
    targets=Targets(weights={"equities": 0.55, "fixed_income": 0.25, "real_estate": 0.1, "crypto": 0.1}),
    crypto_override=True,
    goals=(*EXAMPLE.goals, Goal(name="Boat", amount=900_000, year=2035)),
)
SLEEVED = EXAMPLE.with_changes(name="Sleeved", sleeve=worked_sleeve())


@pytest.fixture(scope="module")
def compared():
    return compare(EXAMPLE, BOLD, SLEEVED, paths=PATHS)


def test_columns_stand_in_order_and_tables_have_them_all(compared):
    assert compared.columns == ("Example household", "Bold", "Sleeved", "60/40", "Portfolio today")
    assert compared.scenarios == ("Example household", "Bold", "Sleeved")
    for table in (compared.weights, compared.risk, compared.risk_shares, compared.outlook, compared.taxes):
        assert tuple(table.columns) == compared.columns
    assert tuple(compared.goals.columns) == compared.columns
    assert tuple(compared.inputs.columns) == compared.scenarios


def test_weights_are_those_of_the_plans_of_sixty_forty_and_of_what_is_held(compared):
    assert compared.weights["Bold"].to_dict() == pytest.approx(dict(BOLD.targets.weights))
    assert compared.weights["60/40"].to_dict() == pytest.approx(dict(SIXTY_FORTY.weights))
    held = Holdings(EXAMPLE.household).weights
    pd.testing.assert_series_equal(compared.weights["Portfolio today"], held, check_names=False)
    assert np.allclose(compared.series_weights.sum(), 1)


def test_series_are_the_union_of_all_markets_and_line_up_with_the_classes(compared):
    series, universe = compared.series_weights, compared.plans["Sleeved"].market.universe
    assert set(series.index) == set(universe.series_names)
    assert series.loc["large_cap", "Sleeved"] > 0 == series.loc["large_cap", "Bold"]
    assert series.loc["bitcoin", "Bold"] > 0 == series.loc["bitcoin", "Sleeved"]
    by_class = series.groupby(universe.class_of).sum()
    pd.testing.assert_frame_equal(by_class.loc[compared.weights.index], compared.weights, check_names=False)


def test_risk_has_the_key_figures_of_each_plan_by_itself(compared):
    for scenario in (EXAMPLE, BOLD, SLEEVED):
        alone = {figure.name: figure.value for figure in plan(scenario).figures}
        assert compared.risk[scenario.name].to_dict() == alone


def test_only_inputs_that_differ_are_listed_in_words(compared):
    inputs = compared.inputs
    assert inputs.loc[("targets", "target, Crypto")].to_list() == ["5 %", "10 %", "5 %"]
    assert inputs.loc[("goals", "goal Boat")].to_list() == ["", "$900,000 by 2035-12-31, priority 1", ""]
    assert ("capacity", "age") not in inputs.index
    assert all(len(set(row)) > 1 for row in inputs.to_numpy())
    assert compare(EXAMPLE, EXAMPLE.with_changes(name="Other")).inputs.empty


def test_other_holdings_are_a_difference():
    account, *others = EXAMPLE.household.accounts
    richer = EXAMPLE.household.with_changes(accounts=(account.with_changes(cash=account.cash + 1e5), *others))
    inputs = compare(EXAMPLE, EXAMPLE.with_changes(name="Richer", household=richer)).inputs
    assert inputs.index.to_list() == [("capacity", "worth of all accounts")]


def test_two_equal_scenarios_have_equal_columns_to_the_bit():
    optimised = SLEEVED.with_changes(method=Method.MEAN_VARIANCE)
    made = compare(EXAMPLE, optimised, EXAMPLE, optimised.with_changes(name="Again"), paths=PATHS)
    assert made.columns[2] == "Example household (2)"
    for one, other in (("Example household", "Example household (2)"), ("Sleeved", "Again")):
        for table in (made.weights, made.risk, made.goals, made.taxes, made.outlook.drop(index="ahead")):
            assert table[one].to_numpy().tobytes() == table[other].to_numpy().tobytes()
        assert np.array_equal(made.prospect(one).at_horizon, made.prospect(other).at_horizon)
    assert made.outlook.loc["ahead", "Example household (2)"] == 0


def test_a_column_is_what_the_projection_of_its_plan_says_by_itself():
    made, alone = compare(EXAMPLE, BOLD, paths=PATHS), project(plan(BOLD), paths=PATHS)
    pd.testing.assert_frame_equal(made.fans["Bold"], alone.fan())
    assert made.outlook.loc["lasts", "Bold"] == alone.lasts.probability
    assert made.goals["Bold"].to_dict() == alone.goal_table["probability"].to_dict()
    at_horizon = alone.fan().iloc[25]
    assert made.outlook.loc[["wealth_5", "wealth_50", "wealth_95"], "Bold"].to_list() == list(at_horizon[[5, 50, 95]])


def test_a_goal_that_only_one_has_is_undefined_elsewhere(compared):
    assert compared.goals.index.to_list() == ["College", "Boat"]
    assert 0 < compared.goals.loc["Boat", "Bold"] < 1
    assert compared.goals.loc["Boat"].drop("Bold").isna().all()


def test_ahead_counts_the_paths_on_which_a_column_ends_with_more(compared):
    first, bold = (compared.prospect(name).at_horizon for name in ("Example household", "Bold"))
    assert compared.outlook.loc["ahead", "Bold"] == (bold > first).mean()
    assert np.isnan(compared.outlook.loc["ahead", "Example household"])


@pytest.mark.parametrize("model", [StudentT(), BlockBootstrap(), RegimeSwitching()], ids=lambda model: model.kind)
def test_markets_of_different_series_draw_the_same_months_under_every_model(model):
    late = built_in_market()
    short = Market(late.universe, late.returns.iloc[24:], late.assumptions)
    plain, sleeved = common_markets([plan(EXAMPLE, short).market, plan(SLEEVED).market])
    assert plain.assumptions.assets == sleeved.assumptions.assets
    drawn = [
        next(sampler(model, market).years(np.random.default_rng(1), 500, 1))[
            :, plain.assumptions.assets.index("us_equity")
        ]
        for market in (plain, sleeved)
    ]
    assert np.corrcoef(np.log(drawn[0]).ravel(), np.log(drawn[1]).ravel())[0, 1] > 0.999


def test_a_market_among_others_assumes_what_it_did_and_moves_with_the_rest_as_they_do():
    own, other = plan(EXAMPLE).market, plan(SLEEVED).market
    among, _ = common_markets([own, other])
    names = list(own.assumptions.assets)
    assert among.assumptions.mean[names].to_list() == own.assumptions.mean.to_list()
    pd.testing.assert_frame_equal(among.assumptions.covariance.loc[names, names], own.assumptions.covariance)
    assert among.universe.split({"crypto": 1.0}) == own.universe.split({"crypto": 1.0}) | {
        "large_cap": 0,
        "balanced": 0,
    }
    assert np.allclose(
        among.assumptions.correlation,
        other.assumptions.correlation.loc[among.assumptions.assets, among.assumptions.assets],
        atol=0.03,
    )
    assert common_markets([own, own]) == (own, own)


def test_differences_between_columns_are_far_less_noisy_than_the_columns(compared):
    ends = {name: compared.prospect(name).at_horizon for name in ("Example household", "Sleeved")}
    apart = np.log(ends["Sleeved"]) - np.log(ends["Example household"])
    assert apart.std() < 0.2 * np.log(ends["Sleeved"]).std()


def test_taxes_are_those_of_the_trades_from_what_is_held(compared):
    made = plan(BOLD)
    trades = rebalance(BOLD.household, made.trade_targets, policy=BOLD.trading)
    taxes = compared.taxes["Bold"]
    assert (taxes["orders"], taxes["tax"], taxes["cost"]) == (len(trades.orders), trades.tax, trades.cost)
    assert compared.taxes["Portfolio today"].drop("tax_drag").to_list() == [0, 0, 0]
    assert compared.taxes.loc["tax_drag"].between(0.0005, 0.005).all()


def test_without_accounts_there_is_no_portfolio_today_and_nothing_to_trade():
    made = compare(EXAMPLE.with_changes(household=None))
    assert made.columns == ("Example household", "60/40")
    assert made.today is None
    assert made.taxes.isna().all(axis=None)


def test_a_blocked_plan_shows_its_targets_and_says_why():
    blocked = BOLD.with_changes(name="<b>", volatility_cap=0.05)
    made = compare(blocked, today=False, sixty_forty=False, paths=PATHS)
    assert made.blockers["column"].to_list() == ["<b>"]
    assert "above the cap of 5 %" in made.blockers["sentence"][0]
    assert made.weights.loc[CRYPTO, "<b>"] == 0.1
    assert "&#x27;&lt;b&gt;&#x27;: The targets as they are" in made._repr_html_()


def test_holdings_beyond_the_range_of_the_profile_are_no_blocker(compared):
    assert compared.weights.loc[CRYPTO, "Portfolio today"] > 0.09
    assert compared.blockers.empty


def test_references_stand_in_the_first_scenarios_market():
    views = (PlanView(subject="equities", expected_return=0.09, confidence=0.5),)
    made = compare(EXAMPLE.with_changes(views=views), EXAMPLE)
    assert made.risk.loc["expected_return", "60/40"] > compare(EXAMPLE).risk.loc["expected_return", "60/40"]


def test_either_reference_can_be_left_out():
    assert compare(EXAMPLE, today=False).columns == ("Example household", "60/40")
    assert compare(EXAMPLE, sixty_forty=False).columns == ("Example household", "Portfolio today")


def test_names_are_made_distinct_from_each_other_and_from_the_references():
    named = EXAMPLE.with_changes(name="60/40")
    made = compare(named, EXAMPLE, named, EXAMPLE.with_changes(name="60/40 (2)"))
    assert made.columns[:4] == ("60/40", "Example household", "60/40 (2)", "60/40 (2) (2)")
    assert made.sixty_forty == "60/40 (3)"
    assert len(set(made.columns)) == len(made.columns)


def test_a_ready_plan_is_taken_as_it_is_and_scenarios_join_its_market():
    market = Market.of(built_in_market().returns.loc["2019":])
    ready = plan(BOLD, market)
    made = compare(ready, EXAMPLE)
    assert made.plans["Bold"] is ready
    assert isinstance(ready.portfolio, Solved) or ready.portfolio is not None
    assert made.plans["Example household"].market is ready.market


def test_progress_rises_to_one_and_stops_the_work_with_what_was_found_kept():
    seen: list[float] = []

    def until_half(part: float) -> None:
        seen.append(part)
        if part > 0.5 and not done:
            raise KeyboardInterrupt

    done = False
    made = compare(EXAMPLE, BOLD, paths=PATHS, progress=until_half)
    _ = made.weights
    assert seen == []
    with pytest.raises(KeyboardInterrupt):
        _ = made.outlook
    kept, done = made.prospect("Example household"), True
    assert len(made.outlook.columns) == 4
    assert made.prospect("Example household") is kept
    assert seen == sorted(seen)
    assert seen[-1] == 1


def test_text_and_html_say_percent_and_money_and_escape_names(compared):
    text = compared.to_text()
    assert "Crypto, of the money" in text
    assert "$" in text
    assert not re.search(r"\bnan\b", text, re.IGNORECASE)
    html = compare(EXAMPLE.with_changes(name="<script>alert(1)</script>"), today=False, paths=PATHS)._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_falls_of_crypto_that_differ_are_named_in_each_column():
    worse = EXAMPLE.with_changes(name="Worse", crypto_fall=0.8)
    text = words.risk(compare(EXAMPLE, worse)).to_string()
    assert "-2.5 % (by 50 %)" in text
    assert "-4 % (by 80 %)" in text


def test_what_cannot_be_compared_is_said_in_words():
    with pytest.raises(InputError, match="one to 4"):
        compare()
    with pytest.raises(InputError, match="5 scenarios"):
        compare(*[EXAMPLE] * 5)
    with pytest.raises(InputError, match="give scenarios"):
        compare("Example")  # type: ignore[arg-type]
    euros = EXAMPLE.with_changes(name="Euros", profile=EXAMPLE.profile.with_changes(currency="EUR"))
    with pytest.raises(InputError, match="one currency"):
        compare(EXAMPLE, euros)
    market = built_in_market()
    fewer = Universe(tuple(each for each in market.universe.classes if each.name != "commodities"))
    other = Market.of(market.returns[list(fewer.series_names)], fewer)
    targets = Targets.in_universe(fewer, weights={"equities": 0.6, "fixed_income": 0.4})
    with pytest.raises(InputError, match="same asset classes"):
        _ = compare(plan(EXAMPLE), plan(EXAMPLE.with_changes(targets=targets), other), paths=PATHS).outlook
