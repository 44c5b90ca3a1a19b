from __future__ import annotations

import pytest

from planner.market.market import Market, built_in_market
from planner.scenario import EXAMPLE
from widgets.panels.stress import OWNED, TRAVELS, StressPanel
from widgets.session import Session


@pytest.fixture
def panel():
    made = StressPanel(Session(EXAMPLE))
    made.showing = True
    return made


def whole(panel):
    return panel.shock.rows["steps"][-1]["end"]


def test_a_halving_of_five_percent_is_two_and_a_half_to_the_digit(panel):
    assert panel.session.plan.class_weights["crypto"] == pytest.approx(0.05)
    assert "A 50 % fall of 5 % is 2.5 %." in panel.said.value
    assert whole(panel) == pytest.approx(-0.025, abs=1e-15)


def test_the_buttons_set_the_fall_and_zero_takes_it_back(panel):
    panel.buttons[2].click()
    assert "A 100 % fall of 5 % is 5 %." in panel.said.value
    panel.buttons[1].click()
    assert "An 80 % fall of 5 % is 4 %." in panel.said.value
    panel.clear.click()
    assert "leaves the portfolio as it was" in panel.said.value
    assert whole(panel) == 0


def test_a_shock_that_travels_costs_more_than_alone(panel):
    alone = whole(panel)
    panel.way.value = TRAVELS
    assert whole(panel) < alone


def test_the_parts_of_an_episode_add_up_to_what_is_said(panel):
    rows = panel.episodes.rows
    assert len(rows["totals"]) == 8
    for total in rows["totals"]:
        ends = sum(part["contribution"] for part in rows["parts"] if part["name"] == total["name"])
        assert f"{100 * ends:.1f}".rstrip("0").rstrip(".").lstrip("-") in total["said"]


def test_what_is_owned_can_be_stressed_instead_of_the_plan(panel):
    before = whole(panel)
    panel.portfolio.value = OWNED
    assert panel.problem.value == ""
    assert whole(panel) != before


def test_without_accounts_only_the_plan_is_stressed():
    panel = StressPanel(Session(EXAMPLE.with_changes(household=None)))
    panel.showing = True
    assert panel.portfolio.layout.display == "none"


def test_a_hidden_panel_draws_nothing():
    assert StressPanel(Session(EXAMPLE)).shock.rows == {}


def test_an_episode_the_market_does_not_cover_is_said_and_the_others_are_drawn():
    market = Market.of(built_in_market().returns.loc["2019":])
    panel = StressPanel(Session(EXAMPLE, market))
    panel.showing = True
    assert "Crypto winter 2018" in panel.uncovered.value
    assert "traceback" not in panel.uncovered.value.lower()
    assert len(panel.episodes.rows["totals"]) == 6
    assert panel.problem.value == ""


def test_the_steps_of_a_shock_reach_the_whole_and_say_percent_and_money(panel):
    panel.way.value = TRAVELS
    *parts, total = panel.shock.rows["steps"]
    assert total["end"] == pytest.approx(sum(part["contribution"] for part in parts), abs=1e-12)
    for step in (part for part in parts if not part["still"]):
        assert step["said"] in step["words"]
        assert "$" in step["words"]
