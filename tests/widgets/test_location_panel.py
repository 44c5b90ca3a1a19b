import pytest

from planner.household.example import example_household
from planner.market.universe import BUILT_IN
from planner.planning import plan
from planner.scenario import EXAMPLE
from planner.trading.location import locate
from planner.trading.location_rules import Placement
from widgets.account_charts import WHEN, ink_on, location_alt, location_rows
from widgets.panels.location import LocationPanel
from widgets.runner import UNEXPECTED
from widgets.session import Session

HOUSEHOLD = example_household()
SCENARIO = EXAMPLE.with_changes(household=HOUSEHOLD)


@pytest.fixture(scope="module")
def located():
    made = plan(SCENARIO)
    return locate(HOUSEHOLD, made.trade_targets, made.market.assumptions, policy=SCENARIO.trading)


@pytest.fixture
def session():
    return Session(SCENARIO)


@pytest.fixture
def panel(session):
    made = LocationPanel(session)
    made.showing = True
    return made


def works_of(panel, monkeypatch):
    """The work is counted and not done."""
    works = []
    monkeypatch.setattr("planner.trading.location.locate", lambda *_, **options: works.append(options) or 1 / 0)
    return works


def test_nothing_is_worked_out_before_the_panel_is_shown(session, monkeypatch):
    works = works_of(None, monkeypatch)
    panel = LocationPanel(session)
    assert works == []
    panel.showing = True
    assert len(works) == 1


def test_what_the_library_places_is_what_is_shown(panel, located):
    before, after = (f"{10_000 * drag:,.1f} bp" for drag in (located.drag_before, located.drag_after))
    assert before in panel.figures.value
    assert after in panel.figures.value
    assert all(f"{label}</th>" in panel.comparison.value for label in Placement)
    assert panel.reasons.value.count("<li>") == len(located.reasons)
    assert panel.chart.rows == location_rows(located.of(Placement.TODAY), located.table, BUILT_IN)
    assert panel.said.value == ""


def test_the_parts_of_each_bar_follow_each_other_and_fill_the_account(located):
    rows = location_rows(located.of(Placement.TODAY), located.table, BUILT_IN)
    ends = {(row["account"], row["when"]): row["end"] for row in rows["ends"]}
    assert set(ends) == {(account.name, when) for account in HOUSEHOLD.accounts for when in WHEN}
    for (account, when), end in ends.items():
        parts = [row for row in rows["parts"] if (row["account"], row["when"]) == (account, when)]
        assert parts[0]["start"] == 0
        assert [row["end"] for row in parts[:-1]] == [row["start"] for row in parts[1:]]
        assert end == parts[-1]["end"] == pytest.approx(located.table[account].sum())
        assert sum(row["share"] for row in parts) == pytest.approx(1)


def test_the_chart_s_sentence_says_what_is_proposed(located):
    said = location_alt(located.table, BUILT_IN)
    assert "Joint brokerage: Equities $72,500, Crypto $12,500" in said


def test_the_chart_grows_with_the_number_of_accounts(panel, session):
    tall = panel.chart.height
    session.change(household=HOUSEHOLD.with_changes(accounts=HOUSEHOLD.accounts[-2:]))
    assert panel.chart.height < tall
    assert {row["account"] for row in panel.chart.rows["ends"]} == {"Ben's Roth IRA", "Joint brokerage"}


def test_other_targets_are_placed_anew_and_other_settings_are_not(panel, session, monkeypatch):
    works = works_of(panel, monkeypatch)
    session.change_profile(dependents=0)
    session.change(crypto_fall=0.7)
    assert works == []
    session.change(targets=session.scenario.targets.with_changes(weights={"equities": 0.6, "fixed_income": 0.4}))
    assert len(works) == 1


def test_a_hidden_panel_waits_until_it_is_shown(panel, session, monkeypatch):
    works = works_of(panel, monkeypatch)
    panel.showing = False
    session.change(household=HOUSEHOLD.with_changes(accounts=HOUSEHOLD.accounts[-2:]))
    assert works == []
    panel.showing = True
    assert len(works) == 1


def test_a_panel_hidden_before_the_page_rests_works_once_it_is_shown_again(panel, session, monkeypatch):
    works = works_of(panel, monkeypatch)
    later = []
    monkeypatch.setattr(panel._at_rest, "call", later.append)
    session.change(household=HOUSEHOLD.with_changes(accounts=HOUSEHOLD.accounts[-2:]))
    panel.showing = False
    later.pop()()
    assert works == []
    panel.showing = True
    later.pop()()
    assert len(works) == 1


def test_the_years_decide_how_far_moving_pays(panel, monkeypatch):
    works = works_of(panel, monkeypatch)
    panel.years.value = 30
    assert works[0]["years"] == 30


def test_what_fits_nowhere_is_said_and_the_nearest_placement_shown(panel, session):
    accounts = tuple(
        account.with_changes(may_hold=("us_bonds",), holdings=account.holdings) for account in HOUSEHOLD.accounts
    )
    session.change(household=HOUSEHOLD.with_changes(accounts=accounts))
    assert "off target" in panel.said.value
    assert "role='alert'" in panel.said.value
    assert panel.chart.rows["parts"]


def test_an_error_is_a_sentence_and_the_next_household_is_placed(panel, session, monkeypatch):
    works_of(panel, monkeypatch)
    panel.years.value = 20
    assert UNEXPECTED in panel.said.value
    monkeypatch.undo()
    panel.years.value = 21
    assert panel.said.value == ""
    assert panel.figures.value


def test_without_accounts_nothing_is_placed(panel, session):
    session.change(household=None)
    assert panel.figures.value == panel.said.value == ""
    session.change(household=HOUSEHOLD)
    assert panel.figures.value


def test_accounts_without_anything_in_them_are_no_error(panel, session):
    empty = HOUSEHOLD.accounts[0].with_changes(holdings=(), cash=0)
    session.change(household=HOUSEHOLD.with_changes(accounts=(empty,)))
    assert UNEXPECTED not in panel.said.value


def test_names_of_accounts_are_escaped(panel, session):
    account = HOUSEHOLD.accounts[0].with_changes(name="<script>alert(1)</script>")
    session.change(household=HOUSEHOLD.with_changes(accounts=(account, *HOUSEHOLD.accounts[1:])))
    shown = panel.tables.value + panel.reasons.value + panel.comparison.value + panel.said.value
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_labels_are_read_on_every_colour_of_the_universe():
    for asset_class in BUILT_IN.classes:
        assert contrast(INKS[ink_on(asset_class.colour)], asset_class.colour) >= 4.5


INKS = {"black": "#000000", "white": "#ffffff"}


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
