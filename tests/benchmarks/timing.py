"""Time several ways of doing the same thing in turn, so that a busy moment of the machine falls on all of them."""

from __future__ import annotations

import gc
import statistics
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Case = TypeVar("Case")
Answer = TypeVar("Answer")

BLOCK = 5
"""Cases a method does in a row before the next has its turn: a drag of a slider is a burst as well."""


@dataclass(frozen=True)
class Measured(Generic[Answer]):
    """How long each case took, in seconds, and what came out."""

    seconds: tuple[float, ...]
    answers: tuple[Answer, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def interleaved(
    methods: Mapping[str, Callable[[Case], Answer]], cases: Sequence[Case], warm_up: int = BLOCK
) -> dict[str, Measured[Answer]]:
    """Every method does every case, in blocks that take turns; whoever begins changes from block to block.

    The first ``warm_up`` cases are done once beforehand, so that imports and compilation are not timed.
    """
    names = list(methods)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    answers: dict[str, list[Answer]] = {name: [] for name in names}
    for name in names:
        for case in cases[:warm_up]:
            methods[name](case)
    for number, start in enumerate(range(0, len(cases), BLOCK)):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            for took, answer in _timed(methods[name], cases[start : start + BLOCK]):
                seconds[name].append(took)
                answers[name].append(answer)
    return {name: Measured(tuple(seconds[name]), tuple(answers[name])) for name in names}


def _timed(method: Callable[[Case], Answer], cases: Sequence[Case]) -> list[tuple[float, Answer]]:
    """Times without the garbage of the method before: collected first, then left alone."""
    done = []
    gc.collect()
    gc.disable()
    try:
        for case in cases:
            began = perf_counter()
            answer = method(case)
            done.append((perf_counter() - began, answer))
    finally:
        gc.enable()
    return done


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which at least this share of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]
