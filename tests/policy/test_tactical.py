from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import InputError
from planner.policy.tactical import Tilt, tactical, tilted
from planner.policy.targets import ReferenceMix, Targets
from planner.policy.tilts_ahead import check_tilt
from planner.scenario import EXAMPLE, Scenario

STRATEGIC = Targets.reference(ReferenceMix.WORKED_EXAMPLE)
STARTS, ENDS = dt.date(2025, 1, 10), dt.date(2025, 7, 1)
DAY = dt.date(2025, 3, 1)


def tilt(asset: str, change: float, **more: object) -> Tilt:
    return Tilt(**{"asset": asset, "change": change, "reason": "dear", "starts": STARTS, "ends": ENDS} | more)


def test_equities_from_50_to_45_and_the_others_but_crypto_make_room_in_proportion():
    weights = tilted(STRATEGIC, [tilt("equities", -0.05)], DAY).weights
    expected = {
        "equities": 0.45,
        "fixed_income": 0.30 * 0.5 / 0.45,
        "real_estate": 0.10 * 0.5 / 0.45,
        "commodities": 0.0,
        "cash": 0.05 * 0.5 / 0.45,
        "crypto": 0.05,
    }
    assert weights == pytest.approx(expected, abs=1e-15)


def test_crypto_from_5_to_7_takes_from_all_others_in_proportion():
    weights = tilted(STRATEGIC, [tilt("crypto", 0.02)], DAY, most_crypto=0.07).weights
    assert weights["crypto"] == pytest.approx(0.07)
    assert weights["equities"] == pytest.approx(0.50 * 0.93 / 0.95)


@pytest.mark.parametrize(
    ("day", "runs"),
    [
        (STARTS - dt.timedelta(days=1), False),
        (STARTS, True),
        (ENDS - dt.timedelta(days=1), True),
        (ENDS, False),
    ],
)
def test_a_tilt_is_in_force_from_its_first_day_to_the_day_before_its_end(day, runs):
    one = tilt("equities", -0.05)
    assert one.runs(day) is runs
    assert (tilted(STRATEGIC, [one], day) == STRATEGIC) is not runs
    assert one.has_expired(day) is (day >= ENDS)


def test_the_table_sets_tilted_against_strategic_with_end_and_reason():
    table = tactical(STRATEGIC, [tilt("crypto", 0.02, reason="deep bear market")], DAY).table
    crypto = table.loc["crypto"]
    assert crypto["strategic"] == 0.05
    assert crypto["difference"] == pytest.approx(0.02)
    assert (crypto["until"], crypto["why"]) == ("2025-07-01", "deep bear market")
    assert table.loc["equities", "until"] == ""
    assert table["difference"].sum() == pytest.approx(0, abs=1e-15)


def test_a_tilt_of_a_series_leaves_its_class_as_it_was():
    found = tactical(STRATEGIC, [tilt("bitcoin", 0.002)], DAY)
    before = tactical(STRATEGIC, [], DAY).series
    assert found.targets == STRATEGIC
    assert found.series["bitcoin"] == pytest.approx(before["bitcoin"] + 0.002)
    assert found.series["bitcoin"] + found.series["ether"] == pytest.approx(0.05)
    assert "bitcoin" in found.table.index


def test_a_name_that_class_and_series_share_is_the_class():
    found = tactical(STRATEGIC, [tilt("real_estate", 0.02)], DAY)
    assert found.targets.weights["real_estate"] == pytest.approx(0.12)
    assert found.series["real_estate"] == pytest.approx(0.12)
    assert list(found.table.index) == list(STRATEGIC.weights)


@pytest.mark.parametrize(
    ("tilts", "said"),
    [
        ([("equities", -0.06)], r"Equities 6 points .* 1 point beyond the tactical range of 5 points"),
        ([("equities", -0.03), ("equities", -0.04)], r"Equities 7 points .* 2 points beyond .*-3 points.*-4 points"),
        ([("equities", 0.05), ("fixed_income", 0.05)], r"Real estate 6.67 points .* 1.67 points beyond"),
        ([("crypto", 0.03)], r"crypto to 8 %, 1 point above the 7 % that the profile allows"),
        ([("commodities", -0.01)], r"take 1 point from Commodities and gold, at 0 %"),
        ([("us_bonds", 0.01)], r"Nothing else in Fixed income can make room for the tilts of US bonds"),
        ([("wine", 0.01)], r"no asset class or series 'wine'"),
    ],
)
def test_tilts_that_leave_the_range_are_refused_in_words(tilts, said):
    with pytest.raises(InputError, match=said):
        tilted(STRATEGIC, [tilt(asset, change) for asset, change in tilts], DAY, most_crypto=0.07)


def test_a_tilt_of_exactly_the_range_is_inside_it():
    assert tilted(STRATEGIC, [tilt("equities", 0.05)], DAY).weights["equities"] == pytest.approx(0.55)


def test_two_tilts_of_one_class_may_meet_in_the_middle():
    found = tilted(STRATEGIC, [tilt("equities", -0.08), tilt("equities", 0.04)], DAY)
    assert found.weights["equities"] == pytest.approx(0.46)


def test_crypto_above_the_profiles_range_is_not_made_worse_but_may_be_lowered():
    assert tilted(STRATEGIC, [tilt("crypto", -0.01)], DAY, most_crypto=0.02).weights["crypto"] == pytest.approx(0.04)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reason": ""}, "Reason"),
        ({"reason": "   "}, "Reason"),
        ({"change": 0.0}, "changes nothing"),
        ({"change": math.nan}, "finite"),
        ({"change": 2.0}, "between -1 and 1"),
        ({"ends": STARTS}, "end later than it starts"),
        ({"ends": STARTS - dt.timedelta(days=1)}, "end later than it starts"),
    ],
)
def test_an_impossible_tilt_is_an_error_in_words(change, said):
    with pytest.raises(InputError, match=said):
        tilt("equities", **{"change": -0.05} | change)


def test_a_scenario_carries_its_tilts_through_json_and_older_ones_still_read():
    changed = EXAMPLE.with_changes(tilts=(tilt("crypto", 0.02),))
    assert Scenario.model_validate_json(changed.model_dump_json()) == changed
    older = EXAMPLE.model_dump(mode="json")
    del older["tilts"]
    assert Scenario.model_validate(older) == EXAMPLE


def test_a_tilt_is_refused_for_what_it_will_lead_to_when_another_has_ended():
    falls, rises = tilt("equities", -0.08, ends=dt.date(2025, 12, 1)), tilt("equities", 0.04)
    tilted(STRATEGIC, [falls, rises], DAY)
    with pytest.raises(InputError, match="From 2025-07-01 on: Tilts carry Equities 8 points"):
        check_tilt(falls, [rises], STRATEGIC)
    check_tilt(falls.with_changes(ends=ENDS), [rises], STRATEGIC)


def test_a_tilt_that_others_outlive_answers_for_its_own_days_only():
    wild = tilt("equities", 0.2, starts=dt.date(2030, 1, 1), ends=dt.date(2031, 1, 1))
    check_tilt(tilt("crypto", 0.02), [wild], STRATEGIC, most_crypto=0.07)
    with pytest.raises(InputError, match=r"From 2025-01-10 on: Tilts lead crypto to 7\.5 %"):
        check_tilt(tilt("crypto", 0.025), [wild], STRATEGIC, most_crypto=0.07)


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.sampled_from(list(STRATEGIC.weights)), st.floats(-0.05, 0.05).filter(bool), max_size=3))
def test_what_is_not_refused_sums_to_1_and_stays_in_the_range(changes):
    try:
        weights = tilted(STRATEGIC, [tilt(name, change) for name, change in changes.items()], DAY).weights
    except InputError:
        return
    assert math.fsum(weights.values()) == pytest.approx(1, abs=1e-12)
    assert min(weights.values()) >= 0
    for name, weight in weights.items():
        assert abs(weight - STRATEGIC.weights[name]) <= 0.05 + 1e-9
