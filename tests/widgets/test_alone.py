"""The app opened on one's own household, and panels that stand alone in cells of a notebook."""

import pytest

import widgets
from planner.household.accounts import Account, AccountKind, Household
from planner.household.example import example_household
from planner.scenario import EXAMPLE, scenario_of
from widgets import PlannerApp, ProfilePanel, ResultsPanel, Session, TargetsPanel

PANELS = [name for name in widgets.__all__ if name.endswith("Panel")]


def test_the_app_opens_on_a_household():
    household = example_household()
    scenario = PlannerApp(household).session.scenario
    worth = sum(account.cash for account in household.accounts) + sum(
        lot.quantity * household.prices[lot.asset] for account in household.accounts for lot in account.holdings
    )
    assert (scenario.name, scenario.household, scenario.targets) == ("My household", household, EXAMPLE.targets)
    assert scenario.profile.liquid_assets == pytest.approx(worth)
    assert scenario.profile.age == EXAMPLE.profile.age


def test_whoever_owns_more_than_the_example_is_worth_at_least_that():
    rich = Account(kind=AccountKind.ROTH_IRA, owner="Ann", cash=2_000_000)
    profile = scenario_of(Household(accounts=(rich,), as_of="2025-09-30")).profile
    assert profile.liquid_assets == profile.net_worth == 2_000_000


@pytest.mark.parametrize("name", PANELS)
def test_each_panel_stands_alone(name):
    panel = getattr(widgets, name)(Session())
    assert "application/vnd.jupyter.widget-view+json" in panel._repr_mimebundle_()
    assert getattr(panel, "showing", True)
    assert sum("<style>" in str(getattr(child, "value", "")) for child in panel.children) == 1


def test_a_panel_shown_twice_brings_its_style_once():
    panel = ProfilePanel(Session())
    panel._repr_mimebundle_()
    children = panel.children
    panel._repr_mimebundle_()
    assert panel.children == children


def test_panels_of_one_session_follow_each_other():
    session = Session()
    targets, results = TargetsPanel(session), ResultsPanel(session)
    results._repr_mimebundle_()
    before = results.figures.value
    targets.sliders["crypto"].value = 0
    assert session.plan.class_weights["crypto"] == 0
    assert results.figures.value != before


def test_there_is_no_other_name():
    with pytest.raises(AttributeError, match="no attribute 'OtherPanel'"):
        _ = widgets.OtherPanel
