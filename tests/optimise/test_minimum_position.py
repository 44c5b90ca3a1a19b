"""Minimum positions: the search finds what trying every set of holdings finds, and says in words why it finds none."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_markets import SEEDS, from_deviations, loss, market, random_limits, random_market

from planner import Assumptions, InputError, history
from planner.optimise import (
    Bounds,
    Group,
    HighestReturn,
    Infeasible,
    MaximumReturn,
    MaximumSharpe,
    MaximumUtility,
    MinimumPosition,
    MinimumVariance,
    Solved,
    TargetReturn,
    VolatilityCap,
    frontier,
    optimise,
    risk_budget,
)
from planner.optimise.mean_variance import with_long_only
from planner.optimise.not_convex import least
from planner.optimise.solvers import Status

HARD = settings(deadline=None, derandomize=True, max_examples=15)


def by_trying_all(assumptions, objective, limits, minimum, names) -> np.ndarray | None:
    """The best of the portfolios that hold exactly the assets of one set, over all sets; None where no set will do."""
    best = None
    for held in product([False, True], repeat=len(names)):
        bounds = Bounds(
            lower={name: minimum * chosen for name, chosen in zip(names, held, strict=True)},
            upper={name: 2.0 * chosen for name, chosen in zip(names, held, strict=True)},
        )
        found = least(assumptions, objective, with_long_only(assumptions, (*limits, *objective.requirements(), bounds)))
        if found.status is Status.OPTIMAL and (
            best is None or loss(assumptions, objective, found.w) < loss(assumptions, objective, best)
        ):
            best = found.w
    return best


@HARD
@given(seed=SEEDS, kind=st.sampled_from(["variance", "utility", "target", "highest", "return", "sharpe"]))
def test_the_search_finds_the_best_of_all_sets_of_holdings(seed, kind):
    rng = np.random.default_rng(seed)
    assumptions = random_market(seed, size=int(rng.integers(3, 6)))
    limits, inside = random_limits(assumptions, seed)
    objective = {
        "variance": MinimumVariance(),
        "utility": MaximumUtility(4.0),
        "target": TargetReturn(float(assumptions.mu @ inside)),
        "highest": HighestReturn(),
        "return": MaximumReturn(float(np.sqrt(inside @ assumptions.cov @ inside)) * 1.2),
        "sharpe": MaximumSharpe(),
    }[kind]
    minimum = float(rng.uniform(0.05, 0.4))
    names = assumptions.assets if rng.random() < 0.6 else assumptions.assets[:2]
    limit = MinimumPosition(minimum, None if names == assumptions.assets else names)
    expected = by_trying_all(assumptions, objective, limits, minimum, names)
    found = optimise(assumptions, objective, [*limits, limit])
    if expected is None:
        assert isinstance(found, Infeasible)
        return
    w = found.require().w
    held = w[: len(names)]
    assert np.all((held == 0) | (held >= minimum - 1e-8))
    assert loss(assumptions, objective, w) == pytest.approx(loss(assumptions, objective, expected), rel=1e-7, abs=1e-9)
