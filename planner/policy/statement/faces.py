"""A statement as plain text, as HTML for a notebook, and as Markdown to edit; all shown text is escaped."""

from __future__ import annotations

import re
from html import escape
from textwrap import fill
from typing import TYPE_CHECKING

from planner.policy.statement.own_text import marked
from planner.reports.blocks import Bullets, Chart, Figures, OwnText, Paragraph, Signatures, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.reports.blocks import Block, Paper

WIDTH = 110
SIGN_HERE = "_" * 30
PUNCTUATION = re.compile(r"([\\`*_\[\]<>|#~$&])")
"""What Markdown may read as more than itself, the dollars of formulas included."""


def _simple(block: Block) -> Paragraph | Bullets | Table | OwnText:
    """A block as those that all three faces know."""
    match block:
        case Figures(cells=cells):
            return Bullets(tuple(f"{label}: {value}. {meaning}" for label, value, meaning in cells))
        case Chart(alt=alt):
            return Paragraph(alt)
        case Signatures(people=people):
            return Bullets(tuple(f"{SIGN_HERE} {person}" for person in people))
        case _:
            return block


def to_text(paper: Paper) -> str:
    """The paper in lines."""
    parts = [paper.title, f"{paper.subtitle}\n"]
    for section in paper.sections:
        parts += [section.title.upper(), *filter(None, map(_text, section.blocks)), ""]
    return "\n".join([*parts, paper.footer, fill(paper.disclaimer, WIDTH)])


def _text(block: Block) -> str:
    match _simple(block):
        case Paragraph(text=text):
            return fill(text, WIDTH)
        case Bullets(sentences=sentences):
            return "\n".join(fill(each, WIDTH, initial_indent="- ", subsequent_indent="  ") for each in sentences)
        case Table(caption=caption, columns=columns, rows=rows):
            return "\n".join((fill(caption, WIDTH), *_padded((columns, *rows))))
        case OwnText(text=text):
            return text


def _padded(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def to_html(paper: Paper) -> str:
    """The paper for a notebook."""
    parts = [f"<h2>{escape(paper.title)}</h2><p>{escape(paper.subtitle)}</p>"]
    for section in paper.sections:
        parts += [f"<h3>{escape(section.title)}</h3>", *map(_html, section.blocks)]
    return "".join((*parts, f"<p><small>{escape(paper.footer)}</small></p><p>{escape(paper.disclaimer)}</p>"))


def _html(block: Block) -> str:
    match _simple(block):
        case Paragraph(text=text, muted=muted):
            return f"<p><small>{escape(text)}</small></p>" if muted else f"<p>{escape(text)}</p>"
        case Bullets(sentences=sentences):
            return f"<ul>{''.join(f'<li>{escape(each)}</li>' for each in sentences)}</ul>"
        case Table() as table:
            return _html_table(table)
        case OwnText(text=text):
            return "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n") if part)


def _html_table(table: Table) -> str:
    right = [' style="text-align:right"' if column in table.numbers else "" for column in table.columns]
    head = "".join(f"<th{side}>{escape(column)}</th>" for side, column in zip(right, table.columns, strict=True))
    rows = "".join(
        f"<tr>{''.join(f'<td{side}>{escape(cell)}</td>' for side, cell in zip(right, row, strict=True))}</tr>"
        for row in table.rows
    )
    caption = f"<caption>{escape(table.caption)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def to_markdown(paper: Paper) -> str:
    """The paper in Markdown, the adviser's own text between marks."""
    parts = [f"# {_plain(paper.title)}", _plain(paper.subtitle)]
    for section in paper.sections:
        parts += [f"## {_plain(section.title)}", *map(_markdown, section.blocks)]
    return "\n\n".join((*parts, _plain(paper.footer), _plain(paper.disclaimer))) + "\n"


def _markdown(block: Block) -> str:
    match _simple(block):
        case Paragraph(text=text):
            return _plain(text)
        case Bullets(sentences=sentences):
            return "\n".join(f"- {_plain(each)}" for each in sentences)
        case Table(caption=caption, columns=columns, rows=rows, numbers=numbers):
            rule = ["---:" if column in numbers else "---" for column in columns]
            cells = [[_plain(cell) for cell in row] for row in (columns, *rows)]
            return "\n".join((_plain(caption), "", *(f"| {' | '.join(row)} |" for row in (cells[0], rule, *cells[1:]))))
        case OwnText(key=key, text=text):
            return marked(key, text)


def _plain(text: str) -> str:
    """Text on one line that Markdown shows as it is."""
    return PUNCTUATION.sub(r"\\\1", " ".join(text.split()))
