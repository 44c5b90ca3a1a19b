from __future__ import annotations

import io
from dataclasses import replace

import pytest
from pypdf import PdfReader

from planner.errors import PlannerError
from planner.reports.blocks import Chart, Letterhead, Section
from planner.reports.pdf import to_pdf


@pytest.fixture(scope="module")
def content(paper):
    return to_pdf(paper)


@pytest.fixture(scope="module")
def pages(content):
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]


def test_the_cover_names_paper_client_day_and_adviser(pages):
    for said in ("A paper", "Ann & Ben", "30 September 2025", "Dana Doe", "Doe & Partners", "dana@example.org"):
        assert said in pages[0]


def test_text_is_printed_as_it_is_whatever_it_looks_like(pages):
    whole = " ".join(pages)
    for said in ("<script>alert(1)</script>", "#panic()", "$x^2$", "*bold*", "@ref", "{{ 7*7 }}"):
        assert whole.count(said) >= 4, said


def test_every_page_but_the_cover_has_its_number_and_the_fingerprint(pages):
    assert len(pages) >= 4
    for number, page in enumerate(pages[1:], start=2):
        assert f"Page {number} of {len(pages)}" in page
        assert "Fingerprint 0123." in page


def test_a_long_table_repeats_its_head_on_each_page_and_loses_no_row(pages):
    with_rows = [page for page in pages[1:] if "Row " in page]
    assert len(with_rows) >= 2
    assert all("Name Count Said" in page for page in with_rows)
    whole = " ".join(pages)
    assert all(f"Row {number} " in whole for number in range(1, 81))


def test_a_screen_reader_finds_language_title_headings_and_what_charts_show(content):
    reader = PdfReader(io.BytesIO(content))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert reader.metadata.title == "A paper: Ann & Ben"
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert [entry.title for entry in reader.outline] == ["First section", "Long table", "Signatures"]
    said = [element.get("/Alt") for element in _elements(root["/StructTreeRoot"])]
    assert "One half, one quarter." in said
    assert "Doe & Partners" in said


def _elements(node):
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            yield from _elements(child)
    elif hasattr(node, "get"):
        yield node
        if "/K" in node:
            yield from _elements(node["/K"])


def test_the_chart_is_a_vector_with_its_words(content, pages):
    pictures = [image for page in PdfReader(io.BytesIO(content)).pages[1:] for image in page.images]
    assert pictures == []
    assert any("Bonds" in page for page in pages)


def test_the_same_paper_is_the_same_bytes(paper, content):
    assert to_pdf(paper) == content


def test_progress_rises_to_one_and_an_exception_stops_the_work(paper):
    told = []
    to_pdf(paper, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        to_pdf(paper, stop)


def test_a_picture_that_cannot_be_drawn_is_an_error_in_words(paper):
    broken = replace(paper, letterhead=Letterhead(logo=b"\x89PNG\r\n\x1a\n broken"))
    with pytest.raises(PlannerError, match="another picture"):
        to_pdf(broken)
    wrong = Section("x", "X", (Chart("Wrong one.", {"mark": {"type": 7}}, "Nothing."),))
    with pytest.raises(PlannerError, match=r"'Wrong one\.' could not be drawn"):
        to_pdf(replace(paper, sections=(wrong,)))
