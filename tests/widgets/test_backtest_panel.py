from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from planner.market.universe import CRYPTO
from planner.outlook.backtest import backtest
from planner.outlook.policy_comparison import POLICIES
from planner.planning import plan
from planner.policy.barbell import barbell
from planner.policy.targets import Targets
from planner.scenario import EXAMPLE
from widgets.backtest_charts import LINE, PLAN, SIXTY_FORTY, growth_rows, policies_rows
from widgets.panels.backtest import BacktestPanel
from widgets.session import Session


@pytest.fixture(scope="module")
def panel():
    made = BacktestPanel(Session())
    made.showing = True
    return made


def last(panel, mix):
    return [row["value"] for row in panel.growth.rows["growth"] if row["mix"] == mix][-1]


def test_nothing_is_followed_until_the_tab_is_shown():
    hidden = BacktestPanel(Session())
    assert hidden.tracks == {}
    assert hidden.growth.rows == {}


def test_the_lines_are_the_plan_more_and_less_crypto_and_sixty_forty(panel):
    assert list(panel.tracks) == [PLAN, "no crypto", "3 % crypto", "10 % crypto", SIXTY_FORTY]
    months = len(panel.session.plan.market.complete_returns)
    assert len(panel.growth.rows["growth"]) == 5 * (months + 1)
    assert panel.problem.value == ""
    assert panel.refused.value == ""


def test_the_plans_line_is_the_backtest_of_its_mix_under_the_scenarios_rule(panel):
    made = plan(EXAMPLE)
    track = backtest(made.market.complete_returns, EXAMPLE.targets, EXAMPLE.rebalancing, EXAMPLE.trading, amount=10_000)
    assert last(panel, PLAN) == pytest.approx(track.values.iloc[-1], abs=0.01)
    assert f"your plan ${track.values.iloc[-1]:,.0f}" in panel.growth.alt


def test_another_mix_is_another_line_and_what_it_already_holds_is_no_step_beside_it():
    session = Session(EXAMPLE.with_changes(crypto_override=True))
    panel = BacktestPanel(session)
    panel.showing = True
    before = last(panel, PLAN)
    weights = {"equities": 0.6, "fixed_income": 0.3, CRYPTO: 0.1}
    session.change(targets=Targets(weights=weights))
    assert list(panel.tracks) == [PLAN, "no crypto", "3 % crypto", SIXTY_FORTY]
    assert last(panel, PLAN) != before
    session.change(targets=Targets(weights={CRYPTO: 1.0}))
    assert list(panel.tracks) == [PLAN, SIXTY_FORTY]


def test_the_page_says_which_coins_survived_those_of_the_plan_or_those_of_its_indices():
    session = Session()
    made = BacktestPanel(session)
    made.showing = True
    assert "two that survived" in made.limits.value
    session.change(sleeve=barbell())
    assert "survived to 2025" in made.limits.value
    assert "two that survived" not in made.limits.value


def test_a_window_is_followed_alone_and_a_short_one_is_widened_to_a_year():
    panel = BacktestPanel(Session())
    panel.showing = True
    panel.window.value = ("2019-01", "2022-12")
    assert "January 2019 to December 2022, 48 months." in panel.months.value
    assert len(panel.tracks[PLAN].returns) == 48
    panel.window.value = ("2025-08", "2025-09")
    assert "October 2024 to September 2025, 12 months." in panel.months.value
    assert "2024 (3 months)" in panel.years.value


def test_labels_at_the_end_are_a_line_apart(panel):
    rows = panel.growth.rows
    values = [row["value"] for row in rows["growth"]]
    line = np.log(max(values) / min(values)) * LINE / 320
    ends = sorted(np.log(end["at"]) for end in rows["ends"])
    assert np.diff(ends).min() >= line * 0.999
    assert {end["text"].split(" $")[0] for end in rows["ends"]} == set(panel.tracks)


def test_taxes_cost_what_rebalances_and_defer_what_is_held():
    panel = BacktestPanel(Session())
    panel.showing = True
    assert (panel.compared.table["tax"] == 0).all()
    panel.taxed.value = True
    taxed = panel.compared.table
    assert taxed["tax"]["Calendar, quarterly"] > 0
    assert "tax paid" in panel.policies.value
    panel.monthly.value = 500
    assert panel.compared.table["value"]["Calendar, quarterly"] > taxed["value"]["Calendar, quarterly"]


def test_money_that_runs_out_is_said_beside_the_policies_and_the_lines_stay():
    panel = BacktestPanel(Session())
    panel.showing = True
    panel.monthly.value = -5_000
    assert "The money runs out" in panel.refused.value
    assert panel.problem.value == ""
    panel.monthly.value = 0
    assert panel.refused.value == ""


def test_the_scatter_leaves_out_who_never_trades(panel):
    rows = policies_rows(panel.compared)["policies"]
    assert {row["policy"] for row in rows} == set(POLICIES) - {"Buy and hold"}
    assert len({(row["side"], round(row["nudge"] - row["paid"], 3)) for row in rows}) == len(rows)


def test_the_files_hold_what_the_page_shows(panel):
    months = pd.read_csv(io.StringIO(panel._months_csv()))
    assert months.groupby("mix")["value"].last()[PLAN] == pytest.approx(last(panel, PLAN), abs=0.01)
    policies = pd.read_csv(io.StringIO(panel._policies_csv()), index_col="policy")
    assert list(policies.index) == list(POLICIES)


def test_a_mix_is_a_colour_whatever_else_is_drawn():
    series = pd.Series([10_000.0, 12_000.0], pd.to_datetime(["2024-12-31", "2025-12-31"]))
    alone = growth_rows({PLAN: series})["growth"][0]["colour"]
    beside = growth_rows({SIXTY_FORTY: series, PLAN: series})["growth"][-1]["colour"]
    assert alone == beside
