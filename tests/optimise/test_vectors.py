"""Published portfolios, each within the accuracy that it is printed with."""

from __future__ import annotations

import math

import numpy as np
import pytest
from random_markets import from_deviations, market

from planner.optimise import (
    Bounds,
    MaximumSharpe,
    MaximumUtility,
    MinimumVariance,
    optimise,
    risk_budget,
)

PERCENT = 0.01


def distance(solution, weights) -> float:
    return float(np.abs(solution.require().w - np.array(weights)).max())


@pytest.mark.parametrize("point", range(10))
def test_the_turning_points_of_the_critical_line_are_found_by_their_lambda(vectors, point):
    entry = vectors["cla-10"]
    turning = entry["turning_points"][point]
    assumptions = market(entry["mean"], entry["covariance"], unit=0.1)
    # lambda mu'w - w'Sw / 2 in units of a tenth has its mean ten times larger against its variance.
    objective = MaximumUtility(10 / turning["lambda_"]) if turning["lambda_"] else MinimumVariance()
    solved = optimise(assumptions, objective)
    assert distance(solved, turning["weights"]) < 2e-3
    assert solved.expected_return == pytest.approx(turning["expected_return"] / 10, abs=2e-4)
    assert solved.volatility == pytest.approx(turning["risk"] / 10, abs=1e-4)


def test_the_maximum_sharpe_ratio_of_the_critical_line_paper(vectors):
    entry = vectors["cla-10"]
    solved = optimise(market(entry["mean"], entry["covariance"], unit=0.1), MaximumSharpe())
    assert distance(solved, entry["max_sharpe"]["weights"]) < 1e-6
    assert solved.sharpe == pytest.approx(entry["max_sharpe"]["sharpe"], abs=5e-5)


@pytest.mark.parametrize("solution", range(3))
def test_sharpes_three_funds_between_20_and_50_percent(vectors, solution):
    entry = vectors["sharpe-3"]
    tolerance = entry["solutions"][solution]["t"]
    assumptions = market(entry["mean"], entry["covariance"], unit=PERCENT)
    objective = MaximumUtility(100 / tolerance) if tolerance else MinimumVariance()
    solved = optimise(assumptions, objective, [Bounds(0.2, 0.5)])
    assert distance(solved, entry["solutions"][solution]["weights"]) < entry["tolerance"]


def test_kopman_and_lius_tangency_portfolio(vectors):
    entry = vectors["kopman-liu-2"]
    solved = optimise(market(entry["mean"], entry["covariance"]), MaximumSharpe())
    assert distance(solved, entry["max_sharpe_weights"]) < entry["tolerance"]


def test_chopra_and_ziembas_ten_stocks(vectors):
    entry = vectors["chopra-ziemba-10"]
    deviations = np.array(entry["stdev"])
    covariance = np.outer(deviations, deviations) * np.array(entry["correlation"])
    # mu'w - w'Sw / 50 in percent is a risk aversion of 2 / 50, and a hundred times that in fractions.
    solved = optimise(market(entry["mean"], covariance, unit=PERCENT), MaximumUtility(100 * 2 / 50))
    assert distance(solved, entry["weights"]) < entry["tolerance"]


@pytest.mark.parametrize("solution", range(2))
def test_roncallis_minimum_variance_with_and_without_a_floor(vectors, solution):
    entry = vectors["roncalli-4"]
    expected = entry["solutions"][solution]
    solved = optimise(
        market(np.zeros(4), entry["covariance"]), MinimumVariance(), [Bounds(expected["lower"], expected["upper"])]
    )
    assert distance(solved, expected["weights"]) < entry["tolerance"]


@pytest.mark.parametrize(
    ("solution", "correlation"),
    [
        (0, np.eye(4)),
        (1, [[1, 0.8, 0, 0], [0.8, 1, 0, 0], [0, 0, 1, -0.5], [0, 0, -0.5, 1]]),
    ],
)
def test_maillard_roncalli_and_teiletches_equal_risk_contributions(vectors, solution, correlation):
    expected = vectors["maillard-erc-4"]["solutions"][solution]
    assumptions = from_deviations([0.1, 0.2, 0.3, 0.4], correlation)
    solved = risk_budget(assumptions, dict.fromkeys(assumptions.assets, 0.25))
    assert distance(solved, expected["weights"]) < expected["tolerance"]


@pytest.mark.parametrize("solution", range(2))
def test_richard_and_roncallis_four_assets(vectors, solution):
    entry = vectors["richard-roncalli-4"]
    expected = entry["solutions"][solution]
    assumptions = market(np.zeros(4), entry["covariance"])
    solved = risk_budget(assumptions, dict(zip(assumptions.assets, expected["budgets"], strict=True)))
    assert distance(solved, expected["weights"]) < entry["tolerance"]


def test_richard_and_roncallis_eight_assets(vectors):
    entry = vectors["richard-roncalli-8"]
    expected = entry["solutions"][0]
    assumptions = from_deviations(entry["stdev"], entry["correlation"])
    solved = risk_budget(assumptions, dict(zip(assumptions.assets, expected["budgets"], strict=True)))
    assert distance(solved, expected["weights"]) < entry["tolerance"]


@pytest.mark.parametrize("budget", [0.01, 0.2, 0.45, 0.8, 0.99])
@pytest.mark.parametrize("correlation", [-0.9, -0.3, 0.0, 0.6, 0.95])
@pytest.mark.parametrize("deviations", [(0.1, 0.23), (0.7, 0.05)])
def test_two_risk_budgets_follow_bruder_and_roncallis_formula(vectors, budget, correlation, deviations):
    one, two = deviations
    root = math.sqrt((budget - 0.5) ** 2 * correlation**2 + budget * (1 - budget))
    share = ((budget - 0.5) * correlation * one * two - budget * two**2 + one * two * root) / (
        (1 - budget) * one**2 - budget * two**2 + 2 * (budget - 0.5) * correlation * one * two
    )
    solved = risk_budget(
        from_deviations(deviations, [[1, correlation], [correlation, 1]]), {"a": budget, "b": 1 - budget}
    )
    assert distance(solved, [share, 1 - share]) < vectors["bruder-roncalli-2"]["tolerance"]


def test_without_correlation_weights_follow_the_root_of_the_budget_over_volatility(vectors):
    deviations, budgets = np.array([0.05, 0.1, 0.2, 0.8]), np.array([0.1, 0.2, 0.3, 0.4])
    assumptions = from_deviations(deviations, np.eye(4))
    expected = np.sqrt(budgets) / deviations
    solved = risk_budget(assumptions, dict(zip(assumptions.assets, budgets.tolist(), strict=True)))
    assert distance(solved, expected / expected.sum()) < vectors["bruder-roncalli-2"]["tolerance"]
