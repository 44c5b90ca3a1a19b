from __future__ import annotations

import datetime as dt
from functools import cache

import numpy as np
import pandas as pd
import pytest

from planner.errors import InputError
from planner.market.coins import coin_returns
from planner.market.market import built_in_market
from planner.market.portfolio import Portfolio
from planner.market.universe import TaxCharacter
from planner.optimise import Group, MaximumReturn, MaximumUtility, MinimumVariance, Solved, optimise, risk_budget
from planner.optimise.sleeve_limits import sleeve_limits
from planner.outlook.crypto_steps import crypto_steps
from planner.outlook.projection import project
from planner.outlook.stress import EPISODES, episode
from planner.planning import plan
from planner.policy.barbell import CryptoView, Sleeve, SleevePart, barbell, sleeve_tilts, worked_sleeve
from planner.policy.crypto import coins_owned, crypto_risk, sleeve_histories, with_sleeve
from planner.policy.crypto_index import index_history
from planner.policy.index_recipes import Balanced, LargeCap
from planner.scenario import EXAMPLE, Method

BARBELL = barbell()
COINS = ("bitcoin", "ether")


@cache
def market(keep: tuple[str, ...] = ()):
    return with_sleeve(built_in_market(), BARBELL, keep=keep)


def one(recipe, **more) -> Sleeve:
    return Sleeve(parts=(SleevePart(name="index", recipe=recipe, share=1.0, **more),))


# The market


def test_the_indices_are_the_series_of_crypto_shared_out_as_in_the_sleeve():
    crypto = market().universe["crypto"]
    assert {member.name: member.share for member in crypto.series} == pytest.approx(BARBELL.shares)
    assert {member.tax for member in crypto.series} == {TaxCharacter.PROPERTY}
    for member, history in zip(crypto.series, sleeve_histories(BARBELL).values(), strict=True):
        assert member.turnover == history.turnover_a_year
        assert member.distributions == 0
    assert market().universe.class_names == built_in_market().universe.class_names


def test_crypto_weighs_in_the_market_portfolio_what_it_did():
    before, after = built_in_market().universe, market().universe
    assert after.by_class(after.market_weights) == pytest.approx(before.by_class(before.market_weights))


def test_a_sleeve_of_bitcoin_and_ether_by_value_is_expected_to_return_what_the_class_was():
    made = with_sleeve(built_in_market(), one(LargeCap()))
    before = built_in_market()
    expected = Portfolio.of(before.assumptions, before.universe.split({"crypto": 1.0})).expected_return
    assert made.assumptions.mean["index"] == pytest.approx(expected, abs=0.005)


def test_returns_are_those_of_the_index_and_earlier_months_those_of_the_rest_of_the_class():
    returns, complete = market().returns, market().complete_returns
    own = index_history(Balanced()).returns
    assert np.array_equal(returns["balanced"].dropna(), own)
    assert np.allclose(complete["balanced"].loc[:"2018-11-30"], complete["large_cap"].loc[:"2018-11-30"])
    assert np.allclose(returns["large_cap"].loc[:"2017-11"], coin_returns()["btc"].loc[:"2017-11"])


def test_a_series_that_starts_later_takes_no_month_from_the_others():
    before, after = built_in_market().assumptions, market().assumptions
    for name in ("us_equity", "gold"):
        assert after.volatility[name] == pytest.approx(before.volatility[name])
    assert after.volatility["large_cap"] == pytest.approx(market().returns["large_cap"].std() * 12**0.5)


def test_fees_come_off_the_expected_return_and_leave_the_risk():
    free, paid = (with_sleeve(built_in_market(), one(LargeCap(fee=fee))).assumptions for fee in (0.0, 0.02))
    assert paid.mean["index"] == pytest.approx(free.mean["index"] - 0.02, abs=2e-3)
    assert paid.mean["us_equity"] == pytest.approx(free.mean["us_equity"], abs=1e-4)
    assert paid.draws.mean(axis=0) * 12 == pytest.approx(paid.mu)


def test_survivorship_is_among_the_notes_of_the_assumptions_once():
    assert sum("survived to 2025" in note for note in market().assumptions.notes) == 1


def test_a_sleeve_of_the_users_own_coins_takes_their_histories():
    rng = np.random.default_rng(3)
    days = built_in_market().returns.index[-60:]
    own = pd.DataFrame(rng.normal(0.01, 0.1, (60, 2)), days, ["uni", "aave"])
    sleeve = one(LargeCap(fixed={"uni": 0.5, "aave": 0.5}))
    made = with_sleeve(built_in_market(), sleeve, sleeve_histories(sleeve, own))
    assert made.returns["index"].count() == 60
    short = sleeve_histories(sleeve, own.iloc[:-1])
    with pytest.raises(InputError, match="does not reach the market's last month, September 2025"):
        with_sleeve(built_in_market(), sleeve, short)
    with pytest.raises(InputError, match="no history of the sleeve's 'index'"):
        with_sleeve(built_in_market(), sleeve, {})
    with pytest.raises(InputError, match="'gold' is no series of the market's crypto"):
        with_sleeve(built_in_market(), BARBELL, keep=("gold",))


def test_an_index_may_not_have_the_name_of_another_series():
    sleeve = Sleeve(parts=(SleevePart(name="gold", recipe=LargeCap(), share=1.0),))
    with pytest.raises(InputError, match="'gold' appears twice"):
        with_sleeve(built_in_market(), sleeve)


# What the rest of the house makes of it


@pytest.mark.parametrize("method", list(Method))
def test_every_method_plans_in_the_sleeves_market(method):
    made = plan(EXAMPLE.with_changes(method=method), market())
    assert made.blockers == ()
    assert sum(made.portfolio.weights) == pytest.approx(1)
    assert made.to_text()


def test_the_targets_hold_each_index_at_its_share():
    held = plan(EXAMPLE, market()).portfolio.by_asset
    assert {name: held[name] for name in BARBELL.shares} == pytest.approx(
        {name: 0.05 * share for name, share in BARBELL.shares.items()}
    )


def test_crypto_steps_stress_and_projection_work_with_indices():
    made = plan(EXAMPLE.with_changes(household=None), market())
    steps = crypto_steps(made.class_weights, [0.0, 0.05, 0.10], market())
    assert steps["crypto_risk_share"].is_monotonic_increasing
    assert all(episode(made.shown.by_asset, market(), each).table.loc["crypto", "change"] < 0 for each in EPISODES)
    assert project(made, paths=50).model == EXAMPLE.return_model


def test_a_household_with_coins_of_its_own_keeps_them_beside_the_indices_and_the_plan_buys_none():
    assert coins_owned(EXAMPLE.household, built_in_market().universe) == COINS
    assert coins_owned(None, built_in_market().universe) == ()
    kept = market(COINS)
    made = plan(EXAMPLE, kept)
    assert made.portfolio.by_asset["bitcoin"] == 0
    assert project(made, paths=50).model == EXAMPLE.return_model
    found = optimise(kept.assumptions, MaximumUtility(0.5), sleeve_limits(BARBELL, kept.universe))
    assert found.weights[list(COINS)].abs().max() == 0
    assert found.weights["large_cap"] > 0.01


def test_a_tilt_inside_the_sleeve_leads_the_plans_series_and_leaves_the_class():
    days = (dt.date(2025, 1, 1), dt.date(2026, 1, 1))
    tilts = sleeve_tilts(BARBELL, BARBELL.tilted(CryptoView.BULLISH, 0.02), 0.05, "new highs", days)
    made = plan(EXAMPLE.with_changes(tilts=tilts), market(), dt.date(2025, 6, 1))
    assert made.blockers == ()
    assert made.tactical.targets.weights["crypto"] == pytest.approx(0.05)
    assert made.tactical.series["growth"] == pytest.approx(0.05 * 0.16)


# Limits


@pytest.mark.parametrize(
    "objective", [MaximumReturn(0.10), MinimumVariance(), MaximumUtility(1.0), MaximumUtility(6.0)]
)
@pytest.mark.parametrize("sleeve", [BARBELL, worked_sleeve()])
def test_an_optimiser_keeps_the_ranges_of_the_sleeve(objective, sleeve):
    made = with_sleeve(built_in_market(), sleeve)
    members = made.universe.members("crypto")
    crypto = Group("Crypto", members, lower=0.02, upper=0.10)
    found = optimise(made.assumptions, objective, [crypto, *sleeve_limits(sleeve, made.universe)])
    assert isinstance(found, Solved)
    total = found.weights[list(members)].sum()
    for part in sleeve.parts:
        low, high = part.range if part.has_range else (part.share, part.share)
        assert low - 1e-6 <= found.weights[part.name] / total <= high + 1e-6


def test_risk_budgets_inside_the_sleeve_keep_its_ranges():
    made = market()
    budgets = made.universe.split({"equities": 0.6, "fixed_income": 0.2, "crypto": 0.2})
    others = [Group(name, made.universe.members(name), upper=0.0) for name in ("real_estate", "commodities", "cash")]
    found = risk_budget(made.assumptions, budgets, [*others, *sleeve_limits(BARBELL, made.universe)])
    assert isinstance(found, Solved)
    shares = found.weights[list(BARBELL.shares)] / found.weights[list(BARBELL.shares)].sum()
    for part in BARBELL.parts:
        assert part.range[0] - 1e-5 <= shares[part.name] <= part.range[1] + 1e-5


def test_limits_leave_out_what_the_others_say():
    assert sleeve_limits(one(LargeCap()), with_sleeve(built_in_market(), one(LargeCap())).universe) == ()
    worked = with_sleeve(built_in_market(), worked_sleeve())
    (limit,) = sleeve_limits(worked_sleeve(), worked.universe)
    assert limit.sentence() == "Large-cap index exactly 60 % of Crypto"
    with pytest.raises(InputError, match="without the sleeve's 'large_cap'"):
        sleeve_limits(BARBELL, built_in_market().universe)


# Risk


def test_what_the_indices_contribute_sums_to_the_risk_of_crypto():
    made = plan(EXAMPLE, market())
    table = crypto_risk(made.shown, market().universe)
    assert table["risk_share"].sum() == pytest.approx(made.class_risk["crypto"])
    assert table["contribution"].sum() == pytest.approx(made.class_risk["crypto"] * made.shown.volatility)
    assert table["part"].tolist() == pytest.approx(list(BARBELL.shares.values()))


def test_what_an_index_adds_is_the_volatility_without_its_money_in_cash_taken_away():
    made = plan(EXAMPLE, market())
    table = crypto_risk(made.shown, market().universe)
    without = made.shown.by_asset
    without |= {"cash": without["cash"] + without["growth"], "growth": 0.0}
    expected = made.shown.volatility - Portfolio.of(market().assumptions, without).volatility
    assert table.loc["growth", "added"] == pytest.approx(expected)
    nothing = Portfolio.of(market().assumptions, {"cash": 1.0})
    assert crypto_risk(nothing, market().universe)["added"].tolist() == [0, 0, 0]
