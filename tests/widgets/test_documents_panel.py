"""Papers from the app, without a browser."""

from __future__ import annotations

import pytest

from planner import EXAMPLE
from planner.errors import InputError
from planner.reports import sheets
from planner.reports.proposal import document
from tests.reports.conftest import png
from widgets.desk import Desk
from widgets.panels.documents import FILES, OUTDATED, DocumentsPanel
from widgets.panels.policy_statement import PolicyStatementPanel
from widgets.session import Session


@pytest.fixture(autouse=True)
def few_paths(monkeypatch):
    for module in (document, sheets):
        monkeypatch.setattr(module, "PATHS", 60)


@pytest.fixture
def panel():
    session = Session()
    made = DocumentsPanel(session, Desk(session))
    made.showing = True
    return made


def test_every_paper_is_made_and_offered_under_its_name(panel):
    for label, file in FILES.items():
        panel.kind.value = label
        assert panel.made is None
        assert panel.files.children == ()
        panel.make.click()
        assert panel.made, label
        (save,) = panel.files.children
        assert save.filename == file.name
        assert "Ready" in panel.said.value


def test_the_letterhead_is_printed_and_is_the_policy_statements_too(panel):
    form = panel.form
    form.clients.value, form.adviser.value, form.firm.value = "Ann <b>; Ben", "Dana Doe", "Doe & Partners"
    form.logo.take("logo.png", png())
    panel.kind.value = "Policy statement, web page"
    panel.make.click()
    text = panel.made.decode()
    for said in ("Ann &lt;b&gt; and Ben", "Doe &amp; Partners", 'src="data:image/png;base64,'):
        assert said in text
    other = PolicyStatementPanel(panel.session, panel.desk)
    other.showing = True
    assert other.statement.parties.clients == ("Ann <b>", "Ben")
    assert "with Dana Doe, Doe &amp; Partners as adviser" in other.preview.value


def test_a_logo_that_is_none_is_refused_and_the_old_one_stays(panel):
    panel.form.logo.take("logo.png", png())
    panel.form.logo.take("<x>.svg", b"<svg><script/></svg>")
    assert "&lt;x&gt;.svg" in panel.form.said.value
    assert panel.desk.letterhead.logo == png()


def test_a_changed_plan_says_that_the_paper_is_of_the_old_one(panel):
    panel.kind.value = "All tables, JSON"
    panel.make.click()
    panel.session.change_profile(age=50)
    assert OUTDATED in panel.said.value
    assert panel.files.children
    panel.session.change(**{name: getattr(EXAMPLE, name) for name in ("profile",)})
    assert OUTDATED not in panel.said.value


def test_what_fails_is_a_sentence_and_can_be_tried_again(panel, monkeypatch):
    def refuse(*_):
        raise InputError("Nothing can be made of this: give more.")

    with monkeypatch.context() as patch:
        patch.setattr("widgets.panels.documents.make_file", refuse)
        panel.make.click()
    assert "Nothing can be made of this" in panel.said.value
    assert panel.made is None
    assert not panel.make.disabled
    assert panel.running.layout.display == "none"
    panel.kind.value = "Policy statement, PDF"
    panel.make.click()
    assert panel.made.startswith(b"%PDF-")
