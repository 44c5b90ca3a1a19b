from __future__ import annotations

import pytest

import widgets.panels.projection as module
from planner.household.goals import Goal
from planner.outlook.historical_sequences import historical_sequences
from planner.outlook.projection import project
from planner.outlook.return_models import BlockBootstrap
from planner.outlook.solve_back import Lever
from planner.planning import plan
from planner.policy.targets import Band
from planner.scenario import EXAMPLE
from widgets.goal_rows import BLANK, goals_of, rows_of
from widgets.panels.projection import ProjectionPanel
from widgets.projection_charts import retirements_rows, short_money
from widgets.session import Session
from widgets.table_editor import YES, CellError

FEW = 300
"""Paths: what is drawn does not matter here, only that it is the same."""


@pytest.fixture
def drawn(monkeypatch):
    """How often paths were drawn; few of them."""
    times = []

    def few(made, **options):
        times.append(made)
        return project(made, paths=FEW, **options)

    monkeypatch.setattr(module, "project", few)
    monkeypatch.setattr(module, "PATHS", FEW)
    monkeypatch.setattr(module, "QUICK_PATHS", 100)
    return times


@pytest.fixture
def session():
    return Session(EXAMPLE.with_changes(profile=EXAMPLE.profile.with_changes(age=60, horizon_years=5), goals=()))


@pytest.fixture
def panel(drawn, session):
    made = ProjectionPanel(session)
    made.showing = True
    return made


def fan(panel):
    return panel.fan.rows["fan"]


def test_nothing_is_drawn_until_the_tab_is_shown(drawn, session):
    hidden = ProjectionPanel(session)
    assert drawn == []
    hidden.showing = True
    assert len(drawn) == 1


def test_the_fan_is_that_of_the_projection(panel, session):
    expected = project(plan(session.scenario), paths=FEW).fan()
    assert [row["p50"] for row in fan(panel)] == pytest.approx(expected[50].to_list(), abs=0.01)
    assert fan(panel)[0]["age"] == 60
    assert fan(panel)[-1]["age"] == 95
    assert "Lasts to the age of 95" in panel.figures.value
    assert panel.fan.alt.startswith("Fan chart of wealth from age 60 to 95")


def test_spending_goes_into_the_scenario_and_is_followed_along_the_same_paths(panel, session, drawn):
    panel.flows.spending.value = 20_000
    assert session.scenario.cash_flows.spending == 20_000
    assert len(drawn) == 1
    assert [row["p5"] for row in fan(panel)] == pytest.approx(
        project(plan(session.scenario), paths=FEW).fan()[5].to_list(), abs=0.01
    )
    assert "Changed by you." in panel.flows.said.value


def test_where_the_browser_rounds_a_slider_nothing_is_stated(panel, session):
    panel.flows.saving.value = panel.flows.saving.value + 100
    assert session.scenario.cash_flows is None
    assert "Taken from your profile." in panel.flows.said.value


def test_what_the_profile_comes_to_can_be_taken_back(panel, session):
    before = fan(panel)
    panel.flows.spending.value = 20_000
    assert fan(panel) != before
    panel.flows.from_profile.click()
    assert session.scenario.cash_flows is None
    assert fan(panel) == before


def test_another_model_mix_or_age_draws_other_paths(panel, session, drawn):
    panel.flows.model.value = next(
        model for model in panel.flows.model.options.values() if isinstance(model, BlockBootstrap)
    )
    assert isinstance(session.scenario.return_model, BlockBootstrap)
    assert len(drawn) == 2
    panel.flows.until.value = 90
    assert len(drawn) == 3
    assert fan(panel)[-1]["age"] == 90
    session.change(crypto_fall=0.8)
    assert len(drawn) == 3


def test_the_figures_say_what_is_left_at_the_end(panel):
    end = fan(panel)[-1]
    assert f"At 95: {short_money(end['p50'])} and {short_money(end['p5'])}" in panel.figures.value


def test_wider_bands_draw_other_paths(panel, session, drawn):
    session.change(targets=session.scenario.targets.with_changes(default_band=Band(absolute=0.2)))
    assert len(drawn) == 2


def test_dearer_trades_draw_other_paths(panel, session, drawn):
    before = fan(panel)
    session.change(trading=session.scenario.trading.with_changes(cost=0.05))
    assert len(drawn) == 2
    assert fan(panel) != before
    assert [row["p50"] for row in fan(panel)] == pytest.approx(
        project(plan(session.scenario), paths=FEW).fan()[50].to_list(), abs=0.01
    )


def test_the_glide_path_is_a_tick_away(panel, session, drawn):
    panel.flows.glide.value = True
    assert session.scenario.glide_path is not None
    assert len(drawn) == 2


def test_that_days_money_is_more_than_todays(panel):
    real = fan(panel)[10]["p75"]
    panel.real.value = False
    assert fan(panel)[10]["p75"] == pytest.approx(real * 1.025**10, rel=1e-6)


def test_a_goal_that_is_typed_gets_its_chance(panel, session, drawn):
    panel.goals.table.rows = [["Boat", "$50,000", "2030-06-30", "1", YES]]
    assert [goal.name for goal in session.scenario.goals] == ["Boat"]
    assert "June 2030" in panel.goals.chances.value
    assert len(drawn) == 1
    assert {"retirement", "Boat"} == {mark["text"] for mark in panel.fan.rows["marks"]}


def test_a_goal_in_the_past_is_refused_in_words_and_the_picture_stays(panel, session):
    before = fan(panel)
    panel.goals.table.rows = [["Boat", "50,000", "2019", "1", YES]]
    assert "outside the 35 years" in panel.goals.problem.value
    assert fan(panel) == before
    panel.goals.table.rows = [["Boat", "50,000", "2029", "1", YES]]
    assert panel.goals.problem.value == ""


def test_a_first_projection_that_cannot_be_made_says_why_and_is_made_once_it_can(drawn, session):
    session.change(goals=(Goal(name="Boat", amount=1, year=2019),))
    panel = ProjectionPanel(session)
    panel.showing = True
    assert "outside the 35 years" in panel.note.value
    panel.goals.table.rows = [list(BLANK)]
    assert session.scenario.goals == ()
    assert "pl-blocker" not in panel.note.value
    assert fan(panel)


def test_what_would_have_to_change_can_be_taken(panel, session):
    panel.backwards.chance.value = 90
    panel.backwards.ask.click()
    spend_less = panel.backwards.answers.children[list(Lever).index(Lever.SPENDING)]
    spend_less.children[1].click()
    assert session.scenario.cash_flows.spending < session.scenario.profile.yearly_spending
    assert panel.projection.lasts.probability >= 0.9
    assert panel.backwards.answers.children == ()


def test_a_bar_for_every_retirement_since_1928():
    past = historical_sequences({"stocks": 0.6, "bonds": 0.4}, rate=0.05)
    rows = retirements_rows(past)["retirements"]
    assert [row["start"] for row in rows] == list(range(1928, 2025))
    done = [row for row in rows if not row["open"]]
    assert len(done) == len(past.complete)
    assert sum(row["failed"] for row in done) == len(past.failed)
    assert {row["lasted"] for row in done if not row["failed"]} == {30}


def test_the_rate_slider_moves_the_bars(panel):
    panel.past.rate.value = 4.0
    few = sum(row["failed"] for row in panel.past.chart.rows["retirements"])
    panel.past.rate.value = 7.0
    assert sum(row["failed"] for row in panel.past.chart.rows["retirements"]) > few
    assert "Spending 7 %" in panel.past.said.value


GOALS = (
    Goal(name="College", amount=100_000, year=2040, priority=2),
    Goal(name="Boat", amount=50_000.5, date="2031-06-30", spent=False),
)


def test_goals_survive_their_rows():
    assert goals_of(rows_of(GOALS)) == GOALS
    assert goals_of(rows_of(())) == ()


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        (["", "1", "2040", "1", YES], "name", "a name"),
        (["Boat", "much", "2040", "1", YES], "amount", "how much"),
        (["Boat", "1", "soon", "1", YES], "when", "say when"),
        (["Boat", "-1", "2040", "1", YES], None, "more than 0"),
        (["Boat", "nan", "2040", "1", YES], None, "finite"),
    ],
)
def test_what_cannot_be_read_is_said_beside_its_cell(row, column, said):
    (error,) = goals_of([list(BLANK), row])
    assert isinstance(error, CellError)
    assert (error.row, error.column) == (1, column)
    assert said in error.sentence


def test_two_goals_of_one_name_are_refused():
    (error,) = goals_of([*rows_of(GOALS), ["Boat", "1", "2040", "1", YES]])
    assert error.row == 2
    assert "two goals named 'Boat'" in error.sentence


@pytest.mark.parametrize(
    ("amount", "said"),
    [(0, "$0"), (950, "$950"), (84_200, "$84.2k"), (504_470, "$504k"), (7_764_223, "$7.8m"), (2.5e9, "$2.5bn")],
)
def test_money_on_a_label_is_short(amount, said):
    assert short_money(amount) == said
