import pytest

from planner.policy.targets import ReferenceMix
from planner.scenario import EXAMPLE, Method
from widgets import PlannerApp
from widgets.linked import WHOLE


@pytest.fixture
def app():
    return PlannerApp()


def shown(app):
    return {name: slider.value for name, slider in app.targets.sliders.items()}


def test_the_sliders_start_at_the_targets_of_the_example(app):
    assert shown(app) == {name: 100 * weight for name, weight in EXAMPLE.targets.weights.items()}
    assert app.targets.mix.value == ReferenceMix.WORKED_EXAMPLE


def test_moving_a_slider_moves_the_others_and_the_plan(app):
    app.targets.sliders["equities"].value = 60
    assert sum(app.targets.shares.values()) == WHOLE
    assert app.session.plan.class_weights["equities"] == pytest.approx(0.6)
    assert app.targets.mix.value == "your own mix"


def test_a_slider_is_not_answered_with_the_value_it_sent(app):
    sent = []
    app.targets.sliders["equities"].observe(lambda change: sent.append(change.new), "value")
    app.targets.sliders["equities"].value = 49.900000000000006
    assert sent == [49.900000000000006]


def test_a_higher_age_lowers_the_crypto_slider_and_says_so(app):
    app.targets.sliders["crypto"].value = 12
    app.profile.age.value = 80
    upper = app.session.assessment.crypto_range.upper
    assert app.targets.sliders["crypto"].value == app.targets.sliders["crypto"].max <= 100 * upper + 1e-6
    assert "Crypto was lowered from 12 %" in app.targets.note.value
    assert sum(app.targets.shares.values()) == WHOLE


def test_where_everything_else_is_locked_the_excess_crypto_is_said_beside_the_slider(app):
    app.targets.sliders["crypto"].value = 12
    for name, lock in app.targets.locks.items():
        lock.value = name != "crypto"
    app.profile.age.value = 80
    assert "12 %" in app.targets.blocker.value
    app.targets.override.value = True
    assert app.targets.blocker.value == ""


def test_a_reference_mix_unlocks_and_respects_the_crypto_range(app):
    app.targets.locks["cash"].value = True
    app.profile.age.value = 80
    app.targets.mix.value = ReferenceMix.SIXTY_FORTY_WITH_CRYPTO
    assert not app.targets.locks["cash"].value
    assert app.targets.shares["crypto"] == app.targets.ceiling < 100


def test_an_impossible_volatility_cap_is_explained_beside_the_method(app):
    app.method.capped.value = True
    app.method.cap.value = 3
    app.method.method.value = Method.MEAN_VARIANCE
    assert "the lowest volatility you can reach is" in app.method.blocker.value
    app.method.cap.value = 20
    assert app.method.blocker.value == ""


def test_a_change_repaints_only_the_charts_it_changes(app):
    before = {name: chart.revision for name, chart in app.results.charts.items()}
    app.results.fall.value = 80
    changed = {name for name, chart in app.results.charts.items() if chart.revision > before[name]}
    assert changed == {"crypto-fall"}


def test_a_page_built_from_an_old_state_is_sent_the_new_one(app, monkeypatch):
    resent = []
    for widget in (app.results.figures, app.targets.note, app.results.charts["weights"]):
        monkeypatch.setattr(widget, "send_state", lambda widget=widget: resent.append(widget))
    page = app._page
    page._handle_custom_msg({"type": "shown", "version": page.version}, [])
    assert resent == []
    page._handle_custom_msg({"type": "shown", "version": page.version - 1}, [])
    assert len(resent) == 3


def test_the_text_of_the_app_holds_the_numbers_of_every_chart(app):
    text = app.to_text()
    for words in ("Crypto, risk, 0.1974", "you are here, 0.1092, 0.0609", "-2.5 %"):
        assert words in text
