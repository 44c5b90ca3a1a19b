from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from planner import EXAMPLE, InputError, Targets
from planner.household.accounts import Household
from planner.policy.targets import Band
from planner.trading.holdings import Holdings
from planner.trading.rules import Calendar, Destination, Frequency, Hybrid, Rule, Threshold

TODAY = dt.date(2025, 9, 30)
PRICES = {
    "us_equity": 1.0,
    "us_bonds": 1.0,
    "real_estate": 1.0,
    "gold": 1.0,
    "bitcoin": 1.0,
}
SERIES = {
    "equities": "us_equity",
    "fixed_income": "us_bonds",
    "real_estate": "real_estate",
    "commodities": "gold",
    "crypto": "bitcoin",
}


def holding(**weights: float) -> Holdings:
    """A household of 1,000 dollars in one IRA with these class weights; the rest is cash."""
    lots = [{"asset": SERIES[name], "quantity": 1000 * weight} for name, weight in weights.items() if weight > 0]
    cash = 1000 * (1 - sum(weights.values()))
    account = {"kind": "traditional IRA", "owner": "Ann", "holdings": lots, "cash": cash}
    return Holdings(Household(accounts=[account], prices=PRICES, as_of=TODAY))


TARGETS = EXAMPLE.targets
AT_TARGET = holding(equities=0.5, fixed_income=0.3, real_estate=0.1, crypto=0.05)


@pytest.mark.parametrize(
    ("frequency", "day", "expected"),
    [
        (Frequency.QUARTERLY, dt.date(2025, 6, 30), dt.date(2025, 9, 30)),
        (Frequency.QUARTERLY, dt.date(2025, 3, 15), dt.date(2025, 6, 15)),
        (Frequency.MONTHLY, dt.date(2025, 1, 31), dt.date(2025, 2, 28)),
        (Frequency.MONTHLY, dt.date(2025, 2, 28), dt.date(2025, 3, 31)),
        (Frequency.MONTHLY, dt.date(2024, 1, 30), dt.date(2024, 2, 29)),
        (Frequency.SEMI_ANNUALLY, dt.date(2025, 11, 10), dt.date(2026, 5, 10)),
        (Frequency.ANNUALLY, dt.date(2024, 2, 29), dt.date(2025, 2, 28)),
        (Frequency.QUARTERLY, dt.date(2025, 10, 5), dt.date(2026, 1, 5)),
    ],
)
def test_dates_follow_by_calendar_months(frequency, day, expected):
    assert frequency.after(day) == expected


def test_the_calendar_acts_on_its_date_whatever_the_drift():
    due = Calendar().decide(AT_TARGET, TARGETS, dt.date(2025, 6, 30))
    assert due.due
    assert due.reasons == ("The quarterly look of 2025-09-30 is due.",)
    assert due.next_look == dt.date(2025, 12, 31)
    early = Calendar().decide(AT_TARGET, TARGETS, dt.date(2025, 7, 1))
    assert not early.due
    assert early.reasons == ("The next quarterly look is on 2025-10-01.",)
    assert Calendar(frequency=Frequency.ANNUALLY).decide(AT_TARGET, TARGETS, None).due


def test_a_last_look_in_the_future_is_refused():
    with pytest.raises(InputError, match="after the day of the prices"):
        Calendar().decide(AT_TARGET, TARGETS, dt.date(2026, 1, 1))


@pytest.mark.parametrize(
    ("crypto", "due"), [(0.0699, False), (0.07, True), (0.0701, True), (0.0301, False), (0.03, True)]
)
def test_a_crypto_target_of_5_percent_acts_at_7_and_at_3(crypto, due):
    held = holding(equities=0.5, fixed_income=0.3, real_estate=0.1, crypto=crypto)
    decision = Threshold(absolute=0.02).decide(held, TARGETS)
    crypto_acts = any("Crypto" in reason for reason in decision.reasons if "act" in reason)
    assert crypto_acts == due


def test_the_reason_says_how_far_beyond_the_edge():
    held = holding(equities=0.48, fixed_income=0.29, real_estate=0.097, crypto=0.083)
    decision = Threshold(absolute=0.03).decide(held, TARGETS)
    assert decision.reasons == ("Crypto is 8.3 %, 0.3 points above the 8 % at which you act.",)


def test_the_relative_band_of_daryanani(vectors):
    vector = vectors["relative-band"]
    targets = Targets(weights={"equities": vector["target"] / 100, "fixed_income": 1 - vector["target"] / 100})
    rule = Threshold(relative=vector["relative_band"], destination=Destination.HALF_WAY)
    lower, upper = rule.edges(targets).loc["equities"]
    assert (100 * lower, 100 * upper) == pytest.approx((vector["act_below"], vector["act_above"]))
    above = rule.decide(holding(equities=0.73, fixed_income=0.27), targets)
    assert above.due
    assert 100 * above.destination.loc["equities", "upper"] == pytest.approx(vector["trim_to_when_above"])


@pytest.mark.parametrize(
    ("destination", "interval"),
    [(Destination.TARGET, (0.05, 0.05)), (Destination.HALF_WAY, (0.04, 0.06)), (Destination.EDGE, (0.03, 0.07))],
)
def test_trades_lead_to_the_target_half_way_or_to_the_edge(destination, interval):
    held = holding(equities=0.45, fixed_income=0.3, real_estate=0.1, crypto=0.10)
    decision = Threshold(absolute=0.02, destination=destination).decide(held, TARGETS)
    assert tuple(decision.destination.loc["crypto"]) == pytest.approx(interval)


def test_crypto_has_a_band_of_its_own_and_a_band_can_be_wider_on_one_side():
    rule = Threshold(absolute=0.05, bands={"crypto": Band(absolute=0.01, absolute_below=0.04)})
    edges = rule.edges(TARGETS)
    assert tuple(edges.loc["crypto"]) == pytest.approx((0.01, 0.06))
    assert tuple(edges.loc["equities"]) == pytest.approx((0.45, 0.55))
    held = holding(equities=0.5, fixed_income=0.3, real_estate=0.1, crypto=0.02)
    assert not rule.decide(held, TARGETS).due


def test_without_widths_the_bands_of_the_targets_count():
    targets = TARGETS.with_changes(default_band=Band(absolute=0.10), bands={"crypto": Band(relative=0.2)})
    edges = Threshold().edges(targets)
    assert tuple(edges.loc["crypto"]) == pytest.approx((0.04, 0.06))
    assert tuple(edges.loc["fixed_income"]) == pytest.approx((0.2, 0.4))


def test_inside_every_band_the_nearest_edge_is_named_and_money_still_has_somewhere_to_go():
    decision = Threshold(absolute=0.02).decide(
        holding(equities=0.512, fixed_income=0.292, real_estate=0.096, crypto=0.05), TARGETS
    )
    assert not decision.due
    assert decision.reasons == (
        "Every class is inside its band; the nearest to its edge is Equities, 0.8 points away.",
    )
    assert decision.destination["upper"].to_dict() == pytest.approx(dict(TARGETS.weights))


def test_the_hybrid_acts_only_on_its_dates_and_only_outside_a_band():
    outside = holding(equities=0.45, fixed_income=0.3, real_estate=0.1, crypto=0.10)
    rule = Hybrid(threshold=Threshold(absolute=0.02))
    on_its_day = rule.decide(outside, TARGETS, dt.date(2025, 6, 30))
    assert on_its_day.due
    assert "Crypto is 10 %" in " ".join(on_its_day.reasons)
    between = rule.decide(outside, TARGETS, dt.date(2025, 8, 31))
    assert not between.due
    assert between.next_look == dt.date(2025, 11, 30)
    assert "The next quarterly look is on 2025-11-30." in between.reasons
    assert not rule.decide(AT_TARGET, TARGETS, dt.date(2025, 6, 30)).due


def test_a_rule_survives_its_document():
    adapter = TypeAdapter(Rule)
    for rule in (
        Calendar(frequency=Frequency.ANNUALLY),
        Threshold(relative=0.2, bands={"crypto": Band(absolute=0.02)}, destination=Destination.EDGE),
        Hybrid(look=Frequency.MONTHLY, threshold=Threshold(absolute=0.03)),
    ):
        assert adapter.validate_json(rule.model_dump_json()) == rule


def test_a_band_for_a_class_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="'gems', which is no asset class"):
        Threshold(bands={"gems": Band(absolute=0.02)}).decide(AT_TARGET, TARGETS)


def test_stray_cash_without_a_target_is_no_reason_to_act_by_relative_bands():
    targets = Targets(weights={"equities": 0.6, "fixed_income": 0.4})
    held = holding(equities=0.6, fixed_income=0.399)
    for rule in (Threshold(relative=0.2), Threshold(absolute=0.05, relative=0.2)):
        assert not rule.decide(held, targets).due
    much = holding(equities=0.58, fixed_income=0.39)
    assert Threshold(relative=0.2).decide(much, targets).reasons == (
        "Cash is 3 %, 1.0 points above the 2 % at which you act.",
    )


def test_the_end_of_all_weights_is_no_edge():
    targets = Targets(weights={"equities": 0.98, "commodities": 0.02})
    decision = Threshold(absolute=0.05).decide(holding(equities=0.999, commodities=0.001), targets)
    assert not decision.due
    assert decision.reasons == (
        "Every class is inside its band; the nearest to its edge is Commodities and gold, 6.9 points away.",
    )
    alone = Threshold(absolute=0.05).decide(holding(equities=1.0), Targets(weights={"equities": 1.0}))
    assert "nearest to its edge is Equities, 5.0 points away" in alone.reasons[0]
    anything = Threshold(absolute=1.0).decide(AT_TARGET, TARGETS)
    assert anything.reasons == ("Every class is inside its band.",)


@settings(max_examples=50, deadline=None)
@given(
    parts=st.lists(st.integers(0, 20), min_size=6, max_size=6).filter(any),
    width=st.floats(0.001, 0.5),
    destination=st.sampled_from(Destination),
)
def test_the_destination_lies_inside_the_band_around_the_target_and_is_reachable(parts, width, destination):
    names = list(TARGETS.weights)
    targets = Targets(weights={name: part / sum(parts) for name, part in zip(names, parts, strict=True)})
    for rule in (
        Threshold(absolute=width, destination=destination),
        Threshold(relative=width, destination=destination),
    ):
        edges, leads_to = rule.edges(targets), rule.leads_to(targets)
        weights = list(targets.weights.values())
        assert (edges["lower"] <= leads_to["lower"] + 1e-12).all()
        assert (leads_to["lower"] <= np.array(weights) + 1e-12).all()
        assert (leads_to["upper"] >= np.array(weights) - 1e-12).all()
        assert (leads_to["upper"] <= edges["upper"] + 1e-12).all()
        assert leads_to["lower"].sum() <= 1 + 1e-9
        assert leads_to["upper"].sum() >= 1 - 1e-9
