"""Merkle trees against the vectors of Certificate Transparency, and their proofs at every size."""

from __future__ import annotations

from hashlib import sha256

import pytest

from planner.market.merkle import (
    GrowingRoot,
    consistency_path,
    inclusion_path,
    is_consistent,
    leaf_hash,
    node_hash,
    root_by_inclusion,
    root_of,
)

LARGEST = 33


def leaves(size: int) -> list[bytes]:
    return [leaf_hash(b"row %d" % row) for row in range(size)]


# Leaves, roots of the first 0 to 8 of them, and paths: transparency-dev/merkle, testonly (from google/certificate-
# transparency). Inclusion is by (index, size), consistency by (old size, new size).
PUBLISHED = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
FIRST, PAIR, SECOND, THIRD_PAIR, FIFTH, LAST_PAIR, LAST_FOUR, SIXTH_PAIR = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
)
FIRST_FOUR = ROOTS[4]
INCLUSION = {
    (0, 1): [],
    (0, 2): [SECOND],
    (1, 2): [FIRST],
    (2, 3): [PAIR],
    (1, 5): [FIRST, THIRD_PAIR, FIFTH],
    (0, 8): [SECOND, THIRD_PAIR, LAST_FOUR],
    (5, 8): [FIFTH, LAST_PAIR, FIRST_FOUR],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [SECOND, THIRD_PAIR, LAST_FOUR],
    (2, 5): [THIRD_PAIR, FIFTH],
    (6, 8): [SIXTH_PAIR, LAST_PAIR, FIRST_FOUR],
}


@pytest.fixture(scope="module")
def published() -> list[bytes]:
    return [leaf_hash(bytes.fromhex(text)) for text in PUBLISHED]


def hexes(path: list[bytes]) -> list[str]:
    return [each.hex() for each in path]


def test_the_roots_of_no_leaf_to_eight_are_those_published(published):
    assert [root_of(published[:size]).hex() for size in range(9)] == ROOTS


def test_the_inclusion_paths_are_those_published(published):
    for (index, size), path in INCLUSION.items():
        assert hexes(inclusion_path(published[:size], index)) == path


def test_the_consistency_paths_are_those_published(published):
    for (old, new), path in CONSISTENCY.items():
        assert hexes(consistency_path(published[:new], old)) == path


def test_a_tree_of_three_is_the_hash_one_writes_by_hand():
    a, b, c = (sha256(b"\x00" + row).digest() for row in (b"a", b"b", b"c"))
    left = sha256(b"\x01" + a + b).digest()
    assert root_of([a, b, c]) == sha256(b"\x01" + left + c).digest() == node_hash(node_hash(a, b), c)


def test_a_node_does_not_pass_for_a_row():
    a, b = leaves(2)
    assert leaf_hash(a + b) != node_hash(a, b)


def test_a_root_that_grows_is_at_each_size_the_root_of_the_leaves_so_far():
    growing, rows = GrowingRoot(), leaves(LARGEST)
    for size in range(LARGEST):
        assert growing.root == root_of(rows[:size])
        growing.add([rows[size]])
    assert growing.size == LARGEST


@pytest.mark.parametrize("size", range(1, LARGEST))
def test_every_row_is_proved_at_every_size_and_no_other_row_place_or_path_passes(size):
    rows, root = leaves(size), root_of(leaves(size))
    for index, leaf in enumerate(rows):
        path = inclusion_path(rows, index)
        assert root_by_inclusion(leaf, index, size, path) == root
        assert root_by_inclusion(leaf_hash(b"other"), index, size, path) != root
        assert root_by_inclusion(leaf, size, size, path) is None
        assert root_by_inclusion(leaf, index, size, [*path, leaf]) is None
        if path:
            assert root_by_inclusion(leaf, index, size, path[:-1]) != root
            assert root_by_inclusion(leaf, index ^ 1, size, path) != root


@pytest.mark.parametrize("new", range(1, LARGEST))
def test_growth_is_proved_between_all_sizes_and_a_rewritten_past_is_not(new):
    rows, root = leaves(new), root_of(leaves(new))
    for old in range(1, new + 1):
        path, old_root = consistency_path(rows, old), root_of(rows[:old])
        assert is_consistent(old, old_root, new, root, path)
        assert not is_consistent(old, leaf_hash(b"other"), new, root, path)
        assert not is_consistent(old, old_root, new, leaf_hash(b"other"), path)
        assert not is_consistent(old, old_root, new, root, [*path, root])
        forged = [leaf_hash(b"forged"), *rows[1:]]
        assert not is_consistent(old, old_root, new, root_of(forged), consistency_path(forged, old))


def test_a_shrunken_tree_and_places_outside_are_refused():
    rows = leaves(6)
    assert not is_consistent(6, root_of(rows), 3, root_of(rows[:3]), [])
    assert not is_consistent(0, root_of([]), 3, root_of(rows[:3]), [])
    with pytest.raises(IndexError):
        inclusion_path(rows, 6)
    with pytest.raises(IndexError):
        consistency_path(rows, 0)
