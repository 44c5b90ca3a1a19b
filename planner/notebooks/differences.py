"""What differs between two printed texts, number by number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBER = re.compile(r"(?<![\w.])(?:[-+−]?(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?(?!\w)|(?:nan|NaN|inf)\b)")
"""A number as people and programs write it; digits inside a word, as in T10, are the word's."""
LONGEST_PLACE = 60
"""Characters of a line that say where a number stands. Ours."""


@dataclass(frozen=True)
class Difference:
    """A number, or a piece of text, that a new run prints otherwise.

    `place` is the line it stands in, as it was. `relative` is (new - old) / |old|, None for text, for a number that was
    zero, and for one that is undefined.
    """

    old: str
    new: str
    place: str = ""
    relative: float | None = None

    @property
    def in_words(self) -> str:
        """Both values, the relative change where there is one, and the line."""
        change = "" if self.relative is None else f" ({100 * self.relative:+.3g} %)"
        place = f" in: {self.place}" if self.place else ""
        return f"{self.old or 'nothing'} -> {self.new or 'nothing'}{change}{place}"


def differences(old: str, new: str) -> tuple[Difference, ...]:
    """Return what differs between two texts, in the order of the old one; spaces alone are no difference.

    Lines that differ by their numbers only are compared number by number, other lines as text.
    """
    before, after = _lines(old), _lines(new)
    alike = SequenceMatcher(None, [_words(line) for line in before], [_words(line) for line in after], autojunk=False)
    found: list[Difference] = []
    for tag, first, last, new_first, new_last in alike.get_opcodes():
        if tag == "equal":
            for was, now in zip(before[first:last], after[new_first:new_last], strict=True):
                found += _numbers_changed(was, now)
        else:
            found.append(Difference("\n".join(before[first:last]), "\n".join(after[new_first:new_last])))
    return tuple(found)


def _lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def _words(line: str) -> str:
    """A line with its numbers left open; a ruler of dashes is as long as its table is wide."""
    return re.sub(r"([-─=])\1{3,}", r"\1\1\1", NUMBER.sub("#", line))


def _numbers_changed(was: str, now: str) -> Iterator[Difference]:
    for old, new in zip(NUMBER.findall(was), NUMBER.findall(now), strict=True):
        if old != new:
            place = was if len(was) <= LONGEST_PLACE else f"{was[:LONGEST_PLACE].rstrip()} ..."
            yield Difference(old, new, place, _relative(_value(old), _value(new)))


def _value(number: str) -> float:
    return float(number.replace(",", "").replace("−", "-"))


def _relative(old: float, new: float) -> float | None:
    finite = abs(old) < float("inf") and abs(new) < float("inf")
    return (new - old) / abs(old) if old and finite else None
