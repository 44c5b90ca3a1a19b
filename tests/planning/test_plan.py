from __future__ import annotations

import datetime as dt
import json
import math
import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import (
    DISCLAIMER,
    EXAMPLE,
    Assumptions,
    InputError,
    Market,
    Method,
    Plan,
    ReferenceMix,
    Scenario,
    Targets,
    Tilt,
    built_in_market,
    plan,
)
from planner.market.universe import BUILT_IN, Universe
from planner.methods import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

INSIDE = 1e-8
"""architecture.md: weights come back inside every limit to this."""


def of(**changes: object) -> Plan:
    return plan(EXAMPLE.with_changes(**changes))


def mix(weights: Mapping[str, float]) -> Targets:
    return Targets(weights=dict(weights))


@pytest.mark.parametrize("reference", list(ReferenceMix))
def test_strategic_targets_are_held_as_they_are(reference: ReferenceMix) -> None:
    targets = Targets.reference(reference)
    made = of(targets=targets, crypto_override=True)
    assert made.blockers == ()
    assert made.class_weights == pytest.approx(dict(targets.weights), abs=1e-12)
    assert made.portfolio is not None
    assert made.portfolio.weights.sum() == pytest.approx(1, abs=1e-12)


def test_a_fall_of_50_percent_of_a_5_percent_holding_costs_exactly_2_5_percent() -> None:
    made = of(crypto_fall=0.5)
    assert made.crypto_loss == 0.025
    figure = {figure.name: figure for figure in made.figures}["crypto_loss"]
    assert (figure.value, figure.text) == (-0.025, "-2.5 %")
    assert "$6,250" in figure.meaning  # of 250,000


def test_crypto_going_to_zero_costs_the_whole_holding() -> None:
    assert of(crypto_fall=1.0).crypto_loss == 0.05


class TestCryptoBlocker:
    too_much = mix({"equities": 0.5, "fixed_income": 0.3, "crypto": 0.2})

    def test_too_much_crypto_stops_the_plan_and_both_numbers_are_said(self) -> None:
        made = of(targets=self.too_much)
        (blocker,) = made.blockers
        assert made.portfolio is None
        assert blocker.place is Place.CRYPTO
        assert "20 %" in blocker.sentence
        assert "12.4 %" in blocker.sentence

    def test_a_stopped_plan_shows_the_targets_and_holds_no_weights(self) -> None:
        made = of(targets=self.too_much)
        assert made.shown is made.targets
        assert made.class_weights["crypto"] == pytest.approx(0.2)
        assert made.to_dict()["weights"] == {}

    def test_the_override_lifts_it(self) -> None:
        made = of(targets=self.too_much, crypto_override=True)
        assert made.blockers == ()
        assert made.class_weights["crypto"] == pytest.approx(0.2)

    def test_a_target_at_the_end_of_the_range_is_allowed(self) -> None:
        upper = EXAMPLE.profile.assess().crypto_range.upper
        assert of(targets=mix({"equities": 1 - upper, "crypto": upper})).blockers == ()

    def test_two_numbers_that_round_alike_are_told_apart(self) -> None:
        (blocker,) = of(targets=mix({"equities": 0.876, "crypto": 0.124})).blockers
        assert "crypto target of 12.4 % is above the 12.38 %" in blocker.sentence

    @pytest.mark.parametrize("method", list(Method))
    def test_it_holds_for_every_method(self, method: Method) -> None:
        assert [blocker.place for blocker in of(targets=self.too_much, method=method).blockers] == [Place.CRYPTO]


class TestMeanVariance:
    @settings(max_examples=25, deadline=None)
    @given(
        st.lists(st.integers(0, 100), min_size=6, max_size=6).filter(lambda parts: sum(parts[:5]) > 0),
        st.sampled_from([0.0, 0.01, 0.05, 0.2, 1.0]),
        st.sampled_from([0.5, 3.0, 20.0]),
        st.booleans(),
    )
    def test_each_class_stays_in_its_room_and_crypto_under_its_cap(
        self, parts: list[int], room: float, risk_aversion: float, override: bool
    ) -> None:
        weights = dict(zip(BUILT_IN.class_names, np.array(parts) / sum(parts), strict=True))
        made = of(
            targets=mix(weights),
            method=Method.MEAN_VARIANCE,
            room=room,
            risk_aversion=risk_aversion,
            crypto_override=override,
        )
        allowed = EXAMPLE.profile.assess().crypto_range.upper
        if not override and weights["crypto"] > allowed + 1e-9:
            assert [blocker.place for blocker in made.blockers] == [Place.CRYPTO]
            return
        assert made.portfolio is not None, made.blockers
        for name, weight in made.class_weights.items():
            assert abs(weight - weights[name]) <= room + INSIDE
        assert made.class_weights["crypto"] <= max(allowed, weights["crypto"]) + INSIDE
        assert made.class_weights["crypto"] <= made.crypto_cap + INSIDE
        assert made.portfolio.w.min() >= 0
        assert made.portfolio.w.sum() == pytest.approx(1, abs=1e-12)

    def test_without_room_the_class_weights_are_the_targets(self) -> None:
        made = of(method=Method.MEAN_VARIANCE, room=0.0)
        assert made.class_weights == pytest.approx(dict(EXAMPLE.targets.weights), abs=INSIDE)

    def test_it_is_better_by_its_own_measure_than_the_targets(self) -> None:
        made = of(method=Method.MEAN_VARIANCE)
        assert made.portfolio is not None

        def utility(portfolio: object) -> float:
            return portfolio.expected_return - EXAMPLE.risk_aversion / 2 * portfolio.volatility**2  # type: ignore[attr-defined]

        assert utility(made.portfolio) > utility(made.targets)

    def test_more_risk_aversion_never_gives_more_volatility(self) -> None:
        volatilities = [
            of(method=Method.MEAN_VARIANCE, risk_aversion=aversion).shown.volatility for aversion in (1, 3, 10)
        ]
        assert volatilities == sorted(volatilities, reverse=True)

    def test_a_volatility_cap_is_kept(self) -> None:
        made = of(method=Method.MEAN_VARIANCE, volatility_cap=0.085)
        assert made.blockers == ()
        assert made.shown.volatility <= 0.085 + INSIDE


class TestRiskBudget:
    @pytest.mark.parametrize("reference", list(ReferenceMix))
    def test_risk_is_shared_as_the_targets_share_the_money_outside_cash(self, reference: ReferenceMix) -> None:
        targets = Targets.reference(reference)
        made = of(targets=targets, method=Method.RISK_BUDGET)
        assert made.portfolio is not None, made.blockers
        cash = targets.weights["cash"]
        for name, share in made.class_risk.items():
            if name != "cash":
                assert share == pytest.approx(targets.weights[name] / (1 - cash), abs=1e-3)

    @pytest.mark.parametrize("reference", list(ReferenceMix))
    def test_cash_keeps_its_weight_and_carries_next_to_no_risk(self, reference: ReferenceMix) -> None:
        targets = Targets.reference(reference)
        made = of(targets=targets, method=Method.RISK_BUDGET)
        assert made.class_weights["cash"] == pytest.approx(targets.weights["cash"], abs=INSIDE)
        assert abs(made.class_risk["cash"]) < 1e-3

    def test_five_percent_of_the_risk_is_far_less_than_five_percent_of_the_money(self) -> None:
        assert 0 < of(method=Method.RISK_BUDGET).class_weights["crypto"] < 0.02

    def test_a_class_without_target_gets_nothing(self) -> None:
        assert of(method=Method.RISK_BUDGET).class_weights["commodities"] == 0

    def test_all_cash_is_all_cash(self) -> None:
        assert of(targets=mix({"cash": 1.0}), method=Method.RISK_BUDGET).class_weights["cash"] == pytest.approx(1)


class TestVolatilityCap:
    def test_strategic_targets_above_it_say_so_with_both_numbers(self) -> None:
        made = of(volatility_cap=0.08)
        (blocker,) = made.blockers
        assert blocker.place is Place.METHOD
        assert f"{made.targets.volatility:.1%}".replace("%", " %") in blocker.sentence
        assert "the cap of 8 %" in blocker.sentence

    def test_the_cap_that_is_said_to_help_helps(self) -> None:
        made = of(volatility_cap=0.08)
        assert of(volatility_cap=made.targets.volatility).blockers == ()

    def test_strategic_targets_below_it_are_held(self) -> None:
        assert of(volatility_cap=0.12).class_weights == of().class_weights

    def test_an_impossible_one_is_explained_in_class_labels(self) -> None:
        (blocker,) = of(method=Method.MEAN_VARIANCE, volatility_cap=0.05).blockers
        assert blocker.place is Place.METHOD
        assert "the lowest volatility you can reach is" in blocker.sentence
        assert "raise the cap from 5 %" in blocker.sentence
        assert "Fixed income at most 35 %" in blocker.sentence
        assert "fixed_income" not in blocker.sentence

    def test_one_that_a_risk_budget_cannot_meet_is_explained_in_class_labels(self) -> None:
        (blocker,) = of(method=Method.RISK_BUDGET, volatility_cap=0.02).blockers
        assert blocker.place is Place.METHOD
        assert "the lowest volatility you can reach is" in blocker.sentence
        assert "raise the cap from 2 %" in blocker.sentence
        least = re.search(r"you can reach is (\S+) %", blocker.sentence)
        assert least is not None
        cap = math.ceil(float(least[1]) * 10) / 1000  # the least volatility there is, with a little room to divide
        assert of(method=Method.RISK_BUDGET, volatility_cap=cap).blockers == ()


def test_the_frontier_holds_no_more_crypto_than_the_plan_may(market: Market) -> None:
    table = of().frontier.table  # type: ignore[union-attr]
    assert (table[["bitcoin", "ether"]].sum(axis=1) <= of().crypto_cap + INSIDE).all()
    assert of().crypto_cap == EXAMPLE.profile.assess().crypto_range.upper


@pytest.mark.parametrize("method", list(Method))
def test_the_same_scenario_gives_the_same_numbers_whatever_was_planned_in_between(method: Method) -> None:
    first = of(method=method)
    of(method=method, risk_aversion=20, room=0.5, targets=Targets.reference(ReferenceMix.REAL_ESTATE_HEAVY))
    again = of(method=method)
    assert first.to_text() == again.to_text()
    for one, other in zip(first.figures, again.figures, strict=True):
        assert one.value == pytest.approx(other.value, rel=1e-9)  # a warm start may round the last digit otherwise


def test_shares_of_the_risk_and_of_the_money_sum_to_1() -> None:
    for method in Method:
        made = of(method=method)
        assert sum(made.class_risk.values()) == pytest.approx(1, abs=1e-9)
        assert sum(made.class_weights.values()) == pytest.approx(1, abs=1e-9)
        assert made.table["amount"].sum() == pytest.approx(EXAMPLE.profile.liquid_assets)


class TestSaying:
    @pytest.mark.parametrize("method", list(Method))
    def test_a_plan_is_json_without_nan_that_gives_its_scenario_back(self, method: Method) -> None:
        made = of(method=method)
        document = json.loads(json.dumps(made.to_dict(), allow_nan=False))
        assert Scenario.model_validate(document["scenario"]) == made.document
        assert document["disclaimer"] == DISCLAIMER
        assert document["weights"] == made.portfolio.by_asset  # type: ignore[union-attr]
        assert set(document["figures"]) == {figure.name for figure in made.figures}

    def test_a_stopped_plan_says_why_in_json_and_in_text(self) -> None:
        made = of(targets=TestCryptoBlocker.too_much)
        sentence = made.blockers[0].sentence
        assert made.to_dict()["blockers"] == [{"place": "crypto", "sentence": sentence}]
        assert sentence in made.to_text()

    def test_the_text_holds_the_name_the_classes_the_figures_and_the_disclaimer(self) -> None:
        lines = of().to_text().splitlines()
        assert lines[0] == "Example household"
        assert any(line.split() == ["equities", "50", "%", "50", "%", "60.7", "%", "$125,000"] for line in lines)
        assert any(line.split() == ["Expected", "return", "6.1", "%"] for line in lines)
        assert lines[-1] == DISCLAIMER

    def test_the_page_shows_a_hostile_name_as_text(self) -> None:
        made = of(name="<script>alert(1)</script>")
        assert "<script" not in made._repr_html_()
        assert "&lt;script&gt;alert(1)" in made._repr_html_()
        assert made.to_text().startswith("<script>alert(1)</script>\n")

    def test_every_figure_has_a_label_a_text_and_a_meaning(self) -> None:
        for figure in of().figures:
            assert figure.label
            assert figure.text
            assert figure.meaning.endswith(".")


class TestTilts:
    TILT = Tilt(asset="equities", change=-0.05, reason="dear", starts=dt.date(2025, 7, 1), ends=dt.date(2026, 1, 1))

    def test_a_tilt_in_force_changes_what_trades_lead_to_and_not_the_plan(self) -> None:
        leaning = of(tilts=(self.TILT,))
        assert leaning.as_of == EXAMPLE.household.as_of
        assert leaning.class_weights == of().class_weights
        assert leaning.trade_targets.weights["equities"] == pytest.approx(0.45)
        assert of().trade_targets.weights["equities"] == pytest.approx(0.50)

    def test_a_tilt_counts_no_more_from_the_day_of_its_end(self) -> None:
        after = plan(EXAMPLE.with_changes(tilts=(self.TILT,)), as_of=self.TILT.ends)
        assert after.trade_targets.weights["equities"] == pytest.approx(0.50)

    def test_a_tilt_beyond_the_range_is_a_blocker_and_the_plan_stands_without_it(self) -> None:
        far = of(tilts=(self.TILT.with_changes(change=-0.08),))
        assert [blocker.place for blocker in far.blockers] == [Place.TILTS]
        assert "3 points beyond the tactical range" in far.blockers[0].sentence
        assert far.portfolio is not None
        assert far.trade_targets.weights["equities"] == pytest.approx(0.50)

    def test_the_day_is_that_of_the_last_returns_where_nothing_is_owned(self, market: Market) -> None:
        assert of(household=None).as_of == market.returns.index[-1].date()


class TestOtherMarkets:
    @pytest.fixture
    def with_riskless_cash(self) -> Market:
        known = built_in_market()
        covariance = known.assumptions.covariance.copy()
        covariance.loc["cash", :] = 0.0
        covariance.loc[:, "cash"] = 0.0
        assumptions = Assumptions(known.assumptions.mean, covariance, known.assumptions.risk_free)
        return Market(known.universe, known.returns, assumptions)

    def test_what_is_undefined_is_null_in_json_and_said_in_words(self, with_riskless_cash: Market) -> None:
        made = plan(EXAMPLE.with_changes(targets=mix({"cash": 1.0})), with_riskless_cash)
        document = json.loads(json.dumps(made.to_dict(), allow_nan=False))
        assert document["figures"]["sharpe"] is None
        assert document["classes"]["cash"]["risk_share"] is None
        for said in (made.to_text(), made._repr_html_()):
            assert "undefined" in said
            assert not re.search(r"\bnan\b", said, flags=re.IGNORECASE)

    def test_targets_of_another_universe_are_refused_in_words(self) -> None:
        universe = Universe(tuple(known for known in BUILT_IN.classes if known.name != "commodities"))
        with pytest.raises(InputError, match=r"Targets\.in_universe"):
            plan(EXAMPLE, Market.of(built_in_market().returns, universe))

    def test_a_universe_without_crypto_is_refused_in_words(self) -> None:
        universe = Universe(tuple(known for known in BUILT_IN.classes if known.name != "crypto"))
        targets = Targets.in_universe(universe, weights={"equities": 1.0})
        with pytest.raises(InputError, match="no asset class 'crypto'"):
            plan(EXAMPLE.with_changes(targets=targets), Market.of(built_in_market().returns, universe))


class TestMarket:
    def test_ether_earns_what_bitcoin_did_before_its_first_month(self, market: Market) -> None:
        before = market.returns["ether"].isna()
        assert before.sum() == 38
        assert market.complete_returns.index[before][-1] == pd.Timestamp("2017-11-30")
        complete = market.complete_returns
        pd.testing.assert_series_equal(complete["ether"][before], complete["bitcoin"][before], check_names=False)

    def test_everything_else_is_left_untouched(self, market: Market) -> None:
        known = market.returns.notna()
        assert (market.complete_returns.where(known) == market.returns).where(known, True).all(axis=None)
        assert market.complete_returns.notna().all(axis=None)

    def test_a_month_that_no_series_of_a_class_has_stays_missing(self, market: Market) -> None:
        returns = market.returns.copy()
        returns.loc[returns.index[:3], ["bitcoin", "ether"]] = np.nan
        shortened = Market(market.universe, returns, market.assumptions)
        assert shortened.complete_returns["ether"].isna().sum() == 3

    @pytest.mark.parametrize("series", ["gold", "ether"])
    def test_a_missing_series_is_named(self, market: Market, series: str) -> None:
        with pytest.raises(InputError, match=series):
            Market(market.universe, market.returns.drop(columns=series), market.assumptions)
