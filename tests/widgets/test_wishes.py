import numpy as np
import pytest

from planner.policy.wishes import LimitKind, PlanLimit, PlanView
from planner.scenario import EXAMPLE, Method
from widgets import PlannerApp

LIMITS = (
    PlanLimit(kind=LimitKind.AT_LEAST, subject="crypto", size=0.04),
    PlanLimit(kind=LimitKind.AT_MOST, subject="us_equity", size=0.2, soft=True),
)
VIEWS = (PlanView(subject="crypto", expected_return=0.2, confidence=0.5),)

BETWEEN_POINTS = 2e-4
"""What a straight line between two points of the frontier may lack."""


@pytest.fixture
def app():
    return PlannerApp(EXAMPLE.with_changes(method=Method.MEAN_VARIANCE))


@pytest.fixture
def limits(app):
    app.wishes.folds.selected_index = 0
    return app.wishes.limits


@pytest.fixture
def views(app):
    app.wishes.folds.selected_index = 1
    return app.wishes.views


def add(panel, kind, percentage, subject=None):
    panel.kind.value = kind
    if subject is not None:
        panel.subject.value = subject
    panel.size.value = percentage
    panel.add.click()


def test_folds_are_empty_until_they_are_opened(app):
    assert app.wishes.limits.children == app.wishes.views.children == ()
    app.wishes.folds.selected_index = 0
    assert app.wishes.limits.children
    assert app.wishes.views.children == ()


def test_a_limit_that_is_added_holds_for_the_plan_and_is_counted_on_the_fold(app, limits):
    add(limits, LimitKind.AT_LEAST, 4, "crypto")
    assert app.session.scenario.limits == LIMITS[:1]
    assert app.session.plan.class_weights["crypto"] == pytest.approx(0.04)
    assert "Crypto at least 4 %" in limits.rows[0].sentence.value
    assert app.wishes.folds.titles[0] == "Limits (1)"


def test_the_same_limit_with_another_size_takes_its_place(app, limits):
    for percentage in (4, 3):
        add(limits, LimitKind.AT_LEAST, percentage, "crypto")
    assert [limit.size for limit in app.session.scenario.limits] == [0.03]


def test_limits_about_the_whole_portfolio_ask_for_no_subject(app, limits):
    add(limits, LimitKind.TRACKING_ERROR, 2)
    assert limits.subject.layout.display == "none"
    assert app.session.scenario.limits == (PlanLimit(kind=LimitKind.TRACKING_ERROR, size=0.02),)


def test_a_part_of_a_class_is_asked_only_of_series_that_share_theirs(limits):
    limits.kind.value = LimitKind.PART_AT_LEAST
    offered = {name for _, name in limits.subject.options}
    assert offered == {"us_equity", "intl_equity", "commodities", "gold", "bitcoin", "ether"}


@pytest.mark.parametrize(("kind", "percentage"), [(LimitKind.AT_MOST, 120), (LimitKind.TRACKING_ERROR, 0)])
def test_a_limit_that_cannot_be_is_refused_in_a_sentence(app, limits, kind, percentage):
    add(limits, kind, percentage)
    assert app.session.scenario.limits == ()
    assert f"{percentage} %" in limits.refusal.value
    add(limits, LimitKind.AT_MOST, 50, "equities")
    assert limits.refusal.value == ""


def test_limits_can_be_removed_softened_and_put_in_order(app, limits):
    app.session.change(limits=LIMITS)
    limits.rows[0].soft.value = True
    assert app.session.scenario.limits[0].soft
    assert "from the bottom of the list up" in limits.order.value
    limits.rows[1].up.click()
    assert [limit.subject for limit in app.session.scenario.limits] == ["us_equity", "crypto"]
    assert "US equity" in limits.rows[0].sentence.value
    limits.rows[0].remove.click()
    assert [limit.subject for limit in app.session.scenario.limits] == ["crypto"]
    assert len(limits.listed.children) == 1


def test_a_limit_in_conflict_is_explained_beside_the_fold_until_it_may_give_way(app, limits):
    add(limits, LimitKind.AT_LEAST, 60, "crypto")
    assert "Crypto at least 60 %" in app.wishes.blocker.value
    limits.rows[0].soft.value = True
    assert app.wishes.blocker.value == ""
    assert "Crypto at least 60 %" in limits.notes.value


def test_panels_show_the_scenario_they_open_with():
    app = PlannerApp(EXAMPLE.with_changes(limits=LIMITS, views=VIEWS, method=Method.FRONTIER, frontier_return=0.065))
    assert app.wishes.folds.titles == ("Limits (2)", "Your expectations (1)")
    for fold in (0, 1):
        app.wishes.folds.selected_index = fold
    assert [row.soft.value for row in app.wishes.limits.rows] == [False, True]
    row = app.wishes.views.rows["crypto"]
    assert (row.expected.value, row.confidence.value) == (20, 50)
    assert app.method.method.value is Method.FRONTIER
    assert app.method.wanted.value == 6.5
    assert app.session.scenario.views == VIEWS
    assert app.session.scenario.frontier_return == 0.065


def test_an_expectation_that_is_moved_is_a_view_at_even_confidence(app, views):
    views.rows["crypto"].expected.value = 20
    assert app.session.scenario.views == VIEWS
    assert views.rows["crypto"].confidence.value == 50
    returns = app.session.plan.class_returns.loc["crypto"]
    assert returns["prior"] < returns["posterior"] < 0.2
    assert app.wishes.folds.titles[1] == "Your expectations (1)"


def test_an_expectation_without_confidence_is_no_view(app, views):
    views.rows["crypto"].expected.value = 20
    views.rows["crypto"].confidence.value = 0
    assert app.session.scenario.views == ()
    assert views.rows["crypto"].expected.value == 20


def test_the_browsers_rounding_of_an_expectation_is_no_view(app, views):
    row = views.rows["crypto"]
    row.expected.value = row.expected.value + 1e-12
    assert app.session.scenario.views == ()


def test_a_reset_leaves_every_class_to_the_market(app, views):
    start = views.rows["crypto"].expected.value
    for name in ("crypto", "equities"):
        views.rows[name].expected.value = 20
    assert not views.reset.disabled
    views.reset.click()
    assert app.session.scenario.views == ()
    assert views.rows["crypto"].expected.value == start
    assert views.reset.disabled


def test_a_click_on_the_frontier_takes_that_portfolio_and_can_be_repeated(app):
    chart = app.results.charts["frontier"]
    wanted = chart.rows["frontier"][12]["expected_return"]
    for _ in range(2):
        app.method.method.value = Method.STRATEGIC
        chart.selection = {"chosen": {"expected_return": [wanted]}}
        assert app.session.scenario.method is app.method.method.value is Method.FRONTIER
        assert app.session.plan.portfolio.expected_return == pytest.approx(wanted, abs=1e-9)
        assert app.method.wanted.value == pytest.approx(100 * wanted, abs=0.026)
    assert "Your plan is the point with" in app.results.chosen.value


def test_every_point_of_the_frontier_can_be_taken(app):
    chart = app.results.charts["frontier"]
    for place in (0, -1):
        point = chart.rows["frontier"][place]
        chart.selection = {"chosen": {"expected_return": [point["expected_return"]]}}
        assert app.session.plan.blockers == ()
        assert app.session.plan.portfolio.volatility == pytest.approx(point["volatility"], abs=1e-5)


def test_the_return_on_the_frontier_can_be_set_by_slider_from_end_to_end(app):
    app.method.method.value = Method.FRONTIER
    for end in (app.method.wanted.min, app.method.wanted.max):
        app.method.wanted.value = end
        assert app.session.scenario.frontier_return == pytest.approx(end / 100)
        assert app.session.plan.blockers == ()


def test_the_band_is_drawn_when_it_is_switched_on_and_only_then(app):
    chart = app.results.charts["frontier"]
    assert "band" not in app.to_text()
    app.results.band.on.value = True
    band = chart.rows["band"]
    assert all(row["lowest"] <= row["highest"] for row in band)
    assert app.to_text().count("  band: ") == len(band) > 10
    app.results.band.on.value = False
    assert chart.rows["band"] == []


def test_no_part_of_the_band_lies_above_the_frontier(app):
    app.results.band.on.value = True
    line = app.session.plan.frontier
    for row in app.results.band.rows:
        reached = np.interp(row["volatility"], line.volatilities, line.expected_returns)
        assert row["highest"] <= reached + BETWEEN_POINTS


def test_a_plan_that_changes_the_line_brings_a_new_band(app):
    app.results.band.on.value = True
    before = app.results.band.rows
    app.session.change(views=VIEWS)
    assert before != app.results.band.rows != []


def test_ranges_are_drawn_around_an_optimised_plan_and_said_in_the_text(app):
    rows = app.results.charts["weights"].rows
    weights = {row["label"]: row["weight"] for row in rows["weights"]}
    assert all(row["lower"] - 1e-6 <= weights[row["label"]] <= row["upper"] + 1e-6 for row in rows["ranges"])
    assert app.to_text().count("  ranges: ") == len(weights)
    app.method.method.value = Method.STRATEGIC
    assert app.results.charts["weights"].rows["ranges"] == []


def test_the_limit_is_said_before_it_is_added(limits):
    limits.kind.value = LimitKind.AT_LEAST
    limits.subject.value = "crypto"
    limits.size.value = 4
    assert "Crypto at least 4 %" in limits.preview.value
    limits.size.value = 400
    assert limits.preview.value == ""
