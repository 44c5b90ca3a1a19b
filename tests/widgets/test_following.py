"""The controls of the first tab follow a scenario that came from elsewhere: undone, opened, or set in a notebook."""

from __future__ import annotations

import pytest

from planner import EXAMPLE, Method
from planner.household.questions import Experience
from planner.policy.targets import ReferenceMix, Targets
from widgets.app import PlannerApp

PROFILE = EXAMPLE.profile.with_changes(
    age=52,
    horizon_years=12.5,
    yearly_income=90_000,
    dependents=3,
    tolerance=EXAMPLE.profile.tolerance.with_changes(experience=Experience.SEVERAL_FALLS),
)
OTHER = EXAMPLE.with_changes(
    profile=PROFILE,
    targets=Targets(weights={"equities": 0.51234, "fixed_income": 0.40766, "cash": 0.08}),
    method=Method.MEAN_VARIANCE,
    risk_aversion=7.25,
    room=0.031,
    volatility_cap=0.113,
    crypto_fall=0.65,
)


@pytest.fixture
def app():
    return PlannerApp()


def test_every_control_shows_it_and_none_changes_it(app):
    app.session.scenario = OTHER
    assert app.session.scenario == OTHER, "showing a scenario must not round it"
    assert app.session.plan.scenario == OTHER
    assert app.profile.age.value == 52
    assert app.profile.money["yearly_income"].value == 90_000
    assert app.profile.dependents.value == 3
    assert app.profile.answers["experience"].value is Experience.SEVERAL_FALLS
    assert app.method.method.value is Method.MEAN_VARIANCE
    assert (app.method.risk_aversion.value, app.method.room.value) == (7.25, pytest.approx(3.1))
    assert app.method.capped.value
    assert app.method.cap.value == pytest.approx(11.3)
    assert app.results.fall.value == 65
    assert {name: slider.value / 100 for name, slider in app.targets.sliders.items()} == pytest.approx(
        dict(OTHER.targets.weights), abs=5.1e-4
    )


def test_and_back_again(app):
    app.session.scenario = OTHER
    app.session.scenario = EXAMPLE
    assert app.session.scenario == EXAMPLE
    assert app.profile.age.value == EXAMPLE.profile.age
    assert not app.method.capped.value
    assert app.targets.mix.value == ReferenceMix.WORKED_EXAMPLE


def test_more_crypto_than_the_profile_supports_is_shown_as_it_was_overridden(app):
    weights = {"equities": 0.6, "fixed_income": 0.2, "crypto": 0.2}
    bold = EXAMPLE.with_changes(targets=Targets(weights=weights), crypto_override=True)
    app.session.scenario = bold
    assert app.session.scenario == bold
    assert app.targets.override.value
    assert app.targets.sliders["crypto"].value == pytest.approx(20)
    assert "Overridden" in app.targets.note.value


def test_one_that_its_own_profile_does_not_support_is_lowered_and_says_so(app):
    weights = {"equities": 0.6, "fixed_income": 0.2, "crypto": 0.2}
    cautious = EXAMPLE.profile.with_changes(age=70, horizon_years=3)
    app.session.scenario = EXAMPLE.with_changes(targets=Targets(weights=weights), profile=cautious)
    upper = app.session.assessment.crypto_range.upper
    assert app.session.scenario.targets.weights["crypto"] == pytest.approx(upper, abs=1e-3)
    assert "lowered from 20 %" in app.targets.note.value


def test_a_slider_still_moves_what_it_shows(app):
    app.session.scenario = OTHER
    app.profile.age.value = 53
    app.targets.sliders["equities"].value = 30
    assert app.session.scenario.profile == OTHER.profile.with_changes(age=53)
    assert app.session.scenario.targets.weights["equities"] == pytest.approx(0.3)
