from __future__ import annotations

import pickle

import pytest

from planner.errors import InputError
from planner.household.profile import Profile
from planner.household.questions import (
    INCOME_QUESTION,
    STEPS,
    TOLERANCE_QUESTIONS,
    Fall,
    IncomeStability,
    ToleranceAnswers,
)

QUESTIONS = (*TOLERANCE_QUESTIONS, INCOME_QUESTION)


def test_a_profile_survives_json_pickle_and_hash(figures):
    profile = Profile(**figures)
    assert Profile.model_validate_json(profile.model_dump_json()) == profile
    assert pickle.loads(pickle.dumps(profile)) == profile
    assert hash(Profile(**figures)) == hash(profile)
    assert isinstance(profile.tolerance.sells_at, Fall)


def test_answers_in_json_read_like_the_answers(figures):
    text = Profile(**figures).model_dump_json()
    assert '"sells_at":"-50 %"' in text
    assert '"income_stability":"secure"' in text


def test_more_liquid_than_everything_owned_is_impossible(figures):
    with pytest.raises(InputError) as raised:
        Profile(**figures | {"net_worth": -20_000, "obligations": 50_000, "liquid_assets": 30_001})
    assert str(raised.value) == (
        "Liquid assets are $30,001, more than everything owned ($30,000, which is the net worth of -$20,000 plus "
        "$50,000 owed): lower them or raise the net worth."
    )
    assert Profile(**figures | {"net_worth": -20_000, "obligations": 50_000, "liquid_assets": 30_000}).net_worth < 0


def test_cents_lost_in_floating_point_are_forgiven(figures):
    parts = {"net_worth": 0.7, "obligations": 0.1, "liquid_assets": 0.8}
    assert parts["net_worth"] + parts["obligations"] < parts["liquid_assets"]
    assert Profile(**figures | parts).liquid_assets == 0.8


@pytest.mark.parametrize("currency", ["usd", "EURO", "", "E1R", "ÄÖÜ"])
def test_a_currency_is_three_capital_letters(figures, currency):
    with pytest.raises(InputError, match="three capital letters"):
        Profile(**figures | {"currency": currency})


def test_money_is_written_in_the_households_currency(figures):
    with pytest.raises(InputError, match=r"EUR 9,000,000, more than everything owned \(EUR 1,000,000"):
        Profile(**figures | {"currency": "EUR", "liquid_assets": 9e6})


def test_every_question_has_four_distinct_answers_in_words():
    for question in QUESTIONS:
        answers = list(question.answers)
        assert len(answers) == STEPS
        assert len({answer.wording for answer in answers}) == STEPS
        assert [answer.step for answer in answers] == [0, 1, 2, 3]
        assert [answer.share for answer in answers] == [0, 1 / 3, 2 / 3, 1]
        assert question.wording.endswith("?")


def test_the_questions_are_the_fields_of_the_answers():
    assert [question.field for question in TOLERANCE_QUESTIONS] == list(ToleranceAnswers.model_fields)
    for question in TOLERANCE_QUESTIONS:
        assert ToleranceAnswers.model_fields[question.field].annotation is question.answers
    assert Profile.model_fields[INCOME_QUESTION.field].annotation is IncomeStability


def test_selling_and_sleep_are_asked_for_the_four_falls_of_the_domain():
    asked = [question.field for question in TOLERANCE_QUESTIONS if question.answers is Fall]
    assert asked == ["sells_at", "loses_sleep_at"]
    assert [fall.value for fall in Fall] == ["-10 %", "-20 %", "-30 %", "-50 %"]
