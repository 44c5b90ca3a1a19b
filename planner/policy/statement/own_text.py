"""The adviser's own text inside a statement in Markdown: marked so that it can be edited there and read back.

Text of a section stands between two lines of their own:

    <!-- own text: purpose -->
    As agreed in our meeting.
    <!-- end of own text: purpose -->
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planner.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
MARK = re.compile(r"<!-- (own text|end of own text): (.*) -->")
LOOKS_LIKE_A_MARK = re.compile(r"^([ \t]*)(\\*<!-- (?:own text|end of own text):)")
ESCAPED_MARK = re.compile(r"^([ \t]*)\\(\\*<!-- (?:own text|end of own text):)")
BLANK = " \t\n"
"""What may go at the ends of a text, and around a mark."""


def plain_text(own_text: Mapping[str, str]) -> dict[str, str]:
    """Texts with line ends as one sign and no blanks at their ends, those that are empty left out.

    A key that is no name of a section is an InputError: small letters, digits and underscores, at most 40.
    """
    for key in own_text:
        if not KEY.fullmatch(key):
            raise InputError(
                f"'{key[:40]}' is no name of a section: use small letters, digits and underscores, a letter first."
            )
    return {key: text for key, given in own_text.items() if (text := _with_line_feeds(given).strip(BLANK))}


def marked(key: str, text: str) -> str:
    """A text between its marks; lines in it that look like marks get a backslash, which Markdown does not show."""
    inside = "\n".join(LOOKS_LIKE_A_MARK.sub(r"\1\\\2", line) for line in text.split("\n"))
    return "\n".join((f"<!-- own text: {key} -->", inside, f"<!-- end of own text: {key} -->"))


def own_text_of(markdown: str) -> dict[str, str]:
    """The adviser's own text by section, from a statement in Markdown that may have been edited.

    Marks without their other half, inside each other or of one section twice are InputErrors with their line, so that
    no text is lost without a word.
    """
    found: dict[str, str] = {}
    opened: tuple[str, int] | None = None
    lines: list[str] = []
    for number, line in enumerate(_with_line_feeds(markdown).split("\n"), 1):
        mark = MARK.fullmatch(line.strip(BLANK))
        if mark is None:
            lines.append(ESCAPED_MARK.sub(r"\1\2", line))
        elif mark[1] == "own text":
            if opened is not None:
                raise InputError(f"Line {number} begins a text inside that of '{opened[0]}': end that one first.")
            if mark[2] in found:
                raise InputError(f"Line {number} begins a second text of '{mark[2]}': make them one.")
            opened, lines = (mark[2], number), []
        else:
            if opened is None or opened[0] != mark[2]:
                raise InputError(
                    f"Line {number} ends a text of '{mark[2]}' that does not begin above: put the mark back."
                )
            found[opened[0]], opened = "\n".join(lines), None
    if opened is not None:
        raise InputError(f"The text of '{opened[0]}' that begins in line {opened[1]} does not end: put the mark back.")
    return plain_text(found)


def _with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
