from __future__ import annotations

import pytest

from planner.market.market import built_in_market
from planner.outlook.correlation import class_returns, rolling_correlation
from planner.scenario import EXAMPLE
from widgets.panels.correlation import CorrelationPanel
from widgets.session import Session


@pytest.fixture(scope="module")
def panel():
    made = CorrelationPanel(Session(EXAMPLE))
    made.showing = True
    return made


def csv(returns):
    return returns.to_csv(index_label="month_end").encode()


def test_the_lines_are_the_rolling_correlations_of_the_window(panel):
    panel.quick[0].click()
    expected = rolling_correlation(class_returns(built_in_market()), 12)
    assert len(panel.lines.rows["lines"]) == expected.size
    last = [row for row in panel.lines.rows["lines"] if row["chosen"]][-1]
    assert last["correlation"] == pytest.approx(expected["equities"].iloc[-1])
    assert len(panel.lines.rows["band"]) == len(expected)


def test_every_part_is_filled_and_every_chart_says_what_it_shows(panel):
    for chart in (panel.lines, panel.map, panel.states, panel.rise):
        assert chart.rows
        assert chart.alt
    assert "Strategic targets" in panel.choice.value
    assert panel.problem.value == ""


def test_exponential_weights_have_no_band(panel):
    panel.weighted.value = True
    assert panel.lines.rows["band"] == []
    panel.weighted.value = False


def test_own_returns_are_measured_and_taken_back(panel):
    returns = built_in_market().returns
    panel.upload.take("mine.csv", csv(returns.iloc[:-20]))
    assert panel.problem.value == ""
    assert "your own file" in panel.source.value
    assert panel.market is not panel.session.plan.prior
    panel.back.click()
    assert panel.market is panel.session.plan.prior


def test_a_file_without_a_series_or_without_sense_is_refused_in_words(panel):
    panel.upload.take("mine.csv", csv(built_in_market().returns.drop(columns="gold")))
    assert "lacks gold" in panel.problem.value
    panel.upload.take("mine.csv", b"nothing")
    assert "lacks gold" not in panel.problem.value
    assert "pl-blocker" in panel.problem.value
    assert panel.market is panel.session.plan.prior


@pytest.mark.parametrize("months", [3, 8, 47])
def test_a_file_too_short_to_compare_is_refused_and_the_charts_stay(panel, months):
    shown = panel.lines.rows
    panel.upload.take("short.csv", csv(built_in_market().returns.tail(months)))
    assert f"has {months} months" in panel.problem.value
    assert "needs 48" in panel.problem.value
    assert panel.market is panel.session.plan.prior
    assert panel.lines.rows == shown


def test_the_shortest_file_that_will_do_fills_every_part(panel):
    panel.upload.take("short.csv", csv(built_in_market().returns.tail(48)))
    assert panel.problem.value == ""
    assert "48 months" in panel.source.value
    assert len(panel.rise.rows["rise"]) == 1
    panel.back.click()


def test_a_hidden_panel_draws_nothing():
    assert CorrelationPanel(Session(EXAMPLE)).lines.rows == {}
