from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import InputError
from planner.household.assessment import Binding
from planner.household.crypto_guidance import CryptoGuidance, CryptoRange, RiskBand
from planner.household.profile import Profile
from planner.household.questions import TOLERANCE_QUESTIONS, IncomeStability

BANDS = list(RiskBand)
CALMEST = {question.field: next(iter(question.answers)) for question in TOLERANCE_QUESTIONS}
BOLDEST = {question.field: list(question.answers)[-1] for question in TOLERANCE_QUESTIONS}
RICH = {
    "age": 30,
    "horizon_years": 30,
    "net_worth": 5e6,
    "liquid_assets": 1e6,
    "yearly_income": 200_000,
    "yearly_spending": 100_000,
    "income_stability": "secure",
    "obligations": 0,
    "dependents": 0,
}
money = st.one_of(st.just(0.0), st.floats(0, 1e12), st.floats(0, 300_000))


@st.composite
def better_and_worse(draw: st.DrawFn) -> tuple[Profile, Profile]:
    """Two profiles of which the second is nowhere better: any number of inputs may be worse."""

    def pair(values: st.SearchStrategy[float]) -> list[float]:
        return sorted((draw(values), draw(values)))

    few_owed, much_owed = pair(money)
    owned_worse = draw(money)
    net_worse = owned_worse - much_owed
    net_better = net_worse + draw(st.one_of(st.just(0.0), st.floats(0, 1e6), st.floats(0, 1e12)))
    net_better = min(max(net_better, -few_owed), 1e12)
    net_worse = min(net_worse, net_better)
    liquid_better = draw(st.floats(0, 1)) * max(net_better + few_owed, 0)
    liquid_worse = draw(st.floats(0, 1)) * min(liquid_better, max(net_worse + much_owed, 0))
    years, age, dependents = pair(st.floats(0, 100)), pair(st.integers(18, 110)), pair(st.integers(0, 30))
    income, spending = pair(money), pair(money)
    stability = sorted((draw(st.integers(0, 3)), draw(st.integers(0, 3))))
    answers = {
        question.field: sorted((draw(st.integers(0, 3)), draw(st.integers(0, 3)))) for question in TOLERANCE_QUESTIONS
    }

    def profile(worse: bool) -> Profile:
        high, low = (1, 0) if worse else (0, 1)  # which end is worse: high for burdens, low for strengths
        return Profile(
            age=age[high],
            horizon_years=years[low],
            net_worth=net_worse if worse else net_better,
            liquid_assets=liquid_worse if worse else liquid_better,
            yearly_income=income[low],
            yearly_spending=spending[high],
            income_stability=list(IncomeStability)[stability[low]],
            obligations=much_owed if worse else few_owed,
            dependents=dependents[high],
            tolerance={
                question.field: list(question.answers)[answers[question.field][low]] for question in TOLERANCE_QUESTIONS
            },
        )

    return profile(worse=False), profile(worse=True)


guidances = st.builds(
    lambda ends, off: CryptoGuidance(
        conservative=CryptoRange(ends[0], ends[3]),
        moderate=CryptoRange(ends[1], ends[4]),
        aggressive=CryptoRange(ends[2], ends[5]),
        off_per_decade=off,
    ),
    st.lists(st.floats(0, 1), min_size=6, max_size=6).map(sorted),
    st.floats(0, 0.05),
)


@settings(deadline=None, max_examples=300)
@given(better_and_worse(), guidances)
def test_older_poorer_less_stable_or_less_tolerant_never_raises_anything(profiles, guidance):
    for given_guidance in (None, guidance):
        better, worse = (profile.assess(given_guidance) for profile in profiles)
        assert worse.capacity.total <= better.capacity.total
        assert worse.tolerance.total <= better.tolerance.total
        assert BANDS.index(worse.band) <= BANDS.index(better.band)
        for name in ("crypto_range", "possible_crypto_range"):
            assert getattr(worse, name).lower <= getattr(better, name).lower
            assert getattr(worse, name).upper <= getattr(better, name).upper


@settings(deadline=None, max_examples=100)
@given(better_and_worse())
def test_an_assessment_is_consistent_with_itself(profiles):
    for profile in profiles:
        result = profile.assess()
        for score in (result.capacity, result.tolerance):
            assert 0 <= score.total <= 100
            assert sum(part.maximum for part in score.parts) == pytest.approx(100)
            assert all(0 <= part.points <= part.maximum for part in score.parts)
            assert score.total == pytest.approx(min(sum(part.points for part in score.parts), score.ceiling))
        lower, upper = result.crypto_range.suggested
        assert 0 <= lower <= upper <= result.possible_crypto_range.upper
        assert result.crypto_range.allowed == (0, upper)
        assert result.margin == pytest.approx(abs(result.capacity.total - result.tolerance.total))
        assert not re.search(r"\b(nan|inf|None)\b|(?<!\d)-0\b", " ".join(result.reasons))
        assert json.loads(json.dumps(result.to_dict()))["band"] == result.band


def test_capacity_adds_up_by_hand(figures):
    capacity = Profile(**figures).assess().capacity
    points = {part.label: part.points for part in capacity.parts}
    assert points == pytest.approx(
        {
            "Time": 22.5,  # 15 of 20 years of 30 points
            "Wealth": 5.0,  # 500,000 / 80,000 = 6.25 of 25 years of 20 points
            "Reserve": 11.25,  # 120,000 / 80,000 = 1.5 of 2 years of 15 points
            "Saving": 10.0,  # 20 % of 20 % of 10 points
            "Income stability": 10.0,
            "Obligations": 5.0,  # half of what is owned is owed
            "Dependents": 2.5,  # 2 of 4
        }
    )
    assert capacity.total == pytest.approx(66.25)


def test_tolerance_adds_up_by_hand(figures):
    tolerance = Profile(**figures).assess().tolerance
    points = {part.label: part.points for part in tolerance.parts}
    expected = {"Selling": 35, "Sleep": 0, "Reaction": 40 / 3, "Experience": 20 / 3, "Outcomes": 10 / 3}
    assert points == pytest.approx(expected)
    assert tolerance.total == pytest.approx(175 / 3)


def test_the_reasons_tell_the_whole_story(figures):
    result = Profile(**figures).assess()
    assert result.binding is Binding.TOLERANCE
    assert result.margin == pytest.approx(66.25 - 175 / 3)
    assert result.reasons == (
        "Capacity is 66 of 100: what your finances can bear. Most is missing under 'Wealth', with 5 of 20 points: "
        "Your net worth covers 6.2 years of spending.",
        "Tolerance is 58 of 100: what you can bear yourself. Most is missing under 'Sleep', with 0 of 25 points: "
        "Which fall within a year would cost you your sleep? A fall of 10 %.",
        "Tolerance binds, by 8 points: your finances could bear more risk than you are comfortable with, and comfort "
        "decides.",
        "The risk band is moderate; guidance for it is 5-7 % of investable assets in crypto, less 3 points for an "
        "age of 40, which leaves 2-4 %.",
        "Less is never wrong, down to no crypto at all.",
    )


def test_capacity_caps_a_bold_person_and_says_by_how_much(figures):
    result = Profile(**figures | {"tolerance": BOLDEST}).assess()
    assert (result.binding, result.band) == (Binding.CAPACITY, RiskBand.MODERATE)
    assert "Capacity binds, by 34 points" in result.reasons[2]
    assert result.crypto_range == result.possible_crypto_range


def test_a_calm_person_with_strong_finances_hears_of_the_gap_but_no_advice():
    result = Profile(**RICH, tolerance=CALMEST).assess()
    assert (result.capacity.total, result.tolerance.total) == (100, 0)
    assert result.crypto_range.suggested == pytest.approx((0, 0.0075))
    assert result.possible_crypto_range.suggested == pytest.approx((0.0775, 0.1275))
    assert result.reasons[-1].startswith("Your finances alone would bear 7.8-12.8 % in crypto")
    assert "not advice" in result.reasons[-1]


def test_equal_scores_bind_together():
    result = Profile(**RICH, tolerance=BOLDEST).assess()
    assert (result.binding, result.band, result.margin) == (Binding.BOTH, RiskBand.AGGRESSIVE, 0)
    assert "Capacity and tolerance agree: both decide." in result.reasons


@pytest.mark.parametrize(
    ("years", "band"),
    [
        (0, RiskBand.CONSERVATIVE),
        (4.99, RiskBand.CONSERVATIVE),
        (5, RiskBand.MODERATE),
        (9.99, RiskBand.MODERATE),
        (10, RiskBand.AGGRESSIVE),
    ],
)
def test_money_needed_soon_caps_the_band_of_the_richest_and_boldest(years, band):
    result = Profile(**RICH | {"horizon_years": years}, tolerance=BOLDEST).assess()
    assert result.band is band
    assert result.binding is Binding.CAPACITY
    told = " ".join(result.reasons)
    assert f"that alone holds capacity down from {70 + 1.5 * years:.0f} to {7 * years:.0f}" in told
    assert ("the band can be at most" in told) == (band is not RiskBand.AGGRESSIVE)


def test_a_household_without_income_spending_or_property_is_assessed_without_a_crash():
    nothing = dict.fromkeys(("net_worth", "liquid_assets", "yearly_income", "yearly_spending", "obligations"), 0)
    capacity = Profile(**RICH | nothing, tolerance=BOLDEST).assess().capacity
    points = {part.label: part.points for part in capacity.parts}
    assert (points["Wealth"], points["Reserve"], points["Saving"], points["Obligations"]) == (0, 0, 0, 10)


@pytest.mark.parametrize(
    ("band", "at_20", "at_40", "at_80"),
    [
        (RiskBand.CONSERVATIVE, (0, 0.015), (0, 0), (0, 0)),
        (RiskBand.MODERATE, (0.035, 0.055), (0.02, 0.04), (0, 0.01)),
        (RiskBand.AGGRESSIVE, (0.085, 0.135), (0.07, 0.12), (0.04, 0.09)),
    ],
)
def test_every_decade_of_age_takes_three_quarters_of_a_point_off(band, at_20, at_40, at_80):
    guidance = CryptoGuidance()
    for age, expected in ((20, at_20), (40, at_40), (80, at_80)):
        assert guidance.at(band, age).suggested == pytest.approx(expected)


def test_the_crypto_range_moves_with_every_year_of_age(figures):
    uppers = [Profile(**figures | {"age": age}).assess().crypto_range.upper for age in range(20, 90)]
    assert all(earlier - later == pytest.approx(0.00075) for earlier, later in pairwise(uppers))


def test_a_user_changes_the_guidance(figures):
    guidance = CryptoGuidance(moderate=CryptoRange(0.04, 0.06), off_per_decade=0.01)
    result = Profile(**figures).assess(guidance=guidance)
    assert result.crypto_range.suggested == pytest.approx((0, 0.02))
    assert CryptoGuidance.model_validate_json(guidance.model_dump_json()) == guidance


def test_when_age_leaves_nothing_the_reasons_say_so(figures):
    result = Profile(**figures | {"age": 70, "horizon_years": 3}).assess()
    assert result.crypto_range.upper == 0
    assert any(reason.endswith("which leaves no crypto.") for reason in result.reasons)
    assert not any("Less is never wrong" in reason for reason in result.reasons)


def test_guidance_that_gives_the_cautious_more_is_refused():
    with pytest.raises(InputError, match="must rise from conservative over moderate to aggressive"):
        CryptoGuidance(conservative=CryptoRange(0.01, 0.08))
    with pytest.raises(InputError, match="the lower one first"):
        CryptoRange(0.07, 0.05)


def test_the_html_shows_every_part_and_escapes_text(figures):
    result = Profile(**figures).assess()
    html = replace(result, reasons=("<script>alert(1)</script>",))._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    for part in (*result.capacity.parts, *result.tolerance.parts):
        assert part.label in html
