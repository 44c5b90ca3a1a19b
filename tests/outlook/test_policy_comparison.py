from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from planner import InputError, Targets, TaxSituation
from planner.outlook.backtest import backtest
from planner.outlook.policy_comparison import BUY_AND_HOLD, POLICIES, PolicyComparison, compare_policies
from planner.trading.rules import Calendar, Destination, Frequency

WORKED = Targets(weights={"equities": 0.5, "fixed_income": 0.3, "real_estate": 0.1, "cash": 0.05, "crypto": 0.05})
EARNER = TaxSituation(income=100_000)


@pytest.fixture(scope="module")
def comparison(market) -> PolicyComparison:
    return compare_policies(market.complete_returns, WORKED, taxes=EARNER)


def test_the_policies_of_the_domain_stand_side_by_side(comparison):
    table = comparison.table
    assert list(table.index) == list(POLICIES)
    assert len(table) == 3 + 2 * len(Destination)
    wanted = {"turnover", "tax", "cost", "drift", "growth", "volatility", "trades", "after_tax"}
    assert wanted <= set(table.columns)
    assert np.isfinite(table.to_numpy(float)).all()


@pytest.mark.parametrize("name", [BUY_AND_HOLD, "Calendar, yearly", "Hybrid, half-way into the band"])
def test_each_row_is_that_policys_backtest(market, comparison, name):
    track = backtest(market.complete_returns, WORKED, POLICIES[name], None, EARNER)
    pd.testing.assert_frame_equal(track.table, comparison.tracks[name].table)
    row, measured = comparison.table.loc[name], track.performance(market.returns["cash"])
    for measure in ("growth", "volatility", "sharpe", "deepest_fall"):
        assert row[measure] == pytest.approx(measured[measure])
    assert row["tax"] == pytest.approx(track.table["tax"].sum())
    assert row["cost"] == pytest.approx(track.table["cost"].sum())
    assert row["trades"] == track.table["trades"].sum()
    assert row["drift"] == pytest.approx(track.table["drift"].iloc[1:].mean())
    assert row["after_tax"] == track.after_tax
    assert row["turnover"] == track.turnover


def test_going_less_far_back_turns_over_less_and_drifts_more(comparison):
    for kind in ("Threshold", "Hybrid"):
        rows = comparison.table.loc[[f"{kind}, {to}" for to in Destination]]
        assert rows["turnover"].is_monotonic_decreasing
        assert rows["cost"].is_monotonic_decreasing
        assert rows["drift"].is_monotonic_increasing


def test_buying_and_holding_drifts_most_and_pays_least_on_the_way(comparison):
    table = comparison.table
    assert table["drift"].idxmax() == BUY_AND_HOLD
    assert table["tax"].idxmin() == BUY_AND_HOLD
    assert table.loc[BUY_AND_HOLD, ["trades", "turnover", "cost", "rebalancings"]].sum() == 0


def test_the_sentences_say_what_the_table_shows(comparison):
    table, said = comparison.table, comparison.sentences
    assert said[0] == "132 months, October 2014 to September 2025, 9 policies that began with $100,000."
    assert f"'{table['after_tax'].idxmax()}' would have left the most" in said[1]
    assert f"'{table['after_tax'].idxmin()}' the least" in said[1]
    assert f"under '{table['drift'].idxmin()}'" in said[2]
    rebalanced = table[table["rebalancings"] > 0]
    assert f"'{rebalanced['turnover'].idxmin()}' ({rebalanced['trades'][rebalanced['turnover'].idxmin()]} tr" in said[3]
    assert said[4].startswith("Bought and held, Crypto was ")
    assert said[-1] == "One history is one draw: it does not tell which policy will do best."
    assert "<table" in comparison._repr_html_()


def test_one_policy_and_policies_that_never_trade_have_sentences_too(market):
    window = {"first": dt.date(2025, 1, 1), "last": dt.date(2025, 2, 28)}
    alone = compare_policies(market.complete_returns, WORKED, {"Mine": Calendar()}, **window)
    assert alone.sentences[0] == "2 months, January 2025 to February 2025, one policy that began with $100,000."
    yearly = {BUY_AND_HOLD: None, "Yearly": Calendar(frequency=Frequency.ANNUALLY)}
    assert "No policy ever rebalanced." in compare_policies(market.complete_returns, WORKED, yearly, **window).sentences
    monthly = {BUY_AND_HOLD: None, "Monthly": Calendar(frequency=Frequency.MONTHLY)}
    said = compare_policies(market.complete_returns, WORKED, monthly, **window).sentences
    assert any(sentence.startswith("Only 'Monthly' (") for sentence in said)


def test_without_cash_nothing_is_taken_off_the_return(market):
    targets = Targets(weights={"equities": 0.6, "fixed_income": 0.4})
    held = market.complete_returns[["us_equity", "intl_equity", "us_bonds"]]
    table = compare_policies(held, targets, {"Quarterly": Calendar()}).table
    track = backtest(held, targets, Calendar())
    assert table.loc["Quarterly", "sharpe"] == pytest.approx(track.performance()["sharpe"])


def test_no_policy_is_refused_in_words(market):
    with pytest.raises(InputError, match="no policy to compare"):
        compare_policies(market.complete_returns, WORKED, {})
