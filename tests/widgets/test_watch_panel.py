"""The Watch tab without a browser: what it shows is the review, and its controls move the scenario."""

import csv
import datetime as dt
import io
import json
import re
from itertools import pairwise

import pytest

from planner.outlook.alerts import Alert, AlertKind, Severity
from planner.policy.tactical import Tilt
from planner.policy.targets import Targets
from planner.reviewing import review
from planner.scenario import EXAMPLE, Method
from planner.trading.rules import Frequency
from widgets import watch_tables
from widgets.panels.watch import NO_HOUSEHOLD, WatchPanel
from widgets.session import Session

DAY = dt.date(2025, 9, 30)
DEAR = Tilt(asset="equities", change=-0.05, reason="dear", starts=dt.date(2025, 6, 1), ends=dt.date(2026, 1, 1))
OVER = Tilt(asset="crypto", change=0.02, reason="bear", starts=dt.date(2025, 1, 1), ends=dt.date(2025, 7, 1))


def opened(**changes):
    panel = WatchPanel(Session(EXAMPLE.with_changes(**changes)))
    panel.showing = True
    return panel


@pytest.fixture
def panel():
    return opened()


def fill(tilts, asset="crypto", points=2.0, reason="a deep bear market", starts=DAY, ends=dt.date(2026, 3, 31)):
    tilts.asset.value, tilts.points.value, tilts.reason.value = asset, points, reason
    tilts.starts.value, tilts.ends.value = starts, ends
    tilts.add.click()


def words(html):
    return re.sub(r"<[^>]+>", " ", html)


def test_nothing_is_reviewed_before_the_tab_is_shown():
    panel = WatchPanel(Session())
    assert panel.review is None
    panel.session.change(last_review=DAY)
    panel.showing = True
    assert panel.review.scenario.last_review == DAY


def test_a_hidden_tab_reviews_nothing_until_it_is_opened_again(panel):
    panel.showing = False
    before = panel.review
    panel.session.change(last_review=DAY)
    assert panel.review is before
    panel.showing = True
    assert panel.review is not before


def test_the_most_severe_alert_stands_first_with_its_number_in_words_and_what_to_do(panel):
    said = words(panel.alerts.listed.value)
    assert said.index("Urgent") < said.index("Warning")
    assert "9.8 % act at 7 %" in said.replace("  ", " ")
    assert "The Trades tab finds the orders" in said
    assert "1 urgent, 3 warnings on 30 September 2025" in panel.summary.value


@pytest.mark.parametrize("kind", list(AlertKind))
def test_every_kind_of_alert_has_a_number_in_words_and_something_to_do(kind):
    alert = Alert(kind, "x", Severity.WARNING, "Because of <this>.", 3.0, 2.0)
    html = watch_tables.alerts([alert])
    assert all(watch_tables.figures_of(alert))
    assert watch_tables.TO_DO[kind].split("'")[0] in html
    assert "&lt;this&gt;" in html


def test_reviewed_today_is_kept_and_the_alert_is_gone(panel):
    assert "review" in words(panel.alerts.listed.value)
    panel.reviewed.click()
    assert panel.session.scenario.last_review == DAY
    assert panel.last.value == DAY
    assert AlertKind.REVIEW not in {alert.kind for alert in panel.review.alerts}
    assert "since the last review" not in panel.quarterly.period.options
    panel.last.value = dt.date(2025, 6, 30)
    assert panel.session.scenario.last_review == dt.date(2025, 6, 30)


def test_another_day_is_reviewed_and_old_prices_are_said(panel):
    panel.as_of.value = dt.date(2026, 1, 5)
    kinds = {(alert.kind, alert.subject) for alert in panel.review.alerts}
    assert {(AlertKind.DATA, "prices"), (AlertKind.DATA, "returns")} <= kinds
    assert "Type today&#x27;s prices into the Accounts tab" in panel.alerts.listed.value
    panel.session.change(tilts=(DEAR,))
    assert panel.as_of.value == dt.date(2026, 1, 5)


def test_an_impossible_day_is_a_sentence_and_the_page_comes_back(panel):
    panel.as_of.value = dt.date(2025, 9, 1)
    assert "after the review of 2025-09-01" in panel.note.value
    assert panel.quarterly.layout.display == "none"
    panel.as_of.value = DAY
    assert panel.note.value == ""
    assert panel.quarterly.layout.display is None


def test_without_accounts_the_tilts_stay_and_the_rest_says_what_to_do():
    panel = opened(household=None)
    assert NO_HOUSEHOLD in panel.note.value
    fill(panel.tilts, starts=panel.session.plan.as_of)
    assert panel.session.plan.trade_targets.weights["crypto"] == pytest.approx(0.07)


def test_bars_of_each_period_add_up_to_its_whole(panel):
    for period in panel.quarterly.period.options:
        panel.quarterly.period.value = period
        *parts, whole = panel.quarterly.parts.rows["parts"]
        assert parts[0]["start"] == 0
        assert all(after["start"] == before["end"] for before, after in pairwise(parts))
        assert parts[-1]["end"] == pytest.approx(whole["end"], abs=1e-12)
        assert whole["text"] in panel.quarterly.performance.value


def test_drift_is_drawn_against_what_trades_lead_to():
    panel = opened(method=Method.MEAN_VARIANCE)
    targets = panel.session.plan.trade_targets.weights
    drawn = {row["label"]: row["target"] for row in panel.quarterly.drift.rows["drift"]}
    assert drawn["Crypto"] == pytest.approx(targets["crypto"])
    assert "Trades are due." in panel.quarterly.said.value


def test_a_threshold_of_ones_own_makes_an_alert_and_an_impossible_one_a_sentence(panel):
    panel.alerts.controls["concentration"].value = 1.5
    assert AlertKind.CONCENTRATION in {alert.kind for alert in panel.review.alerts}
    panel.alerts.controls["concentration"].value = 0.5
    assert "must be more than 1" in panel.alerts.problem.value
    panel.alerts.controls["review"].value = Frequency.ANNUALLY
    panel.alerts.usual.click()
    assert panel.alerts.problem.value == ""
    assert AlertKind.CONCENTRATION not in {alert.kind for alert in panel.review.alerts}
    assert AlertKind.REVIEW in {alert.kind for alert in panel.review.alerts}


def test_a_tilt_is_kept_and_trades_lead_to_it_at_once(panel):
    fill(panel.tilts)
    (tilt,) = panel.session.scenario.tilts
    assert (tilt.asset, tilt.change, tilt.reason) == ("crypto", 0.02, "a deep bear market")
    assert panel.session.plan.trade_targets.weights["crypto"] == pytest.approx(0.07)
    drawn = {(row["label"], row["kind"]): row["share"] for row in panel.tilts.chart.rows["shares"]}
    assert (drawn["Crypto", "strategic"], drawn["Crypto", "tilted"]) == pytest.approx((0.05, 0.07))
    panel.tilts.rows[0].remove.click()
    assert panel.session.scenario.tilts == ()
    assert panel.session.plan.trade_targets.weights["crypto"] == 0.05


@pytest.mark.parametrize(
    ("tilt", "said"),
    [
        ({"asset": "equities", "points": -6.0}, "1 point beyond the tactical range of 5 points"),
        ({"points": 8.0}, "Tilts carry Crypto 8 points"),
        ({"points": 0.0}, "changes nothing"),
        ({"reason": " "}, "Say why"),
        ({"ends": DAY}, "must end later than it starts"),
        ({"ends": None}, "Say when"),
        ({"asset": "equities", "starts": dt.date(2027, 1, 1), "ends": dt.date(2027, 2, 1), "points": 9.0}, "From 2027"),
    ],
)
def test_a_tilt_that_cannot_be_is_refused_in_a_sentence(panel, tilt, said):
    fill(panel.tilts, **tilt)
    assert said in panel.tilts.refusal.value
    assert panel.session.scenario.tilts == ()


def test_a_tilt_above_the_profiles_crypto_range_is_refused():
    most = EXAMPLE.profile.assess().crypto_range.upper
    panel = opened(targets=Targets(weights={"equities": 1.01 - most, "crypto": most - 0.01}))
    fill(panel.tilts, points=2.0)
    assert "that the profile allows" in panel.tilts.refusal.value


def test_tilts_that_are_over_are_grey_and_can_be_removed():
    panel = opened(tilts=(OVER, DEAR))
    first, second = panel.tilts.rows
    assert "pl-tilt-over" in first.said.value
    assert "over since 1 July 2025" in first.said.value
    assert "pl-tilt-over" not in second.said.value
    assert AlertKind.TILT in {alert.kind for alert in panel.review.alerts}
    first.remove.click()
    assert panel.session.scenario.tilts == (DEAR,)
    assert AlertKind.TILT not in {alert.kind for alert in panel.review.alerts}


def test_an_earlier_plan_shows_what_changed_and_a_wrong_file_is_a_sentence(panel):
    earlier = EXAMPLE.with_changes(profile=EXAMPLE.profile.with_changes(net_worth=300_000), goals=())
    panel.checklist.upload.take("plan.json", earlier.model_dump_json().encode())
    said = words(panel.checklist.questions.value)
    assert "net worth: $300,000 →  $400,000" in said
    assert "new: goal College $100,000 by 2040-12-31, priority 2" in said
    assert "Nothing has changed." in said
    panel.checklist.upload.take("<b>.json", b"{}")
    assert "&lt;b&gt;.json" in panel.checklist.said.value
    assert "$300,000" in panel.checklist.questions.value


def test_accounts_of_an_earlier_plan_show_what_has_moved(panel):
    assert panel.quarterly.moved.value == ""
    earlier = EXAMPLE.with_changes(household=EXAMPLE.household.priced({"BTC": 228_000, "ETH": 8_200}))
    panel.checklist.upload.take("plan.json", earlier.model_dump_json().encode())
    said = words(panel.quarterly.moved.value)
    before = panel.review.drift.loc["crypto", "before"]
    assert before == pytest.approx(2 * 24_450 / (250_000 + 24_450))
    assert f"since 30 September 2025, in points: Crypto {100 * (0.0978 - before):.1f}" in said


def test_what_is_saved_for_next_time_can_be_uploaded_then(panel):
    panel.checklist.upload.take("plan.json", panel.checklist.save.content().encode())
    assert words(panel.checklist.questions.value).count("Nothing has changed.") == 5


def test_the_files_hold_what_the_page_shows(panel):
    rows = list(csv.DictReader(io.StringIO(panel.sheet_csv())))
    crypto = next(row for row in rows if (row["table"], row["row"], row["column"]) == ("Drift", "crypto", "weight"))
    assert float(crypto["value"]) == pytest.approx(0.0978)
    document = json.loads(panel.sheet_json())
    assert document["sentences"] == list(review(EXAMPLE, DAY).sentences)


def test_names_and_reasons_are_escaped_wherever_they_are_shown():
    hostile = "<script>alert(1)</script>"
    panel = opened(tilts=(DEAR.with_changes(reason=hostile), OVER.with_changes(reason=hostile)))
    panel.checklist.upload.take(hostile, EXAMPLE.with_changes(name=hostile).model_dump_json().encode())
    shown = [panel.alerts.listed, *(row.said for row in panel.tilts.rows), panel.checklist.said]
    shown.append(panel.checklist.questions)
    assert all("<script>" not in html.value for html in shown)
    assert all("&lt;script&gt;" in html.value for html in shown)


def test_an_index_out_of_line_is_said_in_words(panel):
    table = panel.review.in_line.copy()
    table.loc["ether", "volatility"] = 9.0
    html = watch_tables.in_line(table, panel.session.universe)
    assert "wilder than ever" in html
    assert html.count(">in line<") == len(table) - 1
