"""One optimiser call with changed numbers on the built-in data, by every method, in one process."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np

from .problem import Aim, moves, moves_of_one_number
from .table import milliseconds, table, times
from .timing import interleaved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .problem import Method, Problem
    from .timing import Measured

    Measurements = dict[Aim, dict[str, Measured[np.ndarray]]]

CALLS = 60
OURS = "planner"
BARE = "bare Clarabel, updated"
PEERS = ("skfolio", "PyPortfolioOpt")
TARGET = 20
"""How many times faster than each of the peers a call is to be."""

REFERENCE = "reference"
_METHODS = {
    OURS: ("by_planner", "method"),
    BARE: ("by_clarabel", "method"),
    "cvxpy, fresh": ("by_cvxpy", "method"),
    "skfolio": ("by_skfolio", "method"),
    "PyPortfolioOpt": ("by_pyportfolioopt", "method"),
    "PyPortfolioOpt, object kept": ("by_pyportfolioopt", "kept"),
    REFERENCE: ("by_clarabel", "reference"),
}
_NEEDS_FIXED_LIMITS = {"PyPortfolioOpt, object kept"}


def methods(aim: Aim, names: Sequence[str]) -> dict[str, Method]:
    """By name, the methods that can do this; a neighbour that is not installed is left out.

    Each module ``by_...`` gives ``method(aim)``: a function from a problem to its weights, or None.
    """
    found = {}
    for name in names:
        module, maker = _METHODS[name]
        try:
            made = getattr(import_module(f".{module}", __package__), maker)(aim)
        except ModuleNotFoundError:
            continue
        if made is not None:
            found[name] = made
    return found


def report() -> str:
    """Both tables: every limit moves; and only one number moves."""
    all_move = _measured({aim: moves(aim, CALLS) for aim in Aim}, set(_METHODS) - _NEEDS_FIXED_LIMITS)
    one_moves = _measured(
        {aim: moves_of_one_number(aim, CALLS) for aim in (Aim.MAXIMUM_UTILITY, Aim.TARGET_RETURN)}, set(_METHODS)
    )
    return "\n\n".join(
        [
            f"### Every limit and number moves ({CALLS} calls)",
            *_tables(all_move),
            _verdict(all_move),
            f"### Only the risk aversion or the target return moves ({CALLS} calls)",
            *_tables(one_moves),
        ]
    )


def _measured(problems: dict[Aim, list[Problem]], names: set[str]) -> Measurements:
    ordered = [name for name in _METHODS if name in names]
    return {aim: interleaved(methods(aim, ordered), cases) for aim, cases in problems.items()}


def _tables(measured: Measurements) -> list[str]:
    names = [name for name in _METHODS if any(name in by_name for by_name in measured.values()) and name != REFERENCE]
    columns = list(measured)

    def made(title: str, cell: dict[tuple[str, Aim], str]) -> str:
        rows = [[name, *(cell.get((name, aim), "-") for aim in columns)] for name in names]
        return table([title, *map(str, columns)], rows)

    known = [(name, aim) for aim in columns for name in names if name in measured[aim]]
    median = {(name, aim): measured[aim][name].median for name, aim in known}
    off = {(name, aim): _difference(measured[aim], name) for name, aim in known}
    return [
        made("median, ms", {key: milliseconds(value) for key, value in median.items()}),
        made("as a multiple of ours", {key: times(value / median[OURS, key[1]]) for key, value in median.items()}),
        made("as a multiple of bare", {key: times(value / median[BARE, key[1]]) for key, value in median.items()}),
        made("largest weight difference", {key: f"{value:.0e}" for key, value in off.items()}),
    ]


def _difference(by_name: dict[str, Measured[np.ndarray]], name: str) -> float:
    return float(np.max(np.abs(np.array(by_name[name].answers) - np.array(by_name[REFERENCE].answers))))


def _verdict(measured: Measurements) -> str:
    said = []
    for peer in PEERS:
        ratios = {aim: by[peer].median / by[OURS].median for aim, by in measured.items() if peer in by}
        if not ratios:
            said.append(f"{peer} is not installed: nothing to compare with.")
            continue
        least = min(ratios, key=lambda aim: ratios[aim])
        verdict = "reached" if ratios[least] >= TARGET else "missed"
        said.append(
            f"{peer} takes at least {times(ratios[least])} times as long as we do (least for {least}); "
            f"at least {TARGET} wanted: {verdict}."
        )
    return "\n".join(said)
