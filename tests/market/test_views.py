"""Views: what they say, and what Black and Litterman make of them."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from planner.errors import InputError
from planner.market.assumptions import Assumptions, equilibrium
from planner.market.market import built_in_market
from planner.market.views import DEFAULT_TAU, View, black_litterman

NAMES = ["stocks", "bonds", "coins"]
MEAN = np.array([0.07, 0.04, 0.1])
COVARIANCE = np.array([[0.0225, 0.001, 0.03], [0.001, 0.0025, 0.0], [0.03, 0.0, 0.49]])
COINS, MIX, COINS_OVER_STOCKS = {"coins": 1}, {"stocks": 0.6, "bonds": 0.4}, {"coins": 1, "stocks": -1}

TORN = View(COINS, 0.2, 0.4), View(MIX, 0.09, 0.7), View(COINS_OVER_STOCKS, -0.02, variance=0.001)
"""Three views that disagree with the prior and with each other."""


@pytest.fixture
def prior():
    draws = np.random.default_rng(3).normal(size=(60, 3)) * [0.04, 0.015, 0.1] + MEAN / 12
    scenarios = pd.DataFrame(draws, pd.period_range("2020-01", periods=60, freq="M"), NAMES)
    return Assumptions(pd.Series(MEAN, NAMES), pd.DataFrame(COVARIANCE, NAMES, NAMES), 0.03, scenarios=scenarios)


@pytest.fixture
def idzorek(vectors):
    case = vectors["idzorek-8"]
    names = [f"asset {place}" for place in range(8)]
    covariance = pd.DataFrame(case["covariance"], names, names)
    weights = dict(zip(names, case["market_weights"], strict=True))

    def assumptions(risk_free):
        return Assumptions(equilibrium(covariance, weights, case["risk_aversion"], risk_free), covariance, risk_free)

    def views(risk_free=0.0, **certainty):
        return [
            View(dict(zip(names, pick, strict=True)), expected + risk_free * sum(pick), **certainty)
            for pick, expected in zip(case["P"], case["Q"], strict=True)
        ]

    return case, assumptions, views


def textbook(prior, views, tau):
    """Posterior mean and covariance of its error by inverse precisions: He & Litterman (1999)."""
    picks = np.array([[view.weights.get(asset, 0.0) for asset in prior.assets] for view in views])
    omega = np.array(
        [
            view.variance if view.confidence is None else (1 / view.confidence - 1) * tau * pick @ prior.cov @ pick
            for view, pick in zip(views, picks, strict=True)
        ]
    )
    before = np.linalg.inv(tau * prior.cov)
    error = np.linalg.inv(before + picks.T @ np.diag(1 / omega) @ picks)
    expected = np.array([view.expected_return for view in views])
    return error @ (before @ prior.mu + picks.T @ (expected / omega)), error


def optimal_weights(assumptions, risk_aversion):
    return np.linalg.solve(risk_aversion * assumptions.cov, assumptions.mu - assumptions.risk_free)


@pytest.mark.parametrize("risk_free", [0.0, 0.033])
def test_idzoreks_example_is_reproduced_whether_returns_hold_the_risk_free_rate_or_not(idzorek, risk_free):
    case, assumptions, views = idzorek
    prior = assumptions(risk_free)
    result = black_litterman(prior, views(risk_free, confidence=0.5), case["tau"])
    assert result.view_table["variance"].tolist() == pytest.approx(case["omega_diag"], abs=5e-7)
    excess = (result.table - [risk_free, risk_free, 0]) * 100
    assert excess["prior"].tolist() == pytest.approx(case["implied_returns_pct"], abs=0.03)
    assert excess["posterior"].tolist() == pytest.approx(case["posterior_returns_pct"], abs=0.03)
    weights = optimal_weights(result.posterior, case["risk_aversion"]) * 100
    assert weights.tolist() == pytest.approx(case["weights_pct"], abs=0.06)
    assert weights.sum() == pytest.approx(103.63, abs=0.06)


def test_idzoreks_published_variances_give_the_same(idzorek):
    case, assumptions, views = idzorek
    given_variances = [
        dataclasses.replace(view, variance=omega)
        for view, omega in zip(views(variance=1), case["omega_diag"], strict=True)
    ]
    result = black_litterman(assumptions(0.0), given_variances, case["tau"])
    assert (result.posterior.mu * 100).tolist() == pytest.approx(case["posterior_returns_pct"], abs=0.03)
    assert result.view_table["variance"].tolist() == pytest.approx(case["omega_diag"], rel=1e-12)
    assert result.view_table["confidence"].tolist() == pytest.approx([0.5] * 3, abs=1e-3)


@pytest.mark.parametrize("confidence", [0.25, 0.5, 0.65])
@pytest.mark.parametrize("place", range(3))
def test_a_confidence_is_what_idzoreks_eight_steps_arrive_at(idzorek, place, confidence):
    case, assumptions, views = idzorek
    prior, aversion, tau = assumptions(0.0), case["risk_aversion"], case["tau"]
    market = optimal_weights(prior, aversion)

    def weights(**certainty):
        return optimal_weights(black_litterman(prior, [views(**certainty)[place]], tau).posterior, aversion)

    # Steps 1 to 5: the departure from the market under full confidence, times the confidence, is the tilt wanted.
    wanted = market + confidence * (weights(confidence=1) - market)
    # Steps 6 and 7: the variance whose weights come nearest to it. Step 8, all views together, is the example above.
    nearest = minimize_scalar(
        lambda log: ((weights(variance=np.exp(log)) - wanted) ** 2).sum(), bounds=(-16, 0), options={"xatol": 1e-10}
    )
    mine = black_litterman(prior, [views(confidence=confidence)[place]], tau)
    assert mine.view_table["variance"].item() == pytest.approx(np.exp(nearest.x), rel=1e-4)
    assert weights(confidence=confidence) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("tau", [0.01, 0.025, 0.3])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_posterior_is_bayes_formula_by_inverse_precisions(prior, tau, count):
    for views in itertools.permutations(TORN, count):
        result = black_litterman(prior, views, tau)
        mean, error = textbook(prior, views, tau)
        assert result.posterior.mu == pytest.approx(mean, abs=1e-14)
        assert result.mean_covariance.to_numpy() == pytest.approx(error, abs=1e-14)
        assert list(result.mean_covariance.columns) == NAMES


def test_one_view_ends_at_the_average_of_prior_and_view_weighted_by_confidence(prior):
    for weights in (COINS, MIX, COINS_OVER_STOCKS):
        for confidence in (0, 0.2, 0.5, 0.999, 1):
            table = black_litterman(prior, [View(weights, 0.12, confidence)]).view_table.iloc[0]
            assert table["posterior"] == pytest.approx((1 - confidence) * table["prior"] + confidence * 0.12, abs=1e-15)
            assert table["prior"] == pytest.approx(sum(weight * prior.mean[name] for name, weight in weights.items()))


def test_one_view_moves_each_asset_by_its_beta_to_the_view(prior):
    change = black_litterman(prior, [View(COINS, 0.2, 0.3)]).table["change"]
    assert change.tolist() == pytest.approx(0.3 * (0.2 - 0.1) * COVARIANCE[2] / COVARIANCE[2, 2])


def test_a_view_of_confidence_zero_and_none_at_all_leave_the_prior(prior):
    none = black_litterman(prior, [])
    assert none.posterior is prior
    assert (none.table["change"] == 0).all()
    assert none.view_table.empty
    assert none.mean_covariance.to_numpy() == pytest.approx(DEFAULT_TAU * COVARIANCE)
    ignored = black_litterman(prior, [View(COINS, 0.5, 0), View(COINS, -0.5, 0)])
    assert ignored.posterior.mu.tolist() == MEAN.tolist()
    assert ignored.posterior.draws == pytest.approx(
        none.posterior.draws - none.posterior.draws.mean(axis=0) + MEAN / 12
    )
    assert ignored.view_table["variance"].tolist() == [np.inf, np.inf]
    with_another = black_litterman(prior, [View(COINS, 0.5, 0), View(MIX, 0.08, 0.5)])
    assert with_another.posterior.mu == pytest.approx(black_litterman(prior, [View(MIX, 0.08, 0.5)]).posterior.mu)


@pytest.mark.parametrize("certainty", [{"confidence": 1}, {"variance": 0}])
def test_certain_views_hold_exactly_and_their_error_is_nil(prior, certainty):
    views = [View(COINS, 0.2, **certainty), View(MIX, 0.06, **certainty), View(COINS_OVER_STOCKS, 0.0, 0.5)]
    result = black_litterman(prior, views)
    table = result.view_table
    assert table["posterior"].tolist()[:2] == pytest.approx([0.2, 0.06], abs=1e-15)
    assert table["variance"].tolist()[:2] == [0, 0]
    assert table["confidence"].tolist()[:2] == [1, 1]
    assert result.mean_covariance.loc["coins", "coins"] == pytest.approx(0, abs=1e-15)
    nearly, _ = textbook(
        prior, [dataclasses.replace(view, variance=1e-12, confidence=None) for view in views[:2]], 0.025
    )
    assert black_litterman(prior, views[:2]).posterior.mu == pytest.approx(nearly, abs=1e-9)


def test_as_many_certain_views_as_assets_replace_the_prior(prior):
    views = [View({name: 1}, expected, 1) for name, expected in zip(NAMES, (0.05, 0.03, 0.2), strict=True)]
    result = black_litterman(prior, views)
    assert result.posterior.mu == pytest.approx([0.05, 0.03, 0.2], abs=1e-15)
    assert result.mean_covariance.to_numpy() == pytest.approx(np.zeros((3, 3)), abs=1e-16)


def test_certain_views_that_repeat_each_other_count_once(prior):
    views = [View(COINS, 0.2, 1), View(MIX, 0.08, 0.5)]
    repeated = [*views, View({"coins": 3}, 0.6, 1), View(COINS, 0.2 + 1e-9, 1)]
    once, again = black_litterman(prior, views), black_litterman(prior, repeated)
    assert again.posterior.mu == pytest.approx(once.posterior.mu, abs=1e-8)
    assert again.mean_covariance.to_numpy() == pytest.approx(once.mean_covariance.to_numpy(), abs=1e-12)


def test_certain_views_that_contradict_each_other_are_named_and_the_others_are_not(prior):
    stocks = View({"stocks": 1}, 0.05, 1)
    with pytest.raises(
        InputError, match=r"“coins returns 20 % a year”, “coins returns 21 % a year”. Be less than 100 %"
    ):
        black_litterman(prior, [View(COINS, 0.2, 1), View({"bonds": 1}, 0.05, 1), View(COINS, 0.21, 1)])
    with pytest.raises(
        InputError, match=r"“stocks returns 5 % .*”, “coins returns 20 % .*”, “coins returns 5 % a year more"
    ):
        black_litterman(prior, [stocks, View(COINS, 0.2, 1), View(COINS_OVER_STOCKS, 0.05, 1)])
    less_sure = black_litterman(prior, [stocks, View(COINS, 0.2, 1), View(COINS_OVER_STOCKS, 0.05, 0.99)])
    assert less_sure.posterior.mu[[0, 2]] == pytest.approx([0.05, 0.2])


@settings(max_examples=40, deadline=None)
@given(
    scales=st.lists(st.floats(1e-3, 1e3).flatmap(lambda size: st.sampled_from([size, -size])), min_size=3, max_size=3),
    order=st.permutations(range(3)),
    tau=st.floats(0.001, 1),
)
def test_neither_the_order_of_views_nor_their_scale_changes_the_posterior(scales, order, tau):
    prior = Assumptions(pd.Series(MEAN, NAMES), pd.DataFrame(COVARIANCE, NAMES, NAMES), 0.03)
    scaled = [
        View(
            {asset: scale * weight for asset, weight in view.weights.items()},
            scale * view.expected_return,
            view.confidence,
            None if view.variance is None else scale**2 * view.variance,
        )
        for view, scale in zip(TORN, scales, strict=True)
    ]
    plain, other = black_litterman(prior, TORN, tau), black_litterman(prior, [scaled[place] for place in order], tau)
    assert other.posterior.mu == pytest.approx(plain.posterior.mu, abs=1e-13)
    assert other.mean_covariance.to_numpy() == pytest.approx(plain.mean_covariance.to_numpy(), abs=1e-13)


def test_the_order_of_assets_does_not_matter(prior):
    turned = black_litterman(prior.select(NAMES[::-1]), TORN).posterior
    assert turned.mu[::-1] == pytest.approx(black_litterman(prior, TORN).posterior.mu, abs=1e-15)


def test_with_confidences_only_tau_cancels_out_of_the_mean(prior):
    views = [View(COINS, 0.2, 0.4), View(MIX, 0.09, 0.7)]
    small, large = (black_litterman(prior, views, tau) for tau in (0.01, 1))
    assert small.posterior.mu == pytest.approx(large.posterior.mu, abs=1e-15)
    assert small.mean_covariance.to_numpy() * 100 == pytest.approx(large.mean_covariance.to_numpy())


def test_the_posterior_keeps_covariance_and_rate_moves_scenarios_and_says_what_it_leans_on(prior):
    result = black_litterman(prior, TORN)
    assert result.posterior.cov.tolist() == prior.cov.tolist()
    assert result.posterior.risk_free == prior.risk_free
    assert result.posterior.draws.mean(axis=0) * 12 == pytest.approx(result.posterior.mu)
    assert np.diff(result.posterior.draws, axis=0) == pytest.approx(np.diff(prior.draws, axis=0))
    assert result.posterior.scenarios.index.equals(prior.scenarios.index)
    assert result.posterior.notes[0] == "The expected returns lean on a view: coins returns 20 % a year, 40 % sure."
    without = Assumptions(prior.mean, prior.covariance, prior.risk_free)
    assert black_litterman(without, TORN).posterior.draws is None


def test_a_market_of_copies_and_vaults_takes_views_on_what_has_risk():
    names = ["coin", "same coin", "vault"]
    cov = pd.DataFrame([[0.5, 0.5, 0], [0.5, 0.5, 0], [0, 0, 0]], names, names)
    prior = Assumptions(pd.Series([0.1, 0.1, 0.03], names), cov, 0.03)
    result = black_litterman(prior, [View({"coin": 1}, 0.2, 1), View({"same coin": 0.5, "vault": 0.5}, 0.115, 1)])
    assert result.posterior.mu == pytest.approx([0.2, 0.2, 0.03])
    for weights in ({"vault": 1}, {"coin": 1, "same coin": -1}):
        with pytest.raises(InputError, match="about something without risk"):
            black_litterman(prior, [View(weights, 0.05, 0.5)])


def test_a_view_on_bitcoin_moves_the_built_in_market_with_it():
    prior = built_in_market().assumptions
    result = black_litterman(prior, [View({"bitcoin": 1}, 0.02, 0.5)])
    change = result.table["change"]
    assert result.posterior.mean["bitcoin"] == pytest.approx((prior.mean["bitcoin"] + 0.02) / 2)
    assert change["ether"] < change["us_equity"] < change["us_bonds"] < 0
    assert result.posterior.draws.mean(axis=0) * 12 == pytest.approx(result.posterior.mu)
    before, after = (optimal_weights(each, 3.07) for each in (prior, result.posterior))
    moved = [name for name, tilt in zip(prior.assets, after - before, strict=True) if abs(tilt) > 1e-9]
    assert moved == ["bitcoin"]  # He & Litterman (1999): the optimal portfolio deviates by the view's portfolio only


@pytest.mark.parametrize(
    ("view", "sentence"),
    [
        (View({"bitcoin": 1}, 0.08, 0.4), "bitcoin returns 8 % a year, 40 % sure"),
        (View({"bitcoin": -1}, -0.08, 1), "bitcoin returns 8 % a year, 100 % sure"),
        (View({"bitcoin": 1, "gold": 0}, -0.0825, 0), "bitcoin returns -8.25 % a year, 0 % sure"),
        (View({"ether": 1, "bitcoin": -1}, 0.03, 0.25), "ether returns 3 % a year more than bitcoin, 25 % sure"),
        (View({"ether": 1, "bitcoin": -1}, -0.03, 0.25), "ether returns 3 % a year less than bitcoin, 25 % sure"),
        (View({"ether": 1, "bitcoin": -1}, 0, 0.25), "ether returns as much as bitcoin, 25 % sure"),
        (
            View({"us": 0.64, "world": 0.36}, 0.06, variance=0.0004),
            "64 % us and 36 % world return 6 % a year, give or take 2 %",
        ),
        (
            View(pd.Series({"a": 0.5, "b": 0.3, "c": 0.2, "d": -1.0}), 0.01, 0.5),
            "50 % a, 30 % b and 20 % c return 1 % a year more than d, 50 % sure",
        ),
        (View({"stocks": 1, "bonds": -0.5}, 0.05, 0.5), "stocks less 50 % bonds return 5 % a year, 50 % sure"),
    ],
)
def test_a_view_says_itself(view, sentence):
    assert view.sentence() == sentence


def test_a_view_does_not_change_with_what_it_was_made_from():
    weights = {"bitcoin": 1}
    view = View(weights, 0.08, 0.4)
    weights["bitcoin"] = 2
    assert view.weights == {"bitcoin": 1.0}
    assert view == View({"bitcoin": 1}, 0.08, 0.4)
    with pytest.raises(dataclasses.FrozenInstanceError):
        view.confidence = 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (({}, 0.05, 0.5), r"A view needs an asset with a weight other than 0"),
        (({"coins": 0}, 0.05, 0.5), r"A view needs an asset with a weight other than 0"),
        (("coins", 0.05, 0.5), r"weights of a view must be given by asset: a mapping such as"),
        (({"coins": "much"}, 0.05, 0.5), r"view's weight of 'coins' is much: give a finite number"),
        ((pd.Series([1, 1], ["coins", "coins"]), 0.05, 0.5), r"name an asset twice"),
        (({"coins": 1}, float("nan"), 0.5), r"expected return of a view is nan: give a finite number, as a decimal"),
        (({"coins": 1}, None, 0.5), r"expected return of a view is None"),
        (({"coins": 1}, 0.05), r"'coins returns 5 % a year' needs either a confidence from 0 to 1 or a variance"),
        (({"coins": 1}, 0.05, 0.5, 0.01), r"needs either a confidence from 0 to 1 or a variance"),
        (({"coins": 1}, 0.05, 40), r"confidence in 'coins returns 5 % a year' is 40: give a fraction .* 0.4 for 40 %"),
        (({"coins": 1}, 0.05, -0.1), r"confidence .* is -0.1"),
        (({"coins": 1}, 0.05, True), r"confidence .* is True: give a finite number"),
        (({"coins": 1}, 0.05, None, -0.01), r"variance .* is -0.01: it must not be negative"),
        (({"coins": 1}, 0.05, None, float("inf")), r"variance .* is inf: give a finite number"),
    ],
)
def test_wrong_views_are_refused_with_the_remedy(arguments, message):
    with pytest.raises(InputError, match=message):
        View(*arguments)


@pytest.mark.parametrize(
    ("views", "tau", "message"),
    [
        (
            [View({"gold": 1}, 0.05, 0.5)],
            0.025,
            r"'gold returns 5 % a year' names 'gold', .* here: stocks, bonds, coins",
        ),
        ([View(COINS, 8, 0.5)], 0.025, r"'coins returns 800 % a year' looks like percent: .* 0.08 for 8 %"),
        ([View({"bonds": 2}, 3, 0.5)], 0.025, r"looks like percent: .* 0.03 for 3 %"),
        (View(COINS, 0.05, 0.5), 0.025, r"views must be a list: write \[view\]"),
        ([{"coins": 0.05}], 0.025, r"Each view must be a View, such as View\(\{'stocks': 1\}, 0.05, 0.5\), not"),
        ([], 2.5, r"tau is 2.5: give a number above 0 and at most 1; 0.025 is usual"),
        ([], 0, r"tau is 0"),
        ([], "low", r"tau is low"),
    ],
)
def test_wrong_arguments_are_refused_in_words(prior, views, tau, message):
    with pytest.raises(InputError, match=message):
        black_litterman(prior, views, tau)


def test_the_page_shows_returns_and_views_in_percent_and_escapes_names():
    names = ["<b>", "c"]
    prior = Assumptions(pd.Series([0.07, 0.1], names), pd.DataFrame(np.diag([0.04, 0.49]), names, names), 0.03)
    shown = black_litterman(prior, [View({"<b>": 1}, 0.08, 0.4)])._repr_html_()
    assert "<th>&lt;b&gt;</th><td>7.00%</td><td>7.40%</td><td>+0.40%</td>" in shown
    assert "<th>&lt;b&gt; returns 8 % a year</th><td>8.00%</td><td>7.00%</td><td>7.40%</td><td>40%</td>" in shown
    assert "Views" not in black_litterman(prior, [])._repr_html_()
