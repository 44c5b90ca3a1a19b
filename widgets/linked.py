"""Shares that always sum to the whole: move one, and the others make room."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

WHOLE = 1000
"""Shares are counted in tenths of a percent, in whole numbers, so that their sum is exact."""


def move(
    shares: Mapping[str, int],
    moved: str,
    to: int,
    locked: Collection[str] = (),
    ceilings: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """Set one share and spread the rest over the others in their present proportions.

    ``shares`` sum to ``WHOLE``, none negative. Locked shares stay, except the moved one; no other share rises above
    its ceiling. Where the others cannot give or take enough, the moved share goes as far as they let it.
    """
    ceilings = ceilings or {}
    others = [name for name in shares if name != moved and name not in locked]
    fixed = sum(share for name, share in shares.items() if name != moved and name in locked)
    room = sum(max(ceilings.get(name, WHOLE), shares[name]) for name in others)
    to = min(max(to, WHOLE - fixed - room, 0), WHOLE - fixed)
    if not others:
        to = WHOLE - fixed
    spread = _spread(WHOLE - fixed - to, {name: shares[name] for name in others}, ceilings)
    return {name: to if name == moved else spread.get(name, share) for name, share in shares.items()}


def _spread(amount: int, weights: Mapping[str, int], ceilings: Mapping[str, int]) -> dict[str, int]:
    """Divide a whole amount in proportion to weights (evenly where all are 0), none above its ceiling.

    A weight that already exceeds its ceiling may stay where it is. Whole numbers by largest remainder.
    """
    caps = {name: max(ceilings.get(name, WHOLE), weight) for name, weight in weights.items()}
    held: dict[str, int] = {}
    while True:
        free = [name for name in weights if name not in held]
        left = amount - sum(held.values())
        parts = _proportions(left, {name: weights[name] for name in free})
        over = [name for name in free if parts[name] > caps[name]]
        if not over:
            return held | parts
        held |= {name: caps[name] for name in over}


def _proportions(amount: int, weights: Mapping[str, int]) -> dict[str, int]:
    if not weights:
        return {}
    total = sum(weights.values())
    scaled = weights if total else dict.fromkeys(weights, 1)
    divisor = total or len(weights)
    parts = {name: amount * weight // divisor for name, weight in scaled.items()}
    by_remainder = sorted(scaled, key=lambda name: amount * scaled[name] % divisor, reverse=True)
    for name in by_remainder[: amount - sum(parts.values())]:
        parts[name] += 1
    return parts
