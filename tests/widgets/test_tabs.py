import ipywidgets as w
import pytest

from planner.errors import InputError
from planner.policy.targets import ReferenceMix, Targets
from widgets.runner import UNEXPECTED
from widgets.session import Session
from widgets.tabs import Tab, TabPanel, Tabs


class Counting(TabPanel):
    def __init__(self, session):
        self.done = 0
        super().__init__(session)
        self.follow(["plan", "scenario"], self._count)

    def _count(self):
        self.done += 1


@pytest.fixture
def session():
    return Session()


def tabs_of(**makers):
    return Tabs([Tab(name, make) for name, make in makers.items()], when_ready=lambda then: then())


def shown(tabs):
    return [place for place, frame in enumerate(tabs.children[1:]) if frame.layout.display != "none"]


def test_the_first_panel_is_made_at_once_and_the_others_when_they_are_opened():
    made = []
    tabs = tabs_of(one=lambda: made.append("one") or w.HTML(), two=lambda: made.append("two") or w.HTML())
    assert made == ["one"]
    tabs.choose("two")
    tabs.choose("one")
    tabs.choose("two")
    assert made == ["one", "two"]


def test_one_panel_is_shown_at_a_time_and_what_was_made_stays():
    first, second = w.HTML("first"), w.HTML("second")
    tabs = tabs_of(one=lambda: first, two=lambda: second)
    assert shown(tabs) == [0]
    tabs.choose("two")
    assert shown(tabs) == [1]
    assert [frame.children for frame in tabs.children[1:]] == [(first,), (second,)]


def test_a_single_tab_has_no_strip():
    assert tabs_of(one=w.HTML).strip.layout.display == "none"
    assert tabs_of(one=w.HTML, two=w.HTML).strip.layout.display is None


def test_a_panel_is_made_once_the_page_is_ready_even_where_its_tab_was_opened_before():
    waiting = []
    tabs = Tabs([Tab("one", w.HTML), Tab("two", w.HTML)], when_ready=waiting.append)
    tabs.choose("two")
    assert set(tabs.panels) == {"one"}
    assert "Opening" in tabs.children[2].children[0].value
    for then in waiting:
        then()
    assert set(tabs.panels) == {"one", "two"}


def test_a_panel_whose_tab_was_left_before_it_was_made_does_not_work(session):
    waiting = []
    tabs = Tabs([Tab("one", w.HTML), Tab("two", lambda: Counting(session))], when_ready=waiting.append)
    tabs.choose("two")
    tabs.choose("one")
    waiting[0]()
    assert tabs.panels["two"].done == 0


def test_a_panel_that_cannot_be_made_is_a_sentence_and_is_tried_again(caplog):
    attempts = []

    def make():
        attempts.append(len(attempts))
        if len(attempts) == 1:
            raise RuntimeError("a secret of the server")
        if len(attempts) == 2:
            raise InputError("The file of <prices> is gone.")
        return w.HTML("there")

    tabs = tabs_of(one=w.HTML, two=make)
    said = []
    for _ in range(3):
        tabs.choose("two")
        said.append(tabs.children[2].children[0].value)
        tabs.choose("one")
    assert UNEXPECTED in said[0]
    assert "&lt;prices&gt; is gone" in said[1]
    assert said[2] == "there"


def test_a_panel_that_cannot_catch_up_says_so_and_stays(session):
    class Failing(Counting):
        def _count(self):
            super()._count()
            if self.done == 2:
                raise InputError("There is no table for that year.")

    tabs = tabs_of(one=w.HTML, two=lambda: Failing(session))
    tabs.choose("two")
    tabs.choose("one")
    session.change(household=None)
    tabs.choose("two")
    said, panel = tabs.children[2].children
    assert "There is no table for that year." in said.value
    assert panel is tabs.panels["two"]


def test_a_hidden_panel_does_nothing_and_catches_up_once_when_it_is_shown(session):
    tabs = tabs_of(one=w.HTML, two=lambda: Counting(session))
    tabs.choose("two")
    panel = tabs.panels["two"]
    assert panel.done == 1
    tabs.choose("one")
    for mix in (ReferenceMix.EQUITY_FOCUSED, ReferenceMix.REAL_ESTATE_HEAVY):
        session.change(targets=Targets.reference(mix))
    assert panel.done == 1
    tabs.choose("two")
    assert panel.done == 2
    tabs.choose("one")
    tabs.choose("two")
    assert panel.done == 2


def test_a_shown_panel_follows_every_change(session):
    panel = Counting(session)
    panel.showing = True
    before = panel.done
    session.change(household=None)
    assert panel.done > before


def test_tabs_within_a_tab_begin_hidden_and_their_open_panel_follows():
    session = Session()
    inner = Tabs(
        [Tab("a", lambda: Counting(session)), Tab("b", lambda: Counting(session))], lambda then: then(), showing=False
    )
    outer = tabs_of(plan=w.HTML, outlook=lambda: inner)
    assert inner.panels["a"].done == 0
    outer.choose("outlook")
    assert (inner.panels["a"].showing, inner.panels["a"].done) == (True, 1)
    inner.choose("b")
    assert (inner.panels["a"].showing, inner.panels["b"].showing) == (False, True)
    outer.choose("plan")
    session.change(crypto_fall=0.3)
    assert (inner.panels["a"].done, inner.panels["b"].done) == (1, 1)
    outer.choose("outlook")
    assert (inner.panels["a"].done, inner.panels["b"].done) == (1, 2)
