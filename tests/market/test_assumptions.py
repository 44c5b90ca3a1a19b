"""Assumptions refuse what is wrong, repair only rounding noise, and cannot be changed."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import weakref

import numpy as np
import pandas as pd
import pytest

from planner.errors import InputError
from planner.market.assumptions import Assumptions
from planner.market.portfolio import Portfolio

NAMES = ["stocks", "bonds", "coins"]
COVARIANCE = [[0.0225, 0.001, 0.03], [0.001, 0.0025, 0.0], [0.03, 0.0, 0.49]]


def mean(*values):
    return pd.Series(values or (0.07, 0.04, 0.1), NAMES)


def covariance(matrix=COVARIANCE, names=NAMES):
    return pd.DataFrame(matrix, names, names)


def changed(row, column, value, both=True):
    matrix = np.array(COVARIANCE)
    matrix[row, column] = value
    if both:
        matrix[column, row] = value
    return covariance(matrix)


@pytest.fixture
def assumptions():
    return Assumptions(mean(), covariance(), 0.03)


def months(*rows):
    return pd.DataFrame(rows or [(0.01, 0.0, 0.3), (-0.03, 0.01, -0.4), (0.02, 0.0, 0.1)], columns=NAMES)


def test_volatility_and_correlation_follow_from_the_covariance(assumptions):
    assert assumptions.assets == ("stocks", "bonds", "coins")
    assert assumptions.volatility.to_dict() == pytest.approx({"stocks": 0.15, "bonds": 0.05, "coins": 0.7})
    assert assumptions.correlation.loc["stocks", "coins"] == pytest.approx(0.03 / 0.105)
    assert assumptions.notes == ()


def test_neither_the_inputs_nor_what_it_hands_out_can_change_it(assumptions):
    given_mean, given_covariance = mean(), covariance()
    mine = Assumptions(given_mean, given_covariance, 0.03)
    given_mean["stocks"] = 0.5
    given_covariance.loc["stocks", "stocks"] = 0.5
    assert mine.mean["stocks"] == mine.mu[0] == 0.07
    assert mine.covariance.loc["stocks", "stocks"] == mine.cov[0, 0] == 0.0225
    for array in (mine.mu, mine.cov):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.0
    with pytest.raises(ValueError, match="read-only"):
        mine.mean.iloc[0] = 0.0
    with pytest.raises(ValueError, match="read-only"):
        mine.covariance.iloc[0, 0] = 0.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        mine.risk_free = 0.0


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda original: pickle.loads(pickle.dumps(original))])
def test_a_copy_has_the_same_numbers_and_is_as_frozen(assumptions, duplicate):
    other = duplicate(assumptions)
    assert np.array_equal(other.cov, assumptions.cov)
    assert not other.mu.flags.writeable
    assert not other.cov.flags.writeable


def test_it_serves_as_a_key_and_does_not_hold_itself_alive(assumptions):
    cache = weakref.WeakKeyDictionary({assumptions: 1})
    assert cache[assumptions] == 1
    assert Assumptions(mean(), covariance(), 0.03) not in cache


def test_selecting_takes_some_assets_in_the_order_asked_for(assumptions):
    two = assumptions.select(["coins", "stocks"])
    assert two.assets == ("coins", "stocks")
    assert two.mu.tolist() == [0.1, 0.07]
    assert two.cov.tolist() == [[0.49, 0.03], [0.03, 0.0225]]
    assert two.risk_free == 0.03
    with pytest.raises(InputError, match=r"There is no asset 'gold'. The assets are: stocks, bonds, coins"):
        assumptions.select(["gold"])
    with pytest.raises(InputError, match="'coins' appears twice"):
        assumptions.select(["coins", "coins"])


def test_scenarios_are_copied_frozen_selected_and_kept_by_copies():
    given = months().set_axis(pd.period_range("2020-01", periods=3, freq="M"))
    mine = Assumptions(mean(), covariance(), 0.03, scenarios=given)
    given.iloc[0, 0] = 0.9
    assert mine.scenarios.index.equals(given.index)
    assert mine.draws.tolist() == mine.scenarios.to_numpy().tolist() == months().to_numpy().tolist()
    for frozen in (mine.draws, mine.scenarios.iloc):
        with pytest.raises(ValueError, match="read-only"):
            frozen[0, 0] = 0.0
    for other in (copy.deepcopy(mine), pickle.loads(pickle.dumps(mine))):
        pd.testing.assert_frame_equal(other.scenarios, mine.scenarios)
        assert not other.draws.flags.writeable
    assert mine.select(["coins", "bonds"]).draws.tolist() == [[0.3, 0.0], [-0.4, 0.01], [0.1, 0.0]]
    without = Assumptions(mean(), covariance(), 0.03)
    assert without.scenarios is without.draws is without.select(["bonds"]).draws is None


@pytest.mark.parametrize(
    ("scenarios", "message"),
    [
        ([[0.01, 0.0, 0.3]] * 2, r"scenarios must be a pandas DataFrame of monthly returns"),
        (months().drop(columns="bonds"), r"'bonds' is not in both the mean and the columns of the scenarios"),
        (months().assign(gold=0.0), r"'gold' is not in both the mean and the columns of the scenarios"),
        (months()[NAMES[::-1]], r"\(stocks, bonds, coins\), each once: write scenarios\[mean.index\]"),
        (months()[[*NAMES, "coins"]], r"stocks, bonds, coins\), each once"),
        (months((0.01, 0.0, 0.3)), r"fewer than two rows"),
        (months((0.01, 0.0, 0.3), (0.01, np.nan, 0.3)), r"scenario return of '1', 'bonds' is nan"),
        (months((0.01, 0.0, 0.3), (0.01, 0.0, -40)), r"return of 'coins' in row 2 is -40: .* Give fractions"),
    ],
)
def test_wrong_scenarios_are_refused_with_the_place_and_the_remedy(scenarios, message):
    with pytest.raises(InputError, match=message):
        Assumptions(mean(), covariance(), 0.03, scenarios=scenarios)


@pytest.mark.parametrize("kind", ["object", "category"])
def test_names_are_the_same_whatever_they_are_stored_as(kind):
    stored = pd.Index(NAMES).astype(kind)
    mine = Assumptions(mean().set_axis(stored), covariance(), 0.03, scenarios=months())
    assert mine.assets == tuple(NAMES)
    assert mine.mean.index.equals(mine.scenarios.columns)
    assert mine.mean.index.dtype == "str"


def test_an_index_that_is_renamed_by_its_owner_stays_unnamed_here():
    given = mean()
    mine = Assumptions(given, covariance(), 0.03)
    given.index.name = "asset"
    weights = Portfolio(mine, np.array([0.5, 0.5, 0.0])).weights
    weights.index.name = "asset"
    assert mine.mean.index.name is None


def test_the_conditional_value_at_risk_is_the_least_of_rockafellar_and_uryasevs_function():
    draws = np.random.default_rng(5).standard_t(3, (37, 3)) * [0.04, 0.01, 0.15]
    mine = Assumptions(mean(), covariance(), 0.03, scenarios=months(*draws.clip(-1)))
    portfolio = Portfolio.of(mine, {"stocks": 0.5, "bonds": 0.3, "coins": 0.2})
    losses = -mine.draws @ portfolio.w
    for confidence in (0.01, 0.5, 0.9, 0.95, 0.99, 0.999):
        # Piecewise linear in a with its corners at the losses: the least is at one of them.
        values = [a + np.maximum(losses - a, 0).mean() / (1 - confidence) for a in losses]
        assert portfolio.cvar(confidence) == pytest.approx(min(values), rel=1e-12)
    worst = np.sort(losses)[::-1]
    assert portfolio.cvar(1 - 2.5 / 37) == pytest.approx((worst[0] + worst[1] + worst[2] / 2) / 2.5, rel=1e-12)


def test_a_conditional_value_at_risk_needs_scenarios_and_a_confidence(assumptions):
    with pytest.raises(InputError, match="have no scenarios to lose in"):
        Portfolio.of(assumptions, {"bonds": 1}).cvar(0.95)
    with_months = Assumptions(mean(), covariance(), 0.03, scenarios=months())
    for confidence in (0, 1, 95, float("nan"), "high"):
        with pytest.raises(InputError, match=f"The confidence is {confidence}: give a fraction"):
            Portfolio.of(with_months, {"bonds": 1}).cvar(confidence)


def test_an_asset_without_variance_is_allowed():
    vault = Assumptions(mean(0.07, 0.04, 0.03), changed(2, 2, 0.0).mul([1, 1, 0]).mul([1, 1, 0], axis=0), 0.03)
    assert vault.volatility["coins"] == 0
    assert np.isnan(vault.correlation.loc["coins", "stocks"])


def test_rounding_noise_is_repaired_and_said():
    uneven = Assumptions(mean(), changed(0, 1, 0.001 + 1e-13, both=False), 0.03)
    assert np.array_equal(uneven.cov, uneven.cov.T)
    assert any("two halves were averaged" in note for note in uneven.notes)

    loading = np.array([0.15, 0.05, 0.7])
    singular = np.outer(loading, loading) - 1e-12 * np.eye(3)
    repaired = Assumptions(mean(), covariance(singular), 0.03)
    assert np.linalg.eigvalsh(repaired.cov).min() > -1e-15
    assert repaired.cov == pytest.approx(singular, abs=1e-11)
    assert any("an eigenvalue of -1.0e-12 became 0" in note for note in repaired.notes)
    assert repaired.select(NAMES).notes == repaired.notes


def test_a_clean_singular_covariance_is_left_alone():
    loading = np.array([0.15, 0.05, 0.7])
    assert Assumptions(mean(), covariance(np.outer(loading, loading)), 0.03).notes == ()


def test_an_eigenvalue_just_beyond_rounding_noise_is_refused_and_not_repaired():
    least = -0.5 - 1e-9  # three equal correlations cannot all be below -1/2
    correlation = np.full((3, 3), least) + (1 - least) * np.eye(3)
    with pytest.raises(InputError, match=r"its smallest eigenvalue is -4\.5e-11"):
        Assumptions(mean(), covariance(correlation * 0.0225), 0.03)


def test_a_contradiction_among_correlations_names_its_eigenvalue_and_carriers():
    correlation = np.array([[1, 0.9, 0.9], [0.9, 1, -0.9], [0.9, -0.9, 1]])
    with pytest.raises(
        InputError, match=r"smallest eigenvalue is -0.018, carried by .*stocks.* contradict each other: estimate"
    ):
        Assumptions(mean(), covariance(correlation * 0.0225), 0.03)


@pytest.mark.parametrize(
    ("given_mean", "given_covariance", "risk_free", "message"),
    [
        (mean(), changed(0, 1, 0.002, both=False), 0.03, r"not symmetric: 0.00[12] for 'stocks' and 'bonds'.* Make"),
        (mean(), changed(0, 0, -0.01), 0.03, r"The variance of 'stocks' is -0.01"),
        (mean(), changed(0, 1, 0.01), 0.03, r"'stocks' and 'bonds' is 0.01, more .* \(0.0075\): .* beyond 1"),
        (mean(7, 4, 10), covariance(), 0.03, r"expected return of 'stocks' is 7, .* 700% a year: .* 0.07 for 7 %"),
        (mean(0.07, 1.5, 0.1), covariance(), 0.03, r"expected return of 'bonds' is 1.5"),
        (mean(), covariance(np.array(COVARIANCE) * 1e4), 0.03, r"volatility of 'stocks' is 1500%.* divide one in perc"),
        (mean(), covariance(), 3.3, r"risk-free rate is 3.3: give an annual decimal .* \(0.033 is 3.3 %\)"),
        (mean(), covariance(), float("nan"), r"risk-free rate is nan"),
        (mean(), covariance(), "3 %", r"risk-free rate is 3 %"),
        (mean(0.07, np.nan, 0.1), covariance(), 0.03, r"The mean of 'bonds' is nan: give a finite number"),
        (mean(), changed(0, 2, np.inf), 0.03, r"The covariance of 'stocks', 'coins' is inf"),
        (mean().astype(object).replace(0.04, "much"), covariance(), 0.03, r"The mean holds something that is not a nu"),
        (mean().rename({"bonds": "bills"}), covariance(), 0.03, r"'bills' is not in both the mean and the rows"),
        (mean()[["stocks", "bonds"]], covariance(), 0.03, r"'coins' is not in both the mean and the rows"),
        (
            mean()[NAMES[::-1]],
            covariance(),
            0.03,
            r"another order than the mean .* covariance.loc\[mean.index",
        ),
        (mean(), covariance().rename(columns={"coins": "chips"}), 0.03, r"'coins' is not in both .* the columns"),
        (pd.Series(dtype=float), pd.DataFrame(), 0.03, r"There are no assets"),
        ([0.07, 0.04, 0.1], covariance(), 0.03, r"must be a pandas Series"),
    ],
)
def test_wrong_assumptions_are_refused_with_the_place_and_the_remedy(given_mean, given_covariance, risk_free, message):
    with pytest.raises(InputError, match=message):
        Assumptions(given_mean, given_covariance, risk_free)


def test_the_page_shows_percent_and_the_notes_and_escapes_names():
    shown = Assumptions(
        pd.Series([0.07], ["<b>"]), pd.DataFrame([[0.0225]], ["<b>"], ["<b>"]), 0.033, ("A & B",)
    )._repr_html_()
    assert "<th>&lt;b&gt;</th><td>7.0%</td><td>15.0%</td>" in shown
    assert "Risk-free rate 3.3%" in shown
    assert "<li>A &amp; B</li>" in shown
