from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import InputError
from planner.market.universe import BUILT_IN
from planner.policy.glide_path import AGE_GLIDE_PATH, GlidePath
from planner.policy.targets import SIXTY_FORTY, Band, Targets

HALVES = Targets(weights={"equities": 0.5, "cash": 0.5})
SAFE = Targets(weights={"cash": 1}, default_band=Band(0.10))

shares = st.lists(st.floats(0, 1), min_size=6, max_size=6).filter(lambda raw: sum(raw) > 0.01)
mixes = shares.map(
    lambda raw: Targets(weights={name: x / sum(raw) for name, x in zip(BUILT_IN.class_names, raw, strict=True)})
)
paths = st.dictionaries(st.floats(0, 120), mixes, min_size=1, max_size=5).map(lambda points: GlidePath(points=points))


@settings(deadline=None, max_examples=100)
@given(paths, st.floats(-10, 200))
def test_targets_sum_to_1_at_every_age(path, age):
    weights = path.at(age).weights.values()
    assert math.fsum(weights) == pytest.approx(1, abs=1e-12)
    assert all(0 <= weight <= 1 + 1e-12 for weight in weights)


@settings(deadline=None, max_examples=50)
@given(paths)
def test_a_path_goes_through_its_points(path):
    for age, targets in path.points.items():
        assert path.at(age) == targets


def test_targets_move_evenly_between_two_ages_and_rest_outside():
    path = GlidePath(points={60: SAFE, 40: HALVES})
    assert path.at(45).weights["cash"] == pytest.approx(0.625)
    assert path.at(50).weights["equities"] == pytest.approx(0.25)
    assert path.at(20) == HALVES
    assert path.at(99) == SAFE


def test_the_bands_are_those_of_the_last_point_passed():
    path = GlidePath(points={40: HALVES, 60: SAFE})
    assert path.at(59.9).default_band == HALVES.default_band
    assert path.at(60).default_band == Band(0.10)


def test_a_path_survives_json():
    assert GlidePath.model_validate_json(AGE_GLIDE_PATH.model_dump_json()) == AGE_GLIDE_PATH


def test_the_built_in_path_lowers_crypto_by_three_quarters_of_a_point_per_decade():
    crypto = [AGE_GLIDE_PATH.at(age).weights["crypto"] for age in range(20, 90, 10)]
    assert crypto == pytest.approx([0.075, 0.0675, 0.06, 0.0525, 0.045, 0.0375, 0.03])


def test_the_built_in_path_never_raises_crypto_or_equities_with_age():
    mixes_by_age = [AGE_GLIDE_PATH.at(age).weights for age in range(15, 111)]
    for younger, older in pairwise(mixes_by_age):
        assert older["crypto"] <= younger["crypto"]
        assert older["equities"] <= younger["equities"]


def test_impossible_paths_are_errors_in_words():
    with pytest.raises(InputError, match="at least one age"):
        GlidePath(points={})
    with pytest.raises(InputError, match=r"30 \(in glide path\): Targets sum to 2: take 1 off"):
        GlidePath(points={30: {"weights": {"equities": 2}}})
    with pytest.raises(InputError, match="age 50 name other asset classes"):
        GlidePath(points={30: SIXTY_FORTY, 50: SIXTY_FORTY.model_copy(update={"weights": {"gold": 1}})})
    with pytest.raises(InputError, match="glide path"):
        GlidePath(points={math.nan: SIXTY_FORTY})
