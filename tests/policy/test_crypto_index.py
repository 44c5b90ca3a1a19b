from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from planner.errors import InputError
from planner.market.coins import CARRIED_VALUES, coin_market_values, coin_returns
from planner.market.history import history
from planner.market.steps import Step
from planner.policy.crypto_index import NO_CASH_RETURNS, index_history
from planner.policy.frequency import Frequency
from planner.policy.index_history import ONLY_WHAT_IS_THERE, STABLE_VALUE, SURVIVORS, Change
from planner.policy.index_recipes import (
    Balanced,
    CappedMarketValue,
    EqualWeight,
    Growth,
    InverseVolatility,
    LargeCap,
    Leaders,
    Recipe,
    Sector,
    Weighting,
)
from planner.policy.index_terms import Screen, Trend
from planner.policy.index_weights import capped

MONTHLY = Frequency.MONTHLY
AT_ONCE = Screen()


def months(rows: int, first: str = "2023-12-31") -> pd.DatetimeIndex:
    return pd.date_range(first, periods=rows, freq="ME")


def coins(first: str = "2023-12-31", **columns: list[float | None]) -> pd.DataFrame:
    return pd.DataFrame(columns, months(len(next(iter(columns.values()))), first), dtype=float)


def fixed(**weights: float) -> LargeCap:
    return LargeCap(fixed=weights, rebalancing=MONTHLY)


# Known numbers


def test_an_index_of_bitcoin_alone_has_bitcoins_returns():
    found = index_history(fixed(btc=1.0))
    assert np.allclose(found.returns, coin_returns()["btc"], rtol=0, atol=1e-13)
    assert found.levels.iloc[0] == 100
    assert found.levels.index[0] == pd.Timestamp("2014-09-30")
    assert found.turnover.sum() == 0


def test_sixty_forty_set_monthly_is_the_closed_form_in_returns_and_turnover():
    found = index_history(fixed(btc=0.6, eth=0.4))
    both = coin_returns().loc["2017-12":, ["btc", "eth"]]
    returns = 0.6 * both["btc"] + 0.4 * both["eth"]
    assert np.allclose(found.returns.loc["2017-12":], returns, rtol=0, atol=1e-13)
    drifted = 0.6 * (1 + both["btc"]) / (1 + returns)
    assert np.allclose(found.turnover.loc["2017-12":], abs(drifted - 0.6), rtol=0, atol=1e-13)
    assert found.turnover.loc["2017-11-30"] == pytest.approx(0.4)


def test_market_value_weights_of_an_unchanged_number_of_coins_grow_as_their_sum_and_need_no_trades():
    found, values = index_history(LargeCap()), coin_market_values().sum(axis=1)
    since = found.levels.loc["2017-12-31":]  # the quarter's end at which ether joins
    assert np.allclose(since / since.iloc[0], values.loc[since.index] / values[since.index[0]])
    assert found.turnover.loc["2018-01":].max() < 1e-12


def test_between_two_settings_weights_drift_with_prices():
    found = index_history(
        EqualWeight(screen=AT_ONCE), coins(a=[1.0, 0.0, 0.0, 0.5], b=[0.0, 0.0, 0.0, 0.0], first="2024-01-31")
    )
    assert found.weights["a"].tolist() == pytest.approx([1 / 2, 2 / 3, 2 / 3, 1 / 2, 3 / 5])
    assert found.turnover.tolist() == pytest.approx([0, 0, 0, 1 / 6, 0])
    assert found.levels.tolist() == pytest.approx([100, 150, 150, 150, 187.5])


@pytest.mark.parametrize(
    ("rebalancing", "looks"), [("monthly", 12), ("quarterly", 4), ("twice a year", 2), ("yearly", 1)]
)
def test_weights_are_set_at_the_ends_of_calendar_periods(rebalancing, looks):
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.normal(0, 0.2, (36, 2)).clip(-0.9), months(36, "2020-01-31"), ["a", "b"])
    found = index_history(EqualWeight(screen=AT_ONCE, rebalancing=rebalancing), table)
    traded = found.turnover[found.turnover > 0]
    assert len(traded) == 3 * looks
    assert found.turnover.loc["2022-12-31"] > 0


def test_a_fee_is_taken_evenly_over_the_year():
    free, paid = (index_history(LargeCap(fixed={"btc": 1.0}, fee=fee)) for fee in (0.0, 0.02))
    assert paid.levels.iloc[12] / free.levels.iloc[12] == pytest.approx(0.98)
    assert paid.levels.iloc[1] / free.levels.iloc[1] == pytest.approx(0.98 ** (1 / 12))


# The cap


@pytest.mark.parametrize(
    ("cap", "expected"),
    [
        (0.4, [0.4, 0.36, 0.18, 0.06]),
        (0.35, [0.35, 0.35, 0.225, 0.075]),
        (0.25, [0.25, 0.25, 0.25, 0.25]),
        (0.1, [0.25, 0.25, 0.25, 0.25]),
        (1.0, [0.5, 0.3, 0.15, 0.05]),
    ],
)
def test_what_is_cut_off_at_the_cap_goes_to_the_others_in_proportion_again_and_again(cap, expected):
    assert capped(np.array([0.5, 0.3, 0.15, 0.05]), cap) == pytest.approx(np.array(expected), abs=1e-15)


@given(
    st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=12).map(lambda values: np.array(values) / np.sum(values)),
    st.floats(0.05, 1.0),
)
def test_capped_weights_are_the_weights_scaled_up_and_cut_at_one_level(weights, cap):
    found = capped(weights, cap)
    assert found.sum() == pytest.approx(1.0)
    if cap * len(weights) <= 1:
        assert np.allclose(found, 1 / len(weights))
        return
    low, high = 1.0, 1e9
    for _ in range(200):
        scale = (low * high) ** 0.5
        low, high = (scale, high) if np.minimum(weights * scale, cap).sum() < 1 else (low, scale)
    assert np.allclose(found, np.minimum(weights * high, cap), atol=1e-9)


def test_too_few_coins_for_the_cap_have_equal_parts_and_that_is_said():
    found = index_history(LargeCap(cap=0.3, rebalancing=MONTHLY))
    assert found.weights.loc["2020-01-31", "btc"] == pytest.approx(0.5)
    assert any("too few coins for the cap" in sentence for sentence in found.sentences)


# Choosing and weighting


def test_inverse_volatility_weights_are_in_inverse_proportion_to_past_deviations():
    found, past = index_history(InverseVolatility()), coin_returns().loc[:"2021-06-30"].tail(12)
    inverse = (1 / past.std(ddof=1)).where(past.notna().all(), 0.0)
    assert np.allclose(found.weights.loc["2021-06-30", past.columns], inverse / inverse.sum())


def test_momentum_holds_the_coins_that_rose_most():
    found, past = index_history(Growth()), coin_returns().loc[:"2023-09-30"].tail(6).drop(columns=["btc", "eth"])
    best = (1 + past).prod().nlargest(4).index
    held = found.weights.loc["2023-09-30"]
    assert held[held > 0].index.sort_values().tolist() == sorted(best)
    assert held[best].tolist() == pytest.approx([0.25] * 4)


def test_balanced_is_half_large_coins_by_value_and_half_the_others_in_equal_parts():
    held = index_history(Balanced()).weights.loc["2024-12-31"]
    value = coin_market_values().loc["2024-12-31"]
    assert held["btc"] == pytest.approx(0.5 * value["btc"] / value.sum())
    assert held[["xrp", "sol"]].tolist() == pytest.approx([0.5 / 8] * 2)
    assert held.sum() == pytest.approx(1)


def test_smaller_names_leave_out_bitcoin_and_ether():
    held = index_history(Growth(leaders=Leaders.SMALLER)).now
    assert held[["btc", "eth"]].sum() == 0
    assert held["avax"] == pytest.approx(1 / 8)


def test_the_capped_index_takes_the_largest_of_the_users_own_market_values():
    table = coins(a=[0.0, 0.0], b=[0.0, 0.0], c=[0.0, 0.0], d=[0.0, 0.0])
    values = pd.DataFrame({"a": [60e9], "b": [30e9], "c": [10e9], "d": [1e9]}, pd.to_datetime(["2023-11-20"]))
    found = index_history(CappedMarketValue(coins=3, cap=0.5, screen=AT_ONCE), table, values)
    assert found.now.drop(STABLE_VALUE).tolist() == pytest.approx([0.5, 0.375, 0.125, 0.0])
    assert CARRIED_VALUES not in found.remarks


def test_market_values_move_with_prices_until_newer_ones_are_known():
    table = coins(a=[1.0, 0.0, 0.0], b=[0.0, 0.0, 0.0], first="2024-01-31")
    values = pd.DataFrame({"a": [50.0, 10.0], "b": [50.0, 30.0]}, pd.to_datetime(["2023-12-31", "2024-02-20"]))
    recipe = Sector(coins=("a", "b"), weighting=Weighting.MARKET_VALUE, screen=AT_ONCE, rebalancing=MONTHLY)
    assert index_history(recipe, table, values).weights["a"].tolist() == pytest.approx([0.5, 2 / 3, 0.25, 0.25])


def test_a_sector_is_the_users_list_by_the_chosen_weights():
    equal = index_history(Sector(coins=("sol", "avax", "ada"))).now
    assert equal[["sol", "avax", "ada"]].tolist() == pytest.approx([1 / 3] * 3)
    calm = index_history(Sector(coins=("sol", "avax", "ada"), weighting=Weighting.INVERSE_VOLATILITY)).now
    assert calm.sum() == pytest.approx(1)
    assert calm["sol"] != pytest.approx(1 / 3, abs=1e-3)


# Membership and the screen


@pytest.mark.parametrize("recipe", [EqualWeight(screen=AT_ONCE), Balanced(), Growth(), InverseVolatility()])
def test_no_coin_is_held_before_its_data_starts(recipe):
    weights, returns = index_history(recipe).weights, coin_returns()
    for coin in returns:
        first_price = returns[coin].first_valid_index() - pd.offsets.MonthEnd()
        assert (weights.loc[weights.index < first_price, coin] == 0).all()


def test_a_coin_joins_at_its_first_price_where_the_screen_asks_for_no_history():
    found = index_history(EqualWeight(screen=AT_ONCE, rebalancing=MONTHLY))
    joined = {member.coin: member.day.isoformat() for member in found.members if member.change is Change.JOINED}
    assert joined["sol"] == "2020-04-30"
    assert joined["avax"] == "2020-09-30"


def test_a_coin_whose_prices_end_is_stable_value_at_its_last_price_until_weights_are_next_set():
    table = coins(a=[0.0, 0.0, 0.0, 0.0], b=[0.5, 0.5, None, None], first="2024-01-31")
    cash = pd.Series(0.01, table.index)
    found = index_history(EqualWeight(screen=AT_ONCE), table, cash=cash)
    after = 0.5 + 0.5 * 1.5**2
    assert found.levels.tolist() == pytest.approx(
        [100, 125, 100 * after, 100 * after, 100 * after]  # what ends earns nothing in the month in which it ends
    )
    assert found.weights["b"].tolist() == pytest.approx([0.5, 0.6, 1.125 / after, 0.0, 0.0])
    assert found.weights[STABLE_VALUE].tolist() == pytest.approx([0, 0, 0, 0, 0])
    assert found.turnover.iloc[3] == pytest.approx(1.125 / after)
    assert [member.sentence for member in found.members] == [
        "2023-12-31: a joined",
        "2023-12-31: b joined",
        "2024-02-29: b taken out at its last price",
    ]
    assert any("may not have got" in sentence for sentence in found.sentences)


def test_stable_value_of_a_coin_that_ended_earns_the_return_of_cash():
    table = coins(a=[0.0] * 4, b=[0.0, None, None, None], first="2024-01-31")
    found = index_history(EqualWeight(screen=AT_ONCE), table, cash=pd.Series(0.01, table.index))
    assert found.returns.tolist() == pytest.approx([0, 0, 0.005, 0])
    assert found.weights[STABLE_VALUE].tolist() == pytest.approx([0, 0, 0.5, 0, 0])


def test_an_index_whose_coins_all_end_holds_stable_value():
    table = coins(a=[0.1, None, None], b=[0.1, None, None], first="2024-01-31")
    found = index_history(EqualWeight(screen=AT_ONCE, rebalancing=MONTHLY), table)
    assert found.now[STABLE_VALUE] == 1
    assert found.levels.iloc[-1] == pytest.approx(110 * (1 + history()["cash"].get(table.index[2], 0.0)))


def test_a_worthless_coin_takes_its_part_of_the_index_with_it():
    table = coins(a=[0.0, 0.0], b=[-1.0, None], first="2024-01-31")
    assert index_history(EqualWeight(screen=AT_ONCE), table).levels.tolist() == pytest.approx([100, 50, 50])
    alone = index_history(Sector(coins=("b",), screen=AT_ONCE), table)
    assert alone.levels.tolist() == [100, 0, 0]


def test_the_screen_asks_for_history_value_and_volume_as_known_on_the_day():
    table = coins(a=[0.0] * 4, b=[None, 0.0, 0.0, 0.0], first="2024-01-31")
    dates = pd.to_datetime(["2023-12-31", "2024-02-29"])
    values = pd.DataFrame({"a": [5.0, 5.0], "b": [5.0, 50.0]}, dates)
    volume = pd.DataFrame({"a": [9.0, 1.0], "b": [9.0, 9.0]}, dates)

    def held(**screen: float) -> list[list[str]]:
        recipe = EqualWeight(screen=Screen(**screen), rebalancing=MONTHLY, fewest=1)
        weights = index_history(recipe, table, values, volume=volume).weights
        return [list(row[row > 0].index) for _, row in weights.iterrows()]

    assert held(months=0) == [["a"], ["a", "b"], ["a", "b"], ["a", "b"], ["a", "b"]]
    assert held(months=2) == [["a"], ["a", "b"], ["a", "b"]]
    assert held(market_value=10) == [["b"], ["b"], ["b"]]
    assert held(volume=5) == [["a"], ["a", "b"], ["b"], ["b"], ["b"]]


def test_an_index_starts_when_enough_coins_are_there():
    found = index_history(EqualWeight(screen=AT_ONCE, fewest=9))
    assert found.levels.index[0] == pd.Timestamp("2020-04-30")
    with pytest.raises(InputError, match="never starts: at no close do 11 coins pass"):
        index_history(EqualWeight(fewest=11))


# The trend signal


def test_the_signal_of_one_close_decides_for_the_next_month():
    table = coins(a=[0.10, -0.20, 0.30, 0.10, -0.05], first="2024-01-31")
    cash = pd.Series(0.01, table.index)
    recipe = Sector(coins=("a",), screen=AT_ONCE, trend=Trend(months=2))
    found = index_history(recipe, table, cash=cash)
    levels = np.array([1, 1.1, 0.88, 1.144, 1.2584, 1.19548])
    on = [True, *(levels[1:] >= (levels[1:] + levels[:-1]) / 2)]
    assert found.signal.tolist() == on == [True, True, False, True, True, False]
    assert found.returns.tolist() == pytest.approx([0.10, -0.20, 0.01, 0.10, -0.05])
    assert found.turnover.tolist() == pytest.approx([0, 0, 1, 1, 0, 1])
    assert found.weights[STABLE_VALUE].tolist() == pytest.approx([0, 0, 1, 0, 0, 1])


def test_the_built_in_cash_is_what_stable_value_earns():
    found = index_history(LargeCap(trend=Trend()))
    off = found.signal.shift(1).iloc[1:].eq(False)
    assert off.any()
    assert np.allclose(found.returns[off], history()["cash"][off])


def weeks(rows: int, columns: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    days = pd.date_range("2022-01-02", periods=rows, freq="W-SUN")
    return pd.DataFrame(rng.normal(0, 0.1, (rows, columns)), days, list("abcd")[:columns])


def test_a_weekly_look_may_switch_in_any_week_and_a_monthly_one_at_the_turn_of_the_month_only():
    def switches(look: Step) -> pd.DatetimeIndex:
        signal = index_history(EqualWeight(screen=AT_ONCE, trend=Trend(months=2, look=look)), weeks(150)).signal
        return pd.DatetimeIndex(signal.index[signal != signal.shift(1).fillna(True)])

    monthly, weekly = switches(Step.MONTHLY), switches(Step.WEEKLY)
    assert len(weekly) > len(monthly) > 0
    assert ((monthly + pd.Timedelta(days=7)).month != monthly.month).all()
    with pytest.raises(InputError, match="weekly look at the trend needs weekly returns"):
        index_history(LargeCap(trend=Trend(look=Step.WEEKLY)))


def test_stable_value_without_returns_of_cash_earns_nothing_and_that_is_said():
    found = index_history(EqualWeight(screen=AT_ONCE, trend=Trend(months=2)), weeks(150))
    off = found.signal.shift(1).iloc[1:].eq(False)
    assert found.returns[off].abs().max() == 0
    assert NO_CASH_RETURNS in found.remarks


def test_weekly_indices_have_returns_of_whole_months_for_the_optimiser():
    found = index_history(EqualWeight(screen=AT_ONCE), weeks(30))
    assert found.step is Step.WEEKLY
    assert NO_CASH_RETURNS not in found.remarks
    assert found.monthly_returns.index[[0, -1]].tolist() == [pd.Timestamp("2022-01-31"), pd.Timestamp("2022-06-30")]
    february = found.levels["2022-02-27"] / found.levels["2022-01-30"] - 1
    assert found.monthly_returns["2022-02-28"] == pytest.approx(february)


# The past does not know the future

RECIPES = [
    LargeCap(fixed={"a": 0.7, "b": 0.3}),
    EqualWeight(screen=Screen(months=3), cap=0.4),
    Growth(months=3, coins=2, screen=AT_ONCE, rebalancing=MONTHLY),
    InverseVolatility(months=4, screen=AT_ONCE),
    CappedMarketValue(cap=0.45, screen=Screen(market_value=50.0), rebalancing=MONTHLY, fewest=1),
    Sector(coins=("a", "c"), weighting=Weighting.MARKET_VALUE, screen=AT_ONCE, trend=Trend(months=3)),
    EqualWeight(screen=AT_ONCE, trend=Trend(months=4), fee=0.02),
]


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(RECIPES), st.integers(0, 2**32 - 1), st.integers(18, 28), st.sampled_from(["ME", "W-SUN"]))
def test_changing_the_future_never_changes_the_past(recipe, seed, until, freq):
    rng = np.random.default_rng(seed)
    days = pd.date_range("2020-01-31", periods=30, freq=freq)
    table = pd.DataFrame(rng.normal(0.02, 0.25, (30, 4)).clip(-0.95, 3), days, list("abcd"))
    table.iloc[: rng.integers(0, 12), 2] = np.nan
    values = pd.DataFrame(np.exp(rng.normal(4, 1, (30, 4))), days, list("abcd"))
    other, other_values = table.copy(), values.copy()
    other.iloc[until:] = rng.normal(0, 0.3, other.iloc[until:].shape).clip(-0.95, 3)
    other_values.iloc[until:] = np.exp(rng.normal(4, 2, other.iloc[until:].shape))
    other.iloc[until + 1 :, 1] = np.nan  # and one coin dies there
    cut = (table.iloc[:until], values.iloc[:until])
    made = [index_history(recipe, *data) for data in ((table, values), (other, other_values), cut)]
    close = days[until - 1]
    for future in made[1:]:
        pd.testing.assert_series_equal(made[0].levels[:close], future.levels[:close])
        pd.testing.assert_frame_equal(made[0].weights[:close], future.weights[:close])
        pd.testing.assert_series_equal(made[0].turnover[:close], future.turnover[:close])
        assert [m for m in made[0].members if m.day < close.date()] == [
            m for m in future.members if m.day < close.date()
        ]


# What is said


def test_survivorship_is_the_last_sentence_of_every_index_and_stands_in_its_html():
    own = index_history(EqualWeight(screen=AT_ONCE), coins(a=[0.1, 0.2], b=[0.1, 0.1]))
    for found, note in ((index_history(Balanced()), SURVIVORS), (own, ONLY_WHAT_IS_THERE)):
        assert found.sentences[-1] == found.note == note
        assert note in found._repr_html_()


def test_approximate_market_values_are_said_where_they_decide():
    assert CARRIED_VALUES in index_history(LargeCap()).sentences
    assert CARRIED_VALUES not in index_history(EqualWeight()).sentences


def test_labels_are_escaped_on_the_page():
    assert "<script>" not in index_history(EqualWeight(label="<script>alert(1)</script>"))._repr_html_()


def test_figures_of_a_history_are_those_of_its_levels():
    found = index_history(fixed(btc=1.0))
    returns = coin_returns()["btc"]
    assert found.growth == pytest.approx((1 + returns).prod() ** (1 / 11) - 1)
    assert found.volatility == pytest.approx(returns.std() * 12**0.5)
    assert found.turnover_a_year == 0
    assert found.deepest_fall == pytest.approx((found.levels / found.levels.cummax()).min() - 1)


# Errors and storage


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        (CappedMarketValue(), "needs the market value of 'xrp'"),
        (EqualWeight(screen=Screen(market_value=1e9)), "needs the market value of 'xrp'"),
        (Sector(coins=("sol", "uni")), "no returns of 'uni'"),
        (EqualWeight(screen=Screen(volume=1.0)), "there are no volumes"),
    ],
)
def test_what_a_recipe_needs_and_lacks_is_said(recipe, said):
    with pytest.raises(InputError, match=said):
        index_history(recipe)


def test_recipes_that_contradict_themselves_are_refused():
    with pytest.raises(InputError, match=r"sum to 0\.9"):
        LargeCap(fixed={"btc": 0.5, "eth": 0.4})
    with pytest.raises(InputError, match="stands twice"):
        Sector(coins=("sol", "sol"))


@pytest.mark.parametrize("recipe", [*RECIPES, Balanced(), LargeCap(), Growth(leaders=Leaders.SMALLER)])
def test_recipes_are_stored_and_read_as_what_they_are(recipe):
    stored = json.loads(recipe.model_dump_json())
    assert TypeAdapter(Recipe).validate_python(stored) == recipe
    assert stored["kind"] == recipe.kind
    assert recipe.sentence.startswith(recipe.label)
