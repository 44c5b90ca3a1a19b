from __future__ import annotations

import math
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import InputError
from planner.market.universe import BUILT_IN, AssetClass, Series, TaxCharacter, Universe
from planner.policy.targets import (
    ABSOLUTE_BAND,
    RELATIVE_BAND,
    SIXTY_FORTY,
    Band,
    ReferenceMix,
    Targets,
)
from planner.validation import Document

OWN = Universe(
    tuple(
        AssetClass(name, name, "#000000", "", (Series(f"{name}_fund", name, TaxCharacter.PROPERTY),))
        for name in ("wine", "gold")
    )
)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({"equities": 1.2}, "Targets sum to 1.2: take 0.2 off"),
        ({"equities": 0.6, "cash": 0.35}, "Targets sum to 0.95: add 0.05"),
        ({"equities": 60, "cash": 40}, "Targets sum to 100: take 99 off"),
        ({"equities": 0.99999}, "Targets sum to 0.99999: add 0.00001"),
        ({}, "Targets sum to 0: add 1"),
    ],
)
def test_targets_that_do_not_sum_to_1_say_by_how_much(weights, words):
    with pytest.raises(InputError) as raised:
        Targets(weights=weights)
    assert str(raised.value).startswith(words)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({"equities": 1.1, "crypto": -0.1}, "The target of 'crypto' is -0.1: a target cannot be negative"),
        ({"equities": 1, "crypto": math.nan}, r"Crypto \(in targets\) is nan: it must be a finite number"),
        ({"equities": True}, r"Equities \(in targets\) is True: it must be a number"),
        ({"equites": 1}, "There is no asset class 'equites'. The classes are: equities, fixed_income"),
        ([1.0], "Targets is .* mapping"),
    ],
)
def test_impossible_targets_are_errors_in_words(weights, words):
    with pytest.raises(InputError, match=words):
        Targets(weights=weights)


def test_every_class_of_the_universe_has_a_target_in_its_order():
    targets = Targets(weights={"crypto": 0.1, "equities": 0.9})
    assert list(targets.weights) == list(BUILT_IN.class_names)
    assert targets.weights["cash"] == 0


def test_a_users_own_universe_works_the_same():
    targets = Targets.in_universe(OWN, weights={"gold": 1}, bands={"wine": Band(0.05)})
    assert targets.weights == {"wine": 0, "gold": 1}
    assert targets.range("wine") == (0, 0.05)
    with pytest.raises(InputError, match=r"no asset class 'equities'\. The classes are: wine, gold"):
        Targets.in_universe(OWN, weights={"equities": 1})
    with pytest.raises(InputError, match="no asset class 'wine'"):
        Targets(weights={"wine": 1})


def test_a_document_around_targets_hands_the_universe_on():
    class Plan(Document):
        targets: Targets

    plan = Plan(targets=Targets.in_universe(OWN, weights={"gold": 0.5, "wine": 0.5}))
    assert Plan.model_validate_json(plan.model_dump_json(), context={"universe": OWN}) == plan


@pytest.mark.parametrize("mix", ReferenceMix)
def test_every_reference_mix_sums_to_1_and_survives_json_and_pickle(mix):
    targets = Targets.reference(mix)
    assert math.fsum(targets.weights.values()) == pytest.approx(1, abs=1e-15)
    assert Targets.model_validate_json(targets.model_dump_json()) == targets
    assert pickle.loads(pickle.dumps(targets)) == targets
    assert len({targets, Targets.reference(mix)}) == 1


def test_the_reference_mixes_are_those_of_the_domain():
    weights = {mix: Targets.reference(mix).weights for mix in ReferenceMix}
    assert list(weights[ReferenceMix.WORKED_EXAMPLE].values()) == [0.50, 0.30, 0.10, 0, 0.05, 0.05]
    assert list(weights[ReferenceMix.SIXTY_FORTY_WITH_CRYPTO].values()) == [0.55, 0.35, 0, 0, 0, 0.10]
    assert 0.40 <= weights[ReferenceMix.EQUITY_FOCUSED]["equities"] <= 0.60
    assert weights[ReferenceMix.EQUITY_FOCUSED]["crypto"] == 0.075
    heavy = weights[ReferenceMix.REAL_ESTATE_HEAVY]
    assert (heavy["real_estate"], heavy["equities"], heavy["crypto"]) == (0.25, 0.55, 0.075)
    assert (SIXTY_FORTY.weights["equities"], SIXTY_FORTY.weights["fixed_income"]) == (0.6, 0.4)


def test_a_5_percent_crypto_target_acts_at_7_percent():
    assert Targets.reference(ReferenceMix.WORKED_EXAMPLE).range("crypto") == pytest.approx((0.03, 0.07))


def test_of_two_widths_the_narrower_binds():
    both = Band(ABSOLUTE_BAND, RELATIVE_BAND)
    assert both.around(0.05) == pytest.approx((0.05 - 0.01125, 0.05 + 0.01125))
    assert both.around(0.50) == pytest.approx((0.48, 0.52))
    assert Band(relative=0.2).around(0.5) == pytest.approx((0.4, 0.6))


def test_a_band_may_be_wider_on_one_side():
    assert Band(absolute=0.02, absolute_below=0.04).around(0.10) == pytest.approx((0.06, 0.12))
    assert Band(relative=0.2, absolute_below=0.01).around(0.10) == pytest.approx((0.09, 0.12))
    assert Band(0.02, 0.1, relative_below=0.5).around(0.10) == pytest.approx((0.05, 0.11))
    assert Band(0.02, absolute_below=0.03, relative_below=0.1).around(0.10) == pytest.approx((0.09, 0.12))


def test_a_relative_band_says_nothing_of_a_class_without_a_target():
    assert Band(relative=0.2).around(0) == (0, ABSOLUTE_BAND)
    assert Band(0.05, 0.2).around(0) == (0, 0.05)
    assert Band(0.0).around(0) == (0, 0)


def test_targets_written_before_bands_had_two_sides_still_read():
    before = (
        '{"weights": {"equities": 0.95, "crypto": 0.05}, "bands": {"crypto": {"absolute": 0.02, "relative": null}}}'
    )
    targets = Targets.model_validate_json(before)
    assert targets.range("crypto") == pytest.approx((0.03, 0.07))
    one_sided = targets.with_changes(bands={"crypto": {"absolute": 0.02, "absolute_below": 0.05}})
    assert Targets.model_validate_json(one_sided.model_dump_json()) == one_sided
    assert one_sided.range("crypto") == pytest.approx((0, 0.07))


def test_a_class_may_have_a_band_of_its_own():
    targets = Targets(weights={"equities": 0.95, "crypto": 0.05}, bands={"crypto": {"relative": 0.2}})
    assert targets.range("crypto") == pytest.approx((0.04, 0.06))
    assert targets.range("equities") == pytest.approx((0.93, 0.97))
    wider = targets.with_changes(default_band=Band(0.10))
    assert wider.range("equities") == pytest.approx((0.85, 1))
    assert wider.range("crypto") == targets.range("crypto")


@pytest.mark.parametrize(
    "widths",
    [
        {},
        {"absolute": -0.1},
        {"relative": 1.5},
        {"absolute": math.nan},
        {"absolute": 0.02, "relative_below": -0.1},
        {"absolute_below": 0.1},
    ],
)
def test_impossible_bands_are_errors_in_words(widths):
    with pytest.raises(InputError, match="band"):
        Band(**widths)
    with pytest.raises(InputError, match=r"[bB]and"):
        Targets(weights={"equities": 1}, bands={"crypto": widths})


def test_bands_and_ranges_of_unknown_classes_are_errors_in_words():
    with pytest.raises(InputError, match="no asset class 'bitcoins'"):
        Targets(weights={"equities": 1}, bands={"bitcoins": Band(0.1)})
    with pytest.raises(InputError, match="no asset class 'bitcoins'"):
        SIXTY_FORTY.range("bitcoins")


def test_targets_do_not_change():
    with pytest.raises(TypeError, match="frozen"):
        SIXTY_FORTY.weights["crypto"] = 0.5


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.floats(0, 1), min_size=6, max_size=6).filter(lambda raw: sum(raw) > 0.01),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_every_range_holds_its_target_inside_0_and_1(raw, absolute, relative):
    weights = {name: part / sum(raw) for name, part in zip(BUILT_IN.class_names, raw, strict=True)}
    targets = Targets(weights=weights, default_band=Band(absolute, relative))
    for name, weight in targets.weights.items():
        lower, upper = targets.range(name)
        assert 0 <= lower <= weight <= upper <= 1
