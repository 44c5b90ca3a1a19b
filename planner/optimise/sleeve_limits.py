"""The ranges of a crypto sleeve as limits that an optimiser keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.errors import InputError
from planner.market.universe import CRYPTO
from planner.optimise.relative_limits import Ratio
from planner.optimise.weight_limits import Group

if TYPE_CHECKING:
    from planner.market.universe import Universe
    from planner.policy.barbell import Sleeve


def sleeve_limits(sleeve: Sleeve, universe: Universe) -> tuple[Ratio | Group, ...]:
    """The share of each part in the crypto class inside its range, or at its share where it has none.

    The universe is that of ``with_sleeve``; InputError where it lacks a part. Coins kept in it get nothing. What other
    limits say already is left out: a part alone, a range of everything, and the last part where all others stay at
    their shares. Source: domain.md section 5.
    """
    crypto = universe[CRYPTO]
    members = universe.members(CRYPTO)
    missing = next((name for name in sleeve.shares if name not in members), None)
    if missing is not None:
        raise InputError(
            f"The crypto of this universe is {', '.join(members)}, without the sleeve's '{missing}': make the market "
            "with with_sleeve."
        )
    limits: list[Ratio | Group] = [
        Group(f"{member.label} held directly", (member.name,), upper=0.0)
        for member in crypto.series
        if member.name not in sleeve.shares
    ]
    for place, part in enumerate(sleeve.parts, start=1):
        low, high = part.range if part.has_range else (part.share, part.share)
        others_held = place == len(sleeve.parts) and not any(other.has_range for other in sleeve.parts)
        lower, upper = low if low > 0 else None, high if high < 1 else None
        if not others_held and (lower is not None or upper is not None):
            limits.append(Ratio(part.recipe.label, (part.name,), crypto.label, members, lower=lower, upper=upper))
    return tuple(limits)
