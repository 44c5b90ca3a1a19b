"""The strip of key figures, without a browser."""

from __future__ import annotations

import re

from planner import EXAMPLE, plan
from planner.household.cash_flows import CashFlows
from planner.household.goals import Goal
from planner.outlook.projection import project
from widgets import strip
from widgets.session import Session
from widgets.strip import CANNOT, CHANCE, UNKNOWN, KeyStrip, least_likely


def cells(made):
    pattern = r"<span>(.*?)</span><b>(.*?)</b><small>(.*?)</small>"
    return {label: (text, meaning) for label, text, meaning in re.findall(pattern, made.value)}


def test_it_shows_the_plans_figures_with_their_meaning():
    made, figures = KeyStrip(Session()), {each.name: each for each in plan(EXAMPLE).figures}
    shown = cells(made)
    assert list(shown) == [*(figures[name].label for name in strip.SHOWN), CHANCE]
    for name in strip.SHOWN:
        text, meaning = shown[figures[name].label]
        assert text == figures[name].text
        assert meaning.endswith(".")


def test_the_chance_is_that_of_the_least_likely_aim():
    made = plan(EXAMPLE)
    found = project(made, paths=strip.PATHS)
    cell = least_likely(found, EXAMPLE.profile.age)
    chances = [found.lasts.probability, *found.goal_table["probability"]]
    assert cell.text == f"{100 * min(chances):.0f} %"
    assert "all spending to the age of 95" in cell.meaning
    assert cells(KeyStrip(Session()))[CHANCE][0] == cell.text


def test_a_goal_beyond_reach_leads():
    session = Session()
    made = KeyStrip(session)
    session.change(goals=(Goal(name="Castle <b>", amount=90_000_000, year=2035),))
    text, meaning = cells(made)[CHANCE]
    assert text == "0 %"
    assert "Castle &lt;b&gt;" in meaning
    assert "pl-old" not in made.value


def test_without_aims_there_is_no_chance():
    session = Session()
    made = KeyStrip(session)
    session.change(goals=(), cash_flows=CashFlows(saving=1_000, spending=0, retirement_age=60))
    assert cells(made)[CHANCE][0] == UNKNOWN


def test_what_fails_is_said_and_the_other_figures_stay(monkeypatch):
    def refuse(*_, **__):
        raise RuntimeError("model")

    monkeypatch.setattr("planner.outlook.projection.project", refuse)
    made = KeyStrip(Session())
    assert cells(made)[CHANCE] == (UNKNOWN, CANNOT)
    assert len(cells(made)) == len(strip.SHOWN) + 1


def test_the_figures_follow_at_once_and_the_old_chance_is_marked_until_the_new_one_is_found(monkeypatch):
    session = Session()
    made = KeyStrip(session)
    waiting = []
    monkeypatch.setattr(made._at_rest, "call", waiting.append)
    before = cells(made)
    session.change_profile(age=55)
    assert "pl-old" in made.value
    assert cells(made)[CHANCE] == before[CHANCE]
    waiting[-1]()
    assert "pl-old" not in made.value
    assert cells(made)[CHANCE] != before[CHANCE]


def test_many_moves_find_one_chance(monkeypatch):
    session = Session()
    made = KeyStrip(session)
    asked, waiting = [], []
    monkeypatch.setattr(strip, "Task", lambda *parts: asked.append(parts))
    monkeypatch.setattr(made._at_rest, "call", lambda then: (waiting.clear(), waiting.append(then)))
    for age in (40, 41, 42):
        session.change_profile(age=age)
    waiting[-1]()
    assert len(asked) == 1
