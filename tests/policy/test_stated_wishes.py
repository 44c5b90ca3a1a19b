"""Limits and views as documents: what they say, and what they refuse."""

from __future__ import annotations

import pytest

from planner import InputError
from planner.market.universe import BUILT_IN
from planner.policy.wishes import MOST_LIMITS, LimitKind, PlanLimit, PlanView
from planner.scenario import EXAMPLE, Scenario


@pytest.mark.parametrize(
    ("kind", "subject", "size", "sentence"),
    [
        (LimitKind.AT_LEAST, "crypto", 0.05, "Crypto at least 5 %"),
        (LimitKind.AT_MOST, "gold", 0.075, "Gold at most 7.5 %"),
        (LimitKind.RISK_AT_MOST, "crypto", 0.2, "Crypto at most 20 % of the risk"),
        (LimitKind.PART_AT_LEAST, "bitcoin", 0.6, "Bitcoin at least 60 % of Crypto"),
        (LimitKind.TRACKING_ERROR, None, 0.02, "Tracking error to the targets at most 2 % a year"),
        (LimitKind.SMALLEST_HOLDING, None, 0.03, "Every holding at least 3 %, or none"),
    ],
)
def test_a_limit_says_what_it_limits(kind, subject, size, sentence):
    assert PlanLimit(kind=kind, subject=subject, size=size).sentence(BUILT_IN) == sentence


def test_a_view_says_what_is_expected_and_how_surely():
    view = PlanView(subject="crypto", expected_return=0.125, confidence=0.4)
    assert view.sentence(BUILT_IN) == "Crypto returns 12.5 % a year, 40 % sure"


def test_members_are_a_class_a_series_or_everything():
    assert PlanLimit(kind="at most", subject="crypto", size=0.1).members(BUILT_IN) == ("bitcoin", "ether")
    assert PlanLimit(kind="at most", subject="ether", size=0.1).members(BUILT_IN) == ("ether",)
    assert PlanLimit(kind="smallest holding", size=0.1).members(BUILT_IN) == BUILT_IN.series_names
    part = PlanLimit(kind="part of its class at least", subject="ether", size=0.1)
    assert part.whole(BUILT_IN) == ("bitcoin", "ether")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "at most", "size": 0.1}, "names nothing"),
        ({"kind": "smallest holding", "subject": "crypto", "size": 0.1}, "whole portfolio"),
        ({"kind": "at most", "subject": "crypto", "size": 5}, "5"),
        ({"kind": "at most", "subject": "crypto", "size": float("nan")}, "[Ss]ize"),
        ({"kind": "at most", "subject": "x" * 1000, "size": 0.1}, "[Ss]ubject"),
        ({"kind": "at moest", "subject": "crypto", "size": 0.1}, "[Kk]ind"),
        ({"kind": "tracking error at most", "size": 0}, "nothing but the targets"),
    ],
)
def test_what_is_no_limit_is_refused_in_words(fields, words):
    with pytest.raises(InputError, match=words):
        PlanLimit(**fields)


def test_a_part_of_a_class_needs_a_series():
    with pytest.raises(InputError, match="no series"):
        PlanLimit(kind="part of its class at least", subject="crypto", size=0.5).members(BUILT_IN)


def test_a_scenario_keeps_its_wishes_as_a_document():
    limits = (PlanLimit(kind="at most", subject="crypto", size=0.03, soft=True),)
    views = (PlanView(subject="equities", expected_return=0.08, confidence=0.5),)
    stated = EXAMPLE.with_changes(limits=limits, views=views, frontier_return=0.06)
    assert Scenario.model_validate_json(stated.model_dump_json()) == stated
    assert hash(stated.limits) == hash(limits)


def test_a_scenario_refuses_two_views_on_one_class_and_a_wall_of_limits():
    view = PlanView(subject="equities", expected_return=0.08, confidence=0.5)
    with pytest.raises(InputError, match="two views on 'equities'"):
        EXAMPLE.with_changes(views=(view, view.with_changes(confidence=0.1)))
    limit = PlanLimit(kind="at most", subject="crypto", size=0.03)
    with pytest.raises(InputError, match=str(MOST_LIMITS)):
        EXAMPLE.with_changes(limits=(limit,) * (MOST_LIMITS + 1))
