"""Grades in the Watch tab, without a browser: a file becomes alerts of what is held."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.market.grades import Grades
from planner.outlook.alerts import AlertKind
from planner.scenario import EXAMPLE
from widgets.panels.grades import GradesPanel, grades_of
from widgets.panels.watch import WatchPanel
from widgets.session import Session

FILE = b"name,grade_before,grade_now\nBTC,80,60\nETH,50,\nDOGE,90,10\nSOL,,70\n"


def graded(panel):
    return [alert.subject for alert in panel.review.alerts if alert.kind is AlertKind.GRADE]


def test_a_file_of_grades_alerts_of_what_is_held_until_it_is_forgotten():
    panel = WatchPanel(Session(EXAMPLE))
    panel.showing = True
    before = panel.alerts.listed.value
    panel.grades.upload.take("grades.csv", FILE)
    assert graded(panel) == ["BTC", "ETH"]
    assert "BTC: its grade fell from 80 to 60 of 100." in panel.alerts.listed.value
    assert "ETH: no grade any more; it was 50 of 100." in panel.alerts.listed.value
    assert "4 names" in panel.grades.said.value
    panel.grades.forget.click()
    assert graded(panel) == []
    assert panel.alerts.listed.value == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name,before,now\n", "name, grade_before, grade_now"),
        (b"name,grade_before,grade_now\nBTC,101,1\n", "line 2: &#x27;101&#x27; cannot be read"),
        (b"name,grade_before,grade_now\nBTC,1,nan\n", "line 2: &#x27;nan&#x27; cannot be read"),
        (b"name,grade_before,grade_now\n,1,1\n", "line 2: no name"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_the_last_grades_stay(content, said):
    panel = GradesPanel()
    panel.upload.take("grades.csv", FILE)
    kept = panel.grades
    panel.upload.take("grades.csv", content)
    assert said in panel.said.value
    assert panel.grades is kept


names = st.text("ABCXYZ", min_size=1, max_size=5)
looks = st.dictionaries(names, st.integers(0, 100).map(float))


@given(looks, looks)
def test_what_is_written_is_read_again(before, now):
    read = grades_of("grades.csv", Grades(before, now).to_csv().encode())
    assert (dict(read.before), dict(read.now)) == (before, now)
