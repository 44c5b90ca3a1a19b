from __future__ import annotations

import copy
import json
import math
import pickle
import subprocess
import sys
from typing import Annotated

import pytest
from pydantic import BaseModel, ValidationError

from planner.errors import InputError
from planner.household.profile import Profile
from planner.validation import Document, Frozen, FrozenDict, Number, WholeNumber, in_words


class Household(Document):
    profile: Profile
    children: tuple[Profile, ...] = ()


def test_an_age_of_140_is_an_error_in_words(figures):
    with pytest.raises(InputError) as raised:
        Profile(**figures | {"age": 140})
    assert str(raised.value) == "Age is 140: it must be between 18 and 110."


def test_a_negative_income_is_an_error_in_words(figures):
    with pytest.raises(InputError, match=r"^Yearly income is -5,000: it must be between 0 and 1,000,000,000,000\.$"):
        Profile(**figures | {"yearly_income": -5000})


def test_every_way_of_making_a_document_raises_the_same_words(figures):
    wrong = figures | {"dependents": -1}
    makers = (
        lambda: Profile(**wrong),
        lambda: Profile.model_validate(wrong),
        lambda: Profile.model_validate_json(json.dumps(wrong)),
        lambda: Profile(**figures).with_changes(dependents=-1),
    )
    said = set()
    for make in makers:
        with pytest.raises(InputError) as raised:
            make()
        said.add(str(raised.value))
    assert said == {"Number of dependents is -1: it must be between 0 and 30."}


def test_a_nested_document_reports_the_path_to_its_field(figures):
    with pytest.raises(InputError, match=r"^Age \(in profile\) is 140: it must be between 18 and 110\.$") as raised:
        Household(profile=figures | {"age": 140})
    assert isinstance(raised.value.__cause__, ValidationError)
    assert raised.value.__cause__.errors()[0]["loc"] == ("profile", "age")


def test_a_sentence_of_our_own_keeps_its_place_in_a_list(figures):
    with pytest.raises(InputError, match=r"^1 \(in children\): Liquid assets are \$9,000,000, more than"):
        Household(profile=figures, children=[figures, figures | {"liquid_assets": 9e6}])


@pytest.mark.parametrize("value", [True, "40", None, 40.5, math.nan, [40]])
def test_only_whole_numbers_are_whole_numbers(figures, value):
    with pytest.raises(InputError, match=r"^Age is .*(whole number|finite)"):
        Profile(**figures | {"age": value})


@pytest.mark.parametrize("value", [False, "1000", None, math.nan, math.inf, -math.inf, {}, 10**400])
def test_only_finite_numbers_are_money(figures, value):
    with pytest.raises(InputError, match=r"^Yearly spending is .*number"):
        Profile(**figures | {"yearly_spending": value})


def test_infinity_written_in_json_is_refused(figures):
    text = json.dumps(figures).replace("500000", "1e999")
    with pytest.raises(InputError, match="Net worth is inf: it must be a finite number"):
        Profile.model_validate_json(text)


def test_numbers_of_numpy_are_numbers(figures):
    numpy = pytest.importorskip("numpy")
    profile = Profile(**figures | {"age": numpy.int64(41), "liquid_assets": numpy.float64(7.5)})
    assert (profile.age, profile.liquid_assets) == (41, 7.5)
    assert type(profile.age) is int


def test_a_misspelt_field_is_named_with_the_one_that_was_meant(figures):
    with pytest.raises(InputError, match="There is no field 'net_wroth': did you mean 'net_worth'"):
        Profile(**figures | {"net_wroth": 1})
    with pytest.raises(InputError, match=r"There is no field 'selsl_at' in tolerance: did you mean 'sells_at'\?"):
        Profile(**figures | {"tolerance": figures["tolerance"] | {"selsl_at": 1}})
    with pytest.raises(InputError, match="There is no field '<script>': remove it"):
        Profile(**figures | {"<script>": 1})


def test_missing_fields_are_listed_in_one_sentence(figures):
    del figures["age"], figures["obligations"]
    with pytest.raises(InputError, match=r"^Add what is missing: Age, Money owed\.$"):
        Profile(**figures)


def test_an_answer_nobody_offered_is_met_with_those_that_are(figures):
    with pytest.raises(InputError, match="'rock solid': it must be 'uncertain', 'variable', 'steady' or 'secure'"):
        Profile(**figures | {"income_stability": "rock solid"})


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null", "[" * 5000])
def test_a_broken_file_is_an_input_error(text):
    with pytest.raises(InputError, match=r"JSON|named fields"):
        Profile.model_validate_json(text)


def test_a_document_of_a_thousand_mistakes_gets_a_short_answer(figures):
    with pytest.raises(InputError) as raised:
        Profile(**figures | {f"extra_{number}" * 100: number for number in range(1000)})
    assert "There are 1000 problems in all." in str(raised.value)
    assert len(str(raised.value)) < 600


def test_words_are_found_without_the_model_too():
    class Plain(BaseModel):
        year: int

    with pytest.raises(ValidationError) as raised:
        Plain(year="soon")
    assert in_words(raised.value) == "Year is 'soon': it must be a whole number."


class Weights(Document):
    weights: Annotated[dict[str, Number], Frozen]


def test_a_frozen_mapping_refuses_change_and_survives_copies():
    original = Weights(weights={"crypto": 1, "cash": 2.5})
    for change in (
        lambda: original.weights.update(crypto=2),
        lambda: original.weights.__setitem__("crypto", 2),
        lambda: original.weights.__ior__({"crypto": 2}),
        lambda: original.weights.pop("crypto"),
        original.weights.clear,
        lambda: original.weights.setdefault("gold", 1),
        original.weights.popitem,
        lambda: original.weights.__delitem__("crypto"),
    ):
        with pytest.raises(TypeError, match="frozen"):
            change()
    with pytest.raises(ValidationError):
        original.weights = {}
    assert original.weights == {"crypto": 1.0, "cash": 2.5}
    for twin in (
        pickle.loads(pickle.dumps(original)),
        copy.deepcopy(original),
        Weights.model_validate_json(original.model_dump_json()),
        Weights(weights={"cash": 2.5, "crypto": 1}),
    ):
        assert twin == original
        assert hash(twin) == hash(original)
        assert isinstance(twin.weights, FrozenDict)


class Counted(Document):
    number: WholeNumber
    limit: Number = 0.0


def test_with_changes_leaves_the_first_document_alone():
    first = Counted(number=1)
    assert first.with_changes(limit=2) == Counted(number=1, limit=2)
    assert first == Counted(number=1)
    with pytest.raises(InputError, match="There is no field 'numbr': did you mean 'number'"):
        first.with_changes(numbr=2)


def test_household_and_policy_load_no_heavy_library():
    code = (
        "import sys, planner.household.profile, planner.policy.targets, planner.policy.glide_path\n"
        "heavy = {'numpy', 'pandas', 'scipy', 'cvxpy', 'sklearn', 'altair'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
