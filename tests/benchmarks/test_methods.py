"""The benchmark compares like with like: every method that is installed finds the same portfolio."""

from __future__ import annotations

import numpy as np
import pytest

from .answers import cvar, difference, reference, share_error
from .methods import CLARABEL, CORE, OURS, SKFOLIO, SOLVER, WAYS, methods
from .problem import SIZES, Aim, market, problems
from .targets import TARGETS, Target, verdicts
from .timing import interleaved

AGREEMENT = 1e-3
"""The neighbours' default tolerances leave weights up to 5e-4 off; a different problem is off by far more."""

OUR_AGREEMENT = 1e-8
OURS_ALL = (OURS, CORE, SOLVER)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("aim", Aim)
@pytest.mark.parametrize("name", WAYS)
def test_a_method_solves_the_same_problem_and_then_the_next(name: str, aim: Aim) -> None:
    cases = problems(aim, 8, 2)
    found = methods(aim, cases, [name])
    if not found:
        pytest.skip(f"{name} is installed by make bench only, or cannot do this")
    best = reference(aim)
    for case in cases:
        off = difference(case, found[name](case), best and best(case))
        assert off < (OUR_AGREEMENT if name in OURS_ALL else AGREEMENT)


@pytest.mark.parametrize("aim", [aim for aim in Aim if aim is not Aim.FRONTIER])
def test_from_case_to_case_the_answer_changes_by_more_than_methods_may_differ(aim: Aim) -> None:
    first, second = (reference(aim)(case) for case in problems(aim, 8, 2))
    assert np.max(np.abs(first - second)) > 2 * AGREEMENT


@pytest.mark.parametrize("assets", SIZES)
def test_limits_bind(assets: int) -> None:
    case = problems(Aim.MEAN_VARIANCE, assets, 1)[0]
    shares = case.membership @ reference(Aim.MEAN_VARIANCE)(case)
    assert np.isclose(shares, case.group_lower).any() or np.isclose(shares, case.group_upper).any()


@pytest.mark.parametrize("assets", SIZES)
def test_markets_are_the_same_at_every_run_and_of_realistic_volatility(assets: int) -> None:
    once, again = market.__wrapped__(assets, 240), market.__wrapped__(assets, 240)
    np.testing.assert_array_equal(once.cov, again.cov)
    np.testing.assert_array_equal(once.draws, again.draws)
    assert once.volatility.min() > 0.05
    assert once.volatility.median() < 0.35
    assert 0.35 < once.volatility.max() < 1.2


def test_the_reference_for_risk_budgets_has_the_shares_to_the_last_digits() -> None:
    case = problems(Aim.RISK_BUDGET, 50, 1)[0]
    assert share_error(case, reference(Aim.RISK_BUDGET)(case)) < 1e-12


def test_cvar_is_the_mean_of_the_worst_months() -> None:
    case = problems(Aim.CVAR_240, 8, 1)[0]
    w = np.full(8, 1 / 8)
    worst = np.sort(case.assumptions.draws @ w)[:12]
    assert cvar(case, w) == pytest.approx(-worst.mean())


def test_every_method_has_its_turn_and_a_failure_stops_that_method_alone() -> None:
    def breaks(case: int) -> int:
        return 1 // (3 - case)

    measured = interleaved({"works": lambda case: case, "breaks": breaks}, range(9), 1.0)
    assert measured["works"].answers == list(range(9))
    assert measured["breaks"].answers == [0, 0, 1]
    assert "ZeroDivisionError" in measured["breaks"].failure


def test_a_target_is_held_against_the_fastest_and_a_missing_one_is_said_to_be_missing() -> None:
    faster = Target(Aim.MEAN_VARIANCE, 8, (SKFOLIO, "slower"), times_faster=20)
    medians = {
        (Aim.MEAN_VARIANCE, 8, OURS): 1.0,
        (Aim.MEAN_VARIANCE, 8, SKFOLIO): 19.0,
        (Aim.MEAN_VARIANCE, 8, "slower"): 50.0,
    }
    assert faster.row(medians)[2:] == ["19 (skfolio)", "**missed**"]
    bare = Target(Aim.MEAN_VARIANCE, 8, (CLARABEL,), at_most=3)
    assert bare.row(medians)[2:] == ["-", "not measured"]
    assert bare.row({**medians, (Aim.MEAN_VARIANCE, 8, CLARABEL): 0.5})[2:] == ["2.0", "reached"]


def test_the_table_of_targets_has_all_of_measured_sizes_and_the_shares() -> None:
    said = verdicts({(Aim.RISK_BUDGET, 8, OURS): 1.0}, {8: 1e-7}, ["memory", "", "", ""])
    assert len(said.splitlines()) == 2 + sum(target.assets == 8 for target in TARGETS) + 1 + 1
    assert sum("1e-07" in line and "missed" in line for line in said.splitlines()) == 1
