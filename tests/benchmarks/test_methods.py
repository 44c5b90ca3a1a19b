"""The benchmark compares like with like: every method that is installed finds the same portfolio."""

from __future__ import annotations

import numpy as np
import pytest

from .optimiser import OURS, PEERS, REFERENCE, methods
from .problem import Aim, moves, moves_of_one_number

AGREEMENT = 1e-3
"""The neighbours' default tolerances leave weights up to 5e-4 off; a different problem is off by far more."""


@pytest.mark.parametrize("aim", Aim)
def test_the_hand_laid_problem_and_our_public_api_have_the_same_answer(aim: Aim) -> None:
    problems = moves(aim, 3)
    found = methods(aim, (OURS, REFERENCE))
    for problem in problems:
        np.testing.assert_allclose(found[OURS](problem), found[REFERENCE](problem), atol=1e-4)


@pytest.mark.parametrize("peer", PEERS)
def test_a_neighbour_solves_the_same_problem(peer: str) -> None:
    compared = 0
    for aim in Aim:
        found = methods(aim, (peer, REFERENCE))
        if peer in found:
            problem = moves(aim, 1)[0]
            np.testing.assert_allclose(found[peer](problem), found[REFERENCE](problem), atol=AGREEMENT)
            compared += 1
    if not compared:
        pytest.skip(f"{peer} is installed by make bench only")


def test_moving_one_number_leaves_the_limits_and_moves_the_number() -> None:
    first, second = moves_of_one_number(Aim.MAXIMUM_UTILITY, 2)
    assert first.classes is second.classes
    assert first.risk_aversion != second.risk_aversion
