from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import InputError
from planner.policy.barbell import (
    BARBELL_RANGES,
    CryptoView,
    Sleeve,
    SleevePart,
    barbell,
    sleeve_tilts,
    worked_sleeve,
)
from planner.policy.index_recipes import LargeCap, Sector
from planner.policy.index_terms import Trend

FIRST, OVER = dt.date(2025, 7, 1), dt.date(2026, 1, 1)


def test_the_barbell_lies_inside_the_ranges_and_sums_to_everything():
    sleeve = barbell()
    assert sum(sleeve.shares.values()) == pytest.approx(1)
    for name, (low, high) in BARBELL_RANGES.items():
        assert low < sleeve.shares[name] < high
        assert sleeve[name].range == (low, high)


def test_a_sector_may_stand_in_for_growth():
    assert barbell(Sector(coins=("sol", "avax")))["growth"].recipe.kind == "sector"


def test_five_percent_crypto_is_three_percent_large_cap_and_two_percent_balanced():
    sleeve = worked_sleeve()
    assert sleeve.amounts(100_000, 0.05) == pytest.approx({"large_cap": 3_000, "balanced": 2_000})
    said = "5 % crypto = 3 % Large-cap index ($3,000) + 2 % Balanced index ($2,000)"
    assert sleeve.sentence(100_000, 0.05) == said


def test_trades_between_the_indices_lead_back_to_the_shares_and_sum_to_nothing():
    assert worked_sleeve().trades({"large_cap": 4_000, "balanced": 1_000}) == pytest.approx(
        {"large_cap": -1_000, "balanced": 1_000}
    )
    assert worked_sleeve().trades({"balanced": 500}) == pytest.approx({"large_cap": 300, "balanced": -300})
    with pytest.raises(InputError, match="has no part 'sol'"):
        worked_sleeve().trades({"sol": 1})


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ({"a": (0.6, None, None), "b": (0.3, None, None)}, r"sum to 90 %"),
        ({"a": (0.5, 0.6, 0.7), "b": (0.5, None, None)}, r"'a' is 50 %, outside its range of 60 % to 70 %"),
    ],
)
def test_shares_that_do_not_fit_are_refused(shares, said):
    with pytest.raises(InputError, match=said):
        Sleeve(
            parts=tuple(
                SleevePart(name=name, recipe=LargeCap(), share=share, lower=low, upper=high)
                for name, (share, low, high) in shares.items()
            )
        )


def test_two_parts_of_one_name_and_parts_that_are_not_there_are_refused():
    part = SleevePart(name="a", recipe=LargeCap(), share=0.5)
    with pytest.raises(InputError, match="Two parts of the sleeve are named 'a'"):
        Sleeve(parts=(part, part))
    with pytest.raises(InputError, match="has no part 'gold'"):
        barbell().moved("gold", 0.1)


def test_a_sleeve_is_stored_and_read_as_it_is():
    sleeve = barbell(Sector(coins=("sol",), trend=Trend(months=6)))
    assert Sleeve.model_validate_json(sleeve.model_dump_json()) == sleeve
    assert hash(Sleeve.model_validate_json(sleeve.model_dump_json())) == hash(sleeve)


@given(
    st.lists(st.tuples(st.floats(0.01, 1), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=5),
    st.integers(0, 4),
    st.floats(-0.5, 1.5),
)
def test_linked_shares_always_sum_to_everything_inside_their_ranges(parts, moved, share):
    total = sum(weight for weight, _, _ in parts)
    made = []
    for place, (weight, below, above) in enumerate(parts):
        own = weight / total
        made.append(
            SleevePart(
                name=f"part{place}", recipe=LargeCap(), share=own, lower=own * below, upper=own + (1 - own) * above
            )
        )
    sleeve = Sleeve(parts=tuple(made))
    name = made[moved % len(made)].name
    found = sleeve.moved(name, share)
    assert sum(found.shares.values()) == pytest.approx(1, abs=1e-9)
    for part in found.parts:
        assert part.range[0] - 1e-12 <= part.share <= part.range[1] + 1e-12
    low, high = sleeve[name].range
    others = [part for part in sleeve.parts if part.name != name]
    reachable = min(max(share, low, 1 - sum(p.range[1] for p in others)), high, 1 - sum(p.range[0] for p in others))
    assert found.shares[name] == pytest.approx(reachable, abs=1e-9)


def test_without_ranges_the_others_make_room_in_proportion_to_what_they_hold():
    parts = {"a": 0.4, "b": 0.4, "c": 0.2}
    sleeve = Sleeve(parts=tuple(SleevePart(name=n, recipe=LargeCap(), share=s) for n, s in parts.items()))
    assert sleeve.moved("a", 0.7).shares == pytest.approx({"a": 0.7, "b": 0.2, "c": 0.1})


def test_a_bullish_view_moves_from_large_cap_to_growth_and_a_bearish_one_back_no_further_than_the_ranges():
    sleeve = barbell()
    bullish = sleeve.tilted(CryptoView.BULLISH, 0.01).shares
    assert bullish == pytest.approx({"large_cap": 0.61, "balanced": 0.24, "growth": 0.15})
    assert sleeve.tilted(CryptoView.BULLISH, 0.10).shares["large_cap"] == pytest.approx(0.60)
    assert sleeve.tilted(CryptoView.BEARISH, 0.50).shares == pytest.approx(
        {"large_cap": 0.66, "balanced": 0.24, "growth": 0.10}
    )
    assert sleeve.tilted(CryptoView.NEUTRAL) is sleeve
    with pytest.raises(InputError, match="impossible"):
        sleeve.tilted(CryptoView.BULLISH, 1.5)


def test_a_tilt_of_the_sleeve_is_two_tilts_of_its_series_that_end_by_themselves():
    sleeve = barbell()
    after = sleeve.tilted(CryptoView.BULLISH, 0.02)
    made = sleeve_tilts(sleeve, after, 0.05, "new highs", (FIRST, OVER))
    assert {tilt.asset: tilt.change for tilt in made} == pytest.approx({"large_cap": -0.001, "growth": 0.001})
    assert {(tilt.starts, tilt.ends, tilt.reason) for tilt in made} == {(FIRST, OVER, "new highs")}
    assert sleeve_tilts(sleeve, sleeve, 0.05, "nothing", (FIRST, OVER)) == ()
