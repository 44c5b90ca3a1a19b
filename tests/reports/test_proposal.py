from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from planner.disclaimer import DISCLAIMER
from planner.planning import plan
from planner.policy.barbell import barbell
from planner.policy.statement.faces import to_text
from planner.policy.targets import SIXTY_FORTY
from planner.reports.blocks import Chart, Letterhead, Table
from planner.reports.pdf import to_pdf
from planner.reports.proposal import document, proposal
from planner.reports.proposal.document import SECTIONS
from planner.scenario import EXAMPLE
from planner.wording import money, percent
from tests.reports.snapshots import FOLDER, written

FEWEST_PAGES, MOST_PAGES = 6, 10
"""Source: issue 7 of the project's plan."""


@pytest.fixture(scope="module")
def made():
    return plan(EXAMPLE)


@pytest.fixture(scope="module")
def paper(made):
    return proposal(EXAMPLE, made, Letterhead("Dana Doe", "Doe & Partners"), ("Ann", "Ben"))


@pytest.fixture
def few_paths(monkeypatch):
    monkeypatch.setattr(document, "PATHS", 60)


def section(paper, key):
    return next(each for each in paper.sections if each.key == key)


def tables(paper, key):
    return [block for block in section(paper, key).blocks if isinstance(block, Table)]


def test_the_papers_of_the_example_read_as_they_did():
    for name, text in written().items():
        assert text == (FOLDER / name).read_text(encoding="utf-8"), name


def test_it_has_six_to_ten_pages_and_every_section_in_its_contents(paper):
    reader = PdfReader(io.BytesIO(to_pdf(paper)))
    assert FEWEST_PAGES <= len(reader.pages) <= MOST_PAGES
    assert [entry.title for entry in reader.outline] == [title for _, title, _ in SECTIONS]
    cover = reader.pages[0].extract_text()
    assert "Ann and Ben" in cover
    assert "Doe & Partners" in cover
    assert " ".join(DISCLAIMER.split()) in " ".join(cover.split())


def test_weights_and_amounts_are_the_plans(paper, made):
    (table,) = tables(paper, "portfolio")
    rows = {row[0]: dict(zip(table.columns, row, strict=True)) for row in table.rows}
    for each in made.market.universe.classes:
        weight = made.class_weights[each.name]
        assert rows[each.label]["Proposed"] == percent(weight)
        assert rows[each.label]["Amount"] == money(weight * EXAMPLE.profile.liquid_assets)
    assert rows["Together"]["Amount"] == money(EXAMPLE.profile.liquid_assets)


def test_a_fall_of_crypto_costs_what_is_held_times_the_fall(paper):
    said = to_text(paper)
    assert "If crypto falls 50 %, the portfolio loses 2.5 %, $6,250." in said
    assert "If crypto falls 100 %, the portfolio loses 5 %, $12,500." in said


def test_the_crypto_table_has_the_plans_own_share_between_the_steps(paper):
    (table,) = tables(paper, "crypto")
    assert [row[0] for row in table.rows] == ["0 % crypto", "3 % crypto", "5 % crypto, proposed", "10 % crypto"]


def test_every_chart_is_said_in_a_sentence_with_numbers(paper):
    charts = [block for each in paper.sections for block in each.blocks if isinstance(block, Chart)]
    assert len(charts) == 4
    assert all(chart.alt.endswith(".") and any(sign.isdigit() for sign in chart.alt) for chart in charts)


def test_orders_are_those_of_the_trades(paper):
    (table,) = tables(paper, "trades")
    assert len(table.rows) == 12
    assert {row[1] for row in table.rows} == {"buy", "sell"}


@pytest.mark.usefixtures("few_paths")
class TestOtherHouseholds:
    def test_without_accounts_there_is_nothing_to_trade_and_no_column_of_today(self):
        paper = proposal(EXAMPLE.with_changes(household=None))
        assert tables(paper, "trades") == []
        (table,) = tables(paper, "portfolio")
        assert "Today" not in table.columns
        assert len(to_pdf(paper)) > 10_000

    def test_without_crypto_no_fall_of_it_is_told(self):
        paper = proposal(EXAMPLE.with_changes(targets=SIXTY_FORTY, household=None))
        said = to_text(paper)
        assert "If crypto falls 80 %" not in said
        assert "The plan holds no crypto" in said

    def test_a_sleeve_is_shown_by_its_indices(self):
        paper = proposal(EXAMPLE.with_changes(sleeve=barbell()))
        (table,) = tables(paper, "sleeve")
        assert len(table.rows) == len(barbell().parts)

    def test_a_blocked_plan_says_first_what_is_to_be_settled(self):
        blocked = EXAMPLE.with_changes(volatility_cap=0.01)
        paper = proposal(blocked)
        sentence = plan(blocked).blockers[0].sentence
        said = to_text(paper)
        assert "Still to be settled" in to_text(paper)
        assert " ".join(sentence.split())[:60] in " ".join(said.split())
        assert "First settle" in said

    def test_progress_rises_and_an_exception_stops_it(self):
        told = []
        proposal(EXAMPLE, progress=told.append)
        assert len(told) > 3

        def stop(_):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            proposal(EXAMPLE, progress=stop)
