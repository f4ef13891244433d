"""The log's hashes and proofs are those of RFC 6962, by published vectors and against what was changed."""

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.ledger.tree import Tree
from counterfoil.ledger.verify import (
    Unverified,
    check_consistency,
    check_inclusion,
    empty_root,
    leaf_hash,
    node_hash,
)

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "vectors.json").read_text("utf-8"))
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                 "606162636465666768696a6b6c6d6e6f")
]  # fmt: skip
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""Roots over the first one to eight of these entries.

Source: transparency-dev/merkle, testonly/constants.go, Apache-2.0 (read 2026-11-25).
"""


def raw(place: int) -> bytes:
    return b64decode(VECTORS["hashes"][place])


@pytest.mark.parametrize("case", VECTORS["inclusion"])
def test_published_inclusion_proofs(case: list[Any]) -> None:
    index, size, root, leaf, proof, wrong = case
    words = (raw(leaf), index, size, [raw(p) for p in proof], raw(root))
    if wrong:
        with pytest.raises(Unverified):
            check_inclusion(*words)
    else:
        check_inclusion(*words)


@pytest.mark.parametrize("case", VECTORS["consistency"])
def test_published_consistency_proofs(case: list[Any]) -> None:
    old, size, old_root, root, proof, wrong = case
    words = (old, size, [raw(p) for p in proof], raw(old_root), raw(root))
    if wrong:
        with pytest.raises(Unverified):
            check_consistency(*words)
    else:
        check_consistency(*words)


def test_the_vectors_are_those_that_were_published() -> None:
    assert (len(VECTORS["inclusion"]), len(VECTORS["consistency"])) == (98, 98)
    assert sum(case[-1] for case in VECTORS["inclusion"]) > 80
    assert "Apache-2.0" in VECTORS["source"]


def test_the_four_hashes_of_the_rfc() -> None:
    """Source: transparency-dev/merkle, rfc6962_test.go, Apache-2.0 (read 2026-11-25)."""
    said = [empty_root(), leaf_hash(b""), leaf_hash(b"L123456"), node_hash(b"N123", b"N456")]
    assert [h.hex() for h in said] == [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56",
        "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb",
    ]


def test_the_tree_has_the_published_roots() -> None:
    tree = Tree()
    assert tree.root() == empty_root()
    for number, leaf in enumerate(LEAVES):
        assert tree.append(leaf) == number
    assert [tree.root(size).hex() for size in range(1, 9)] == list(ROOTS)


def grown(entries: list[bytes]) -> Tree:
    tree = Tree()
    for entry in entries:
        tree.append(entry)
    return tree


def slow_root(hashes: list[bytes]) -> bytes:
    """The definition of RFC 6962, word by word."""
    if len(hashes) <= 1:
        return hashes[0] if hashes else sha256(b"").digest()
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node_hash(slow_root(hashes[:split]), slow_root(hashes[split:]))


sizes = st.integers(1, 70)


@given(sizes, st.data())
def test_every_entry_is_proved_and_no_other(size: int, data: st.DataObject) -> None:
    entries = [str(n).encode() for n in range(size)]
    tree = grown(entries)
    assert tree.root() == slow_root([leaf_hash(e) for e in entries])
    upto = data.draw(st.integers(1, size))
    index = data.draw(st.integers(0, upto - 1))
    proof, root = tree.inclusion(index, upto), tree.root(upto)
    check_inclusion(leaf_hash(entries[index]), index, upto, proof, root)
    for wrong in (
        (leaf_hash(b"other"), index, upto, proof, root),
        (leaf_hash(entries[index]), index, upto, [*proof, root], root),
        (leaf_hash(entries[index]), index, upto, proof, leaf_hash(root)),
    ):
        with pytest.raises(Unverified):
            check_inclusion(*wrong)


@given(sizes, st.data())
def test_growth_is_proved_and_a_rewritten_log_is_not(size: int, data: st.DataObject) -> None:
    entries = [str(n).encode() for n in range(size)]
    tree = grown(entries)
    old = data.draw(st.integers(1, size))
    proof = tree.consistency(old)
    check_consistency(old, size, proof, tree.root(old), tree.root())
    changed = data.draw(st.integers(0, old - 1))
    rewritten = grown([b"rewritten" if n == changed else e for n, e in enumerate(entries)])
    with pytest.raises(Unverified):
        check_consistency(old, size, rewritten.consistency(old), tree.root(old), rewritten.root())


def test_what_is_not_there_is_no_proof() -> None:
    tree = grown(LEAVES)
    for index, size in ((8, 8), (-1, 8), (3, 3), (0, 9)):
        with pytest.raises(IndexError):
            tree.inclusion(index, size)
    for old, size in ((0, 8), (9, 8), (3, 9)):
        with pytest.raises(IndexError):
            tree.consistency(old, size)
