from __future__ import annotations

from itertools import pairwise

import pytest

from planner.comparing import compare
from planner.household.goals import Goal
from planner.policy.targets import Targets
from planner.scenario import EXAMPLE
from widgets.chart_by_rows import ChartByRows
from widgets.compare_charts import chances_rows, outlook_rows, risk_rows, short, weights_rows
from widgets.compare_specs import WEIGHTS_SPEC
from widgets.panels import compare as panel_module
from widgets.panels.compare import ALIKE, ALONE, NO_TRADES, NOT_OWNED, ComparePanel
from widgets.panels.stages import STOPPED, Stage, Stages
from widgets.session import Session

PATHS = 150
BOLD = EXAMPLE.with_changes(
    name="Bold <b>",
    targets=Targets(weights={"equities": 0.55, "fixed_income": 0.25, "real_estate": 0.1, "crypto": 0.1}),
    crypto_override=True,
    goals=(*EXAMPLE.goals, Goal(name="Boat", amount=900_000, year=2035)),
)
REFERENCES = ["60/40", "Portfolio today"]


@pytest.fixture(scope="module", autouse=True)
def few_paths():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(panel_module, "PATHS", PATHS)
        yield


@pytest.fixture(scope="module")
def shown():
    """A panel for tests that only look at it."""
    return opened(EXAMPLE, BOLD)


@pytest.fixture(scope="module")
def compared():
    return compare(EXAMPLE, BOLD, paths=PATHS)


def opened(*scenarios, session=None):
    panel = ComparePanel(session or Session(EXAMPLE))
    panel.scenarios = scenarios
    panel.showing = True
    return panel


def names(panel):
    return [row["words"] for row in panel.weights.chart.rows["names"]]


def test_every_part_has_a_column_for_each_scenario_and_reference(shown):
    expected = ["Example household", "Bold <b>", *REFERENCES]
    assert names(shown) == expected
    assert [row["row"] for row in shown.intervals.chart.rows["intervals"]] == expected
    assert [dot["name"] for dot in shown.risk.chart.rows["dots"]] == expected
    for html in (shown.figures, shown.outlook, shown.taxes):
        assert "Bold &lt;b&gt;" in html.value
        assert "<b>" not in html.value
    assert shown.problem.value == ""


def test_only_what_differs_is_listed(shown):
    assert "target, Crypto" in shown.differs.value
    assert "$900,000 by 2035-12-31" in shown.differs.value
    assert "yearly spending" not in shown.differs.value
    assert "60/40" not in shown.differs.value


def test_pictures_are_said_in_words_with_their_numbers(shown):
    made = shown.compared
    assert "Bold <b>: Equities 55 %, Fixed income 25 %, Real estate 10 %, Crypto 10 %." in shown.weights.chart.alt
    assert "Example household: 6.1 % at 10.9 %" in shown.risk.chart.alt
    assert "Intervals of the money after 25 years" in shown.intervals.chart.alt
    chance = made.goals.loc["Boat", "Bold <b>"]
    assert f"Boat: Bold <b> {100 * chance:.1f}".rstrip("0").rstrip(".") in shown.chances.chart.alt


def test_nothing_is_computed_before_it_is_shown():
    panel = ComparePanel(Session(EXAMPLE))
    panel.scenarios = (EXAMPLE, BOLD)
    assert panel.compared is None
    assert panel.weights.chart is None


def test_without_scenarios_the_sessions_own_stands_beside_the_references_and_is_followed():
    session = Session(EXAMPLE)
    panel = opened(session=session)
    assert names(panel) == ["Example household", *REFERENCES]
    assert ALONE in panel.differs.value
    session.change(name="Renamed")
    assert names(panel)[0] == "Renamed"
    panel.scenarios = (BOLD, EXAMPLE)
    session.change(name="Again")
    assert names(panel)[:2] == ["Bold <b>", "Example household"]


def test_checkboxes_and_traits_hide_and_show_the_references_without_computing_anew():
    panel = opened(EXAMPLE, EXAMPLE)
    assert ALIKE in panel.differs.value
    before = panel.compared
    panel.today.value = False
    assert names(panel)[-1] == "60/40"
    assert "Portfolio today" not in panel.outlook.value + panel.taxes.value + panel.figures.value
    panel.with_sixty_forty = False
    assert panel.sixty_forty.value is False
    assert names(panel) == ["Example household", "Example household (2)"]
    panel.with_today = True
    assert names(panel)[-1] == "Portfolio today"
    assert panel.compared is before


def test_the_same_scenarios_again_compute_nothing():
    panel = opened(EXAMPLE)
    before = panel.compared
    panel.showing = False
    panel.showing = True
    panel.scenarios = (EXAMPLE.with_changes(),)
    assert panel.compared is before


def test_a_blocked_plan_is_said_at_the_top():
    panel = opened(EXAMPLE, BOLD.with_changes(volatility_cap=0.05))
    assert "Bold &lt;b&gt;&#x27;: The targets as they are" in panel.blocked.value
    assert "shows the targets as they are" in panel.blocked.value


def test_what_cannot_be_compared_is_a_sentence_and_a_later_comparison_clears_it():
    panel = opened(EXAMPLE)
    panel.scenarios = (EXAMPLE, EXAMPLE.with_changes(profile=EXAMPLE.profile.with_changes(currency="EUR")))
    assert "one currency" in panel.problem.value
    assert panel.body.layout.display == "none"
    panel.scenarios = (EXAMPLE,)
    assert panel.problem.value == ""
    assert panel.body.layout.display is None


def test_trades_that_cannot_be_found_leave_the_outlook_there(monkeypatch):
    def refuse(*_, **__):
        raise RuntimeError("solver")

    monkeypatch.setattr("planner.comparing.comparison.getting_there", refuse)
    panel = opened(EXAMPLE)
    assert "Something went wrong" in panel.problem.value
    assert "solver" not in panel.problem.value
    assert NO_TRADES in panel.taxes.value
    assert "half above" in panel.outlook.value


def test_a_household_that_owns_nothing_has_no_portfolio_of_today():
    panel = opened(EXAMPLE.with_changes(household=None))
    assert names(panel) == ["Example household", "60/40"]
    assert NOT_OWNED in panel.missing.value
    panel.with_today = False
    assert panel.missing.value == ""


def test_bars_of_weights_reach_one_and_keep_the_order_of_classes(compared):
    rows = weights_rows(compared, compared.columns)["parts"]
    for column in compared.columns:
        parts = [part for part in rows if part["row"] == column]
        assert parts[0]["start"] == 0
        assert parts[-1]["end"] == pytest.approx(1)
        assert all(one["end"] == other["start"] for one, other in pairwise(parts))


def test_names_beside_dots_keep_apart_inside_the_picture():
    same = compare(EXAMPLE, EXAMPLE, EXAMPLE, EXAMPLE)
    rows = risk_rows(same, same.columns)
    bottom, top = (corner["expected_return"] for corner in rows["corners"])
    for side in (-1, 1):
        levels = sorted(dot["level"] for dot in rows["dots"] if dot["side"] == side)
        gaps = [upper - lower for lower, upper in pairwise(levels)]
        assert all(gap > 0.05 * (top - bottom) for gap in gaps)
        assert all(bottom < level <= top for level in levels)


def test_intervals_are_the_percentiles_at_the_horizon(compared):
    row = outlook_rows(compared, ["Bold <b>"])["intervals"][0]
    told = compared.outlook["Bold <b>"]
    assert (row["p5"], row["p50"], row["p95"]) == (told["wealth_5"], told["wealth_50"], told["wealth_95"])
    assert row["p5"] < row["p25"] < row["p50"] < row["p75"] < row["p95"]


def test_chances_stand_below_their_goal_for_those_who_have_it(compared):
    rows = chances_rows(compared, compared.columns)["chances"]
    boat = [row["name"] for row in rows if row["goal"] == "Boat" and not row["title"]]
    assert boat == ["Bold <b>"]
    titles = [row["goal"] for row in rows if row["title"]]
    assert titles == ["All spending paid to the age of 95", "Boat", "College"] or titles[1:] == ["College", "Boat"]
    assert len({row["row"] for row in rows}) == len(rows)


def test_long_names_are_cut_in_pictures_only(compared):
    assert short("x" * 200, 20) == "x" * 19 + "…"
    long = EXAMPLE.with_changes(name="A household with quite a long name")
    made = compare(long, today=False, sixty_forty=False, paths=PATHS)
    assert risk_rows(made, made.columns)["dots"][0]["text"] == "A household wit…"
    assert risk_rows(made, made.columns)["dots"][0]["name"] == long.name


def test_a_chart_by_rows_is_made_anew_only_where_its_height_changes():
    chart = ChartByRows(WEIGHTS_SPEC)
    chart.show({"parts": [], "names": []}, "one", 100)
    first = chart.chart
    chart.show({"parts": [], "names": [{"row": "a", "words": "a"}]}, "two", 100)
    assert chart.chart is first
    assert first.alt == "two"
    chart.show({"parts": [], "names": []}, "three", 150)
    assert chart.chart is not first
    assert chart.children == (chart.chart,)


def test_stages_follow_each_other_and_one_that_fails_is_told_while_the_others_are_done():
    seen: list[str] = []

    def fail(_):
        raise ValueError("no")

    stages = Stages(lambda error: seen.append(str(error)))
    stages.begin(
        [
            Stage("first", lambda tell: tell(0.5), lambda: seen.append("first")),
            Stage("second", fail, lambda: seen.append("never")),
            Stage("third", lambda _: None, lambda: seen.append("third")),
        ]
    )
    assert seen == ["first", "no", "third"]
    assert stages.note.value == ""
    assert stages.running.layout.display == "none"


def test_stop_says_so_and_offers_to_go_on():
    stages = Stages(lambda _: None)
    stages.stop.click()
    assert STOPPED in stages.note.value
    assert stages.again.layout.display is None
    stages.pause()
    assert stages.again.layout.display == "none"
