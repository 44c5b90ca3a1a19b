"""The same scenario, data and version give the same plan, and a change of any is seen."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import planner
from planner import EXAMPLE, Scenario, plan
from planner.market.history import history
from planner.market.market import Market, built_in_market

ASK = """
import json, sys
from planner import Scenario, plan
for line in sys.stdin:
    made = plan(Scenario.model_validate_json(line))
    print(json.dumps([made.fingerprint.full, made.to_dict()["weights"], made.to_dict()["figures"]]))
"""


def test_the_same_fingerprint_gives_the_same_plan_in_another_process():
    plans = [plan(EXAMPLE.with_changes(method=method)) for method in planner.Method]
    documents = "\n".join(made.document.model_dump_json() for made in plans)
    asked = subprocess.run([sys.executable, "-c", ASK], input=documents, capture_output=True, text=True, check=True)
    for made, line in zip(plans, asked.stdout.splitlines(), strict=True):
        full, weights, figures = json.loads(line)
        assert full == made.document.made_with.full
        assert weights == pytest.approx(made.to_dict()["weights"], abs=1e-9)
        assert figures == pytest.approx(made.to_dict()["figures"], abs=1e-9)


def test_a_market_made_anew_of_the_same_data_has_the_same_fingerprint():
    assert plan(EXAMPLE, Market.of(history())).fingerprint == plan(EXAMPLE).fingerprint


def test_a_saved_scenario_says_what_has_changed_since(monkeypatch):
    saved = Scenario.model_validate_json(plan(EXAMPLE).document.model_dump_json())
    assert plan(saved).changed_since == ""
    assert plan(EXAMPLE).changed_since == "", "one that was never saved has nothing to compare with"
    other = history()
    other.iloc[-1, 0] = np.nextafter(other.iloc[-1, 0], 1)
    assert "the market data" in plan(saved, Market.of(other)).changed_since
    ours = built_in_market()
    dearer = ours.assumptions.mean + pd.Series(0.001, ours.assumptions.mean.index)
    moved = type(ours.assumptions)(dearer, ours.assumptions.covariance, ours.assumptions.risk_free)
    said = plan(saved, Market(ours.universe, ours.returns, moved)).changed_since
    assert "assumptions" in said
    assert "market data" not in said
    monkeypatch.setattr(planner, "__version__", "99.0")
    assert "99.0 now" in plan(saved, Market.of(history())).changed_since


def test_the_plan_carries_it_on_paper_and_in_json():
    made = plan(EXAMPLE)
    for told in (made.to_text(), made._repr_html_()):
        assert made.fingerprint.short in told
    assert made.to_dict()["scenario"]["made_with"]["full"] == made.fingerprint.full
