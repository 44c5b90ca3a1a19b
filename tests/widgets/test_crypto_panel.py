from __future__ import annotations

import pytest

from planner.household.accounts import Asset
from planner.market.coins import coin_returns
from planner.policy.barbell import CryptoView, Sleeve, SleevePart, barbell, worked_sleeve
from planner.policy.crypto import crypto_risk
from planner.policy.crypto_index import index_history
from planner.policy.index_history import SURVIVORS
from planner.policy.index_recipes import Growth, LargeCap, Leaders, Sector
from planner.policy.index_terms import Trend
from planner.policy.wishes import LimitKind, PlanLimit
from planner.scenario import EXAMPLE, Method
from planner.wording import percent
from widgets.crypto_charts import part_colours, part_labels, weights_rows
from widgets.panels.crypto import CryptoPanel
from widgets.panels.sleeve import BARBELL, COINS, WORKED, in_thousandths
from widgets.session import Session
from widgets.theme import SURFACE


def opened(**changes):
    panel = CryptoPanel(Session(EXAMPLE.with_changes(**changes)))
    panel.showing = True
    return panel


@pytest.fixture
def panel():
    return opened(sleeve=barbell())


def sleeve_of(panel):
    return panel.session.scenario.sleeve


def stand(panel):
    return {name: slider.value for name, slider in panel.sleeve.sliders.items()}


# The sleeve


def test_without_a_sleeve_the_page_says_what_is_held_and_draws_nothing():
    panel = opened()
    assert panel.sleeve.start.value == COINS
    assert "bitcoin and ether by their market value" in panel.sleeve.note.value
    assert panel.coins.rows == {}
    assert panel.sleeve.parts.layout.display == "none"


def test_a_preset_is_taken_planned_and_given_back():
    panel = opened()
    for start, sleeve in ((BARBELL, barbell()), (WORKED, worked_sleeve()), (COINS, None)):
        panel.sleeve.start.value = start
        assert sleeve_of(panel) == sleeve
        held = panel.session.plan.shown.by_asset
        assert sum(held[name] for name in (sleeve.shares if sleeve else ("bitcoin", "ether"))) == pytest.approx(0.05)


@pytest.mark.parametrize(("name", "to"), [("large_cap", 66.0), ("balanced", 21.5), ("growth", 20.0)])
def test_moving_one_slider_moves_the_others_to_100_percent_inside_their_ranges_and_the_plan(panel, name, to):
    panel.sleeve.sliders[name].value = to
    assert stand(panel)[name] == pytest.approx(to)
    assert sum(stand(panel).values()) == pytest.approx(100, abs=1e-9)
    for part in sleeve_of(panel).parts:
        assert part.range[0] <= part.share <= part.range[1]
        assert panel.session.plan.shown.by_asset[part.name] == pytest.approx(0.05 * part.share)


def test_a_slider_that_is_dragged_past_what_the_others_allow_goes_as_far_as_they_let_it():
    panel = opened(sleeve=worked_sleeve())
    panel.sleeve.sliders["large_cap"].value = 100
    assert stand(panel) == {"large_cap": 100, "balanced": 0}
    panel.sleeve.sliders["balanced"].value = 33.3
    assert stand(panel) == pytest.approx({"large_cap": 66.7, "balanced": 33.3})


def test_a_slider_is_not_answered_with_the_value_it_sent(panel):
    sent = []
    slider = panel.sleeve.sliders["large_cap"]
    slider.observe(lambda change: sent.append(change.new), "value")
    slider.value = 65.30000000000001
    assert sent == [65.30000000000001]


def test_shares_are_rounded_to_what_the_sliders_show_and_the_moved_one_stays():
    third = Sleeve(parts=tuple(SleevePart(name=name, recipe=LargeCap(), share=1 / 3) for name in "abc"))
    shares = in_thousandths(third, "b").shares
    assert sum(shares.values()) == pytest.approx(1, abs=1e-12)
    assert shares["b"] == 0.333
    narrow = barbell().parts[0].with_changes(share=0.62345, lower=0.6234, upper=0.6236)
    tight = Sleeve(parts=(narrow, SleevePart(name="rest", recipe=LargeCap(), share=1 - 0.62345)))
    assert in_thousandths(tight, "rest") == tight


def test_the_worked_example_is_said_in_its_own_words():
    panel = opened(sleeve=worked_sleeve())
    assert "5 % crypto = 3 % Large-cap index ($7,500) + 2 % Balanced index ($5,000)" in panel.said.value
    assert "$12,500" in panel.shares.value


def test_what_a_method_chose_inside_the_ranges_is_what_the_table_shows():
    panel = opened(sleeve=barbell(), method=Method.MEAN_VARIANCE, risk_aversion=2.0)
    held = panel.session.plan.shown.by_asset
    crypto = sum(held[name] for name in barbell().shares)
    found = held["large_cap"] / crypto
    assert 0.60 < found < 0.70
    assert found != pytest.approx(0.62, abs=5e-3)
    assert percent(found) in panel.shares.value
    assert stand(panel)["large_cap"] == 62
    assert "sliders are what you agreed" in panel.shares.value


def test_what_is_in_the_way_is_said_and_the_sleeve_can_still_be_changed():
    targets = EXAMPLE.targets.with_changes(
        weights={**EXAMPLE.targets.weights, "crypto": 0.2, "equities": EXAMPLE.targets.weights["equities"] - 0.15}
    )
    panel = opened(sleeve=barbell(), targets=targets)
    assert "above the 12.4 %" in panel.sleeve.problem.value
    panel.sleeve.sliders["growth"].value = 12
    assert sleeve_of(panel)["growth"].share == pytest.approx(0.12)


def test_limits_and_tilts_of_indices_that_leave_go_with_them_and_that_is_said(panel):
    limit = PlanLimit(kind=LimitKind.AT_MOST, subject="growth", size=0.01)
    kept = PlanLimit(kind=LimitKind.AT_MOST, subject="gold", size=0.1)
    panel.session.change(limits=(limit, kept))
    lean(panel, CryptoView.BULLISH)
    assert len(panel.session.scenario.tilts) == 2
    panel.sleeve.start.value = WORKED
    assert panel.session.problem == ""
    assert panel.session.scenario.limits == (kept,)
    assert panel.session.scenario.tilts == ()
    assert "went with them" in panel.sleeve.note.value


def test_a_hidden_panel_waits_and_catches_up():
    panel = CryptoPanel(Session(EXAMPLE))
    panel.session.change(sleeve=barbell())
    assert panel.coins.rows == {}
    panel.showing = True
    assert panel.coins.rows["coins"]


# Recipes


def test_each_setting_of_a_recipe_reaches_the_index(panel):
    form = panel.sleeve.forms["growth"]
    form.kind.value = "smaller"
    form.fee.value = 1.5
    form.cap.value = 20
    form.trend.value = 12
    recipe = sleeve_of(panel)["growth"].recipe
    assert recipe == Growth(leaders=Leaders.SMALLER, fee=0.015, cap=0.2, trend=Trend(months=12))
    assert "of the time" in panel.indices.value
    assert "1.5 %" in panel.indices.value
    form.cap.value = 100
    form.trend.value = 0
    recipe = sleeve_of(panel)["growth"].recipe
    assert (recipe.cap, recipe.trend) == (None, None)


def test_a_sector_of_ones_own_coins_is_an_index_by_its_name(panel):
    form = panel.sleeve.forms["growth"]
    form.kind.value = "sector"
    form.label.value = "Platforms"
    for coin, box in form.coins.items():
        box.value = coin in {"sol", "ada"}
    assert sleeve_of(panel)["growth"].recipe == Sector(label="Platforms", coins=("ada", "sol"))
    assert panel.sleeve.sliders["growth"].description.startswith("Platforms")
    assert "Platforms" in panel.past.alt


def test_a_sector_without_coins_is_refused_in_words_and_the_sleeve_stays(panel):
    form = panel.sleeve.forms["growth"]
    form.kind.value = "sector"
    for box in form.coins.values():
        box.value = False
    assert "at least one coin" in form.refusal.value
    assert len(sleeve_of(panel)["growth"].recipe.coins) == 1
    form.coins["sol"].value = True
    assert form.refusal.value == ""


def test_a_form_never_rounds_a_recipe_from_a_document():
    recipe = Growth(fee=0.012345, cap=0.333333, trend=Trend(months=7), months=9)
    sleeve = Sleeve(parts=(SleevePart(name="one", recipe=recipe, share=1.0),))
    panel = opened(sleeve=sleeve)
    panel.session.change(risk_aversion=2.0)
    assert sleeve_of(panel) == sleeve
    panel.sleeve.forms["one"].kind.value = "equal_weight"
    panel.sleeve.forms["one"].kind.value = "growth"
    assert sleeve_of(panel)["one"].recipe.trend == Trend(months=7)


# The lean


def lean(panel, view):
    panel.lean.view.value = view
    panel.lean.reason.value = "new highs"
    panel.lean.add.click()


def test_a_bullish_lean_says_what_it_changes_and_goes_to_the_tilts_until_its_end(panel):
    panel.lean.view.value = CryptoView.BULLISH
    assert "more of the Growth index, less of the Large-cap index" in panel.lean.said.value
    assert "+$250" in panel.lean.said.value
    lean(panel, CryptoView.BULLISH)
    assert panel.lean.refusal.value == ""
    moved = {tilt.asset: tilt.change for tilt in panel.session.scenario.tilts}
    assert moved == pytest.approx({"large_cap": -0.05 * 0.02, "growth": 0.05 * 0.02})
    assert panel.session.plan.tactical.series["growth"] == pytest.approx(0.05 * 0.16)
    assert panel.session.plan.class_weights["crypto"] == pytest.approx(0.05)
    assert "new highs" in panel.lean.state.value


def test_another_lean_takes_the_place_of_the_first_and_neutral_ends_it(panel):
    lean(panel, CryptoView.BULLISH)
    lean(panel, CryptoView.BEARISH)
    moved = {tilt.asset: tilt.change for tilt in panel.session.scenario.tilts}
    assert moved == pytest.approx({"large_cap": 0.05 * 0.04, "growth": -0.05 * 0.04})
    panel.lean.back.click()
    assert panel.session.scenario.tilts == ()


def test_a_lean_without_a_reason_is_refused_in_words(panel):
    panel.lean.view.value = CryptoView.BEARISH
    panel.lean.add.click()
    assert "Say why" in panel.lean.refusal.value
    assert panel.session.scenario.tilts == ()


def test_where_the_ranges_leave_no_room_the_lean_says_so():
    panel = opened(sleeve=barbell().moved("growth", 0.20).moved("large_cap", 0.60))
    panel.lean.view.value = CryptoView.BULLISH
    assert "leave no room" in panel.lean.said.value


# Pictures


def test_the_coins_add_up_to_the_sleeve_and_to_its_money(panel):
    rows = panel.coins.rows
    assert sum(row["share"] for row in rows["coins"]) == pytest.approx(1)
    btc = sum(row["share"] for row in rows["coins"] if row["coin"] == "Bitcoin")
    parts = {part.name: index_history(part.recipe).now for part in sleeve_of(panel).parts}
    assert btc == pytest.approx(sum(share * parts[name]["btc"] for name, share in sleeve_of(panel).shares.items()))
    ends = [row for row in rows["coins"] if "text" in row]
    assert [end["end"] for end in ends] == sorted((end["end"] for end in ends), reverse=True)
    assert sum(end["end"] for end in ends) == pytest.approx(1)
    assert ends[0]["text"] in panel.coins.alt


def test_the_past_begins_for_all_where_the_last_index_does_and_states_who_survived(panel):
    rows = panel.past.rows["growth"]
    first = {row["mix"]: row for row in reversed(rows)}
    assert {row["value"] for row in first.values()} == {10_000.0}
    assert {row["day"] for row in first.values()} == {"2018-11-30"}
    last = {row["mix"]: row["value"] for row in rows}
    since = coin_returns()["btc"].loc["2018-12":]
    assert last["Bitcoin"] == pytest.approx(10_000 * (1 + since).prod(), rel=1e-6)
    for chart in (panel.past, panel.weights):
        assert "survived to 2025" in chart.spec["title"]["text"]["expr"]
        assert chart.alt.endswith(SURVIVORS)


def test_the_stripes_of_every_month_fill_the_whole_index(panel):
    rows = panel.weights.rows["weights"]
    by_day: dict[str, list] = {}
    for row in rows:
        by_day.setdefault(row["day"], []).append(row)
    for stripes in by_day.values():
        assert sum(row["high"] - row["low"] for row in stripes) == pytest.approx(1)
        assert max(row["high"] for row in stripes) == pytest.approx(1)
    panel.chosen.value = "large_cap"
    assert {row["coin"] for row in panel.weights.rows["weights"]} == {"Bitcoin", "Ether"}
    assert "Large-cap index" in panel.weights.alt


def test_a_coin_of_the_past_is_named_in_its_longest_stretch_and_one_of_today_at_the_end():
    rows = weights_rows(index_history(Growth()))
    names = {row["text"]: row for row in rows["names"]}
    assert len(names) == 8
    assert names["Solana 25 %"]["day"] == rows["months"][-1]["day"]
    xrp = names["XRP"]
    held = [row["held"] for row in rows["months"] if row["day"] == xrp["day"]]
    assert "XRP" in held[0]


def test_what_each_index_adds_is_what_the_planner_finds(panel):
    plan = panel.session.plan
    risk = crypto_risk(plan.shown, plan.market.universe)
    rows = [row for row in panel.added.rows["shares"] if row["kind"] == "risk"]
    assert [row["share"] for row in rows] == pytest.approx(risk["risk_share"][list(barbell().shares)].tolist())
    assert len(rows) == 3  # no coin that is kept without a weight
    assert "survived to 2025" in panel.added.spec["title"]["text"]["expr"]
    assert "survived to 2025" in panel.added.alt


def test_indices_that_were_not_changed_are_not_drawn_again(panel):
    drawn = panel.past.revision, panel.weights.revision
    panel.sleeve.sliders["large_cap"].value = 67
    assert (panel.past.revision, panel.weights.revision) == drawn
    panel.sleeve.forms["growth"].fee.value = 2
    assert panel.past.revision == drawn[0] + 1


def test_what_is_owned_of_the_indices_is_traded_back_to_the_shares():
    owned = EXAMPLE.household
    assets = tuple(
        asset.with_changes(series={"bitcoin": "large_cap", "ether": "growth"}.get(asset.series, asset.series))
        for asset in owned.assets
    )
    panel = opened(sleeve=barbell(), household=owned.with_changes(assets=assets))
    assert "What you own of them" in panel.owned.value
    assert "outside these indices" not in panel.owned.value
    assert "outside these indices" in opened(sleeve=barbell()).owned.value
    assert isinstance(assets[0], Asset)


def test_indices_of_one_name_are_told_apart_in_words_and_in_colour():
    parts = tuple(SleevePart(name=name, recipe=LargeCap(), share=0.5) for name in ("calm", "bold"))
    sleeve = Sleeve(parts=parts)
    assert part_labels(sleeve) == {"calm": "Large-cap index (calm)", "bold": "Large-cap index (bold)"}
    colours = part_colours(sleeve)
    assert len({*colours.values(), SURFACE}) == 3
    assert len(opened(sleeve=sleeve).past.rows["ends"]) == 3


def test_a_hostile_name_is_shown_as_text(panel):
    form = panel.sleeve.forms["growth"]
    form.kind.value = "sector"
    form.label.value = "<script>alert(1)</script>"
    for said in (panel.indices, panel.shares, panel.said, form.said):
        assert "<script" not in said.value
        assert "&lt;script" in said.value
