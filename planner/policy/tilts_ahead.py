"""Whether a tilt stays inside what is allowed on every day on which it will be in force, and not today alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.errors import InputError
from planner.market.universe import BUILT_IN, Universe
from planner.policy.tactical import TACTICAL_RANGE, tactical

if TYPE_CHECKING:
    from collections.abc import Iterable

    from planner.policy.tactical import Tilt
    from planner.policy.targets import Targets


def check_tilt(
    tilt: Tilt,
    others: Iterable[Tilt],
    targets: Targets,
    *,
    most_crypto: float = 1.0,
    tactical_range: float = TACTICAL_RANGE,
    universe: Universe = BUILT_IN,
) -> None:
    """Raise the InputError of ``tactical``, with its day, where a tilt and others lead too far while the tilt runs.

    What is in force changes on the days on which tilts start and end; those are looked at.
    """
    tilts = (*others, tilt)
    turns = {day for one in tilts for day in (one.starts, one.ends)}
    for day in sorted(filter(tilt.runs, turns)):
        try:
            tactical(targets, tilts, day, most_crypto=most_crypto, tactical_range=tactical_range, universe=universe)
        except InputError as error:
            raise InputError(f"From {day} on: {error}") from error
