"""Tactical tilts: bounded departures from the strategic targets, with a reason and an end."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, field_validator, model_validator

from planner.errors import InputError
from planner.household.accounts import Day, Name, OneLine
from planner.market.universe import BUILT_IN, CRYPTO, Universe
from planner.policy.wishes import label_of
from planner.validation import Document, Number
from planner.wording import percent

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    import pandas as pd

    from planner.policy.targets import Targets

TACTICAL_RANGE = 0.05
"""How far tilts may carry a class or a series from its strategic weight: domain.md section 4, equities 50 -> 45. The
other step named there, crypto 5 -> 7, is inside it; crypto besides never leaves the profile's range."""

ROUNDING = 1e-9
"""What adding decimals leaves: a tilt of exactly the range is inside it."""


class Tilt(Document):
    """A temporary departure from a strategic target.

    ``asset`` is an asset class or a series (a name that both have is the class), ``change`` what is added to its weight
    (-0.05 is five points less). The tilt is in force from the day it ``starts`` to the day before the one on which it
    ``ends``, and needs no one to take it back. Source: domain.md section 4.
    """

    asset: Name = Field(title="Asset class or series of the tilt")
    change: Number = Field(ge=-1, le=1, title="Change")
    reason: Annotated[str, Field(min_length=1, max_length=500), OneLine] = Field(title="Reason")
    starts: Day = Field(title="First day of the tilt")
    ends: Day = Field(title="Day on which the tilt is over")

    @field_validator("change")
    @classmethod
    def _is_a_change(cls, change: float) -> float:
        if change == 0:
            raise InputError("A tilt of 0 changes nothing: give it a size or leave it out.")
        return change

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Tilt:
        if self.ends <= self.starts:
            raise InputError(
                f"The tilt of '{self.asset}' starts on {self.starts} and is over on {self.ends}: it must end later "
                "than it starts."
            )
        return self

    def runs(self, as_of: dt.date) -> bool:
        """Whether it is in force on a day: the first one counts, the day of its end does not."""
        return self.starts <= as_of < self.ends

    def has_expired(self, as_of: dt.date) -> bool:
        """Whether it is over on a day."""
        return as_of >= self.ends

    def sentence(self, universe: Universe = BUILT_IN) -> str:
        """The tilt in words."""
        side = "more" if self.change > 0 else "less"
        return f"{tilted_label(self.asset, universe)}: {_points(self.change)} {side} until {self.ends} ({self.reason})"


@dataclass(frozen=True, eq=False)
class Tactical:
    """Strategic targets and what the tilts ``in_force`` make of them.

    ``targets`` are by class; ``series`` are the weights of all series, a class's spread over its own by their shares
    and the tilts of series.
    """

    strategic: Targets
    targets: Targets
    in_force: tuple[Tilt, ...]
    universe: Universe = BUILT_IN

    @cached_property
    def series(self) -> dict[str, float]:
        """Weight of each series; a tilted one has its change, and its class's others make room by their shares."""
        weights = self.universe.split(self.targets.weights)
        for class_name in self.universe.class_names:
            inside = {name: weights[name] for name in self.universe.members(class_name)}
            own = [name for name in inside if name not in self.universe.class_names]
            weights |= _with_room(inside, _changes(self.in_force, own), self.universe[class_name].label, self.universe)
        return weights

    @cached_property
    def table(self) -> pd.DataFrame:
        """By asset class and by tilted series: ``strategic`` and ``tilted`` weight, ``difference``, ``until``, ``why``.

        The last two are empty where only room is made for others.
        """
        import pandas as pd

        before = {**self.universe.split(self.strategic.weights), **self.strategic.weights}
        after = {**self.series, **self.targets.weights}
        named = {tilt.asset for tilt in self.in_force} - set(self.universe.class_names)
        tilted_series = [name for name in self.universe.series_names if name in named]
        rows = {}
        for name in (*self.universe.class_names, *tilted_series):
            own = [tilt for tilt in self.in_force if tilt.asset == name]
            rows[name] = (
                before[name],
                after[name],
                after[name] - before[name],
                ", ".join(str(tilt.ends) for tilt in own),
                "; ".join(tilt.reason for tilt in own),
            )
        columns = ["strategic", "tilted", "difference", "until", "why"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("asset")


def tactical(
    targets: Targets,
    tilts: Iterable[Tilt],
    as_of: dt.date,
    *,
    most_crypto: float = 1.0,
    tactical_range: float = TACTICAL_RANGE,
    universe: Universe = BUILT_IN,
) -> Tactical:
    """Strategic targets with the tilts in force on a day.

    A tilted class has its changes; the others make room in proportion to their weights, crypto aside, which only a
    tilt of its own changes: nobody is led into crypto by a view on shares. A tilt of a series leaves its class at its
    weight. ``most_crypto`` is the upper end of the profile's range, to which no tilt of crypto leads beyond. Tilts that
    together carry anything further than ``tactical_range`` from its strategic weight, or below nothing, are an
    InputError that names them. Source: domain.md section 4.
    """
    in_force = tuple(tilt for tilt in tilts if tilt.runs(as_of))
    for tilt in in_force:
        if tilt.asset not in (*universe.class_names, *universe.series_names):
            raise InputError(
                f"There is no asset class or series '{tilt.asset}' to tilt. The classes are: "
                f"{', '.join(universe.class_names)}."
            )
    strategic = dict(targets.weights)
    changes = _changes(in_force, strategic)
    fixed = {} if CRYPTO in changes or CRYPTO not in strategic else {CRYPTO: strategic[CRYPTO]}
    rest = {name: weight for name, weight in strategic.items() if name not in fixed}
    moved = _with_room(rest, changes, "the portfolio", universe)
    tilted_weights = {name: fixed.get(name, moved.get(name, 0.0)) for name in strategic}
    changed = targets.with_weights(universe, tilted_weights) if changes else targets
    found = Tactical(targets, changed, in_force, universe)
    _inside_the_range(found, tactical_range)
    if changes.get(CRYPTO, 0.0) > 0 and tilted_weights[CRYPTO] > most_crypto + ROUNDING:
        beyond = _points(tilted_weights[CRYPTO] - most_crypto)
        raise InputError(
            f"Tilts lead crypto to {percent(tilted_weights[CRYPTO])}, {beyond} above the {percent(most_crypto)} that "
            f"the profile allows: make them smaller ({_named(in_force, CRYPTO, universe)})."
        )
    return found


def tilted(
    targets: Targets,
    tilts: Iterable[Tilt],
    as_of: dt.date,
    *,
    most_crypto: float = 1.0,
    tactical_range: float = TACTICAL_RANGE,
    universe: Universe = BUILT_IN,
) -> Targets:
    """The targets by class on a day, tilts in force included; see ``tactical``."""
    found = tactical(targets, tilts, as_of, most_crypto=most_crypto, tactical_range=tactical_range, universe=universe)
    return found.targets


def tilted_label(name: str, universe: Universe = BUILT_IN) -> str:
    """The label of the class or series that a tilt names, a class first; an unknown name as it is."""
    if name in universe.class_names:
        return universe[name].label
    return label_of(name, universe) if name in universe.series_names else name


def _changes(tilts: Iterable[Tilt], names: Iterable[str]) -> dict[str, float]:
    known, total = set(names), dict[str, float]()
    for tilt in tilts:
        if tilt.asset in known:
            total[tilt.asset] = total.get(tilt.asset, 0.0) + tilt.change
    return total


def _with_room(
    weights: dict[str, float], changes: dict[str, float], where: str, universe: Universe
) -> dict[str, float]:
    """Weights with the changes, the rest scaled so that their sum stays."""
    if not changes:
        return weights
    for name, change in changes.items():
        if weights[name] + change < -ROUNDING:
            raise InputError(
                f"Tilts take {_points(change)} from {tilted_label(name, universe)}, at {percent(weights[name])}: "
                f"{_points(weights[name] + change)} too much."
            )
    others = sum(weight for name, weight in weights.items() if name not in changes)
    room = others - sum(changes.values())
    if room < -ROUNDING or (others <= 0 and abs(room) > ROUNDING):
        named = ", ".join(tilted_label(name, universe) for name in changes)
        raise InputError(
            f"Nothing else in {where} can make room for the tilts of {named}: {_points(room)} are left over. Tilt "
            "something else the other way, or a whole class."
        )
    scale = max(room, 0.0) / others if others > 0 else 0.0
    return {
        name: max(weight + changes[name], 0.0) if name in changes else weight * scale
        for name, weight in weights.items()
    }


def _inside_the_range(found: Tactical, tactical_range: float) -> None:
    moves = {str(name): float(moved) for name, moved in found.table["difference"].items()}
    moves |= _changes(found.in_force, [name for name in moves if name not in found.universe.class_names])
    for asset, difference in moves.items():
        if abs(difference) > tactical_range + ROUNDING:
            raise InputError(
                f"Tilts carry {tilted_label(asset, found.universe)} {_points(difference)} from its strategic weight, "
                f"{_points(abs(difference) - tactical_range)} beyond the tactical range of {_points(tactical_range)}: "
                f"make them smaller ({_named(found.in_force, asset, found.universe)})."
            )


def _named(tilts: Iterable[Tilt], asset: str, universe: Universe) -> str:
    """The tilts of an asset, or all of them where it only makes room."""
    every = list(tilts)
    own = [tilt for tilt in every if tilt.asset == asset] or every
    return "; ".join(
        f"{tilted_label(tilt.asset, universe)} {'+' if tilt.change > 0 else '-'}{_points(tilt.change)}, "
        f"{tilt.starts} to {tilt.ends}"
        for tilt in own
    )


def _points(change: float) -> str:
    shown = f"{abs(100 * change):.3g}"
    return f"{shown} point" if shown == "1" else f"{shown} points"
