"""What LiveChart sends to the page, seen from Python."""

from __future__ import annotations

from typing import Any

import pytest

from widgets.live_chart import LiveChart

BARS: dict[str, Any] = {"data": {"name": "weights"}, "mark": "bar"}
ROWS = {"weights": [{"asset": "gold", "weight": 0.1}]}


class Drawn:
    """Stands for an altair.Chart: it only has to give its specification."""

    def to_dict(self) -> dict[str, Any]:
        return {**BARS, "height": 220}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """The names of the traits in each message that would go to the page."""
    messages: list[set[str]] = []

    def remember(chart: LiveChart, key: str | set[str] | None = None) -> None:
        messages.append({key} if isinstance(key, str) else set(key or ()))

    monkeypatch.setattr(LiveChart, "send_state", remember)
    return messages


def test_new_rows_travel_with_their_revision_and_without_the_specification(sent: list[set[str]]) -> None:
    chart = LiveChart(BARS, ROWS, alt="Gold is 10 %.")
    sent.clear()
    first = chart.revision
    chart.rows = {"weights": [{"asset": "gold", "weight": 0.2}]}
    assert chart.revision == first + 1
    assert [names for names in sent if names] == [{"rows", "revision"}]


def test_the_same_rows_are_not_sent_again(sent: list[set[str]]) -> None:
    chart = LiveChart(BARS, ROWS, alt="Gold is 10 %.")
    sent.clear()
    first = chart.revision
    chart.rows = {"weights": [{"asset": "gold", "weight": 0.1}]}
    assert chart.revision == first
    assert sent == []


def test_what_json_cannot_say_becomes_a_gap() -> None:
    rows = {"weights": [{"asset": "ether", "weight": float("nan")}, {"asset": "gold", "weight": float("inf")}]}
    assert LiveChart(BARS, rows, alt="Gaps.").rows == {
        "weights": [{"asset": "ether", "weight": None}, {"asset": "gold", "weight": None}]
    }


def test_an_altair_chart_keeps_its_height_and_fills_the_width() -> None:
    chart = LiveChart(Drawn(), ROWS, alt="Gold is 10 %.")
    assert chart.height == chart.spec["height"] == 220
    assert chart.spec["width"] == "container"


def test_a_width_that_was_asked_for_stays() -> None:
    assert LiveChart({**BARS, "width": 320}, ROWS, alt="Gold is 10 %.").spec["width"] == 320


def test_charts_side_by_side_keep_the_sizes_they_state() -> None:
    pair = {"hconcat": [BARS, BARS]}
    assert LiveChart(pair, ROWS, alt="Twice.").spec == pair


def test_two_charts_never_share_a_key() -> None:
    assert LiveChart(BARS, ROWS, alt="One.").key != LiveChart(BARS, ROWS, alt="Two.").key
