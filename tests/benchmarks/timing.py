"""Time several ways of doing the same thing in turn, so that a busy moment of the machine falls on all of them."""

from __future__ import annotations

import gc
import statistics
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Case = TypeVar("Case")
Answer = TypeVar("Answer")

ROUNDS = 8
"""How often the methods take turns; the calls of each are spread over the rounds."""

TOO_LONG = 10
"""A first call that takes this many times what a method has for all of them is not repeated."""


@dataclass
class Measured(Generic[Answer]):
    """How long each case took, in seconds, and what came out, case by case; ``failure`` says why it stopped."""

    seconds: list[float] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    failure: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def interleaved(
    methods: Mapping[str, Callable[[Case], Answer]], cases: Sequence[Case], seconds_each: float
) -> dict[str, Measured[Answer]]:
    """Every method does as many cases as fit into its seconds, in turns; whoever begins changes from round to round.

    The first case is done twice beforehand, so that imports and compilation are not timed. A method for which one call
    takes longer than its seconds is measured by that call alone.
    """
    measured: dict[str, Measured[Answer]] = {name: Measured() for name in methods}
    calls = {name: _warmed_up(methods[name], cases, seconds_each, measured[name]) for name in methods}
    gc.collect()
    gc.freeze()  # what the libraries hold would make every collection below a long one
    names = list(methods)
    for turn in range(ROUNDS):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            done, until = len(measured[name].seconds), calls[name] * (turn + 1) // ROUNDS
            if sum(measured[name].seconds) < seconds_each:
                _time(methods[name], cases[done:until], measured[name])
    gc.unfreeze()
    return measured


def _warmed_up(
    method: Callable[[Case], Answer], cases: Sequence[Case], seconds_each: float, measured: Measured[Answer]
) -> int:
    """How many calls fit; a single one that does not is measured already."""
    for patience in (TOO_LONG * seconds_each, seconds_each):
        alone: Measured[Answer] = Measured()
        _time(method, cases[:1], alone)
        if alone.failure or alone.seconds[0] > patience:
            measured.seconds, measured.answers, measured.failure = alone.seconds, alone.answers, alone.failure
            return 0
    return max(1, min(len(cases), int(seconds_each / alone.seconds[0])))


def _time(method: Callable[[Case], Answer], cases: Sequence[Case], measured: Measured[Answer]) -> None:
    """Times without the garbage of the method before: collected first, then left alone."""
    if measured.failure or not cases:
        return
    gc.collect()
    gc.disable()
    try:
        for case in cases:
            began = perf_counter()
            answer = method(case)
            measured.seconds.append(perf_counter() - began)
            measured.answers.append(answer)
    except Exception as error:  # noqa: BLE001 - a neighbour may raise anything, and one cell is not the whole run
        measured.failure = f"{type(error).__name__}: {error}"
    finally:
        gc.enable()


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which at least this share of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]
