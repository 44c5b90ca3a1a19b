from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import InputError
from planner.trading.venue_scores import CRITERIA, CriteriaWeights, Ratings, rank
from planner.trading.venues import (
    CHECKLIST,
    Client,
    Custody,
    Fit,
    Instrument,
    Region,
    Requirements,
    VenueKind,
    as_of,
    decision_guide,
    facts_table,
    fitting,
    venue,
    venues,
)


def rated(**by_venue: list[float]) -> Ratings:
    return Ratings(by_venue={name: dict(zip(CRITERIA, numbers, strict=True)) for name, numbers in by_venue.items()})


def names(table, fit):
    return set(table.index[table["fit"] == fit])


def test_there_are_ten_of_each_kind_as_of_september_2025():
    kinds = [one.kind for one in venues()]
    assert (kinds.count(VenueKind.DERIVATIVES), kinds.count(VenueKind.OTC), as_of()) == (10, 10, "2025-09")
    assert len({one.name for one in venues()}) == 20


def test_the_default_weights_are_those_of_the_domain():
    assert list(CriteriaWeights().points.values()) == [30, 25, 15, 15, 10, 5]


def test_a_region_that_is_closed_rules_out_and_one_not_stated_is_to_check():
    found = fitting(Requirements(kind=VenueKind.OTC, region=Region.UNITED_STATES))
    assert "closed to United States clients" in found["why"]["Binance OTC & Execution Solutions"]
    assert names(found, Fit.OPEN) == {"Coinbase Institutional", "Bitstamp Institutional OTC"}
    assert found["fit"]["CME Group"] == Fit.RULED_OUT
    assert found["why"]["CME Group"] == "derivatives venue, not OTC desk"


def test_only_the_decentralised_venues_leave_the_keys_with_the_client():
    found = fitting(Requirements(custody=Custody.SELF))
    assert names(found, Fit.OPEN) == {"dYdX", "Aevo"}
    assert names(found, Fit.TO_CHECK) == set()


def test_without_requirements_everything_is_open_and_each_more_rules_out_no_less():
    nothing = fitting(Requirements())
    assert names(nothing, Fit.OPEN) == {one.name for one in venues()}
    options = fitting(Requirements(instrument=Instrument.OPTIONS))
    both = fitting(Requirements(instrument=Instrument.OPTIONS, client=Client.PRIVATE, region=Region.EUROPE))
    assert names(options, Fit.RULED_OUT) <= names(both, Fit.RULED_OUT)
    assert names(both, Fit.OPEN) <= names(options, Fit.OPEN)


def test_the_guide_names_venues_that_are_there_and_of_its_kind():
    for _, row in decision_guide().iterrows():
        assert all(venue(name).kind == row["kind"] for name in row["venues"])
    assert set(facts_table().index) == {one.name for one in venues()}
    assert all(question.endswith("?") for questions in CHECKLIST.values() for question in questions)


def test_the_best_ratings_give_a_hundred_points_and_the_worst_none():
    found = rank(rated(OKX=[10] * 6, Deribit=[0] * 6, Aevo=[5] * 6))
    assert found.scores.to_dict() == pytest.approx({"OKX": 100.0, "Aevo": 50.0, "Deribit": 0.0})
    assert list(found.table["rank"]) == [1, 2, 3]
    assert found.table[list(CRITERIA)].sum(axis=1).to_numpy() == pytest.approx(found.scores.to_numpy())


def test_a_score_is_the_weighted_mean_of_its_ratings():
    found = rank(rated(OKX=[8, 6, 4, 7, 9, 3]))
    assert found.scores["OKX"] == pytest.approx(3.0 * 8 + 2.5 * 6 + 1.5 * 4 + 1.5 * 7 + 1.0 * 9 + 0.5 * 3)


def test_a_venue_without_all_ratings_that_count_is_unrated():
    ratings = Ratings(by_venue={"OKX": {"liquidity": 9}, "Deribit": dict.fromkeys(CRITERIA, 5)})
    found = rank(ratings)
    assert list(found.scores.index) == ["Deribit"]
    assert found.unrated == {"OKX": CRITERIA[1:]}
    only_liquidity = CriteriaWeights(liquidity=1, security=0, coverage=0, costs=0, user_experience=0, support=0)
    assert list(rank(ratings, only_liquidity).scores.index) == ["OKX", "Deribit"]


def test_nothing_rated_says_so():
    found = rank(Ratings())
    assert found.scores.empty
    assert found.table.empty
    assert found.sentences == ("No venue has all the ratings that count: rate at least one.",)
    assert "rate at least one" in found._repr_html_()


def test_where_two_venues_cross_is_found_in_closed_form():
    # Deep but unsafe against safe but shallow: with liquidity at t, 10 t = 10 (1 - t) 25/70 makes them equal.
    found = rank(rated(OKX=[10, 0, 0, 0, 0, 0], Deribit=[0, 10, 0, 0, 0, 0]))
    crossing = (25 / 70) / (1 + 25 / 70)
    row = found.reach.loc["liquidity"]
    assert (row["lower"], row["below"], row["upper"], row["above"]) == (pytest.approx(crossing), "Deribit", 1.0, "")


ratings = st.lists(st.lists(st.integers(0, 10), min_size=6, max_size=6), min_size=2, max_size=5)
points = st.lists(st.integers(0, 50), min_size=6, max_size=6).filter(any)


@settings(max_examples=60, deadline=None)
@given(ratings, points, st.integers(0, 5), st.floats(0.001, 0.999))
def test_the_leader_leads_inside_its_reach_and_not_beyond(numbers, weights, place, part):
    by_venue = {one.name: row for one, row in zip(venues(), numbers, strict=False)}
    found = rank(rated(**by_venue), CriteriaWeights(**dict(zip(CRITERIA, weights, strict=True))))
    row = found.reach.iloc[place]
    others = found.weights.shares.drop(CRITERIA[place])
    if others.sum() == 0 or found.scores.iloc[0] - found.scores.iloc[1] < 1e-6:
        return

    def scores(share):
        shares = (others / others.sum() * (1 - share)).reindex(CRITERIA)
        shares[CRITERIA[place]] = share
        return found.ratings @ shares

    inside = scores(row["lower"] + part * (row["upper"] - row["lower"]))
    assert inside.iloc[0] >= inside.max() - 1e-9
    for edge, rival, beyond in (
        ("lower", "below", row["lower"] * 0.99),
        ("upper", "above", 1 - (1 - row["upper"]) * 0.99),
    ):
        if row[rival]:
            assert scores(row[edge])[row[rival]] == pytest.approx(scores(row[edge]).iloc[0], abs=1e-9)
            assert scores(beyond)[row[rival]] > scores(beyond).iloc[0]


def test_first_places_sum_to_1_and_a_venue_best_in_everything_has_them_all():
    found = rank(rated(OKX=[9] * 6, Deribit=[8] * 6, Aevo=[1, 9, 1, 1, 1, 1]))
    assert found.first_places.sum() == pytest.approx(1)
    assert found.first_places["Deribit"] == 0
    assert found.first_places["OKX"] > 0.99


def test_two_single_talents_share_the_first_places_as_symmetry_wants():
    found = rank(rated(OKX=[10, 0, 0, 0, 0, 0], Deribit=[0, 10, 0, 0, 0, 0]))
    assert found.first_places["OKX"] == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / 10_000))


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: venue("Mt. Gox"), "no venue 'Mt. Gox'"),
        (lambda: rated(Nowhere=[1] * 6), "no venue 'Nowhere'"),
        (lambda: Ratings(by_venue={"OKX": {"charm": 3}}), "no criterion 'charm'"),
        (lambda: rated(OKX=[11] * 6), "10"),
        (lambda: CriteriaWeights(**dict.fromkeys(CRITERIA, 0)), "weigh nothing"),
    ],
)
def test_bad_input_is_said_in_words(act, said):
    with pytest.raises(InputError, match=said):
        act()
