"""Limits, views and a point on the frontier, as a household states them and a plan keeps them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from planner import EXAMPLE, Method, Plan, built_in_market, plan
from planner.methods import Place
from planner.policy.wishes import LimitKind, PlanLimit, PlanView

OPTIMISED = (Method.MEAN_VARIANCE, Method.RISK_BUDGET, Method.FRONTIER)


def planned(method: Method, *limits: PlanLimit, **fields: Any) -> Plan:
    return plan(EXAMPLE.with_changes(method=method, limits=limits, **fields))


def limit(kind: LimitKind, size: float, subject: str | None = None, *, soft: bool = False) -> PlanLimit:
    return PlanLimit(kind=kind, subject=subject, size=size, soft=soft)


class TestLimits:
    @pytest.mark.parametrize("method", OPTIMISED)
    def test_weights_of_classes_and_series_are_kept(self, method: Method) -> None:
        made = planned(method, limit(LimitKind.AT_LEAST, 0.06, "crypto"), limit(LimitKind.AT_MOST, 0.05, "bitcoin"))
        assert made.class_weights["crypto"] >= 0.06 - 1e-8
        assert made.shown.by_asset["bitcoin"] <= 0.05 + 1e-8

    @pytest.mark.parametrize("method", OPTIMISED)
    def test_a_share_of_the_risk_is_kept(self, method: Method) -> None:
        made = planned(method, limit(LimitKind.RISK_AT_MOST, 0.02, "crypto"))
        assert planned(method).class_risk["crypto"] > 0.021
        assert made.class_risk["crypto"] == pytest.approx(0.02, abs=1e-6)

    @pytest.mark.parametrize("method", OPTIMISED)
    def test_a_part_of_a_class_is_kept(self, method: Method) -> None:
        made = planned(method, limit(LimitKind.PART_AT_LEAST, 0.5, "ether"))
        held = made.shown.by_asset
        assert held["ether"] >= held["bitcoin"] - 1e-8

    @pytest.mark.parametrize("method", OPTIMISED)
    def test_no_holding_is_smaller_than_said(self, method: Method) -> None:
        made = planned(method, limit(LimitKind.SMALLEST_HOLDING, 0.03))
        held = np.array(list(made.shown.by_asset.values()))
        assert ((held < 1e-9) | (held >= 0.03 - 1e-8)).all()

    @pytest.mark.parametrize("method", OPTIMISED)
    def test_the_tracking_error_to_the_targets_is_kept(self, method: Method) -> None:
        made = planned(method, limit(LimitKind.TRACKING_ERROR, 0.01))
        away = made.shown.w - made.targets.w
        assert np.sqrt(away @ made.market.assumptions.cov @ away) <= 0.01 + 1e-8

    def test_targets_as_they_are_meet_the_limits_or_say_which_they_break(self) -> None:
        assert planned(Method.STRATEGIC, limit(LimitKind.AT_MOST, 0.06, "crypto")).portfolio is not None
        (blocker,) = planned(Method.STRATEGIC, limit(LimitKind.AT_MOST, 0.03, "crypto")).blockers
        assert blocker.place is Place.LIMITS
        assert "“Crypto at most 3 %”" in blocker.sentence
        assert planned(Method.STRATEGIC, limit(LimitKind.AT_MOST, 0.03, "crypto", soft=True)).portfolio is not None

    def test_limits_in_conflict_are_explained_where_they_were_stated(self) -> None:
        made = planned(
            Method.FRONTIER,
            limit(LimitKind.AT_LEAST, 0.8, "fixed_income"),
            limit(LimitKind.AT_LEAST, 0.3, "gold"),
            frontier_return=0.04,
        )
        (blocker,) = made.blockers
        assert blocker.place is Place.LIMITS
        assert "Fixed income" in blocker.sentence
        assert "Gold" in blocker.sentence

    def test_soft_limits_give_way_the_last_first_and_say_by_how_much(self) -> None:
        made = planned(
            Method.FRONTIER,
            limit(LimitKind.AT_LEAST, 0.8, "fixed_income", soft=True),
            limit(LimitKind.AT_LEAST, 0.3, "gold", soft=True),
            frontier_return=0.04,
        )
        assert made.class_weights["fixed_income"] == pytest.approx(0.8, abs=1e-6)
        assert made.shown.by_asset["gold"] == pytest.approx(0.2, abs=1e-6)
        assert any("Gold at least 30 %" in note and "10 points" in note for note in made.notes)

    def test_a_limit_reached_says_what_it_costs(self) -> None:
        made = planned(Method.MEAN_VARIANCE, limit(LimitKind.AT_LEAST, 0.08, "crypto"))
        assert any("Crypto" in note and "return a year at the same risk" in note for note in made.notes)

    def test_a_subject_nobody_knows_is_an_error_in_words(self) -> None:
        made = planned(Method.MEAN_VARIANCE, limit(LimitKind.AT_MOST, 0.1, "tulips"))
        (blocker,) = made.blockers
        assert blocker.place is Place.LIMITS
        assert "tulips" in blocker.sentence


class TestFrontierPoint:
    def test_the_mix_has_the_return_picked_at_the_least_volatility(self) -> None:
        made = planned(Method.FRONTIER, frontier_return=0.06)
        assert made.shown.expected_return == pytest.approx(0.06, abs=1e-8)
        line = made.frontier.table
        place = int((line["expected_return"] - 0.06).abs().argmin())
        assert made.shown.volatility == pytest.approx(float(line["volatility"][place]), abs=0.004)

    def test_a_point_of_the_line_is_the_plan_that_it_promises(self) -> None:
        line = planned(Method.FRONTIER).frontier
        for place in (3, 15, 29):
            point = line[place]
            made = planned(Method.FRONTIER, frontier_return=point.expected_return)
            assert made.shown.volatility == pytest.approx(point.volatility, abs=1e-6)

    def test_without_one_it_is_as_good_as_the_targets_and_calmer(self) -> None:
        made = planned(Method.FRONTIER)
        assert made.shown.expected_return == pytest.approx(made.targets.expected_return, abs=1e-8)
        assert made.shown.volatility <= made.targets.volatility + 1e-9

    def test_a_return_out_of_reach_names_the_range(self) -> None:
        (blocker,) = planned(Method.FRONTIER, frontier_return=0.5).blockers
        assert blocker.place is Place.METHOD
        assert "50 %" in blocker.sentence

    def test_the_line_says_which_limits_it_leaves_out(self) -> None:
        made = planned(Method.FRONTIER, limit(LimitKind.RISK_AT_MOST, 0.05, "crypto"))
        assert made.frontier_note == "The line leaves out: Crypto at most 5 % of the risk."
        kept = planned(Method.FRONTIER, limit(LimitKind.AT_MOST, 0.01, "crypto"))
        assert kept.frontier_note == ""
        assert kept.frontier.table[["bitcoin", "ether"]].sum(axis=1).max() <= 0.01 + 1e-8


class TestViews:
    def test_a_view_moves_the_expectation_towards_it_by_its_confidence(self) -> None:
        returns = [
            planned(
                Method.STRATEGIC, views=(PlanView(subject="crypto", expected_return=0.2, confidence=sure),)
            ).class_returns.loc["crypto"]
            for sure in (0.0, 0.5, 1.0)
        ]
        prior = returns[0]["prior"]
        assert [row["posterior"] for row in returns] == pytest.approx([prior, (prior + 0.2) / 2, 0.2])

    def test_a_better_expectation_of_crypto_buys_more_of_it(self) -> None:
        held = [
            planned(
                Method.MEAN_VARIANCE, views=(PlanView(subject="crypto", expected_return=expected, confidence=0.5),)
            ).class_weights["crypto"]
            for expected in (0.0, 0.1, 0.2)
        ]
        assert held == sorted(held)
        assert held[0] < held[2]

    def test_without_views_the_market_is_the_prior(self) -> None:
        made = planned(Method.STRATEGIC)
        assert made.market is made.prior is built_in_market()

    def test_a_view_that_cannot_be_held_is_a_blocker(self) -> None:
        (blocker,) = planned(
            Method.STRATEGIC, views=(PlanView(subject="tulips", expected_return=0.1, confidence=0.5),)
        ).blockers
        assert blocker.place is Place.VIEWS
        assert "tulips" in blocker.sentence

    def test_a_new_view_compiles_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        view = PlanView(subject="crypto", expected_return=0.1, confidence=0.5)
        planned(Method.MEAN_VARIANCE, views=(view,)).frontier.table  # noqa: B018 - it computes
        monkeypatch.setattr("planner.optimise.program.Program.__init__", lambda *_: pytest.fail("compiled again"))
        moved = planned(Method.MEAN_VARIANCE, views=(view.with_changes(expected_return=0.17),))
        assert moved.portfolio is not None
        assert len(moved.frontier.table) > 0


class TestUncertainty:
    @pytest.mark.parametrize("method", [Method.MEAN_VARIANCE, Method.FRONTIER])
    def test_the_plan_lies_inside_its_ranges_and_they_are_not_nothing(self, method: Method) -> None:
        ranges = planned(method).class_ranges
        weights = planned(method).class_weights
        assert ranges is not None
        for name, weight in weights.items():
            assert ranges.loc[name, "lower"] - 1e-9 <= weight <= ranges.loc[name, "upper"] + 1e-9
        assert (ranges["upper"] - ranges["lower"]).max() > 0.05

    def test_methods_without_an_objective_have_none(self) -> None:
        assert planned(Method.STRATEGIC).class_ranges is None
        assert planned(Method.RISK_BUDGET).class_ranges is None
        assert planned(Method.MEAN_VARIANCE, limit(LimitKind.SMALLEST_HOLDING, 0.02)).class_ranges is None

    def test_the_resampled_line_is_kept_and_tells_how_far_it_is(self) -> None:
        told: list[float] = []
        never_asked = limit(LimitKind.AT_MOST, 0.0314, "crypto")
        first = planned(Method.FRONTIER, never_asked).resampled(told.append)
        assert told == sorted(told)
        assert told[-1] == 1.0
        assert planned(Method.FRONTIER, never_asked).resampled() is first

    def test_it_can_be_stopped(self) -> None:
        def stop(done: float) -> None:
            raise KeyboardInterrupt(done)

        with pytest.raises(KeyboardInterrupt):
            planned(Method.FRONTIER, limit(LimitKind.AT_MOST, 0.031, "crypto")).resampled(stop)
