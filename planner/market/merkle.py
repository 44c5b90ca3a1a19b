"""Merkle trees over rows, as Certificate Transparency builds them: RFC 6962, section 2.1, with SHA-256.

Written out here because it is short, fixed for good, and tried on the vectors that Certificate Transparency publishes:
an auditor can read it whole, and nothing has to be installed to check data.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Protocol

    class Leaves(Protocol):
        """Leaf hashes by their place, in memory or in a file."""

        def __len__(self) -> int:
            """How many there are."""

        def __getitem__(self, place: int, /) -> bytes:
            """The leaf at a place, from 0."""


# RFC 6962 hashes leaves and nodes with different first bytes, so that no node passes for a row.
LEAF, NODE = b"\x00", b"\x01"

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(row: bytes) -> bytes:
    """The hash of one row."""
    return sha256(LEAF + row).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return sha256(NODE + left + right).digest()


class GrowingRoot:
    """The root over leaves that arrive one after another, in memory for as many hashes as the tree is high."""

    def __init__(self) -> None:
        self.size = 0
        self._complete: list[bytes] = []  # roots of the complete subtrees, the largest first

    def add(self, leaves: Iterable[bytes]) -> None:
        """Append leaf hashes on the right."""
        for leaf in leaves:
            node, size = leaf, self.size
            while size & 1:
                node = node_hash(self._complete.pop(), node)
                size >>= 1
            self._complete.append(node)
            self.size += 1

    @property
    def root(self) -> bytes:
        """The root over the leaves so far; of none, the hash of nothing."""
        if not self._complete:
            return EMPTY_ROOT
        *others, node = self._complete
        for left in reversed(others):
            node = node_hash(left, node)
        return node


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    growing = GrowingRoot()
    growing.add(leaves)
    return growing.root


def inclusion_path(leaves: Leaves, index: int) -> list[bytes]:
    """The hashes that lead from leaf ``index`` (from 0) to the root, the lowest first: RFC 6962, section 2.1.1."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"leaf {index} of {len(leaves)}")
    path: list[bytes] = []
    start, stop = 0, len(leaves)
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(_root_between(leaves, middle, stop))
            stop = middle
        else:
            path.append(_root_between(leaves, start, middle))
            start = middle
    return path[::-1]


def root_by_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root a leaf hash and its path lead to; None where the path does not fit the place (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return None
    place, last, node = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            node = node_hash(sibling, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        place, last = place >> 1, last >> 1
    return node if last == 0 else None


def consistency_path(leaves: Leaves, old_size: int) -> list[bytes]:
    """The hashes that show that the first ``old_size`` leaves were only added to: RFC 6962, section 2.1.2."""
    if not 0 < old_size <= len(leaves):
        raise IndexError(f"{old_size} of {len(leaves)} leaves")
    path: list[bytes] = []
    start, stop, whole = 0, len(leaves), True
    while old_size != stop - start:
        split = _split(stop - start)
        if old_size <= split:
            path.append(_root_between(leaves, start + split, stop))
            stop = start + split
        else:
            path.append(_root_between(leaves, start, start + split))
            start, old_size, whole = start + split, old_size - split, False
    if not whole:
        path.append(_root_between(leaves, start, stop))
    return path[::-1]


def is_consistent(old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether a tree of ``new_size`` leaves begins with that of ``old_size`` unchanged (RFC 9162, 2.1.4.2)."""
    if not 0 < old_size <= new_size:
        return False
    if old_size == new_size:
        return not path and old_root == new_root
    steps = list(path)
    if old_size & (old_size - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root


def _split(size: int) -> int:
    """The largest power of two below ``size``: how many leaves go to the left."""
    return 1 << (size - 1).bit_length() - 1


def _root_between(leaves: Leaves, start: int, stop: int) -> bytes:
    return root_of(leaves[place] for place in range(start, stop))
