"""The desk: undo and redo, several scenarios, kept households, two desks, and changes with their reasons."""

from __future__ import annotations

import pytest

from planner import EXAMPLE
from planner.store import Store
from widgets import desk as desks
from widgets.desk import IN_BINDER, NO_STORE, NOT_KEPT, STORE_VARIABLE, SWITCHED_OFF, Desk
from widgets.session import Session


@pytest.fixture
def place(tmp_path):
    return tmp_path / "households.db"


@pytest.fixture
def clock(monkeypatch):
    """Time that goes on only when it is told to."""
    now = [100.0]
    monkeypatch.setattr(desks.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def desk(place):
    return Desk(Session(), lambda: Store.open(place, author="Ana"))


@pytest.fixture
def other(place):
    return Desk(Session(), lambda: Store.open(place, author="Ben"))


def age(desk):
    return desk.session.scenario.profile.age


class TestUndo:
    def test_changes_are_taken_back_and_made_again_in_order(self, desk, clock):
        for wanted in (40, 45, 50):
            clock[0] += 10
            desk.session.change_profile(age=wanted)
        desk.undo()
        assert (age(desk), desk.session.plan.scenario.profile.age) == (45, 45)
        desk.undo()
        desk.undo()
        assert age(desk) == EXAMPLE.profile.age
        assert not desk.can_undo
        desk.undo()
        assert age(desk) == EXAMPLE.profile.age
        desk.redo()
        desk.redo()
        assert age(desk) == 45
        assert desk.can_redo

    def test_a_new_change_leaves_nothing_to_redo(self, desk, clock):
        desk.session.change_profile(age=40)
        desk.undo()
        clock[0] += 10
        desk.session.change(room=0.1)
        assert not desk.can_redo

    def test_a_drag_is_one_step_and_two_fields_are_two(self, desk, clock):
        for wanted in range(36, 60):
            clock[0] += 0.05
            desk.session.change_profile(age=wanted)
        desk.session.change(room=0.1)
        desk.undo()
        assert age(desk) == 59
        desk.undo()
        assert age(desk) == EXAMPLE.profile.age

    def test_each_scenario_has_its_own(self, desk):
        desk.session.change_profile(age=40)
        desk.duplicate()
        assert not desk.can_undo
        desk.session.change_profile(age=50)
        desk.choose(0)
        desk.undo()
        assert [scenario.profile.age for scenario in desk.scenarios] == [EXAMPLE.profile.age, 50]


class TestScenarios:
    def test_a_copy_has_a_name_of_its_own_and_leaves_the_first_alone(self, desk):
        desk.duplicate()
        desk.duplicate()
        assert desk.names == ("Example household", "Example household (2)", "Example household (3)")
        desk.session.change_profile(age=60)
        assert [scenario.profile.age for scenario in desk.scenarios] == [35, 35, 60]

    def test_a_name_that_is_taken_gets_a_number(self, desk):
        desk.duplicate()
        desk.rename("Example household")
        assert desk.names[1] == "Example household (2)"
        desk.rename("Bold")
        assert desk.names == ("Example household", "Bold")

    def test_stepping_goes_round(self, desk):
        desk.duplicate()
        desk.step(1)
        assert desk.current == 0
        desk.step(-1)
        assert desk.current == 1

    def test_the_last_one_stays(self, desk):
        desk.remove()
        assert "only scenario" in desk.problem
        desk.duplicate()
        desk.remove()
        assert desk.names == ("Example household",)
        assert desk.problem == ""

    def test_a_file_is_opened_and_a_broken_one_said_in_words(self, desk):
        desk.take("mine.json", EXAMPLE.with_changes(name="Mine", room=0.2).model_dump_json().encode())
        assert desk.session.scenario.name == "Mine"
        before = desk.scenarios
        desk.take("<b>broken.json", b'{"name": ')
        assert desk.problem.startswith("<b>broken.json: This is not valid JSON")
        assert desk.scenarios == before

    def test_a_saved_file_carries_what_it_was_made_with(self, desk):
        from planner import Scenario

        read = Scenario.model_validate_json(desk.text_of())
        assert read.made_with == desk.session.plan.fingerprint
        assert read.with_changes(made_with=None) == desk.session.scenario


class TestKeeping:
    def test_nothing_is_written_before_it_is_asked_for(self, desk, place):
        desk.session.change_profile(age=40)
        assert not place.exists()
        assert desk.state == NOT_KEPT

    def test_a_kept_household_is_saved_by_itself_and_opened_again(self, desk, other):
        desk.duplicate()
        desk.rename("Bold")
        desk.keep("Smith")
        assert desk.problem == ""
        assert "Kept in 'Smith'" in desk.state
        desk.session.change_profile(age=44)
        desk.choose(0)
        desk.session.change_profile(age=55)
        (client,) = other.clients()
        other.open(client)
        found = {scenario.name: scenario.profile.age for scenario in other.scenarios}
        assert found == {"Bold": 44, "Example household": 55}
        assert other.session.scenario.profile.age == 55, "the one changed last lies open"

    def test_a_removed_scenario_stays_in_the_store_as_deleted(self, desk):
        desk.duplicate()
        desk.keep("Smith")
        desk.remove()
        (gone,) = desk.store.scenarios(desk.household.id, deleted=True)
        assert gone.name == "Example household (2)"

    def test_the_second_desk_is_told_and_may_take_either(self, desk, other):
        desk.keep("Smith")
        other.open(other.clients()[0])
        desk.session.change_profile(age=40)
        other.session.change_profile(age=50)
        assert "was saved by Ana" in str(other.conflict)
        assert age(other) == 50, "nothing is lost at the second desk"
        other.take_theirs()
        assert (age(other), other.conflict) == (40, None)
        other.undo()
        assert age(other) == 50
        assert other.store.read(other.sheet.saved.id).scenario.profile.age == 50

    def test_or_put_its_own_over_the_other(self, desk, other):
        desk.keep("Smith")
        other.open(other.clients()[0])
        desk.session.change_profile(age=40)
        other.session.change_profile(age=50)
        other.keep_mine()
        assert other.conflict is None
        assert other.store.read(other.sheet.saved.id).scenario.profile.age == 50

    def test_a_damaged_scenario_is_left_out_in_words(self, desk, other):
        from sqlalchemy import text

        desk.duplicate()
        desk.keep("Smith")
        with desk.store.database.writing() as connection:
            connection.execute(text("UPDATE scenarios SET document = '{' WHERE name = 'Example household (2)'"))
        other.open(other.clients()[0])
        assert other.names == ("Example household",)
        assert "'Example household (2)' of 'Smith' cannot be read" in other.problem

    @pytest.mark.parametrize(
        ("name", "value", "said"), [("BINDER_REQUEST", "1", IN_BINDER), (STORE_VARIABLE, NO_STORE, SWITCHED_OFF)]
    )
    def test_where_nothing_can_be_kept_it_says_so(self, monkeypatch, name, value, said):
        monkeypatch.setenv(name, value)
        desk = Desk(Session())
        desk.keep("Smith")
        assert desk.problem == said
        assert desk.household is None


class TestJournal:
    def test_the_first_entry_adopts_the_targets_and_the_next_says_what_changed(self, desk):
        desk.record("Ana", "agreed with the client")
        assert any("Crypto" in change.field for change in desk.journal.entries[0].changes)
        assert desk.pending() == ()
        desk.session.change(room=0.11)
        desk.record("Ana", "more room was asked for")
        (change,) = desk.journal.entries[1].changes
        assert (change.field, change.before, change.after) == ("room", "5 %", "11 %")
        assert desk.journal.fault() is None

    def test_a_reason_is_required(self, desk):
        desk.record("Ana", "  ")
        assert "reason is empty" in desk.problem
        assert desk.journal.entries == ()

    def test_what_was_written_moves_in_and_is_read_again(self, desk, other):
        desk.record("Ana", "agreed")
        desk.write("purpose", "A house by the sea.")
        desk.keep("Smith")
        desk.session.change(room=0.11)
        desk.record("Ana", "more room")
        desk.write("horizon", "Until the children are grown.")
        other.open(other.clients()[0])
        assert other.journal == desk.journal
        assert other.own_text == {"purpose": "A house by the sea.", "horizon": "Until the children are grown."}
        assert other.pending() == ()

    def test_two_desks_cannot_write_the_same_entry(self, desk, other):
        desk.record("Ana", "agreed")
        desk.keep("Smith")
        other.open(other.clients()[0])
        desk.session.change(room=0.11)
        desk.record("Ana", "more room")
        other.session.change(room=0.2)
        other.record("Ben", "much more room")
        assert other.problem or other.conflict
        assert len(other.store.journal(other.household.id).entries) == 2
        assert len(other.journal.entries) == 1


class TestReviews:
    def test_a_review_that_is_done_is_kept_with_the_household_and_read_again(self, desk):
        from widgets.panels.watch import WatchPanel

        panel = WatchPanel(desk.session, desk)
        panel.showing = True
        assert panel.kept.layout.display == "none"
        panel.reviewed.click()
        assert desk.reviews() == ()
        desk.keep("The Smiths")
        assert panel.kept.layout.display is None
        panel.reviewed.click()
        (kept,) = desk.reviews()
        assert kept.day == panel.as_of.value
        assert panel.kept.chosen.options == ((f"{kept.day.day} {kept.day:%B %Y}, kept by Ana", kept.id),)
        assert f'"as_of": "{kept.day}"' in panel.kept.save.content()
