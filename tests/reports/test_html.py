from __future__ import annotations

import base64
import re
from html.parser import HTMLParser

import pytest

from planner.reports.html import to_html


class Page(HTMLParser):
    """Tags with what they say of themselves, and all text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.said = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.said.append(data)

    def all(self, name):
        return [attrs for tag, attrs in self.tags if tag == name]


@pytest.fixture(scope="module")
def text(paper):
    return to_html(paper)


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_nothing_runs_and_nothing_is_fetched(page, text):
    assert not page.all("script")
    assert not page.all("link")
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
    addresses = [value for _, attrs in page.tags for name, value in attrs.items() if name in {"src", "href"}]
    assert all(address.startswith(("data:image/", "#")) for address in addresses)
    assert "url(" not in text.replace("url(#", "")
    policy = next(attrs["content"] for attrs in page.all("meta") if "http-equiv" in attrs)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def test_a_number_and_its_percent_sign_stay_on_one_line(page):
    assert "6.1\u00a0%" in "".join(page.said)


def test_text_is_shown_as_it_is(page):
    said = "".join(page.said)
    assert said.count("<script>alert(1)</script> #panic() $x^2$") == 4
    assert "{{ 7*7 }}" in said


def test_one_title_and_a_heading_a_section_that_the_contents_lead_to(page):
    assert len(page.all("h1")) == 1
    keys = [attrs["id"] for attrs in page.all("section")]
    assert keys == ["first", "rows", "sign"]
    assert [attrs["href"] for attrs in page.all("a")] == [f"#{key}" for key in keys]
    assert [attrs["id"] for attrs in page.all("h2")] == [attrs["aria-labelledby"] for attrs in page.all("section")]


def test_charts_are_vectors_with_words_for_those_who_do_not_see_them(page):
    logo, chart = page.all("img")
    assert logo["alt"] == "Doe & Partners"
    assert chart["alt"] == "One half, one quarter."
    svg = base64.b64decode(chart["src"].partition(",")[2]).decode()
    assert svg.startswith("<svg")
    assert "Bonds" in svg
    assert "<script>" not in svg
    assert not re.search(r"(href|src)=\"(?!#)", svg)


def test_a_table_has_a_caption_heads_and_every_row(page, text):
    assert "<caption>Eighty rows.</caption>" in text
    assert len(page.all("tr")) == 81
    assert [attrs["scope"] for attrs in page.all("th")] == ["col"] * 3
    assert sum(attrs.get("class") == "number" for attrs in page.all("td")) == 80
    assert [attrs.get("class") for attrs in page.all("tr")].index("total") == 80
