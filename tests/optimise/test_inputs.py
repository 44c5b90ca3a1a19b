"""Wrong input is refused in words that name the place and the remedy; odd but right input is answered."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest
from random_markets import from_deviations

from planner import InputError
from planner.optimise import (
    Bounds,
    Group,
    MaximumReturn,
    MaximumUtility,
    MinimumVariance,
    ReturnFloor,
    TargetReturn,
    Turnover,
    VolatilityCap,
    optimise,
)

TWO = from_deviations([0.1, 0.2], np.eye(2), [0.04, 0.10])


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: Bounds(0.5, 0.4), "lower bound of every asset, 50 %, is above its upper bound, 40 %"),
        (lambda: Bounds({"a": 0.5}, {"a": 0.4}), "lower bound of a, 50 %, is above its upper bound, 40 %"),
        (lambda: Bounds(0.5, {"a": 0.4}), "lower bound of a, 50 %, is above its upper bound, 40 %"),
        (lambda: Bounds(upper=math.nan), "The upper bound is nan: give a finite number"),
        (lambda: Bounds(lower=-math.inf), "The lower bound is -inf: give a finite number"),
        (lambda: Bounds(upper={"a": None}), "The upper bound of a is None: give a finite number"),
        (lambda: Bounds(upper="5 %"), "The upper bound is 5 %: give a finite number, a fraction such as 0.05"),
        (lambda: Bounds(upper=True), "The upper bound is True"),
        (lambda: Bounds(upper={"a": 5}), "upper bound of a is 5, that is 500 %: for 5 % write 0.05"),
        (lambda: Group("g", ()), "The group 'g' has no members"),
        (lambda: Group("g", ("a", "a"), upper=0.5), "The group 'g' names an asset twice"),
        (lambda: Group("g", "ab", upper=0.5), "members of the group 'g' are a text: give a list, ['ab']"),
        (lambda: Group("g", ("a",)), "The group 'g' limits nothing"),
        (lambda: Group("g", ("a",), 0.5, 0.4), "group 'g' must be at least 50 % and at most 40 %"),
        (lambda: Group("g", ("a",), upper=math.nan), "The upper bound of the group 'g' is nan"),
        (lambda: Group("g", ("a",), upper=40), "The upper bound of the group 'g' is 40, that is 4,000 %"),
        (lambda: VolatilityCap(0), "The volatility cap is 0 %: it must be above 0"),
        (lambda: VolatilityCap(-0.1), "The volatility cap is -10 %"),
        (lambda: VolatilityCap(12), "The volatility cap is 12, that is 1,200 %: for 12 % write 0.12"),
        (lambda: MaximumReturn(12), "for 12 % write 0.12"),
        (lambda: MaximumReturn(math.nan), "The volatility cap is nan"),
        (lambda: TargetReturn(math.nan), "The expected return is nan"),
        (lambda: ReturnFloor(math.inf), "The expected return is inf"),
        (lambda: MaximumUtility(0), "Risk aversion is 0: it must be above 0"),
        (lambda: MaximumUtility(-3), "Risk aversion is -3: it must be above 0"),
        (lambda: MaximumUtility(math.nan), "Risk aversion is nan"),
        (lambda: MaximumUtility("3"), "Risk aversion is 3: give a finite number"),
        (lambda: Turnover({"a": 0.6, "b": 0.6}, 0.1), "current weights sum to 1.2: they must sum to 1"),
        (lambda: Turnover({"a": math.nan, "b": 1}, 0.1), "current weight of a is nan"),
        (lambda: Turnover({"a": 1.0}, -0.1), "largest turnover is -10 %: it must not be negative"),
        (lambda: Turnover({"a": 1.0}, 20), "largest turnover is 20, that is 2,000 %"),
    ],
)
def test_wrong_numbers_are_refused_where_they_are_written(made, words):
    with pytest.raises(InputError, match=re.escape(words)):
        made()


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ([Bounds(upper={"gold": 0.1})], "A bound names 'gold', which is not an asset here: a, b."),
        ([Group("metals", ("a", "gold"), upper=0.1)], "The group 'metals' names 'gold', which is not an asset here"),
        ([Turnover({"gold": 1.0}, 0.1)], "The current portfolio names 'gold', which is not an asset here"),
        (Bounds(upper=0.8), "put it in a list, [Bounds(...)]"),
    ],
)
def test_limits_that_do_not_fit_the_market_are_refused(limits, words):
    with pytest.raises(InputError, match=re.escape(words)):
        optimise(TWO, MinimumVariance(), limits)


def test_an_objective_that_is_none_is_refused_in_words():
    for wrong in (MinimumVariance, "minimum variance", None):
        with pytest.raises(InputError, match=r"The objective is .* give one such as MinimumVariance"):
            optimise(TWO, wrong)


def test_bounds_turnover_and_numbers_may_come_from_pandas_and_numpy():
    solved = optimise(TWO, MinimumVariance()).require()
    limits = [
        Bounds(pd.Series({"a": 0.1}), pd.Series({"a": 0.7, "b": 0.9})),
        Turnover(solved.weights, np.float32(0.25)),
        Group("growth", ["b"], np.int64(0), np.float64(0.9)),
    ]
    assert optimise(TWO, MinimumVariance(), limits).require().w == pytest.approx([0.7, 0.3], abs=1e-9)


def test_limits_may_come_from_a_generator():
    found = optimise(TWO, MinimumVariance(), (Bounds(upper={asset: 0.7}) for asset in ("a", "b")))
    assert found.require().w == pytest.approx([0.7, 0.3], abs=1e-9)


def test_a_caller_who_changes_a_mapping_later_does_not_change_the_limit():
    bounds = {"a": 0.7}
    limit = Bounds(upper=bounds)
    bounds["a"] = 0.1
    assert optimise(TWO, MinimumVariance(), [limit]).require().w == pytest.approx([0.7, 0.3], abs=1e-9)


def test_lower_bounds_for_some_assets_leave_the_others_long_only():
    assumptions = from_deviations([0.1, 0.2, 0.3], [[1, 0.9, 0.9], [0.9, 1, 0.9], [0.9, 0.9, 1]])
    short = optimise(assumptions, MinimumVariance(), [Bounds(lower={"b": -0.2})]).require()
    assert short.weights["b"] == pytest.approx(-0.2)
    assert short.weights["c"] == 0
    both = optimise(assumptions, MinimumVariance(), [Bounds(lower={"b": -0.2}), Bounds(lower={"c": -0.1})]).require()
    assert both.weights[["b", "c"]].to_numpy() == pytest.approx([-0.2, -0.1])
    strict = optimise(assumptions, MinimumVariance(), [Bounds(lower={"b": -0.2}), Bounds(lower=0.0)]).require()
    assert strict.w.min() == 0


def test_solutions_say_which_limits_they_touch():
    found = optimise(
        TWO,
        MinimumVariance(),
        [
            Bounds(upper={"a": 0.75}),
            Group("growth", ("b",), lower=0.25, upper=0.9),
            Turnover({"b": 1.0}, 0.75),
            VolatilityCap(0.5),
            ReturnFloor(0.01),
        ],
    ).require()
    assert found.binding == (
        "a is at its upper bound of 75 %",
        "growth at least 25 %",
        "at most 75 % of the portfolio sold",
    )
    assert "<li>growth at least 25 %</li>" in found._repr_html_()


def test_a_fixed_weight_and_a_fixed_group_are_said_once():
    found = optimise(
        TWO, MinimumVariance(), [Bounds({"a": 0.6}, {"a": 0.6}), Group("growth", ("b",), 0.4, 0.4)]
    ).require()
    assert found.binding == ("a is fixed at 60 %", "growth exactly 40 %")


@pytest.mark.parametrize(
    ("limit", "sentence"),
    [
        (Bounds(), "no bounds"),
        (Bounds(0.0, 0.3), "every asset at least 0 %, every asset at most 30 %"),
        (Bounds(upper={"gold": 0.055}), "gold at most 5.5 %"),
        (Group("crypto", ("a",), 0.0125, 0.05), "crypto at least 1.25 % and at most 5 %"),
        (VolatilityCap(0.123), "volatility at most 12.3 % a year"),
        (ReturnFloor(0.0625), "expected return at least 6.25 % a year"),
        (Turnover({"a": 1.0}, 0.1), "at most 10 % of the portfolio sold"),
    ],
)
def test_every_limit_has_a_sentence(limit, sentence):
    assert limit.sentence() == sentence


def test_every_objective_has_a_sentence_that_stands_above_its_result():
    for objective, words in (
        (MinimumVariance(), "The lowest volatility: expected return"),
        (MaximumUtility(3), "The best return for its risk at risk aversion 3: expected return"),
        (TargetReturn(0.05), "The lowest volatility with an expected return of 5 %: expected return"),
        (MaximumReturn(0.15), "The highest expected return with volatility of at most 15 %: expected return"),
    ):
        assert words in optimise(TWO, objective).require()._repr_html_()
