"""A paper as one HTML file that needs nothing beside it."""

from __future__ import annotations

import base64
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from planner.reports.charts import to_svg
from planner.reports.logo import picture_kind

if TYPE_CHECKING:
    from jinja2 import Template

    from planner.reports.blocks import Chart, Paper

FONT = "system-ui, sans-serif"
MIME_TYPES = {"png": "image/png", "svg": "image/svg+xml"}


def to_html(paper: Paper) -> str:
    """A paper as HTML: text escaped, charts as vectors inside, no script, and nothing fetched from anywhere.

    It prints with a cover, page numbers and tables that keep their heads. A chart that cannot be drawn is a
    PlannerError.
    """
    logo = paper.letterhead.logo
    return _template().render(paper=paper, logo="" if logo is None else _address(logo, picture_kind(logo)))


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, finalize=_kept_together, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["kind"] = lambda block: type(block).__name__
    environment.filters["picture"] = _picture
    source = files("planner.reports").joinpath("data/paper.html").read_text("utf-8")
    return environment.from_string(source)


def _kept_together(value: object) -> object:
    """Text in which no line breaks between a number and its percent sign."""
    return value.replace(" %", "\u00a0%") if isinstance(value, str) else value


def _picture(chart: Chart) -> str:
    return _address(to_svg(chart, FONT).encode(), "svg")


def _address(content: bytes, kind: str) -> str:
    return f"data:{MIME_TYPES[kind]};base64,{base64.b64encode(content).decode('ascii')}"
