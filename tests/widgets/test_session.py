import logging

import pytest

from planner.scenario import EXAMPLE, Method
from widgets.runner import UNEXPECTED
from widgets.session import Session


@pytest.fixture
def session():
    return Session()


def test_outside_a_kernel_the_first_plan_is_there_at_once(session):
    assert session.plan.scenario == EXAMPLE
    assert not session.busy


def test_a_change_makes_a_new_plan_that_observers_hear_of(session):
    heard = []
    session.observe(lambda change: heard.append(change.new), "plan")
    session.change(method=Method.RISK_BUDGET)
    assert [plan.scenario.method for plan in heard] == [Method.RISK_BUDGET]


def test_a_profile_change_is_assessed_before_it_is_planned(session):
    before = session.assessment.crypto_range.upper
    session.change_profile(age=65)
    assert session.assessment.crypto_range.upper < before
    assert session.plan.assessment == session.assessment


def test_a_change_that_cannot_be_is_a_sentence_and_changes_nothing(session):
    plan = session.plan
    session.change_profile(age=140)
    assert "140" in session.problem
    assert session.scenario == EXAMPLE
    assert session.plan is plan
    session.change_profile(age=36)
    assert session.problem == ""


def test_an_unexpected_error_is_a_plain_sentence_with_its_traceback_in_the_log(session, monkeypatch, caplog):
    def broken():
        raise RuntimeError("a secret of the server")

    plan = session.plan
    monkeypatch.setattr(session, "make_plan", broken)
    with caplog.at_level(logging.ERROR, logger="widgets"):
        session.change(method=Method.RISK_BUDGET)
    said, code = session.problem.rstrip(".").rsplit(" ", 1)
    assert said == f"{UNEXPECTED} The log explains the code"
    assert f"{code}: " in caplog.text
    assert session.plan is plan
    assert not session.busy
    assert "Traceback" in caplog.text
    assert "a secret of the server" in caplog.text


def test_accounts_and_trades_make_no_new_plan(session):
    plan = session.plan
    session.change(household=None)
    session.change(trading=session.scenario.trading.with_changes(minimum_trade=500))
    assert session.plan is plan
    session.change(method=Method.RISK_BUDGET)
    assert session.plan is not plan


def test_a_plan_that_failed_is_tried_again_with_the_next_change_of_any_kind(session, monkeypatch):
    monkeypatch.setattr(session, "make_plan", lambda: 1 / 0)
    session.change(method=Method.RISK_BUDGET)
    monkeypatch.undo()
    session.change(household=None)
    assert session.plan.scenario.method is Method.RISK_BUDGET


def test_what_waits_for_the_first_plan_is_called_at_once_where_there_is_one(session):
    called = []
    session.when_ready(lambda: called.append(session.plan))
    assert called == [session.plan]
