"""The line that names the data of a plan, without a browser."""

from __future__ import annotations

import re

import numpy as np
import pytest

from planner.market.history import history
from planner.market.market import Market
from planner.market.quality_checks import check_quality
from planner.planning import plan
from planner.policy.barbell import barbell
from planner.scenario import EXAMPLE
from widgets import data_line
from widgets.panels.correlation import CorrelationPanel
from widgets.panels.results import ResultsPanel
from widgets.session import Session


def words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split()).replace("&#x27;", "'")


def shown(session):
    results = ResultsPanel(session)
    results.showing = True
    return results


def with_a_slip():
    """A user's market: five years, and one month of bonds that nobody would believe."""
    returns = history().tail(60).copy()
    returns.loc[returns.index[10], "us_bonds"] = 0.97
    returns.loc[returns.index[20:26], "gold"] = 0.0123
    return Market.of(returns)


def test_the_built_in_data_are_named_with_period_score_and_fingerprint():
    results = shown(Session())
    mark = plan(EXAMPLE).fingerprint
    assert words(results.data.value).startswith(
        "Built-in monthly returns, 132 months, October 2014 to September 2025. Quality 100 of 100. "
        f"Fingerprint {mark.short}."
    )
    assert mark.sentence in words(results.data.value)
    assert "Nothing wrong was found. Looked for: gap, duplicate," in words(results.data.value)


def test_ones_own_returns_have_their_own_score_and_findings():
    market = with_a_slip()
    report = check_quality(market.returns)
    assert report.score < 100
    said = words(shown(Session(market=market)).data.value)
    assert said.startswith("Your own monthly returns, 60 months, October 2020 to September 2025.")
    assert f"Quality {report.score:.0f} of 100, {len(report.findings)} things to look at." in said
    assert all(finding.sentence in said for finding in report.findings)


def test_the_findings_are_counted_where_they_are_many(monkeypatch):
    monkeypatch.setattr(data_line, "FINDINGS_SHOWN", 1)
    market = with_a_slip()
    more = len(check_quality(market.returns).findings) - 1
    assert f"And {more} more." in data_line.data_line("Mine", market)


def test_the_data_are_checked_once_however_the_plan_moves(monkeypatch):
    session = Session()
    results = shown(session)
    asked = []
    monkeypatch.setattr(data_line, "of_plan", lambda made: asked.append(made) or "checked")
    session.change(crypto_fall=0.7)
    session.change(risk_aversion=5.0)
    session.change(sleeve=barbell())
    assert asked == []
    assert "Built-in monthly returns" in results.data.value


def test_an_uploaded_file_is_named_and_scored_beside_the_correlations():
    panel = CorrelationPanel(Session())
    panel.showing = True
    assert words(panel.source.value).startswith("Shown: the plan's data, 132 months")
    market = with_a_slip()
    with pytest.warns(match="quality"):
        panel.upload.take("<mine>.csv", market.returns.to_csv().encode())
    said = words(panel.source.value)
    assert said.startswith("Shown: &lt;mine&gt;.csv, your own file, 60 months, October 2020 to September 2025.")
    assert f"Quality {check_quality(market.returns).score:.0f} of 100" in said
    panel.back.click()
    assert "the plan's data" in words(panel.source.value)


def test_a_series_that_starts_late_is_no_finding():
    returns = history().copy()
    returns.loc[returns.index[:100], "gold"] = np.nan
    assert data_line.quality_of(Market.of(returns)).findings == ()
