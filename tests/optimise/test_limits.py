"""Relative bands, shares of a group and tracking errors: by hand, against another solver, and in words."""

from __future__ import annotations

import math
import re

import cvxpy as cp
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from random_markets import SEEDS, from_deviations, least_room, loss, market, random_limits, random_market
from scipy.optimize import minimize

from planner import InputError
from planner.optimise import (
    Bounds,
    Group,
    HighestReturn,
    Infeasible,
    MaximumDiversification,
    MaximumSharpe,
    MaximumUtility,
    MinimumVariance,
    Ratio,
    RelativeBand,
    Solved,
    TrackingError,
    Turnover,
    VolatilityCap,
    optimise,
)

HARD = settings(deadline=None, derandomize=True, max_examples=25)
FOUR = from_deviations([0.05, 0.2, 0.6, 0.9], np.eye(4), [0.03, 0.07, 0.2, 0.4])
COINS = ("c", "d")
LARGE = Ratio("large caps", ("c",), "crypto", COINS, lower=0.6)
BAND = RelativeBand("crypto", COINS, 0.05, 0.25)


def tracking(assumptions, w, targets) -> float:
    active = w - np.array([targets.get(asset, 0.0) for asset in assumptions.assets])
    return math.sqrt(max(0.0, active @ assumptions.cov @ active))


def drawn(assumptions, seed):
    """One limit of each new kind around a portfolio that is inside all of them, with some of the old; the portfolio."""
    rng = np.random.default_rng(seed)
    old, inside = random_limits(assumptions, seed)
    names, size = assumptions.assets, len(inside)

    def some():
        return [place for place in range(size) if rng.random() < 0.5] or [0]

    def named(places):
        return tuple(names[place] for place in places)

    members = some()
    target = max(float(inside[members].sum()) * rng.uniform(0.8, 1.3), 0.01)
    off = abs(float(inside[members].sum()) / target - 1)
    small, large = some(), some()
    share = float(inside[small].sum() / inside[large].sum())
    targets = rng.dirichlet(np.ones(size))
    targets = dict(zip(names, (targets / targets.sum()).tolist(), strict=True))
    new = [
        RelativeBand("band", named(members), target, off + float(rng.uniform(0, 0.3))),
        TrackingError(targets, tracking(assumptions, inside, targets) * float(rng.uniform(1.02, 1.3))),
    ]
    if share < 1.5:
        sides = {"lower": share * float(rng.uniform(0.5, 1)), "upper": share * float(rng.uniform(1, 1.3))}
        left_out = rng.choice(["lower", "upper", "none"])
        sides.pop(left_out, None)
        new.append(Ratio("small", named(small), "large", named(large), **sides))
    kept = [limit for limit in new if rng.random() < 0.7] or new[:1]
    return [limit for limit in old if not isinstance(limit, Turnover)], kept, inside


def rooms(assumptions, w, limits):
    """How far inside each new limit ``w`` is, in weight or volatility, by the formulas written out once more."""
    at = {asset: place for place, asset in enumerate(assumptions.assets)}

    def held(members):
        return sum(w[at[asset]] for asset in members)

    room = []
    for limit in limits:
        if isinstance(limit, RelativeBand):
            room += [held(limit.members) - limit.target * (1 - limit.width)]
            room += [limit.target * (1 + limit.width) - held(limit.members)]
        elif isinstance(limit, Ratio):
            whole = held(limit.of)
            room += [] if limit.lower is None else [held(limit.members) - limit.lower * whole + limit.spare]
            room += [] if limit.upper is None else [limit.upper * whole - held(limit.members) + limit.spare]
        elif isinstance(limit, TrackingError):
            room.append(limit.maximum - tracking(assumptions, w, limit.targets))
        elif isinstance(limit, VolatilityCap):
            room.append(limit.maximum - math.sqrt(max(0.0, w @ assumptions.cov @ w)))
        elif isinstance(limit, Group):
            room += [held(limit.members) - limit.lower, limit.upper - held(limit.members)]
    return np.array(room)


def by_slsqp(assumptions, limits, start, objective):
    """The best portfolio that another solver finds from a portfolio inside; it differentiates numerically."""
    at = {asset: place for place, asset in enumerate(assumptions.assets)}
    low, high = np.zeros(len(at)), np.full(len(at), np.inf)
    for limit in limits:
        if isinstance(limit, Bounds):
            for asset, bound in limit.lower.items():
                low[at[asset]] = bound
            for asset, bound in limit.upper.items():
                high[at[asset]] = bound
    inside = {"type": "ineq", "fun": lambda w: rooms(assumptions, w, limits)}
    found = minimize(
        lambda w: loss(assumptions, objective, w),
        start,
        method="SLSQP",
        bounds=list(zip(low, high, strict=True)),
        constraints=[{"type": "eq", "fun": lambda w: w.sum() - 1}, inside],
        options={"maxiter": 300, "ftol": 1e-12},
    )
    return found.x


@settings(HARD, max_examples=12)
@given(seed=SEEDS)
def test_a_solution_is_inside_the_new_limits_and_no_other_solver_does_better(seed):
    assumptions = random_market(seed)
    old, new, inside = drawn(assumptions, seed)
    limits = [*old, *new]
    assert rooms(assumptions, inside, new).min() > -1e-9
    for objective in (MinimumVariance(), MaximumUtility(4.0), HighestReturn()):
        w = optimise(assumptions, objective, limits).require().w
        assert rooms(assumptions, w, new).min() >= -1e-8
        assert least_room(assumptions, w, old) >= -1e-8
        best = loss(assumptions, objective, w)
        other = by_slsqp(assumptions, limits, inside, objective)
        if min(rooms(assumptions, other, limits).min(), least_room(assumptions, other, old)) > -1e-9:
            assert best <= loss(assumptions, objective, other) + 1e-7
        for step in (1e-3, 0.1, 1):
            assert best <= loss(assumptions, objective, (1 - step) * w + step * inside) + 1e-8


@settings(HARD, max_examples=12)
@given(seed=SEEDS)
def test_ratios_made_largest_stay_inside_the_new_limits_as_well(seed):
    assumptions = random_market(seed)
    old, new, inside = drawn(assumptions, seed)
    for objective in (MaximumDiversification(), MaximumSharpe()):
        found = optimise(assumptions, objective, [*old, *new])
        if isinstance(found, Infeasible):
            assert assumptions.mu @ inside <= assumptions.risk_free + 1e-6
            continue
        assert rooms(assumptions, found.require().w, new).min() >= -1e-8
        if isinstance(objective, MaximumSharpe):
            assert found.sharpe >= (assumptions.mu @ inside - assumptions.risk_free) / math.sqrt(
                inside @ assumptions.cov @ inside
            ) * (1 - 1e-8)


@HARD
@given(seed=SEEDS)
def test_room_is_what_the_formulas_say(seed):
    assumptions = random_market(seed)
    _, new, inside = drawn(assumptions, seed)
    for limit in new:
        assert limit.room(assumptions, inside) == pytest.approx(rooms(assumptions, inside, [limit]).min(), abs=1e-12)
        looser = limit.loosened(0.01)
        assert looser.room(assumptions, inside) == pytest.approx(limit.room(assumptions, inside) + 0.01, abs=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_neither_the_order_of_the_assets_nor_the_unit_of_risk_matters(seed):
    assumptions = random_market(seed)
    old, new, _ = drawn(assumptions, seed)
    limits = [*old, *new]
    w = optimise(assumptions, MinimumVariance(), limits).require().weights
    shuffled = assumptions.select(np.random.default_rng(seed).permutation(assumptions.assets).tolist())
    again = optimise(shuffled, MinimumVariance(), limits[::-1]).require().weights[w.index]
    assert again.to_numpy() == pytest.approx(w.to_numpy(), abs=1e-5)
    for scale in (1e-6, 10.0):
        scaled = market(assumptions.mu, assumptions.cov * scale)
        moved = [
            VolatilityCap(limit.maximum * scale**0.5)
            if isinstance(limit, VolatilityCap)
            else TrackingError(limit.targets, limit.maximum * scale**0.5)
            if isinstance(limit, TrackingError)
            else limit
            for limit in limits
        ]
        assert optimise(scaled, MinimumVariance(), moved).require().w == pytest.approx(w.to_numpy(), abs=1e-5)


def test_a_group_stays_inside_its_band_and_is_said_to_be_at_an_edge():
    low = optimise(FOUR, MinimumVariance(), [BAND]).require()
    assert low.w[2:].sum() == pytest.approx(0.0375, abs=1e-9)
    assert low.binding == ("crypto is at the lower edge of its band, 3.75 %",)
    high = optimise(FOUR, HighestReturn(), [BAND]).require()
    assert high.w == pytest.approx([0, 0.9375, 0, 0.0625], abs=1e-9)
    assert high.binding == ("crypto is at the upper edge of its band, 6.25 %",)
    fixed = optimise(FOUR, HighestReturn(), [RelativeBand("crypto", ["c", "d"], 0.05, 0)]).require()
    assert fixed.w[2:].sum() == pytest.approx(0.05, abs=1e-9)
    assert fixed.binding == ("crypto is at its target of 5 %",)
    assert optimise(FOUR, MaximumUtility(6.0), [RelativeBand("all", FOUR.assets, 0.9, 0.5)]).require().binding == ()


def test_the_published_band_around_sixty_percent_is_48_to_72(vectors):
    entry = vectors["relative-band"]
    band = RelativeBand("equities", ("b",), entry["target"] / 100, entry["relative_band"])
    assert band.edges == pytest.approx((entry["act_below"] / 100, entry["act_above"] / 100))


def test_a_band_that_others_leave_no_room_for_is_widened_in_words_that_suffice():
    limits = [BAND, Bounds(upper={"c": 0.01, "d": 0.02})]
    found = optimise(FOUR, MinimumVariance(), limits)
    assert isinstance(found, Infeasible)
    (way,) = [way for way in found.loosenings if isinstance(way.limit, RelativeBand)]
    assert way.by == pytest.approx(0.0075)
    assert way.loosened.width == pytest.approx(0.4)
    assert way.limit.sentence() == "crypto within 25 % of its target of 5 %, that is 3.75 % to 6.25 %"
    assert way.loosened.sentence() == "crypto within 40 % of its target of 5 %, that is 3 % to 7 %"
    helped = optimise(FOUR, MinimumVariance(), [way.loosened, *limits[1:]]).require()
    assert helped.w[2:] == pytest.approx([0.01, 0.02], abs=1e-8)


def test_large_caps_are_their_share_of_crypto_whatever_crypto_is():
    for crypto in (0.05, 0.2, 1.0):
        found = optimise(FOUR, HighestReturn(), [LARGE, Group("crypto", COINS, crypto, crypto)]).require()
        assert found.w[2:] == pytest.approx([0.6 * crypto, 0.4 * crypto], abs=1e-9)
        assert "large caps at least 60 % of crypto" in found.binding


def test_who_holds_none_of_the_group_has_met_the_share():
    found = optimise(FOUR, HighestReturn(), [LARGE, Group("crypto", COINS, upper=0.0)]).require()
    assert found.w == pytest.approx([0, 1, 0, 0], abs=1e-9)
    assert found.binding == ("crypto at most 0 %",)


def test_a_share_has_two_sides_and_may_be_exact_or_of_a_group_beside():
    exact = Ratio("large caps", ("c",), "crypto", COINS, lower=0.7, upper=0.7)
    for objective in (HighestReturn(), MinimumVariance(), MaximumSharpe()):
        found = optimise(FOUR, objective, [exact, Group("crypto", COINS, 0.1, 0.3)]).require()
        assert found.w[2] == pytest.approx(0.7 * found.w[2:].sum(), abs=1e-9)
        assert "large caps exactly 70 % of crypto" in found.binding
    beside = Ratio("crypto", COINS, "stocks", ("b",), lower=0.1, upper=0.5)
    found = optimise(FOUR, HighestReturn(), [beside]).require()
    assert found.w == pytest.approx([0, 2 / 3, 0, 1 / 3], abs=1e-9)
    assert found.binding == ("crypto at most 50 % of stocks",)
    assert [part.sentence() for part in beside.parts(FOUR.assets)] == [
        "crypto at least 10 % of stocks",
        "crypto at most 50 % of stocks",
    ]


def test_a_share_that_others_make_impossible_is_loosened_in_words_that_suffice():
    limits = [LARGE, Bounds(upper={"c": 0.02}), Group("crypto", COINS, lower=0.05)]
    found = optimise(FOUR, MinimumVariance(), limits)
    assert isinstance(found, Infeasible)
    assert {limit.sentence() for limit in found.conflict} == {
        "large caps at least 60 % of crypto",
        "c at most 2 %",
        "crypto at least 5 %",
    }
    ways = {way.loosened.sentence() for way in found.loosenings}
    assert ways == {
        "large caps at least 60 % of crypto, give or take 1 % of the portfolio",
        "c at most 3 %",
        "crypto at least 3.33 %",
    }
    for way in found.loosenings:
        others = [limit for limit in limits if limit != way.limit]
        assert isinstance(optimise(FOUR, MinimumVariance(), [*others, way.loosened]), Solved)


def test_moving_from_one_asset_to_another_is_as_much_tracking_error_as_their_difference_is_volatile():
    assumptions = from_deviations([0.1, 0.3], [[1, 0.5], [0.5, 1]], [0.03, 0.08])
    difference = math.sqrt(0.01 + 0.09 - 2 * 0.5 * 0.03)
    for maximum in (0.01, 0.05):
        found = optimise(assumptions, HighestReturn(), [TrackingError({"a": 0.6, "b": 0.4}, maximum)]).require()
        assert found.w[1] == pytest.approx(0.4 + maximum / difference, abs=1e-8)
        assert found.binding == (f"tracking error to the targets at most {100 * maximum:g} % a year",)


def test_tracking_cash_is_a_cap_on_volatility():
    covariance = np.zeros((4, 4))
    covariance[:3, :3] = random_market(8, size=3).cov
    assumptions = market([0.05, 0.06, 0.09, 0.02], covariance)
    for objective in (HighestReturn(), MaximumUtility(0.5)):
        tracked = optimise(assumptions, objective, [TrackingError(pd.Series({"d": 1.0}), 0.08)]).require()
        capped = optimise(assumptions, objective, [VolatilityCap(0.08)]).require()
        assert tracked.w == pytest.approx(capped.w, abs=1e-7)


def test_a_tracking_error_nobody_can_keep_is_raised_in_words_that_suffice():
    limits = [TrackingError({"a": 0.6, "b": 0.4}, 0.01), Group("crypto", COINS, lower=0.1)]
    found = optimise(FOUR, MinimumVariance(), limits)
    assert isinstance(found, Infeasible)
    assert {limit.sentence() for limit in found.conflict} == {
        "tracking error to the targets at most 1 % a year",
        "crypto at least 10 %",
    }
    assert len(found.loosenings) == 2
    for way in found.loosenings:
        others = [limit for limit in limits if limit != way.limit]
        assert isinstance(optimise(FOUR, MinimumVariance(), [*others, way.loosened]), Solved)
        barely = way.limit.loosened(way.by - 1e-3)
        assert isinstance(optimise(FOUR, MinimumVariance(), [*others, barely]), Infeasible)


def test_sides_that_miss_each_other_by_rounding_are_met():
    third = 1 / 3
    limits = [
        RelativeBand("one", ("a",), third, 0),
        RelativeBand("two", ("b",), third - 2e-9, 0),
        RelativeBand("three", COINS, third, 0),
        Ratio("large caps", ("c",), "crypto", COINS, lower=0.6, upper=0.6),
    ]
    found = optimise(FOUR, MinimumVariance(), limits).require()
    assert found.w == pytest.approx([third, third, 0.6 * third, 0.4 * third], abs=1e-8)


@pytest.mark.parametrize(
    "made",
    [
        lambda step: RelativeBand("crypto", COINS, 0.05 + step, 0.2 + step),
        lambda step: Ratio("large caps", ("c",), "crypto", COINS, lower=0.5 + step, upper=0.9 - step),
        lambda step: TrackingError({"a": 0.5 + step, "b": 0.5 - step}, 0.1 + step),
    ],
)
def test_other_numbers_build_no_other_program(made, monkeypatch):
    assumptions = market(FOUR.mu, FOUR.cov)
    for objective in (MaximumUtility(3.0), MaximumSharpe()):
        optimise(assumptions, objective, [made(0.0)]).require()
    built, original = [], cp.Problem.__init__

    def counted(self, *arguments, **named):
        built.append(self)
        original(self, *arguments, **named)

    monkeypatch.setattr(cp.Problem, "__init__", counted)
    warm = [
        optimise(assumptions, objective, [made(step)]).require().w
        for objective in (MaximumUtility(3.0), MaximumSharpe())
        for step in (0.01, 0.05)
    ]
    assert not built
    cold = [
        optimise(market(FOUR.mu, FOUR.cov), objective, [made(step)]).require().w
        for objective in (MaximumUtility(3.0), MaximumSharpe())
        for step in (0.01, 0.05)
    ]
    assert np.array(warm) == pytest.approx(np.array(cold), abs=1e-6)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: RelativeBand("g", (), 0.05, 0.2), "The group 'g' has no members"),
        (lambda: RelativeBand("g", "ab", 0.05, 0.2), "members of the group 'g' are a text: give a list, ['ab']"),
        (lambda: RelativeBand("g", ("a",), 0, 0.2), "The target of the group 'g' is 0 %"),
        (lambda: RelativeBand("g", ("a",), 5, 0.2), "The target of the group 'g' is 5, that is 500 %"),
        (lambda: RelativeBand("g", ("a",), 0.05, -0.2), "The band of the group 'g' is -20 % wide"),
        (lambda: RelativeBand("g", ("a",), 0.05, 20), "The band of the group 'g' is 20, that is 2,000 %"),
        (lambda: RelativeBand("g", ("a",), 0.05, math.nan), "The band of the group 'g' is nan"),
        (lambda: Ratio("g", ("a",), "h", ("a", "b")), "The group 'g' limits nothing"),
        (lambda: Ratio("g", ("a",), "h", (), lower=0.5), "The group 'h' has no members"),
        (lambda: Ratio("g", ("a", "a"), "h", ("a",), lower=0.5), "The group 'g' names an asset twice"),
        (lambda: Ratio("g", ("a",), "h", ("a", "b"), lower=0.6, upper=0.5), "must be at least 60 % and at most 50 %"),
        (lambda: Ratio("g", ("a",), "h", ("a", "b"), lower=60), "The lower bound of the group 'g' is 60, that is"),
        (lambda: Ratio("g", ("a",), "h", ("a", "b"), lower=-0.1), "The share of g in h is negative"),
        (lambda: Ratio("g", ("a",), "h", ("a",), lower=0.1, spare=-0.1), "The spare weight of the group 'g' is neg"),
        (lambda: TrackingError({"a": 1.0}, 0), "The largest tracking error is 0 %: it must be above 0"),
        (lambda: TrackingError({"a": 1.0}, 3), "The largest tracking error is 3, that is 300 %: for 3 % write 0.03"),
        (lambda: TrackingError({"a": 0.9}, 0.02), "The target weights sum to 0.9: they must sum to 1"),
        (lambda: TrackingError("a", 0.02), "The target weights are 'a': give them by asset"),
    ],
)
def test_wrong_numbers_are_refused_where_they_are_written(made, words):
    with pytest.raises(InputError, match=re.escape(words)):
        made()


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (RelativeBand("metals", ("gold",), 0.05, 0.2), "The group 'metals' names 'gold', which is not an asset here"),
        (Ratio("g", ("a",), "metals", ("gold",), lower=0.5), "The group 'metals' names 'gold'"),
        (TrackingError({"gold": 1.0}, 0.02), "The target portfolio names 'gold'"),
    ],
)
def test_limits_that_do_not_fit_the_market_are_refused(limit, words):
    optimise(FOUR, MinimumVariance(), [TrackingError({"a": 1.0}, 0.2)]).require()
    with pytest.raises(InputError, match=re.escape(words)):
        optimise(FOUR, MinimumVariance(), [limit])
